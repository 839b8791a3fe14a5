//! `wuxin rules`: what authors do with rule sets, one file per subcommand.

mod check;
mod explain;
mod show;
mod workbook;

use super::Failure;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Rules {
    /// Lint files and run their worked cases; every fault of every file in one run
    Check(check::Check),
    /// What a code of `rules check` means: its page, with a wrong and a right example
    Explain(explain::Explain),
    /// The official scoring table: text, a page that prints, or a workbook
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
