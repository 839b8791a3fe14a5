//! Components: weights that add up, bounds that act, something to compute from.

use rust_decimal::Decimal;

use super::{bounds, harms};
use crate::rules::{
    RuleSet,
    diagnostic::Code,
    document::Reader,
    model::{Component, Level, Missing},
    predicate::Possible,
};

pub(super) fn check(reader: &Reader<'_>, rules: &RuleSet) {
    weights(reader, rules);
    for (index, component) in rules.components().iter().enumerate() {
        let negative = |cap: &Decimal| *cap < Decimal::ZERO;
        if let Some(cap) = component.cap.filter(negative)
            && component.base >= Decimal::ZERO
        {
            reader.report(
                Code::R027,
                component.at.clone(),
                format!(
                    "分项「{}」的 cap {cap} 是负数，会使它永远不高于 {cap}",
                    component.id
                ),
                format!("cap 是上限；扣分最多扣多少，请写 floor = {cap}"),
            );
        }
        let mut items = rules.items().iter().filter(|item| item.component == index);
        if items.next().is_none() {
            reader.report(
                Code::R056,
                component.at.clone(),
                format!("分项「{}」没有任何条目，得分永远不变", component.id),
                "请在条目的 component 里写它，或删去这个分项，把基础分写进 [score] base",
            );
            continue;
        }
        never_reached(reader, component, bounds::natural(rules, index, component));
        brought_in(reader, rules, index);
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
        reader.report(
            Code::R028,
            first.at.clone(),
            format!(
                "有分项按 renormalise 折算，但权重合计是 {}",
                sum.normalize()
            ),
            "权重合计应为 1",
        );
    }
}

/// A cap higher than everything together can reach; a floor meant to bound deductions that cannot go so far.
fn never_reached(reader: &Reader<'_>, component: &Component, natural: Possible) {
    let tell = |key: &str, bound: Decimal, end: Decimal, word: &str| {
        reader.report(
            Code::R050,
            component.at.clone(),
            format!(
                "分项「{}」的 {key} {bound} 永远碰不到：{word} {}",
                component.id,
                end.normalize()
            ),
            "请核对分值和各条目的 cap；不需要的请删去",
        );
    };
    // A floor of zero or more is often written for safety alone.
    let floor = component.floor.filter(|floor| *floor < Decimal::ZERO);
    if let (Some(floor), Some(end)) = (floor, natural.low)
        && floor < end
    {
        tell("floor", floor, end, "最低也有");
    }
    if let (Some(cap), Some(end)) = (component.cap, natural.high)
        && cap > end
    {
        tell("cap", cap, end, "最高只有");
    }
}

/// Where having a record decides whether something is averaged in, one more deduction can raise the result.
fn brought_in(reader: &Reader<'_>, rules: &RuleSet, index: usize) {
    let component = &rules.components()[index];
    let partial = matches!(
        component.level,
        Level::Project {
            assessed_only: true,
            ..
        }
    );
    if component.missing != Missing::Renormalise && !partial {
        return;
    }
    let harmful = rules
        .items()
        .iter()
        .filter(|item| item.component == index)
        .filter_map(|item| item.points.range())
        .any(|(low, high)| harms(rules, low, high));
    if harmful {
        let what = if partial {
            "没有记录的项目不参与平均"
        } else {
            "没有记录时按其余分项折算"
        };
        reader.report(
            Code::R063,
            component.at.clone(),
            format!(
                "分项「{}」{what}，又有扣分的条目：多一条轻微扣分，可能反而提高得分",
                component.id
            ),
            "请想好这是否是本意；多数办法用 missing = { default = … } 或 assessed_only = false",
        );
    }
}
