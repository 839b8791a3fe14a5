//! `wuxin rules`: what authors do with rule sets, one file per subcommand.

mod check;

use super::Failure;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Rules {
    /// Lint files and run their worked cases; every fault of every file in one run
    Check(check::Check),
}

impl Rules {
    pub(super) fn run(&self) -> Result<(), Failure> {
        match self {
            Self::Check(check) => check.run(),
        }
    }
}
