//! How far components and the score can go, as far as the file fixes it.

use rust_decimal::Decimal;

use crate::rules::{
    RuleSet,
    model::{Average, Combine, Component, Level, Missing},
    predicate::Possible,
};

/// The range of each component.
pub(super) fn components(rules: &RuleSet) -> Vec<Possible> {
    rules
        .components()
        .iter()
        .enumerate()
        .map(|(index, component)| component_range(rules, index, component))
        .collect()
}

fn component_range(rules: &RuleSet, index: usize, component: &Component) -> Possible {
    let items = || rules.items().iter().filter(|item| item.component == index);
    let ranges: Option<Vec<(Decimal, Decimal)>> = items().map(|item| item.points.range()).collect();
    // Points that can go only one way bound the component on the other side by its base.
    let (can_fall, can_rise) = match &ranges {
        Some(ranges) => (
            ranges.iter().any(|(low, _)| *low < Decimal::ZERO),
            ranges.iter().any(|(_, high)| *high > Decimal::ZERO),
        ),
        None => (true, true),
    };
    let plain = matches!(
        component.combine,
        Combine::Sum | Combine::Mean | Combine::Last | Combine::Max | Combine::Min
    );
    let low = (plain && !can_fall).then_some(component.base);
    let high = (plain && !can_rise).then_some(component.base);
    let mut range = Possible {
        low: bounded(low, component.floor, Decimal::max)
            .map(|low| component.cap.map_or(low, |cap| low.min(cap))),
        high: bounded(high, component.cap, Decimal::min)
            .map(|high| component.floor.map_or(high, |floor| high.max(floor))),
    };
    if let Level::Project {
        average: Average::Sum,
        ..
    } = component.level
    {
        range = Possible::default();
    }
    match component.missing {
        Missing::Default(value) => widened(range, value),
        // No project at all gives zero.
        Missing::Zero if component.per_project() => widened(range, Decimal::ZERO),
        _ => range,
    }
}

fn bounded(
    natural: Option<Decimal>,
    set: Option<Decimal>,
    pick: fn(Decimal, Decimal) -> Decimal,
) -> Option<Decimal> {
    match (natural, set) {
        (Some(natural), Some(set)) => Some(pick(natural, set)),
        (natural, set) => natural.or(set),
    }
}

fn widened(range: Possible, value: Decimal) -> Possible {
    Possible {
        low: range.low.map(|low| low.min(value)),
        high: range.high.map(|high| high.max(value)),
    }
}

/// The range of the rounded score before overrides.
pub(super) fn score(rules: &RuleSet, components: &[Possible]) -> Possible {
    let rule = rules.score_rule();
    let renormalises = rules
        .components()
        .iter()
        .any(|one| one.missing == Missing::Renormalise || one.missing == Missing::NotRated);
    let sum = |end: fn(&Possible) -> Option<Decimal>| {
        rules
            .components()
            .iter()
            .zip(components)
            .try_fold(rule.base, |sum, (component, range)| {
                sum.checked_add(component.weight.checked_mul(end(range)?)?)
            })
            .filter(|_| !renormalises)
    };
    let round =
        |value: Decimal| value.round_dp_with_strategy(rule.decimals, rule.rounding.strategy());
    let low = bounded(sum(|range| range.low), rule.min, Decimal::max);
    let high = bounded(sum(|range| range.high), rule.max, Decimal::min);
    Possible {
        low: low.map(|low| round(rule.max.map_or(low, |max| low.min(max)))),
        high: high.map(|high| round(rule.min.map_or(high, |min| high.max(min)))),
    }
}
