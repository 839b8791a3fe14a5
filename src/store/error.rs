//! What can go wrong with the store.

use diesel::result::{DatabaseErrorKind, Error as Diesel};

/// A failure of the store. A failed query is never told as "not found".
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed the row since it was read; read it again and decide anew.
    #[error("{what} {key} is at version {found}, not at {expected}: it was changed meanwhile")]
    Conflict {
        what: &'static str,
        key: String,
        expected: i64,
        found: i64,
    },
    /// There is already another one under this key.
    #[error("{what} {key} exists already, with other content")]
    Exists { what: &'static str, key: String },
    /// Looked up, and not there.
    #[error("there is no {what} {key}")]
    NotFound { what: &'static str, key: String },
    /// A row is not in the state that the step needs.
    #[error("{what} {key} is {found}; this step needs {needed}")]
    State {
        what: &'static str,
        key: String,
        found: String,
        needed: &'static str,
    },
    /// Records keep their subject; these ids came with another company than they are stored with.
    #[error("the company of a record cannot change, but it does for: {}", .0.join(", "))]
    SubjectChanged(Vec<String>),
    /// The same key several times in one bulk write.
    #[error("several {what} rows have the same key: {}", .keys.join(", "))]
    Twice {
        what: &'static str,
        keys: Vec<String>,
    },
    /// The lease was lost (or ran out) before this step; whoever has it now goes on.
    #[error("the lease {name} with token {token} is no longer held")]
    LeaseLost { name: String, token: i64 },
    /// A stored value is not what its column holds; written by something else than this program.
    #[error("{table}.{column} holds {value:?}, which cannot be read")]
    Corrupt {
        table: &'static str,
        column: &'static str,
        value: String,
    },
    /// Text with a NUL character, which PostgreSQL cannot hold and SQLite would cut.
    #[error("{what} {key} holds a NUL character")]
    Nul { what: &'static str, key: String },
    /// This kind of database cannot do it.
    #[error("{0}")]
    Unsupported(&'static str),
    /// No connection became free in time.
    #[error("no database connection became free: {0}")]
    Exhausted(String),
    /// The store is being shut down.
    #[error("the store is closed")]
    Closed,
    /// The database refused or failed.
    #[error("database: {0}")]
    Database(#[from] Diesel),
}

impl StoreError {
    /// Whether the same transaction may succeed when it is run again: another one was in its way.
    pub(in crate::store) fn is_transient(&self) -> bool {
        let Self::Database(error) = self else {
            return false;
        };
        match error {
            Diesel::DatabaseError(kind, information) => match kind {
                DatabaseErrorKind::SerializationFailure => true,
                // Neither deadlocks (PostgreSQL) nor a busy database (SQLite) have a kind of their own.
                DatabaseErrorKind::Unknown => {
                    let message = information.message();
                    ["deadlock detected", "检测到死锁", "is locked"]
                        .iter()
                        .any(|known| message.contains(known))
                }
                _ => false,
            },
            Diesel::RollbackErrorOnCommit { commit_error, .. } => matches!(
                commit_error.as_ref(),
                Diesel::DatabaseError(DatabaseErrorKind::SerializationFailure, _)
            ),
            _ => false,
        }
    }

    /// Whether a unique key was taken: where two transactions insert the same key at once, the second one sees the
    /// first one's row when it is run again.
    pub(in crate::store) fn is_taken(&self) -> bool {
        matches!(
            self,
            Self::Database(Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
        )
    }
}

/// An error of a use case that may wrap one of the store's, so that [`super::Store::write`] can tell whether to run
/// the transaction again.
pub trait FromStore: From<StoreError> {
    /// The store's error inside, if it is one.
    fn store_error(&self) -> Option<&StoreError>;
}

impl FromStore for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}
