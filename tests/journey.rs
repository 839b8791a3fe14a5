//! One record and one list entry on their whole way, over HTTP against the real router: entered by one person, confirmed
//! by another, scored, listed with due process, looked up by everybody. On both databases.
#![cfg(test)]

mod support;

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use chrono::{DateTime, TimeZone, Utc};
use serde_json::{Value, json};
use support::TestStore;
use tower::ServiceExt;
use wuxin::{
    clock::{Clock, FixedClock},
    config::{Limits, Settings},
    domain::{Fault, Region},
    secret::Secret,
    service::{self, App, ImportFiles, Progress, Role},
    web::{self, WebState},
};

const GOOD: &str = "91512002EXA000019L";
const OUTSIDE: &str = "91000000000000000K";

on_both!(
    a_record_counts_once_another_person_has_confirmed_it,
    a_listing_needs_its_window_and_two_people,
    three_kinds_of_nothing_are_told_apart,
);

/// A bureau with the small city of `fixtures/small`, at nine in the morning of 1 July 2026.
struct Bureau {
    router: Router,
    hand: FixedClock,
    app: std::sync::Arc<App>,
}

struct Answer {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    json: Value,
    text: String,
}

struct NoFaults;

impl Progress for NoFaults {
    fn file(&mut self, _: &str, _: &str, _: u64) {}
    fn at(&mut self, _: u64) {}
    fn done(&mut self) {}
    fn fault(&mut self, fault: &Fault, warning: bool) {
        assert!(warning, "{fault}");
    }
}

fn morning(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 7, day, 1, 0, 0).unwrap()
}

impl Bureau {
    fn open(store: &TestStore) -> Self {
        let settings = Settings {
            database_url: Secret::new(store.url.clone()),
            ..Settings::default()
        };
        let app = std::sync::Arc::new(App::open(&settings).unwrap());
        let small = |name: &str| Some(format!("fixtures/small/{name}.csv").into());
        let files = ImportFiles {
            companies: small("companies"),
            projects: small("projects"),
            records: small("records"),
            ..ImportFiles::default()
        };
        service::import(&app, &files, "test", &mut NoFaults, morning(1)).unwrap();
        let hand = FixedClock::new(morning(1));
        let state = WebState::new(app.clone(), Clock::Fixed(hand.clone()));
        let router = web::router(state, &Limits::default());
        Self { router, hand, app }
    }

    /// The token of a new account; each has another number in it.
    fn hire(&self, number: u8, role: Role, region: Option<&str>) -> String {
        let region = region.map(|code| Region::parse(code).unwrap());
        let added = self.app.store.write(|db| {
            service::add_account(
                db,
                "test",
                "示例",
                role,
                region.clone(),
                &[number; 32],
                morning(1),
            )
        });
        added.unwrap().token.reveal().to_owned()
    }

    fn ask(&self, method: Method, path: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        self.ask_with(method, path, token, body, &[])
    }

    fn ask_with(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = match body {
            Some(json) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(json.to_string())),
            None => request.body(Body::empty()),
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (status, headers, bytes) = runtime.block_on(async {
            let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
            let (parts, body) = response.into_parts();
            let bytes = axum::body::to_bytes(body, 1 << 24).await.unwrap();
            (parts.status, parts.headers, bytes)
        });
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer {
            status,
            headers,
            json,
            text,
        }
    }

    fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None, None)
    }

    fn look_up(&self) -> Value {
        let answer = self.get(&format!("/api/v1/companies/{GOOD}"));
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json
    }

    fn step(&self, id: &str, token: &str, action: Value) -> Answer {
        let path = format!("/api/v1/entries/{id}");
        let seen = self.ask(Method::GET, &path, Some(token), None);
        let mut body = action;
        body["version"] = seen.json["version"].clone();
        self.ask(
            Method::POST,
            &format!("{path}/steps"),
            Some(token),
            Some(body),
        )
    }
}

fn draft() -> Value {
    json!({"item": "PEN-03", "kind": "complaint", "company": GOOD, "decided_on": "2026-06-30"})
}

fn problem(answer: &Answer) -> String {
    assert_eq!(
        answer.headers[header::CONTENT_TYPE],
        "application/problem+json",
        "{}",
        answer.text
    );
    assert_eq!(answer.json["status"], answer.status.as_u16());
    assert_eq!(
        answer.json["request_id"],
        answer.headers["x-request-id"].to_str().unwrap()
    );
    let kind = answer.json["type"].as_str().unwrap();
    kind.strip_prefix("urn:wuxin:problem:").unwrap().to_owned()
}

fn a_record_counts_once_another_person_has_confirmed_it(store: &TestStore) {
    let bureau = Bureau::open(store);
    let officer = bureau.hire(1, Role::Officer, None);
    let reviewer = bureau.hire(2, Role::Reviewer, None);
    let before = bureau.look_up();
    assert_eq!(before["score"], "98.20");

    let key = [("idempotency-key", "form-1")];
    let enter = || {
        bureau.ask_with(
            Method::POST,
            "/api/v1/records",
            Some(&officer),
            Some(draft()),
            &key,
        )
    };
    let entered = enter();
    assert_eq!(entered.status, StatusCode::CREATED, "{}", entered.text);
    assert_eq!(entered.json["status"], "draft");
    assert_eq!(
        enter().json,
        entered.json,
        "a double click makes one record"
    );
    assert_eq!(bureau.look_up()["score"], "98.20", "a draft does not count");

    let mut other = draft();
    other["decided_on"] = "2026-06-29".into();
    let reused = bureau.ask_with(
        Method::POST,
        "/api/v1/records",
        Some(&officer),
        Some(other),
        &key,
    );
    assert_eq!(
        (reused.status, problem(&reused)),
        (StatusCode::CONFLICT, "conflict".into())
    );

    let id = entered.json["id"].as_str().unwrap();
    let confirm = format!("/api/v1/records/{id}/confirm");
    let stale = bureau.ask(
        Method::POST,
        &confirm,
        Some(&reviewer),
        Some(json!({"version": 2})),
    );
    assert_eq!(problem(&stale), "conflict");
    let confirmed = bureau.ask(
        Method::POST,
        &confirm,
        Some(&reviewer),
        Some(json!({"version": 1})),
    );
    assert_eq!(
        confirmed.json["rescored"],
        json!([GOOD]),
        "{}",
        confirmed.text
    );
    let after = bureau.look_up();
    assert_eq!(after["score"], "93.20");
    let line = after["lines"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["record"] == id);
    assert_eq!(line.unwrap()["points"], "-5");
    assert_eq!(line.unwrap()["clause"], "附件4 第3项");

    let revoke = json!({"version": 2, "reason": "认定有误（示例）"});
    let path = format!("/api/v1/records/{id}/revoke");
    let same = bureau.ask(Method::POST, &path, Some(&reviewer), Some(revoke.clone()));
    assert_eq!(
        problem(&same),
        "forbidden",
        "who confirmed it does not revoke it"
    );
    let third = bureau.hire(3, Role::Reviewer, None);
    let revoked = bureau.ask(Method::POST, &path, Some(&third), Some(revoke));
    assert_eq!(revoked.status, StatusCode::OK, "{}", revoked.text);
    assert_eq!(bureau.look_up()["score"], "98.20");
    let versions = bureau.ask(
        Method::GET,
        &format!("/api/v1/records/{id}"),
        Some(&officer),
        None,
    );
    let causes: Vec<&Value> = versions
        .json
        .as_array()
        .unwrap()
        .iter()
        .map(|version| &version["cause"])
        .collect();
    assert_eq!(causes, ["entered", "confirmed", "revoked"]);
}

fn a_listing_needs_its_window_and_two_people(store: &TestStore) {
    let bureau = Bureau::open(store);
    let officer = bureau.hire(1, Role::Officer, None);
    let legal = bureau.hire(2, Role::Legal, None);
    let decider = bureau.hire(3, Role::Decider, None);
    let publisher = bureau.hire(4, Role::Publisher, None);
    let digest = "0".repeat(64);
    let proposals = bureau.ask(
        Method::GET,
        "/api/v1/entries?state=proposed",
        Some(&officer),
        None,
    );
    let found = proposals
        .json
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["list"] == "watch");
    let entry = found.expect("the import proposed the company with grade C");
    let (id, company) = (
        entry["id"].as_str().unwrap(),
        entry["company"].as_str().unwrap(),
    );
    let shown = || {
        let answer = bureau.get(&format!("/api/v1/companies/{company}"));
        answer.json["lists"].as_array().unwrap().len()
    };

    let notice = json!({"action": "issue_notice", "number": "示建告〔2026〕1号", "digest": digest});
    let service = json!({"action": "serve_notice", "method": {"method": "direct"},
        "delivered_on": "2026-07-01", "proof": "送达回证（示例）"});
    let early = bureau.step(id, &officer, notice.clone());
    assert_eq!(
        problem(&early),
        "illegal-step",
        "no notice before the legal review"
    );
    let review = json!({"action": "review", "opinion": "程序合法（示例）"});
    assert_eq!(bureau.step(id, &legal, review).status, StatusCode::OK);
    let issued = bureau.step(id, &officer, notice);
    assert_eq!(issued.status, StatusCode::OK, "{}", issued.text);
    let noticed = bureau.step(id, &officer, service);
    assert_eq!(noticed.json["due_on"], "2026-07-08", "{}", noticed.text);

    let decision = json!({"action": "decide", "number": "示建信决〔2026〕1号", "facts": "评为C级（示例）",
        "evidence": ["评分说明（示例）"], "reason": "信用等级为C级（示例）", "clauses": ["草案第二十条"], "severity": "一般",
        "term": null, "measures": [], "removal": "期满移出（示例）",
        "repair": {"route": "信用中国网站（示例）", "notice": "信用修复告知书（示例）"},
        "heard": {"heard": "nothing"},
        "remedies": {"review_organ": "示例市人民政府", "review_days": 60, "court": "示例法院", "lawsuit_months": 6},
        "organ": "示例局", "dated": "2026-07-09", "seal": "示例局", "digest": digest});
    bureau
        .hand
        .set(Utc.with_ymd_and_hms(2026, 7, 8, 15, 59, 59).unwrap());
    let too_early = bureau.step(id, &decider, decision.clone());
    assert_eq!(problem(&too_early), "illegal-step");
    assert!(
        too_early.json["detail"]
            .as_str()
            .unwrap()
            .contains("2026-07-08")
    );
    bureau
        .hand
        .set(Utc.with_ymd_and_hms(2026, 7, 8, 16, 0, 0).unwrap());
    assert_eq!(
        problem(&bureau.step(id, &officer, decision.clone())),
        "forbidden"
    );
    let decided = bureau.step(id, &decider, decision);
    assert_eq!(decided.status, StatusCode::OK, "{}", decided.text);
    assert_eq!(shown(), 0, "a decision that is not published is not shown");

    let service = json!({"action": "serve_decision", "method": {"method": "direct"},
        "delivered_on": "2026-07-09", "proof": "送达回证（示例）", "repair_notice": "信用修复告知书（示例）"});
    let served = bureau.step(id, &officer, service);
    assert_eq!(served.status, StatusCode::OK, "{}", served.text);
    let publication = json!({"action": "publish", "exceptionally": null, "digest": digest});
    assert_eq!(
        problem(&bureau.step(id, &decider, publication.clone())),
        "forbidden"
    );
    let published = bureau.step(id, &publisher, publication);
    assert_eq!(published.status, StatusCode::OK, "{}", published.text);
    assert_eq!(shown(), 1);
    let waiting = bureau
        .app
        .store
        .read(|db| service::feed_status(db, &bureau.app.target))
        .unwrap();
    assert_eq!(waiting.changes.len(), 1, "the platform must hear of it");

    let exit = json!({"action": "request_exit", "exit": {"exit": "revoked", "explanation": "依据被撤销（示例）"}});
    assert_eq!(bureau.step(id, &officer, exit).status, StatusCode::OK);
    let approve =
        json!({"action": "approve_exit", "number": "示建信撤〔2026〕1号", "digest": digest});
    let gone = bureau.step(id, &decider, approve);
    assert_eq!(gone.json["state"], "revoked", "{}", gone.text);
    assert_eq!(shown(), 0);
}

fn three_kinds_of_nothing_are_told_apart(store: &TestStore) {
    let bureau = Bureau::open(store);
    let outside = bureau.get(&format!("/api/v1/companies/{OUTSIDE}"));
    assert_eq!(
        (outside.status, problem(&outside)),
        (StatusCode::NOT_FOUND, "not-in-scope".into())
    );
    let wrong = bureau.get("/api/v1/companies/91512002EXA000019A");
    assert_eq!(
        (wrong.status, problem(&wrong)),
        (StatusCode::BAD_REQUEST, "bad-request".into())
    );
    let page = bureau.get(&format!("/companies/{OUTSIDE}"));
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(
        page.text.contains("<html") && page.text.contains("不在本系统"),
        "{}",
        page.text
    );

    let found = bureau.get(&format!("/api/v1/companies/{GOOD}"));
    assert_eq!(found.json["as_of"], "2026-07-01");
    assert!(found.headers.contains_key("ratelimit"));
    let tag = found.headers[header::ETAG].to_str().unwrap().to_owned();
    let again = bureau.ask_with(
        Method::GET,
        &format!("/api/v1/companies/{GOOD}"),
        None,
        None,
        &[("if-none-match", &tag)],
    );
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);

    support::break_store(&store.url);
    let failed = bureau.get(&format!("/api/v1/companies/{GOOD}"));
    assert_eq!(
        (failed.status, problem(&failed)),
        (StatusCode::SERVICE_UNAVAILABLE, "lookup-failed".into())
    );
    let page = bureau.get(&format!("/companies/{GOOD}"));
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text.contains("查询失败"), "{}", page.text);
}
