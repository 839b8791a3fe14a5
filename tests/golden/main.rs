//! The demo city's results on three days, byte for byte: by the rules alone, through SQLite, through PostgreSQL, and with
//! the records in another order. A change of them is a change of what companies are told, and has to be meant.
#![cfg(test)]

#[path = "../support/mod.rs"]
mod support;

use std::path::PathBuf;

use chrono::{DateTime, TimeZone, Utc};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use support::TestStore;
use wuxin::{
    city::{DEMO_SEED, Size, Town},
    config::{Secret, Settings},
    domain::{Company, Contract, Day, Fault, Record},
    rules::{self, Facts, RuleSet, Score},
    service::{self, App, ImportFiles, Progress},
};

const DAYS: [&str; 3] = ["2024-06-30", "2025-06-30", "2026-06-30"];
const GOLDEN: &str = "fixtures/golden/demo-city.csv";
const REGENERATE: &str = "WUXIN_WRITE_GOLDEN";

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(GOLDEN)
}

/// Compares with the committed file, and names the first line that differs.
fn assert_golden(how: &str, found: &str) {
    let wanted = std::fs::read_to_string(golden()).unwrap_or_default();
    if found == wanted {
        return;
    }
    let differs = found
        .lines()
        .zip(wanted.lines())
        .enumerate()
        .find(|(_, (found, wanted))| found != wanted)
        .map_or_else(
            || {
                format!(
                    "{} lines, not {}",
                    found.lines().count(),
                    wanted.lines().count()
                )
            },
            |(line, (found, wanted))| format!("line {}: {found}, not {wanted}", line + 1),
        );
    panic!(
        "{how}, the results of the demo city are not those of {GOLDEN}: {differs}\n\
         If the change is meant: {REGENERATE}=1 cargo test --test golden by_the_rules_alone, and explain it in the commit."
    );
}

struct Files {
    companies: Vec<Company>,
    contracts: Vec<Contract>,
    records: Vec<Record>,
}

fn city() -> Files {
    let town = Town::new(DEMO_SEED, Size::demo());
    Files {
        companies: town.companies().cloned().collect(),
        contracts: town.contracts().cloned().collect(),
        records: town.records().collect(),
    }
}

fn ruleset() -> RuleSet {
    let source = include_str!("../../rules/ziyang-draft.toml");
    RuleSet::load("ziyang-draft.toml", source).unwrap().ruleset
}

fn offline(city: &Files) -> String {
    let ruleset = ruleset();
    let facts = Facts {
        companies: &city.companies,
        contracts: &city.contracts,
        contracts_known: true,
        records: &city.records,
        history: &[],
        on_lists: &[],
    };
    document(|day| rules::score(&ruleset, &facts, day).unwrap())
}

/// One row per company and day.
fn document(score: impl Fn(Day) -> Vec<Score>) -> String {
    let mut text = "subject,as_of,score,grade,lists\n".to_owned();
    for day in DAYS {
        for score in score(Day::parse(day).unwrap()) {
            text += &format!(
                "{},{},{},{},{}\n",
                score.subject,
                score.as_of,
                score.score,
                score.grade.as_deref().unwrap_or_default(),
                score.lists.join(";"),
            );
        }
    }
    text
}

struct Strict;

impl Progress for Strict {
    fn file(&mut self, _: &str, _: &str, _: u64) {}
    fn at(&mut self, _: u64) {}
    fn done(&mut self) {}
    fn fault(&mut self, fault: &Fault, _: bool) {
        panic!("{fault}");
    }
}

/// Imports the city's files and scores what is stored.
fn stored(store: &TestStore) -> String {
    let folder = tempfile::tempdir().unwrap();
    let city = wuxin::city::generate(DEMO_SEED, Size::demo());
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Some(path)
    };
    let files = ImportFiles {
        companies: write("companies.csv", &city.companies_csv),
        projects: write("projects.csv", &city.projects_csv),
        records: write("records.csv", &city.records_csv),
        ..ImportFiles::default()
    };
    let settings = Settings {
        database_url: Secret::new(store.url.clone()),
        ..Settings::default()
    };
    let app = App::open(&settings).unwrap();
    let now: DateTime<Utc> = Utc.with_ymd_and_hms(2026, 7, 1, 1, 0, 0).unwrap();
    let report = service::import(&app, &files, "test", &mut Strict, now).unwrap();
    assert_eq!((report.companies.new, report.records.new), (61, 20_000));
    document(|day| {
        app.store
            .read(|db| service::score_stored(db, &app, day, None))
            .unwrap()
    })
}

#[test]
fn by_the_rules_alone() {
    let found = offline(&city());
    assert_eq!(found.lines().count(), 1 + DAYS.len() * 61);
    if std::env::var_os(REGENERATE).is_some() {
        std::fs::write(golden(), &found).unwrap();
    }
    assert_golden("by the rules alone", &found);
}

#[test]
fn in_any_order() {
    for seed in [1, 2, 3] {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut city = city();
        city.records.shuffle(&mut rng);
        city.contracts.shuffle(&mut rng);
        city.companies.shuffle(&mut rng);
        assert_golden(&format!("shuffled by seed {seed}"), &offline(&city));
    }
}

#[test]
fn through_sqlite() {
    assert_golden("through SQLite", &stored(&TestStore::sqlite()));
}

#[test]
fn through_postgres() {
    assert_golden("through PostgreSQL", &stored(&TestStore::postgres()));
}
