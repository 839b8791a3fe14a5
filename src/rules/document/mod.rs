//! The TOML document as typed fields: every value keeps its place, numbers come from their literal text, and a key
//! that nobody asked for is an error.

mod table;
mod value;

use std::ops::{Deref, Range};

pub(super) use self::{table::Table, value::Value};
pub(super) use super::reader::Reader;

/// A value and the bytes of the file it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    pub value: T,
    pub at: Range<usize>,
}

impl<T> Deref for Located<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}
