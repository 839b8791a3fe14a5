//! What no single field shows: gaps and overlaps, bounds of the wrong sign, what can never happen, what no case covers.

mod bounds;
mod cases;
mod components;
mod groups;
mod items;
mod ladder;
mod never;
mod points;
mod versions;

pub use versions::{check_versions, overlapping_versions};

use super::{
    RuleSet,
    diagnostic::Code,
    document::Reader,
    model::{Direction, ListClass},
};

/// Runs every static check; findings go to the reader. Where a part of the file could not be read, only those checks run
/// whose answer does not hang on the missing part.
pub(super) fn check(reader: &Reader<'_>, rules: &RuleSet, whole: bool) {
    head(reader, rules);
    items::check(reader, rules);
    lists(reader, rules);
    if !whole {
        return;
    }
    items::together(reader, rules);
    groups::check(reader, rules);
    components::check(reader, rules);
    let possible = bounds::components(rules);
    let score = bounds::score(rules, &possible);
    ladder::check(reader, rules, score, &possible);
    never::check(reader, rules, score, &possible);
    cases::check(reader, rules);
}

/// Whether points in this direction are to the subject's harm.
fn harms(rules: &RuleSet, low: rust_decimal::Decimal, high: rust_decimal::Decimal) -> bool {
    match rules.score_rule().direction {
        Direction::Merit => low < rust_decimal::Decimal::ZERO,
        Direction::Demerit => high > rust_decimal::Decimal::ZERO,
    }
}

fn head(reader: &Reader<'_>, rules: &RuleSet) {
    if !rules.verified() {
        reader.report(
            Code::R042,
            rules.head.at.clone(),
            "尚未与正式文本核对（verified = false）",
            "核对后改为 verified = true",
        );
    }
    let stem = rules.file().rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = stem.strip_suffix(".toml").unwrap_or(stem);
    if stem != rules.id() {
        reader.report(
            Code::R044,
            rules.head.at.clone(),
            format!("编号「{}」与文件名「{stem}」不同", rules.id()),
            format!("请把文件改名为 {}.toml", rules.id()),
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
            reader.report(
                Code::R043,
                list.at.clone(),
                format!("严重失信名单「{}」没有法律依据", list.id),
                "请写明 legal_basis = \"…条例 第…条\"（地方性法规以上）",
            );
        }
    }
}
