//! The rooms that read hostile text, and what is done with it.

#[path = "../../src/domain/mod.rs"]
pub mod domain;
#[path = "../../src/intake/mod.rs"]
pub mod intake;
#[path = "../../src/rules/mod.rs"]
pub mod rules;
