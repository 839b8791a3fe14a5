//! Steps 11 to 14: not rated, grade, overrides and vetoes, lists.

use rust_decimal::Decimal;

use super::{
    conditions::SubjectInputs,
    counted::Counted,
    ranking::Ranking,
    tally::{Question, Tally},
    total::Total,
};
use crate::rules::{
    RuleSet,
    model::{Direction, Effect},
    outcome::Fail,
    predicate::{Leaf, leaves},
};

/// Title of a subject whose score lacks a component that must be there.
pub(in crate::rules) const NOT_RATED: &str = "未评级";

/// Steps 1 to 10 for one subject, and whether it is rated. One may be kept and filled again for the next.
#[derive(Debug, Default)]
pub(super) struct Standing<'a> {
    pub tally: Tally,
    pub total: Total<'a>,
    /// Why it is not rated.
    pub not_rated: Option<&'a str>,
    /// Ranks of the earlier grades, the latest first.
    pub previous: Vec<Option<usize>>,
}

/// What overrode the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Index of the override.
    Override(usize),
    /// Index of the item.
    Veto(usize),
}

/// What an override or a veto led to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fired {
    pub by: By,
    /// Rank that it alone would give.
    pub grade: Option<usize>,
    pub score: Option<Decimal>,
}

/// Steps 11 to 14.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Verdict {
    pub score: Decimal,
    /// Rank.
    pub grade: Option<usize>,
    /// Rank before overrides.
    pub ladder: Option<usize>,
    pub fired: Vec<Fired>,
    /// Indices.
    pub lists: Vec<usize>,
}

impl<'w, 'a> Question<'w, 'a> {
    /// Steps 1 to 10, and who is not rated. The earlier grades must be there already.
    ///
    /// # Errors
    /// A fault of the data.
    pub fn stand<const RECORD: bool>(&self, standing: &mut Standing<'a>) -> Result<(), Fail> {
        self.tally::<RECORD>(&mut standing.tally)?;
        self.rate::<RECORD>(standing)
    }

    /// Steps 8 to 10, and who is not rated, from a tally.
    ///
    /// # Errors
    /// A fault of the data.
    pub fn rate<const RECORD: bool>(&self, standing: &mut Standing<'a>) -> Result<(), Fail> {
        self.total::<RECORD>(&standing.tally, &mut standing.total)?;
        let rules = self.world.rules;
        let mut reason = standing.total.not_rated.then_some(NOT_RATED);
        if !rules.not_rated().is_empty() {
            let inputs = SubjectInputs::new(*self, standing, standing.total.score, None);
            for rule in rules.not_rated() {
                if inputs.holds(&rule.when.expr)? {
                    reason = Some(&rule.title);
                    break;
                }
            }
        }
        standing.not_rated = reason;
        Ok(())
    }

    /// Steps 11 to 14.
    ///
    /// # Errors
    /// What a condition cannot compute; a score that has no grade.
    pub fn verdict(&self, standing: &Standing<'a>, ranking: &Ranking) -> Result<Verdict, Fail> {
        let mut verdict = self.graded(standing, ranking)?;
        if self.current && standing.not_rated.is_none() {
            let inputs = SubjectInputs::new(*self, standing, verdict.score, verdict.grade);
            for (index, list) in self.world.rules.lists().iter().enumerate() {
                if inputs.holds(&list.when.expr)? {
                    verdict.lists.push(index);
                }
            }
        }
        Ok(verdict)
    }

    /// Steps 11 to 13: everything but the lists.
    ///
    /// # Errors
    /// As [`Question::verdict`].
    pub fn graded(&self, standing: &Standing<'a>, ranking: &Ranking) -> Result<Verdict, Fail> {
        let score = standing.total.score;
        if standing.not_rated.is_some() {
            return Ok(Verdict {
                score,
                ..Verdict::default()
            });
        }
        let inputs = SubjectInputs::new(*self, standing, score, None);
        let ladder = on_ladder(&inputs, ranking)?;
        let inputs = inputs.with_grade(ladder);
        let fired = fired(&inputs, ranking, ladder)?;
        let grade = match fired.iter().filter_map(|one| one.grade).max() {
            Some(worst) => Some(worst),
            None => ladder,
        };
        let set = fired.iter().filter_map(|one| one.score);
        let score = match self.world.rules.score_rule().direction {
            Direction::Merit => set.min(),
            Direction::Demerit => set.max(),
        }
        .unwrap_or(score);
        Ok(Verdict {
            score,
            grade,
            ladder,
            fired,
            lists: Vec::new(),
        })
    }

    /// Steps 8 to 13 from a tally: the score, and the id of the grade or why there is none.
    ///
    /// # Errors
    /// As [`Question::verdict`].
    pub fn mark(
        &self,
        standing: &mut Standing<'a>,
        ranking: &Ranking,
    ) -> Result<(Decimal, Option<&'w str>), Fail> {
        let rules = self.world.rules;
        if let Some((score, rank)) = self.short_grade(&standing.tally) {
            return Ok((score, rules.grade_id(rank)));
        }
        self.rate::<false>(standing)?;
        let verdict = self.graded(standing, ranking)?;
        Ok((verdict.score, verdict.grade_of(rules, standing)))
    }

    /// Every part of the conditions of grades, overrides and lists that depends on the day.
    pub fn leaves(&self, standing: &Standing<'a>) -> Vec<Leaf> {
        let inputs = SubjectInputs::new(*self, standing, standing.total.score, None);
        let mut found = Vec::new();
        for condition in self.world.rules.subject_conditions() {
            leaves(&condition.expr, &inputs, &mut found);
        }
        found
    }

    /// The tally of a standing with its columns.
    pub fn made_from<'t>(&'t self, standing: &'t Standing<'a>) -> Counted<'t> {
        Counted {
            plan: &self.world.plan,
            columns: &self.subject.columns,
            tally: &standing.tally,
        }
    }
}

impl Verdict {
    /// Id of the grade, or why there is none.
    pub fn grade_of<'a>(&self, rules: &'a RuleSet, standing: &Standing<'a>) -> Option<&'a str> {
        (standing.not_rated).or_else(|| rules.grade_id(self.grade?))
    }
}

/// The first step of the ladder that fits.
fn on_ladder(inputs: &SubjectInputs<'_, '_>, ranking: &Ranking) -> Result<Option<usize>, Fail> {
    let rules = inputs.question.world.rules;
    let own = inputs.standing.total.score;
    let score = inputs.score;
    let place = rules
        .needs_population()
        .then(|| Decimal::from(ranking.place(rules, own, score)));
    for step in rules.ladder() {
        let in_share = match (step.top, place) {
            (Some(top), Some(place)) => place <= ranking.places(top),
            _ => true,
        };
        let fits = in_share && step.range.contains(score);
        if fits && (step.when.as_ref()).map_or(Ok(true), |when| inputs.holds(&when.expr))? {
            return Ok(Some(step.rank));
        }
    }
    if rules.ladder().is_empty() {
        return Ok(None);
    }
    Err(no_grade(score))
}

pub(super) fn no_grade(score: Decimal) -> Fail {
    Fail::new(
        "D018",
        format!("得分 {score} 没有任何等级可以对应"),
        "请检查规则文件的等级条件",
    )
}

/// Step 12: every override and veto, each with the grade it alone would give. The worst wins.
fn fired(
    inputs: &SubjectInputs<'_, '_>,
    ranking: &Ranking,
    ladder: Option<usize>,
) -> Result<Vec<Fired>, Fail> {
    let question = &inputs.question;
    let rules = question.world.rules;
    let last = rules.grades().len().saturating_sub(1);
    let mut fired = Vec::new();
    for (index, rule) in rules.overrides().iter().enumerate() {
        if !inputs.holds(&rule.when.expr)? {
            continue;
        }
        let mut score = None;
        let grade = match rule.effect {
            Effect::Grade(rank) => Some(rank),
            Effect::AtBest(rank) => ladder.map(|own| own.max(rank)),
            Effect::Drop(steps) => ladder.map(|own| (own + steps as usize).min(last)),
            Effect::Score(set) => {
                let mut set = set.round_dp_with_strategy(
                    rules.decimals(),
                    rules.score_rule().rounding.strategy(),
                );
                set.rescale(rules.decimals());
                score = Some(set);
                let regraded = SubjectInputs::new(*question, inputs.standing, set, None);
                on_ladder(&regraded, ranking)?
            }
        };
        fired.push(Fired {
            by: By::Override(index),
            grade,
            score,
        });
    }
    if question.world.plan.vetoes {
        for item in question.made_from(inputs.standing).vetoes() {
            let veto = question.world.plan.steps[item].veto;
            fired.push(Fired {
                by: By::Veto(item),
                grade: ladder.map(|own| own.max(veto.unwrap_or_default())),
                score: None,
            });
        }
    }
    Ok(fired)
}
