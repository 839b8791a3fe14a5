//! The service with the small city in it, a clock that stands still in July 2026, and a client.

use std::{cell::Cell, path::Path, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use tower::ServiceExt;
use wuxin::{
    clock::{Clock, FixedClock},
    config::{Limits, Secret, Settings},
    domain::{Fault, Region},
    service::{self, App, ImportFiles, Progress, Role},
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
}

/// Somebody with a token.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: String,
    pub token: String,
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
