//! The store: connections, transactions, and the way from async code to both.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use diesel::{
    RunQueryDsl,
    connection::{
        AnsiTransactionManager, SimpleConnection, TransactionManager, TransactionManagerStatus,
    },
    r2d2::{ManageConnection, NopErrorHandler, Pool, PooledConnection},
    sql_query,
    sql_types::Text,
};
use tokio::sync::Semaphore;

use super::{Db, FromStore, OpenError, StoreError, db::each, open::Target};

/// Runs of one transaction before its error is passed on. Each waits longer than the one before.
const ATTEMPTS: u32 = 25;
/// Runs of a transaction that met a taken key: where that is not a race, it stays so.
const ATTEMPTS_TAKEN: u32 = 4;
const LONGEST_PAUSE: Duration = Duration::from_millis(250);
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(15);

/// A database, open and with its schema up to date. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    target: Target,
    pool: Pool<Manager>,
    /// SQLite has one writer at a time; queueing here is fairer than polling for the lock of the file.
    writer: Mutex<()>,
    permits: Arc<Semaphore>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.url()).finish()
    }
}

/// Connections of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionCounts {
    pub idle: u32,
    pub busy: u32,
    pub most: u32,
}

/// Makes connections for the pool.
struct Manager(Target);

impl ManageConnection for Manager {
    type Connection = Db;
    type Error = OpenError;

    fn connect(&self) -> Result<Db, OpenError> {
        let mut db = self.0.connect()?;
        if self.0 == Target::Memory {
            // It is made with its connection.
            self.0.migrate(&mut db)?;
        }
        Ok(db)
    }

    fn is_valid(&self, db: &mut Db) -> Result<(), OpenError> {
        each!(db, c => c.batch_execute("SELECT 1")).map_err(|error| OpenError::Connect {
            url: self.0.shown(),
            cause: error.to_string(),
        })
    }

    fn has_broken(&self, db: &mut Db) -> bool {
        // A transaction that is still open was left by a panic: what it did must not become part of the next one.
        thread::panicking()
            || each!(db, c => match AnsiTransactionManager::transaction_manager_status_mut(c) {
                TransactionManagerStatus::InError => true,
                TransactionManagerStatus::Valid(status) => status.transaction_depth().is_some(),
            })
    }
}

impl Store {
    /// Opens `sqlite:PATH` (creating the file, never its directory), `sqlite::memory:` or `postgres://...` with at most
    /// `size` connections, and brings the schema up to date. Connections beyond the first are opened when needed.
    pub fn open(url: &str, size: u32) -> Result<Self, OpenError> {
        let target = Target::parse(url)?;
        // A database in memory lives in its connection: there is one, and everybody shares it.
        let size = match (&target, size) {
            (_, 0) => return Err(OpenError::NoConnections),
            (Target::Memory, _) => 1,
            (_, size) => size,
        };
        if target != Target::Memory {
            target.migrate(&mut target.connect()?)?;
        }
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .idle_timeout(None)
            .max_lifetime(None)
            .test_on_check_out(true)
            .connection_timeout(CONNECTION_TIMEOUT)
            .error_handler(Box::new(NopErrorHandler))
            .build_unchecked(Manager(target.clone()));
        Ok(Self {
            inner: Arc::new(Inner {
                target,
                pool,
                writer: Mutex::new(()),
                permits: Arc::new(Semaphore::new(size as usize)),
            }),
        })
    }

    /// The URL, without a password; for logs and health pages.
    pub fn url(&self) -> String {
        self.inner.target.shown()
    }

    /// How many connections there are.
    pub fn connections(&self) -> ConnectionCounts {
        let state = self.inner.pool.state();
        ConnectionCounts {
            idle: state.idle_connections,
            busy: state.connections - state.idle_connections,
            most: self.inner.pool.max_size(),
        }
    }

    /// Whether the database answers.
    pub fn ping(&self) -> Result<(), StoreError> {
        let mut db = self.connection()?;
        Ok(each!(&mut *db, c => c.batch_execute("SELECT 1"))?)
    }

    /// Lets the database count what it holds, so that it plans well: after a bulk import. (PostgreSQL does so by itself,
    /// but only some time later.)
    pub fn analyze(&self) -> Result<(), StoreError> {
        let mut db = self.connection()?;
        Ok(match &mut *db {
            Db::Pg(c) => c.batch_execute(
                "ANALYZE company; ANALYZE contract; ANALYZE record; ANALYZE score; ANALYZE score_current",
            ),
            Db::Lite(c) => c.batch_execute("PRAGMA optimize"),
        }?)
    }

    /// Writes a copy of a SQLite database, whole and of one moment, to a file that does not exist yet.
    ///
    /// # Errors
    /// [`StoreError::Unsupported`] on PostgreSQL, which has `pg_dump`; [`StoreError::Database`] if the file exists.
    pub fn backup(&self, file: &Path) -> Result<(), StoreError> {
        let mut db = self.connection()?;
        match &mut *db {
            Db::Pg(_) => Err(StoreError::Unsupported(
                "a PostgreSQL database is backed up with pg_dump",
            )),
            Db::Lite(c) => {
                let name = file.to_string_lossy();
                sql_query("VACUUM INTO ?")
                    .bind::<Text, _>(name)
                    .execute(c)?;
                Ok(())
            }
        }
    }

    /// Reads in one transaction: everything it sees is of one moment. A write in it is refused by the database.
    ///
    /// Must not be called inside another `read` or `write` of the same thread.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut db = self.connection()?;
        begin_read(&mut db).map_err(StoreError::from)?;
        let result = work(&mut db);
        let ended = end_read(&mut db).map_err(StoreError::from);
        let value = result?;
        ended?;
        Ok(value)
    }

    /// Writes in one transaction: all of it, or nothing if `work` returns an error.
    ///
    /// The transaction is as if it ran alone (SERIALIZABLE on PostgreSQL, BEGIN IMMEDIATE on SQLite), and is run again
    /// when another one got in its way: `work` must do nothing but talk to the database.
    ///
    /// Must not be called inside another `read` or `write` of the same thread.
    pub fn write<T, E: FromStore>(
        &self,
        mut work: impl FnMut(&mut Db) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut attempt = 1;
        loop {
            let error = match self.write_once(&mut work) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let again = error.store_error().is_some_and(|error| {
                (error.is_transient() && attempt < ATTEMPTS)
                    || (error.is_taken() && attempt < ATTEMPTS_TAKEN && self.is_postgres())
            });
            if !again {
                return Err(error);
            }
            thread::sleep(pause(attempt));
            attempt += 1;
        }
    }

    fn write_once<T, E: From<StoreError>>(
        &self,
        work: &mut impl FnMut(&mut Db) -> Result<T, E>,
    ) -> Result<T, E> {
        let turn = (!self.is_postgres()).then_some(&self.inner.writer);
        // A writer that panicked was rolled back: there is nothing to be poisoned.
        let _turn = turn.map(|writer| writer.lock().unwrap_or_else(PoisonError::into_inner));
        // Only then a connection: writers that wait must not keep readers from theirs.
        let mut db = self.connection()?;
        begin_write(&mut db).map_err(StoreError::from)?;
        match work(&mut db) {
            Ok(value) => {
                each!(&mut *db, c => AnsiTransactionManager::commit_transaction(c))
                    .map_err(StoreError::from)?;
                Ok(value)
            }
            Err(error) => {
                // A rollback that fails leaves a broken connection, which the pool drops; the first error is the one
                // to tell.
                if each!(&mut *db, c => AnsiTransactionManager::rollback_transaction(c)).is_err() {
                    tracing::warn!(database = %self.url(), "rollback failed; the connection is dropped");
                }
                Err(error)
            }
        }
    }

    /// [`Store::read`] from async code: waits for a connection without holding a thread, then reads on a thread that may
    /// block.
    pub async fn read_async<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.on_thread(move |store| store.read(work)).await
    }

    /// [`Store::write`] from async code. Runs to its end even if the caller goes away.
    pub async fn write_async<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnMut(&mut Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: FromStore + Send + 'static,
    {
        self.on_thread(move |store| store.write(work)).await
    }

    async fn on_thread<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Self) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let permit = Arc::clone(&self.inner.permits)
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Closed)?;
        let store = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&store)
        });
        match task.await {
            Ok(result) => result,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(StoreError::Closed.into()),
        }
    }

    pub(in crate::store) fn is_postgres(&self) -> bool {
        matches!(self.inner.target, Target::Postgres(_))
    }

    fn connection(&self) -> Result<PooledConnection<Manager>, StoreError> {
        self.inner
            .pool
            .get()
            .map_err(|error| StoreError::Exhausted(error.to_string()))
    }
}

fn begin_read(db: &mut Db) -> diesel::QueryResult<()> {
    match db {
        Db::Pg(c) => AnsiTransactionManager::begin_transaction_sql(
            c,
            "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
        ),
        Db::Lite(c) => {
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN")?;
            c.batch_execute("PRAGMA query_only = ON")
        }
    }
}

fn end_read(db: &mut Db) -> diesel::QueryResult<()> {
    match db {
        Db::Pg(c) => AnsiTransactionManager::rollback_transaction(c),
        Db::Lite(c) => {
            // In this order: while the transaction is open, the pool drops the connection rather than lend it again.
            c.batch_execute("PRAGMA query_only = OFF")?;
            AnsiTransactionManager::rollback_transaction(c)
        }
    }
}

fn begin_write(db: &mut Db) -> diesel::QueryResult<()> {
    match db {
        Db::Pg(c) => AnsiTransactionManager::begin_transaction_sql(
            c,
            "BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        ),
        Db::Lite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
    }
}

/// 1, 2, 4 ... ms, of which a random half: two transactions that met do not meet again in step.
fn pause(attempt: u32) -> Duration {
    let longest = Duration::from_millis(1 << attempt.min(10)).min(LONGEST_PAUSE);
    let random = RandomState::new().hash_one(attempt) % 1_000;
    longest / 2 + longest.mul_f64(random as f64 / 2_000.0)
}
