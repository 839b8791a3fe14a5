//! Texts that a complaint cannot do without.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text with something in it, at most [`Text::LONGEST`] characters. Surrounding white space is dropped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text(String);

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("内容不能为空")]
    Empty,
    #[error("内容有{0}字，最多{max}字", max = Text::LONGEST)]
    Long(usize),
}

impl Text {
    /// In characters.
    pub const LONGEST: usize = 4_000;

    pub fn parse(raw: &str) -> Result<Self, TextError> {
        let text = raw.trim();
        let length = text.chars().count();
        match length {
            0 => Err(TextError::Empty),
            1..=Self::LONGEST => Ok(Self(text.to_owned())),
            _ => Err(TextError::Long(length)),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_something_in_it_and_an_end() {
        assert_eq!(Text::parse(" 电梯停运 ").unwrap().as_str(), "电梯停运");
        assert_eq!(Text::parse(" \n"), Err(TextError::Empty));
        assert!(Text::parse(&"字".repeat(Text::LONGEST)).is_ok());
        let long = Text::parse(&"字".repeat(Text::LONGEST + 1));
        assert_eq!(long, Err(TextError::Long(Text::LONGEST + 1)));
    }
}
