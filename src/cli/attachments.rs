//! `wuxin attachments`: whether the files of records are there, and as they were.

use super::{
    Failure, Shared,
    output::{TextOrJson, print, print_json},
    runtime,
};
use crate::service;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Attachments {
    /// Read every file and compare it with its digest: missing, changed, orphaned, unfinished
    Check {
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
}

impl Attachments {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let Self::Check { format } = self;
        let app = runtime::open(&shared.settings()?)?;
        let found = service::check_attachments(&app)?;
        match format {
            TextOrJson::Json => print_json(&found)?,
            TextOrJson::Text => {
                let mut text = format!("sound {}\n", found.sound);
                for (word, names) in [
                    ("missing", &found.missing),
                    ("changed", &found.changed),
                    ("orphaned", &found.orphaned),
                    ("unfinished", &found.unfinished),
                ] {
                    for name in names {
                        text += &format!("{word} {name}\n");
                    }
                }
                print(&text)?;
            }
        }
        if found.is_sound() {
            return Ok(());
        }
        Err(Failure::Input(format!(
            "{} attachments are missing and {} changed, in {}",
            found.missing.len(),
            found.changed.len(),
            app.attachments.folder().display()
        )))
    }
}
