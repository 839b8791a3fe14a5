//! `wuxin jobs`: the scheduled jobs, and one of them by hand.

use clap::builder::PossibleValuesParser;

use super::{
    Failure, Shared,
    output::{TextOrJson, print, print_json, table},
    runtime::{self, local},
    serve,
};
use crate::{
    clock::Clock,
    jobs::ByHand,
    service::jobs::{JobLine, JobName, JobRunLine, job_lines, job_runs},
};

/// When each job runs, and how its last run went. Instants of the table are those of Asia/Shanghai.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Jobs {
    #[command(subcommand)]
    what: Option<What>,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Run one now, whatever its schedule says; its slots come as they would have
    Run {
        #[arg(value_name = "NAME", value_parser = names())]
        name: String,
    },
    /// The runs of one that have ended, the latest first
    History {
        #[arg(value_name = "NAME", value_parser = names())]
        name: String,
        /// How many
        #[arg(long, value_name = "N", default_value_t = 30)]
        limit: usize,
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(JobName::ALL.map(JobName::as_str))
}

fn job(name: &str) -> Result<JobName, Failure> {
    JobName::parse(name).ok_or_else(|| Failure::Usage(format!("there is no job {name:?}")))
}

impl Jobs {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let settings = shared.settings()?;
        match &self.what {
            Some(What::Run { name }) => {
                runtime::log(&settings)?;
                let (app, job) = (runtime::open(&settings)?, job(name)?);
                let jobs = serve::jobs(&app, &Clock::System, &settings)?;
                match runtime::block_on(async { Ok(jobs.run_by_hand(job).await?) })? {
                    ByHand::Done(detail) => print(&(detail + "\n")),
                    ByHand::Failed(why) => Err(Failure::Input(format!("{job}: {why}"))),
                    ByHand::Busy => Err(Failure::Input(format!("{job} runs in another process"))),
                }
            }
            Some(What::History {
                name,
                limit,
                format,
            }) => {
                let (app, job) = (runtime::open(&settings)?, job(name)?);
                let runs = app.store.read(|db| job_runs(db, job, *limit))?;
                match format {
                    TextOrJson::Json => print_json(&runs),
                    TextOrJson::Text => print(&history(&runs)),
                }
            }
            None => {
                let app = runtime::open(&settings)?;
                let now = Clock::System.now();
                let lines = app.store.read(|db| job_lines(db, &app, now))?;
                match self.format {
                    TextOrJson::Json => print_json(&lines),
                    TextOrJson::Text => print(&overview(&lines)),
                }
            }
        }
    }
}

fn overview(lines: &[JobLine]) -> String {
    let none = || "-".to_owned();
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| {
            let last = line.last_run.as_ref();
            let standing = match (&line.off, &line.running, last) {
                (Some(why), None, _) => format!("off: {why}"),
                (_, Some(run), _) => format!("running since {}", local(run.started_at)),
                (None, None, Some(run)) => run.detail.clone(),
                (None, None, None) => "has not run yet".to_owned(),
            };
            vec![
                line.name.to_owned(),
                line.schedule.clone(),
                last.map_or_else(none, |run| local(run.started_at)),
                last.map_or_else(none, took),
                last.map_or_else(none, |run| run.outcome.to_owned()),
                line.next_try.or(line.next_run).map_or_else(none, local),
                standing,
            ]
        })
        .collect();
    let head = [
        "job", "schedule", "last run", "took", "outcome", "next run", "",
    ];
    table(&head, &rows)
}

fn history(runs: &[JobRunLine]) -> String {
    let rows: Vec<Vec<String>> = runs
        .iter()
        .map(|run| {
            vec![
                local(run.started_at),
                run.slot.map_or_else(|| "by hand".to_owned(), local),
                took(run),
                run.outcome.to_owned(),
                run.detail.clone(),
            ]
        })
        .collect();
    table(&["started", "slot", "took", "outcome", ""], &rows)
}

fn took(run: &JobRunLine) -> String {
    format!(
        "{}.{:03} s",
        run.duration_ms / 1000,
        run.duration_ms.rem_euclid(1000)
    )
}
