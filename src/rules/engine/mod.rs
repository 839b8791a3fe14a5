//! From facts to scores, in the order of evaluation of the rule language:
//! `tally` (steps 1-7), `total` (8-10), `standing` (11-14), with `time`, `history`, `change` and `explain` beside them.

mod change;
mod explain;
mod history;
mod standing;
mod subjects;
mod tally;
mod time;
mod total;

pub(super) use standing::NOT_RATED;

use self::{
    change::next_change,
    explain::lines,
    history::earlier_grades,
    standing::{Ranking, Standing, Verdict, standing, verdict},
    subjects::{Subject, World},
    total::guarded,
};
use super::{
    RuleSet,
    model::Trigger,
    outcome::{Components, Facts, Fail, Score, ScoreFault},
};
use crate::domain::Day;

/// Scores every subject on a day: the companies given and every company that a record names or whose project it names (for
/// other kinds of subject: the projects under contract and those named, the managers named). Ordered by subject.
///
/// # Errors
/// Every fault of the data, by subject and record; nothing is scored then.
pub fn score(
    ruleset: &RuleSet,
    facts: &Facts<'_>,
    as_of: Day,
) -> Result<Vec<Score>, Vec<ScoreFault>> {
    let world = World::new(ruleset, facts, as_of)?;
    let subjects: Vec<&Subject<'_>> = world.subjects.iter().collect();
    let previous = earlier_grades(&world, &subjects, as_of)
        .map_err(|(index, fail)| vec![fail.by(&world.subjects[index].id)])?;
    let standings: Vec<Standing<'_>> = each(&world, previous, |subject, previous| {
        standing(&world, subject, as_of, previous, true)
    })?;
    let rated = standings.iter().filter(|one| one.not_rated.is_none());
    let ranking = Ranking::new(&world, rated.map(|one| one.total.score).collect());
    let verdicts = each(&world, standings.iter().collect(), |subject, standing| {
        verdict(&world, subject, as_of, standing, &ranking, true)
    })?;
    let changes = each(&world, standings.iter().collect(), |subject, standing| {
        next_change(&world, subject, as_of, standing)
    })?;
    // In a ranking, anybody's change may move everybody.
    let first = changes.iter().flatten().min().copied();
    let all = world
        .subjects
        .iter()
        .zip(standings)
        .zip(verdicts)
        .zip(changes);
    Ok(all
        .map(|(((subject, standing), verdict), change)| {
            let next = if ruleset.needs_population() {
                first
            } else {
                change
            };
            report(&world, subject, as_of, &standing, verdict, next)
        })
        .collect())
}

/// Runs a stage for every subject and gathers the faults of all.
fn each<'a, I, O>(
    world: &World<'a>,
    inputs: Vec<I>,
    mut stage: impl FnMut(&Subject<'a>, I) -> Result<O, Fail>,
) -> Result<Vec<O>, Vec<ScoreFault>> {
    let mut outputs = Vec::with_capacity(inputs.len());
    let mut faults = Vec::new();
    for (subject, input) in world.subjects.iter().zip(inputs) {
        match stage(subject, input) {
            Ok(output) => outputs.push(output),
            Err(fail) => faults.push(fail.by(&subject.id)),
        }
    }
    if faults.is_empty() {
        Ok(outputs)
    } else {
        Err(faults)
    }
}

fn report(
    world: &World<'_>,
    subject: &Subject<'_>,
    as_of: Day,
    standing: &Standing<'_>,
    verdict: Verdict,
    next_change_on: Option<Day>,
) -> Score {
    let rules = world.rules;
    let consequences = rules
        .consequences()
        .iter()
        .filter(|consequence| match consequence.trigger {
            Trigger::Grade(rank) => verdict.grade == Some(rank),
            Trigger::List(index) => verdict.lists.contains(&index),
        })
        .map(|consequence| consequence.title.clone())
        .collect();
    let components = rules.components().iter().zip(&standing.total.components);
    Score {
        subject: subject.id.clone(),
        subject_kind: rules.subject(),
        ruleset: rules.id().to_owned(),
        as_of,
        score: verdict.score,
        grade: standing
            .not_rated
            .clone()
            .or_else(|| rules.grade_id(verdict.grade?).map(str::to_owned)),
        rated: standing.not_rated.is_none(),
        components: Components(
            components
                .map(|(component, value)| (component.id.clone(), value.value.map(shown)))
                .collect(),
        ),
        lists: verdict
            .lists
            .iter()
            .map(|index| rules.lists()[*index].id.clone())
            .collect(),
        consequences,
        next_change_on,
        lines: Some(lines(world, subject, standing, &verdict)),
    }
}

/// A value as it is shown: no trailing zeros, quotients to ten places.
fn shown(value: rust_decimal::Decimal) -> rust_decimal::Decimal {
    let value = guarded(value).round_dp(10).normalize();
    if value.is_zero() {
        rust_decimal::Decimal::ZERO
    } else {
        value
    }
}
