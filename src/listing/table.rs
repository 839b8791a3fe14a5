//! Who may do what in which state: the one table. [`super::apply`] asks it, the documentation shows it, and a page can
//! tell a person from it what they can do now.

use super::{
    action::{Role, StepName},
    words::words,
};

words! {
    /// Names of the states.
    StateName {
        Proposed = "proposed" | "已提请",
        Issued = "issued" | "已制发告知书",
        Noticed = "noticed" | "已告知",
        Decided = "decided" | "已决定",
        Served = "served" | "已送达",
        Published = "published" | "公示中",
        Shielded = "shielded" | "已屏蔽",
        Removed = "removed" | "已移出",
        Dropped = "dropped" | "已终止",
        NotListed = "not_listed" | "不予列入",
        Revoked = "revoked" | "已撤销",
    }
}

/// Whom the person who takes a step must not be, where a list asks for two people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Differs {
    /// Anybody may.
    FromNobody,
    /// Who proposed.
    FromProposer,
    /// Who proposed, made the notice, or registered its service.
    FromMakers,
    /// Who registered the statement that is answered.
    FromReceiver,
    /// Who registered the objection.
    FromDisputer,
    /// Who hid the entry.
    FromShielder,
    /// Who put the exit forward, or accepted the application.
    FromRequester,
    /// Who put the restoration forward.
    FromRestorer,
}

impl Differs {
    /// For the documentation.
    pub fn english(self) -> &'static str {
        match self {
            Self::FromNobody => "",
            Self::FromProposer => "another than the proposer",
            Self::FromMakers => "another than who proposed, made or served the notice",
            Self::FromReceiver => "another than who registered the statement",
            Self::FromDisputer => "another than who registered the objection",
            Self::FromShielder => "another than who hid it",
            Self::FromRequester => "another than who put it forward or accepted it",
            Self::FromRestorer => "another than who put it forward",
        }
    }
}

/// One row: in this state, this step may be taken in these capacities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub state: StateName,
    pub step: StepName,
    pub roles: &'static [Role],
    pub differs: Differs,
    /// What else must hold, for the documentation.
    pub when: &'static str,
}

const fn rule(
    state: StateName,
    step: StepName,
    roles: &'static [Role],
    differs: Differs,
    when: &'static str,
) -> Rule {
    Rule {
        state,
        step,
        roles,
        differs,
        when,
    }
}

/// The row for a step in a state; none: the step cannot be taken there by anybody.
pub fn find(state: StateName, step: StepName) -> Option<&'static Rule> {
    TABLE
        .iter()
        .find(|rule| rule.state == state && rule.step == step)
}

const OFFICER: &[Role] = &[Role::Officer];
const LEGAL: &[Role] = &[Role::LegalReviewer];
const DECIDER: &[Role] = &[Role::Decider];
const PUBLISHER: &[Role] = &[Role::Publisher];
const JOB: &[Role] = &[Role::System, Role::Publisher];

/// The whole table, by state in the order of an entry's life.
pub const TABLE: &[Rule] = {
    use Differs::*;
    use StateName as S;
    use StepName as A;
    const REVOKED: &str =
        "`repaired`: published, after the shortest display; `revoked`: with a public explanation";
    const APPROVE: &str = "one was put forward; a repair: accepted, and after the shortest display";
    const OVER: &str = "the day after the last day of display";
    &[
        rule(S::Proposed, A::Review, LEGAL, FromProposer, "once"),
        rule(
            S::Proposed,
            A::Drop,
            &[Role::LegalReviewer, Role::Decider],
            FromProposer,
            "a reason",
        ),
        rule(
            S::Proposed,
            A::IssueNotice,
            OFFICER,
            FromNobody,
            "reviewed; the type is enabled and has its basis",
        ),
        rule(
            S::Issued,
            A::ServeNotice,
            OFFICER,
            FromNobody,
            "delivered between its making and today, with proof; electronic: consent and confirmation",
        ),
        rule(S::Issued, A::Drop, DECIDER, FromMakers, "a reason"),
        rule(
            S::Noticed,
            A::ReceiveStatement,
            OFFICER,
            FromNobody,
            "received within the window; a number of its own",
        ),
        rule(
            S::Noticed,
            A::HoldHearing,
            OFFICER,
            FromNobody,
            "a hearing was asked for and not held yet; with minutes",
        ),
        rule(
            S::Noticed,
            A::AnswerStatement,
            &[Role::LegalReviewer, Role::Decider],
            FromReceiver,
            "not answered yet; a hearing: held; adopted or not, with the reason",
        ),
        rule(
            S::Noticed,
            A::Waive,
            OFFICER,
            FromNobody,
            "once; in writing; not before the notice counts as served",
        ),
        rule(
            S::Noticed,
            A::Decide,
            DECIDER,
            FromMakers,
            "the day after the window, or a waiver; everything answered; a complete document; not graver than noticed",
        ),
        rule(
            S::Noticed,
            A::DecideNot,
            DECIDER,
            FromMakers,
            "everything answered; a reason",
        ),
        rule(S::Noticed, A::Drop, DECIDER, FromMakers, "a reason"),
        rule(
            S::Decided,
            A::ApproveHigher,
            OFFICER,
            FromNobody,
            "the type asks for it; once",
        ),
        rule(
            S::Decided,
            A::ServeDecision,
            OFFICER,
            FromNobody,
            "as for the notice; adverse lists: with the 信用修复告知书; with 上级同意 where the type asks for it",
        ),
        rule(S::Decided, A::RequestExit, OFFICER, FromNobody, REVOKED),
        rule(S::Decided, A::ApproveExit, DECIDER, FromRequester, APPROVE),
        rule(
            S::Decided,
            A::RefuseExit,
            DECIDER,
            FromRequester,
            "one was put forward; a reason",
        ),
        rule(S::Decided, A::Expire, JOB, FromNobody, OVER),
        rule(
            S::Served,
            A::Publish,
            PUBLISHER,
            FromNobody,
            "the decision counts as served; no exit put forward; 轻微: a reason",
        ),
        rule(S::Served, A::RequestExit, OFFICER, FromNobody, REVOKED),
        rule(S::Served, A::ApproveExit, DECIDER, FromRequester, APPROVE),
        rule(
            S::Served,
            A::RefuseExit,
            DECIDER,
            FromRequester,
            "one was put forward; a reason",
        ),
        rule(S::Served, A::Expire, JOB, FromNobody, OVER),
        rule(
            S::Published,
            A::Dispute,
            OFFICER,
            FromNobody,
            "one objection at a time; marked at once",
        ),
        rule(
            S::Published,
            A::SettleDispute,
            DECIDER,
            FromDisputer,
            "an objection is under examination; rejected: the mark goes; upheld: it stays until a correction or an exit",
        ),
        rule(
            S::Published,
            A::Correct,
            DECIDER,
            FromMakers,
            "something changes; the display not longer",
        ),
        rule(
            S::Published,
            A::Shield,
            &[Role::System, Role::Officer, Role::Decider],
            FromNobody,
            "people: a stay or a bankruptcy plan; the service: another list excludes it",
        ),
        rule(S::Published, A::RequestExit, OFFICER, FromNobody, REVOKED),
        rule(
            S::Published,
            A::AcceptRepair,
            LEGAL,
            FromRequester,
            "an application for repair, once",
        ),
        rule(
            S::Published,
            A::ExtendRepair,
            DECIDER,
            FromRequester,
            "an accepted application, once",
        ),
        rule(
            S::Published,
            A::ApproveExit,
            DECIDER,
            FromRequester,
            APPROVE,
        ),
        rule(
            S::Published,
            A::RefuseExit,
            DECIDER,
            FromRequester,
            "one was put forward; a reason",
        ),
        rule(S::Published, A::Expire, JOB, FromNobody, OVER),
        rule(
            S::Shielded,
            A::Unshield,
            &[Role::System, Role::Decider],
            FromShielder,
            "people: what people hid; the service: what it hid itself",
        ),
        rule(S::Shielded, A::RequestExit, OFFICER, FromNobody, REVOKED),
        rule(
            S::Shielded,
            A::AcceptRepair,
            LEGAL,
            FromRequester,
            "an application for repair, once",
        ),
        rule(
            S::Shielded,
            A::ExtendRepair,
            DECIDER,
            FromRequester,
            "an accepted application, once",
        ),
        rule(S::Shielded, A::ApproveExit, DECIDER, FromRequester, APPROVE),
        rule(
            S::Shielded,
            A::RefuseExit,
            DECIDER,
            FromRequester,
            "one was put forward; a reason",
        ),
        rule(S::Shielded, A::Expire, JOB, FromNobody, OVER),
        rule(
            S::Removed,
            A::RequestRestoration,
            OFFICER,
            FromNobody,
            "it left by repair; what the fraud was",
        ),
        rule(
            S::Removed,
            A::Restore,
            DECIDER,
            FromRestorer,
            "one was put forward; the period starts again",
        ),
        rule(
            S::Removed,
            A::RefuseRestoration,
            DECIDER,
            FromRestorer,
            "one was put forward; a reason",
        ),
    ]
};

/// The table as the documentation shows it.
pub fn markdown() -> String {
    let mut text = String::from(
        "| state | step | capacity | another person | conditions |\n|---|---|---|---|---|\n",
    );
    for rule in TABLE {
        let roles: Vec<&str> = rule.roles.iter().map(|role| role.chinese()).collect();
        text += &format!(
            "| `{}` | `{}` | {} | {} | {} |\n",
            rule.state.as_str(),
            rule.step.as_str(),
            roles.join(" / "),
            rule.differs.english(),
            rule.when
        );
    }
    text
}
