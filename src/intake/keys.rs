//! Keys that must not come twice: within one file, and in time.

use std::{borrow::Cow, collections::BTreeMap};

use crate::domain::{Contract, Day, Fault};

use super::wrong::{self, Wrong};

/// What must not come twice in a file.
#[derive(Debug)]
pub(super) struct Key<'a> {
    /// The column it is reported at, by its place in the table of columns.
    pub field: usize,
    /// What it is called.
    pub what: &'static str,
    pub value: Cow<'a, str>,
}

pub(super) fn duplicate(what: &str, first: u64) -> Wrong {
    Wrong::new(
        wrong::DUPLICATE,
        format!("{what}与第{first}行重复"),
        "请只保留其中一行",
    )
}

/// Contracts of one project that share a day: only one can be in force at a time. One fault for each contract that
/// overlaps an earlier one (by start), at the row that stands later in the file.
///
/// The file is the one named in the faults.
pub fn contract_overlaps(file: &str, contracts: &[(u64, Contract)]) -> Vec<Fault> {
    let mut by_project: BTreeMap<&str, Vec<&(u64, Contract)>> = BTreeMap::new();
    for entry in contracts {
        by_project.entry(&entry.1.project).or_default().push(entry);
    }
    let mut faults = Vec::new();
    for entries in by_project.values_mut() {
        entries.sort_by_key(|(row, contract)| (contract.from, *row));
        // Sorted by start, a contract overlaps some earlier one exactly if it overlaps the one that ends last.
        let mut lasting: Option<&(u64, Contract)> = None;
        for entry in entries.iter().copied() {
            if let Some(before) = lasting.filter(|before| before.1.overlaps(&entry.1)) {
                faults.push(overlap(file, before, entry));
            }
            let end = |entry: &(u64, Contract)| entry.1.until.unwrap_or(Day::MAX);
            if lasting.is_none_or(|before| end(before) < end(entry)) {
                lasting = Some(entry);
            }
        }
    }
    faults.sort_by_key(|fault| fault.row);
    faults
}

fn overlap(file: &str, left: &(u64, Contract), right: &(u64, Contract)) -> Fault {
    let (first, second) = if left.0 <= right.0 {
        (left, right)
    } else {
        (right, left)
    };
    let day =
        |day: Option<Day>, open: &str| day.map_or_else(|| open.to_owned(), |day| day.to_string());
    let period = |contract: &Contract| {
        format!(
            "{} 至 {}",
            day(contract.from, "不限"),
            day(contract.until, "未定")
        )
    };
    Wrong::new(
        wrong::OVERLAP,
        format!(
            "合同期（{}）与第{}行（{}，{}）重叠",
            period(&second.1),
            first.0,
            first.1.company,
            period(&first.1)
        ),
        "同一项目同一天只能有一份有效合同，请改正起止日期",
    )
    .at(
        file,
        Some(second.0),
        Some("项目编码"),
        Some(&second.1.project),
    )
}
