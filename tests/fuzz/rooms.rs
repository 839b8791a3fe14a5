//! The rooms whose reading is fuzzed, under the name of the house: compiled alone they are there in minutes, with the whole
//! house instrumented in an hour.
#![allow(dead_code)]

#[path = "../../src/domain/mod.rs"]
pub mod domain;
#[path = "../../src/intake/mod.rs"]
pub mod intake;
#[path = "../../src/rules/mod.rs"]
pub mod rules;
