//! Why a step is refused. Officers read these, so they are in Chinese.

use std::fmt;

use chrono::{DateTime, Utc};

use super::{action::Role, text::Text, types::Severity};
use crate::domain::{CalendarError, Day};

/// Names of the states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateName {
    Proposed,
    Noticed,
    Decided,
    Published,
    Removed,
    Dropped,
    NotListed,
    Revoked,
}

impl StateName {
    pub const ALL: [Self; 8] = [
        Self::Proposed,
        Self::Noticed,
        Self::Decided,
        Self::Published,
        Self::Removed,
        Self::Dropped,
        Self::NotListed,
        Self::Revoked,
    ];

    /// The code used in the database and in interfaces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Noticed => "noticed",
            Self::Decided => "decided",
            Self::Published => "published",
            Self::Removed => "removed",
            Self::Dropped => "dropped",
            Self::NotListed => "not_listed",
            Self::Revoked => "revoked",
        }
    }

    pub fn chinese(self) -> &'static str {
        match self {
            Self::Proposed => "已提请",
            Self::Noticed => "已告知",
            Self::Decided => "已决定",
            Self::Published => "公示中",
            Self::Removed => "已移出",
            Self::Dropped => "已终止",
            Self::NotListed => "不予列入",
            Self::Revoked => "已撤销",
        }
    }
}

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.chinese())
    }
}

/// Why a step is refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    #[error("名单条目{state}，不能{action}")]
    State {
        state: StateName,
        action: &'static str,
    },
    #[error("{}不能{action}", .role.chinese())]
    Role { role: Role, action: &'static str },
    #[error("「{actor}」已经办过本条目，{action}须由另一人办理")]
    SamePerson { actor: Text, action: &'static str },
    #[error("条目属于名单「{entry}」，不能按名单「{given}」办理")]
    OtherList { entry: String, given: String },
    #[error("名单「{list}」未启用")]
    Disabled { list: String },
    #[error("名单「{list}」在 {day} 没有有效的设列依据")]
    NoBasis { list: String, day: Day },
    #[error("名单「{list}」没有为{}设公示期限", severity_word(.severity))]
    Severity {
        list: String,
        severity: Option<Severity>,
    },
    #[error("未写明所依据的条款")]
    NoClause,
    #[error("操作时间 {now} 早于上一步 {last}")]
    ClockBack {
        now: DateTime<Utc>,
        last: DateTime<Utc>,
    },
    #[error("尚未经法制审核，不能送达事先告知书")]
    NotReviewed,
    #[error("已经办过{action}，不能再办一次")]
    Again { action: &'static str },
    #[error("送达日期 {delivered_on} 应在 {from} 至 {until} 之间")]
    DeliveryDay {
        delivered_on: Day,
        from: Day,
        until: Day,
    },
    #[error("告知书于 {served_on} 才视为送达，此前不能登记放弃")]
    WaiverBeforeService { served_on: Day },
    #[error("陈述申辩期至 {window_end} 日终了，此前不能决定（当事人书面放弃的除外）")]
    WindowOpen { window_end: Day },
    #[error("决定的严重程度{}重于告知的{}", severity_word(.decided), severity_word(.noticed))]
    Heavier {
        noticed: Option<Severity>,
        decided: Option<Severity>,
    },
    #[error("公示至 {until}，应在 {min} 至 {max} 之间")]
    Term { until: Day, min: Day, max: Day },
    #[error("{}失信信息以不公示为原则；确需公示的，应写明依据", severity_word(.0))]
    NotPublished(Option<Severity>),
    #[error("决定书于 {served_on} 才视为送达，此前不能公示")]
    DecisionNotServed { served_on: Day },
    #[error("未随决定书送达信用修复告知书")]
    NoRepairNotice,
    #[error("公示期至 {until} 已满，不能再公示")]
    DisplayOver { until: Day },
    #[error("公示期至 {until} 日终了，此前不能到期移出")]
    NotExpired { until: Day },
    #[error("最短公示期至 {min_until} 日终了，此前不能修复移出")]
    BeforeMinimum { min_until: Day },
    #[error("未公示的条目不适用信用修复")]
    NothingToRepair,
    #[error("没有待审批的移出申请")]
    NoExitRequest,
    #[error("没有待答复的异议")]
    NoDispute,
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

fn severity_word(severity: &Option<Severity>) -> &'static str {
    severity.map_or("守信", Severity::as_str)
}
