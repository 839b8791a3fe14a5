//! What people may do to a record beside its versions.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{Day, Text, sha256_hex};

/// SHA-256 of an attachment, 64 hex digits in lower case: its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileDigest(String);

/// What is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("附件摘要「{0}」格式不对，应为64位十六进制 SHA-256")]
pub struct FileDigestError(pub String);

impl FileDigest {
    pub fn parse(raw: &str) -> Result<Self, FileDigestError> {
        let digest = sha256_hex(raw).ok_or_else(|| FileDigestError(raw.trim().to_owned()))?;
        Ok(Self(digest))
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
    type Error = FileDigestError;
    fn try_from(raw: String) -> Result<Self, FileDigestError> {
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
    Left { witness: Text },
    /// 电子送达, only where the company agreed in writing
    Electronic { consent: Text },
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
    Notice { number: Text },
    /// It reached the company.
    Served {
        method: Method,
        delivered_on: Day,
        proof: Text,
    },
    /// The company objects.
    Object {
        /// Number under which it was received.
        number: Text,
        grounds: Text,
        received_on: Day,
        /// Other bodies have to be asked: 7 instead of 3 working days.
        #[serde(default)]
        joint: bool,
        #[serde(default)]
        evidence: Vec<FileDigest>,
    },
    /// The company takes its objection back.
    WithdrawObjection { reason: Text },
    /// The objection holds.
    Uphold {
        reason: Text,
        #[serde(default)]
        remedy: Remedy,
        /// Why the person who confirmed the record examines the objection to it: nobody else is there.
        #[serde(default)]
        exceptionally: Option<Text>,
    },
    /// The objection does not hold.
    Reject {
        reason: Text,
        #[serde(default)]
        exceptionally: Option<Text>,
    },
    /// The company reports that it has rectified (整改).
    Rectification {
        statement: Text,
        rectified_on: Day,
        #[serde(default)]
        evidence: Vec<FileDigest>,
    },
    /// The rectification was checked and is accepted.
    Accept { opinion: Text },
    /// It is not accepted; the company may report again.
    Refuse { reason: Text },
    /// The company gets more time to rectify.
    Extend { rectify_by: Day, reason: Text },
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
