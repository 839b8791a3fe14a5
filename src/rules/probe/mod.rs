//! What an author should be shown beyond mistakes: numbers that no worked case notices, and well-meant rules with perverse
//! effects. Nothing here makes a file unusable.
//!
//! `numbers` changes every number of the file by one step and runs the cases; `effects` searches random records for a
//! deduction that raises a score and its like, beside the numbers that the file names (`thresholds`), and shrinks what it
//! finds. The search takes its seed, so that it can be repeated.

mod bearing;
mod draw;
mod effects;
mod facts;
mod numbers;
mod thresholds;
mod words;

use serde::Serialize;

use super::RuleSet;

/// How long to search, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Search {
    pub seed: u64,
    /// Random sets of records.
    pub rounds: u32,
}

/// A number that a case does not notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unnoticed {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The key and its value as they stand in the file.
    pub text: String,
    /// What it was changed to, unnoticed.
    pub changed_to: Vec<String>,
}

/// Which way an effect is perverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// One more deduction makes the score better; revoking it makes it worse.
    DeductionHelps,
    /// A harsher choice makes the score better.
    HarsherHelps,
    /// A rectification makes the score worse.
    RectifyingHurts,
    /// A record in favour makes the score worse.
    MeritHurts,
    /// One more deduction makes the grade better.
    DeductionRaisesGrade,
}

/// Where a perverse effect comes from, as far as it can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mechanism {
    /// A component without a record was left out until now.
    Renormalise,
    /// Something that was missing counts by its default until now.
    Default,
    /// A group over components with bounds of their own.
    Group,
    /// One record stands for its matter.
    Matter,
    /// A project without a record is left out of the average.
    AssessedOnly,
    /// A condition reads it.
    Condition,
    Unknown,
}

/// A smallest example of a perverse effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Perverse {
    pub effect: Effect,
    pub mechanism: Mechanism,
    /// Day of the score.
    pub as_of: String,
    /// Registration and projects, where conditions read them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub situation: Option<String>,
    /// The records in words; the last is the one that is added or changed.
    pub records: Vec<String>,
    /// Score and grade without it, and with it.
    pub before: String,
    pub after: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Probe {
    pub unnoticed: Vec<Unnoticed>,
    /// How many numbers were changed.
    pub numbers: usize,
    pub perverse: Vec<Perverse>,
    /// Whether perverse effects were searched for; not where grades go by rank.
    pub searched: bool,
}

/// Changes every number, and searches for perverse effects.
pub fn probe(rules: &RuleSet, search: Search) -> Probe {
    let (unnoticed, numbers) = numbers::unnoticed(rules);
    Probe {
        unnoticed,
        numbers,
        perverse: effects::perverse(rules, search),
        searched: !rules.needs_population(),
    }
}

impl Effect {
    pub fn chinese(self) -> &'static str {
        match self {
            Self::DeductionHelps => "多记一条扣分，总分反而变好（撤销它，总分反而变差）",
            Self::HarsherHelps => "扣得更重，总分反而变好",
            Self::RectifyingHurts => "完成整改，总分反而变差",
            Self::MeritHurts => "多记一条加分，总分反而变差",
            Self::DeductionRaisesGrade => "多记一条扣分，等级反而变好",
        }
    }
}

impl Mechanism {
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Renormalise => {
                "原来没有记录的部分不参加折算（missing = \"renormalise\"），有了这条记录，它的得分就计入了"
            }
            Self::Default => "原来没有记录的部分按缺省分计，有了这条记录，就按实际得分计了",
            Self::Group => "同组的条目分属不同部分，组内取舍或封顶改变了各部分的得分",
            Self::Matter => "同一事项只计一条，换了一条来计",
            Self::AssessedOnly => {
                "没有记录的项目不参加平均（assessed_only），有了这条记录，它就参加了"
            }
            Self::Condition => "等级、名单或条件看的是记录的条数或分项",
            Self::Unknown => "未能判明",
        }
    }
}

#[cfg(test)]
mod tests;
