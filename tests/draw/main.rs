//! Spot-check draws: fair, the same everywhere, and found out when anything is changed.
#![cfg(test)]

mod peers;
mod tamper;
mod world;
