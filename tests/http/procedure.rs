//! The due process of a record over HTTP: notice, objection, rectification, and what each does to the score.

use axum::http::Method;
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use wuxin::{
    config::Settings,
    domain::Uscc,
    service::Role::{Officer, Reviewer},
    store::{audit, scores},
};

use crate::{
    house::{Answer, House, PINE, Person, july, request},
    on_both,
    support::TestStore,
};

on_both!(
    the_company_is_told_objects_and_is_answered,
    a_rejected_objection_leaves_the_score_as_it_was,
    where_the_rules_say_so_a_disputed_record_waits,
    an_upheld_objection_revokes_as_if_the_record_had_never_been,
    an_upheld_objection_corrects_and_the_company_is_told_anew,
    a_rectification_counts_once_it_was_accepted,
    more_time_to_rectify_is_a_new_version,
    an_objection_that_a_file_told_of_is_registered_and_answered,
    a_double_click_makes_one_event,
    of_two_examiners_who_decide_at_once_one_wins,
    nobody_examines_what_they_shaped,
    what_is_examined_is_not_settled_past_it,
    whatever_people_do_no_version_is_lost_and_the_score_follows,
);

fn draft() -> Value {
    json!({
        "item": "CMP-01", "kind": "complaint", "company": PINE, "project": "XM-01",
        "decided_on": "2026-06-29", "rectify_by": "2026-07-20", "attributes": { "level": "city" },
    })
}

/// A record with the people who work on it.
struct Matter<'h> {
    house: &'h House,
    officer: Person,
    /// Confirmed it.
    reviewer: Person,
    examiner: Person,
    id: String,
}

impl<'h> Matter<'h> {
    fn new(house: &'h House) -> Self {
        let (officer, reviewer) = (house.person(Officer, None), house.person(Reviewer, None));
        let examiner = house.person(Reviewer, None);
        Self::of(house, officer, reviewer, examiner)
    }

    fn of(house: &'h House, officer: Person, reviewer: Person, examiner: Person) -> Self {
        let id = house.enter(&officer, &draft());
        let path = format!("/api/v1/records/{id}/confirm");
        let confirmed = house.post(&reviewer, &path, &json!({ "version": 1 }));
        assert_eq!(confirmed.status, 200, "{}", confirmed.text());
        Self {
            house,
            officer,
            reviewer,
            examiner,
            id,
        }
    }

    fn path(&self, step: &str) -> String {
        format!("/api/v1/records/{}/{step}", self.id)
    }

    fn process(&self) -> Value {
        let answer = self.house.get_as(&self.examiner, &self.path("process"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// A body upon what is there now.
    fn upon_now(&self, mut body: Value) -> Value {
        let process = self.process();
        for seen in ["version", "events"] {
            body[seen] = process[seen].clone();
        }
        body
    }

    fn step(&self, person: &Person, step: &str, body: Value) -> Answer {
        let body = self.upon_now(body);
        self.house.post(person, &self.path(step), &body)
    }

    fn done(&self, person: &Person, step: &str, body: Value) -> Value {
        let answer = self.step(person, step, body);
        assert_eq!(answer.status, 200, "{step}: {}", answer.text());
        answer.json()
    }

    fn told(&self) {
        self.done(
            &self.officer,
            "notice",
            json!({ "number": "示建记告〔2026〕1号" }),
        );
        self.done(
            &self.officer,
            "served",
            json!({ "method": { "method": "direct" }, "delivered_on": "2026-07-01", "proof": "送达回证" }),
        );
    }

    fn objection(&self) -> Value {
        json!({ "number": "异〔2026〕1号", "grounds": "与事实不符", "received_on": "2026-07-01" })
    }

    fn objected(&self) -> Value {
        self.done(&self.officer, "object", self.objection())
    }

    /// Everything that the public sees of the company's score.
    fn seen(&self) -> Value {
        let shown = self.house.get(&format!("/api/v1/companies/{PINE}")).json();
        json!([
            shown["score"],
            shown["grade"],
            shown["lines"],
            shown["components"]
        ])
    }

    /// Why the company was scored last.
    fn cause(&self) -> (String, Option<String>) {
        let uscc = Uscc::parse(PINE).unwrap();
        let result = self
            .house
            .app
            .store
            .read(|db| {
                let current = scores::current(db, &uscc, "ziyang-draft")?.unwrap();
                scores::find(db, &uscc, "ziyang-draft", current.seq)
            })
            .unwrap()
            .unwrap()
            .result;
        (result.cause.as_str().to_owned(), result.cause_record)
    }

    fn causes(&self) -> Vec<String> {
        let path = format!("/api/v1/records/{}", self.id);
        let versions = self.house.get_as(&self.examiner, &path).json();
        versions
            .as_array()
            .unwrap()
            .iter()
            .map(|version| version["cause"].as_str().unwrap().to_owned())
            .collect()
    }

    fn clocks(&self) -> Vec<(String, String)> {
        self.process()["clocks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|clock| {
                let text = |name: &str| clock[name].as_str().unwrap().to_owned();
                (text("rule"), text("due"))
            })
            .collect()
    }
}

fn pair(rule: &str, due: &str) -> (String, String) {
    (rule.to_owned(), due.to_owned())
}

fn the_company_is_told_objects_and_is_answered(test: &TestStore) {
    let house = House::new(test);
    let matter = Matter::new(&house);
    let rectify = pair("record.rectify", "2026-07-20");
    assert_eq!(
        matter.clocks(),
        [pair("record.notify", "2026-07-10"), rectify.clone()]
    );
    matter.told();
    assert_eq!(
        matter.clocks(),
        [pair("record.objection", "2026-07-15"), rectify.clone()]
    );
    let content = matter.process()["case"]["notice"]["content"].clone();
    assert_eq!(content["points"], "-2");
    assert_eq!(content["rectify_by"], "2026-07-20");
    assert!(!content["clause"].as_str().unwrap().is_empty());
    let objected = matter.objected();
    assert_eq!(objected["status"], "disputed");
    assert_eq!(
        (&objected["version"], &objected["events"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(
        matter.clocks(),
        [pair("record.examine", "2026-07-06"), rectify]
    );
    let rejected = matter.done(
        &matter.examiner,
        "reject",
        json!({ "reason": "照片摄于次日" }),
    );
    assert_eq!(rejected["status"], "confirmed");
    matter
        .step(&matter.officer, "object", matter.objection())
        .problem(409, "illegal-step");

    let process = matter.process();
    let history: Vec<&str> = process["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["what"].as_str().unwrap())
        .collect();
    assert_eq!(
        history,
        [
            "notice",
            "served",
            "object",
            "reject",
            "entered",
            "confirmed",
            "disputed",
            "settled"
        ],
        "all of one instant: events, then versions"
    );
    assert_eq!(process["history"][3]["actor"], matter.examiner.id);
    assert_eq!(process["history"][3]["reason"], "照片摄于次日");
    let audited: Vec<String> = house
        .app
        .store
        .read(|db| audit::page(db, Some(&Uscc::parse(PINE).unwrap()), None, 50))
        .unwrap()
        .rows
        .into_iter()
        .map(|line| line.event)
        .filter(|event| event.subject == format!("record {}", matter.id))
        .map(|event| event.action)
        .collect();
    assert_eq!(
        audited,
        [
            "record.reject",
            "record.object",
            "record.served",
            "record.notice",
            "record.confirm",
            "record.enter"
        ]
    );
    // Too late, for a company that was told: the second record of the same people.
    let late = Matter::of(
        &house,
        matter.officer.clone(),
        matter.reviewer.clone(),
        matter.examiner.clone(),
    );
    late.told();
    house.hand.set(july(16));
    let objection = json!({ "number": "异2", "grounds": "不服", "received_on": "2026-07-16" });
    let problem = late
        .step(&late.officer, "object", objection)
        .problem(409, "illegal-step");
    assert!(problem["detail"].as_str().unwrap().contains("2026-07-15"));
    // Received in time and registered late is in time.
    let objection = json!({ "number": "异2", "grounds": "不服", "received_on": "2026-07-15" });
    late.done(&late.officer, "object", objection);
    house
        .post(
            &late.officer,
            &late.path("withdraw-objection"),
            &json!({ "version": 3, "events": 3, "reason": "已沟通", "more": 1 }),
        )
        .problem(400, "bad-request");
    late.done(
        &late.officer,
        "withdraw-objection",
        json!({ "reason": "已沟通" }),
    );
    assert_eq!(late.process()["status"], "confirmed");
}

fn a_rejected_objection_leaves_the_score_as_it_was(test: &TestStore) {
    let house = House::new(test);
    let matter = Matter::new(&house);
    let counted = matter.seen();
    matter.objected();
    // These rules count a disputed record.
    assert_eq!(house.score(PINE), counted[0]);
    matter.done(
        &matter.examiner,
        "reject",
        json!({ "reason": "经核查属实" }),
    );
    assert_eq!(matter.seen(), counted);
    assert_eq!(
        matter.causes(),
        ["entered", "confirmed", "disputed", "settled"]
    );
}

fn where_the_rules_say_so_a_disputed_record_waits(test: &TestStore) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("suspended.toml");
    let rules = include_str!("../../rules/ziyang-draft.toml");
    let suspended = rules.replace("disputed = \"counts\"", "disputed = \"suspended\"");
    assert_ne!(rules, suspended);
    std::fs::write(&path, suspended).unwrap();
    let settings = Settings {
        rules: vec![path],
        ..Settings::default()
    };
    let house = House::with_settings(test, settings);
    let clean = house.score(PINE);
    let matter = Matter::new(&house);
    let counted = matter.seen();
    let objected = matter.objected();
    assert_eq!(objected["rescored"], json!([PINE]));
    assert_eq!(house.score(PINE), clean);
    assert_eq!(
        matter.cause(),
        ("objection".to_owned(), Some(matter.id.clone()))
    );
    matter.done(
        &matter.examiner,
        "reject",
        json!({ "reason": "经核查属实" }),
    );
    assert_eq!(matter.seen(), counted);
    assert_eq!(matter.cause().0, "objection_settled");
}

fn an_upheld_objection_revokes_as_if_the_record_had_never_been(test: &TestStore) {
    let house = House::new(test);
    let clean = house.get(&format!("/api/v1/companies/{PINE}")).json();
    let matter = Matter::new(&house);
    assert_ne!(house.score(PINE), clean["score"]);
    matter.told();
    matter.objected();
    let upheld = matter.done(
        &matter.examiner,
        "uphold",
        json!({ "reason": "投诉人认错了人" }),
    );
    assert_eq!(upheld["status"], "revoked");
    assert_eq!(upheld["rescored"], json!([PINE]));
    let seen = house.get(&format!("/api/v1/companies/{PINE}")).json();
    for field in ["score", "grade", "lines", "components"] {
        assert_eq!(seen[field], clean[field], "{field}");
    }
    assert_eq!(
        matter.cause(),
        ("objection_upheld".to_owned(), Some(matter.id.clone()))
    );
    assert_eq!(
        matter.causes(),
        ["entered", "confirmed", "disputed", "revoked"]
    );
    assert_eq!(matter.clocks(), []);
    for step in ["notice", "object", "rectification"] {
        let body = match step {
            "notice" => json!({ "number": "告2" }),
            "object" => matter.objection(),
            _ => json!({ "statement": "已整改", "rectified_on": "2026-07-01" }),
        };
        matter
            .step(&matter.officer, step, body)
            .problem(409, "illegal-step");
    }
}

fn an_upheld_objection_corrects_and_the_company_is_told_anew(test: &TestStore) {
    let house = House::new(test);
    let matter = Matter::new(&house);
    let before = house.score(PINE);
    matter.told();
    matter.objected();
    // The same content is no correction, and one that only goes with another step is none either.
    let same = json!({ "reason": "部分属实", "record": draft() });
    let problem = matter
        .step(&matter.examiner, "uphold", same)
        .problem(422, "invalid");
    assert_eq!(problem["errors"][0]["code"], "E011");
    let mut moved = draft();
    moved["project"] = json!("XM-03");
    let problem = matter
        .step(
            &matter.examiner,
            "uphold",
            json!({ "reason": "部分属实", "record": moved }),
        )
        .problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/record/project");
    let mut lighter = draft();
    lighter["attributes"]["level"] = json!("street");
    let upheld = matter.done(
        &matter.examiner,
        "uphold",
        json!({ "reason": "受理层级有误", "record": lighter }),
    );
    assert_eq!(upheld["status"], "confirmed");
    let after = house.score(PINE);
    assert!(after.parse::<f64>().unwrap() > before.parse::<f64>().unwrap());
    assert_eq!(
        matter.causes(),
        ["entered", "confirmed", "disputed", "corrected"]
    );
    assert_eq!(matter.clocks()[0], pair("record.notify", "2026-07-10"));
    matter.told();
    matter.objected();
    // Whoever corrected it has shaped it.
    matter
        .step(&matter.examiner, "reject", json!({ "reason": "维持" }))
        .problem(403, "forbidden");
}

fn a_rectification_counts_once_it_was_accepted(test: &TestStore) {
    let house = House::new(test);
    let matter = Matter::new(&house);
    let before = house.score(PINE);
    let report = json!({ "statement": "已整改并公示", "rectified_on": "2026-07-01" });
    let future = json!({ "statement": "将整改", "rectified_on": "2026-07-02" });
    matter
        .step(&matter.officer, "rectification", future)
        .problem(409, "illegal-step");
    let reported = matter.done(&matter.officer, "rectification", report.clone());
    assert_eq!(
        (&reported["version"], &reported["events"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(house.score(PINE), before);
    assert_eq!(
        matter.clocks(),
        [
            pair("record.notify", "2026-07-10"),
            pair("record.rectification_check", "2026-07-08")
        ]
    );
    matter
        .step(&matter.officer, "rectification", report.clone())
        .problem(409, "illegal-step");
    matter.done(
        &matter.examiner,
        "refuse",
        json!({ "reason": "照片看不清" }),
    );
    matter
        .step(&matter.examiner, "accept", json!({ "opinion": "属实" }))
        .problem(409, "illegal-step");
    matter.done(&matter.officer, "rectification", report);
    let accepted = matter.done(
        &matter.examiner,
        "accept",
        json!({ "opinion": "现场复核属实" }),
    );
    assert_eq!(accepted["rescored"], json!([PINE]));
    assert!(house.score(PINE).parse::<f64>().unwrap() > before.parse::<f64>().unwrap());
    assert_eq!(
        matter.cause(),
        ("rectification_accepted".to_owned(), Some(matter.id.clone()))
    );
    let versions = house
        .get_as(&matter.examiner, &format!("/api/v1/records/{}", matter.id))
        .json();
    assert_eq!(versions[2]["cause"], "rectified");
    assert_eq!(versions[2]["record"]["rectified_on"], "2026-07-01");
    matter
        .step(
            &matter.examiner,
            "extend",
            json!({ "rectify_by": "2026-08-01", "reason": "雨季" }),
        )
        .problem(409, "illegal-step");
}

fn more_time_to_rectify_is_a_new_version(test: &TestStore) {
    let house = House::new(test);
    let matter = Matter::new(&house);
    let extend = |day: &str| {
        let body = json!({ "rectify_by": day, "reason": "雨季无法施工" });
        matter.step(&matter.examiner, "extend", body)
    };
    for wrong in ["2026-07-20", "2026-06-30", "2027-07-01"] {
        extend(wrong).problem(409, "illegal-step");
    }
    let extended = extend("2026-08-10");
    assert_eq!(extended.status, 200, "{}", extended.text());
    assert_eq!(extended.json()["version"], 3);
    assert!(
        matter
            .clocks()
            .contains(&pair("record.rectify", "2026-08-10"))
    );
    assert_eq!(matter.causes(), ["entered", "confirmed", "extended"]);
}

fn an_objection_that_a_file_told_of_is_registered_and_answered(test: &TestStore) {
    let house = House::new(test);
    let (officer, examiner) = (house.person(Officer, None), house.person(Reviewer, None));
    // r19 came with the mark, and without an objection.
    let step = |person: &Person, step: &str, body: Value| {
        house.post(person, &format!("/api/v1/records/r19/{step}"), &body)
    };
    let reject = json!({ "version": 1, "events": 0, "reason": "维持" });
    step(&examiner, "reject", reject).problem(409, "illegal-step");
    let objection = json!({
        "version": 1, "events": 0, "number": "异1", "grounds": "不实", "received_on": "2026-06-30",
    });
    let objected = step(&officer, "object", objection);
    assert_eq!(objected.status, 200, "{}", objected.text());
    assert_eq!(objected.json()["status"], "disputed");
    let reject = json!({ "version": 2, "events": 1, "reason": "维持" });
    let rejected = step(&examiner, "reject", reject);
    assert_eq!(
        rejected.json()["status"],
        "confirmed",
        "{}",
        rejected.text()
    );
}

fn a_double_click_makes_one_event(test: &TestStore) {
    let house = House::new(test);
    let matter = Matter::new(&house);
    let notice = matter.upon_now(json!({ "number": "告1" }));
    let objection = |notice: &Value| {
        let mut body = matter.objection();
        body["version"] = notice["version"].clone();
        body["events"] = json!(1);
        body
    };
    let clicks = |step: &str, body: &Value| {
        let token = Some(matter.officer.token.as_str());
        let path = matter.path(step);
        let requests = (0..4).map(|_| request(Method::POST, &path, token, Some(body)));
        house.send_together(requests.collect())
    };
    for (step, body, events, version) in [
        ("notice", notice.clone(), 1, 2),
        ("object", objection(&notice), 2, 3),
    ] {
        for answer in clicks(step, &body) {
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!(answer.json()["events"], events);
            assert_eq!(answer.json()["version"], version);
        }
        assert_eq!(matter.process()["events"], events);
    }
    // Somebody else's, or one with other words, is not the same click.
    let other = house.person(Officer, None);
    house
        .post(&other, &matter.path("object"), &objection(&notice))
        .problem(409, "conflict");
    let mut changed = objection(&notice);
    changed["grounds"] = json!("另一理由");
    house
        .post(&matter.officer, &matter.path("object"), &changed)
        .problem(409, "conflict");
}

fn of_two_examiners_who_decide_at_once_one_wins(test: &TestStore) {
    let house = House::new(test);
    let matter = Matter::new(&house);
    let second = house.person(Reviewer, None);
    for round in 0..3 {
        let matter = Matter::of(
            &house,
            matter.officer.clone(),
            matter.reviewer.clone(),
            matter.examiner.clone(),
        );
        matter.objected();
        let body = matter.upon_now(json!({ "reason": "示例" }));
        let ask = |person: &Person, step: &str| {
            request(
                Method::POST,
                &matter.path(step),
                Some(&person.token),
                Some(&body),
            )
        };
        let answers = house.send_together(vec![
            ask(&matter.examiner, "uphold"),
            ask(&second, "reject"),
        ]);
        let statuses: Vec<u16> = answers.iter().map(|a| a.status.as_u16()).collect();
        let status = matter.process()["status"].clone();
        match statuses[..] {
            [200, 409] => assert_eq!(status, "revoked", "round {round}"),
            [409, 200] => assert_eq!(status, "confirmed", "round {round}"),
            _ => panic!("{statuses:?}"),
        }
        assert_eq!(matter.process()["events"], 2);
        assert_eq!(matter.causes().len(), 4);
    }
}

fn nobody_examines_what_they_shaped(test: &TestStore) {
    let house = House::new(test);
    let matter = Matter::new(&house);
    matter.objected();
    let reject = json!({ "reason": "维持" });
    let problem = matter
        .step(&matter.reviewer, "reject", reject.clone())
        .problem(403, "forbidden");
    assert!(problem["detail"].as_str().unwrap().contains("确无他人"));
    matter
        .step(&matter.officer, "reject", reject)
        .problem(403, "forbidden");
    let excepted = json!({ "reason": "维持", "exceptionally": "本科室仅两人" });
    matter.done(&matter.reviewer, "reject", excepted);
    // An item of another level is examined at that level.
    let mut inspection = draft();
    inspection["item"] = json!("INS-01");
    inspection["kind"] = json!("inspection");
    inspection.as_object_mut().unwrap().remove("attributes");
    let street = house.person(Officer, Some("512002901"));
    let county = house.person(Reviewer, Some("512002"));
    let id = house.enter(&street, &inspection);
    let path = |step: &str| format!("/api/v1/records/{id}/{step}");
    let confirmed = house.post(&county, &path("confirm"), &json!({ "version": 1 }));
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    let objection = json!({
        "version": 2, "events": 0, "number": "异3", "grounds": "不实", "received_on": "2026-07-01",
    });
    assert_eq!(house.post(&street, &path("object"), &objection).status, 200);
    let reject = json!({ "version": 3, "events": 1, "reason": "维持" });
    let problem = house
        .post(&matter.examiner, &path("reject"), &reject)
        .problem(403, "forbidden");
    assert!(
        problem["detail"].as_str().unwrap().contains("city"),
        "{problem}"
    );
    let other = house.person(Reviewer, Some("512002"));
    assert_eq!(house.post(&other, &path("reject"), &reject).status, 200);
}

fn what_is_examined_is_not_settled_past_it(test: &TestStore) {
    let house = House::new(test);
    let matter = Matter::new(&house);
    matter.objected();
    let version = matter.process()["version"].clone();
    let correction = json!({ "version": version, "reason": "更正", "record": draft() });
    matter
        .house
        .post(&matter.examiner, &matter.path("correct"), &correction)
        .problem(409, "conflict");
    matter
        .house
        .post(
            &matter.examiner,
            &matter.path("revoke"),
            &json!({ "version": version, "reason": "撤销" }),
        )
        .problem(409, "conflict");
    let report = json!({ "statement": "已整改", "rectified_on": "2026-07-01" });
    matter.done(&matter.officer, "rectification", report);
    house
        .post(
            &matter.officer,
            &matter.path("rectify"),
            &json!({ "version": version, "rectified_on": "2026-07-01" }),
        )
        .problem(409, "conflict");
    // What was seen is not what is there.
    for (version, events) in [(2, 2), (3, 1), (3, 3)] {
        house
            .post(
                &matter.examiner,
                &matter.path("accept"),
                &json!({ "version": version, "events": events, "opinion": "属实" }),
            )
            .problem(409, "conflict");
    }
    house
        .post(
            &matter.examiner,
            "/api/v1/records/E0/reject",
            &json!({ "version": 1, "events": 0, "reason": "无" }),
        )
        .problem(404, "not-found");
}

/// One of the steps that there are, with content that may be lawful.
fn any_step(draw: &mut ChaCha8Rng) -> (&'static str, Value) {
    let days = ["2026-06-30", "2026-07-01", "2026-07-02"];
    let day = days.choose(draw).unwrap();
    let mut lighter = draft();
    lighter["attributes"]["level"] = json!("street");
    let steps = [
        ("notice", json!({ "number": "告" })),
        (
            "served",
            json!({ "method": { "method": "post" }, "delivered_on": day, "proof": "回执" }),
        ),
        (
            "object",
            json!({ "number": "异", "grounds": "不实", "received_on": day }),
        ),
        (
            "object",
            json!({ "number": "异", "grounds": "不实", "received_on": day, "joint": true }),
        ),
        ("withdraw-objection", json!({ "reason": "撤回" })),
        ("uphold", json!({ "reason": "属实" })),
        ("uphold", json!({ "reason": "属实", "record": lighter })),
        ("reject", json!({ "reason": "维持" })),
        (
            "reject",
            json!({ "reason": "维持", "exceptionally": "无他人" }),
        ),
        (
            "rectification",
            json!({ "statement": "已改", "rectified_on": day }),
        ),
        ("accept", json!({ "opinion": "属实" })),
        ("refuse", json!({ "reason": "不实" })),
        (
            "extend",
            json!({ "rectify_by": "2026-08-10", "reason": "雨季" }),
        ),
    ];
    steps.choose(draw).unwrap().clone()
}

fn whatever_people_do_no_version_is_lost_and_the_score_follows(test: &TestStore) {
    let house = House::new(test);
    house.hand.set(july(2));
    let people = [
        house.person(Officer, None),
        house.person(Reviewer, None),
        house.person(Reviewer, None),
        house.person(Reviewer, None),
    ];
    let [officer, reviewer, examiner, third] = people.clone();
    let mut taken = 0;
    for seed in 0..4 {
        let mut draw = ChaCha8Rng::seed_from_u64(seed);
        let without = house.get(&format!("/api/v1/companies/{PINE}")).json();
        let matter = Matter::of(&house, officer.clone(), reviewer.clone(), examiner.clone());
        let with = matter.seen();
        let path = format!("/api/v1/records/{}", matter.id);
        let mut versions = house.get_as(&examiner, &path).json();
        for _ in 0..30 {
            let (step, body) = any_step(&mut draw);
            let person = match draw.random_range(0..5) {
                0 | 1 => &officer,
                2 => &reviewer,
                3 => &examiner,
                _ => &third,
            };
            let before = matter.process();
            let answer = matter.step(person, step, body);
            let after = matter.process();
            let now = house.get_as(&examiner, &path).json();
            match answer.status.as_u16() {
                200 => {
                    taken += 1;
                    assert_eq!(after["events"], before["events"].as_i64().unwrap() + 1);
                }
                403 | 409 | 422 => {
                    assert_eq!(after, before, "{step}");
                    assert_eq!(now, versions, "{step}");
                }
                other => panic!("{step}: {other}: {}", answer.text()),
            }
            // Everything that was there is there, in its place; only the last one may have been superseded.
            let (old, new) = (versions.as_array().unwrap(), now.as_array().unwrap());
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                assert_eq!(new["version"], index as i64 + 1);
                for field in ["digest", "cause", "actor", "recorded_at", "record"] {
                    assert_eq!(old[field], new[field]);
                }
            }
            assert!(new.len() >= old.len() && new.len() <= old.len() + 1);
            assert!(new.last().unwrap()["superseded_at"].is_null());
            versions = now;
            let disputed = after["case"]["objection"]["outcome"].is_null()
                && !after["case"]["objection"].is_null();
            assert_eq!(after["status"] == "disputed", disputed, "{after}");
        }
        let causes = matter.causes();
        let seen = matter.seen();
        if causes.last().unwrap() == "revoked" {
            let clean = json!([
                without["score"],
                without["grade"],
                without["lines"],
                without["components"]
            ]);
            assert_eq!(seen, clean, "revoked: {causes:?}");
        } else if !causes
            .iter()
            .any(|cause| ["corrected", "rectified", "extended"].contains(&cause.as_str()))
            && matter.process()["status"] == "confirmed"
        {
            assert_eq!(seen, with, "settled: {causes:?}");
        }
    }
    assert!(taken > 12, "{taken} steps were lawful");
}
