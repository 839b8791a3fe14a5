//! What an entry is in each of its states. Each state holds the one before it, so that an entry cannot be decided
//! without a notice or published without a decision.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    action::{Actor, DecisionService},
    illegal::StateName,
    text::Text,
    types::{ListClass, Severity},
};
use crate::domain::{Day, Uscc};

/// Why a company is proposed: what was seen, and the clauses it falls under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The explanation of the score, the records and the rule set, as they were.
    pub snapshot: serde_json::Value,
    /// At least one.
    pub clauses: Vec<Text>,
}

/// A proposal (提请) to put a company on a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Id of the entry, unique and stable for its life.
    pub id: uuid::Uuid,
    pub company: Uscc,
    /// `None` on a favourable list.
    pub severity: Option<Severity>,
    pub evidence: Evidence,
    pub reason: Text,
}

/// One entry of one list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub id: uuid::Uuid,
    pub company: Uscc,
    /// Id of the list type.
    pub list: String,
    pub class: ListClass,
    pub severity: Option<Severity>,
    pub evidence: Evidence,
    pub proposed_by: Actor,
    pub proposed_at: DateTime<Utc>,
    pub state: State,
    /// Number of events so far; for optimistic locking.
    pub version: u32,
    /// When the last event was.
    pub changed_at: DateTime<Utc>,
}

/// Where an entry stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    Proposed {
        review: Option<Review>,
    },
    Noticed(Noticed),
    Decided(Decided),
    Published(Published),
    /// Out, because it ran its time or was repaired.
    Removed {
        was: Standing,
        closing: Closing,
    },
    /// Given up before a decision.
    Dropped {
        notice: Option<Notice>,
        closing: Closing,
    },
    /// Decided against.
    NotListed {
        noticed: Noticed,
        closing: Closing,
    },
    /// Undone, because it should not have been made.
    Revoked {
        was: Standing,
        closing: Closing,
    },
}

/// A favourable legal review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    pub by: Actor,
    pub at: DateTime<Utc>,
    pub opinion: Text,
}

/// How a document is served (送达方式).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Method {
    /// 直接送达
    Direct,
    /// 邮寄送达
    Post,
    /// 留置送达, with a witness or a recording
    Left { witness: Text },
    /// 电子送达, only where the company agreed in writing
    Electronic { consent: Text },
    /// 公告送达: served some days after publication
    Publication,
}

/// A prior notice that was served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub number: Text,
    pub by: Actor,
    pub method: Method,
    pub delivered_on: Day,
    pub proof: Text,
    /// The day it counts as served.
    pub served_on: Day,
    /// Last day for statement and hearing; a decision may follow from the day after.
    pub window_end: Day,
    /// Version of the calendar the window was computed with.
    pub calendar: String,
}

/// A written waiver of statement and hearing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    pub number: Text,
    pub recorded_on: Day,
}

/// What became of the right to be heard (陈述申辩及采纳情况).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "heard", rename_all = "snake_case")]
pub enum Heard {
    /// Nothing was said within the window.
    Nothing,
    /// A statement or hearing took place and was answered in writing.
    Answered { statement: Text, answer: Text },
}

/// Notice was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noticed {
    pub review: Review,
    pub notice: Notice,
    pub waiver: Option<Waiver>,
}

/// A decision to list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub number: Text,
    pub by: Actor,
    pub decided_on: Day,
    pub reason: Text,
    pub basis: Text,
    pub organ: Text,
    pub heard: Heard,
}

/// Days of display (公示期), counted from the decision. Inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Display {
    pub from: Day,
    pub until: Day,
    /// Last day of the shortest display; a repair is possible from the day after. Absent: at any time.
    pub min_until: Option<Day>,
}

/// It was decided to list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    pub noticed: Noticed,
    pub decision: Decision,
    pub display: Display,
    /// Last day to publish in time.
    pub publish_by: Day,
    /// Version of the calendar it was computed with.
    pub calendar: String,
    /// An exit waiting for approval.
    pub exit_request: Option<ExitRequest>,
}

/// It is public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    pub decided: Decided,
    pub by: Actor,
    pub published_on: Day,
    /// After `publish_by`; shown on the deadline board.
    pub late: bool,
    pub service: DecisionService,
    pub dispute: Option<Dispute>,
}

/// An objection under examination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    pub number: Text,
    pub by: Actor,
    pub received_on: Day,
}

/// An early way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "exit", rename_all = "snake_case")]
pub enum Exit {
    /// Credit repair (信用修复): after the shortest display.
    Repaired {
        /// Number of the company's application.
        application: Text,
        /// Proof that the duties are fulfilled.
        fulfilment: Text,
        /// The public credit commitment (信用承诺书).
        commitment: Text,
    },
    /// The basis was annulled or the decision was wrong: withdrawn with a public explanation.
    Revoked { explanation: Text },
}

/// An exit that was put forward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitRequest {
    pub exit: Exit,
    pub by: Actor,
    pub requested_on: Day,
}

/// An entry in force at its end: decided, or public as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "was", rename_all = "snake_case")]
pub enum Standing {
    Decided(Decided),
    Published(Published),
}

/// How an entry ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    pub by: Actor,
    pub on: Day,
    /// In words, for the file.
    pub reason: Text,
    /// Number of the exit decision, where there is one.
    pub number: Option<Text>,
}

impl Entry {
    /// The name of its state.
    pub fn state_name(&self) -> StateName {
        match self.state {
            State::Proposed { .. } => StateName::Proposed,
            State::Noticed(_) => StateName::Noticed,
            State::Decided(_) => StateName::Decided,
            State::Published(_) => StateName::Published,
            State::Removed { .. } => StateName::Removed,
            State::Dropped { .. } => StateName::Dropped,
            State::NotListed { .. } => StateName::NotListed,
            State::Revoked { .. } => StateName::Revoked,
        }
    }

    /// The decision in force: the entry is decided or public, and not out.
    pub fn in_force(&self) -> Option<&Decided> {
        match &self.state {
            State::Decided(decided) => Some(decided),
            State::Published(published) => Some(&published.decided),
            _ => None,
        }
    }

    /// What the public may see: only what is published.
    pub fn public(&self) -> Option<&Published> {
        match &self.state {
            State::Published(published) => Some(published),
            _ => None,
        }
    }

    /// Who made the entry up to the notice; none of them may decide it.
    pub(super) fn makers<'a>(&'a self, noticed: &'a Noticed) -> [&'a Actor; 2] {
        [&self.proposed_by, &noticed.notice.by]
    }
}
