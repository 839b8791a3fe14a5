//! Which stored scores are replayed.

use std::collections::BinaryHeap;

use sha2::{Digest, Sha256};

use crate::{
    service::Error,
    store::{
        Db,
        scores::{self, ScoreKey},
    },
};

/// Keys read at once.
const PAGE: usize = 10_000;

/// Which stored scores are replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    All,
    /// So many, drawn by the seed: the same seed draws the same ones, on both databases and in any order of rows.
    Sample {
        size: usize,
        seed: String,
    },
}

/// The keys of the chosen scores, in their order. One walk over the index of the keys.
pub(super) fn choose(db: &mut Db, choice: &Choice) -> Result<Vec<ScoreKey>, Error> {
    let mut drawn = Drawn::new(choice);
    let mut after = None;
    loop {
        let page = scores::keys(db, after.as_ref(), PAGE)?;
        page.rows.into_iter().for_each(|key| drawn.offer(key));
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(drawn.keys()),
        }
    }
}

/// Keeps the keys with the smallest lots.
struct Drawn<'a> {
    choice: &'a Choice,
    kept: BinaryHeap<([u8; 32], ScoreKey)>,
    all: Vec<ScoreKey>,
}

impl<'a> Drawn<'a> {
    fn new(choice: &'a Choice) -> Self {
        Self {
            choice,
            kept: BinaryHeap::new(),
            all: Vec::new(),
        }
    }

    fn offer(&mut self, key: ScoreKey) {
        let Choice::Sample { size, seed } = self.choice else {
            self.all.push(key);
            return;
        };
        self.kept.push((lot(seed, &key), key));
        if self.kept.len() > *size {
            self.kept.pop();
        }
    }

    fn keys(mut self) -> Vec<ScoreKey> {
        self.all.extend(self.kept.into_iter().map(|(_, key)| key));
        self.all.sort();
        self.all
    }
}

fn lot(seed: &str, (company, ruleset, seq): &ScoreKey) -> [u8; 32] {
    Sha256::digest(format!("{seed}\n{company}\n{ruleset}\n{seq}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Uscc;

    fn drawn(size: usize, seed: &str, keys: impl Iterator<Item = i64>) -> Vec<i64> {
        let seed = seed.to_owned();
        let choice = Choice::Sample { size, seed };
        let mut drawn = Drawn::new(&choice);
        let company = Uscc::parse("91512002EXA000019L").unwrap();
        keys.for_each(|seq| drawn.offer((company, "r".to_owned(), seq)));
        drawn.keys().into_iter().map(|(_, _, seq)| seq).collect()
    }

    #[test]
    fn a_sample_hangs_on_the_seed_alone() {
        let one = drawn(10, "2026-07-01", 1..1000);
        assert_eq!(one.len(), 10);
        assert_eq!(one, drawn(10, "2026-07-01", (1..1000).rev()));
        assert_ne!(one, drawn(10, "2026-07-02", 1..1000));
        assert_eq!(drawn(10, "s", 1..4), [1, 2, 3]);
        assert!(drawn(0, "s", 1..4).is_empty());
    }
}
