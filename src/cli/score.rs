//! `wuxin score`: files offline, exactly as the contract says, or what is stored.

pub(super) mod rulesets;

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};

use super::{
    Failure, Shared,
    files::{self, Read},
    output::{Format, print, print_json, table},
    runtime,
};
use crate::{
    clock::Clock,
    domain::{Day, Fault, Record, Uscc},
    intake::Context,
    rules::{self, Facts, Line, RuleSet, Score as Scored, ScoreFault},
    service,
};

/// Score files without a database (`--rules` and `--records`), or what is stored.
#[derive(Debug, clap::Args)]
pub(super) struct Score {
    /// Rule set; may be repeated: the version in force on the day scores
    #[arg(long, value_name = "FILE", requires = "records")]
    rules: Vec<PathBuf>,
    /// Records, CSV or XLSX
    #[arg(long, value_name = "FILE", requires = "rules")]
    records: Option<PathBuf>,
    /// Companies; those without a record are scored too
    #[arg(long, value_name = "FILE", requires = "rules")]
    companies: Option<PathBuf>,
    /// Management contracts of projects
    #[arg(long, value_name = "FILE", requires = "rules")]
    projects: Option<PathBuf>,
    /// Grades of earlier periods
    #[arg(long, value_name = "FILE", requires = "rules")]
    history: Option<PathBuf>,
    /// The day to score for [default: today, of what is stored]
    #[arg(long, value_name = "DATE", value_parser = Day::parse)]
    as_of: Option<Day>,
    /// Of what is stored: as it was known at this instant, such as 2026-07-01T09:30:00+08:00
    #[arg(long, value_name = "INSTANT", conflicts_with = "rules")]
    known_at: Option<DateTime<Utc>>,
    /// Of what is stored: this company alone
    #[arg(long, value_name = "USCC", value_parser = Uscc::parse, conflicts_with = "rules")]
    company: Option<Uscc>,
    /// A line for every record, counted or not
    #[arg(long)]
    explain: bool,
    /// Score what is good even if some of it is faulty (the exit code stays 1)
    #[arg(long)]
    keep_going: bool,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl Score {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        match (self.rules.is_empty(), &self.records, self.as_of) {
            (false, Some(records), Some(as_of)) => self.offline(records, as_of),
            (false, Some(_), None) => Err(Failure::Usage(
                "--as-of is needed to score files".to_owned(),
            )),
            _ if shared.database.is_none() && std::env::var_os("WUXIN_DATABASE_URL").is_none() => {
                let what = "give --rules and --records to score files, or --database to score what is stored";
                Err(Failure::Usage(what.to_owned()))
            }
            _ => self.stored(shared),
        }
    }

    fn offline(&self, records: &Path, as_of: Day) -> Result<(), Failure> {
        let ruleset = rulesets::in_force(&self.rules, as_of)?;
        let titles = service::titles(&ruleset);
        let context = Context {
            regions: None,
            schema: ruleset.schema(),
            titles: &titles,
        };
        let mut faults = Vec::new();
        let mut records = files::records(records, &context);
        judge(&ruleset, &mut records);
        let places = Places::of(&records);
        let records = take(records, &mut faults);
        let companies = self
            .companies
            .as_ref()
            .map(|path| files::companies(path, &context));
        let companies = companies
            .map(|read| take(read, &mut faults))
            .unwrap_or_default();
        let contracts = self
            .projects
            .as_ref()
            .map(|path| files::contracts(path, &context));
        let contracts = contracts
            .map(|read| take(read, &mut faults))
            .unwrap_or_default();
        let history = self
            .history
            .as_ref()
            .map(|path| files::history(path, &context, &ruleset));
        let history = history
            .map(|read| take(read, &mut faults))
            .unwrap_or_default();
        faults.sort();
        if !faults.is_empty() && !self.keep_going {
            return Err(Failure::Faults(faults));
        }
        let facts = Facts {
            companies: &companies,
            contracts: &contracts,
            contracts_known: self.projects.is_some(),
            records: &records,
            history: &history,
            on_lists: &[],
        };
        let scores = self.score(&ruleset, &facts, as_of, &places, &mut faults)?;
        self.print(&ruleset, &scores)?;
        // The process ends here; giving back the memory of a million records one by one would take longer than scoring them.
        std::mem::forget(records);
        if faults.is_empty() {
            return Ok(());
        }
        faults.iter().for_each(|fault| eprintln!("{fault}"));
        Err(Failure::Said)
    }

    /// Scores; with `--keep-going`, again without the subjects whose data the rules cannot evaluate.
    fn score(
        &self,
        ruleset: &RuleSet,
        facts: &Facts<'_>,
        as_of: Day,
        places: &Places,
        faults: &mut Vec<Fault>,
    ) -> Result<Vec<Scored>, Failure> {
        let found = match rules::score(ruleset, facts, as_of) {
            Ok(scores) => return Ok(scores),
            Err(found) => found,
        };
        let told = places.faults(facts.records, &found);
        if !self.keep_going {
            return Err(Failure::Faults(told));
        }
        faults.extend(told);
        let bad = |subject: &str| found.iter().any(|fault| fault.subject == subject);
        let records: Vec<Record> = facts
            .records
            .iter()
            .filter(|record| {
                let own = record.company.map(|uscc| uscc.to_string());
                let subjects = [
                    own.as_deref(),
                    record.project.as_deref(),
                    record.manager.as_deref(),
                ];
                subjects.into_iter().flatten().all(|subject| !bad(subject))
                    && found
                        .iter()
                        .all(|fault| fault.record.as_ref() != Some(&record.id))
            })
            .cloned()
            .collect();
        let companies: Vec<_> = facts
            .companies
            .iter()
            .filter(|company| !bad(company.uscc.as_str()))
            .cloned()
            .collect();
        let contracts: Vec<_> = facts
            .contracts
            .iter()
            .filter(|contract| !bad(contract.company.as_str()))
            .cloned()
            .collect();
        let good = Facts {
            companies: &companies,
            contracts: &contracts,
            records: &records,
            ..*facts
        };
        rules::score(ruleset, &good, as_of)
            .map_err(|found| Failure::Faults(places.faults(facts.records, &found)))
    }

    fn stored(&self, shared: &Shared) -> Result<(), Failure> {
        let settings = shared.settings()?;
        let app = runtime::open(&settings)?;
        let day = self.as_of.unwrap_or_else(|| Day::of(Clock::System.now()));
        if let Some(instant) = self.known_at {
            let company = self.company;
            let known = app
                .store
                .read(|db| service::score_known_at(db, day, instant, company))?;
            return self.print(&known.ruleset, &known.scores);
        }
        let company = self.company;
        let scores = app
            .store
            .read(|db| service::score_stored(db, &app, day, company))?;
        self.print(app.rules.in_force(day)?, &scores)
    }

    fn print(&self, ruleset: &RuleSet, scores: &[Scored]) -> Result<(), Failure> {
        let scores: Vec<Scored> = scores
            .iter()
            .cloned()
            .map(|mut score| {
                if !self.explain {
                    score.lines = None;
                }
                for line in score.lines.iter_mut().flatten() {
                    *line = as_agreed(line);
                }
                score
            })
            .collect();
        match self.format {
            Format::Json => print_json(&scores),
            Format::Csv => print(&csv(&scores)?),
            Format::Table => print(&shown(ruleset, &scores)),
        }
    }
}

/// A line with the keys that scripts rely on; what pages need beside them stays inside.
fn as_agreed(line: &Line) -> Line {
    Line {
        record: line.record.clone(),
        item: line.item.clone(),
        clause: line.clause.clone(),
        points: line.points,
        counted: line.counted,
        why: line.why.clone(),
        ..Line::default()
    }
}

/// Adds the faults that only the rules can see; a faulty record is left out.
pub(super) fn judge(ruleset: &RuleSet, read: &mut Read<Record>) {
    let unfit = ruleset.unfit(&read.values, |record| record);
    let mut faults = Vec::new();
    for place in &unfit {
        if let (Some(record), Some(row)) = (read.values.get(*place), read.numbers.get(*place)) {
            faults.extend(service::record_faults(ruleset, &read.file, *row, record));
        }
    }
    read.leave_out(unfit);
    read.faults.extend(faults);
}

pub(super) fn take<T>(read: Read<T>, faults: &mut Vec<Fault>) -> Vec<T> {
    read.warnings
        .iter()
        .for_each(|warning| eprintln!("warning: {warning}"));
    faults.extend(read.faults);
    read.values
}

/// Where the records of a file stand in it.
pub(super) struct Places {
    file: String,
    numbers: Vec<u64>,
}

impl Places {
    pub(super) fn of(read: &Read<Record>) -> Self {
        Self {
            file: read.file.clone(),
            numbers: read.numbers.clone(),
        }
    }

    /// The faults with their places; `records` are all that were read.
    pub(super) fn faults(&self, records: &[Record], found: &[ScoreFault]) -> Vec<Fault> {
        let ids = records.iter().map(|record| record.id.as_str());
        let rows: HashMap<&str, u64> = ids.zip(self.numbers.iter().copied()).collect();
        let place = |fault: &ScoreFault| rows.get(fault.record.as_deref()?).copied();
        found
            .iter()
            .map(|fault| Fault {
                file: self.file.clone(),
                row: place(fault),
                column: None,
                value: fault.record.clone().or_else(|| Some(fault.subject.clone())),
                code: fault.code,
                what: fault.what.clone(),
                fix: fault.fix.clone(),
            })
            .collect()
    }
}

fn csv(scores: &[Scored]) -> Result<String, Failure> {
    let fault = |fault: csv::Error| Failure::Input(fault.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record([
            "subject",
            "subject_kind",
            "ruleset",
            "as_of",
            "score",
            "grade",
            "rated",
            "lists",
            "next_change_on",
        ])
        .map_err(fault)?;
    for score in scores {
        writer
            .write_record([
                score.subject.as_str(),
                score.subject_kind.as_str(),
                &score.ruleset,
                &score.as_of.to_string(),
                &score.score.to_string(),
                score.grade.as_deref().unwrap_or_default(),
                if score.rated { "true" } else { "false" },
                &score.lists.join(";"),
                &score
                    .next_change_on
                    .map(|day| day.to_string())
                    .unwrap_or_default(),
            ])
            .map_err(fault)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|fault| Failure::Input(fault.to_string()))?;
    String::from_utf8(bytes).map_err(|fault| Failure::Input(fault.to_string()))
}

fn shown(ruleset: &RuleSet, scores: &[Scored]) -> String {
    let titles: BTreeMap<&str, &str> = ruleset
        .items()
        .iter()
        .map(|item| (item.id.as_str(), item.title.as_str()))
        .collect();
    let rows: Vec<Vec<String>> = scores
        .iter()
        .map(|score| {
            vec![
                score.subject.clone(),
                score.score.to_string(),
                score.grade.clone().unwrap_or_default(),
                score.lists.join(" "),
                score
                    .next_change_on
                    .map(|day| day.to_string())
                    .unwrap_or_default(),
            ]
        })
        .collect();
    let mut text = table(
        &["subject", "score", "grade", "lists", "next change"],
        &rows,
    );
    for score in scores {
        let Some(lines) = &score.lines else { continue };
        text.push_str(&format!("\n{}\n", score.subject));
        let rows: Vec<Vec<String>> = lines
            .iter()
            .map(|line| {
                vec![
                    line.record.clone().unwrap_or_default(),
                    line.item.clone(),
                    line.points.to_string(),
                    if line.counted { "✓" } else { "-" }.to_owned(),
                    line.clause.clone(),
                    titles
                        .get(line.item.as_str())
                        .copied()
                        .unwrap_or_default()
                        .to_owned(),
                    line.why.clone().unwrap_or_default(),
                ]
            })
            .collect();
        text.push_str(&table(
            &[
                "record", "item", "points", "counted", "clause", "title", "why",
            ],
            &rows,
        ));
    }
    text
}
