//! Steps 1 to 7: the records that count, and the points of each after rectification, matters, repetition, item caps
//! and groups. Components of projects go through steps 4 to 7 project by project.

use std::collections::{BTreeSet, HashMap};

use rust_decimal::Decimal;

use super::{
    subjects::{Entry, Subject, World, unknown_project},
    time::{OutOfTime, Window, full_months, in_time},
};
use crate::{
    domain::{AttributeValue, Contract, Day, Record, RecordStatus, SubjectKind},
    rules::{
        model::{Item, PointsForm, SameMatter},
        outcome::Fail,
        predicate::{Inputs, ProjectField, SubjectField, Target, holds},
    },
};

/// Why a record does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Drop {
    Draft,
    Revoked,
    Disputed,
    /// The company does not manage the project on the day.
    NotManaged,
    /// Names only a project that another company manages on the day: not this subject's.
    Foreign,
    OutOfTime(OutOfTime),
    NoBand,
    /// The condition does not hold; what was missing for it.
    Condition(Vec<String>),
    /// Rectified, with a factor of zero.
    Cancelled,
    /// Another record (by entry) stands for the matter.
    SameMatter(usize),
}

/// A record that counts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Live<'a> {
    pub entry: usize,
    pub item: usize,
    /// The project it is computed in; none for components of the subject.
    pub unit: Option<&'a str>,
    pub date: Day,
    /// After step 2.
    pub raw: Decimal,
    pub rectified: bool,
    /// Which occurrence, and its factor.
    pub repeat: Option<(usize, Decimal)>,
    /// After steps 3 to 5.
    pub points: Decimal,
    /// After the item cap.
    pub capped: Decimal,
    /// After the group.
    pub last: Decimal,
}

/// Steps 1 to 7 for one subject on one day.
#[derive(Debug, Default)]
pub(super) struct Tally<'a> {
    /// By entry.
    pub drops: Vec<Option<Drop>>,
    /// In order of (date, id).
    pub live: Vec<Live<'a>>,
}

impl Tally<'_> {
    pub fn of(world: &World<'_>, target: Target, item: usize) -> bool {
        match target {
            Target::Item(index) => index == item,
            Target::Group(index) => world.rules.items()[item].group == Some(index),
            Target::Component(index) => world.rules.items()[item].component == index,
        }
    }

    pub fn count(&self, world: &World<'_>, target: Target) -> usize {
        self.live
            .iter()
            .filter(|live| Self::of(world, target, live.item))
            .count()
    }

    /// Points of an item after its cap; of a group or a component after groups.
    pub fn points(&self, world: &World<'_>, target: Target) -> Result<Decimal, Fail> {
        self.live
            .iter()
            .filter(|live| Self::of(world, target, live.item))
            .try_fold(Decimal::ZERO, |sum, live| {
                let points = if matches!(target, Target::Item(_)) {
                    live.capped
                } else {
                    live.last
                };
                sum.checked_add(points)
            })
            .ok_or_else(Fail::overflow)
    }
}

/// All of steps 1 to 7.
pub(super) fn tally<'a>(
    world: &World<'a>,
    subject: &Subject<'a>,
    day: Day,
    window: Window,
) -> Result<Tally<'a>, Fail> {
    let mut tally = eligible(world, subject, day, window)?;
    rectify(world, subject, day, &mut tally)?;
    same_matter(world, subject, &mut tally);
    repeat(world, &mut tally)?;
    item_caps(world, &mut tally)?;
    groups(world, &mut tally)?;
    Ok(tally)
}

/// Steps 1 and 2: what counts, and its points by the item alone.
pub(super) fn eligible<'a>(
    world: &World<'a>,
    subject: &Subject<'a>,
    day: Day,
    window: Window,
) -> Result<Tally<'a>, Fail> {
    let mut tally = Tally {
        drops: Vec::with_capacity(subject.entries.len()),
        live: Vec::with_capacity(subject.entries.len()),
    };
    for (index, entry) in subject.entries.iter().enumerate() {
        match judge(world, subject, entry, day, window).map_err(|fail| fail.of(entry.record))? {
            Ok((item, unit, date, raw)) => {
                tally.drops.push(None);
                tally.live.push(Live {
                    entry: index,
                    item,
                    unit,
                    date,
                    raw,
                    rectified: false,
                    repeat: None,
                    points: raw,
                    capped: raw,
                    last: raw,
                });
            }
            Err(drop) => tally.drops.push(Some(drop)),
        }
    }
    Ok(tally)
}

type Judged<'a> = Result<(usize, Option<&'a str>, Day, Decimal), Drop>;

fn judge<'a>(
    world: &World<'a>,
    subject: &Subject<'a>,
    entry: &Entry<'a>,
    day: Day,
    window: Window,
) -> Result<Judged<'a>, Fail> {
    let record = entry.record;
    match record.status {
        RecordStatus::Draft => return Ok(Err(Drop::Draft)),
        RecordStatus::Revoked => return Ok(Err(Drop::Revoked)),
        RecordStatus::Disputed if !world.rules.score_rule().disputed_counts => {
            return Ok(Err(Drop::Disputed));
        }
        RecordStatus::Disputed | RecordStatus::Confirmed => {}
    }
    // A record that scores has both; it was checked before.
    let (Some(index), Some(date)) = (entry.item, entry.date) else {
        return Err(Fail::new(
            "D001",
            format!("条目「{}」或日期缺失", record.item),
            "",
        ));
    };
    let item = &world.rules.items()[index];
    let per_project = world.rules.components()[item.component].per_project();
    if let Err(drop) = managed(world, subject, record, per_project, day)? {
        return Ok(Err(drop));
    }
    if let Err(why) = in_time(world.rules.period(), entry, item, date, day, window) {
        return Ok(Err(Drop::OutOfTime(why)));
    }
    let Some(points) = points(item, record)? else {
        return Ok(Err(Drop::NoBand));
    };
    if let Some(when) = &item.when {
        let inputs = RecordInputs {
            world,
            subject,
            record,
            day,
        };
        let mut missing = BTreeSet::new();
        if !holds(&when.expr, &inputs, &mut missing)? {
            return Ok(Err(Drop::Condition(missing.into_iter().collect())));
        }
    }
    let unit = record.project.as_deref().filter(|_| per_project);
    Ok(Ok((index, unit, date, points)))
}

/// Whether the company manages the record's project on the day.
fn managed(
    world: &World<'_>,
    subject: &Subject<'_>,
    record: &Record,
    per_project: bool,
    day: Day,
) -> Result<Result<(), Drop>, Fail> {
    let (SubjectKind::Company, Some(project)) = (world.rules.subject(), &record.project) else {
        return Ok(Ok(()));
    };
    if per_project && !world.projects.contains_key(project.as_str()) {
        return Err(unknown_project(project));
    }
    let manages = !world.contracts_given || subject.contract(project, day).is_some();
    Ok(match (manages, record.company) {
        (true, _) => Ok(()),
        (false, Some(_)) => Err(Drop::NotManaged),
        (false, None) => Err(Drop::Foreign),
    })
}

/// Points of one record by its item: `points`, `times`, `per_record_cap`. `None` if it falls in no band.
fn points(item: &Item, record: &Record) -> Result<Option<Decimal>, Fail> {
    let attribute = |name: &str| {
        record
            .attributes
            .get(name)
            .ok_or_else(|| Fail::new("D010", format!("缺少字段 {name}，无法取分"), "请补录该字段"))
    };
    let numeric = |name: &str| {
        number(attribute(name)?)
            .ok_or_else(|| Fail::new("D009", format!("字段 {name} 不是数字"), ""))
    };
    let once = match &item.points {
        PointsForm::Fixed(points) => *points,
        PointsForm::Lookup { by, table } => {
            let value = attribute(by)?;
            let found = match value {
                AttributeValue::Choice(choice) => table.iter().find(|(known, _)| known == choice),
                _ => None,
            };
            let Some((_, points)) = found else {
                return Err(Fail::new(
                    "D009",
                    format!("字段 {by} 的值「{value}」没有分值"),
                    "",
                ));
            };
            *points
        }
        PointsForm::Bands { by, bands } => {
            let value = numeric(by)?;
            match bands.iter().find(|band| band.range.contains(value)) {
                Some(band) => band.points,
                None => return Ok(None),
            }
        }
        PointsForm::Chosen { .. } => match record.points {
            Some(points) => points.decimal(),
            None => {
                return Err(Fail::new(
                    "D004",
                    "没有填写分值",
                    "请在范围内选择分值并写明理由",
                ));
            }
        },
        PointsForm::Value { by } => numeric(by)?,
    };
    let Some(times) = &item.times else {
        return Ok(Some(once));
    };
    let all = once
        .checked_mul(numeric(times)?)
        .ok_or_else(Fail::overflow)?;
    Ok(Some(
        item.per_record_cap.map_or(all, |cap| bounded(all, cap)),
    ))
}

pub(super) fn number(value: &AttributeValue) -> Option<Decimal> {
    match value {
        AttributeValue::Integer(value) => Some(Decimal::from(*value)),
        AttributeValue::Decimal(value) => Some(*value),
        _ => None,
    }
}

/// A value within a signed cap: a negative cap bounds from below, a positive one from above.
fn bounded(value: Decimal, cap: Decimal) -> Decimal {
    if cap.is_sign_negative() {
        value.max(cap)
    } else {
        value.min(cap)
    }
}

/// Step 3.
fn rectify(
    world: &World<'_>,
    subject: &Subject<'_>,
    day: Day,
    tally: &mut Tally<'_>,
) -> Result<(), Fail> {
    for live in &mut tally.live {
        let Some(factor) = world.rules.items()[live.item].rectified else {
            continue;
        };
        if subject.entries[live.entry]
            .record
            .rectified_on
            .is_none_or(|on| on > day)
        {
            continue;
        }
        live.rectified = true;
        live.points = live.points.checked_mul(factor).ok_or_else(Fail::overflow)?;
        if factor.is_zero() {
            tally.drops[live.entry] = Some(Drop::Cancelled);
        }
    }
    tally.live.retain(|live| tally.drops[live.entry].is_none());
    Ok(())
}

/// Step 4.
fn same_matter(world: &World<'_>, subject: &Subject<'_>, tally: &mut Tally<'_>) {
    let mut best: HashMap<(usize, Option<&str>, &str), usize> = HashMap::new();
    for (index, live) in tally.live.iter().enumerate() {
        let policy = world.rules.items()[live.item].same_matter;
        let Some(matter) = subject.entries[live.entry].record.matter.as_deref() else {
            continue;
        };
        if policy == SameMatter::Sum {
            continue;
        }
        let key = (live.item, live.unit, matter);
        let Some(kept) = best.get_mut(&key) else {
            best.insert(key, index);
            continue;
        };
        let better =
            policy == SameMatter::Highest && live.points.abs() > tally.live[*kept].points.abs();
        let (winner, loser) = if better {
            (index, *kept)
        } else {
            (*kept, index)
        };
        *kept = winner;
        tally.drops[tally.live[loser].entry] = Some(Drop::SameMatter(tally.live[winner].entry));
    }
    if !best.is_empty() {
        tally.live.retain(|live| tally.drops[live.entry].is_none());
    }
}

/// The positions of the live records of each (item, project) that `wanted` asks for, in order of (date, id).
fn by_item<'a>(
    tally: &Tally<'a>,
    wanted: impl Fn(usize) -> bool,
) -> HashMap<(usize, Option<&'a str>), Vec<usize>> {
    let mut found: HashMap<_, Vec<usize>> = HashMap::new();
    for (index, live) in tally.live.iter().enumerate() {
        if wanted(live.item) {
            found.entry((live.item, live.unit)).or_default().push(index);
        }
    }
    found
}

/// Step 5.
fn repeat(world: &World<'_>, tally: &mut Tally<'_>) -> Result<(), Fail> {
    let items = world.rules.items();
    for ((item, _), members) in by_item(tally, |item| items[item].repeat.is_some()) {
        let Some(rule) = &items[item].repeat else {
            continue;
        };
        let dates: Vec<Day> = members
            .iter()
            .map(|index| tally.live[*index].date)
            .collect();
        for (position, index) in members.iter().enumerate() {
            // Dates ascend, and so do the ends of their spans.
            let over = dates[..position]
                .partition_point(|date| rule.within.last_day(*date) < dates[position]);
            let earlier = position - over;
            let factor = rule
                .multiply
                .get(earlier)
                .or(rule.multiply.last())
                .copied()
                .unwrap_or(Decimal::ONE);
            let live = &mut tally.live[*index];
            live.repeat = Some((earlier + 1, factor));
            live.points = live.points.checked_mul(factor).ok_or_else(Fail::overflow)?;
        }
    }
    Ok(())
}

/// Step 6.
fn item_caps(world: &World<'_>, tally: &mut Tally<'_>) -> Result<(), Fail> {
    for live in &mut tally.live {
        live.capped = live.points;
    }
    let items = world.rules.items();
    for ((item, _), members) in by_item(tally, |item| items[item].cap.is_some()) {
        let Some(cap) = items[item].cap else { continue };
        let values: Vec<Decimal> = members
            .iter()
            .map(|index| tally.live[*index].capped)
            .collect();
        for (index, value) in members.iter().zip(reduced(&values, cap)?) {
            tally.live[*index].capped = value;
        }
    }
    Ok(())
}

/// Values brought within a signed cap of their sum: the latest give way first.
fn reduced(values: &[Decimal], cap: Decimal) -> Result<Vec<Decimal>, Fail> {
    let sum = values
        .iter()
        .try_fold(Decimal::ZERO, |sum, value| sum.checked_add(*value))
        .ok_or_else(Fail::overflow)?;
    let mut excess = sum
        .checked_sub(bounded(sum, cap))
        .ok_or_else(Fail::overflow)?;
    let mut values = values.to_vec();
    for value in values.iter_mut().rev() {
        if excess.is_zero() {
            break;
        }
        if !value.is_zero() && value.is_sign_negative() == excess.is_sign_negative() {
            let taken = if excess.is_sign_negative() {
                excess.max(*value)
            } else {
                excess.min(*value)
            };
            *value -= taken;
            excess -= taken;
        }
    }
    Ok(values)
}

/// Step 7.
fn groups(world: &World<'_>, tally: &mut Tally<'_>) -> Result<(), Fail> {
    for live in &mut tally.live {
        live.last = live.capped;
    }
    let items = world.rules.items();
    let mut members: HashMap<(usize, Option<&str>), Vec<usize>> = HashMap::new();
    for (index, live) in tally.live.iter().enumerate() {
        if let Some(group) = items[live.item].group {
            members.entry((group, live.unit)).or_default().push(index);
        }
    }
    for ((group, _), members) in members {
        let rule = &world.rules.groups()[group];
        if rule.highest {
            let mut best: Option<(usize, Decimal)> = None;
            for item in &rule.items {
                let of_item = members
                    .iter()
                    .filter(|index| tally.live[**index].item == *item);
                let sum = of_item
                    .map(|index| tally.live[*index].capped)
                    .try_fold(Decimal::ZERO, Decimal::checked_add)
                    .ok_or_else(Fail::overflow)?;
                if best.is_none_or(|(_, most)| sum.abs() > most.abs()) {
                    best = Some((*item, sum));
                }
            }
            for index in &members {
                if best.is_none_or(|(item, _)| tally.live[*index].item != item) {
                    tally.live[*index].last = Decimal::ZERO;
                }
            }
        }
        if let Some(cap) = rule.cap {
            let values: Vec<Decimal> = members
                .iter()
                .map(|index| tally.live[*index].last)
                .collect();
            for (index, value) in members.iter().zip(reduced(&values, cap)?) {
                tally.live[*index].last = value;
            }
        }
    }
    Ok(())
}

/// What an item's condition reads.
struct RecordInputs<'w, 'a> {
    world: &'w World<'a>,
    subject: &'w Subject<'a>,
    record: &'w Record,
    day: Day,
}

impl Inputs for RecordInputs<'_, '_> {
    fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        self.record.attributes.get(name)
    }

    fn project(&self, field: ProjectField) -> Option<Decimal> {
        let contract = self.world.contract(self.subject, self.record, self.day)?;
        match field {
            ProjectField::Area => contract.area,
            ProjectField::Households => contract.households.map(Decimal::from),
            ProjectField::ContractValue => contract.contract_value,
        }
    }

    fn subject(&self, field: SubjectField) -> Option<Decimal> {
        subject_field(self.subject, field, self.day)
    }
}

/// A field of a company on a day.
pub(super) fn subject_field(
    subject: &Subject<'_>,
    field: SubjectField,
    day: Day,
) -> Option<Decimal> {
    match field {
        SubjectField::AgeMonths => {
            full_months(subject.company?.registered_on?, day).map(Decimal::from)
        }
        SubjectField::Projects => Some(Decimal::from(subject.managed(day).count())),
    }
}

/// How much a project weighs; its column is named if it is absent.
pub(super) fn weight(contract: &Contract, column: Option<&'static str>) -> Result<Decimal, Fail> {
    let value = match column {
        None => Some(Decimal::ONE),
        Some("area") => contract.area,
        Some("households") => contract.households.map(Decimal::from),
        Some(_) => contract.contract_value,
    };
    value
        .filter(|value| !value.is_sign_negative())
        .ok_or_else(|| {
            Fail::new(
                "D015",
                format!(
                    "项目 {} 缺少 {}，无法加权",
                    contract.project,
                    column.unwrap_or_default()
                ),
                "请在项目表里补上该项",
            )
        })
}
