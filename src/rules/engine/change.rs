//! The first later day on which a result could differ without a new record.
//!
//! Candidate days are those on which something can begin or end; the first on which a record's counting, the score or an
//! input of a condition really is different is the answer.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap},
};

use rayon::prelude::*;
use rust_decimal::Decimal;

use super::{
    entry::Entry,
    history::{BEFORE, Reach, depths, earlier_grades},
    quantity::Quantity,
    standing::Standing,
    subjects::{Subject, World},
    tally::{Live, Question},
    time::{later_end, period_end},
};
use crate::{
    domain::{Day, Span},
    rules::{
        RuleSet,
        model::{PeriodKind, Validity},
        outcome::Fail,
        predicate::{Expr, Leaf, Num, SubjectField},
    },
};

/// Finds next changes under one rule set.
#[derive(Debug)]
pub(super) struct Changes<'w, 'a> {
    world: &'w World<'a>,
    /// All subjects of the day, whose ranks earlier grades may depend on.
    present: &'w [&'w Subject<'a>],
    looks: Looks,
    /// How many periods later an event can still matter through earlier grades.
    depth: usize,
}

/// Where grades themselves depend on earlier ones, an event goes on to matter as far as the chain is followed.
fn depth(world: &World<'_>, reach: Reach) -> usize {
    match depths(world, reach) {
        (0, listing) => listing,
        (_, all) => all + BEFORE,
    }
}

/// A subject as it stands on the day of its question, record by record.
pub(super) type Stood<'s, 'w, 'a> = (&'s Question<'w, 'a>, &'s Standing<'a>);

impl<'w, 'a> Changes<'w, 'a> {
    pub fn new(world: &'w World<'a>, present: &'w [&'w Subject<'a>]) -> Self {
        Self {
            world,
            present,
            looks: looks(world.rules),
            depth: depth(world, Reach::Lists),
        }
    }

    /// Of scores and grades alone: for their events.
    pub fn of_marks(world: &'w World<'a>) -> Self {
        Self {
            world,
            present: &[],
            looks: looks(world.rules),
            depth: depth(world, Reach::Grades),
        }
    }

    /// Whether a subject's earlier grades matter.
    pub fn look_back(&self) -> bool {
        self.depth > 0
    }

    /// The first day after the question's on which something changes for the subject, given how it stands on that day,
    /// record by record.
    pub fn next(&self, question: &Question<'w, 'a>, now: &Standing<'a>) -> Option<Day> {
        let mut inputs = None;
        let mut then = Standing::default();
        let mut events = self.events(question.subject);
        self.echo(question.day, &mut events);
        after(question.day, events).find(|day| match self.alone(question, *day) {
            Ok(previous) => {
                then.previous = previous;
                self.differs((question, now), *day, &mut inputs, &mut then)
            }
            Err(_) => true,
        })
    }

    /// The same where anybody's change may move everybody: the first day on which something changes for any of those
    /// present.
    pub fn next_of_all(&self, day: Day, stood: &[Stood<'_, 'w, 'a>]) -> Option<Day> {
        let mut events: Vec<Day> = self
            .world
            .subjects
            .par_iter()
            .flat_map_iter(|subject| self.events(subject))
            .collect();
        self.echo(day, &mut events);
        after(day, events).find(|candidate| {
            let Ok(present) = self.world.present(*candidate) else {
                return true;
            };
            let same = present.len() == self.present.len()
                && (present.iter().zip(self.present)).all(|(one, other)| one.id == other.id);
            let Ok(previous) = earlier_grades(self.world, &present, *candidate, Reach::Lists)
            else {
                return true;
            };
            !same
                || stood.par_iter().enumerate().any(|(index, stood)| {
                    let mut then = Standing {
                        previous: previous.get(index).cloned().unwrap_or_default(),
                        ..Standing::default()
                    };
                    self.differs(*stood, *candidate, &mut None, &mut then)
                })
        })
    }

    /// Whether a subject stands otherwise on a later day, whose earlier grades are in `then`, which is filled. What conditions
    /// read on the first day is kept in `inputs`.
    fn differs(
        &self,
        (question, now): Stood<'_, 'w, 'a>,
        day: Day,
        inputs: &mut Option<Vec<Leaf>>,
        then: &mut Standing<'a>,
    ) -> bool {
        let later = Question { day, ..*question };
        // A day on which the subject could not be scored at all is a change as well. Most changes show in the points; what
        // conditions read is looked at only where they do not.
        later.stand::<true>(then).is_err()
            || !same_points(now, then)
            || *inputs.get_or_insert_with(|| question.leaves(now)) != later.leaves(then)
    }

    /// The earlier grades of a subject that nobody's rank decides.
    fn alone(&self, question: &Question<'w, 'a>, day: Day) -> Result<Vec<Option<usize>>, Fail> {
        if self.depth == 0 {
            return Ok(Vec::new());
        }
        let mut grades = earlier_grades(self.world, &[question.subject], day, Reach::Lists)
            .map_err(|(_, fail)| fail)?;
        Ok(grades.pop().unwrap_or_default())
    }
}

/// The days after a day, in order. Mostly one of the first is the answer: they are put in order as far as they are asked for.
fn after(day: Day, events: Vec<Day>) -> impl Iterator<Item = Day> {
    let later = events.into_iter().filter(|event| *event > day).map(Reverse);
    let mut later: BinaryHeap<Reverse<Day>> = later.collect();
    let mut last = day;
    std::iter::from_fn(move || {
        loop {
            let Reverse(next) = later.pop()?;
            if next > last {
                last = next;
                return Some(next);
            }
        }
    })
}

/// Whether the same records count with the same points, and give the same values.
fn same_points(one: &Standing<'_>, other: &Standing<'_>) -> bool {
    fn same<Q: Quantity>(one: &[Live<Q>], other: &[Live<Q>]) -> bool {
        let counted = |live: &Live<Q>| (live.entry, live.last);
        one.iter().map(counted).eq(other.iter().map(counted))
    }
    let values = |standing: &Standing<'_>| -> Vec<Option<Decimal>> {
        let components = standing.total.components.iter();
        components.map(|one| one.value).collect()
    };
    one.total.score == other.total.score
        && one.not_rated == other.not_rated
        && values(one) == values(other)
        && same(&one.tally.narrow.lives, &other.tally.narrow.lives)
        && same(&one.tally.wide.lives, &other.tally.wide.lives)
}

/// What the conditions of a rule set look at, as far as days matter.
#[derive(Debug, Default)]
struct Looks {
    spans: Vec<Span>,
    /// Numbers of years that `years_without` is compared with.
    years: BTreeSet<u32>,
    /// Numbers of months that the age is compared with.
    months: BTreeSet<u32>,
}

fn looks(rules: &RuleSet) -> Looks {
    let mut found = Looks::default();
    let items = rules
        .all_items()
        .iter()
        .filter_map(|item| item.when.as_ref());
    for when in items.chain(rules.subject_conditions()) {
        let spans = when.expr.targets().into_iter().filter_map(|(_, span)| span);
        found.spans.extend(spans);
        when.expr.walk(&mut |expr| {
            let Expr::Number(_, left, right) = expr else {
                return;
            };
            for (side, other) in [(left, right), (right, left)] {
                match side {
                    Num::YearsWithout(_) => found.years.extend(thresholds(other, 100)),
                    Num::Subject(SubjectField::AgeMonths) => {
                        found.months.extend(thresholds(other, 1200));
                    }
                    Num::Negate(_) | Num::Arithmetic(..) => {
                        // Computed with: every value may be the one.
                        side.walk(&mut |inner| match inner {
                            Num::YearsWithout(_) => found.years.extend(1..=100),
                            Num::Subject(SubjectField::AgeMonths) => found.months.extend(0..=1200),
                            _ => {}
                        });
                    }
                    _ => {}
                }
            }
        });
    }
    found
}

/// The whole numbers at which a comparison with `other` can turn.
fn thresholds(other: &Num, most: u32) -> Vec<u32> {
    match other {
        Num::Literal(value) => {
            let floor = value.floor();
            [floor, floor + Decimal::ONE]
                .into_iter()
                .filter_map(|value| u32::try_from(value).ok())
                .filter(|value| *value <= most)
                .collect()
        }
        _ => (0..=most).collect(),
    }
}

impl<'a> Changes<'_, 'a> {
    /// Days on which something can begin or end for a subject.
    pub fn events(&self, subject: &Subject<'a>) -> Vec<Day> {
        let looks = &self.looks;
        let mut events: Vec<Day> = Vec::new();
        for entry in subject.entries.iter().filter(|entry| entry.scores()) {
            self.of_record(entry, &mut events);
        }
        for project in &subject.projects {
            events.extend(project.turns());
        }
        if let Some(registered) = subject.company.and_then(|company| company.registered_on) {
            events.push(registered);
            let years = looks.years.iter();
            events.extend(years.map(|n| registered.plus_months(n * 12).next()));
            events.extend(looks.months.iter().map(|n| registered.plus_months(*n)));
        }
        if self.depth > 0 {
            events.extend(subject.history.iter().map(|(end, _)| end.next()));
        }
        events
    }

    fn of_record(&self, entry: &Entry<'a>, events: &mut Vec<Day>) {
        let (rules, plan) = (self.world.rules, &self.world.plan);
        let (Some(item), Some(date)) = (plan.item_of(rules, entry), entry.date) else {
            return;
        };
        let item = &rules.all_items()[item];
        let looks = &self.looks;
        events.push(date);
        let ends = [
            period_end(self.world.rules.period(), date),
            entry.valid_until,
            match item.valid_for {
                Some(Validity::For(span)) => Some(span.last_day(date)),
                _ => None,
            },
        ];
        events.extend(ends.into_iter().flatten().map(Day::next));
        events.extend((looks.spans.iter()).map(|span| span.last_day(date).next()));
        events.extend(entry.rectified_on);
        events.extend(looks.years.iter().map(|n| date.plus_months(n * 12).next()));
        if let Some(project) = entry.record.project.as_deref() {
            let contracts = self.world.registers.projects.get(project);
            for contract in contracts.into_iter().flatten() {
                events.extend(contract.from);
                events.extend(contract.until.map(Day::next));
            }
        }
    }

    /// Where earlier grades matter: every event again a period, or several, later. For calendar periods that is the turn
    /// after each, for periods that move with the day the event itself, moved.
    pub fn echo(&self, day: Day, events: &mut Vec<Day>) {
        if self.depth == 0 {
            return;
        }
        let kind = self.world.rules.period();
        let depth = self.depth;
        events.push(day);
        events.sort_unstable();
        events.dedup();
        let months = match kind {
            PeriodKind::Rolling(months) => months,
            PeriodKind::Open => 12,
            _ => {
                let turns: BTreeSet<Day> = (events.iter())
                    .flat_map(|event| (0..=depth).filter_map(|n| later_end(kind, *event, n)))
                    .map(Day::next)
                    .collect();
                events.extend(turns);
                return;
            }
        };
        let depth = u32::try_from(depth).unwrap_or(u32::MAX);
        for event in events.clone() {
            for n in 1..=depth {
                let again = event.plus_months(n.saturating_mul(months));
                // Months differ in length: the day whose earlier day is the event may be up to three days later.
                events.extend((0..=3).map(|days| again.plus_days(days)));
            }
        }
    }
}
