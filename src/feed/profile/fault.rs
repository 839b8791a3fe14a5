//! What is wrong with the file of a profile.

use std::fmt;

use serde::Serialize;

/// One thing wrong, with its line and what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ProfileFault {
    /// Counted from 1.
    pub line: usize,
    pub what: String,
    pub fix: String,
}

impl fmt::Display for ProfileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}; {}", self.line, self.what, self.fix)
    }
}

/// Everything wrong with the file of a profile; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ProfileError {
    /// Name of the file.
    pub file: String,
    /// By line.
    pub faults: Vec<ProfileFault>,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            let ProfileFault { line, what, fix } = fault;
            write!(f, "{end}{}:{line}: {what}; {fix}", self.file)?;
        }
        Ok(())
    }
}
