//! What a predicate can be, given how far its numbers can go. Exact where it answers, silent (`None`) where it cannot know.

use rust_decimal::Decimal;

use super::{Arithmetic, Expr, Num, Op, Target};

/// Closed range of a number; an absent end is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Possible {
    pub low: Option<Decimal>,
    pub high: Option<Decimal>,
}

impl Possible {
    pub fn exactly(value: Decimal) -> Self {
        Self {
            low: Some(value),
            high: Some(value),
        }
    }
}

/// Truth of a predicate whose score and components lie in these ranges: `Some` if it is the same for all of them.
pub(crate) fn possibly(expr: &Expr, score: Possible, components: &[Possible]) -> Option<bool> {
    match expr {
        Expr::Const(truth) => Some(*truth),
        Expr::And(parts) if contradict(parts) => Some(false),
        Expr::And(parts) => joined(parts, score, components, false),
        Expr::Or(parts) => joined(parts, score, components, true),
        Expr::Not(inner) => possibly(inner, score, components).map(|truth| !truth),
        Expr::Number(op, left, right) => {
            let certain = |num: &Num| present(num);
            let order = ordered(
                *op,
                range(left, score, components),
                range(right, score, components),
            );
            // A comparison that would hold is still false where an input is missing.
            order.filter(|holds| !holds || (certain(left) && certain(right)))
        }
        _ => None,
    }
}

fn joined(
    parts: &[Expr],
    score: Possible,
    components: &[Possible],
    decisive: bool,
) -> Option<bool> {
    let truths: Vec<_> = parts
        .iter()
        .map(|part| possibly(part, score, components))
        .collect();
    if truths.contains(&Some(decisive)) {
        Some(decisive)
    } else if truths.contains(&None) {
        None
    } else {
        Some(!decisive)
    }
}

/// Whether two comparisons of one thing with fixed values can never hold together.
fn contradict(parts: &[Expr]) -> bool {
    let mut ranges: Vec<(&Num, Range)> = Vec::new();
    let mut texts: Vec<(&str, &str)> = Vec::new();
    for part in parts {
        match part {
            Expr::Number(op, num, Num::Literal(value)) => {
                narrow(&mut ranges, num, *op, *value);
            }
            Expr::Number(op, Num::Literal(value), num) => {
                narrow(&mut ranges, num, op.swapped(), *value);
            }
            Expr::Text(Op::Eq, name, text) => texts.push((name, text)),
            _ => {}
        }
    }
    let apart = |(name, text): &(&str, &str)| {
        texts
            .iter()
            .any(|(one, other)| one == name && other != text)
    };
    ranges.iter().any(|(_, range)| range.is_empty()) || texts.iter().any(apart)
}

/// What comparisons leave of a number; an end and whether it is among it.
#[derive(Debug, Clone, Copy, Default)]
struct Range {
    low: Option<(Decimal, bool)>,
    high: Option<(Decimal, bool)>,
}

impl Range {
    fn is_empty(&self) -> bool {
        self.low
            .zip(self.high)
            .is_some_and(|((low, from), (high, to))| low > high || (low == high && !(from && to)))
    }
}

fn narrow<'e>(ranges: &mut Vec<(&'e Num, Range)>, num: &'e Num, op: Op, value: Decimal) {
    let at = ranges.iter().position(|(known, _)| *known == num);
    let at = at.unwrap_or_else(|| {
        ranges.push((num, Range::default()));
        ranges.len() - 1
    });
    let Some((_, range)) = ranges.get_mut(at) else {
        return;
    };
    let (lower, upper) = match op {
        Op::Gt => (Some(false), None),
        Op::Ge => (Some(true), None),
        Op::Lt => (None, Some(false)),
        Op::Le => (None, Some(true)),
        Op::Eq => (Some(true), Some(true)),
        Op::Ne => return,
    };
    if let Some(inclusive) = lower
        && range
            .low
            .is_none_or(|(low, with)| value > low || (value == low && with))
    {
        range.low = Some((value, inclusive));
    }
    if let Some(inclusive) = upper
        && range
            .high
            .is_none_or(|(high, with)| value < high || (value == high && with))
    {
        range.high = Some((value, inclusive));
    }
}

/// Whether a number is never missing.
fn present(num: &Num) -> bool {
    match num {
        Num::Literal(_) | Num::Score | Num::Count(..) | Num::Points(..) | Num::YearsWithout(_) => {
            true
        }
        Num::Attribute(_) | Num::Project(_) | Num::Subject(_) | Num::Component(_) => false,
        Num::Negate(inner) => present(inner),
        Num::Arithmetic(_, left, right) => present(left) && present(right),
    }
}

fn range(num: &Num, score: Possible, components: &[Possible]) -> Possible {
    let from_zero = Possible {
        low: Some(Decimal::ZERO),
        high: None,
    };
    match num {
        Num::Literal(value) => Possible::exactly(*value),
        Num::Score => score,
        Num::Component(index) => components.get(*index).copied().unwrap_or_default(),
        Num::Points(Target::Component(_) | Target::Item(_) | Target::Group(_), _) => {
            Possible::default()
        }
        Num::Count(..) | Num::YearsWithout(_) | Num::Project(_) | Num::Subject(_) => from_zero,
        Num::Attribute(_) => Possible::default(),
        Num::Negate(inner) => {
            let inner = range(inner, score, components);
            Possible {
                low: inner.high.map(|value| -value),
                high: inner.low.map(|value| -value),
            }
        }
        Num::Arithmetic(op, left, right) => {
            let left = range(left, score, components);
            let right = range(right, score, components);
            let pair = |a: Option<Decimal>,
                        b: Option<Decimal>,
                        f: fn(Decimal, Decimal) -> Option<Decimal>| {
                a.zip(b).and_then(|(a, b)| f(a, b))
            };
            match op {
                Arithmetic::Add => Possible {
                    low: pair(left.low, right.low, Decimal::checked_add),
                    high: pair(left.high, right.high, Decimal::checked_add),
                },
                Arithmetic::Subtract => Possible {
                    low: pair(left.low, right.high, Decimal::checked_sub),
                    high: pair(left.high, right.low, Decimal::checked_sub),
                },
                Arithmetic::Multiply | Arithmetic::Divide => Possible::default(),
            }
        }
    }
}

fn ordered(op: Op, left: Possible, right: Possible) -> Option<bool> {
    let below = |a: Option<Decimal>, b: Option<Decimal>| a.zip(b).is_some_and(|(a, b)| a < b);
    let at_most = |a: Option<Decimal>, b: Option<Decimal>| a.zip(b).is_some_and(|(a, b)| a <= b);
    let less = below(left.high, right.low);
    let greater = below(right.high, left.low);
    let less_or_equal = at_most(left.high, right.low);
    let greater_or_equal = at_most(right.high, left.low);
    let equal = less_or_equal && greater_or_equal;
    let (yes, no) = match op {
        Op::Lt => (less, greater_or_equal),
        Op::Le => (less_or_equal, greater),
        Op::Gt => (greater, less_or_equal),
        Op::Ge => (greater_or_equal, less),
        Op::Eq => (equal, less || greater),
        Op::Ne => (less || greater, equal),
    };
    match (yes, no) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}
