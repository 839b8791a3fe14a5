//! `wuxin rules show`: a rule set as the official scoring table.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use super::{load, workbook};
use crate::cli::{Failure, output::print};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Show {
    /// Rule set
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Where to write it; needed for a workbook
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// A page to print
    Html,
    /// A workbook
    Xlsx,
}

impl Show {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let sheet = load(&self.file)?.sheet();
        let bytes = match self.format {
            Format::Text => sheet.to_text().into_bytes(),
            Format::Html => (sheet.to_html())
                .map_err(|fault| Failure::Input(fault.to_string()))?
                .into_bytes(),
            Format::Xlsx => {
                workbook::write(&sheet).map_err(|fault| Failure::Input(fault.to_string()))?
            }
        };
        match (&self.out, self.format) {
            (Some(path), _) => save(path, &bytes),
            (None, Format::Xlsx) => Err(Failure::Input(
                "a workbook is not for a terminal: say --out FILE".to_owned(),
            )),
            (None, _) => print(&String::from_utf8_lossy(&bytes)),
        }
    }
}

fn save(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|fault| Failure::file(path, &fault))
}
