//! Who may do what: every route, every role, at home and elsewhere, against one table.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU32, Ordering},
};

use axum::http::Method;
use serde_json::{Value, json};
use wuxin::{
    service::{
        Role::{Admin, Auditor, Decider, Legal, Officer, Publisher, Reviewer},
        documents::{Kind, sample_content},
    },
    web::openapi,
};

use crate::{
    attachments::{PDF, upload},
    bureau::Bureau,
    checks::{event, item, officer, task},
    house::{House, MULBERRY, PINE, request},
    on_both,
    plans::year_plan,
    support::TestStore,
    visits::code_of_a_visit,
};

on_both!(every_role_may_do_exactly_what_the_table_says);

/// One operation. The marks are for officer, reviewer, legal, decider, publisher, auditor, admin of the division of the thing:
/// `x` goes through, `.` is refused (403).
struct Row {
    method: &'static str,
    path: &'static str,
    /// Absent: open to everybody, token or not.
    marks: Option<&'static str>,
    /// What an account of another division gets where the role may: 403, or 200 where a list is narrowed to the account's own.
    /// Of what is open: what everybody gets.
    elsewhere: u16,
    /// Done by the office that has the thing alone: one above it gets 403 too.
    own_office: bool,
}

const fn open(path: &'static str) -> Row {
    Row {
        method: "get",
        path,
        marks: None,
        elsewhere: 200,
        own_office: false,
    }
}

const fn closed(method: &'static str, path: &'static str, marks: &'static str) -> Row {
    Row {
        method,
        path,
        marks: Some(marks),
        elsewhere: 403,
        own_office: false,
    }
}

const TABLE: &[Row] = &[
    open("/"),
    open("/search"),
    open("/companies/{uscc}"),
    open("/lists"),
    open("/lists/{id}"),
    open("/rules"),
    open("/rules/{version}"),
    open("/rules/{version}/text"),
    open("/statistics"),
    open("/open-data"),
    open("/open-data/{file}"),
    open("/badge"),
    open("/badge/{image}"),
    open("/report"),
    open("/report/{code}"),
    open("/static/icon.svg"),
    open("/api/v1/statistics"),
    open("/api/v1/reports/{code}"),
    open("/draws"),
    open("/draws/verify"),
    open("/draws/{id}/results"),
    open("/companies/{uscc}/checks"),
    open("/visit/{code}"),
    open("/plans"),
    open("/plans/{id}"),
    open("/fairness/{year}"),
    open("/static/site.css"),
    open("/static/draw-verify.js"),
    open("/api/v1/draws"),
    open("/api/v1/draws/{id}"),
    open("/api/v1/draws/{id}/results"),
    open("/api/v1/draws/{id}/results.csv"),
    open("/api/v1/companies/{uscc}/checks"),
    open("/api/v1/visits/{code}"),
    // Of a draw that waits for its event: nobody is named before the reveal.
    Row {
        elsewhere: 409,
        ..open("/api/v1/draws/{id}/objects.csv")
    },
    open("/api/v1/draws.csv"),
    open("/api/v1/plans"),
    open("/api/v1/plans/{id}"),
    open("/api/v1/plans/{id}/strata.csv"),
    open("/api/v1/plan-tasks.csv"),
    open("/api/v1/fairness/{year}"),
    open("/api/v1/fairness/{year}/strata.csv"),
    open("/healthz"),
    open("/api/v1/openapi.json"),
    open("/api/v1/companies"),
    open("/api/v1/companies/{uscc}"),
    open("/api/v1/companies/{uscc}/explanation"),
    open("/api/v1/companies/{uscc}/outlook"),
    open("/api/v1/lists"),
    open("/api/v1/deadlines/overdue"),
    open("/api/v1/feed/drift"),
    closed("get", "/api/v1/records/{id}/process", "xxxx.x."),
    closed("post", "/api/v1/records/{id}/notice", "x......"),
    closed("post", "/api/v1/records/{id}/served", "x......"),
    closed("post", "/api/v1/records/{id}/object", "x......"),
    closed("post", "/api/v1/records/{id}/withdraw-objection", "x......"),
    closed("post", "/api/v1/records/{id}/uphold", ".x....."),
    closed("post", "/api/v1/records/{id}/reject", ".x....."),
    closed("post", "/api/v1/records/{id}/rectification", "x......"),
    closed("post", "/api/v1/records/{id}/accept", ".x....."),
    closed("post", "/api/v1/records/{id}/refuse", ".x....."),
    closed("post", "/api/v1/records/{id}/extend", ".x....."),
    closed("post", "/api/v1/records/{id}/attachments", "xx....."),
    closed(
        "get",
        "/api/v1/records/{id}/attachments/{digest}",
        "xxxx.x.",
    ),
    Row {
        elsewhere: 200,
        ..closed("get", "/api/v1/deadlines", "xxxxxx.")
    },
    Row {
        elsewhere: 200,
        ..closed("get", "/api/v1/documents", "xxxxxx.")
    },
    // Lines are narrowed to the companies of the account's division.
    Row {
        elsewhere: 200,
        ..closed("get", "/api/v1/audit", ".....x.")
    },
    // A job is nobody's division.
    Row {
        elsewhere: 200,
        ..closed("get", "/api/v1/jobs", "....xxx")
    },
    // Of an entry, so that a reviewer has no part in them.
    closed("get", "/api/v1/documents/{id}", "x.xxxx."),
    closed("post", "/api/v1/documents/{id}/void", "...x..."),
    closed("post", "/api/v1/entries/{id}/documents", "x......"),
    closed("post", "/api/v1/records/{id}/documents", "xx....."),
    closed("post", "/api/v1/records", "x......"),
    closed("get", "/api/v1/records/{id}", "xxxx.x."),
    closed("post", "/api/v1/records/{id}/confirm", ".x....."),
    closed("post", "/api/v1/records/{id}/correct", ".x....."),
    closed("post", "/api/v1/records/{id}/rectify", "x......"),
    closed("post", "/api/v1/records/{id}/revoke", ".x....."),
    Row {
        elsewhere: 200,
        ..closed("get", "/api/v1/entries", "x.xxxx.")
    },
    closed("post", "/api/v1/entries", "x......"),
    closed("get", "/api/v1/entries/{id}", "x.xxxx."),
    // By the step that is asked for; the matrix asks for a legal review.
    closed("post", "/api/v1/entries/{id}/steps", "..x...."),
    // A legal basis is nobody's division.
    Row {
        elsewhere: 200,
        ..closed("get", "/api/v1/list-bases", "x.xxxx.")
    },
    Row {
        elsewhere: 201,
        ..closed("post", "/api/v1/list-bases", "..x....")
    },
    Row {
        elsewhere: 200,
        ..closed("post", "/api/v1/list-bases/{id}/approve", "..xx...")
    },
    Row {
        elsewhere: 200,
        ..closed("post", "/api/v1/list-bases/{id}/withdraw", "..x....")
    },
    closed("post", "/api/v1/complaints", "x......"),
    Row {
        elsewhere: 200,
        ..closed("get", "/api/v1/complaints", "xx...x.")
    },
    Row {
        elsewhere: 200,
        ..closed("get", "/api/v1/complaints/statistics", "xx...x.")
    },
    closed("get", "/api/v1/complaints/{id}", "xx...x."),
    Row {
        own_office: true,
        ..closed("get", "/api/v1/complaints/{id}/contact", "x......")
    },
    // By the step that is asked for; the matrix asks for an acceptance.
    Row {
        own_office: true,
        ..closed("post", "/api/v1/complaints/{id}/steps", "x......")
    },
    Row {
        own_office: true,
        ..closed("post", "/api/v1/complaints/{id}/record", "x......")
    },
    // An item is nobody's division; lists are narrowed to the account's own.
    Row {
        elsewhere: 200,
        ..closed("get", "/api/v1/checks/items", "xx...x.")
    },
    Row {
        elsewhere: 201,
        ..closed("post", "/api/v1/checks/items", "x......")
    },
    Row {
        elsewhere: 200,
        ..closed("get", "/api/v1/checks/officers", "xx...x.")
    },
    closed("post", "/api/v1/checks/officers", "x......"),
    Row {
        elsewhere: 200,
        ..closed("get", "/api/v1/checks/tasks", "xx...x.")
    },
    closed("post", "/api/v1/checks/tasks", "x......"),
    closed("get", "/api/v1/checks/tasks/{id}", "xx...x."),
    closed("get", "/api/v1/checks/tasks/{id}/simulation", "xx...x."),
    closed("get", "/api/v1/checks/tasks/{id}/result", "xx...x."),
    closed("post", "/api/v1/checks/tasks/{id}/commit", "x......"),
    closed("post", "/api/v1/checks/tasks/{id}/observe", "x......"),
    closed("post", "/api/v1/checks/tasks/{id}/request", "x......"),
    closed("post", "/api/v1/checks/tasks/{id}/approve", ".x....."),
    closed("post", "/api/v1/checks/tasks/{id}/reveal", "x......"),
    closed("post", "/api/v1/checks/tasks/{id}/withdraw", "x......"),
    closed("post", "/api/v1/checks/tasks/{id}/publish", "x......"),
    // Whose account an officer's is, and what an item covers, is no division's.
    Row {
        elsewhere: 201,
        ..closed("post", "/api/v1/checks/accounts", "......x")
    },
    Row {
        elsewhere: 201,
        ..closed("post", "/api/v1/checks/scopes", "x......")
    },
    Row {
        elsewhere: 200,
        ..closed("get", "/api/v1/checks/visits", "x......")
    },
    closed(
        "get",
        "/api/v1/checks/tasks/{id}/visits/{object}",
        "xx...x.",
    ),
    // By the step that is asked for; the matrix asks for an arrival.
    closed(
        "post",
        "/api/v1/checks/tasks/{id}/visits/{object}/steps",
        "x......",
    ),
    closed(
        "post",
        "/api/v1/checks/tasks/{id}/visits/{object}/files",
        "x......",
    ),
    closed(
        "get",
        "/api/v1/checks/tasks/{id}/visits/{object}/files/{digest}",
        "xx...x.",
    ),
    Row {
        elsewhere: 200,
        ..closed("get", "/api/v1/checks/plans", "xx...x.")
    },
    closed("post", "/api/v1/checks/plans", "x......"),
    closed("get", "/api/v1/checks/plans/{id}", "xx...x."),
    closed("get", "/api/v1/checks/plans/{id}/simulation", "xx...x."),
    closed("post", "/api/v1/checks/plans/{id}/amend", "x......"),
    closed("post", "/api/v1/checks/plans/{id}/approve", ".x....."),
    closed("post", "/api/v1/checks/plans/{id}/tasks", "x......"),
];

/// Every route that the sources of the router name: (method, path).
fn routed() -> BTreeSet<(String, String)> {
    routes_of(&[
        include_str!("../../src/web/api/mod.rs"),
        include_str!("../../src/web/site.rs"),
        include_str!("../../src/web/statistics.rs"),
        include_str!("../../src/web/embed.rs"),
        include_str!("../../src/web/reports.rs"),
    ])
}

/// Every route that sources name: (method, path).
pub fn routes_of(sources: &[&str]) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for rest in sources
        .iter()
        .flat_map(|source| source.split(".route(").skip(1))
    {
        let path = rest.split('"').nth(1).unwrap();
        // Up to the end of the call, which may stand on several lines.
        let mut depth = 1;
        let handlers: String = rest
            .chars()
            .take_while(|c| {
                depth += i32::from(*c == '(') - i32::from(*c == ')');
                depth > 0
            })
            .collect();
        for method in ["get", "post", "put", "patch", "delete"] {
            if handlers.contains(&format!("{method}(")) {
                found.insert((method.to_owned(), path.to_owned()));
            }
        }
    }
    found
}

fn documented() -> BTreeSet<(String, String)> {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            found.insert((method.clone(), path.clone()));
        }
    }
    found
}

#[test]
fn the_table_has_every_route_of_the_router_and_of_the_document() {
    let table: BTreeSet<(String, String)> = TABLE
        .iter()
        .map(|row| (row.method.to_owned(), row.path.to_owned()))
        .collect();
    assert_eq!(table.len(), TABLE.len(), "a row twice");
    assert_eq!(table, routed(), "the router");
    let of_interface: BTreeSet<_> = table
        .into_iter()
        .filter(|(_, path)| path.starts_with("/api/") || path == "/healthz")
        .collect();
    assert_eq!(of_interface, documented(), "the document");
}

#[test]
fn the_document_asks_for_a_token_where_the_table_does() {
    let document = serde_json::to_value(openapi()).unwrap();
    for row in TABLE {
        let operation = &document["paths"][row.path][row.method];
        if operation.is_object() {
            let closed = operation["security"] == json!([{ "token": [] }]);
            assert_eq!(closed, row.marks.is_some(), "{} {}", row.method, row.path);
        }
    }
}

fn draft() -> Value {
    json!({
        "item": "CMP-01", "kind": "complaint", "company": PINE, "project": "XM-01",
        "decided_on": "2026-06-29", "attributes": { "level": "city" },
    })
}

/// What a document of a kind can say.
fn content(kind: Kind) -> Value {
    let mut content = sample_content(kind);
    content["kind"] = json!(kind.as_str());
    content
}

fn basis() -> Value {
    json!({
        "list": "serious", "level": "地方性法规", "title": "示例市物业信用条例", "number": "示例公告第1号", "article": "第十条",
        "effective_from": "2026-01-01",
    })
}

/// A complaint that the county has.
fn complaint() -> Value {
    json!({
        "channel": "window", "category": "fees", "project": "XM-01", "office": "512002", "text": "收费不公示",
        "contact": { "phone": "0832-0000000" },
    })
}

/// A number that no task has.
fn fresh() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("CC-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn body(row: &Row) -> Option<Value> {
    let body = match row.path.rsplit('/').next().unwrap() {
        _ if row.method == "get" => return None,
        "list-bases" => basis(),
        "approve" if row.path.contains("list-bases") => json!({}),
        "withdraw" if row.path.contains("checks") => json!({ "version": 1, "reason": "示例" }),
        "publish" => json!({ "version": 1 }),
        "accounts" => json!({ "officer": "M1" }),
        "scopes" => json!({ "item": "WY-01", "covers": ["SPOT-01"] }),
        "withdraw" => json!({ "reason": "示例" }),
        "records" => draft(),
        "confirm" => json!({ "version": 1 }),
        "correct" => json!({ "version": 1, "reason": "更正", "record": draft() }),
        "rectify" => json!({ "version": 1, "rectified_on": "2026-06-30" }),
        "revoke" => json!({ "version": 1, "reason": "撤销" }),
        "entries" => json!({
            "company": PINE, "list": "warning", "severity": "一般", "clauses": ["第十七条"], "reason": "示例",
        }),
        "documents" if row.path.contains("/entries/") => content(Kind::Notice),
        "documents" => content(Kind::RecordNotice),
        "void" => json!({ "reason": "内容有误" }),
        "complaints" => complaint(),
        "steps" if row.path.contains("visits") => json!({ "version": 0, "step": "arrive" }),
        "steps" if row.path.contains("complaints") => json!({ "version": 1, "step": "accept" }),
        "record" => json!({ "version": 1, "item": "CMP-01" }),
        "items" => item(),
        "officers" => officer("M1"),
        "tasks" if row.path.contains("plans") => json!({ "task": "CC-P" }),
        "tasks" => task(&fresh()),
        "plans" => year_plan(&fresh(), "CC-P"),
        "amend" => json!({ "version": 1, "plan": year_plan("JH-0", "CC-P") }),
        "approve" if row.path.contains("checks") => json!({ "version": 1 }),
        "commit" => json!({ "version": 1, "event": event(2), "reveal_by": "2026-07-28T00:00:00Z" }),
        "observe" => json!({ "version": 1, "value": { "numbers": "1 2 3" } }),
        "request" => json!({ "version": 1, "reason": "因故", "object": "XM-01" }),
        "reveal" => json!({ "version": 1, "last_visit_on": "2026-07-01" }),
        "steps" => json!({ "version": 1, "action": "review", "opinion": "清楚" }),
        "notice" => json!({ "version": 1, "events": 0, "number": "告1" }),
        "served" => json!({
            "version": 1, "events": 0, "method": { "method": "direct" }, "delivered_on": "2026-07-01", "proof": "回证",
        }),
        "object" => json!({
            "version": 1, "events": 0, "number": "异1", "grounds": "不实", "received_on": "2026-07-01",
        }),
        "withdraw-objection" | "uphold" | "reject" | "refuse" => {
            json!({ "version": 1, "events": 0, "reason": "示例" })
        }
        "rectification" => json!({
            "version": 1, "events": 0, "statement": "已整改", "rectified_on": "2026-07-01",
        }),
        "accept" => json!({ "version": 1, "events": 0, "opinion": "属实" }),
        "extend" => {
            json!({ "version": 1, "events": 0, "rectify_by": "2026-08-01", "reason": "雨季" })
        }
        other => panic!("{other} has no body"),
    };
    Some(body)
}

fn every_role_may_do_exactly_what_the_table_says(test: &TestStore) {
    let house = House::new(test);
    let maker = house.person(Officer, None);
    // A draw that is public, of a task of its own.
    let committed = json!({ "version": 1, "event": event(2), "reveal_by": "2026-07-28T00:00:00Z" });
    let entry = {
        let all = house
            .get_as(&maker, "/api/v1/entries?state=proposed")
            .json();
        let of_pine = |entry: &&Value| entry["company"] == PINE;
        all.as_array().unwrap().iter().find(of_pine).unwrap()["id"].clone()
    };
    // The division of the record is a community of 512002901; CMP-01 is for all levels.
    let roles = [Officer, Reviewer, Legal, Decider, Publisher, Auditor, Admin];
    let home = roles.map(|role| house.person(role, Some("512002")));
    let city = roles.map(|role| house.person(role, None));
    let elsewhere = roles.map(|role| house.person(role, Some("512021")));
    let lawyer = house.person(Legal, None);
    let prepared = |steps: Vec<(&str, Value)>| {
        for (path, body) in steps {
            let answer = house.post(&maker, &format!("/api/v1/checks/{path}"), &body);
            assert!(answer.status.is_success(), "{path}: {}", answer.text());
        }
    };
    prepared(vec![
        ("items", item()),
        ("officers", officer("M1")),
        ("officers", officer("M2")),
        ("plans", year_plan("JH-0", "CC-P")),
    ]);
    let approve = "/api/v1/checks/plans/JH-0/approve";
    let answer = house.post(
        &house.person(Reviewer, None),
        approve,
        &json!({ "version": 1 }),
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    // After the plan of the year, which counts visits that were made; before a task whose visits are not known.
    let code = code_of_a_visit(&house);
    prepared(vec![
        ("tasks", task("CC-0")),
        ("tasks/CC-0/commit", committed),
    ]);
    let published = {
        let bureau = Bureau::of(&house);
        let entry = bureau.published(&bureau.proposed(MULBERRY, "watch"));
        entry["id"].as_str().unwrap().to_owned()
    };
    let version = (house.app.rules.iter().next().unwrap()).digest()[..12].to_owned();
    let revoked = roles.map(|role| house.person(role, None));
    revoked.iter().for_each(|person| house.revoke(person));
    let ask = |row: &Row, token: Option<&str>| {
        // A fresh record each time, so that no refusal comes from its state.
        let id = match row.path {
            path if path.contains("records/{id}") => house.enter(&maker, &draft()),
            path if path.contains("documents/{id}") => {
                let about = format!("/api/v1/entries/{}/documents", entry.as_str().unwrap());
                let issued = house.post(&maker, &about, &content(Kind::Notice)).json();
                issued["id"].as_str().unwrap().to_owned()
            }
            path if path.contains("list-bases/{id}") => {
                let entered = house.post(&lawyer, "/api/v1/list-bases", &basis()).json();
                entered["id"].as_str().unwrap().to_owned()
            }
            path if path.contains("complaints/{id}") => {
                let answer = house.post(&maker, "/api/v1/complaints", &complaint());
                answer.json()["id"].as_str().unwrap().to_owned()
            }
            path if path.contains("checks/tasks/{id}") => {
                let id = fresh();
                let answer = house.post(&maker, "/api/v1/checks/tasks", &task(&id));
                assert_eq!(answer.status, 201, "{}", answer.text());
                id
            }
            path if path.contains("draws/{id}") => "CC-0".to_owned(),
            path if path.contains("checks/plans/{id}") => {
                let id = fresh();
                let plan = year_plan(&id, "CC-P");
                let answer = house.post(&maker, "/api/v1/checks/plans", &plan);
                assert_eq!(answer.status, 201, "{}", answer.text());
                id
            }
            path if path.contains("plans/{id}") => "JH-0".to_owned(),
            "/lists/{id}" => published.clone(),
            _ => entry.as_str().unwrap().to_owned(),
        };
        let path = row
            .path
            .replace("{id}", &id)
            .replace("{uscc}", PINE)
            .replace("{version}", &version)
            .replace("{file}", "grades.csv")
            .replace("{image}", &format!("{PINE}.svg"))
            .replace("{object}", "XM-01")
            .replace("{year}", "2026")
            .replace("{code}", &code);
        if row.path.ends_with("/attachments") || row.path.ends_with("/files") {
            return house.send(upload(token, &format!("{path}?name=a.pdf"), PDF));
        }
        let path = path.replace("/files/{digest}", "/files/0");
        if path.contains("{digest}") {
            let up = format!("/api/v1/records/{id}/attachments?name=a.pdf");
            let attached = house.send(upload(Some(&maker.token), &up, PDF)).json();
            let path = path.replace("{digest}", attached["digest"].as_str().unwrap());
            return house.send(request(Method::GET, &path, token, None));
        }
        let path = if path == "/search" {
            "/search?q=%E7%A4%BA%E4%BE%8B".to_owned()
        } else {
            path
        };
        let method: Method = row.method.to_uppercase().parse().unwrap();
        let mut body = body(row);
        if row.path.ends_with("/amend") {
            // A plan keeps its number.
            body = Some(json!({ "version": 1, "plan": year_plan(&id, "CC-P") }));
        }
        house.send(request(method, &path, token, body.as_ref()))
    };
    for row in TABLE {
        let name = format!("{} {}", row.method, row.path);
        let Some(marks) = row.marks else {
            for token in [
                None,
                Some("garbage"),
                Some(&*revoked[0].token),
                Some(&*home[6].token),
            ] {
                assert_eq!(ask(row, token).status, row.elsewhere, "{name} {token:?}");
            }
            continue;
        };
        for token in [
            None,
            Some("garbage"),
            Some(""),
            Some("wx_0000"),
            Some(&*maker.id),
        ]
        .into_iter()
        .chain(revoked.iter().map(|person| Some(person.token.as_str())))
        {
            let answer = ask(row, token);
            answer.problem(401, "unauthenticated");
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{name}");
        }
        for (place, mark) in marks.chars().enumerate() {
            for (people, its_own) in [(&home, true), (&city, !row.own_office), (&elsewhere, false)]
            {
                let answer = ask(row, Some(&people[place].token));
                let status = answer.status.as_u16();
                let who = format!(
                    "{name}, {} (own: {its_own}): {}",
                    roles[place],
                    answer.text()
                );
                match (mark, its_own) {
                    // Through the gate: done, or refused for the state it is in.
                    ('x', true) => assert!(matches!(status, 200 | 201 | 409), "{who}"),
                    ('x', false) => assert_eq!(status, row.elsewhere, "{who}"),
                    _ => assert_eq!(status, 403, "{who}"),
                }
                if status == 403 {
                    answer.problem(403, "forbidden");
                }
            }
        }
    }
}
