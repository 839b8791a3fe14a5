//! A seeded simulation of the real publisher with virtual time: several processes with clocks that disagree and jump, killed
//! or paused past their lease at any look at the clock, entries that change, a platform that
//! misbehaves or cannot be reached. After healing, a sequential model says what must hold; `hold` lists it.
//!
//! 2,000 seeds, or as many as fit in 75 seconds; `WUXIN_SEEDS=100000` plays so many, `WUXIN_SEED=N` that one alone. A seed that fails is printed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use tokio::sync::Notify;
use wuxin::{
    config::{Publish, Settings},
    feed::CanonicalRecord,
    secret::Secret,
    service::{App, Error, PublishReport, Publisher, Scope},
    store::{
        StoreError,
        feed::{self as outbox, NewChange},
    },
};

use crate::support::{Platform, TOKEN, VirtualClock, assert_each_effect_once, history, record};

const SEEDS: u64 = 2_000;
const MOST_TIME: Duration = Duration::from_secs(75);
const ENTRIES: u8 = 4;
const PUBLISHERS: usize = 3;
const STEPS: usize = 6;
/// Seeds that share a database; each has a target of its own in it.
const TOGETHER: u64 = 50;
const FAULTS: [(&str, &str); 12] = [
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
    ("slow_publish", "600"),
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

#[test]
fn whatever_happens_the_platform_ends_with_what_the_model_says() {
    // One thread runs everything and one talks to the database, in the order of asking: a seed plays alike each time.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(play_all());
}

async fn play_all() {
    let platform = Platform::start().await;
    let one = number("WUXIN_SEED");
    let seeds = match one {
        Some(seed) => seed..seed + 1,
        None => 0..number("WUXIN_SEEDS").unwrap_or(SEEDS),
    };
    let wanted = one.or(number("WUXIN_SEEDS")).is_some();
    let (began, mut played) = (Instant::now(), 0);
    let mut app = None;
    for seed in seeds {
        if !wanted && began.elapsed() > MOST_TIME {
            break;
        }
        played += 1;
        if app.is_none() || seed % TOGETHER == 0 {
            app = Some(database());
        }
        let town = Town::new(&platform, app.as_ref().unwrap(), seed);
        let playing = Playing(seed);
        town.live(seed).await;
        drop(playing);
    }
    println!(
        "{played} seeds, {STEPS} steps each, {:.0} s",
        began.elapsed().as_secs_f64()
    );
    platform.stop().await;
}

fn database() -> Arc<App> {
    let settings = Settings {
        database_url: Secret::new("sqlite::memory:"),
        database_connections: 1,
        ..Settings::default()
    };
    Arc::new(App::open(&settings).unwrap())
}

/// A publisher and how far its clock is off.
struct Process {
    publisher: Publisher,
    skew: TimeDelta,
}

/// What becomes of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Ends,
    /// Killed at this look at the clock.
    Dies(u32),
    /// Stands still at this look while its lease runs out.
    Pauses(u32),
}

/// One seed: a platform that begins empty, a target of its own, the processes.
struct Town<'a> {
    platform: &'a Platform,
    clock: VirtualClock,
    app: Arc<App>,
    target: String,
    processes: Vec<Process>,
}

/// What each version of each entry was to be: withdrawn or shown. Nothing else is known of the order of things.
type Model = BTreeMap<u8, Vec<bool>>;

impl<'a> Town<'a> {
    fn new(platform: &'a Platform, app: &Arc<App>, seed: u64) -> Self {
        platform.receiver.begin_again().unwrap();
        platform.clock.begin_again();
        let target = format!("示例平台 {seed}");
        let processes = (0..PUBLISHERS).map(|_| Process {
            publisher: Publisher::new(&Publish {
                target: target.clone(),
                url: Some(platform.base.clone()),
                token: Some(Secret::new(TOKEN)),
                timeout_seconds: 5,
                ..Publish::default()
            })
            .unwrap(),
            skew: TimeDelta::zero(),
        });
        Self {
            platform,
            clock: platform.clock.clone(),
            app: Arc::clone(app),
            processes: processes.collect(),
            target,
        }
    }

    fn pass(&self, time: TimeDelta) {
        self.clock.advance_to(self.clock.now() + time);
    }

    async fn live(mut self, seed: u64) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut model = Model::new();
        for _ in 0..STEPS {
            for _ in 0..random.random_range(0..=3) {
                let entry = random.random_range(1..=ENTRIES);
                let withdrawal = random.random_bool(0.35);
                let versions = model.entry(entry).or_default();
                versions.push(withdrawal);
                let version = u32::try_from(versions.len()).unwrap();
                self.enqueue(&record(entry, version, withdrawal));
            }
            if random.random_bool(0.4) {
                let (behaviour, value) = FAULTS[random.random_range(0..FAULTS.len())];
                let count = random.random_range(1..=3).to_string();
                self.platform.switch(behaviour, value, &count, "submit");
            }
            if random.random_bool(0.15) {
                // For a while nothing gets through.
                for on in ["submit", "query"] {
                    self.platform.switch("reset", "", "5", on);
                }
            }
            let process = random.random_range(0..PUBLISHERS);
            if random.random_bool(0.2) {
                // Its clock jumps, forwards or back.
                let off = TimeDelta::seconds(random.random_range(-100..=100));
                self.processes[process].skew = off;
            }
            let fate = match random.random_range(0..10) {
                0..=1 => Fate::Dies(random.random_range(1..=10)),
                2 => Fate::Pauses(random.random_range(1..=10)),
                _ => Fate::Ends,
            };
            let scope = match random.random_range(0..6) {
                0 => Scope::Slot,
                1 => Scope::Urgent,
                _ => Scope::Now,
            };
            self.run(process, scope, fate).await;
            if random.random_bool(0.5) {
                self.pass(TimeDelta::seconds(random.random_range(1..=3_600)));
            }
        }
        self.platform.receiver.heal();
        self.settle().await;
        self.hold(&model).await;
    }

    fn enqueue(&self, record: &CanonicalRecord) {
        let fields = record.fields();
        let new = NewChange {
            company: fields.uscc,
            target: self.target.clone(),
            record_id: fields.record_id.to_string(),
            version: fields.record_version.into(),
            op: fields.op.code().to_owned(),
            withdrawal: record.is_withdrawal(),
            payload: record.to_json(),
            digest: record.digest().to_owned(),
        };
        let now = self.clock.now();
        let store = &self.app.store;
        store.write(|db| outbox::enqueue(db, &new, now)).unwrap();
    }

    /// One run of one process by its own clock.
    async fn run(&self, process: usize, scope: Scope, fate: Fate) {
        let Process { publisher, skew } = &self.processes[process];
        let (clock, skew, looks) = (self.clock.clone(), *skew, AtomicU32::new(0));
        let stop = Arc::new(Notify::new());
        let signal = Arc::clone(&stop);
        let now = move || {
            let look = looks.fetch_add(1, Ordering::SeqCst) + 1;
            match fate {
                Fate::Dies(at) if at == look => signal.notify_one(),
                Fate::Pauses(at) if at == look => {
                    clock.advance_to(clock.now() + TimeDelta::minutes(7));
                }
                _ => {}
            }
            clock.now() + skew
        };
        tokio::select! {
            biased;
            // Whatever it was doing stays as it is.
            () = stop.notified() => {}
            ended = publisher.run(&self.app, scope, &now) => lawful(ended, fate),
        }
    }

    /// Runs and moves the clock until nothing waits and everything was looked for.
    async fn settle(&mut self) {
        self.processes[0].skew = TimeDelta::zero();
        // Whatever lease is left runs out.
        self.pass(TimeDelta::minutes(10));
        for _ in 0..80 {
            let clock = self.clock.clone();
            let now = move || clock.now();
            let run = self.processes[0].publisher.run(&self.app, Scope::Now, &now);
            let report = run.await.unwrap();
            assert!(report.ran);
            let looked_for = self.looked_for();
            match report.next_attempt_at {
                Some(next) => self.clock.advance_to(next),
                None if looked_for > 0 => self.pass(TimeDelta::hours(1)),
                None => return,
            }
        }
        panic!(
            "something waits for ever, or is never seen: {}",
            self.looked_for()
        );
    }

    fn looked_for(&self) -> usize {
        let store = &self.app.store;
        store
            .read(|db| outbox::looks(db, &self.target))
            .unwrap()
            .len()
    }

    /// What the model says.
    async fn hold(&self, model: &Model) {
        let ledger = self.platform.ledger().await;
        for entry in 1..=ENTRIES {
            let (versions, visible) = history(&ledger, entry);
            let wanted = model.get(&entry).map_or(&[][..], Vec::as_slice);
            // Nothing is lost: the last version is there, and the public sees it or does not, as it should.
            let last = versions.last().copied().unwrap_or(0);
            assert_eq!(last, wanted.len() as u64, "entry {entry}");
            assert_eq!(visible, wanted.last() == Some(&false), "entry {entry}");
            // Nothing is made up: what took effect is what was put into the outbox, version by version.
            for (version, withdrawn) in effects(&ledger, entry) {
                assert_eq!(
                    withdrawn,
                    wanted[version - 1],
                    "entry {entry}, version {version}"
                );
            }
        }
        // One key has one body; the versions of an entry took effect once and in order; each went in one batch.
        assert_each_effect_once(&ledger);
        assert_each_version_in_one_batch(&ledger);
        assert_asked_before_sent_again(&ledger);
        let store = &self.app.store;
        let read = |db: &mut wuxin::service::Db| -> Result<_, StoreError> {
            let status = outbox::status(db, &self.target)?;
            Ok((status, outbox::batches(db, &self.target, None, 1_000)?))
        };
        let (status, batches) = store.read(read).unwrap();
        // Nothing waits, nothing is of unknown fate, nothing was given up; batches are numbered without gaps.
        let open = |(state, _, count): &(outbox::ChangeState, bool, i64)| {
            let done = [
                outbox::ChangeState::Accepted,
                outbox::ChangeState::Superseded,
            ];
            !done.contains(state) && *count > 0
        };
        assert!(!status.changes.iter().any(open), "{:?}", status.changes);
        assert!(
            batches
                .iter()
                .all(|one| one.state == outbox::BatchState::Closed)
        );
        let numbers: Vec<i64> = batches.iter().rev().map(|one| one.number).collect();
        assert!(
            numbers.iter().copied().eq(1..=status.last_number),
            "{numbers:?}"
        );
    }
}

/// How a run may end.
fn lawful(ended: Result<PublishReport, Error>, fate: Fate) {
    match ended {
        Ok(_) => {}
        Err(
            Error::Changed { .. }
            | Error::Store(StoreError::LeaseLost { .. } | StoreError::State { .. }),
        ) => assert!(
            matches!(fate, Fate::Pauses(_)),
            "a lease was lost without a pause"
        ),
        Err(other) => panic!("{other:?}"),
    }
}

/// Each version of an entry that took effect, and whether it withdrew it.
fn effects(ledger: &Value, entry: u8) -> Vec<(usize, bool)> {
    let id = crate::support::id(entry).to_string();
    let mut records = ledger["records"].as_array().unwrap().iter();
    let Some(record) = records.find(|record| record["record_id"] == id) else {
        return Vec::new();
    };
    let held = record["history"].as_array().unwrap().iter();
    held.map(|held| {
        let version = held["version"].as_u64().unwrap();
        let withdrawn = held["withdrawal"].as_bool().unwrap();
        (usize::try_from(version).unwrap(), withdrawn)
    })
    .collect()
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
