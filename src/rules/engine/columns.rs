//! A subject's records as columns: everything that does not depend on the day, worked out once.
//!
//! Records of one item (and, where it is computed project by project, of one project) stand together as a *run*, in order
//! of (date, id); the runs of one group stand together as a *bundle*. A day is then one pass over the runs.

use std::ops::Range;

use rust_decimal::Decimal;

use super::{
    found::{Found, Places, fits},
    plan::{Plan, Table},
    quantity::Quantity,
    subjects::{Known, Registers},
    time::{last_of_own_period, period_end},
};
use crate::{
    domain::{Day, SubjectKind},
    rules::{
        RuleSet,
        model::{Item, SameMatter},
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

/// What is filled again for every subject.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    places: Places,
    cold: Vec<Cold>,
    runs: Vec<Run>,
}

pub(super) fn columns<'a>(
    rules: &RuleSet,
    plan: &Plan,
    registers: &Registers<'a>,
    subject: &Known<'a>,
    scratch: &mut Scratch,
) -> Columns {
    let Scratch { places, cold, runs } = scratch;
    let found = match places.fill(rules, plan, registers, subject) {
        Ok(found) => found,
        Err(fail) => return Columns::Faulty(fail),
    };
    let mut made = Making {
        rules,
        plan,
        subject,
        projects_matter: rules.subject() == SubjectKind::Company && registers.contracts_known,
        cold,
        runs,
    };
    let narrow = plan.narrow.as_ref().filter(|_| fits(plan, found));
    if let Some(facts) = narrow.and_then(|table| made.facts(table, found)) {
        return Columns::Narrow(facts);
    }
    match made.facts(&plan.wide, found) {
        Some(facts) => Columns::Wide(facts),
        None => Columns::Faulty(Fail::overflow()),
    }
}

/// Columns while they are made.
struct Making<'m, 'a> {
    rules: &'m RuleSet,
    plan: &'m Plan,
    subject: &'m Known<'a>,
    /// Whether a record counts only while its project is managed.
    projects_matter: bool,
    cold: &'m mut Vec<Cold>,
    runs: &'m mut Vec<Run>,
}

impl Making<'_, '_> {
    /// The columns of records that stand in their places; `None` if a value does not fit.
    fn facts<Q: Quantity>(&mut self, table: &Table<Q>, found: &[Found]) -> Option<Facts<Q>> {
        let (rules, plan, subject) = (self.rules, self.plan, self.subject);
        let mut facts = Facts {
            hot: Vec::with_capacity(found.len()),
            ..Facts::default()
        };
        for one in found {
            facts.hot.push(hot(rules, plan, table, subject, one)?);
        }
        self.cold.clear();
        self.runs.clear();
        for chunk in found.chunk_by(|a, b| a.place == b.place) {
            let run = self.run(chunk)?;
            if plan.steps[run.slot()].veto.is_some() {
                facts.vetoes.push(u32::try_from(self.runs.len()).ok()?);
            }
            self.runs.push(run);
        }
        // No larger than they are.
        facts.cold.clone_from(self.cold);
        facts.runs.clone_from(self.runs);
        bundles(plan, &mut facts);
        Some(facts)
    }

    /// The run of the records of one place, after those made before.
    fn run(&mut self, found: &[Found]) -> Option<Run> {
        let start = self.runs.last().map_or(0, |run| run.range.end);
        let step = &self.plan.steps[found[0].item()];
        let first = &self.subject.entries[found[0].entry as usize];
        let unit = first.project.filter(|_| step.per_project);
        let mut run = Run {
            range: start..start + u32::try_from(found.len()).ok()?,
            cold: None,
            slot: u32::try_from(step.slot).ok()?,
            unit,
            cell: u32::try_from(self.plan.cell(self.subject, step.component, unit)).ok()?,
            matters: 0,
        };
        if !self.is_plain(found) {
            let first = self.cold.len();
            run.cold = u32::try_from(first).ok();
            for one in found {
                self.cold.push(self.cold_of(one));
            }
            if step.same_matter != SameMatter::Sum {
                run.matters = share_matters(&mut self.cold[first..]);
            }
        }
        Some(run)
    }

    /// Whether time and rectification alone decide over the records of a run, and the sum is all that is asked for.
    fn is_plain(&self, run: &[Found]) -> bool {
        let (plan, subject) = (self.plan, self.subject);
        let step = &plan.steps[run[0].item()];
        let alone = run.iter().all(|one| {
            let own = &plan.steps[one.item()];
            let entry = &subject.entries[one.entry as usize];
            let project = self.projects_matter && entry.project.is_some();
            !one.daily && !project && !own.recurs && !own.cancels
        });
        let shared = || step.same_matter != SameMatter::Sum && may_share_a_matter(subject, run);
        let repeated =
            || step.repeats && may_repeat(&self.rules.all_items()[step.slot], subject, run);
        alone && !step.record_level && !shared() && !repeated()
    }

    fn cold_of(&self, one: &Found) -> Cold {
        let entry = &self.subject.entries[one.entry as usize];
        let step = &self.plan.steps[one.item()];
        let date = entry.date.unwrap_or(Day::MAX);
        let repeat = &self.rules.all_items()[step.slot].repeat;
        Cold {
            recurs_after: if step.recurs {
                period_end(self.rules.period(), date)
            } else {
                None
            },
            repeats_until: (repeat.as_ref())
                .map_or(Day::MAX, |repeat| repeat.within.last_day(date)),
            matter: entry.matter,
            project: entry.project.filter(|_| self.projects_matter),
            cancels: step.cancels,
            daily: one.daily,
        }
    }
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
