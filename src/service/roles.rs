//! The table of [`Role::may`] as a page to read, `docs/roles.md`.

use std::fmt::Write;

use super::permission::{Action, Role};

impl Action {
    /// In English, for operators and developers.
    pub fn english(self) -> &'static str {
        match self {
            Self::EnterRecord => "enter records",
            Self::ConfirmRecord => "confirm records",
            Self::CorrectRecord => "correct records",
            Self::RevokeRecord => "revoke records",
            Self::RectifyRecord => "register rectifications",
            Self::ReadRecord => "read records",
            Self::ReadEntry => "read list entries",
            Self::HandleEntry => {
                "handle list entries: propose, issue and serve, register what comes in, request exits"
            }
            Self::ReviewEntry => "review the legality of list entries",
            Self::DecideEntry => "decide on list entries",
            Self::PublishEntry => "publish list entries",
            Self::EnterBasis => "enter the legal basis of a list",
            Self::ApproveBasis => "approve a legal basis that another entered",
            Self::RunPublisher => "send to the platform",
            Self::ReadAudit => "read the audit trail",
            Self::ManageAccounts => "make accounts, which another approves; end them",
            Self::ApproveAccount => {
                "approve accounts that another made, hand over passwords, take second factors away, unlock, end"
            }
            Self::MakeCompanyAccount => {
                "make the account of a company whose letter of authority was checked"
            }
            Self::ReadJobs => "see the scheduled jobs",
            Self::ReadDeadlines => "read running periods",
            Self::IssueDocument => "issue documents",
            Self::VoidDocument => "mark documents void",
            Self::ReadDocument => "read documents",
            Self::HandleRecord => {
                "notice and serve records, register objections and rectifications"
            }
            Self::ExamineObjection => "examine objections",
            Self::CheckRectification => "check rectifications",
            Self::AttachFile => "attach files to records",
            Self::EnterComplaint => "receive complaints",
            Self::HandleComplaint => "handle complaints",
            Self::ReviewComplaint => "review complaints: refuse, reopen, close",
            Self::ReadComplaint => "read complaints",
            Self::ReadContact => "read who complained, at the office that has the complaint",
            Self::ReadComparison => "read comparisons with the platform",
            Self::SignComparison => "answer for what a comparison found",
            Self::PrepareCheck => "prepare spot checks and draw",
            Self::ApproveCheck => "approve substitutes and redraws of spot checks",
            Self::ReadCheck => "read spot checks",
            Self::Inspect => "inspect what was drawn, as an officer of its team",
            Self::AnnulVisit => "annul a visit of a spot check",
        }
    }
}

/// The whole table, in Markdown.
pub fn roles_page() -> String {
    let mut page = String::from(
        "# Roles\n\n\
         Who may do what, as `src/service/permission.rs` has it: the one table that every use case asks. A test holds this page to it.\n\n\
         谁能办什么：下表与程序中的权限表逐项一致。\n\n| |",
    );
    // Writing to a string does not fail.
    let names = Role::ALL.map(|role| format!(" `{role}` |")).concat();
    let lines = Role::ALL.map(|_| "---|").concat();
    let words = Role::ALL
        .map(|role| format!(" {} |", role.chinese()))
        .concat();
    let _ = writeln!(page, "{names}\n|---|{lines}\n| |{words}");
    for action in Action::ALL {
        let marks = Role::ALL.map(|role| if role.may(action) { " ✓ |" } else { " |" });
        let (chinese, english) = (action.chinese(), action.english());
        let _ = writeln!(page, "| {chinese} ({english}) |{}", marks.concat());
    }
    let strong: Vec<String> = Role::ALL
        .into_iter()
        .filter(|role| role.needs_second_factor())
        .map(|role| format!("`{role}`"))
        .collect();
    let _ = writeln!(
        page,
        "\nSecond factor at signing in (登录时须输入动态验证码): {}; others may set one up.",
        strong.join(", ")
    );
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_roles_is_the_table() {
        let written = include_str!("../../docs/roles.md");
        assert_eq!(
            written,
            roles_page(),
            "docs/roles.md should be:\n{}",
            roles_page()
        );
    }

    /// System, security and audit: what one of them may do, no other of them may, and none has a part in the business. How the
    /// scheduled jobs go is for whoever runs the system and whoever audits it to see; it changes nothing.
    #[test]
    fn the_three_administrators_do_nothing_in_common() {
        let three = [Role::Admin, Role::Security, Role::Auditor];
        let acts = |action: &Action| *action != Action::ReadJobs;
        for action in Action::ALL.into_iter().filter(acts) {
            let able = three.into_iter().filter(|role| role.may(action)).count();
            assert!(able <= 1, "{action:?}");
        }
        for role in [Role::Admin, Role::Security] {
            let may: Vec<Action> = Action::ALL.into_iter().filter(|a| role.may(*a)).collect();
            assert!(
                may.iter().all(|action| matches!(
                    action,
                    Action::ManageAccounts | Action::ApproveAccount | Action::ReadJobs
                )),
                "{role}: {may:?}"
            );
        }
    }
}
