//! How far items, groups, components and the score can go, as far as the file fixes it.

use rust_decimal::Decimal;

use crate::rules::{
    RuleSet,
    model::{Average, Combine, Component, Group, Item, Level, Missing},
    predicate::Possible,
};

/// Nothing but zero.
const ZERO: Possible = Possible {
    low: Some(Decimal::ZERO),
    high: Some(Decimal::ZERO),
};

/// What one record of an item may give, before the item's cap; zero is among it.
fn record(item: &Item) -> Possible {
    let Some((low, high)) = item.points.range() else {
        return Possible::default();
    };
    let (low, high) = (low.min(Decimal::ZERO), high.max(Decimal::ZERO));
    let mut range = Possible {
        low: Some(low).filter(|low| item.times.is_none() || low.is_zero()),
        high: Some(high).filter(|high| item.times.is_none() || high.is_zero()),
    };
    if let Some(cap) = item.per_record_cap {
        range = capped(range, cap);
    }
    let multipliers = item.repeat.iter().flat_map(|repeat| &repeat.multiply);
    let most = multipliers.copied().fold(Decimal::ONE, Decimal::max)
        * item
            .rectified
            .map_or(Decimal::ONE, |factor| factor.max(Decimal::ONE));
    Possible {
        low: range.low.and_then(|low| low.checked_mul(most)),
        high: range.high.and_then(|high| high.checked_mul(most)),
    }
}

/// What any number of records of an item may give together.
pub(super) fn item(item: &Item) -> Possible {
    let one = record(item);
    let many = Possible {
        low: one.low.filter(Decimal::is_zero),
        high: one.high.filter(Decimal::is_zero),
    };
    item.cap.map_or(many, |cap| capped(many, cap))
}

/// Within a signed cap: a negative one bounds from below, a positive one from above.
fn capped(range: Possible, cap: Decimal) -> Possible {
    if cap.is_sign_negative() {
        Possible {
            low: Some(range.low.map_or(cap, |low| low.max(cap))),
            ..range
        }
    } else {
        Possible {
            high: Some(range.high.map_or(cap, |high| high.min(cap))),
            ..range
        }
    }
}

fn added(left: Possible, right: Possible) -> Possible {
    let add = |a: Option<Decimal>, b: Option<Decimal>| a.zip(b).and_then(|(a, b)| a.checked_add(b));
    Possible {
        low: add(left.low, right.low),
        high: add(left.high, right.high),
    }
}

/// Either of two.
fn joined(left: Possible, right: Possible) -> Possible {
    Possible {
        low: left.low.zip(right.low).map(|(a, b)| a.min(b)),
        high: left.high.zip(right.high).map(|(a, b)| a.max(b)),
    }
}

/// What the items of a group may give together, before and after the group's cap.
pub(super) fn group(rules: &RuleSet, group: &Group) -> (Possible, Possible) {
    let totals = group
        .items
        .iter()
        .filter_map(|index| rules.items().get(*index))
        .map(item);
    let all = if group.highest {
        totals.fold(ZERO, joined)
    } else {
        totals.fold(ZERO, added)
    };
    (all, group.cap.map_or(all, |cap| capped(all, cap)))
}

/// Base and records of a component, before floor and cap.
pub(super) fn natural(rules: &RuleSet, index: usize, component: &Component) -> Possible {
    let own = || rules.items().iter().filter(|item| item.component == index);
    let combined = match component.combine {
        Combine::Sum => {
            // A group that reaches into other components bounds nothing here alone.
            let within = |one: &Group| {
                let mut items = one
                    .items
                    .iter()
                    .filter_map(|index| rules.items().get(*index));
                !one.items.is_empty() && items.all(|item| item.component == index)
            };
            let groups = rules.groups();
            let alone = own()
                .filter(|item| !item.group.and_then(|at| groups.get(at)).is_some_and(within))
                .map(item)
                .fold(ZERO, added);
            groups
                .iter()
                .filter(|one| within(one))
                .map(|one| group(rules, one).1)
                .fold(alone, added)
        }
        Combine::Mean | Combine::Last | Combine::Max | Combine::Min => {
            own().map(record).fold(ZERO, joined)
        }
    };
    added(combined, Possible::exactly(component.base))
}

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
    let Possible { low, high } = natural(rules, index, component);
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
        Missing::Default(value) => joined(range, Possible::exactly(value)),
        // No project at all gives zero.
        Missing::Zero if component.per_project() => joined(range, ZERO),
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

/// The range of the rounded score before overrides.
pub(super) fn score(rules: &RuleSet, components: &[Possible]) -> Possible {
    let rule = rules.score_rule();
    let partial = rules
        .components()
        .iter()
        .any(|one| one.missing == Missing::Renormalise || one.missing == Missing::NotRated);
    let weighted = |component: &Component, range: &Possible| Possible {
        low: range.low.and_then(|low| component.weight.checked_mul(low)),
        high: range
            .high
            .and_then(|high| component.weight.checked_mul(high)),
    };
    let total = if partial {
        Possible::default()
    } else {
        (rules.components().iter().zip(components))
            .map(|(component, range)| weighted(component, range))
            .fold(Possible::exactly(rule.base), added)
    };
    let round =
        |value: Decimal| value.round_dp_with_strategy(rule.decimals, rule.rounding.strategy());
    let low = bounded(total.low, rule.min, Decimal::max);
    let high = bounded(total.high, rule.max, Decimal::min);
    Possible {
        low: low.map(|low| round(rule.max.map_or(low, |max| low.min(max)))),
        high: high.map(|high| round(rule.min.map_or(high, |min| high.max(min)))),
    }
}
