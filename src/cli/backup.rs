//! `wuxin backup`: a copy now; `wuxin backup verify`: whether a copy is whole.

use std::path::{Path, PathBuf};

use super::{
    Failure, Shared,
    output::{TextOrJson, print, print_json},
    runtime,
};
use crate::{
    clock::Clock,
    service::backup::{BackupError, back_up, verify},
};

/// Copy the database and its attachments into a folder, and check the copy; the service may run meanwhile.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Backup {
    #[command(subcommand)]
    what: Option<What>,
    /// Folder of the copies; it has to be there [default: the setting backup.folder]
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Check every page and reference of a copy, and what its manifest says
    Verify {
        file: PathBuf,
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
}

impl Backup {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        if let Some(What::Verify { file, format }) = &self.what {
            return check(file, *format);
        }
        let mut settings = shared.settings()?;
        if self.to.is_some() {
            settings.backup.folder.clone_from(&self.to);
        }
        let app = runtime::open(&settings)?;
        let done = back_up(&app, Clock::System.now())?;
        match self.format {
            TextOrJson::Json => print_json(&done),
            TextOrJson::Text => print(&(done.summary() + "\n")),
        }
    }
}

fn check(file: &Path, format: TextOrJson) -> Result<(), Failure> {
    let (contents, manifest) = verify(file)?;
    match format {
        TextOrJson::Json => print_json(&serde_json::json!({
            "file": file, "schema": contents.schema, "rows": contents.rows, "manifest": manifest,
        })),
        TextOrJson::Text => {
            let mut text = String::new();
            for (table, rows) in &contents.rows {
                text.push_str(&format!("{rows:>10} {table}\n"));
            }
            let schema = contents.schema.last().map_or("none", String::as_str);
            text.push_str(&format!("whole; schema {schema}; "));
            text.push_str(&match &manifest {
                Some(manifest) => format!(
                    "as its manifest says, taken {}\n",
                    runtime::local(manifest.taken_at)
                ),
                None => "there is no manifest beside it\n".to_owned(),
            });
            print(&text)
        }
    }
}

impl From<BackupError> for Failure {
    fn from(fault: BackupError) -> Self {
        match fault {
            BackupError::Io { .. } | BackupError::Store(_) => Self::Outside(fault.to_string()),
            _ => Self::Input(fault.to_string()),
        }
    }
}
