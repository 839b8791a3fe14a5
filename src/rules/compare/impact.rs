//! Two scores of everybody on one day: who moves, and why.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::Serialize;

use crate::{
    domain::Day,
    rules::{
        Line, LineStep, RuleSet, Score,
        render::{Voice, number},
    },
};

/// What a change of rules does to the subjects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Impact {
    pub as_of: Day,
    /// Said where the newer rules are not yet in force on that day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_yet: Option<String>,
    /// How many were scored.
    pub subjects: usize,
    /// How many have another score, grade or list.
    pub moved: usize,
    /// Grades of the newer rules, best first.
    pub ladder: Vec<String>,
    /// How many went from the one grade to the other; `None` where there is no grade.
    pub matrix: Vec<Step>,
    /// Those who have another score, grade or list, the changes of grade first.
    pub moves: Vec<Move>,
}

/// A cell of the matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    pub old: String,
    pub new: String,
    pub subjects: usize,
}

/// One subject that moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Move {
    pub subject: String,
    pub old_score: Option<Decimal>,
    pub new_score: Option<Decimal>,
    pub old_grade: String,
    pub new_grade: String,
    /// In Chinese, each naming what changed for this subject.
    pub reasons: Vec<String>,
}

/// Compares the scores that two rule sets give on one day. Both need their lines.
pub fn impact(
    old: &RuleSet,
    new: &RuleSet,
    before: &[Score],
    after: &[Score],
    as_of: Day,
) -> Impact {
    let by_subject = |scores: &[Score]| -> BTreeMap<String, Score> {
        scores
            .iter()
            .map(|score| (score.subject.clone(), score.clone()))
            .collect()
    };
    let (before, after) = (by_subject(before), by_subject(after));
    let subjects: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut matrix: BTreeMap<(usize, String, usize, String), usize> = BTreeMap::new();
    let mut moves = Vec::new();
    for subject in &subjects {
        let pair = (before.get(*subject), after.get(*subject));
        let (old_grade, new_grade) = (grade(pair.0), grade(pair.1));
        let key = (
            place(old, &old_grade),
            old_grade.clone(),
            place(new, &new_grade),
            new_grade.clone(),
        );
        *matrix.entry(key).or_default() += 1;
        let lists = |score: Option<&Score>| score.map(|score| score.lists.clone());
        let scores = (pair.0.map(|one| one.score), pair.1.map(|one| one.score));
        if old_grade == new_grade && scores.0 == scores.1 && lists(pair.0) == lists(pair.1) {
            continue;
        }
        moves.push(Move {
            subject: (*subject).clone(),
            old_score: scores.0,
            new_score: scores.1,
            reasons: match pair {
                (Some(before), Some(after)) => reasons(old, new, before, after),
                (Some(_), None) => vec!["新标准不评价该对象".to_owned()],
                _ => vec!["原标准不评价该对象".to_owned()],
            },
            old_grade,
            new_grade,
        });
    }
    moves.sort_by_key(|one| {
        let unmoved = one.old_grade == one.new_grade;
        let by = one.old_score.unwrap_or_default() - one.new_score.unwrap_or_default();
        (unmoved, std::cmp::Reverse(by.abs()), one.subject.clone())
    });
    let not_yet = (as_of < new.effective_from()).then(|| {
        format!(
            "新标准自{}起施行，{as_of}尚未施行；在此之前得分不因新标准变动，下列结果是试算",
            new.effective_from()
        )
    });
    Impact {
        as_of,
        not_yet,
        subjects: subjects.len(),
        moved: moves.len(),
        ladder: new.grades().iter().map(|grade| grade.id.clone()).collect(),
        matrix: matrix
            .into_iter()
            .map(|((_, old, _, new), subjects)| Step { old, new, subjects })
            .collect(),
        moves,
    }
}

fn grade(score: Option<&Score>) -> String {
    match score {
        Some(score) => score.grade.clone().unwrap_or_else(|| "未定级".to_owned()),
        None => "未评价".to_owned(),
    }
}

/// Place in the ladder; what is no grade comes last.
fn place(rules: &RuleSet, grade: &str) -> usize {
    let place = rules.grades().iter().position(|known| known.id == grade);
    place.unwrap_or(usize::MAX)
}

/// What records of one item give, and how many of them count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Given {
    points: Decimal,
    counted: usize,
}

fn reasons(old: &RuleSet, new: &RuleSet, before: &Score, after: &Score) -> Vec<String> {
    let mut reasons = Vec::new();
    reasons.extend(items(old, new, before, after));
    reasons.extend(components(old, new, before, after));
    reasons.extend(overruled(before, after));
    reasons.extend(ladder(old, new, before));
    if before.score == after.score && before.grade != after.grade && reasons.is_empty() {
        reasons.push("得分不变，等级划分或者评级条件变动".to_owned());
    }
    let titles = |rules: &RuleSet, score: &Score| -> BTreeSet<String> {
        let title = |id: &String| rules.list(id).map_or(id.clone(), |list| list.title.clone());
        score.lists.iter().map(title).collect()
    };
    let (was, is) = (titles(old, before), titles(new, after));
    reasons.extend(
        is.difference(&was)
            .map(|list| format!("新符合列入「{list}」的条件")),
    );
    reasons.extend(
        was.difference(&is)
            .map(|list| format!("不再符合列入「{list}」的条件")),
    );
    if reasons.is_empty() {
        reasons.push("基准分、总分上下限或者取整方式变动".to_owned());
    }
    reasons
}

fn lines(score: &Score) -> impl Iterator<Item = &Line> {
    score.lines.iter().flatten()
}

fn items(old: &RuleSet, new: &RuleSet, before: &Score, after: &Score) -> Vec<String> {
    let given = |score: &Score| -> BTreeMap<String, Given> {
        let mut all: BTreeMap<String, Given> = BTreeMap::new();
        for line in lines(score).filter(|line| line.step == LineStep::Record) {
            let given = all.entry(line.item.clone()).or_default();
            given.points += line.points;
            given.counted += usize::from(line.counted);
        }
        all
    };
    let (was, is) = (given(before), given(after));
    let ids: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let nothing = Given::default();
    ids.into_iter()
        .filter_map(|id| {
            let (was, is) = (
                was.get(id).unwrap_or(&nothing),
                is.get(id).unwrap_or(&nothing),
            );
            if was == is {
                return None;
            }
            let title = new
                .item(id)
                .or_else(|| old.item(id))
                .map(|item| &item.title);
            let title = title
                .map(|title| format!("「{title}」"))
                .unwrap_or_default();
            Some(format!(
                "{id}{title}：{}改为{}",
                told(old, was),
                told(new, is)
            ))
        })
        .collect()
}

fn told(rules: &RuleSet, given: &Given) -> String {
    match given.counted {
        0 => "不计分".to_owned(),
        times => format!("{times}次共{}", Voice::titles(rules).points(given.points)),
    }
}

fn components(old: &RuleSet, new: &RuleSet, before: &Score, after: &Score) -> Vec<String> {
    let mut ids: Vec<&str> = old.components().iter().map(|one| one.id.as_str()).collect();
    for component in new.components() {
        if !ids.contains(&component.id.as_str()) {
            ids.push(&component.id);
        }
    }
    let find = |rules: &RuleSet, id: &str| {
        let known = rules.components().iter().find(|one| one.id == id);
        known.map(|one| (one.title.clone(), one.weight))
    };
    let value = |score: &Score, known: bool, id: &str| match (known, score.components.get(id)) {
        (false, _) => "未设".to_owned(),
        (true, None) => "缺少".to_owned(),
        (true, Some(value)) => format!("{}分", number(value.round_dp(4))),
    };
    ids.into_iter()
        .filter_map(|id| {
            let (was, is) = (find(old, id), find(new, id));
            let values = (
                value(before, was.is_some(), id),
                value(after, is.is_some(), id),
            );
            let weights = (was.as_ref().map(|one| one.1), is.as_ref().map(|one| one.1));
            let (title, _) = is.or(was)?;
            let mut told = Vec::new();
            if values.0 != values.1 {
                told.push(format!("{}改为{}", values.0, values.1));
            }
            if let (Some(was), Some(is)) = weights
                && was != is
            {
                told.push(format!("权重{}改为{}", number(was), number(is)));
            }
            (!told.is_empty()).then(|| format!("部分「{title}」：{}", told.join("，")))
        })
        .collect()
}

/// Whether the old score alone would stand elsewhere on the new ladder.
fn ladder(old: &RuleSet, new: &RuleSet, before: &Score) -> Option<String> {
    let placed = |rules: &RuleSet| -> Option<String> {
        if rules.needs_population() {
            return None;
        }
        let mut steps = rules.ladder().iter().filter(|step| step.when.is_none());
        let step = steps.find(|step| step.range.contains(before.score))?;
        Some(Voice::titles(rules).grade(step.rank))
    };
    let (was, is) = (placed(old)?, placed(new)?);
    (before.rated && was != is).then(|| {
        format!(
            "等级划分变动：{}分在原标准为{was}，在新标准为{is}",
            before.score
        )
    })
}

/// Overrides and vetoes that only one side applies.
fn overruled(before: &Score, after: &Score) -> Vec<String> {
    let applied = |score: &Score| -> BTreeMap<String, String> {
        lines(score)
            .filter(|line| matches!(line.step, LineStep::Override | LineStep::Veto))
            .map(|line| {
                let grade = line.grade.clone().unwrap_or_default();
                (line.item.clone(), format!("{}（{}）", grade, line.clause))
            })
            .collect()
    };
    let (was, is) = (applied(before), applied(after));
    let ids: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    ids.into_iter()
        .filter_map(|id| match (was.get(id), is.get(id)) {
            (None, Some(now)) => Some(format!("{id}：新受等级限制，{now}")),
            (Some(then), None) => Some(format!("{id}：不再受等级限制，原{then}")),
            (Some(then), Some(now)) if then != now => {
                Some(format!("{id}：等级限制由{then}改为{now}"))
            }
            _ => None,
        })
        .collect()
}
