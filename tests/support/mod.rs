//! What several test programs share.
#![allow(dead_code, reason = "each test program uses its own part of it")]

pub mod postgres;
pub mod synthetic;

use std::path::PathBuf;

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use wuxin::store::Store;

/// A store of its own for one test; gone when the test is over.
pub struct TestStore {
    pub store: Store,
    pub url: String,
    _place: Place,
}

enum Place {
    File(tempfile::TempDir),
    Schema { url: String, name: String },
}

impl Drop for Place {
    fn drop(&mut self) {
        let Self::Schema { url, name } = self else {
            return;
        };
        let dropped = PgConnection::establish(url)
            .map_err(|error| error.to_string())
            .and_then(|mut connection| {
                connection
                    .batch_execute(&format!("DROP SCHEMA {name} CASCADE"))
                    .map_err(|error| error.to_string())
            });
        if let Err(error) = dropped {
            eprintln!("schema {name} was left behind: {error}");
        }
    }
}

impl TestStore {
    /// A SQLite file in a temporary directory.
    pub fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path: PathBuf = directory.path().join("wuxin.db");
        let url = format!("sqlite:{}", path.display());
        Self {
            store: Store::open(&url, 8).unwrap(),
            url,
            _place: Place::File(directory),
        }
    }

    /// A schema of its own on the PostgreSQL server of this test process.
    pub fn postgres() -> Self {
        let server = postgres::server_url();
        let name = postgres::fresh_name();
        PgConnection::establish(&server)
            .unwrap()
            .batch_execute(&format!("CREATE SCHEMA {name}"))
            .unwrap();
        let joint = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{joint}options=-csearch_path%3D{name}");
        Self {
            store: Store::open(&url, 8).unwrap(),
            url,
            _place: Place::Schema { url: server, name },
        }
    }
}

/// Makes two tests of each body, one for each database.
#[macro_export]
macro_rules! on_both {
    ($($body:ident),+ $(,)?) => {
        $(mod $body {
            #[test]
            fn sqlite() {
                super::$body(&$crate::support::TestStore::sqlite());
            }

            #[test]
            fn postgres() {
                super::$body(&$crate::support::TestStore::postgres());
            }
        })+
    };
}

/// Takes away what look-ups read, as a failing database would.
pub fn break_store(url: &str) {
    const BREAK: &str = "ALTER TABLE score_current RENAME TO score_current_gone";
    match url.strip_prefix("sqlite:") {
        Some(path) => diesel::SqliteConnection::establish(path)
            .unwrap()
            .batch_execute(BREAK)
            .unwrap(),
        None => PgConnection::establish(url)
            .unwrap()
            .batch_execute(BREAK)
            .unwrap(),
    }
}
