//! Reading whole files of rows, with every fault of every row.

use std::path::Path;

use crate::{
    domain::{Company, Contract, Fault, Record},
    intake::{self, Context, Rows, Table},
    rules::{PastGrade, RuleSet},
};

/// The good rows of a file, and the faults of those that are left out.
#[derive(Debug)]
pub(super) struct Read<T> {
    pub file: String,
    pub values: Vec<T>,
    /// The number of each value's row.
    pub numbers: Vec<u64>,
    pub faults: Vec<Fault>,
    pub warnings: Vec<Fault>,
}

impl<T> Read<T> {
    /// Leaves out the rows with these places among the values; they rise.
    pub fn leave_out(&mut self, places: impl IntoIterator<Item = usize>) {
        let mut places = places.into_iter().peekable();
        if places.peek().is_none() {
            return;
        }
        let values = std::mem::take(&mut self.values);
        let numbers = std::mem::take(&mut self.numbers);
        for (place, row) in values.into_iter().zip(numbers).enumerate() {
            if places.next_if_eq(&place).is_none() {
                self.values.push(row.0);
                self.numbers.push(row.1);
            }
        }
    }
}

pub(super) fn companies(path: &Path, context: &Context<'_>) -> Read<Company> {
    read(path, context, Table::companies)
}

pub(super) fn contracts(path: &Path, context: &Context<'_>) -> Read<Contract> {
    let mut read = read(path, context, Table::contracts);
    let values = std::mem::take(&mut read.values);
    let numbers = std::mem::take(&mut read.numbers);
    let mut rows: Vec<(u64, Contract)> = numbers.into_iter().zip(values).collect();
    let overlaps = intake::contract_overlaps(&read.file, &rows);
    rows.retain(|(row, _)| overlaps.iter().all(|fault| fault.row != Some(*row)));
    (read.numbers, read.values) = rows.into_iter().unzip();
    read.faults.extend(overlaps);
    read
}

pub(super) fn records(path: &Path, context: &Context<'_>) -> Read<Record> {
    read(path, context, Table::records)
}

/// Grades of earlier periods, as the rule set names them.
pub(super) fn history(path: &Path, context: &Context<'_>, ruleset: &RuleSet) -> Read<PastGrade> {
    let read = read(path, context, Table::history);
    let (mut values, mut numbers, mut faults) = (Vec::new(), Vec::new(), read.faults);
    for (row, past) in read.numbers.into_iter().zip(read.values) {
        let past = PastGrade {
            subject: past.subject,
            period_end: past.period_end,
            grade: past.grade,
        };
        match ruleset.check_past(&past) {
            None => {
                values.push(past);
                numbers.push(row);
            }
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
        values,
        numbers,
        faults,
        warnings: read.warnings,
    }
}

/// Reads the header of one kind of file.
type Open<T> = fn(Table, &Context<'_>) -> Result<Rows<T>, Vec<Fault>>;

fn read<T>(path: &Path, context: &Context<'_>, open: Open<T>) -> Read<T> {
    let mut read = Read {
        file: path.display().to_string(),
        values: Vec::new(),
        numbers: Vec::new(),
        faults: Vec::new(),
        warnings: Vec::new(),
    };
    let mut rows = match intake::open(path).and_then(|table| open(table, context)) {
        Ok(rows) => rows,
        Err(faults) => {
            read.faults = faults;
            return read;
        }
    };
    read.file = rows.name().to_owned();
    while let Some(mut stretch) = rows.stretch() {
        read.values.append(&mut stretch.values);
        read.numbers.append(&mut stretch.numbers);
        read.warnings.append(&mut stretch.warnings);
        read.faults.append(&mut stretch.faults);
    }
    read
}
