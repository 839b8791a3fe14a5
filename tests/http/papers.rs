//! Documents and the board over HTTP.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wuxin::{
    domain::{Deadline, MatterKind, Period, Region},
    service::{
        Role::{Officer, Reviewer},
        deadlines::{self, Matter},
        documents::{Kind, sample_content},
    },
};

use crate::{
    house::{House, PINE, july},
    on_both,
    support::TestStore,
};

on_both!(
    a_document_is_issued_once_read_and_voided,
    what_is_missing_is_named_with_pointers,
    the_board_and_what_everybody_sees_of_it,
);

fn record(house: &House, officer: &crate::house::Person) -> String {
    let draft = json!({
        "item": "CMP-01", "kind": "complaint", "company": PINE, "project": "XM-01",
        "decided_on": "2026-06-29", "attributes": { "level": "city" },
    });
    house.enter(officer, &draft)
}

fn content() -> Value {
    let mut content = sample_content(Kind::RecordNotice);
    content["kind"] = json!("record_notice");
    content
}

fn a_document_is_issued_once_read_and_voided(test: &TestStore) {
    let house = House::new(test);
    let officer = house.person(Officer, None);
    let reviewer = house.person(Reviewer, None);
    let about = format!("/api/v1/records/{}/documents", record(&house, &officer));
    let answer = house.post(&officer, &about, &content());
    assert_eq!(answer.status, 201, "{}", answer.text());
    let issued = answer.json();
    assert_eq!(issued["mark"], "资物信记〔2026〕1号");
    let path = format!("/api/v1/documents/{}", issued["id"].as_str().unwrap());
    let page = house.get_as(&reviewer, &path);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(issued["digest"], hex::encode(Sha256::digest(&page.body)));
    // The one style sheet is let through by its digest, and nothing else is.
    let text = page.text();
    let style = text
        .split("<style>")
        .nth(1)
        .unwrap()
        .split("</style>")
        .next()
        .unwrap();
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(
        policy.contains(&STANDARD.encode(Sha256::digest(style))),
        "{policy}"
    );
    assert_eq!(page.header("cache-control"), "no-store");

    let void = format!("{path}/void");
    house
        .post(&officer, &void, &json!({ "reason": "内容有误" }))
        .problem(403, "forbidden");
    house
        .post(&reviewer, &void, &json!({ "reason": " " }))
        .problem(422, "invalid");
    let voided = house.post(&reviewer, &void, &json!({ "reason": "内容有误" }));
    assert_eq!(voided.json()["void"]["reason"], "内容有误");
    house
        .post(&reviewer, &void, &json!({ "reason": "再次" }))
        .problem(409, "conflict");
    let shown = house.get_as(&reviewer, &path).text();
    assert!(shown.contains("本文书已作废（2026年7月1日）：内容有误"));
    let original = house.get_as(&reviewer, &format!("{path}?original=true"));
    assert_eq!(original.body, page.body);
    let next = house.post(&officer, &about, &content()).json();
    assert_eq!(next["number"], 2);
    let listed = house
        .get_as(&reviewer, "/api/v1/documents?kind=record_notice")
        .json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    house
        .get_as(&reviewer, "/api/v1/documents/nothing")
        .problem(404, "not-found");
    house
        .get_as(&reviewer, "/api/v1/documents?kind=letter")
        .problem(400, "bad-request");
}

fn what_is_missing_is_named_with_pointers(test: &TestStore) {
    let house = House::new(test);
    let officer = house.person(Officer, None);
    let about = format!("/api/v1/records/{}/documents", record(&house, &officer));
    let mut content = content();
    content["records"][1]["clause"] = json!(" ");
    // What the bureau has laid down elsewhere need not be said again.
    content.as_object_mut().unwrap().remove("objection_within");
    let problem = house
        .post(&officer, &about, &content)
        .problem(422, "invalid");
    assert_eq!(
        problem["errors"],
        json!([
            { "pointer": "/records/1/clause", "code": "E014", "detail": "第2项记分条款没有填写" },
        ])
    );
    let wrong = json!({ "kind": "record_notice", "recods": [] });
    house
        .post(&officer, &about, &wrong)
        .problem(400, "bad-request");
    let wrong = json!({ "kind": "notice" });
    house.post(&officer, &about, &wrong).problem(422, "invalid");
    house
        .post(&officer, "/api/v1/records/nothing/documents", &content)
        .problem(404, "not-found");
}

fn the_board_and_what_everybody_sees_of_it(test: &TestStore) {
    let house = House::new(test);
    let app = &house.app;
    let matter = Matter {
        kind: MatterKind::Entry,
        id: "e1".to_owned(),
        company: Some(PINE.parse().unwrap()),
        region: Some(Region::parse("512002").unwrap()),
        title: "示例松鹤列入重点关注名单".to_owned(),
    };
    let start = "2026-07-01".parse().unwrap();
    let period = Period::WorkingDays(7);
    let publish = Deadline::count("entry.publish", period, "decided", start, &app.calendar);
    let publish = publish.unwrap();
    app.store
        .write(|db| deadlines::keep(db, app, &matter, std::slice::from_ref(&publish), july(1)))
        .unwrap();
    let near = house.person(Officer, Some("512002"));
    let far = house.person(Officer, Some("512021"));
    let board = house.get_as(&near, "/api/v1/deadlines").json();
    assert_eq!(board[0]["standing"], "尚余 7 个工作日");
    assert_eq!(board[0]["due_on"], "2026-07-10");
    assert_eq!(house.get_as(&far, "/api/v1/deadlines").json(), json!([]));
    house
        .get_as(&far, "/api/v1/deadlines?region=512002")
        .problem(403, "forbidden");
    house
        .get_as(&near, "/api/v1/deadlines?company=1")
        .problem(400, "bad-request");
    assert_eq!(house.get("/api/v1/deadlines/overdue").json(), json!([]));
    house.hand.set(july(13));
    let overdue = house.get("/api/v1/deadlines/overdue");
    assert_eq!(overdue.json()[0]["days_late"], 3);
    assert!(!overdue.text().contains("松鹤") && !overdue.text().contains(PINE));
    assert!(!overdue.header("etag").is_empty());
}
