//! A fault of the data somebody gave us, told so that they can mend it.

use std::fmt;

use serde::Serialize;

/// One thing wrong with one place of a file. Everything in it is shown to the person who has to mend the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    /// Name of the file.
    pub file: String,
    /// Row as a spreadsheet counts: the header is row 1. Absent where the whole file is meant.
    pub row: Option<u64>,
    pub column: Option<String>,
    /// The value that was wrong, as it was given.
    pub value: Option<String>,
    /// Stable code, `I0xx` for files and `D0xx` for data that the rules cannot use.
    pub code: &'static str,
    /// What is wrong, in Chinese.
    pub what: String,
    /// What to do about it, in Chinese.
    pub fix: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(row) = self.row {
            write!(f, "，第{row}行")?;
        }
        if let Some(column) = &self.column {
            write!(f, "，{column}列")?;
        }
        if let Some(value) = &self.value {
            write!(f, "，值「{}」", shorten(value))?;
        }
        write!(f, "：[{}] {}", self.code, self.what)?;
        if !self.fix.is_empty() {
            write!(f, "。{}", self.fix)?;
        }
        Ok(())
    }
}

/// A value of a hostile file may be long; a message is not.
fn shorten(value: &str) -> String {
    const LONGEST: usize = 60;
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
