//! Spot checks over HTTP: libraries, a task from its plan to the reveal, what is refused, what is public when.

use serde_json::{Value, json};
use wuxin::{
    draw::{self, Instant},
    service::Role::{Auditor, Officer, Reviewer},
};

use crate::{
    house::{BAMBOO, House, PINE, Person, july},
    on_both,
    support::TestStore,
};

on_both!(
    a_task_goes_from_the_plan_to_a_draw_that_anyone_verifies,
    a_plan_that_cannot_be_carried_out_is_refused_with_the_constraint,
    items_and_officers_are_versions_and_only_published_items_are_used,
    limits_of_a_company_count_the_draws_of_the_year_and_a_redraw_is_public,
    the_page_of_the_verifier_runs_the_script_of_this_site_and_no_other,
);

pub fn item() -> Value {
    json!({
        "id": "WY-01", "title": "物业服务收费公示检查", "basis": "《物业管理条例》第四十条", "published_on": "2026-05-20",
        "method": "现场检查", "effective_from": "2026-01-01",
    })
}

pub fn officer(id: &str) -> Value {
    json!({
        "id": id, "name": format!("示例{id}"), "certificate": format!("ZF{id}"), "certificate_until": "2027-12-31",
        "district": "512002",
    })
}

pub fn task(id: &str) -> Value {
    json!({
        "id": id, "plan": "JH-2026", "items": ["WY-01"], "district": "512002", "objects": "both", "from": "2026-07-06",
        "until": "2026-07-20", "company_visits": 1, "officer_visits": 9,
        "ratios": [
            { "grade": "未评级", "percent": "0", "reason": "本年新入库" },
            { "grade": "AAA", "percent": "50", "reason": "专项抽查" },
        ],
    })
}

pub fn event(day: u32) -> Value {
    json!({
        "kind": "lottery", "game": "快乐8", "issue": format!("2026{day:03}"), "numbers": 3, "order": "ascending",
        "expected_at": format!("2026-07-{day:02}T13:00:00Z"),
    })
}

fn commit(version: i64, day: u32) -> Value {
    json!({ "version": version, "event": event(day), "reveal_by": "2026-07-28T00:00:00Z" })
}

/// Who prepares and who approves, with an item and three officers in the libraries.
pub struct Desk<'a> {
    pub house: &'a House,
    pub officer: Person,
    pub reviewer: Person,
}

impl<'a> Desk<'a> {
    pub fn of(house: &'a House) -> Self {
        let desk = Self {
            house,
            officer: house.person(Officer, None),
            reviewer: house.person(Reviewer, None),
        };
        desk.made("/api/v1/checks/items", &item());
        for id in ["M1", "M2", "M3"] {
            desk.made("/api/v1/checks/officers", &officer(id));
        }
        desk
    }

    #[track_caller]
    pub fn made(&self, path: &str, body: &Value) -> Value {
        let answer = self.house.post(&self.officer, path, body);
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    #[track_caller]
    fn step(&self, person: &Person, id: &str, step: &str, body: &Value, state: &str) -> Value {
        let path = format!("/api/v1/checks/tasks/{id}/{step}");
        let answer = self.house.post(person, &path, body);
        assert_eq!(answer.status, 200, "{step}: {}", answer.text());
        assert_eq!(answer.json()["state"], state);
        answer.json()
    }

    fn file(&self, id: &str) -> String {
        self.house.get(&format!("/api/v1/draws/{id}")).text()
    }

    fn result(&self, id: &str) -> Value {
        let path = format!("/api/v1/checks/tasks/{id}/result");
        self.house.get_as(&self.reviewer, &path).json()
    }
}

fn a_task_goes_from_the_plan_to_a_draw_that_anyone_verifies(test: &TestStore) {
    let house = House::new(test);
    let desk = Desk::of(&house);
    let line = desk.made("/api/v1/checks/tasks", &task("CC-1"));
    assert_eq!(
        (&line["state"], &line["version"]),
        (&json!("planned"), &json!(1))
    );
    house.get("/api/v1/draws/CC-1").problem(404, "not-found");
    let simulated = house
        .get_as(&desk.reviewer, "/api/v1/checks/tasks/CC-1/simulation")
        .json();
    assert_eq!(simulated["infeasible"], Value::Null, "{simulated}");
    let strata = simulated["strata"].as_array().unwrap();
    let of = |grade: &str| strata.iter().find(|one| one["grade"] == grade).unwrap();
    // 示例松鹤 with its two projects, half of three rounded up; 示例竹里 by the rule set, 20 per cent.
    assert_eq!(of("AAA")["eligible"], 3, "{simulated}");
    assert_eq!(of("AAA")["drawn"], 2);
    assert_eq!(of("AAA")["odds"], "66.67");
    assert_eq!(of("A")["percent"], "20");

    let committed = desk.step(&desk.officer, "CC-1", "commit", &commit(1, 2), "committed");
    let early = desk.file("CC-1");
    for hidden in [PINE, BAMBOO, "XM-01", "示例M1", "\"secret\""] {
        assert!(
            !early.contains(hidden),
            "{hidden} is public before the reveal"
        );
    }
    let whole = house
        .get_as(&desk.reviewer, "/api/v1/checks/tasks/CC-1")
        .text();
    assert!(
        whole.contains("secret_digest") && !whole.contains("\"salt\""),
        "{whole}"
    );
    let path = "/api/v1/checks/tasks/CC-1/observe";
    let value = json!({ "version": 2, "value": { "numbers": "3 7 12" } });
    house
        .post(&desk.officer, path, &value)
        .problem(409, "illegal-step");
    house
        .get_as(&desk.reviewer, "/api/v1/checks/tasks/CC-1/result")
        .problem(409, "conflict");
    assert_eq!(committed["version"], 2);

    house.hand.set(july(3));
    desk.step(&desk.officer, "CC-1", "observe", &value, "drawn");
    house
        .post(&desk.officer, path, &value)
        .problem(409, "conflict");
    let drawn = desk.result("CC-1");
    let visits = drawn["visits"].as_array().unwrap();
    assert_eq!(visits.len() as u64, simulated["drawn"].as_u64().unwrap());
    assert!(
        visits
            .iter()
            .all(|visit| visit["officers"].as_array().unwrap().len() == 2)
    );
    assert!(!desk.file("CC-1").contains(PINE));

    // An officer who falls ill: the next in order, asked for by one person and approved by another.
    let (object, ill) = (
        visits[0]["object"].clone(),
        visits[0]["officers"][0].clone(),
    );
    let wish = json!({ "version": 3, "reason": "因病", "object": object, "officer": ill });
    let asked = desk.step(&desk.officer, "CC-1", "request", &wish, "drawn");
    assert_eq!(asked["pending"], "substitute");
    let approve = "/api/v1/checks/tasks/CC-1/approve";
    house
        .post(&desk.officer, approve, &json!({ "version": 4 }))
        .problem(403, "forbidden");
    let auditor = house.person(Auditor, None);
    house
        .post(&auditor, approve, &json!({ "version": 4 }))
        .problem(403, "forbidden");
    desk.step(
        &desk.reviewer,
        "CC-1",
        "approve",
        &json!({ "version": 4 }),
        "drawn",
    );
    let now = desk.result("CC-1");
    let visit = now["visits"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["object"] == object);
    let visit = visit.unwrap();
    assert_eq!(visit["substitution"], 1);
    assert!(
        !visit["officers"].as_array().unwrap().contains(&ill),
        "{visit}"
    );
    assert_eq!(now["visits"].as_array().unwrap().len(), visits.len());

    house.hand.set(july(21));
    let reveal = "/api/v1/checks/tasks/CC-1/reveal";
    house
        .post(&desk.officer, reveal, &json!({ "version": 5 }))
        .problem(422, "invalid");
    let body = json!({ "version": 5, "last_visit_on": "2026-07-20" });
    desk.step(&desk.officer, "CC-1", "reveal", &body, "revealed");
    let file = desk.file("CC-1");
    assert!(file.contains(PINE) && file.contains("\"secret\""));
    let report = draw::verify(&file, Instant::of(july(22)));
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let list = house.get("/api/v1/draws").json();
    assert_eq!(list[0]["id"], "CC-1");
    assert_eq!(list[0]["late"], false);
    assert!(house.get("/draws").text().contains("CC-1"));
}

fn a_plan_that_cannot_be_carried_out_is_refused_with_the_constraint(test: &TestStore) {
    let house = House::new(test);
    let desk = Desk::of(&house);
    let mut short = task("CC-1");
    short["officer_visits"] = json!(1);
    desk.made("/api/v1/checks/tasks", &short);
    let simulated = house
        .get_as(&desk.officer, "/api/v1/checks/tasks/CC-1/simulation")
        .json();
    assert!(
        simulated["infeasible"].as_str().unwrap().contains("工作量"),
        "{simulated}"
    );
    let path = "/api/v1/checks/tasks/CC-1/commit";
    let told = house
        .post(&desk.officer, path, &commit(1, 2))
        .problem(409, "illegal-step");
    assert!(
        told["detail"].as_str().unwrap().contains("工作量上限不够"),
        "{told}"
    );
    house.get("/api/v1/draws/CC-1").problem(404, "not-found");
    // No ratio for those whom the rule set gives no grade, and none is made up.
    let mut silent = task("CC-2");
    silent["district"] = json!("512000");
    silent["ratios"] = json!([]);
    desk.made("/api/v1/checks/tasks", &silent);
    let told = house.get_as(&desk.officer, "/api/v1/checks/tasks/CC-2/simulation");
    let told = told.problem(422, "invalid");
    assert_eq!(told["errors"][0]["code"], "E041", "{told}");
    // Everybody recused.
    for id in ["M1", "M2"] {
        let mut one = officer(id);
        one["interests"] = json!(format!("{PINE};{BAMBOO}"));
        desk.made("/api/v1/checks/officers", &one);
    }
    desk.made("/api/v1/checks/tasks", &task("CC-3"));
    let path = "/api/v1/checks/tasks/CC-3/commit";
    let told = house
        .post(&desk.officer, path, &commit(1, 2))
        .problem(409, "illegal-step");
    assert!(told["detail"].as_str().unwrap().contains("回避"), "{told}");
}

fn items_and_officers_are_versions_and_only_published_items_are_used(test: &TestStore) {
    let house = House::new(test);
    let desk = Desk::of(&house);
    let same = desk.made("/api/v1/checks/items", &item());
    assert_eq!(same["version"], 1, "the same content is no new version");
    let mut unpublished = item();
    unpublished["published_on"] = Value::Null;
    assert_eq!(
        desk.made("/api/v1/checks/items", &unpublished)["version"],
        2
    );
    let refused = house.post(&desk.officer, "/api/v1/checks/tasks", &task("CC-1"));
    let told = refused.problem(422, "invalid");
    assert_eq!(told["errors"][0]["code"], "E040", "{told}");
    let mut expired = item();
    expired["effective_until"] = json!("2026-07-10");
    desk.made("/api/v1/checks/items", &expired);
    let refused = house.post(&desk.officer, "/api/v1/checks/tasks", &task("CC-1"));
    assert!(
        refused.text().contains("2026-07-10 失效"),
        "{}",
        refused.text()
    );
    let bad = json!({ "id": "M9", "name": " ", "certificate_until": "2026-02-30", "district": "999999", "recusals": "XM-99:亲属" });
    let told = house
        .post(&desk.officer, "/api/v1/checks/officers", &bad)
        .problem(422, "invalid");
    let mut pointers: Vec<&str> = (told["errors"].as_array().unwrap().iter())
        .map(|one| one["pointer"].as_str().unwrap())
        .collect();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        [
            "/certificate",
            "/certificate_until",
            "/district",
            "/name",
            "/recusals"
        ]
    );
    // An account of another county keeps officers of its own alone.
    let other = house.person(Officer, Some("512021"));
    house
        .post(&other, "/api/v1/checks/officers", &officer("M1"))
        .problem(403, "forbidden");
    assert_eq!(
        house.get_as(&other, "/api/v1/checks/officers").json(),
        json!([])
    );
}

fn limits_of_a_company_count_the_draws_of_the_year_and_a_redraw_is_public(test: &TestStore) {
    let house = House::new(test);
    let desk = Desk::of(&house);
    let all = json!([
        { "grade": "AAA", "percent": "100", "reason": "全覆盖" },
        { "grade": "A", "percent": "100", "reason": "全覆盖" },
        { "grade": "未评级", "percent": "0", "reason": "本年新入库" },
    ]);
    for id in ["CC-1", "CC-2"] {
        let mut one = task(id);
        one["ratios"] = all.clone();
        desk.made("/api/v1/checks/tasks", &one);
    }
    desk.step(&desk.officer, "CC-1", "commit", &commit(1, 2), "committed");
    // While one waits for its event, another of the same place cannot be counted.
    let path = "/api/v1/checks/tasks/CC-2/commit";
    house
        .post(&desk.officer, path, &commit(1, 3))
        .problem(409, "conflict");
    house.hand.set(july(3));
    let value = |version: i64| json!({ "version": version, "value": { "numbers": "1 2 3" } });
    desk.step(&desk.officer, "CC-1", "observe", &value(2), "drawn");
    let simulated = house
        .get_as(&desk.officer, "/api/v1/checks/tasks/CC-2/simulation")
        .json();
    assert_eq!(simulated["drawn"], 0, "{simulated}");
    assert!(
        simulated["passed"]
            .as_array()
            .unwrap()
            .contains(&json!(PINE)),
        "{simulated}"
    );

    house.hand.set(july(21));
    let wish = json!({ "version": 3, "reason": "名录有误", "event": event(22), "reveal_by": "2026-07-30T00:00:00Z" });
    let ask = "/api/v1/checks/tasks/CC-1/request";
    house
        .post(&desk.officer, ask, &wish)
        .problem(409, "conflict");
    let body = json!({ "version": 3, "last_visit_on": "2026-07-20" });
    desk.step(&desk.officer, "CC-1", "reveal", &body, "revealed");
    let mut again = wish.clone();
    again["version"] = json!(4);
    desk.step(&desk.officer, "CC-1", "request", &again, "revealed");
    desk.step(
        &desk.reviewer,
        "CC-1",
        "approve",
        &json!({ "version": 5 }),
        "committed",
    );
    house.hand.set(july(23));
    desk.step(&desk.officer, "CC-1", "observe", &value(6), "drawn");
    let body = json!({ "version": 7, "last_visit_on": "2026-07-23" });
    desk.step(&desk.officer, "CC-1", "reveal", &body, "revealed");
    let file: Value = serde_json::from_str(&desk.file("CC-1")).unwrap();
    assert_eq!(file["attempts"].as_array().unwrap().len(), 2);
    assert_eq!(
        file["attempts"][1]["commitment"]["redraw"]["reason"],
        "名录有误"
    );
    let report = draw::verify(&desk.file("CC-1"), Instant::of(july(24)));
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

fn the_page_of_the_verifier_runs_the_script_of_this_site_and_no_other(test: &TestStore) {
    let house = House::new(test);
    let page = house.get("/draws/verify");
    let text = page.text();
    assert!(
        text.contains(r#"<input type="file" id="draw-file""#)
            && text.contains(r#"id="draw-report""#)
    );
    assert_eq!(text.matches("<script").count(), 1);
    assert!(text.contains(r#"<script src="/static/draw-verify.js"></script>"#));
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("script-src 'self';") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    assert!(
        !policy.contains("unsafe") && !policy.contains("connect-src"),
        "{policy}"
    );
    let other = house.get("/draws");
    assert!(
        !other
            .header("content-security-policy")
            .contains("script-src")
    );
    assert!(!other.text().contains("<script"));
    let script = house.get("/static/draw-verify.js");
    assert_eq!(
        script.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    assert!(script.text().contains("WuxinDraw"));
}
