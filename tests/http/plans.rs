//! Plans of a year over HTTP: prepared, frozen by another person, amended, tasks made from them, what is open data when.

use serde_json::{Value, json};
use wuxin::draw::year::YearFile;

use crate::{
    checks::{Desk, event, task},
    house::{BAMBOO, House, PINE, Person, july},
    on_both,
    support::TestStore,
};

on_both!(
    a_plan_is_frozen_by_another_person_and_amended_by_numbered_versions,
    tasks_are_made_from_the_plan_and_no_other_way,
    an_infeasible_plan_is_never_frozen_and_the_constraint_is_named,
    open_data_names_objects_only_after_the_reveal,
);

/// A plan of the district of the house: one task of the third quarter.
pub fn year_plan(id: &str, task: &str) -> Value {
    json!({
        "id": id, "year": 2026, "district": "512002", "company_visits": 1, "officer_visits": 9, "visits": 6,
        "ratios": [
            { "grade": "未评级", "percent": "0", "reason": "本年新入库" },
            { "grade": "AAA", "percent": "50", "reason": "专项抽查" },
        ],
        "tasks": [{ "id": task, "items": ["WY-01"], "quarter": 3, "objects": "both" }],
    })
}

impl Desk<'_> {
    #[track_caller]
    fn done(&self, person: &Person, path: &str, body: &Value) -> Value {
        let answer = self.house.post(person, path, body);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// A public plan with the task CC-1.
    fn frozen(&self) -> Value {
        self.made("/api/v1/checks/plans", &year_plan("JH-2026", "CC-1"));
        let approve = "/api/v1/checks/plans/JH-2026/approve";
        self.done(&self.reviewer, approve, &json!({ "version": 1 }))
    }

    fn public_file(&self) -> YearFile {
        YearFile::parse(&self.house.get("/api/v1/plans/JH-2026").text()).unwrap()
    }
}

fn a_plan_is_frozen_by_another_person_and_amended_by_numbered_versions(test: &TestStore) {
    let house = House::new(test);
    let desk = Desk::of(&house);
    let line = desk.made("/api/v1/checks/plans", &year_plan("JH-2026", "CC-1"));
    assert_eq!(
        (&line["state"], &line["pending"]),
        (&json!("draft"), &json!(true))
    );
    house.get("/api/v1/plans/JH-2026").problem(404, "not-found");
    assert_eq!(house.get("/api/v1/plans").json()["plans"], json!([]));
    let again = house.post(
        &desk.officer,
        "/api/v1/checks/plans",
        &year_plan("JH-2026", "CC-9"),
    );
    assert_eq!(again.problem(422, "invalid")["errors"][0]["code"], "E033");

    let simulated = house
        .get_as(&desk.reviewer, "/api/v1/checks/plans/JH-2026/simulation")
        .json();
    assert_eq!(simulated["infeasible"], Value::Null, "{simulated}");
    // Half of 示例松鹤 and its two projects, rounded up; a fifth of 示例竹里 by the rule set.
    let of = |grade: &str| {
        let strata = simulated["strata"].as_array().unwrap();
        strata
            .iter()
            .find(|one| one["grade"] == grade)
            .unwrap()
            .clone()
    };
    assert_eq!(
        (&of("AAA")["objects"], &of("AAA")["planned"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(
        (&of("AAA")["percent"], &of("A")["percent"]),
        (&json!("50"), &json!("20"))
    );
    let companies = simulated["companies"].as_array().unwrap();
    let pine = companies.iter().find(|one| one["company"] == PINE).unwrap();
    assert_eq!(
        (&pine["objects"], &pine["expected"], &pine["most"]),
        (&json!(3), &json!("1"), &json!(1))
    );

    let approve = "/api/v1/checks/plans/JH-2026/approve";
    let version = |version: i64| json!({ "version": version });
    house
        .post(&desk.officer, approve, &version(1))
        .problem(403, "forbidden");
    house
        .post(&desk.reviewer, approve, &version(7))
        .problem(409, "conflict");
    let line = desk.done(&desk.reviewer, approve, &version(1));
    assert_eq!(
        (&line["state"], &line["amendments"]),
        (&json!("frozen"), &json!(0))
    );
    house
        .post(&desk.reviewer, approve, &version(2))
        .problem(409, "conflict");
    let file = desk.public_file();
    assert_eq!(file.findings(), []);
    assert_eq!(line["digest"], json!(file.digest));
    let row = file
        .last()
        .unwrap()
        .content
        .ratios
        .iter()
        .find(|row| row.grade.as_str() == "A");
    assert!(
        row.unwrap().basis.len() > 6,
        "the rule set is named: {row:?}"
    );

    // An amendment: with a reason, by two people, behind the plan, which stays.
    let amend = "/api/v1/checks/plans/JH-2026/amend";
    let mut more = year_plan("JH-2026", "CC-1");
    more["tasks"].as_array_mut().unwrap().push(json!({
        "id": "CC-2", "items": ["WY-01"], "quarter": 4, "ratios": [
            { "grade": "A", "percent": "0", "reason": "本次不抽" },
        ],
    }));
    more["company_visits"] = json!(2);
    let change = |reason: Option<&str>| json!({ "version": 2, "reason": reason, "plan": more });
    let told = house.post(&desk.officer, amend, &change(Some(" ")));
    assert_eq!(
        told.problem(422, "invalid")["errors"][0]["pointer"],
        "/reason"
    );
    desk.done(&desk.officer, amend, &change(Some("上级部署专项检查")));
    assert_eq!(
        desk.public_file(),
        file,
        "nothing is public before the approval"
    );
    house
        .post(&desk.officer, approve, &version(3))
        .problem(403, "forbidden");
    desk.done(&desk.reviewer, approve, &version(3));
    let amended = desk.public_file();
    assert_eq!((amended.findings(), amended.versions.len()), (vec![], 2));
    assert_eq!(amended.versions[0], file.versions[0]);
    assert_eq!(
        amended.last().unwrap().reason.as_deref(),
        Some("上级部署专项检查")
    );
    more["year"] = json!(2027);
    let other = json!({ "version": 4, "reason": "换年", "plan": more });
    let told = house
        .post(&desk.officer, amend, &other)
        .problem(422, "invalid");
    assert_eq!(told["errors"][0]["code"], "E043", "{told}");

    let page = house.get("/plans/JH-2026").text();
    for text in ["上级部署专项检查", "CC-2", "第 1 次调整", "专项抽查"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(house.get("/plans").text().contains("JH-2026"));
    assert_eq!(house.get("/plans/JH-9").status, 404);
    let view = house
        .get_as(&desk.reviewer, "/api/v1/checks/plans/JH-2026")
        .json();
    let kinds: Vec<&Value> = view["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["kind"])
        .collect();
    assert_eq!(kinds, ["prepare", "freeze", "request", "freeze"]);
    let list = house.get_as(&desk.officer, "/api/v1/checks/plans").json();
    assert_eq!(list[0]["amendments"], 1);
    let csv = house.get("/api/v1/plans/JH-2026/strata.csv").text();
    assert!(csv.starts_with("\u{FEFF}# 开放数据许可"), "{csv}");
    assert!(
        csv.contains("JH-2026,1,CC-2,WY-01,4,512002,AAA,50.00,专项抽查,"),
        "{csv}"
    );
}

fn tasks_are_made_from_the_plan_and_no_other_way(test: &TestStore) {
    let house = House::new(test);
    let desk = Desk::of(&house);
    let make = "/api/v1/checks/plans/JH-2026/tasks";
    let wanted = json!({ "task": "CC-1", "from": "2026-07-06", "until": "2026-07-20" });
    house
        .post(&desk.officer, make, &wanted)
        .problem(404, "not-found");
    desk.made("/api/v1/checks/plans", &year_plan("JH-2026", "CC-1"));
    house
        .post(&desk.officer, make, &wanted)
        .problem(409, "conflict");
    let approve = "/api/v1/checks/plans/JH-2026/approve";
    desk.done(&desk.reviewer, approve, &json!({ "version": 1 }));

    let refused = |path: &str, body: &Value, pointer: &str| {
        let told = house
            .post(&desk.officer, path, body)
            .problem(422, "invalid");
        assert_eq!(told["errors"][0]["code"], "E043", "{told}");
        assert_eq!(told["errors"][0]["pointer"], pointer, "{told}");
    };
    // Not by hand: another content, another task, other days.
    refused("/api/v1/checks/tasks", &task("CC-1"), "/plan");
    refused("/api/v1/checks/tasks", &task("CC-7"), "/id");
    let early = json!({ "task": "CC-1", "from": "2026-06-29", "until": "2026-07-20" });
    refused(make, &early, "/from");
    let none = json!({ "task": "CC-7" });
    house
        .post(&desk.officer, make, &none)
        .problem(404, "not-found");
    house
        .post(&desk.reviewer, make, &wanted)
        .problem(403, "forbidden");

    let line = desk.made(make, &wanted);
    assert_eq!(
        (&line["id"], &line["state"]),
        (&json!("CC-1"), &json!("planned"))
    );
    let made = house
        .get_as(&desk.officer, "/api/v1/checks/tasks/CC-1")
        .json();
    let ratios = made["draft"]["ratios"].as_array().unwrap();
    let aaa = ratios.iter().find(|one| one["grade"] == "AAA").unwrap();
    assert_eq!(
        (&aaa["percent"], &aaa["reason"]),
        (&json!("50.00"), &json!("年度计划 JH-2026：专项抽查"))
    );
    let simulated = house
        .get_as(&desk.officer, "/api/v1/checks/tasks/CC-1/simulation")
        .json();
    assert_eq!(simulated["infeasible"], Value::Null, "{simulated}");
    assert_eq!(simulated["drawn"], 3);

    // What was made cannot be planned otherwise.
    let amend = "/api/v1/checks/plans/JH-2026/amend";
    let mut other = year_plan("JH-2026", "CC-1");
    other["tasks"][0]["quarter"] = json!(4);
    refused(
        amend,
        &json!({ "version": 2, "reason": "推迟", "plan": other }),
        "/tasks",
    );
    let csv = house.get("/api/v1/plan-tasks.csv").text();
    assert!(csv.contains("CC-1,WY-01,512002,3,企业、项目,"), "{csv}");
    assert!(csv.contains("未开始"), "{csv}");
}

fn an_infeasible_plan_is_never_frozen_and_the_constraint_is_named(test: &TestStore) {
    let house = House::new(test);
    let desk = Desk::of(&house);
    let mut short = year_plan("JH-2026", "CC-1");
    short["visits"] = json!(1);
    desk.made("/api/v1/checks/plans", &short);
    let approve = "/api/v1/checks/plans/JH-2026/approve";
    let told = house.post(&desk.reviewer, approve, &json!({ "version": 1 }));
    let told = told.problem(409, "illegal-step");
    let detail = told["detail"].as_str().unwrap();
    assert!(
        detail.contains("全年共抽 3 个，超过计划上限 1 个"),
        "{told}"
    );
    house.get("/api/v1/plans/JH-2026").problem(404, "not-found");
    // Twice the same half, and one visit a year: certain for nobody, impossible for all.
    let mut twice = year_plan("JH-2026", "CC-1");
    let second = json!({ "id": "CC-2", "items": ["WY-01"], "quarter": 4, "objects": "both" });
    twice["tasks"].as_array_mut().unwrap().push(second);
    let amend = "/api/v1/checks/plans/JH-2026/amend";
    desk.done(
        &desk.officer,
        amend,
        &json!({ "version": 1, "plan": twice }),
    );
    let told = house.post(&desk.reviewer, approve, &json!({ "version": 2 }));
    let told = told.problem(409, "illegal-step");
    let detail = told["detail"].as_str().unwrap();
    assert!(
        detail.contains("必被抽中") && detail.contains("每年 1 次"),
        "{told}"
    );

    // Every faulty field at once, and a grade without a ratio.
    let faulty = json!({
        "id": "", "year": 2026, "district": "999999", "company_visits": 1, "officer_visits": 9, "tasks": [],
    });
    let told = house.post(&desk.officer, "/api/v1/checks/plans", &faulty);
    let told = told.problem(422, "invalid");
    assert_eq!(told["errors"].as_array().unwrap().len(), 2, "{told}");
    let mut odd = year_plan("JH-1", "CC-1");
    odd["tasks"] = json!([
        { "id": "CC-1", "items": ["WY-9"], "quarter": 1 },
        { "id": "CC-2", "items": ["WY-01"], "quarter": 1, "objects": "anything" },
    ]);
    let told = house
        .post(&desk.officer, "/api/v1/checks/plans", &odd)
        .problem(422, "invalid");
    let found: Vec<(&str, &str)> = (told["errors"].as_array().unwrap().iter())
        .map(|one| {
            (
                one["pointer"].as_str().unwrap(),
                one["code"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("/tasks/0/items", "E001"),
            ("/tasks/1/objects", "E006"),
            ("/tasks/1/items", "E040"),
        ],
        "{told}"
    );
    let mut silent = year_plan("JH-2", "CC-1");
    silent["district"] = json!("512000");
    silent["ratios"] = json!([]);
    desk.made("/api/v1/checks/plans", &silent);
    let told = house.get_as(&desk.officer, "/api/v1/checks/plans/JH-2/simulation");
    assert_eq!(told.problem(422, "invalid")["errors"][0]["code"], "E041");
}

fn open_data_names_objects_only_after_the_reveal(test: &TestStore) {
    let house = House::new(test);
    let desk = Desk::of(&house);
    desk.frozen();
    let days = json!({ "task": "CC-1", "from": "2026-07-06", "until": "2026-07-20" });
    desk.made("/api/v1/checks/plans/JH-2026/tasks", &days);
    let step = |step: &str, body: &Value| {
        desk.done(
            &desk.officer,
            &format!("/api/v1/checks/tasks/CC-1/{step}"),
            body,
        )
    };
    step(
        "commit",
        &json!({ "version": 1, "event": event(2), "reveal_by": "2026-07-28T00:00:00Z" }),
    );
    house.hand.set(july(3));
    step(
        "observe",
        &json!({ "version": 2, "value": { "numbers": "3 7 12" } }),
    );

    // Before the reveal nothing public names who may be visited.
    house
        .get("/api/v1/draws/CC-1/objects.csv")
        .problem(409, "conflict");
    let everything = || {
        [
            "/api/v1/draws.csv",
            "/api/v1/plan-tasks.csv",
            "/api/v1/plans/JH-2026/strata.csv",
            "/api/v1/fairness/2026",
            "/api/v1/fairness/2026/strata.csv",
            "/fairness/2026",
            "/plans/JH-2026",
            "/api/v1/plans/JH-2026",
        ]
        .map(|path| house.get(path).text())
        .concat()
    };
    let before = everything();
    for hidden in [PINE, BAMBOO, "XM-0"] {
        assert!(!before.contains(hidden), "{hidden}: {before}");
    }
    assert!(before.contains("已抽取，检查完成后公开"), "{before}");
    let report = house.get("/api/v1/fairness/2026").json();
    assert_eq!(report["draws"][0]["draw"], "CC-1");
    assert_eq!(
        (&report["odds"], &report["coverage"]),
        (&json!([]), &json!([]))
    );

    house.hand.set(july(21));
    step(
        "reveal",
        &json!({ "version": 3, "last_visit_on": "2026-07-20" }),
    );
    let objects = house.get("/api/v1/draws/CC-1/objects.csv").text();
    assert!(objects.starts_with("\u{FEFF}# 开放数据许可"), "{objects}");
    assert_eq!(objects.matches("抽中").count(), 3, "{objects}");
    assert!(
        objects.contains(PINE) && objects.contains("后备"),
        "{objects}"
    );

    let report = house.get("/api/v1/fairness/2026").json();
    let strata = report["strata"].as_array().unwrap();
    let aaa = strata.iter().find(|one| one["grade"] == "AAA").unwrap();
    assert_eq!(
        (&aaa["objects"], &aaa["expected"], &aaa["realised"]),
        (&json!(3), &json!("0.67"), &json!("0.67"))
    );
    assert_eq!(report["draws"][0]["late"], 0);
    assert_eq!(report["pairs_repeated"], json!([]));
    let covered = report["coverage"].as_array().unwrap();
    let aaa = covered.iter().find(|one| one["grade"] == "AAA").unwrap();
    assert_eq!(
        (&aaa["visited"], &aaa["companies_visited"]),
        (&json!(2), &json!(1))
    );
    let page = house.get("/fairness/2026").text();
    for text in ["2026年双随机公平性报告", "AAA", "没有再次相遇的。", "CC-1"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let csv = house.get("/api/v1/fairness/2026/strata.csv").text();
    assert!(
        csv.contains("2026,512002,AAA,1,3,0.67,0.67,1,1.00,1,,,,2,1"),
        "{csv}"
    );
    assert!(
        house.get("/api/v1/fairness/2025").json()["draws"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    house
        .get("/api/v1/fairness/abc")
        .problem(400, "bad-request");
    // The plan's cap counts what was drawn: three of six are left for an amendment's tasks.
    assert!(
        house
            .get("/api/v1/plan-tasks.csv")
            .text()
            .contains("已公开")
    );
}
