//! The ladder of grades without gaps or overlaps; grades, overrides and lists that can happen.

use rust_decimal::Decimal;

use crate::rules::{
    RuleSet,
    document::Reader,
    model::{Effect, GradeStep, Interval},
    predicate::{Expr, Num, Possible, possibly},
};

pub(super) fn check(
    reader: &Reader<'_>,
    rules: &RuleSet,
    score: Possible,
    components: &[Possible],
) {
    if rules.needs_population() {
        by_rank(reader, rules);
    } else {
        by_bounds(reader, rules, score, components);
    }
    never(reader, rules, score, components);
}

/// Whole numbers of the score's smallest step between two ends.
#[derive(Debug, Clone, Copy)]
struct Steps {
    low: Option<Decimal>,
    high: Option<Decimal>,
}

impl Steps {
    fn of(range: Interval, unit: Decimal) -> Self {
        let scaled = |value: Decimal| value.checked_mul(unit);
        Self {
            low: range.lower.and_then(|bound| {
                let value = scaled(bound.value)?;
                Some(if bound.inclusive {
                    value.ceil()
                } else {
                    value.floor() + Decimal::ONE
                })
            }),
            high: range.upper.and_then(|bound| {
                let value = scaled(bound.value)?;
                Some(if bound.inclusive {
                    value.floor()
                } else {
                    value.ceil() - Decimal::ONE
                })
            }),
        }
    }

    fn contains(self, value: Decimal) -> bool {
        self.low.is_none_or(|low| low <= value) && self.high.is_none_or(|high| value <= high)
    }
}

/// The last step without bounds or condition takes what the others leave.
fn is_rest(rules: &RuleSet, index: usize) -> bool {
    let step = &rules.ladder()[index];
    index > 0
        && index + 1 == rules.ladder().len()
        && step.range.is_unbounded()
        && step.when.is_none()
}

fn by_bounds(reader: &Reader<'_>, rules: &RuleSet, score: Possible, components: &[Possible]) {
    let ladder = rules.ladder();
    if ladder.is_empty() {
        return;
    }
    let unit = Decimal::from(10_u64.pow(rules.decimals()));
    let steps: Vec<Steps> = ladder
        .iter()
        .map(|step| Steps::of(step.range, unit))
        .collect();
    let plain = |index: usize| ladder[index].when.is_none() && !is_rest(rules, index);
    for (index, later) in steps.iter().enumerate() {
        for (other, earlier) in steps[..index].iter().enumerate() {
            let apart =
                |a: &Steps, b: &Steps| a.high.zip(b.low).is_some_and(|(high, low)| high < low);
            if plain(index) && plain(other) && !apart(earlier, later) && !apart(later, earlier) {
                reader.error(
                    "R021",
                    ladder[index].at.clone(),
                    format!(
                        "等级「{}」与「{}」的分数有重叠",
                        name(rules, &ladder[index]),
                        name(rules, &ladder[other])
                    ),
                    "下一级的上限请写 below = 上一级的 from",
                );
            }
        }
    }
    let probes = probes(rules, score, unit, &steps);
    let mut reached = vec![false; ladder.len()];
    let mut open = None;
    let mut gap = None;
    for probe in &probes {
        let value = Possible::exactly(*probe / unit);
        let excused = (rules.not_rated().iter())
            .any(|rule| possibly(&rule.when.expr, value, components) == Some(true));
        let mut certain = false;
        let mut maybe = false;
        for (index, step) in ladder.iter().enumerate() {
            if !steps[index].contains(*probe) || certain {
                continue;
            }
            let truth = (step.when.as_ref())
                .map_or(Some(true), |when| possibly(&when.expr, value, components));
            reached[index] |= truth != Some(false) && !excused;
            certain |= truth == Some(true);
            maybe |= truth.is_none();
        }
        if !certain && !excused {
            let first = if maybe { &mut open } else { &mut gap };
            first.get_or_insert(*probe / unit);
        }
    }
    let at = ladder[0].at.clone();
    if let Some(value) = gap {
        reader.error(
            "R020",
            at,
            format!("等级之间有空隙：得分 {} 没有等级", value.normalize()),
            "请把上下两级的界限接上，或写 [score] 的 min、max，或写 [[not_rated]]",
        );
    } else if let Some(value) = open {
        reader.warn(
            "R047",
            at,
            format!(
                "得分 {} 是否有等级取决于条件，无法确认没有空隙",
                value.normalize()
            ),
            "请让最后一级没有 when",
        );
    }
    unreachable(reader, rules, &reached);
}

/// Scores worth looking at: every bound and its neighbours, every number that a condition compares with, and the ends.
fn probes(rules: &RuleSet, score: Possible, unit: Decimal, steps: &[Steps]) -> Vec<Decimal> {
    let mut found: Vec<Decimal> = steps
        .iter()
        .flat_map(|step| [step.low, step.high])
        .flatten()
        .collect();
    let mut literal = |expr: &Expr| {
        expr.numbers(&mut |num| {
            if let Num::Literal(value) = num
                && let Some(scaled) = value.checked_mul(unit)
            {
                found.extend([scaled.floor(), scaled.ceil()]);
            }
        });
    };
    rules
        .subject_conditions()
        .for_each(|when| literal(&when.expr));
    found.push(Decimal::ZERO);
    let ends: Vec<Decimal> = [score.low, score.high]
        .into_iter()
        .flatten()
        .filter_map(|end| end.checked_mul(unit))
        .collect();
    found.extend(ends);
    found = found
        .into_iter()
        .flat_map(|value| [value - Decimal::ONE, value, value + Decimal::ONE])
        .collect();
    let possible = |value: &Decimal| {
        let value = *value / unit;
        score.low.is_none_or(|low| low <= value) && score.high.is_none_or(|high| value <= high)
    };
    found.retain(possible);
    found.sort_unstable();
    found.dedup();
    found
}

fn unreachable(reader: &Reader<'_>, rules: &RuleSet, reached: &[bool]) {
    for (rank, grade) in rules.grades().iter().enumerate() {
        let own = || {
            rules
                .ladder()
                .iter()
                .zip(reached)
                .filter(move |(step, _)| step.rank == rank)
        };
        let named = rules.overrides().iter().any(|rule| match rule.effect {
            Effect::Grade(to) | Effect::AtBest(to) => to == rank,
            Effect::Drop(_) => true,
            Effect::Score(_) => true,
        }) || rules.items().iter().any(|item| item.veto == Some(rank));
        if own().any(|(_, reached)| *reached) || named {
            continue;
        }
        if let Some((step, _)) = own().next() {
            reader.error(
                "R022",
                step.at.clone(),
                format!("等级「{}」永远达不到", grade.id),
                "请核对它的界限、条件，以及分项封顶和总分的上下限",
            );
        }
    }
}

fn name<'r>(rules: &'r RuleSet, step: &GradeStep) -> &'r str {
    rules
        .grades()
        .get(step.rank)
        .map_or("", |grade| grade.id.as_str())
}

fn by_rank(reader: &Reader<'_>, rules: &RuleSet) {
    let ladder = rules.ladder();
    let mut before = Decimal::ZERO;
    for step in ladder {
        let Some(top) = step.top else { continue };
        if top <= before {
            reader.error(
                "R022",
                step.at.clone(),
                format!(
                    "等级「{}」的名次比例不大于上一级，永远达不到",
                    name(rules, step)
                ),
                "top 是累计比例，应逐级增大",
            );
        }
        before = top;
    }
    if let Some(last) = ladder.last()
        && !(last.range.is_unbounded()
            && last.when.is_none()
            && (last.top.is_none() || last.top == Some(Decimal::ONE)))
    {
        reader.error(
            "R020",
            last.at.clone(),
            "按排名评级时，最后一级应当没有界限，接纳其余的对象",
            "请在最后加一个不写 top 的等级",
        );
    }
    for step in ladder.iter().rev().skip(1) {
        if step.top.is_none() && step.range.is_unbounded() && step.when.is_none() {
            reader.error(
                "R021",
                step.at.clone(),
                format!(
                    "等级「{}」没有界限，会占去后面的全部名次",
                    name(rules, step)
                ),
                "只有最后一级可以不写界限",
            );
        }
    }
}

/// Conditions of overrides, lists and not-rated rules that hold for no score at all.
fn never(reader: &Reader<'_>, rules: &RuleSet, score: Possible, components: &[Possible]) {
    let unit = Decimal::from(10_u64.pow(rules.decimals()));
    let mut points: Vec<Possible> = probes(rules, score, unit, &[])
        .into_iter()
        .map(|probe| Possible::exactly(probe / unit))
        .collect();
    points.push(score);
    // An override may set the score that a list sees.
    let set = rules
        .overrides()
        .iter()
        .filter_map(|rule| match rule.effect {
            Effect::Score(value) => Some(Possible::exactly(value)),
            _ => None,
        });
    let set: Vec<Possible> = set.collect();
    let impossible = |expr: &Expr, more: &[Possible]| {
        points
            .iter()
            .chain(more)
            .all(|score| possibly(expr, *score, components) == Some(false))
    };
    for rule in rules.overrides() {
        let pointless = rule.effect == Effect::AtBest(0);
        if impossible(&rule.when.expr, &[]) || pointless {
            reader.error(
                "R029",
                if pointless {
                    rule.at.clone()
                } else {
                    rule.when.at.clone()
                },
                format!("override「{}」永远不起作用", rule.id),
                if pointless {
                    "at_best 写的是最高等级，限制不了任何对象"
                } else {
                    "请核对条件"
                },
            );
        }
    }
    for list in rules.lists() {
        if impossible(&list.when.expr, &set) {
            reader.error(
                "R029",
                list.when.at.clone(),
                format!("名单「{}」的条件永远不成立", list.id),
                "请核对条件",
            );
        }
    }
    for rule in rules.not_rated() {
        if impossible(&rule.when.expr, &[]) {
            reader.error(
                "R029",
                rule.when.at.clone(),
                format!("不评级情形「{}」的条件永远不成立", rule.title),
                "请核对条件",
            );
        }
    }
}
