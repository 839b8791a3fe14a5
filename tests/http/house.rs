//! The service with the small city in it, a clock that stands still in July 2026, and a client.

use std::{cell::Cell, convert::Infallible, path::Path, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use chrono::{DateTime, Utc};
use rand::{RngCore, SeedableRng, rngs::StdRng};
use serde_json::Value;
use tower::ServiceExt;
use wuxin::{
    clock::{Clock, FixedClock},
    config::{Limits, Secret, Settings, SignIn},
    domain::{Fault, Region, Uscc},
    service::{
        self, App, Enrolment, ImportFiles, Knock, Opened, Progress, Randomness, Role, Stage,
    },
    web::{self, WebState},
};

use crate::support::TestStore;

/// 示例松鹤, of 雁江区 (512002): 98.20 AAA.
pub const PINE: &str = "91512002EXA000019L";
/// 示例竹里, of 雁江区: 70.25 A.
pub const BAMBOO: &str = "91512002EXA000027F";
/// 示例橘园, of 安岳县 (512021).
pub const ORANGE: &str = "91512021EXA000035T";
/// 示例桑田, of 乐至县 (512022): C.
pub const MULBERRY: &str = "91512022EXA0000434";

pub struct House {
    pub app: Arc<App>,
    pub hand: FixedClock,
    pub router: Router,
    /// Where attachments are.
    pub files: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
    accounts: Cell<u8>,
    draws: Cell<u64>,
}

/// Somebody with a token.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: String,
    pub token: String,
}

/// Somebody who is signed in to the pages.
#[derive(Debug, Clone)]
pub struct Seat {
    /// Id of the account.
    pub id: String,
    pub login: String,
    pub password: String,
    /// Of the second factor, where there is one; base32.
    pub factor: Option<String>,
    /// The header `Cookie`.
    pub cookie: String,
    /// What forms carry in `csrf`.
    pub csrf: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Watches an import; a fault ends the test.
pub struct Silent;

impl Progress for Silent {
    fn file(&mut self, _: &str, _: &str, _: u64) {}
    fn at(&mut self, _: u64) {}
    fn done(&mut self) {}
    fn fault(&mut self, fault: &Fault, warning: bool) {
        assert!(warning, "{fault:?}");
    }
}

/// Nine in the morning of a day of July 2026, in Shanghai.
pub fn july(day: u32) -> DateTime<Utc> {
    format!("2026-07-{day:02}T01:00:00Z").parse().unwrap()
}

impl House {
    /// The small city, imported on 1 July.
    pub fn new(test: &TestStore) -> Self {
        Self::with_limits(test, &Limits::default())
    }

    pub fn with_limits(test: &TestStore, limits: &Limits) -> Self {
        let settings = Settings {
            limits: limits.clone(),
            ..Settings::default()
        };
        Self::with_settings(test, settings)
    }

    pub fn with_settings(test: &TestStore, settings: Settings) -> Self {
        let files = tempfile::tempdir().unwrap();
        let limits = &settings.limits.clone();
        let settings = Settings {
            database_url: Secret::new(test.url.clone()),
            attachments: Some(files.path().to_owned()),
            // Quick to hash, and everybody is one client here.
            sign_in: SignIn {
                memory_kib: 64,
                passes: 1,
                attempts_per_minute: 100_000,
                ..settings.sign_in
            },
            ..settings
        };
        let app = Arc::new(App::open(&settings).unwrap());
        let hand = FixedClock::new(july(1));
        let state = WebState::new(Arc::clone(&app), Clock::Fixed(hand.clone()));
        let house = Self {
            router: web::router(state, limits),
            app,
            hand,
            files,
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap(),
            accounts: Cell::new(0),
            draws: Cell::new(0),
        };
        let small = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/small");
        let files = ImportFiles {
            companies: Some(small.join("companies.csv")),
            projects: Some(small.join("projects.csv")),
            records: Some(small.join("records.csv")),
            ..ImportFiles::default()
        };
        let report = service::import(&house.app, &files, "import", &mut Silent, july(1)).unwrap();
        assert!(report.stored && report.faulty() == 0, "{report:?}");
        house
    }

    /// A new account; without a division it works for the whole city.
    pub fn person(&self, role: Role, region: Option<&str>) -> Person {
        let number = self.accounts.get() + 1;
        self.accounts.set(number);
        let region = region.map(|code| Region::parse(code).unwrap());
        let name = format!("示例账号{number}");
        let added = self
            .app
            .store
            .write(|db| {
                service::add_account(
                    db,
                    "test",
                    &name,
                    role,
                    region.clone(),
                    &[number; 32],
                    july(1),
                )
            })
            .unwrap();
        Person {
            id: added.id,
            token: added.token.reveal().to_owned(),
        }
    }

    /// Chance that is the same in every run.
    pub fn chance(&self) -> Randomness {
        let mut generator = StdRng::seed_from_u64(self.draws.get());
        self.draws.set(self.draws.get() + 1);
        Randomness::draw(|part| {
            generator.fill_bytes(part);
            Ok::<_, Infallible>(())
        })
        .unwrap()
    }

    /// Somebody of a role, signed in to the pages, with a second factor where the role needs one.
    pub fn signed_in(&self, role: Role, region: Option<&str>) -> Seat {
        self.seat(self.person(role, region).id)
    }

    /// Somebody of a company, signed in to the pages.
    pub fn company_user(&self, uscc: &str) -> Seat {
        let uscc = Uscc::parse(uscc).unwrap();
        let add = |db: &mut _| {
            service::add_company_account(db, "test", "示例经办人", uscc, self.hand.now())
        };
        self.seat(self.app.store.write(add).unwrap())
    }

    /// Goes through every step of signing in for the first time.
    fn seat(&self, id: String) -> Seat {
        let (app, now) = (&self.app, self.hand.now());
        let login = format!("login{}", self.draws.get());
        let given = service::give_password(app, "test", &id, &login, &self.chance(), now).unwrap();
        let knock = Knock {
            login: login.clone(),
            password: given.clone(),
            agent: "test".to_owned(),
        };
        let mut opened = service::sign_in(app, &knock, &self.chance(), now).unwrap();
        let mut factor = None;
        if opened.stage == Stage::Enrol {
            let signed = self.session(&opened).0;
            let shown = app
                .store
                .read(|db| service::enrolment(db, &signed, "test"))
                .unwrap();
            let Enrolment::Shown { secret, .. } = shown else {
                panic!("nothing to enrol: {shown:?}");
            };
            let code = service::second_factor_code(secret.reveal(), now).unwrap();
            opened =
                service::confirm_second_factor(app, &signed, &code, &self.chance(), now).unwrap();
            factor = Some(secret.reveal().to_owned());
        }
        assert_eq!(opened.stage, Stage::Password);
        let signed = self.session(&opened).0;
        let password = Secret::new("an evening by the river");
        opened =
            service::change_password(app, &signed, &given, &password, &self.chance(), now).unwrap();
        let (signed, cookie) = self.session(&opened);
        assert_eq!(signed.stage, Stage::Full);
        Seat {
            id,
            login,
            password: password.reveal().to_owned(),
            factor,
            cookie,
            csrf: signed.csrf.reveal().to_owned(),
        }
    }

    fn session(&self, opened: &Opened) -> (service::Signed, String) {
        let (policy, token) = (&self.app.sign_in, opened.token.reveal());
        let now = self.hand.now();
        let read = |db: &mut _| service::session_of(db, policy, token, now);
        let signed = self.app.store.read(read).unwrap().unwrap();
        (signed, format!("__Host-wuxin={token}"))
    }

    /// A page as somebody who is signed in sees it.
    pub fn page(&self, seat: &Seat, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, &seat.cookie);
        self.send(request.body(Body::empty()).unwrap())
    }

    /// Sends a form of a page, with its token.
    pub fn submit(&self, seat: &Seat, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut fields = fields.to_vec();
        fields.push(("csrf", &seat.csrf));
        self.send(form(path, Some(&seat.cookie), &fields))
    }

    pub fn revoke(&self, person: &Person) {
        self.app
            .store
            .write(|db| service::revoke_account(db, "test", &person.id, july(1)))
            .unwrap();
    }

    pub fn send(&self, request: Request<Body>) -> Answer {
        self.runtime.block_on(answer(self.router.clone(), request))
    }

    /// Sends all at once.
    pub fn send_together(&self, requests: Vec<Request<Body>>) -> Vec<Answer> {
        self.runtime.block_on(async {
            let under_way: Vec<_> = requests
                .into_iter()
                .map(|request| tokio::spawn(answer(self.router.clone(), request)))
                .collect();
            let mut answers = Vec::new();
            for one in under_way {
                answers.push(one.await.unwrap());
            }
            answers
        })
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, None, None))
    }

    pub fn get_as(&self, person: &Person, path: &str) -> Answer {
        self.send(request(Method::GET, path, Some(&person.token), None))
    }

    pub fn post(&self, person: &Person, path: &str, body: &Value) -> Answer {
        self.send(request(Method::POST, path, Some(&person.token), Some(body)))
    }

    /// Enters a draft that must be accepted; its id.
    pub fn enter(&self, officer: &Person, draft: &Value) -> String {
        let answer = self.post(officer, "/api/v1/records", draft);
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// The public score of a company.
    pub fn score(&self, uscc: &str) -> String {
        let answer = self.get(&format!("/api/v1/companies/{uscc}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["score"].as_str().unwrap().to_owned()
    }
}

async fn answer(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
    }
}

pub fn request(
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    match body {
        Some(body) => request
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    }
    .unwrap()
}

/// A form as a browser sends it.
pub fn form(path: &str, cookie: Option<&str>, fields: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::HOST, "wuxin.example")
        .header(header::ORIGIN, "https://wuxin.example");
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    let body = serde_urlencoded::to_string(fields).unwrap();
    request.body(Body::from(body)).unwrap()
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|fault| panic!("{fault}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts that this is a problem document of that type with Chinese title and detail; gives the document.
    #[track_caller]
    pub fn problem(&self, status: u16, name: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(
            problem["type"],
            format!("urn:wuxin:problem:{name}"),
            "{problem}"
        );
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(
            problem["request_id"],
            self.header("x-request-id"),
            "{problem}"
        );
        for field in ["title", "detail"] {
            let text = problem[field].as_str().unwrap_or_default();
            assert!(
                text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
                "{field} is not Chinese: {problem}"
            );
        }
        for fault in problem["errors"].as_array().into_iter().flatten() {
            let pointer = fault["pointer"].as_str().unwrap();
            assert!(pointer.is_empty() || pointer.starts_with('/'), "{problem}");
            assert!(!fault["code"].as_str().unwrap().is_empty(), "{problem}");
            assert!(!fault["detail"].as_str().unwrap().is_empty(), "{problem}");
        }
        problem
    }
}
