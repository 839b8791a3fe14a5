//! From the score to the grade, to lists and to what follows.

use super::{Conclusion, ConclusionKind, parts::title};
use crate::rules::{
    RuleSet,
    outcome::{Line, LineStep, Score},
};

/// The steps that overrides and vetoes left.
pub(in crate::rules) fn fired(lines: &[Line]) -> impl Iterator<Item = &Line> {
    lines
        .iter()
        .filter(|line| matches!(line.step, LineStep::Override | LineStep::Veto))
}

pub(super) fn conclusions(rules: &RuleSet, score: &Score, lines: &[Line]) -> Vec<Conclusion> {
    let mut found = Vec::new();
    let ladder = lines.iter().find(|line| line.step == LineStep::Total);
    let ladder = ladder.and_then(|line| rules.rank(line.grade.as_deref()?));
    if let Some(rank) = ladder.filter(|_| score.rated) {
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
