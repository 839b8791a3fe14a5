//! Periods and documents, the same on both databases.
#![cfg(test)]

mod support;

#[path = "papers/keeping.rs"]
mod keeping;
#[path = "papers/office.rs"]
mod office;
