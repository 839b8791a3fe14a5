//! Steps 1 to 7: the records that count, and the points of each after rectification, matters, repetition, item caps
//! and groups. Components of projects go through steps 4 to 7 project by project.
//!
//! One code for sums alone and for sums with an explanation: with `RECORD` every counted record is kept with what each
//! step made of it, without it only where a later step needs them.

use rust_decimal::Decimal;

use super::{
    columns::{Bundle, Cold, Columns, Facts, Hot, Run},
    judge::{Drop, Judge},
    plan::{Plan, Table},
    quantity::{Factor, Quantity, reduce},
    subjects::{Subject, World},
    time::Window,
};
use crate::{
    domain::Day,
    rules::{model::SameMatter, outcome::Fail, predicate::Target},
};

/// A record that counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Live<Q> {
    pub entry: u32,
    pub run: u32,
    /// Position in the run.
    at: u32,
    /// After step 2.
    pub raw: Q,
    pub rectified: bool,
    /// Which occurrence; 0 where repetition does not matter.
    pub nth: u32,
    /// After steps 3 to 5.
    pub points: Q,
    /// After the item cap.
    pub capped: Q,
    /// After the group.
    pub last: Q,
}

/// What the records of a run give together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct RunSum<Q> {
    /// How many count.
    pub count: u32,
    /// After the item cap.
    pub capped: Q,
    /// After the group.
    pub last: Q,
}

/// Steps 1 to 7 for one subject on one day, in one kind of number.
#[derive(Debug, Default)]
pub(super) struct Sums<Q> {
    /// By run.
    pub runs: Vec<RunSum<Q>>,
    /// By run, then (date, id): every counted record, or those of runs that are needed record by record.
    pub lives: Vec<Live<Q>>,
    /// Records (by entry) that another one stands for.
    pub losers: Vec<(u32, u32)>,
    /// Sums after groups, by component and project (see [`Plan::cell`]).
    pub cells: Vec<Cell<Q>>,
    /// The best record of each matter of a run, by position.
    best: Vec<Option<usize>>,
}

/// How many records a component has, for the subject or for one project, and what they give.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Cell<Q> {
    pub count: u32,
    pub sum: Q,
}

/// Steps 1 to 7 for one subject on one day; kept and filled again for the next.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub narrow: Sums<i64>,
    pub wide: Sums<Decimal>,
}

/// What a day is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'w, 'a> {
    pub world: &'w World<'a>,
    pub subject: &'w Subject<'a>,
    pub day: Day,
    pub window: Window,
    /// Whether it is the day asked about: list entries are known for that day only.
    pub current: bool,
}

impl<'w, 'a> Question<'w, 'a> {
    pub fn judge(&self) -> Judge<'w, 'a> {
        Judge {
            rules: self.world.rules,
            plan: &self.world.plan,
            registers: &self.world.registers,
            subject: self.subject,
        }
    }

    /// Steps 1 to 7 into a tally.
    ///
    /// # Errors
    /// A fault of the data that matters on the day.
    pub fn tally<const RECORD: bool>(&self, tally: &mut Tally) -> Result<(), Fail> {
        match (&self.subject.columns, &self.world.plan.narrow) {
            (Columns::Faulty(fail), _) => Err(fail.clone()),
            (Columns::Narrow(facts), Some(table)) => {
                self.sums::<_, RECORD>(facts, table, &mut tally.narrow)
            }
            (Columns::Wide(facts), _) => {
                self.sums::<_, RECORD>(facts, &self.world.plan.wide, &mut tally.wide)
            }
            // There are no narrow columns without a narrow table, save of a subject without records.
            (Columns::Narrow(_), None) => {
                tally.narrow.clear();
                Ok(())
            }
        }
    }

    fn sums<Q: Quantity, const RECORD: bool>(
        &self,
        facts: &Facts<Q>,
        table: &Table<Q>,
        sums: &mut Sums<Q>,
    ) -> Result<(), Fail> {
        sums.clear();
        for (run, index) in facts.runs.iter().zip(0..) {
            let sum = self.run::<Q, RECORD>(facts, table, run, index, sums)?;
            sums.runs.push(sum);
        }
        for bundle in &facts.bundles {
            let recorded = RECORD || bundle.record_level;
            let highest = self.world.rules.groups()[bundle.group].highest;
            let cap = table.group_caps[bundle.group];
            grouped(bundle, highest, cap, recorded, sums).ok_or_else(Fail::overflow)?;
        }
        self.cells(facts, sums).ok_or_else(Fail::overflow)
    }

    /// Adds the runs up by component and project.
    pub fn cells<Q: Quantity>(&self, facts: &Facts<Q>, sums: &mut Sums<Q>) -> Option<()> {
        let plan = &self.world.plan;
        let Sums { runs, cells, .. } = sums;
        cells.clear();
        cells.resize(plan.components * plan.stride(self.subject), Cell::default());
        for (run, sum) in facts.runs.iter().zip(runs) {
            let component = plan.steps[run.slot()].component;
            let cell = &mut cells[plan.cell(self.subject, component, run.unit)];
            cell.count += sum.count;
            cell.sum = cell.sum.plus(sum.last)?;
        }
        Some(())
    }

    /// Steps 1 to 6 of one run.
    fn run<Q: Quantity, const RECORD: bool>(
        &self,
        facts: &Facts<Q>,
        table: &Table<Q>,
        run: &Run,
        index: u32,
        sums: &mut Sums<Q>,
    ) -> Result<RunSum<Q>, Fail> {
        let (hot, cold) = (facts.hot(run), facts.cold(run));
        let cap = table.caps[run.slot()];
        if !RECORD && cold.is_none() && self.window == Window::Score {
            return plain_sum(hot, self.day, cap).ok_or_else(Fail::overflow);
        }
        let step = &self.world.plan.steps[run.slot()];
        let start = sums.lives.len();
        self.counted(hot, cold, index, sums)?;
        if let Some(cold) = cold {
            if run.matters > 0 {
                same_matter(cold, step.same_matter, run.matters, start, sums);
            }
            if step.repeats {
                let lives = &mut sums.lives[start..];
                repeated(hot, cold, &table.repeats[run.slot()], lives)
                    .ok_or_else(Fail::overflow)?;
            }
        }
        let recorded = RECORD || step.record_level;
        let sum = capped(&mut sums.lives[start..], cap, recorded).ok_or_else(Fail::overflow)?;
        if !recorded {
            sums.lives.truncate(start);
        }
        Ok(sum)
    }

    /// Steps 1 to 3.
    fn counted<Q: Quantity>(
        &self,
        hot: &[Hot<Q>],
        cold: Option<&[Cold]>,
        run: u32,
        sums: &mut Sums<Q>,
    ) -> Result<(), Fail> {
        for (own, at) in hot.iter().zip(0..) {
            let cold = cold.map(|cold| &cold[at as usize]);
            let rectified = own.rectified.is_some_and(|on| on <= self.day);
            if !self.in_time(own, cold) || !self.counts(own, cold, rectified)? {
                continue;
            }
            let points = if rectified { own.amended } else { own.plain };
            sums.lives.push(Live {
                entry: own.entry,
                run,
                at,
                raw: own.plain,
                rectified,
                nth: 0,
                points,
                capped: points,
                last: points,
            });
        }
        Ok(())
    }

    /// Whether a record in its time counts.
    fn counts<Q>(&self, hot: &Hot<Q>, cold: Option<&Cold>, rectified: bool) -> Result<bool, Fail> {
        let Some(cold) = cold else { return Ok(true) };
        if rectified && cold.cancels {
            return Ok(false);
        }
        let project = cold.project.map(|at| &self.subject.projects[at as usize]);
        if project.is_some_and(|project| !project.managed(self.day)) {
            return Ok(false);
        }
        if !cold.daily {
            return Ok(true);
        }
        let entry = &self.subject.entries[hot.entry as usize];
        Ok(self.judge().judge(entry, self.day, self.window)?.is_ok())
    }

    fn in_time<Q>(&self, hot: &Hot<Q>, cold: Option<&Cold>) -> bool {
        let day = self.day;
        if day < hot.from {
            return false;
        }
        match self.window {
            Window::Score => {
                day <= hot.last
                    || (cold.and_then(|cold| cold.recurs_after)).is_some_and(|period| {
                        period < day && hot.rectified.is_none_or(|on| day < on)
                    })
            }
            Window::Span(span) => day <= span.last_day(hot.from),
            Window::Any => true,
        }
    }
}

/// A run in which time and rectification alone decide.
fn plain_sum<Q: Quantity>(hot: &[Hot<Q>], day: Day, cap: Option<Q>) -> Option<RunSum<Q>> {
    let mut count = 0;
    let mut sum = Q::default();
    for one in hot {
        if one.from <= day && day <= one.last {
            let rectified = one.rectified.is_some_and(|on| on <= day);
            sum = sum.plus(if rectified { one.amended } else { one.plain })?;
            count += 1;
        }
    }
    let sum = cap.map_or(sum, |cap| sum.within(cap));
    Some(RunSum {
        count,
        capped: sum,
        last: sum,
    })
}

/// Step 4: one record for each matter.
fn same_matter<Q: Quantity>(
    cold: &[Cold],
    policy: SameMatter,
    matters: u32,
    start: usize,
    sums: &mut Sums<Q>,
) {
    let Sums {
        lives,
        losers,
        best,
        ..
    } = sums;
    best.clear();
    best.resize(matters as usize, None);
    let matter_of = |live: &Live<Q>| Some(cold[live.at as usize].matter? as usize);
    for (index, live) in lives.iter().enumerate().skip(start) {
        let Some(matter) = matter_of(live) else {
            continue;
        };
        let better = best[matter].is_none_or(|kept: usize| {
            policy == SameMatter::Highest
                && live.points.magnitude() > lives[kept].points.magnitude()
        });
        if better {
            best[matter] = Some(index);
        }
    }
    let first = losers.len();
    for (index, live) in lives.iter().enumerate().skip(start) {
        match matter_of(live).and_then(|matter| best[matter]) {
            Some(kept) if kept != index => losers.push((live.entry, lives[kept].entry)),
            _ => {}
        }
    }
    let mut lost = losers[first..].iter().map(|(loser, _)| *loser).peekable();
    let mut index = 0;
    lives.retain(|live| {
        index += 1;
        index <= start || lost.next_if_eq(&live.entry).is_none()
    });
}

/// Step 5.
fn repeated<Q: Quantity>(
    hot: &[Hot<Q>],
    cold: &[Cold],
    factors: &[Factor],
    lives: &mut [Live<Q>],
) -> Option<()> {
    let Some(heaviest) = factors.last() else {
        return Some(());
    };
    // Dates ascend, and so do the ends of their spans.
    let mut over = 0;
    for position in 0..lives.len() {
        let date = hot[lives[position].at as usize].from;
        while over < position && cold[lives[over].at as usize].repeats_until < date {
            over += 1;
        }
        let earlier = position - over;
        let live = &mut lives[position];
        live.nth = u32::try_from(earlier + 1).unwrap_or(u32::MAX);
        live.points = live
            .points
            .times(factors.get(earlier).unwrap_or(heaviest))?;
    }
    Some(())
}

/// Step 6: the sum of a run, and where they are asked for what is left of each record.
fn capped<Q: Quantity>(lives: &mut [Live<Q>], cap: Option<Q>, recorded: bool) -> Option<RunSum<Q>> {
    let mut sum = Q::default();
    for live in &mut *lives {
        sum = sum.plus(live.points)?;
        live.capped = live.points;
    }
    if let Some(cap) = cap {
        if recorded && sum.within(cap) != sum {
            let mut values: Vec<Q> = lives.iter().map(|live| live.points).collect();
            reduce(&mut values, cap)?;
            for (live, value) in lives.iter_mut().zip(values) {
                live.capped = value;
            }
        }
        sum = sum.within(cap);
    }
    for live in &mut *lives {
        live.last = live.capped;
    }
    Some(RunSum {
        count: u32::try_from(lives.len()).unwrap_or(u32::MAX),
        capped: sum,
        last: sum,
    })
}

/// Step 7 for the runs of one group.
fn grouped<Q: Quantity>(
    bundle: &Bundle,
    highest: bool,
    cap: Option<Q>,
    recorded: bool,
    sums: &mut Sums<Q>,
) -> Option<()> {
    let first = bundle.runs.start;
    let Sums { runs, lives, .. } = sums;
    let runs = &mut runs[first as usize..bundle.runs.end as usize];
    let own = lives.partition_point(|live| live.run < first);
    let others = lives.partition_point(|live| live.run < bundle.runs.end);
    let lives = &mut lives[own..others];
    if highest {
        // Of equals the one that the group names first, which is the order of the runs.
        let mut best = 0;
        for index in 1..runs.len() {
            if runs[index].capped.magnitude() > runs[best].capped.magnitude() {
                best = index;
            }
        }
        for (index, run) in runs.iter_mut().enumerate() {
            if index != best {
                run.last = Q::default();
            }
        }
        for live in lives.iter_mut() {
            if (live.run - first) as usize != best {
                live.last = Q::default();
            }
        }
    }
    let Some(cap) = cap else { return Some(()) };
    let sum = (runs.iter()).try_fold(Q::default(), |sum, run| sum.plus(run.last))?;
    if sum.within(cap) == sum {
        return Some(());
    }
    if !recorded {
        let mut values: Vec<Q> = runs.iter().map(|run| run.last).collect();
        reduce(&mut values, cap)?;
        for (run, value) in runs.iter_mut().zip(values) {
            run.last = value;
        }
        return Some(());
    }
    // Across items the latest record gives way first.
    let mut order: Vec<usize> = (0..lives.len()).collect();
    order.sort_unstable_by_key(|index| lives[*index].entry);
    let mut values: Vec<Q> = order.iter().map(|index| lives[*index].last).collect();
    reduce(&mut values, cap)?;
    for run in runs.iter_mut() {
        run.last = Q::default();
    }
    for (index, value) in order.into_iter().zip(values) {
        lives[index].last = value;
        let run = &mut runs[(lives[index].run - first) as usize];
        run.last = run.last.plus(value)?;
    }
    Some(())
}

impl<Q> Sums<Q> {
    fn clear(&mut self) {
        self.runs.clear();
        self.lives.clear();
        self.losers.clear();
    }
}

impl Plan {
    /// Cells of one component: the subject itself, then its projects.
    fn stride(&self, subject: &Subject<'_>) -> usize {
        if self.by_project {
            1 + subject.projects.len()
        } else {
            1
        }
    }

    /// Where the sum of a component stands, of the subject or of one of its projects.
    pub fn cell(&self, subject: &Subject<'_>, component: usize, unit: Option<u32>) -> usize {
        component * self.stride(subject) + unit.map_or(0, |unit| unit as usize + 1)
    }

    /// Whether records under a slot are asked about by a target.
    pub fn asked(&self, target: Target, slot: usize) -> bool {
        match target {
            Target::Item(index) => index == slot,
            Target::Group(index) => self.steps[slot].group == Some(index),
            Target::Component(index) => self.steps[slot].component == index,
        }
    }
}

/// A tally with the columns it was made from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted<'t> {
    pub plan: &'t Plan,
    pub columns: &'t Columns,
    pub tally: &'t Tally,
}

impl Counted<'_> {
    /// Slots with a veto of the records that count, in order.
    pub fn vetoes(&self) -> Vec<usize> {
        let mut slots: Vec<usize> = match self.columns {
            Columns::Narrow(facts) => self.vetoes_of(facts, &self.tally.narrow).collect(),
            Columns::Wide(facts) => self.vetoes_of(facts, &self.tally.wide).collect(),
            Columns::Faulty(_) => Vec::new(),
        };
        slots.sort_unstable();
        slots.dedup();
        slots
    }

    fn vetoes_of<Q>(&self, facts: &Facts<Q>, sums: &Sums<Q>) -> impl Iterator<Item = usize> {
        let counted = facts.runs.iter().zip(&sums.runs);
        counted
            .filter(|(run, sum)| sum.count > 0 && self.plan.steps[run.slot()].veto.is_some())
            .map(|(run, _)| run.slot())
    }

    pub fn count(&self, target: Target) -> usize {
        match self.columns {
            Columns::Narrow(facts) => self.of(target, facts, &self.tally.narrow).0,
            Columns::Wide(facts) => self.of(target, facts, &self.tally.wide).0,
            Columns::Faulty(_) => 0,
        }
    }

    /// Points of an item after its cap; of a group or a component after groups.
    pub fn points(&self, target: Target) -> Result<Decimal, Fail> {
        match self.columns {
            Columns::Narrow(facts) => self.of(target, facts, &self.tally.narrow).1,
            Columns::Wide(facts) => self.of(target, facts, &self.tally.wide).1,
            Columns::Faulty(_) => Some(Decimal::ZERO),
        }
        .ok_or_else(Fail::overflow)
    }

    fn of<Q: Quantity>(
        &self,
        target: Target,
        facts: &Facts<Q>,
        sums: &Sums<Q>,
    ) -> (usize, Option<Decimal>) {
        let mut count = 0;
        let mut points = Some(Q::default());
        for (run, sum) in facts.runs.iter().zip(&sums.runs) {
            if self.plan.asked(target, run.slot()) {
                count += sum.count as usize;
                let own = if matches!(target, Target::Item(_)) {
                    sum.capped
                } else {
                    sum.last
                };
                points = points.and_then(|points| points.plus(own));
            }
        }
        (count, points.map(|points| points.decimal(self.plan.scale)))
    }
}

/// A reason that only the whole run shows.
pub(super) fn stands_for(losers: &[(u32, u32)], entry: u32) -> Option<Drop> {
    losers
        .iter()
        .find(|(loser, _)| *loser == entry)
        .map(|(_, winner)| Drop::SameMatter(*winner))
}
