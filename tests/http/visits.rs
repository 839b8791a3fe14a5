//! Visits of spot checks over HTTP: from the arrival to the record, what a company sees, what is refused, when results are
//! public.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};
use wuxin::service::Role::{Admin, Officer, Reviewer};

use crate::{
    attachments::{PDF, upload},
    checks::{event, item, officer, task},
    house::{Answer, House, PINE, Person, july, request},
    on_both,
    support::TestStore,
};

on_both!(
    a_visit_goes_from_the_arrival_to_the_record_and_the_published_result,
    a_report_that_does_not_hold_together_is_refused_with_every_place_named,
    a_visit_is_its_officers_alone_and_sent_twice_is_done_once,
    a_refused_signature_is_witnessed_and_an_impossible_visit_confirmed,
    results_that_come_late_stay_late_in_public,
    a_task_is_taken_back_before_the_commitment_only,
    visits_made_before_a_redraw_count,
);

/// A draw of every project of 示例松鹤 and 示例竹里, observed on 3 July, with three officers who have accounts.
pub struct Bureau<'a> {
    house: &'a House,
    clerk: Person,
    reviewer: Person,
    people: BTreeMap<String, Person>,
}

/// The code of a visit that has begun, for who looks at it; the clock is back where it was.
pub fn code_of_a_visit(house: &House) -> String {
    let bureau = Bureau::drawn(house, "CC-V");
    house.hand.set(july(6));
    let (first, _) = bureau.team("CC-V", "XM-01");
    let code = bureau.does(&first, "CC-V", "XM-01", 0, json!({ "step": "arrive" }))["code"].clone();
    house.hand.set(july(1));
    code.as_str().unwrap().to_owned()
}

fn projects(id: &str) -> Value {
    let mut task = task(id);
    task["objects"] = json!("project");
    task["ratios"] = json!([
        { "grade": "AAA", "percent": "100", "reason": "全覆盖" },
        { "grade": "A", "percent": "100", "reason": "全覆盖" },
        { "grade": "未评级", "percent": "0", "reason": "本年新入库" },
    ]);
    task["company_visits"] = json!(1);
    task
}

fn agrees(item: &str) -> Value {
    json!({ "item": item, "answer": "agrees" })
}

/// SPOT-01 differs; nothing else.
fn found() -> Value {
    json!({
        "lines": [
            { "item": "SPOT-01", "answer": "differs", "finding": { "what": "公示的收费标准与合同不一致" } },
            agrees("SPOT-02"),
            { "item": "SPOT-03", "answer": "not_concerned" },
        ],
        "codes": ["not_published", "ordered"], "rectify_within": 7,
    })
}

fn clean() -> Value {
    json!({
        "lines": [agrees("SPOT-01"), agrees("SPOT-02"), agrees("SPOT-03")], "codes": ["no_problem"],
    })
}

impl<'a> Bureau<'a> {
    fn drawn(house: &'a House, id: &str) -> Self {
        let bureau = Self {
            house,
            clerk: house.person(Officer, None),
            reviewer: house.person(Reviewer, None),
            people: ["M1", "M2", "M3"]
                .map(|id| (id.to_owned(), house.person(Officer, None)))
                .into(),
        };
        let admin = house.person(Admin, None);
        bureau.made(&bureau.clerk, "items", &item());
        for (id, person) in &bureau.people {
            bureau.made(&bureau.clerk, "officers", &officer(id));
            let bound = json!({ "officer": id, "account": person.id });
            bureau.made(&admin, "accounts", &bound);
        }
        let covers = json!({ "item": "WY-01", "covers": ["SPOT-01", "SPOT-02", "SPOT-03"] });
        bureau.made(&bureau.clerk, "scopes", &covers);
        bureau.made(&bureau.clerk, "tasks", &projects(id));
        let commit =
            json!({ "version": 1, "event": event(2), "reveal_by": "2026-07-28T00:00:00Z" });
        bureau.task(&bureau.clerk, id, "commit", &commit);
        house.hand.set(july(3));
        let value = json!({ "version": 2, "value": { "numbers": "3 7 12" } });
        bureau.task(&bureau.clerk, id, "observe", &value);
        bureau
    }

    #[track_caller]
    fn made(&self, person: &Person, path: &str, body: &Value) -> Value {
        let path = format!("/api/v1/checks/{path}");
        let answer = self.house.post(person, &path, body);
        assert_eq!(answer.status, 201, "{path}: {}", answer.text());
        answer.json()
    }

    #[track_caller]
    fn task(&self, person: &Person, id: &str, step: &str, body: &Value) -> Value {
        let path = format!("/api/v1/checks/tasks/{id}/{step}");
        let answer = self.house.post(person, &path, body);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// The two of the team of an object.
    fn team(&self, id: &str, object: &str) -> (Person, Person) {
        let path = format!("/api/v1/checks/tasks/{id}/result");
        let drawn = self.house.get_as(&self.reviewer, &path).json();
        let mut visits = drawn["visits"].as_array().unwrap().iter();
        let visit = visits.find(|one| one["object"] == object);
        let visit = visit.unwrap_or_else(|| panic!("{object} in {drawn}"));
        let who = |index: usize| self.people[visit["officers"][index].as_str().unwrap()].clone();
        (who(0), who(1))
    }

    fn outsider(&self, team: &(Person, Person)) -> Person {
        let mut all = self.people.values();
        let other = all.find(|one| one.id != team.0.id && one.id != team.1.id);
        other.unwrap().clone()
    }

    fn asks(&self, person: &Person, id: &str, object: &str, version: i64, step: Value) -> Answer {
        let mut body = step;
        body["version"] = json!(version);
        let path = format!("/api/v1/checks/tasks/{id}/visits/{object}/steps");
        self.house.post(person, &path, &body)
    }

    #[track_caller]
    fn does(&self, person: &Person, id: &str, object: &str, version: i64, step: Value) -> Value {
        let told = step.to_string();
        let answer = self.asks(person, id, object, version, step);
        assert_eq!(answer.status, 200, "{told}: {}", answer.text());
        answer.json()
    }

    /// From the arrival to the signature, all on one day.
    #[track_caller]
    fn visits(&self, id: &str, object: &str, report: &Value) -> Value {
        let (first, second) = self.team(id, object);
        self.does(&first, id, object, 0, json!({ "step": "arrive" }));
        let record = json!({ "step": "record", "report": report });
        self.does(&first, id, object, 1, record);
        self.does(&first, id, object, 2, json!({ "step": "confirm" }));
        self.does(&second, id, object, 3, json!({ "step": "confirm" }));
        let sign = json!({ "step": "sign", "function": "项目经理" });
        self.does(&second, id, object, 4, sign)
    }

    fn results(&self, id: &str) -> Value {
        self.house
            .get(&format!("/api/v1/draws/{id}/results"))
            .json()
    }

    /// Every object of the draw.
    fn objects(&self, id: &str) -> Vec<String> {
        let path = format!("/api/v1/checks/tasks/{id}/result");
        let drawn = self.house.get_as(&self.reviewer, &path).json();
        let visits = drawn["visits"].as_array().unwrap().iter();
        visits
            .map(|one| one["object"].as_str().unwrap().to_owned())
            .collect()
    }

    fn version(&self, id: &str) -> i64 {
        let path = format!("/api/v1/checks/tasks/{id}");
        let task = self.house.get_as(&self.reviewer, &path).json();
        task["version"].as_i64().unwrap()
    }
}

fn a_visit_goes_from_the_arrival_to_the_record_and_the_published_result(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::drawn(&house, "CC-1");
    let (first, second) = bureau.team("CC-1", "XM-01");
    let board = house
        .get_as(&bureau.clerk, "/api/v1/deadlines?kind=check")
        .json();
    assert_eq!(board[0]["rule"], "check.publish", "{board}");
    assert_eq!(board[0]["due_on"], "2026-08-17", "{board}");

    // Nobody comes before the first day, and nobody is warned.
    let arrive = || json!({ "step": "arrive" });
    bureau
        .asks(&first, "CC-1", "XM-01", 0, arrive())
        .problem(409, "illegal-step");
    let unknown = house.get("/api/v1/visits/ABCDEFGHJK");
    let told = unknown.problem(404, "not-found");
    assert!(
        told["detail"].as_str().unwrap().contains("任何人不得"),
        "{told}"
    );
    let page = house.get("/visit/ABCDEFGHJK");
    assert_eq!(page.status, 404);
    assert!(page.text().contains("任何人不得"));
    let hidden = bureau.results("CC-1");
    assert_eq!(hidden["attempts"][0]["objects"], Value::Null, "{hidden}");

    house.hand.set(july(6));
    let mine = house.get_as(&first, "/api/v1/checks/visits").json();
    assert!(
        mine.as_array()
            .unwrap()
            .iter()
            .any(|one| one["object"] == "XM-01" && one["state"] == "due"),
        "{mine}"
    );
    let there = bureau.does(&first, "CC-1", "XM-01", 0, arrive());
    assert_eq!(there["state"], "on_site");
    assert_eq!(there["checklist"].as_array().unwrap().len(), 3, "{there}");
    let code = there["code"].as_str().unwrap().to_owned();
    assert_eq!(code.len(), 10);
    let shown = house.get(&format!("/api/v1/visits/{}", code.to_lowercase()));
    assert_eq!(shown.header("x-robots-tag"), "noindex");
    let shown = shown.json();
    assert_eq!(shown["officers"].as_array().unwrap().len(), 2, "{shown}");
    assert!(
        shown["officers"][0]["certificate"]
            .as_str()
            .unwrap()
            .starts_with("ZFM")
    );
    assert_eq!(shown["items"][0]["basis"], "《物业管理条例》第四十条");
    assert_eq!(shown["over"], false);
    let page = house.get(&format!("/visit/{code}"));
    assert_eq!(page.header("x-robots-tag"), "noindex");
    assert!(page.text().contains("ZFM") && page.text().contains("示例松涛苑"));

    let files = "/api/v1/checks/tasks/CC-1/visits/XM-01/files";
    let up = upload(Some(&first.token), &format!("{files}?name=a.pdf"), PDF);
    let photo = house.send(up);
    assert_eq!(photo.status, 201, "{}", photo.text());
    let digest = photo.json()["digest"].clone();
    let down = house.get_as(&second, &format!("{files}/{}", digest.as_str().unwrap()));
    assert_eq!(down.body, PDF);

    let before = house.score(PINE);
    let mut report = found();
    report["photos"] = json!([digest]);
    let record = json!({ "step": "record", "report": report });
    let recorded = bureau.does(&first, "CC-1", "XM-01", 1, record);
    // Seven working days from Monday, 6 July.
    assert_eq!(recorded["rectify_by"], "2026-07-15", "{recorded}");
    let sign = || json!({ "step": "sign", "function": "项目经理" });
    bureau
        .asks(&first, "CC-1", "XM-01", 2, sign())
        .problem(409, "illegal-step");
    bureau.does(&first, "CC-1", "XM-01", 2, json!({ "step": "confirm" }));
    let confirmed = bureau.does(&second, "CC-1", "XM-01", 3, json!({ "step": "confirm" }));
    assert_eq!(confirmed["state"], "confirmed");
    assert_eq!(confirmed["records"], json!([]));
    let closed = bureau.does(&second, "CC-1", "XM-01", 4, sign());
    assert_eq!(closed["state"], "closed");
    let records = closed["records"].as_array().unwrap();
    assert_eq!(records.len(), 1, "{closed}");
    assert_eq!(records[0]["item"], "SPOT-01");
    let id = records[0]["record"].as_str().unwrap();
    let path = format!("/api/v1/records/{id}");
    let draft = house.get_as(&bureau.reviewer, &path).json();
    let whole = draft.to_string();
    for part in [
        "spot_check",
        "CC-1",
        "XM-01",
        "附件2 第1项",
        "2026-07-06",
        "2026-07-15",
    ] {
        assert!(whole.contains(part), "{part}: {whole}");
    }
    assert_eq!(house.score(PINE), before, "a draft does not count");
    let evidence = format!("{path}/attachments/{}", digest.as_str().unwrap());
    assert_eq!(house.get_as(&bureau.reviewer, &evidence).body, PDF);
    // Due process: another person confirms, then the notice.
    let answer = house.post(
        &bureau.reviewer,
        &format!("{path}/confirm"),
        &json!({ "version": 1 }),
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_ne!(house.score(PINE), before);
    let notice = json!({ "version": 2, "events": 0, "number": "告1" });
    let answer = house.post(&bureau.clerk, &format!("{path}/notice"), &notice);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let over = house.get(&format!("/api/v1/visits/{code}")).json();
    assert_eq!(over["over"], true);

    // The others without findings make no record.
    for object in bureau.objects("CC-1") {
        if object != "XM-01" {
            let closed = bureau.visits("CC-1", &object, &clean());
            assert_eq!(closed["records"], json!([]), "{closed}");
        }
    }
    house.hand.set(july(21));
    let publish = json!({ "version": 3 });
    let path = "/api/v1/checks/tasks/CC-1/publish";
    house
        .post(&bureau.clerk, path, &publish)
        .problem(409, "conflict");
    // The last visit was on the 6th: a reveal that names an earlier day is none.
    let early = json!({ "version": 3, "last_visit_on": "2026-07-05" });
    house
        .post(&bureau.clerk, "/api/v1/checks/tasks/CC-1/reveal", &early)
        .problem(422, "invalid");
    let reveal = json!({ "version": 3, "last_visit_on": "2026-07-06" });
    bureau.task(&bureau.clerk, "CC-1", "reveal", &reveal);
    let revealed = bureau.results("CC-1");
    let objects = revealed["attempts"][0]["objects"].as_array().unwrap();
    assert!(
        objects.iter().all(|one| one["codes"] == json!([])),
        "{revealed}"
    );
    assert_eq!(
        house
            .get(&format!("/api/v1/companies/{PINE}/checks"))
            .json(),
        json!([])
    );
    let published = bureau.task(&bureau.clerk, "CC-1", "publish", &json!({ "version": 4 }));
    assert_eq!(published["days_late"], 0, "{published}");
    house
        .post(&bureau.clerk, path, &json!({ "version": 4 }))
        .problem(409, "conflict");
    let public = bureau.results("CC-1");
    let objects = public["attempts"][0]["objects"].as_array().unwrap();
    let pine = objects.iter().find(|one| one["object"] == "XM-01").unwrap();
    assert_eq!(pine["codes"][0]["name"], "未按规定公示", "{pine}");
    let csv = house.get("/api/v1/draws/CC-1/results.csv").text();
    assert!(csv.contains("未按规定公示;发现问题已责令改正"), "{csv}");
    assert!(!csv.contains("示例M1"), "no personal data: {csv}");
    assert!(
        house
            .get("/draws/CC-1/results")
            .text()
            .contains("未按规定公示")
    );
    let of_company = house
        .get(&format!("/api/v1/companies/{PINE}/checks"))
        .json();
    assert!(
        of_company
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["object"] == "XM-01"),
        "{of_company}"
    );
    assert!(
        house
            .get(&format!("/companies/{PINE}/checks"))
            .text()
            .contains("示例松涛苑")
    );
    let board = house
        .get_as(&bureau.clerk, "/api/v1/deadlines?kind=check")
        .json();
    assert_eq!(board, json!([]), "the clock has ended");

    // Who confirmed the record does not take the visit back; another reviewer does, and the record goes with it.
    let annul = || json!({ "step": "annul", "reason": "检查对象有误" });
    bureau
        .asks(&bureau.reviewer, "CC-1", "XM-01", 5, annul())
        .problem(403, "forbidden");
    let other = house.person(Reviewer, None);
    let annulled = bureau.does(&other, "CC-1", "XM-01", 5, annul());
    assert_eq!(annulled["state"], "annulled");
    let history = house
        .get_as(&other, &format!("/api/v1/records/{id}"))
        .json();
    assert!(history.to_string().contains("revoked"), "{history}");
    assert_eq!(house.score(PINE), before);
    let public = bureau.results("CC-1").to_string();
    assert!(
        public.contains("检查已撤销") && !public.contains("未按规定公示"),
        "{public}"
    );
}

fn a_report_that_does_not_hold_together_is_refused_with_every_place_named(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::drawn(&house, "CC-1");
    house.hand.set(july(6));
    let (first, _) = bureau.team("CC-1", "XM-01");
    bureau.does(&first, "CC-1", "XM-01", 0, json!({ "step": "arrive" }));
    let finding = |points: Value| json!({ "item": "SPOT-03", "answer": "differs", "finding": { "what": "示例", "points": points } });
    let with = |lines: Value, codes: Value| json!({ "lines": lines, "codes": codes });
    let base = || vec![agrees("SPOT-01"), agrees("SPOT-02")];
    let and = |more: Value| Value::Array(base().into_iter().chain([more]).collect());
    let mut personal = clean();
    personal["note"] = json!("联系电话 13800138000");
    let mut no_photo = clean();
    no_photo["photos"] = json!(["0".repeat(64)]);
    let mut four = clean();
    four["lines"].as_array_mut().unwrap().push(agrees("PEN-03"));
    let table = [
        (four, "/report/lines/3/item"),
        (
            with(and(finding(json!("-5"))), json!(["pending"])),
            "/report/lines/2/finding/points",
        ),
        (
            with(and(finding(Value::Null)), json!(["pending"])),
            "/report/lines/2/finding/points",
        ),
        (
            with(and(agrees("SPOT-03")), json!(["no_problem", "pending"])),
            "/report/codes",
        ),
        (
            with(and(finding(json!("-1"))), json!(["no_problem"])),
            "/report/codes",
        ),
        (
            with(Value::Array(base()), json!(["no_problem"])),
            "/report/lines",
        ),
        (personal, "/report/note"),
        (no_photo, "/report/photos/0"),
    ];
    for (report, pointer) in table {
        let step = json!({ "step": "record", "report": report });
        let told = bureau
            .asks(&first, "CC-1", "XM-01", 1, step)
            .problem(422, "invalid");
        let mut errors = told["errors"].as_array().unwrap().iter();
        assert!(
            errors.any(|one| one["pointer"] == pointer),
            "{pointer}: {told}"
        );
        assert!(!told.to_string().contains("13800138000"), "{told}");
    }
    // What is no report at all.
    for report in [json!({}), json!({ "lines": [], "codes": ["fine"] })] {
        let step = json!({ "step": "record", "report": report });
        let answer = bureau.asks(&first, "CC-1", "XM-01", 1, step);
        assert!(
            matches!(answer.status.as_u16(), 400 | 422),
            "{}",
            answer.text()
        );
    }
    // A clock that goes back.
    house.hand.set(july(5));
    let step = json!({ "step": "record", "report": clean() });
    bureau
        .asks(&first, "CC-1", "XM-01", 1, step)
        .problem(409, "illegal-step");
}

fn a_visit_is_its_officers_alone_and_sent_twice_is_done_once(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::drawn(&house, "CC-1");
    house.hand.set(july(6));
    let team = bureau.team("CC-1", "XM-01");
    let arrive = || json!({ "step": "arrive" });
    for stranger in [bureau.outsider(&team), bureau.clerk.clone()] {
        bureau
            .asks(&stranger, "CC-1", "XM-01", 0, arrive())
            .problem(403, "forbidden");
    }
    // From elsewhere it cannot even be told whether an object was drawn.
    let elsewhere = house.person(Officer, Some("512021"));
    for object in ["XM-01", "XM-05", "XM-99"] {
        bureau
            .asks(&elsewhere, "CC-1", object, 0, arrive())
            .problem(403, "forbidden");
    }
    let first = bureau.does(&team.0, "CC-1", "XM-01", 0, arrive());
    let again = bureau.does(&team.0, "CC-1", "XM-01", 0, arrive());
    assert_eq!(first, again);
    bureau
        .asks(&team.1, "CC-1", "XM-01", 0, arrive())
        .problem(409, "conflict");
    bureau.does(
        &team.0,
        "CC-1",
        "XM-01",
        1,
        json!({ "step": "record", "report": found() }),
    );
    bureau.does(&team.0, "CC-1", "XM-01", 2, json!({ "step": "confirm" }));
    // One officer is not two.
    bureau
        .asks(&team.0, "CC-1", "XM-01", 3, json!({ "step": "confirm" }))
        .problem(403, "forbidden");
    bureau.does(&team.1, "CC-1", "XM-01", 3, json!({ "step": "confirm" }));
    let sign = json!({ "version": 4, "step": "sign", "function": "项目经理" });
    let path = "/api/v1/checks/tasks/CC-1/visits/XM-01/steps";
    let both = [&team.0, &team.0, &team.1]
        .map(|one| request(Method::POST, path, Some(&one.token), Some(&sign)));
    let answers = house.send_together(both.into());
    assert!(answers.iter().any(|one| one.status == 200));
    assert!(
        answers
            .iter()
            .all(|one| matches!(one.status.as_u16(), 200 | 409))
    );
    let path = "/api/v1/checks/tasks/CC-1/visits/XM-01";
    let view = house.get_as(&team.0, path).json();
    assert_eq!(view["records"].as_array().unwrap().len(), 1, "{view}");
    assert_eq!(view["version"], 5);
    let drafts = house.get_as(&bureau.reviewer, path).json();
    assert_eq!(drafts["records"], view["records"]);
    // An object that was begun is not substituted.
    let wish = json!({ "version": 3, "reason": "示例", "object": "XM-01" });
    bureau.task(&bureau.clerk, "CC-1", "request", &wish);
    house
        .post(
            &bureau.reviewer,
            "/api/v1/checks/tasks/CC-1/approve",
            &json!({ "version": 4 }),
        )
        .problem(409, "conflict");
}

fn a_refused_signature_is_witnessed_and_an_impossible_visit_confirmed(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::drawn(&house, "CC-1");
    house.hand.set(july(6));
    let (first, second) = bureau.team("CC-1", "XM-01");
    bureau.does(&first, "CC-1", "XM-01", 0, json!({ "step": "arrive" }));
    bureau.does(
        &first,
        "CC-1",
        "XM-01",
        1,
        json!({ "step": "record", "report": found() }),
    );
    bureau.does(&first, "CC-1", "XM-01", 2, json!({ "step": "confirm" }));
    bureau.does(&second, "CC-1", "XM-01", 3, json!({ "step": "confirm" }));
    let refuse = json!({ "step": "refuse_signature", "reason": "项目经理拒绝签字" });
    let unsigned = bureau.does(&first, "CC-1", "XM-01", 4, refuse);
    assert_eq!(unsigned["state"], "unsigned");
    assert_eq!(unsigned["records"], json!([]));
    bureau
        .asks(&first, "CC-1", "XM-01", 5, json!({ "step": "witness" }))
        .problem(403, "forbidden");
    let closed = bureau.does(&second, "CC-1", "XM-01", 5, json!({ "step": "witness" }));
    assert_eq!(closed["state"], "closed");
    assert_eq!(closed["records"].as_array().unwrap().len(), 1);

    let (first, second) = bureau.team("CC-1", "XM-02");
    let hinder = json!({ "step": "hinder", "reason": "暴雨道路中断" });
    let hindered = bureau.does(&first, "CC-1", "XM-02", 0, hinder);
    assert_eq!(
        (&hindered["state"], &hindered["code"]),
        (&json!("hindered"), &Value::Null)
    );
    bureau.does(&first, "CC-1", "XM-02", 1, json!({ "step": "confirm" }));
    let over = bureau.does(&second, "CC-1", "XM-02", 2, json!({ "step": "confirm" }));
    assert_eq!(over["state"], "not_possible");
    bureau
        .asks(&first, "CC-1", "XM-02", 3, json!({ "step": "arrive" }))
        .problem(409, "illegal-step");
}

fn results_that_come_late_stay_late_in_public(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::drawn(&house, "CC-1");
    house.hand.set(july(6));
    let objects = bureau.objects("CC-1");
    for object in objects.iter().skip(1) {
        bureau.visits("CC-1", object, &clean());
    }
    house.hand.set(july(21));
    let reveal = json!({ "version": 3, "last_visit_on": "2026-07-06" });
    bureau.task(&bureau.clerk, "CC-1", "reveal", &reveal);
    // Those who are drawn are known: nobody comes any more, and that has to be said.
    let (first, second) = bureau.team("CC-1", &objects[0]);
    bureau
        .asks(&first, "CC-1", &objects[0], 0, json!({ "step": "arrive" }))
        .problem(409, "illegal-step");
    let path = "/api/v1/checks/tasks/CC-1/publish";
    let told = house
        .post(&bureau.clerk, path, &json!({ "version": 4 }))
        .problem(409, "conflict");
    assert!(
        told["detail"].as_str().unwrap().contains("没有办结"),
        "{told}"
    );
    let hinder = json!({ "step": "hinder", "reason": "期间停电" });
    bureau.does(&first, "CC-1", &objects[0], 0, hinder);
    bureau.does(&first, "CC-1", &objects[0], 1, json!({ "step": "confirm" }));
    bureau.does(
        &second,
        "CC-1",
        &objects[0],
        2,
        json!({ "step": "confirm" }),
    );
    house.hand.set("2026-08-20T01:00:00Z".parse().unwrap());
    let overdue = house.get("/api/v1/deadlines/overdue").json();
    assert!(
        overdue.to_string().contains("公开抽查检查结果"),
        "{overdue}"
    );
    let waiting = bureau.results("CC-1");
    assert_eq!(waiting["attempts"][0]["late"], true, "{waiting}");
    bureau.task(&bureau.clerk, "CC-1", "publish", &json!({ "version": 4 }));
    house.hand.set("2026-09-20T01:00:00Z".parse().unwrap());
    let stays = bureau.results("CC-1");
    assert_eq!(stays["attempts"][0]["days_late"], 3, "{stays}");
    assert!(
        house
            .get("/draws/CC-1/results")
            .text()
            .contains("逾期 3 日")
    );
    // After the publication nothing but an annulment.
    let (first, _) = bureau.team("CC-1", &objects[1]);
    bureau
        .asks(&first, "CC-1", &objects[1], 5, json!({ "step": "witness" }))
        .problem(409, "illegal-step");
}

fn a_task_is_taken_back_before_the_commitment_only(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::drawn(&house, "CC-1");
    bureau.made(&bureau.clerk, "tasks", &projects("CC-2"));
    let path = "/api/v1/checks/tasks/CC-2/withdraw";
    house
        .post(&bureau.clerk, path, &json!({ "version": 1, "reason": " " }))
        .problem(422, "invalid");
    let withdraw = json!({ "version": 1, "reason": "重复准备" });
    let line = bureau.task(&bureau.clerk, "CC-2", "withdraw", &withdraw);
    assert_eq!(line["state"], "withdrawn");
    let commit = json!({ "version": 2, "event": event(9), "reveal_by": "2026-07-28T00:00:00Z" });
    house
        .post(&bureau.clerk, "/api/v1/checks/tasks/CC-2/commit", &commit)
        .problem(409, "conflict");
    let used = house.post(&bureau.clerk, "/api/v1/checks/tasks", &projects("CC-2"));
    used.problem(422, "invalid");
    let version = bureau.version("CC-1");
    let late = json!({ "version": version, "reason": "示例" });
    house
        .post(&bureau.clerk, "/api/v1/checks/tasks/CC-1/withdraw", &late)
        .problem(409, "conflict");
}

fn visits_made_before_a_redraw_count(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::drawn(&house, "CC-1");
    house.hand.set(july(6));
    bureau.visits("CC-1", "XM-01", &clean());
    house.hand.set(july(21));
    let reveal = json!({ "version": 3, "last_visit_on": "2026-07-06" });
    bureau.task(&bureau.clerk, "CC-1", "reveal", &reveal);
    let wish = json!({
        "version": 4, "reason": "名录有误", "event": event(22), "reveal_by": "2026-07-30T00:00:00Z",
    });
    bureau.task(&bureau.clerk, "CC-1", "request", &wish);
    bureau.task(
        &bureau.reviewer,
        "CC-1",
        "approve",
        &json!({ "version": 5 }),
    );
    house.hand.set(july(23));
    let value = json!({ "version": 6, "value": { "numbers": "1 2 3" } });
    bureau.task(&bureau.clerk, "CC-1", "observe", &value);
    // 示例松鹤 was visited, and may be once a year; 示例竹里 was drawn and not visited.
    assert_eq!(bureau.objects("CC-1"), ["XM-03"]);
    // The visit of the first attempt stays, and its results are published by themselves.
    let path = "/api/v1/checks/tasks/CC-1/visits/XM-01?attempt=1";
    assert_eq!(
        house.get_as(&bureau.reviewer, path).json()["state"],
        "closed"
    );
    let published = bureau.task(&bureau.clerk, "CC-1", "publish", &json!({ "version": 7 }));
    assert_eq!(published["attempts"], json!([1]), "{published}");
    let results = bureau.results("CC-1");
    assert_eq!(results["attempts"][1]["objects"], Value::Null, "{results}");
}
