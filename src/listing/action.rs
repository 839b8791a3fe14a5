//! What people, and the clock, may do to an entry.

use serde::{Deserialize, Serialize};

use super::{
    digest::DocumentDigest,
    document::DecisionParts,
    entry::Method,
    standing::{Correction, Exit, ShieldCause},
    words::words,
};
use crate::domain::{Day, Text};

/// Who acts: a user's stable id, or the name of an automatic job.
pub type ActorId = Text;

/// In which capacity somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The service itself: proposes by the rules, suspends what another list excludes, ends what has run out.
    System,
    /// Handles the case (经办).
    Officer,
    /// Reviews the legality (法制审核).
    LegalReviewer,
    /// Decides (决定).
    Decider,
    /// Makes public (公示发布).
    Publisher,
}

impl Role {
    pub const ALL: [Self; 5] = [
        Self::System,
        Self::Officer,
        Self::LegalReviewer,
        Self::Decider,
        Self::Publisher,
    ];

    pub fn chinese(self) -> &'static str {
        match self {
            Self::System => "系统",
            Self::Officer => "经办人",
            Self::LegalReviewer => "法制审核人",
            Self::Decider => "决定人",
            Self::Publisher => "公示发布人",
        }
    }
}

/// One person in one capacity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    pub id: ActorId,
    pub role: Role,
}

/// Proof that the decision reached the company, without which nothing is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionService {
    pub method: Method,
    /// The day it was delivered; by post, the day on the receipt; by public notice, the day it appeared.
    pub delivered_on: Day,
    pub proof: Text,
    /// Number of the credit repair notice (信用修复告知书) served with it; required on adverse lists.
    #[serde(default)]
    pub repair_notice: Option<Text>,
}

/// What the company sent in: a statement, or a request to be heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionKind {
    /// 陈述、申辩
    Statement,
    /// 听证申请
    Hearing,
}

impl SubmissionKind {
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Statement => "陈述申辩",
            Self::Hearing => "听证申请",
        }
    }
}

words! {
    /// The steps by name: the code of interfaces, and what an officer reads.
    StepName {
        Review = "review" | "法制审核",
        Drop = "drop" | "终止提请",
        IssueNotice = "issue_notice" | "制发事先告知书",
        ServeNotice = "serve_notice" | "登记事先告知书送达",
        ReceiveStatement = "receive_statement" | "登记陈述申辩或听证申请",
        HoldHearing = "hold_hearing" | "登记听证",
        AnswerStatement = "answer_statement" | "书面答复陈述申辩",
        Waive = "waive" | "登记放弃陈述申辩",
        Decide = "decide" | "决定列入",
        DecideNot = "decide_not" | "决定不予列入",
        ApproveHigher = "approve_higher" | "登记上级同意",
        ServeDecision = "serve_decision" | "登记决定书送达",
        Publish = "publish" | "公示",
        Dispute = "dispute" | "标注异议",
        SettleDispute = "settle_dispute" | "答复异议",
        Correct = "correct" | "更正公示内容",
        Shield = "shield" | "屏蔽",
        Unshield = "unshield" | "解除屏蔽",
        RequestExit = "request_exit" | "提请移出",
        AcceptRepair = "accept_repair" | "受理信用修复",
        ExtendRepair = "extend_repair" | "延长修复办理期限",
        ApproveExit = "approve_exit" | "批准移出",
        RefuseExit = "refuse_exit" | "不予移出",
        RequestRestoration = "request_restoration" | "提请恢复列入",
        Restore = "restore" | "决定恢复列入",
        RefuseRestoration = "refuse_restoration" | "不予恢复列入",
        Expire = "expire" | "到期移出",
    }
}

/// One step, with everything it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// The legal review of a proposal is in favour.
    Review {
        opinion: Text,
    },
    /// The proposal is given up before a decision.
    Drop {
        reason: Text,
    },
    /// The prior notice (事先告知书) is made, and not served yet.
    IssueNotice {
        number: Text,
        digest: DocumentDigest,
    },
    /// The prior notice was served; the window runs from here.
    ServeNotice {
        method: Method,
        /// As in [`DecisionService::delivered_on`].
        delivered_on: Day,
        proof: Text,
    },
    /// The company made a statement or asked for a hearing.
    ReceiveStatement {
        kind: SubmissionKind,
        /// Number under which it was registered.
        number: Text,
        received_on: Day,
        digest: DocumentDigest,
    },
    /// The hearing that was asked for was held.
    HoldHearing {
        /// Of the request.
        number: Text,
        held_on: Day,
        /// Number of the minutes (听证笔录).
        minutes: Text,
        digest: DocumentDigest,
    },
    /// A statement or hearing is answered in writing.
    AnswerStatement {
        /// Of the statement or request.
        number: Text,
        /// Number of the answer.
        answer: Text,
        adopted: bool,
        /// Why it was adopted or not.
        reason: Text,
        digest: DocumentDigest,
    },
    /// The company waived statement and hearing in writing.
    Waive {
        /// Of the written waiver.
        number: Text,
        digest: DocumentDigest,
    },
    /// It is decided to list.
    Decide(Box<DecisionParts>),
    /// It is decided not to list.
    DecideNot {
        reason: Text,
    },
    /// The next higher organ agreed (上级同意), where the type of list asks for it.
    ApproveHigher {
        organ: Text,
        number: Text,
        digest: DocumentDigest,
    },
    /// The decision was served.
    ServeDecision(DecisionService),
    /// The decision is made public.
    Publish {
        /// Why an entry that is not published as a rule (轻微) is.
        #[serde(default)]
        exceptionally: Option<Text>,
        digest: DocumentDigest,
    },
    /// An objection (异议) was received: the public entry is marked at once.
    Dispute {
        number: Text,
        /// Other units must help to examine it.
        #[serde(default)]
        joint: bool,
    },
    /// The objection was examined and answered. If it was right the mark stays until the correction or the exit.
    SettleDispute {
        answer: Text,
        upheld: bool,
    },
    /// What the public reads is put right.
    Correct {
        correction: Correction,
        /// Why, for the public.
        explanation: Text,
        number: Text,
        digest: DocumentDigest,
    },
    /// The entry is hidden and its measures rest.
    Shield {
        cause: ShieldCause,
        /// Number of the ruling or decision.
        document: Text,
        #[serde(default)]
        digest: Option<DocumentDigest>,
    },
    /// The reason for hiding it is gone.
    Unshield {
        reason: Text,
    },
    /// An early exit is put forward, to be approved by somebody else.
    RequestExit {
        exit: Exit,
    },
    /// The application for repair is accepted for examination (受理).
    AcceptRepair {
        number: Text,
    },
    /// The examination of a repair takes longer, once.
    ExtendRepair {
        reason: Text,
    },
    ApproveExit {
        number: Text,
        digest: DocumentDigest,
    },
    RefuseExit {
        reason: Text,
    },
    /// A repair was obtained by fraud.
    RequestRestoration {
        fraud: Text,
        digest: DocumentDigest,
    },
    /// The entry comes back, and its period starts again.
    Restore {
        number: Text,
        reason: Text,
        digest: DocumentDigest,
    },
    RefuseRestoration {
        reason: Text,
    },
    /// The longest display is over.
    Expire,
}

impl Action {
    pub fn name(&self) -> StepName {
        match self {
            Self::Review { .. } => StepName::Review,
            Self::Drop { .. } => StepName::Drop,
            Self::IssueNotice { .. } => StepName::IssueNotice,
            Self::ServeNotice { .. } => StepName::ServeNotice,
            Self::ReceiveStatement { .. } => StepName::ReceiveStatement,
            Self::HoldHearing { .. } => StepName::HoldHearing,
            Self::AnswerStatement { .. } => StepName::AnswerStatement,
            Self::Waive { .. } => StepName::Waive,
            Self::Decide(_) => StepName::Decide,
            Self::DecideNot { .. } => StepName::DecideNot,
            Self::ApproveHigher { .. } => StepName::ApproveHigher,
            Self::ServeDecision(_) => StepName::ServeDecision,
            Self::Publish { .. } => StepName::Publish,
            Self::Dispute { .. } => StepName::Dispute,
            Self::SettleDispute { .. } => StepName::SettleDispute,
            Self::Correct { .. } => StepName::Correct,
            Self::Shield { .. } => StepName::Shield,
            Self::Unshield { .. } => StepName::Unshield,
            Self::RequestExit { .. } => StepName::RequestExit,
            Self::AcceptRepair { .. } => StepName::AcceptRepair,
            Self::ExtendRepair { .. } => StepName::ExtendRepair,
            Self::ApproveExit { .. } => StepName::ApproveExit,
            Self::RefuseExit { .. } => StepName::RefuseExit,
            Self::RequestRestoration { .. } => StepName::RequestRestoration,
            Self::Restore { .. } => StepName::Restore,
            Self::RefuseRestoration { .. } => StepName::RefuseRestoration,
            Self::Expire => StepName::Expire,
        }
    }
}
