//! `wuxin feed receipt`: what a person brings back from the platform.

use std::{fs, path::PathBuf};

use crate::{
    cli::{
        Failure, Shared,
        output::{TextOrJson, print, print_json},
        runtime,
    },
    clock::Clock,
    service::{Brought, Publisher},
};

/// The same file again, or an old one, changes nothing. A file with a fault settles nothing and is kept with what is wrong.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Receipt {
    /// Return file or rejection list: CSV, XLSX or XML
    #[arg(value_name = "FILE", required_unless_present = "number")]
    file: Option<PathBuf>,
    /// Number of the batch [default: by the name of the file]
    #[arg(long, value_name = "NUMBER", required_unless_present = "file")]
    batch: Option<i64>,
    /// Number that the platform gave for the upload
    #[arg(long, value_name = "TEXT", conflicts_with = "file")]
    number: Option<String>,
    /// With `--number`: the platform says it took every record
    #[arg(long, requires = "number")]
    accepted: bool,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

impl Receipt {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let settings = shared.settings()?;
        runtime::log(&settings)?;
        let brought = self.brought()?;
        let publisher = Publisher::new(&settings.publish)?;
        let app = runtime::open(&settings)?;
        let clock = Clock::System;
        let now = move || clock.now();
        let imported = runtime::block_on(async {
            Ok(publisher.import(&app, self.batch, brought, &now).await?)
        })?;
        match self.format {
            TextOrJson::Json => print_json(&imported)?,
            TextOrJson::Text => {
                let mut text = format!(
                    "batch {}: {}: {}\n",
                    imported.batch, imported.outcome, imported.detail
                );
                for alarm in &imported.alarms {
                    text.push_str(&format!("needs a person: {alarm}\n"));
                }
                print(&text)?;
            }
        }
        if imported.alarms.is_empty() {
            Ok(())
        } else {
            Err(Failure::Said)
        }
    }

    fn brought(&self) -> Result<Brought, Failure> {
        match (&self.file, &self.number) {
            (Some(path), _) => Ok(Brought::File {
                name: path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned(),
                bytes: fs::read(path).map_err(|fault| Failure::file(path, &fault))?,
            }),
            (None, Some(number)) if self.accepted => Ok(Brought::AllAccepted(number.clone())),
            (None, Some(number)) => Ok(Brought::Number(number.clone())),
            (None, None) => Err(Failure::Usage("name a FILE or --number".to_owned())),
        }
    }
}
