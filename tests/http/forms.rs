//! The form of requests and answers: headers, problems, bodies that are wrong.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::json;
use wuxin::service::Role::Officer;

use crate::{
    house::{Answer, House, PINE, request},
    on_both,
    support::TestStore,
};

on_both!(
    every_kind_of_answer_has_the_headers,
    an_unknown_address_is_a_problem_for_programs_and_a_page_for_people,
    another_method_is_refused_with_those_allowed,
    a_head_is_a_get_without_its_body,
    a_body_that_cannot_be_read_is_refused,
    a_request_id_of_the_client_is_kept_if_it_is_one,
);

fn every_kind_of_answer_has_the_headers(test: &TestStore) {
    let house = House::new(test);
    let officer = house.person(Officer, None);
    let company = format!("/api/v1/companies/{PINE}");
    let answers: Vec<(u16, Answer)> = vec![
        (200, house.get("/")),
        (200, house.get("/static/site.css")),
        (200, house.get("/healthz")),
        (200, house.get(&company)),
        (200, house.get("/api/v1/openapi.json")),
        (303, house.get(&format!("/search?q={PINE}"))),
        (400, house.get("/companies/1")),
        (401, house.get("/api/v1/entries")),
        (404, house.get("/nothing")),
        (404, house.get("/api/nothing")),
        (404, house.get_as(&officer, "/api/v1/records/E0")),
        (
            405,
            house.send(request(Method::DELETE, "/lists", None, None)),
        ),
        (422, house.post(&officer, "/api/v1/records", &json!({}))),
    ];
    for (status, answer) in answers {
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-request-id").len(), 36, "{status}");
        if status >= 400 {
            assert_eq!(answer.header("cache-control"), "no-store", "{status}");
        }
    }
}

fn an_unknown_address_is_a_problem_for_programs_and_a_page_for_people(test: &TestStore) {
    let house = House::new(test);
    for path in ["/api/v1/nothing", "/api/", "/api", "/api/v2/companies"] {
        house.get(path).problem(404, "not-found");
    }
    for path in [
        "/nothing",
        "/companies",
        "/static/../Cargo.toml",
        "/%3Cscript%3E",
    ] {
        let answer = house.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(
            answer.header("content-type").starts_with("text/html"),
            "{path}"
        );
        assert_eq!(answer.header("x-robots-tag"), "noindex");
        assert!(answer.text().contains(answer.header("x-request-id")));
        assert!(!answer.text().contains("<script"));
    }
}

fn another_method_is_refused_with_those_allowed(test: &TestStore) {
    let house = House::new(test);
    for (method, path, allowed) in [
        (Method::DELETE, "/api/v1/lists", "GET,HEAD"),
        (Method::GET, "/api/v1/records", "POST"),
        (Method::PUT, "/api/v1/entries", "GET,HEAD,POST"),
        (Method::POST, "/healthz", "GET,HEAD"),
    ] {
        let answer = house.send(request(method, path, None, None));
        answer.problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), allowed, "{path}");
    }
    let page = house.send(request(Method::POST, "/search", None, None));
    assert_eq!(page.status, 405);
    assert!(page.header("content-type").starts_with("text/html"));
}

fn a_head_is_a_get_without_its_body(test: &TestStore) {
    let house = House::new(test);
    for path in [
        "/",
        "/lists",
        "/api/v1/lists",
        "/static/site.css",
        "/nothing",
        "/api/nothing",
    ] {
        let (get, head) = (
            house.get(path),
            house.send(request(Method::HEAD, path, None, None)),
        );
        assert_eq!(head.status, get.status, "{path}");
        assert!(head.body.is_empty(), "{path}");
        for name in ["content-type", "etag", "content-length"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
}

fn a_body_that_cannot_be_read_is_refused(test: &TestStore) {
    let house = House::new(test);
    let officer = house.person(Officer, None);
    let send = |kind: Option<&str>, body: Vec<u8>| {
        let mut request = Request::post("/api/v1/records")
            .header("authorization", format!("Bearer {}", officer.token));
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        house.send(request.body(Body::from(body)).unwrap())
    };
    let json = Some("application/json");
    let deep = [b"{\"attributes\":".as_slice(), &b"[".repeat(100_000)].concat();
    for body in [
        b"".to_vec(),
        b"{".to_vec(),
        b"{} {}".to_vec(),
        b"null".to_vec(),
        b"[1]".to_vec(),
        b"{\"item\":\"\xff\"}".to_vec(),
        b"{\"item\":5}".to_vec(),
        b"{\"itme\":\"INS-01\"}".to_vec(),
        b"{\"item\":\"A\",\"item\":\"B\"}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        deep,
    ] {
        send(json, body).problem(400, "bad-request");
    }
    let problem = send(json, b"{\"attributes\":{\"a/b\":1}}".to_vec()).problem(400, "bad-request");
    assert_eq!(
        problem["errors"][0]["pointer"], "/attributes/a~1b",
        "{problem}"
    );
    let large = format!("{{\"item\":\"{}\"}}", "x".repeat(300 * 1024)).into_bytes();
    send(json, large).problem(413, "too-large");
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/jsonx"),
    ] {
        send(kind, b"{}".to_vec()).problem(415, "unsupported-media-type");
    }
    send(Some("Application/JSON; charset=utf-8"), b"{}".to_vec()).problem(422, "invalid");
}

fn a_request_id_of_the_client_is_kept_if_it_is_one(test: &TestStore) {
    let house = House::new(test);
    let ask = |id: &str| {
        let request = Request::get("/nothing")
            .header("x-request-id", id)
            .body(Body::empty())
            .unwrap();
        house.send(request).header("x-request-id").to_owned()
    };
    assert_eq!(ask("gw-17.A_b"), "gw-17.A_b");
    for id in ["", "<b>", "a b", &"x".repeat(65)] {
        assert_eq!(ask(id).len(), 36, "{id:?}");
    }
}
