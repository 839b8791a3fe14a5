//! A platform that only counts: the refused record is found by halving, and nothing is lost or doubled on the way.

use wuxin::{
    config::Publish,
    secret::Secret,
    store::feed::{self as outbox, BatchState},
};

use crate::{
    house::House,
    support::{Platform, TOKEN, assert_each_effect_once, history, record, uscc},
};

fn house(platform: &Platform) -> House {
    House::new(platform.clock.clone(), |_| Publish {
        url: Some(platform.base.clone()),
        profile: Some("http-counts".into()),
        token: Some(Secret::new(TOKEN)),
        timeout_seconds: 1,
        ..Publish::default()
    })
}

/// Every half is a batch with a number, a key and bytes of its own, linked to a batch that is closed.
fn assert_halves(house: &House) {
    let batches = house.batches();
    let numbers: Vec<i64> = batches.iter().map(|batch| batch.number).collect();
    let expected: Vec<i64> = (1..=i64::try_from(batches.len()).unwrap()).collect();
    assert_eq!(numbers, expected);
    let mut keys: Vec<&String> = batches
        .iter()
        .map(|batch| &batch.sealed.idempotency_key)
        .collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), batches.len());
    for batch in &batches {
        assert_eq!(batch.state, BatchState::Closed, "batch {}", batch.number);
        let parent = house
            .app
            .store
            .read(|db| outbox::parent(db, &batch.id))
            .unwrap();
        assert_eq!(parent.is_some(), batch.number > 1, "batch {}", batch.number);
        let text = String::from_utf8(batch.sealed.body.clone()).unwrap();
        assert!(text.contains(&batch.sealed.idempotency_key), "{text}");
    }
}

#[tokio::test]
async fn the_refused_record_is_found_by_halving_whatever_befalls_an_answer() {
    for (behaviour, refused) in [
        ("", vec![4]),
        ("", vec![1, 7]),
        ("drop_reply", vec![4]),
        ("fail_after_commit", vec![7]),
        ("truncate", vec![2, 3]),
        ("reset", vec![1]),
    ] {
        let platform = Platform::start().await;
        let house = house(&platform);
        platform.switch("counts_only", "", "", "submit");
        for entry in &refused {
            platform.switch("reject_uscc", uscc(*entry).as_str(), "", "submit");
        }
        if !behaviour.is_empty() {
            platform.switch(behaviour, "", "2", "submit");
        }
        for entry in 1..=7 {
            house.enqueue(&record(entry, 1, false));
        }
        let report = house.drive().await;
        assert_eq!(report.rejected, refused.len(), "{behaviour} {refused:?}");
        assert!(report.split > 0);
        for entry in 1..=7 {
            let (state, _) = house.changes(entry).remove(0);
            let expected = if refused.contains(&entry) {
                "rejected"
            } else {
                "accepted"
            };
            assert_eq!(state, expected, "{behaviour}: entry {entry}");
        }
        assert_halves(&house);
        let ledger = platform.ledger().await;
        assert_each_effect_once(&ledger);
        for entry in 1..=7 {
            let expected = if refused.contains(&entry) {
                (vec![], false)
            } else {
                (vec![1], true)
            };
            assert_eq!(history(&ledger, entry), expected);
        }
        let view = house.view();
        assert_eq!(view.rejects.len(), refused.len());
        assert_eq!(view.rejects_by_class["DATA"], refused.len());
        assert!(view.batches.is_empty());
        platform.stop().await;
    }
}

#[tokio::test]
async fn a_withdrawal_overtakes_the_halves_of_its_addition() {
    let platform = Platform::start().await;
    let house = house(&platform);
    platform.switch("counts_only", "", "", "submit");
    platform.switch("reject_uscc", uscc(3).as_str(), "", "submit");
    // The answer is lost: the batch is open while the withdrawal comes.
    platform.switch("drop_reply", "", "1", "submit");
    for entry in 1..=3 {
        house.enqueue(&record(entry, 1, false));
    }
    house.run().await;
    house.enqueue(&record(1, 2, true));
    house.drive().await;
    let states: Vec<String> = house
        .changes(1)
        .into_iter()
        .map(|(state, _)| state)
        .collect();
    assert_eq!(states, ["superseded", "accepted"]);
    let ledger = platform.ledger().await;
    assert_eq!(history(&ledger, 1), (vec![1, 2], false));
    assert_eq!(history(&ledger, 2), (vec![1], true));
    // Confirmed; this platform cannot be asked whether it is gone.
    let view = house.view();
    let states: Vec<&str> = view
        .unconfirmed_withdrawals
        .iter()
        .map(|one| one.state)
        .collect();
    assert_eq!(states, ["accepted"]);
    platform.stop().await;
}

#[tokio::test]
async fn a_refused_withdrawal_alarms_at_once_and_stays_in_the_view() {
    let platform = Platform::start().await;
    let house = house(&platform);
    platform.switch("counts_only", "", "", "submit");
    platform.switch("unmatched_uscc", uscc(1).as_str(), "", "submit");
    house.enqueue(&record(1, 2, true));
    let report = house.run().await;
    assert_eq!((report.rejected, report.alarms.len()), (1, 1));
    let view = house.view();
    assert!(view.rejects[0].withdrawal);
    assert_eq!(view.rejects[0].owner, "officer");
    assert_eq!(view.unconfirmed_withdrawals.len(), 1);
    assert_eq!(view.unconfirmed_withdrawals[0].state, "rejected");
    platform.stop().await;
}

#[tokio::test]
async fn a_platform_that_is_away_is_left_alone_for_a_while() {
    let platform = Platform::start().await;
    let (clock, base) = (platform.clock.clone(), platform.base.clone());
    platform.stop().await;
    let house = House::new(clock, |_| Publish {
        url: Some(base),
        ..Publish::default()
    });
    for entry in 1..=8 {
        house.enqueue(&record(entry, 1, false));
        house.run().await;
    }
    let view = house.view();
    assert!(view.breaker.open_until.is_some(), "{view:?}");
    assert_eq!(view.breaker.failures_in_a_row, 5);
    let tried = |house: &House| -> i64 { house.batches().iter().map(|one| one.attempts).sum() };
    // Batches that are due by their own schedule are held back too.
    let before = tried(&house);
    house.pass(chrono::TimeDelta::seconds(20));
    let report = house.run().await;
    assert_eq!(
        tried(&house),
        before,
        "nothing is sent while the breaker is open"
    );
    assert_eq!(report.next_attempt_at, view.breaker.open_until);
    house.clock.advance_to(view.breaker.open_until.unwrap());
    house.run().await;
    assert!(tried(&house) > before);
}
