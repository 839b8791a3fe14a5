//! The ladder of grades: best first, without gaps or overlaps, every grade within reach.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::rules::{
    RuleSet,
    diagnostic::Code,
    document::Reader,
    model::{Direction, Effect, GradeStep, Interval},
    predicate::{Condition, Num, Possible, possibly},
};

/// Most work of checking the ladder: scores to look at times bytes of conditions.
const MOST: usize = 20_000_000;

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

/// Best first: higher scores first where merit counts, lower ones first where faults do.
fn order(reader: &Reader<'_>, rules: &RuleSet, steps: &[Steps]) {
    let plain = |index: &usize| rules.ladder()[*index].when.is_none() && !is_rest(rules, *index);
    let plain: Vec<usize> = (0..steps.len()).filter(plain).collect();
    let merit = rules.score_rule().direction == Direction::Merit;
    for pair in plain.windows(2) {
        let (earlier, later) = (steps[pair[0]], steps[pair[1]]);
        let above = |a: Steps, b: Steps| b.high.zip(a.low).is_some_and(|(high, low)| high < low);
        let wrong = if merit {
            above(later, earlier)
        } else {
            above(earlier, later)
        };
        if wrong {
            let (one, other) = (&rules.ladder()[pair[0]], &rules.ladder()[pair[1]]);
            reader.report(
                Code::R037,
                other.at.clone(),
                format!(
                    "等级「{}」比写在前面的「{}」更好",
                    name(rules, other),
                    name(rules, one)
                ),
                if merit {
                    "等级从好到差写；分数越高越差的办法请写 [score] direction = \"demerit\""
                } else {
                    "等级从好到差写；direction = \"demerit\" 时分数低的在前"
                },
            );
            return;
        }
    }
}

fn by_bounds(reader: &Reader<'_>, rules: &RuleSet, score: Possible, components: &[Possible]) {
    let ladder = rules.ladder();
    if ladder.is_empty() {
        return;
    }
    let unit = unit(rules);
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
                reader.report(
                    Code::R021,
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
    order(reader, rules, &steps);
    let conditions = || {
        (ladder.iter().filter_map(|step| step.when.as_ref()))
            .chain(rules.not_rated().iter().map(|rule| &rule.when))
    };
    let probes = probes(rules, score, conditions());
    let size: usize = conditions().map(|when| when.text().len() + 1).sum();
    if probes.len().saturating_mul(size) > MOST {
        reader.report(
            Code::R009,
            ladder[0].at.clone(),
            "等级和不评级的条件太多太长，无法核对有没有空隙",
            "请把条件里的情形编成条目或组",
        );
        return;
    }
    let mut reached = vec![false; ladder.len()];
    let mut open = None;
    let mut gap = None;
    let mut holes = BTreeMap::new();
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
        if !excused && let Some(hole) = Hole::around(rules, &steps, *probe) {
            holes.entry(hole.worse).or_insert(hole);
        }
        if !certain && !excused {
            let first = if maybe { &mut open } else { &mut gap };
            first.get_or_insert(*probe / unit);
        }
    }
    let at = ladder[0].at.clone();
    if let Some(value) = gap {
        reader.report(
            Code::R020,
            at,
            format!("等级之间有空隙：得分 {} 没有等级", value.normalize()),
            "请把上下两级的界限接上，或写 [score] 的 min、max，或写 [[not_rated]]",
        );
    } else if let Some(value) = open {
        reader.report(
            Code::R047,
            at,
            format!(
                "得分 {} 是否有等级取决于条件，无法确认没有空隙",
                value.normalize()
            ),
            "请让最后一级没有 when",
        );
    }
    (holes.values()).for_each(|hole| hole.report(reader, rules, unit));
    unreachable(reader, rules, &reached);
}

/// Scores that are better than a grade with bounds, lie in no bounds, and so are taken by the last grade.
#[derive(Debug, Clone, Copy)]
struct Hole {
    /// The nearest step that is worse.
    worse: usize,
    /// In smallest steps of the score, inclusive; open where no grade lies beyond.
    low: Option<Decimal>,
    high: Option<Decimal>,
}

impl Hole {
    /// The hole in which a score lies, if the ladder has a last grade that takes the rest.
    fn around(rules: &RuleSet, steps: &[Steps], score: Decimal) -> Option<Self> {
        let last = steps.len().checked_sub(1)?;
        if !is_rest(rules, last) || steps[..last].iter().any(|step| step.contains(score)) {
            return None;
        }
        let bounded = || steps[..last].iter().enumerate();
        let below = bounded()
            .filter_map(|(index, step)| Some((step.high.filter(|high| *high < score)?, index)))
            .max();
        let above = bounded()
            .filter_map(|(index, step)| Some((step.low.filter(|low| *low > score)?, index)))
            .min();
        let (_, worse) = match rules.score_rule().direction {
            Direction::Merit => below?,
            Direction::Demerit => above?,
        };
        Some(Self {
            worse,
            low: below.map(|(high, _)| high + Decimal::ONE),
            high: above.map(|(low, _)| low - Decimal::ONE),
        })
    }

    fn report(self, reader: &Reader<'_>, rules: &RuleSet, unit: Decimal) {
        let ladder = rules.ladder();
        let (Some(rest), worse) = (ladder.last(), &ladder[self.worse]) else {
            return;
        };
        let told = |value: Decimal| (value / unit).normalize();
        let scores = match (self.low.map(told), self.high.map(told)) {
            (Some(low), Some(high)) if low == high => low.to_string(),
            (Some(low), Some(high)) => format!("{low} 到 {high}"),
            (Some(low), None) => format!("{low} 以上"),
            (None, Some(high)) => format!("{high} 以下"),
            (None, None) => return,
        };
        reader.report(
            Code::R064,
            worse.at.clone(),
            format!(
                "得分 {scores} 比「{}」好，却不在任何一级的界限内，会落到没有界限的最后一级「{}」",
                name(rules, worse),
                name(rules, rest)
            ),
            if self.low.is_some() && self.high.is_some() {
                "请把上下两级的界限接上，如下一级写 below = 上一级的 from"
            } else {
                "最好的一级不要写外侧的界限，或写 [score] 的 min、max"
            },
        );
    }
}

/// Scores worth looking at: every bound and its neighbours, every number that the conditions compare with, and the ends.
pub(super) fn probes<'c>(
    rules: &RuleSet,
    score: Possible,
    conditions: impl Iterator<Item = &'c Condition>,
) -> Vec<Decimal> {
    let unit = unit(rules);
    let steps = rules
        .ladder()
        .iter()
        .map(|step| Steps::of(step.range, unit));
    let mut found: Vec<Decimal> = steps
        .flat_map(|step| [step.low, step.high])
        .flatten()
        .collect();
    for when in conditions {
        when.expr.numbers(&mut |num| {
            if let Num::Literal(value) = num
                && let Some(scaled) = value.checked_mul(unit)
            {
                found.extend([scaled.floor(), scaled.ceil()]);
            }
        });
    }
    found.push(Decimal::ZERO);
    let ends = [score.low, score.high].into_iter().flatten();
    found.extend(ends.filter_map(|end| end.checked_mul(unit)));
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

/// Smallest steps of the score in one point.
pub(super) fn unit(rules: &RuleSet) -> Decimal {
    Decimal::from(10_u64.pow(rules.decimals()))
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
            reader.report(
                Code::R022,
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
            reader.report(
                Code::R022,
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
        reader.report(
            Code::R020,
            last.at.clone(),
            "按排名评级时，最后一级应当没有界限，接纳其余的对象",
            "请在最后加一个不写 top 的等级",
        );
    }
    for step in ladder.iter().rev().skip(1) {
        if step.top.is_none() && step.range.is_unbounded() && step.when.is_none() {
            reader.report(
                Code::R021,
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
