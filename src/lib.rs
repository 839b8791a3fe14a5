//! wuxin (物信): credit scoring and blacklist service for property-management companies.
//!
//! The map of the house; arrows point down only (`docs/architecture.md`, held by `tests/architecture.rs`).
//!
//! ```text
//! cli   web   jobs         the edge: arguments, HTTP, schedules
//!    \   |   /
//!     service              use cases, one transaction each
//!   /    |     \
//! store feed  intake       SQL / the platform / files
//!   \    |     /
//! rules  listing  procedure  draw   pure: what the policy says, what the law allows, who is inspected
//!      \    |         |     /
//!    domain                pure: the vocabulary
//! ```

pub mod domain;

pub mod draw;
pub mod listing;
pub mod procedure;
pub mod rules;

pub mod feed;
pub mod intake;
pub mod store;

pub mod service;

pub mod jobs;
pub mod web;

pub mod cli;

pub mod clock;
pub mod config;
pub mod secret;
pub mod telemetry;

/// The synthetic city of the demo, the tests and the benches.
#[path = "../fixtures/city/mod.rs"]
pub mod city;
