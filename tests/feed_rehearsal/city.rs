//! A seeded simulation of the real publisher with virtual time: several processes with clocks that disagree, one at a time
//! paused past its lease, while entries change and the platform misbehaves or cannot be reached. After healing, the
//! platform holds what a sequential model says.
//!
//! `WUXIN_SEEDS=N` plays N seeds, `WUXIN_SEED=N` that one; else as many as fit in about twenty seconds. A seed that fails
//! is printed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use wuxin::{
    config::Publish,
    secret::Secret,
    service::{Error, Publisher, Scope},
    store::StoreError,
};

use crate::{
    house::{House, TARGET},
    support::{Platform, TOKEN, VirtualClock, assert_each_effect_once, history, record},
};

const ENTRIES: u8 = 8;
const PUBLISHERS: usize = 3;
const STEPS: usize = 25;
const FAULTS: [(&str, &str); 11] = [
    ("fail_before_commit", ""),
    ("fail_after_commit", ""),
    ("drop_reply", ""),
    ("reset", ""),
    ("truncate", ""),
    ("login_page", ""),
    ("too_many", "5"),
    ("late_commit", "90"),
    ("wrong_charset", ""),
    ("repeat", ""),
    ("partial_rejection", "503"),
];

/// Says which seed was being played when a test failed.
struct Playing(u64);

impl Drop for Playing {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {0} failed; WUXIN_SEED={0} plays it again", self.0);
        }
    }
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap())
}

#[tokio::test]
async fn whatever_happens_the_platform_ends_with_what_the_model_says() {
    if let Some(seed) = number("WUXIN_SEED") {
        return play(seed).await;
    }
    let (wanted, began, mut played) = (number("WUXIN_SEEDS"), Instant::now(), 0);
    while wanted.map_or_else(
        || played < 5 || began.elapsed() < Duration::from_secs(20),
        |wanted| played < wanted,
    ) {
        play(played).await;
        played += 1;
    }
    println!(
        "{played} seeds, {STEPS} steps each, {:.0} s",
        began.elapsed().as_secs_f64()
    );
}

async fn play(seed: u64) {
    let playing = Playing(seed);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let platform = Platform::start().await;
    let publish = || Publish {
        target: TARGET.to_owned(),
        url: Some(platform.base.clone()),
        token: Some(Secret::new(TOKEN)),
        timeout_seconds: 2,
        ..Publish::default()
    };
    let house = House::new(platform.clock.clone(), |_| publish());
    let publishers: Vec<(Publisher, TimeDelta)> = (0..PUBLISHERS)
        .map(|_| {
            let skew = TimeDelta::seconds(random.random_range(-100..=100));
            (Publisher::new(&publish()).unwrap(), skew)
        })
        .collect();
    let mut model: BTreeMap<u8, (u32, bool)> = BTreeMap::new();
    for _ in 0..STEPS {
        for _ in 0..random.random_range(0..=3) {
            let entry = random.random_range(1..=ENTRIES);
            let version = model.get(&entry).map_or(1, |(version, _)| version + 1);
            let withdrawal = random.random_bool(0.35);
            model.insert(entry, (version, withdrawal));
            house.enqueue(&record(entry, version, withdrawal));
        }
        if random.random_bool(0.4) {
            let (behaviour, value) = FAULTS[random.random_range(0..FAULTS.len())];
            let count = random.random_range(1..=3).to_string();
            platform.switch(behaviour, value, &count, "submit");
        }
        if random.random_bool(0.15) {
            // For a while nothing gets through.
            for on in ["submit", "query"] {
                platform.switch("reset", "", "5", on);
            }
        }
        let (publisher, skew) = &publishers[random.random_range(0..PUBLISHERS)];
        let pause = random
            .random_bool(0.25)
            .then(|| random.random_range(1..=8_u32));
        run(&house, publisher, *skew, pause).await;
        if random.random_bool(0.5) {
            house.pass(TimeDelta::seconds(random.random_range(1..=3_600)));
        }
    }
    platform.receiver.heal();
    // Whatever lease is left runs out.
    house.pass(TimeDelta::minutes(10));
    house.drive().await;
    let ledger = platform.ledger().await;
    for entry in 1..=ENTRIES {
        let (versions, visible) = history(&ledger, entry);
        let (last, withdrawn) = model.get(&entry).copied().unwrap_or((0, true));
        assert_eq!(
            versions.last().copied().unwrap_or(0),
            u64::from(last),
            "entry {entry}"
        );
        assert_eq!(visible, !withdrawn, "entry {entry}");
    }
    assert_each_effect_once(&ledger);
    assert_each_version_in_one_batch(&ledger);
    assert_asked_before_sent_again(&ledger);
    platform.stop().await;
    drop(playing);
}

/// One run of one publisher by its own clock; if it is paused, seven minutes pass at that look at the clock.
async fn run(house: &House, publisher: &Publisher, skew: TimeDelta, pause: Option<u32>) {
    let (clock, looks): (VirtualClock, _) = (house.clock.clone(), AtomicU32::new(0));
    let now = move || {
        if Some(looks.fetch_add(1, Ordering::SeqCst)) == pause {
            clock.advance_to(clock.now() + TimeDelta::minutes(7));
        }
        clock.now() + skew
    };
    match publisher.run(&house.app, Scope::Now, &now).await {
        Ok(_) => {}
        Err(Error::Store(StoreError::LeaseLost { .. })) => {
            assert!(pause.is_some(), "a lease was lost without a pause");
        }
        Err(other) => panic!("{other:?}"),
    }
}

/// But for the batches of which the platform refused it.
fn assert_each_version_in_one_batch(ledger: &Value) {
    let mut taken = BTreeSet::new();
    for batch in ledger["batches"].as_object().unwrap().values() {
        let receipts = batch["receipts"].as_array().unwrap();
        for receipt in receipts.iter().filter(|one| one["result"] != "REJECTED") {
            let version = (
                receipt["record_id"].to_string(),
                receipt["record_version"].as_u64(),
            );
            assert!(taken.insert(version), "in two batches: {receipt}");
        }
    }
}

/// Twice "not there" between two sends of a batch, unless the first was answered by "come later".
fn assert_asked_before_sent_again(ledger: &Value) {
    let mut absent: BTreeMap<&str, usize> = BTreeMap::new();
    for request in ledger["requests"].as_array().unwrap() {
        let answer = request["answer"].as_str().unwrap();
        let path = request["path"].as_str().unwrap();
        if let Some(key) = request["key"].as_str() {
            let asked = absent.get(key).copied();
            assert!(
                asked.is_none_or(|asked| asked >= 2),
                "sent again after {asked:?} answers"
            );
            let certain = if answer.starts_with("429") { 2 } else { 0 };
            absent.insert(key, certain);
        } else if let Some(key) = path.strip_prefix("/api/batches/")
            && answer.starts_with("404")
            && let Some(asked) = absent.get_mut(key)
        {
            *asked += 1;
        }
    }
}
