//! The explanation: one line for every record, and the steps of the sum.

use rust_decimal::Decimal;

use super::{
    columns::{Columns, Facts},
    entry::Entry,
    judge::Drop,
    quantity::Quantity,
    shown,
    standing::{By, Standing, Verdict},
    tally::{Live, Question, Sums},
    time::{OutOfTime, expires_on},
    total::{ComponentValue, Part, guarded},
};
use crate::rules::{
    RuleSet,
    model::{Combine, Component, Item, Missing},
    outcome::{Line, LineStep, Workings},
};

/// Lines of the records by (date, id), then of components, the total, and overrides.
pub(super) fn lines<'a>(
    question: &Question<'_, 'a>,
    standing: &Standing<'a>,
    verdict: &Verdict,
) -> Vec<Line> {
    let rules = question.world.rules;
    let mut lines = match &question.subject.columns {
        Columns::Narrow(facts) => records(question, facts, &standing.tally.narrow),
        Columns::Wide(facts) => records(question, facts, &standing.tally.wide),
        Columns::Faulty(_) => Vec::new(),
    };
    for (component, value) in rules.components().iter().zip(&standing.total.components) {
        component_lines(component, value, &mut lines);
    }
    total_lines(rules, standing, verdict, &mut lines);
    verdict_lines(rules, verdict, &mut lines);
    lines
}

fn records<Q: Quantity>(
    question: &Question<'_, '_>,
    facts: &Facts<Q>,
    sums: &Sums<Q>,
) -> Vec<Line> {
    let subject = question.subject;
    let mut live: Vec<Option<&Live<Q>>> = vec![None; subject.entries.len()];
    for one in &sums.lives {
        live[one.entry as usize] = Some(one);
    }
    let mut stands_for: Vec<Option<u32>> = vec![None; subject.entries.len()];
    for (loser, winner) in &sums.losers {
        stands_for[*loser as usize] = Some(*winner);
    }
    let rules = question.world.rules;
    let plan = &question.world.plan;
    // Room for the steps of the sum as well: a line is large to be moved.
    let steps = 2 * rules.components().len() + 4;
    let mut lines = Vec::with_capacity(subject.entries.len() + steps);
    for ((entry, own), winner) in subject.entries.iter().zip(live).zip(stands_for) {
        let record = entry.record;
        if question.judge().is_foreign(record, question.day) {
            continue;
        }
        let index = plan.item_of(rules, entry);
        let item = index.map(|item| &rules.all_items()[item]);
        let component = index.map(|item| &rules.components()[plan.steps[item].component]);
        let mut line = Line {
            record: Some(record.id.clone()),
            item: record.item.clone(),
            clause: item.map(|item| item.clause.clone()).unwrap_or_default(),
            component: component.map(|component| component.id.clone()),
            project: record.project.clone(),
            date: entry.date,
            ..Line::default()
        };
        match (own, item, entry.date) {
            (Some(live), Some(item), Some(date)) => {
                line.expires_on = expires_on(rules.period(), entry, item, date);
                counted(&mut line, question, facts, live, item);
            }
            (Some(_), ..) => {}
            (None, ..) => {
                let drop = why_not(question, entry, winner.map(Drop::SameMatter));
                line.why = drop.map(|drop| reason(question, &drop));
            }
        }
        lines.push(line);
    }
    lines
}

/// Why a record that was not counted does not count.
fn why_not(question: &Question<'_, '_>, entry: &Entry<'_>, lost: Option<Drop>) -> Option<Drop> {
    if lost.is_some() {
        return lost;
    }
    match question.judge().judge(entry, question.day, question.window) {
        Ok(Err(drop)) => Some(drop),
        // It would count but for a rectification that cancels it. (A fault would have ended the scoring.)
        Ok(Ok(_)) | Err(_) => Some(Drop::Cancelled),
    }
}

/// Says how a record was counted.
fn counted<Q: Quantity>(
    line: &mut Line,
    question: &Question<'_, '_>,
    facts: &Facts<Q>,
    live: &Live<Q>,
    item: &Item,
) {
    let scale = question.world.plan.scale;
    let read = |value: Q| shown(value.decimal(scale));
    line.points = read(live.last);
    line.counted = !live.last.is_zero() || live.points.is_zero();
    let rectified = item.rectified.filter(|_| live.rectified);
    let unchanged = live.raw == live.last && live.points == live.last && live.capped == live.last;
    if unchanged && rectified.is_none() && live.nth == 0 {
        return;
    }
    let slot = facts.runs[live.run as usize].slot();
    let multiply = question.world.rules.all_items()[slot]
        .repeat
        .as_ref()
        .map_or(&[][..], |repeat| &repeat.multiply);
    let repeated = (live.nth.checked_sub(1))
        .and_then(|earlier| multiply.get(earlier as usize).or(multiply.last()))
        .copied();
    let workings = Workings {
        raw: read(live.raw),
        rectified,
        occurrence: (live.nth > 0).then_some(live.nth),
        repeated,
        points: read(live.points),
        capped: read(live.capped),
    };
    let mut how = Vec::new();
    if workings.rectified.is_some() {
        how.push("已整改，按整改后分值".to_owned());
    }
    if let Some(factor) = repeated.filter(|factor| *factor != Decimal::ONE) {
        how.push(format!("期限内第{}次，乘 {}", live.nth, factor.normalize()));
    }
    if live.capped != live.points {
        how.push(if live.capped.is_zero() {
            "超过条款封顶".to_owned()
        } else {
            format!("超过条款封顶，计 {}", workings.capped)
        });
    }
    if live.last != live.capped {
        how.push(if live.last.is_zero() {
            "同组取最高或超过组封顶".to_owned()
        } else {
            format!("超过组封顶，计 {}", read(live.last))
        });
    }
    line.why = (!how.is_empty()).then(|| how.join("；"));
    line.before = (live.raw != live.last).then_some(workings.raw);
    line.workings = (workings != Workings::plain(line.points)).then_some(workings);
}

/// The reason in words.
fn reason(question: &Question<'_, '_>, drop: &Drop) -> String {
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
        Drop::Condition(missing) => {
            format!(
                "条件不成立，缺少字段 {}",
                titles(question.world.rules, missing)
            )
        }
        Drop::Cancelled => "已整改，取消计分".to_owned(),
        Drop::SameMatter(entry) => match question.subject.entries.get(*entry as usize) {
            Some(kept) => format!("同一事项只计一次，已计记录 {}", kept.record.id),
            None => "同一事项只计一次".to_owned(),
        },
    }
}

fn titles(rules: &RuleSet, names: &[String]) -> String {
    let title = |name: &String| {
        rules
            .attributes()
            .iter()
            .find(|one| one.name == *name)
            .and_then(|one| one.title.clone())
            .map_or_else(|| name.clone(), |title| format!("{name}（{title}）"))
    };
    names.iter().map(title).collect::<Vec<_>>().join("、")
}

/// A step of the sum.
fn step(kind: LineStep, id: &str, clause: Option<&str>, points: Decimal, why: String) -> Line {
    let rounded = shown(points);
    Line {
        item: id.to_owned(),
        clause: clause.unwrap_or_default().to_owned(),
        points: rounded,
        counted: true,
        why: Some(why),
        step: kind,
        exact: (rounded != guarded(points)).then(|| guarded(points).normalize()),
        ..Line::default()
    }
}

fn component_lines(component: &Component, value: &ComponentValue<'_>, lines: &mut Vec<Line>) {
    if !value.missing {
        for part in &value.parts {
            part_lines(component, part, lines);
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
        weight: (component.weight != Decimal::ONE).then_some(component.weight),
        ..step(
            LineStep::Component,
            &component.id,
            component.clause.as_deref(),
            value.value.unwrap_or_default(),
            format!("{}：{why}{weight}", component.title),
        )
    });
}

fn part_lines(component: &Component, part: &Part<'_>, lines: &mut Vec<Line>) {
    let line = |kind, points, why: String| Line {
        component: Some(component.id.clone()),
        project: part.project.map(str::to_owned),
        ..step(
            kind,
            &component.id,
            component.clause.as_deref(),
            points,
            format!("{}：{why}", component.title),
        )
    };
    if !component.base.is_zero() {
        lines.push(line(LineStep::Base, component.base, "基础分".to_owned()));
    }
    let how = match component.combine {
        Combine::Sum => None,
        Combine::Mean => Some("取平均"),
        Combine::Last => Some("取最近一次"),
        Combine::Max => Some("取最大"),
        Combine::Min => Some("取最小"),
    };
    if let Some(how) = how {
        lines.push(line(LineStep::Combined, part.combined, how.to_owned()));
    }
    let change = part.value - part.unbounded;
    if !change.is_zero() {
        let bound = if change.is_sign_negative() {
            "封顶"
        } else {
            "保底"
        };
        let (now, before) = (shown(part.value), shown(part.unbounded));
        let why = format!("{bound} {now}，原为 {before}");
        lines.push(line(LineStep::Bound, change, why));
    }
    if part.project.is_some() {
        let why = format!("项目得分，权重 {}", part.weight.normalize());
        lines.push(Line {
            weight: Some(part.weight),
            ..line(LineStep::Project, part.value, why)
        });
    }
}

fn total_lines(rules: &RuleSet, standing: &Standing<'_>, verdict: &Verdict, lines: &mut Vec<Line>) {
    let rule = rules.score_rule();
    if !rule.base.is_zero() {
        let why = "总分基数".to_owned();
        lines.push(step(LineStep::ScoreBase, "score", None, rule.base, why));
    }
    let total = &standing.total;
    let mut why = format!("总分 {}", shown(total.exact));
    if rule.min.is_some_and(|min| total.exact < min) {
        why.push_str("，低于最低分");
    }
    if rule.max.is_some_and(|max| total.exact > max) {
        why.push_str("，高于最高分");
    }
    let grade = verdict.ladder.and_then(|rank| rules.grade_id(rank));
    lines.push(Line {
        grade: grade.map(str::to_owned),
        ..step(LineStep::Total, "score", None, total.score, why)
    });
}

fn verdict_lines(rules: &RuleSet, verdict: &Verdict, lines: &mut Vec<Line>) {
    for fired in &verdict.fired {
        let name = |rank: Option<usize>| rank.and_then(|rank| rules.grade_id(rank));
        let (kind, id, clause, title) = match fired.by {
            By::Override(index) => {
                let rule = &rules.overrides()[index];
                (LineStep::Override, &rule.id, &rule.clause, &rule.title)
            }
            By::Veto(index) => {
                let item = &rules.all_items()[index];
                (LineStep::Veto, &item.id, &item.clause, &item.title)
            }
        };
        let mut why = format!(
            "{title}：等级由 {} 定为 {}",
            name(verdict.ladder).unwrap_or("—"),
            name(fired.grade).unwrap_or("—")
        );
        if let Some(score) = fired.score {
            why.push_str(&format!("，得分定为 {score}"));
        }
        lines.push(Line {
            grade: name(fired.grade).map(str::to_owned),
            exact: fired.score,
            ..step(kind, id, Some(clause), Decimal::ZERO, why)
        });
    }
}
