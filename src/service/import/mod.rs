//! Files into the store: checked as a whole first, then stored and scored in one transaction.
//!
//! The first pass reads every row and reports every fault; nothing is stored unless there was none, or the caller asked
//! to keep going with the good rows. Both passes read row by row: memory does not grow with the file of records.

mod check;
mod known;
mod storing;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{App, Error};
use crate::{
    domain::{Day, Fault, Record},
    intake::{self, Context, Rows},
    rules::RuleSet,
    store::Counts,
};

use check::Check;
use known::Known;
use storing::Storing;

/// Rows stored at once.
const CHUNK: usize = 1_000;

/// The files of one import; each may be left out.
#[derive(Debug, Clone, Default)]
pub struct ImportFiles {
    pub companies: Option<PathBuf>,
    pub projects: Option<PathBuf>,
    pub records: Option<PathBuf>,
    /// Store the good rows even if others are faulty.
    pub keep_going: bool,
    /// Check only.
    pub dry_run: bool,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    pub companies: Tally,
    pub projects: Tally,
    pub records: Tally,
    /// Companies whose score changed.
    pub rescored: usize,
    /// Whether anything was stored.
    pub stored: bool,
}

/// Rows of one file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub rows: u64,
    pub faulty: u64,
    pub new: usize,
    pub changed: usize,
    pub unchanged: usize,
}

impl Tally {
    fn add(&mut self, counts: Counts) {
        self.new += counts.new;
        self.changed += counts.changed;
        self.unchanged += counts.unchanged;
    }
}

impl ImportReport {
    pub fn faulty(&self) -> u64 {
        self.companies.faulty + self.projects.faulty + self.records.faulty
    }
}

/// Somebody who watches an import.
pub trait Progress {
    /// Reading of a file begins; `what` is `check` or `store`.
    fn file(&mut self, what: &str, name: &str, bytes: u64);
    /// Bytes of the file read so far.
    fn at(&mut self, bytes: u64);
    fn done(&mut self);
    /// A fault (or, `warning`, something to look at) of the data; told once, in the first pass.
    fn fault(&mut self, fault: &Fault, warning: bool);
}

/// Imports files. Faults go to `watch`; they are counted in the report.
///
/// # Errors
/// Those of the store and of scoring; the faults of the data are no error here.
pub fn import(
    app: &App,
    files: &ImportFiles,
    actor: &str,
    watch: &mut dyn Progress,
    now: DateTime<Utc>,
) -> Result<ImportReport, Error> {
    let ruleset = app.rules.in_force(Day::of(now))?;
    let titles = titles(ruleset);
    let context = Context {
        regions: Some(&app.regions),
        schema: ruleset.schema(),
        titles: &titles,
    };
    let known = app.store.read(Known::read)?;
    let mut check = Check {
        files,
        ruleset,
        context,
        known,
        bad_contracts: BTreeSet::new(),
        report: ImportReport::default(),
    };
    check.run(watch);
    let Check {
        report,
        known,
        bad_contracts,
        ..
    } = check;
    if files.dry_run || (report.faulty() > 0 && !files.keep_going) {
        return Ok(report);
    }
    let store = Storing {
        app,
        files,
        ruleset,
        context,
        known: &known,
        bad_contracts: &bad_contracts,
        actor,
        now,
    };
    app.store.write(|db| store.run(db, watch, report.clone()))
}

/// Titles of the attributes a rule set declares, with their names.
pub fn titles(ruleset: &RuleSet) -> BTreeMap<String, String> {
    ruleset
        .attributes()
        .iter()
        .filter_map(|attribute| Some((attribute.title.clone()?, attribute.name.clone())))
        .collect()
}

/// Faults of a record that only the rules can see, with their place.
pub fn record_faults(ruleset: &RuleSet, file: &str, row: u64, record: &Record) -> Vec<Fault> {
    ruleset
        .check_record(record)
        .into_iter()
        .map(|fault| Fault {
            file: file.to_owned(),
            row: Some(row),
            column: Some(fault.column.to_string()),
            value: fault.value,
            code: fault.code,
            what: fault.what,
            fix: fault.fix,
        })
        .collect()
}

type Open<T> = fn(intake::Table, &Context<'_>) -> Result<Rows<T>, Vec<Fault>>;
