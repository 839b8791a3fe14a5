//! From a score's lines to its account.

use rust_decimal::Decimal;

use super::{
    Account, AccountFault, Op, RowKind, Section, Uncounted,
    conclude::{conclusions, fired},
    parts::{Tape, part, reached, title},
};
use crate::rules::{
    RuleSet,
    model::{Average, Component, Level, Missing},
    outcome::{Line, LineStep, Score},
};

impl Account {
    /// The account of a score that this rule set made.
    ///
    /// # Errors
    /// If the score has no lines, or the rows do not lead to it.
    pub fn of(rules: &RuleSet, score: &Score) -> Result<Self, AccountFault> {
        if score.ruleset != rules.id() {
            return Err(AccountFault::OtherRules(score.ruleset.clone()));
        }
        let lines = score.lines.as_deref().ok_or(AccountFault::NoLines)?;
        let mut sections = Vec::new();
        let mut values = Vec::new();
        for component in rules.components() {
            let value = section(rules, component, lines, &mut sections)?;
            agree(
                &component.title,
                value.map(shown),
                score.components.get(&component.id).map(shown),
            )?;
            values.push(value);
        }
        let total = total(rules, score, lines, &values)?;
        agree("总分", total.subtotal, Some(score.score))?;
        let uncounted = lines
            .iter()
            .filter(|line| line.record.is_some() && !reached(line))
            .map(|line| Uncounted {
                record: line.record.clone().unwrap_or_default(),
                label: title(rules, &line.item),
                clause: line.clause.clone(),
                project: line.project.clone(),
                date: line.date,
                why: line.why.clone(),
            })
            .collect();
        Ok(Self {
            subject: score.subject.clone(),
            ruleset: score.ruleset.clone(),
            as_of: score.as_of,
            sections,
            conclusions: conclusions(rules, score, lines),
            total,
            score: score.score,
            grade: score.grade.clone(),
            rated: score.rated,
            uncounted,
        })
    }
}

fn agree(what: &str, added: Option<Decimal>, given: Option<Decimal>) -> Result<(), AccountFault> {
    if added == given {
        return Ok(());
    }
    Err(AccountFault::Differs {
        what: what.to_owned(),
        added: added.unwrap_or_default(),
        given: given.unwrap_or_default(),
    })
}

/// A value as scores show it: quotients to ten places.
fn shown(value: Decimal) -> Decimal {
    value.round_dp(super::GUARD).round_dp(10).normalize()
}

/// The sections of one component, and its value.
fn section(
    rules: &RuleSet,
    component: &Component,
    lines: &[Line],
    sections: &mut Vec<Section>,
) -> Result<Option<Decimal>, AccountFault> {
    let own: Vec<&Line> = lines
        .iter()
        .filter(|line| reached(line) && line.component.as_ref() == Some(&component.id))
        .collect();
    match component.level {
        Level::Subject if own.is_empty() => {}
        Level::Subject => {
            let tape = part(rules, component, None, &own)?;
            sections.push(tape.close());
            return Ok(sections.last().and_then(|section| section.subtotal));
        }
        Level::Project { average, .. } => {
            let projects = projects(component, lines);
            if !projects.is_empty() {
                return over(rules, component, average, &projects, &own, sections);
            }
        }
    }
    let (section, value) = absent(rules, component)?;
    sections.push(section);
    Ok(value)
}

/// The projects that a component is averaged over, with their weights: each has a step of its own.
fn projects<'l>(component: &Component, lines: &'l [Line]) -> Vec<(&'l str, Option<Decimal>)> {
    lines
        .iter()
        .filter(|line| {
            line.step == LineStep::Project && line.component.as_ref() == Some(&component.id)
        })
        .filter_map(|line| Some((line.project.as_deref()?, line.weight)))
        .collect()
}

fn over(
    rules: &RuleSet,
    component: &Component,
    average: Average,
    projects: &[(&str, Option<Decimal>)],
    own: &[&Line],
    sections: &mut Vec<Section>,
) -> Result<Option<Decimal>, AccountFault> {
    let mut tape = Tape::new(Some(component), None);
    let mut all = Decimal::ZERO;
    for (project, weight) in projects {
        let of_project: Vec<&Line> = (own.iter().copied())
            .filter(|line| line.project.as_deref() == Some(*project))
            .collect();
        let part = part(rules, component, Some(project), &of_project)?;
        let value = part.running;
        let weight = weight.ok_or_else(|| AccountFault::NoWeight((*project).to_owned()))?;
        all = all.checked_add(weight).ok_or(AccountFault::Overflow)?;
        let op = match average {
            Average::Equal | Average::Sum => Op::Add { amount: value },
            _ => Op::AddProduct { value, weight },
        };
        let why = of_project.is_empty().then(|| "没有计分的记录".to_owned());
        tape.step(RowKind::Project, format!("项目 {project}"), op, why)?;
        if !of_project.is_empty() {
            sections.push(part.close());
        }
    }
    if average != Average::Sum {
        let label = match average {
            Average::Area => "除以面积合计",
            Average::Households => "除以户数合计",
            Average::ContractValue => "除以合同额合计",
            Average::Equal | Average::Sum => "除以项目数",
        };
        tape.step(RowKind::Combined, label, Op::Divide { by: all }, None)?;
    }
    sections.push(tape.close());
    Ok(sections.last().and_then(|section| section.subtotal))
}

/// A component without a record.
fn absent(
    rules: &RuleSet,
    component: &Component,
) -> Result<(Section, Option<Decimal>), AccountFault> {
    let mut tape = match component.missing {
        Missing::Zero if !component.per_project() => part(rules, component, None, &[])?,
        _ => Tape::new(Some(component), None),
    };
    let (amount, label, present) = match component.missing {
        Missing::Zero => (Decimal::ZERO, "没有记录", true),
        Missing::Default(value) => (value, "没有记录，按缺省分计", true),
        Missing::Renormalise => (Decimal::ZERO, "没有记录，由其余分项折算", false),
        Missing::NotRated => (Decimal::ZERO, "没有记录，不予评级", false),
    };
    tape.step(RowKind::Missing, label, Op::Add { amount }, None)?;
    let mut section = tape.close();
    if !present {
        section.subtotal = None;
    }
    let value = section.subtotal;
    Ok((section, value))
}

/// Weights, renormalisation, base, limits, rounding, and a score that an override sets.
fn total(
    rules: &RuleSet,
    score: &Score,
    lines: &[Line],
    values: &[Option<Decimal>],
) -> Result<Section, AccountFault> {
    let rule = rules.score_rule();
    let mut tape = Tape::new(None, None);
    let mut present = Decimal::ZERO;
    let mut all = Decimal::ZERO;
    let mut renormalise = false;
    for (component, value) in rules.components().iter().zip(values) {
        all = all
            .checked_add(component.weight)
            .ok_or(AccountFault::Overflow)?;
        let there = value.is_some() || component.missing != Missing::Renormalise;
        if there {
            present = present
                .checked_add(component.weight)
                .ok_or(AccountFault::Overflow)?;
        } else {
            renormalise = true;
        }
        let op = match *value {
            Some(amount) if component.weight == Decimal::ONE => Op::Add { amount },
            Some(value) => Op::AddProduct {
                value,
                weight: component.weight,
            },
            None => Op::Add {
                amount: Decimal::ZERO,
            },
        };
        let why = value.is_none().then(|| "没有记录".to_owned());
        tape.step(RowKind::Component, component.title.clone(), op, why)?;
    }
    if renormalise && !present.is_zero() {
        let why = Some("没有记录的分项由其余分项按权重折算".to_owned());
        tape.step(
            RowKind::Renormalised,
            "乘全部权重",
            Op::Multiply { by: all },
            why,
        )?;
        tape.step(
            RowKind::Renormalised,
            "除以有记录分项的权重",
            Op::Divide { by: present },
            None,
        )?;
    }
    if !rule.base.is_zero() {
        tape.step(
            RowKind::Base,
            "总分基数",
            Op::Add { amount: rule.base },
            None,
        )?;
    }
    tape.bound(RowKind::Limit, rule.min, rule.max, ("最低分", "最高分"))?;
    let round = Op::Round {
        decimals: rule.decimals,
        rounding: rule.rounding,
    };
    tape.step(RowKind::Rounded, "取整", round, None)?;
    if tape.running != score.score
        && let Some(line) = fired(lines).find(|line| line.exact == Some(score.score))
    {
        let (to, clause) = (score.score, Some(line.clause.clone()));
        let label = title_of_override(rules, &line.item);
        tape.step(RowKind::Override, label, Op::Set { to }, clause)?;
    }
    Ok(tape.close())
}

fn title_of_override(rules: &RuleSet, id: &str) -> String {
    rules
        .overrides()
        .iter()
        .find(|rule| rule.id == id)
        .map_or_else(|| id.to_owned(), |rule| rule.title.clone())
}
