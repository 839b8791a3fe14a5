//! Every step keeps the board: what runs after it is on it, and what it ended is not.

use serde_json::{Value, json};
use wuxin::{
    domain::MatterKind,
    service::{
        Role::{Officer, Reviewer},
        deadlines,
    },
    store::deadlines::{ClockState, of_matter},
};

use crate::{
    bureau::{Bureau, decide, publish, serve_decision},
    house::{House, PINE, Person, july},
    on_both,
    support::TestStore,
};

on_both!(
    a_record_is_on_the_board_from_its_confirmation_to_its_rectification,
    a_right_that_lapses_ends_without_a_step,
    a_complaint_is_on_the_board_of_the_office_that_has_it,
    an_entry_is_on_the_board_while_something_runs,
);

/// What runs for a matter, as `rule due`.
fn runs(house: &House, person: &Person, id: &str) -> Vec<String> {
    let board = house.get_as(person, "/api/v1/deadlines?limit=1000").json();
    let rows = board.as_array().unwrap().iter();
    rows.filter(|row| row["matter"] == *id)
        .map(|row| {
            format!(
                "{} {}",
                row["rule"].as_str().unwrap(),
                row["due_on"].as_str().unwrap_or("-")
            )
        })
        .collect()
}

/// A confirmed record, and who works on it.
struct Case<'h> {
    house: &'h House,
    officer: Person,
    reviewer: Person,
    examiner: Person,
    id: String,
}

impl<'h> Case<'h> {
    fn new(house: &'h House) -> Self {
        let (officer, reviewer) = (house.person(Officer, None), house.person(Reviewer, None));
        let draft = json!({
            "item": "CMP-01", "kind": "complaint", "company": PINE, "project": "XM-01",
            "decided_on": "2026-06-29", "rectify_by": "2026-07-20", "attributes": { "level": "city" },
        });
        let id = house.enter(&officer, &draft);
        let case = Self {
            house,
            officer,
            reviewer,
            examiner: house.person(Reviewer, None),
            id,
        };
        assert_eq!(case.runs(), [""; 0], "a draft counts nothing");
        let path = format!("/api/v1/records/{}/confirm", case.id);
        let confirmed = house.post(&case.reviewer, &path, &json!({ "version": 1 }));
        assert_eq!(confirmed.status, 200, "{}", confirmed.text());
        case
    }

    fn runs(&self) -> Vec<String> {
        runs(self.house, &self.officer, &self.id)
    }

    fn step(&self, person: &Person, step: &str, mut body: Value) {
        let path = |step: &str| format!("/api/v1/records/{}/{step}", self.id);
        let process = self.house.get_as(person, &path("process")).json();
        for seen in ["version", "events"] {
            body[seen] = process[seen].clone();
        }
        let answer = self.house.post(person, &path(step), &body);
        assert_eq!(answer.status, 200, "{step}: {}", answer.text());
    }

    fn served(&self) {
        self.step(
            &self.officer,
            "notice",
            json!({ "number": "示建记告〔2026〕1号" }),
        );
        let served = json!({ "method": { "method": "direct" }, "delivered_on": "2026-07-01", "proof": "送达回证" });
        self.step(&self.officer, "served", served);
    }
}

fn a_record_is_on_the_board_from_its_confirmation_to_its_rectification(test: &TestStore) {
    let house = House::new(test);
    let case = Case::new(&house);
    assert_eq!(
        case.runs(),
        ["record.notify 2026-07-10", "record.rectify 2026-07-20"]
    );
    case.served();
    assert_eq!(
        case.runs(),
        ["record.objection 2026-07-15", "record.rectify 2026-07-20"]
    );
    let objection =
        json!({ "number": "异〔2026〕1号", "grounds": "与事实不符", "received_on": "2026-07-01" });
    case.step(&case.officer, "object", objection);
    assert_eq!(
        case.runs(),
        ["record.examine 2026-07-06", "record.rectify 2026-07-20"]
    );
    case.step(
        &case.examiner,
        "reject",
        json!({ "reason": "现场照片与事实相符" }),
    );
    assert_eq!(case.runs(), ["record.rectify 2026-07-20"]);
    let report = json!({ "statement": "已整改", "rectified_on": "2026-07-01" });
    case.step(&case.officer, "rectification", report);
    assert_eq!(case.runs(), ["record.rectification_check 2026-07-08"]);
    case.step(&case.examiner, "accept", json!({ "opinion": "属实" }));
    assert_eq!(case.runs(), [""; 0]);
    // What ended is kept with how it ended.
    let kept = house
        .app
        .store
        .read(|db| of_matter(db, MatterKind::Record, &case.id))
        .unwrap();
    assert_eq!(kept.len(), 5);
    assert!(kept.iter().all(|one| one.state == ClockState::Met));
}

fn a_right_that_lapses_ends_without_a_step(test: &TestStore) {
    let house = House::new(test);
    let case = Case::new(&house);
    case.served();
    let tonight = |day: u32| {
        let app = &house.app;
        app.store
            .write(|db| deadlines::follow_all(db, app, july(day)))
            .unwrap();
        case.runs()
    };
    let last = tonight(15);
    assert_eq!(
        last.len(),
        2,
        "the last day is a day of the right: {last:?}"
    );
    assert_eq!(tonight(16), ["record.rectify 2026-07-20"]);
    assert_eq!(tonight(17), ["record.rectify 2026-07-20"], "once is enough");
}

fn a_complaint_is_on_the_board_of_the_office_that_has_it(test: &TestStore) {
    let house = House::new(test);
    let county = house.person(Officer, Some("512002"));
    let elsewhere = house.person(Officer, Some("512021"));
    let draft = json!({
        "channel": "window", "category": "fees", "project": "XM-01", "office": "512002", "received_on": "2026-07-01",
        "text": "停车费收取标准与公示不一致", "contact": { "name": "示例投诉人甲" },
    });
    let entered = house.post(&county, "/api/v1/complaints", &draft);
    assert_eq!(entered.status, 201, "{}", entered.text());
    let id = entered.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(runs(&house, &county, &id), ["complaint.accept 2026-07-02"]);
    assert_eq!(runs(&house, &elsewhere, &id), [""; 0]);
    let accept = json!({ "version": 1, "step": "accept" });
    let path = format!("/api/v1/complaints/{id}/steps");
    let accepted = house.post(&county, &path, &accept);
    assert_eq!(accepted.status, 200, "{}", accepted.text());
    assert_eq!(runs(&house, &county, &id), ["complaint.handle 2026-07-22"]);
    let board = house.get_as(&county, "/api/v1/deadlines?limit=1000").text();
    assert!(!board.contains("示例投诉人甲") && !board.contains("停车费收取标准"));
}

fn an_entry_is_on_the_board_while_something_runs(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let entry = bureau.proposed(PINE, "red");
    let id = entry["id"].as_str().unwrap().to_owned();
    assert_eq!(runs(&house, &bureau.officer, &id), [""; 0]);
    let noticed = bureau.noticed(&entry);
    let told = runs(&house, &bureau.officer, &id);
    let own: Vec<String> = house
        .get_as(&bureau.officer, &format!("/api/v1/entries/{id}"))
        .json()["deadlines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{} {}",
                one["rule"].as_str().unwrap(),
                one["due"].as_str().unwrap()
            )
        })
        .collect();
    assert!(!told.is_empty());
    assert_eq!(told, own, "the board says what the entry says");
    house.hand.set(july(9));
    let decided = bureau.step(&bureau.decider, &noticed, decide(&noticed), "decided");
    let at_hand = runs(&house, &bureau.officer, &id);
    assert!(
        at_hand.iter().any(|one| one.starts_with("entry.publish ")),
        "{at_hand:?}"
    );
    let served = serve_decision("2026-07-09");
    let served = bureau.step(&bureau.officer, &decided, served, "served");
    bureau.step(&bureau.publisher, &served, publish(), "published");
    let after = runs(&house, &bureau.officer, &id);
    assert!(
        after.iter().all(|one| !one.starts_with("entry.publish ")),
        "{after:?}"
    );
    assert!(
        after
            .iter()
            .any(|one| one.starts_with("entry.display_end ")),
        "{after:?}"
    );
}
