//! The engine through its public interface: the only file that knows it.

use anyhow::Context;
use rust_decimal::Decimal;
use wuxin::{
    domain::Day,
    rules::{self, Course, Facts, Prepared, RuleSet, ScoreFault},
};

use super::outcome::Outcome;

/// Records arranged for one rule set.
pub struct Ours<'a>(Prepared<'a>);

/// Reads a rule set.
pub fn load(text: &str) -> anyhow::Result<RuleSet> {
    let loaded = RuleSet::load("bench.toml", text).map_err(|found| {
        let told: Vec<String> = found.iter().map(|one| one.render(text)).collect();
        anyhow::anyhow!(told.join("\n"))
    })?;
    Ok(loaded.ruleset)
}

impl<'a> Ours<'a> {
    /// Everything that does not depend on the day, once.
    pub fn arrange(ruleset: &'a RuleSet, facts: &Facts<'a>) -> Self {
        Self(Prepared::new(ruleset, facts))
    }

    /// The same records under another rule set, without going back to the facts.
    pub fn try_on<'b>(&self, draft: &'b RuleSet) -> Ours<'b>
    where
        'a: 'b,
    {
        Ours(self.0.judged_by(draft))
    }

    /// Scores and grades.
    pub fn totals(&self, day: Day) -> anyhow::Result<Outcome> {
        let mut outcome = Outcome::default();
        for mark in self.0.marks(day).map_err(told)? {
            add(&mut outcome, mark.score, mark.grade)?;
        }
        Ok(outcome)
    }

    /// With what became of every record, as numbers.
    pub fn explained(&self, day: Day) -> anyhow::Result<Outcome> {
        let mut outcome = Outcome::default();
        for one in std::hint::black_box(self.0.explained(day).map_err(told)?) {
            add(&mut outcome, one.score(), one.grade())?;
        }
        Ok(outcome)
    }

    /// With a line in words for every record, and the next day on which something changes.
    pub fn scores(&self, day: Day) -> anyhow::Result<Outcome> {
        let mut outcome = Outcome::default();
        for score in std::hint::black_box(self.0.score(day).map_err(told)?) {
            add(&mut outcome, score.score, score.grade.as_deref())?;
        }
        Ok(outcome)
    }

    /// Every day of some days, one by one.
    pub fn day_by_day(&self, days: &[Day]) -> anyhow::Result<Outcome> {
        let mut all = Outcome::default();
        for day in days {
            all = all.and(self.totals(*day)?);
        }
        Ok(all)
    }

    /// Every day from one to another: what each company was, and from when to when.
    pub fn history(&self, from: Day, to: Day) -> anyhow::Result<History<'_>> {
        Ok(History(self.0.history(from, to).map_err(told)?))
    }
}

/// Stretches of equal days, by company.
pub struct History<'w>(Vec<Course<'w>>);

impl History<'_> {
    pub fn stretches(&self) -> usize {
        self.0.iter().map(|course| course.stretches.len()).sum()
    }

    /// The sum over all days, or over one.
    pub fn outcome(&self, of: Option<Day>) -> anyhow::Result<Outcome> {
        let mut all = Outcome::default();
        for stretch in self.0.iter().flat_map(|course| &course.stretches) {
            let days = match of {
                None => (stretch.last.date() - stretch.first.date()).num_days() + 1,
                Some(day) => i64::from(stretch.first <= day && day <= stretch.last),
            };
            let mut one = Outcome::default();
            add(&mut one, stretch.score, stretch.grade)?;
            all = all.and(one.times(days));
        }
        Ok(all)
    }
}

/// From the facts to scores with lines, in one go.
pub fn rescore(ruleset: &RuleSet, facts: &Facts<'_>, day: Day) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    for score in rules::score(ruleset, facts, day).map_err(told)? {
        add(&mut outcome, score.score, score.grade.as_deref())?;
    }
    Ok(outcome)
}

fn add(outcome: &mut Outcome, mut score: Decimal, grade: Option<&str>) -> anyhow::Result<()> {
    score.rescale(2);
    let grade = grade.context("a score without a grade")?;
    let rank = ["A", "B", "C", "D", "E"].iter().position(|id| *id == grade);
    let rank = rank.with_context(|| format!("no grade {grade}"))?;
    outcome.add(i64::try_from(score.mantissa())?, rank);
    Ok(())
}

fn told(faults: Vec<ScoreFault>) -> anyhow::Error {
    let told: Vec<String> = faults.iter().take(5).map(ToString::to_string).collect();
    anyhow::anyhow!(told.join("\n"))
}
