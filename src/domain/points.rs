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
        let text = raw.trim();
        let value =
            Decimal::from_str_exact(text).map_err(|_| PointsError::NotANumber(text.to_owned()))?;
        Self::new(value)
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
    fn the_database_form_is_reversible() {
        for text in ["0", "-0.0001", "120", "999999999.9999", "-1000000000"] {
            let points = Points::parse(text).unwrap();
            assert_eq!(Points::from_fixed(points.to_fixed()), points);
        }
        assert_eq!(Points::parse("-0.5").unwrap().to_fixed(), -5_000);
    }
}
