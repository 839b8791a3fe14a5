//! Complaints over HTTP: through the four levels, the complainant apart, the record that follows, the rates.

use std::{
    io,
    sync::{Mutex, OnceLock},
};

use axum::http::Method;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use serde_json::{Value, json};
use wuxin::{
    service::Role::{Officer, Reviewer},
    store::{StoreError, audit},
};

use crate::{
    house::{Answer, BAMBOO, House, ORANGE, PINE, Person, july, request},
    on_both,
    support::TestStore,
};

on_both!(
    a_complaint_is_accepted_mediated_handled_asked_again_and_closed,
    a_justified_complaint_leads_to_a_draft_that_another_person_confirms,
    a_complaint_goes_up_level_by_level_and_over_to_another_district,
    the_complainant_is_seen_by_the_handling_office_alone,
    nobody_but_the_contact_table_holds_the_complainant,
    an_office_sees_the_complaints_of_its_division_alone,
    two_accept_at_once_and_one_wins,
    a_complaint_is_entered_once,
    faults_of_a_complaint_are_told_together_with_their_places,
    complaints_are_found_in_pages,
    rates_count_each_complaint_once_where_it_was_handled,
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
    assert_eq!(stored["attributes"]["level"], "street");

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

fn the_complainant_is_seen_by_the_handling_office_alone(test: &TestStore) {
    let house = House::new(test);
    let street = office(&house, Some(STREET));
    let id = enter(&house, &street.officer, &complaint());
    let own = contact(&house, &street.officer, &id);
    assert_eq!(
        own.json(),
        json!({ "name": NAME, "phone": PHONE, "address": ADDRESS })
    );
    assert_eq!(own.header("cache-control"), "no-store");
    contact(&house, &street.reviewer, &id).problem(403, "forbidden");
    for region in [
        None,
        Some(COUNTY),
        Some("512021"),
        Some("512002902"),
        Some(COMMUNITY),
    ] {
        let other = house.person(Officer, region);
        let problem = contact(&house, &other, &id).problem(403, "forbidden");
        assert!(!problem.to_string().contains(PHONE));
    }
    // Another officer of the same office.
    let colleague = house.person(Officer, Some(STREET));
    assert_eq!(contact(&house, &colleague, &id).status, 200);
    let looks: Vec<String> = trail(&house)
        .into_iter()
        .filter(|line| line.event.action == "complaint.contact")
        .map(|line| line.event.actor)
        .collect();
    assert_eq!(looks, [colleague.id, street.officer.id.clone()]);
    // Nobody named: nobody to be found, and nobody to ask again.
    let mut anonymous = complaint();
    anonymous["contact"] = json!({});
    let id = enter(&house, &street.officer, &anonymous);
    let nobody = contact(&house, &street.officer, &id).json();
    assert_eq!(
        nobody,
        json!({ "name": null, "phone": null, "address": null })
    );
    done(&house, &street.officer, &id, 1, &accept());
    done(&house, &street.officer, &id, 2, &handle("justified"));
    step(&house, &street.officer, &id, 3, &visit("satisfied")).problem(409, "illegal-step");
    let close = json!({ "step": "close", "reason": "匿名投诉，已整改" });
    done(&house, &street.reviewer, &id, 3, &close);
}

/// Everything this process logs.
fn log() -> &'static Mutex<Vec<u8>> {
    static LOG: OnceLock<Mutex<Vec<u8>>> = OnceLock::new();
    struct Write;
    impl io::Write for Write {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            log().lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    static STARTED: OnceLock<()> = OnceLock::new();
    let log = LOG.get_or_init(|| Mutex::new(Vec::new()));
    STARTED.get_or_init(|| {
        let everything = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(|| Write)
            .finish();
        // Another test program of this process may have been first; there is none.
        tracing::subscriber::set_global_default(everything).unwrap();
    });
    log
}

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Text)]
    all: String,
}

fn nobody_but_the_contact_table_holds_the_complainant(test: &TestStore) {
    log();
    let house = House::new(test);
    let street = office(&house, Some(STREET));
    let mut asked = request(
        Method::POST,
        "/api/v1/complaints",
        Some(&street.officer.token),
        Some(&complaint()),
    );
    asked
        .headers_mut()
        .insert("idempotency-key", "k-contact".parse().unwrap());
    let entered = house.send(asked);
    assert_eq!(entered.status, 201);
    let id = entered.json()["id"].as_str().unwrap().to_owned();
    // A phone that is none: the fault does not repeat it.
    let mut wrong = complaint();
    wrong["contact"]["phone"] = json!(format!("{PHONE}转{PHONE}"));
    let refused = house.post(&street.officer, "/api/v1/complaints", &wrong);
    let problem = refused.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/contact/phone");
    // A body that is no such JSON at all: neither does that.
    let mut odd = complaint();
    odd["contact"] = json!({ "phone": PHONE, "mobile": PHONE });
    let unread = house.post(&street.officer, "/api/v1/complaints", &odd);
    unread.problem(400, "bad-request");
    let mut told = vec![entered, refused, unread];
    told.push(step(&house, &street.officer, &id, 1, &accept()));
    told.push(step(&house, &street.officer, &id, 2, &handle("justified")));
    told.push(read(&house, &street.officer, &id));
    for path in ["complaints", "complaints/statistics"] {
        told.push(house.get_as(&street.officer, &format!("/api/v1/{path}")));
    }
    told.push(house.get(&format!("/api/v1/companies/{PINE}")));
    assert_eq!(contact(&house, &street.officer, &id).status, 200);
    let told: String = told.iter().map(Answer::text).collect();
    let kept: Vec<Kept> = house
        .app
        .store
        .read(|db| {
            let tables = "SELECT data AS \"all\" FROM complaint UNION ALL SELECT data FROM complaint_event \
                 UNION ALL SELECT data FROM audit_event UNION ALL SELECT body FROM request_key";
            Ok::<_, StoreError>(sql_query(tables).load(db)?)
        })
        .unwrap();
    assert!(kept.len() > 5);
    let kept: String = kept.into_iter().map(|row| row.all).collect();
    let logged = String::from_utf8(log().lock().unwrap().clone()).unwrap();
    assert!(logged.contains("/api/v1/complaints"), "nothing was logged");
    for (place, text) in [("answers", &told), ("tables", &kept), ("log", &logged)] {
        for secret in [PHONE, NAME, ADDRESS] {
            assert!(!text.contains(secret), "{secret} in {place}");
        }
    }
}

fn an_office_sees_the_complaints_of_its_division_alone(test: &TestStore) {
    let house = House::new(test);
    let street = office(&house, Some(STREET));
    let other = office(&house, Some("512021"));
    let city = house.person(Officer, None);
    let id = enter(&house, &street.officer, &complaint());
    let mut theirs = complaint();
    theirs["project"] = json!("XM-05");
    let second = enter(&house, &other.officer, &theirs);
    let listed = |person: &Person, query: &str| -> Vec<String> {
        let answer = house.get_as(person, &format!("/api/v1/complaints{query}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let complaints = answer.json()["complaints"].clone();
        let of = |line: &Value| line["id"].as_str().unwrap().to_owned();
        complaints.as_array().unwrap().iter().map(of).collect()
    };
    for person in [&other.officer, &other.reviewer] {
        read(&house, person, &id).problem(403, "forbidden");
        assert_eq!(listed(person, ""), [second.clone()]);
        assert_eq!(listed(person, "?district=512002"), Vec::<String>::new());
        let figures = house.get_as(person, "/api/v1/complaints/statistics").json();
        assert_eq!(figures["groups"][0]["complaints"], 1);
        assert_eq!(figures["division"], "512021");
    }
    step(&house, &other.officer, &id, 1, &accept()).problem(403, "forbidden");
    step(&house, &other.officer, &id, 1, &escalate()).problem(403, "forbidden");
    assert_eq!(listed(&city, ""), [second.clone(), id.clone()]);
    // Received for an office of another division: no.
    let mut foreign = complaint();
    foreign["office"] = json!(STREET);
    house
        .post(&other.officer, "/api/v1/complaints", &foreign)
        .problem(403, "forbidden");
    // A county receives for its street; the street then has it.
    let county = house.person(Officer, Some(COUNTY));
    let down = enter(&house, &county, &foreign);
    step(&house, &county, &down, 1, &accept()).problem(403, "forbidden");
    done(&house, &street.officer, &down, 1, &accept());
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

fn a_complaint_is_entered_once(test: &TestStore) {
    let house = House::new(test);
    let officer = house.person(Officer, Some(STREET));
    let mut draft = complaint();
    draft["reference"] = json!("ZY202607010001");
    let ask = |key: &str| {
        let token = Some(officer.token.as_str());
        let mut request = request(Method::POST, "/api/v1/complaints", token, Some(&draft));
        request
            .headers_mut()
            .insert("idempotency-key", key.parse().unwrap());
        request
    };
    let answers = house.send_together((0..4).map(|_| ask("k-1")).collect());
    for answer in &answers {
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert_eq!(answer.body, answers[0].body);
    }
    // The same work order under another key is told, with the complaint it is.
    let problem = house.send(ask("k-2")).problem(422, "invalid");
    assert_eq!(problem["errors"][0]["code"], "E033");
    let known = answers[0].json()["id"].as_str().unwrap().to_owned();
    let detail = problem["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains(&known), "{detail}");
    // The number of another channel is another number.
    draft["channel"] = json!("online");
    assert_eq!(
        house.post(&officer, "/api/v1/complaints", &draft).status,
        201
    );
    // A step asked again with its key gives the first answer.
    let body = json!({ "version": 1, "step": "accept" });
    let path = format!("/api/v1/complaints/{known}/steps");
    let again: Vec<Answer> = (0..2)
        .map(|_| {
            let mut request = request(Method::POST, &path, Some(&officer.token), Some(&body));
            request
                .headers_mut()
                .insert("idempotency-key", "s-1".parse().unwrap());
            house.send(request)
        })
        .collect();
    assert_eq!(again[0].status, 200, "{}", again[0].text());
    assert_eq!(again[0].body, again[1].body);
}

fn faults_of_a_complaint_are_told_together_with_their_places(test: &TestStore) {
    let house = House::new(test);
    let officer = house.person(Officer, Some(STREET));
    let faults = |draft: &Value| -> Vec<(String, String)> {
        let problem = house
            .post(&officer, "/api/v1/complaints", draft)
            .problem(422, "invalid");
        let pair = |fault: &Value| {
            let text = |field: &str| fault[field].as_str().unwrap().to_owned();
            (text("pointer"), text("code"))
        };
        let mut all: Vec<_> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(pair)
            .collect();
        all.sort();
        all
    };
    let expected = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        let owned = |(pointer, code): &(&str, &str)| ((*pointer).into(), (*code).into());
        pairs.iter().map(owned).collect()
    };
    let all = json!({
        "channel": "pigeon", "category": "weather", "project": "XM-99", "company": "91512002EXA000019X",
        "received_on": "2026-07-32", "text": " ", "contact": { "phone": "一二三" },
    });
    assert_eq!(
        faults(&all),
        expected(&[
            ("/category", "E030"),
            ("/channel", "E006"),
            ("/company", "E006"),
            ("/contact/phone", "E006"),
            ("/project", "E001"),
            ("/received_on", "E006"),
            ("/text", "E008"),
        ])
    );
    let with = |field: &str, value: Value| {
        let mut draft = complaint();
        draft[field] = value;
        faults(&draft)
    };
    assert_eq!(
        with("received_on", json!("2026-07-02")),
        expected(&[("/received_on", "E003")])
    );
    assert_eq!(
        with("received_on", json!("2019-07-02")),
        expected(&[("/received_on", "E006")])
    );
    assert_eq!(
        with("company", json!(BAMBOO)),
        expected(&[("/project", "E001")])
    );
    assert_eq!(
        with("office", json!("519999999")),
        expected(&[("/office", "E031")])
    );
    let telling = json!(format!("请回电 {PHONE}"));
    assert_eq!(with("text", telling), expected(&[("/text", "E032")]));
    let neither = json!({ "channel": "窗口", "category": "fees", "text": "电梯停运" });
    assert_eq!(faults(&neither), expected(&[("/company", "E005")]));
    // A number in a step is refused too.
    let id = enter(&house, &officer, &complaint());
    let up = json!({ "step": "escalate", "reason": format!("投诉人电话 {PHONE}") });
    let problem = step(&house, &officer, &id, 1, &up).problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/reason");
    assert!(!problem.to_string().contains(PHONE), "{problem}");
    let odd = json!({ "step": "accept", "colour": "red" });
    step(&house, &officer, &id, 1, &odd).problem(400, "bad-request");
    let forged = json!({ "step": "propose_record", "item": "CMP-01", "record": "E1" });
    step(&house, &officer, &id, 1, &forged).problem(400, "bad-request");
}

fn complaints_are_found_in_pages(test: &TestStore) {
    let house = House::new(test);
    let (street, county) = (
        house.person(Officer, Some(STREET)),
        house.person(Officer, Some(COUNTY)),
    );
    let city = house.person(Officer, None);
    let mut ids = Vec::new();
    for number in 0..5 {
        let person = if number % 2 == 0 { &street } else { &county };
        ids.push(enter(&house, person, &complaint()));
    }
    done(&house, &street, &ids[0], 1, &accept());
    let page = |query: &str| -> (Vec<String>, Value) {
        let answer = house.get_as(&city, &format!("/api/v1/complaints{query}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let json = answer.json();
        let of = |line: &Value| line["id"].as_str().unwrap().to_owned();
        let found = json["complaints"]
            .as_array()
            .unwrap()
            .iter()
            .map(of)
            .collect();
        (found, json["next"].clone())
    };
    let newest_first: Vec<String> = ids.iter().rev().cloned().collect();
    assert_eq!(page("").0, newest_first);
    let (first, next) = page("?limit=3");
    assert_eq!(first, newest_first[..3]);
    let next = next.as_str().unwrap();
    let (second, last) = page(&format!("?limit=3&cursor={next}"));
    assert_eq!(second, newest_first[3..]);
    assert_eq!(last, Value::Null);
    assert_eq!(page("?level=county").0, [ids[3].clone(), ids[1].clone()]);
    assert_eq!(page("?state=accepted").0, [ids[0].clone()]);
    assert_eq!(page("?district=512002901").0.len(), 3);
    assert_eq!(page(&format!("?company={PINE}")).0.len(), 5);
    assert_eq!(page(&format!("?company={ORANGE}")).0.len(), 0);
    for query in [
        &format!("?limit=3&level=county&cursor={next}"),
        "?cursor=x",
        "?limit=0",
        "?limit=101",
        "?level=province",
        "?state=lost",
        "?district=5",
        "?company=1",
        "?colour=red",
    ] {
        house
            .get_as(&city, &format!("/api/v1/complaints{query}"))
            .problem(400, "bad-request");
    }
}

fn rates_count_each_complaint_once_where_it_was_handled(test: &TestStore) {
    let house = House::new(test);
    let street = office(&house, Some(STREET));
    let county = office(&house, Some(COUNTY));
    let city = house.person(Reviewer, None);
    // Handled at the street.
    let a = enter(&house, &street.officer, &complaint());
    done(&house, &street.officer, &a, 1, &accept());
    done(&house, &street.officer, &a, 2, &handle("justified"));
    // Accepted at the street, escalated, accepted late at the county.
    let b = enter(&house, &street.officer, &complaint());
    done(&house, &street.officer, &b, 1, &accept());
    done(&house, &street.officer, &b, 2, &escalate());
    // Left for another body.
    let c = enter(&house, &street.officer, &complaint());
    let gone = json!({ "step": "transfer", "to": { "body": "示例局" }, "reason": "职责" });
    done(&house, &street.officer, &c, 1, &gone);
    house.hand.set(july(8));
    done(&house, &county.officer, &b, 3, &accept());
    // Open, not yet due.
    let mut today = complaint();
    today["received_on"] = json!("2026-07-08");
    enter(&house, &street.officer, &today);

    let figures = house.get_as(&city, "/api/v1/complaints/statistics?from=2026-07-01");
    let figures = figures.json();
    assert_eq!(figures["verified"], false);
    assert_eq!(figures["as_of"], "2026-07-08");
    assert_eq!(figures["definitions"][0]["title"], "受理率");
    let row = |by: &str, key: &str| -> Vec<String> {
        let all = figures["groups"].as_array().unwrap();
        let group = all
            .iter()
            .find(|group| group["by"] == by && group["key"] == key)
            .unwrap_or_else(|| panic!("{by} {key}: {figures}"));
        let rate = |rate: &Value| {
            let percent = rate["percent"].as_str().unwrap_or("none");
            format!(
                "{}/{} +{} {percent}",
                rate["numerator"], rate["denominator"], rate["not_due"]
            )
        };
        group["rates"]
            .as_array()
            .unwrap()
            .iter()
            .map(rate)
            .collect()
    };
    assert_eq!(
        row("all", ""),
        ["1/2 +1 50.00", "0/1 +1 0.00", "1/1 +1 100.00"]
    );
    assert_eq!(
        row("level", "street"),
        ["1/1 +1 100.00", "0/1 +0 0.00", "1/1 +0 100.00"]
    );
    assert_eq!(
        row("level", "county"),
        ["0/1 +0 0.00", "0/0 +1 none", "0/0 +1 none"]
    );
    assert_eq!(row("district", COUNTY), row("all", ""));
    assert_eq!(row("company", PINE), row("all", ""));
    assert_eq!(figures["groups"][0]["transferred"], 1);
    // Before the first, and the wrong way round.
    let none = house.get_as(&city, "/api/v1/complaints/statistics?until=2026-06-30");
    assert_eq!(none.json()["groups"].as_array().unwrap().len(), 1);
    assert_eq!(none.json()["groups"][0]["rates"][0]["percent"], Value::Null);
    for query in [
        "?from=2026-07-02&until=2026-07-01",
        "?from=2026-07-32",
        "?district=x",
    ] {
        house
            .get_as(&city, &format!("/api/v1/complaints/statistics{query}"))
            .problem(400, "bad-request");
    }
}
