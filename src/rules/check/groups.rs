//! Groups: caps of the right sign, items that can stand together.

use super::{bounds, points::sign};
use crate::rules::{
    RuleSet,
    diagnostic::Code,
    document::Reader,
    model::{Combine, Group},
};

pub(super) fn check(reader: &Reader<'_>, rules: &RuleSet) {
    for group in rules.groups() {
        let items = || {
            group
                .items
                .iter()
                .filter_map(|index| rules.items().get(*index))
        };
        let ranges: Option<Vec<_>> = items().map(|item| item.points.range()).collect();
        if let (Some(cap), Some(ranges)) = (group.cap, ranges) {
            sign(
                reader,
                &group.at,
                &format!("组「{}」的 cap", group.id),
                cap,
                &ranges,
            );
        }
        let levels =
            |wanted| items().any(|item| rules.components()[item.component].per_project() == wanted);
        if levels(true) && levels(false) {
            reader.report(
                Code::R005,
                group.at.clone(),
                format!(
                    "组「{}」里既有按项目计分的条目，又有按企业计分的条目",
                    group.id
                ),
                "请分成两个组",
            );
        }
        if items().any(|item| rules.components()[item.component].combine != Combine::Sum) {
            reader.report(
                Code::R046,
                group.at.clone(),
                format!(
                    "组「{}」里有的条目所在分项不是 combine = \"sum\"，组对它不起作用",
                    group.id
                ),
                "mean、last、max、min 按条目封顶后的分值计算",
            );
        }
        across(reader, rules, group);
        unreached(reader, rules, group);
    }
}

/// A group that takes points from one component and leaves them in another that is cut anyway.
fn across(reader: &Reader<'_>, rules: &RuleSet, group: &Group) {
    let mut components: Vec<usize> = group
        .items
        .iter()
        .filter_map(|index| rules.items().get(*index))
        .map(|item| item.component)
        .collect();
    components.sort_unstable();
    components.dedup();
    let bounded = components
        .iter()
        .filter_map(|index| rules.components().get(*index))
        .any(|component| component.cap.is_some() || component.floor.is_some());
    if components.len() > 1 && bounded {
        reader.report(
            Code::R062,
            group.at.clone(),
            format!("组「{}」的条目在不同分项，其中有封顶或保底的分项", group.id),
            "组里加重一处，可能使另一分项少扣；请把条目放进同一个分项，或取消分项的封顶",
        );
    }
}

/// Caps that stand further out than what they bound.
fn unreached(reader: &Reader<'_>, rules: &RuleSet, group: &Group) {
    let Some(cap) = group.cap else { return };
    let (all, _) = bounds::group(rules, group);
    let end = if cap.is_sign_negative() {
        all.low.filter(|low| cap < *low)
    } else {
        all.high.filter(|high| cap > *high)
    };
    if let Some(end) = end.filter(|end| !end.is_zero()) {
        reader.report(
            Code::R050,
            group.at.clone(),
            format!(
                "组「{}」的 cap {cap} 永远碰不到：各条目合计最多 {}",
                group.id,
                end.normalize()
            ),
            "请核对分值和各条目的 cap；不需要的请删去",
        );
    }
    let items = group
        .items
        .iter()
        .filter_map(|index| rules.items().get(*index));
    for item in items {
        let further = |own: &rust_decimal::Decimal| {
            own.is_sign_negative() == cap.is_sign_negative() && own.abs() > cap.abs()
        };
        let one_way = item
            .points
            .range()
            .is_some_and(|(low, high)| low.is_sign_negative() == high.is_sign_negative());
        if let Some(own) = item.cap.filter(further)
            && one_way
        {
            reader.report(
                Code::R050,
                item.at.clone(),
                format!(
                    "条目「{}」的 cap {own} 永远碰不到：它的组「{}」最多 {cap}",
                    item.id, group.id
                ),
                "请核对两个 cap",
            );
        }
    }
}
