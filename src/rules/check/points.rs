//! Points of one item: bands that meet, caps of the right sign and size, a sign that fits the kinds of record.

use rust_decimal::Decimal;

use super::harms;
use crate::{
    domain::{AttributeType, RecordKind},
    rules::{
        RuleSet,
        diagnostic::Code,
        document::Reader,
        model::{Band, Item, PointsForm},
    },
};

pub(super) fn check(reader: &Reader<'_>, rules: &RuleSet, item: &Item) {
    if let PointsForm::Bands { by, bands } = &item.points {
        let whole = matches!(rules.schema().get(by), Some(AttributeType::Integer));
        check_bands(reader, bands, whole);
    }
    caps(reader, item);
    kinds(reader, rules, item);
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
            std::cmp::Ordering::Less => reader.report(
                Code::R024,
                after.at.clone(),
                "分段与前一段重叠",
                "相邻两段一个写 below（不含），一个写 from（含）",
            ),
            std::cmp::Ordering::Greater => reader.report(
                Code::R023,
                after.at.clone(),
                "分段与前一段之间有空隙",
                "每段应从前一段的上限开始",
            ),
            std::cmp::Ordering::Equal => {}
        }
    }
}

/// Every value one record may have before factors, zero left out; without `times`, which can only make it greater.
fn values(form: &PointsForm) -> Vec<Decimal> {
    let mut all = match form {
        PointsForm::Fixed(points) => vec![*points],
        PointsForm::Lookup { table, .. } => table.iter().map(|(_, points)| *points).collect(),
        PointsForm::Bands { bands, .. } => bands.iter().map(|band| band.points).collect(),
        PointsForm::Chosen { min, max, .. } => vec![*min, *max],
        PointsForm::Value { .. } => Vec::new(),
    };
    all.retain(|points| !points.is_zero());
    all
}

fn caps(reader: &Reader<'_>, item: &Item) {
    let Some(range) = item.points.range() else {
        return;
    };
    for (name, cap) in [("cap", item.cap), ("per_record_cap", item.per_record_cap)] {
        let Some(cap) = cap else { continue };
        let name = format!("条目「{}」的 {name}", item.id);
        sign(reader, &item.at, &name, cap, &[range]);
        size(reader, item, &name, cap);
    }
}

/// A cap that one record already passes.
fn size(reader: &Reader<'_>, item: &Item, name: &str, cap: Decimal) {
    let mut values = values(&item.points);
    values.retain(|points| points.is_sign_negative() == cap.is_sign_negative());
    let least = values.iter().map(Decimal::abs).min();
    let most = values.iter().map(Decimal::abs).max();
    let (Some(least), Some(most)) = (least, most) else {
        return;
    };
    let factors = (item
        .repeat
        .iter()
        .flat_map(|repeat| repeat.multiply.iter().copied()))
    .chain(item.rectified)
    .filter(|factor| !factor.is_zero());
    // A range that the officer chooses from may reach down to zero.
    let spans_zero = matches!(item.points, PointsForm::Chosen { min, max, .. } if min.is_sign_negative() != max.is_sign_negative() || min.is_zero() || max.is_zero());
    let smallest = factors.fold(Decimal::ONE, |least, factor| {
        least * factor.min(Decimal::ONE)
    });
    if least * smallest > cap.abs() && !spans_zero {
        reader.report(
            Code::R035,
            item.at.clone(),
            format!(
                "{name} {cap} 比一次的分值 {} 还小，每条记录都会被封顶",
                least.normalize()
            ),
            "请核对分值和封顶，两者可能写反了",
        );
    } else if most > cap.abs() {
        reader.report(
            Code::R049,
            item.at.clone(),
            format!(
                "{name} {cap} 小于一次最多的分值 {}，一条记录就会被封顶",
                most.normalize()
            ),
            "确实如此的可以不管；否则请核对封顶和各档分值",
        );
    }
}

/// Honours that cost points, penalties that earn them.
fn kinds(reader: &Reader<'_>, rules: &RuleSet, item: &Item) {
    let Some((low, high)) = item.points.range() else {
        return;
    };
    let all = |kinds: &[RecordKind]| {
        !item.kinds.is_empty() && item.kinds.iter().all(|kind| kinds.contains(kind))
    };
    let harm = harms(rules, low, high);
    let good = harms(rules, -high, -low);
    let told = if all(&[RecordKind::Honour]) && harm && !good {
        "只收表彰，分值却使得分变差"
    } else if all(&[RecordKind::Penalty, RecordKind::Complaint]) && good && !harm {
        "只收处罚或投诉，分值却使得分变好"
    } else {
        return;
    };
    reader.report(
        Code::R059,
        item.at.clone(),
        format!("条目「{}」{told}", item.id),
        "merit 时扣分写负数；demerit 时记分写正数。请核对正负号和 [score] direction",
    );
}

/// A cap bounds deductions if it is negative and additions if it is positive; it must have the sign of what it bounds.
pub(super) fn sign(
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
        reader.report(
            Code::R027,
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
