//! `wuxin feed export`: batches as files, for a person to upload.

use std::path::PathBuf;

use crate::{
    cli::{
        Failure, Shared,
        output::{TextOrJson, print, print_json},
        runtime,
    },
    clock::Clock,
    service::{Publisher, Scope},
};

/// Seals what waits and writes every batch that has no receipt yet; a file that is there is never overwritten.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Export {
    /// This batch only, also one that is settled
    #[arg(long, value_name = "NUMBER")]
    batch: Option<i64>,
    /// Folder to write to
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

impl Export {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let settings = shared.settings()?;
        runtime::log(&settings)?;
        let publisher = Publisher::new(&settings.publish)?;
        let app = runtime::open(&settings)?;
        if self.batch.is_none() {
            let clock = Clock::System;
            let now = move || clock.now();
            let report =
                runtime::block_on(async { Ok(publisher.run(&app, Scope::Now, &now).await?) })?;
            for alarm in &report.alarms {
                eprintln!("needs a person: {alarm}");
            }
        }
        let exported = app
            .store
            .read(|db| publisher.export(db, self.batch, &self.folder))?;
        match self.format {
            TextOrJson::Json => print_json(&exported),
            TextOrJson::Text => {
                let lines = exported.iter().map(|one| {
                    let file = one.file.display();
                    format!(
                        "batch {}: {} record(s), {file}, SM3 {}\n",
                        one.batch, one.records, one.sm3
                    )
                });
                print(&lines.collect::<String>())
            }
        }
    }
}
