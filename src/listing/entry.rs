//! What an entry is in each of its states. Each state holds the one before it, so that an entry cannot be decided
//! without a notice that was served or published without a decision.
//!
//! Fields with `default` came later than the first stored entries: what was stored without them is read.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    action::{Actor, DecisionService},
    document::DecisionDocument,
    heard::{Heard, Submission, Waiver},
    standing::{Corrected, Dispute, ExitRequest, Restoration, RestorationRequest, Shield},
    table::StateName,
    types::{ListClass, Severity},
};
use crate::domain::{Day, Text, Uscc};

/// Why a company is proposed: what was seen, and the clauses it falls under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The explanation of the score, the records and the rule set, as they were.
    pub snapshot: serde_json::Value,
    /// At least one.
    pub clauses: Vec<Text>,
}

/// As what a person is linked to a listed company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// 法定代表人
    LegalRepresentative,
    /// 主要负责人
    PrincipalPerson,
    /// 直接责任人
    DirectlyResponsible,
}

/// A person linked to the entry: by name only, never by a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkedPerson {
    pub name: Text,
    pub link: Link,
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<LinkedPerson>,
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<LinkedPerson>,
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
    /// The prior notice is made and not served.
    Issued(Issued),
    Noticed(Noticed),
    Decided(Decided),
    /// The decision was served.
    Served(Served),
    Published(Published),
    /// Hidden everywhere, and its measures rest.
    Shielded(Shielded),
    /// Out, because it ran its time or was repaired.
    Removed {
        was: Standing,
        closing: Closing,
        /// A repair by fraud, put forward.
        #[serde(default)]
        restoration: Option<RestorationRequest>,
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
    /// 邮寄送达: on the day of the receipt
    Post,
    /// 留置送达, with a witness or a recording
    Left { witness: Text },
    /// 电子送达, only where the company agreed in writing and the receipt was confirmed
    Electronic {
        consent: Text,
        #[serde(default)]
        confirmation: Option<Text>,
    },
    /// 公告送达: served some days after publication
    Publication,
}

/// A prior notice that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    pub review: Review,
    pub number: Text,
    pub by: Actor,
    pub issued_on: Day,
}

/// A prior notice that was served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub number: Text,
    /// Who made it.
    pub by: Actor,
    #[serde(default)]
    pub issued_on: Option<Day>,
    /// Who registered the service, if that was a step of its own.
    #[serde(default)]
    pub served_by: Option<Actor>,
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

/// Notice was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noticed {
    pub review: Review,
    pub notice: Notice,
    pub waiver: Option<Waiver>,
    #[serde(default)]
    pub submissions: Vec<Submission>,
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
    /// The whole document; absent where it was decided before documents were checked part by part.
    #[serde(default)]
    pub document: Option<Box<DecisionDocument>>,
}

/// The next higher organ agreed (上级同意).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HigherApproval {
    pub organ: Text,
    pub number: Text,
    pub on: Day,
    pub by: Actor,
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
    #[serde(default)]
    pub higher: Option<HigherApproval>,
    #[serde(default)]
    pub corrections: Vec<Corrected>,
}

/// The decision was served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    pub decided: Decided,
    pub service: DecisionService,
    /// The day it counts as served.
    pub served_on: Day,
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
    /// The day the decision counts as served; absent where it was not kept apart.
    #[serde(default)]
    pub served_on: Option<Day>,
    pub dispute: Option<Dispute>,
    /// It had been repaired, and came back.
    #[serde(default)]
    pub restoration: Option<Box<Restoration>>,
}

/// It was public and is hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shielded {
    pub published: Published,
    pub shield: Shield,
}

/// An entry in force at its end: as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "was", rename_all = "snake_case")]
pub enum Standing {
    Decided(Decided),
    Served(Served),
    Published(Published),
    Shielded(Shielded),
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

impl Noticed {
    /// The first statement or request that has no answer yet.
    pub fn unanswered(&self) -> Option<&Submission> {
        self.submissions.iter().find(|one| one.answer.is_none())
    }
}

impl Decided {
    /// The facts as they stand after corrections; absent on decisions without a checked document.
    pub fn facts(&self) -> Option<&Text> {
        let corrected = self.corrections.iter().rev();
        let latest = corrected.filter_map(|one| one.correction.facts.as_ref());
        let document = self.decision.document.as_ref();
        latest
            .chain(document.map(|document| &document.facts))
            .next()
    }
}

impl Standing {
    pub fn decided(&self) -> &Decided {
        match self {
            Self::Decided(decided) => decided,
            Self::Served(served) => &served.decided,
            Self::Published(published) => &published.decided,
            Self::Shielded(shielded) => &shielded.published.decided,
        }
    }
}

impl Entry {
    /// The name of its state.
    pub fn state_name(&self) -> StateName {
        match self.state {
            State::Proposed { .. } => StateName::Proposed,
            State::Issued(_) => StateName::Issued,
            State::Noticed(_) => StateName::Noticed,
            State::Decided(_) => StateName::Decided,
            State::Served(_) => StateName::Served,
            State::Published(_) => StateName::Published,
            State::Shielded(_) => StateName::Shielded,
            State::Removed { .. } => StateName::Removed,
            State::Dropped { .. } => StateName::Dropped,
            State::NotListed { .. } => StateName::NotListed,
            State::Revoked { .. } => StateName::Revoked,
        }
    }

    /// The decision that stands: not out, hidden or not.
    pub fn listed(&self) -> Option<&Decided> {
        match &self.state {
            State::Decided(decided) => Some(decided),
            State::Served(served) => Some(&served.decided),
            State::Published(published) => Some(&published.decided),
            State::Shielded(shielded) => Some(&shielded.published.decided),
            _ => None,
        }
    }

    /// The decision in force: it stands, and its measures do not rest.
    pub fn in_force(&self) -> Option<&Decided> {
        match self.state {
            State::Shielded(_) => None,
            _ => self.listed(),
        }
    }

    /// The decision that stands or stood.
    pub fn decided(&self) -> Option<&Decided> {
        match &self.state {
            State::Removed { was, .. } | State::Revoked { was, .. } => Some(was.decided()),
            _ => self.listed(),
        }
    }

    /// What the public may see: only what is published.
    pub fn public(&self) -> Option<&Published> {
        match &self.state {
            State::Published(published) => Some(published),
            _ => None,
        }
    }

    /// Over: no step leads back from here but a restoration.
    pub fn ended(&self) -> bool {
        matches!(
            self.state,
            State::Removed { .. }
                | State::Dropped { .. }
                | State::NotListed { .. }
                | State::Revoked { .. }
        )
    }

    /// Who made the entry up to the service of the notice; none of them may decide it.
    pub(super) fn makers(&self) -> Vec<&Actor> {
        let mut makers = vec![&self.proposed_by];
        let notice = match &self.state {
            State::Issued(issued) => {
                makers.push(&issued.by);
                None
            }
            State::Noticed(noticed) => Some(&noticed.notice),
            _ => self.decided().map(|decided| &decided.noticed.notice),
        };
        if let Some(notice) = notice {
            makers.push(&notice.by);
            makers.extend(&notice.served_by);
        }
        makers
    }
}
