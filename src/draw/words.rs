//! The smallest pieces of a draw: ids, digests, instants and texts, each with one written form.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::domain::{Day, fold_code};

/// The code of an object, an officer, a grade or a qualification: 1 to 64 of `0-9 A-Z - _ . / ( )` and Chinese
/// characters (U+4E00 to U+9FFF). Full width, lower case and spaces are folded away, so that one thing has one id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id(String);

/// A text that is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("编号不能为空")]
    Empty,
    #[error("编号「{value}」有{length}个字符，最多64个")]
    Long { value: String, length: usize },
    #[error("编号「{value}」中不能有「{character}」，只能用数字、字母、汉字和 - _ . / ( )")]
    Character { value: String, character: char },
}

impl Id {
    /// Folds and checks.
    pub fn parse(raw: &str) -> Result<Self, IdError> {
        let value = fold_code(raw);
        let length = value.chars().count();
        let allowed = |c: &char| matches!(c, '0'..='9' | 'A'..='Z' | '-' | '_' | '.' | '/' | '(' | ')' | '\u{4E00}'..='\u{9FFF}');
        if let Some(character) = value.chars().find(|c| !allowed(c)) {
            return Err(IdError::Character { value, character });
        }
        match length {
            0 => Err(IdError::Empty),
            1..=64 => Ok(Self(value)),
            _ => Err(IdError::Long { value, length }),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({})", self.0)
    }
}

impl TryFrom<String> for Id {
    type Error = IdError;
    fn try_from(raw: String) -> Result<Self, IdError> {
        Self::parse(&raw)
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0
    }
}

/// 32 bytes, written as 64 lower-case hexadecimal digits: digests, seeds, secrets, salts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bytes32(pub [u8; 32]);

/// A text that is not 32 bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("「{0}」不是64位十六进制数")]
pub struct Bytes32Error(pub String);

impl Bytes32 {
    /// Reads 64 hexadecimal digits of either case.
    pub fn parse(text: &str) -> Result<Self, Bytes32Error> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim(), &mut bytes)
            .map(|()| Self(bytes))
            .map_err(|_| Bytes32Error(text.to_owned()))
    }

    /// The first eight bytes, as a number that sorts as they do.
    pub(super) fn first(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// SHA-256 of the parts, one after the other.
    pub fn digest(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

impl fmt::Display for Bytes32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Bytes32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes32({self})")
    }
}

impl TryFrom<String> for Bytes32 {
    type Error = Bytes32Error;
    fn try_from(raw: String) -> Result<Self, Bytes32Error> {
        Self::parse(&raw)
    }
}

impl From<Bytes32> for String {
    fn from(bytes: Bytes32) -> Self {
        bytes.to_string()
    }
}

/// An instant to the second, written `2026-07-01T01:00:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Instant(DateTime<Utc>);

/// A text that is not an instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("时间「{0}」格式不对，应为 2026-07-01T01:00:00Z（协调世界时）")]
pub struct InstantError(pub String);

const WRITTEN: &str = "%Y-%m-%dT%H:%M:%SZ";

impl Instant {
    /// The second this instant lies in.
    pub fn of(instant: DateTime<Utc>) -> Self {
        Self::at(instant.timestamp()).unwrap_or(Self(instant))
    }

    /// So many seconds after 1970, if that is between 1900 and 9999.
    pub fn at(seconds: i64) -> Option<Self> {
        let instant = DateTime::from_timestamp(seconds, 0)?;
        let day = Day::from_date(instant.date_naive());
        day.map(|_| Self(instant))
    }

    pub fn parse(text: &str) -> Result<Self, InstantError> {
        NaiveDateTime::parse_from_str(text, WRITTEN)
            .ok()
            .and_then(|instant| Self::at(instant.and_utc().timestamp()))
            .ok_or_else(|| InstantError(text.to_owned()))
    }

    /// The day it is in Asia/Shanghai.
    pub fn day(self) -> Day {
        Day::of(self.0)
    }

    /// Seconds after 1970.
    pub fn seconds(self) -> i64 {
        self.0.timestamp()
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format(WRITTEN))
    }
}

impl TryFrom<String> for Instant {
    type Error = InstantError;
    fn try_from(raw: String) -> Result<Self, InstantError> {
        Self::parse(&raw)
    }
}

impl From<Instant> for String {
    fn from(instant: Instant) -> Self {
        instant.to_string()
    }
}

/// Whether a text says anything: it has a character beyond spaces (U+0020 and below, U+3000).
pub fn says_something(text: &str) -> bool {
    text.chars().any(|c| c > ' ' && c != '\u{3000}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_folded_to_one_form_or_refused() {
        let table = [
            ("xm-01", Some("XM-01")),
            (" ＸＭ－０１ ", Some("XM-01")),
            ("X M\u{3000}-0 1", Some("XM-01")),
            ("川M0017（甲）", Some("川M0017(甲)")),
            ("", None),
            (" \u{200b}", None),
            ("a\"b", None),
            ("а1", None), // Cyrillic
            ("😀", None),
        ];
        for (raw, expected) in table {
            let parsed = Id::parse(raw);
            assert_eq!(parsed.ok().as_ref().map(Id::as_str), expected, "{raw}");
        }
        assert!(Id::parse(&"9".repeat(64)).is_ok() && Id::parse(&"9".repeat(65)).is_err());
    }

    #[test]
    fn instants_have_one_form() {
        let text = "2026-07-01T01:00:00Z";
        let instant = Instant::parse(text).unwrap();
        assert_eq!(instant.to_string(), text);
        assert_eq!(Instant::at(instant.seconds()), Some(instant));
        for bad in [
            "2026-07-01",
            "2026-07-01T01:00:00+08:00",
            "2026-02-30T01:00:00Z",
            "2026-07-01T24:00:00Z",
            "0000-01-01T00:00:00Z",
        ] {
            assert!(Instant::parse(bad).is_err(), "{bad}");
        }
    }
}
