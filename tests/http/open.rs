//! What everybody sees beside look-ups: figures, open data, badges, pages of entries, the check of reports, the size of
//! letters.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use wuxin::{
    config::{Report, Secret, Settings},
    domain::{Day, Uscc},
    service::{self, OPEN_DATA},
};

use crate::{
    bureau::Bureau,
    house::{Answer, BAMBOO, House, MULBERRY, PINE, july},
    on_both,
    support::TestStore,
};

on_both!(figures_are_those_of_the_companies_and_files_say_what_they_hold);
on_both!(an_entry_is_gone_the_day_after_its_last_and_never_told_before);
on_both!(a_badge_is_for_those_whose_grade_may_be_shown);
on_both!(a_report_is_genuine_with_its_code_alone);

fn figures_are_those_of_the_companies_and_files_say_what_they_hold(test: &TestStore) {
    let house = House::new(test);
    let answer = house.get("/api/v1/statistics");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let of = answer.json();
    assert_eq!(
        (&of["companies"], &of["as_of"]),
        (&5.into(), &"2026-07-01".into())
    );
    let counted: i64 = sum(&of["grades"]);
    assert_eq!(counted, of["rated"].as_i64().unwrap());
    assert_eq!(sum(&of["scores"]), counted);
    assert_eq!(counted + of["not_rated"].as_i64().unwrap(), 5);
    assert_eq!(of["movement"].as_array().unwrap().len(), 12);
    assert_eq!(of["drift"]["compared_on"], serde_json::Value::Null);
    let by: Vec<&str> = (of["complaints"]["groups"].as_array().unwrap().iter())
        .map(|group| group["by"].as_str().unwrap())
        .collect();
    assert!(!by.contains(&"company"), "{by:?}");
    // No company is named anywhere in them.
    for code in [PINE, BAMBOO, MULBERRY] {
        assert!(!answer.text().contains(code));
    }
    let page = house.get("/statistics").text();
    assert!(
        page.contains("各信用等级的企业数") && page.contains("<svg"),
        "{page}"
    );
    let dictionary = house.get("/open-data").text();
    for file in OPEN_DATA {
        let csv = house.get(&format!("/open-data/{}", file.name));
        assert_eq!(csv.status, 200, "{}", file.name);
        assert!(csv.header("content-type").starts_with("text/csv"));
        let text = csv.text();
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        let names: Vec<&str> = file.fields.iter().map(|field| field.name).collect();
        assert_eq!(lines[0], names.join(","), "{}", file.name);
        for line in &lines[1..] {
            assert!(line.starts_with("2026-07-01,"), "{line}");
        }
        for field in file.fields {
            assert!(
                dictionary.contains(field.meaning),
                "{}: {}",
                file.name,
                field.name
            );
        }
    }
    house.get("/open-data/passwords.csv").problem_page(404);
}

trait Refused {
    /// The page of a refusal with this status.
    fn problem_page(&self, status: u16) -> String;
}

impl Refused for Answer {
    fn problem_page(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert!(self.header("content-type").starts_with("text/html"));
        self.text()
    }
}

fn sum(steps: &serde_json::Value) -> i64 {
    (steps.as_array().unwrap().iter())
        .map(|step| step["companies"].as_i64().unwrap())
        .sum()
}

fn an_entry_is_gone_the_day_after_its_last_and_never_told_before(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let proposed = bureau.proposed(MULBERRY, "watch");
    let address = format!("/lists/{}", proposed["id"].as_str().unwrap());
    // Proposed, or not there at all: the same answer.
    let before = house.get(&address).problem_page(404);
    let never = house
        .get("/lists/0197b2c0-0000-7000-8000-000000000001")
        .problem_page(404);
    assert!(before.contains("没有编号为") && never.contains("没有编号为"));
    assert!(!before.contains("桑田"), "{before}");
    bureau.published(&proposed);
    let listed = house.get("/api/v1/lists").json();
    let until = listed
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|list| list["entries"].as_array().unwrap())
        .find(|entry| address.ends_with(entry[1]["id"].as_str().unwrap()))
        .map(|entry| entry[1]["display_until"].as_str().unwrap().to_owned())
        .unwrap();
    let shown = house.get(&address);
    assert_eq!(shown.status, 200, "{}", shown.text());
    assert!(shown.text().contains("桑田") && shown.text().contains("noindex"));
    let last = Day::parse(&until).unwrap();
    let noon = |day: Day| format!("{day}T04:00:00Z").parse().unwrap();
    house.hand.set(noon(last));
    assert_eq!(house.get(&address).status, 200, "on its last day");
    // Before any nightly run has closed it.
    house.hand.set(noon(last.next()));
    let gone = house.get(&address).problem_page(410);
    assert!(gone.contains("已停止公示") && !gone.contains("桑田") && !gone.contains(MULBERRY));
}

fn a_badge_is_for_those_whose_grade_may_be_shown(test: &TestStore) {
    let house = House::new(test);
    let badge = house.get(&format!("/badge/{PINE}.svg"));
    assert_eq!(badge.status, 200, "{}", badge.text());
    assert_eq!(badge.header("content-type"), "image/svg+xml");
    assert_eq!(badge.header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(badge.header("cache-control"), "public, max-age=300");
    let text = badge.text();
    assert!(
        text.contains("AAA") && text.contains("2026-07-01") && text.contains(PINE),
        "{text}"
    );
    let again = Request::get(format!("/badge/{PINE}.svg"))
        .header(header::IF_NONE_MATCH, badge.header("etag"))
        .body(Body::empty())
        .unwrap();
    assert_eq!(house.send(again).status, 304);
    // Everything else stays with its own site.
    let page = house.get("/");
    assert_eq!(page.header("cross-origin-resource-policy"), "same-origin");
    for none in [
        "/badge/91000000000000000K.svg".to_owned(),
        "/badge/x.svg".to_owned(),
        format!("/badge/{PINE}"),
        format!("/badge/{PINE}.png"),
    ] {
        house.get(&none).problem_page(404);
    }
    let page = house.get(&format!("/badge?company={PINE}")).text();
    assert!(
        page.contains("&#60;img src=") || page.contains("&lt;img src="),
        "{page}"
    );
    // On an adverse list there is none, however the grade.
    let address = format!("/badge/{MULBERRY}.svg");
    assert_eq!(house.get(&address).status, 200);
    let bureau = Bureau::of(&house);
    bureau.published(&bureau.proposed(MULBERRY, "watch"));
    house.get(&address).problem_page(404);
    let page = house.get(&format!("/badge?company={MULBERRY}")).text();
    assert!(
        page.contains("目前不提供标识") && !page.contains(&format!("{MULBERRY}.svg")),
        "{page}"
    );
}

fn a_report_is_genuine_with_its_code_alone(test: &TestStore) {
    let settings = Settings {
        report: Report {
            key: Some(Secret::new("a key of thirty-two bytes, or so")),
            key_file: None,
        },
        ..Settings::default()
    };
    let house = House::with_settings(test, settings);
    let (pine, today) = (Uscc::parse(PINE).unwrap(), Day::of(july(1)));
    let code = house
        .app
        .store
        .read(|db| service::report_code(db, &house.app, pine, today))
        .unwrap()
        .unwrap()
        .to_string();
    assert_eq!(code.len(), 35, "six groups of five");
    let check = |code: &str| house.get(&format!("/api/v1/reports/{code}")).json();
    let genuine = check(&code.to_lowercase());
    assert_eq!(genuine["outcome"], "genuine", "{genuine}");
    assert_eq!(
        (&genuine["uscc"], &genuine["as_of"]),
        (&PINE.into(), &"2026-07-01".into())
    );
    assert_eq!(genuine["score"], house.score(PINE).as_str());
    assert_eq!(genuine["current"], true);
    // The same company on another day, signed by somebody else.
    let forged = service::ReportCode::sign(b"another", pine, today, "x").unwrap();
    assert_eq!(check(&forged.to_string())["outcome"], "unknown");
    assert_eq!(check("ABC")["outcome"], "mistyped");
    let page = house.get(&format!("/report/{code}")).text();
    assert!(page.contains("核验通过") && page.contains(PINE), "{page}");
    assert!(
        house
            .get(&format!("/report/{forged}"))
            .text()
            .contains("核验不通过")
    );
    // Typed into the form, it leads to its own address.
    let typed = house.get(&format!("/report?code={}", code.to_lowercase()));
    assert_eq!(typed.header("location"), format!("/report/{code}"));
}

#[test]
fn without_a_key_nothing_is_called_genuine_or_forged() {
    let test = TestStore::sqlite();
    let house = House::new(&test);
    let page = house.get("/report/7K2MP").text();
    assert!(
        page.contains("尚未启用") && !page.contains("核验不通过"),
        "{page}"
    );
}

#[test]
fn the_size_of_letters_is_kept_in_a_cookie_and_leads_back() {
    let test = TestStore::sqlite();
    let house = House::new(&test);
    let choose = |size: &str| {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/text-size")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::REFERER, "http://elsewhere.example/rules")
            .body(Body::from(format!("size={size}")))
            .unwrap();
        house.send(request)
    };
    let large = choose("large");
    assert_eq!(
        (large.status.as_u16(), large.header("location")),
        (303, "/rules")
    );
    let cookie = large
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let sheet = |cookie: &str| {
        let request = Request::get("/static/size.css")
            .header(header::COOKIE, cookie)
            .body(Body::empty())
            .unwrap();
        house.send(request)
    };
    assert!(sheet(&cookie).text().contains("125%"));
    assert_eq!(sheet("").text(), "");
    assert_eq!(sheet("").header("vary"), "cookie");
    assert!(choose("normal").header("set-cookie").contains("Max-Age=0"));
    assert_eq!(choose("huge").status, 400);
}

#[test]
fn every_version_of_the_rules_has_a_page_and_its_text() {
    let test = TestStore::sqlite();
    let house = House::new(&test);
    let rules = house.app.rules.iter().next().unwrap();
    let short = &rules.digest()[..12];
    let page = house.get("/rules").text();
    assert!(page.contains(&format!("/rules/{short}/text")), "{page}");
    assert_eq!(house.get(&format!("/rules/{short}")).status, 200);
    let text = house.get(&format!("/rules/{short}/text"));
    assert_eq!(text.text(), rules.text());
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    for none in [
        "/rules/0",
        "/rules/ffffffffffff",
        "/rules/ffffffffffff/text",
    ] {
        house.get(none).problem_page(404);
    }
}
