//! Complaints over HTTP: through the four levels, the complainant apart, the record that follows, the rates.

mod looking;
mod privacy;

use axum::http::Method;
use serde_json::{Value, json};
use wuxin::{
    service::Role::{Officer, Reviewer},
    store::audit,
};

use crate::{
    house::{Answer, House, PINE, Person, july, request},
    on_both,
    support::TestStore,
};

on_both!(
    a_complaint_is_accepted_mediated_handled_asked_again_and_closed,
    a_justified_complaint_leads_to_a_draft_that_another_person_confirms,
    a_complaint_goes_up_level_by_level_and_over_to_another_district,
    two_accept_at_once_and_one_wins,
);

const STREET: &str = "512002901";
const COMMUNITY: &str = "512002901001";
const COUNTY: &str = "512002";
/// Nobody else's in the fixtures, so that it can be looked for everywhere.
const PHONE: &str = "13912345678";
const NAME: &str = "示例投诉人丁";
const ADDRESS: &str = "示例松涛苑 9 幢 901";

fn complaint() -> Value {
    json!({
        "channel": "12345", "category": "fees", "project": "XM-01", "received_on": "2026-07-01",
        "text": "停车费收取标准与公示不一致",
        "contact": { "name": NAME, "phone": PHONE, "address": ADDRESS },
    })
}

/// An office with an officer and a reviewer.
struct Office {
    officer: Person,
    reviewer: Person,
}

fn office(house: &House, region: Option<&str>) -> Office {
    Office {
        officer: house.person(Officer, region),
        reviewer: house.person(Reviewer, region),
    }
}

fn enter(house: &House, person: &Person, draft: &Value) -> String {
    let answer = house.post(person, "/api/v1/complaints", draft);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn step(house: &House, person: &Person, id: &str, version: i64, step: &Value) -> Answer {
    let mut body = step.clone();
    body["version"] = json!(version);
    house.post(person, &format!("/api/v1/complaints/{id}/steps"), &body)
}

/// A step that must be taken; what it answered.
fn done(house: &House, person: &Person, id: &str, version: i64, what: &Value) -> Value {
    let answer = step(house, person, id, version, what);
    assert_eq!(answer.status, 200, "{what}: {}", answer.text());
    assert_eq!(answer.json()["version"], version + 1);
    answer.json()
}

fn accept() -> Value {
    json!({ "step": "accept" })
}

fn handle(finding: &str) -> Value {
    json!({ "step": "handle", "finding": finding, "result": "责令退还", "measures": "退还多收费用并公示" })
}

fn visit(outcome: &str) -> Value {
    json!({ "step": "visit", "outcome": outcome })
}

fn escalate() -> Value {
    json!({ "step": "escalate", "reason": "超出本级职责" })
}

fn read(house: &House, person: &Person, id: &str) -> Answer {
    house.get_as(person, &format!("/api/v1/complaints/{id}"))
}

fn contact(house: &House, person: &Person, id: &str) -> Answer {
    house.get_as(person, &format!("/api/v1/complaints/{id}/contact"))
}

fn a_complaint_is_accepted_mediated_handled_asked_again_and_closed(test: &TestStore) {
    let house = House::new(test);
    let street = office(&house, Some(STREET));
    let answer = house.post(&street.officer, "/api/v1/complaints", &complaint());
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    let line = answer.json();
    // The company is the one that has the project on the day; the office is the caller's own.
    assert_eq!(line["company"], PINE);
    assert_eq!(line["office"], STREET);
    assert_eq!(line["level"], "street");
    assert_eq!(line["state_name"], "待受理");
    assert_eq!(line["due_on"], "2026-07-02");
    let id = line["id"].as_str().unwrap();
    let (officer, reviewer) = (&street.officer, &street.reviewer);

    let refused = step(&house, officer, id, 1, &handle("justified")).problem(409, "illegal-step");
    assert_eq!(
        refused["detail"],
        "投诉待受理，不能办结。目前可以：受理、不予受理、上报、转办"
    );
    step(&house, reviewer, id, 1, &accept()).problem(403, "forbidden");
    let accepted = done(&house, officer, id, 1, &accept());
    assert_eq!(accepted["due_on"], "2026-07-22");
    house.hand.set(july(2));
    let failed =
        json!({ "step": "mediate", "outcome": "failed", "protocol": "双方对退费期间未达成一致" });
    done(&house, officer, id, 2, &failed);
    let handled = done(&house, officer, id, 3, &handle("partly"));
    assert_eq!(handled["due_on"], Value::Null);
    let close = json!({ "step": "close", "reason": "已退费" });
    let problem = step(&house, reviewer, id, 4, &close).problem(409, "illegal-step");
    assert!(
        problem["detail"].as_str().unwrap().contains("回访"),
        "{problem}"
    );
    done(&house, officer, id, 4, &visit("dissatisfied"));
    house.hand.set(july(3));
    let reopen = json!({ "step": "reopen", "reason": "退费尚未到账" });
    step(&house, officer, id, 5, &reopen).problem(403, "forbidden");
    let reopened = done(&house, reviewer, id, 5, &reopen);
    assert_eq!(reopened["due_on"], "2026-07-24");
    done(&house, officer, id, 6, &handle("partly"));
    done(&house, officer, id, 7, &visit("satisfied"));
    let closed = done(&house, reviewer, id, 8, &close);
    assert_eq!(closed["state"], "closed");
    assert_eq!(closed["possible"], json!(["propose_record"]));

    let whole = read(&house, reviewer, id).json();
    let kinds: Vec<&str> = whole["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "receive", "accept", "mediate", "handle", "visit", "reopen", "handle", "visit", "close"
        ]
    );
    assert_eq!(whole["events"][5]["data"]["reason"], "退费尚未到账");
    assert_eq!(whole["complaint"]["state"]["accepted"]["reopened"], 1);
    step(&house, officer, "C0", 1, &accept()).problem(404, "not-found");
}

fn a_justified_complaint_leads_to_a_draft_that_another_person_confirms(test: &TestStore) {
    let house = House::new(test);
    let street = office(&house, Some(STREET));
    let (officer, reviewer) = (&street.officer, &street.reviewer);
    let before = house.score(PINE);
    let id = enter(&house, officer, &complaint());
    let path = format!("/api/v1/complaints/{id}/record");
    let proposal = |version: i64| json!({ "version": version, "item": "CMP-01", "occurred_on": "2026-06-30", "decided_on": "2026-07-01" });
    house
        .post(officer, &path, &proposal(1))
        .problem(409, "illegal-step");
    done(&house, officer, &id, 1, &accept());
    done(&house, officer, &id, 2, &handle("justified"));
    house
        .post(reviewer, &path, &proposal(3))
        .problem(403, "forbidden");
    // What the rules miss is a fault, and nothing is kept.
    let mut wrong = proposal(3);
    wrong["item"] = json!("CMP-99");
    let problem = house.post(officer, &path, &wrong).problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/item", "{problem}");
    assert_eq!(read(&house, officer, &id).json()["version"], 3);

    let answer = house.post(officer, &path, &proposal(3));
    assert_eq!(answer.status, 201, "{}", answer.text());
    let answer = answer.json();
    let record = answer["record"]["id"].as_str().unwrap();
    assert_eq!(answer["record"]["status"], "draft");
    assert_eq!(answer["complaint"]["record"], record);
    assert_eq!(house.score(PINE), before, "a draft does not count");
    let problem = house
        .post(officer, &path, &proposal(4))
        .problem(409, "illegal-step");
    assert!(problem["detail"].as_str().unwrap().contains(record));

    let confirm = format!("/api/v1/records/{record}/confirm");
    house
        .post(officer, &confirm, &json!({ "version": 1 }))
        .problem(403, "forbidden");
    let confirmed = house.post(reviewer, &confirm, &json!({ "version": 1 }));
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    assert_eq!(confirmed.json()["rescored"], json!([PINE]));
    assert_ne!(house.score(PINE), before);
    let versions = house.get_as(reviewer, &format!("/api/v1/records/{record}"));
    let stored = versions.json()[0]["record"].clone();
    assert_eq!(stored["matter"], id);
    assert_eq!(stored["attributes"]["level"]["value"], "street");

    let trail = trail(&house);
    let from = |event: &&audit::AuditEvent| event.event.action == "record.from_complaint";
    let line = trail.iter().find(from).unwrap();
    assert_eq!(line.event.subject, format!("record {record}"));
    assert_eq!(line.event.data, json!({ "complaint": id }).to_string());

    // Not justified: no record.
    let other = enter(&house, officer, &complaint());
    done(&house, officer, &other, 1, &accept());
    done(&house, officer, &other, 2, &handle("unjustified"));
    let path = format!("/api/v1/complaints/{other}/record");
    house
        .post(officer, &path, &proposal(3))
        .problem(409, "illegal-step");
}

fn trail(house: &House) -> Vec<audit::AuditEvent> {
    let page = house
        .app
        .store
        .read(|db| audit::page(db, None, None, 10_000));
    page.unwrap().rows
}

fn a_complaint_goes_up_level_by_level_and_over_to_another_district(test: &TestStore) {
    let house = House::new(test);
    let offices = [Some(COMMUNITY), Some(STREET), Some(COUNTY), None];
    let offices = offices.map(|region| office(&house, region));
    let elsewhere = office(&house, Some("512021"));
    let id = enter(&house, &offices[0].officer, &complaint());
    for (version, levels) in (1..).zip(offices.windows(2)) {
        let up = done(&house, &levels[0].officer, &id, version, &escalate());
        assert_eq!(up["state"], "received");
        // The office that had it goes on reading, and has no more part in it.
        assert_eq!(read(&house, &levels[0].officer, &id).status, 200);
        step(&house, &levels[0].officer, &id, version + 1, &accept()).problem(403, "forbidden");
        assert_eq!(contact(&house, &levels[0].officer, &id).status, 403);
        assert_eq!(contact(&house, &levels[1].officer, &id).status, 200);
    }
    let city = &offices[3].officer;
    let problem = step(&house, city, &id, 4, &escalate()).problem(409, "illegal-step");
    assert!(problem["detail"].as_str().unwrap().contains("没有上一级"));
    let to = |office: &str| json!({ "step": "transfer", "to": { "office": office }, "reason": "属地办理" });
    let problem = step(&house, city, &id, 4, &to("519999")).problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/to/office");
    let moved = done(&house, city, &id, 4, &to("512021"));
    assert_eq!(moved["office"], "512021");
    step(&house, &elsewhere.officer, &id, 5, &to("512000")).problem(409, "illegal-step");
    let gone = json!({ "step": "transfer", "to": { "body": "示例县市场监管局" }, "reason": "价格违法行为查处" });
    let gone = done(&house, &elsewhere.officer, &id, 5, &gone);
    assert_eq!(gone["possible"], json!([]));
    let before = read(&house, city, &id).json()["complaint"]["before"].clone();
    assert_eq!(before, json!([COMMUNITY, STREET, COUNTY, "512000"]));

    // A level above calls it up; nothing else.
    let id = enter(&house, &offices[1].officer, &complaint());
    step(&house, &offices[2].officer, &id, 1, &accept()).problem(403, "forbidden");
    let called = done(&house, city, &id, 1, &escalate());
    assert_eq!(called["office"], COUNTY);
}

fn two_accept_at_once_and_one_wins(test: &TestStore) {
    let house = House::new(test);
    let people = [0, 1, 2, 3].map(|_| house.person(Officer, Some(STREET)));
    let id = enter(&house, &people[0], &complaint());
    let body = json!({ "version": 1, "step": "accept" });
    let path = format!("/api/v1/complaints/{id}/steps");
    let asked = people
        .iter()
        .map(|person| request(Method::POST, &path, Some(&person.token), Some(&body)));
    let answers = house.send_together(asked.collect());
    let mut statuses: Vec<u16> = answers.iter().map(|a| a.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409]);
    let events = read(&house, &people[0], &id).json()["events"].clone();
    assert_eq!(events.as_array().unwrap().len(), 2);
    // Two offices: the street accepts while the county calls it up.
    let county = house.person(Officer, Some(COUNTY));
    let id = enter(&house, &people[0], &complaint());
    let path = format!("/api/v1/complaints/{id}/steps");
    let up = json!({ "version": 1, "step": "escalate", "reason": "提级办理" });
    let answers = house.send_together(vec![
        request(Method::POST, &path, Some(&people[0].token), Some(&body)),
        request(Method::POST, &path, Some(&county.token), Some(&up)),
    ]);
    let won = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1);
}
