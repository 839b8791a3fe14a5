//! A fault of one field of something that was submitted.

use crate::rules::RecordFault;

/// What is wrong with one field, and what to do about it; shown to the person who filled it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// JSON pointer (RFC 6901) into what was submitted.
    pub pointer: String,
    /// Stable code.
    pub code: String,
    /// In Chinese.
    pub what: String,
    /// In Chinese.
    pub fix: String,
}

impl FieldFault {
    pub fn new(field: &str, code: &str, what: impl Into<String>) -> Self {
        Self {
            pointer: format!("/{field}"),
            code: code.to_owned(),
            what: what.into(),
            fix: String::new(),
        }
    }
}

impl From<RecordFault> for FieldFault {
    fn from(fault: RecordFault) -> Self {
        Self {
            pointer: format!("/{}", fault.column),
            code: fault.code.to_owned(),
            what: fault.what,
            fix: fault.fix,
        }
    }
}
