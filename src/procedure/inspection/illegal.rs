//! Why a step of a visit is refused. Officers read these, so they are in Chinese.

use chrono::{DateTime, Utc};

use super::{case::State, report::ResultCode};
use crate::domain::{CalendarError, Day, Points};

/// Why a step is refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    #[error("检查目前是「{}」，不能{step}", .state.chinese())]
    State { state: State, step: &'static str },
    #[error("只有抽取的执法人员（{}）或者经批准的替换人员可以{step}", .team.join("、"))]
    NotYours {
        step: &'static str,
        team: Vec<String>,
    },
    #[error("「{0}」已经确认过，应由另一名执法人员确认")]
    AlreadyConfirmed(String),
    #[error("「{0}」登记或者见证过拒绝签字，应由另一名执法人员见证")]
    AlreadyWitnessed(String),
    #[error("「{0}」参加过这次检查，撤销须由另一人办理")]
    TookPart(String),
    #[error("检查应在 {from} 至 {until} 之间进行，今天是 {today}")]
    Window { from: Day, until: Day, today: Day },
    #[error("抽取结果已经公开，被抽对象已知，不能再开始检查；没有检查的应登记未能检查并写明原因")]
    Revealed,
    #[error("检查结果已经公开，不能再{step}；确有错误的，可以撤销检查")]
    Published { step: &'static str },
    #[error("时间倒退：上一步在 {before}，现在是 {now}")]
    ClockBack {
        before: DateTime<Utc>,
        now: DateTime<Utc>,
    },
    #[error("「{officer}」的执法证件已于 {until} 到期或者已不在岗，不能检查，应先批准替换")]
    Certificate { officer: String, until: Day },
    #[error("任务涉及的检查条目为空，不能检查")]
    NothingToCheck,
    #[error("登记的检查结果有{}处需要更正", .0.len())]
    Report(Vec<ReportFault>),
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

impl Illegal {
    /// Whether it is the person, not the state, that stands against it.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::NotYours { .. }
                | Self::AlreadyConfirmed(_)
                | Self::AlreadyWitnessed(_)
                | Self::TookPart(_)
        )
    }
}

/// What is wrong with one place of what was entered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportFault {
    #[error("任务不涉及条目「{item}」")]
    UnknownItem { line: usize, item: String },
    #[error("条目「{item}」写了两次")]
    Twice { line: usize, item: String },
    #[error("条目「{item}」没有检查结果")]
    Unanswered { item: String },
    #[error("分值由评分规则确定，不能另写")]
    PointsNotChosen { line: usize },
    #[error("须写明分值")]
    NoPoints { line: usize },
    #[error("分值 {given} 应在 {min} 至 {max} 之间")]
    PointsRange {
        line: usize,
        given: Points,
        min: Points,
        max: Points,
    },
    #[error("须写明检查结果")]
    NoCode,
    #[error("「未发现问题」不能与其他结果并用")]
    NotAlone,
    #[error("有不一致的条目，检查结果却没有写明发现了问题")]
    Unexplained,
    #[error("检查结果「{}」与检查条目矛盾", .0.chinese())]
    Contradiction(ResultCode),
    #[error("整改期限 {days} 个工作日应在 1 至 {longest} 之间")]
    RectifyRange { days: u32, longest: u32 },
    #[error("责令改正须写明整改期限")]
    NoRectifyTime,
    #[error("没有责令改正，不能写整改期限")]
    NotOrdered,
    #[error("内容含{what}（{shown}），请删除")]
    Personal {
        pointer: String,
        what: &'static str,
        shown: String,
    },
}

impl ReportFault {
    /// Where it is, as a JSON pointer into what was entered.
    pub fn pointer(&self) -> String {
        match self {
            Self::UnknownItem { line, .. } | Self::Twice { line, .. } => {
                format!("/lines/{line}/item")
            }
            Self::Unanswered { .. } => "/lines".to_owned(),
            Self::PointsNotChosen { line }
            | Self::NoPoints { line }
            | Self::PointsRange { line, .. } => format!("/lines/{line}/finding/points"),
            Self::NoCode | Self::NotAlone | Self::Unexplained | Self::Contradiction(_) => {
                "/codes".to_owned()
            }
            Self::RectifyRange { .. } | Self::NoRectifyTime | Self::NotOrdered => {
                "/rectify_within".to_owned()
            }
            Self::Personal { pointer, .. } => pointer.clone(),
        }
    }
}
