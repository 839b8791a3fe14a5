//! `wuxin rules show`: the official scoring table of a rule set, as text, a page, or a workbook.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::workbook;
use crate::{
    cli::{Failure, output::print},
    rules::{RuleSet, render::Paper},
};

/// Columns of text where nobody says how many.
const WIDTH: usize = 120;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Show {
    /// Rule set
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Columns of text
    #[arg(long, value_name = "COLUMNS", default_value_t = WIDTH)]
    width: usize,
}

/// What a document is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For terminals
    Text,
    /// One page that prints on A4
    Html,
    /// A workbook
    Xlsx,
}

impl Show {
    pub(super) fn run(&self) -> Result<(), Failure> {
        if self.format == Format::Xlsx && self.out.is_none() {
            return Err(Failure::Usage(
                "a workbook is written to a file: give --out FILE".to_owned(),
            ));
        }
        let paper = load(&self.file)?.paper();
        let bytes = match self.format {
            Format::Text => paper.text(self.width).into_bytes(),
            Format::Html => page(&paper)?.into_bytes(),
            Format::Xlsx => workbook::bytes(&paper)?,
        };
        write(&bytes, self.out.as_deref())
    }
}

/// Loads a rule set; what is wrong with it goes to stderr.
pub(super) fn load(path: &Path) -> Result<RuleSet, Failure> {
    let source = fs::read_to_string(path).map_err(|fault| Failure::file(path, &fault))?;
    match RuleSet::load(&path.display().to_string(), &source) {
        Ok(loaded) => Ok(loaded.ruleset),
        Err(found) => {
            for diagnostic in found {
                eprintln!("{}", diagnostic.render(&source));
            }
            Err(Failure::Said)
        }
    }
}

pub(super) fn page(paper: &Paper) -> Result<String, Failure> {
    paper
        .html()
        .map_err(|fault| Failure::Input(fault.to_string()))
}

/// Writes to a file, or to stdout.
pub(super) fn write(bytes: &[u8], out: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = out else {
        return match std::str::from_utf8(bytes) {
            Ok(text) => print(text),
            Err(_) => io::stdout()
                .lock()
                .write_all(bytes)
                .map_err(|fault| Failure::Outside(format!("stdout: {fault}"))),
        };
    };
    fs::write(path, bytes).map_err(|fault| Failure::file(path, &fault))
}
