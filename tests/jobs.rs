//! Scheduled jobs under a clock that the test turns, through the real loop; backups that are killed, damaged and restored.
#![cfg(test)]

mod support;

#[path = "support/program.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod program;

#[path = "jobs/audit.rs"]
mod audit;
#[path = "jobs/backups.rs"]
mod backups;
#[path = "jobs/runs.rs"]
mod runs;
#[path = "jobs/schedule.rs"]
mod schedule;
#[path = "jobs/watch.rs"]
mod watch;
