//! The second pass: the good rows are stored and scored, in one transaction.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::service::{
    App, Error,
    rescore::{self, Why},
};
use crate::{
    domain::{Company, Contract, Record, Uscc},
    intake::{self, Context, Row},
    rules::RuleSet,
    store::{
        Db, Written, companies, contracts,
        records::{self, Cause},
        scores::ScoreCause,
    },
};

use super::{CHUNK, ImportFiles, ImportReport, Known, Open, Progress, Tally};

/// The second pass, inside one transaction.
pub(super) struct Storing<'a> {
    pub app: &'a App,
    pub files: &'a ImportFiles,
    pub ruleset: &'a RuleSet,
    pub context: Context<'a>,
    pub known: &'a Known,
    pub bad_contracts: &'a BTreeSet<u64>,
    pub actor: &'a str,
    pub now: DateTime<Utc>,
}

impl Storing<'_> {
    pub(super) fn run(
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
