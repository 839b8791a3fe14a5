//! The compiled rule set: what the file says, with every name resolved to an index.

use std::ops::Range;

use rust_decimal::{Decimal, RoundingStrategy};

use super::predicate::Condition;
use crate::domain::{AttributeType, Day, Record, RecordKind, Span};

/// A declared field of records.
#[derive(Debug, Clone)]
pub struct Attribute {
    pub name: String,
    pub title: Option<String>,
    pub unit: Option<String>,
    pub kind: AttributeType,
}

/// Which days belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodKind {
    /// Validity alone decides.
    Open,
    /// The months before the day.
    Rolling(u32),
    CalendarYear,
    HalfYear,
    Quarter,
    Month,
}

/// Which date of a record counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateField {
    OccurredOn,
    DecidedOn,
    EnteredOn,
    PublishedOn,
}

impl DateField {
    pub fn of(self, record: &Record) -> Option<Day> {
        match self {
            Self::OccurredOn => record.occurred_on,
            Self::DecidedOn => record.decided_on,
            Self::EnteredOn => record.entered_on,
            Self::PublishedOn => record.published_on,
        }
    }

    /// The column of a records file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OccurredOn => "occurred_on",
            Self::DecidedOn => "decided_on",
            Self::EnteredOn => "entered_on",
            Self::PublishedOn => "published_on",
        }
    }

    pub fn chinese(self) -> &'static str {
        match self {
            Self::OccurredOn => "发生日期",
            Self::DecidedOn => "认定日期",
            Self::EnteredOn => "录入日期",
            Self::PublishedOn => "公布日期",
        }
    }
}

/// Whether a higher score is better or worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Merit,
    Demerit,
}

/// How the total is rounded, once. `Down` is towards zero, `Up` away from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    HalfUp,
    HalfEven,
    Down,
    Up,
}

impl Rounding {
    pub(super) fn strategy(self) -> RoundingStrategy {
        match self {
            Self::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            Self::HalfEven => RoundingStrategy::MidpointNearestEven,
            Self::Down => RoundingStrategy::ToZero,
            Self::Up => RoundingStrategy::AwayFromZero,
        }
    }
}

/// `[score]`.
#[derive(Debug, Clone)]
pub struct ScoreRule {
    pub direction: Direction,
    pub base: Decimal,
    pub min: Option<Decimal>,
    pub max: Option<Decimal>,
    pub decimals: u32,
    pub rounding: Rounding,
    /// Whether records under objection score.
    pub disputed_counts: bool,
    /// Whether equal scores share the worse place of a ranking (the better one otherwise).
    pub ties_worse: bool,
}

/// How the points of a component become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combine {
    Sum,
    Mean,
    Last,
    Max,
    Min,
}

/// What a component is when it has no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The combination is zero; the base stays.
    Zero,
    Renormalise,
    NotRated,
    Default(Decimal),
}

/// By what projects weigh in their company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Average {
    Area,
    Households,
    ContractValue,
    Equal,
    Sum,
}

impl Average {
    /// The column of a projects file that holds the weight.
    pub fn column(self) -> Option<&'static str> {
        match self {
            Self::Area => Some("area"),
            Self::Households => Some("households"),
            Self::ContractValue => Some("contract_value"),
            Self::Equal | Self::Sum => None,
        }
    }
}

/// On what a component is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Subject,
    Project {
        average: Average,
        /// A project without a counted record is left out.
        assessed_only: bool,
    },
}

/// `[[component]]`.
#[derive(Debug, Clone)]
pub struct Component {
    pub id: String,
    pub title: String,
    pub clause: Option<String>,
    pub base: Decimal,
    pub floor: Option<Decimal>,
    pub cap: Option<Decimal>,
    pub weight: Decimal,
    pub combine: Combine,
    pub missing: Missing,
    pub level: Level,
    pub(crate) at: Range<usize>,
}

impl Component {
    pub fn per_project(&self) -> bool {
        matches!(self.level, Level::Project { .. })
    }
}

/// One end of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    pub value: Decimal,
    pub inclusive: bool,
}

/// Numbers between two optional ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Interval {
    pub lower: Option<Bound>,
    pub upper: Option<Bound>,
}

impl Interval {
    pub fn contains(&self, value: Decimal) -> bool {
        self.lower
            .is_none_or(|bound| value > bound.value || (bound.inclusive && value == bound.value))
            && self.upper.is_none_or(|bound| {
                value < bound.value || (bound.inclusive && value == bound.value)
            })
    }

    pub fn is_unbounded(&self) -> bool {
        self.lower.is_none() && self.upper.is_none()
    }
}

/// One row of banded points.
#[derive(Debug, Clone)]
pub struct Band {
    pub range: Interval,
    pub points: Decimal,
    pub(crate) at: Range<usize>,
}

/// Where the points of a record come from.
#[derive(Debug, Clone)]
pub enum PointsForm {
    Fixed(Decimal),
    /// By the value of a choice attribute.
    Lookup {
        by: String,
        table: Vec<(String, Decimal)>,
    },
    /// By the range a numeric attribute falls in.
    Bands {
        by: String,
        bands: Vec<Band>,
    },
    /// Chosen by the officer, with a reason.
    Chosen {
        min: Decimal,
        max: Decimal,
        suggested: Option<Decimal>,
    },
    /// The attribute itself.
    Value {
        by: String,
    },
}

impl PointsForm {
    /// The attribute it reads.
    pub fn attribute(&self) -> Option<&str> {
        match self {
            Self::Lookup { by, .. } | Self::Bands { by, .. } | Self::Value { by } => Some(by),
            Self::Fixed(_) | Self::Chosen { .. } => None,
        }
    }

    /// The least and the greatest points one record may get; `None` where the data decide.
    pub fn range(&self) -> Option<(Decimal, Decimal)> {
        let ends = |all: &mut dyn Iterator<Item = Decimal>| {
            all.fold(None, |ends: Option<(Decimal, Decimal)>, points| {
                Some(ends.map_or((points, points), |(low, high)| {
                    (low.min(points), high.max(points))
                }))
            })
        };
        match self {
            Self::Fixed(points) => Some((*points, *points)),
            Self::Lookup { table, .. } => ends(&mut table.iter().map(|(_, points)| *points)),
            Self::Bands { bands, .. } => ends(&mut bands.iter().map(|band| band.points)),
            Self::Chosen { min, max, .. } => Some((*min, *max)),
            Self::Value { .. } => None,
        }
    }
}

/// How long a record counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    For(Span),
    UntilRectified,
}

/// What several records of one item and matter give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameMatter {
    Sum,
    Highest,
    First,
}

/// Heavier (or lighter) points for repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    pub within: Span,
    /// For the 1st, 2nd ... occurrence; the last one for all later ones.
    pub multiply: Vec<Decimal>,
}

/// How severe an act is: decides how long it may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gravity {
    Minor,
    Ordinary,
    Serious,
}

impl Gravity {
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Minor => "轻微",
            Self::Ordinary => "一般",
            Self::Serious => "严重",
        }
    }
}

/// `[[item]]`.
#[derive(Debug, Clone)]
pub struct Item {
    pub id: String,
    pub clause: String,
    pub title: String,
    /// Under which item it is added up: its own index, or for an item of an earlier version that of its successor.
    pub(crate) slot: usize,
    /// Index of its component.
    pub component: usize,
    /// Index of its group.
    pub group: Option<usize>,
    /// Kinds of record that may cite it; empty: any.
    pub kinds: Vec<RecordKind>,
    pub points: PointsForm,
    /// Integer attribute that multiplies the points.
    pub times: Option<String>,
    pub per_record_cap: Option<Decimal>,
    pub cap: Option<Decimal>,
    pub valid_for: Option<Validity>,
    pub when: Option<Condition>,
    pub same_matter: SameMatter,
    pub repeat: Option<Repeat>,
    /// Factor once rectified; zero cancels.
    pub rectified: Option<Decimal>,
    /// Counted again in every later period until rectified.
    pub recurs: bool,
    /// Rank of the best grade possible while it counts.
    pub veto: Option<usize>,
    pub record_by: Vec<String>,
    pub confirm_by: Vec<String>,
    pub evidence: Vec<String>,
    pub rectify_days: Option<u32>,
    pub severity: Option<Gravity>,
    /// Whether the file gives points; an item may exist for its veto or for predicates alone.
    pub(crate) has_points: bool,
    pub(crate) at: Range<usize>,
}

/// `[[group]]`.
#[derive(Debug, Clone)]
pub struct Group {
    pub id: String,
    pub title: String,
    pub clause: Option<String>,
    /// Indices of its items.
    pub items: Vec<usize>,
    /// Only the item with the highest absolute value counts.
    pub highest: bool,
    pub cap: Option<Decimal>,
    pub(crate) at: Range<usize>,
}

/// One step of `[[grade]]`. Two neighbouring steps may be of one grade.
#[derive(Debug, Clone)]
pub struct GradeStep {
    /// Rank of its grade, 0 the best.
    pub rank: usize,
    pub range: Interval,
    /// Cumulative share of the ranking, for ladders by rank.
    pub top: Option<Decimal>,
    pub when: Option<Condition>,
    pub(crate) at: Range<usize>,
}

/// A grade.
#[derive(Debug, Clone)]
pub struct Grade {
    pub id: String,
    pub title: Option<String>,
}

/// `[[not_rated]]`.
#[derive(Debug, Clone)]
pub struct NotRated {
    pub title: String,
    pub clause: String,
    pub when: Condition,
}

/// What an override does; grades by rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Grade(usize),
    AtBest(usize),
    Score(Decimal),
    Drop(u32),
}

/// `[[override]]`.
#[derive(Debug, Clone)]
pub struct Override {
    pub id: String,
    pub title: String,
    pub clause: String,
    pub when: Condition,
    pub effect: Effect,
    pub(crate) at: Range<usize>,
}

/// Kinds of list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListClass {
    Red,
    Warning,
    Watch,
    Serious,
}

impl ListClass {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Warning => "warning",
            Self::Watch => "watch",
            Self::Serious => "serious",
        }
    }
}

/// `[[list]]`.
#[derive(Debug, Clone)]
pub struct ListRule {
    pub id: String,
    pub title: String,
    pub class: ListClass,
    pub clause: String,
    /// The law that allows a `serious` list.
    pub legal_basis: Option<String>,
    pub when: Condition,
    pub severity: Option<Gravity>,
    pub term: Option<Span>,
    pub(crate) at: Range<usize>,
}

/// What a consequence follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// By rank.
    Grade(usize),
    /// By index.
    List(usize),
}

/// `[[consequence]]`.
#[derive(Debug, Clone)]
pub struct Consequence {
    pub trigger: Trigger,
    pub title: String,
    pub clause: Option<String>,
    /// Share of the subjects drawn for spot checks, 1 = all.
    pub sampling: Option<Decimal>,
    pub measures: Vec<String>,
}
