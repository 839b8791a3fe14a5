//! `wuxin reconcile`: what the platform shows, compared with what it should show.

use std::{fs, path::PathBuf};

use super::{
    Failure, Shared,
    output::{TextOrJson, print, print_json},
    runtime,
};
use crate::{
    clock::Clock,
    config::Settings,
    service::{
        self, ComparisonLine, DifferenceLine, DriftCounts, Publisher, Reconciled, Shows,
        drift_history, sign_comparison,
    },
};

/// Compare; what must not be visible is taken down at once. In the name of the account in WUXIN_TOKEN.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Reconcile {
    #[command(subcommand)]
    view: Option<View>,
    /// Export of the platform instead of asking it: CSV, XLSX or XML by the columns of the profile
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Put a new version of every record that differs into the outbox
    #[arg(long)]
    repair: bool,
    /// Answer for what the last comparison found instead; with the cause
    #[arg(long, value_name = "WORDS", conflicts_with_all = ["file", "repair"])]
    sign: Option<String>,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

#[derive(Debug, clap::Subcommand)]
enum View {
    /// The comparisons so far and how many differences of each class they found, the latest first
    History {
        /// How many
        #[arg(long, value_name = "N", default_value_t = 30)]
        limit: usize,
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
}

impl Reconcile {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let settings = shared.settings()?;
        runtime::log(&settings)?;
        if let Some(View::History { limit, format }) = &self.view {
            return history(&settings, *limit, *format);
        }
        if let Some(words) = &self.sign {
            return sign(&settings, words);
        }
        let shows = match &self.file {
            None => Shows::Platform,
            Some(path) => Shows::File {
                name: path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned(),
                bytes: fs::read(path).map_err(|fault| Failure::file(path, &fault))?,
            },
        };
        let publisher = Publisher::new(&settings.publish)?;
        let app = runtime::open(&settings)?;
        let actor = runtime::caller(&app)?;
        let clock = Clock::System;
        let now = move || clock.now();
        let found = runtime::block_on(async {
            let run = service::reconcile(&app, &publisher, &actor, shows, self.repair, &now);
            Ok(run.await?)
        })?;
        match self.format {
            TextOrJson::Json => print_json(&found)?,
            TextOrJson::Text => print(&words(&found))?,
        }
        match &found.comparison.failed {
            Some(why) => Err(Failure::Outside(why.clone())),
            None if found.is_clean() => Ok(()),
            None => Err(Failure::Said),
        }
    }
}

fn sign(settings: &Settings, words: &str) -> Result<(), Failure> {
    let app = runtime::open(settings)?;
    let actor = runtime::caller(&app)?;
    let now = Clock::System.now();
    let signed = app
        .store
        .write(|db| sign_comparison(db, &app, &actor, words, now))?;
    print(&format!("{signed} difference(s) signed off\n"))
}

fn history(settings: &Settings, limit: usize, format: TextOrJson) -> Result<(), Failure> {
    let app = runtime::open(settings)?;
    let actor = runtime::caller(&app)?;
    let lines = app
        .store
        .read(|db| drift_history(db, &app.target, &actor, limit))?;
    match format {
        TextOrJson::Json => print_json(&lines),
        TextOrJson::Text => {
            let lines: Vec<String> = lines.iter().map(history_line).collect();
            print(&lines.concat())
        }
    }
}

fn history_line(line: &ComparisonLine) -> String {
    let told = match &line.failed {
        Some(why) => format!("not compared: {why}"),
        None => counts(&line.differences),
    };
    let at = line.finished_at.format("%Y-%m-%dT%H:%M:%SZ");
    format!("{at} {} by {}: {told}\n", line.source, line.run_by)
}

fn counts(counts: &DriftCounts) -> String {
    format!(
        "EXTRA {}, MISSING {}, STATUS_DIFF {}, STALE_VERSION {}, NAME_CHANGED {}, FIELD_DIFF {}",
        counts.extra,
        counts.missing,
        counts.status_diff,
        counts.stale_version,
        counts.name_changed,
        counts.field_diff
    )
}

fn words(found: &Reconciled) -> String {
    let mut text = found.summary() + "\n";
    if found.comparison.failed.is_some() {
        return text;
    }
    text.push_str(&counts(&found.comparison.differences));
    text.push('\n');
    for line in &found.found {
        text.push_str(&difference(line));
    }
    for record in &found.not_judged {
        text.push_str(&format!("on its way: record {record}\n"));
    }
    for record in &found.slow {
        text.push_str(&format!("taken, not shown yet: record {record}\n"));
    }
    for alarm in &found.alarms {
        text.push_str(&format!("needs a person: {alarm}\n"));
    }
    text
}

fn difference(line: &DifferenceLine) -> String {
    let one = &line.difference;
    let record = one.record_id.map_or("-".to_owned(), |id| id.to_string());
    let version = |known: Option<u32>| known.map_or("-".to_owned(), |version| version.to_string());
    let mut text = format!(
        "{} {record} {} {} version {} theirs {} [{}]\n",
        one.class,
        one.uscc,
        one.decision_no,
        version(one.ours),
        version(one.theirs),
        line.state
    );
    for field in &one.fields {
        text.push_str(&format!(
            "  {}: ours {:?}, theirs {:?}\n",
            field.field, field.ours, field.theirs
        ));
    }
    text
}
