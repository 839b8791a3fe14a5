//! Steps 1 to 7: the records that count, and the points of each after rectification, matters, repetition, item caps
//! and groups. Components of projects go through steps 4 to 7 project by project.
//!
//! One code for sums alone and for sums with an explanation: with `RECORD` every counted record is kept with what each
//! step made of it, without it only where a later step needs them.

use rust_decimal::Decimal;

use super::{
    columns::{Cold, Columns, Facts, Hot, Run},
    judge::Judge,
    plan::{Plan, Table},
    quantity::Quantity,
    steps::{capped, grouped, plain_sum, repeated, same_matter},
    subjects::{Known, Subject, World},
    time::Window,
};
use crate::{domain::Day, rules::outcome::Fail};

/// A record that counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Live<Q> {
    pub entry: u32,
    pub run: u32,
    /// Position in the run.
    pub at: u32,
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
    pub best: Vec<Option<usize>>,
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
        let plan = &self.world.plan;
        sums.clear();
        sums.cells.clear();
        let cells = plan.components * plan.stride(self.subject);
        sums.cells.resize(cells, Cell::default());
        for (run, index) in facts.runs.iter().zip(0..) {
            let sum = self.run::<Q, RECORD>(facts, table, run, index, sums)?;
            sums.runs.push(sum);
            let cell = &mut sums.cells[run.cell as usize];
            cell.count += sum.count;
            cell.sum = cell.sum.plus(sum.last).ok_or_else(Fail::overflow)?;
        }
        if facts.bundles.is_empty() {
            return Ok(());
        }
        self.group::<_, RECORD>(facts, table, sums)
    }

    /// Steps 1 to 6 of one run anew, in a tally of an earlier day without records; tells whether it gives something else. What
    /// a group makes of it is left to [`Question::regroup`].
    ///
    /// # Errors
    /// As [`Question::tally`].
    pub fn renew<Q: Quantity>(
        &self,
        facts: &Facts<Q>,
        table: &Table<Q>,
        index: u32,
        sums: &mut Sums<Q>,
    ) -> Result<bool, Fail> {
        let run = &facts.runs[index as usize];
        let new = self.run::<Q, false>(facts, table, run, index, sums)?;
        sums.losers.clear();
        let old = std::mem::replace(&mut sums.runs[index as usize], new);
        if facts.bundles.is_empty() {
            let cell = &mut sums.cells[run.cell as usize];
            cell.count = cell.count + new.count - old.count;
            cell.sum = (cell.sum.minus(old.last))
                .and_then(|rest| rest.plus(new.last))
                .ok_or_else(Fail::overflow)?;
        }
        Ok((old.count, old.capped) != (new.count, new.capped))
    }

    /// Step 7 anew, after runs were renewed.
    ///
    /// # Errors
    /// As [`Question::tally`].
    pub fn regroup<Q: Quantity>(
        &self,
        facts: &Facts<Q>,
        table: &Table<Q>,
        sums: &mut Sums<Q>,
    ) -> Result<(), Fail> {
        if facts.bundles.is_empty() {
            return Ok(());
        }
        for run in &mut sums.runs {
            run.last = run.capped;
        }
        self.group::<_, false>(facts, table, sums)
    }

    /// Step 7, and the sums of components after it.
    fn group<Q: Quantity, const RECORD: bool>(
        &self,
        facts: &Facts<Q>,
        table: &Table<Q>,
        sums: &mut Sums<Q>,
    ) -> Result<(), Fail> {
        for bundle in &facts.bundles {
            let recorded = RECORD || bundle.record_level;
            let highest = self.world.rules.groups()[bundle.group].highest;
            let cap = table.group_caps[bundle.group];
            grouped(bundle, highest, cap, recorded, sums).ok_or_else(Fail::overflow)?;
        }
        sums.cells.fill(Cell::default());
        for (run, sum) in facts.runs.iter().zip(&sums.runs) {
            let cell = &mut sums.cells[run.cell as usize];
            cell.count += sum.count;
            cell.sum = cell.sum.plus(sum.last).ok_or_else(Fail::overflow)?;
        }
        Ok(())
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
        // Where nothing can repeat there are no cold columns, and every occurrence is a first one.
        let nth = u32::from(step.repeats);
        self.counted((hot, cold), index, nth, sums)?;
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
        (hot, cold): (&[Hot<Q>], Option<&[Cold]>),
        run: u32,
        nth: u32,
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
                nth,
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

impl<Q> Sums<Q> {
    fn clear(&mut self) {
        self.runs.clear();
        self.lives.clear();
        self.losers.clear();
    }
}

impl Plan {
    /// Cells of one component: the subject itself, then its projects.
    fn stride(&self, subject: &Known<'_>) -> usize {
        if self.by_project {
            1 + subject.projects.len()
        } else {
            1
        }
    }

    /// Where the sum of a component stands, of the subject or of one of its projects.
    pub fn cell(&self, subject: &Known<'_>, component: usize, unit: Option<u32>) -> usize {
        component * self.stride(subject) + unit.map_or(0, |unit| unit as usize + 1)
    }
}
