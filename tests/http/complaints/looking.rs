//! Complaints entered once, found in pages, and counted.

use axum::http::Method;
use serde_json::{Value, json};
use wuxin::service::Role::{Officer, Reviewer};

use super::*;
use crate::{
    house::{Answer, BAMBOO, House, ORANGE, PINE, july, request},
    on_both,
    support::TestStore,
};

on_both!(
    a_complaint_is_entered_once,
    faults_of_a_complaint_are_told_together_with_their_places,
    complaints_are_found_in_pages,
    rates_count_each_complaint_once_where_it_was_handled,
);

fn a_complaint_is_entered_once(test: &TestStore) {
    let house = House::new(test);
    let officer = house.person(Officer, Some(STREET));
    let mut draft = complaint();
    draft["reference"] = json!("ZY202607010001");
    let ask = |key: &str| {
        let token = Some(officer.token.as_str());
        let mut request = request(Method::POST, "/api/v1/complaints", token, Some(&draft));
        request
            .headers_mut()
            .insert("idempotency-key", key.parse().unwrap());
        request
    };
    let answers = house.send_together((0..4).map(|_| ask("k-1")).collect());
    for answer in &answers {
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert_eq!(answer.body, answers[0].body);
    }
    // The same work order under another key is told, with the complaint it is.
    let problem = house.send(ask("k-2")).problem(422, "invalid");
    assert_eq!(problem["errors"][0]["code"], "E033");
    let known = answers[0].json()["id"].as_str().unwrap().to_owned();
    let detail = problem["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains(&known), "{detail}");
    // The number of another channel is another number.
    draft["channel"] = json!("online");
    assert_eq!(
        house.post(&officer, "/api/v1/complaints", &draft).status,
        201
    );
    // A step asked again with its key gives the first answer.
    let body = json!({ "version": 1, "step": "accept" });
    let path = format!("/api/v1/complaints/{known}/steps");
    let again: Vec<Answer> = (0..2)
        .map(|_| {
            let mut request = request(Method::POST, &path, Some(&officer.token), Some(&body));
            request
                .headers_mut()
                .insert("idempotency-key", "s-1".parse().unwrap());
            house.send(request)
        })
        .collect();
    assert_eq!(again[0].status, 200, "{}", again[0].text());
    assert_eq!(again[0].body, again[1].body);
}

fn faults_of_a_complaint_are_told_together_with_their_places(test: &TestStore) {
    let house = House::new(test);
    let officer = house.person(Officer, Some(STREET));
    let faults = |draft: &Value| -> Vec<(String, String)> {
        let problem = house
            .post(&officer, "/api/v1/complaints", draft)
            .problem(422, "invalid");
        let pair = |fault: &Value| {
            let text = |field: &str| fault[field].as_str().unwrap().to_owned();
            (text("pointer"), text("code"))
        };
        let mut all: Vec<_> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(pair)
            .collect();
        all.sort();
        all
    };
    let expected = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        let owned = |(pointer, code): &(&str, &str)| ((*pointer).into(), (*code).into());
        pairs.iter().map(owned).collect()
    };
    let all = json!({
        "channel": "pigeon", "category": "weather", "project": "XM-99", "company": "91512002EXA000019X",
        "received_on": "2026-07-32", "text": " ", "contact": { "phone": "一二三" },
    });
    assert_eq!(
        faults(&all),
        expected(&[
            ("/category", "E030"),
            ("/channel", "E006"),
            ("/company", "E006"),
            ("/contact/phone", "E006"),
            ("/project", "E001"),
            ("/received_on", "E006"),
            ("/text", "E008"),
        ])
    );
    let with = |field: &str, value: Value| {
        let mut draft = complaint();
        draft[field] = value;
        faults(&draft)
    };
    assert_eq!(
        with("received_on", json!("2026-07-02")),
        expected(&[("/received_on", "E003")])
    );
    assert_eq!(
        with("received_on", json!("2019-07-02")),
        expected(&[("/received_on", "E006")])
    );
    assert_eq!(
        with("company", json!(BAMBOO)),
        expected(&[("/project", "E001")])
    );
    assert_eq!(
        with("office", json!("519999999")),
        expected(&[("/office", "E031")])
    );
    let telling = json!(format!("请回电 {PHONE}"));
    assert_eq!(with("text", telling), expected(&[("/text", "E032")]));
    let neither = json!({ "channel": "窗口", "category": "fees", "text": "电梯停运" });
    assert_eq!(faults(&neither), expected(&[("/company", "E005")]));
    // A number in a step is refused too.
    let id = enter(&house, &officer, &complaint());
    let up = json!({ "step": "escalate", "reason": format!("投诉人电话 {PHONE}") });
    let problem = step(&house, &officer, &id, 1, &up).problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/reason");
    assert!(!problem.to_string().contains(PHONE), "{problem}");
    let odd = json!({ "step": "accept", "colour": "red" });
    step(&house, &officer, &id, 1, &odd).problem(400, "bad-request");
    let forged = json!({ "step": "propose_record", "item": "CMP-01", "record": "E1" });
    step(&house, &officer, &id, 1, &forged).problem(400, "bad-request");
}

fn complaints_are_found_in_pages(test: &TestStore) {
    let house = House::new(test);
    let (street, county) = (
        house.person(Officer, Some(STREET)),
        house.person(Officer, Some(COUNTY)),
    );
    let city = house.person(Officer, None);
    let mut ids = Vec::new();
    for number in 0..5 {
        let person = if number % 2 == 0 { &street } else { &county };
        ids.push(enter(&house, person, &complaint()));
    }
    done(&house, &street, &ids[0], 1, &accept());
    let page = |query: &str| -> (Vec<String>, Value) {
        let answer = house.get_as(&city, &format!("/api/v1/complaints{query}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let json = answer.json();
        let of = |line: &Value| line["id"].as_str().unwrap().to_owned();
        let found = json["complaints"]
            .as_array()
            .unwrap()
            .iter()
            .map(of)
            .collect();
        (found, json["next"].clone())
    };
    let newest_first: Vec<String> = ids.iter().rev().cloned().collect();
    assert_eq!(page("").0, newest_first);
    let (first, next) = page("?limit=3");
    assert_eq!(first, newest_first[..3]);
    let next = next.as_str().unwrap();
    let (second, last) = page(&format!("?limit=3&cursor={next}"));
    assert_eq!(second, newest_first[3..]);
    assert_eq!(last, Value::Null);
    assert_eq!(page("?level=county").0, [ids[3].clone(), ids[1].clone()]);
    assert_eq!(page("?state=accepted").0, [ids[0].clone()]);
    assert_eq!(page("?district=512002901").0.len(), 3);
    assert_eq!(page(&format!("?company={PINE}")).0.len(), 5);
    assert_eq!(page(&format!("?company={ORANGE}")).0.len(), 0);
    for query in [
        &format!("?limit=3&level=county&cursor={next}"),
        "?cursor=x",
        "?limit=0",
        "?limit=101",
        "?level=province",
        "?state=lost",
        "?district=5",
        "?company=1",
        "?colour=red",
    ] {
        house
            .get_as(&city, &format!("/api/v1/complaints{query}"))
            .problem(400, "bad-request");
    }
}

fn rates_count_each_complaint_once_where_it_was_handled(test: &TestStore) {
    let house = House::new(test);
    let street = office(&house, Some(STREET));
    let county = office(&house, Some(COUNTY));
    let city = house.person(Reviewer, None);
    // Handled at the street.
    let a = enter(&house, &street.officer, &complaint());
    done(&house, &street.officer, &a, 1, &accept());
    done(&house, &street.officer, &a, 2, &handle("justified"));
    // Accepted at the street, escalated, accepted late at the county.
    let b = enter(&house, &street.officer, &complaint());
    done(&house, &street.officer, &b, 1, &accept());
    done(&house, &street.officer, &b, 2, &escalate());
    // Left for another body.
    let c = enter(&house, &street.officer, &complaint());
    let gone = json!({ "step": "transfer", "to": { "body": "示例局" }, "reason": "职责" });
    done(&house, &street.officer, &c, 1, &gone);
    house.hand.set(july(8));
    done(&house, &county.officer, &b, 3, &accept());
    // Open, not yet due.
    let mut today = complaint();
    today["received_on"] = json!("2026-07-08");
    enter(&house, &street.officer, &today);

    let figures = house.get_as(&city, "/api/v1/complaints/statistics?from=2026-07-01");
    let figures = figures.json();
    assert_eq!(figures["verified"], false);
    assert_eq!(figures["as_of"], "2026-07-08");
    assert_eq!(figures["definitions"][0]["title"], "受理率");
    let row = |by: &str, key: &str| -> Vec<String> {
        let all = figures["groups"].as_array().unwrap();
        let group = all
            .iter()
            .find(|group| group["by"] == by && group["key"] == key)
            .unwrap_or_else(|| panic!("{by} {key}: {figures}"));
        let rate = |rate: &Value| {
            let percent = rate["percent"].as_str().unwrap_or("none");
            format!(
                "{}/{} +{} {percent}",
                rate["numerator"], rate["denominator"], rate["not_due"]
            )
        };
        group["rates"]
            .as_array()
            .unwrap()
            .iter()
            .map(rate)
            .collect()
    };
    assert_eq!(
        row("all", ""),
        ["1/2 +1 50.00", "0/1 +1 0.00", "1/1 +1 100.00"]
    );
    assert_eq!(
        row("level", "street"),
        ["1/1 +1 100.00", "0/1 +0 0.00", "1/1 +0 100.00"]
    );
    assert_eq!(
        row("level", "county"),
        ["0/1 +0 0.00", "0/0 +1 none", "0/0 +1 none"]
    );
    assert_eq!(row("district", COUNTY), row("all", ""));
    assert_eq!(row("company", PINE), row("all", ""));
    assert_eq!(figures["groups"][0]["transferred"], 1);
    // Before the first, and the wrong way round.
    let none = house.get_as(&city, "/api/v1/complaints/statistics?until=2026-06-30");
    assert_eq!(none.json()["groups"].as_array().unwrap().len(), 1);
    assert_eq!(none.json()["groups"][0]["rates"][0]["percent"], Value::Null);
    for query in [
        "?from=2026-07-02&until=2026-07-01",
        "?from=2026-07-32",
        "?district=x",
    ] {
        house
            .get_as(&city, &format!("/api/v1/complaints/statistics{query}"))
            .problem(400, "bad-request");
    }
}
