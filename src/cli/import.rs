//! `wuxin import`: companies, projects and records from files; every faulty row is reported.

use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};

use super::{
    Failure, Shared,
    output::{TextOrJson, print, print_json},
    runtime,
};
use crate::{
    clock::Clock,
    domain::Fault,
    intake,
    service::{self, ImportFiles, ImportReport, Progress, Tally},
};

/// Load files; nothing is stored if any row is faulty, unless --keep-going.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// Companies, CSV or XLSX
    #[arg(long, value_name = "FILE")]
    companies: Option<PathBuf>,
    /// Management contracts of projects
    #[arg(long, value_name = "FILE")]
    projects: Option<PathBuf>,
    /// Records
    #[arg(long, value_name = "FILE")]
    records: Option<PathBuf>,
    /// Check only, store nothing
    #[arg(long)]
    dry_run: bool,
    /// Store the good rows even if others are faulty (the exit code stays 1)
    #[arg(long)]
    keep_going: bool,
    /// Write the faulty rows to this CSV file
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

impl Import {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        if self.companies.is_none() && self.projects.is_none() && self.records.is_none() {
            return Err(Failure::Usage(
                "give --companies, --projects or --records".to_owned(),
            ));
        }
        let settings = shared.settings()?;
        runtime::log(&settings)?;
        let app = runtime::open(&settings)?;
        let files = ImportFiles {
            companies: self.companies.clone(),
            projects: self.projects.clone(),
            records: self.records.clone(),
            keep_going: self.keep_going,
            dry_run: self.dry_run,
        };
        let mut watch = Watch {
            bar: None,
            faults: Vec::new(),
            keep: self.errors.is_some(),
        };
        let report = service::import(&app, &files, "import", &mut watch, Clock::System.now())?;
        if let Some(path) = &self.errors {
            intake::write_fault_report_file(path, watch.faults)
                .map_err(|fault| Failure::file(path, &fault))?;
        }
        match self.format {
            TextOrJson::Json => print_json(&report)?,
            TextOrJson::Text => print(&words(&report, self.dry_run))?,
        }
        if report.faulty() > 0 {
            return Err(Failure::Said);
        }
        Ok(())
    }
}

fn words(report: &ImportReport, dry_run: bool) -> String {
    let line = |name: &str, tally: &Tally| {
        format!(
            "{name}: {} rows, {} faulty; {} new, {} changed, {} unchanged\n",
            tally.rows, tally.faulty, tally.new, tally.changed, tally.unchanged
        )
    };
    let end = match (report.stored, dry_run) {
        (true, _) => format!("stored; {} scores changed\n", report.rescored),
        (false, true) => "dry run: nothing was stored\n".to_owned(),
        (false, false) => {
            "nothing was stored: mend the faulty rows, or use --keep-going\n".to_owned()
        }
    };
    line("companies", &report.companies)
        + &line("projects", &report.projects)
        + &line("records", &report.records)
        + &end
}

/// Shows progress on a terminal; says each fault on stderr.
struct Watch {
    bar: Option<ProgressBar>,
    faults: Vec<Fault>,
    keep: bool,
}

impl Watch {
    fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        }
    }
}

impl Progress for Watch {
    fn file(&mut self, what: &str, name: &str, bytes: u64) {
        // On a terminal only: indicatif draws nothing elsewhere.
        let bar = ProgressBar::new(bytes);
        if let Ok(style) = ProgressStyle::with_template(
            "{prefix:>24} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
        ) {
            bar.set_style(style);
        }
        bar.set_prefix(format!("{what} {name}"));
        self.bar = Some(bar);
    }

    fn at(&mut self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
        }
    }

    fn done(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn fault(&mut self, fault: &Fault, warning: bool) {
        if warning {
            self.say(&format!("warning: {fault}"));
            return;
        }
        self.say(&fault.to_string());
        if self.keep {
            self.faults.push(fault.clone());
        }
    }
}
