//! What a person, or a matter, puts into a document. Number, date, organ and party are added when it is issued.
//!
//! Everything is optional to the reader of the JSON, so that what is missing is named all at once and in Chinese.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Kind;
use crate::domain::Day;

/// The content of a document of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    Notice(Notice),
    Decision(Box<Decision>),
    RepairNotice(RepairNotice),
    Removal(Removal),
    NotListed(NotListed),
    Revocation(Revocation),
    RecordNotice(RecordNotice),
}

impl Content {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Notice(_) => Kind::Notice,
            Self::Decision(_) => Kind::Decision,
            Self::RepairNotice(_) => Kind::RepairNotice,
            Self::Removal(_) => Kind::Removal,
            Self::NotListed(_) => Kind::NotListed,
            Self::Revocation(_) => Kind::Revocation,
            Self::RecordNotice(_) => Kind::RecordNotice,
        }
    }
}

/// A measure (失信惩戒措施) that the party has to expect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Measure {
    pub title: String,
    /// The entry of 全国失信惩戒措施基础清单 or of the local list that it rests on.
    pub basis: String,
}

/// Where the party turns to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contact {
    pub address: String,
    pub phone: String,
}

/// How a decision is contested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Remedies {
    /// 行政复议机关
    pub review_organ: String,
    /// 《中华人民共和国行政复议法》 art. 20: 60日.
    pub review_within: String,
    /// 有管辖权的人民法院
    pub court: String,
    /// 《中华人民共和国行政诉讼法》 art. 46: 6个月.
    pub sue_within: String,
}

impl Default for Remedies {
    fn default() -> Self {
        Self {
            review_organ: String::new(),
            review_within: "60日".to_owned(),
            court: String::new(),
            sue_within: "6个月".to_owned(),
        }
    }
}

/// 列入名单事先告知书
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notice {
    pub list_name: String,
    /// 轻微, 一般 or 严重.
    pub severity: Option<String>,
    pub facts: String,
    pub evidence: Vec<String>,
    pub reason: String,
    pub clauses: Vec<String>,
    pub measures: Vec<Measure>,
    /// 三个月至一年.
    pub display_period: String,
    /// 5个工作日.
    pub window: String,
    /// The right to a hearing in words, where there is one.
    pub hearing: Option<String>,
    pub contact: Contact,
}

/// 列入决定书
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Decision {
    pub notice_number: String,
    pub list_name: String,
    pub severity: Option<String>,
    pub facts: String,
    pub evidence: Vec<String>,
    pub reason: String,
    pub clauses: Vec<String>,
    pub measures: Vec<Measure>,
    /// What was said and what became of it; also that nothing was said.
    pub heard: String,
    pub listed_on: Option<Day>,
    pub display_from: Option<Day>,
    pub display_until: Option<Day>,
    pub display_min_until: Option<Day>,
    pub removal_conditions: Vec<String>,
    pub removal_procedure: String,
    pub repair_route: String,
    /// Of the 信用修复告知书 that is served with it.
    pub repair_notice_number: String,
    pub remedies: Remedies,
}

/// 信用修复告知书
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RepairNotice {
    /// 列入决定书, and what else it is known by: its own number is not given yet.
    pub decision_name: String,
    pub list_name: String,
    pub display_until: Option<Day>,
    pub display_min_until: Option<Day>,
    pub conditions: Vec<String>,
    pub materials: Vec<String>,
    pub route: String,
    /// 国办发〔2025〕22号: 3个工作日.
    pub accept_within: String,
    /// 国办发〔2025〕22号: 10个工作日.
    pub answer_within: String,
    pub contact: Contact,
}

impl Default for RepairNotice {
    fn default() -> Self {
        Self {
            decision_name: String::new(),
            list_name: String::new(),
            display_until: None,
            display_min_until: None,
            conditions: Vec::new(),
            materials: Vec::new(),
            route: String::new(),
            accept_within: "3个工作日".to_owned(),
            answer_within: "10个工作日".to_owned(),
            contact: Contact::default(),
        }
    }
}

/// 移出决定书
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Removal {
    pub decision_number: String,
    pub list_name: String,
    pub listed_on: Option<Day>,
    pub removed_on: Option<Day>,
    pub reason: String,
    pub clauses: Vec<String>,
    pub measures_ended: Option<String>,
    pub remedies: Remedies,
}

/// 不予列入决定书
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotListed {
    pub notice_number: String,
    pub list_name: String,
    pub facts: String,
    pub heard: String,
    pub reason: String,
    pub clauses: Vec<String>,
}

/// 撤销列入决定书
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Revocation {
    pub decision_number: String,
    pub list_name: String,
    pub listed_on: Option<Day>,
    pub revoked_on: Option<Day>,
    pub reason: String,
    /// What the public is told.
    pub explanation: String,
    pub clauses: Vec<String>,
    /// 《中华人民共和国行政处罚法》 art. 48 by analogy: 3个工作日.
    pub withdraw_within: String,
}

impl Default for Revocation {
    fn default() -> Self {
        Self {
            decision_number: String::new(),
            list_name: String::new(),
            listed_on: None,
            revoked_on: None,
            reason: String::new(),
            explanation: String::new(),
            clauses: Vec::new(),
            withdraw_within: "3个工作日".to_owned(),
        }
    }
}

/// A record on a 记分告知单.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecordLine {
    pub project: Option<String>,
    pub occurred_on: Option<Day>,
    pub facts: String,
    /// Article and item of the policy.
    pub clause: String,
    /// Signed: -2, +1.5.
    pub points: String,
    pub rectify_by: Option<Day>,
}

/// 记分告知单
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecordNotice {
    pub records: Vec<RecordLine>,
    /// 10个工作日.
    pub objection_within: String,
    pub objection_route: String,
    pub contact: Contact,
}
