//! What a complaint is, and the states it is in.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Text;
use crate::domain::{Day, Deadline, Region, RegionLevel, Uscc};

/// How a complaint came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 窗口
    Window,
    /// 电话
    Phone,
    /// 12345 政务服务便民热线
    #[serde(rename = "12345")]
    Hotline,
    /// 网络
    Online,
    /// 转办: from another body
    Referred,
}

/// A text that is no channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "投诉渠道「{0}」不存在，应为 window（窗口）、phone（电话）、12345、online（网络）或 referred（转办）"
)]
pub struct ChannelError(pub String);

impl Channel {
    pub const ALL: [Self; 5] = [
        Self::Window,
        Self::Phone,
        Self::Hotline,
        Self::Online,
        Self::Referred,
    ];

    /// The code used in files and interfaces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Window => "window",
            Self::Phone => "phone",
            Self::Hotline => "12345",
            Self::Online => "online",
            Self::Referred => "referred",
        }
    }

    pub fn chinese(self) -> &'static str {
        match self {
            Self::Window => "窗口",
            Self::Phone => "电话",
            Self::Hotline => "12345",
            Self::Online => "网络",
            Self::Referred => "转办",
        }
    }

    /// Reads the code or the Chinese word.
    pub fn parse(raw: &str) -> Result<Self, ChannelError> {
        let text = raw.trim();
        Self::ALL
            .into_iter()
            .find(|known| known.as_str() == text || known.chinese() == text)
            .ok_or_else(|| ChannelError(text.to_owned()))
    }
}

/// Whether what was complained of was so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// 属实
    Justified,
    /// 部分属实
    Partly,
    /// 不属实
    Unjustified,
}

impl Finding {
    pub const ALL: [Self; 3] = [Self::Justified, Self::Partly, Self::Unjustified];

    pub fn chinese(self) -> &'static str {
        match self {
            Self::Justified => "属实",
            Self::Partly => "部分属实",
            Self::Unjustified => "不属实",
        }
    }

    /// Whether there is something to hold against the company.
    pub fn holds(self) -> bool {
        self != Self::Unjustified
    }
}

/// What the complainant said when asked again (回访).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitOutcome {
    /// 满意
    Satisfied,
    /// 不满意
    Dissatisfied,
    /// 未联系上
    NotReached,
}

impl VisitOutcome {
    pub const ALL: [Self; 3] = [Self::Satisfied, Self::Dissatisfied, Self::NotReached];

    pub fn chinese(self) -> &'static str {
        match self {
            Self::Satisfied => "满意",
            Self::Dissatisfied => "不满意",
            Self::NotReached => "未联系上",
        }
    }
}

/// A mediation that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mediation {
    pub agreed: bool,
    /// The agreement (调解协议), or why there is none.
    pub protocol: Text,
    pub on: Day,
}

/// Not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Id of the ground.
    pub ground: String,
    /// As the ground said when it was refused.
    pub in_scope: bool,
    pub reason: Text,
    pub on: Day,
}

/// Accepted by the office that has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    pub on: Day,
    /// Until when it has to be handled: from acceptance, or from the reopening.
    pub handle: Deadline,
    /// The last mediation since.
    pub mediation: Option<Mediation>,
    /// How often it was reopened at this office.
    pub reopened: u32,
}

/// Handled (办结).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handling {
    pub finding: Finding,
    pub result: Text,
    /// What the company had to do.
    pub measures: Option<Text>,
    pub on: Day,
    /// Who handled it; somebody else closes it.
    pub by: String,
}

/// The complainant was asked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub outcome: VisitOutcome,
    pub remark: Option<Text>,
    pub on: Day,
}

/// Where a complaint is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// 待受理
    Received,
    /// 不予受理
    Refused { refusal: Refusal },
    /// 办理中
    Accepted { accepted: Accepted },
    /// 已办结，待回访
    Handled {
        accepted: Accepted,
        handling: Handling,
    },
    /// 已回访
    Visited {
        accepted: Accepted,
        handling: Handling,
        visit: Visit,
    },
    /// 已结案
    Closed {
        accepted: Accepted,
        handling: Handling,
        visit: Option<Visit>,
        reason: Text,
        on: Day,
    },
    /// 已移送: another body has it, outside this system.
    Transferred { body: Text, reason: Text, on: Day },
}

/// Names of the states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateName {
    Received,
    Refused,
    Accepted,
    Handled,
    Visited,
    Closed,
    Transferred,
}

impl StateName {
    pub const ALL: [Self; 7] = [
        Self::Received,
        Self::Refused,
        Self::Accepted,
        Self::Handled,
        Self::Visited,
        Self::Closed,
        Self::Transferred,
    ];

    /// The code used in the database and in interfaces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Refused => "refused",
            Self::Accepted => "accepted",
            Self::Handled => "handled",
            Self::Visited => "visited",
            Self::Closed => "closed",
            Self::Transferred => "transferred",
        }
    }

    pub fn chinese(self) -> &'static str {
        match self {
            Self::Received => "待受理",
            Self::Refused => "不予受理",
            Self::Accepted => "办理中",
            Self::Handled => "已办结，待回访",
            Self::Visited => "已回访",
            Self::Closed => "已结案",
            Self::Transferred => "已移送",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == raw)
    }
}

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.chinese())
    }
}

impl State {
    pub fn name(&self) -> StateName {
        match self {
            Self::Received => StateName::Received,
            Self::Refused { .. } => StateName::Refused,
            Self::Accepted { .. } => StateName::Accepted,
            Self::Handled { .. } => StateName::Handled,
            Self::Visited { .. } => StateName::Visited,
            Self::Closed { .. } => StateName::Closed,
            Self::Transferred { .. } => StateName::Transferred,
        }
    }

    /// The acceptance by the office that has it, if there is one.
    pub fn accepted(&self) -> Option<&Accepted> {
        match self {
            Self::Accepted { accepted }
            | Self::Handled { accepted, .. }
            | Self::Visited { accepted, .. }
            | Self::Closed { accepted, .. } => Some(accepted),
            Self::Received | Self::Refused { .. } | Self::Transferred { .. } => None,
        }
    }

    /// The result, if there is one that was not reopened.
    pub fn handling(&self) -> Option<&Handling> {
        match self {
            Self::Handled { handling, .. }
            | Self::Visited { handling, .. }
            | Self::Closed { handling, .. } => Some(handling),
            _ => None,
        }
    }

    pub fn visit(&self) -> Option<&Visit> {
        match self {
            Self::Visited { visit, .. } => Some(visit),
            Self::Closed { visit, .. } => visit.as_ref(),
            _ => None,
        }
    }
}

/// The office that has it, since when, and until when it has to accept or refuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    pub office: Region,
    pub received_on: Day,
    pub accept: Deadline,
}

/// A complaint as it is received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reception {
    pub id: String,
    pub company: Option<Uscc>,
    pub project: Option<String>,
    pub channel: Channel,
    /// Number of the work order at the source (工单号): one is not entered twice.
    pub reference: Option<String>,
    /// Id of the category.
    pub category: String,
    pub text: Text,
    /// Whether there is a contact that can be asked again.
    pub reachable: bool,
    pub office: Region,
    pub received_on: Day,
}

/// A complaint. The complainant is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    pub id: String,
    pub company: Option<Uscc>,
    pub project: Option<String>,
    pub channel: Channel,
    pub reference: Option<String>,
    pub category: String,
    /// As the category said when it was received.
    pub mediable: bool,
    pub text: Text,
    pub reachable: bool,
    /// By the first office.
    pub received_on: Day,
    pub desk: Desk,
    /// The offices that had it before, in their order.
    pub before: Vec<Region>,
    pub state: State,
    /// Id of the record that it led to.
    pub record: Option<String>,
    pub changed_at: DateTime<Utc>,
}

impl Complaint {
    /// The level of the office that has it.
    pub fn level(&self) -> RegionLevel {
        self.desk.office.level()
    }
}

/// The code of a level in interfaces.
pub fn level_code(level: RegionLevel) -> &'static str {
    match level {
        RegionLevel::City => "city",
        RegionLevel::County => "county",
        RegionLevel::Street => "street",
        RegionLevel::Community => "community",
    }
}

/// A level in words.
pub fn level_title(level: RegionLevel) -> &'static str {
    match level {
        RegionLevel::City => "市",
        RegionLevel::County => "区县",
        RegionLevel::Street => "街道",
        RegionLevel::Community => "社区",
    }
}
