//! Conditions of overrides, lists and not-rated rules that hold for no score at all, or for every one.

use super::ladder::{probes, unit};
use crate::rules::{
    RuleSet,
    diagnostic::Code,
    document::Reader,
    model::Effect,
    predicate::{Condition, Possible, possibly},
};

/// Most work on one condition: scores to look at times its bytes.
const MOST: usize = 2_000_000;

pub(super) fn check(
    reader: &Reader<'_>,
    rules: &RuleSet,
    score: Possible,
    components: &[Possible],
) {
    // An override may set the score that a list sees.
    let set = rules
        .overrides()
        .iter()
        .filter_map(|rule| match rule.effect {
            Effect::Score(value) => Some(Possible::exactly(value)),
            _ => None,
        });
    let set: Vec<Possible> = set.collect();
    let always = |when: &Condition, more: &[Possible]| -> Option<bool> {
        let probes = probes(rules, score, std::iter::once(when));
        if probes.len().saturating_mul(when.text().len()) > MOST {
            return None;
        }
        let unit = unit(rules);
        let mut scores = probes
            .iter()
            .map(|probe| Possible::exactly(*probe / unit))
            .chain([score])
            .chain(more.iter().copied());
        let first = possibly(&when.expr, scores.next()?, components)?;
        scores
            .all(|score| possibly(&when.expr, score, components) == Some(first))
            .then_some(first)
    };
    let tell = |when: &Condition, holds: bool, what: String| {
        if holds {
            reader.report(
                Code::R055,
                when.at.clone(),
                format!("{what}的条件总是成立"),
                "请核对条件",
            );
        } else {
            reader.report(
                Code::R029,
                when.at.clone(),
                format!("{what}的条件永远不成立"),
                "请核对条件",
            );
        }
    };
    for rule in rules.overrides() {
        if rule.effect == Effect::AtBest(0) {
            reader.report(
                Code::R029,
                rule.at.clone(),
                format!("override「{}」永远不起作用", rule.id),
                "at_best 写的是最高等级，限制不了任何对象",
            );
        } else if let Some(holds) = always(&rule.when, &[]) {
            tell(&rule.when, holds, format!("override「{}」", rule.id));
        }
    }
    for list in rules.lists() {
        if let Some(holds) = always(&list.when, &set) {
            tell(&list.when, holds, format!("名单「{}」", list.id));
        }
    }
    for rule in rules.not_rated() {
        if let Some(holds) = always(&rule.when, &[]) {
            tell(&rule.when, holds, format!("不评级情形「{}」", rule.title));
        }
    }
}
