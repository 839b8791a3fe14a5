//! Periods and documents, the same on both databases.
#![cfg(test)]

mod support;

#[path = "papers/board.rs"]
mod board;
#[path = "papers/documents.rs"]
mod documents;
#[path = "papers/keeping.rs"]
mod keeping;
#[path = "papers/office.rs"]
mod office;
