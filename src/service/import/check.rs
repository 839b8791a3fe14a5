//! The first pass: every row of every file is read, every fault told.

use std::collections::BTreeSet;
use std::path::Path;

use crate::{
    domain::{Contract, Fault},
    intake::{self, Context, Row},
    rules::RuleSet,
};

use super::{ImportFiles, ImportReport, Known, Open, Progress, Tally};

/// The first pass.
pub(super) struct Check<'a> {
    pub files: &'a ImportFiles,
    pub ruleset: &'a RuleSet,
    pub context: Context<'a>,
    pub known: Known,
    /// Rows of the file of projects that are not to be stored.
    pub bad_contracts: BTreeSet<u64>,
    pub report: ImportReport,
}

impl Check<'_> {
    pub(super) fn run(&mut self, watch: &mut dyn Progress) {
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
            if fault.row.is_some_and(|row| self.bad_contracts.insert(row)) {
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
