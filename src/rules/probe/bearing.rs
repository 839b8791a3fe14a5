//! What a record without points says about its subject: a veto speaks against it, and so does what an override reads to lower
//! the grade.

use std::cmp::Ordering;

use crate::{
    domain::RecordKind,
    rules::{
        Effect, Item, RuleSet,
        predicate::{Expr, Num, Op, Target},
    },
};

/// `Less` if such a record is against the subject; `None` if the file does not say.
pub(super) fn bearing(rules: &RuleSet, item: &Item) -> Option<Ordering> {
    let honour = item.kinds.contains(&RecordKind::Honour);
    let lowers = |effect| match effect {
        Effect::AtBest(_) | Effect::Drop(_) => true,
        Effect::Grade(rank) => rank > 0,
        Effect::Score(score) => {
            let step = (rules.ladder().iter()).find(|step| step.range.contains(score));
            step.is_some_and(|step| step.rank > 0)
        }
    };
    let read = |rule: &&crate::rules::Override| lowers(rule.effect) && asks(&rule.when.expr, item);
    let against = item.veto.is_some() || rules.overrides().iter().any(|rule| read(&rule));
    (against && !honour).then_some(Ordering::Less)
}

/// Whether an expression holds the sooner for a record of the item.
fn asks(expr: &Expr, item: &Item) -> bool {
    let is_of = |target: Target| match target {
        Target::Item(index) => index == item.slot,
        Target::Group(index) => item.group == Some(index),
        Target::Component(index) => item.component == index,
    };
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(|part| asks(part, item)),
        Expr::Has(target, _) | Expr::Unrectified(target, _) => is_of(*target),
        Expr::Number(Op::Gt | Op::Ge, Num::Count(target, _), Num::Literal(_))
        | Expr::Number(Op::Lt | Op::Le, Num::Literal(_), Num::Count(target, _)) => is_of(*target),
        _ => false,
    }
}
