//! The HTTP interface, driven through the real router; every body runs on SQLite and on PostgreSQL.
#![cfg(test)]

#[path = "../support/mod.rs"]
mod support;

mod bureau;
mod complaints;
mod documents;
mod forms;
mod house;
mod listing;
mod lookup;
mod matrix;
mod prospects;
mod records;
