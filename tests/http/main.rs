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
mod desk;
mod desk_work;
mod documents;
mod door;
mod examined;
mod forms;
mod house;
mod listing;
mod lookup;
mod matrix;
mod metrics;
mod open;
mod papers;
mod plans;
mod portal;
mod procedure;
mod prospects;
mod reconcile;
mod records;
mod sign_in;
mod visits;
