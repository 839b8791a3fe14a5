//! Items: points that are there, conditions that can hold, validity and repetition that act.

use std::collections::HashMap;

use super::points;
use crate::{
    domain::{Day, Span},
    rules::{
        RuleSet,
        diagnostic::Code,
        document::Reader,
        model::{Item, PeriodKind, Validity},
        predicate::{Possible, Target, possibly},
    },
};

/// What one item shows by itself.
pub(super) fn check(reader: &Reader<'_>, rules: &RuleSet) {
    for item in rules.items() {
        points::check(reader, rules, item);
        condition(reader, item);
        validity(reader, rules, item);
        repetition(reader, rules, item);
    }
}

/// What items show together, and with the conditions that ask about them.
pub(super) fn together(reader: &Reader<'_>, rules: &RuleSet) {
    points_are_there(reader, rules);
    let mut seen: HashMap<(&str, &str), &Item> = HashMap::new();
    for item in rules.items() {
        if item.veto == Some(0) {
            reader.report(
                Code::R029,
                item.at.clone(),
                format!(
                    "条目「{}」的 veto 写的是最高等级，限制不了任何对象",
                    item.id
                ),
                "veto 是有记录时最好能评到的等级",
            );
        }
        if let Some(first) = seen.insert((item.clause.trim(), item.title.trim()), item) {
            reader.report(
                Code::R052,
                item.at.clone(),
                format!("条目「{}」与「{}」的条款和标题都相同", item.id, first.id),
                "同一行为可能被扣两次（一事不二罚）；请合并，或写明区别",
            );
        }
    }
}

fn condition(reader: &Reader<'_>, item: &Item) {
    let Some(when) = &item.when else { return };
    match possibly(&when.expr, Possible::default(), &[]) {
        Some(false) => reader.report(
            Code::R034,
            when.at.clone(),
            format!("条目「{}」的条件永远不成立", item.id),
            "请核对条件",
        ),
        Some(true) => reader.report(
            Code::R055,
            when.at.clone(),
            format!("条目「{}」的条件总是成立", item.id),
            "请核对条件；不需要的请删去 when",
        ),
        None => {}
    }
}

/// The length of a period in months, and whether records fall out of it together at its end.
fn length(period: PeriodKind) -> Option<(u32, bool)> {
    match period {
        PeriodKind::Open => None,
        PeriodKind::Rolling(months) => Some((months, false)),
        PeriodKind::CalendarYear => Some((12, true)),
        PeriodKind::HalfYear => Some((6, true)),
        PeriodKind::Quarter => Some((3, true)),
        PeriodKind::Month => Some((1, true)),
    }
}

/// Whether a span reaches further than the period lets a record count; in a calendar period also one of equal length.
fn outlasts(span: Span, rules: &RuleSet) -> bool {
    length(rules.period()).is_some_and(|(months, calendar)| {
        let start: Day = rules.effective_from();
        let (end, whole) = (span.last_day(start), start.plus_months(months));
        end > whole || (calendar && end == whole)
    })
}

fn validity(reader: &Reader<'_>, rules: &RuleSet, item: &Item) {
    if item.valid_for.is_none() && rules.period() == PeriodKind::Open {
        reader.report(
            Code::R041,
            item.at.clone(),
            format!("周期不限，条目「{}」又没有有效期，记录将一直计分", item.id),
            "请写明 valid_for，如 \"12 months\"",
        );
    }
    if item.recurs && rules.period() == PeriodKind::Open {
        reader.report(
            Code::R045,
            item.at.clone(),
            format!("周期不限，条目「{}」的 recurs 不起作用", item.id),
            "recurs 用于有周期的规则",
        );
    }
    if let Some(Validity::For(span)) = item.valid_for
        && outlasts(span, rules)
    {
        reader.report(
            Code::R048,
            item.at.clone(),
            format!(
                "条目「{}」的有效期不短于计分周期，超出部分不起作用",
                item.id
            ),
            "记录既要在周期内，又要在有效期内；要按有效期计分请用 kind = \"open\"",
        );
    }
    if item.rectified.is_some() && item.valid_for == Some(Validity::UntilRectified) && !item.recurs
    {
        reader.report(
            Code::R058,
            item.at.clone(),
            format!(
                "条目「{}」整改后就不再有效，rectified 的倍数不起作用",
                item.id
            ),
            "只留一个：valid_for = \"until_rectified\"，或 rectified = { multiply = … }",
        );
    }
}

fn repetition(reader: &Reader<'_>, rules: &RuleSet, item: &Item) {
    let Some(repeat) = &item.repeat else { return };
    if repeat.multiply.windows(2).any(|pair| pair[1] < pair[0]) {
        reader.report(
            Code::R051,
            item.at.clone(),
            format!("条目「{}」再次发生的倍数比前一次小", item.id),
            "multiply 依次是第1次、第2次……的倍数，一般不应变小",
        );
    }
    let expired = match (rules.period(), item.valid_for) {
        (PeriodKind::Open, Some(Validity::For(span))) => {
            let start = rules.effective_from();
            repeat.within.last_day(start) > span.last_day(start)
        }
        _ => outlasts(repeat.within, rules),
    };
    if expired {
        reader.report(
            Code::R057,
            item.at.clone(),
            format!("条目「{}」的 repeat 往前看得比记录计分的时间还远", item.id),
            "已经不计分的记录不算“再次”；请缩短 within，或加长 valid_for 并用 kind = \"open\"",
        );
    }
}

/// An item without points must be there for its veto, or be asked about.
fn points_are_there(reader: &Reader<'_>, rules: &RuleSet) {
    let mut asked = vec![false; rules.items().len()];
    for when in rules.subject_conditions() {
        for (target, _) in when.expr.targets() {
            if let Target::Item(index) = target
                && let Some(asked) = asked.get_mut(index)
            {
                *asked = true;
            }
        }
    }
    for (item, asked) in rules.items().iter().zip(asked) {
        if item.has_points || item.veto.is_some() || asked {
            continue;
        }
        reader.report(
            Code::R003,
            item.at.clone(),
            format!("条目「{}」没有分值", item.id),
            "请写明 points；只用于一票否决的条目写 veto",
        );
    }
}
