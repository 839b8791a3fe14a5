//! One connection, of either kind.

use std::fmt;

use diesel::{PgConnection, SqliteConnection};

/// A connection to one of the two databases. Queries that both can run are run on it directly; what diesel cannot say
/// for both at once (`ON CONFLICT`, many rows in one `INSERT`) goes through the macro `each!`.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// PostgreSQL 15 or later.
    Pg(PgConnection),
    /// SQLite, built in.
    Lite(SqliteConnection),
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pg(_) => "Db::Pg",
            Self::Lite(_) => "Db::Lite",
        })
    }
}

/// Compiles one body for each database: `each!(db, c => query.execute(c))`.
macro_rules! each {
    ($db:expr, $connection:ident => $body:expr) => {
        match $db {
            $crate::store::Db::Pg($connection) => $body,
            $crate::store::Db::Lite($connection) => $body,
        }
    };
}
pub(in crate::store) use each;
