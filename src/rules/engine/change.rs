//! The first later day on which a result could differ without a new record.
//!
//! Candidate days are those on which something can begin or end; the first on which a record's counting, the score or an
//! input of a condition really is different is the answer.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{
    history::{depths, earlier_grades},
    standing::{Standing, inputs_on, standing},
    subjects::{Subject, World, scores},
    time::period_end,
};
use crate::{
    domain::{Day, Span},
    rules::{
        model::{PeriodKind, Validity},
        outcome::Fail,
        predicate::{Expr, Leaf, Num, SubjectField},
    },
};

/// The first day after `day` on which something changes for the subject, given how it stands on the day.
pub(super) fn next_change<'a>(
    world: &World<'a>,
    present: &[&Subject<'a>],
    subject: &Subject<'a>,
    day: Day,
    now: &Standing<'a>,
) -> Result<Option<Day>, Fail> {
    // Most changes show in the points; what conditions read is looked at only where they do not.
    let mut inputs: Option<Vec<Leaf>> = None;
    for candidate in candidates(world, subject, day) {
        // A day on which the subject could not be scored at all is a change as well.
        let Ok(then) = on(world, present, subject, candidate) else {
            return Ok(Some(candidate));
        };
        if !same_points(now, &then) {
            return Ok(Some(candidate));
        }
        let before = inputs.get_or_insert_with(|| inputs_on(world, subject, day, now));
        if *before != inputs_on(world, subject, candidate, &then) {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

fn on<'a>(
    world: &World<'a>,
    present: &[&Subject<'a>],
    subject: &Subject<'a>,
    day: Day,
) -> Result<Standing<'a>, Fail> {
    let previous = if depths(world).1 == 0 {
        Vec::new()
    } else if world.rules.needs_population() {
        let own = present.iter().position(|one| one.id == subject.id);
        let mut grades = earlier_grades(world, present, day).map_err(|(_, fail)| fail)?;
        own.map(|index| grades.swap_remove(index))
            .unwrap_or_default()
    } else {
        let mut grades = earlier_grades(world, &[subject], day).map_err(|(_, fail)| fail)?;
        grades.pop().unwrap_or_default()
    };
    standing(world, subject, day, previous, true)
}

/// Whether the same records count with the same points, and give the same values.
fn same_points(one: &Standing<'_>, other: &Standing<'_>) -> bool {
    let counted = |standing: &Standing<'_>| -> Vec<(usize, Decimal)> {
        let live = standing.tally.live.iter();
        live.map(|live| (live.entry, live.last)).collect()
    };
    let values = |standing: &Standing<'_>| -> Vec<Option<Decimal>> {
        let components = standing.total.components.iter();
        components.map(|one| one.value).collect()
    };
    one.total.score == other.total.score
        && one.not_rated == other.not_rated
        && values(one) == values(other)
        && counted(one) == counted(other)
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

fn looks(world: &World<'_>) -> Looks {
    let rules = world.rules;
    let mut found = Looks::default();
    let items = rules.items().iter().filter_map(|item| item.when.as_ref());
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

/// Days after `day` on which something can begin or end, in order.
fn candidates(world: &World<'_>, subject: &Subject<'_>, day: Day) -> Vec<Day> {
    let looks = looks(world);
    let kind = world.rules.period();
    let mut events: Vec<Day> = Vec::new();
    for entry in subject.entries.iter().filter(|entry| scores(entry.record)) {
        let (Some(item), Some(date)) = (entry.item, entry.date) else {
            continue;
        };
        let item = &world.rules.items()[item];
        events.push(date);
        let mut last_days = vec![period_end(kind, date), entry.record.valid_until];
        if let Some(Validity::For(span)) = item.valid_for {
            last_days.push(Some(span.last_day(date)));
        }
        last_days.extend(looks.spans.iter().map(|span| Some(span.last_day(date))));
        events.extend(last_days.into_iter().flatten().map(Day::next));
        events.extend(entry.record.rectified_on);
        events.extend(looks.years.iter().map(|n| date.plus_months(n * 12).next()));
        if let Some(project) = entry.record.project.as_deref() {
            let contracts = world.projects.get(project).into_iter().flatten();
            for contract in contracts {
                events.extend(contract.from);
                events.extend(contract.until.map(Day::next));
            }
        }
    }
    for contract in &subject.contracts {
        events.extend(contract.from);
        events.extend(contract.until.map(Day::next));
    }
    if let Some(registered) = subject.company.and_then(|company| company.registered_on) {
        events.push(registered);
        events.extend(
            looks
                .years
                .iter()
                .map(|n| registered.plus_months(n * 12).next()),
        );
        events.extend(looks.months.iter().map(|n| registered.plus_months(*n)));
    }
    echo(world, subject, day, &mut events);
    events.retain(|event| *event > day);
    events.sort_unstable();
    events.dedup();
    events
}

/// Where earlier grades matter: the turn of the period, and for periods that move with the day, every event again a period
/// (or several) later.
fn echo(world: &World<'_>, subject: &Subject<'_>, day: Day, events: &mut Vec<Day>) {
    let (_, depth) = depths(world);
    if depth == 0 {
        return;
    }
    events.extend(subject.history.iter().map(|(end, _)| end.next()));
    let kind = world.rules.period();
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
    let depth = u32::try_from(depth).unwrap_or(1) + 12;
    for event in plain {
        for n in 1..=depth {
            let again = event.plus_months(n.saturating_mul(months));
            // Months differ in length: the day whose earlier day is the event may be up to three days later.
            events.extend((0..=3).map(|days| again.plus_days(days)));
        }
    }
}
