//! What people may do to a record beside its versions.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::Day;

/// A text with something in it: a reason, a document number, a proof. Surrounding white space is dropped.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Words(String);

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    #[error("内容不能为空")]
    Empty,
    #[error("附件摘要「{0}」格式不对，应为64位十六进制 SHA-256")]
    Digest(String),
}

impl Words {
    pub fn parse(raw: &str) -> Result<Self, WordsError> {
        let text = raw.trim();
        if text.is_empty() {
            return Err(WordsError::Empty);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Words {
    type Error = WordsError;
    fn try_from(raw: String) -> Result<Self, WordsError> {
        Self::parse(&raw)
    }
}

impl From<Words> for String {
    fn from(words: Words) -> Self {
        words.0
    }
}

/// SHA-256 of an attachment, 64 hex digits in lower case: its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileDigest(String);

impl FileDigest {
    pub fn parse(raw: &str) -> Result<Self, WordsError> {
        let text = raw.trim().to_ascii_lowercase();
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(text))
        } else {
            Err(WordsError::Digest(raw.trim().to_owned()))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for FileDigest {
    type Error = WordsError;
    fn try_from(raw: String) -> Result<Self, WordsError> {
        Self::parse(&raw)
    }
}

impl From<FileDigest> for String {
    fn from(digest: FileDigest) -> Self {
        digest.0
    }
}

/// How a notice reached the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum Method {
    /// 直接送达
    Direct,
    /// 邮寄送达
    Post,
    /// 留置送达, with a witness or a recording
    Left { witness: Words },
    /// 电子送达, only where the company agreed in writing
    Electronic { consent: Words },
    /// 公告送达: served thirty days after publication
    Publication,
}

/// What an upheld objection does to the record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// It is corrected and goes on counting as corrected.
    Correct,
    /// It never counted.
    #[default]
    Revoke,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// The notice (记分告知单) is issued.
    Notice { number: Words },
    /// It reached the company.
    Served {
        method: Method,
        delivered_on: Day,
        proof: Words,
    },
    /// The company objects.
    Object {
        /// Number under which it was received.
        number: Words,
        grounds: Words,
        received_on: Day,
        /// Other bodies have to be asked: 7 instead of 3 working days.
        #[serde(default)]
        joint: bool,
        #[serde(default)]
        evidence: Vec<FileDigest>,
    },
    /// The company takes its objection back.
    WithdrawObjection { reason: Words },
    /// The objection holds.
    Uphold {
        reason: Words,
        #[serde(default)]
        remedy: Remedy,
        /// Why the person who confirmed the record examines the objection to it: nobody else is there.
        #[serde(default)]
        exceptionally: Option<Words>,
    },
    /// The objection does not hold.
    Reject {
        reason: Words,
        #[serde(default)]
        exceptionally: Option<Words>,
    },
    /// The company reports that it has rectified (整改).
    Rectification {
        statement: Words,
        rectified_on: Day,
        #[serde(default)]
        evidence: Vec<FileDigest>,
    },
    /// The rectification was checked and is accepted.
    Accept { opinion: Words },
    /// It is not accepted; the company may report again.
    Refuse { reason: Words },
    /// The company gets more time to rectify.
    Extend { rectify_by: Day, reason: Words },
}

impl Step {
    /// Stable codes, as in the database and in interfaces.
    pub const NAMES: [&str; 10] = [
        "notice",
        "served",
        "object",
        "withdraw_objection",
        "uphold",
        "reject",
        "rectification",
        "accept",
        "refuse",
        "extend",
    ];

    pub fn name(&self) -> &'static str {
        match self {
            Self::Notice { .. } => "notice",
            Self::Served { .. } => "served",
            Self::Object { .. } => "object",
            Self::WithdrawObjection { .. } => "withdraw_objection",
            Self::Uphold { .. } => "uphold",
            Self::Reject { .. } => "reject",
            Self::Rectification { .. } => "rectification",
            Self::Accept { .. } => "accept",
            Self::Refuse { .. } => "refuse",
            Self::Extend { .. } => "extend",
        }
    }

    pub fn chinese(&self) -> &'static str {
        match self {
            Self::Notice { .. } => "制发记分告知单",
            Self::Served { .. } => "登记送达",
            Self::Object { .. } => "登记异议",
            Self::WithdrawObjection { .. } => "撤回异议",
            Self::Uphold { .. } => "认可异议",
            Self::Reject { .. } => "驳回异议",
            Self::Rectification { .. } => "登记整改报告",
            Self::Accept { .. } => "认可整改",
            Self::Refuse { .. } => "退回整改",
            Self::Extend { .. } => "延长整改期限",
        }
    }

    /// The reason that a step gives, for the line of the history.
    pub fn reason(&self) -> &str {
        match self {
            Self::Notice { number } => number.as_str(),
            Self::Served { proof, .. } => proof.as_str(),
            Self::Object { grounds, .. } => grounds.as_str(),
            Self::Rectification { statement, .. } => statement.as_str(),
            Self::Accept { opinion } => opinion.as_str(),
            Self::WithdrawObjection { reason }
            | Self::Uphold { reason, .. }
            | Self::Reject { reason, .. }
            | Self::Refuse { reason }
            | Self::Extend { reason, .. } => reason.as_str(),
        }
    }

    /// Attachments that it rests on.
    pub fn evidence(&self) -> &[FileDigest] {
        match self {
            Self::Object { evidence, .. } | Self::Rectification { evidence, .. } => evidence,
            _ => &[],
        }
    }
}
