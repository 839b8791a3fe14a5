//! Why a step is refused. Officers read these, so they are in Chinese.

use chrono::{DateTime, Utc};

use super::{
    action::{Role, StepName},
    document::Part,
    table::StateName,
    types::Severity,
};
use crate::domain::{CalendarError, Day, Text};

/// Why a step is refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    #[error("名单条目{state}，不能{action}")]
    State { state: StateName, action: StepName },
    #[error("{}不能{}", .role.chinese(), .action.map_or("提请", StepName::chinese))]
    Role {
        role: Role,
        /// Absent: to propose.
        action: Option<StepName>,
    },
    #[error("「{actor}」已经办过本条目，{action}须由另一人办理")]
    SamePerson { actor: Text, action: StepName },
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
    #[error("「{field}」含{what}（{shown}），名单事项不得记载身份证号码和电话号码")]
    Personal {
        field: String,
        what: &'static str,
        /// Masked.
        shown: String,
    },
    #[error("姓名「{0}」不像姓名：只记姓名，不记号码")]
    PersonName(Text),
    #[error("尚未经法制审核，不能制发事先告知书")]
    NotReviewed,
    #[error("已经办过{action}，不能再办一次")]
    Again { action: StepName },
    #[error("送达日期 {delivered_on} 应在 {from} 至 {until} 之间")]
    DeliveryDay {
        delivered_on: Day,
        from: Day,
        until: Day,
    },
    #[error("电子送达须有当事人书面同意和收到确认，缺少收到确认")]
    NoConfirmation,
    #[error("陈述申辩期为 {from} 至 {until}，{received_on} 收到的不在期内")]
    OutsideWindow {
        received_on: Day,
        from: Day,
        until: Day,
    },
    #[error("编号「{0}」已登记过")]
    NumberTaken(Text),
    #[error("没有编号为「{0}」的陈述申辩或听证申请")]
    NoSubmission(Text),
    #[error("没有待答复的陈述申辩或听证申请")]
    NothingToAnswer,
    #[error("没有待举行的听证")]
    NoHearing,
    #[error("听证申请「{0}」尚未举行听证，不能答复")]
    NotHeld(Text),
    #[error("陈述申辩或听证申请「{number}」尚未书面答复，不能决定")]
    Unanswered { number: Text },
    #[error("当事人已书面放弃陈述申辩")]
    Waived,
    #[error("告知书于 {served_on} 才视为送达，此前不能登记放弃")]
    WaiverBeforeService { served_on: Day },
    #[error("陈述申辩期至 {window_end} 日终了，此前不能决定（当事人书面放弃的除外）")]
    WindowOpen { window_end: Day },
    #[error("决定的严重程度{}重于告知的{}", severity_word(.decided), severity_word(.noticed))]
    Heavier {
        noticed: Option<Severity>,
        decided: Option<Severity>,
    },
    #[error("决定书不完整或不合规定，缺：{}", parts(.missing))]
    Incomplete { missing: Vec<Part> },
    #[error("决定书日期为 {given}，应为作出决定之日 {today}")]
    Dated { given: Day, today: Day },
    #[error("决定书所述陈述申辩及采纳情况与办理记录不一致")]
    HeardDiffers,
    #[error("名单「{list}」不需要上级同意")]
    NoHigherNeeded { list: String },
    #[error("名单「{list}」的决定须经上级同意后才能送达")]
    NoHigherApproval { list: String },
    #[error("公示至 {until}，应在 {min} 至 {max} 之间")]
    Term { until: Day, min: Day, max: Day },
    #[error("{}失信信息以不公示为原则；确需公示的，应写明依据", severity_word(.0))]
    NotPublished(Option<Severity>),
    #[error("决定书于 {served_on} 才视为送达，此前不能公示")]
    DecisionNotServed { served_on: Day },
    #[error("未随决定书送达信用修复告知书")]
    NoRepairNotice,
    #[error("有待审批的移出申请，不能公示")]
    ExitPending,
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
    #[error("修复申请尚未受理")]
    NotAccepted,
    #[error("待审批的不是已受理的修复申请")]
    NoRepair,
    #[error("更正没有内容")]
    NothingCorrected,
    #[error("更正后公示至 {until}，不能晚于原定的 {before}，也不能早于公示之日 {from}")]
    CorrectedTerm { until: Day, from: Day, before: Day },
    #[error("不能以此事由屏蔽或者解除屏蔽")]
    ShieldCause,
    #[error("不是因信用修复移出的，不能恢复列入")]
    NothingToRestore,
    #[error("没有待审批的恢复列入申请")]
    NoRestoration,
    #[error("没有待答复的异议")]
    NoDispute,
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

fn severity_word(severity: &Option<Severity>) -> &'static str {
    severity.map_or("守信", Severity::as_str)
}

fn parts(missing: &[Part]) -> String {
    let words: Vec<&str> = missing.iter().map(|part| part.chinese()).collect();
    words.join("、")
}
