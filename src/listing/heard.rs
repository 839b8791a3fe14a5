//! The right to be heard before a decision (陈述、申辩、听证): what came in, what was answered.

use serde::{Deserialize, Serialize};

use super::{
    action::{Actor, SubmissionKind},
    digest::DocumentDigest,
};
use crate::domain::{Day, Text};

/// A written waiver of statement and hearing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    pub number: Text,
    pub recorded_on: Day,
}

/// A statement, or a request to be heard, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    pub kind: SubmissionKind,
    pub number: Text,
    pub received_on: Day,
    pub by: Actor,
    /// The hearing, once it was held.
    pub hearing: Option<Hearing>,
    pub answer: Option<Answer>,
}

/// A hearing that was held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hearing {
    pub held_on: Day,
    /// Number of the minutes (听证笔录).
    pub minutes: Text,
    pub digest: DocumentDigest,
}

/// A written answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub number: Text,
    pub adopted: bool,
    pub reason: Text,
    pub by: Actor,
    pub on: Day,
}

/// What became of the right to be heard (陈述申辩及采纳情况).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "heard", rename_all = "snake_case")]
pub enum Heard {
    /// Nothing was said within the window.
    Nothing,
    /// A statement or hearing took place and was answered in writing.
    Answered { statement: Text, answer: Text },
    /// Several, in the order of their coming.
    Each { answers: Vec<HeardOne> },
}

/// One statement and its answer, as a decision document tells them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeardOne {
    pub statement: Text,
    pub answer: Text,
    pub adopted: bool,
}
