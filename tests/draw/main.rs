//! Spot-check draws: fair, the same everywhere, and found out when anything is changed.
#![cfg(test)]

#[path = "../support/program.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod program;

mod command;
mod fair;
mod peers;
mod report;
mod tamper;
mod teams;
mod vectors;
mod world;
mod year;
