//! The file of an entry: what happened, in order, never changed. An event holds every value that was worked out when
//! it happened, so that the entry can be built again without the rules of that day.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    action::{Actor, DecisionService, SubmissionKind},
    digest::DocumentDigest,
    entry::{Decision, Display, HigherApproval, Notice, Proposal},
    heard::{Answer, Hearing},
    standing::{Corrected, Exit, Shield},
    types::{ListClass, Severity},
};
use crate::domain::{Day, Text};

/// One thing that happened to an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub kind: EventKind,
    pub actor: Actor,
    pub at: DateTime<Utc>,
    /// Why, in the actor's words or the procedure's.
    pub reason: Text,
    /// Of the document that came with it, if one did.
    pub digest: Option<DocumentDigest>,
}

/// What happened. A kind is never taken away and a field only ever added with a default: stored files must be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    Proposed {
        list: String,
        class: ListClass,
        proposal: Proposal,
    },
    Reviewed {
        opinion: Text,
    },
    Dropped,
    /// The notice was made.
    Issued {
        number: Text,
    },
    /// The notice was served. In old files it follows the review at once.
    Noticed {
        notice: Notice,
    },
    StatementReceived {
        submission: SubmissionKind,
        number: Text,
        received_on: Day,
    },
    HearingHeld {
        number: Text,
        hearing: Hearing,
    },
    StatementAnswered {
        number: Text,
        answer: Answer,
    },
    Waived {
        number: Text,
    },
    Decided {
        severity: Option<Severity>,
        decision: Decision,
        display: Display,
        publish_by: Day,
        calendar: String,
    },
    NotListed,
    HigherApproved {
        approval: HigherApproval,
    },
    DecisionServed {
        service: DecisionService,
        served_on: Day,
    },
    Published {
        /// In old files the service of the decision came with its publication.
        #[serde(default)]
        service: Option<DecisionService>,
        late: bool,
    },
    Disputed {
        number: Text,
        #[serde(default)]
        joint: bool,
    },
    DisputeSettled {
        #[serde(default)]
        upheld: bool,
    },
    Corrected {
        corrected: Corrected,
    },
    Shielded {
        shield: Shield,
    },
    Unshielded,
    ExitRequested {
        exit: Exit,
    },
    RepairAccepted {
        number: Text,
    },
    RepairExtended,
    ExitRefused,
    Repaired {
        number: Text,
    },
    Revoked {
        number: Text,
    },
    RestorationRequested,
    Restored {
        number: Text,
        display: Display,
    },
    RestorationRefused,
    Expired,
}

impl EventKind {
    /// Stable code, the same as in the JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Proposed { .. } => "proposed",
            Self::Reviewed { .. } => "reviewed",
            Self::Dropped => "dropped",
            Self::Issued { .. } => "issued",
            Self::Noticed { .. } => "noticed",
            Self::StatementReceived { .. } => "statement_received",
            Self::HearingHeld { .. } => "hearing_held",
            Self::StatementAnswered { .. } => "statement_answered",
            Self::Waived { .. } => "waived",
            Self::Decided { .. } => "decided",
            Self::NotListed => "not_listed",
            Self::HigherApproved { .. } => "higher_approved",
            Self::DecisionServed { .. } => "decision_served",
            Self::Published { .. } => "published",
            Self::Disputed { .. } => "disputed",
            Self::DisputeSettled { .. } => "dispute_settled",
            Self::Corrected { .. } => "corrected",
            Self::Shielded { .. } => "shielded",
            Self::Unshielded => "unshielded",
            Self::ExitRequested { .. } => "exit_requested",
            Self::RepairAccepted { .. } => "repair_accepted",
            Self::RepairExtended => "repair_extended",
            Self::ExitRefused => "exit_refused",
            Self::Repaired { .. } => "repaired",
            Self::Revoked { .. } => "revoked",
            Self::RestorationRequested => "restoration_requested",
            Self::Restored { .. } => "restored",
            Self::RestorationRefused => "restoration_refused",
            Self::Expired => "expired",
        }
    }
}
