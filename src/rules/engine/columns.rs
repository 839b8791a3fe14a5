//! A subject's records as columns: everything that does not depend on the day, worked out once.
//!
//! Records of one item (and, where it is computed project by project, of one project) stand together as a *run*, in order
//! of (date, id); the runs of one group stand together as a *bundle*. A day is then one pass over the runs.

use std::{collections::HashMap, ops::Range};

use rust_decimal::Decimal;

use super::{
    judge::{Judge, points},
    plan::{Plan, Step, Table, When},
    quantity::Quantity,
    subjects::{Entry, Registers, Subject, unknown_project},
    time::{last_of_own_period, period_end},
};
use crate::{
    domain::{Day, RecordStatus, SubjectKind},
    rules::{RuleSet, model::SameMatter, outcome::Fail},
};

/// What every record of a run needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hot<Q> {
    /// The date that counts: first day.
    pub from: Day,
    /// Last day within its own period and validity.
    pub last: Day,
    pub rectified: Option<Day>,
    /// Position among the subject's records by (date, id).
    pub entry: u32,
    pub plain: Q,
    /// Once rectified.
    pub amended: Q,
}

/// What only some runs need.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cold {
    /// Last day of its own period.
    pub period: Day,
    /// Last day on which it makes a later one a repetition.
    pub repeats_until: Day,
    /// Number of its matter within the run, of those that several records share.
    pub matter: Option<u32>,
    /// The project that must be managed on the day.
    pub project: Option<u32>,
    /// Whether the condition has to be looked at on the day.
    pub daily: bool,
}

/// Records of one item and project.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// Of the facts.
    pub range: Range<u32>,
    pub slot: usize,
    /// Index of the project it is computed in.
    pub unit: Option<u32>,
    /// Number of matters that several records share.
    pub matters: u32,
    /// Whether time and rectification alone decide, and the sum is all that is asked for.
    pub plain: bool,
}

/// Runs of one group, or one run without a group.
#[derive(Debug, Clone)]
pub(super) struct Bundle {
    pub runs: Range<u32>,
    pub group: Option<usize>,
    pub record_level: bool,
}

/// Facts with points of one kind.
#[derive(Debug)]
pub(super) struct Facts<Q> {
    pub hot: Vec<Hot<Q>>,
    /// Empty where every run is plain.
    pub cold: Vec<Cold>,
    pub runs: Vec<Run>,
    pub bundles: Vec<Bundle>,
}

/// The records of a subject that count on some day.
#[derive(Debug)]
pub(super) enum Columns {
    Narrow(Facts<i64>),
    /// Where values or sums do not fit.
    Wide(Facts<Decimal>),
    /// A fault of the data that stands on every day.
    Faulty(Fail),
}

impl<Q> Default for Facts<Q> {
    fn default() -> Self {
        Self {
            hot: Vec::new(),
            cold: Vec::new(),
            runs: Vec::new(),
            bundles: Vec::new(),
        }
    }
}

impl Default for Columns {
    fn default() -> Self {
        Self::Narrow(Facts::default())
    }
}

impl<Q> Facts<Q> {
    pub fn hot(&self, run: &Run) -> &[Hot<Q>] {
        self.hot
            .get(run.range.start as usize..run.range.end as usize)
            .unwrap_or_default()
    }
}

/// A record that may count, before it has its place.
struct Found {
    entry: u32,
    item: usize,
    unit: Option<u32>,
    project: Option<u32>,
    points: Decimal,
    daily: bool,
}

pub(super) fn columns<'a>(
    rules: &RuleSet,
    plan: &Plan,
    registers: &Registers<'a>,
    subject: &Subject<'a>,
) -> Columns {
    let mut found = match found(rules, plan, registers, subject) {
        Ok(found) => found,
        Err(fail) => return Columns::Faulty(fail),
    };
    let steps = &plan.steps;
    // Entries are in order of (date, id) already.
    found.sort_by_key(|one| {
        let step = &steps[one.item];
        (one.unit, step.group, step.position, step.slot, one.entry)
    });
    let narrow = plan.narrow.as_ref().filter(|_| fits(plan, &found));
    if let Some(facts) = narrow.and_then(|table| facts(rules, plan, table, subject, &found)) {
        return Columns::Narrow(facts);
    }
    match facts(rules, plan, &plan.wide, subject, &found) {
        Some(facts) => Columns::Wide(facts),
        None => Columns::Faulty(Fail::overflow()),
    }
}

/// Whether no sum of the subject's points can leave an `i64`, whatever counts.
fn fits(plan: &Plan, found: &[Found]) -> bool {
    let room = Decimal::from(i64::MAX / 4);
    let unit = Decimal::from(10_i64.pow(plan.scale));
    let mut sum = Decimal::ZERO;
    for one in found {
        match sum.checked_add(one.points.abs()) {
            Some(more) => sum = more,
            None => return false,
        }
    }
    // Factors are read in the same unit, so that a product passes through its square.
    sum.checked_mul(plan.most.max(Decimal::ONE))
        .and_then(|sum| sum.checked_mul(unit))
        .is_some_and(|units| units < room)
}

/// The records that can count on some day.
fn found<'a>(
    rules: &RuleSet,
    plan: &Plan,
    registers: &Registers<'a>,
    subject: &Subject<'a>,
) -> Result<Vec<Found>, Fail> {
    let mut found = Vec::with_capacity(subject.entries.len());
    for (index, entry) in subject.entries.iter().enumerate() {
        let record = entry.record;
        let counts = match record.status {
            RecordStatus::Draft | RecordStatus::Revoked => false,
            RecordStatus::Disputed => rules.score_rule().disputed_counts,
            RecordStatus::Confirmed => true,
        };
        let (true, Some(item), Some(_)) = (counts, entry.item, entry.date) else {
            continue;
        };
        let step = &plan.steps[item];
        let mut project = None;
        let mut unit = None;
        if let Some(code) = &record.project {
            let by_company = rules.subject() == SubjectKind::Company;
            if by_company && step.per_project && !registers.projects.contains_key(code.as_str()) {
                return Err(unknown_project(code).of(record));
            }
            let place = subject.project(code).and_then(|at| u32::try_from(at).ok());
            project = place.filter(|_| by_company && registers.contracts_known);
            unit = place.filter(|_| step.per_project);
        }
        let judge = Judge {
            rules,
            plan,
            registers,
            subject,
        };
        let (points, daily) = match judged_once(&judge, entry, item, step) {
            Once::Never => continue,
            Once::Counts(points) => (points, false),
            Once::Daily(points) => (points, true),
        };
        found.push(Found {
            entry: u32::try_from(index).unwrap_or(u32::MAX),
            item,
            unit,
            project,
            points,
            daily,
        });
    }
    Ok(found)
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
    let points = match points(rule, entry.record) {
        Ok(Some(points)) => points,
        Ok(None) => return Once::Never,
        Err(_) => return Once::Daily(Decimal::ZERO),
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

/// The columns of records that stand in their order; `None` if a value does not fit.
fn facts<Q: Quantity>(
    rules: &RuleSet,
    plan: &Plan,
    table: &Table<Q>,
    subject: &Subject<'_>,
    found: &[Found],
) -> Option<Facts<Q>> {
    let mut facts = Facts {
        hot: Vec::with_capacity(found.len()),
        ..Facts::default()
    };
    for one in found {
        facts.hot.push(hot(rules, plan, table, subject, one)?);
    }
    runs(plan, found, &mut facts);
    let mut plain = true;
    for index in 0..facts.runs.len() {
        plain &= facts.runs[index].plain;
    }
    if !plain {
        facts.cold = Vec::with_capacity(found.len());
        for index in 0..facts.runs.len() {
            let run = &mut facts.runs[index];
            let range = run.range.start as usize..run.range.end as usize;
            cold(rules, plan, subject, &found[range], run, &mut facts.cold);
        }
    }
    bundles(plan, &mut facts);
    Some(facts)
}

fn hot<Q: Quantity>(
    rules: &RuleSet,
    plan: &Plan,
    table: &Table<Q>,
    subject: &Subject<'_>,
    one: &Found,
) -> Option<Hot<Q>> {
    let entry = &subject.entries[one.entry as usize];
    let item = &rules.all_items()[one.item];
    let date = entry.date?;
    let plain = match table.fixed[one.item] {
        Some(points) => points,
        None => Q::read(one.points, plan.scale)?,
    };
    let amended = match item.rectified {
        None => plain,
        Some(factor) => Q::read(one.points.checked_mul(factor)?, plan.scale)?,
    };
    Some(Hot {
        from: date,
        last: last_of_own_period(rules.period(), entry, item, date),
        rectified: entry.record.rectified_on,
        entry: one.entry,
        plain,
        amended,
    })
}

/// Where each run begins and ends.
fn runs<Q>(plan: &Plan, found: &[Found], facts: &mut Facts<Q>) {
    let mut start = 0;
    for chunk in found
        .chunk_by(|a, b| (a.unit, plan.steps[a.item].slot) == (b.unit, plan.steps[b.item].slot))
    {
        let end = start + u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        let step = &plan.steps[chunk[0].item];
        // Repetitions and matters of a single record change nothing, save by a first factor.
        let alone = chunk.len() == 1;
        let plain = !step.record_level
            && !step.repeats
            && (alone || step.same_matter == SameMatter::Sum)
            && chunk.iter().all(|one| {
                let own = &plan.steps[one.item];
                !one.daily && one.project.is_none() && !own.recurs && !own.cancels
            });
        facts.runs.push(Run {
            range: start..end,
            slot: step.slot,
            unit: chunk[0].unit,
            matters: 0,
            plain,
        });
        start = end;
    }
}

fn cold(
    rules: &RuleSet,
    plan: &Plan,
    subject: &Subject<'_>,
    found: &[Found],
    run: &mut Run,
    cold: &mut Vec<Cold>,
) {
    let head = &rules.all_items()[run.slot];
    let matters = shared_matters(head.same_matter, subject, found);
    run.matters = u32::try_from(matters.len()).unwrap_or(u32::MAX);
    let kind = rules.period();
    for one in found {
        let entry = &subject.entries[one.entry as usize];
        let date = entry.date.unwrap_or(Day::MAX);
        let matter = entry.record.matter.as_deref();
        cold.push(Cold {
            period: if plan.steps[one.item].recurs {
                period_end(kind, date).unwrap_or(Day::MAX)
            } else {
                Day::MAX
            },
            repeats_until: (head.repeat.as_ref())
                .map_or(Day::MAX, |repeat| repeat.within.last_day(date)),
            matter: matter.and_then(|matter| matters.get(matter).copied()),
            project: one.project,
            daily: one.daily,
        });
    }
}

/// The matters that more than one record of a run is about, numbered.
fn shared_matters<'a>(
    policy: SameMatter,
    subject: &Subject<'a>,
    found: &[Found],
) -> HashMap<&'a str, u32> {
    if policy == SameMatter::Sum || found.len() < 2 {
        return HashMap::new();
    }
    let mut times: HashMap<&str, u32> = HashMap::new();
    for one in found {
        let record = subject.entries[one.entry as usize].record;
        if let Some(matter) = record.matter.as_deref() {
            *times.entry(matter).or_default() += 1;
        }
    }
    times.retain(|_, times| *times > 1);
    for (number, times) in times.values_mut().enumerate() {
        *times = u32::try_from(number).unwrap_or(u32::MAX);
    }
    times
}

fn bundles<Q>(plan: &Plan, facts: &mut Facts<Q>) {
    let mut start = 0;
    let group = |run: &Run| plan.steps[run.slot].group;
    for chunk in facts
        .runs
        .chunk_by(|a, b| group(a).is_some() && (a.unit, group(a)) == (b.unit, group(b)))
    {
        let end = start + u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        facts.bundles.push(Bundle {
            runs: start..end,
            group: group(&chunk[0]),
            record_level: chunk.iter().any(|run| plan.steps[run.slot].record_level),
        });
        start = end;
    }
}
