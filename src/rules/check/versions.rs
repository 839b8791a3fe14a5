//! Files given together: versions of one policy without overlap, gap or a second meaning of one id.

use std::collections::{BTreeMap, HashMap};

use crate::{
    domain::Day,
    rules::{
        RuleSet,
        diagnostic::{Code, Diagnostic},
    },
};

/// How long before its end a version without successor is told.
const AHEAD: u32 = 60;

/// What is wrong between rule sets that are to be used together. With a day, also which policy is about to end without a
/// successor among them.
pub fn check_versions(rulesets: &[&RuleSet], as_of: Option<Day>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    ids(rulesets, &mut found);
    let mut policies: BTreeMap<&str, Vec<&RuleSet>> = BTreeMap::new();
    for one in rulesets {
        policies.entry(one.policy()).or_default().push(one);
    }
    for versions in policies.values_mut() {
        versions.sort_by_key(|one| (one.effective_from(), one.id().to_owned()));
        succession(versions, &mut found);
        if let Some(day) = as_of {
            ending(versions, day, &mut found);
        }
    }
    found
}

/// Versions of one policy that are in force on the same day.
pub fn overlapping_versions(rulesets: &[&RuleSet]) -> Vec<Diagnostic> {
    let mut found = check_versions(rulesets, None);
    found.retain(|one| one.code == Code::R031);
    found
}

fn tell(at: &RuleSet, code: Code, message: String, help: &str) -> Diagnostic {
    Diagnostic::new(
        at.file(),
        at.text(),
        code,
        at.head.at.clone(),
        message,
        help.to_owned(),
    )
}

/// Scores name the version that made them by its id.
fn ids(rulesets: &[&RuleSet], found: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<&str, &RuleSet> = HashMap::new();
    for one in rulesets {
        match seen.get(one.id()) {
            Some(first) if first.digest() != one.digest() => found.push(tell(
                one,
                Code::R036,
                format!(
                    "「{}」和「{}」的编号都是「{}」",
                    first.file(),
                    one.file(),
                    one.id()
                ),
                "得分按编号注明是哪一个版本算的，每个版本请用自己的 id",
            )),
            Some(_) => {}
            None => {
                seen.insert(one.id(), one);
            }
        }
    }
}

/// Versions in the order in which they come into force.
fn succession(versions: &[&RuleSet], found: &mut Vec<Diagnostic>) {
    let Some((first, later)) = versions.split_first() else {
        return;
    };
    // The one of the earlier ones that stays in force longest.
    let mut last = *first;
    for one in later {
        if one.digest() == last.digest() {
            continue;
        }
        if one.subject() != last.subject() {
            found.push(tell(
                one,
                Code::R036,
                format!(
                    "「{}」与「{}」是同一办法的版本，评价对象却不同",
                    one.id(),
                    last.id()
                ),
                "评价对象不同的规则请写不同的 policy",
            ));
        }
        let begins = one.effective_from();
        match last.effective_until() {
            Some(until) if until < begins => {
                if until.plus_days(1) < begins {
                    found.push(tell(
                        one,
                        Code::R053,
                        format!(
                            "「{}」到 {until} 为止，「{}」从 {begins} 开始，中间没有版本",
                            last.id(),
                            one.id()
                        ),
                        "空档里的日子评不出得分；请核对两个日期",
                    ));
                }
                last = one;
            }
            until => {
                found.push(tell(
                    one,
                    Code::R031,
                    format!("「{}」与「{}」在 {begins} 同时有效", one.id(), last.id()),
                    "同一办法的两个版本有效期不能重叠，请核对 effective_from 和 effective_until",
                ));
                if until.is_some_and(|until| one.effective_until().is_none_or(|own| until < own)) {
                    last = one;
                }
            }
        }
    }
}

/// A policy in force on the day that ends soon, without a version that follows.
fn ending(versions: &[&RuleSet], day: Day, found: &mut Vec<Diagnostic>) {
    let last = versions
        .iter()
        .max_by_key(|one| (one.effective_until().is_none(), one.effective_until()));
    if let Some(last) = last
        && last.in_force_on(day)
        && let Some(until) = last.effective_until()
        && until <= day.plus_days(AHEAD)
    {
        found.push(tell(
            last,
            Code::R054,
            format!(
                "「{}」到 {until} 失效，没有后续版本（按 {day} 计算）",
                last.id()
            ),
            "请准备下一个版本并一并检查；办法继续有效的请改 effective_until",
        ));
    }
}
