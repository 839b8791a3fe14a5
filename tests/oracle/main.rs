//! A second, naive reading of the rule language (`docs/rules.md`), and random rule sets and facts on which the engine has to
//! agree with it to the byte. It shares no code with the engine: it reads the file itself, adds in fractions, keeps lists,
//! and looks at one day after another.
//!
//! `WUXIN_ORACLE_CASES=100000 cargo test --test oracle` looks at more cases, `WUXIN_ORACLE_DAYS=800` further ahead.
#![cfg(test)]

mod calendar;
mod case;
mod condition;
mod differential;
mod fraction;
mod metamorphic;
mod policy;
mod question;
mod render;
mod spec;
mod sum;
mod verdict;
mod world;
