//! One subject on its way through the days.

use super::{
    super::{
        change::Changes,
        columns::{Cold, Columns, Facts, Run},
        history::{Reach, earlier_grades},
        plan::Table,
        ranking::Ranking,
        standing::Standing,
        tally::Question,
    },
    Course, Marked, Stop,
};
use crate::{domain::Day, rules::outcome::Fail};

/// In the place of a run among the events: the day may change anything but the sums of runs at rest.
const ANYTHING: u32 = u32::MAX;

/// A subject on its way through the days; kept and filled again for the next.
#[derive(Default)]
pub(super) struct Walk<'a> {
    standing: Standing<'a>,
    /// Days after the first on which something can begin or end, and the run that it touches.
    events: Vec<(Day, u32)>,
    /// Runs that other days touch than those of their records.
    restless: Vec<u32>,
}

/// What runs are added up from.
type Parts<'w> = (&'w Facts<i64>, &'w Table<i64>);

impl<'a> Walk<'a> {
    /// From the question's day to the last.
    pub fn along<'w>(
        &mut self,
        changes: &Changes<'w, 'a>,
        mut question: Question<'w, 'a>,
        last: Day,
        course: &mut Course<'w>,
    ) -> Result<(), Stop> {
        let subject = question.subject.id;
        let at = |day: Day| move |fail: Fail| (day, vec![fail.by(subject)]);
        let mut since = question.day;
        let parts = self.prepare(changes, &question, last);
        let mut mark = self.anew(changes, &question).map_err(at(since))?;
        let events = std::mem::take(&mut self.events);
        for today in events.chunk_by(|a, b| a.0 == b.0) {
            question.day = today[0].0;
            let next = match parts {
                Some(parts) => self.renewed(changes, &question, parts, today),
                None => self.anew(changes, &question).map(Some),
            };
            match next.map_err(at(question.day))? {
                Some(next) if next != mark => {
                    course.add((since, question.day.previous()), mark);
                    (since, mark) = (question.day, next);
                }
                _ => {}
            }
        }
        course.add((since, last), mark);
        self.events = events;
        Ok(())
    }

    /// Finds the days to look at. The result is what runs are added up from, where a day touches single runs.
    fn prepare<'w>(
        &mut self,
        changes: &Changes<'w, 'a>,
        question: &Question<'w, 'a>,
        last: Day,
    ) -> Option<Parts<'w>> {
        self.events.clear();
        self.restless.clear();
        let Question { world, subject, .. } = *question;
        let first = question.day;
        let parts = match (&subject.columns, &world.plan.narrow) {
            (Columns::Narrow(facts), Some(table)) => {
                let sums = |run: &Run| !world.plan.steps[run.slot()].record_level;
                facts.runs.iter().all(sums).then_some((facts, table))
            }
            _ => None,
        };
        if let Some((facts, _)) = parts {
            self.runs(facts, first, last);
        }
        let single = parts.is_some()
            && self.restless.is_empty()
            && subject.projects.is_empty()
            && !changes.look_back()
            && !world.plan.conditions;
        if !single {
            let mut events = changes.events(subject);
            changes.echo(first, &mut events);
            let events = events.into_iter();
            let within = events.filter(|day| first < *day && *day <= last);
            self.events.extend(within.map(|day| (day, ANYTHING)));
        }
        self.events.sort_unstable();
        self.events.dedup();
        parts
    }

    /// The days of the records of every run.
    fn runs(&mut self, facts: &Facts<i64>, first: Day, last: Day) {
        let events = &mut self.events;
        for (run, index) in facts.runs.iter().zip(0..) {
            let mut on = |day: Day| {
                if first < day && day <= last {
                    events.push((day, index));
                }
            };
            let cold = facts.cold(run);
            for (at, hot) in facts.hot(run).iter().enumerate() {
                let recurs = cold.and_then(|cold| cold[at].recurs_after);
                let cancels = cold.is_some_and(|cold| cold[at].cancels);
                on(hot.from);
                for end in [Some(hot.last), recurs].into_iter().flatten() {
                    // Most ends lie outside: they are not worth a step in the calendar.
                    if first <= end && end < last {
                        on(end.next());
                    }
                }
                let matters = hot.amended != hot.plain || cancels || recurs.is_some();
                if let Some(day) = hot.rectified.filter(|_| matters) {
                    on(day);
                }
            }
            if cold.is_some_and(|cold| cold.iter().any(Cold::is_restless)) {
                self.restless.push(index);
            }
        }
    }

    /// How the subject stands on a day, from nothing.
    fn anew<'w>(
        &mut self,
        changes: &Changes<'w, 'a>,
        question: &Question<'w, 'a>,
    ) -> Result<Marked<'w>, Fail> {
        self.look_back(changes, question)?;
        question.tally::<false>(&mut self.standing.tally)?;
        question.mark(&mut self.standing, &Ranking::default())
    }

    /// How it stands on a day on which only some runs can change; `None` if as before.
    fn renewed<'w>(
        &mut self,
        changes: &Changes<'w, 'a>,
        question: &Question<'w, 'a>,
        (facts, table): Parts<'w>,
        today: &[(Day, u32)],
    ) -> Result<Option<Marked<'w>>, Fail> {
        let sums = &mut self.standing.tally.narrow;
        let mut moved = false;
        let touched = today.iter().map(|(_, run)| *run);
        for run in touched.chain(self.restless.iter().copied()) {
            moved |= run == ANYTHING || question.renew(facts, table, run, sums)?;
        }
        if !moved {
            return Ok(None);
        }
        question.regroup(facts, table, sums)?;
        self.look_back(changes, question)?;
        question
            .mark(&mut self.standing, &Ranking::default())
            .map(Some)
    }

    /// The earlier grades, where they matter.
    fn look_back<'w>(
        &mut self,
        changes: &Changes<'w, 'a>,
        question: &Question<'w, 'a>,
    ) -> Result<(), Fail> {
        if !changes.look_back() {
            return Ok(());
        }
        let (world, day) = (question.world, question.day);
        let grades = earlier_grades(world, &[question.subject], day, Reach::Grades);
        self.standing.previous = grades.map_err(|(_, fail)| fail)?.pop().unwrap_or_default();
        Ok(())
    }
}
