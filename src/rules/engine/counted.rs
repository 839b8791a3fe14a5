//! What a tally says of items, groups and components: how many records count, what they give, which vetoes stand.

use rust_decimal::Decimal;

use super::{
    columns::{Columns, Facts},
    plan::Plan,
    quantity::Quantity,
    tally::{Sums, Tally},
};
use crate::rules::{outcome::Fail, predicate::Target};

impl Plan {
    /// Whether records under a slot are asked about by a target.
    pub fn asked(&self, target: Target, slot: usize) -> bool {
        match target {
            Target::Item(index) => index == slot,
            Target::Group(index) => self.steps[slot].group == Some(index),
            Target::Component(index) => self.steps[slot].component == index,
        }
    }
}

/// A tally with the columns it was made from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted<'t> {
    pub plan: &'t Plan,
    pub columns: &'t Columns,
    pub tally: &'t Tally,
}

impl Counted<'_> {
    /// Slots with a veto of the records that count, in order.
    pub fn vetoes(&self) -> Vec<usize> {
        let mut slots: Vec<usize> = match self.columns {
            Columns::Narrow(facts) => self.vetoes_of(facts, &self.tally.narrow).collect(),
            Columns::Wide(facts) => self.vetoes_of(facts, &self.tally.wide).collect(),
            Columns::Faulty(_) => Vec::new(),
        };
        slots.sort_unstable();
        slots.dedup();
        slots
    }

    fn vetoes_of<Q>(&self, facts: &Facts<Q>, sums: &Sums<Q>) -> impl Iterator<Item = usize> {
        let counted = facts.vetoes.iter().map(|run| *run as usize);
        counted
            .filter(|run| sums.runs[*run].count > 0)
            .map(|run| facts.runs[run].slot())
    }

    pub fn count(&self, target: Target) -> usize {
        match self.columns {
            Columns::Narrow(facts) => self.of(target, facts, &self.tally.narrow).0,
            Columns::Wide(facts) => self.of(target, facts, &self.tally.wide).0,
            Columns::Faulty(_) => 0,
        }
    }

    /// Points of an item after its cap; of a group or a component after groups.
    pub fn points(&self, target: Target) -> Result<Decimal, Fail> {
        match self.columns {
            Columns::Narrow(facts) => self.of(target, facts, &self.tally.narrow).1,
            Columns::Wide(facts) => self.of(target, facts, &self.tally.wide).1,
            Columns::Faulty(_) => Some(Decimal::ZERO),
        }
        .ok_or_else(Fail::overflow)
    }

    fn of<Q: Quantity>(
        &self,
        target: Target,
        facts: &Facts<Q>,
        sums: &Sums<Q>,
    ) -> (usize, Option<Decimal>) {
        let mut count = 0;
        let mut points = Some(Q::default());
        for (run, sum) in facts.runs.iter().zip(&sums.runs) {
            if self.plan.asked(target, run.slot()) {
                count += sum.count as usize;
                let own = if matches!(target, Target::Item(_)) {
                    sum.capped
                } else {
                    sum.last
                };
                points = points.and_then(|points| points.plus(own));
            }
        }
        (count, points.map(|points| points.decimal(self.plan.scale)))
    }
}
