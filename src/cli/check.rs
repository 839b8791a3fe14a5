//! `wuxin check`: the libraries and tasks of spot checks, in the name of an account (`WUXIN_TOKEN`), with the same roles and
//! divisions as over HTTP. Draws from files alone are `wuxin draw`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;

use super::{
    Failure, Shared,
    account::randomness,
    output::{TextOrJson, print, print_json, table},
    runtime::{self, caller},
};
use crate::{
    clock::Clock,
    intake::{self, harmless},
    service::{
        self, Actor, App, CheckFile, CheckImport, CheckSimulation, CheckTaskLine, DrawnView,
        ImportedChecks,
    },
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Check {
    /// Inspection items (抽查事项清单)
    #[command(subcommand)]
    Items(Library),
    /// Officers (执法检查人员名录库)
    #[command(subcommand)]
    Officers(Library),
    /// Objects (检查对象名录库): companies and projects of the account's division with their grades; they come in by `wuxin import`
    #[command(subcommand)]
    Objects(Objects),
    /// Tasks: prepared, simulated, committed, drawn, revealed
    #[command(subcommand)]
    Task(Task),
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Library {
    /// Take in a CSV or XLSX file; nothing is stored if any row is faulty, unless --keep-going
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
    /// Write a file that import reads back; XLSX by its name, else CSV
    Export { file: PathBuf },
    /// What is in use
    List {
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Objects {
    /// Write a file that `wuxin draw commit --objects` reads; XLSX by its name, else CSV
    Export { file: PathBuf },
    /// What there is
    List {
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Task {
    /// Prepare a task; JSON as in the HTTP interface
    Create {
        /// JSON, or @FILE
        draft: String,
    },
    /// Tasks of the account's division
    List {
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
    /// One task with its way
    Show { id: String },
    /// What the task would give if it were frozen now: numbers for each stratum, and the constraint in the way
    Simulate {
        id: String,
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
    /// Freeze the plan and publish what binds it; JSON as in the HTTP interface
    Commit {
        id: String,
        /// JSON with version, event and reveal_by, or @FILE
        commit: String,
    },
    /// Publish the value of the event, and draw
    Observe {
        id: String,
        /// Version of the task that was seen
        #[arg(long)]
        version: i64,
        /// JSON as in a published file, or @FILE
        value: String,
    },
    /// Who was drawn, for those who may know
    Result {
        id: String,
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
    /// Ask for a substitute or another draw; JSON as in the HTTP interface
    Request {
        id: String,
        /// JSON, or @FILE
        wish: String,
    },
    /// Approve what another person asked for
    Approve {
        id: String,
        /// Version of the task that was seen
        #[arg(long)]
        version: i64,
    },
    /// Publish everything after the last visit; JSON as in the HTTP interface
    Reveal {
        id: String,
        /// JSON with version and last_visit_on, or @FILE
        reveal: String,
    },
    /// The published file, as `wuxin draw verify` reads it
    File { id: String },
}

/// Which library.
#[derive(Clone, Copy)]
enum Which {
    Items,
    Officers,
}

impl Check {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let app = runtime::open(&shared.settings()?)?;
        let actor = caller(&app)?;
        match self {
            Self::Items(library) => library.run(&app, &actor, Which::Items),
            Self::Officers(library) => library.run(&app, &actor, Which::Officers),
            Self::Objects(objects) => objects.run(&app, &actor),
            Self::Task(task) => task.run(&app, &actor),
        }
    }
}

impl Library {
    fn run(&self, app: &App, actor: &Actor, which: Which) -> Result<(), Failure> {
        let now = Clock::System.now();
        match self {
            Self::Import {
                file,
                dry_run,
                keep_going,
                errors,
                format,
            } => {
                let how = CheckImport {
                    dry_run: *dry_run,
                    keep_going: *keep_going,
                };
                let done = match which {
                    Which::Items => service::import_check_items(app, actor, file, how, now)?,
                    Which::Officers => service::import_check_officers(app, actor, file, how, now)?,
                };
                told(done, errors.as_deref(), *format)
            }
            Self::Export { file } => export(file, &content(app, actor, which)?),
            Self::List {
                format: TextOrJson::Json,
            } => match which {
                Which::Items => {
                    print_json(&app.store.read(|db| service::list_check_items(db, actor))?)
                }
                Which::Officers => print_json(
                    &app.store
                        .read(|db| service::list_check_officers(db, actor))?,
                ),
            },
            Self::List { .. } => listed(&content(app, actor, which)?),
        }
    }
}

impl Objects {
    fn run(&self, app: &App, actor: &Actor) -> Result<(), Failure> {
        let now = Clock::System.now();
        let objects = (app.store).read(|db| service::list_check_objects(db, app, actor, now))?;
        match self {
            Self::Export { file } => export(file, &CheckFile::of_objects(&objects)),
            Self::List {
                format: TextOrJson::Json,
            } => print_json(&objects),
            Self::List { .. } => listed(&CheckFile::of_objects(&objects)),
        }
    }
}

fn export(file: &Path, CheckFile(rows): &CheckFile) -> Result<(), Failure> {
    let xlsx = file
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("xlsx"));
    match xlsx {
        true => workbook(file, rows),
        false => csv(file, rows).map_err(|fault| Failure::file(file, &fault)),
    }
}

fn listed(CheckFile(rows): &CheckFile) -> Result<(), Failure> {
    let (head, rows) = rows
        .split_first()
        .map_or((&[][..], &[][..]), |(head, rows)| (head.as_slice(), rows));
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    print(&table(&head, rows))
}

fn content(app: &App, actor: &Actor, which: Which) -> Result<CheckFile, Failure> {
    Ok(match which {
        Which::Items => {
            CheckFile::of_items(&app.store.read(|db| service::list_check_items(db, actor))?)
        }
        Which::Officers => CheckFile::of_officers(
            &app.store
                .read(|db| service::list_check_officers(db, actor))?,
        ),
    })
}

/// UTF-8 with a byte order mark, which spreadsheets need; no cell is taken for a formula.
fn csv(path: &Path, rows: &[Vec<String>]) -> std::io::Result<()> {
    let mut bytes = Vec::from("\u{FEFF}");
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(&mut bytes);
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell)))?;
    }
    writer.flush()?;
    drop(writer);
    fs::write(path, bytes)
}

/// Every cell as text, so that no code loses its zeros.
fn workbook(path: &Path, rows: &[Vec<String>]) -> Result<(), Failure> {
    let failed =
        |fault: rust_xlsxwriter::XlsxError| Failure::Input(format!("{}: {fault}", path.display()));
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            sheet.write_string(row, column, cell).map_err(failed)?;
        }
    }
    book.save(path).map_err(failed)
}

/// What an import did; every fault to stderr, and to a file if one is asked for.
fn told(done: ImportedChecks, errors: Option<&Path>, format: TextOrJson) -> Result<(), Failure> {
    for fault in &done.faults {
        eprintln!("{fault}");
    }
    let stored = match done.stored {
        true => "stored",
        false => "nothing was stored",
    };
    match format {
        TextOrJson::Json => print_json(&done)?,
        TextOrJson::Text => print(&format!(
            "{} rows, {} faulty; {} new or changed, {} known\n{stored}\n",
            done.rows, done.faulty, done.changed, done.known,
        ))?,
    }
    let faulty = done.faulty > 0;
    if let Some(path) = errors {
        intake::write_fault_report_file(path, done.faults)
            .map_err(|fault| Failure::file(path, &fault))?;
    }
    match faulty {
        true => Err(Failure::Said),
        false => Ok(()),
    }
}

impl Task {
    fn run(&self, app: &App, actor: &Actor) -> Result<(), Failure> {
        let now = Clock::System.now();
        let store = &app.store;
        match self {
            Self::Create { draft } => {
                let draft = json("draft", draft)?;
                print_json(
                    &store.write(|db| service::create_check_task(db, app, actor, &draft, now))?,
                )
            }
            Self::List { format } => {
                let tasks = store.read(|db| service::list_check_tasks(db, actor))?;
                match format {
                    TextOrJson::Json => print_json(&tasks),
                    TextOrJson::Text => print(&lines(tasks)),
                }
            }
            Self::Show { id } => {
                print_json(&store.read(|db| service::read_check_task(db, actor, id))?)
            }
            Self::Simulate { id, format } => {
                let found = store.read(|db| service::simulate_check(db, app, actor, id, now))?;
                match format {
                    TextOrJson::Json => print_json(&found),
                    TextOrJson::Text => print(&simulation(&found)),
                }
            }
            Self::Commit { id, commit } => {
                let (commit, random) = (json("commit", commit)?, random()?);
                print_json(
                    &store.write(|db| {
                        service::commit_check(db, app, actor, id, &commit, &random, now)
                    })?,
                )
            }
            Self::Observe { id, version, value } => {
                let value = json("value", value)?;
                print_json(&store.write(|db| {
                    service::observe_check(db, app, actor, (id, *version), &value, now)
                })?)
            }
            Self::Result { id, format } => {
                let found = store.read(|db| service::who_was_drawn(db, actor, id))?;
                match format {
                    TextOrJson::Json => print_json(&found),
                    TextOrJson::Text => print(&drawn(&found)),
                }
            }
            Self::Request { id, wish } => {
                let wish = json("wish", wish)?;
                print_json(&store.write(|db| service::request_check(db, actor, id, &wish, now))?)
            }
            Self::Approve { id, version } => {
                let random = random()?;
                print_json(&store.write(|db| {
                    service::approve_check(db, app, actor, (id, *version), &random, now)
                })?)
            }
            Self::Reveal { id, reveal } => {
                let reveal = json("reveal", reveal)?;
                print_json(&store.write(|db| service::reveal_check(db, actor, id, &reveal, now))?)
            }
            Self::File { id } => print(&store.read(|db| service::draw_file(db, id))?),
        }
    }
}

/// Secret and salt.
fn random() -> Result<[[u8; 32]; 2], Failure> {
    Ok([randomness()?, randomness()?])
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

fn lines(tasks: Vec<CheckTaskLine>) -> String {
    let head = [
        "id", "version", "district", "from", "until", "state", "attempt", "pending",
    ];
    let row = |line: CheckTaskLine| {
        vec![
            line.id,
            line.version.to_string(),
            line.district,
            line.from,
            line.until,
            line.state,
            line.attempt.to_string(),
            line.pending.unwrap_or_default(),
        ]
    };
    let rows: Vec<Vec<String>> = tasks.into_iter().map(row).collect();
    table(&head, &rows)
}

fn simulation(found: &CheckSimulation) -> String {
    let head = ["district", "grade", "percent", "eligible", "drawn", "odds"];
    let rows: Vec<Vec<String>> = (found.strata.iter())
        .map(|one| {
            vec![
                one.district.clone(),
                one.grade.clone(),
                one.percent.clone(),
                one.eligible.to_string(),
                one.drawn.to_string(),
                one.odds.clone(),
            ]
        })
        .collect();
    let mut text = table(&head, &rows);
    text += &format!("drawn: {}, officers: {}\n", found.drawn, found.officers);
    for id in &found.passed {
        text += &format!("passed: {id}\n");
    }
    for one in &found.left_out {
        text += &format!("left out: {} {}\n", one.id, one.reason);
    }
    match &found.infeasible {
        Some(why) => text + &format!("infeasible: {why}\n"),
        None => text + &format!("feasible in {} trial draws\n", found.trials),
    }
}

fn drawn(found: &DrawnView) -> String {
    let head = [
        "object",
        "name",
        "company",
        "district",
        "grade",
        "officers",
        "substitution",
    ];
    let rows: Vec<Vec<String>> = (found.visits.iter())
        .map(|one| {
            vec![
                one.object.clone(),
                one.name.clone(),
                one.company.clone(),
                one.district.clone(),
                one.grade.clone(),
                one.officers.join(" "),
                one.substitution.to_string(),
            ]
        })
        .collect();
    table(&head, &rows)
}
