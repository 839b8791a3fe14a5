//! The first later day on which a result could differ without a new record.
//!
//! Candidate days are those on which something can begin or end; the first on which a record's counting, the score or an
//! input of a condition really is different is the answer.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{
    entry::Entry,
    history::{depths, earlier_grades},
    quantity::Quantity,
    standing::Standing,
    subjects::{Subject, World},
    tally::{Live, Question},
    time::period_end,
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
    /// How many earlier periods are looked at.
    depth: usize,
}

impl<'w, 'a> Changes<'w, 'a> {
    pub fn new(world: &'w World<'a>, present: &'w [&'w Subject<'a>]) -> Self {
        Self {
            world,
            present,
            looks: looks(world.rules),
            depth: depths(world).1,
        }
    }

    /// The first day after the question's on which something changes for the subject, given how it stands on that day,
    /// record by record.
    pub fn next(&self, question: &Question<'w, 'a>, now: &Standing<'a>) -> Option<Day> {
        // Most changes show in the points; what conditions read is looked at only where they do not.
        let mut inputs: Option<Vec<Leaf>> = None;
        let mut then = Standing::default();
        for candidate in self.candidates(question.subject, question.day) {
            let later = Question {
                day: candidate,
                ..*question
            };
            // A day on which the subject could not be scored at all is a change as well.
            if self.stand(&later, &mut then).is_err() || !same_points(now, &then) {
                return Some(candidate);
            }
            let before = inputs.get_or_insert_with(|| question.leaves(now));
            if *before != later.leaves(&then) {
                return Some(candidate);
            }
        }
        None
    }

    fn stand(&self, question: &Question<'w, 'a>, standing: &mut Standing<'a>) -> Result<(), Fail> {
        standing.previous = self.previous(question)?;
        question.stand::<true>(standing)
    }

    fn previous(&self, question: &Question<'w, 'a>) -> Result<Vec<Option<usize>>, Fail> {
        let world = self.world;
        let subject = question.subject;
        if self.depth == 0 {
            return Ok(Vec::new());
        }
        let (among, own) = if world.rules.needs_population() {
            let own = self.present.iter().position(|one| one.id == subject.id);
            (self.present, own)
        } else {
            (&[subject][..], Some(0))
        };
        let mut grades = earlier_grades(world, among, question.day).map_err(|(_, fail)| fail)?;
        Ok(own
            .map(|index| grades.swap_remove(index))
            .unwrap_or_default())
    }
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
    /// Days after `day` on which something can begin or end, in order.
    pub fn candidates(&self, subject: &Subject<'a>, day: Day) -> Vec<Day> {
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
        self.echo(subject, day, &mut events);
        events.retain(|event| *event > day);
        events.sort_unstable();
        events.dedup();
        events
    }

    fn of_record(&self, entry: &Entry<'a>, events: &mut Vec<Day>) {
        let (Some(item), Some(date)) = (entry.item(), entry.date) else {
            return;
        };
        let item = &self.world.rules.all_items()[item];
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

    /// Where earlier grades matter: the turn of the period, and for periods that move with the day, every event again a
    /// period (or several) later.
    fn echo(&self, subject: &Subject<'a>, day: Day, events: &mut Vec<Day>) {
        if self.depth == 0 {
            return;
        }
        events.extend(subject.history.iter().map(|(end, _)| end.next()));
        let kind = self.world.rules.period();
        let months = match kind {
            PeriodKind::Rolling(months) => months,
            PeriodKind::Open => 12,
            _ => {
                events.extend(period_end(kind, day).map(Day::next));
                return;
            }
        };
        events.sort_unstable();
        events.dedup();
        let plain = events.clone();
        let depth = u32::try_from(self.depth).unwrap_or(1) + 12;
        for event in plain {
            for n in 1..=depth {
                let again = event.plus_months(n.saturating_mul(months));
                // Months differ in length: the day whose earlier day is the event may be up to three days later.
                events.extend((0..=3).map(|days| again.plus_days(days)));
            }
        }
    }
}
