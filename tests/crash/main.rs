//! The real publisher, killed: at named points between its steps and at random moments, while the real stand-in platform
//! misbehaves; and the platform, killed under it. Afterwards the platform's ledger must hold every effect exactly once.
#![cfg(test)]

#[path = "../support/program.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod program;

mod guarantees;
mod jobs;
mod judge;
mod matrix;
#[path = "../support/postgres.rs"]
mod postgres;
mod publisher;
mod stage;
#[cfg(feature = "mutants")]
mod teeth;
