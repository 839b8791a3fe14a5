//! Copies of a SQLite database: what one holds, and whether it is whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use diesel::{
    Connection, QueryResult, RunQueryDsl, SqliteConnection,
    dsl::sql,
    sql_types::{BigInt, Integer, Text},
};

use super::{Db, Store, StoreError, open::APPLICATION_ID};

/// What a database holds, in figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Versions of the schema that were applied, the oldest first.
    pub schema: Vec<String>,
    /// Rows of each table.
    pub rows: BTreeMap<String, i64>,
    /// Tables whose rows never go.
    pub append_only: BTreeSet<String>,
}

/// Why a file is no good copy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    #[error("{}: there is no such file", .0.display())]
    Missing(PathBuf),
    #[error("{}: this is no database of this program", .0.display())]
    Foreign(PathBuf),
    #[error("{}: {cause}", .file.display())]
    Unreadable { file: PathBuf, cause: String },
    #[error("{}: the copy is damaged: {why}", .file.display())]
    Damaged { file: PathBuf, why: String },
}

/// Opens a copy for reading only, has SQLite check every page, index and reference of it, and counts.
pub fn inspect(file: &Path) -> Result<Contents, CopyError> {
    if !file.is_file() {
        return Err(CopyError::Missing(file.to_owned()));
    }
    let unreadable = |cause: String| CopyError::Unreadable {
        file: file.to_owned(),
        cause,
    };
    let mut connection = SqliteConnection::establish(&read_only(file))
        .map_err(|fault| unreadable(fault.to_string()))?;
    let c = &mut connection;
    let damaged = |why: String| CopyError::Damaged {
        file: file.to_owned(),
        why,
    };
    let id: i32 = sql::<Integer>("PRAGMA application_id")
        .get_result(c)
        .map_err(|fault| unreadable(fault.to_string()))?;
    if id != APPLICATION_ID {
        return Err(CopyError::Foreign(file.to_owned()));
    }
    let check = |fault: diesel::result::Error| damaged(fault.to_string());
    let faults: Vec<String> = sql::<Text>("PRAGMA integrity_check(10)")
        .load(c)
        .map_err(check)?;
    if faults != ["ok"] {
        return Err(damaged(faults.join("; ")));
    }
    let dangling: i64 = sql::<BigInt>("SELECT count(*) FROM pragma_foreign_key_check")
        .get_result(c)
        .map_err(check)?;
    if dangling > 0 {
        return Err(damaged(format!("{dangling} row(s) refer to none")));
    }
    contents(c).map_err(check)
}

/// The file as a URI that neither creates nor changes it.
fn read_only(file: &Path) -> String {
    let path = file.to_string_lossy();
    let path = path
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    format!("file:{path}?mode=ro")
}

fn contents(c: &mut SqliteConnection) -> QueryResult<Contents> {
    let schema = sql::<Text>("SELECT version FROM __diesel_schema_migrations ORDER BY version")
        .load::<String>(c)?;
    let tables = sql::<Text>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name",
    )
    .load::<String>(c)?;
    let append_only = sql::<Text>(
        "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name = tbl_name || '_no_delete'",
    )
    .load::<String>(c)?;
    let mut rows = BTreeMap::new();
    for table in tables {
        let quoted = table.replace('"', "\"\"");
        let count: i64 =
            sql::<BigInt>(&format!("SELECT count(*) FROM \"{quoted}\"")).get_result(c)?;
        rows.insert(table, count);
    }
    Ok(Contents {
        schema,
        rows,
        append_only: append_only.into_iter().collect(),
    })
}

impl Store {
    /// Whether the database is a file of this machine.
    pub fn is_embedded(&self) -> bool {
        !self.is_postgres()
    }

    /// What the database holds now.
    ///
    /// # Errors
    /// [`StoreError::Unsupported`] on PostgreSQL.
    pub fn contents(&self) -> Result<Contents, StoreError> {
        self.read(|db| match db {
            Db::Pg(_) => Err(StoreError::Unsupported(
                "a PostgreSQL database is backed up with pg_dump",
            )),
            Db::Lite(c) => Ok(contents(c)?),
        })
    }
}
