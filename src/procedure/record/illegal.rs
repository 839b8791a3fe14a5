//! Why a step is refused. Officers read these, so they are in Chinese.

use crate::domain::{CalendarError, Day, DeadlineError, RecordStatus};

/// Why a step is refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    #[error("记录目前是「{}」，不能{step}", .status.chinese())]
    Status {
        status: RecordStatus,
        step: &'static str,
    },
    #[error("告知单「{0}」已经制发，记录未更正前不能再制发")]
    NoticeIssued(String),
    #[error("尚未制发记分告知单，不能登记送达")]
    NoNotice,
    #[error("告知单「{0}」已经登记送达")]
    NoticeServed(String),
    #[error("告知单「{0}」制发后记录已更正，应重新制发")]
    NoticeStale(String),
    #[error("{what} {day} 应在 {from} 至 {until} 之间")]
    Day {
        what: &'static str,
        day: Day,
        from: Day,
        until: Day,
    },
    #[error(
        "异议期限至 {due} 届满，{received_on} 收到的异议已逾期；确有错误的，可依职权更正或撤销记录"
    )]
    Late { received_on: Day, due: Day },
    #[error("异议「{0}」正在核查，答复前不能再提出")]
    ObjectionOpen(String),
    #[error("异议「{0}」已经驳回，不能就同一记录再次提出")]
    ObjectionAnswered(String),
    #[error("没有正在核查的异议，不能{step}")]
    NoObjection { step: &'static str },
    #[error("「{actor}」录入或更正过本记录，{step}须由另一人办理")]
    Maker { actor: String, step: &'static str },
    #[error("「{actor}」认定过本记录，{step}应由另一人办理；确无他人的，须写明理由")]
    Confirmer { actor: String, step: &'static str },
    #[error("「{actor}」已经办过前一环节，{step}须由另一人办理")]
    SamePerson { actor: String, step: &'static str },
    #[error("记录已于 {0} 整改，不能再办理整改")]
    Rectified(Day),
    #[error("整改报告正在复核，复核前不能再报告")]
    RectificationOpen,
    #[error("没有正在复核的整改报告，不能{step}")]
    NoRectification { step: &'static str },
    #[error("记录没有整改期限，不能延长")]
    NoRectifyBy,
    #[error("延长后的整改期限 {given} 应在 {from} 至 {until} 之间")]
    Extension { given: Day, from: Day, until: Day },
    #[error(transparent)]
    Deadline(#[from] DeadlineError),
}

impl From<CalendarError> for Illegal {
    fn from(fault: CalendarError) -> Self {
        Self::Deadline(fault.into())
    }
}
