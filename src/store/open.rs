//! From a URL to a database with its schema.
//!
//! Never diesel's own `establish` for several databases: it takes whatever is no PostgreSQL URL for the name of a SQLite
//! file and creates it. Here a URL names its database or is refused, and no password ever gets into an error.

use std::{
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use diesel::{
    Connection, ConnectionError, PgConnection, RunQueryDsl, SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    dsl::sql,
    migration::MigrationSource,
    sql_types::{BigInt, Integer, Text},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::Db;

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Marks a SQLite file as ours (`PRAGMA application_id`): "wuxi" in ASCII.
pub(in crate::store) const APPLICATION_ID: i32 = 0x7775_7869;
/// Any number, as long as every process of ours locks the same one while it changes the schema.
const MIGRATION_LOCK: i64 = 0x7775_7869_6E00_0001;
/// How long SQLite waits for another process's write, milliseconds.
const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout = 10000";
/// How often, and after how long a pause, the journal is asked to change where SQLite does not wait itself.
const JOURNAL_TRIES: u32 = 500;
const JOURNAL_PAUSE: Duration = Duration::from_millis(20);

/// Why a database could not be opened. Shows URLs without their passwords.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error(
        "{0:?} names no database: write sqlite:PATH, sqlite::memory: or postgres://user@host/name"
    )]
    Scheme(String),
    #[error("{0:?}: after sqlite: comes the path of a file, as in sqlite:/var/lib/wuxin.db")]
    SqlitePath(String),
    #[error("{}: the directory does not exist", .0.display())]
    NoDirectory(PathBuf),
    #[error("{}: this SQLite file belongs to another program", .0.display())]
    ForeignFile(PathBuf),
    #[error("the user name or password in {0} holds one of @ / ? # or a space; percent-encode it")]
    Encoding(String),
    #[error("cannot open {url}: {cause}")]
    Connect { url: String, cause: String },
    #[error("the database {url} was made by a newer version of this program (schema {versions:?})")]
    Newer { url: String, versions: Vec<String> },
    #[error("the database {url} holds text as {encoding}; it must be UTF8")]
    DatabaseEncoding { url: String, encoding: String },
    #[error("cannot bring the schema of {url} up to date: {cause}")]
    Schema { url: String, cause: String },
    #[error("a store needs at least one connection")]
    NoConnections,
}

impl OpenError {
    /// Whether the database failed, rather than the setting that names it.
    pub fn is_outside(&self) -> bool {
        match self {
            Self::Connect { .. }
            | Self::Newer { .. }
            | Self::DatabaseEncoding { .. }
            | Self::Schema { .. } => true,
            Self::Scheme(_)
            | Self::SqlitePath(_)
            | Self::NoDirectory(_)
            | Self::ForeignFile(_)
            | Self::Encoding(_)
            | Self::NoConnections => false,
        }
    }
}

/// Changes to the write-ahead journal. Of several processes that change a new file at once SQLite refuses all but one at once,
/// whatever the busy timeout: two that wait for each other would wait for ever.
fn write_ahead(connection: &mut SqliteConnection) -> diesel::QueryResult<()> {
    let mut tries = 1;
    loop {
        match connection.batch_execute("PRAGMA journal_mode = WAL") {
            Err(diesel::result::Error::DatabaseError(_, information))
                if information.message().contains("locked") && tries < JOURNAL_TRIES =>
            {
                tries += 1;
                thread::sleep(JOURNAL_PAUSE);
            }
            done => return done,
        }
    }
}

/// A database somebody named, checked for form only.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::store) enum Target {
    Postgres(String),
    File(PathBuf),
    Memory,
}

impl Target {
    /// Reads `sqlite:PATH`, `sqlite::memory:` or `postgres://...`.
    pub fn parse(url: &str) -> Result<Self, OpenError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            check_encoding(url)?;
            return Ok(Self::Postgres(url.to_owned()));
        }
        let Some(path) = url.strip_prefix("sqlite:") else {
            return Err(OpenError::Scheme(scheme_only(url)));
        };
        if path == ":memory:" {
            return Ok(Self::Memory);
        }
        // `//` and `file:` would be read as URIs by SQLite, with query parameters and all.
        let is_uri = path.starts_with("//") || path.starts_with("file:");
        if path.is_empty() || path.contains('\0') || path.starts_with(':') || is_uri {
            return Err(OpenError::SqlitePath(url.to_owned()));
        }
        Ok(Self::File(PathBuf::from(path)))
    }

    /// The URL to show.
    pub fn shown(&self) -> String {
        match self {
            Self::Postgres(url) => redact(url),
            Self::File(path) => format!("sqlite:{}", path.display()),
            Self::Memory => "sqlite::memory:".to_owned(),
        }
    }

    /// Opens one connection, ready for use but for the schema.
    pub fn connect(&self) -> Result<Db, OpenError> {
        match self {
            Self::Postgres(url) => {
                let mut connection = PgConnection::establish(url)
                    .map_err(|error| self.failed(&connection_cause(error)))?;
                // Notices ("relation exists, skipping") are no news. A generic plan does not know that a list of keys has
                // a thousand of them, and reads the whole table once for each: 140 s instead of 1 s for an import.
                connection
                    .batch_execute(
                        "SET client_min_messages = warning; SET plan_cache_mode = force_custom_plan",
                    )
                    .map_err(|error| self.failed(&error.to_string()))?;
                Ok(Db::Pg(connection))
            }
            Self::File(path) => {
                let parent = path.parent().filter(|parent| *parent != Path::new(""));
                if let Some(parent) = parent
                    && !parent.is_dir()
                {
                    return Err(OpenError::NoDirectory(parent.to_owned()));
                }
                let text = path
                    .to_str()
                    .ok_or_else(|| self.failed("the path is not UTF-8"))?;
                self.connect_sqlite(text)
            }
            Self::Memory => self.connect_sqlite(":memory:"),
        }
    }

    fn connect_sqlite(&self, path: &str) -> Result<Db, OpenError> {
        let mut connection = SqliteConnection::establish(path)
            .map_err(|error| self.failed(&connection_cause(error)))?;
        let failed = |error: diesel::result::Error| self.failed(&error.to_string());
        connection.batch_execute(BUSY_TIMEOUT).map_err(failed)?;
        // Before anything is written: a file of another program stays as it is.
        self.check_owner(&mut connection)?;
        write_ahead(&mut connection).map_err(failed)?;
        connection
            .batch_execute(
                "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;
                 PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768;",
            )
            .map_err(failed)?;
        Ok(Db::Lite(connection))
    }

    fn check_owner(&self, connection: &mut SqliteConnection) -> Result<(), OpenError> {
        let failed = |error: diesel::result::Error| self.failed(&error.to_string());
        // In this order: whoever makes a new file ours writes the mark and the tables at once, so that tables seen first are
        // marked by the time the mark is read.
        let objects: i64 = sql::<BigInt>("SELECT count(*) FROM sqlite_master")
            .get_result(connection)
            .map_err(failed)?;
        let id: i32 = sql::<Integer>("PRAGMA application_id")
            .get_result(connection)
            .map_err(failed)?;
        match self {
            Self::File(path) if id != APPLICATION_ID && (id != 0 || objects > 0) => {
                Err(OpenError::ForeignFile(path.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Brings the schema up to date; one process at a time.
    pub fn migrate(&self, db: &mut Db) -> Result<(), OpenError> {
        match db {
            Db::Pg(connection) => self.migrate_postgres(connection),
            Db::Lite(connection) => {
                AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
                    .map_err(|error| self.schema(&error))?;
                connection
                    .batch_execute(&format!("PRAGMA application_id = {APPLICATION_ID}"))
                    .map_err(|error| self.schema(&error))?;
                self.run(connection, SQLITE_MIGRATIONS)?;
                AnsiTransactionManager::commit_transaction(connection)
                    .map_err(|error| self.schema(&error))
            }
        }
    }

    fn migrate_postgres(&self, connection: &mut PgConnection) -> Result<(), OpenError> {
        let encoding: String = sql::<Text>("SELECT current_setting('server_encoding')")
            .get_result(connection)
            .map_err(|error| self.schema(&error))?;
        if encoding != "UTF8" {
            return Err(OpenError::DatabaseEncoding {
                url: self.shown(),
                encoding,
            });
        }
        let lock = |word: &str| format!("SELECT pg_advisory_{word}({MIGRATION_LOCK})");
        connection
            .batch_execute(&lock("lock"))
            .map_err(|error| self.schema(&error))?;
        let result = self.run(connection, POSTGRES_MIGRATIONS);
        connection
            .batch_execute(&lock("unlock"))
            .map_err(|error| self.schema(&error))?;
        result
    }

    fn run<C, B>(&self, connection: &mut C, migrations: EmbeddedMigrations) -> Result<(), OpenError>
    where
        B: diesel::backend::Backend,
        C: MigrationHarness<B>,
        EmbeddedMigrations: MigrationSource<B>,
    {
        let known: Vec<String> = MigrationSource::<B>::migrations(&migrations)
            .map_err(|error| self.schema(error.as_ref()))?
            .iter()
            .map(|migration| migration.name().version().to_string())
            .collect();
        let versions: Vec<String> = connection
            .applied_migrations()
            .map_err(|error| self.schema(error.as_ref()))?
            .iter()
            .map(ToString::to_string)
            .filter(|version| !known.contains(version))
            .collect();
        if !versions.is_empty() {
            return Err(OpenError::Newer {
                url: self.shown(),
                versions,
            });
        }
        connection
            .run_pending_migrations(migrations)
            .map_err(|error| self.schema(error.as_ref()))?;
        Ok(())
    }

    fn failed(&self, cause: &str) -> OpenError {
        OpenError::Connect {
            url: self.shown(),
            cause: self.clean(cause),
        }
    }

    fn schema(&self, cause: &dyn std::error::Error) -> OpenError {
        OpenError::Schema {
            url: self.shown(),
            cause: self.clean(&cause.to_string()),
        }
    }

    /// libpq repeats the URL, password and all, when it cannot read it.
    fn clean(&self, cause: &str) -> String {
        let Self::Postgres(url) = self else {
            return cause.to_owned();
        };
        let mut text = cause.replace(url.as_str(), &redact(url));
        for secret in secrets(url) {
            text = text.replace(secret, "***");
        }
        text
    }
}

fn connection_cause(error: ConnectionError) -> String {
    error.to_string().trim_end().to_owned()
}

/// The part of a URL between `://` and the last `@` before the query, as (user, password).
fn user_info(url: &str) -> Option<(&str, Option<&str>)> {
    let rest = &url[url.find("://")? + 3..];
    let info = &rest[..rest.rfind('@')?];
    Some(match info.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (info, None),
    })
}

/// Values of `password=` and `sslpassword=` in the query.
fn query_secrets(url: &str) -> impl Iterator<Item = &str> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(key, _)| key.ends_with("password"))
        .map(|(_, value)| value)
}

fn secrets(url: &str) -> Vec<&str> {
    let password = user_info(url).and_then(|(_, password)| password);
    let mut secrets: Vec<&str> = password.into_iter().chain(query_secrets(url)).collect();
    secrets.retain(|secret| !secret.is_empty());
    secrets
}

/// The URL with its passwords replaced.
fn redact(url: &str) -> String {
    let mut shown = url.to_owned();
    if let Some((user, Some(password))) = user_info(url) {
        shown = shown.replacen(&format!("{user}:{password}@"), &format!("{user}:***@"), 1);
    }
    for secret in query_secrets(url).filter(|secret| !secret.is_empty()) {
        shown = shown.replace(&format!("password={secret}"), "password=***");
    }
    shown
}

/// A raw `@` or `/` in a password makes libpq take the rest of it for a host, and show it.
fn check_encoding(url: &str) -> Result<(), OpenError> {
    let query_begins = url.find('?').unwrap_or(url.len());
    let Some((user, password)) = user_info(&url[..query_begins]).or_else(|| user_info(url)) else {
        return Ok(());
    };
    let suspicious = |text: &str| text.contains(['@', '/', '?', '#', ' ']);
    if suspicious(user) || password.is_some_and(suspicious) {
        return Err(OpenError::Encoding(redact(url)));
    }
    Ok(())
}

/// What is safe to show of something that is no URL of ours: it may be one with a password and a slip in it.
fn scheme_only(url: &str) -> String {
    match url.split_once(':') {
        Some((scheme, _)) => format!("{scheme}:..."),
        None if url.contains(['=', '@']) => "...".to_owned(),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_its_database_or_is_refused() {
        assert!(matches!(
            Target::parse("sqlite::memory:"),
            Ok(Target::Memory)
        ));
        assert!(matches!(
            Target::parse("sqlite:data/wuxin.db"),
            Ok(Target::File(_))
        ));
        assert!(matches!(
            Target::parse("postgres://a@b/c"),
            Ok(Target::Postgres(_))
        ));
        for url in [
            "",
            "wuxin.db",
            "postgers://u:secret@h/d",
            "mysql://h/d",
            "host=h password=secret",
        ] {
            let Err(OpenError::Scheme(shown)) = Target::parse(url) else {
                unreachable!("{url} was taken");
            };
            assert!(!shown.contains("secret"), "{shown}");
        }
        for url in [
            "sqlite:",
            "sqlite:///wuxin.db",
            "sqlite:file:x?mode=ro",
            "sqlite::memry:",
        ] {
            assert!(
                matches!(Target::parse(url), Err(OpenError::SqlitePath(_))),
                "{url}"
            );
        }
    }

    #[test]
    fn no_password_is_ever_shown() {
        for url in [
            "postgres://u:s3cret@h/d",
            "postgres://u:s3cret@h:port/d?sslmode=require",
            "postgres://u@h/d?password=s3cret",
            "postgres://u@h/d?x=1&sslpassword=s3cret",
            "postgres://u:s3c/s3cret@h/d",
            "postgres://u:p@s3cret@h/d",
            "postgres://u:p?s3cret@h/d",
        ] {
            assert!(!redact(url).contains("s3cret"), "{}", redact(url));
            if let Err(error) = Target::parse(url) {
                assert!(!error.to_string().contains("s3cret"), "{error}");
            } else {
                let target = Target::Postgres(url.to_owned());
                let text = target
                    .failed(&format!("invalid port in {url}: \"s3cret\""))
                    .to_string();
                assert!(!text.contains("s3cret"), "{text}");
            }
        }
    }
}
