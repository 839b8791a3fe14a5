//! How values of the domain look in a column, and back.

use std::{
    collections::{BTreeSet, HashSet},
    hash::Hash,
    str::FromStr,
};

use chrono::{DateTime, Utc};
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::BigInt,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::StoreError;
use crate::domain::{Day, Points, Region, Uscc};

/// An instant: microseconds since 1970-01-01T00:00Z. The same, and exact, on both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub(in crate::store) struct Micros(i64);

impl From<DateTime<Utc>> for Micros {
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant.timestamp_micros())
    }
}

impl From<Micros> for DateTime<Utc> {
    fn from(micros: Micros) -> Self {
        // Reading a column checks the range, so that the default is never used.
        Self::from_timestamp_micros(micros.0).unwrap_or_default()
    }
}

/// Points in units of 1/10000: exact sums and order on both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub(in crate::store) struct Fixed(i64);

impl From<Points> for Fixed {
    fn from(points: Points) -> Self {
        Self(points.to_fixed())
    }
}

impl From<Fixed> for Points {
    fn from(fixed: Fixed) -> Self {
        Self::from_fixed(fixed.0)
    }
}

impl<DB: Backend> ToSql<BigInt, DB> for Micros
where
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB: Backend> FromSql<BigInt, DB> for Micros
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let micros = i64::from_sql(bytes)?;
        match DateTime::from_timestamp_micros(micros) {
            Some(_) => Ok(Self(micros)),
            None => Err(format!("{micros} is no instant in microseconds").into()),
        }
    }
}

impl<DB: Backend> ToSql<BigInt, DB> for Fixed
where
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB: Backend> FromSql<BigInt, DB> for Fixed
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(i64::from_sql(bytes)?))
    }
}

/// Where a column is, for the error when it cannot be read.
pub(in crate::store) type Place = (&'static str, &'static str);

/// Reads a text column.
pub(in crate::store) fn read<T: FromStr>(place: Place, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| corrupt(place, text))
}

/// Reads a text column that may be NULL.
pub(in crate::store) fn read_option<T: FromStr>(
    place: Place,
    text: Option<&str>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| read(place, text)).transpose()
}

/// Reads a text column that holds '' where there is none.
pub(in crate::store) fn read_or_empty<T: FromStr>(
    place: Place,
    text: &str,
) -> Result<Option<T>, StoreError> {
    read_option(place, Some(text).filter(|text| !text.is_empty()))
}

pub(in crate::store) fn corrupt((table, column): Place, value: &str) -> StoreError {
    StoreError::Corrupt {
        table,
        column,
        value: value.to_owned(),
    }
}

/// Reads a division code that may be NULL.
pub(in crate::store) fn region(
    place: Place,
    code: Option<&str>,
) -> Result<Option<Region>, StoreError> {
    code.map(|code| Region::parse(code).map_err(|_| corrupt(place, code)))
        .transpose()
}

/// SHA-256 of the JSON, in hex: equal digests mean equal content. Refuses NUL, which PostgreSQL cannot hold.
pub(in crate::store) fn digest(
    value: &impl Serialize,
    what: &'static str,
    key: impl Fn() -> String,
) -> Result<String, StoreError> {
    // Plain data with string keys: its JSON cannot fail.
    let json = serde_json::to_vec(value).unwrap_or_default();
    if holds_nul(&json) {
        return Err(StoreError::Nul { what, key: key() });
    }
    Ok(hex::encode(Sha256::digest(json)))
}

/// Whether JSON has a NUL character in one of its texts: `\u0000` after an even number of backslashes.
fn holds_nul(json: &[u8]) -> bool {
    json.windows(6).enumerate().any(|(at, window)| {
        window == b"\\u0000"
            && json[..at]
                .iter()
                .rev()
                .take_while(|byte| **byte == b'\\')
                .count()
                % 2
                == 0
    })
}

/// Refuses a bulk write that has one key several times: which of them should be stored is not ours to guess.
pub(in crate::store) fn refuse_twice<K: Eq + Hash + ToString>(
    what: &'static str,
    keys: impl Iterator<Item = K>,
) -> Result<(), StoreError> {
    let mut seen = HashSet::new();
    let mut twice = BTreeSet::new();
    for key in keys {
        let text = key.to_string();
        if !seen.insert(key) {
            twice.insert(text);
        }
    }
    if twice.is_empty() {
        return Ok(());
    }
    Err(StoreError::Twice {
        what,
        keys: twice.into_iter().collect(),
    })
}

/// A day, or NULL.
pub(in crate::store) fn day(day: Option<Day>) -> Option<String> {
    day.map(|day| day.to_string())
}

/// A company's code, or '' where a row names none.
pub(in crate::store) fn company(company: Option<&Uscc>) -> String {
    company.map_or_else(String::new, |company| company.as_str().to_owned())
}

/// A pattern for `LIKE ... ESCAPE '\'` that finds a text anywhere.
pub(in crate::store) fn containing(text: &str) -> String {
    format!("%{}%", escaped(text))
}

/// A pattern for `LIKE ... ESCAPE '\'` that finds the codes of a division and of the ones in it.
pub(in crate::store) fn within(region: &Region) -> String {
    let code = region.as_str();
    let city = code.len() == 6 && code.ends_with("00");
    format!("{}%", if city { &code[..4] } else { code })
}

fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_take_their_text_literally() {
        assert_eq!(containing(r"50%_\"), r"%50\%\_\\%");
        assert_eq!(within(&Region::parse("512000").unwrap()), "5120%");
        assert_eq!(within(&Region::parse("512002").unwrap()), "512002%");
        assert_eq!(within(&Region::parse("512002001").unwrap()), "512002001%");
    }

    #[test]
    fn nul_is_found_and_a_written_backslash_is_not_taken_for_it() {
        let digest = |text: &str| digest(&text, "text", String::new);
        assert!(matches!(digest("a\0b"), Err(StoreError::Nul { .. })));
        assert!(digest(r"a\u0000b").is_ok());
    }

    #[test]
    fn instants_keep_their_microseconds() {
        let instant: DateTime<Utc> = "2026-03-01T15:59:59.123456Z".parse().unwrap();
        assert_eq!(DateTime::from(Micros::from(instant)), instant);
    }
}
