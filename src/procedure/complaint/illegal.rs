//! Why a step is refused, and what would be possible instead. Officers read these, so they are in Chinese.

use chrono::{DateTime, Utc};

use super::{Capacity, StateName, StepName};
use crate::domain::{Day, DeadlineError, Region};

/// A step that is not lawful; nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}。{}", instead(.possible))]
pub struct Illegal {
    pub why: Why,
    /// What could be done with the complaint as it is, by the office that has it.
    pub possible: Vec<StepName>,
}

fn instead(possible: &[StepName]) -> String {
    if possible.is_empty() {
        return "该投诉已无可办的环节".to_owned();
    }
    let words: Vec<&str> = possible.iter().map(|step| step.chinese()).collect();
    format!("目前可以：{}", words.join("、"))
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    #[error("投诉{state}，不能{}", .step.chinese())]
    State { state: StateName, step: StepName },
    #[error("{}不能{}", .capacity.chinese(), .step.chinese())]
    Capacity { capacity: Capacity, step: StepName },
    #[error("投诉由 {office} 办理，其他单位不能{}", .step.chinese())]
    Office { office: Region, step: StepName },
    #[error("「{actor}」已办理该投诉，{}须由另一人办理", .step.chinese())]
    SamePerson { actor: String, step: StepName },
    #[error("操作时间 {now} 早于上一步 {last}")]
    ClockBack {
        now: DateTime<Utc>,
        last: DateTime<Utc>,
    },
    #[error("收到日期 {received_on} 晚于今天 {today}")]
    Future { received_on: Day, today: Day },
    #[error("投诉类别「{0}」不存在")]
    NoCategory(String),
    #[error("不予受理的理由「{0}」不存在")]
    NoGround(String),
    #[error("该类投诉不适合调解")]
    NotMediable,
    #[error("已达成调解协议，不能再次调解")]
    Agreed,
    #[error("市级投诉没有上一级可以上报")]
    TopLevel,
    #[error("回访结果不是「不满意」，不能{}", .0.chinese())]
    NotDissatisfied(StepName),
    #[error("已联系上投诉人并记录回访结果，不能再次回访")]
    VisitedAlready,
    #[error("投诉人留有联系方式，结案前应当回访")]
    VisitFirst,
    #[error("投诉人未留联系方式，无法回访")]
    Anonymous,
    #[error("不能转给办理单位自己")]
    TransferToSelf,
    #[error("{0} 是上级单位，应当上报而不是转办")]
    TransferUp(Region),
    #[error("投诉不属实，不能提出记分建议")]
    Unjustified,
    #[error("该投诉已提出记分建议 {0}")]
    RecordProposed(String),
    #[error(transparent)]
    Deadline(#[from] DeadlineError),
}

impl Illegal {
    /// Whether it is refused for who asks, not for what the complaint is.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self.why,
            Why::Capacity { .. } | Why::Office { .. } | Why::SamePerson { .. }
        )
    }
}
