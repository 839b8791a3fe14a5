//! `wuxin rules`: what authors do with rule sets, one file per subcommand.

mod check;
mod explain;
mod show;
mod workbook;

use std::{fs, path::Path};

use super::Failure;
use crate::rules::RuleSet;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Rules {
    /// Lint files and run their worked cases; every fault of every file in one run
    Check(check::Check),
    /// What a code of `rules check` means: its page, with a wrong and a right example
    Explain(explain::Explain),
    /// The official scoring table (评分标准): text, a page to print, or a workbook
    Show(show::Show),
}

impl Rules {
    pub(super) fn run(&self) -> Result<(), Failure> {
        match self {
            Self::Check(check) => check.run(),
            Self::Explain(explain) => explain.run(),
            Self::Show(show) => show.run(),
        }
    }
}

/// A rule set that may be used; what is wrong with it is told as `rules check` does.
fn load(path: &Path) -> Result<RuleSet, Failure> {
    let source = fs::read_to_string(path).map_err(|fault| Failure::file(path, &fault))?;
    match RuleSet::load(&path.display().to_string(), &source) {
        Ok(loaded) => Ok(loaded.ruleset),
        Err(found) => {
            let told: Vec<String> = found.iter().map(|one| one.render(&source)).collect();
            Err(Failure::Input(told.join("\n")))
        }
    }
}
