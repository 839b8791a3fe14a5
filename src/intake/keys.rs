//! Keys that must not come twice: within one file, and in time.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, hash_map::Entry},
    hash::{BuildHasherDefault, Hash, Hasher},
};

use sha2::{Digest, Sha256};

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

impl Key<'_> {
    pub fn digest(&self) -> KeyDigest {
        let digest = Sha256::digest(self.value.as_bytes());
        let word = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| digest[at + byte]));
        KeyDigest([word(0), word(4), word(8)])
    }
}

/// 96 bits of the SHA-256 of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyDigest([u32; 3]);

impl Hash for KeyDigest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [low, high, _] = self.0;
        state.write_u64(u64::from(high) << 32 | u64::from(low));
    }
}

/// A digest needs no hashing.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes
            .iter()
            .for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = word;
    }
}

/// Keys seen, as 96 bits of their SHA-256 and the row: 16 bytes a key, about 36 MB for a million. That two different keys
/// of such a file meet has a chance below one in 10^16.
#[derive(Debug, Default)]
pub(super) struct Seen(HashMap<KeyDigest, u32, BuildHasherDefault<AsItIs>>);

impl Seen {
    /// Remembers a key; the row that has it already, if one has.
    pub fn first_row(&mut self, key: KeyDigest, row: u64) -> Option<u64> {
        match self.0.entry(key) {
            Entry::Occupied(first) => Some(u64::from(*first.get())),
            Entry::Vacant(place) => {
                place.insert(u32::try_from(row).unwrap_or(u32::MAX));
                None
            }
        }
    }
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
