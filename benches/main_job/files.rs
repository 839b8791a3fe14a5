//! Reading `records.csv`, beside the plain `csv` crate; importing a city, beside reading it.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use wuxin::{
    city::{DEMO_SEED, Size, Town},
    config::Settings,
    domain::Fault,
    intake,
    secret::Secret,
    service::{self, App, ImportFiles, Progress},
};

use super::{
    Sizes,
    timing::{Rounds, Table, timed},
};

/// Nobody watches.
struct Unwatched;

impl Progress for Unwatched {
    fn file(&mut self, _: &str, _: &str, _: u64) {}
    fn at(&mut self, _: u64) {}
    fn done(&mut self) {}
    fn fault(&mut self, _: &Fault, _: bool) {}
}

pub fn measure(sizes: &Sizes, folder: &Path, table: &mut Table) -> anyhow::Result<()> {
    let town = Town::new(DEMO_SEED, Size::scaled(sizes.companies, sizes.records));
    let files = write(&town, folder)?;
    let records = files.records.as_deref().context("no file of records")?;
    let rows = sizes.records as usize;
    let app = open(&folder.join("reading.db"))?;
    let mut reading = Rounds::default();
    let mut importing = Rounds::default();
    for round in 0..sizes.rounds {
        let (plain, count) = timed(|| read_plainly(records));
        expect(count?, rows)?;
        let (own, count) = timed(|| read(&app, records));
        expect(count?, rows)?;
        reading.add(own, plain);
        let city = folder.join(format!("import-{round}.db"));
        let app = open(&city)?;
        let (import, done) = timed(|| import(&app, &files));
        expect(done?, rows)?;
        importing.add(import, own);
    }
    table.line(
        format!("read {rows} records (intake)"),
        "rows",
        rows,
        "csv crate, no checks",
        &reading,
    );
    table.line(
        format!("import {rows} records, {} companies", sizes.companies),
        "rows",
        rows,
        "reading them (intake)",
        &importing,
    );
    Ok(())
}

/// The three files of a city.
pub fn write(town: &Town, folder: &Path) -> anyhow::Result<ImportFiles> {
    let file = |name: &str| -> anyhow::Result<(PathBuf, BufWriter<File>)> {
        let path = folder.join(name);
        let out = BufWriter::new(File::create(&path)?);
        Ok((path, out))
    };
    let (companies, mut out) = file("companies.csv")?;
    town.write_companies(&mut out)?;
    out.flush()?;
    let (projects, mut out) = file("projects.csv")?;
    town.write_projects(&mut out)?;
    out.flush()?;
    let (records, mut out) = file("records.csv")?;
    town.write_records(&mut out)?;
    out.flush()?;
    Ok(ImportFiles {
        companies: Some(companies),
        projects: Some(projects),
        records: Some(records),
        keep_going: false,
        dry_run: false,
    })
}

/// The service on a new SQLite file.
pub fn open(path: &Path) -> anyhow::Result<App> {
    let settings = Settings {
        database_url: Secret::new(format!("sqlite:{}", path.display())),
        ..Settings::default()
    };
    Ok(App::open(&settings)?)
}

/// Imports and scores as of the day after the last record; gives the number of records.
pub fn import(app: &App, files: &ImportFiles) -> anyhow::Result<usize> {
    let report = service::import(app, files, "bench", &mut Unwatched, now()?)?;
    if !report.stored {
        bail!("the import was refused");
    }
    Ok(report.records.new)
}

/// 1 July 2026, 09:00 in Asia/Shanghai.
pub fn now() -> anyhow::Result<DateTime<Utc>> {
    Ok("2026-07-01T01:00:00Z".parse()?)
}

fn read(app: &App, path: &Path) -> anyhow::Result<usize> {
    let ruleset = app.rules.iter().next().context("no rule set")?;
    let titles = service::titles(ruleset);
    let context = intake::Context {
        regions: Some(&app.regions),
        schema: ruleset.schema(),
        titles: &titles,
    };
    let table = intake::open(path).map_err(told)?;
    let rows = table.records(&context).map_err(told)?;
    let mut count = 0;
    for row in rows {
        std::hint::black_box(row.map_err(told)?);
        count += 1;
    }
    Ok(count)
}

/// The baseline: fields of text, nothing looked at.
fn read_plainly(path: &Path) -> anyhow::Result<usize> {
    let mut reader = csv::Reader::from_path(path)?;
    let mut count = 0;
    for record in reader.records() {
        std::hint::black_box(record?);
        count += 1;
    }
    Ok(count)
}

fn told(faults: Vec<Fault>) -> anyhow::Error {
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    anyhow::anyhow!(told.join("\n"))
}

fn expect(found: usize, wanted: usize) -> anyhow::Result<()> {
    if found != wanted {
        bail!("{found} rows instead of {wanted}");
    }
    Ok(())
}
