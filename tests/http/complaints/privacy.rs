//! Who complained, and whose complaints an office sees.

use std::{
    io,
    sync::{Mutex, OnceLock},
};

use axum::http::Method;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use serde_json::{Value, json};
use wuxin::{service::Role::Officer, store::StoreError};

use super::*;
use crate::{
    house::{Answer, House, PINE, Person, request},
    on_both,
    support::TestStore,
};

on_both!(
    the_complainant_is_seen_by_the_handling_office_alone,
    nobody_but_the_contact_table_holds_the_complainant,
    an_office_sees_the_complaints_of_its_division_alone,
);

fn the_complainant_is_seen_by_the_handling_office_alone(test: &TestStore) {
    let house = House::new(test);
    let street = office(&house, Some(STREET));
    let id = enter(&house, &street.officer, &complaint());
    let own = contact(&house, &street.officer, &id);
    assert_eq!(
        own.json(),
        json!({ "name": NAME, "phone": PHONE, "address": ADDRESS })
    );
    assert_eq!(own.header("cache-control"), "no-store");
    contact(&house, &street.reviewer, &id).problem(403, "forbidden");
    for region in [
        None,
        Some(COUNTY),
        Some("512021"),
        Some("512002902"),
        Some(COMMUNITY),
    ] {
        let other = house.person(Officer, region);
        let problem = contact(&house, &other, &id).problem(403, "forbidden");
        assert!(!problem.to_string().contains(PHONE));
    }
    // Another officer of the same office.
    let colleague = house.person(Officer, Some(STREET));
    assert_eq!(contact(&house, &colleague, &id).status, 200);
    let looks: Vec<String> = trail(&house)
        .into_iter()
        .filter(|line| line.event.action == "complaint.contact")
        .map(|line| line.event.actor)
        .collect();
    assert_eq!(looks, [colleague.id, street.officer.id.clone()]);
    // Nobody named: nobody to be found, and nobody to ask again.
    let mut anonymous = complaint();
    anonymous["contact"] = json!({});
    let id = enter(&house, &street.officer, &anonymous);
    let nobody = contact(&house, &street.officer, &id).json();
    assert_eq!(
        nobody,
        json!({ "name": null, "phone": null, "address": null })
    );
    done(&house, &street.officer, &id, 1, &accept());
    done(&house, &street.officer, &id, 2, &handle("justified"));
    step(&house, &street.officer, &id, 3, &visit("satisfied")).problem(409, "illegal-step");
    let close = json!({ "step": "close", "reason": "匿名投诉，已整改" });
    done(&house, &street.reviewer, &id, 3, &close);
}

/// Everything this process logs.
fn log() -> &'static Mutex<Vec<u8>> {
    static LOG: OnceLock<Mutex<Vec<u8>>> = OnceLock::new();
    struct Write;
    impl io::Write for Write {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            log().lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    static STARTED: OnceLock<()> = OnceLock::new();
    let log = LOG.get_or_init(|| Mutex::new(Vec::new()));
    STARTED.get_or_init(|| {
        let everything = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(|| Write)
            .finish();
        // Another test program of this process may have been first; there is none.
        tracing::subscriber::set_global_default(everything).unwrap();
    });
    log
}

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Text)]
    all: String,
}

fn nobody_but_the_contact_table_holds_the_complainant(test: &TestStore) {
    log();
    let house = House::new(test);
    let street = office(&house, Some(STREET));
    let mut asked = request(
        Method::POST,
        "/api/v1/complaints",
        Some(&street.officer.token),
        Some(&complaint()),
    );
    asked
        .headers_mut()
        .insert("idempotency-key", "k-contact".parse().unwrap());
    let entered = house.send(asked);
    assert_eq!(entered.status, 201);
    let id = entered.json()["id"].as_str().unwrap().to_owned();
    // A phone that is none: the fault does not repeat it.
    let mut wrong = complaint();
    wrong["contact"]["phone"] = json!(format!("{PHONE}转{PHONE}"));
    let refused = house.post(&street.officer, "/api/v1/complaints", &wrong);
    let problem = refused.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/contact/phone");
    // A body that is no such JSON at all: neither does that.
    let mut odd = complaint();
    odd["contact"] = json!({ "phone": PHONE, "mobile": PHONE });
    let unread = house.post(&street.officer, "/api/v1/complaints", &odd);
    unread.problem(400, "bad-request");
    // Nor does the log, where its sender is told what they sent.
    odd["contact"] = json!({ "phone": PHONE.parse::<u64>().unwrap() });
    let number = house.post(&street.officer, "/api/v1/complaints", &odd);
    number.problem(400, "bad-request");
    let mut told = vec![entered, refused, unread];
    told.push(step(&house, &street.officer, &id, 1, &accept()));
    told.push(step(&house, &street.officer, &id, 2, &handle("justified")));
    told.push(read(&house, &street.officer, &id));
    for path in ["complaints", "complaints/statistics"] {
        told.push(house.get_as(&street.officer, &format!("/api/v1/{path}")));
    }
    told.push(house.get(&format!("/api/v1/companies/{PINE}")));
    assert_eq!(contact(&house, &street.officer, &id).status, 200);
    let told: String = told.iter().map(Answer::text).collect();
    let kept: Vec<Kept> = house
        .app
        .store
        .read(|db| {
            let tables = "SELECT data AS \"all\" FROM complaint UNION ALL SELECT data FROM complaint_event \
                 UNION ALL SELECT data FROM audit_event UNION ALL SELECT body FROM request_key";
            Ok::<_, StoreError>(sql_query(tables).load(db)?)
        })
        .unwrap();
    assert!(kept.len() > 5);
    let kept: String = kept.into_iter().map(|row| row.all).collect();
    let logged = String::from_utf8(log().lock().unwrap().clone()).unwrap();
    assert!(logged.contains("/api/v1/complaints"), "nothing was logged");
    for (place, text) in [("answers", &told), ("tables", &kept), ("log", &logged)] {
        for secret in [PHONE, NAME, ADDRESS] {
            assert!(!text.contains(secret), "{secret} in {place}");
        }
    }
}

fn an_office_sees_the_complaints_of_its_division_alone(test: &TestStore) {
    let house = House::new(test);
    let street = office(&house, Some(STREET));
    let other = office(&house, Some("512021"));
    let city = house.person(Officer, None);
    let id = enter(&house, &street.officer, &complaint());
    let mut theirs = complaint();
    theirs["project"] = json!("XM-05");
    let second = enter(&house, &other.officer, &theirs);
    let listed = |person: &Person, query: &str| -> Vec<String> {
        let answer = house.get_as(person, &format!("/api/v1/complaints{query}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let complaints = answer.json()["complaints"].clone();
        let of = |line: &Value| line["id"].as_str().unwrap().to_owned();
        complaints.as_array().unwrap().iter().map(of).collect()
    };
    for person in [&other.officer, &other.reviewer] {
        read(&house, person, &id).problem(403, "forbidden");
        assert_eq!(listed(person, ""), std::slice::from_ref(&second));
        assert_eq!(listed(person, "?district=512002"), Vec::<String>::new());
        let figures = house.get_as(person, "/api/v1/complaints/statistics").json();
        assert_eq!(figures["groups"][0]["complaints"], 1);
        assert_eq!(figures["division"], "512021");
    }
    step(&house, &other.officer, &id, 1, &accept()).problem(403, "forbidden");
    step(&house, &other.officer, &id, 1, &escalate()).problem(403, "forbidden");
    assert_eq!(listed(&city, ""), [second.clone(), id.clone()]);
    // Received for an office of another division: no.
    let mut foreign = complaint();
    foreign["office"] = json!(STREET);
    house
        .post(&other.officer, "/api/v1/complaints", &foreign)
        .problem(403, "forbidden");
    // A county receives for its street; the street then has it.
    let county = house.person(Officer, Some(COUNTY));
    let down = enter(&house, &county, &foreign);
    step(&house, &county, &down, 1, &accept()).problem(403, "forbidden");
    done(&house, &street.officer, &down, 1, &accept());
}
