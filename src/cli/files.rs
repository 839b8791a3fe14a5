//! Reading whole files of rows, with every fault of every row.

use std::path::Path;

use crate::{
    domain::{Company, Contract, Fault, Record},
    intake::{self, Context, Row, Rows, Table},
    rules::{PastGrade, RuleSet},
};

/// The rows of a file with their numbers, and the faults of those that are left out.
#[derive(Debug)]
pub(super) struct Read<T> {
    pub file: String,
    pub rows: Vec<(u64, T)>,
    pub faults: Vec<Fault>,
    pub warnings: Vec<Fault>,
}

pub(super) fn companies(path: &Path, context: &Context<'_>) -> Read<Company> {
    read(path, context, Table::companies)
}

pub(super) fn contracts(path: &Path, context: &Context<'_>) -> Read<Contract> {
    let mut read = read(path, context, Table::contracts);
    let overlaps = intake::contract_overlaps(&read.file, &read.rows);
    read.rows
        .retain(|(row, _)| overlaps.iter().all(|fault| fault.row != Some(*row)));
    read.faults.extend(overlaps);
    read
}

pub(super) fn records(path: &Path, context: &Context<'_>) -> Read<Record> {
    read(path, context, Table::records)
}

/// Grades of earlier periods, as the rule set names them.
pub(super) fn history(path: &Path, context: &Context<'_>, ruleset: &RuleSet) -> Read<PastGrade> {
    let read = read(path, context, Table::history);
    let (mut rows, mut faults) = (Vec::new(), read.faults);
    for (row, past) in read.rows {
        let past = PastGrade {
            subject: past.subject,
            period_end: past.period_end,
            grade: past.grade,
        };
        match ruleset.check_past(&past) {
            None => rows.push((row, past)),
            Some(fault) => faults.push(Fault {
                file: read.file.clone(),
                row: Some(row),
                column: Some(fault.column),
                value: fault.value,
                code: fault.code,
                what: fault.what,
                fix: fault.fix,
            }),
        }
    }
    Read {
        file: read.file,
        rows,
        faults,
        warnings: read.warnings,
    }
}

/// Reads the header of one kind of file.
type Open<T> = fn(Table, &Context<'_>) -> Result<Rows<T>, Vec<Fault>>;

fn read<T>(path: &Path, context: &Context<'_>, open: Open<T>) -> Read<T> {
    let mut read = Read {
        file: path.display().to_string(),
        rows: Vec::new(),
        faults: Vec::new(),
        warnings: Vec::new(),
    };
    let rows = match intake::open(path).and_then(|table| open(table, context)) {
        Ok(rows) => rows,
        Err(faults) => {
            read.faults = faults;
            return read;
        }
    };
    read.file = rows.name().to_owned();
    for row in rows {
        match row {
            Ok(Row {
                number,
                value,
                warnings,
            }) => {
                read.rows.push((number, value));
                read.warnings.extend(warnings);
            }
            Err(faults) => read.faults.extend(faults),
        }
    }
    read
}
