//! A record's way over HTTP: entered, confirmed by another person, corrected, rectified, revoked.

use axum::http::Method;
use serde_json::{Value, json};
use wuxin::service::Role::{Officer, Reviewer};

use crate::{
    house::{BAMBOO, House, ORANGE, PINE, july, request},
    on_both,
    support::TestStore,
};

on_both!(
    a_record_counts_once_another_person_confirmed_it,
    a_request_with_an_idempotency_key_is_done_once,
    a_correction_a_rectification_and_a_revocation_each_move_the_score,
    who_corrected_a_draft_does_not_confirm_it,
    a_step_upon_an_old_version_is_refused,
    a_correction_keeps_the_subject_and_points_at_its_faults,
    an_item_is_entered_confirmed_and_corrected_at_its_levels,
    an_office_works_in_its_own_division,
    a_record_names_a_company_that_is_registered,
    faults_of_a_record_are_told_together_with_their_places,
    a_nul_in_a_text_is_a_fault_of_the_request,
);

/// 资阳 enters a complaint at city level: two points.
fn complaint() -> Value {
    json!({
        "item": "CMP-01", "kind": "complaint", "company": PINE, "project": "XM-01",
        "decided_on": "2026-06-29", "attributes": { "level": "city" },
    })
}

fn path(id: &str, step: &str) -> String {
    format!("/api/v1/records/{id}/{step}")
}

fn a_record_counts_once_another_person_confirmed_it(test: &TestStore) {
    let house = House::new(test);
    let (officer, reviewer) = (house.person(Officer, None), house.person(Reviewer, None));
    let before = house.get(&format!("/api/v1/companies/{PINE}"));
    let answer = house.post(&officer, "/api/v1/records", &complaint());
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    let entered = answer.json();
    assert_eq!(entered["status"], "draft");
    assert_eq!(entered["version"], 1);
    assert_eq!(entered["rescored"], json!([]));
    let id = entered["id"].as_str().unwrap();
    let draft = house.get(&format!("/api/v1/companies/{PINE}"));
    assert_eq!(draft.body, before.body, "a draft does not count");

    let confirm = json!({ "version": 1 });
    house
        .post(&officer, &path(id, "confirm"), &confirm)
        .problem(403, "forbidden");
    let confirmed = house.post(&reviewer, &path(id, "confirm"), &confirm);
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    assert_eq!(confirmed.json()["status"], "confirmed");
    assert_eq!(confirmed.json()["rescored"], json!([PINE]));

    let after = house.get(&format!("/api/v1/companies/{PINE}"));
    assert_ne!(after.header("etag"), before.header("etag"));
    let lines = after.json()["lines"].clone();
    let line = lines
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["record"] == id)
        .unwrap_or_else(|| panic!("{lines}"));
    assert_eq!(line["counted"], true);
    assert_eq!(line["points"], "-2");
    let number = |answer: &crate::house::Answer| -> f64 {
        answer.json()["score"].as_str().unwrap().parse().unwrap()
    };
    assert!(number(&after) < number(&before));
    house
        .post(&reviewer, &path(id, "confirm"), &json!({ "version": 2 }))
        .problem(409, "conflict");

    let versions = house.get_as(&reviewer, &format!("/api/v1/records/{id}"));
    let causes: Vec<Value> = versions
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["cause"].clone())
        .collect();
    assert_eq!(causes, ["entered", "confirmed"]);
}

fn a_request_with_an_idempotency_key_is_done_once(test: &TestStore) {
    let house = House::new(test);
    let (officer, other) = (house.person(Officer, None), house.person(Officer, None));
    let ask = |token: &str, body: &Value| {
        let mut request = request(Method::POST, "/api/v1/records", Some(token), Some(body));
        request
            .headers_mut()
            .insert("idempotency-key", "k-1".parse().unwrap());
        request
    };
    // Four at once: one is done, the others get its answer.
    let answers = house.send_together((0..4).map(|_| ask(&officer.token, &complaint())).collect());
    for answer in &answers {
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert_eq!(answer.body, answers[0].body);
    }
    let mut changed = complaint();
    changed["decided_on"] = json!("2026-06-28");
    house
        .send(ask(&officer.token, &changed))
        .problem(409, "conflict");
    // The key belongs to its caller.
    let theirs = house.send(ask(&other.token, &complaint()));
    assert_eq!(theirs.status, 201);
    assert_ne!(theirs.body, answers[0].body);
    // A refused request leaves its key free.
    let refused = |body: &Value| {
        let mut request = ask(&officer.token, body);
        request
            .headers_mut()
            .insert("idempotency-key", "k-2".parse().unwrap());
        house.send(request)
    };
    refused(&json!({ "item": "NONE" })).problem(422, "invalid");
    assert_eq!(refused(&complaint()).status, 201);
    for key in ["", " ", &"k".repeat(201)] {
        let mut request = ask(&officer.token, &complaint());
        request
            .headers_mut()
            .insert("idempotency-key", key.parse().unwrap());
        house.send(request).problem(400, "bad-request");
    }
}

fn a_correction_a_rectification_and_a_revocation_each_move_the_score(test: &TestStore) {
    let house = House::new(test);
    let officer = house.person(Officer, None);
    let reviewer = house.person(Reviewer, None);
    let second = house.person(Reviewer, None);
    let clean = house.score(PINE);
    let id = house.enter(&officer, &complaint());
    let done = |answer: crate::house::Answer| {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["rescored"], json!([PINE]));
        house.score(PINE)
    };
    let confirmed = done(house.post(&reviewer, &path(&id, "confirm"), &json!({ "version": 1 })));
    let mut lighter = complaint();
    lighter["attributes"]["level"] = json!("street");
    let correction = json!({ "version": 2, "reason": "受理层级填错", "record": lighter });
    let without_reason = json!({ "version": 2, "reason": " ", "record": lighter });
    house
        .post(&second, &path(&id, "correct"), &without_reason)
        .problem(422, "invalid");
    house
        .post(&reviewer, &path(&id, "correct"), &correction)
        .problem(403, "forbidden");
    let corrected = done(house.post(&second, &path(&id, "correct"), &correction));
    let future = json!({ "version": 3, "rectified_on": "2026-07-02" });
    house
        .post(&officer, &path(&id, "rectify"), &future)
        .problem(422, "invalid");
    let no_day = json!({ "version": 3, "rectified_on": "2026-06-31" });
    let problem = house
        .post(&officer, &path(&id, "rectify"), &no_day)
        .problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/rectified_on");
    let rectification = json!({ "version": 3, "rectified_on": "2026-06-30" });
    let rectified = done(house.post(&officer, &path(&id, "rectify"), &rectification));
    let revocation = json!({ "version": 4, "reason": "投诉人撤回，经查不实" });
    let revoked = done(house.post(&reviewer, &path(&id, "revoke"), &revocation));
    let scores: Vec<f64> = [&confirmed, &corrected, &rectified, &revoked]
        .map(|score| score.parse().unwrap())
        .to_vec();
    assert!(scores.is_sorted_by(|a, b| a < b), "{scores:?}");
    assert_eq!(revoked, clean);
    house
        .post(
            &second,
            &path(&id, "revoke"),
            &json!({ "version": 5, "reason": "再次" }),
        )
        .problem(409, "conflict");
}

fn who_corrected_a_draft_does_not_confirm_it(test: &TestStore) {
    let house = House::new(test);
    let officer = house.person(Officer, None);
    let reviewer = house.person(Reviewer, None);
    let second = house.person(Reviewer, None);
    let id = house.enter(&officer, &complaint());
    let correction = json!({ "version": 1, "reason": "日期填错", "record": complaint() });
    let corrected = house.post(&reviewer, &path(&id, "correct"), &correction);
    assert_eq!(corrected.status, 200, "{}", corrected.text());
    let confirm = json!({ "version": 2 });
    let problem = house
        .post(&reviewer, &path(&id, "confirm"), &confirm)
        .problem(403, "forbidden");
    assert!(problem["detail"].as_str().unwrap().contains("另一人"));
    let confirmed = house.post(&second, &path(&id, "confirm"), &confirm);
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
}

fn a_step_upon_an_old_version_is_refused(test: &TestStore) {
    let house = House::new(test);
    let (officer, reviewer) = (house.person(Officer, None), house.person(Reviewer, None));
    let id = house.enter(&officer, &complaint());
    let steps = [
        (&reviewer, "confirm", json!({ "version": 7 })),
        (
            &reviewer,
            "correct",
            json!({ "version": 7, "reason": "更正", "record": complaint() }),
        ),
        (
            &officer,
            "rectify",
            json!({ "version": 7, "rectified_on": "2026-06-30" }),
        ),
        (
            &reviewer,
            "revoke",
            json!({ "version": 7, "reason": "撤销" }),
        ),
    ];
    for (person, step, body) in steps {
        house
            .post(person, &path(&id, step), &body)
            .problem(409, "conflict");
        house
            .post(person, &path("E0", step), &body)
            .problem(404, "not-found");
    }
    house
        .get_as(&reviewer, "/api/v1/records/E0")
        .problem(404, "not-found");
    // Two confirm at once: one wins.
    let answers = house.send_together(
        (0..2)
            .map(|_| {
                let body = json!({ "version": 1 });
                let token = Some(reviewer.token.as_str());
                request(Method::POST, &path(&id, "confirm"), token, Some(&body))
            })
            .collect(),
    );
    let mut statuses: Vec<u16> = answers.iter().map(|a| a.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

fn a_correction_keeps_the_subject_and_points_at_its_faults(test: &TestStore) {
    let house = House::new(test);
    let (officer, reviewer) = (house.person(Officer, None), house.person(Reviewer, None));
    let id = house.enter(&officer, &complaint());
    let correct = |record: Value| {
        let body = json!({ "version": 1, "reason": "更正", "record": record });
        house.post(&reviewer, &path(&id, "correct"), &body)
    };
    for (field, value) in [
        ("company", BAMBOO),
        ("project", "XM-03"),
        ("manager", "M-1"),
    ] {
        let mut moved = complaint();
        moved[field] = json!(value);
        let problem = correct(moved).problem(422, "invalid");
        assert_eq!(
            problem["errors"][0]["pointer"],
            format!("/record/{field}"),
            "{problem}"
        );
    }
    let mut wrong = complaint();
    wrong["decided_on"] = json!("2026-02-30");
    let problem = correct(wrong).problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/record/decided_on");
    let mut wrong = complaint();
    wrong["item"] = json!("CMP-99");
    let problem = correct(wrong).problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/record/item");
    // The subject need not be given again.
    let mut same = complaint();
    for field in ["company", "project"] {
        same.as_object_mut().unwrap().remove(field);
    }
    assert_eq!(correct(same).status, 200);
}

fn an_item_is_entered_confirmed_and_corrected_at_its_levels(test: &TestStore) {
    let house = House::new(test);
    // INS-01: entered by street or county, confirmed by the county.
    let mut inspection = complaint();
    inspection["item"] = json!("INS-01");
    inspection["kind"] = json!("inspection");
    inspection["rectify_by"] = json!("2026-07-20");
    inspection.as_object_mut().unwrap().remove("attributes");
    let city = house.person(Officer, None);
    let problem = house
        .post(&city, "/api/v1/records", &inspection)
        .problem(403, "forbidden");
    assert!(
        problem["detail"].as_str().unwrap().contains("street"),
        "{problem}"
    );
    let street = house.person(Officer, Some("512002901"));
    let id = house.enter(&street, &inspection);
    let confirm = json!({ "version": 1 });
    for region in [None, Some("512002901")] {
        let other = house.person(Reviewer, region);
        house
            .post(&other, &path(&id, "confirm"), &confirm)
            .problem(403, "forbidden");
        let revocation = json!({ "version": 1, "reason": "越级" });
        house
            .post(&other, &path(&id, "revoke"), &revocation)
            .problem(403, "forbidden");
    }
    let county = house.person(Reviewer, Some("512002"));
    assert_eq!(
        house.post(&county, &path(&id, "confirm"), &confirm).status,
        200
    );
    // A correction must not make of it what only the city confirms.
    let second = house.person(Reviewer, Some("512002"));
    let mut heavier = inspection.clone();
    heavier["item"] = json!("HON-01");
    heavier["kind"] = json!("honour");
    heavier["attributes"] = json!({ "issuer_level": "national" });
    let correction = json!({ "version": 2, "reason": "更正", "record": heavier });
    house
        .post(&second, &path(&id, "correct"), &correction)
        .problem(403, "forbidden");
}

fn an_office_works_in_its_own_division(test: &TestStore) {
    let house = House::new(test);
    let officer = house.person(Officer, Some("512021"));
    let problem = house
        .post(&officer, "/api/v1/records", &complaint())
        .problem(403, "forbidden");
    assert!(
        problem["detail"].as_str().unwrap().contains("512021"),
        "{problem}"
    );
    let mut own = complaint();
    own["company"] = json!(ORANGE);
    own["project"] = json!("XM-05");
    let id = house.enter(&officer, &own);
    let reviewer = house.person(Reviewer, Some("512002"));
    house
        .get_as(&reviewer, &format!("/api/v1/records/{id}"))
        .problem(403, "forbidden");
    house
        .post(&reviewer, &path(&id, "confirm"), &json!({ "version": 1 }))
        .problem(403, "forbidden");
    let theirs = house.person(Reviewer, Some("512021"));
    let confirmed = house.post(&theirs, &path(&id, "confirm"), &json!({ "version": 1 }));
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
}

fn a_record_names_a_company_that_is_registered(test: &TestStore) {
    let house = House::new(test);
    let officer = house.person(Officer, Some("512002"));
    let enter = |company: &str, project: Option<&str>| {
        let mut draft = complaint();
        draft["company"] = json!(company);
        draft["project"] = json!(project);
        house.post(&officer, "/api/v1/records", &draft)
    };
    let unknown = wuxin::domain::Uscc::complete("91512002EXA000999").unwrap();
    for project in [None, Some("XM-01")] {
        let problem = enter(unknown.as_str(), project).problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/company", "{problem}");
    }
    // A company of another division, by way of a project of the own one that it never had.
    let problem = enter(ORANGE, Some("XM-01")).problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/project", "{problem}");
    let problem = enter(PINE, Some("XM-99")).problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/project", "{problem}");
    // It had the project until the end of 2025.
    assert_eq!(enter(BAMBOO, Some("XM-04")).status, 201);
}

fn faults_of_a_record_are_told_together_with_their_places(test: &TestStore) {
    let house = House::new(test);
    let officer = house.person(Officer, None);
    let draft = json!({
        "item": "CMP-01", "kind": "rumour", "company": "91512002EXA000019X",
        "decided_on": "2026-02-30", "points": "-0.00001", "attributes": { "level": "moon", "colour": "red" },
    });
    let problem = house
        .post(&officer, "/api/v1/records", &draft)
        .problem(422, "invalid");
    let mut pointers: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["pointer"].as_str().unwrap())
        .collect();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        [
            "/attributes/colour",
            "/attributes/level",
            "/company",
            "/decided_on",
            "/kind",
            "/points"
        ]
    );
    // What the rules miss is told with a place too.
    let mut draft = complaint();
    draft["attributes"] = json!({});
    let problem = house
        .post(&officer, "/api/v1/records", &draft)
        .problem(422, "invalid");
    assert_eq!(
        problem["errors"][0]["pointer"], "/attributes/level",
        "{problem}"
    );
    house.hand.set(july(2));
    let problem = house
        .post(&officer, "/api/v1/records", &json!({}))
        .problem(422, "invalid");
    assert!(!problem["errors"].as_array().unwrap().is_empty());
}

fn a_nul_in_a_text_is_a_fault_of_the_request(test: &TestStore) {
    let house = House::new(test);
    let (officer, reviewer) = (house.person(Officer, None), house.person(Reviewer, None));
    for field in ["matter", "reason", "project", "item", "manager"] {
        let mut draft = complaint();
        draft[field] = json!("示例\u{0}");
        house
            .post(&officer, "/api/v1/records", &draft)
            .problem(400, "bad-request");
    }
    house
        .get_as(&reviewer, "/api/v1/records/a%00b")
        .problem(404, "not-found");
    house
        .get_as(&reviewer, "/api/v1/entries/a%00b")
        .problem(404, "not-found");
    house
        .get_as(&reviewer, "/api/v1/entries?state=a%00b")
        .problem(422, "invalid");
    let id = house.enter(&officer, &complaint());
    let revocation = json!({ "version": 1, "reason": "a\u{0}b" });
    house
        .post(&reviewer, &path(&id, "revoke"), &revocation)
        .problem(400, "bad-request");
}
