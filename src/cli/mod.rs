//! The command line: one file per command. Machine output goes to stdout, everything else to stderr.
//!
//! Exit codes: 0 done, 1 the input or the state is at fault (each fault named), 2 usage, 3 an outside system failed.

mod account;
mod attachments;
mod audit;
mod backup;
mod calendar;
mod check;
mod complaint;
mod deadlines;
mod demo;
mod document;
mod draw;
mod explain;
mod facts;
mod failure;
mod feed;
mod files;
mod import;
mod jobs;
mod list;
mod output;
mod publish;
mod receiver;
mod reconcile;
mod record;
mod replay;
mod rules;
mod runtime;
mod score;
mod serve;
mod whatif;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

pub use failure::Failure;

use crate::{config::Settings, secret::Secret};

/// Credit scoring and blacklist service for property-management companies.
#[derive(Debug, Parser)]
#[command(name = "wuxin", version, about, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Clone, clap::Args)]
struct Shared {
    /// Settings file [default: wuxin.toml in this folder, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Database: `sqlite:PATH` or `postgres://...` [environment: WUXIN_DATABASE_URL]
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A whole synthetic city in one go: load, score, list, publish to a stand-in platform, serve the site
    Demo(demo::Demo),
    /// API, web pages and scheduled jobs
    Serve(serve::Serve),
    /// Scheduled jobs alone
    Work(serve::Work),
    /// Scheduled jobs: when each runs, how its last run went; run one by hand
    Jobs(jobs::Jobs),
    /// Copy the database and its attachments, and check the copy
    Backup(backup::Backup),
    /// Score files without a database, or what is stored
    Score(score::Score),
    /// How one score came about, row by row
    Explain(explain::Explain),
    /// What time, rectifications and upheld objections would make of one score
    WhatIf(whatif::WhatIf),
    /// Compute stored scores again from what was known then, and compare every byte
    Replay(replay::Replay),
    /// Lint rule sets and run their worked cases
    #[command(subcommand)]
    Rules(rules::Rules),
    /// Spot checks: a draw that anyone can check without the drawn being warned
    #[command(subcommand)]
    Draw(draw::Draw),
    /// Load companies, projects and records from CSV or XLSX
    Import(import::Import),
    /// Steps of a list entry: proposed, noticed, decided, published, removed
    #[command(subcommand)]
    List(list::List),
    /// The board of running periods: what is due, to whom, and when
    Deadlines(deadlines::Deadlines),
    /// Documents: issue, show, list, void; check their templates
    #[command(subcommand)]
    Document(document::Document),
    /// Calendars of working days, before they are used
    #[command(subcommand)]
    Calendar(calendar::CalendarCommand),
    /// Due process of a record: notice, objection, rectification, attachments
    #[command(subcommand)]
    Record(record::Record),
    /// Files that records rest on
    #[command(subcommand)]
    Attachments(attachments::Attachments),
    /// Complaints: entered, walked through the four levels, counted
    #[command(subcommand)]
    Complaint(complaint::Complaint),
    /// Spot checks in the house: libraries of items and officers, tasks and their draws
    #[command(subcommand)]
    Check(check::Check),
    /// Profiles of platforms, and batches that go as files
    #[command(subcommand)]
    Feed(feed::Feed),
    /// One run of the publisher now
    Publish(publish::Publish),
    /// Compare what the platform shows with what it should show
    Reconcile(reconcile::Reconcile),
    /// A stand-in credit platform that can be told to misbehave
    Receiver(receiver::Receiver),
    /// The audit trail: read it, and check that it is still what was written
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Accounts of officers, reviewers, publishers and administrators
    #[command(subcommand)]
    Account(account::Account),
}

/// Runs the program.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    match execute(&arguments.shared, arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print();
            failure.exit_code()
        }
    }
}

fn execute(shared: &Shared, command: Command) -> Result<(), Failure> {
    match command {
        Command::Demo(demo) => demo.run(),
        Command::Serve(serve) => serve.run(shared),
        Command::Work(work) => work.run(shared),
        Command::Jobs(jobs) => jobs.run(shared),
        Command::Backup(backup) => backup.run(shared),
        Command::Score(score) => score.run(shared),
        Command::Explain(explain) => explain.run(shared),
        Command::WhatIf(what_if) => what_if.run(shared),
        Command::Replay(replay) => replay.run(shared),
        Command::Rules(rules) => rules.run(shared),
        Command::Draw(draw) => draw.run(),
        Command::Import(import) => import.run(shared),
        Command::List(list) => list.run(shared),
        Command::Deadlines(deadlines) => deadlines.run(shared),
        Command::Document(document) => document.run(shared),
        Command::Calendar(calendar) => calendar.run(),
        Command::Record(record) => record.run(shared),
        Command::Attachments(attachments) => attachments.run(shared),
        Command::Complaint(complaint) => complaint.run(shared),
        Command::Check(check) => check.run(shared),
        Command::Feed(feed) => feed.run(shared),
        Command::Publish(publish) => publish.run(shared),
        Command::Reconcile(reconcile) => reconcile.run(shared),
        Command::Receiver(receiver) => receiver.run(),
        Command::Audit(audit) => audit.run(shared),
        Command::Account(account) => account.run(shared),
    }
}

impl Shared {
    /// Settings with these flags put over them.
    fn settings(&self) -> Result<Settings, Failure> {
        let mut settings = Settings::load(self.config.as_deref(), |name| std::env::var(name).ok())?;
        if let Some(url) = &self.database {
            settings.database_url = Secret::new(url);
        }
        Ok(settings)
    }
}
