//! What if: how one subject's score and grade move by themselves, what each rectification and each upheld objection would
//! give, and the shortest way to a better grade.
//!
//! Every figure is what scoring the changed facts gives; nothing is estimated. `case` holds the facts of one subject and
//! scores them with changes, `timeline` follows the days on which something changes, `actions` tries what can be done,
//! `search` looks for the smallest set of actions, `gap` says how far the next grade is and what stands in the way.

mod actions;
mod case;
mod gap;
mod search;
#[cfg(test)]
mod tests;
mod timeline;

use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::{RuleSet, outcome::Facts, outcome::ScoreFault};
use crate::domain::Day;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// How far to look ahead.
    pub months: u32,
    /// Up to how many actions every combination is tried; with more, the search is greedy.
    pub exact: usize,
}

impl Default for Ask {
    fn default() -> Self {
        Self {
            months: 24,
            exact: 15,
        }
    }
}

/// How a subject stands and can stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Outlook {
    pub subject: String,
    /// Id of the rule set.
    pub ruleset: String,
    #[schema(value_type = String)]
    pub as_of: Day,
    pub now: Stand,
    /// Whether grades go by rank: `no`, `among_given` (the others as they are, growing older) or `unknown` (no others were
    /// given: grades are left out).
    pub rank: Rank,
    pub timeline: Timeline,
    /// Every rectification and objection that concerns what counts, and any other that changes something; best first.
    pub actions: Vec<Action>,
    pub next_grade: NextGrade,
}

/// Score and grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stand {
    #[schema(value_type = String)]
    pub score: Decimal,
    /// Id of the grade, or why the subject is not rated; absent where there is none or it cannot be known.
    pub grade: Option<String>,
    pub rated: bool,
}

/// Whether grades go by rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    No,
    AmongGiven,
    Unknown,
}

/// What happens if nothing new is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Timeline {
    /// Last day looked at.
    #[schema(value_type = String)]
    pub until: Day,
    pub stops: Stops,
    /// By day; between two of them nothing changes.
    pub changes: Vec<Change>,
}

/// Why a timeline ends where it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Stops {
    /// As far as was asked.
    Asked,
    /// The rule set is in force no longer.
    RulesEnd,
    /// From the next day on the facts cannot be scored.
    Fault { what: String },
    /// More changes than are followed.
    TooMany,
}

/// A day on which something changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Change {
    #[schema(value_type = String)]
    pub on: Day,
    #[serde(flatten)]
    pub stand: Stand,
    /// Ids of the lists whose condition holds.
    pub lists: Vec<String>,
    /// The records that count otherwise than on the day before.
    pub records: Vec<Moved>,
}

/// A record that begins or ends to count, or counts otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Moved {
    #[serde(flatten)]
    pub cited: Cited,
    /// Points before, if it counted.
    #[schema(value_type = Option<String>)]
    pub before: Option<Decimal>,
    /// Points from the day on, if it counts.
    #[schema(value_type = Option<String>)]
    pub after: Option<Decimal>,
    /// In Chinese, as the explanation of the day says.
    pub why: Option<String>,
}

/// A record and its clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Cited {
    pub record: String,
    pub item: String,
    pub title: String,
    pub clause: String,
    pub project: Option<String>,
    #[schema(value_type = Option<String>)]
    pub date: Option<Day>,
}

/// What can be done about a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Rectified on the day asked about.
    Rectify,
    /// An objection is upheld and the record revoked.
    Object,
}

/// A deed, and what scoring gives after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Action {
    pub deed: Deed,
    #[serde(flatten)]
    pub cited: Cited,
    /// Points it counts with now.
    #[schema(value_type = String)]
    pub points: Decimal,
    /// An objection is being examined.
    pub disputed: bool,
    /// Until when it should be rectified.
    #[schema(value_type = Option<String>)]
    pub rectify_by: Option<Day>,
    #[serde(flatten)]
    pub stand: Stand,
    /// The score after it less the score now.
    #[schema(value_type = String)]
    pub difference: Decimal,
    pub better_grade: bool,
}

/// The way to a better grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NextGrade {
    /// There is no better one.
    pub at_best: bool,
    /// How many points the next better grade is away; absent where points alone do not decide.
    pub distance: Option<Distance>,
    /// What stands in the way whatever the points.
    pub blocks: Vec<Block>,
    /// The first change that brings a better grade without doing anything.
    pub by_itself: Option<Change>,
    /// The smallest set of rectifications, then, if it is smaller or rectifying is not enough, of rectifications and upheld
    /// objections.
    pub ways: Vec<Way>,
    /// What everything together would give, where no way was found.
    pub everything: Option<Stand>,
}

/// From the score to the nearest bound of a better grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Distance {
    pub grade: String,
    #[schema(value_type = String)]
    pub bound: Decimal,
    /// Whether the bound itself is enough.
    pub inclusive: bool,
    #[schema(value_type = String)]
    pub points: Decimal,
    /// Whether the grade has a condition beside its bounds.
    pub conditional: bool,
}

/// What stands in the way of a better grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Block {
    pub kind: BlockKind,
    /// Id of the override or item.
    pub id: String,
    pub title: String,
    pub clause: String,
    /// The best grade possible while it holds.
    pub ceiling: Option<String>,
    /// Last day on which it holds if nothing new happens; absent if that is not within the time looked at.
    #[schema(value_type = Option<String>)]
    pub until: Option<Day>,
    /// Counted records that it comes from, as far as the rule names them.
    pub records: Vec<Cited>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    Veto,
    Override,
    NotRated,
}

/// A set of actions that leads to a better grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Way {
    pub steps: Vec<WayStep>,
    #[serde(flatten)]
    pub stand: Stand,
    /// Whether every smaller set was tried; else it was found greedily and a smaller one may exist.
    pub smallest: bool,
}

/// One action of a way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WayStep {
    pub deed: Deed,
    #[serde(flatten)]
    pub cited: Cited,
}

/// Why there is no outlook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutlookFault {
    /// On the day there is no such subject.
    #[error("{day} 没有评分对象「{subject}」")]
    NoSubject { subject: String, day: Day },
    /// The facts cannot be scored.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Facts(Vec<ScoreFault>),
}

impl Outlook {
    /// The outlook of one subject from a day on. Where grades go by rank, the other subjects among the facts are ranked with
    /// it; otherwise they are left aside. List entries in force are taken to stay in force.
    ///
    /// # Errors
    /// If there is no such subject on the day, or the facts cannot be scored.
    pub fn of(
        rules: &RuleSet,
        facts: &Facts<'_>,
        subject: &str,
        as_of: Day,
        ask: Ask,
    ) -> Result<Self, OutlookFault> {
        let mut case = case::Case::new(rules, facts, subject, as_of)?;
        let course = timeline::follow(&case, ask.months)?;
        let lines = course.now.lines.clone().unwrap_or_default();
        let now = case.stand_of(&course.now);
        case.keep_what_matters(&lines);
        let actions = actions::actions(&mut case, &now, &lines)?;
        let next_grade = gap::next_grade(&mut case, &course, &now, &lines, &actions, ask.exact)?;
        Ok(Self {
            subject: subject.to_owned(),
            ruleset: rules.id().to_owned(),
            as_of,
            now,
            rank: case.rank(),
            timeline: course.timeline,
            actions,
            next_grade,
        })
    }
}
