//! `wuxin feed`: what an operator does with profiles and with platforms that take files, one file per subcommand.

mod check;

use super::{Failure, Shared};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Feed {
    /// Lint profiles of platforms and show what they make of synthetic records
    Check(check::Check),
}

impl Feed {
    pub(super) fn run(&self, _shared: &Shared) -> Result<(), Failure> {
        match self {
            Self::Check(check) => check.run(),
        }
    }
}
