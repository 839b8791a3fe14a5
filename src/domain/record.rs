//! Records: the facts that are scored (检查、抽查、投诉、处罚、表彰 ...).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{AttributeValue, Day, Points, Uscc};

/// One fact about a company, a project or a manager, citing one item of the rules.
///
/// Which dates are needed depends on the rule set (`counts_from`); everything but `id`, `item` and one subject may be
/// absent. A record is never edited: a correction or a revocation is a new version that supersedes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub id: String,
    /// Id of the item it cites.
    pub item: String,
    pub kind: Option<RecordKind>,
    pub company: Option<Uscc>,
    /// Code of the project.
    pub project: Option<String>,
    /// Identifier of the project manager (项目负责人).
    pub manager: Option<String>,
    /// Who found or recorded it.
    pub body: Option<String>,
    /// When it happened.
    pub occurred_on: Option<Day>,
    /// When it was determined (认定).
    pub decided_on: Option<Day>,
    /// When it was entered.
    pub entered_on: Option<Day>,
    /// When it was made public.
    pub published_on: Option<Day>,
    /// Last day on which it counts, if the document itself says so.
    pub valid_until: Option<Day>,
    /// Chosen points, for items whose points are chosen within a range.
    pub points: Option<Points>,
    /// Why these points were chosen.
    pub reason: Option<String>,
    /// Key of the matter; several records may be about one.
    pub matter: Option<String>,
    pub rectify_by: Option<Day>,
    pub rectified_on: Option<Day>,
    pub status: RecordStatus,
    /// Values of the attributes the rule set declares.
    pub attributes: BTreeMap<String, AttributeValue>,
}

/// A body (scoring body, 记分主体): the office that recorded something.
pub type Body = String;

impl Record {
    /// SHA-256 of the canonical JSON of all fields, in hex: equal digests mean equal content.
    pub fn digest(&self) -> String {
        // A record is plain data with string keys, so that its JSON cannot fail; an empty text would still differ
        // from every other digest.
        let json = serde_json::to_vec(self).unwrap_or_default();
        hex::encode(Sha256::digest(json))
    }
}

/// What a subject of scoring is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    Company,
    Project,
    Manager,
}

impl SubjectKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Project => "project",
            Self::Manager => "manager",
        }
    }
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident, $error:ident, $what:literal,
     { $($(#[$vdoc:meta])* $variant:ident = $code:literal | $chinese:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        #[doc = concat!("A text that is no ", stringify!($name), ".")]
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[error("{}「{}」不存在，应为 {}", $what, .0, $name::CHOICES)]
        pub struct $error(pub String);

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            const CHOICES: &str = codes!(@choices $($code, $chinese),+);

            /// The code used in files and interfaces.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The word shown to people.
            pub fn chinese(self) -> &'static str {
                match self { $(Self::$variant => $chinese),+ }
            }

            /// Reads the code or the Chinese word.
            pub fn parse(raw: &str) -> Result<Self, $error> {
                let text = raw.trim().to_lowercase();
                Self::ALL
                    .iter()
                    .copied()
                    .find(|known| known.as_str() == text || known.chinese() == text)
                    .ok_or_else(|| $error(raw.trim().to_owned()))
            }
        }
    };
    (@choices $first:literal, $first_chinese:literal $(, $code:literal, $chinese:literal)*) => {
        concat!($first, "（", $first_chinese, "）" $(, "、", $code, "（", $chinese, "）")*)
    };
}

codes! {
    /// Kinds of record; an item says which kinds may cite it.
    RecordKind, RecordKindError, "记录类型", {
        Inspection = "inspection" | "检查",
        SpotCheck = "spot_check" | "双随机抽查",
        Complaint = "complaint" | "投诉",
        Penalty = "penalty" | "处罚",
        Honour = "honour" | "表彰",
        Survey = "survey" | "满意度调查",
        Basic = "basic" | "基础信息",
        Other = "other" | "其他",
    }
}

codes! {
    /// Where a record stands. Only confirmed records score, and disputed ones as the rule set says.
    RecordStatus, RecordStatusError, "记录状态", {
        Draft = "draft" | "草稿",
        Confirmed = "confirmed" | "已认定",
        Disputed = "disputed" | "异议中",
        Revoked = "revoked" | "已撤销",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_chinese_words_are_both_read() {
        for kind in RecordKind::ALL {
            assert_eq!(RecordKind::parse(kind.as_str()), Ok(*kind));
            assert_eq!(RecordKind::parse(kind.chinese()), Ok(*kind));
        }
        let text = RecordStatus::parse("closed").unwrap_err().to_string();
        assert_eq!(
            text,
            "记录状态「closed」不存在，应为 draft（草稿）、confirmed（已认定）、disputed（异议中）、revoked（已撤销）"
        );
    }
}
