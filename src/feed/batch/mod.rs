//! What goes out next, and in which bytes. Pure.
//!
//! Withdrawals go first, in batches of their own, and nothing blocks one but a batch in flight that holds the same
//! entry (feed G5). Per entry, versions go in order: a later one waits while an earlier one is in flight.

mod body;
mod seal;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use body::BATCH_SHEET;
pub use seal::{BatchKind, SealError, SealRequest, SealedBatch, SealedEntry, seal};

/// A committed change that waits in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its place in the outbox; ascending in the order of the events.
    pub seq: i64,
    pub record_id: Uuid,
    pub version: u32,
    /// Whether the public must stop seeing the entry ([`super::CanonicalRecord::is_withdrawal`]).
    pub withdrawal: bool,
    /// Whether this version was in an earlier batch that is closed: the platform refused it for the time being, and
    /// it goes again, apart from fresh ones so that what takes a whole batch down cannot take those with it.
    pub sent_before: bool,
}

/// A batch that is sealed and not settled: ready, sending, or of unknown fate.
///
/// A batch that ended in an alarm is open no more: what it holds may or may not have arrived, and a withdrawal of it
/// must go ("a withdrawal is sent even if the add was never acknowledged").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBatch {
    pub sequence: u64,
    pub entries: Vec<EntryVersion>,
}

/// One version of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntryVersion {
    pub record_id: Uuid,
    pub version: u32,
}

/// What to do with the waiting changes; every one of them is in exactly one of the three lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// To seal, in this order: withdrawals first.
    pub batches: Vec<PlannedBatch>,
    /// Never to be sent: a newer change of the same entry takes their place.
    pub superseded: Vec<Superseded>,
    /// Wait for a later run.
    pub held: Vec<Held>,
}

/// The changes of one batch, by their outbox place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedBatch {
    pub kind: BatchKind,
    pub seqs: Vec<i64>,
}

impl PlannedBatch {
    /// The report of an empty slot: a batch without records, so that an empty day can be told from a forgotten one.
    pub fn zero_report() -> Self {
        Self {
            kind: BatchKind::Zero,
            seqs: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Superseded {
    pub seq: i64,
    /// Outbox place of the change that replaces it.
    pub by: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub seq: i64,
    pub behind: Behind,
}

/// What a held change waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// The batch in flight, by its number, that holds the same entry.
    Batch(u64),
    /// The withdrawal of the same entry, by its outbox place, that goes first.
    Withdrawal(i64),
}

/// Plans the next batches of at most `batch_size` records (0 counts as 1).
///
/// - Of the waiting versions of an entry the newest goes; the older ones are superseded. A withdrawal is superseded by
///   a later withdrawal only, never dropped for a change that shows the entry again: that one waits behind it.
/// - A withdrawal goes even if nothing was ever sent of its entry: its tombstone must stand on the platform.
/// - Nothing goes of an entry that is in a batch in flight.
pub fn plan(waiting: &[Waiting], open: &[OpenBatch], batch_size: usize) -> Plan {
    let in_flight: BTreeMap<Uuid, u64> = open
        .iter()
        .flat_map(|batch| {
            batch
                .entries
                .iter()
                .map(|entry| (entry.record_id, batch.sequence))
        })
        .collect();
    let mut by_entry: BTreeMap<Uuid, BTreeMap<(u32, i64), &Waiting>> = BTreeMap::new();
    for change in waiting {
        let versions = by_entry.entry(change.record_id).or_default();
        versions.insert((change.version, change.seq), change);
    }

    let mut plan = Plan::default();
    // In the order in which they go: kind, then fresh before repeated, then outbox place.
    let mut going: BTreeSet<(BatchKind, bool, i64)> = BTreeSet::new();
    for (record_id, versions) in &by_entry {
        let versions: Vec<&Waiting> = versions.values().copied().collect();
        let Some((first, then)) = candidates(&versions, &mut plan.superseded) else {
            continue;
        };
        if let Some(sequence) = in_flight.get(record_id) {
            let behind = Behind::Batch(*sequence);
            plan.held.extend(
                [Some(first), then]
                    .into_iter()
                    .flatten()
                    .map(|change| Held {
                        seq: change.seq,
                        behind,
                    }),
            );
            continue;
        }
        let kind = if first.withdrawal {
            BatchKind::Withdrawals
        } else {
            BatchKind::Changes
        };
        going.insert((kind, first.sent_before, first.seq));
        plan.held.extend(then.map(|change| Held {
            seq: change.seq,
            behind: Behind::Withdrawal(first.seq),
        }));
    }
    let going: Vec<_> = going.into_iter().collect();
    for lane in going.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        for chunk in lane.chunks(batch_size.max(1)) {
            let seqs = chunk.iter().map(|(_, _, seq)| *seq).collect();
            plan.batches.push(PlannedBatch {
                kind: chunk[0].0,
                seqs,
            });
        }
    }
    plan.superseded.sort_by_key(|gone| gone.seq);
    plan.held.sort_by_key(|held| held.seq);
    plan
}

/// The change of an entry that goes now and the one that goes after it; `versions` ascend.
fn candidates<'a>(
    versions: &[&'a Waiting],
    superseded: &mut Vec<Superseded>,
) -> Option<(&'a Waiting, Option<&'a Waiting>)> {
    let newest = *versions.last()?;
    let withdrawal = versions
        .iter()
        .rev()
        .find(|change| change.withdrawal)
        .copied();
    let first = withdrawal.unwrap_or(newest);
    let then = (newest.seq != first.seq).then_some(newest);
    for change in versions {
        let replaced_by = if (change.version, change.seq) < (first.version, first.seq) {
            first
        } else {
            newest
        };
        if change.seq != first.seq && change.seq != newest.seq {
            superseded.push(Superseded {
                seq: change.seq,
                by: replaced_by.seq,
            });
        }
    }
    Some((first, then))
}

#[cfg(test)]
mod tests;
