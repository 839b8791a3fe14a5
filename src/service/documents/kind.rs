//! Kinds of document, and the blanks that each of them has.
//!
//! What the blanks are is fixed here, because the law fixes what a document must say; how the document says it is a template
//! that a bureau edits. Required parts: 《中华人民共和国行政处罚法》 arts. 44, 59 (by analogy), 国办发〔2020〕49号 part 4 (八), 国办发〔2025〕22号
//! (the repair notice goes with the decision).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::domain::MatterKind;

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 列入名单事先告知书
    Notice,
    /// 列入决定书
    Decision,
    /// 信用修复告知书
    RepairNotice,
    /// 移出决定书
    Removal,
    /// 不予列入决定书
    NotListed,
    /// 撤销列入决定书
    Revocation,
    /// 记分告知单
    RecordNotice,
}

/// A word that names no kind of document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("没有文书种类「{0}」")]
pub struct KindError(pub String);

/// A place in a document that is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blank {
    /// As templates name it: `party.name`; in a list, `measures.title` is the title of each.
    pub path: &'static str,
    /// As an officer reads it.
    pub name: &'static str,
    /// Whether the document is refused without it, and a template without a place for it.
    pub required: bool,
}

const fn must(path: &'static str, name: &'static str) -> Blank {
    Blank {
        path,
        name,
        required: true,
    }
}

const fn may(path: &'static str, name: &'static str) -> Blank {
    Blank {
        path,
        name,
        required: false,
    }
}

/// What every document has.
const FRAME: &[Blank] = &[
    must("title", "文书名称"),
    must("number", "文号"),
    must("date", "日期"),
    must("organ.name", "机关名称"),
    must("party.name", "当事人名称"),
    must("party.uscc", "统一社会信用代码"),
];

const ADDRESS: &[Blank] = &[
    must("party.address", "住所"),
    must("party.legal_representative", "法定代表人姓名"),
];

const NO_ADDRESS: &[Blank] = &[
    may("party.address", "住所"),
    may("party.legal_representative", "法定代表人姓名"),
];

const CONTACT: &[Blank] = &[
    must("contact.address", "联系地址"),
    must("contact.phone", "联系电话"),
];

const REMEDIES: &[Blank] = &[
    must("remedies.review_organ", "行政复议机关"),
    must("remedies.review_within", "申请行政复议的期限"),
    must("remedies.court", "有管辖权的人民法院"),
    must("remedies.sue_within", "提起行政诉讼的期限"),
];

const FINDINGS: &[Blank] = &[
    must("list_name", "名单名称"),
    may("severity", "失信严重程度"),
    must("facts", "认定的事实"),
    must("evidence", "证据"),
    must("reason", "列入事由"),
    must("clauses", "法律依据（条款）"),
    must("measures", "失信惩戒措施提示"),
    must("measures.title", "措施名称"),
    must("measures.basis", "措施所引清单条目"),
];

const NOTICE: &[Blank] = &[
    must("display_period", "公示期限"),
    must("window", "陈述申辩期限"),
    may("hearing", "听证权利"),
];

const DECISION: &[Blank] = &[
    must("notice_number", "事先告知书文号"),
    must("heard", "陈述申辩及采纳情况"),
    must("listed_on", "列入日期"),
    must("display_from", "公示起始日期"),
    must("display_until", "最长公示期届满日期"),
    may("display_min_until", "最短公示期届满日期"),
    must("removal_conditions", "移出条件"),
    must("removal_procedure", "移出程序"),
    must("repair_route", "信用修复途径"),
    must("repair_notice_number", "信用修复告知书文号"),
];

const REPAIR_NOTICE: &[Blank] = &[
    must("decision_name", "决定书名称"),
    must("list_name", "名单名称"),
    must("display_until", "最长公示期届满日期"),
    may("display_min_until", "最短公示期届满日期"),
    must("conditions", "信用修复条件"),
    must("materials", "申请材料"),
    must("route", "信用修复途径"),
    must("accept_within", "受理期限"),
    must("answer_within", "反馈期限"),
];

const REMOVAL: &[Blank] = &[
    must("decision_number", "列入决定书文号"),
    must("list_name", "名单名称"),
    must("listed_on", "列入日期"),
    must("removed_on", "移出日期"),
    must("reason", "移出事由"),
    must("clauses", "法律依据（条款）"),
    may("measures_ended", "措施解除情况"),
];

const NOT_LISTED: &[Blank] = &[
    must("notice_number", "事先告知书文号"),
    must("list_name", "名单名称"),
    must("facts", "查明的事实"),
    must("heard", "陈述申辩及采纳情况"),
    must("reason", "不予列入的理由"),
    must("clauses", "法律依据（条款）"),
];

const REVOCATION: &[Blank] = &[
    must("decision_number", "列入决定书文号"),
    must("list_name", "名单名称"),
    must("listed_on", "列入日期"),
    must("revoked_on", "撤销日期"),
    must("reason", "撤销理由"),
    must("explanation", "公开说明"),
    must("clauses", "法律依据（条款）"),
    must("withdraw_within", "撤下公示的期限"),
];

const RECORD_NOTICE: &[Blank] = &[
    must("records", "记分记录"),
    must("records.occurred_on", "行为日期"),
    may("records.project", "项目名称"),
    must("records.facts", "事实"),
    must("records.clause", "记分条款"),
    must("records.points", "分值"),
    may("records.rectify_by", "整改期限"),
    must("objection_within", "提出异议的期限"),
    must("objection_route", "提出异议的途径"),
];

impl Kind {
    pub const ALL: [Self; 7] = [
        Self::Notice,
        Self::Decision,
        Self::RepairNotice,
        Self::Removal,
        Self::NotListed,
        Self::Revocation,
        Self::RecordNotice,
    ];

    /// The code in files, in the database and in interfaces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Decision => "decision",
            Self::RepairNotice => "repair_notice",
            Self::Removal => "removal",
            Self::NotListed => "not_listed",
            Self::Revocation => "revocation",
            Self::RecordNotice => "record_notice",
        }
    }

    /// What it is issued for.
    pub fn matter(self) -> MatterKind {
        match self {
            Self::RecordNotice => MatterKind::Record,
            _ => MatterKind::Entry,
        }
    }

    /// Its blanks, in the order in which a form asks for them.
    pub fn blanks(self) -> Vec<Blank> {
        let own: &[&[Blank]] = match self {
            Self::Notice => &[NO_ADDRESS, FINDINGS, NOTICE, CONTACT],
            Self::Decision => &[ADDRESS, FINDINGS, DECISION, REMEDIES],
            Self::RepairNotice => &[NO_ADDRESS, REPAIR_NOTICE, CONTACT],
            Self::Removal => &[NO_ADDRESS, REMOVAL, REMEDIES],
            Self::NotListed => &[NO_ADDRESS, NOT_LISTED],
            Self::Revocation => &[NO_ADDRESS, REVOCATION],
            Self::RecordNotice => &[NO_ADDRESS, RECORD_NOTICE, CONTACT],
        };
        FRAME
            .iter()
            .chain(own.iter().copied().flatten())
            .copied()
            .collect()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(word: &str) -> Result<Self, KindError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| KindError(word.to_owned()))
    }
}
