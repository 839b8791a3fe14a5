//! What people, and the clock, may do to an entry.

use serde::{Deserialize, Serialize};

use super::{
    entry::{Exit, Heard, Method},
    text::{DocumentDigest, Text},
    types::Severity,
};
use crate::domain::{Day, Span};

/// Who acts: a user's stable id, or the name of an automatic job.
pub type ActorId = Text;

/// In which capacity somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The service itself: proposes by the rules and ends what has run out, nothing else.
    System,
    /// Handles the case (经办).
    Officer,
    /// Reviews the legality (法制审核).
    LegalReviewer,
    /// Decides (决定).
    Decider,
    /// Makes public (公示发布).
    Publisher,
}

impl Role {
    pub const ALL: [Self; 5] = [
        Self::System,
        Self::Officer,
        Self::LegalReviewer,
        Self::Decider,
        Self::Publisher,
    ];

    pub fn chinese(self) -> &'static str {
        match self {
            Self::System => "系统",
            Self::Officer => "经办人",
            Self::LegalReviewer => "法制审核人",
            Self::Decider => "决定人",
            Self::Publisher => "公示发布人",
        }
    }
}

/// One person in one capacity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    pub id: ActorId,
    pub role: Role,
}

/// A decision to list (列入决定) as it is put forward; its day is the day it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionDraft {
    /// Document number (决定书文号).
    pub number: Text,
    pub reason: Text,
    /// Clauses it rests on (法律依据).
    pub basis: Text,
    /// The deciding organ (决定机关).
    pub organ: Text,
    /// At most the severity of which notice was given (行政处罚法 art. 45); `None` on a favourable list.
    pub severity: Option<Severity>,
    /// How long it is displayed, within the bounds of the type; absent: the longest.
    pub term: Option<Span>,
    pub heard: Heard,
    pub digest: DocumentDigest,
}

/// Proof that the decision reached the company, without which nothing is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionService {
    pub method: Method,
    pub delivered_on: Day,
    pub proof: Text,
    /// Number of the credit repair notice (信用修复告知书) served with it; required on adverse lists.
    pub repair_notice: Option<Text>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// The legal review of a proposal is in favour.
    Review {
        opinion: Text,
    },
    /// The proposal is given up before a decision.
    Drop {
        reason: Text,
    },
    /// The prior notice (事先告知书) was served.
    Notify {
        number: Text,
        method: Method,
        delivered_on: Day,
        proof: Text,
        digest: DocumentDigest,
    },
    /// The company waived statement and hearing in writing.
    Waive {
        number: Text,
        digest: DocumentDigest,
    },
    /// It is decided to list.
    Decide(DecisionDraft),
    /// It is decided not to list.
    DecideNot {
        reason: Text,
    },
    /// The decision is made public.
    Publish {
        service: DecisionService,
        /// Why an entry that is not published as a rule (轻微) is.
        exceptionally: Option<Text>,
        digest: DocumentDigest,
    },
    /// An objection (异议) was received: the public entry is marked at once.
    Dispute {
        number: Text,
    },
    /// The objection was examined and answered; the mark goes. If it was right, an exit follows.
    SettleDispute {
        answer: Text,
    },
    /// An early exit is put forward, to be approved by somebody else.
    RequestExit {
        exit: Exit,
    },
    ApproveExit {
        number: Text,
        digest: DocumentDigest,
    },
    RefuseExit {
        reason: Text,
    },
    /// The longest display is over.
    Expire,
}

impl Action {
    pub fn chinese(&self) -> &'static str {
        match self {
            Self::Review { .. } => "法制审核",
            Self::Drop { .. } => "终止提请",
            Self::Notify { .. } => "送达事先告知书",
            Self::Waive { .. } => "登记放弃陈述申辩",
            Self::Decide(_) => "决定列入",
            Self::DecideNot { .. } => "决定不予列入",
            Self::Publish { .. } => "公示",
            Self::Dispute { .. } => "标注异议",
            Self::SettleDispute { .. } => "答复异议",
            Self::RequestExit { .. } => "提请移出",
            Self::ApproveExit { .. } => "批准移出",
            Self::RefuseExit { .. } => "不予移出",
            Self::Expire => "到期移出",
        }
    }
}
