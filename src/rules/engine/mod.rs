//! From facts to scores, in the order of evaluation of the rule language.
//!
//! ```text
//! plan      the rule set as flat tables
//! gather    whose each record is
//! subjects  who is scored, with everything known about them
//! found     the records that can count on some day, each in its place
//! columns   a subject's records without what depends on the day
//! tally     steps 1-7: sums of records, with or without what became of each (4-7 in `steps`)
//! counted   what a tally says of items, groups and components
//! total     steps 8-10: components and the rounded total
//! short     steps 8-11 in whole numbers, where that is enough
//! standing  steps 11-14: rated or not, grade, overrides, lists
//! explain   what was recorded, as lines
//! ```
//! Beside them: `crowd` (one work on many), `quantity` (exact numbers), `entry` (a record of a subject), `judge` (one record on one day), `time` (periods), `conditions` (what predicates
//! read), `ranking`, `history` (earlier grades), `change` (when something changes next), `sweep` (day by day).

mod change;
mod columns;
mod conditions;
mod counted;
mod crowd;
mod entry;
mod explain;
mod found;
mod gather;
mod history;
mod judge;
mod plan;
mod quantity;
mod ranking;
mod short;
mod standing;
mod steps;
mod subjects;
mod sweep;
mod tally;
mod time;
mod total;

pub(super) use plan::Compiled;
pub(super) use standing::NOT_RATED;
pub use sweep::{Course, Stretch};

use rust_decimal::Decimal;

use self::{
    change::Changes,
    explain::lines,
    history::{Reach, earlier_grades},
    ranking::Ranking,
    standing::{Standing, Verdict},
    subjects::{Subject, World},
    tally::Question,
    time::Window,
    total::guarded,
};
use super::{
    RuleSet,
    model::Trigger,
    outcome::{Components, Facts, Fail, Line, Score, ScoreFault},
};
use crate::domain::Day;

/// Facts arranged once, to be scored on as many days as are asked for.
#[derive(Debug)]
pub struct Prepared<'a> {
    world: World<'a>,
}

/// A subject's score on a day, without its explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark<'w> {
    pub subject: &'w str,
    /// As in [`Score`].
    pub score: Decimal,
    /// As in [`Score`].
    pub grade: Option<&'w str>,
}

/// A subject's score on a day with what became of every record, as numbers; [`Explained::lines`] puts it into words.
#[derive(Debug)]
pub struct Explained<'w, 'a> {
    question: Question<'w, 'a>,
    standing: Standing<'a>,
    verdict: Verdict,
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

    /// The same facts under another rule set, such as a draft.
    pub fn judged_by<'b>(&self, ruleset: &'b RuleSet) -> Prepared<'b>
    where
        'a: 'b,
    {
        Prepared {
            world: self.world.judged_by(ruleset),
        }
    }

    /// As [`score`].
    ///
    /// # Errors
    /// As [`score`].
    pub fn score(&self, as_of: Day) -> Result<Vec<Score>, Vec<ScoreFault>> {
        let subjects = self.world.present(as_of)?;
        let explained = self.explained_of(&subjects, as_of)?;
        let changes = Changes::new(&self.world, &subjects);
        if self.world.rules.needs_population() {
            let stood: Vec<_> = (explained.iter())
                .map(|one| (&one.question, &one.standing))
                .collect();
            let first = changes.next_of_all(as_of, &stood);
            return Ok(crowd::each(
                &explained,
                || (),
                |(), _, one| one.report(first),
            ));
        }
        Ok(crowd::each(
            &explained,
            || (),
            |(), _, one| one.report(changes.next(&one.question, &one.standing)),
        ))
    }

    /// Scores with what became of every record. Ordered by subject.
    ///
    /// # Errors
    /// As [`score`].
    pub fn explained(&self, day: Day) -> Result<Vec<Explained<'_, 'a>>, Vec<ScoreFault>> {
        let subjects = self.world.present(day)?;
        self.explained_of(&subjects, day)
    }

    fn explained_of<'w>(
        &'w self,
        subjects: &[&'w Subject<'a>],
        day: Day,
    ) -> Result<Vec<Explained<'w, 'a>>, Vec<ScoreFault>> {
        let previous = self.previous(subjects, day, Reach::Lists)?;
        let standings = each(subjects, |index, subject| {
            let mut standing = Standing {
                previous: previous.get(index).cloned().unwrap_or_default(),
                ..Standing::default()
            };
            self.question(subject, day).stand::<true>(&mut standing)?;
            Ok(standing)
        })?;
        let ranking = Ranking::of(self.world.rules, &standings);
        let verdicts = each(subjects, |index, subject| {
            self.question(subject, day)
                .verdict(&standings[index], &ranking)
        })?;
        Ok(subjects
            .iter()
            .zip(standings)
            .zip(verdicts)
            .map(|((subject, standing), verdict)| Explained {
                question: self.question(subject, day),
                standing,
                verdict,
            })
            .collect())
    }

    /// Score and grade of every subject on a day, as [`Prepared::score`] gives them: lists, explanation and the next change
    /// are not computed. Ordered by subject.
    ///
    /// # Errors
    /// As [`score`], save for conditions of lists.
    pub fn marks(&self, day: Day) -> Result<Vec<Mark<'_>>, Vec<ScoreFault>> {
        let rules = self.world.rules;
        let subjects = self.world.present(day)?;
        let previous = self.previous(&subjects, day, Reach::Grades)?;
        let tally = |standing: &mut Standing<'a>, index: usize| {
            standing.previous.clear();
            let earlier = previous.get(index).map_or(&[][..], Vec::as_slice);
            standing.previous.extend_from_slice(earlier);
            let question = self.question(subjects[index], day);
            question.tally::<false>(&mut standing.tally)?;
            Ok(question)
        };
        let ranking = if rules.needs_population() {
            let scores = each_with(&subjects, |standing, index| {
                tally(standing, index)?.rate::<false>(standing)?;
                Ok((standing.total.score, standing.not_rated.is_none()))
            })?;
            let rated = scores.into_iter().filter(|(_, rated)| *rated);
            Ranking::new(rules, rated.map(|(score, _)| score).collect())
        } else {
            Ranking::default()
        };
        each_with(&subjects, |standing, index| {
            let (score, grade) = tally(standing, index)?.mark(standing, &ranking)?;
            Ok(Mark {
                subject: subjects[index].id,
                score,
                grade,
            })
        })
    }

    fn question<'w>(&'w self, subject: &'w Subject<'a>, day: Day) -> Question<'w, 'a> {
        Question {
            world: &self.world,
            subject,
            day,
            window: Window::Score,
            current: true,
        }
    }

    /// Earlier grades of each subject; empty where no rule asks for them.
    fn previous(
        &self,
        subjects: &[&Subject<'a>],
        day: Day,
        reach: Reach,
    ) -> Result<Vec<Vec<Option<usize>>>, Vec<ScoreFault>> {
        earlier_grades(&self.world, subjects, day, reach)
            .map_err(|(index, fail)| vec![fail.by(subjects[index].id)])
    }
}

impl Explained<'_, '_> {
    pub fn subject(&self) -> &str {
        self.question.subject.id
    }

    /// As in [`Score`].
    pub fn score(&self) -> Decimal {
        self.verdict.score
    }

    /// As in [`Score`].
    pub fn grade(&self) -> Option<&str> {
        (self.verdict).grade_of(self.question.world.rules, &self.standing)
    }

    /// As in [`Score`].
    pub fn lines(&self) -> Vec<Line> {
        lines(&self.question, &self.standing, &self.verdict)
    }

    fn report(&self, next_change_on: Option<Day>) -> Score {
        let rules = self.question.world.rules;
        let verdict = &self.verdict;
        let consequences = rules
            .consequences()
            .iter()
            .filter(|consequence| match consequence.trigger {
                Trigger::Grade(rank) => verdict.grade == Some(rank),
                Trigger::List(index) => verdict.lists.contains(&index),
            })
            .map(|consequence| consequence.title.clone())
            .collect();
        let values = rules
            .components()
            .iter()
            .zip(&self.standing.total.components);
        Score {
            subject: self.subject().to_owned(),
            subject_kind: rules.subject(),
            ruleset: rules.id().to_owned(),
            as_of: self.question.day,
            score: verdict.score,
            grade: self.grade().map(str::to_owned),
            rated: self.standing.not_rated.is_none(),
            components: Components(
                values
                    .map(|(component, value)| (component.id.clone(), value.value.map(shown)))
                    .collect(),
            ),
            lists: (verdict.lists.iter())
                .map(|index| rules.lists()[*index].id.clone())
                .collect(),
            consequences,
            next_change_on,
            lines: Some(self.lines()),
        }
    }
}

/// Runs a stage for every subject, several at once, and gathers the faults of all in their order.
fn each<'a, O: Send>(
    subjects: &[&Subject<'a>],
    stage: impl Fn(usize, &Subject<'a>) -> Result<O, Fail> + Sync,
) -> Result<Vec<O>, Vec<ScoreFault>> {
    gathered(crowd::each(
        subjects,
        || (),
        |(), index, subject| stage(index, subject).map_err(|fail| fail.by(subject.id)),
    ))
}

/// As [`each`], with a standing that is used again for the next subject.
fn each_with<'a, O: Send>(
    subjects: &[&Subject<'a>],
    stage: impl Fn(&mut Standing<'a>, usize) -> Result<O, Fail> + Sync,
) -> Result<Vec<O>, Vec<ScoreFault>> {
    gathered(crowd::each(
        subjects,
        Standing::default,
        |standing, index, subject| stage(standing, index).map_err(|fail| fail.by(subject.id)),
    ))
}

fn gathered<O>(done: Vec<Result<O, ScoreFault>>) -> Result<Vec<O>, Vec<ScoreFault>> {
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

/// A value as it is shown: no trailing zeros, quotients to ten places.
fn shown(value: Decimal) -> Decimal {
    if value.is_zero() {
        return Decimal::ZERO;
    }
    if let (scale @ 0..=10, Ok(mut units)) = (value.scale(), i64::try_from(value.mantissa())) {
        // Nearly all: nothing is rounded, and there are few zeros to take away.
        let mut scale = scale;
        while scale > 0 && units % 10 == 0 {
            units /= 10;
            scale -= 1;
        }
        return Decimal::new(units, scale);
    }
    let value = guarded(value).round_dp(10).normalize();
    if value.is_zero() {
        Decimal::ZERO
    } else {
        value
    }
}
