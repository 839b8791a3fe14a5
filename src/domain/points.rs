//! Points: exact decimals, at most four places.

use std::{fmt, str::FromStr};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Places kept: the databases hold points as BIGINT in units of 1/10000, so that sums and order are exact on both.
const SCALE: u32 = 4;
/// Larger than any score; keeps every fixed-point sum far from overflow.
const LIMIT: i64 = 1_000_000_000;

/// A number of points, exact, with at most four decimal places and an absolute value of at most 10^9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Points(Decimal);

/// Why a value is not a number of points.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PointsError {
    #[error("分值「{0}」不是数字")]
    NotANumber(String),
    #[error("分值「{0}」小数超过4位")]
    Places(String),
    #[error("分值「{0}」超出范围（绝对值不超过 1000000000）")]
    Range(String),
}

impl Points {
    pub const ZERO: Points = Points(Decimal::ZERO);

    /// Reads a plain decimal (`-0.5`); no exponent, no thousands separators.
    pub fn parse(raw: &str) -> Result<Self, PointsError> {
        if let Some(points) = Self::parse_plain(raw) {
            return Ok(points);
        }
        let text = raw.trim();
        let value =
            Decimal::from_str_exact(text).map_err(|_| PointsError::NotANumber(text.to_owned()))?;
        Self::new(value)
    }

    /// At most nine digits, of which at most four after a point, without a detour; zero is left to the others for its sign.
    fn parse_plain(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !plain(whole) || !plain(places) || whole.len() > 9 || places.len() > SCALE as usize {
            return None;
        }
        let number = |text: &str| {
            let digits = text.bytes().map(|byte| i64::from(byte - b'0'));
            digits.fold(0, |sum, digit| sum * 10 + digit)
        };
        let (mut scale, mut units) = (0, number(whole));
        for digit in places.trim_end_matches('0').bytes() {
            units = units * 10 + i64::from(digit - b'0');
            scale += 1;
        }
        let sign = if digits.len() < text.len() { -1 } else { 1 };
        (units != 0).then(|| Self(Decimal::new(sign * units, scale)))
    }

    /// A decimal as points, if it fits.
    pub fn new(value: Decimal) -> Result<Self, PointsError> {
        let value = value.normalize();
        if value.scale() > SCALE {
            return Err(PointsError::Places(value.to_string()));
        }
        if value.abs() > Decimal::from(LIMIT) {
            return Err(PointsError::Range(value.to_string()));
        }
        Ok(Self(value))
    }

    /// The decimal, without trailing zeros.
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// In units of 1/10000, as the databases hold it.
    pub fn to_fixed(self) -> i64 {
        let mut value = self.0;
        value.rescale(SCALE);
        i64::try_from(value.mantissa()).unwrap_or_default()
    }

    /// From units of 1/10000.
    pub fn from_fixed(units: i64) -> Self {
        Self(Decimal::new(units, SCALE).normalize())
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Points {
    type Err = PointsError;
    fn from_str(raw: &str) -> Result<Self, PointsError> {
        Self::parse(raw)
    }
}

impl TryFrom<String> for Points {
    type Error = PointsError;
    fn try_from(raw: String) -> Result<Self, PointsError> {
        Self::parse(&raw)
    }
}

impl From<Points> for String {
    fn from(points: Points) -> Self {
        points.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_exact_and_bounded() {
        assert_eq!(Points::parse(" -0.50 ").unwrap().to_string(), "-0.5");
        assert_eq!(
            Points::parse("1.23456"),
            Err(PointsError::Places("1.23456".into()))
        );
        for text in ["", "一", "1e3", "1,000", "NaN", "0x1"] {
            assert!(
                matches!(Points::parse(text), Err(PointsError::NotANumber(_))),
                "{text}"
            );
        }
        assert!(matches!(
            Points::parse("1000000001"),
            Err(PointsError::Range(_))
        ));
    }

    #[test]
    fn the_short_way_reads_as_the_long_one() {
        for text in [
            "0",
            "-0",
            "0.0",
            "-0.00",
            "1",
            "-1",
            "12",
            "120",
            "1.5",
            "-0.5",
            "0.50",
            "1.0",
            "10.00",
            "-1.2345",
            "1.2340",
            "999999999.9999",
            "-999999999",
            "1000000000",
            "00012",
            "1.",
            ".5",
            "+1",
            "1.23450",
            "1_0",
            "--1",
            "-",
            "",
            "1.-5",
            "１",
        ] {
            let long = Decimal::from_str_exact(text).ok();
            let long = long.and_then(|value| Points::new(value).ok());
            let read = Points::parse(text).ok();
            assert_eq!(read, long, "{text}");
            let exactly = |points: Option<Points>| points.map(|points| points.0.serialize());
            assert_eq!(exactly(read), exactly(long), "{text}");
        }
    }

    #[test]
    fn the_database_form_is_reversible() {
        for text in ["0", "-0.0001", "120", "999999999.9999", "-1000000000"] {
            let points = Points::parse(text).unwrap();
            assert_eq!(Points::from_fixed(points.to_fixed()), points);
        }
        assert_eq!(Points::parse("-0.5").unwrap().to_fixed(), -5_000);
    }
}
