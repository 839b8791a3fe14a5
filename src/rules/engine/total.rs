//! Steps 8 to 10: components, the average over projects, and the rounded total.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    columns::{Columns, Facts},
    judge::weight,
    quantity::Quantity,
    tally::{Live, Question, Sums, Tally},
};
use crate::{
    domain::Day,
    rules::{
        RuleSet,
        model::{Average, Combine, Component, Level, Missing},
        outcome::Fail,
    },
};

/// Places to which intermediate quotients are brought before the one rounding that the file asks for, so that thirds
/// that add up to a half are seen as a half.
const GUARD: u32 = 18;

/// A component computed once: for the subject, or for one project.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part<'a> {
    /// The project; none for the subject itself.
    pub project: Option<&'a str>,
    pub weight: Decimal,
    pub combined: Decimal,
    /// Base + combined, within floor and cap.
    pub value: Decimal,
    /// Base + combined.
    pub unbounded: Decimal,
}

/// A component's value and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ComponentValue<'a> {
    /// None: missing, and its absence is `renormalise` or `not_rated`.
    pub value: Option<Decimal>,
    pub missing: bool,
    /// Empty unless they are recorded.
    pub parts: Vec<Part<'a>>,
}

/// Step 10.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Total<'a> {
    pub components: Vec<ComponentValue<'a>>,
    /// Before min, max and rounding.
    pub exact: Decimal,
    pub score: Decimal,
    /// A component that must be there is missing.
    pub not_rated: bool,
}

impl<'a> Question<'_, 'a> {
    /// Steps 8 to 10 from a tally. Where nothing is recorded, components and the exact total may be left out if no
    /// condition reads them.
    ///
    /// # Errors
    /// A project without its weight; numbers that are too large.
    pub fn total<const RECORD: bool>(
        &self,
        tally: &Tally,
        total: &mut Total<'a>,
    ) -> Result<(), Fail> {
        total.components.clear();
        total.not_rated = false;
        if !RECORD && let Some(score) = self.short(tally) {
            total.score = score;
            return Ok(());
        }
        match &self.subject.columns {
            Columns::Faulty(fail) => return Err(fail.clone()),
            Columns::Narrow(facts) => self.components::<_, RECORD>(facts, &tally.narrow, total)?,
            Columns::Wide(facts) => self.components::<_, RECORD>(facts, &tally.wide, total)?,
        }
        let rules = self.world.rules;
        total.exact = weighted(rules, &total.components).ok_or_else(Fail::overflow)?;
        total.score = rounded(rules, total.exact);
        Ok(())
    }

    fn components<Q: Quantity, const RECORD: bool>(
        &self,
        facts: &Facts<Q>,
        sums: &Sums<Q>,
        total: &mut Total<'a>,
    ) -> Result<(), Fail> {
        for (index, component) in self.world.rules.components().iter().enumerate() {
            let gathered = Gathered {
                question: self,
                facts,
                sums,
                component,
                index,
            };
            let value = match component.level {
                Level::Subject => gathered.alone::<RECORD>()?,
                Level::Project {
                    average,
                    assessed_only,
                } => gathered.over_projects::<RECORD>(average, assessed_only)?,
            };
            total.not_rated |= component.missing == Missing::NotRated && value.missing;
            total.components.push(value);
        }
        Ok(())
    }
}

/// One component of a subject, with what it is made of.
struct Gathered<'q, 'w, 'a, Q> {
    question: &'q Question<'w, 'a>,
    facts: &'q Facts<Q>,
    sums: &'q Sums<Q>,
    component: &'q Component,
    index: usize,
}

impl<'a, Q: Quantity> Gathered<'_, '_, 'a, Q> {
    fn alone<const RECORD: bool>(&self) -> Result<ComponentValue<'a>, Fail> {
        let (part, count) = self.part(None, None, Decimal::ONE)?;
        Ok(ComponentValue {
            value: if count == 0 {
                absent(self.component, part.value)
            } else {
                Some(part.value)
            },
            missing: count == 0,
            parts: if RECORD { vec![part] } else { Vec::new() },
        })
    }

    /// Step 9.
    fn over_projects<const RECORD: bool>(
        &self,
        average: Average,
        assessed_only: bool,
    ) -> Result<ComponentValue<'a>, Fail> {
        let day: Day = self.question.day;
        let mut parts = Vec::new();
        let mut mean = Mean::default();
        for (unit, project) in self.question.subject.projects.iter().enumerate() {
            let Some(contract) = project.contract(day) else {
                continue;
            };
            let unit = u32::try_from(unit).ok();
            let (mut part, count) = self.part(unit, Some(project.code), Decimal::ONE)?;
            if assessed_only && count == 0 {
                continue;
            }
            part.weight = weight(contract, average.column())?;
            mean.add(&part).ok_or_else(Fail::overflow)?;
            parts.push(part);
        }
        let value = if parts.is_empty() {
            absent(self.component, Decimal::ZERO)
        } else {
            Some(mean.value(&parts, average)?)
        };
        Ok(ComponentValue {
            value,
            missing: parts.is_empty(),
            parts: if RECORD { parts } else { Vec::new() },
        })
    }

    /// Step 8, and how many records there are.
    fn part(
        &self,
        unit: Option<u32>,
        project: Option<&'a str>,
        weight: Decimal,
    ) -> Result<(Part<'a>, usize), Fail> {
        let (combined, count) = self.combined(unit).ok_or_else(Fail::overflow)?;
        let component = self.component;
        let unbounded = component
            .base
            .checked_add(combined)
            .ok_or_else(Fail::overflow)?;
        let floored = component
            .floor
            .map_or(unbounded, |floor| unbounded.max(floor));
        let value = component.cap.map_or(floored, |cap| floored.min(cap));
        let part = Part {
            project,
            weight,
            combined,
            value,
            unbounded,
        };
        Ok((part, count))
    }

    /// The points as one number; zero if there are none.
    fn combined(&self, unit: Option<u32>) -> Option<(Decimal, usize)> {
        let plan = &self.question.world.plan;
        let cell = plan.cell(self.question.subject, self.index, unit);
        let (count, sum) = (self.sums.cells.get(cell))
            .map_or((0, Q::default()), |cell| (cell.count as usize, cell.sum));
        if self.component.combine == Combine::Sum || count == 0 {
            return Some((sum.decimal(plan.scale), count));
        }
        let lives = self.sums.lives.iter().filter(|live| {
            let run = &self.facts.runs[live.run as usize];
            run.unit == unit && plan.steps[run.slot()].component == self.index
        });
        let points = measured(self.component.combine, lives)?;
        let mut value = points.decimal(plan.scale);
        if self.component.combine == Combine::Mean {
            value = value.checked_div(Decimal::from(count))?;
        }
        Some((value, count))
    }
}

/// Of points after their item caps: the last, the greatest, the least, or the sum.
fn measured<'l, Q: Quantity + 'l>(
    how: Combine,
    mut lives: impl Iterator<Item = &'l Live<Q>>,
) -> Option<Q> {
    match how {
        Combine::Sum | Combine::Mean => {
            lives.try_fold(Q::default(), |sum, live| sum.plus(live.capped))
        }
        Combine::Last => lives.max_by_key(|live| live.entry).map(|live| live.capped),
        Combine::Max => lives.map(|live| live.capped).max(),
        Combine::Min => lives.map(|live| live.capped).min(),
    }
}

/// Min, max, and the one rounding.
fn rounded(rules: &RuleSet, exact: Decimal) -> Decimal {
    let rule = rules.score_rule();
    let floored = rule.min.map_or(exact, |min| exact.max(min));
    let within = rule.max.map_or(floored, |max| floored.min(max));
    let mut score = guarded(within).round_dp_with_strategy(rule.decimals, rule.rounding.strategy());
    score.rescale(rule.decimals);
    // Zero has no sign.
    if score.is_zero() { score.abs() } else { score }
}

pub(super) fn guarded(value: Decimal) -> Decimal {
    if value.scale() <= GUARD {
        return value;
    }
    value
        .round_dp_with_strategy(GUARD, RoundingStrategy::MidpointNearestEven)
        .normalize()
}

/// The value of a component without a record; `zero` is what remains if nothing is combined.
fn absent(component: &Component, zero: Decimal) -> Option<Decimal> {
    match component.missing {
        Missing::Zero => Some(zero),
        Missing::Default(value) => Some(value),
        Missing::Renormalise | Missing::NotRated => None,
    }
}

/// Sum of value x weight over the sum of weights, divided once.
#[derive(Debug, Default)]
struct Mean {
    sum: Decimal,
    weights: Decimal,
}

impl Mean {
    fn add(&mut self, part: &Part<'_>) -> Option<()> {
        self.sum = self.sum.checked_add(part.value.checked_mul(part.weight)?)?;
        self.weights = self.weights.checked_add(part.weight)?;
        Some(())
    }

    fn value(&self, parts: &[Part<'_>], average: Average) -> Result<Decimal, Fail> {
        if average == Average::Sum {
            return Ok(self.sum);
        }
        if self.weights.is_zero() {
            let codes: Vec<&str> = parts.iter().filter_map(|part| part.project).collect();
            return Err(Fail::new(
                "D015",
                format!(
                    "项目 {} 的{}合计为零，无法加权",
                    codes.join("、"),
                    average.column().unwrap_or("权重")
                ),
                "请核对项目表",
            ));
        }
        self.sum
            .checked_div(self.weights)
            .ok_or_else(Fail::overflow)
    }
}

/// Base + sum of weight x value; the present ones stand for all where a component renormalises.
fn weighted(rules: &RuleSet, values: &[ComponentValue<'_>]) -> Option<Decimal> {
    let mut sum = Decimal::ZERO;
    let mut present = Decimal::ZERO;
    let mut all = Decimal::ZERO;
    let mut renormalise = false;
    for (component, value) in rules.components().iter().zip(values) {
        all = all.checked_add(component.weight)?;
        match value.value {
            Some(value) => {
                sum = sum.checked_add(component.weight.checked_mul(value)?)?;
                present = present.checked_add(component.weight)?;
            }
            None => renormalise |= component.missing == Missing::Renormalise,
        }
    }
    if renormalise && !present.is_zero() {
        sum = sum.checked_mul(all)?.checked_div(present)?;
    }
    rules.score_rule().base.checked_add(sum)
}
