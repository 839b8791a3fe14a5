//! `wuxin complaint`: complaints for scripts and operators, in the name of an account (`WUXIN_TOKEN`), with the same roles
//! and divisions as over HTTP.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;

use super::{
    Failure, Shared,
    output::{Format, TextOrJson, print, print_json, table},
    runtime::{self, caller},
};
use crate::{
    clock::Clock,
    domain::{Day, Region},
    intake,
    procedure::complaint::Step,
    service::{
        self, ComplaintDraft, ComplaintImport, ComplaintLine, ComplaintQuestion,
        ComplaintStatistics, ImportedComplaints, RecordProposal, StatisticsQuestion,
    },
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Complaint {
    /// Receive a complaint; JSON as in the HTTP interface
    Enter {
        /// JSON, or @FILE (so that no contact gets into the history of a shell)
        draft: String,
    },
    /// Receive complaints from CSV or XLSX; nothing is stored if any row is faulty, unless --keep-going
    Import {
        file: PathBuf,
        /// Check only, store nothing
        #[arg(long)]
        dry_run: bool,
        /// Store the good rows even if others are faulty (the exit code stays 1)
        #[arg(long)]
        keep_going: bool,
        /// Write the faulty cells to this CSV file
        #[arg(long, value_name = "FILE")]
        errors: Option<PathBuf>,
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
    /// Complaints of the account's division, the last ones entered first
    List {
        /// community, street, county or city
        #[arg(long)]
        level: Option<String>,
        /// Division code: its offices, and those within it
        #[arg(long)]
        district: Option<String>,
        /// received, refused, accepted, handled, visited, closed or transferred
        #[arg(long)]
        state: Option<String>,
        /// Unified social credit code
        #[arg(long)]
        company: Option<String>,
        /// Go on after this complaint (the last id of the page before)
        #[arg(long, value_name = "ID")]
        after: Option<String>,
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
    /// One complaint with its way; without the complainant
    Show { id: String },
    /// Who complained: for the handling office alone, and noted in the audit trail
    Contact { id: String },
    /// Take a step; the step is JSON as in the HTTP interface
    Step {
        id: String,
        /// Version of the complaint that was seen
        #[arg(long)]
        version: i64,
        /// JSON, or @FILE
        step: String,
    },
    /// Enter a record for a complaint found justified, as a draft; JSON as in the HTTP interface
    Record {
        id: String,
        /// JSON, or @FILE
        proposal: String,
    },
    /// 受理率, 调解率 and 处理率 of a period, by level, district and company
    Rates {
        /// First day [default: the first of this year]
        #[arg(long, value_parser = day)]
        from: Option<Day>,
        /// Last day [default: today]
        #[arg(long, value_parser = day)]
        until: Option<Day>,
        /// Division code: its offices, and those within it
        #[arg(long, value_parser = region)]
        district: Option<Region>,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

fn day(raw: &str) -> Result<Day, String> {
    Day::parse(raw).map_err(|fault| fault.to_string())
}

fn region(raw: &str) -> Result<Region, String> {
    Region::parse(raw).map_err(|fault| fault.to_string())
}

impl Complaint {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let app = runtime::open(&shared.settings()?)?;
        let actor = caller(&app)?;
        let now = Clock::System.now();
        match self {
            Self::Enter { draft } => {
                let draft: ComplaintDraft = json("draft", draft)?;
                print_json(
                    &app.store
                        .write(|db| service::enter_complaint(db, &app, &actor, &draft, now))?,
                )
            }
            Self::Import {
                file,
                dry_run,
                keep_going,
                errors,
                format,
            } => {
                let how = ComplaintImport {
                    dry_run: *dry_run,
                    keep_going: *keep_going,
                };
                let done = service::import_complaints(&app, &actor, file, how, now)?;
                told(done, errors.as_deref(), *format)
            }
            Self::List {
                level,
                district,
                state,
                company,
                after,
                limit,
                format,
            } => {
                let question = ComplaintQuestion::read(
                    level.as_deref(),
                    district.as_deref(),
                    state.as_deref(),
                    company.as_deref(),
                )?;
                let (after, limit) = (after.as_deref(), usize::from(*limit));
                let page = app.store.read(|db| {
                    service::list_complaints(db, &app, &actor, &question, after, limit, now)
                })?;
                match format {
                    TextOrJson::Json => print_json(&page),
                    TextOrJson::Text => print(&lines(page.complaints)),
                }
            }
            Self::Show { id } => print_json(
                &app.store
                    .read(|db| service::read_complaint(db, &app, &actor, id, now))?,
            ),
            Self::Contact { id } => print_json(
                &app.store
                    .write(|db| service::complaint_contact(db, &actor, id, now))?,
            ),
            Self::Step { id, version, step } => {
                let step: Step = json("step", step)?;
                print_json(&app.store.write(|db| {
                    service::step_complaint(db, &app, &actor, id, *version, &step, now)
                })?)
            }
            Self::Record { id, proposal } => {
                let proposal: RecordProposal = json("proposal", proposal)?;
                print_json(
                    &app.store.write(|db| {
                        service::propose_record(db, &app, &actor, id, &proposal, now)
                    })?,
                )
            }
            Self::Rates {
                from,
                until,
                district,
                format,
            } => {
                let question = StatisticsQuestion {
                    from: *from,
                    until: *until,
                    district: district.clone(),
                };
                let figures = app
                    .store
                    .read(|db| service::complaint_statistics(db, &app, &actor, &question, now))?;
                rates(&figures, *format)
            }
        }
    }
}

/// What an import did; every fault to stderr, and to a file if one is asked for.
fn told(
    done: ImportedComplaints,
    errors: Option<&Path>,
    format: TextOrJson,
) -> Result<(), Failure> {
    for fault in &done.faults {
        eprintln!("{fault}");
    }
    match format {
        TextOrJson::Json => print_json(&done)?,
        TextOrJson::Text => print(&format!(
            "complaints: {} rows, {} faulty; {} new, {} known\n{}\n",
            done.rows,
            done.faulty,
            done.new,
            done.known,
            if done.stored {
                "stored"
            } else {
                "nothing was stored"
            }
        ))?,
    }
    let faulty = done.faulty > 0;
    if let Some(path) = errors {
        intake::write_fault_report_file(path, done.faults)
            .map_err(|fault| Failure::file(path, &fault))?;
    }
    if faulty {
        return Err(Failure::Said);
    }
    Ok(())
}

/// JSON, or the file that holds it.
fn json<T: DeserializeOwned>(what: &str, given: &str) -> Result<T, Failure> {
    let text = match given.strip_prefix('@') {
        Some(path) => {
            let path = Path::new(path);
            fs::read_to_string(path).map_err(|fault| Failure::file(path, &fault))?
        }
        None => given.to_owned(),
    };
    serde_json::from_str(&text).map_err(|fault| Failure::Input(format!("{what}: {fault}")))
}

fn lines(complaints: Vec<ComplaintLine>) -> String {
    let head = [
        "id", "version", "received", "level", "office", "category", "state", "due", "overdue",
    ];
    let row = |line: ComplaintLine| {
        vec![
            line.id,
            line.version.to_string(),
            line.received_on,
            line.level_name,
            line.office_name,
            line.category_title,
            line.state_name,
            line.due_on.unwrap_or_default(),
            if line.overdue { "yes" } else { "" }.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = complaints.into_iter().map(row).collect();
    table(&head, &rows)
}

const HEAD: [&str; 9] = [
    "by",
    "key",
    "title",
    "rate",
    "percent",
    "numerator",
    "denominator",
    "not_due",
    "complaints",
];

/// One row for each rate of each group; a rate of nothing has no percent.
fn figures(statistics: &ComplaintStatistics) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for group in &statistics.groups {
        for (rate, definition) in group.rates.iter().zip(&statistics.definitions) {
            rows.push(vec![
                group.by.clone(),
                group.key.clone(),
                group.title.clone(),
                definition.title.clone(),
                rate.percent.clone().unwrap_or_default(),
                rate.numerator.to_string(),
                rate.denominator.to_string(),
                rate.not_due.to_string(),
                group.complaints.to_string(),
            ]);
        }
    }
    rows
}

fn rates(statistics: &ComplaintStatistics, format: Format) -> Result<(), Failure> {
    let rows = figures(statistics);
    match format {
        Format::Json => print_json(statistics),
        Format::Csv => {
            let mut writer = csv::Writer::from_writer(Vec::new());
            let written = writer
                .write_record(HEAD)
                .and_then(|()| rows.iter().try_for_each(|row| writer.write_record(row)));
            written.map_err(|fault| Failure::Outside(format!("csv: {fault}")))?;
            let bytes = writer
                .into_inner()
                .map_err(|fault| Failure::Outside(format!("csv: {fault}")))?;
            print(&String::from_utf8_lossy(&bytes))
        }
        Format::Table => {
            let mut text = format!(
                "{} .. {}, as of {}{}\n",
                statistics.from,
                statistics.until,
                statistics.as_of,
                if statistics.verified {
                    ""
                } else {
                    "（口径待核实）"
                }
            );
            for definition in &statistics.definitions {
                text.push_str(&format!(
                    "{} = {} / {}\n",
                    definition.title, definition.numerator, definition.denominator
                ));
            }
            print(&(text + "\n" + &table(&HEAD, &rows)))
        }
    }
}
