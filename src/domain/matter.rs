//! What a period runs for and a document is about.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Kinds of matter (事项).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatterKind {
    /// 名单事项
    Entry,
    /// 信用记录
    Record,
    /// 投诉
    Complaint,
    /// 抽查
    Check,
}

/// A word that names no kind of matter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "没有事项类别「{0}」，应为 entry（名单事项）、record（信用记录）、complaint（投诉）或 check（抽查）"
)]
pub struct MatterKindError(pub String);

impl MatterKind {
    pub const ALL: [Self; 4] = [Self::Entry, Self::Record, Self::Complaint, Self::Check];

    /// The code in files, in the database and in interfaces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Record => "record",
            Self::Complaint => "complaint",
            Self::Check => "check",
        }
    }

    /// In words.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Entry => "名单事项",
            Self::Record => "信用记录",
            Self::Complaint => "投诉",
            Self::Check => "抽查",
        }
    }
}

impl fmt::Display for MatterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for MatterKind {
    type Err = MatterKindError;

    fn from_str(word: &str) -> Result<Self, MatterKindError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| MatterKindError(word.to_owned()))
    }
}
