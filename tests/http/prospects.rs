//! Where a score comes from and where it can go: what everybody may ask beside the look-up.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use wuxin::{
    domain::Uscc,
    service::Role::{Officer, Reviewer},
};

use crate::{
    house::{House, MULBERRY, PINE, july},
    on_both,
    support::TestStore,
};

on_both!(
    the_explanation_adds_up_to_the_score_that_the_look_up_tells,
    the_outlook_tells_what_really_happens,
    both_have_entity_tags_and_the_problems_of_a_look_up,
    nothing_is_told_of_a_draft_or_of_a_revoked_record,
    all_parts_of_a_page_are_of_one_day,
);

fn path(uscc: &str, part: &str) -> String {
    format!("/api/v1/companies/{uscc}/{part}")
}

fn decimal(value: &Value) -> Decimal {
    Decimal::from_str_exact(value.as_str().unwrap()).unwrap()
}

/// Follows the rows of a section by what each says it does.
fn add_up(section: &Value) -> Decimal {
    let mut running = Decimal::ZERO;
    for row in section["rows"].as_array().unwrap() {
        running = match row["op"].as_str().unwrap() {
            "add" => running + decimal(&row["amount"]),
            "add_product" => running + decimal(&row["value"]) * decimal(&row["weight"]),
            "divide" => running / decimal(&row["by"]),
            "at_most" => running.min(decimal(&row["bound"])),
            "at_least" => running.max(decimal(&row["bound"])),
            "round" => decimal(&row["running"]),
            other => panic!("{other}"),
        };
        assert_eq!(running, decimal(&row["running"]), "{row}");
    }
    running
}

fn the_explanation_adds_up_to_the_score_that_the_look_up_tells(test: &TestStore) {
    let house = House::new(test);
    for uscc in [PINE, MULBERRY] {
        let told = house.get(&format!("/api/v1/companies/{uscc}")).json();
        let found = house.get(&path(uscc, "explanation")).json();
        assert_eq!(found["as_of"], told["as_of"]);
        assert_eq!(found["ruleset"], told["ruleset"]);
        let account = &found["account"];
        assert_eq!(account["score"], told["score"]);
        assert_eq!(account["grade"], told["grade"]);
        for section in account["sections"].as_array().unwrap() {
            add_up(section);
        }
        let total = add_up(&account["total"]);
        assert_eq!(total.to_string(), told["score"].as_str().unwrap());
        // Every record of the look-up is there, and no other.
        let mut told: Vec<&str> = (told["lines"].as_array().unwrap().iter())
            .filter_map(|line| line["record"].as_str())
            .collect();
        let rows = account["sections"].as_array().unwrap().iter();
        let mut shown: Vec<&str> = rows
            .flat_map(|section| section["rows"].as_array().unwrap())
            .chain(account["uncounted"].as_array().unwrap())
            .filter_map(|row| row["record"].as_str())
            .collect();
        told.sort_unstable();
        shown.sort_unstable();
        assert_eq!(told, shown);
    }
}

fn the_outlook_tells_what_really_happens(test: &TestStore) {
    let house = House::new(test);
    let outlook = house.get(&path(PINE, "outlook")).json()["outlook"].clone();
    assert_eq!(outlook["now"]["score"], house.score(PINE));
    let change = &outlook["timeline"]["changes"][0];
    let told = house.get(&format!("/api/v1/companies/{PINE}")).json();
    assert_eq!(change["on"], told["next_change_on"]);

    // A deduction, confirmed; the outlook says what rectifying it would give, and so it comes.
    let county = Some("512002");
    let (officer, reviewer) = (
        house.person(Officer, county),
        house.person(Reviewer, county),
    );
    let draft = json!({
        "item": "INS-01", "kind": "inspection", "company": PINE, "project": "XM-01",
        "decided_on": "2026-06-29", "occurred_on": "2026-06-29",
    });
    let id = house.enter(&officer, &draft);
    let confirm = json!({ "version": 1 });
    let answer = house.post(
        &reviewer,
        &format!("/api/v1/records/{id}/confirm"),
        &confirm,
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    let outlook = house.get(&path(PINE, "outlook")).json()["outlook"].clone();
    let actions = outlook["actions"].as_array().unwrap();
    let of = |deed: &str| {
        let action = actions
            .iter()
            .find(|action| action["record"] == id.as_str() && action["deed"] == deed);
        action
            .unwrap_or_else(|| panic!("{deed}: {outlook}"))
            .clone()
    };
    let (rectify, object) = (of("rectify"), of("object"));
    let rectified = json!({ "version": 2, "rectified_on": "2026-07-01" });
    let answer = house.post(
        &officer,
        &format!("/api/v1/records/{id}/rectify"),
        &rectified,
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(rectify["score"], house.score(PINE));
    let revoked = json!({ "version": 3, "reason": "异议成立" });
    let answer = house.post(&reviewer, &format!("/api/v1/records/{id}/revoke"), &revoked);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(object["score"], house.score(PINE));
}

fn both_have_entity_tags_and_the_problems_of_a_look_up(test: &TestStore) {
    let house = House::new(test);
    let unknown = Uscc::complete("91512002EXA000999").unwrap();
    for part in ["explanation", "outlook"] {
        let answer = house.get(&path(PINE, part));
        let tag = answer.header("etag").to_owned();
        let again = axum::http::Request::get(path(PINE, part))
            .header("if-none-match", &tag)
            .body(axum::body::Body::empty())
            .unwrap();
        assert_eq!(house.send(again).status, 304, "{part}");
        house
            .get(&path(unknown.as_str(), part))
            .problem(404, "not-in-scope");
        house.get(&path("123", part)).problem(400, "bad-request");
    }
    for months in ["0", "61", "-1", "viele"] {
        house
            .get(&path(PINE, &format!("outlook?months={months}")))
            .problem(400, "bad-request");
    }
    house
        .get(&path(PINE, "outlook?month=3"))
        .problem(400, "bad-request");
    let near = house.get(&path(PINE, "outlook?months=1")).json();
    assert_eq!(near["outlook"]["timeline"]["until"], "2026-08-01");
}

fn nothing_is_told_of_a_draft_or_of_a_revoked_record(test: &TestStore) {
    let house = House::new(test);
    let (officer, reviewer) = (house.person(Officer, None), house.person(Reviewer, None));
    let draft = json!({
        "item": "PEN-03", "company": PINE, "kind": "complaint", "decided_on": "2026-06-29",
    });
    let id = house.enter(&officer, &draft);
    let silent = || {
        for part in ["explanation", "outlook"] {
            let text = house.get(&path(PINE, part)).text();
            assert!(!text.contains(&id), "{part}");
        }
    };
    silent();
    let confirm = json!({ "version": 1 });
    house.post(
        &reviewer,
        &format!("/api/v1/records/{id}/confirm"),
        &confirm,
    );
    assert!(house.get(&path(PINE, "outlook")).text().contains(&id));
    let other = house.person(Reviewer, None);
    let revoke = json!({ "version": 2, "reason": "重复录入" });
    let answer = house.post(&other, &format!("/api/v1/records/{id}/revoke"), &revoke);
    assert_eq!(answer.status, 200, "{}", answer.text());
    silent();
}

fn all_parts_of_a_page_are_of_one_day(test: &TestStore) {
    let house = House::new(test);
    let page = house.get(&format!("/companies/{PINE}")).text();
    assert!(page.contains("得分如何算出") && page.contains("怎样提高等级"));
    // A day later, before the nightly run: all parts are still of one day.
    house.hand.set(july(2));
    let told = house.get(&format!("/api/v1/companies/{PINE}")).json();
    let outlook = house.get(&path(PINE, "outlook")).json();
    assert_eq!(outlook["outlook"]["as_of"], told["as_of"]);
    assert_eq!(outlook["outlook"]["now"]["score"], told["score"]);
}
