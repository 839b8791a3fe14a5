//! What an answer of the platform means, and what to do next. Pure.
//!
//! The rule of the room: **unknown is not failed** (feed G4). Only an answer that is whole, of the right kind, about
//! this batch and consistent settles anything; everything else that comes after the first byte has left is unknown,
//! and unknown is asked about before anything is sent again.

mod counts;
mod probe;
mod progress;
mod read;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use counts::{interpret_counts, interpret_counts_probe};
pub use probe::{
    ProbeOutcome, RecordProbe, interpret_batch_probe, interpret_record_probe, settle_by_records,
};
pub(super) use probe::{failure, says_not_found};
pub use progress::{AlarmReason, BatchState, Progress, Step, next_step};
pub use read::interpret_send;
pub(super) use read::{class_of, read_json};

use super::batch::EntryVersion;

/// What a transport saw of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// No byte of the request left: refused connection, unknown host, failed TLS handshake.
    NotSent {
        why: String,
    },
    /// Bytes left (or may have) and no whole answer came.
    NoAnswer {
        why: NoAnswer,
    },
    Answered(Answer),
}

/// How an answer failed to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum NoAnswer {
    #[error("no answer in time")]
    Timeout,
    #[error("connection lost before the answer: {0}")]
    Lost(String),
    #[error("the answer (status {status}) broke off: {why}")]
    BrokenOff { status: u16, why: String },
    #[error("the answer (status {status}) is larger than {limit} bytes")]
    Oversized { status: u16, limit: usize },
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub content_type: Option<String>,
    /// The header as it came.
    pub retry_after: Option<String>,
    /// When the platform answered, by its own clock; as it came.
    pub date: Option<String>,
    pub body: Vec<u8>,
}

/// What became of a batch that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing left; the same batch may go again.
    NotSent { why: String },
    /// It may have arrived or not: ask.
    Unknown { why: UnknownWhy },
    /// The platform says it did not take it and when to come again.
    Busy { until: DateTime<Utc> },
    /// The platform says it did not take the batch at all.
    Refused(Refusal),
    /// Every record of the batch has its result.
    Settled(Settlement),
    /// The platform counted some failures and does not say which: the batch is closed and its halves go as batches of
    /// their own.
    Split { rejected: u64 },
    /// It lies where the platform takes it from; what became of it is told later.
    HandedOver { place: String },
}

/// Why it is not known what became of a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownWhy {
    #[error(transparent)]
    NoAnswer(NoAnswer),
    #[error("status {0} after the batch was sent")]
    Status(u16),
    /// A login page, a proxy's page, a page of errors.
    #[error("status {status} but not JSON ({content_type:?}): {start:?}")]
    NotJson {
        status: u16,
        content_type: Option<String>,
        start: String,
    },
    #[error("JSON that is no answer to a batch: {0}")]
    Shape(String),
    #[error("an answer that contradicts itself or the batch: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Untrustworthy(Vec<AnswerFault>),
    /// Counts only, some of them failures: which, must be asked record by record.
    #[error("counts only: {rejected} of {total} records failed")]
    CountsOnly { total: u64, rejected: u64 },
}

/// One thing wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    /// The answer to another batch.
    #[error("it is about batch {0:?}")]
    OtherBatch(String),
    #[error("it has a receipt for record {record_id}, which was not sent")]
    NeverSent { record_id: String },
    /// An old receipt, played again.
    #[error("its receipt for record {record_id} is about version {version}")]
    OtherVersion { record_id: Uuid, version: u32 },
    #[error("it has contradicting receipts for record {record_id}")]
    Twice { record_id: Uuid },
    #[error("it has no receipt for record {record_id}")]
    NoReceipt { record_id: Uuid },
    #[error("it counts {name} {stated}, but it is {found}")]
    Count {
        name: &'static str,
        stated: u64,
        found: u64,
    },
}

/// The results of all records of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The platform had this batch already.
    pub replayed: bool,
    pub results: Vec<(EntryVersion, RecordResult)>,
}

/// What the platform did with one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum RecordResult {
    /// New there.
    Accepted,
    /// In place of an earlier version.
    Updated,
    /// It was there already, with equal content (or the platform told none): success.
    Duplicate,
    /// The platform holds a later version: this one has no effect any more, as it should be.
    Stale {
        theirs: u32,
    },
    /// It is there already with other content; for a person.
    Conflict {
        theirs: String,
    },
    Rejected(Rejection),
    /// Name and code do not match a subject of the platform: for a person, not for a retry.
    Unmatched {
        code: String,
        message: String,
    },
}

/// Why the platform refused a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    pub class: RejectClass,
    pub code: String,
    /// The platform's name of the field.
    pub field: Option<String>,
    pub message: String,
}

/// Who has to act on a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RejectClass {
    /// The record is wrong: an officer mends the source, a new version follows.
    Data,
    /// The profile is wrong: an operator mends the mapping.
    Mapping,
    /// The credentials are wrong.
    Auth,
    /// The platform could not; later it may.
    Transient,
}

/// The refusal of a whole batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("status {status}: {message}")]
pub struct Refusal {
    pub status: u16,
    pub class: RejectClass,
    pub message: String,
}

impl RejectClass {
    /// The word of the reject queue.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Data => "DATA",
            Self::Mapping => "MAPPING",
            Self::Auth => "AUTH",
            Self::Transient => "TRANSIENT",
        }
    }

    /// The class with this word; what is not known is for an officer.
    pub fn from_code(word: &str) -> Self {
        let all = [Self::Data, Self::Mapping, Self::Auth, Self::Transient];
        let is = |class: &Self| class.as_str() == word;
        all.into_iter().find(is).unwrap_or(Self::Data)
    }

    /// How long its owner has: three days to mend data, one for a mapping, four hours for credentials or for what should
    /// have passed by itself. What must not be seen does not wait: four hours, whatever the class.
    pub fn due(self, withdrawal: bool) -> TimeDelta {
        match self {
            _ if withdrawal => TimeDelta::hours(4),
            Self::Data => TimeDelta::days(3),
            Self::Mapping => TimeDelta::days(1),
            Self::Auth | Self::Transient => TimeDelta::hours(4),
        }
    }

    /// Who has to act: an officer mends data, an operator mapping and credentials; what passes by itself is the
    /// publisher's.
    pub fn owner(self) -> &'static str {
        match self {
            Self::Data => "officer",
            Self::Mapping | Self::Auth => "operator",
            Self::Transient => "publisher",
        }
    }
}

impl RecordResult {
    /// Whether the platform now shows what was sent, or something newer.
    pub fn is_success(&self) -> bool {
        matches!(
            self,
            Self::Accepted | Self::Updated | Self::Duplicate | Self::Stale { .. }
        )
    }
}

impl Settlement {
    /// The records that did not succeed.
    pub fn failures(&self) -> impl Iterator<Item = &(EntryVersion, RecordResult)> {
        self.results
            .iter()
            .filter(|(_, result)| !result.is_success())
    }
}

impl Outcome {
    /// Whether a person must be told at once: a withdrawal that was not taken (feed G6), or a refused batch.
    pub fn needs_person(&self, withdrawals: &[EntryVersion]) -> bool {
        match self {
            Self::Refused(refusal) => refusal.class != RejectClass::Transient,
            Self::Settled(settlement) => settlement
                .failures()
                .any(|(entry, _)| withdrawals.contains(entry)),
            Self::NotSent { .. }
            | Self::Unknown { .. }
            | Self::Busy { .. }
            | Self::Split { .. }
            | Self::HandedOver { .. } => false,
        }
    }
}

#[cfg(test)]
mod progress_tests;
#[cfg(test)]
mod tests;
