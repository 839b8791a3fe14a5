//! A list entry's way over HTTP, from the proposal to its end, by people who differ.

use serde_json::{Value, json};
use wuxin::service::Role::{Decider, Officer};

use crate::{
    bureau::{Bureau, DIGEST, decide, issue, publish, serve_decision},
    house::{Answer, BAMBOO, House, MULBERRY, PINE, Person, july},
    on_both,
    support::TestStore,
};

on_both!(
    an_entry_goes_from_proposed_to_published_to_removed,
    an_adverse_entry_is_disputed_settled_and_revoked,
    a_red_entry_beside_a_watch_entry_is_refused,
    an_entry_is_gone_the_day_after_its_last,
    a_step_with_unknown_fields_or_an_unknown_action_is_refused,
    entries_are_listed_by_state_and_division,
    a_company_is_proposed_once,
);

fn an_entry_goes_from_proposed_to_published_to_removed(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let lists = || house.get("/api/v1/lists").json();
    let shown = |code: &str| lists().to_string().contains(code);
    assert!(!shown(MULBERRY), "a proposal is not public");
    let entry = bureau.proposed(MULBERRY, "watch");
    // No notice before the legal review.
    bureau
        .try_step(&bureau.officer, &entry, issue())
        .problem(409, "illegal-step");
    let noticed = bureau.noticed(&entry);
    assert_eq!(noticed["due_on"], "2026-07-08");
    // Five working days from 1 July end with the 8th; on that day it is still too early.
    house.hand.set(july(8));
    let problem = bureau
        .try_step(&bureau.decider, &noticed, decide(&noticed))
        .problem(409, "illegal-step");
    assert!(
        problem["detail"].as_str().unwrap().contains("2026-07-08"),
        "{problem}"
    );
    house.hand.set(july(9));
    bureau
        .try_step(&bureau.officer, &noticed, decide(&noticed))
        .problem(403, "forbidden");
    let decided = bureau.step(&bureau.decider, &noticed, decide(&noticed), "decided");
    assert!(!shown(MULBERRY), "a decision is not public yet");
    // The same step again is one upon an old version.
    bureau
        .try_step(&bureau.decider, &noticed, decide(&noticed))
        .problem(409, "conflict");
    bureau
        .try_step(&bureau.publisher, &decided, publish())
        .problem(409, "illegal-step");
    let served = bureau.step(
        &bureau.officer,
        &decided,
        serve_decision("2026-07-09"),
        "served",
    );
    let published = bureau.step(&bureau.publisher, &served, publish(), "published");
    let kinds: Vec<&str> = published["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|event| event["kind"]["kind"].as_str().or(event["kind"].as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            "proposed",
            "reviewed",
            "issued",
            "noticed",
            "decided",
            "decision_served",
            "published"
        ]
    );
    assert!(shown(MULBERRY));
    let company = house.get(&format!("/api/v1/companies/{MULBERRY}")).json();
    assert_eq!(company["lists"][0]["list"], "watch");
    assert_eq!(company["lists"][0]["decision_no"], "示建信决〔2026〕1号");
    assert_eq!(company["lists"][0]["display_until"], "2027-07-09");

    // Repair: not before the shortest display is over, then by two people.
    let repair = json!({ "action": "request_exit", "exit": {
        "exit": "repaired", "application": "申请1号", "fulfilment": "整改验收单", "commitment": "信用承诺书",
    } });
    bureau
        .try_step(&bureau.officer, &published, repair.clone())
        .problem(409, "illegal-step");
    house.hand.set("2026-10-12T01:00:00Z".parse().unwrap());
    let requested = bureau.step(&bureau.officer, &published, repair.clone(), "published");
    let refused = bureau.step(
        &bureau.decider,
        &requested,
        json!({ "action": "refuse_exit", "reason": "材料不全" }),
        "published",
    );
    let requested = bureau.step(&bureau.officer, &refused, repair, "published");
    let accept = json!({ "action": "accept_repair", "number": "示建修受〔2026〕1号" });
    let accepted = bureau.step(&bureau.lawyer, &requested, accept, "published");
    let approve =
        json!({ "action": "approve_exit", "number": "示建信移〔2026〕1号", "digest": DIGEST });
    let removed = bureau.step(&bureau.decider, &accepted, approve, "removed");
    assert!(!shown(MULBERRY));
    bureau
        .try_step(&bureau.publisher, &removed, publish())
        .problem(409, "illegal-step");
}

fn an_adverse_entry_is_disputed_settled_and_revoked(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let published = bureau.published(&bureau.proposed(MULBERRY, "watch"));
    let disputed = bureau.step(
        &bureau.officer,
        &published,
        json!({ "action": "dispute", "number": "异议1号" }),
        "published",
    );
    let page = house.get(&format!("/companies/{MULBERRY}")).text();
    assert!(page.contains("异议处理中"));
    let company = house.get(&format!("/api/v1/companies/{MULBERRY}")).json();
    assert_eq!(company["lists"][0]["disputed"], true);
    let settled = bureau.step(
        &bureau.decider,
        &disputed,
        json!({ "action": "settle_dispute", "answer": "异议成立", "upheld": true }),
        "published",
    );
    let revoke = json!({ "action": "request_exit", "exit": { "exit": "revoked", "explanation": "处罚被撤销" } });
    let requested = bureau.step(&bureau.officer, &settled, revoke, "published");
    let approve =
        json!({ "action": "approve_exit", "number": "示建信撤〔2026〕1号", "digest": DIGEST });
    bureau.step(&bureau.decider, &requested, approve, "revoked");
    let company = house.get(&format!("/api/v1/companies/{MULBERRY}")).json();
    assert_eq!(company["lists"], json!([]));
}

fn propose(house: &House, officer: &Person, company: &str, list: &str, severity: Value) -> Answer {
    let body = json!({
        "company": company, "list": list, "severity": severity, "clauses": ["第十六条"], "reason": "示例事由",
    });
    house.post(officer, "/api/v1/entries", &body)
}

fn a_red_entry_beside_a_watch_entry_is_refused(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let watch = propose(&house, &bureau.officer, PINE, "watch", json!("一般"));
    assert_eq!(watch.status, 201, "{}", watch.text());
    let red = bureau.noticed(&bureau.proposed(PINE, "red"));
    bureau.decided(&watch.json());
    let problem = bureau
        .try_step(&bureau.decider, &red, decide(&red))
        .problem(409, "conflict");
    assert!(
        problem["detail"].as_str().unwrap().contains("重点关注名单"),
        "{problem}"
    );
}

fn an_entry_is_gone_the_day_after_its_last(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    bureau.published(&bureau.proposed(MULBERRY, "watch"));
    let listed = |path: &str| house.get(path).text().contains("示建信决〔2026〕1号");
    let company = format!("/api/v1/companies/{MULBERRY}");
    let paths = ["/api/v1/lists", "/lists", &company];
    house.hand.set("2027-07-09T15:59:59Z".parse().unwrap());
    assert!(paths.iter().all(|path| listed(path)), "its last day");
    // The nightly run that closes the entry has not been yet.
    house.hand.set("2027-07-09T16:00:00Z".parse().unwrap());
    for path in paths {
        assert!(!listed(path), "{path} shows it after its last day");
    }
}

fn a_step_with_unknown_fields_or_an_unknown_action_is_refused(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let entry = bureau.proposed(MULBERRY, "watch");
    for step in [
        json!({ "action": "review", "opinion": "清楚", "opinon": "x" }),
        json!({ "action": "forget" }),
        json!({ "action": "review" }),
        json!({ "action": "review", "opinion": " " }),
        json!({ "opinion": "清楚" }),
    ] {
        bureau
            .try_step(&bureau.lawyer, &entry, step)
            .problem(400, "bad-request");
    }
    let noticed = bureau.noticed(&entry);
    let mut draft = decide(&noticed);
    draft["terms"] = json!("3 months");
    house.hand.set(july(9));
    bureau
        .try_step(&bureau.decider, &noticed, draft)
        .problem(400, "bad-request");
}

fn entries_are_listed_by_state_and_division(test: &TestStore) {
    let house = House::new(test);
    let all = |region| {
        let person = house.person(Decider, region);
        let answer = house.get_as(&person, "/api/v1/entries");
        assert_eq!(answer.status, 200);
        answer.json().as_array().unwrap().len()
    };
    let city = all(None);
    let parts = ["512002", "512021", "512022"].map(|code| all(Some(code)));
    assert!(city >= 2, "{city}");
    assert_eq!(parts.iter().sum::<usize>(), city);
    let decider = house.person(Decider, None);
    house
        .get_as(&decider, "/api/v1/entries?state=propsed")
        .problem(422, "invalid");
    house
        .get_as(&decider, "/api/v1/entries?status=proposed")
        .problem(400, "bad-request");
    let theirs = Bureau::of(&house).proposed(MULBERRY, "watch");
    let stranger = house.person(Decider, Some("512021"));
    house
        .get_as(
            &stranger,
            &format!("/api/v1/entries/{}", theirs["id"].as_str().unwrap()),
        )
        .problem(403, "forbidden");
}

fn a_company_is_proposed_once(test: &TestStore) {
    let house = House::new(test);
    let officer = house.person(Officer, None);
    let first = propose(&house, &officer, BAMBOO, "warning", json!("一般"));
    assert_eq!(first.status, 201, "{}", first.text());
    assert_eq!(first.json()["state"], "proposed");
    propose(&house, &officer, BAMBOO, "warning", json!("一般")).problem(409, "conflict");
    propose(&house, &officer, BAMBOO, "nolist", json!("一般")).problem(404, "not-found");
    propose(&house, &officer, BAMBOO, "serious", json!("严重")).problem(409, "illegal-step");
    propose(&house, &officer, PINE, "watch", Value::Null).problem(409, "illegal-step");
    let unknown = wuxin::domain::Uscc::complete("91512002EXA000999").unwrap();
    propose(&house, &officer, unknown.as_str(), "watch", json!("一般"))
        .problem(404, "not-in-scope");
}
