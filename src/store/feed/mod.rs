//! The outbox of the platform feed: changes in the order in which they happened, batches whose bytes are fixed before the
//! first one leaves, and every attempt to send them.
//!
//! What is kept here so that the publisher can keep its guarantees (numbers as in the feed's design):
//! - G2: [`enqueue`] is called in the transaction of the event.
//! - G3: [`seal_batch`] stores key and bytes; the database refuses to change them.
//! - G4, G6: an attempt is a row when it begins and another when it ends, so that a crash shows; results are per change.
//! - G5: [`waiting`] gives withdrawals first; a change that a later withdrawal has overtaken never waits again.
//! - G8: [`start_attempt`] needs a lease that is still held, and refuses a frozen target.

mod attempts;
mod batches;
mod comparisons;
mod outbox;
mod receipts;
mod rejects;
mod sights;

use chrono::{DateTime, Utc};

use super::codes::codes;
use crate::domain::Uscc;

pub use attempts::{attempts, last_outcomes};
pub use batches::{
    batch, batch_numbered, batches, due_batches, finish_attempt, link_parent, next_attempt_at,
    parent, seal_batch, start_attempt,
};
pub use comparisons::{
    Comparison, KeptDifference, NewDifference, NewStanding, Standing, add_comparison, add_standing,
    comparison, comparisons, differences_of, last_compared, unsettled,
};
pub use outbox::{
    changes_in, changes_of, enqueue, freeze, in_flight, latest_accepted, rejected, status,
    supersede, waiting,
};
pub use outbox::{
    changes_of_company, changes_of_target, last_version, refuse, supersede_change,
    unconfirmed_withdrawals,
};
pub use receipts::{NewReceipt, Receipt, add_receipt, receipt_known, receipts, receipts_of};
pub use rejects::{Reject, note_reject, open_rejects, postpone, postponed};
pub use sights::{
    Look, NewLook, Sight, Source, await_sight, due_looks, looked, looks, note_sight, put_off,
    sight_of,
};

codes! {
    /// Where a change stands.
    ChangeState, ("feed_change", "state"), {
        /// To be sent.
        Waiting = "waiting",
        /// In a sealed batch that has no answer yet.
        Batched = "batched",
        /// The platform has it.
        Accepted = "accepted",
        /// The platform refused it.
        Rejected = "rejected",
        /// Not to be sent: a later change says all there is to say.
        Superseded = "superseded",
    }
}

codes! {
    /// Where a batch stands.
    BatchState, ("feed_batch", "state"), {
        /// Bytes are fixed; not sent, or to be sent again.
        Sealed = "sealed",
        /// An attempt has begun; after a crash it stays so, and is as good as unknown.
        Sending = "sending",
        /// Sent, and nobody knows whether it arrived: ask first, never count it as failed.
        Unknown = "unknown",
        /// Every change in it has its result.
        Closed = "closed",
        /// Given up; every change in it has its result or waits again.
        Failed = "failed",
    }
}

codes! {
    /// Withdrawals do not queue behind anything.
    Lane, ("feed_batch", "lane"), {
        Ordinary = "ordinary",
        Withdrawal = "withdrawal",
    }
}

/// A change to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// The company it is about.
    pub company: Uscc,
    /// Id of the profile it goes to.
    pub target: String,
    /// Stable for the life of the entry.
    pub record_id: String,
    /// 1, 2, 3 ... per record.
    pub version: i64,
    /// The operation, as the canonical record codes it.
    pub op: String,
    /// Whether it takes something back.
    pub withdrawal: bool,
    /// The canonical record, JSON.
    pub payload: String,
    pub digest: String,
}

/// A change in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Grows in the order of enqueueing; may have gaps.
    pub seq: i64,
    pub change: NewChange,
    pub created_at: DateTime<Utc>,
    /// Id of the batch it is or was last in.
    pub batch: Option<String>,
    pub state: ChangeState,
    /// What the platform said about it.
    pub detail: String,
}

/// What goes into a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// A UUID.
    pub id: String,
    pub target: String,
    pub lane: Lane,
    /// [`Change::seq`] of each; none for a report of zero.
    pub changes: Vec<i64>,
}

/// What is fixed when a batch is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub idempotency_key: String,
    /// Exactly what is sent.
    pub body: Vec<u8>,
    pub digest: String,
}

/// A sealed batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub id: String,
    pub target: String,
    /// 1, 2, 3 ... per target, without gaps.
    pub number: i64,
    pub lane: Lane,
    pub sealed: Sealed,
    pub state: BatchState,
    /// How many attempts have begun.
    pub attempts: i64,
    /// Not before; absent: at once.
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub sealed_at: DateTime<Utc>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptEnd {
    /// What the batch is now; [`BatchState::Closed`] and [`BatchState::Failed`] need a result for each change.
    pub state: BatchState,
    /// A word for statistics: `accepted`, `timeout`, `http_500`.
    pub outcome: String,
    pub detail: String,
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub results: Vec<ChangeResult>,
}

/// What became of one change of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeResult {
    pub seq: i64,
    /// [`ChangeState::Waiting`] puts it back into the queue.
    pub state: ChangeState,
    pub detail: String,
}

/// An attempt to send a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub number: i64,
    pub started_at: DateTime<Utc>,
    /// Who sent it: the holder of the lease and its token.
    pub sender: String,
    /// Instant, outcome and detail of its end; absent while it runs, and after a crash.
    pub finished: Option<(DateTime<Utc>, String, String)>,
}

/// How a target stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetStatus {
    /// Why nothing may be sent now, if that is so.
    pub frozen: Option<String>,
    /// Number of the last sealed batch; 0 before the first.
    pub last_number: i64,
    /// Number of changes by state and whether they are withdrawals.
    pub changes: Vec<(ChangeState, bool, i64)>,
    /// Number of batches by state.
    pub batches: Vec<(BatchState, i64)>,
    /// When the change that has waited longest was enqueued.
    pub oldest_waiting: Option<DateTime<Utc>>,
}
