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

use rayon::prelude::*;
use rust_decimal::Decimal;

use self::{
    change::next_change,
    explain::lines,
    history::earlier_grades,
    standing::{Ranking, Standing, Verdict, graded, standing, verdict},
    subjects::{Subject, World},
    total::guarded,
};
use super::{
    RuleSet,
    model::Trigger,
    outcome::{Components, Facts, Fail, Score, ScoreFault},
};
use crate::domain::Day;

/// Facts arranged once, to be scored on as many days as are asked for.
#[derive(Debug)]
pub struct Prepared<'a> {
    world: World<'a>,
}

/// A subject's score on a day, without its explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark<'w> {
    pub subject: &'w str,
    /// As in [`Score`].
    pub score: Decimal,
    /// As in [`Score`].
    pub grade: Option<String>,
}

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
    Prepared::new(ruleset, facts).score(as_of)
}

impl<'a> Prepared<'a> {
    /// Arranges the facts. List entries in force are taken to be those of every day asked about.
    pub fn new(ruleset: &'a RuleSet, facts: &Facts<'a>) -> Self {
        Self {
            world: World::new(ruleset, facts),
        }
    }

    /// As [`score`].
    ///
    /// # Errors
    /// As [`score`].
    pub fn score(&self, as_of: Day) -> Result<Vec<Score>, Vec<ScoreFault>> {
        let world = &self.world;
        let subjects = world.present(as_of)?;
        let standings = standings(world, &subjects, as_of)?;
        let ranking = ranking(world, &standings);
        let verdicts = each(&subjects, &standings, |subject, standing| {
            verdict(world, subject, as_of, standing, &ranking, true)
        })?;
        let changes = each(&subjects, &standings, |subject, standing| {
            next_change(world, &subjects, subject, as_of, standing)
        })?;
        // In a ranking, anybody's change may move everybody.
        let first = changes.iter().flatten().min().copied();
        let judged: Vec<_> = standings.into_iter().zip(verdicts).zip(changes).collect();
        let report = |(subject, judged): (&&Subject<'a>, &((Standing<'a>, Verdict), _))| {
            let ((standing, verdict), change) = judged;
            let next = if world.rules.needs_population() {
                first
            } else {
                *change
            };
            report(world, subject, as_of, standing, verdict, next)
        };
        Ok(subjects.par_iter().zip(&judged).map(report).collect())
    }

    /// Score and grade of every subject on a day, as [`Prepared::score`] gives them: lists, explanation and the next change
    /// are not computed. Ordered by subject.
    ///
    /// # Errors
    /// As [`score`], save for conditions of lists.
    pub fn marks(&self, day: Day) -> Result<Vec<Mark<'_>>, Vec<ScoreFault>> {
        let world = &self.world;
        let subjects = world.present(day)?;
        let standings = standings(world, &subjects, day)?;
        let ranking = ranking(world, &standings);
        let verdicts = each(&subjects, &standings, |subject, standing| {
            graded(world, subject, day, standing, &ranking, true)
        })?;
        let all = subjects.iter().zip(&standings).zip(verdicts);
        Ok(all
            .map(|((subject, standing), verdict)| Mark {
                subject: &subject.id,
                score: verdict.score,
                grade: grade(world, standing, &verdict),
            })
            .collect())
    }
}

fn standings<'a>(
    world: &World<'a>,
    subjects: &[&Subject<'a>],
    day: Day,
) -> Result<Vec<Standing<'a>>, Vec<ScoreFault>> {
    let previous = earlier_grades(world, subjects, day)
        .map_err(|(index, fail)| vec![fail.by(&subjects[index].id)])?;
    each(subjects, &previous, |subject, previous| {
        standing(world, subject, day, previous.clone(), true)
    })
}

fn ranking(world: &World<'_>, standings: &[Standing<'_>]) -> Ranking {
    let rated = standings.iter().filter(|one| one.not_rated.is_none());
    Ranking::new(world, rated.map(|one| one.total.score).collect())
}

/// Runs a stage for every subject, several at once, and gathers the faults of all in their order.
fn each<'a, I: Sync, O: Send>(
    subjects: &[&Subject<'a>],
    inputs: &[I],
    stage: impl Fn(&Subject<'a>, &I) -> Result<O, Fail> + Sync,
) -> Result<Vec<O>, Vec<ScoreFault>> {
    let done: Vec<Result<O, ScoreFault>> = subjects
        .par_iter()
        .zip(inputs)
        .map(|(subject, input)| stage(subject, input).map_err(|fail| fail.by(&subject.id)))
        .collect();
    let mut outputs = Vec::with_capacity(done.len());
    let mut faults = Vec::new();
    for one in done {
        match one {
            Ok(output) => outputs.push(output),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        Ok(outputs)
    } else {
        Err(faults)
    }
}

/// Id of the grade, or why there is none.
fn grade(world: &World<'_>, standing: &Standing<'_>, verdict: &Verdict) -> Option<String> {
    let graded = || world.rules.grade_id(verdict.grade?).map(str::to_owned);
    standing.not_rated.clone().or_else(graded)
}

fn report(
    world: &World<'_>,
    subject: &Subject<'_>,
    as_of: Day,
    standing: &Standing<'_>,
    verdict: &Verdict,
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
        grade: grade(world, standing, verdict),
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
        lines: Some(lines(world, subject, standing, verdict)),
    }
}

/// A value as it is shown: no trailing zeros, quotients to ten places.
fn shown(value: Decimal) -> Decimal {
    let value = guarded(value).round_dp(10).normalize();
    if value.is_zero() {
        Decimal::ZERO
    } else {
        value
    }
}
