//! `wuxin feed`: what an operator does with profiles and with platforms that take files, one file per subcommand.

mod check;
mod export;
mod receipt;

use super::{Failure, Shared};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Feed {
    /// Lint profiles of platforms and show what they make of synthetic records
    Check(check::Check),
    /// Write batches to files, for a person to upload
    Export(export::Export),
    /// Take in what a person brings back: a receipt number, a return file
    Receipt(receipt::Receipt),
}

impl Feed {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        match self {
            Self::Check(check) => check.run(),
            Self::Export(export) => export.run(shared),
            Self::Receipt(receipt) => receipt.run(shared),
        }
    }
}
