//! Steps 8 to 11 in whole numbers, for rule sets whose total is a weighted sum of bounded sums.
//!
//! Most are. What comes out is what `total` and `standing` give with decimals, digit by digit: nothing here is rounded but
//! the score itself, and a number that does not fit sends the subject back to them.

use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{
    columns::Columns,
    quantity::Quantity,
    tally::{Cell, Question, Tally},
};
use crate::rules::{
    RuleSet,
    model::{Bound, Combine, Component, GradeStep, Level, Missing, Rounding},
    predicate::Num,
};

/// Places beyond which sums are left to decimals.
const MOST_PLACES: u32 = 16;

/// A total in units of 10^-(scale + places).
#[derive(Debug)]
pub(super) struct Short {
    parts: Vec<Part>,
    base: i64,
    min: i64,
    max: i64,
    /// Units in one of the last place of a score.
    step: i64,
    rounding: Rounding,
    decimals: u32,
    /// Absent where a score alone does not tell the grade.
    ladder: Option<Vec<Rung>>,
}

/// A component: base + sum, within floor and cap, times its weight.
#[derive(Debug)]
struct Part {
    base: i64,
    floor: i64,
    cap: i64,
    weight: i64,
    /// What it is without a record, if not its bounded base.
    absent: Option<i64>,
}

/// A step of the ladder: the scores from `low` to `high`, both included, in units of their last place.
#[derive(Debug)]
struct Rung {
    low: i64,
    high: i64,
    rank: usize,
}

/// A score in units of its last place.
#[derive(Debug, Clone, Copy)]
struct Units(i64);

impl Question<'_, '_> {
    /// Steps 8 to 10 from a tally; `None` if they need more than whole numbers.
    pub fn short(&self, tally: &Tally) -> Option<Decimal> {
        let short = self.world.plan.short.as_ref()?;
        let Columns::Narrow(_) = &self.subject.columns else {
            return None;
        };
        Some(short.decimal(short.score(&tally.narrow.cells)?))
    }

    /// Steps 8 to 13 from a tally: score and rank; `None` if they need more than that.
    pub fn short_grade(&self, tally: &Tally) -> Option<(Decimal, usize)> {
        let plan = &self.world.plan;
        let short = plan.short.as_ref()?;
        let Columns::Narrow(facts) = &self.subject.columns else {
            return None;
        };
        let ladder = short.ladder.as_ref()?;
        let sums = &tally.narrow;
        let score = short.score(&sums.cells)?;
        let mut rank = ladder.iter().find(|rung| rung.holds(score))?.rank;
        for run in &facts.vetoes {
            let run = *run as usize;
            if sums.runs[run].count > 0 {
                rank = rank.max(plan.steps[facts.runs[run].slot()].veto.unwrap_or(rank));
            }
        }
        Some((short.decimal(score), rank))
    }
}

impl Short {
    /// `None` where totals need more: projects, measured components, shares of those present, or conditions that read
    /// components.
    pub fn new(rules: &RuleSet, scale: u32) -> Option<Self> {
        let mut reads_components = false;
        for condition in rules.subject_conditions() {
            condition.expr.numbers(&mut |number| {
                reads_components |= matches!(number, Num::Component(_));
            });
        }
        if reads_components {
            return None;
        }
        let rule = rules.score_rule();
        let weights = rules.components().iter();
        let places = weights
            .map(|component| component.weight.normalize().scale())
            .chain([rule.decimals.saturating_sub(scale)])
            .max()?;
        let all = scale
            .checked_add(places)
            .filter(|all| *all <= MOST_PLACES)?;
        let bound = |value: Option<Decimal>, none: i64| match value {
            None => Some(none),
            Some(value) => i64::read(value, all),
        };
        Some(Self {
            parts: (rules.components().iter())
                .map(|component| Part::new(component, scale, places))
                .collect::<Option<_>>()?,
            base: i64::read(rule.base, all)?,
            min: bound(rule.min, i64::MIN)?,
            max: bound(rule.max, i64::MAX)?,
            step: 10_i64.checked_pow(all - rule.decimals)?,
            rounding: rule.rounding,
            decimals: rule.decimals,
            ladder: ladder(rules),
        })
    }

    /// The rounded score from the sums of the components; `None` if a number does not fit.
    fn score(&self, cells: &[Cell<i64>]) -> Option<Units> {
        let mut exact = self.base;
        for (part, cell) in self.parts.iter().zip(cells) {
            let own = part.value(cell)?.checked_mul(part.weight)?;
            exact = exact.checked_add(own)?;
        }
        Some(self.rounded(exact.max(self.min).min(self.max)))
    }

    fn rounded(&self, exact: i64) -> Units {
        let (whole, rest) = (exact / self.step, exact % self.step);
        let twice = 2 * rest.unsigned_abs();
        let step = self.step.unsigned_abs();
        let away = match self.rounding {
            Rounding::HalfUp => twice >= step,
            Rounding::HalfEven => twice > step || (twice == step && whole % 2 != 0),
            Rounding::Down => false,
            Rounding::Up => rest != 0,
        };
        // Where one unit is the last place there is no rest.
        Units(if away && rest != 0 {
            whole + rest.signum()
        } else {
            whole
        })
    }

    fn decimal(&self, score: Units) -> Decimal {
        Decimal::new(score.0, self.decimals)
    }
}

impl Part {
    fn new(component: &Component, scale: u32, places: u32) -> Option<Self> {
        let whole = component.combine == Combine::Sum && component.level == Level::Subject;
        let absent = match component.missing {
            Missing::Zero => None,
            Missing::Default(value) => Some(i64::read(value, scale)?),
            Missing::Renormalise | Missing::NotRated => return None,
        };
        let bound = |value: Option<Decimal>, none: i64| match value {
            None => Some(none),
            Some(value) => i64::read(value, scale),
        };
        whole.then_some(Self {
            base: i64::read(component.base, scale)?,
            floor: bound(component.floor, i64::MIN)?,
            cap: bound(component.cap, i64::MAX)?,
            weight: i64::read(component.weight, places)?,
            absent,
        })
    }

    fn value(&self, cell: &Cell<i64>) -> Option<i64> {
        match self.absent {
            Some(value) if cell.count == 0 => Some(value),
            _ => Some(
                self.base
                    .checked_add(cell.sum)?
                    .max(self.floor)
                    .min(self.cap),
            ),
        }
    }
}

/// The ladder, where it is nothing but bounds and nothing overrides it.
fn ladder(rules: &RuleSet) -> Option<Vec<Rung>> {
    let alone = rules.not_rated().is_empty() && rules.overrides().is_empty();
    let ladder = Some(rules.ladder()).filter(|ladder| alone && !ladder.is_empty())?;
    let unit = Decimal::from(10_i64.checked_pow(rules.decimals())?);
    ladder.iter().map(|step| Rung::new(step, unit)).collect()
}

impl Rung {
    fn holds(&self, score: Units) -> bool {
        self.low <= score.0 && score.0 <= self.high
    }

    fn new(step: &GradeStep, unit: Decimal) -> Option<Self> {
        if step.top.is_some() || step.when.is_some() {
            return None;
        }
        let units = |bound: &Bound| bound.value.checked_mul(unit);
        let low = match &step.range.lower {
            None => i64::MIN,
            Some(bound) if bound.inclusive => units(bound)?.ceil().to_i64()?,
            Some(bound) => units(bound)?.floor().to_i64()?.checked_add(1)?,
        };
        let high = match &step.range.upper {
            None => i64::MAX,
            Some(bound) if bound.inclusive => units(bound)?.floor().to_i64()?,
            Some(bound) => units(bound)?.ceil().to_i64()?.checked_sub(1)?,
        };
        Some(Self {
            low,
            high,
            rank: step.rank,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Prepared;
    use crate::{
        domain::{Day, Record},
        rules::{
            Facts, RuleSet,
            tests::{With, company, day, record, small},
        },
    };

    const ROUNDINGS: [&str; 4] = ["half_up", "half_even", "down", "up"];
    const MISSING: [&str; 2] = ["\"zero\"", "{ default = 7.125 }"];
    const LADDERS: [&str; 2] = [
        "[[grade]]\nid = \"A\"\nfrom = 95.5\n[[grade]]\nid = \"B\"\nfrom = 60.25\nbelow = 95.5\n\
         [[grade]]\nid = \"C\"\nbelow = 60.25\n",
        "[[grade]]\nid = \"A\"\nabove = 95.5\n[[grade]]\nid = \"B\"\nabove = 60.25\nto = 95.5\n\
         [[grade]]\nid = \"C\"\nto = 60.25\n",
    ];

    fn policy(
        (base, decimals, rounding): (i64, u32, usize),
        (weights, missing, bounded): ([i64; 2], [usize; 2], bool),
        ladder: usize,
    ) -> String {
        let milli = |value: i64| rust_decimal::Decimal::new(value, 3);
        let bounds = if bounded { "floor = -6.5\n" } else { "" };
        let limits = if bounded {
            "min = 20.25\nmax = 110.5\n"
        } else {
            ""
        };
        let head = format!(
            "base = {}\n{limits}decimals = {decimals}\nrounding = \"{}\"",
            milli(base),
            ROUNDINGS[rounding]
        );
        let body = format!(
            "[[component]]\nid = \"bad\"\nbase = 0.5\n{bounds}weight = {}\nmissing = {}\n\
             [[component]]\nid = \"good\"\ncap = 9.75\nweight = {}\nmissing = {}\n\
             [[item]]\nid = \"B1\"\ncomponent = \"bad\"\nclause = \"1\"\ntitle = \"违规\"\npoints = -1.25\ncap = -30\n\
             rectified = {{ multiply = 0.5 }}\nrepeat = {{ within = \"3 months\", multiply = [1, 1.5, 3] }}\n\
             [[item]]\nid = \"B2\"\ncomponent = \"bad\"\nclause = \"2\"\ntitle = \"违规\"\npoints = -0.7\n\
             same_matter = \"highest\"\nveto = \"B\"\n\
             [[item]]\nid = \"G1\"\ncomponent = \"good\"\nclause = \"3\"\ntitle = \"表彰\"\npoints = 3.05\n{}",
            milli(weights[0]),
            MISSING[missing[0]],
            milli(weights[1]),
            MISSING[missing[1]],
            LADDERS[ladder],
        );
        small("kind = \"rolling\"\nmonths = 12", &head, &body)
    }

    fn any_records() -> impl Strategy<Value = Vec<Record>> {
        let one = (
            0_usize..3,
            0_u32..400,
            prop::option::of(0_u32..500),
            0_u8..3,
        );
        prop::collection::vec(one, 0..14).prop_map(|all| {
            let first: Day = day("2024-01-01");
            (all.into_iter().enumerate())
                .map(|(n, (item, date, rectified, matter))| {
                    let date = first.plus_days(date).to_string();
                    record(&format!("r{n:02}"), ["B1", "B2", "G1"][item], &date).with(|r| {
                        r.rectified_on = rectified.map(|days| first.plus_days(days));
                        r.matter = (matter > 0).then(|| format!("M{matter}"));
                    })
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn whole_numbers_give_what_decimals_give(
            score in (40_000_i64..110_000, 0_u32..4, 0_usize..4),
            components in (
                prop::array::uniform2(1_i64..3000),
                prop::array::uniform2(0_usize..2),
                any::<bool>(),
            ),
            ladder in 0_usize..2,
            records in any_records(),
            on in 0_u32..800,
        ) {
            // A grade that no score reaches is a mistake of the file.
            let loaded = RuleSet::load("test.toml", &policy(score, components, ladder));
            prop_assume!(loaded.is_ok());
            let rules = loaded.unwrap().ruleset;
            let companies = [company(1)];
            let facts = Facts { companies: &companies, records: &records, ..Facts::default() };
            let prepared = Prepared::new(&rules, &facts);
            let short = prepared.world.plan.short.as_ref();
            prop_assert!(short.is_some_and(|short| short.ladder.is_some()));
            let on = day("2024-01-01").plus_days(on);
            let mark = prepared.marks(on).unwrap()[0];
            let score = &prepared.score(on).unwrap()[0];
            prop_assert_eq!(
                (mark.score.to_string(), mark.grade),
                (score.score.to_string(), score.grade.as_deref())
            );
        }
    }
}
