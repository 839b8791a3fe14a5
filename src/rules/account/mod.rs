//! A score as a sum that a company can follow with a pocket calculator: 分项 → 小计 → 合计 → 取整 → 等级 → 否决/直接定级 → 名单.
//!
//! Every row of a section does one thing to the figure above it ([`Op`]), and says what stands there afterwards. The account
//! is made from the lines of a score and the rule set; nothing is scored again. It is refused ([`AccountFault`]) rather than
//! shown where the rows do not lead to the score that was given.

mod build;
mod conclude;
mod parts;
#[cfg(test)]
mod tests;

pub(super) use conclude::fired;
pub(super) use parts::reached;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::model::Rounding;
use crate::domain::Day;

/// Places to which a quotient is brought before the one rounding that the rules ask for.
const GUARD: u32 = 18;

/// How a score came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Account {
    pub subject: String,
    /// Id of the rule set.
    pub ruleset: String,
    #[schema(value_type = String)]
    pub as_of: Day,
    /// The components, in the order of the file; before one that is averaged over projects, its projects.
    pub sections: Vec<Section>,
    /// The components weighted and added, bounded, rounded.
    pub total: Section,
    /// With exactly the places that the rule set says.
    #[schema(value_type = String)]
    pub score: Decimal,
    /// Id of the grade, or why the subject is not rated.
    pub grade: Option<String>,
    pub rated: bool,
    /// From the score to the grade, to lists and to what follows.
    pub conclusions: Vec<Conclusion>,
    /// Records that do not count, and why.
    pub uncounted: Vec<Uncounted>,
}

/// Rows that begin at zero and end with a subtotal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Section {
    /// Id of the component; none for the total.
    pub component: Option<String>,
    /// The project, where the section is about one.
    pub project: Option<String>,
    pub title: String,
    pub clause: String,
    pub rows: Vec<Row>,
    /// What stands in the last row; none for a component without a record that the total leaves out.
    #[schema(value_type = Option<String>)]
    pub subtotal: Option<Decimal>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Row {
    pub kind: RowKind,
    /// Id of the record, where it is about one.
    pub record: Option<String>,
    /// Title of the item, component or project.
    pub label: String,
    pub clause: String,
    #[schema(value_type = Option<String>)]
    pub date: Option<Day>,
    #[serde(flatten)]
    pub op: Op,
    /// What stands there afterwards.
    #[schema(value_type = String)]
    pub running: Decimal,
    /// What the record's points were made from, where rectification or repetition changed them.
    pub factored: Option<Factored>,
    /// How it was counted, where that is not plain.
    pub why: Option<String>,
    /// Last day on which the record counts, as far as that is known.
    #[schema(value_type = Option<String>)]
    pub expires_on: Option<Day>,
}

/// Points by the item alone, and what they are multiplied by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Factored {
    #[schema(value_type = String)]
    pub points: Decimal,
    #[schema(value_type = Vec<String>)]
    pub by: Vec<Decimal>,
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    Record,
    /// An item's cap (条款封顶).
    ItemCap,
    /// A group: its highest item, or its cap (组封顶).
    Group,
    Base,
    /// How several points become one number.
    Combined,
    /// Floor or cap of a component (保底、封顶).
    Bound,
    /// A project in the average.
    Project,
    /// A component in the total.
    Component,
    /// A component without a record.
    Missing,
    /// The present components stand for all.
    Renormalised,
    /// The total's minimum or maximum.
    Limit,
    Rounded,
    /// A score that an override sets.
    Override,
}

/// What a row does to the figure above it. The first row of a section begins at zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    Add {
        #[schema(value_type = String)]
        amount: Decimal,
    },
    /// Adds value x weight.
    AddProduct {
        #[schema(value_type = String)]
        value: Decimal,
        #[schema(value_type = String)]
        weight: Decimal,
    },
    Multiply {
        #[schema(value_type = String)]
        by: Decimal,
    },
    Divide {
        #[schema(value_type = String)]
        by: Decimal,
    },
    AtMost {
        #[schema(value_type = String)]
        bound: Decimal,
    },
    AtLeast {
        #[schema(value_type = String)]
        bound: Decimal,
    },
    Round {
        decimals: u32,
        /// `half_up`, `half_even`, `down` or `up`.
        #[serde(serialize_with = "rounding_word")]
        #[schema(value_type = String)]
        rounding: Rounding,
    },
    Set {
        #[schema(value_type = String)]
        to: Decimal,
    },
    /// Changes nothing: one of several of which a later row takes one.
    Note {
        #[schema(value_type = String)]
        value: Decimal,
    },
}

impl Op {
    /// The figure after this step; `None` if it is too large.
    pub fn apply(self, running: Decimal) -> Option<Decimal> {
        match self {
            Self::Add { amount } => running.checked_add(amount),
            Self::AddProduct { value, weight } => running.checked_add(value.checked_mul(weight)?),
            Self::Multiply { by } => running.checked_mul(by),
            Self::Divide { by } => running.checked_div(by),
            Self::AtMost { bound } => Some(running.min(bound)),
            Self::AtLeast { bound } => Some(running.max(bound)),
            Self::Round { decimals, rounding } => Some(rounded(running, decimals, rounding)),
            Self::Set { to } => Some(to),
            Self::Note { .. } => Some(running),
        }
    }
}

/// Rounds once; quotients are first brought to [`GUARD`] places, so that thirds that add up to a half are seen as a half.
fn rounded(value: Decimal, decimals: u32, rounding: Rounding) -> Decimal {
    let value = value.round_dp_with_strategy(GUARD, RoundingStrategy::MidpointNearestEven);
    let mut value = value.round_dp_with_strategy(decimals, rounding.strategy());
    value.rescale(decimals);
    // Zero has no sign.
    if value.is_zero() { value.abs() } else { value }
}

fn rounding_word<S: Serializer>(rounding: &Rounding, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match rounding {
        Rounding::HalfUp => "half_up",
        Rounding::HalfEven => "half_even",
        Rounding::Down => "down",
        Rounding::Up => "up",
    })
}

/// A step from the score to what follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Conclusion {
    pub kind: ConclusionKind,
    /// Id of the grade, override, item or list.
    pub id: String,
    pub title: String,
    pub clause: String,
    /// In Chinese.
    pub why: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConclusionKind {
    /// The grade before overrides and vetoes.
    Ladder,
    /// 直接定级.
    Override,
    /// 否决.
    Veto,
    /// The grade in the end.
    Grade,
    NotRated,
    /// A list whose condition holds; nobody is listed by a score.
    List,
    Consequence,
}

/// A record that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Uncounted {
    pub record: String,
    pub label: String,
    pub clause: String,
    pub project: Option<String>,
    #[schema(value_type = Option<String>)]
    pub date: Option<Day>,
    pub why: Option<String>,
}

/// Why a score cannot be accounted for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountFault {
    /// It was made by another rule set.
    #[error("得分由规则「{0}」算出，不是这一版规则")]
    OtherRules(String),
    /// It was given without its explanation.
    #[error("得分没有附逐条说明")]
    NoLines,
    /// The weight of a project is not known: the explanation was stored by an earlier version of the program.
    #[error("项目 {0} 没有权重资料")]
    NoWeight(String),
    #[error("数值过大，无法计算")]
    Overflow,
    /// The rows lead elsewhere: the score was made by another text of the rules.
    #[error("「{what}」逐项相加为 {added}，而评分结果为 {given}")]
    Differs {
        what: String,
        added: Decimal,
        given: Decimal,
    },
}
