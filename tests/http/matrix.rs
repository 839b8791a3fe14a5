//! Who may do what: every route, every role, at home and elsewhere, against one table.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};
use wuxin::{
    service::Role::{Admin, Officer, Publisher, Reviewer},
    web::openapi,
};

use crate::{
    house::{House, PINE, request},
    on_both,
    support::TestStore,
};

on_both!(every_role_may_do_exactly_what_the_table_says);

/// One operation. The marks are for officer, reviewer, publisher, admin of the division of the thing: `x` goes through,
/// `.` is refused (403).
struct Row {
    method: &'static str,
    path: &'static str,
    /// Absent: open to everybody, token or not.
    marks: Option<&'static str>,
    /// What an account of another division gets where the role may: 403, or 200 where a list is narrowed to the account's own.
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
    open("/rules"),
    open("/static/site.css"),
    open("/healthz"),
    open("/api/v1/openapi.json"),
    open("/api/v1/companies"),
    open("/api/v1/companies/{uscc}"),
    open("/api/v1/companies/{uscc}/explanation"),
    open("/api/v1/companies/{uscc}/outlook"),
    open("/api/v1/lists"),
    closed("post", "/api/v1/records", "x..."),
    closed("get", "/api/v1/records/{id}", "xx.."),
    closed("post", "/api/v1/records/{id}/confirm", ".x.."),
    closed("post", "/api/v1/records/{id}/correct", ".x.."),
    closed("post", "/api/v1/records/{id}/rectify", "x..."),
    closed("post", "/api/v1/records/{id}/revoke", ".x.."),
    Row {
        elsewhere: 200,
        ..closed("get", "/api/v1/entries", "xxx.")
    },
    closed("post", "/api/v1/entries", "x..."),
    closed("get", "/api/v1/entries/{id}", "xxx."),
    // By the step that is asked for; the matrix asks for a legal review.
    closed("post", "/api/v1/entries/{id}/steps", ".x.."),
    closed("post", "/api/v1/complaints", "x..."),
    Row {
        elsewhere: 200,
        ..closed("get", "/api/v1/complaints", "xx..")
    },
    Row {
        elsewhere: 200,
        ..closed("get", "/api/v1/complaints/statistics", "xx..")
    },
    closed("get", "/api/v1/complaints/{id}", "xx.."),
    Row {
        own_office: true,
        ..closed("get", "/api/v1/complaints/{id}/contact", "x...")
    },
    // By the step that is asked for; the matrix asks for an acceptance.
    Row {
        own_office: true,
        ..closed("post", "/api/v1/complaints/{id}/steps", "x...")
    },
    Row {
        own_office: true,
        ..closed("post", "/api/v1/complaints/{id}/record", "x...")
    },
];

/// Every route that the sources of the router name: (method, path).
fn routed() -> BTreeSet<(String, String)> {
    let sources = [
        include_str!("../../src/web/api/mod.rs"),
        include_str!("../../src/web/site.rs"),
    ];
    let mut found = BTreeSet::new();
    for rest in sources
        .iter()
        .flat_map(|source| source.split(".route(").skip(1))
    {
        let path = rest.split('"').nth(1).unwrap();
        let handlers = rest
            .split(".route(")
            .next()
            .unwrap()
            .split('\n')
            .next()
            .unwrap();
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

/// A complaint that the county has.
fn complaint() -> Value {
    json!({
        "channel": "window", "category": "fees", "project": "XM-01", "office": "512002", "text": "收费不公示",
        "contact": { "phone": "0832-0000000" },
    })
}

fn body(row: &Row) -> Option<Value> {
    let body = match row.path.rsplit('/').next().unwrap() {
        _ if row.method == "get" => return None,
        "records" => draft(),
        "confirm" => json!({ "version": 1 }),
        "correct" => json!({ "version": 1, "reason": "更正", "record": draft() }),
        "rectify" => json!({ "version": 1, "rectified_on": "2026-06-30" }),
        "revoke" => json!({ "version": 1, "reason": "撤销" }),
        "entries" => json!({
            "company": PINE, "list": "warning", "severity": "一般", "clauses": ["第十七条"], "reason": "示例",
        }),
        "complaints" => complaint(),
        "steps" if row.path.contains("complaints") => json!({ "version": 1, "step": "accept" }),
        "record" => json!({ "version": 1, "item": "CMP-01" }),
        "steps" => json!({ "version": 1, "action": "review", "opinion": "清楚" }),
        other => panic!("{other} has no body"),
    };
    Some(body)
}

fn every_role_may_do_exactly_what_the_table_says(test: &TestStore) {
    let house = House::new(test);
    let maker = house.person(Officer, None);
    let entry = {
        let all = house
            .get_as(&maker, "/api/v1/entries?state=proposed")
            .json();
        let of_pine = |entry: &&Value| entry["company"] == PINE;
        all.as_array().unwrap().iter().find(of_pine).unwrap()["id"].clone()
    };
    // The division of the record is a community of 512002901; CMP-01 is for all levels.
    let roles = [Officer, Reviewer, Publisher, Admin];
    let home = roles.map(|role| house.person(role, Some("512002")));
    let city = roles.map(|role| house.person(role, None));
    let elsewhere = roles.map(|role| house.person(role, Some("512021")));
    let revoked = roles.map(|role| house.person(role, None));
    revoked.iter().for_each(|person| house.revoke(person));
    let ask = |row: &Row, token: Option<&str>| {
        // A fresh record each time, so that no refusal comes from its state.
        let id = match row.path {
            path if path.contains("records/{id}") => house.enter(&maker, &draft()),
            path if path.contains("complaints/{id}") => {
                let answer = house.post(&maker, "/api/v1/complaints", &complaint());
                answer.json()["id"].as_str().unwrap().to_owned()
            }
            _ => entry.as_str().unwrap().to_owned(),
        };
        let path = row.path.replace("{id}", &id).replace("{uscc}", PINE);
        let path = if path == "/search" {
            "/search?q=%E7%A4%BA%E4%BE%8B".to_owned()
        } else {
            path
        };
        let method: Method = row.method.to_uppercase().parse().unwrap();
        house.send(request(method, &path, token, body(row).as_ref()))
    };
    for row in TABLE {
        let name = format!("{} {}", row.method, row.path);
        let Some(marks) = row.marks else {
            for token in [
                None,
                Some("garbage"),
                Some(&*revoked[0].token),
                Some(&*home[3].token),
            ] {
                assert_eq!(ask(row, token).status, 200, "{name} {token:?}");
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
