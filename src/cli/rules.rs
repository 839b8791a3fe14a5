//! `wuxin rules`: what authors do with rule sets, one file per subcommand.

mod check;
mod diff;
mod explain;
mod show;
mod workbook;

use super::{Failure, Shared};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Rules {
    /// Lint files and run their worked cases; every fault of every file in one run
    Check(check::Check),
    /// What a code of `rules check` means: its page, with a wrong and a right example
    Explain(explain::Explain),
    /// What changed between two rule sets, in words; with records, who moves because of it
    Diff(diff::Diff),
    /// The official scoring table: text, a page that prints, or a workbook
    Show(show::Show),
}

impl Rules {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        match self {
            Self::Check(check) => check.run(),
            Self::Explain(explain) => explain.run(),
            Self::Diff(diff) => diff.run(shared),
            Self::Show(show) => show.run(),
        }
    }
}
