//! From CSV files to grades, beside the `csv` crate that only finds the fields.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::ensure;
use wuxin::{
    domain::{Fault, Record},
    intake,
    rules::{Facts, RuleSet},
    service,
};

use super::{
    City, Options,
    ours::Ours,
    outcome::Outcome,
    race::{say, seconds, timed},
};

/// Reads the city's records from a file in several ways and prints how long each took.
pub fn measure(
    options: &Options,
    city: &City,
    ruleset: &RuleSet,
    folder: &Path,
    both: &rayon::ThreadPool,
) -> anyhow::Result<()> {
    let path = write(city, folder)?;
    let expected = Ours::arrange(ruleset, &city.facts()).totals(city.day)?;
    let [mut fields, mut rows, mut grades, mut ratios] = [const { Vec::new() }; 4];
    let mut steps = Steps::default();
    for _ in 0..options.rounds {
        let (plain, count) = timed(|| fields_only(&path));
        ensure!(count? == city.records.len(), "the csv crate lost rows");
        let (reading, count) = timed(|| read(&path, ruleset, |_| ()));
        ensure!(count? == city.records.len(), "reading lost rows");
        let mut kept = Vec::new();
        let (all, outcome) = timed(|| to_grades(&path, city, ruleset, both, &mut kept, &mut steps));
        ensure!(outcome? == expected, "the file gives other grades");
        // Outside of the time: the process that scores ends without giving its records back.
        drop(kept);
        fields.push(plain);
        rows.push(reading);
        grades.push(all);
        ratios.push(Duration::from_secs_f64(
            all.as_secs_f64() / plain.as_secs_f64(),
        ));
    }
    println!();
    say("csv crate, fields only", &fields);
    say("records read, every check", &rows);
    say("from the file to grades", &grades);
    say("- read and kept", &steps.reading);
    say("- judged by the rules", &steps.judging);
    say("- arranged", &steps.arranging);
    say("- scored", &steps.scoring);
    println!(
        "{:<48} {:>12.2}",
        "x the time of the csv crate",
        seconds(&ratios)
    );
    Ok(())
}

/// How long each step took.
#[derive(Default)]
struct Steps {
    reading: Vec<Duration>,
    judging: Vec<Duration>,
    arranging: Vec<Duration>,
    scoring: Vec<Duration>,
}

/// What `wuxin score` does, up to the grades: reads, lets the rules judge every record, arranges, scores.
fn to_grades(
    path: &Path,
    city: &City,
    ruleset: &RuleSet,
    both: &rayon::ThreadPool,
    records: &mut Vec<Record>,
    steps: &mut Steps,
) -> anyhow::Result<Outcome> {
    let (time, done) = timed(|| read(path, ruleset, |mut some| records.append(&mut some)));
    done?;
    steps.reading.push(time);
    let (time, faults) = timed(|| both.install(|| ruleset.unfit(records, |record| record).len()));
    ensure!(faults == 0, "{faults} records are not fit");
    steps.judging.push(time);
    let facts = Facts {
        companies: &city.workload.companies,
        records,
        ..Facts::default()
    };
    let (time, ours) = timed(|| both.install(|| Ours::arrange(ruleset, &facts)));
    steps.arranging.push(time);
    let (time, outcome) = timed(|| both.install(|| ours.totals(city.day)));
    steps.scoring.push(time);
    outcome
}

fn read(
    path: &Path,
    ruleset: &RuleSet,
    mut take: impl FnMut(Vec<Record>),
) -> anyhow::Result<usize> {
    let titles = service::titles(ruleset);
    let context = intake::Context {
        regions: None,
        schema: ruleset.schema(),
        titles: &titles,
    };
    let table = intake::open(path).map_err(told)?;
    let mut rows = table.records(&context).map_err(told)?;
    let mut count = 0;
    while let Some(some) = rows.stretch() {
        ensure!(some.faults.is_empty(), told(some.faults));
        count += some.values.len();
        take(some.values);
    }
    Ok(count)
}

/// The baseline: fields of text, nothing looked at.
fn fields_only(path: &Path) -> anyhow::Result<usize> {
    let mut reader = csv::Reader::from_path(path)?;
    let mut count = 0;
    for record in reader.records() {
        std::hint::black_box(record?);
        count += 1;
    }
    Ok(count)
}

fn write(city: &City, folder: &Path) -> anyhow::Result<PathBuf> {
    let path = folder.join("records.csv");
    let mut out = BufWriter::new(File::create(&path)?);
    writeln!(
        out,
        "id,item,company,decided_on,valid_until,points,reason,matter,rectified_on,status"
    )?;
    for record in &city.records {
        let day =
            |day: Option<wuxin::domain::Day>| day.map(|day| day.to_string()).unwrap_or_default();
        writeln!(
            out,
            "{},{},{},{},{},{},{},{},{},{}",
            record.id,
            record.item,
            record
                .company
                .map(|uscc| uscc.to_string())
                .unwrap_or_default(),
            day(record.decided_on),
            day(record.valid_until),
            record
                .points
                .map(|points| points.to_string())
                .unwrap_or_default(),
            record.reason.as_deref().unwrap_or_default(),
            record.matter.as_deref().unwrap_or_default(),
            day(record.rectified_on),
            record.status.as_str(),
        )?;
    }
    out.flush()?;
    Ok(path)
}

fn told(faults: Vec<Fault>) -> anyhow::Error {
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    anyhow::anyhow!(told.join("\n"))
}
