//! Calendar days in Asia/Shanghai, and periods by the Civil Code (民法典 arts. 201 to 203).

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// A calendar day in Asia/Shanghai, between 1900-01-01 and 9999-12-31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(NaiveDate);

/// Why a text is not a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DayError {
    #[error("日期「{0}」格式不对，应为 2026-03-01、2026/3/1 或 20260301")]
    Format(String),
    #[error("日期「{0}」不存在，请核对年月日")]
    NoSuchDay(String),
    #[error("日期「{0}」超出范围（1900 年至 9999 年）")]
    Range(String),
}

impl Day {
    /// The last day there is; what "never" becomes where a day is needed.
    pub const MAX: Day = match NaiveDate::from_ymd_opt(9999, 12, 31) {
        Some(date) => Day(date),
        None => Day(NaiveDate::MIN),
    };

    /// The day with this year, month and day, if there is one.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).and_then(Self::from_date)
    }

    /// A date as a day, if it is in range.
    pub fn from_date(date: NaiveDate) -> Option<Self> {
        (1900..=9999).contains(&date.year()).then_some(Self(date))
    }

    /// Reads `YYYY-MM-DD`, `YYYY/M/D` or `YYYYMMDD`.
    pub fn parse(raw: &str) -> Result<Self, DayError> {
        if let Some(day) = Self::parse_plain(raw) {
            return Ok(day);
        }
        let text = raw.trim();
        let parts: Vec<&str> = if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
            vec![&text[..4], &text[4..6], &text[6..]]
        } else if text.contains('/') {
            text.split('/').collect()
        } else {
            text.split('-').collect()
        };
        let number = |part: &str, longest: usize| {
            let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            (digits && part.len() <= longest).then(|| part.parse::<u32>().ok())?
        };
        let format = || DayError::Format(text.to_owned());
        let [year, month, day] = parts[..] else {
            return Err(format());
        };
        if year.len() != 4 {
            return Err(format());
        }
        let year = number(year, 4).ok_or_else(format)?;
        let month = number(month, 2).ok_or_else(format)?;
        let day = number(day, 2).ok_or_else(format)?;
        let date = NaiveDate::from_ymd_opt(year.cast_signed(), month, day)
            .ok_or_else(|| DayError::NoSuchDay(text.to_owned()))?;
        Self::from_date(date).ok_or_else(|| DayError::Range(text.to_owned()))
    }

    /// Exactly `YYYY-MM-DD`, the form that files have millions of, without a detour.
    fn parse_plain(text: &str) -> Option<Self> {
        let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text.as_bytes() else {
            return None;
        };
        let digits = [y0, y1, y2, y3, m0, m1, d0, d1];
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number = |digits: &[u8]| {
            digits
                .iter()
                .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
        };
        let [year, month, day] = [&digits[..4], &digits[4..6], &digits[6..]].map(number);
        Self::from_ymd(year.cast_signed(), month, day)
    }

    /// The day it is in Asia/Shanghai at this instant.
    pub fn of(instant: DateTime<Utc>) -> Self {
        let date = instant
            .with_timezone(&chrono_tz::Asia::Shanghai)
            .date_naive();
        Self::from_date(date).unwrap_or(Self::MAX)
    }

    /// The instant at which it begins in Asia/Shanghai.
    pub fn begins_at(self) -> DateTime<Utc> {
        (self.0.and_time(NaiveTime::MIN) - TimeDelta::hours(8)).and_utc()
    }

    /// The date inside.
    pub fn date(self) -> NaiveDate {
        self.0
    }

    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// 1 to 12.
    pub fn month(self) -> u32 {
        self.0.month()
    }

    /// The day after; [`Day::MAX`] has itself.
    pub fn next(self) -> Self {
        self.plus_days(1)
    }

    /// The day before; the first day of 1900 has itself.
    pub fn previous(self) -> Self {
        self.0.pred_opt().and_then(Self::from_date).unwrap_or(self)
    }

    /// This many days later, at most [`Day::MAX`].
    pub fn plus_days(self, days: u32) -> Self {
        self.0
            .checked_add_days(Days::new(u64::from(days)))
            .and_then(Self::from_date)
            .unwrap_or(Self::MAX)
    }

    /// The corresponding day this many months later, or that month's last day (民法典 art. 202); at most [`Day::MAX`].
    pub fn plus_months(self, months: u32) -> Self {
        self.0
            .checked_add_months(Months::new(months))
            .and_then(Self::from_date)
            .unwrap_or(Self::MAX)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As `%Y-%m-%d`, without a format to be read each time.
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Day {
    type Err = DayError;
    fn from_str(raw: &str) -> Result<Self, DayError> {
        Self::parse(raw)
    }
}

impl TryFrom<String> for Day {
    type Error = DayError;
    fn try_from(raw: String) -> Result<Self, DayError> {
        Self::parse(&raw)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

/// A length of time as rules write it: `"90 days"`, `"12 months"`, `"3 years"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Span {
    Days(u32),
    Months(u32),
    Years(u32),
}

/// Why a text is not a span.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("期限「{0}」格式不对，应为「90 days」「12 months」或「3 years」，数值为正整数")]
pub struct SpanError(pub String);

impl Span {
    /// Reads `N day(s)|month(s)|year(s)` with N >= 1.
    pub fn parse(raw: &str) -> Result<Self, SpanError> {
        let fault = || SpanError(raw.to_owned());
        let (number, unit) = raw
            .trim()
            .split_once(char::is_whitespace)
            .ok_or_else(fault)?;
        let number: u32 = number.parse().map_err(|_| fault())?;
        if number == 0 || number > 1_000_000 {
            return Err(fault());
        }
        match unit.trim() {
            "day" | "days" => Ok(Self::Days(number)),
            "month" | "months" => Ok(Self::Months(number)),
            "year" | "years" => Ok(Self::Years(number)),
            _ => Err(fault()),
        }
    }

    /// The last day of a period of this length whose start day is `start`: the start day is not counted and the
    /// corresponding day is included (民法典 arts. 201 and 202).
    pub fn last_day(self, start: Day) -> Day {
        match self {
            Self::Days(days) => start.plus_days(days),
            Self::Months(months) => start.plus_months(months),
            Self::Years(years) => start.plus_months(years.saturating_mul(12)),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match self {
            Self::Days(number) => (number, "day"),
            Self::Months(number) => (number, "month"),
            Self::Years(number) => (number, "year"),
        };
        write!(f, "{number} {unit}{}", if *number == 1 { "" } else { "s" })
    }
}

impl TryFrom<String> for Span {
    type Error = SpanError;
    fn try_from(raw: String) -> Result<Self, SpanError> {
        Self::parse(&raw)
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn three_forms_of_a_day_are_read() {
        for text in ["2026-03-01", "2026/3/1", "20260301", " 2026-3-1 "] {
            assert_eq!(day(text), day("2026-03-01"), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_is_refused_with_its_value() {
        for text in ["2026-02-29", "2026-13-01", "20260431"] {
            assert_eq!(Day::parse(text), Err(DayError::NoSuchDay(text.into())));
        }
        for text in [
            "",
            "26-03-01",
            "2026-03",
            "2026年3月1日",
            "2026-03-01T00:00",
            "+2026-1-1",
        ] {
            assert!(
                matches!(Day::parse(text), Err(DayError::Format(_))),
                "{text}"
            );
        }
        assert_eq!(
            Day::parse("1899-12-31"),
            Err(DayError::Range("1899-12-31".into()))
        );
    }

    #[test]
    fn periods_end_as_the_civil_code_says() {
        let table = [
            ("2024-01-31", "12 months", "2025-01-31"),
            ("2024-01-31", "1 month", "2024-02-29"),
            ("2024-02-29", "1 year", "2025-02-28"),
            ("2026-03-01", "90 days", "2026-05-30"),
            ("9999-12-01", "1 year", "9999-12-31"),
        ];
        for (start, span, last) in table {
            assert_eq!(
                Span::parse(span).unwrap().last_day(day(start)),
                day(last),
                "{start} + {span}"
            );
        }
    }

    #[test]
    fn spans_keep_their_text() {
        for text in ["1 day", "12 months", "3 years"] {
            assert_eq!(Span::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "12",
            "0 days",
            "-1 days",
            "1.5 years",
            "twelve months",
            "12 weeks",
        ] {
            assert!(Span::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_day_changes_at_midnight_in_shanghai() {
        let instant = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(Day::of(instant("2026-03-01T15:59:59Z")), day("2026-03-01"));
        assert_eq!(Day::of(instant("2026-03-01T16:00:00Z")), day("2026-03-02"));
    }
}
