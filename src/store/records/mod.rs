//! Records, in versions that are only ever added: a correction, a confirmation, a revocation is a new version, and the
//! one before is marked with the instant at which it was superseded. The database refuses everything else.

pub mod events;
mod read;
mod row;
mod write;

use chrono::{DateTime, Utc};

use crate::domain::Record;

pub use read::{
    Chunk, OpenCursor, all_current, current, examined, find_many, history, known_at, of_companies,
    of_company, of_project, open, rectify_due, unassigned,
};
pub(in crate::store) use read::{of_companies_at, of_projects, of_projects_at};
pub use write::{append, put};

/// One version of a record: what was known from `recorded_at` until `superseded_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordVersion {
    pub record: Record,
    /// 1, 2, 3 ...
    pub version: i64,
    /// [`Record::digest`].
    pub digest: String,
    pub cause: Cause,
    /// Who brought it about: an account, or the file it came from.
    pub actor: String,
    pub recorded_at: DateTime<Utc>,
    /// When the next version arrived; absent for the current one.
    pub superseded_at: Option<DateTime<Utc>>,
}

/// Why a version was added.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Came from a file.
    Imported,
    /// An officer entered it.
    Entered,
    /// Another officer confirmed it (认定).
    Confirmed,
    /// Something in it was wrong.
    Corrected,
    /// It no longer holds (撤销).
    Revoked,
    /// The matter was rectified (整改).
    Rectified,
    /// The company objects (异议).
    Disputed,
    /// Its objection was rejected or withdrawn: the mark goes, and nothing else.
    Settled,
    /// It has more time to rectify (延期).
    Extended,
}

impl Cause {
    /// The code in the database and in interfaces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Entered => "entered",
            Self::Confirmed => "confirmed",
            Self::Corrected => "corrected",
            Self::Revoked => "revoked",
            Self::Rectified => "rectified",
            Self::Disputed => "disputed",
            Self::Settled => "settled",
            Self::Extended => "extended",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        const ALL: [Cause; 9] = [
            Cause::Imported,
            Cause::Entered,
            Cause::Confirmed,
            Cause::Corrected,
            Cause::Revoked,
            Cause::Rectified,
            Cause::Disputed,
            Cause::Settled,
            Cause::Extended,
        ];
        ALL.into_iter().find(|cause| cause.as_str() == code)
    }
}
