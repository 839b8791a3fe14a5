//! The keys of a file that were seen already.
//!
//! Most files come in the order of their keys, and a key above all before it is new without being looked for. Those keys
//! are kept as they are, one after the other; only what comes out of order is put into a table.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{BuildHasherDefault, Hash, Hasher},
};

use sha2::{Digest, Sha256};

use super::plan::Keys;

/// Longest key that is kept as it is, in bytes.
const SHORT: usize = 32;

/// Keys seen, each with its row. A key in order takes its own length and 8 bytes; one out of order 16 bytes, as 96 bits of
/// its SHA-256: that two different keys out of order meet in a file of a million has a chance below one in 10^16.
#[derive(Debug, Default)]
pub(super) struct Seen {
    rising: Rising,
    others: HashMap<Short, u32, BuildHasherDefault<AsItIs>>,
}

impl Seen {
    /// Remembers the keys of a batch with the numbers of their rows; for each that a row has already, its place in the batch
    /// and that row.
    pub fn first_rows(&mut self, keys: &Keys, rows: &[u64]) -> Vec<(usize, u64)> {
        if self.rising.push_all(keys, rows) {
            return Vec::new();
        }
        let known = keys.iter().zip(rows).enumerate();
        known
            .filter_map(|(place, (key, row))| Some((place, self.first_row(key, *row)?)))
            .collect()
    }

    /// Remembers a key; the row that has it already, if one has.
    pub fn first_row(&mut self, key: &str, row: u64) -> Option<u64> {
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        let key = key.as_bytes();
        if key.len() <= SHORT {
            // What is out of order is below the last, so that a key above the last is not among it.
            if self.rising.push(key, row) {
                return None;
            }
            if let Some(first) = self.rising.row_of(key) {
                return Some(u64::from(first));
            }
        }
        match self.others.entry(Short::of(key)) {
            Entry::Occupied(first) => Some(u64::from(*first.get())),
            Entry::Vacant(place) => {
                place.insert(row);
                None
            }
        }
    }
}

/// Keys of which each is above the one before.
#[derive(Debug, Default)]
struct Rising {
    text: Vec<u8>,
    /// Where each key ends in the text, and its row.
    ends: Vec<(u32, u32)>,
}

impl Rising {
    fn key(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before].0);
        &self.text[start as usize..self.ends[index].0 as usize]
    }

    fn last(&self) -> Option<&[u8]> {
        Some(self.key(self.ends.len().checked_sub(1)?))
    }

    /// Adds the keys of a batch, if each is above the one before.
    fn push_all(&mut self, keys: &Keys, rows: &[u64]) -> bool {
        let (Some(first), Some((text, ends))) = (keys.first(), keys.rising(SHORT)) else {
            return false;
        };
        let above = self.last().is_none_or(|last| first.as_bytes() > last);
        if !above || u32::try_from(self.text.len() + text.len()).is_err() {
            return false;
        }
        let before = self.text.len();
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        self.text.extend_from_slice(text.as_bytes());
        let places = ends.iter().zip(rows);
        self.ends
            .extend(places.map(|(end, row)| ((before + end) as u32, number(*row))));
        true
    }

    /// Adds a key, if it is above the last one.
    fn push(&mut self, key: &[u8], row: u32) -> bool {
        if self.last().is_some_and(|last| key <= last) {
            return false;
        }
        let Ok(end) = u32::try_from(self.text.len() + key.len()) else {
            return false;
        };
        self.text.extend_from_slice(key);
        self.ends.push((end, row));
        true
    }

    fn row_of(&self, key: &[u8]) -> Option<u32> {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.key(middle).cmp(key) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(self.ends[middle].1),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

/// 96 bits of the SHA-256 of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Short([u32; 3]);

impl Short {
    fn of(key: &[u8]) -> Self {
        let digest = Sha256::digest(key);
        let word = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| digest[at + byte]));
        Self([word(0), word(4), word(8)])
    }
}

impl Hash for Short {
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
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = word;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// In batches of so many.
    fn rows(keys: &[String], batch: usize) -> Vec<Option<u64>> {
        let mut seen = Seen::default();
        let mut told = Vec::new();
        for batch in keys.chunks(batch) {
            let mut own = Keys::default();
            batch.iter().for_each(|key| own.push(key));
            let start = told.len();
            let numbers: Vec<u64> = (start as u64 + 2..).take(batch.len()).collect();
            told.resize(start + batch.len(), None);
            for (place, first) in seen.first_rows(&own, &numbers) {
                told[start + place] = Some(first);
            }
        }
        told
    }

    /// The same by comparing each with every earlier one.
    fn one_by_one(keys: &[String]) -> Vec<Option<u64>> {
        let first = |key: &String| keys.iter().position(|known| known == key);
        (keys.iter().enumerate())
            .map(|(index, key)| first(key).filter(|first| *first < index))
            .map(|first| first.map(|first| first as u64 + 2))
            .collect()
    }

    proptest! {
        #[test]
        fn the_first_row_of_a_key_is_told_in_any_order(
            mut keys in prop::collection::vec("[ab]{0,3}|[物甲]{1,2}|a{31,34}", 0..60),
            sorted in 0_usize..60,
            batch in 1_usize..20,
        ) {
            let sorted = sorted.min(keys.len());
            keys[..sorted].sort();
            prop_assert_eq!(rows(&keys, batch), one_by_one(&keys));
        }
    }
}
