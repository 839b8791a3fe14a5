//! Whether a version of a record has reached the public.

use std::fmt;

use serde::Serialize;

use super::{Difference, DifferenceClass, Expected, Shown};

/// What the public sees instead of what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unseen {
    /// It should see the entry and does not.
    NotShown,
    /// It sees an earlier version.
    Version(u32),
    /// The platform tells no versions, and what it shows is not what was sent.
    Other,
    /// It should not see the entry and does.
    StillShown,
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotShown => f.write_str("not shown"),
            Self::Version(version) => write!(f, "version {version} is shown"),
            Self::Other => f.write_str("shown with other content"),
            Self::StillShown => f.write_str("still shown"),
        }
    }
}

/// Judges a record by its rows and what differs about it; none: it is as it should be seen.
pub(super) fn unseen(
    ours: &Expected,
    rows: &[&Shown],
    differences: &[Difference],
) -> Option<Unseen> {
    let shown: Vec<&&Shown> = rows.iter().filter(|row| row.visible).collect();
    if !ours.visible {
        return (!shown.is_empty()).then_some(Unseen::StillShown);
    }
    if shown.is_empty() {
        return Some(Unseen::NotShown);
    }
    if let Some(newest) = shown.iter().filter_map(|row| row.version).max() {
        return (newest < ours.version).then_some(Unseen::Version(newest));
    }
    let differs = |one: &Difference| one.class != DifferenceClass::Extra;
    differences.iter().any(differs).then_some(Unseen::Other)
}
