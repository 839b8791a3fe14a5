//! What the public may ask: three kinds of nothing, entity tags, limits, cursors.

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode},
};
use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};
use serde_json::json;
use wuxin::{
    config::Limits,
    domain::{Company, CompanyStatus, Region, Uscc},
    service::Role::{Officer, Reviewer},
    store::companies,
};

use crate::{
    house::{Answer, House, ORANGE, PINE, july, request},
    on_both,
    support::TestStore,
};

on_both!(
    the_three_kinds_of_nothing_are_three_answers,
    a_company_without_a_score_is_not_told_as_unknown,
    an_entity_tag_holds_until_the_answer_is_another,
    look_ups_are_limited_by_client,
    the_pages_of_a_search_are_of_one_moment,
    a_cursor_belongs_to_its_question,
    a_malformed_code_is_told_in_chinese,
    a_hostile_name_stays_text,
    a_search_takes_any_text,
);

fn unregistered() -> Uscc {
    Uscc::complete("91512002EXA000999").unwrap()
}

/// Registers a company without a record, as an import would.
fn register(house: &House, number: u32, name: &str) -> Uscc {
    let uscc = Uscc::complete(&format!("91512002EXB{number:06}")).unwrap();
    let company = Company {
        uscc,
        name: name.to_owned(),
        region: Some(Region::parse("512002").unwrap()),
        registered_on: None,
        status: CompanyStatus::Active,
        legal_representative: None,
        address: None,
        phone: None,
    };
    let now = house.hand.now();
    house
        .app
        .store
        .write(|db| companies::put(db, std::slice::from_ref(&company), now))
        .unwrap();
    uscc
}

fn score_everybody(house: &House) {
    let now = house.hand.now();
    house
        .app
        .store
        .write(|db| wuxin::service::rescore_all(db, &house.app, now))
        .unwrap();
}

/// Something done to the database behind the service's back.
fn behind(test: &TestStore, sql: &str) {
    match test.url.strip_prefix("sqlite:") {
        Some(path) => SqliteConnection::establish(path)
            .unwrap()
            .batch_execute(sql),
        None => PgConnection::establish(&test.url)
            .unwrap()
            .batch_execute(sql),
    }
    .unwrap();
}

fn the_three_kinds_of_nothing_are_three_answers(test: &TestStore) {
    let house = House::new(test);
    let unknown = unregistered();
    house
        .get(&format!("/api/v1/companies/{unknown}"))
        .problem(404, "not-in-scope");
    let page = house.get(&format!("/companies/{unknown}"));
    assert_eq!(page.status, 404);
    assert!(page.text().contains("本系统没有收录") && page.text().contains(unknown.as_str()));

    let clean = register(&house, 1, "示例无记录物业服务有限公司");
    score_everybody(&house);
    let answer = house.get(&format!("/api/v1/companies/{clean}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let found = answer.json();
    assert_eq!(found["as_of"], "2026-07-01");
    let of_records: Vec<_> = found["lines"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| !line["record"].is_null())
        .collect();
    assert!(
        of_records.is_empty() && found["lists"] == json!([]),
        "{found}"
    );
    let page = house.get(&format!("/companies/{clean}"));
    assert_eq!(page.status, 200);
    assert!(page.text().contains("没有公开的信用记录") && page.text().contains("2026-07-01"));

    behind(test, "DROP TABLE score_current");
    for code in [PINE, clean.as_str()] {
        let answer = house.get(&format!("/api/v1/companies/{code}"));
        let problem = answer.problem(503, "lookup-failed");
        assert!(
            problem["detail"]
                .as_str()
                .unwrap()
                .contains("不表示没有相关记录")
        );
        assert!(
            !answer.text().contains("score_current"),
            "nothing of the inside is told"
        );
        assert!(!answer.header("retry-after").is_empty());
        let page = house.get(&format!("/companies/{code}"));
        assert_eq!(page.status, 503);
        assert!(page.header("content-type").starts_with("text/html"));
        assert!(page.text().contains("这不表示该企业没有记录"));
        assert!(page.text().contains(page.header("x-request-id")));
        assert_eq!(page.header("cache-control"), "no-store");
    }
    for path in ["/api/v1/companies?name=%E7%A4%BA%E4%BE%8B", "/healthz"] {
        if path == "/healthz" {
            behind(test, "DROP TABLE company");
        }
        house.get(path).problem(503, "lookup-failed");
    }
    let officer = house.person(Officer, None);
    let draft = json!({ "item": "CMP-01", "kind": "complaint", "company": PINE, "decided_on": "2026-06-29",
        "attributes": { "level": "city" } });
    house
        .post(&officer, "/api/v1/records", &draft)
        .problem(503, "lookup-failed");
}

fn a_company_without_a_score_is_not_told_as_unknown(test: &TestStore) {
    let house = House::new(test);
    let unscored = register(&house, 1, "示例未评物业服务有限公司");
    house
        .get(&format!("/api/v1/companies/{unscored}"))
        .problem(503, "lookup-failed");
    let page = house.get(&format!("/companies/{unscored}"));
    assert_eq!(page.status, 503);
}

fn conditional(house: &House, path: &str, known: &str) -> Answer {
    let request = Request::get(path)
        .header("if-none-match", known)
        .body(Body::empty())
        .unwrap();
    house.send(request)
}

fn an_entity_tag_holds_until_the_answer_is_another(test: &TestStore) {
    let house = House::new(test);
    let search = "/api/v1/companies?name=%E6%9D%BE%E9%B9%A4";
    let (api, page) = (
        format!("/api/v1/companies/{PINE}"),
        format!("/companies/{PINE}"),
    );
    for path in [
        &*api,
        &page,
        search,
        "/api/v1/lists",
        "/lists",
        "/rules",
        "/",
        "/static/site.css",
    ] {
        let first = house.get(path);
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() == 34, "{path}: {tag:?}");
        assert_eq!(first.header("cache-control"), "no-cache", "{path}");
        for known in [
            tag.clone(),
            format!("\"x\", {tag}"),
            format!("W/{tag}"),
            "*".to_owned(),
        ] {
            let again = conditional(&house, path, &known);
            assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path} {known}");
            assert!(again.body.is_empty());
            assert_eq!(again.header("etag"), tag, "{path}");
            assert!(!again.header("content-security-policy").is_empty());
        }
        assert_eq!(conditional(&house, path, "\"x\"").status, 200, "{path}");
    }
    let tags = [&api, &page].map(|path| house.get(path).header("etag").to_owned());
    let (officer, reviewer) = (house.person(Officer, None), house.person(Reviewer, None));
    let draft = json!({ "item": "CMP-01", "kind": "complaint", "company": PINE, "project": "XM-01",
        "decided_on": "2026-06-29", "attributes": { "level": "city" } });
    let id = house.enter(&officer, &draft);
    let confirm = json!({ "version": 1 });
    house.post(
        &reviewer,
        &format!("/api/v1/records/{id}/confirm"),
        &confirm,
    );
    for (path, tag) in [&api, &page].into_iter().zip(tags) {
        assert_eq!(conditional(&house, path, &tag).status, 200, "{path}");
    }
    house.get(&api);
}

fn look_ups_are_limited_by_client(test: &TestStore) {
    let limits = Limits {
        lookups_per_minute: 3,
        ..Limits::default()
    };
    let house = House::with_limits(test, &limits);
    let api = format!("/api/v1/companies/{PINE}");
    for left in (0..3).rev() {
        let answer = house.get(&api);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), "\"lookup\";q=3;w=60");
        assert_eq!(
            answer.header("ratelimit"),
            format!("\"lookup\";r={left};t=60")
        );
    }
    let refused = house.get(&api);
    refused.problem(429, "too-many-requests");
    let wait: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert!(refused.header("ratelimit").starts_with("\"lookup\";r=0;t="));
    let page = house.get(&format!("/companies/{PINE}"));
    assert_eq!(page.status, 429);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(!page.header("retry-after").is_empty());
    // The style of the page that says so, health and officers' work are no look-ups.
    assert_eq!(house.get("/static/site.css").status, 200);
    assert_eq!(house.get("/healthz").status, 200);
    let officer = house.person(Officer, None);
    assert_eq!(house.get_as(&officer, "/api/v1/entries").status, 200);
    // Another client has its own.
    let mut request = request(Method::GET, &api, None, None);
    let other: std::net::SocketAddr = "192.0.2.7:1".parse().unwrap();
    request
        .extensions_mut()
        .insert(axum::extract::ConnectInfo(other));
    assert_eq!(house.send(request).status, 200);
}

/// Names on a page of the interface and where the next begins.
fn page(house: &House, path: &str) -> (Vec<String>, Option<String>) {
    let answer = house.get(path);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let page = answer.json();
    let names = page["companies"].as_array().unwrap();
    let names = names
        .iter()
        .map(|company| company["name"].as_str().unwrap().to_owned());
    (names.collect(), page["next"].as_str().map(str::to_owned))
}

fn the_pages_of_a_search_are_of_one_moment(test: &TestStore) {
    let house = House::new(test);
    for number in 0..30 {
        register(&house, number, &format!("示例旧{number:02}物业"));
    }
    let old = "%E7%A4%BA%E4%BE%8B%E6%97%A7";
    let first = format!("/api/v1/companies?name={old}&limit=12");
    let (mut names, mut next) = page(&house, &first);
    let site = house.get(&format!("/search?q={old}")).text();
    house.hand.set(july(2));
    register(&house, 90, "示例旧99物业");
    register(&house, 91, "示例旧15甲物业");
    while let Some(cursor) = next {
        let (more, after) = page(&house, &format!("{first}&cursor={cursor}"));
        names.extend(more);
        next = after;
    }
    let all: Vec<String> = (0..30)
        .map(|number| format!("示例旧{number:02}物业"))
        .collect();
    assert_eq!(names, all);
    // Pages for people, too.
    let link = site
        .split("rel=\"next\" href=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let second = house
        .get(&link.replace("&#38;", "&").replace("&amp;", "&"))
        .text();
    assert!(second.contains("示例旧29物业"), "{second}");
    assert!(
        !second.contains("示例旧99物业"),
        "registered after the first page"
    );
}

fn a_cursor_belongs_to_its_question(test: &TestStore) {
    let house = House::new(test);
    let (_, next) = page(&house, "/api/v1/companies?name=%E7%A4%BA%E4%BE%8B&limit=2");
    let cursor = next.unwrap();
    for path in [
        format!("/api/v1/companies?name=%E7%89%A9%E4%B8%9A&limit=2&cursor={cursor}"),
        format!("/api/v1/companies?name=%E7%A4%BA%E4%BE%8B&region=512002&cursor={cursor}"),
        format!("/api/v1/companies?cursor={cursor}"),
        "/api/v1/companies?cursor=%00".to_owned(),
        "/api/v1/companies?cursor=e30".to_owned(),
        format!(
            "/api/v1/companies?name=%E7%A4%BA%E4%BE%8B&cursor={}",
            &cursor[..20]
        ),
        "/api/v1/companies?limit=0".to_owned(),
        "/api/v1/companies?limit=101".to_owned(),
        "/api/v1/companies?limit=-1".to_owned(),
        "/api/v1/companies?region=51".to_owned(),
        "/api/v1/companies?nome=x".to_owned(),
    ] {
        house.get(&path).problem(400, "bad-request");
    }
    let site = house.get("/search?q=%E7%A4%BA%E4%BE%8B&after=e30");
    assert_eq!(site.status, 400);
    assert!(site.text().contains("重新查询"));
}

fn a_malformed_code_is_told_in_chinese(test: &TestStore) {
    let house = House::new(test);
    for code in [
        "91512002EXA000019X",
        "915",
        "91512002EXA00001IL",
        "%00",
        "%E7%A4%BA",
        "%3Cscript%3E",
    ] {
        house
            .get(&format!("/api/v1/companies/{code}"))
            .problem(400, "bad-request");
        let page = house.get(&format!("/companies/{code}"));
        assert_eq!(page.status, 400, "{code}");
        assert!(!page.text().contains("<script"), "{code}");
    }
    // Invalid UTF-8 in the path.
    house
        .get("/api/v1/companies/%FF")
        .problem(400, "bad-request");
    assert_eq!(house.get("/companies/%FF").status, 400);
    let officer = house.person(Officer, None);
    house
        .get_as(&officer, "/api/v1/records/%FF")
        .problem(400, "bad-request");
    // A code is folded before it is checked.
    assert_eq!(
        house
            .get(&format!("/api/v1/companies/{}", ORANGE.to_lowercase()))
            .status,
        200
    );
}

fn a_hostile_name_stays_text(test: &TestStore) {
    let house = House::new(test);
    let uscc = register(&house, 1, "示例<script>alert(1)</script>\"'&物业");
    score_everybody(&house);
    for path in [
        format!("/companies/{uscc}"),
        "/search?q=%3Cscript%3Ealert".to_owned(),
        "/search?q=%22%3E%3Cimg%20src%3Dx%3E".to_owned(),
    ] {
        let answer = house.get(&path);
        assert_eq!(answer.status, 200, "{path}");
        let html = answer.text();
        assert!(
            !html.contains("<script") && !html.contains("<img"),
            "{html}"
        );
        assert!(html.contains("&#60;"), "{html}");
    }
    let answer = house.get(&format!("/api/v1/companies/{uscc}"));
    assert!(answer.json()["name"].as_str().unwrap().contains("<script>"));
}

fn a_search_takes_any_text(test: &TestStore) {
    let house = House::new(test);
    for text in [
        "%00",
        "%25",
        "_",
        "%5C",
        "%27%3B--",
        "%FF",
        "%F0%9F%8F%A0",
        &"x".repeat(4000),
    ] {
        let (found, _) = page(&house, &format!("/api/v1/companies?name={text}"));
        assert!(found.is_empty(), "{text}: {found:?}");
        let site = house.get(&format!("/search?q={text}"));
        assert_eq!(site.status, 200, "{text}");
    }
    assert_eq!(house.get("/search").status, 200);
    let whole = house.get(&format!("/search?q=%20{}", PINE.to_lowercase()));
    assert_eq!(whole.status, 303);
    assert_eq!(whole.header("location"), format!("/companies/{PINE}"));
    let headers: &HeaderMap = &whole.headers;
    assert!(headers.contains_key("content-security-policy"));
}
