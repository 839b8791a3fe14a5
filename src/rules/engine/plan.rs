//! A rule set as the flat tables that the sums run over.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use rust_decimal::Decimal;

use super::{
    entry::Entry,
    quantity::{Factor, Quantity},
    short::Short,
};
use crate::{
    domain::Points,
    rules::{
        Named, RuleSet,
        model::{Combine, Component, Item, Missing, PointsForm, SameMatter},
        predicate::{Expr, Num},
    },
};

/// Places beyond which sums are left to decimals: what is below them leaves room for 900,000 points.
const MOST_PLACES: u32 = 13;

/// Places that data may have where the file cannot know them: of chosen points (see [`crate::domain::Points`]) and of
/// measured values.
const PLACES_OF_DATA: u32 = 4;

/// When the condition of an item is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Always,
    /// It reads the record alone: once.
    Once,
    /// It reads the project or the subject, which change: every day anew.
    Daily,
}

/// Which records of an item are seen to be fit at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Those that choose no points.
    Unchosen,
    /// Those that choose points within these bounds, in units of the places that chosen points may have.
    Chosen(i64, i64),
    /// None.
    Unsure,
}

impl Fit {
    fn of(rules: &RuleSet, item: &Item) -> Self {
        let units = |value: &Decimal| i64::read(*value, PLACES_OF_DATA);
        let alone = item.times.is_none() && !rules.components()[item.component].per_project();
        match &item.points {
            PointsForm::Fixed(_) if alone => Self::Unchosen,
            PointsForm::Chosen { min, max, .. } if alone => match (units(min), units(max)) {
                (Some(min), Some(max)) => Self::Chosen(min, max),
                _ => Self::Unsure,
            },
            _ => Self::Unsure,
        }
    }

    /// Whether points are certainly as they should be.
    pub fn takes(self, points: Option<Points>) -> bool {
        match (self, points) {
            (Self::Unchosen, None) => true,
            (Self::Chosen(min, max), Some(points)) => {
                let units = i64::read(points.decimal(), PLACES_OF_DATA);
                units.is_some_and(|units| min <= units && units <= max)
            }
            _ => false,
        }
    }
}

/// What the steps after the points of a record need to know of its item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// The item under which it is added up: itself, or for an item of an earlier version the one that took its place.
    pub slot: usize,
    pub component: usize,
    pub fit: Fit,
    pub group: Option<usize>,
    /// Whether its group adds it up: groups do not touch what is measured.
    pub bundled: bool,
    /// Where its records stand among those of a subject: items of a group together, in the group's order.
    pub order: u32,
    pub per_project: bool,
    pub same_matter: SameMatter,
    pub repeats: bool,
    pub recurs: bool,
    /// Rectified, it counts no more.
    pub cancels: bool,
    /// Whether the file bounds the points of a record.
    pub bounded: bool,
    pub when: When,
    /// Rank of the best grade possible while it counts.
    pub veto: Option<usize>,
    /// Whether each record's points are needed after the caps, not their sum alone.
    pub record_level: bool,
}

/// The numbers of the file in the form that is added up.
#[derive(Debug)]
pub(super) struct Table<Q> {
    /// Fixed points before `times`, by item; `None` where the record decides.
    pub fixed: Vec<Option<Q>>,
    /// By slot.
    pub caps: Vec<Option<Q>>,
    /// By item: what a rectification leaves of the points.
    pub rectified: Vec<Option<Factor>>,
    /// By slot: the 1st, 2nd ... occurrence.
    pub repeats: Vec<Vec<Factor>>,
    /// By group.
    pub group_caps: Vec<Option<Q>>,
}

/// A rule set as flat tables, and the items that the records at hand name.
#[derive(Debug)]
pub(super) struct Plan {
    tables: Arc<Tables>,
    /// By number of an id that records name: the item of that id.
    named: Vec<Named>,
}

/// The tables of a rule set, made when they are first asked for: of one company with few records they would take longer
/// than its score. A copy of the rule set may be changed, and makes its own.
#[derive(Debug, Default)]
pub(in crate::rules) struct Compiled(OnceLock<Arc<Tables>>);

impl Clone for Compiled {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// What does not depend on the records.
#[derive(Debug)]
pub(super) struct Tables {
    /// By item.
    pub steps: Vec<Step>,
    /// Unit of narrow sums: 10^-scale.
    pub scale: u32,
    /// Absent where the file's numbers have too many places.
    pub narrow: Option<Table<i64>>,
    pub wide: Table<Decimal>,
    /// Steps 8 to 11 of narrow sums in whole numbers, where that is enough.
    pub short: Option<Short>,
    /// By how much factors can make points greater on the way.
    pub room: Decimal,
    /// Greatest points of those that the file bounds.
    pub most: Decimal,
    /// How many there are.
    pub components: usize,
    /// Whether grading reads more than the score.
    pub conditions: bool,
    /// Whether some item bounds the grade.
    pub vetoes: bool,
    /// Whether some component is computed project by project.
    pub by_project: bool,
}

impl Plan {
    /// Index of the item that judges a record; none if no item of the rules does.
    pub fn item_of(&self, rules: &RuleSet, entry: &Entry<'_>) -> Option<usize> {
        let named = self.named.get(entry.name as usize)?;
        rules.judge_of(named, entry.date).map(|item| item as usize)
    }

    pub fn new(rules: &RuleSet, named: &[&str]) -> Self {
        let tables = rules
            .compiled
            .0
            .get_or_init(|| Arc::new(Tables::new(rules)));
        Self {
            tables: tables.clone(),
            named: named.iter().map(|id| rules.named(id)).collect(),
        }
    }
}

impl Deref for Plan {
    type Target = Tables;

    fn deref(&self) -> &Tables {
        &self.tables
    }
}

impl Tables {
    fn new(rules: &RuleSet) -> Self {
        let mut steps: Vec<Step> = (rules.all_items().iter())
            .map(|item| step(rules, item))
            .collect();
        put_in_order(rules, &mut steps);
        let scale = scale(rules);
        let room = |factors: &mut dyn Iterator<Item = Decimal>| {
            factors.map(Factor::room).fold(Decimal::ONE, Decimal::max)
        };
        let all = rules.all_items();
        let repeated = room(
            &mut (all.iter().filter_map(|item| item.repeat.as_ref()))
                .flat_map(|repeat| repeat.multiply.iter().copied()),
        );
        let rectified = room(&mut all.iter().filter_map(|item| item.rectified));
        let narrow = (scale <= MOST_PLACES)
            .then(|| Table::new(rules, scale, Factor::new))
            .flatten();
        Self {
            short: narrow.as_ref().and_then(|_| Short::new(rules, scale)),
            narrow,
            wide: Table::new(rules, scale, |factor| Some(Factor::wide(factor))).unwrap_or_default(),
            components: rules.components().len(),
            conditions: !rules.not_rated().is_empty()
                || !rules.overrides().is_empty()
                || rules.ladder().iter().any(|step| step.when.is_some()),
            vetoes: rules.all_items().iter().any(|item| item.veto.is_some()),
            by_project: rules.components().iter().any(|one| one.per_project()),
            steps,
            scale,
            room: repeated.checked_mul(rectified).unwrap_or(Decimal::MAX),
            most: all.iter().filter_map(most).max().unwrap_or_default(),
        }
    }
}

fn step(rules: &RuleSet, item: &Item) -> Step {
    let slot = item.slot;
    let head = &rules.all_items()[slot];
    let per_project = rules.components()[head.component].per_project();
    let measured = |item: &Item| rules.components()[item.component].combine != Combine::Sum;
    let group = head.group.map(|index| &rules.groups()[index]);
    // The cap of a group that reaches over components falls on the latest records, wherever they are.
    let spans = group.is_some_and(|group| {
        group.cap.is_some()
            && (group.items.iter())
                .any(|other| rules.all_items()[*other].component != head.component)
    });
    Step {
        slot,
        component: head.component,
        fit: Fit::of(rules, item),
        group: head.group,
        bundled: head.group.is_some() && !measured(head),
        order: 0,
        per_project,
        same_matter: head.same_matter,
        repeats: head.repeat.is_some(),
        recurs: item.recurs,
        cancels: item.rectified.is_some_and(|factor| factor.is_zero()),
        bounded: most(item).is_some(),
        when: item
            .when
            .as_ref()
            .map_or(When::Always, |when| kind(&when.expr)),
        veto: head.veto,
        record_level: measured(head) || spans,
    }
}

/// The greatest points that one record of an item can have; `None` if the record decides.
fn most(item: &Item) -> Option<Decimal> {
    // Points that are out of the file's range are a fault of the data, and nobody is scored.
    match &item.points {
        _ if item.times.is_some() => None,
        PointsForm::Fixed(points) => Some(points.abs()),
        PointsForm::Chosen { min, max, .. } => Some(min.abs().max(max.abs())),
        PointsForm::Lookup { table, .. } => table.iter().map(|(_, points)| points.abs()).max(),
        PointsForm::Bands { bands, .. } => bands.iter().map(|band| band.points.abs()).max(),
        PointsForm::Value { .. } => None,
    }
}

fn put_in_order(rules: &RuleSet, steps: &mut [Step]) {
    let place = |slot: usize| {
        let group = steps[slot].group.filter(|_| steps[slot].bundled);
        let items = group.map_or(&[][..], |group| &rules.groups()[group].items);
        (group, items.iter().position(|item| *item == slot), slot)
    };
    let mut slots: Vec<_> = (0..steps.len())
        .filter(|index| steps[*index].slot == *index)
        .map(place)
        .collect();
    slots.sort_unstable();
    let mut order = vec![0; steps.len()];
    for ((_, _, slot), number) in slots.into_iter().zip(0..) {
        order[slot] = number;
    }
    for step in steps {
        step.order = order[step.slot];
    }
}

fn kind(expr: &Expr) -> When {
    let mut kind = When::Once;
    expr.numbers(&mut |number| {
        if matches!(number, Num::Project(_) | Num::Subject(_)) {
            kind = When::Daily;
        }
    });
    kind
}

/// Places that hold every number of the sums: points, times the factor of a rectification, times that of a repetition.
fn scale(rules: &RuleSet) -> u32 {
    let places = |value: &Decimal| value.normalize().scale();
    let mut points = 0;
    let mut rectified = 0;
    let mut repeated = 0;
    let mut caps = 0;
    for item in rules.all_items() {
        let own = match &item.points {
            PointsForm::Fixed(value) => places(value),
            PointsForm::Lookup { table, .. } => {
                let all = table.iter().map(|(_, value)| places(value));
                all.max().unwrap_or_default()
            }
            PointsForm::Bands { bands, .. } => {
                let all = bands.iter().map(|band| places(&band.points));
                all.max().unwrap_or_default()
            }
            PointsForm::Chosen { .. } | PointsForm::Value { .. } => PLACES_OF_DATA,
        };
        points = points
            .max(own)
            .max(item.per_record_cap.as_ref().map_or(0, places));
        rectified = rectified.max(item.rectified.as_ref().map_or(0, places));
        let factors = item.repeat.iter().flat_map(|repeat| &repeat.multiply);
        repeated = repeated.max(factors.map(places).max().unwrap_or_default());
        caps = caps.max(item.cap.as_ref().map_or(0, places));
    }
    let groups = rules.groups().iter().filter_map(|group| group.cap.as_ref());
    let caps = caps.max(groups.map(places).max().unwrap_or_default());
    let sums = caps.max(points + rectified + repeated);
    // Bounds of components are read in the same unit, where that leaves sums narrow.
    let bounds = |one: &Component| {
        let default = match one.missing {
            Missing::Default(value) => Some(value),
            _ => None,
        };
        let all = [Some(one.base), one.floor, one.cap, default];
        all.iter().flatten().map(places).max()
    };
    let bounds = rules.components().iter().filter_map(bounds).max();
    let both = bounds.map_or(sums, |bounds| sums.max(bounds));
    if both <= MOST_PLACES { both } else { sums }
}

impl<Q> Default for Table<Q> {
    fn default() -> Self {
        Self {
            fixed: Vec::new(),
            caps: Vec::new(),
            rectified: Vec::new(),
            repeats: Vec::new(),
            group_caps: Vec::new(),
        }
    }
}

impl<Q: Quantity> Table<Q> {
    /// `None` if a number of the file does not fit.
    fn new(
        rules: &RuleSet,
        scale: u32,
        factor: impl Fn(Decimal) -> Option<Factor>,
    ) -> Option<Self> {
        let optional = |value: Option<Decimal>| match value {
            None => Some(None),
            Some(value) => Q::read(value, scale).map(Some),
        };
        let items = rules.all_items();
        let fixed = |item: &Item| match &item.points {
            PointsForm::Fixed(points) if item.times.is_none() => Some(*points),
            _ => None,
        };
        let rectified = |item: &Item| match item.rectified {
            None => Some(None),
            Some(value) => factor(value).map(Some),
        };
        let repeats = |item: &Item| match &item.repeat {
            None => Some(Vec::new()),
            Some(repeat) => repeat.multiply.iter().map(|value| factor(*value)).collect(),
        };
        Some(Self {
            fixed: (items.iter().map(|item| optional(fixed(item)))).collect::<Option<_>>()?,
            caps: (items.iter().map(|item| optional(item.cap))).collect::<Option<_>>()?,
            rectified: items.iter().map(rectified).collect::<Option<_>>()?,
            repeats: items.iter().map(repeats).collect::<Option<_>>()?,
            group_caps: (rules.groups().iter().map(|group| optional(group.cap)))
                .collect::<Option<_>>()?,
        })
    }
}
