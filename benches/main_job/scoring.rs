//! `rules::score` with the explanation of every record, beside a loop that only adds up fixed points.

use std::collections::HashMap;

use anyhow::bail;
use wuxin::{
    city::{DEMO_SEED, Size, Town},
    domain::{Company, Contract, Day, Record, RecordStatus, Uscc},
    rules::{self, Facts, PointsForm, RuleSet},
};

use super::{
    Sizes,
    timing::{Rounds, Table, timed},
};

const DRAFT: &str = include_str!("../../rules/ziyang-draft.toml");

pub fn measure(sizes: &Sizes, table: &mut Table) -> anyhow::Result<()> {
    let Ok(loaded) = RuleSet::load("ziyang-draft.toml", DRAFT) else {
        bail!("the draft rule set does not load");
    };
    let large = Size::scaled(sizes.population, sizes.population.saturating_mul(100));
    for (name, size) in [
        ("the demo city", Size::demo()),
        ("a large population", large),
    ] {
        city(&loaded.ruleset, name, size, sizes.rounds, table)?;
    }
    Ok(())
}

fn city(
    ruleset: &RuleSet,
    name: &str,
    size: Size,
    rounds: usize,
    table: &mut Table,
) -> anyhow::Result<()> {
    let town = Town::new(DEMO_SEED, size);
    let companies: Vec<Company> = town.companies().cloned().collect();
    let contracts: Vec<Contract> = town.contracts().cloned().collect();
    let records: Vec<Record> = town.records().collect();
    let facts = Facts {
        companies: &companies,
        contracts: &contracts,
        contracts_known: true,
        records: &records,
        history: &[],
        on_lists: &[],
    };
    let day = Day::parse("2026-07-01")?;
    let fixed = fixed_points(ruleset);
    let mut measured = Rounds::default();
    for _ in 0..rounds {
        let (plain, sums) = timed(|| add_up(&fixed, &records, day));
        let (own, scores) = timed(|| rules::score(ruleset, &facts, day));
        let scores = scores.map_err(|faults| {
            let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
            anyhow::anyhow!(told.join("\n"))
        })?;
        let lines = scores.iter().filter_map(|score| score.lines.as_ref());
        let explained: usize = lines
            .map(|lines| lines.iter().filter(|line| line.record.is_some()).count())
            .sum();
        if explained < records.len() || sums.is_empty() {
            bail!("{explained} of {} records are explained", records.len());
        }
        measured.add(own, plain);
    }
    table.line(
        format!(
            "score {name}, {} x {}",
            companies.len(),
            records.len() / companies.len()
        ),
        "records",
        records.len(),
        "a loop adding fixed points",
        &measured,
    );
    Ok(())
}

/// Points of the items that have fixed ones, in units of 1/10000.
fn fixed_points(ruleset: &RuleSet) -> HashMap<&str, i64> {
    let items = ruleset.items().iter();
    items
        .filter_map(|item| match &item.points {
            PointsForm::Fixed(points) => {
                let mut points = *points;
                points.rescale(4);
                Some((item.id.as_str(), i64::try_from(points.mantissa()).ok()?))
            }
            _ => None,
        })
        .collect()
}

/// The baseline: what a loop by hand would do for a rule set of fixed points and nothing else.
fn add_up(fixed: &HashMap<&str, i64>, records: &[Record], day: Day) -> HashMap<Uscc, i64> {
    let mut sums = HashMap::new();
    for record in records {
        let counts = record.status == RecordStatus::Confirmed
            && record.decided_on.is_some_and(|decided| decided <= day);
        if let (true, Some(company)) = (counts, record.company) {
            let points = fixed.get(record.item.as_str()).copied();
            let points = points.or(record.points.map(wuxin::domain::Points::to_fixed));
            *sums.entry(company).or_insert(0) += points.unwrap_or(0);
        }
    }
    sums
}
