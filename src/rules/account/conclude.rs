//! From the score to the grade, to lists and to what follows.

use rust_decimal::Decimal;

use super::{Conclusion, ConclusionKind, RowKind, Section, parts::title};
use crate::rules::{
    RuleSet,
    outcome::{Line, Score},
};

/// The steps that an override or a veto left: they belong to no record, to no component, and are no part of the sum.
pub(in crate::rules) fn fired(lines: &[Line]) -> impl Iterator<Item = &Line> {
    lines
        .iter()
        .filter(|line| line.record.is_none() && line.component.is_none() && line.item != "score")
}

pub(super) fn conclusions(
    rules: &RuleSet,
    score: &Score,
    lines: &[Line],
    total: &Section,
) -> Vec<Conclusion> {
    let mut found = Vec::new();
    let rounded = total
        .rows
        .iter()
        .find(|row| row.kind == RowKind::Rounded)
        .map(|row| row.running);
    if score.rated
        && let Some(rank) = rounded.and_then(|score| by_points(rules, score))
    {
        found.push(grade(rules, ConclusionKind::Ladder, rank));
    }
    for line in fired(lines) {
        let rule = rules.overrides().iter().find(|rule| rule.id == line.item);
        found.push(Conclusion {
            kind: match rule {
                Some(_) => ConclusionKind::Override,
                None => ConclusionKind::Veto,
            },
            id: line.item.clone(),
            title: rule.map_or_else(|| title(rules, &line.item), |rule| rule.title.clone()),
            clause: line.clause.clone(),
            why: line.why.clone(),
        });
    }
    match &score.grade {
        Some(reason) if !score.rated => found.push(not_rated(rules, reason)),
        Some(id) => {
            if let Some(rank) = rules.rank(id) {
                found.push(grade(rules, ConclusionKind::Grade, rank));
            }
        }
        None => {}
    }
    for list in score.lists.iter().filter_map(|id| rules.list(id)) {
        found.push(Conclusion {
            kind: ConclusionKind::List,
            id: list.id.clone(),
            title: list.title.clone(),
            clause: list.clause.clone(),
            why: Some("达到列入条件；是否列入另行告知并作出决定".to_owned()),
        });
    }
    for title in &score.consequences {
        let clause = (rules.consequences().iter())
            .find(|rule| rule.title == *title)
            .and_then(|rule| rule.clause.clone());
        found.push(Conclusion {
            kind: ConclusionKind::Consequence,
            id: String::new(),
            title: title.clone(),
            clause: clause.unwrap_or_default(),
            why: None,
        });
    }
    found
}

fn grade(rules: &RuleSet, kind: ConclusionKind, rank: usize) -> Conclusion {
    let grade = rules.grades().get(rank);
    Conclusion {
        kind,
        id: grade.map(|grade| grade.id.clone()).unwrap_or_default(),
        title: grade
            .and_then(|grade| grade.title.clone())
            .unwrap_or_default(),
        clause: String::new(),
        why: None,
    }
}

fn not_rated(rules: &RuleSet, reason: &str) -> Conclusion {
    let rule = rules.not_rated().iter().find(|rule| rule.title == reason);
    Conclusion {
        kind: ConclusionKind::NotRated,
        id: String::new(),
        title: reason.to_owned(),
        clause: rule.map(|rule| rule.clause.clone()).unwrap_or_default(),
        why: None,
    }
}

/// The rank that the points alone give; `None` where conditions or the others decide too.
pub(in crate::rules) fn by_points(rules: &RuleSet, score: Decimal) -> Option<usize> {
    let step = rules
        .ladder()
        .iter()
        .find(|step| step.top.is_some() || step.range.contains(score))?;
    (step.top.is_none() && step.when.is_none()).then_some(step.rank)
}
