//! What may happen to an entry in force: objections, hiding, ways out, and the way back.

use serde::{Deserialize, Serialize};

use super::{
    action::Actor,
    entry::{Closing, Display},
};
use crate::domain::{Day, Text};

/// An objection under examination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    pub number: Text,
    pub by: Actor,
    pub received_on: Day,
    /// Other units must help to examine it.
    #[serde(default)]
    pub joint: bool,
    /// It was right: the mark stays until the entry is corrected or out.
    #[serde(default)]
    pub upheld: bool,
}

/// Why an entry is hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum ShieldCause {
    /// A court or the organ of administrative review stopped the execution (停止执行).
    Stay,
    /// A court approved a reorganisation plan or a settlement (重整计划、和解协议).
    Bankruptcy,
    /// Another list excludes it: the company is on an adverse one. Only the service itself gives this cause.
    Excluded { by: uuid::Uuid },
}

impl ShieldCause {
    pub fn chinese(&self) -> &'static str {
        match self {
            Self::Stay => "停止执行",
            Self::Bankruptcy => "法院批准重整计划或者认可和解协议",
            Self::Excluded { .. } => "企业被列入失信类名单，暂停公示",
        }
    }
}

/// How an entry is hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shield {
    pub cause: ShieldCause,
    pub document: Text,
    pub by: Actor,
    pub on: Day,
}

/// What of a public entry is put right. Neither its gravity nor its length can grow this way.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    #[serde(default)]
    pub reason: Option<Text>,
    #[serde(default)]
    pub facts: Option<Text>,
    #[serde(default)]
    pub basis: Option<Text>,
    /// An earlier last day of display.
    #[serde(default)]
    pub until: Option<Day>,
}

/// A correction that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    pub number: Text,
    pub on: Day,
    pub by: Actor,
    pub correction: Correction,
    pub explanation: Text,
}

/// Why a decision is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationCause {
    /// What it rests on was annulled or changed.
    Annulled,
    /// It was wrong.
    Error,
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
        /// When the application came in; absent: the day it is registered.
        #[serde(default)]
        received_on: Option<Day>,
    },
    /// The basis was annulled or the decision was wrong: withdrawn with a public explanation.
    Revoked {
        explanation: Text,
        #[serde(default)]
        cause: Option<RevocationCause>,
        /// When it became known; absent: the day it is registered.
        #[serde(default)]
        known_on: Option<Day>,
    },
}

/// An exit that was put forward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitRequest {
    pub exit: Exit,
    pub by: Actor,
    pub requested_on: Day,
    /// A repair is examined once it was accepted (受理).
    #[serde(default)]
    pub accepted: Option<Acceptance>,
    /// The examination takes longer, and why.
    #[serde(default)]
    pub extended: Option<Text>,
}

/// An application that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    pub number: Text,
    pub by: Actor,
    pub on: Day,
}

impl ExitRequest {
    /// The day from which its periods run.
    pub fn since(&self) -> Day {
        let given = match &self.exit {
            Exit::Repaired { received_on, .. } => *received_on,
            Exit::Revoked { known_on, .. } => *known_on,
        };
        given.unwrap_or(self.requested_on)
    }

    pub fn is_repair(&self) -> bool {
        matches!(self.exit, Exit::Repaired { .. })
    }
}

/// It was put forward that a repair was obtained by fraud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestorationRequest {
    pub fraud: Text,
    pub by: Actor,
    pub requested_on: Day,
}

/// An entry came back after a repair that was obtained by fraud; its period started again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restoration {
    pub number: Text,
    pub by: Actor,
    pub on: Day,
    /// The repair that was undone.
    pub undone: Closing,
    /// The display before it.
    pub before: Display,
}
