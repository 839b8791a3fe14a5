//! What no single field shows: gaps and overlaps, bounds of the wrong sign, what can never happen, what no case covers.

mod bounds;
mod items;
mod ladder;

use super::{
    RuleSet,
    diagnostic::{Diagnostic, Severity},
    document::Reader,
    model::{ListClass, Missing, PeriodKind, Validity},
};
use rust_decimal::Decimal;

/// Runs every static check; findings go to the reader.
pub(super) fn check(reader: &Reader<'_>, rules: &RuleSet) {
    head(reader, rules);
    weights(reader, rules);
    items::check(reader, rules);
    let possible = bounds::components(rules);
    let score = bounds::score(rules, &possible);
    ladder::check(reader, rules, score, &possible);
    lists(reader, rules);
    cases(reader, rules);
}

fn head(reader: &Reader<'_>, rules: &RuleSet) {
    if !rules.verified() {
        reader.warn(
            "R042",
            rules.head.at.clone(),
            "尚未与正式文本核对（verified = false）",
            "核对后改为 verified = true",
        );
    }
    let stem = rules.file().rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = stem.strip_suffix(".toml").unwrap_or(stem);
    if stem != rules.id() {
        reader.warn(
            "R044",
            rules.head.at.clone(),
            format!("编号「{}」与文件名「{stem}」不同", rules.id()),
            format!("请把文件改名为 {}.toml", rules.id()),
        );
    }
}

fn weights(reader: &Reader<'_>, rules: &RuleSet) {
    let renormalises = |missing| missing == Missing::Renormalise;
    let Some(first) = rules
        .components()
        .iter()
        .find(|one| renormalises(one.missing))
    else {
        return;
    };
    let sum: Decimal = rules.components().iter().map(|one| one.weight).sum();
    if sum != Decimal::ONE {
        reader.error(
            "R028",
            first.at.clone(),
            format!(
                "有分项按 renormalise 折算，但权重合计是 {}",
                sum.normalize()
            ),
            "权重合计应为 1",
        );
    }
}

fn lists(reader: &Reader<'_>, rules: &RuleSet) {
    for list in rules.lists() {
        let no_basis = list
            .legal_basis
            .as_ref()
            .is_none_or(|basis| basis.trim().is_empty());
        if list.class == ListClass::Serious && no_basis {
            reader.warn(
                "R043",
                list.at.clone(),
                format!("严重失信名单「{}」没有法律依据", list.id),
                "请写明 legal_basis = \"…条例 第…条\"（地方性法规以上）",
            );
        }
    }
}

/// Records of cases that the rules cannot use, grades that do not exist, and items that no case covers.
fn cases(reader: &Reader<'_>, rules: &RuleSet) {
    for case in rules.cases() {
        for (record, place) in case.records.iter().zip(&case.places) {
            for fault in rules.check_record(record) {
                reader.error(
                    "R032",
                    place.clone(),
                    format!(
                        "案例「{}」的记录有误：[{}] {}",
                        case.title, fault.code, fault.what
                    ),
                    fault.fix,
                );
            }
        }
        let Some(grade) = &case.expect.grade else {
            continue;
        };
        let known = rules.rank(grade).is_some()
            || rules
                .not_rated()
                .iter()
                .any(|rule| rule.title == grade.value)
            || grade.value == super::engine::NOT_RATED;
        if !known {
            reader.error(
                "R030",
                grade.at.clone(),
                format!("没有等级「{}」", grade.value),
                super::diagnostic::suggest(
                    &grade.value,
                    rules.grades().iter().map(|one| one.id.as_str()),
                ),
            );
        } else if rules.needs_population() {
            reader.error(
                "R032",
                grade.at.clone(),
                "按排名评级时，单个案例评不出等级",
                "请删去 expect 里的 grade，只写 score",
            );
        }
    }
    for item in rules.items() {
        let covered = rules
            .cases()
            .iter()
            .flat_map(|case| &case.records)
            .any(|record| record.item == item.id);
        if !covered {
            reader.warn(
                "R040",
                item.at.clone(),
                format!("没有案例用到条目「{}」", item.id),
                "请在某个 [[case]] 里加一条这样的记录",
            );
        }
        let within = match (rules.period(), item.valid_for) {
            (PeriodKind::Rolling(months), Some(Validity::For(span))) => {
                let start = rules.effective_from();
                span.last_day(start) > start.plus_months(months)
            }
            _ => false,
        };
        if within {
            reader.warn(
                "R048",
                item.at.clone(),
                format!("条目「{}」的有效期比计分周期长，超出部分不起作用", item.id),
                "记录既要在周期内，又要在有效期内；要按有效期计分请用 kind = \"open\"",
            );
        }
    }
}

/// Versions of one policy that are in force on the same day.
pub fn overlapping_versions(rulesets: &[&RuleSet]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, one) in rulesets.iter().enumerate() {
        for other in &rulesets[index + 1..] {
            let begins = one.effective_from().max(other.effective_from());
            if one.policy() == other.policy()
                && one.in_force_on(begins)
                && other.in_force_on(begins)
            {
                found.push(Diagnostic::new(
                    other.file(),
                    other.text(),
                    "R031",
                    Severity::Error,
                    other.head.at.clone(),
                    format!("「{}」与「{}」在 {begins} 同时有效", other.id(), one.id()),
                    "同一办法的两个版本有效期不能重叠，请核对 effective_from 和 effective_until"
                        .to_owned(),
                ));
            }
        }
    }
    found
}
