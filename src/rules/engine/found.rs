//! The records of a subject that can count on some day, each in its place: what of a record is judged once and for all.

use rust_decimal::Decimal;

use super::{
    entry::Entry,
    judge::{Judge, points},
    plan::{Plan, Step, When},
    subjects::{Known, Registers, unknown_project},
};
use crate::{
    domain::{RecordStatus, SubjectKind},
    rules::{RuleSet, model::PointsForm, outcome::Fail},
};

/// A record that may count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// Where it goes: by project, group, place in the group, and item.
    pub place: u32,
    pub entry: u32,
    item: u32,
    pub daily: bool,
    pub points: Decimal,
}

impl Found {
    pub fn item(&self) -> usize {
        self.item as usize
    }
}

/// Filled again for every subject.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// In the order of entries.
    found: Vec<Found>,
    /// Place and number of each.
    order: Vec<u64>,
    /// In the order of places.
    placed: Vec<Found>,
}

impl Places {
    /// Finds the records of a subject and puts them into their places; those of one place stay in order.
    ///
    /// # Errors
    /// A fault of the data that stands on every day.
    pub fn fill<'a>(
        &mut self,
        rules: &RuleSet,
        plan: &Plan,
        registers: &Registers<'a>,
        subject: &Known<'a>,
    ) -> Result<&[Found], Fail> {
        find(rules, plan, registers, subject, &mut self.found)?;
        self.put_in_place();
        Ok(&self.placed)
    }

    fn put_in_place(&mut self) {
        let Self {
            found,
            order,
            placed,
        } = self;
        order.clear();
        let numbered = found.iter().zip(0_u64..);
        order.extend(numbered.map(|(one, number)| u64::from(one.place) << 32 | number));
        order.sort_unstable();
        placed.clear();
        placed.extend(
            order
                .iter()
                .map(|one| found[(*one & u64::from(u32::MAX)) as usize]),
        );
    }
}

/// Whether no sum of the subject's points can leave an `i64`, whatever counts, nor a product on the way to it.
pub(super) fn fits(plan: &Plan, found: &[Found]) -> bool {
    let mut most = plan.most;
    for one in found.iter().filter(|one| !plan.steps[one.item()].bounded) {
        most = most.max(one.points.abs());
    }
    let unit = Decimal::from(10_i64.pow(plan.scale));
    let room = Decimal::from(i64::MAX / 4);
    most.checked_mul(Decimal::from(found.len()))
        .and_then(|sum| sum.checked_mul(plan.room))
        .and_then(|sum| sum.checked_mul(unit))
        .is_some_and(|units| units < room)
}

/// The records that can count on some day.
fn find<'a>(
    rules: &RuleSet,
    plan: &Plan,
    registers: &Registers<'a>,
    subject: &Known<'a>,
    found: &mut Vec<Found>,
) -> Result<(), Fail> {
    found.clear();
    let judge = Judge {
        rules,
        plan,
        registers,
        subject,
    };
    let by_company = rules.subject() == SubjectKind::Company;
    for (entry, number) in subject.entries.iter().zip(0..) {
        let counts = match entry.status {
            RecordStatus::Draft | RecordStatus::Revoked => false,
            RecordStatus::Disputed => rules.score_rule().disputed_counts,
            RecordStatus::Confirmed => true,
        };
        if !counts || entry.date.is_none() {
            continue;
        }
        let Some(item) = plan.item_of(rules, entry) else {
            continue;
        };
        let step = &plan.steps[item];
        if step.per_project
            && by_company
            && let Some(code) = &entry.record.project
            && !registers.projects.contains_key(code.as_str())
        {
            return Err(unknown_project(code).of(entry.record));
        }
        let (points, daily) = match judged_once(&judge, entry, item, step) {
            Once::Never => continue,
            Once::Counts(points) => (points, false),
            Once::Daily(points) => (points, true),
        };
        let unit = entry.project.filter(|_| step.per_project);
        let units = unit.map_or(0, |unit| u64::from(unit) + 1) * plan.steps.len() as u64;
        found.push(Found {
            place: u32::try_from(units + u64::from(step.order)).map_err(|_| Fail::overflow())?,
            entry: number,
            item: u32::try_from(item).map_err(|_| Fail::overflow())?,
            daily,
            points,
        });
    }
    Ok(())
}

/// What can be said of a record once and for all.
enum Once {
    Never,
    Counts(Decimal),
    /// Its condition depends on the day, or it has a fault that matters on the days on which it counts.
    Daily(Decimal),
}

fn judged_once<'a>(judge: &Judge<'_, 'a>, entry: &Entry<'a>, item: usize, step: &Step) -> Once {
    let rule = &judge.rules.all_items()[item];
    let points = match (&rule.points, entry.points, &rule.times) {
        (PointsForm::Fixed(points), _, None) => *points,
        (PointsForm::Chosen { .. }, Some(points), None) => points.decimal(),
        _ => match points(rule, entry.record) {
            Ok(Some(points)) => points,
            Ok(None) => return Once::Never,
            Err(_) => return Once::Daily(Decimal::ZERO),
        },
    };
    match (step.when, entry.date) {
        (When::Once, Some(date)) => match judge.condition(entry.record, rule, date) {
            Ok(Ok(())) => Once::Counts(points),
            Ok(Err(_)) => Once::Never,
            Err(_) => Once::Daily(points),
        },
        (When::Daily, _) => Once::Daily(points),
        _ => Once::Counts(points),
    }
}
