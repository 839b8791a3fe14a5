//! What is kept: companies, contracts, records, scores, list entries, the outbox, leases, accounts and the audit trail,
//! on SQLite (embedded) or PostgreSQL, with one query text for both.
//!
//! May know: SQL, diesel and [`crate::domain`]. Knows no HTTP and no rules: a rule file, an explanation and a payload
//! are text that comes in and goes out unread. Every function that stores a time takes `now`.
//!
//! A use case opens one transaction with [`Store::write`] (or [`Store::read`]) and calls the functions of the files
//! below with the [`Db`] it is given; nothing here opens a transaction of its own, so that an event, its outbox row
//! and its audit row are stored together or not at all.
//!
//! | file | holds |
//! |---|---|
//! | [`companies`], [`contracts`] | the registry: who manages what |
//! | [`records`] | facts, in versions that are only ever added, and the events of their procedure |
//! | [`attachments`], [`blobs`] | files that records rest on: their rows, and their bytes in a folder beside the database |
//! | [`dossiers`] | a company with its contracts and records, as scoring wants them |
//! | [`rulesets`], [`scores`] | rule files by digest; results with their explanations, and the current one |
//! | [`statistics`] | figures about all companies at once |
//! | [`history`] | what was known of a company at an instant |
//! | [`entries`] | list entries and their events, with optimistic locking |
//! | [`deadlines`] | running periods of matters and their history |
//! | [`documents`] | issued documents and the counters of their numbers |
//! | [`list_bases`] | the legal basis of a list, and who approved it |
//! | [`complaints`] | complaints, their events, and the complainants apart from them |
//! | [`checks`] | spot checks: libraries, tasks, published draws, secrets, who visits whom |
//! | [`inspections`] | the visits of spot checks, what hangs on them, and when their results were published |
//! | [`feed`] | the outbox, sealed batches and attempts to send them |
//! | [`leases`], [`jobs`] | who may act, and which slots of a schedule have run |
//! | [`sign_in`] | passwords, second factors, sessions, failed attempts and what happened at the door |
//! | [`backup`] | copies of a SQLite file, and whether one is whole |
//! | [`audit_chain`] | what makes a change of the audit trail show |
//! | [`accounts`], [`requests`], [`audit`] | who may call, what was answered, what was done |
//!
//! Columns: days are TEXT `YYYY-MM-DD`, instants BIGINT microseconds UTC, points BIGINT in units of 1/10000, JSON and
//! ids TEXT. Text is compared by code point on both databases.

mod codes;
mod columns;
mod db;
mod error;
mod open;
mod pool;
mod schema;

pub mod accounts;
pub mod attachments;
pub mod audit;
pub mod audit_chain;
pub mod backup;
pub mod blobs;
pub mod checks;
pub mod companies;
pub mod complaints;
pub mod contracts;
pub mod deadlines;
pub mod documents;
pub mod dossiers;
pub mod entries;
pub mod feed;
pub mod history;
pub mod inspections;
pub mod jobs;
pub mod leases;
pub mod list_bases;
pub mod records;
pub mod requests;
pub mod rulesets;
pub mod scores;
pub mod sign_in;
pub mod statistics;

use std::collections::BTreeSet;

use crate::domain::Uscc;

pub use db::Db;
pub use error::{FromStore, StoreError};
pub use open::OpenError;
pub use pool::{ConnectionCounts, Store};

/// Rows handled by one statement. 1,000 rows of the widest table (25 columns) stay under SQLite's 32,766 parameters
/// and PostgreSQL's 65,535.
const CHUNK: usize = 1_000;

/// What a bulk write did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub new: usize,
    pub changed: usize,
    pub unchanged: usize,
}

/// What a bulk write did, and to whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    pub counts: Counts,
    /// Companies whose facts are new or changed; the ones to score again.
    pub companies: BTreeSet<Uscc>,
}

/// A page of rows in the order of their key, and the key to go on from; absent on the last page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, K> {
    pub rows: Vec<T>,
    pub next: Option<K>,
}

impl<T, K> Page<T, K> {
    /// Makes a page of at most `limit` rows out of rows that were asked for with `limit + 1`.
    fn cut(mut rows: Vec<T>, limit: usize, key: impl Fn(&T) -> K) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(key) } else { None };
        Self { rows, next }
    }
}

/// One row more than a page, as SQL wants it.
fn one_more(limit: usize) -> i64 {
    i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX)
}
