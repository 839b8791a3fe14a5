//! Return files: what a platform that takes files says of each record, as CSV, XLSX or XML. Pure: bytes in, results out.

mod table;

use std::collections::BTreeMap;

pub use table::{ReceiptTable, TableError};

use super::{
    batch::{EntryVersion, SealedBatch},
    canonical::CanonicalRecord,
    outcome::{RecordResult, Rejection, Settlement, class_of},
    profile::{Profile, ReceiptColumns, ReceiptWord},
};

/// One thing wrong with a return file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptFault {
    #[error("the file has no column {0:?}")]
    NoColumn(String),
    #[error("row {row}: {record:?} was not sent in this batch")]
    NeverSent { row: usize, record: String },
    /// An old receipt, played again.
    #[error("row {row}: {record:?} is about version {found:?}, but version {sent} was sent")]
    OtherVersion {
        row: usize,
        record: String,
        found: String,
        sent: u32,
    },
    #[error("row {row}: {word:?} is not in [receipts.results] of the profile")]
    Word { row: usize, word: String },
    #[error("row {row}: {record:?} has another result in row {earlier}")]
    Twice {
        row: usize,
        earlier: usize,
        record: String,
    },
    #[error(
        "{records} records of this batch have the number {key:?}: which one is meant cannot be told"
    )]
    Ambiguous { key: String, records: usize },
}

/// What a return file settles: everything, or some of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub settlement: Settlement,
    /// Every record of the batch has a result.
    pub complete: bool,
}

/// How a return file names a record: the canonical value behind the profile's field `matches`.
pub fn key_of(profile: &Profile, columns: &ReceiptColumns, record: &CanonicalRecord) -> String {
    let from = profile
        .fields
        .iter()
        .find(|field| field.name == columns.matches)
        .and_then(|field| field.from());
    match from {
        Some("decision_no") => record.fields().decision_no.clone(),
        _ => record.fields().record_id.to_string(),
    }
}

/// Reads a return file about `batch`; `keys` are [`key_of`] its records, in the order of its entries. Every fault is
/// reported, and a file with a fault settles nothing.
pub fn interpret(
    columns: &ReceiptColumns,
    batch: &SealedBatch,
    keys: &[String],
    table: &ReceiptTable,
) -> Result<Told, Vec<ReceiptFault>> {
    let mut faults = Vec::new();
    for column in [
        Some(&columns.record),
        Some(&columns.result),
        columns.version.as_ref(),
    ] {
        if let Some(column) = column.filter(|column| !table.has(column)) {
            faults.push(ReceiptFault::NoColumn(column.clone()));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut sent: BTreeMap<&str, Vec<EntryVersion>> = BTreeMap::new();
    for (sealed, key) in batch.entries.iter().zip(keys) {
        sent.entry(key).or_default().push(sealed.entry);
    }
    let mut found: BTreeMap<EntryVersion, (usize, RecordResult)> = BTreeMap::new();
    for (row, cells) in table.rows() {
        let record = cells
            .get(columns.record.as_str())
            .unwrap_or_default()
            .to_owned();
        let entry = match sent.get(record.as_str()).map(Vec::as_slice) {
            Some([entry]) => *entry,
            Some(entries) => {
                let fault = ReceiptFault::Ambiguous {
                    key: record,
                    records: entries.len(),
                };
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
                continue;
            }
            None => {
                faults.push(ReceiptFault::NeverSent { row, record });
                continue;
            }
        };
        let version = columns.version.as_ref().and_then(|name| cells.get(name));
        if let Some(version) = version.filter(|said| said.parse() != Ok(entry.version)) {
            faults.push(ReceiptFault::OtherVersion {
                row,
                record,
                found: version.to_owned(),
                sent: entry.version,
            });
            continue;
        }
        let word = cells.get(&columns.result).unwrap_or_default();
        let Some(word) = columns.results.get(word) else {
            let word = word.to_owned();
            faults.push(ReceiptFault::Word { row, word });
            continue;
        };
        let cell = |name: &Option<String>| {
            let found = name.as_ref().and_then(|name| cells.get(name));
            found.unwrap_or_default().to_owned()
        };
        let result = result(
            *word,
            cell(&columns.code),
            cell(&columns.field),
            cell(&columns.message),
        );
        match found.get(&entry) {
            Some((_, earlier)) if *earlier == result => {}
            Some((earlier, _)) => faults.push(ReceiptFault::Twice {
                row,
                earlier: *earlier,
                record,
            }),
            None => drop(found.insert(entry, (row, result))),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let results: Vec<(EntryVersion, RecordResult)> = batch
        .entries
        .iter()
        .filter_map(|sealed| {
            let told = found.remove(&sealed.entry).map(|(_, result)| result);
            let silent = columns.only_failures.then_some(RecordResult::Accepted);
            Some((sealed.entry, told.or(silent)?))
        })
        .collect();
    Ok(Told {
        complete: results.len() == batch.entries.len(),
        settlement: Settlement {
            replayed: false,
            results,
        },
    })
}

fn result(word: ReceiptWord, code: String, field: String, message: String) -> RecordResult {
    match word {
        ReceiptWord::Accepted => RecordResult::Accepted,
        ReceiptWord::Updated => RecordResult::Updated,
        ReceiptWord::Duplicate => RecordResult::Duplicate,
        ReceiptWord::Unmatched => RecordResult::Unmatched { code, message },
        ReceiptWord::Rejected => RecordResult::Rejected(Rejection {
            class: class_of(&code),
            code,
            field: (!field.is_empty()).then_some(field),
            message,
        }),
    }
}

#[cfg(test)]
mod tests;
