//! Dates as TOML writes them.

use serde::{Deserialize, Deserializer, de::Error};

use crate::domain::Day;

/// A TOML local date (`2026-01-01`) as a day; a date with a time is refused.
pub(crate) fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Day, D::Error> {
    let value = toml::value::Datetime::deserialize(from)?;
    match (value.date, value.time, value.offset) {
        (Some(_), None, None) => Day::parse(&value.to_string()).map_err(D::Error::custom),
        _ => Err(D::Error::custom(format!(
            "expected a date such as 2026-01-01, found {value}"
        ))),
    }
}

/// The same where the date may be absent.
pub(crate) fn optional_day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Day>, D::Error> {
    day(from).map(Some)
}

/// A list of them.
pub(crate) fn days<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Day>, D::Error> {
    #[derive(Deserialize)]
    struct One(#[serde(deserialize_with = "day")] Day);
    Ok(Vec::<One>::deserialize(from)?
        .into_iter()
        .map(|one| one.0)
        .collect())
}
