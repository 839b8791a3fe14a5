//! Who may do what. The one table; every use case asks it and nothing else decides.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{MatterKind, Region};

/// Roles of the people and programs that hold a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 录入: enters records and proposes.
    Officer,
    /// 复核: confirms, corrects and revokes records that another entered. No part in lists.
    Reviewer,
    /// 法制: reviews the legality of proposals, enters the legal basis of a list.
    Legal,
    /// 决定: decides to list or not to, and what becomes of an entry after that.
    Decider,
    /// 发布: lets decided entries out and withdraws them.
    Publisher,
    /// 审计管理: reads everything, the audit trail too, and changes nothing.
    Auditor,
    /// 系统管理: accounts. No part in records or lists, so that nobody can grant themselves a decision.
    Admin,
    /// 安全管理: approves accounts that 系统管理 made, hands over passwords, unlocks. No part in records or lists either.
    Security,
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    EnterRecord,
    ConfirmRecord,
    CorrectRecord,
    RevokeRecord,
    RectifyRecord,
    ReadRecord,
    ReadEntry,
    /// Propose, issue and serve documents, register what comes in from the company, request an exit.
    HandleEntry,
    /// The legal review of a proposal, or its end.
    ReviewEntry,
    /// Decide, settle an objection, approve or refuse an exit.
    DecideEntry,
    PublishEntry,
    /// Enter a legal basis for a list, or take it back.
    EnterBasis,
    /// Approve a legal basis that another entered.
    ApproveBasis,
    RunPublisher,
    ReadAudit,
    /// Make accounts, which can do nothing yet; end them.
    ManageAccounts,
    /// Approve an account that another made, hand over passwords, take second factors away, unlock, end.
    ApproveAccount,
    /// Make the account of a company whose letter of authority was checked.
    MakeCompanyAccount,
    /// Scheduled jobs and how their runs went.
    ReadJobs,
    /// The board of running periods, of the kinds of matter that the role may read.
    ReadDeadlines,
    /// Documents likewise: of entries who may read entries, of records who may read records.
    IssueDocument,
    VoidDocument,
    ReadDocument,
    /// Issue and serve the notice of a record, register objections, withdrawals and reports of rectification.
    HandleRecord,
    /// Uphold or reject an objection to a record.
    ExamineObjection,
    /// Accept or refuse a rectification, extend its time.
    CheckRectification,
    /// Attach a file to a record.
    AttachFile,
    EnterComplaint,
    /// Accept, mediate, handle, ask again, escalate, transfer, propose a record.
    HandleComplaint,
    /// Refuse, reopen, close.
    ReviewComplaint,
    ReadComplaint,
    /// Read who complained and how to reach them; at the handling office alone.
    ReadContact,
    /// What comparisons with the platform found.
    ReadComparison,
    /// Answer for what a comparison found.
    SignComparison,
    /// Keep the libraries of spot checks, prepare plans and tasks, commit, observe, reveal, ask for substitutes and redraws.
    PrepareCheck,
    /// Approve a substitute or a redraw that another asked for; freeze a plan or an amendment that another prepared.
    ApproveCheck,
    /// Libraries, tasks and who was drawn.
    ReadCheck,
    /// Visit a drawn object: the officers of its team alone.
    Inspect,
    /// Take a visit back that others made.
    AnnulVisit,
}

impl Role {
    pub const ALL: [Self; 8] = [
        Self::Officer,
        Self::Reviewer,
        Self::Legal,
        Self::Decider,
        Self::Publisher,
        Self::Auditor,
        Self::Admin,
        Self::Security,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::Reviewer => "reviewer",
            Self::Legal => "legal",
            Self::Decider => "decider",
            Self::Publisher => "publisher",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
            Self::Security => "security",
        }
    }

    /// In words, for pages.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Officer => "录入、经办",
            Self::Reviewer => "复核",
            Self::Legal => "法制审核",
            Self::Decider => "决定",
            Self::Publisher => "发布",
            Self::Auditor => "审计管理员",
            Self::Admin => "系统管理员",
            Self::Security => "安全管理员",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == raw)
    }

    /// The table.
    pub fn may(self, action: Action) -> bool {
        use Action::*;
        match self {
            Self::Officer => matches!(
                action,
                EnterRecord
                    | RectifyRecord
                    | ReadRecord
                    | ReadEntry
                    | HandleEntry
                    | ReadDeadlines
                    | IssueDocument
                    | ReadDocument
                    | HandleRecord
                    | AttachFile
                    | EnterComplaint
                    | HandleComplaint
                    | ReadComplaint
                    | ReadContact
                    | PrepareCheck
                    | ReadCheck
                    | MakeCompanyAccount
                    | Inspect
            ),
            Self::Reviewer => matches!(
                action,
                ConfirmRecord
                    | CorrectRecord
                    | RevokeRecord
                    | ReadRecord
                    | ReadDeadlines
                    | IssueDocument
                    | ExamineObjection
                    | CheckRectification
                    | AttachFile
                    | VoidDocument
                    | ReadDocument
                    | ReviewComplaint
                    | ReadComplaint
                    | ApproveCheck
                    | ReadCheck
                    | AnnulVisit
            ),
            Self::Legal => matches!(
                action,
                ReadRecord
                    | ReadEntry
                    | ReviewEntry
                    | EnterBasis
                    | ApproveBasis
                    | ReadDeadlines
                    | ReadDocument
            ),
            Self::Decider => matches!(
                action,
                ReadRecord
                    | ReadEntry
                    | DecideEntry
                    | SignComparison
                    | ApproveBasis
                    | ReadDeadlines
                    | VoidDocument
                    | ReadDocument
            ),
            Self::Publisher => matches!(
                action,
                ReadEntry
                    | PublishEntry
                    | RunPublisher
                    | ReadJobs
                    | ReadDeadlines
                    | ReadDocument
                    | ReadComparison
                    | SignComparison
            ),
            Self::Auditor => matches!(
                action,
                ReadRecord
                    | ReadEntry
                    | ReadComplaint
                    | ReadAudit
                    | ReadJobs
                    | ReadDeadlines
                    | ReadDocument
                    | ReadComparison
                    | ReadCheck
            ),
            Self::Admin => matches!(action, ManageAccounts | ReadJobs),
            Self::Security => matches!(action, ApproveAccount),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Action {
    pub const ALL: [Self; 39] = [
        Self::EnterRecord,
        Self::ConfirmRecord,
        Self::CorrectRecord,
        Self::RevokeRecord,
        Self::RectifyRecord,
        Self::ReadRecord,
        Self::ReadEntry,
        Self::HandleEntry,
        Self::ReviewEntry,
        Self::DecideEntry,
        Self::PublishEntry,
        Self::EnterBasis,
        Self::ApproveBasis,
        Self::RunPublisher,
        Self::ReadAudit,
        Self::ManageAccounts,
        Self::ApproveAccount,
        Self::MakeCompanyAccount,
        Self::ReadJobs,
        Self::ReadDeadlines,
        Self::IssueDocument,
        Self::VoidDocument,
        Self::ReadDocument,
        Self::HandleRecord,
        Self::ExamineObjection,
        Self::CheckRectification,
        Self::AttachFile,
        Self::EnterComplaint,
        Self::HandleComplaint,
        Self::ReviewComplaint,
        Self::ReadComplaint,
        Self::ReadContact,
        Self::ReadComparison,
        Self::SignComparison,
        Self::PrepareCheck,
        Self::ApproveCheck,
        Self::ReadCheck,
        Self::Inspect,
        Self::AnnulVisit,
    ];

    /// In words, for the refusal that a person reads.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::EnterRecord => "录入记录",
            Self::ConfirmRecord => "认定记录",
            Self::CorrectRecord => "更正记录",
            Self::RevokeRecord => "撤销记录",
            Self::RectifyRecord => "登记整改",
            Self::ReadRecord => "查看记录",
            Self::ReadEntry => "查看名单事项",
            Self::HandleEntry => "经办名单事项",
            Self::ReviewEntry => "对名单事项作法制审核",
            Self::DecideEntry => "决定名单事项",
            Self::PublishEntry => "公示名单",
            Self::EnterBasis => "录入名单设列依据",
            Self::ApproveBasis => "批准名单设列依据",
            Self::RunPublisher => "推送名单",
            Self::ReadAudit => "查看审计记录",
            Self::ManageAccounts => "管理账号",
            Self::ApproveAccount => "批准账号",
            Self::MakeCompanyAccount => "登记企业账号",
            Self::ReadJobs => "查看定时任务",
            Self::ReadDeadlines => "查看期限",
            Self::IssueDocument => "出具文书",
            Self::VoidDocument => "作废文书",
            Self::ReadDocument => "查看文书",
            Self::HandleRecord => "办理记录的告知、异议和整改登记",
            Self::ExamineObjection => "核查异议",
            Self::CheckRectification => "复核整改",
            Self::AttachFile => "上传附件",
            Self::EnterComplaint => "登记投诉",
            Self::HandleComplaint => "办理投诉",
            Self::ReviewComplaint => "复核投诉",
            Self::ReadComplaint => "查看投诉",
            Self::ReadContact => "查看投诉人联系方式",
            Self::ReadComparison => "查看平台对账",
            Self::SignComparison => "签认平台对账",
            Self::PrepareCheck => "办理抽查",
            Self::ApproveCheck => "批准抽查替换或者重抽",
            Self::ReadCheck => "查看抽查",
            Self::Inspect => "实施抽查检查",
            Self::AnnulVisit => "撤销抽查检查",
        }
    }
}

/// Somebody who acts: the holder of a token, or the system itself in a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub id: String,
    pub role: Role,
    /// The division this account works for; absent: the whole city.
    pub region: Option<Region>,
}

/// Why an actor may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{}角色无权{}", role.chinese(), action.chinese())]
    Role { role: Role, action: Action },
    #[error("账号只能处理 {own} 辖区内的事项，该事项属于 {other}")]
    Region { own: Region, other: String },
    #[error("{own} 级账号不能{}：该条目应由 {allowed} 级办理", action.chinese())]
    Level {
        action: Action,
        own: &'static str,
        allowed: String,
    },
    #[error("{}须由另一人办理：{actor} 已参与前一环节", action.chinese())]
    SamePerson { actor: String, action: Action },
    #[error("投诉人联系方式仅供办理单位 {0} 查看")]
    Contact(Region),
}

impl Actor {
    /// Whether this actor may do this to something of that division.
    pub fn check(&self, action: Action, region: Option<&Region>) -> Result<(), Refusal> {
        if !self.role.may(action) {
            return Err(Refusal::Role {
                role: self.role,
                action,
            });
        }
        match (&self.region, region) {
            (Some(own), Some(other)) if !own.contains(other) => Err(Refusal::Region {
                own: own.clone(),
                other: other.to_string(),
            }),
            (Some(own), None) => Err(Refusal::Region {
                own: own.clone(),
                other: "未登记辖区".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Whether this role reads matters of a kind at all. Complaints are read by whoever reads records.
    pub fn reads(&self, kind: MatterKind) -> bool {
        self.role.may(match kind {
            MatterKind::Entry => Action::ReadEntry,
            MatterKind::Record | MatterKind::Complaint => Action::ReadRecord,
            MatterKind::Check => Action::ReadCheck,
        })
    }

    /// As [`Actor::check`], of something about a matter of a kind that this role has to be able to read.
    pub fn check_about(
        &self,
        action: Action,
        kind: MatterKind,
        region: Option<&Region>,
    ) -> Result<(), Refusal> {
        if !self.reads(kind) {
            return Err(Refusal::Role {
                role: self.role,
                action,
            });
        }
        self.check(action, region)
    }

    /// Maker and checker are two people.
    pub fn differs_from(&self, other: &str, action: Action) -> Result<(), Refusal> {
        if self.id == other {
            return Err(Refusal::SamePerson {
                actor: self.id.clone(),
                action,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
