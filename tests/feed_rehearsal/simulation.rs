//! A seeded simulation: many entries change while the platform misbehaves and the publisher dies; after healing, the
//! platform shows exactly what the model says, and every version went in one form only.

use std::collections::{BTreeMap, BTreeSet};

use super::support::{Kept, Platform, assert_each_effect_once, history, record, sealed};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use wuxin::feed::{OpenBatch, Step, Waiting, batch::EntryVersion, outcome::BatchState, plan};

const ENTRIES: u8 = 5;
const FAULTS: [(&str, &str); 8] = [
    ("fail_before_commit", ""),
    ("fail_after_commit", ""),
    ("drop_reply", ""),
    ("reset", ""),
    ("truncate", ""),
    ("login_page", ""),
    ("too_many", "5"),
    ("late_commit", "90"),
];

/// The city: which version of each entry is the latest, and whether it is withdrawn.
#[derive(Default)]
struct Model {
    latest: BTreeMap<u8, (u32, bool)>,
    outbox: Vec<Waiting>,
    open: Vec<Kept>,
    sequence: u64,
    seq: i64,
    /// Versions that went into a batch.
    batched: BTreeSet<(u8, u32)>,
}

impl Model {
    fn change(&mut self, entry: u8, withdrawal: bool) {
        let version = self
            .latest
            .get(&entry)
            .map_or(1, |(version, _)| version + 1);
        self.latest.insert(entry, (version, withdrawal));
        self.seq += 1;
        let record_id = record(entry, 1, false).fields().record_id;
        self.outbox.push(Waiting {
            seq: self.seq,
            record_id,
            version,
            withdrawal,
            sent_before: false,
        });
    }

    fn seal_what_is_planned(&mut self, platform: &Platform) {
        let open: Vec<OpenBatch> = self
            .open
            .iter()
            .map(|kept| OpenBatch {
                sequence: kept.batch.sequence,
                entries: kept
                    .batch
                    .entries
                    .iter()
                    .map(|sealed| sealed.entry)
                    .collect(),
            })
            .collect();
        let plan = plan(&self.outbox, &open, 3);
        for planned in &plan.batches {
            self.sequence += 1;
            let records: Vec<_> = planned
                .seqs
                .iter()
                .map(|seq| {
                    let change = self
                        .outbox
                        .iter()
                        .find(|change| change.seq == *seq)
                        .unwrap();
                    let entry = change.record_id.as_bytes()[15];
                    assert!(
                        self.batched.insert((entry, change.version)),
                        "a version went into two batches"
                    );
                    record(entry, change.version, change.withdrawal)
                })
                .collect();
            self.open.push(Kept::new(sealed(
                self.sequence,
                platform.clock.now(),
                &records,
            )));
        }
        self.outbox
            .retain(|change| plan.held.iter().any(|held| held.seq == change.seq));
    }

    /// Takes the steps that are due; gives the earliest time at which another is.
    async fn run(&mut self, platform: &Platform) -> Option<chrono::DateTime<chrono::Utc>> {
        let client = platform.client();
        let mut earliest = None;
        for kept in &mut self.open {
            loop {
                match kept.step(&client, &platform.clock).await {
                    Ok(_) => {}
                    Err(Step::Wait { until }) => {
                        earliest = Some(
                            earliest.map_or(until, |other: chrono::DateTime<chrono::Utc>| {
                                other.min(until)
                            }),
                        );
                        break;
                    }
                    Err(step) => {
                        assert_eq!(step, Step::Done);
                        break;
                    }
                }
            }
        }
        self.open
            .retain(|kept| kept.progress.state != BatchState::Settled);
        earliest
    }
}

#[tokio::test]
async fn after_healing_the_platform_shows_what_the_model_says() {
    for seed in 0..25 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let platform = Platform::start().await;
        let mut model = Model::default();
        for _ in 0..25 {
            if random.random_bool(0.6) {
                let entry = random.random_range(1..=ENTRIES);
                let withdrawal = random.random_bool(0.35);
                model.change(entry, withdrawal);
            }
            if random.random_bool(0.4) {
                let (behaviour, value) = FAULTS[random.random_range(0..FAULTS.len())];
                let submit_only = matches!(behaviour, "fail_after_commit" | "late_commit");
                let on = if submit_only || random.random_bool(0.7) {
                    "submit"
                } else {
                    "query"
                };
                platform.switch(
                    behaviour,
                    value,
                    &random.random_range(1..=2).to_string(),
                    on,
                );
            }
            model.seal_what_is_planned(&platform);
            let next = model.run(&platform).await;
            if random.random_bool(0.2) {
                // The publisher dies: whatever it was sending is left as begun.
                for kept in &mut model.open {
                    kept.progress = kept.progress.send_begins(platform.clock.now());
                    kept.settlement = None;
                }
            }
            if let Some(next) = next {
                platform.clock.advance_to(next);
            }
        }
        platform.receiver.heal();
        while !(model.outbox.is_empty() && model.open.is_empty()) {
            model.seal_what_is_planned(&platform);
            if let Some(next) = model.run(&platform).await {
                platform.clock.advance_to(next);
            }
        }
        let ledger = platform.ledger().await;
        for entry in 1..=ENTRIES {
            let (versions, visible) = history(&ledger, entry);
            match model.latest.get(&entry) {
                Some((version, withdrawn)) => {
                    assert_eq!(
                        versions.last(),
                        Some(&u64::from(*version)),
                        "seed {seed}, entry {entry}"
                    );
                    assert_eq!(visible, !withdrawn, "seed {seed}, entry {entry}");
                }
                None => assert_eq!((versions.len(), visible), (0, false)),
            }
            let sent: Vec<u64> = model
                .batched
                .iter()
                .filter(|(e, _)| *e == entry)
                .map(|(_, version)| u64::from(*version))
                .collect();
            assert_eq!(
                versions, sent,
                "seed {seed}: every version that was batched took effect once, in order"
            );
        }
        assert_each_effect_once(&ledger);
        platform.stop().await;
    }
}

#[test]
fn entries_of_the_simulation_are_told_apart_by_their_last_byte() {
    let entry = EntryVersion {
        record_id: record(5, 1, false).fields().record_id,
        version: 1,
    };
    assert_eq!(entry.record_id.as_bytes()[15], 5);
}
