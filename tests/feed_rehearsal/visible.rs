//! The fourth receipt level: seen by the public, or seen gone.

use chrono::TimeDelta;
use wuxin::{
    config::Publish,
    secret::Secret,
    service::{drift_alarms, reconcile_nightly},
    store::feed::{self as outbox, Sight, Source},
};

use crate::{
    house::{House, TARGET},
    support::{Platform, TOKEN, id, record},
};

fn house(platform: &Platform) -> House {
    House::new(platform.clock.clone(), |_| Publish {
        url: Some(platform.base.clone()),
        token: Some(Secret::new(TOKEN)),
        timeout_seconds: 1,
        ..Publish::default()
    })
}

/// How each change of an entry was seen.
fn sights(house: &House, entry: u8) -> Vec<Option<Sight>> {
    let read = |db: &mut wuxin::service::Db| {
        let changes = outbox::changes_of(db, TARGET, &id(entry).to_string())?;
        let mut sights = Vec::new();
        for change in changes {
            sights.push(outbox::sight_of(db, change.seq)?);
        }
        Ok::<_, wuxin::store::StoreError>(sights)
    };
    house.app.store.read(read).unwrap()
}

#[tokio::test]
async fn what_was_taken_is_looked_for_until_the_public_sees_it_and_until_it_is_gone() {
    let platform = Platform::start().await;
    let house = house(&platform);
    house.enqueue(&record(1, 1, false));
    house.drive().await;
    let view = house.view();
    assert_eq!(view.batches, [], "every record has its result");
    assert_eq!(view.not_visible.len(), 1, "and nobody has seen it");
    assert_eq!(sights(&house, 1), [None]);

    house.pass(TimeDelta::minutes(2));
    assert_eq!(house.run().await.seen, 1);
    assert_eq!(house.view().not_visible, []);
    let seen = sights(&house, 1).remove(0).unwrap();
    assert_eq!((seen.gone, seen.source), (false, Source::Record));
    assert!(seen.at <= house.clock.now());

    // A withdrawal that the platform has confirmed is not gone before it was seen gone.
    platform.switch("slow_publish", "1200", "1", "submit");
    house.enqueue(&record(1, 2, true));
    assert_eq!(house.drive().await.accepted, 1);
    house.pass(TimeDelta::minutes(2));
    assert_eq!(house.run().await.seen, 0);
    let view = house.view();
    assert_eq!(view.unconfirmed_withdrawals[0].state, "accepted");
    assert_eq!(view.not_visible[0].says, "still shown");
    house.pass(TimeDelta::minutes(60));
    assert_eq!(house.run().await.seen, 1);
    assert_eq!(house.view().unconfirmed_withdrawals, []);
    assert!(sights(&house, 1).remove(1).unwrap().gone);
    platform.stop().await;
}

#[tokio::test]
async fn what_never_becomes_visible_shows_its_age_and_alarms_after_its_time() {
    let platform = Platform::start().await;
    let house = house(&platform);
    house.enqueue(&record(1, 1, false));
    house.drive().await;
    house.pass(TimeDelta::minutes(2));
    house.run().await;
    // A change of an entry that is visible: the old version stays for two days.
    platform.switch("slow_publish", "172800", "1", "submit");
    house.enqueue(&record(1, 2, false));
    house.drive().await;
    for hours in [1, 5, 12] {
        house.pass(TimeDelta::hours(hours));
        assert_eq!(house.run().await.alarms, [""; 0]);
    }
    let line = house.view().not_visible.remove(0);
    assert_eq!(
        (line.says.as_str(), line.late),
        ("version 1 is shown", false)
    );
    assert!((17..=19).contains(&(line.age_seconds / 3_600)), "{line:?}");
    assert!(line.looks >= 2, "{line:?}");

    house.pass(TimeDelta::hours(12));
    let report = house.run().await;
    assert_eq!(report.alarms.len(), 1, "{report:?}");
    assert!(report.alarms[0].contains("version 1 is shown"));
    assert!(house.view().not_visible[0].late);
    let alarms = house.app.store.read(|db| drift_alarms(db, TARGET)).unwrap();
    assert_eq!(alarms[0].code, "feed-not-visible");

    // What it says in the end is level 4, and the alarm is over.
    house.pass(TimeDelta::hours(24));
    assert_eq!(house.run().await.seen, 1);
    let alarms = house.app.store.read(|db| drift_alarms(db, TARGET)).unwrap();
    assert_eq!(alarms, []);
    platform.stop().await;
}

#[tokio::test]
async fn a_platform_that_does_not_answer_whole_proves_nothing() {
    let platform = Platform::start().await;
    let house = house(&platform);
    for entry in 1..=2 {
        house.enqueue(&record(entry, 1, false));
    }
    house.drive().await;
    for (behaviour, value) in [
        ("fail_before_commit", ""),
        ("truncate", ""),
        ("login_page", ""),
    ] {
        house.pass(TimeDelta::hours(20));
        platform.switch(behaviour, value, "1", "query");
        let report = house.run().await;
        assert_eq!((report.seen, report.alarms.len()), (0, 0), "{behaviour}");
        let view = house.view();
        assert_eq!(view.not_visible.len(), 2, "{behaviour}");
        let told = |line: &wuxin::service::LookLine| (line.looks, line.late, line.says.is_empty());
        assert!(
            view.not_visible
                .iter()
                .all(|line| told(line) == (0, false, false))
        );
    }
    house.pass(TimeDelta::minutes(6));
    assert_eq!(house.run().await.seen, 2);
    platform.stop().await;
}

#[tokio::test]
async fn a_comparison_sees_too_and_a_later_change_is_looked_for_instead() {
    let platform = Platform::start().await;
    let house = house(&platform);
    house.enqueue(&record(1, 1, false));
    house.enqueue(&record(2, 1, false));
    house.drive().await;
    let clock = house.clock.clone();
    let now = move || clock.now();
    let found = reconcile_nightly(&house.app, &house.publisher, &now).await;
    assert!(found.unwrap().slow.is_empty());
    assert_eq!(
        sights(&house, 1)[0].as_ref().unwrap().source,
        Source::Listing
    );
    // Nobody looked between two changes: the later one stands for both.
    for version in 2..=3 {
        house.enqueue(&record(2, version, false));
        house.drive().await;
    }
    house.pass(TimeDelta::minutes(2));
    assert_eq!(house.run().await.seen, 1);
    let seen: Vec<bool> = sights(&house, 2).iter().map(Option::is_some).collect();
    assert_eq!(seen, [true, false, true]);
    platform.stop().await;
}
