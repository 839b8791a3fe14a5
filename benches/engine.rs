//! The rule engine beside what else could do its job, on the same records, in one run: hand-written loops, databases,
//! data frames, a plain script, and the limit of memory. Every contender must arrive at the same checksum.
//!
//! `cargo bench --bench engine`; `benches/README.md` says what is fair about it and what is not.

use std::{sync::Arc, time::Duration};

use anyhow::ensure;
use clap::Parser;
use wuxin::{
    domain::{Day, Record},
    rules::{Facts, RuleSet},
};

#[path = "engine/files.rs"]
mod files;
#[path = "engine/ours.rs"]
mod ours;
#[path = "engine/outcome.rs"]
mod outcome;
#[path = "engine/peers.rs"]
mod peers;
#[path = "engine/plain.rs"]
mod plain;
#[path = "engine/race.rs"]
mod race;
#[path = "engine/workload.rs"]
mod workload;

use ours::Ours;
use race::{Race, timed};
use workload::{EACH, Ends, Folded, Job, Rules, Workload};

/// What is measured.
#[derive(Debug, Clone, Parser)]
struct Options {
    /// Times each contender runs; medians are printed.
    #[arg(long, env = "WUXIN_BENCH_ROUNDS", default_value_t = 5)]
    rounds: usize,
    /// Companies, with a hundred records each.
    #[arg(long, env = "WUXIN_BENCH_COMPANIES", default_value_t = 10_000)]
    companies: usize,
    /// Days of the history.
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=1000))]
    days: u32,
    /// Also DuckDB, polars, pandas, SQLite and plain Python; makes a virtual environment on the first run.
    #[arg(long)]
    peers: bool,
    /// Also the ZEN engine; its first build takes many minutes.
    #[arg(long)]
    zen: bool,
    /// Seed of the records.
    #[arg(long, default_value_t = 20_260_701)]
    seed: u64,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// The records in every form, and the rules of each job.
struct City {
    workload: Workload,
    records: Vec<Record>,
    day: Day,
}

impl City {
    fn facts(&self) -> Facts<'_> {
        Facts {
            companies: &self.workload.companies,
            records: &self.records,
            ..Facts::default()
        }
    }
}

/// One job's rules in every form.
struct Policy {
    rules: Rules,
    ruleset: RuleSet,
    ends: Ends,
    folded: Folded,
}

impl Policy {
    fn new(job: Job, city: &City) -> anyhow::Result<Self> {
        let rules = Rules::new(job);
        Ok(Self {
            ruleset: ours::load(&rules.text())?,
            ends: Ends::new(&rules),
            folded: Folded::new(&rules, &city.workload.columns),
            rules,
        })
    }
}

fn main() -> anyhow::Result<()> {
    let mut options = Options::parse();
    options.rounds = options.rounds.max(1);
    let workload = Workload::new(options.companies, options.seed)?;
    let city = City {
        records: workload.records()?,
        day: workload.day(),
        workload,
    };
    let folder = tempfile::tempdir()?;
    let simple = Policy::new(Job::Simple, &city)?;
    let full = Policy::new(Job::Full, &city)?;
    let draft = Policy::new(Job::Draft, &city)?;
    let alone = pool(1)?;
    let both = pool(2)?;

    let arranging =
        |policy: &Policy| Ours::arrange(&policy.ruleset, &city.facts()).totals(city.day);
    println!(
        "{} records of {} companies as of {}; S1 {:?}, S2 {:?}",
        city.records.len(),
        options.companies,
        city.day,
        arranging(&simple)?,
        arranging(&full)?,
    );
    let mut race = Race::new(city.records.len());
    scoring(&mut race, &city, [&simple, &full], &alone, &both);
    for mut peer in peers::start(&options, folder.path(), [&simple, &full], city.day)? {
        race.enter_timed(peer.job, &peer.name.clone(), move || peer.run());
    }
    race.run(options.rounds)?;
    print!("{race}");
    drop(race);

    around(&options, &city, &full, &draft, &alone, &both)?;
    files::measure(&options, &city, &full.ruleset, folder.path(), &both)
}

fn pool(threads: usize) -> anyhow::Result<rayon::ThreadPool> {
    Ok(rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()?)
}

/// Everybody scored on one day, from records that are arranged already.
fn scoring<'a>(
    race: &mut Race<'a>,
    city: &'a City,
    policies: [&'a Policy; 2],
    alone: &'a rayon::ThreadPool,
    both: &'a rayon::ThreadPool,
) {
    let (day, date) = (workload::number(city.day), city.day);
    let columns = &city.workload.columns;
    for (job, policy) in ["S1", "S2"].into_iter().zip(policies) {
        let full = job == "S2";
        let Policy {
            rules,
            ends,
            folded,
            ruleset,
        } = policy;
        let ours = Arc::new(Ours::arrange(ruleset, &city.facts()));
        let own = Arc::clone(&ours);
        race.enter_first(job, "wuxin, 1 thread", move || {
            alone.install(|| own.totals(date))
        });
        let own = Arc::clone(&ours);
        race.enter(job, "wuxin, 2 threads", move || {
            both.install(|| own.totals(date))
        });
        race.enter(job, "plain loop, 1 thread", move || {
            Ok(match full {
                false => plain::plain::<false>(rules, columns, ends, day),
                true => plain::plain::<true>(rules, columns, ends, day),
            })
        });
        race.enter(job, "plain loop, folded beforehand, 1 thread", move || {
            Ok(match full {
                false => plain::folded::<false>(rules, folded, day),
                true => plain::folded::<true>(rules, folded, day),
            })
        });
        race.enter(job, "plain loop, folded beforehand, 2 threads", move || {
            Ok(both.install(|| match full {
                false => plain::folded_in_parallel::<false>(rules, folded, day),
                true => plain::folded_in_parallel::<true>(rules, folded, day),
            }))
        });
        race.enter_limit(job, "memory: the same columns, only added up", move || {
            std::hint::black_box(plain::read_only(std::hint::black_box(folded)));
        });
        if full {
            let own = Arc::clone(&ours);
            race.enter(job, "wuxin, explained (numbers), 1 thread", move || {
                alone.install(|| own.explained(date))
            });
            let own = Arc::clone(&ours);
            race.enter(job, "wuxin, explained (words), 1 thread", move || {
                alone.install(|| own.scores(date))
            });
            race.enter(job, "wuxin, explained (words), 2 threads", move || {
                both.install(|| ours.scores(date))
            });
        }
    }
}

/// What is done around scoring everybody on one day.
fn around(
    options: &Options,
    city: &City,
    full: &Policy,
    draft: &Policy,
    alone: &rayon::ThreadPool,
    both: &rayon::ThreadPool,
) -> anyhow::Result<()> {
    let (day, columns) = (workload::number(city.day), &city.workload.columns);
    let ours = Ours::arrange(&full.ruleset, &city.facts());
    let mut arrange = Vec::new();
    let mut tried = Vec::new();
    let mut ones = [const { Vec::new() }; 2];
    for _ in 0..options.rounds {
        arrange.push(timed(|| alone.install(|| Ours::arrange(&full.ruleset, &city.facts()))).0);
        let (time, outcome) =
            timed(|| alone.install(|| ours.try_on(&draft.ruleset).totals(city.day)));
        let expected = plain::plain::<true>(&draft.rules, columns, &draft.ends, day);
        ensure!(outcome? == expected, "the draft gives something else");
        tried.push(time);
        for (times, each) in ones.iter_mut().zip(FEW_AND_ALL) {
            times.push(one_by_one(city, full, each)?);
        }
    }
    println!();
    race::say("arrange the records for a rule set", &arrange);
    race::say("try a draft on all of them, 1 thread", &tried);
    for (times, each) in ones.iter().zip(FEW_AND_ALL) {
        let what = format!("one company of {each} records, with lines");
        race::say(&what, times);
    }

    let days: Vec<Day> = (0..options.days)
        .map(|back| workload::day(day - back as u16))
        .collect();
    let (from, to) = (workload::day(day + 1 - options.days as u16), city.day);
    let mut swept = [const { Vec::new() }; 2];
    for _ in 0..options.rounds {
        for (times, pool) in swept.iter_mut().zip([alone, both]) {
            let (time, history) = timed(|| pool.install(|| ours.history(from, to)));
            drop(history?);
            times.push(time);
        }
    }
    let history = ours.history(from, to)?;
    // Looking at each of very many days takes long: some of them.
    let some: Vec<Day> = days
        .iter()
        .step_by(days.len().div_ceil(SOME_DAYS))
        .copied()
        .collect();
    let (by_day, expected) = timed(|| both.install(|| ours.day_by_day(&some)));
    let same = some.iter().map(|day| history.outcome(Some(*day)));
    ensure!(
        same.sum::<anyhow::Result<outcome::Outcome>>()? == expected?,
        "the history gives something else than its days"
    );
    let (plainly, expected) = timed(|| {
        days.iter()
            .map(|day| plain::folded::<true>(&full.rules, &full.folded, workload::number(*day)))
            .reduce(outcome::Outcome::and)
    });
    ensure!(
        Some(history.outcome(None)?) == expected,
        "the history gives something else"
    );
    let what = format!("{} days of all companies", options.days);
    let [one, two] = swept;
    race::say(&format!("{what}, 1 thread"), &one);
    race::say(&format!("{what}, 2 threads"), &two);
    race::say(&format!("{what}, plain loop folded, 1 thread"), &[plainly]);
    race::say(
        &format!("{} of them, each by itself, 2 threads", some.len()),
        &[by_day],
    );
    println!(
        "{:<48} {:>12}",
        "stretches of equal days",
        history.stretches()
    );
    Ok(())
}

/// Days that are also evaluated one by one.
const SOME_DAYS: usize = 30;

/// Companies that are scored one by one.
const ONES: usize = 500;

/// Records of a company that is scored by itself.
const FEW_AND_ALL: [usize; 2] = [10, EACH];

/// Scores some companies, each from its own facts, the first so many of its records; they must come out as in the whole.
/// Gives the time of one.
fn one_by_one(city: &City, full: &Policy, each: usize) -> anyhow::Result<Duration> {
    let records = city.records.chunks(EACH).map(|own| &own[..each]);
    let (time, done) = timed(|| {
        let companies = city.workload.companies.chunks(1);
        let all = companies.zip(records.clone()).take(ONES);
        all.map(|(companies, records)| {
            let facts = Facts {
                companies,
                records,
                ..Facts::default()
            };
            ours::rescore(&full.ruleset, &facts, city.day)
        })
        .sum::<anyhow::Result<outcome::Outcome>>()
    });
    let expected = if each == EACH {
        let some = full.folded.of_first(ONES);
        plain::folded::<true>(&full.rules, &some, workload::number(city.day))
    } else {
        let facts = Facts {
            companies: &city.workload.companies[..ONES.min(city.workload.companies.len())],
            records: &records.take(ONES).flatten().cloned().collect::<Vec<_>>(),
            ..Facts::default()
        };
        Ours::arrange(&full.ruleset, &facts).totals(city.day)?
    };
    ensure!(done? == expected, "one by one gives something else");
    Ok(time / city.workload.companies.len().min(ONES) as u32)
}
