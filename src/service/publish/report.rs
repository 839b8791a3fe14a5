//! What the publisher tells of a run, and of one that would be.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PublishReport {
    /// False: another publisher is at work, or the target is frozen.
    pub ran: bool,
    pub sealed: usize,
    pub sends: usize,
    pub probes: usize,
    /// Batches whose records all have their results now.
    pub settled: usize,
    pub accepted: usize,
    pub rejected: usize,
    /// Batches that were closed because their halves go instead.
    pub split: usize,
    /// Batches that are files and lie where they are taken from; their receipts are to come.
    pub handed_over: usize,
    /// Batches that wait, and until when the first one does.
    pub waiting: usize,
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Changes that were seen to have reached the public.
    pub seen: usize,
    /// What a person must look at.
    pub alarms: Vec<String>,
}

impl PublishReport {
    /// Adds what a later run did; where things stand is what the later run found.
    pub fn add(&mut self, later: Self) {
        self.ran |= later.ran;
        self.sealed += later.sealed;
        self.sends += later.sends;
        self.probes += later.probes;
        self.settled += later.settled;
        self.accepted += later.accepted;
        self.rejected += later.rejected;
        self.split += later.split;
        self.seen += later.seen;
        self.handed_over = later.handed_over;
        self.waiting = later.waiting;
        self.next_attempt_at = later.next_attempt_at;
        for alarm in later.alarms {
            if !self.alarms.contains(&alarm) {
                self.alarms.push(alarm);
            }
        }
    }
}

/// What would go out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Sealed batches that are not settled: number, state.
    pub open: Vec<(i64, String)>,
    /// Batches that would be sealed now, each with the records as the platform would get them.
    pub batches: Vec<PreviewBatch>,
    /// Changes that cannot be sent, and why.
    pub refused: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreviewBatch {
    pub withdrawals: bool,
    pub records: Vec<serde_json::Value>,
}
