//! Why a use case did not do what it was asked to.

use crate::{
    domain::{Day, DeadlineError, Uscc},
    draw::{StepFault, year::YearInfeasible},
    listing::Illegal,
    procedure::{complaint, inspection, record},
    rules::{AccountFault, ScoreFault},
    service::{FieldFault, Gap, Refusal, SignInFault},
    store::{FromStore, StoreError, blobs::BlobError},
};

/// A use case that was refused or failed. The text is for the person who asked, in Chinese; what only an operator
/// should see is in the source and goes to the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What was entered cannot be used; each field with what to do about it.
    #[error("提交的内容有{}处需要更正", .0.len())]
    Invalid(Vec<FieldFault>),
    /// The company is not registered here: out of scope, which is not the same as having no record.
    #[error("统一社会信用代码 {0} 不在本系统登记的企业范围内")]
    NotInScope(Uscc),
    /// Registered, and not scored under the rules in force: nothing can be said about it yet.
    #[error("企业 {0} 尚未按现行规则评分，暂时无法查询；这不表示没有相关记录")]
    NotScored(Uscc),
    /// The stored score does not follow from the rules in force: they were changed and it was not computed again yet.
    #[error("企业 {uscc} 的评分正在按现行规则重新计算，暂时不能逐项列出")]
    Stale {
        uscc: Uscc,
        #[source]
        source: AccountFault,
    },
    #[error("没有编号为 {id} 的{what}")]
    Missing { what: &'static str, id: String },
    /// The thing is not in the state the step needs.
    #[error("{what} {id} 目前是「{found}」，不能{step}")]
    WrongState {
        what: &'static str,
        id: String,
        found: &'static str,
        step: &'static str,
    },
    /// Somebody changed it meanwhile.
    #[error("{what} {id} 已被他人修改，请刷新后重试")]
    Changed { what: &'static str, id: String },
    /// The same idempotency key came with another request.
    #[error("幂等键 {0} 已用于另一次内容不同的提交")]
    KeyReused(String),
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// A period that cannot be worked out, or of no known rule.
    #[error(transparent)]
    Deadline(#[from] DeadlineError),
    /// Against the due process of a record.
    #[error(transparent)]
    Undue(#[from] record::Illegal),
    /// A file that is not taken, or cannot be given.
    #[error(transparent)]
    Attachment(#[from] BlobError),
    /// A step of a complaint that is not lawful, and what would be.
    #[error(transparent)]
    Complaint(#[from] complaint::Illegal),
    /// A step of a visit of a spot check that is not lawful.
    #[error(transparent)]
    Visit(#[from] inspection::Illegal),
    /// A code of a visit that is none; read by the company that was shown it.
    #[error("没有对应的检查任务。没有有效的检查码，任何人不得以抽查名义进行检查，企业有权拒绝")]
    NoVisit,
    /// A step of a draw that cannot be taken; the constraint in the way is named.
    #[error(transparent)]
    Draw(#[from] StepFault),
    /// Not let in to the pages.
    #[error(transparent)]
    SignIn(#[from] SignInFault),
    #[error("密码无法处理：{0}")]
    Hashing(String),
    /// A yearly plan that cannot be carried out; the constraint in the way is named.
    #[error("年度计划无法执行：{0}")]
    Plan(#[from] YearInfeasible),
    /// No rule set, or more than one, is in force on the day.
    #[error("{day} 没有唯一有效的评分规则：{gap}")]
    RuleSet { day: Day, gap: Gap },
    /// A rule text that was kept and cannot be read any more.
    #[error("留存的评分规则无法读取：{0}")]
    Rules(String),
    /// Stored data that the rules cannot evaluate. Never "does not match": it has to be mended.
    #[error("库内数据不能按规则 {ruleset} 评分：{}", in_words(.faults))]
    Score {
        ruleset: String,
        faults: Vec<ScoreFault>,
    },
    /// A stored text that this program wrote and cannot read any more.
    #[error("存储的{what}无法读取")]
    Stored {
        what: &'static str,
        source: serde_json::Error,
    },
    /// A template of a document that does not go together with its content.
    #[error("文书模板有误：{0}")]
    Template(String),
    /// The outbox holds something that cannot be sent as it is.
    #[error("推送数据有误：{0}")]
    Feed(String),
    #[error("数据存取失败")]
    Store(#[source] StoreError),
}

fn in_words(faults: &[ScoreFault]) -> String {
    faults
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("；")
}

impl Error {
    /// The same, where what was submitted stands inside something else.
    pub fn under(self, place: &str) -> Self {
        match self {
            Self::Invalid(faults) => {
                let place_of = |fault: FieldFault| FieldFault {
                    pointer: format!("{place}{}", fault.pointer),
                    ..fault
                };
                Self::Invalid(faults.into_iter().map(place_of).collect())
            }
            other => other,
        }
    }
}

impl From<StoreError> for Error {
    fn from(fault: StoreError) -> Self {
        match fault {
            StoreError::Conflict { what, key, .. } => Self::Changed { what, id: key },
            StoreError::Exists {
                what: "request key",
                key,
            } => Self::KeyReused(key),
            other => Self::Store(other),
        }
    }
}

impl FromStore for Error {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(fault) => Some(fault),
            _ => None,
        }
    }
}
