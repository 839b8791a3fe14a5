//! A scenario played through: the one that comes with the program, against the real publisher.

use chrono::TimeDelta;
use wuxin::{
    config::Publish,
    feed::receiver::{OFFERED, SHIPPED, Scenario},
    secret::Secret,
    service::{Scope, reconcile_nightly},
};

use crate::{
    house::House,
    support::{Platform, TOKEN, assert_each_effect_once, history, id, record, uscc},
};

fn house(platform: &Platform) -> House {
    House::new(platform.clock.clone(), |_| Publish {
        url: Some(platform.base.clone()),
        token: Some(Secret::new(TOKEN)),
        timeout_seconds: 2,
        ..Publish::default()
    })
}

/// The scenario, with the company of entry 2 for the one that it names.
fn shipped() -> Scenario {
    let text = SHIPPED.replace("91512002MA6ABCD10P", uscc(2).as_str());
    assert_ne!(text, SHIPPED);
    Scenario::parse(&text).unwrap()
}

#[tokio::test]
async fn the_shipped_scenario_ends_well_and_every_step_was_played() {
    let platform = Platform::start().await;
    platform.receiver.play(shipped());
    let house = house(&platform);
    // Past the ten minutes that end the scenario.
    house.pass(TimeDelta::minutes(15));
    // Batch 1: the answer is lost. Batch 2: committed late. Both hold no company that is refused.
    for entry in [1, 3] {
        house.enqueue(&record(entry, 1, false));
        house.drive().await;
    }
    // Batch 3: come later; and the company that matches no subject is refused without holding up the other.
    house.enqueue(&record(2, 1, false));
    house.enqueue(&record(4, 1, false));
    let report = house.drive().await;
    assert_eq!((report.accepted, report.rejected), (1, 1), "{report:?}");
    assert_eq!(house.view().rejects[0].code, "1001");
    // Batch 4: shown two hours later.
    house.enqueue(&record(5, 1, false));
    house.drive().await;
    house.pass(TimeDelta::minutes(2));
    house.run().await;
    let slow = house.view().not_visible;
    assert_eq!(slow.len(), 1, "{slow:?}");
    assert_eq!(slow[0].says, "not shown");
    // Batch 5: half an answer.
    house.enqueue(&record(6, 1, false));
    assert_eq!(house.drive().await.accepted, 1);
    // Batch 6: a withdrawal that the platform only says it made.
    house.enqueue(&record(1, 2, true));
    assert_eq!(house.drive().await.accepted, 1);
    assert_eq!(history(&platform.ledger().await, 1), (vec![1], true));
    let clock = house.clock.clone();
    let now = move || clock.now();
    let night = reconcile_nightly(&house.app, &house.publisher, &now)
        .await
        .unwrap();
    assert_eq!(
        (night.repairs, night.found[0].difference.record_id),
        (1, Some(id(1)))
    );

    // 18:00 the same evening in Shanghai: closed for ten minutes.
    let local = house.clock.now() + TimeDelta::hours(8);
    let evening = local.date_naive().and_hms_opt(18, 5, 0).unwrap().and_utc();
    let evening = evening + TimeDelta::days(1) - TimeDelta::hours(8);
    house.clock.advance_to(evening);
    house.enqueue(&record(7, 1, false));
    let report = house.run().await;
    assert_eq!((report.accepted, report.waiting), (0, 1), "{report:?}");
    house.drive().await;
    house.pass(TimeDelta::hours(3));
    let clock = house.clock.clone();
    let now = move || clock.now();
    house
        .publisher
        .run(&house.app, Scope::Now, &now)
        .await
        .unwrap();

    let ledger = platform.ledger().await;
    assert_each_effect_once(&ledger);
    for entry in [3, 4, 5, 6, 7] {
        assert_eq!(history(&ledger, entry), (vec![1], true), "entry {entry}");
    }
    assert_eq!(history(&ledger, 2), (vec![], false));
    assert!(!history(&ledger, 1).1);
    assert!(house.view().unconfirmed_withdrawals.is_empty(), "seen gone");
    let left: Vec<_> = ledger["scenario"].as_array().unwrap().iter().collect();
    let done = left.iter().filter(|step| step["left"] == "已完成").count();
    assert_eq!(done, 6, "{left:?}");
    platform.stop().await;
}

#[tokio::test]
async fn the_ledger_as_a_table_says_when_each_version_was_seen_and_gone() {
    let platform = Platform::start().await;
    let house = house(&platform);
    house.enqueue(&record(1, 1, false));
    house.drive().await;
    house.pass(TimeDelta::hours(1));
    house.enqueue(&record(1, 2, true));
    house.drive().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client
        .get(format!("{}ledger.csv", platform.base))
        .send()
        .await
        .unwrap();
    let text = answer.text().await.unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let columns = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let cell = |row: usize, column: &str| {
        let place = columns.iter().position(|name| name == column).unwrap();
        rows[row][place].to_owned()
    };
    assert_eq!(rows.len(), 2, "{text}");
    assert_eq!(cell(0, "visible_from"), "2026-03-02 18:00:00");
    assert!(
        cell(0, "gone_at").starts_with("2026-03-02 19:00:0"),
        "{text}"
    );
    assert_eq!(
        (cell(1, "visible_from"), cell(1, "visible_now")),
        (String::new(), "0".to_owned())
    );
    let ledger = platform.ledger().await;
    assert!(ledger["records"][0]["history"][0]["gone_at"].is_string());
    platform.stop().await;
}

#[test]
fn the_pages_about_the_receiver_have_every_misbehaviour_and_a_scenario_that_plays() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in ["docs/receiver.md", "docs/receiver.zh-CN.md"] {
        let text = std::fs::read_to_string(root.join(page)).unwrap();
        for (behaviour, ..) in OFFERED {
            assert!(
                text.contains(&format!("`{behaviour}`")),
                "{page}: {behaviour}"
            );
        }
        let (_, after) = text.split_once("```toml,scenario\n").unwrap();
        let (example, _) = after.split_once("```").unwrap();
        assert_eq!(Scenario::parse(example).unwrap().lines().len(), 3, "{page}");
    }
}
