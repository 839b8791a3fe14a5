//! Places in a population, for ladders by rank.

use rust_decimal::{Decimal, RoundingStrategy};

use super::standing::Standing;
use crate::rules::{
    RuleSet,
    model::{Direction, GradeStep},
};

/// The rated scores of a population, best first.
#[derive(Debug, Default)]
pub(super) struct Ranking(Vec<Decimal>);

impl Ranking {
    /// Of those who are rated.
    pub fn of(rules: &RuleSet, standings: &[Standing<'_>]) -> Self {
        let rated = standings.iter().filter(|one| one.not_rated.is_none());
        Self::new(rules, rated.map(|one| one.total.score).collect())
    }

    pub fn new(rules: &RuleSet, mut scores: Vec<Decimal>) -> Self {
        scores.sort_unstable();
        if rules.score_rule().direction == Direction::Merit {
            scores.reverse();
        }
        Self(scores)
    }

    /// Place of a score among the others and itself; ties share the better place, or the worse one.
    pub fn place(&self, rules: &RuleSet, own: Decimal, score: Decimal) -> usize {
        let better = |a: Decimal, b: Decimal| match rules.score_rule().direction {
            Direction::Merit => a > b,
            Direction::Demerit => a < b,
        };
        let ahead =
            |one: Decimal| better(one, score) || (rules.score_rule().ties_worse && one == score);
        let others = self.0.partition_point(|one| ahead(*one));
        others - usize::from(ahead(own)) + 1
    }

    /// Rank of the first step that a score of the population fits, of a ladder without conditions.
    pub fn step(&self, rules: &RuleSet, score: Decimal) -> Option<usize> {
        let place = Decimal::from(self.place(rules, score, score));
        let fits = |step: &&GradeStep| {
            step.top.is_none_or(|top| place <= self.places(top)) && step.range.contains(score)
        };
        rules.ladder().iter().find(fits).map(|step| step.rank)
    }

    /// A share as a number of places, rounded half up.
    pub fn places(&self, share: Decimal) -> Decimal {
        (share * Decimal::from(self.0.len()))
            .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
    }
}
