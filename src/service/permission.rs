//! Who may do what. The one table; every use case asks it and nothing else decides.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::Region;

/// Roles of the people and programs that hold a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 录入: enters records and proposes.
    Officer,
    /// 复核: confirms, corrects and revokes what another entered; serves notices and decides.
    Reviewer,
    /// 发布: lets decided entries out and withdraws them.
    Publisher,
    /// 系统管理: accounts. No part in records or lists, so that nobody can grant themselves a decision.
    Admin,
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
    /// Propose, serve a notice, register a waiver or an objection, request an exit.
    HandleEntry,
    /// Review, decide, drop, settle an objection, approve or refuse an exit.
    DecideEntry,
    PublishEntry,
    RunPublisher,
    ManageAccounts,
    EnterComplaint,
    /// Accept, mediate, handle, ask again, escalate, transfer, propose a record.
    HandleComplaint,
    /// Refuse, reopen, close.
    ReviewComplaint,
    ReadComplaint,
    /// Read who complained and how to reach them; at the handling office alone.
    ReadContact,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Officer, Self::Reviewer, Self::Publisher, Self::Admin];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::Reviewer => "reviewer",
            Self::Publisher => "publisher",
            Self::Admin => "admin",
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
                    | EnterComplaint
                    | HandleComplaint
                    | ReadComplaint
                    | ReadContact
            ),
            Self::Reviewer => matches!(
                action,
                ConfirmRecord
                    | CorrectRecord
                    | RevokeRecord
                    | ReadRecord
                    | ReadEntry
                    | DecideEntry
                    | ReviewComplaint
                    | ReadComplaint
            ),
            Self::Publisher => matches!(action, ReadEntry | PublishEntry | RunPublisher),
            Self::Admin => matches!(action, ManageAccounts),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Action {
    pub const ALL: [Self; 17] = [
        Self::EnterRecord,
        Self::ConfirmRecord,
        Self::CorrectRecord,
        Self::RevokeRecord,
        Self::RectifyRecord,
        Self::ReadRecord,
        Self::ReadEntry,
        Self::HandleEntry,
        Self::DecideEntry,
        Self::PublishEntry,
        Self::RunPublisher,
        Self::ManageAccounts,
        Self::EnterComplaint,
        Self::HandleComplaint,
        Self::ReviewComplaint,
        Self::ReadComplaint,
        Self::ReadContact,
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
            Self::DecideEntry => "审核、决定名单事项",
            Self::PublishEntry => "公示名单",
            Self::RunPublisher => "推送名单",
            Self::ManageAccounts => "管理账号",
            Self::EnterComplaint => "登记投诉",
            Self::HandleComplaint => "办理投诉",
            Self::ReviewComplaint => "复核投诉",
            Self::ReadComplaint => "查看投诉",
            Self::ReadContact => "查看投诉人联系方式",
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
    #[error("角色 {role} 无权{}", action.chinese())]
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
mod tests {
    use super::*;

    /// The whole matrix, written out by hand: a change of the table is a change of this test.
    #[test]
    fn every_role_may_do_exactly_this() {
        // One column a role: officer, reviewer, publisher, admin.
        let table = [
            (Action::EnterRecord, "x..."),
            (Action::ConfirmRecord, ".x.."),
            (Action::CorrectRecord, ".x.."),
            (Action::RevokeRecord, ".x.."),
            (Action::RectifyRecord, "x..."),
            (Action::ReadRecord, "xx.."),
            (Action::ReadEntry, "xxx."),
            (Action::HandleEntry, "x..."),
            (Action::DecideEntry, ".x.."),
            (Action::PublishEntry, "..x."),
            (Action::RunPublisher, "..x."),
            (Action::ManageAccounts, "...x"),
            (Action::EnterComplaint, "x..."),
            (Action::HandleComplaint, "x..."),
            (Action::ReviewComplaint, ".x.."),
            (Action::ReadComplaint, "xx.."),
            (Action::ReadContact, "x..."),
        ];
        assert_eq!(table.map(|(action, _)| action), Action::ALL);
        for (action, marks) in table {
            for (role, mark) in Role::ALL.into_iter().zip(marks.chars()) {
                assert_eq!(role.may(action), mark == 'x', "{role} {action:?}");
            }
        }
    }

    #[test]
    fn an_account_of_a_district_stays_in_it() {
        let actor = |region: Option<&str>| Actor {
            id: "a".into(),
            role: Role::Officer,
            region: region.map(|code| Region::parse(code).unwrap()),
        };
        let place = Region::parse("512002001").unwrap();
        assert_eq!(actor(None).check(Action::EnterRecord, Some(&place)), Ok(()));
        assert_eq!(
            actor(Some("512002")).check(Action::EnterRecord, Some(&place)),
            Ok(())
        );
        assert!(matches!(
            actor(Some("512021")).check(Action::EnterRecord, Some(&place)),
            Err(Refusal::Region { .. })
        ));
        assert!(matches!(
            actor(Some("512002")).check(Action::EnterRecord, None),
            Err(Refusal::Region { .. })
        ));
    }
}
