//! A subject's records as columns: everything that does not depend on the day, worked out once.
//!
//! Records of one item (and, where it is computed project by project, of one project) stand together as a *run*, in order
//! of (date, id); the runs of one group stand together as a *bundle*. A day is then one pass over the runs.

use std::ops::Range;

use rust_decimal::Decimal;

use super::{
    entry::Entry,
    judge::{Judge, points},
    plan::{Plan, Step, Table, When},
    quantity::Quantity,
    subjects::{Known, Registers, unknown_project},
    time::{last_of_own_period, period_end},
};
use crate::{
    domain::{Day, RecordStatus, SubjectKind},
    rules::{
        RuleSet,
        model::{Item, PointsForm, SameMatter},
        outcome::Fail,
    },
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
    /// For a record that is counted again in later periods: last day of its own.
    pub recurs_after: Option<Day>,
    /// Last day on which it makes a later one a repetition.
    pub repeats_until: Day,
    /// Number of its matter within the run, of those that several records share.
    pub matter: Option<u32>,
    /// The project that must be managed on the day.
    pub project: Option<u32>,
    /// Rectified, it counts no more.
    pub cancels: bool,
    /// Whether the condition has to be looked at on the day.
    pub daily: bool,
}

/// Records of one item and project.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// Of the hot columns.
    pub range: Range<u32>,
    /// Where its cold columns begin; `None` where time and rectification alone decide, and the sum is all that is asked for.
    cold: Option<u32>,
    pub slot: u32,
    /// Index of the project it is computed in.
    pub unit: Option<u32>,
    /// Where its sum is added up (see [`Plan::cell`]).
    pub cell: u32,
    /// Number of matters that several records share.
    pub matters: u32,
}

/// Runs of one group.
#[derive(Debug, Clone)]
pub(super) struct Bundle {
    pub runs: Range<u32>,
    pub group: usize,
    pub record_level: bool,
}

/// Facts with points of one kind.
#[derive(Debug)]
pub(super) struct Facts<Q> {
    hot: Vec<Hot<Q>>,
    cold: Vec<Cold>,
    pub runs: Vec<Run>,
    pub bundles: Vec<Bundle>,
    /// Indices of the runs whose item bounds the grade.
    pub vetoes: Vec<u32>,
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
            vetoes: Vec::new(),
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
        &self.hot[run.range.start as usize..run.range.end as usize]
    }

    /// Beside the hot columns of a run; `None` of a plain one.
    pub fn cold(&self, run: &Run) -> Option<&[Cold]> {
        let start = run.cold? as usize;
        let length = (run.range.end - run.range.start) as usize;
        Some(&self.cold[start..start + length])
    }
}

impl Cold {
    /// Whether other days than those of the record decide over it.
    pub fn is_restless(&self) -> bool {
        self.project.is_some() || self.daily
    }
}

impl Run {
    pub fn slot(&self) -> usize {
        self.slot as usize
    }
}

/// A record that may count.
#[derive(Debug, Clone, Copy)]
struct Found {
    /// Where it goes: by project, group, place in the group, and item.
    place: u32,
    entry: u32,
    item: u32,
    daily: bool,
    points: Decimal,
}

impl Found {
    fn item(&self) -> usize {
        self.item as usize
    }
}

/// What is filled again for every subject.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// In the order of entries.
    found: Vec<Found>,
    /// Place and number of each.
    order: Vec<u64>,
    /// In the order of places.
    placed: Vec<Found>,
}

impl Scratch {
    /// Puts what was found into its places; entries of one place stay in order.
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

pub(super) fn columns<'a>(
    rules: &RuleSet,
    plan: &Plan,
    registers: &Registers<'a>,
    subject: &Known<'a>,
    scratch: &mut Scratch,
) -> Columns {
    if let Err(fail) = find(rules, plan, registers, subject, &mut scratch.found) {
        return Columns::Faulty(fail);
    }
    scratch.put_in_place();
    let found = &scratch.placed;
    let narrow = plan.narrow.as_ref().filter(|_| fits(plan, found));
    if let Some(facts) =
        narrow.and_then(|table| facts(rules, plan, table, registers, subject, found))
    {
        return Columns::Narrow(facts);
    }
    match facts(rules, plan, &plan.wide, registers, subject, found) {
        Some(facts) => Columns::Wide(facts),
        None => Columns::Faulty(Fail::overflow()),
    }
}

/// Whether no sum of the subject's points can leave an `i64`, whatever counts, nor a product on the way to it.
fn fits(plan: &Plan, found: &[Found]) -> bool {
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

/// The columns of records that stand in their order; `None` if a value does not fit.
fn facts<Q: Quantity>(
    rules: &RuleSet,
    plan: &Plan,
    table: &Table<Q>,
    registers: &Registers<'_>,
    subject: &Known<'_>,
    found: &[Found],
) -> Option<Facts<Q>> {
    let mut facts = Facts {
        hot: Vec::with_capacity(found.len()),
        ..Facts::default()
    };
    for one in found {
        facts.hot.push(hot(rules, plan, table, subject, one)?);
    }
    let projects_matter = rules.subject() == SubjectKind::Company && registers.contracts_known;
    for chunk in found.chunk_by(|a, b| a.place == b.place) {
        let start = facts.runs.last().map_or(0, |run: &Run| run.range.end);
        let step = &plan.steps[chunk[0].item()];
        let first = &subject.entries[chunk[0].entry as usize];
        let unit = first.project.filter(|_| step.per_project);
        let mut run = Run {
            range: start..start + u32::try_from(chunk.len()).ok()?,
            cold: None,
            slot: u32::try_from(step.slot).ok()?,
            unit,
            cell: u32::try_from(plan.cell(subject, step.component, unit)).ok()?,
            matters: 0,
        };
        if !is_plain(rules, plan, subject, chunk, projects_matter) {
            run.cold = u32::try_from(facts.cold.len()).ok();
            let first = facts.cold.len();
            facts
                .cold
                .extend((chunk.iter()).map(|one| cold(rules, plan, subject, one, projects_matter)));
            if step.same_matter != SameMatter::Sum {
                run.matters = share_matters(&mut facts.cold[first..]);
            }
        }
        if step.veto.is_some() {
            facts.vetoes.push(u32::try_from(facts.runs.len()).ok()?);
        }
        facts.runs.push(run);
    }
    bundles(plan, &mut facts);
    Some(facts)
}

/// Whether time and rectification alone decide over the records of a run, and the sum is all that is asked for.
fn is_plain(
    rules: &RuleSet,
    plan: &Plan,
    subject: &Known<'_>,
    run: &[Found],
    projects_matter: bool,
) -> bool {
    let step = &plan.steps[run[0].item()];
    let alone = run.iter().all(|one| {
        let own = &plan.steps[one.item()];
        let project = projects_matter && subject.entries[one.entry as usize].project.is_some();
        !one.daily && !project && !own.recurs && !own.cancels
    });
    let shared = || step.same_matter != SameMatter::Sum && may_share_a_matter(subject, run);
    let repeated = || step.repeats && may_repeat(&rules.all_items()[step.slot], subject, run);
    alone && !step.record_level && !shared() && !repeated()
}

/// Whether two records of a run are about one matter; of long runs it is taken for granted.
fn may_share_a_matter(subject: &Known<'_>, run: &[Found]) -> bool {
    const LONG: usize = 32;
    let matter = |one: &Found| subject.entries[one.entry as usize].matter;
    run.len() > LONG
        || run.iter().enumerate().any(|(at, one)| {
            let own = matter(one);
            own.is_some() && run[..at].iter().any(|other| matter(other) == own)
        })
}

/// Whether the factors of repetition can change the points of any record of a run.
fn may_repeat(head: &Item, subject: &Known<'_>, run: &[Found]) -> bool {
    let Some(repeat) = &head.repeat else {
        return false;
    };
    let date = |one: &Found| subject.entries[one.entry as usize].date;
    // Dates ascend, and so do the ends of their spans.
    repeat.multiply.first() != Some(&Decimal::ONE)
        || run
            .windows(2)
            .any(|pair| match (date(&pair[0]), date(&pair[1])) {
                (Some(earlier), Some(later)) => later <= repeat.within.last_day(earlier),
                _ => true,
            })
}

fn hot<Q: Quantity>(
    rules: &RuleSet,
    plan: &Plan,
    table: &Table<Q>,
    subject: &Known<'_>,
    one: &Found,
) -> Option<Hot<Q>> {
    let entry = &subject.entries[one.entry as usize];
    let item = &rules.all_items()[one.item()];
    let date = entry.date?;
    let plain = match table.fixed[one.item()] {
        Some(points) => points,
        None => Q::read(one.points, plan.scale)?,
    };
    let amended = match (&table.rectified[one.item()], entry.rectified_on) {
        (Some(factor), Some(_)) => plain.times(factor)?,
        _ => plain,
    };
    Some(Hot {
        from: date,
        last: last_of_own_period(rules.period(), entry, item, date),
        rectified: entry.rectified_on,
        entry: one.entry,
        plain,
        amended,
    })
}

fn cold(
    rules: &RuleSet,
    plan: &Plan,
    subject: &Known<'_>,
    one: &Found,
    projects_matter: bool,
) -> Cold {
    let entry = &subject.entries[one.entry as usize];
    let step = &plan.steps[one.item()];
    let date = entry.date.unwrap_or(Day::MAX);
    let repeat = &rules.all_items()[step.slot].repeat;
    Cold {
        recurs_after: if step.recurs {
            period_end(rules.period(), date)
        } else {
            None
        },
        repeats_until: (repeat.as_ref()).map_or(Day::MAX, |repeat| repeat.within.last_day(date)),
        matter: entry.matter,
        project: entry.project.filter(|_| projects_matter),
        cancels: step.cancels,
        daily: one.daily,
    }
}

/// Numbers the matters that more than one record of a run is about, from 0; forgets the others.
fn share_matters(run: &mut [Cold]) -> u32 {
    let of_run: Vec<Option<u32>> = run.iter().map(|one| one.matter).collect();
    let mut shared = of_run.clone();
    shared.sort_unstable();
    let shared: Vec<u32> = shared
        .chunk_by(|a, b| a == b)
        .filter(|same| same.len() > 1)
        .filter_map(|same| same[0])
        .collect();
    for (one, matter) in run.iter_mut().zip(of_run) {
        let number = matter.and_then(|matter| shared.binary_search(&matter).ok());
        one.matter = number.and_then(|number| u32::try_from(number).ok());
    }
    u32::try_from(shared.len()).unwrap_or(u32::MAX)
}

fn bundles<Q>(plan: &Plan, facts: &mut Facts<Q>) {
    let mut start = 0;
    let group = |run: &Run| {
        let step = &plan.steps[run.slot()];
        step.group.filter(|_| step.bundled)
    };
    for chunk in facts
        .runs
        .chunk_by(|a, b| (a.unit, group(a)) == (b.unit, group(b)))
    {
        let end = start + u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        if let Some(group) = group(&chunk[0]) {
            facts.bundles.push(Bundle {
                runs: start..end,
                group,
                record_level: chunk.iter().any(|run| plan.steps[run.slot()].record_level),
            });
        }
        start = end;
    }
}
