//! How a command fails: what is printed, and with which exit code.

use std::process::ExitCode;

use crate::{config::ConfigError, domain::Fault};

/// Why a command stopped.
#[derive(Debug)]
pub enum Failure {
    /// Faults of the input, each with its place. Exit 1.
    Faults(Vec<Fault>),
    /// The input or the state is at fault. Exit 1.
    Input(String),
    /// The command line asks for something that does not go together. Exit 2.
    Usage(String),
    /// An outside system (database, platform, network) failed. Exit 3.
    Outside(String),
    /// Everything that had to be said has been printed. Exit 1.
    Said,
}

impl Failure {
    /// Prints to stderr.
    pub fn print(&self) {
        match self {
            Self::Faults(faults) => {
                for fault in faults {
                    eprintln!("{fault}");
                }
                eprintln!("{} fault(s); nothing was done", faults.len());
            }
            Self::Input(message) | Self::Usage(message) | Self::Outside(message) => {
                eprintln!("error: {message}")
            }
            Self::Said => {}
        }
    }

    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Faults(_) | Self::Input(_) | Self::Said => ExitCode::from(1),
            Self::Usage(_) => ExitCode::from(2),
            Self::Outside(_) => ExitCode::from(3),
        }
    }

    /// A file that cannot be read or written is the caller's to mend.
    pub fn file(path: &std::path::Path, source: &std::io::Error) -> Self {
        Self::Input(format!("{}: {source}", path.display()))
    }
}

impl From<ConfigError> for Failure {
    fn from(fault: ConfigError) -> Self {
        Self::Input(fault.to_string())
    }
}
