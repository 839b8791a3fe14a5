//! The page of one company.

use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeSet;

use super::{
    account::account, badge, bounds_words, frame, outlook::outlook, reference, signed, status_word,
    tone_of, tone_of_list,
};
use crate::web::{
    Problem,
    pages::{
        CompanyPage, Component, Line, ListEntry, MovePoint, Movement, Nothing, NothingPage,
        Section, Tone, svg::Band,
    },
};
use crate::{
    domain::Day,
    rules::{LineStep, RuleSet},
    service::{App, CompanyExplanation, CompanyLookup, CompanyOutlook, Listed},
};

/// A company's page: its score, or that nothing is recorded about it.
#[allow(clippy::large_enum_variant)]
pub(in crate::web) enum CompanyView {
    Score(CompanyPage),
    Nothing(NothingPage),
}

/// What a page shows beside the look-up, where it can be told.
#[derive(Debug, Default)]
pub(in crate::web) struct Prospects {
    pub account: Option<CompanyExplanation>,
    pub outlook: Option<CompanyOutlook>,
}

pub(in crate::web) fn company(
    app: &App,
    found: &CompanyLookup,
    prospects: &Prospects,
    today: Day,
) -> Result<CompanyView, Problem> {
    let page = frame(app, &found.name, Section::Search, true);
    let about_records = found.lines.iter().any(|line| line.record.is_some());
    if !about_records && found.lists.is_empty() {
        return Ok(CompanyView::Nothing(NothingPage {
            page,
            nothing: Nothing::NoRecord {
                name: found.name.clone(),
                uscc: found.uscc.clone(),
                district: found.region_name.clone().unwrap_or_default(),
                as_of: found.as_of.clone(),
            },
        }));
    }
    let rules = app.rules.in_force(today)?;
    let line = |line: &crate::rules::Line| shown_line(rules, line);
    let records = || found.lines.iter().filter(|line| line.record.is_some());
    let mut counted: Vec<Line> = records().filter(|found| found.counted).map(line).collect();
    let mut not_counted: Vec<Line> = records().filter(|found| !found.counted).map(line).collect();
    for lines in [&mut counted, &mut not_counted] {
        lines.sort_by(|a, b| b.date.cmp(&a.date));
    }
    Ok(CompanyView::Score(CompanyPage {
        page,
        name: found.name.clone(),
        uscc: found.uscc.clone(),
        district: found.region_name.clone().unwrap_or_default(),
        status: status_word(&found.status),
        as_of: found.as_of.clone(),
        score: found.score.clone(),
        grade: badge(Some(rules), &found.grade, found.rated),
        ruleset: reference(rules),
        components: components(rules, found),
        counted,
        not_counted,
        limits: overrides(found),
        account: prospects.account.as_ref().map(|found| {
            let mut part = account(rules, &found.account);
            // They have a section of their own on this page.
            part.conclusions.retain(|one| !one.follows);
            part
        }),
        outlook: prospects
            .outlook
            .as_ref()
            .map(|found| outlook(rules, &found.outlook)),
        movement: movement(rules, found, today),
        next_change: found
            .next_change_on
            .as_ref()
            .map(|day| next_change(found, day)),
        lists: found.lists.iter().map(list_entry).collect(),
        consequences: found.consequences.clone(),
        shadow_until: found.shadow_until.clone(),
    }))
}

pub(super) fn list_entry(listed: &Listed) -> ListEntry {
    ListEntry {
        list: listed.list_title.clone(),
        reason: listed.reason.clone(),
        decision: listed.decision_no.clone(),
        organ: listed.organ.clone(),
        decided_on: listed.decided_on.clone(),
        until: listed.display_until.clone(),
        disputed: listed.disputed,
        tone: tone_of_list(&listed.class),
    }
}

fn shown_line(rules: &RuleSet, line: &crate::rules::Line) -> Line {
    let title = rules
        .item(&line.item)
        .map_or(line.item.as_str(), |item| item.title.as_str());
    let note = line.why.clone().unwrap_or_default();
    Line {
        title: title.to_owned(),
        clause: line.clause.clone(),
        points: signed(line.points),
        date: line.date.map(|day| day.to_string()).unwrap_or_default(),
        body: line
            .project
            .as_ref()
            .map(|code| format!("项目 {code}"))
            .unwrap_or_default(),
        note,
        disputed: line.why.as_ref().is_some_and(|why| why.contains("异议")),
        tone: match () {
            () if !line.counted || line.points.is_zero() => Tone::Plain,
            () if line.points.is_sign_negative() => Tone::Bad,
            () => Tone::Good,
        },
    }
}

/// What overrode the sum: `骗取维修资金：等级由 A 定为 C（第十八条）`.
fn overrides(found: &CompanyLookup) -> Vec<String> {
    found
        .lines
        .iter()
        .filter(|line| matches!(line.step, LineStep::Override | LineStep::Veto))
        .filter_map(|line| {
            let why = line.why.as_ref()?;
            Some(match line.clause.as_str() {
                "" => why.clone(),
                clause => format!("{why}（{clause}）"),
            })
        })
        .collect()
}

pub(super) fn components(rules: &RuleSet, found: &CompanyLookup) -> Vec<Component> {
    found
        .components
        .iter()
        .map(|value| {
            let rule = rules
                .components()
                .iter()
                .find(|component| component.id == value.id);
            Component {
                title: value.title.clone(),
                points: two_places(&value.value),
                note: rule.map(bounds_words).unwrap_or_default(),
            }
        })
        .collect()
}

/// At most two decimals, for reading; the interface gives the exact value.
fn two_places(value: &str) -> String {
    let shown = Decimal::from_str_exact(value)
        .map(|value| {
            value
                .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
                .normalize()
        })
        .map_or_else(|_| value.to_owned(), |value| value.to_string());
    shown.replace('-', "−")
}

/// The steps of the trend: only the points at which the score or the grade is another one.
fn movement(rules: &RuleSet, found: &CompanyLookup, today: Day) -> Option<Movement> {
    let mut points: Vec<MovePoint> = Vec::new();
    for point in &found.trend {
        let at = MovePoint {
            day: Day::parse(&point.day).ok()?,
            score: Decimal::from_str_exact(&point.score).ok()?,
            grade: point.grade.clone(),
        };
        let same = points
            .last()
            .is_some_and(|last| last.score == at.score && last.grade == at.grade);
        if !same {
            points.push(at);
        }
    }
    let as_of = Day::parse(&found.as_of).unwrap_or(today);
    Movement::draw(&found.name, points, as_of, &bands(rules))
}

fn bands(rules: &RuleSet) -> Vec<Band> {
    let steps = rules.grades().len();
    rules
        .ladder()
        .iter()
        .filter_map(|step| {
            Some(Band {
                label: rules.grades().get(step.rank)?.id.clone(),
                from: step.range.lower.map_or(Decimal::ZERO, |bound| bound.value),
                tone: tone_of(step.rank, steps),
            })
        })
        .collect()
}

fn next_change(found: &CompanyLookup, day: &str) -> String {
    let expiring = found
        .lines
        .iter()
        .filter(|line| {
            line.counted
                && line
                    .expires_on
                    .is_some_and(|last| last.next().to_string() == *day)
        })
        .filter_map(|line| line.record.as_ref())
        .collect::<BTreeSet<_>>()
        .len();
    match expiring {
        0 => format!("{day} 起，没有新的记录得分也可能变化"),
        count => format!("{day} 起，{count} 条记录到期，不再计分"),
    }
}
