//! The explanation: one line for every record, and the steps of the sum.

use rust_decimal::Decimal;

use super::{
    shown,
    standing::{Standing, Verdict},
    subjects::{Subject, World},
    tally::{Drop, Live},
    time::{OutOfTime, expires_on},
    total::{ComponentValue, Part},
};
use crate::rules::{
    model::{Combine, Component, Missing},
    outcome::Line,
};

/// Lines of the records by (date, id), then of groups, components, the total, and overrides.
pub(super) fn lines(
    world: &World<'_>,
    subject: &Subject<'_>,
    standing: &Standing<'_>,
    verdict: &Verdict,
) -> Vec<Line> {
    let mut lines = records(world, subject, standing);
    let components = world
        .rules
        .components()
        .iter()
        .zip(&standing.total.components);
    for (component, value) in components {
        component_lines(component, value, &mut lines);
    }
    total_lines(world, standing, &mut lines);
    verdict_lines(world, verdict, &mut lines);
    lines
}

fn records(world: &World<'_>, subject: &Subject<'_>, standing: &Standing<'_>) -> Vec<Line> {
    let mut live = standing.tally.live.iter().peekable();
    let mut lines = Vec::with_capacity(subject.entries.len());
    for (index, (entry, drop)) in subject
        .entries
        .iter()
        .zip(&standing.tally.drops)
        .enumerate()
    {
        let own = live.next_if(|live| live.entry == index);
        if drop == &Some(Drop::Foreign) {
            continue;
        }
        let record = entry.record;
        let item = entry.item.map(|item| &world.rules.items()[item]);
        let (points, counted, why) = match (own, drop) {
            (Some(live), _) => counted(live),
            (None, Some(drop)) => (Decimal::ZERO, false, Some(reason(world, subject, drop))),
            (None, None) => (Decimal::ZERO, false, None),
        };
        lines.push(Line {
            record: Some(record.id.clone()),
            item: record.item.clone(),
            clause: item.map(|item| item.clause.clone()).unwrap_or_default(),
            points,
            counted,
            why,
            component: item.map(|item| world.rules.components()[item.component].id.clone()),
            project: record.project.clone(),
            date: entry.date,
            before: own
                .filter(|live| live.raw != live.last)
                .map(|live| shown(live.raw)),
            expires_on: match (own, item, entry.date) {
                (Some(_), Some(item), Some(date)) => {
                    expires_on(world.rules.period(), entry, item, date)
                }
                _ => None,
            },
        });
    }
    lines
}

/// How a record was counted.
fn counted(live: &Live<'_>) -> (Decimal, bool, Option<String>) {
    let mut how = Vec::new();
    if live.rectified {
        how.push("已整改，按整改后分值".to_owned());
    }
    if let Some((n, factor)) = live.repeat
        && factor != Decimal::ONE
    {
        how.push(format!("期限内第{n}次，乘 {}", factor.normalize()));
    }
    if live.capped != live.points {
        how.push(if live.capped.is_zero() {
            "超过条款封顶".to_owned()
        } else {
            format!("超过条款封顶，计 {}", shown(live.capped))
        });
    }
    if live.last != live.capped {
        how.push(if live.last.is_zero() {
            "同组取最高或超过组封顶".to_owned()
        } else {
            format!("超过组封顶，计 {}", shown(live.last))
        });
    }
    let taken = live.last.is_zero() && !live.points.is_zero();
    let why = (!how.is_empty()).then(|| how.join("；"));
    (shown(live.last), !taken, why)
}

/// Why a record does not count.
fn reason(world: &World<'_>, subject: &Subject<'_>, drop: &Drop) -> String {
    match drop {
        Drop::Draft => "未认定".to_owned(),
        Drop::Revoked => "已撤销".to_owned(),
        Drop::Disputed => "异议处理期间暂停计分".to_owned(),
        Drop::NotManaged | Drop::Foreign => "项目非本企业管理".to_owned(),
        Drop::OutOfTime(OutOfTime::Future) => "尚未到计分日期".to_owned(),
        Drop::OutOfTime(OutOfTime::OutsidePeriod) => "不在计分周期".to_owned(),
        Drop::OutOfTime(OutOfTime::Expired(last)) => format!("已过期，有效至 {last}"),
        Drop::OutOfTime(OutOfTime::Rectified) => "已整改，不再计分".to_owned(),
        Drop::NoBand => "数值不在任何分段".to_owned(),
        Drop::Condition(missing) if missing.is_empty() => "条件不成立".to_owned(),
        Drop::Condition(missing) => format!("条件不成立，缺少字段 {}", titles(world, missing)),
        Drop::Cancelled => "已整改，取消计分".to_owned(),
        Drop::SameMatter(entry) => match subject.entries.get(*entry) {
            Some(kept) => format!("同一事项只计一次，已计记录 {}", kept.record.id),
            None => "同一事项只计一次".to_owned(),
        },
    }
}

fn titles(world: &World<'_>, names: &[String]) -> String {
    let title = |name: &String| {
        world
            .rules
            .attributes()
            .iter()
            .find(|one| one.name == *name)
            .and_then(|one| one.title.clone())
            .map_or_else(|| name.clone(), |title| format!("{name}（{title}）"))
    };
    names.iter().map(title).collect::<Vec<_>>().join("、")
}

/// A step of the sum.
fn step(id: &str, clause: Option<&str>, points: Decimal, why: String) -> Line {
    Line {
        record: None,
        item: id.to_owned(),
        clause: clause.unwrap_or_default().to_owned(),
        points: shown(points),
        counted: true,
        why: Some(why),
        component: None,
        project: None,
        date: None,
        before: None,
        expires_on: None,
    }
}

fn component_lines(component: &Component, value: &ComponentValue, lines: &mut Vec<Line>) {
    let line = |points, why: String, part: &Part| Line {
        component: Some(component.id.clone()),
        project: part.project.clone(),
        ..step(&component.id, component.clause.as_deref(), points, why)
    };
    if !value.missing {
        for part in &value.parts {
            if !component.base.is_zero() {
                lines.push(line(
                    component.base,
                    format!("{}：基础分", component.title),
                    part,
                ));
            }
            if component.combine != Combine::Sum {
                let how = match component.combine {
                    Combine::Mean => "取平均",
                    Combine::Last => "取最近一次",
                    Combine::Max => "取最大",
                    Combine::Min | Combine::Sum => "取最小",
                };
                lines.push(line(
                    part.combined,
                    format!("{}：{how}", component.title),
                    part,
                ));
            }
            let change = part.value - part.unbounded;
            if !change.is_zero() {
                let bound = if change.is_sign_negative() {
                    "封顶"
                } else {
                    "保底"
                };
                lines.push(line(
                    change,
                    format!(
                        "{}：{bound} {}，原为 {}",
                        component.title,
                        shown(part.value),
                        shown(part.unbounded)
                    ),
                    part,
                ));
            }
            if part.project.is_some() {
                lines.push(line(
                    part.value,
                    format!(
                        "{}：项目得分，权重 {}",
                        component.title,
                        part.weight.normalize()
                    ),
                    part,
                ));
            }
        }
    }
    let why = match (value.missing, component.missing, value.value) {
        (true, Missing::Renormalise, _) => "没有记录，按其余分项折算".to_owned(),
        (true, Missing::NotRated, _) => "没有记录，不予评级".to_owned(),
        (true, Missing::Default(_), _) => "没有记录，按缺省分计".to_owned(),
        (true, Missing::Zero, _) if component.base.is_zero() => "没有记录".to_owned(),
        (true, Missing::Zero, _) => "没有记录，计基础分".to_owned(),
        (false, ..) if component.per_project() => "各项目加权得分".to_owned(),
        (false, ..) => "分项得分".to_owned(),
    };
    let weight = if component.weight == Decimal::ONE {
        String::new()
    } else {
        format!("，权重 {}", component.weight.normalize())
    };
    lines.push(Line {
        component: Some(component.id.clone()),
        ..step(
            &component.id,
            component.clause.as_deref(),
            value.value.unwrap_or_default(),
            format!("{}：{why}{weight}", component.title),
        )
    });
}

fn total_lines(world: &World<'_>, standing: &Standing<'_>, lines: &mut Vec<Line>) {
    let rule = world.rules.score_rule();
    if !rule.base.is_zero() {
        lines.push(step("score", None, rule.base, "总分基数".to_owned()));
    }
    let total = &standing.total;
    let mut why = format!("总分 {}", shown(total.exact));
    if rule.min.is_some_and(|min| total.exact < min) {
        why.push_str("，低于最低分");
    }
    if rule.max.is_some_and(|max| total.exact > max) {
        why.push_str("，高于最高分");
    }
    lines.push(step("score", None, total.score, why));
}

fn verdict_lines(world: &World<'_>, verdict: &Verdict, lines: &mut Vec<Line>) {
    for fired in &verdict.fired {
        let name = |rank: Option<usize>| {
            rank.and_then(|rank| world.rules.grade_id(rank))
                .unwrap_or("—")
        };
        let mut why = format!(
            "{}：等级由 {} 定为 {}",
            fired.title,
            name(verdict.ladder),
            name(fired.grade)
        );
        if let Some(score) = fired.score {
            why.push_str(&format!("，得分定为 {score}"));
        }
        lines.push(step(&fired.id, Some(&fired.clause), Decimal::ZERO, why));
    }
}
