//! Files into the store: checked as a whole first, then stored and scored in one transaction.
//!
//! The first pass reads every row and reports every fault; nothing is stored unless there was none, or the caller asked
//! to keep going with the good rows. Both passes read row by row: memory does not grow with the file of records.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    App, Error,
    rescore::{self, Why},
};
use crate::{
    domain::{Company, Contract, Day, Fault, Record, Uscc},
    intake::{self, Context, Row, Rows},
    rules::RuleSet,
    store::{
        Counts, Db, Written, companies, contracts,
        records::{self, Cause},
        scores::ScoreCause,
    },
};

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

/// What a row may refer to: what is stored, and what the files of this import bring.
struct Known {
    companies: BTreeSet<Uscc>,
    projects: BTreeSet<String>,
    contracts: Vec<Contract>,
}

impl Known {
    fn read(db: &mut Db) -> Result<Self, Error> {
        let mut known = BTreeSet::new();
        let mut after = None;
        loop {
            let page = companies::page(db, after.as_ref(), CHUNK)?;
            known.extend(page.rows.iter().map(|company| company.uscc));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let contracts = contracts::all(db)?;
        let projects = contracts
            .iter()
            .map(|contract| contract.project.clone())
            .collect();
        Ok(Self {
            companies: known,
            projects,
            contracts,
        })
    }

    fn company_fault(&self, file: &str, row: u64, uscc: Uscc) -> Option<Fault> {
        (!self.companies.contains(&uscc)).then(|| Fault {
            file: file.to_owned(),
            row: Some(row),
            column: Some("company".to_owned()),
            value: Some(uscc.to_string()),
            code: "D101",
            what: "企业未登记".to_owned(),
            fix: "请先导入企业，或核对统一社会信用代码".to_owned(),
        })
    }

    fn project_fault(&self, file: &str, row: u64, project: &str) -> Option<Fault> {
        (!self.projects.contains(project)).then(|| Fault {
            file: file.to_owned(),
            row: Some(row),
            column: Some("project".to_owned()),
            value: Some(project.to_owned()),
            code: "D102",
            what: "项目未登记".to_owned(),
            fix: "请先导入项目，或核对项目编码".to_owned(),
        })
    }

    fn contract_faults(&self, file: &str, row: u64, contract: &Contract) -> Vec<Fault> {
        self.company_fault(file, row, contract.company)
            .into_iter()
            .collect()
    }

    fn record_faults(
        &self,
        ruleset: &RuleSet,
        file: &str,
        row: u64,
        record: &Record,
    ) -> Vec<Fault> {
        let company = record
            .company
            .and_then(|uscc| self.company_fault(file, row, uscc));
        let project = record
            .project
            .as_ref()
            .and_then(|code| self.project_fault(file, row, code));
        company
            .into_iter()
            .chain(project)
            .chain(record_faults(ruleset, file, row, record))
            .collect()
    }

    /// Rows of the file whose period overlaps another of the same project, in the file or in the store. A stored contract
    /// that a row replaces (same company, project and first day) does not count.
    fn overlaps(&self, file: &str, rows: &[(u64, Contract)]) -> Vec<Fault> {
        let mut faults = intake::contract_overlaps(file, rows);
        let mut stored: HashMap<&str, Vec<&Contract>> = HashMap::new();
        for contract in &self.contracts {
            stored.entry(&contract.project).or_default().push(contract);
        }
        let key = |contract: &Contract| (contract.company, contract.project.clone(), contract.from);
        let replaced: BTreeSet<_> = rows.iter().map(|(_, contract)| key(contract)).collect();
        for (row, contract) in rows {
            let others = stored.get(contract.project.as_str()).into_iter().flatten();
            let other = others
                .filter(|other| !replaced.contains(&key(other)))
                .find(|other| other.overlaps(contract));
            if let Some(other) = other {
                faults.push(Fault {
                    file: file.to_owned(),
                    row: Some(*row),
                    column: Some("from".to_owned()),
                    value: contract.from.map(|day| day.to_string()),
                    code: "D103",
                    what: format!("与已登记的合同期重叠（{}）", other.company),
                    fix: "请改正起止日期，或先为原合同补上结束日期".to_owned(),
                });
            }
        }
        faults
    }
}

/// The first pass.
struct Check<'a> {
    files: &'a ImportFiles,
    ruleset: &'a RuleSet,
    context: Context<'a>,
    known: Known,
    /// Rows of the file of projects that are not to be stored.
    bad_contracts: BTreeSet<u64>,
    report: ImportReport,
}

impl Check<'_> {
    fn run(&mut self, watch: &mut dyn Progress) {
        if let Some(path) = &self.files.companies {
            let known = &mut self.known.companies;
            self.report.companies = scan(
                path,
                watch,
                self.context,
                intake::Table::companies,
                |_, row| {
                    known.insert(row.value.uscc);
                    Vec::new()
                },
            );
        }
        if let Some(path) = &self.files.projects {
            self.projects(path, watch);
        }
        if let Some(path) = &self.files.records {
            let (known, ruleset) = (&self.known, self.ruleset);
            self.report.records = scan(
                path,
                watch,
                self.context,
                intake::Table::records,
                |file, row| known.record_faults(ruleset, file, row.number, &row.value),
            );
        }
    }

    fn projects(&mut self, path: &Path, watch: &mut dyn Progress) {
        let mut rows: Vec<(u64, Contract)> = Vec::new();
        let known = &self.known;
        let mut name = String::new();
        self.report.projects = scan(
            path,
            watch,
            self.context,
            intake::Table::contracts,
            |file, row| {
                file.clone_into(&mut name);
                let faults = known.contract_faults(file, row.number, &row.value);
                if faults.is_empty() {
                    rows.push((row.number, row.value.clone()));
                }
                faults
            },
        );
        for fault in self.known.overlaps(&name, &rows) {
            watch.fault(&fault, false);
            if self.bad_contracts.extend_one_row(fault.row) {
                self.report.projects.faulty += 1;
            }
        }
        let good = rows
            .iter()
            .filter(|(row, _)| !self.bad_contracts.contains(row));
        self.known
            .projects
            .extend(good.map(|(_, contract)| contract.project.clone()));
    }
}

/// Adds a row number; says whether it is new.
trait ExtendOneRow {
    fn extend_one_row(&mut self, row: Option<u64>) -> bool;
}

impl ExtendOneRow for BTreeSet<u64> {
    fn extend_one_row(&mut self, row: Option<u64>) -> bool {
        row.is_some_and(|row| self.insert(row))
    }
}

type Open<T> = fn(intake::Table, &Context<'_>) -> Result<Rows<T>, Vec<Fault>>;

/// Reads a whole file, reports its faults, and counts.
fn scan<T>(
    path: &Path,
    watch: &mut dyn Progress,
    context: Context<'_>,
    open: Open<T>,
    mut check: impl FnMut(&str, &Row<T>) -> Vec<Fault>,
) -> Tally {
    let mut tally = Tally::default();
    let mut rows = match intake::open(path).and_then(|table| open(table, &context)) {
        Ok(rows) => rows,
        Err(faults) => {
            // The file as a whole cannot be read: no row of it is good.
            tally.faulty = 1;
            faults.iter().for_each(|fault| watch.fault(fault, false));
            return tally;
        }
    };
    let name = rows.name().to_owned();
    watch.file("check", &name, rows.size_hint_bytes());
    while let Some(row) = rows.next() {
        tally.rows += 1;
        let faults = match &row {
            Ok(row) => {
                row.warnings
                    .iter()
                    .for_each(|warning| watch.fault(warning, true));
                check(&name, row)
            }
            Err(faults) => faults.clone(),
        };
        if !faults.is_empty() {
            tally.faulty += 1;
            faults.iter().for_each(|fault| watch.fault(fault, false));
        }
        if tally.rows % 1_000 == 0 {
            watch.at(rows.position_bytes());
        }
    }
    watch.done();
    tally
}

/// The second pass, inside one transaction.
struct Storing<'a> {
    app: &'a App,
    files: &'a ImportFiles,
    ruleset: &'a RuleSet,
    context: Context<'a>,
    known: &'a Known,
    bad_contracts: &'a BTreeSet<u64>,
    actor: &'a str,
    now: DateTime<Utc>,
}

impl Storing<'_> {
    fn run(
        &self,
        db: &mut Db,
        watch: &mut dyn Progress,
        mut report: ImportReport,
    ) -> Result<ImportReport, Error> {
        self.app.rules.keep(db, self.now)?;
        let mut touched = BTreeSet::new();
        let now = self.now;
        if let Some(path) = &self.files.companies {
            self.each(
                path,
                watch,
                intake::Table::companies,
                |_, _: &Row<Company>| true,
                |chunk| {
                    let written = companies::put(db, chunk, now)?;
                    keep(&mut report.companies, &mut touched, written);
                    Ok(())
                },
            )?;
        }
        if let Some(path) = &self.files.projects {
            let good = |file: &str, row: &Row<Contract>| {
                !self.bad_contracts.contains(&row.number)
                    && self
                        .known
                        .contract_faults(file, row.number, &row.value)
                        .is_empty()
            };
            self.each(path, watch, intake::Table::contracts, good, |chunk| {
                let written = contracts::put(db, chunk, now)?;
                keep(&mut report.projects, &mut touched, written);
                Ok(())
            })?;
        }
        if let Some(path) = &self.files.records {
            let good = |file: &str, row: &Row<Record>| {
                self.known
                    .record_faults(self.ruleset, file, row.number, &row.value)
                    .is_empty()
            };
            self.each(path, watch, intake::Table::records, good, |chunk| {
                let written = records::put(db, chunk, Cause::Imported, self.actor, now)?;
                keep(&mut report.records, &mut touched, written);
                Ok(())
            })?;
        }
        let touched: Vec<Uscc> = touched.into_iter().collect();
        let why = Why::of(ScoreCause::Import);
        report.rescored = rescore::companies(db, self.app, &touched, why, now)?.len();
        report.stored = true;
        Ok(report)
    }

    /// Stores the good rows of a file, a chunk at a time.
    fn each<T>(
        &self,
        path: &Path,
        watch: &mut dyn Progress,
        open: Open<T>,
        good: impl Fn(&str, &Row<T>) -> bool,
        mut put: impl FnMut(&[T]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        // Faults were told in the first pass; a file that cannot be opened has no good row.
        let Ok(mut rows) = intake::open(path).and_then(|table| open(table, &self.context)) else {
            return Ok(());
        };
        let name = rows.name().to_owned();
        watch.file("store", &name, rows.size_hint_bytes());
        let mut chunk = Vec::with_capacity(CHUNK);
        while let Some(row) = rows.next() {
            let Ok(row) = row else { continue };
            if good(&name, &row) {
                chunk.push(row.value);
            }
            if chunk.len() == CHUNK {
                put(&chunk)?;
                chunk.clear();
                watch.at(rows.position_bytes());
            }
        }
        put(&chunk)?;
        watch.done();
        Ok(())
    }
}

fn keep(tally: &mut Tally, touched: &mut BTreeSet<Uscc>, written: Written) {
    tally.add(written.counts);
    touched.extend(written.companies);
}
