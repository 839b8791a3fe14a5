//! How far the next grade is, what stands in the way, and the ways to it.

use rust_decimal::Decimal;

use super::{
    Action, Block, BlockKind, Cited, Deed, Distance, NextGrade, OutlookFault, Rank, Stand, Way,
    WayStep,
    case::Case,
    search::{Candidate, everything, way},
    timeline::Course,
};
use crate::{
    domain::Day,
    rules::{
        account::fired,
        model::{Direction, Effect, GradeStep},
        outcome::Line,
        predicate::Target,
    },
};

pub(super) fn next_grade(
    case: &mut Case<'_>,
    course: &Course,
    now: &Stand,
    lines: &[Line],
    actions: &[Action],
    exact: usize,
) -> Result<NextGrade, OutlookFault> {
    let rank = (now.grade.as_deref()).and_then(|grade| case.rules.rank(grade));
    let at_best = rank == Some(0);
    let nowhere = case.rules.grades().is_empty() || case.rank() == Rank::Unknown;
    let mut next = NextGrade {
        at_best,
        distance: rank.and_then(|rank| distance(case, now.score, rank)),
        blocks: blocks(case, course, now, rank, lines),
        by_itself: None,
        ways: Vec::new(),
        everything: None,
    };
    if at_best || nowhere {
        return Ok(next);
    }
    let better = |change: &&super::Change| case.is_better(&change.stand, now);
    next.by_itself = course.timeline.changes.iter().find(better).cloned();
    let all = candidates(case, actions);
    let rectify: Vec<Candidate> = (all.iter())
        .filter(|one| one.step.1 == Deed::Rectify)
        .cloned()
        .collect();
    let rectified = way(case, now, &rectify, exact)?;
    let mixed = match &rectified {
        Some(way) if way.steps.len() == 1 => None,
        _ => way(case, now, &all, exact)?,
    };
    let shorter =
        |one: &Way| (rectified.as_ref()).is_none_or(|other| one.steps.len() < other.steps.len());
    let mixed = mixed.filter(shorter);
    next.ways = rectified.into_iter().chain(mixed).collect();
    if next.ways.is_empty() && !all.is_empty() {
        next.everything = Some(everything(case, &all)?);
    }
    Ok(next)
}

fn candidates(case: &Case<'_>, actions: &[Action]) -> Vec<Candidate> {
    actions
        .iter()
        .filter_map(|action| {
            let index = case
                .records
                .iter()
                .position(|record| record.id == action.cited.record)?;
            Some(Candidate {
                step: (index, action.deed),
                told: WayStep {
                    deed: action.deed,
                    cited: action.cited.clone(),
                },
            })
        })
        .collect()
}

/// The nearest bound of a better grade.
fn distance(case: &Case<'_>, score: Decimal, rank: usize) -> Option<Distance> {
    let rules = case.rules;
    if rules.needs_population() {
        return None;
    }
    let away = |step: &GradeStep| {
        let (bound, points) = match rules.score_rule().direction {
            Direction::Merit => {
                let bound = step.range.lower?;
                (bound, bound.value - score)
            }
            Direction::Demerit => {
                let bound = step.range.upper?;
                (bound, score - bound.value)
            }
        };
        // Zero away from a bound that is not enough is away all the same.
        let out = points > Decimal::ZERO || (points.is_zero() && !bound.inclusive);
        out.then(|| Distance {
            grade: rules.grade_id(step.rank).unwrap_or_default().to_owned(),
            bound: bound.value,
            inclusive: bound.inclusive,
            points,
            conditional: step.when.is_some(),
        })
    };
    let better = rules.ladder().iter().filter(|step| step.rank < rank);
    better.filter_map(away).min_by_key(|found| found.points)
}

/// Overrides and vetoes that let no points bring a better grade, and why a subject is not rated.
fn blocks(
    case: &Case<'_>,
    course: &Course,
    now: &Stand,
    rank: Option<usize>,
    lines: &[Line],
) -> Vec<Block> {
    let mut found: Vec<Block> = fired(lines)
        .filter_map(|line| block(case, course, rank?, line, lines))
        .collect();
    if !now.rated {
        let title = now.grade.clone().unwrap_or_default();
        let rule = case
            .rules
            .not_rated()
            .iter()
            .find(|rule| rule.title == title);
        found.push(Block {
            kind: BlockKind::NotRated,
            id: String::new(),
            clause: rule.map(|rule| rule.clause.clone()).unwrap_or_default(),
            title,
            ceiling: None,
            until: last_day(course, |_, rated| !rated),
            records: Vec::new(),
        });
    }
    found
}

fn block(
    case: &Case<'_>,
    course: &Course,
    rank: usize,
    line: &Line,
    lines: &[Line],
) -> Option<Block> {
    let rules = case.rules;
    let rule = rules.overrides().iter().find(|rule| rule.id == line.item);
    let ceiling = match rule.map(|rule| rule.effect) {
        Some(Effect::Grade(ceiling) | Effect::AtBest(ceiling)) => Some(ceiling),
        Some(Effect::Score(_)) => None,
        // Points help: the grade from which is dropped is better then.
        Some(Effect::Drop(_)) => return None,
        None => rules.item(&line.item)?.veto,
    };
    // One that allows better than now is not what stands in the way.
    if ceiling.is_some_and(|ceiling| ceiling < rank) {
        return None;
    }
    let targets: Vec<Target> = rule
        .map(|rule| {
            rule.when
                .expr
                .targets()
                .into_iter()
                .map(|(target, _)| target)
        })
        .into_iter()
        .flatten()
        .collect();
    let concerns = |item: &str| {
        let Some(index) = rules.item_index(item) else {
            return false;
        };
        match rule {
            None => item == line.item,
            Some(_) => targets.iter().any(|target| match *target {
                Target::Item(wanted) => wanted == index,
                Target::Group(group) => rules.items()[index].group == Some(group),
                Target::Component(component) => rules.items()[index].component == component,
            }),
        }
    };
    let records: Vec<Cited> = lines
        .iter()
        .filter(|line| line.record.is_some() && line.counted && concerns(&line.item))
        .map(|line| case.cited(line))
        .collect();
    Some(Block {
        kind: match rule {
            Some(_) => BlockKind::Override,
            None => BlockKind::Veto,
        },
        id: line.item.clone(),
        title: rule.map_or_else(|| case.cited(line).title, |rule| rule.title.clone()),
        clause: line.clause.clone(),
        ceiling: ceiling
            .and_then(|rank| rules.grade_id(rank))
            .map(str::to_owned),
        until: last_day(course, |names, _| names.contains(&line.item)),
        records,
    })
}

/// The day before the first on which something that holds now does not.
fn last_day(
    course: &Course,
    holds: impl Fn(&std::collections::BTreeSet<String>, bool) -> bool,
) -> Option<Day> {
    course
        .holds
        .iter()
        .find(|(_, names, rated)| !holds(names, *rated))
        .map(|(day, ..)| day.previous())
}
