//! The truth of a predicate. What is missing makes its comparison false; what cannot be computed is an error.

use std::{cmp::Ordering, collections::BTreeSet};

use rust_decimal::Decimal;

use super::{Arithmetic, Expr, GradeTerm, Num, Op, ProjectField, SubjectField, Target};
use crate::{
    domain::{AttributeValue, Span},
    rules::outcome::Fail,
};

/// What a predicate reads. Each kind of predicate answers what it has; the rest is missing, and was refused on loading.
pub(crate) trait Inputs {
    fn attribute(&self, _name: &str) -> Option<&AttributeValue> {
        None
    }
    fn project(&self, _field: ProjectField) -> Option<Decimal> {
        None
    }
    fn subject(&self, _field: SubjectField) -> Option<Decimal> {
        None
    }
    fn score(&self) -> Option<Decimal> {
        None
    }
    fn grade(&self) -> Option<usize> {
        None
    }
    fn component(&self, _index: usize) -> Option<Decimal> {
        None
    }
    fn count(&self, _target: Target, _span: Option<Span>) -> Result<usize, Fail> {
        Ok(0)
    }
    fn points(&self, _target: Target, _span: Option<Span>) -> Result<Decimal, Fail> {
        Ok(Decimal::ZERO)
    }
    fn years_without(&self, _target: Target) -> Result<u32, Fail> {
        Ok(0)
    }
    fn unrectified(&self, _target: Target, _span: Option<Span>) -> Result<bool, Fail> {
        Ok(false)
    }
    fn on_list(&self, _index: usize) -> bool {
        false
    }
    fn previous(&self, _n: usize) -> Option<usize> {
        None
    }
}

/// The grade of an earlier period, for `consecutive`.
struct Past(Option<usize>);

impl Inputs for Past {
    fn grade(&self) -> Option<usize> {
        self.0
    }
}

/// Whether the predicate holds; names of missing inputs are added to `missing`.
pub(crate) fn holds(
    expr: &Expr,
    inputs: &dyn Inputs,
    missing: &mut BTreeSet<String>,
) -> Result<bool, Fail> {
    Ok(match expr {
        Expr::Const(truth) => *truth,
        // From left to right, so that one part can guard the next against a division by zero.
        Expr::And(parts) => {
            for part in parts {
                if !holds(part, inputs, missing)? {
                    return Ok(false);
                }
            }
            true
        }
        Expr::Or(parts) => {
            for part in parts {
                if holds(part, inputs, missing)? {
                    return Ok(true);
                }
            }
            false
        }
        Expr::Not(inner) => !holds(inner, inputs, missing)?,
        Expr::Number(op, left, right) => {
            let left = number(left, inputs, missing)?;
            let right = number(right, inputs, missing)?;
            compare(*op, left.zip(right).map(|(left, right)| left.cmp(&right)))
        }
        Expr::Text(op, name, text) => {
            let order = match inputs.attribute(name) {
                Some(AttributeValue::Choice(value) | AttributeValue::Text(value)) => {
                    Some(value.as_str().cmp(text))
                }
                _ => note(missing, name),
            };
            compare(*op, order)
        }
        Expr::Day(op, name, day) => {
            let order = match inputs.attribute(name) {
                Some(AttributeValue::Day(value)) => Some(value.cmp(day)),
                _ => note(missing, name),
            };
            compare(*op, order)
        }
        Expr::Flag(name) => flag(inputs, name, missing) == Some(true),
        Expr::FlagIs(op, name, wanted) => compare(
            *op,
            flag(inputs, name, missing).map(|value| value.cmp(wanted)),
        ),
        Expr::Grade(op, left, right) => {
            let pair = grade(*left, inputs).zip(grade(*right, inputs));
            // Rank 0 is the best, and the best is the greatest.
            compare(*op, pair.map(|(left, right)| right.cmp(&left)))
        }
        Expr::Has(target, span) => inputs.count(*target, *span)? > 0,
        Expr::Unrectified(target, span) => inputs.unrectified(*target, *span)?,
        Expr::OnList(index) => inputs.on_list(*index),
        Expr::Consecutive(inner, n) => {
            for k in 1..=*n {
                if !holds(inner, &Past(inputs.previous(k)), missing)? {
                    return Ok(false);
                }
            }
            true
        }
    })
}

fn compare(op: Op, order: Option<Ordering>) -> bool {
    order.is_some_and(|order| op.test(order))
}

fn note<T>(missing: &mut BTreeSet<String>, name: &str) -> Option<T> {
    missing.insert(name.to_owned());
    None
}

fn flag(inputs: &dyn Inputs, name: &str, missing: &mut BTreeSet<String>) -> Option<bool> {
    match inputs.attribute(name) {
        Some(AttributeValue::Boolean(value)) => Some(*value),
        _ => note(missing, name),
    }
}

fn grade(term: GradeTerm, inputs: &dyn Inputs) -> Option<usize> {
    match term {
        GradeTerm::Rank(rank) => Some(rank),
        GradeTerm::Current => inputs.grade(),
        GradeTerm::Previous(n) => inputs.previous(n),
    }
}

fn number(
    num: &Num,
    inputs: &dyn Inputs,
    missing: &mut BTreeSet<String>,
) -> Result<Option<Decimal>, Fail> {
    Ok(match num {
        Num::Literal(value) => Some(*value),
        Num::Attribute(name) => match inputs.attribute(name) {
            Some(AttributeValue::Integer(value)) => Some(Decimal::from(*value)),
            Some(AttributeValue::Decimal(value)) => Some(*value),
            _ => note(missing, name),
        },
        Num::Project(field) => inputs
            .project(*field)
            .or_else(|| note(missing, field.name())),
        Num::Subject(field) => inputs
            .subject(*field)
            .or_else(|| note(missing, field.name())),
        Num::Score => inputs.score(),
        Num::Component(index) => inputs.component(*index),
        Num::Count(target, span) => Some(Decimal::from(inputs.count(*target, *span)?)),
        Num::Points(target, span) => Some(inputs.points(*target, *span)?),
        Num::YearsWithout(target) => Some(Decimal::from(inputs.years_without(*target)?)),
        Num::Negate(inner) => number(inner, inputs, missing)?.map(|value| -value),
        Num::Arithmetic(op, left, right) => {
            let left = number(left, inputs, missing)?;
            let right = number(right, inputs, missing)?;
            match left.zip(right) {
                Some((left, right)) => Some(arithmetic(*op, left, right)?),
                None => None,
            }
        }
    })
}

fn arithmetic(op: Arithmetic, left: Decimal, right: Decimal) -> Result<Decimal, Fail> {
    match op {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide if right.is_zero() => {
            return Err(Fail::new(
                "D019",
                "条件里的除数为零",
                "请核对记录或项目的数据，或在条件里先判断不为零",
            ));
        }
        Arithmetic::Divide => left.checked_div(right),
    }
    .ok_or_else(Fail::overflow)
}

impl ProjectField {
    fn name(self) -> &'static str {
        match self {
            Self::Area => "project.area",
            Self::Households => "project.households",
            Self::ContractValue => "project.contract_value",
        }
    }
}

impl SubjectField {
    fn name(self) -> &'static str {
        match self {
            Self::AgeMonths => "subject.age_months",
            Self::Projects => "subject.projects",
        }
    }
}

/// One part of a predicate that may change from day to day.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Leaf {
    /// Truth of a single comparison or function; none where it cannot be computed.
    Truth(Option<bool>),
    Grade(Option<usize>),
}

/// Every part of a predicate that depends on the day, in a fixed order. The grade of the day itself is left out: it
/// follows from the others.
pub(crate) fn leaves(expr: &Expr, inputs: &dyn Inputs, found: &mut Vec<Leaf>) {
    expr.walk(&mut |expr| match expr {
        Expr::Number(..) | Expr::Has(..) | Expr::Unrectified(..) | Expr::Consecutive(..) => {
            found.push(Leaf::Truth(holds(expr, inputs, &mut BTreeSet::new()).ok()));
        }
        Expr::Grade(_, left, right) if ![left, right].contains(&&GradeTerm::Current) => {
            found.push(Leaf::Truth(holds(expr, inputs, &mut BTreeSet::new()).ok()));
        }
        Expr::Grade(_, left, right) => {
            for term in [left, right] {
                if let GradeTerm::Previous(n) = term {
                    found.push(Leaf::Grade(inputs.previous(*n)));
                }
            }
        }
        _ => {}
    });
}
