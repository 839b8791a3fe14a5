//! One record, one company: what confirming a record costs in a small city and in a large population, in turns.
//!
//! `cargo bench --bench one_company -- --large 20000`; `benches/README.md` says what the numbers are.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use wuxin::{
    city::{DEMO_SEED, Size, Town},
    config::Settings,
    domain::{Company, Contract, Day, Record, Uscc},
    secret::Secret,
    service::{self, Actor, App, RecordDraft, Role},
    store::{StoreError, companies, contracts, records},
};

/// Rows stored in one transaction.
const CHUNK: usize = 10_000;

/// How much is measured.
#[derive(Debug, Clone, Parser)]
struct Sizes {
    /// Companies of the small city.
    #[arg(long, env = "WUXIN_BENCH_SMALL", default_value_t = 100)]
    small: u32,
    /// Companies of the large population.
    #[arg(long, env = "WUXIN_BENCH_LARGE", default_value_t = 400_000)]
    large: u32,
    /// Records of each company.
    #[arg(long, env = "WUXIN_BENCH_RECORDS_EACH", default_value_t = 5)]
    records: u32,
    /// Records confirmed in each.
    #[arg(long, env = "WUXIN_BENCH_ROUNDS", default_value_t = 50)]
    rounds: u32,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let sizes = Sizes::parse();
    let folder = tempfile::tempdir()?;
    let began: DateTime<Utc> = "2026-07-01T01:00:00Z".parse()?;
    let small = Place::fill(folder.path(), "small", sizes.small, sizes.records, began)?;
    let large = Place::fill(folder.path(), "large", sizes.large, sizes.records, began)?;
    let (mut confirming, mut scoring) = (Ratio::default(), Ratio::default());
    // The first of each warms caches and is not counted.
    for round in 0..=sizes.rounds.max(1) {
        let at = began + TimeDelta::minutes(i64::from(round) + 1);
        let (own, other) = (large.confirm(round, at)?, small.confirm(round, at)?);
        let (own_read, other_read) = (large.score(round, at)?, small.score(round, at)?);
        if round > 0 {
            confirming.add(own, other);
            scoring.add(own_read, other_read);
        }
    }
    println!(
        "one company among {} beside one among {}, {} records each",
        sizes.large, sizes.small, sizes.records
    );
    confirming.print("confirm a record, score, store");
    scoring.print("read and score");
    Ok(())
}

/// A population in a file of its own.
struct Place {
    app: App,
    codes: Vec<Uscc>,
}

impl Place {
    fn fill(
        folder: &Path,
        name: &str,
        size: u32,
        each: u32,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Self> {
        let url = format!(
            "sqlite:{}",
            folder.join(name).with_extension("db").display()
        );
        let settings = Settings {
            database_url: Secret::new(url),
            ..Settings::default()
        };
        let app = App::open(&settings)?;
        let town = Town::new(DEMO_SEED, Size::scaled(size, size.saturating_mul(each)));
        let known: Vec<Company> = town.companies().cloned().collect();
        let managed: Vec<Contract> = town.contracts().cloned().collect();
        let store = &app.store;
        for chunk in known.chunks(CHUNK) {
            store.write(|db| companies::put(db, chunk, now))?;
        }
        for chunk in managed.chunks(CHUNK) {
            store.write(|db| contracts::put(db, chunk, now))?;
        }
        let mut waiting: Vec<Record> = Vec::with_capacity(CHUNK);
        let put = |chunk: &[Record]| -> Result<(), StoreError> {
            let cause = records::Cause::Imported;
            store.write(|db| records::put(db, chunk, cause, "bench", now))?;
            Ok(())
        };
        for record in town.records() {
            waiting.push(record);
            if waiting.len() == CHUNK {
                put(&waiting)?;
                waiting.clear();
            }
        }
        put(&waiting)?;
        store.write(|db| service::rescore_all(db, &app, now))?;
        store.analyze()?;
        let codes = known.iter().map(|company| company.uscc).collect();
        Ok(Self { app, codes })
    }

    /// A company of the round, from all over the population.
    fn company(&self, round: u32) -> anyhow::Result<Uscc> {
        let index = (round as usize).wrapping_mul(7_919) % self.codes.len().max(1);
        self.codes.get(index).copied().context("nobody to score")
    }

    /// Confirms a record of one company, which scores it.
    fn confirm(&self, round: u32, at: DateTime<Utc>) -> anyhow::Result<Duration> {
        let draft = RecordDraft {
            item: Some("PEN-03".to_owned()),
            kind: Some("complaint".to_owned()),
            company: Some(self.company(round)?.to_string()),
            decided_on: Some("2026-06-29".to_owned()),
            ..RecordDraft::default()
        };
        let (app, store) = (&self.app, &self.app.store);
        let officer = person("officer", Role::Officer);
        let reviewer = person("reviewer", Role::Reviewer);
        let entered = store.write(|db| service::enter_record(db, app, &officer, &draft, at))?;
        let began = Instant::now();
        store.write(|db| {
            service::confirm_record(db, app, &reviewer, &entered.id, entered.version, at)
        })?;
        Ok(began.elapsed())
    }

    /// Scores one company by what is stored, without storing anything.
    fn score(&self, round: u32, at: DateTime<Utc>) -> anyhow::Result<Duration> {
        let company = Some(self.company(round)?);
        let began = Instant::now();
        let scores = self
            .app
            .store
            .read(|db| service::score_stored(db, &self.app, Day::of(at), company))?;
        anyhow::ensure!(scores.len() == 1, "one company was asked for");
        Ok(began.elapsed())
    }
}

fn person(id: &str, role: Role) -> Actor {
    Actor {
        id: id.to_owned(),
        role,
        region: None,
    }
}

/// Times of the rounds, large and small.
#[derive(Debug, Default)]
struct Ratio {
    large: Vec<Duration>,
    small: Vec<Duration>,
}

impl Ratio {
    fn add(&mut self, large: Duration, small: Duration) {
        self.large.push(large);
        self.small.push(small);
    }

    fn print(&self, what: &str) {
        let rounds = self.large.iter().zip(&self.small);
        let ratio = median(rounds.map(|(large, small)| large.as_secs_f64() / small.as_secs_f64()));
        let millis = |times: &[Duration]| median(times.iter().map(|time| time.as_secs_f64() * 1e3));
        println!(
            "{what:<34} large {:>8.2} ms  small {:>8.2} ms  ratio {ratio:.2}",
            millis(&self.large),
            millis(&self.small)
        );
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
