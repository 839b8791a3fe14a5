//! Two people at once upon one entry: one wins, the other is told.

use std::sync::Barrier;

use serde_json::{Value, json};
use wuxin::{
    listing::Action,
    service::{self, Actor, Error, Role},
};

use crate::{
    bureau::{Bureau, DIGEST, decide},
    house::{House, MULBERRY, Person, july},
    on_both,
    support::TestStore,
};

on_both!(
    of_two_deciders_one_decides,
    of_two_who_end_a_repair_one_does,
    a_decision_and_its_end_do_not_both_happen,
    a_revocation_and_a_repair_do_not_both_happen,
    a_step_sent_twice_with_its_key_is_taken_once,
);

fn action(step: Value) -> Action {
    serde_json::from_value(step).unwrap()
}

/// Both steps at once, each upon the version that was seen; the results.
fn at_once(
    house: &House,
    entry: &Value,
    steps: [(&Person, Role, Value); 2],
) -> [Result<String, Error>; 2] {
    let start = Barrier::new(2);
    let id = entry["id"].as_str().unwrap();
    let version = entry["version"].as_i64().unwrap();
    let now = house.hand.now();
    let app = &house.app;
    let start = &start;
    std::thread::scope(|scope| {
        steps
            .map(|(person, role, step)| {
                let actor = Actor {
                    id: person.id.clone(),
                    role,
                    region: None,
                };
                scope.spawn(move || {
                    let action = action(step);
                    start.wait();
                    app.store
                        .write(|db| service::step_entry(db, app, &actor, id, version, &action, now))
                        .map(|view| view.state)
                })
            })
            .map(|thread| thread.join().unwrap())
    })
}

/// Exactly one went through; the other was told that somebody else was quicker.
#[track_caller]
fn one_won(house: &House, entry: &Value, results: [Result<String, Error>; 2]) {
    let won = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(won, 1, "{results:?}");
    for lost in results.into_iter().filter_map(Result::err) {
        let typed = matches!(&lost, Error::Changed { .. } | Error::Store(_));
        assert!(typed, "{lost:?}");
        assert!(
            !format!("{lost:?}").contains("Corrupt"),
            "a lost race is no broken store: {lost:?}"
        );
    }
    let id = entry["id"].as_str().unwrap();
    let events = house
        .app
        .store
        .read(|db| {
            let company = wuxin::domain::Uscc::parse(MULBERRY).unwrap();
            wuxin::store::entries::events(db, &company, id)
        })
        .unwrap();
    let seqs: Vec<i64> = events.iter().map(|event| event.seq).collect();
    let last = entry["version"].as_i64().unwrap() + 1;
    assert_eq!(seqs, (1..=last).collect::<Vec<_>>());
}

fn of_two_deciders_one_decides(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let other = house.person(Role::Decider, None);
    let noticed = bureau.noticed(&bureau.proposed(MULBERRY, "watch"));
    house.hand.set(july(9));
    let results = at_once(
        &house,
        &noticed,
        [
            (&bureau.decider, Role::Decider, decide(&noticed)),
            (&other, Role::Decider, decide(&noticed)),
        ],
    );
    one_won(&house, &noticed, results);
}

fn repair_accepted(house: &House, bureau: &Bureau<'_>) -> Value {
    let published = bureau.published(&bureau.proposed(MULBERRY, "watch"));
    house.hand.set("2026-10-12T01:00:00Z".parse().unwrap());
    let ask = json!({ "action": "request_exit", "exit": {
        "exit": "repaired", "application": "申请1号", "fulfilment": "整改验收单", "commitment": "信用承诺书",
    } });
    let asked = bureau.step(&bureau.officer, &published, ask, "published");
    let accept = json!({ "action": "accept_repair", "number": "受理1号" });
    bureau.step(&bureau.lawyer, &asked, accept, "published")
}

fn approve() -> Value {
    json!({ "action": "approve_exit", "number": "示建信移〔2026〕1号", "digest": DIGEST })
}

fn of_two_who_end_a_repair_one_does(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let other = house.person(Role::Decider, None);
    let accepted = repair_accepted(&house, &bureau);
    let refuse = json!({ "action": "refuse_exit", "reason": "材料不全" });
    let results = at_once(
        &house,
        &accepted,
        [
            (&bureau.decider, Role::Decider, approve()),
            (&other, Role::Decider, refuse),
        ],
    );
    one_won(&house, &accepted, results);
}

fn a_decision_and_its_end_do_not_both_happen(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let other = house.person(Role::Decider, None);
    let noticed = bureau.noticed(&bureau.proposed(MULBERRY, "watch"));
    house.hand.set(july(9));
    let not = json!({ "action": "decide_not", "reason": "申辩成立" });
    let results = at_once(
        &house,
        &noticed,
        [
            (&bureau.decider, Role::Decider, decide(&noticed)),
            (&other, Role::Decider, not),
        ],
    );
    one_won(&house, &noticed, results);
}

fn a_revocation_and_a_repair_do_not_both_happen(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let other = house.person(Role::Officer, None);
    let published = bureau.published(&bureau.proposed(MULBERRY, "watch"));
    house.hand.set("2026-10-12T01:00:00Z".parse().unwrap());
    let repair = json!({ "action": "request_exit", "exit": {
        "exit": "repaired", "application": "申请1号", "fulfilment": "整改验收单", "commitment": "信用承诺书",
    } });
    let revoke = json!({ "action": "request_exit", "exit": { "exit": "revoked", "explanation": "处罚被撤销" } });
    let results = at_once(
        &house,
        &published,
        [
            (&bureau.officer, Role::Officer, repair),
            (&other, Role::Officer, revoke),
        ],
    );
    one_won(&house, &published, results);
}

fn a_step_sent_twice_with_its_key_is_taken_once(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let published = bureau.published(&bureau.proposed(MULBERRY, "watch"));
    let path = format!(
        "/api/v1/entries/{}/steps",
        published["id"].as_str().unwrap()
    );
    let body = json!({
        "version": published["version"], "action": "shield", "cause": { "cause": "bankruptcy" }, "document": "裁定1号",
        "digest": DIGEST,
    });
    let send = || {
        let token = Some(bureau.officer.token.as_str());
        let mut request =
            crate::house::request(axum::http::Method::POST, &path, token, Some(&body));
        let key = "shield-1".parse().unwrap();
        request.headers_mut().insert("idempotency-key", key);
        house.send(request)
    };
    let first = send();
    assert_eq!(first.status, 200, "{}", first.text());
    assert_eq!(send().json(), first.json());
}
