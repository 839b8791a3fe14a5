//! Steps 8 to 10: components, the average over projects, and the rounded total.

use std::collections::HashMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    subjects::{Subject, World},
    tally::{Live, Tally, weight},
};
use crate::{
    domain::Day,
    rules::{
        model::{Average, Combine, Component, Level, Missing},
        outcome::Fail,
    },
};

/// Places to which intermediate quotients are brought before the one rounding that the file asks for, so that thirds
/// that add up to a half are seen as a half.
const GUARD: u32 = 18;

/// A component computed once: for the subject, or for one project.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    /// The project; none for the subject itself.
    pub project: Option<String>,
    pub weight: Decimal,
    pub combined: Decimal,
    /// Base + combined, within floor and cap.
    pub value: Decimal,
    /// Base + combined.
    pub unbounded: Decimal,
}

/// A component's value and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ComponentValue {
    /// None: missing, and its absence is `renormalise` or `not_rated`.
    pub value: Option<Decimal>,
    pub missing: bool,
    pub parts: Vec<Part>,
}

/// Step 10.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Total {
    pub components: Vec<ComponentValue>,
    /// Before min, max and rounding.
    pub exact: Decimal,
    pub score: Decimal,
    /// A component that must be there is missing.
    pub not_rated: bool,
}

pub(super) fn total(
    world: &World<'_>,
    subject: &Subject<'_>,
    day: Day,
    tally: &Tally<'_>,
) -> Result<Total, Fail> {
    let rules = world.rules;
    let mut by_component: Vec<Vec<&Live<'_>>> = vec![Vec::new(); rules.components().len()];
    for live in &tally.live {
        by_component[rules.items()[live.item].component].push(live);
    }
    let components = rules
        .components()
        .iter()
        .zip(&by_component)
        .map(|(component, live)| match component.level {
            Level::Subject => alone(component, live),
            Level::Project {
                average,
                assessed_only,
            } => over_projects(component, live, subject, day, average, assessed_only),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let exact = weighted(rules.score_rule().base, rules.components(), &components)
        .ok_or_else(Fail::overflow)?;
    let not_rated = rules
        .components()
        .iter()
        .zip(&components)
        .any(|(component, value)| component.missing == Missing::NotRated && value.missing);
    Ok(Total {
        score: rounded(world, exact),
        components,
        exact,
        not_rated,
    })
}

/// Min, max, and the one rounding.
fn rounded(world: &World<'_>, exact: Decimal) -> Decimal {
    let rule = world.rules.score_rule();
    let floored = rule.min.map_or(exact, |min| exact.max(min));
    let within = rule.max.map_or(floored, |max| floored.min(max));
    let mut score = guarded(within).round_dp_with_strategy(rule.decimals, rule.rounding.strategy());
    score.rescale(rule.decimals);
    // Zero has no sign.
    if score.is_zero() { score.abs() } else { score }
}

pub(super) fn guarded(value: Decimal) -> Decimal {
    value
        .round_dp_with_strategy(GUARD, RoundingStrategy::MidpointNearestEven)
        .normalize()
}

fn alone(component: &Component, live: &[&Live<'_>]) -> Result<ComponentValue, Fail> {
    let part = part(component, live, None, Decimal::ONE)?;
    let missing = live.is_empty();
    let value = if missing {
        absent(component, part.value)
    } else {
        Some(part.value)
    };
    Ok(ComponentValue {
        value,
        missing,
        parts: vec![part],
    })
}

/// The value of a component without a record; `zero` is what remains if nothing is combined.
fn absent(component: &Component, zero: Decimal) -> Option<Decimal> {
    match component.missing {
        Missing::Zero => Some(zero),
        Missing::Default(value) => Some(value),
        Missing::Renormalise | Missing::NotRated => None,
    }
}

/// Step 8.
fn part(
    component: &Component,
    live: &[&Live<'_>],
    project: Option<&str>,
    weight: Decimal,
) -> Result<Part, Fail> {
    let combined = combine(component.combine, live).ok_or_else(Fail::overflow)?;
    let unbounded = component
        .base
        .checked_add(combined)
        .ok_or_else(Fail::overflow)?;
    let floored = component
        .floor
        .map_or(unbounded, |floor| unbounded.max(floor));
    let value = component.cap.map_or(floored, |cap| floored.min(cap));
    Ok(Part {
        project: project.map(str::to_owned),
        weight,
        combined,
        value,
        unbounded,
    })
}

fn combine(how: Combine, live: &[&Live<'_>]) -> Option<Decimal> {
    let mut after_caps = live.iter().map(|live| live.capped);
    let first = match how {
        Combine::Sum => None,
        Combine::Mean => {
            if live.is_empty() {
                return Some(Decimal::ZERO);
            }
            let sum = after_caps.try_fold(Decimal::ZERO, |sum, points| sum.checked_add(points))?;
            return sum.checked_div(Decimal::from(live.len()));
        }
        Combine::Last => after_caps.next_back(),
        Combine::Max => after_caps.max(),
        Combine::Min => after_caps.min(),
    };
    match how {
        Combine::Sum => live
            .iter()
            .try_fold(Decimal::ZERO, |sum, live| sum.checked_add(live.last)),
        _ => Some(first.unwrap_or_default()),
    }
}

/// Step 9.
fn over_projects(
    component: &Component,
    live: &[&Live<'_>],
    subject: &Subject<'_>,
    day: Day,
    average: Average,
    assessed_only: bool,
) -> Result<ComponentValue, Fail> {
    let mut by_project: HashMap<&str, Vec<&Live<'_>>> = HashMap::new();
    for one in live {
        if let Some(project) = one.unit {
            by_project.entry(project).or_default().push(one);
        }
    }
    let mut parts = Vec::new();
    for managed in subject.managed(day) {
        let code = managed.project.as_str();
        let own = by_project.get(code).map_or(&[][..], Vec::as_slice);
        if assessed_only && own.is_empty() {
            continue;
        }
        let contract = subject.contract(code, day).unwrap_or(managed);
        parts.push(part(
            component,
            own,
            Some(code),
            weight(contract, average.column())?,
        )?);
    }
    if parts.is_empty() {
        return Ok(ComponentValue {
            value: absent(component, Decimal::ZERO),
            missing: true,
            parts,
        });
    }
    let value = averaged(&parts, average)?;
    Ok(ComponentValue {
        value: Some(value),
        missing: false,
        parts,
    })
}

/// Sum of value x weight over the sum of weights, divided once.
fn averaged(parts: &[Part], average: Average) -> Result<Decimal, Fail> {
    let overflow = Fail::overflow;
    let mut sum = Decimal::ZERO;
    let mut weights = Decimal::ZERO;
    for part in parts {
        let product = part.value.checked_mul(part.weight).ok_or_else(overflow)?;
        sum = sum.checked_add(product).ok_or_else(overflow)?;
        weights = weights.checked_add(part.weight).ok_or_else(overflow)?;
    }
    if average == Average::Sum {
        return Ok(sum);
    }
    if weights.is_zero() {
        let codes: Vec<&str> = parts
            .iter()
            .filter_map(|part| part.project.as_deref())
            .collect();
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
    sum.checked_div(weights).ok_or_else(overflow)
}

/// Base + sum of weight x value; the present ones stand for all where a component renormalises.
fn weighted(base: Decimal, components: &[Component], values: &[ComponentValue]) -> Option<Decimal> {
    let mut sum = Decimal::ZERO;
    let mut present = Decimal::ZERO;
    let mut all = Decimal::ZERO;
    let mut renormalise = false;
    for (component, value) in components.iter().zip(values) {
        all = all.checked_add(component.weight)?;
        match value.value {
            Some(value) => {
                sum = sum.checked_add(component.weight.checked_mul(value)?)?;
                present = present.checked_add(component.weight)?;
            }
            None if component.missing == Missing::Renormalise => renormalise = true,
            None => present = present.checked_add(component.weight)?,
        }
    }
    if renormalise && !present.is_zero() {
        sum = sum.checked_mul(all)?.checked_div(present)?;
    }
    base.checked_add(sum)
}
