//! The HTTP interface, driven through the real router; every body runs on SQLite and on PostgreSQL.
#![cfg(test)]

#[path = "../support/mod.rs"]
mod support;

mod after;
mod attachments;
mod board;
mod bureau;
mod checks;
mod complaints;
mod contest;
mod documents;
mod forms;
mod house;
mod listing;
mod lookup;
mod matrix;
mod papers;
mod plans;
mod procedure;
mod prospects;
mod reconcile;
mod records;
