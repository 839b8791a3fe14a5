//! Items, groups and components: bands without gaps or overlaps, caps of the right sign, conditions that can hold.

use rust_decimal::Decimal;

use crate::{
    domain::AttributeType,
    rules::{
        RuleSet,
        document::Reader,
        model::{Band, Combine, Item, PeriodKind, PointsForm},
        predicate::{Possible, Target, possibly},
    },
};

pub(super) fn check(reader: &Reader<'_>, rules: &RuleSet) {
    for item in rules.items() {
        points_are_there(reader, rules, item);
        if let PointsForm::Bands { by, bands } = &item.points {
            let whole = matches!(rules.schema().get(by), Some(AttributeType::Integer));
            check_bands(reader, bands, whole);
        }
        caps(reader, item);
        if let Some(when) = &item.when
            && possibly(&when.expr, Possible::default(), &[]) == Some(false)
        {
            reader.error(
                "R034",
                when.at.clone(),
                format!("条目「{}」的条件永远不成立", item.id),
                "请核对条件",
            );
        }
        if item.valid_for.is_none() && rules.period() == PeriodKind::Open {
            reader.warn(
                "R041",
                item.at.clone(),
                format!("周期不限，条目「{}」又没有有效期，记录将一直计分", item.id),
                "请写明 valid_for，如 \"12 months\"",
            );
        }
        if item.recurs && rules.period() == PeriodKind::Open {
            reader.warn(
                "R045",
                item.at.clone(),
                format!("周期不限，条目「{}」的 recurs 不起作用", item.id),
                "recurs 用于有周期的规则",
            );
        }
    }
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
            reader.error(
                "R005",
                group.at.clone(),
                format!(
                    "组「{}」里既有按项目计分的条目，又有按企业计分的条目",
                    group.id
                ),
                "请分成两个组",
            );
        }
        if items().any(|item| rules.components()[item.component].combine != Combine::Sum) {
            reader.warn(
                "R046",
                group.at.clone(),
                format!(
                    "组「{}」里有的条目所在分项不是 combine = \"sum\"，组对它不起作用",
                    group.id
                ),
                "mean、last、max、min 按条目封顶后的分值计算",
            );
        }
    }
    for component in rules.components() {
        if let Some(cap) = component.cap
            && cap.is_sign_negative()
            && !cap.is_zero()
            && component.base >= Decimal::ZERO
        {
            reader.error(
                "R027",
                component.at.clone(),
                format!(
                    "分项「{}」的 cap {cap} 是负数，会使它永远不高于 {cap}",
                    component.id
                ),
                format!("cap 是上限；扣分最多扣多少，请写 floor = {cap}"),
            );
        }
    }
}

/// An item without points must be there for its veto, or be asked about.
fn points_are_there(reader: &Reader<'_>, rules: &RuleSet, item: &Item) {
    if item.has_points || item.veto.is_some() {
        return;
    }
    let index = rules.items().iter().position(|one| one.id == item.id);
    let conditions = rules.subject_conditions();
    let asked = conditions
        .flat_map(|when| when.expr.targets())
        .any(|(target, _)| Some(target) == index.map(Target::Item));
    if !asked {
        reader.error(
            "R003",
            item.at.clone(),
            format!("条目「{}」没有分值", item.id),
            "请写明 points；只用于一票否决的条目写 veto",
        );
    }
}

/// Bands in ascending order meet: each begins where the one before ends.
fn check_bands(reader: &Reader<'_>, bands: &[Band], whole: bool) {
    let mut sorted: Vec<&Band> = bands.iter().collect();
    sorted.sort_by_key(|band| {
        band.range
            .lower
            .map(|bound| (bound.value, !bound.inclusive))
    });
    for pair in sorted.windows(2) {
        let [before, after] = pair else { continue };
        let (upper, lower) = (before.range.upper, after.range.lower);
        let order = match (upper, lower) {
            (Some(upper), Some(lower)) if whole => {
                let last = if upper.inclusive {
                    upper.value.floor()
                } else {
                    upper.value.ceil() - Decimal::ONE
                };
                let first = if lower.inclusive {
                    lower.value.ceil()
                } else {
                    lower.value.floor() + Decimal::ONE
                };
                first.cmp(&(last + Decimal::ONE))
            }
            (Some(upper), Some(lower)) => lower.value.cmp(&upper.value).then_with(|| {
                match (upper.inclusive, lower.inclusive) {
                    (true, true) => std::cmp::Ordering::Less,
                    (false, false) => std::cmp::Ordering::Greater,
                    _ => std::cmp::Ordering::Equal,
                }
            }),
            // An open end in the middle reaches over all that follows.
            _ => std::cmp::Ordering::Less,
        };
        match order {
            std::cmp::Ordering::Less => reader.error(
                "R024",
                after.at.clone(),
                "分段与前一段重叠",
                "相邻两段一个写 below（不含），一个写 from（含）",
            ),
            std::cmp::Ordering::Greater => reader.error(
                "R023",
                after.at.clone(),
                "分段与前一段之间有空隙",
                "每段应从前一段的上限开始",
            ),
            std::cmp::Ordering::Equal => {}
        }
    }
}

fn caps(reader: &Reader<'_>, item: &Item) {
    let Some(range) = item.points.range() else {
        return;
    };
    for (name, cap) in [("cap", item.cap), ("per_record_cap", item.per_record_cap)] {
        if let Some(cap) = cap {
            sign(
                reader,
                &item.at,
                &format!("条目「{}」的 {name}", item.id),
                cap,
                &[range],
            );
        }
    }
}

/// A cap bounds deductions if it is negative and additions if it is positive; it must have the sign of what it bounds.
fn sign(
    reader: &Reader<'_>,
    at: &std::ops::Range<usize>,
    name: &str,
    cap: Decimal,
    ranges: &[(Decimal, Decimal)],
) {
    let falls = ranges.iter().any(|(low, _)| *low < Decimal::ZERO);
    let rises = ranges.iter().any(|(_, high)| *high > Decimal::ZERO);
    let wrong = cap.is_zero()
        || (cap.is_sign_negative() && rises && !falls)
        || (cap.is_sign_positive() && falls && !rises);
    if wrong {
        reader.error(
            "R027",
            at.clone(),
            format!("{name} {cap} 的正负号不对"),
            if cap.is_zero() {
                "封顶不能是 0；不计分的条目请删去".to_owned()
            } else {
                format!("扣分的封顶写负数，加分的写正数：应为 {}", -cap)
            },
        );
    }
}
