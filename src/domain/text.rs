//! Text that people type: its folding (full width to half width, stray spaces away), and texts that must say something.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text with something in it: a reason, a document number, a name. Surrounding white space is dropped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text(String);

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("内容不能为空")]
    Empty,
}

impl Text {
    pub fn parse(raw: &str) -> Result<Self, TextError> {
        let text = raw.trim();
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Text {
    type Error = TextError;
    fn try_from(raw: String) -> Result<Self, TextError> {
        Self::parse(&raw)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

/// A SHA-256 as people and programs write it, in its one form: 64 hex digits in lower case. Absent: it is none.
pub fn sha256_hex(raw: &str) -> Option<String> {
    let text = raw.trim().to_ascii_lowercase();
    (text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(text)
}

/// Folds a code (USCC, item code, region code): full-width ASCII to half width, upper case, surrounding and inner
/// white space and zero-width characters removed.
pub fn fold_code(raw: &str) -> String {
    let folded = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_lowercase();
    if raw.bytes().all(folded) {
        return raw.to_owned();
    }
    raw.chars()
        .map(half_width)
        .filter(|c| !c.is_whitespace() && !is_invisible(*c))
        .flat_map(char::to_uppercase)
        .collect()
}

/// The form of a name used for look-up: half width, lower case, no white space. Stored beside the name, because the
/// two databases disagree about case and collation.
pub fn normalise_name(raw: &str) -> String {
    raw.chars()
        .map(half_width)
        .filter(|c| !c.is_whitespace() && !is_invisible(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// A full-width ASCII character or space in half width; any other as it is.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{FEFF}' | '\u{2060}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_folded() {
        assert_eq!(
            fold_code(" ９１５１２００２ma6abcd10p\u{FEFF}"),
            "91512002MA6ABCD10P"
        );
        assert_eq!(normalise_name("资阳（示例）物业 ABC"), "资阳(示例)物业abc");
    }
}
