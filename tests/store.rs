//! The store, the same on both databases: every body here runs on a SQLite file and on a PostgreSQL schema of its own.
#![cfg(test)]

mod support;

#[path = "store/bases.rs"]
mod bases;
#[path = "store/checks.rs"]
mod checks;
#[path = "store/complaints.rs"]
mod complaints;
#[path = "store/due_process.rs"]
mod due_process;
#[path = "store/entries.rs"]
mod entries;
#[path = "store/feed.rs"]
mod feed;
#[path = "store/inspections.rs"]
mod inspections;
#[path = "store/offices.rs"]
mod offices;
#[path = "store/opening.rs"]
mod opening;
#[path = "store/reconcile.rs"]
mod reconcile;
#[path = "store/records.rs"]
mod records;
#[path = "store/registry.rs"]
mod registry;
#[path = "store/scores.rs"]
mod scores;
#[path = "store/transactions.rs"]
mod transactions;
