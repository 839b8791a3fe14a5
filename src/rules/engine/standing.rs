//! Steps 11 to 14: not rated, grade, overrides and vetoes, lists; and what their conditions read.

use std::{cell::RefCell, collections::BTreeSet};

use rust_decimal::Decimal;

use super::{
    subjects::{Subject, World},
    tally::{Tally, eligible, subject_field, tally},
    time::{Window, full_years},
    total::{Total, total},
};
use crate::{
    domain::{Day, Span},
    rules::{
        model::{Direction, Effect},
        outcome::Fail,
        predicate::{Inputs, Leaf, SubjectField, Target, holds, leaves},
    },
};

/// Title of a subject whose score lacks a component that must be there.
pub(in crate::rules) const NOT_RATED: &str = "未评级";

/// Steps 1 to 10 for one subject, and whether it is rated.
#[derive(Debug)]
pub(super) struct Standing<'a> {
    pub tally: Tally<'a>,
    pub total: Total,
    /// Why it is not rated.
    pub not_rated: Option<String>,
    /// Ranks of the earlier grades, the latest first.
    pub previous: Vec<Option<usize>>,
}

/// What an override or a veto led to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fired {
    pub id: String,
    pub clause: String,
    pub title: String,
    /// Rank.
    pub grade: Option<usize>,
    pub score: Option<Decimal>,
}

/// Steps 11 to 14.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Verdict {
    pub score: Decimal,
    /// Rank.
    pub grade: Option<usize>,
    /// Rank before overrides.
    pub ladder: Option<usize>,
    pub fired: Vec<Fired>,
    /// Indices.
    pub lists: Vec<usize>,
}

/// Steps 1 to 10, and who is not rated.
pub(super) fn standing<'a>(
    world: &World<'a>,
    subject: &Subject<'a>,
    day: Day,
    previous: Vec<Option<usize>>,
    current: bool,
) -> Result<Standing<'a>, Fail> {
    let tally = tally(world, subject, day, Window::Score)?;
    let total = total(world, subject, day, &tally)?;
    let mut standing = Standing {
        tally,
        total,
        not_rated: None,
        previous,
    };
    let mut reason = standing.total.not_rated.then(|| NOT_RATED.to_owned());
    if !world.rules.not_rated().is_empty() {
        let score = standing.total.score;
        let inputs = SubjectInputs::new(world, subject, day, &standing, score, None, current);
        for rule in world.rules.not_rated() {
            if inputs.holds(&rule.when.expr)? {
                reason = Some(rule.title.clone());
                break;
            }
        }
    }
    standing.not_rated = reason;
    Ok(standing)
}

/// The rated scores of a population, best first.
#[derive(Debug, Default)]
pub(super) struct Ranking(Vec<Decimal>);

impl Ranking {
    pub fn new(world: &World<'_>, mut scores: Vec<Decimal>) -> Self {
        scores.sort_unstable();
        if world.rules.score_rule().direction == Direction::Merit {
            scores.reverse();
        }
        Self(scores)
    }

    /// Place of a score among the others and itself; ties share the better place, or the worse one.
    fn place(&self, world: &World<'_>, own: Decimal, score: Decimal) -> usize {
        let better = |a: Decimal, b: Decimal| match world.rules.score_rule().direction {
            Direction::Merit => a > b,
            Direction::Demerit => a < b,
        };
        let ahead = |one: Decimal| {
            better(one, score) || (world.rules.score_rule().ties_worse && one == score)
        };
        let others = self.0.partition_point(|one| ahead(*one));
        others - usize::from(ahead(own)) + 1
    }

    /// A share as a number of places, rounded half up.
    fn places(&self, share: Decimal) -> Decimal {
        (share * Decimal::from(self.0.len()))
            .round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
    }
}

/// Steps 11 to 14 for a rated subject.
pub(super) fn verdict<'a>(
    world: &World<'a>,
    subject: &Subject<'a>,
    day: Day,
    standing: &Standing<'a>,
    ranking: &Ranking,
    current: bool,
) -> Result<Verdict, Fail> {
    let mut verdict = graded(world, subject, day, standing, ranking, current)?;
    if current && standing.not_rated.is_none() {
        let (score, grade) = (verdict.score, verdict.grade);
        let inputs = SubjectInputs::new(world, subject, day, standing, score, grade, current);
        for (index, list) in world.rules.lists().iter().enumerate() {
            if inputs.holds(&list.when.expr)? {
                verdict.lists.push(index);
            }
        }
    }
    Ok(verdict)
}

/// Steps 11 to 13: everything but the lists.
pub(super) fn graded<'a>(
    world: &World<'a>,
    subject: &Subject<'a>,
    day: Day,
    standing: &Standing<'a>,
    ranking: &Ranking,
    current: bool,
) -> Result<Verdict, Fail> {
    let score = standing.total.score;
    if standing.not_rated.is_some() {
        return Ok(Verdict {
            score,
            ..Verdict::default()
        });
    }
    let inputs = SubjectInputs::new(world, subject, day, standing, score, None, current);
    let ladder = on_ladder(&inputs, ranking, score)?;
    let inputs = SubjectInputs::new(world, subject, day, standing, score, ladder, current);
    let fired = fired(&inputs, ranking, ladder)?;
    let grade = match fired.iter().filter_map(|one| one.grade).max() {
        Some(worst) => Some(worst),
        None => ladder,
    };
    let set = fired.iter().filter_map(|one| one.score);
    let score = match world.rules.score_rule().direction {
        Direction::Merit => set.min(),
        Direction::Demerit => set.max(),
    }
    .unwrap_or(score);
    Ok(Verdict {
        score,
        grade,
        ladder,
        fired,
        lists: Vec::new(),
    })
}

/// The first step of the ladder that fits.
fn on_ladder(
    inputs: &SubjectInputs<'_, '_>,
    ranking: &Ranking,
    score: Decimal,
) -> Result<Option<usize>, Fail> {
    let rules = inputs.world.rules;
    let own = inputs.standing.total.score;
    let place = rules
        .needs_population()
        .then(|| Decimal::from(ranking.place(inputs.world, own, score)));
    for step in rules.ladder() {
        let in_share = match (step.top, place) {
            (Some(top), Some(place)) => place <= ranking.places(top),
            _ => true,
        };
        let fits = in_share && step.range.contains(score);
        if fits && (step.when.as_ref()).map_or(Ok(true), |when| inputs.holds(&when.expr))? {
            return Ok(Some(step.rank));
        }
    }
    if rules.ladder().is_empty() {
        return Ok(None);
    }
    Err(Fail::new(
        "D018",
        format!("得分 {score} 没有任何等级可以对应"),
        "请检查规则文件的等级条件",
    ))
}

/// Step 12: every override and veto, each with the grade it alone would give. The worst wins.
fn fired(
    inputs: &SubjectInputs<'_, '_>,
    ranking: &Ranking,
    ladder: Option<usize>,
) -> Result<Vec<Fired>, Fail> {
    let rules = inputs.world.rules;
    let last = rules.grades().len().saturating_sub(1);
    let mut fired = Vec::new();
    for rule in rules.overrides() {
        if !inputs.holds(&rule.when.expr)? {
            continue;
        }
        let mut score = None;
        let grade = match rule.effect {
            Effect::Grade(rank) => Some(rank),
            Effect::AtBest(rank) => ladder.map(|own| own.max(rank)),
            Effect::Drop(steps) => ladder.map(|own| (own + steps as usize).min(last)),
            Effect::Score(set) => {
                let mut set = set.round_dp_with_strategy(
                    rules.decimals(),
                    rules.score_rule().rounding.strategy(),
                );
                set.rescale(rules.decimals());
                score = Some(set);
                let regraded = inputs.with_score(set);
                on_ladder(&regraded, ranking, set)?
            }
        };
        fired.push(Fired {
            id: rule.id.clone(),
            clause: rule.clause.clone(),
            title: rule.title.clone(),
            grade,
            score,
        });
    }
    let vetoes: BTreeSet<usize> = inputs
        .standing
        .tally
        .live
        .iter()
        .map(|live| live.item)
        .collect();
    for item in vetoes {
        let item = &rules.items()[item];
        if let Some(rank) = item.veto {
            fired.push(Fired {
                id: item.id.clone(),
                clause: item.clause.clone(),
                title: item.title.clone(),
                grade: ladder.map(|own| own.max(rank)),
                score: None,
            });
        }
    }
    Ok(fired)
}

/// Every part of the conditions of grades, overrides and lists that depends on the day.
pub(super) fn inputs_on<'a>(
    world: &World<'a>,
    subject: &Subject<'a>,
    day: Day,
    standing: &Standing<'a>,
) -> Vec<Leaf> {
    let rules = world.rules;
    let score = standing.total.score;
    let inputs = SubjectInputs::new(world, subject, day, standing, score, None, true);
    let mut found = Vec::new();
    for condition in rules.subject_conditions() {
        leaves(&condition.expr, &inputs, &mut found);
    }
    found
}

/// What conditions about a subject read.
struct SubjectInputs<'w, 'a> {
    world: &'w World<'a>,
    subject: &'w Subject<'a>,
    day: Day,
    standing: &'w Standing<'a>,
    score: Decimal,
    grade: Option<usize>,
    /// Whether it is the day asked about: list entries are known for that day only.
    current: bool,
    spans: RefCell<Vec<(Window, std::rc::Rc<Tally<'a>>)>>,
}

impl<'w, 'a> SubjectInputs<'w, 'a> {
    fn new(
        world: &'w World<'a>,
        subject: &'w Subject<'a>,
        day: Day,
        standing: &'w Standing<'a>,
        score: Decimal,
        grade: Option<usize>,
        current: bool,
    ) -> Self {
        Self {
            world,
            subject,
            day,
            standing,
            score,
            grade,
            current,
            spans: RefCell::default(),
        }
    }

    fn with_score(&self, score: Decimal) -> Self {
        Self::new(
            self.world,
            self.subject,
            self.day,
            self.standing,
            score,
            None,
            self.current,
        )
    }

    fn holds(&self, expr: &crate::rules::predicate::Expr) -> Result<bool, Fail> {
        holds(expr, self, &mut BTreeSet::new())
    }

    /// The records of another window, computed once.
    fn window(&self, window: Window) -> Result<std::rc::Rc<Tally<'a>>, Fail> {
        if let Some((_, known)) = self
            .spans
            .borrow()
            .iter()
            .find(|(known, _)| *known == window)
        {
            return Ok(known.clone());
        }
        let found = std::rc::Rc::new(match window {
            Window::Any => eligible(self.world, self.subject, self.day, window)?,
            _ => tally(self.world, self.subject, self.day, window)?,
        });
        self.spans.borrow_mut().push((window, found.clone()));
        Ok(found)
    }
}

impl Inputs for SubjectInputs<'_, '_> {
    fn subject(&self, field: SubjectField) -> Option<Decimal> {
        subject_field(self.subject, field, self.day)
    }

    fn score(&self) -> Option<Decimal> {
        Some(self.score)
    }

    fn grade(&self) -> Option<usize> {
        self.grade
    }

    fn component(&self, index: usize) -> Option<Decimal> {
        self.standing.total.components.get(index)?.value
    }

    fn count(&self, target: Target, span: Option<Span>) -> Result<usize, Fail> {
        Ok(match span {
            None => self.standing.tally.count(self.world, target),
            Some(span) => self.window(Window::Span(span))?.count(self.world, target),
        })
    }

    fn points(&self, target: Target, span: Option<Span>) -> Result<Decimal, Fail> {
        match span {
            None => self.standing.tally.points(self.world, target),
            Some(span) => self.window(Window::Span(span))?.points(self.world, target),
        }
    }

    /// Full years since the last record; a company has not been without one for longer than it exists.
    fn years_without(&self, target: Target) -> Result<u32, Fail> {
        const EVER: u32 = 100;
        let all = self.window(Window::Any)?;
        let last = (all.live.iter())
            .filter(|live| Tally::of(self.world, target, live.item))
            .map(|live| live.date)
            .max();
        let registered = self
            .subject
            .company
            .and_then(|company| company.registered_on);
        Ok(match last.max(registered) {
            Some(start) => full_years(start, self.day),
            None => EVER,
        })
    }

    fn unrectified(&self, target: Target, span: Option<Span>) -> Result<bool, Fail> {
        let all = self.window(Window::Any)?;
        Ok(all.live.iter().any(|live| {
            let rectified = self.subject.entries[live.entry].record.rectified_on;
            Tally::of(self.world, target, live.item)
                && span.is_none_or(|span| span.last_day(live.date) < self.day)
                && rectified.is_none_or(|on| on > self.day)
        }))
    }

    fn on_list(&self, index: usize) -> bool {
        self.current && self.subject.on_lists.contains(&index)
    }

    fn previous(&self, n: usize) -> Option<usize> {
        self.standing
            .previous
            .get(n.checked_sub(1)?)
            .copied()
            .flatten()
    }
}
