//! Attributes: the fields of a record that a rule set declares and its rules read.

use std::{collections::BTreeMap, fmt};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Day, DayError};

/// What an attribute may hold, as the rule set declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeType {
    /// One of the declared values; rules write `level == 'city'`.
    Choice(Vec<String>),
    Integer,
    Decimal,
    /// A share; `12%` and `0.12` are the same value, 0.12. Beyond one only with its sign: a bare `75` would be 7500 %.
    Percent,
    Boolean,
    Day,
    Text,
}

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum AttributeValue {
    Choice(String),
    Integer(i64),
    /// Also the value of a percentage, as a share of one.
    Decimal(Decimal),
    Boolean(bool),
    Day(Day),
    Text(String),
}

/// The attributes a rule set declares, by name.
pub type AttributeSchema = BTreeMap<String, AttributeType>;

/// Why a text is not a value of its attribute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttributeError {
    #[error("「{value}」不在可选值之内，应为：{}", allowed.join("、"))]
    Choice { value: String, allowed: Vec<String> },
    #[error("「{0}」不是整数")]
    Integer(String),
    #[error("「{0}」不是数字")]
    Decimal(String),
    #[error("「{value}」没有百分号，会当作 {value} 倍；百分比请写成 {value}%，或写 0 到 1 的小数")]
    Share { value: String },
    #[error("「{0}」应为 true 或 false（是、否）")]
    Boolean(String),
    #[error(transparent)]
    Day(#[from] DayError),
}

impl AttributeType {
    /// Reads a cell as a value of this type.
    pub fn parse(&self, raw: &str) -> Result<AttributeValue, AttributeError> {
        let text = raw.trim();
        match self {
            Self::Choice(allowed) if allowed.iter().any(|known| known == text) => {
                Ok(AttributeValue::Choice(text.to_owned()))
            }
            Self::Choice(allowed) => Err(AttributeError::Choice {
                value: text.to_owned(),
                allowed: allowed.clone(),
            }),
            Self::Integer => whole(text)
                .map(AttributeValue::Integer)
                .ok_or_else(|| AttributeError::Integer(text.to_owned())),
            Self::Decimal | Self::Percent => {
                let value =
                    decimal(text).ok_or_else(|| AttributeError::Decimal(text.to_owned()))?;
                let signed = text.ends_with(['%', '％']);
                if *self == Self::Percent && !signed {
                    Self::bare_share(value)?;
                }
                Ok(AttributeValue::Decimal(value))
            }
            Self::Boolean => match text.to_lowercase().as_str() {
                "true" | "1" | "yes" | "是" => Ok(AttributeValue::Boolean(true)),
                "false" | "0" | "no" | "否" => Ok(AttributeValue::Boolean(false)),
                _ => Err(AttributeError::Boolean(text.to_owned())),
            },
            Self::Day => Ok(AttributeValue::Day(Day::parse(text)?)),
            Self::Text => Ok(AttributeValue::Text(text.to_owned())),
        }
    }

    /// Refuses a share without a sign that is more than one: whoever writes 75 means 75 %.
    ///
    /// # Errors
    /// The number.
    pub fn bare_share(value: Decimal) -> Result<(), AttributeError> {
        match value.abs() <= Decimal::ONE {
            true => Ok(()),
            false => Err(AttributeError::Share {
                value: value.normalize().to_string(),
            }),
        }
    }
}

/// Whole numbers as people write them; `12.0` is whole (workbooks write it so), `12.5` is not.
fn whole(text: &str) -> Option<i64> {
    let value = Decimal::from_str_exact(text).ok()?;
    value.is_integer().then(|| i64::try_from(value).ok())?
}

fn decimal(text: &str) -> Option<Decimal> {
    match text.strip_suffix(['%', '％']) {
        Some(number) => Decimal::from_str_exact(number.trim_end())
            .ok()?
            .checked_div(Decimal::ONE_HUNDRED),
        None => Decimal::from_str_exact(text).ok(),
    }
}

impl fmt::Display for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Choice(text) | Self::Text(text) => f.write_str(text),
            Self::Integer(value) => value.fmt(f),
            Self::Decimal(value) => value.normalize().fmt(f),
            Self::Boolean(value) => value.fmt(f),
            Self::Day(day) => day.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_by_their_declared_type() {
        let choice = AttributeType::Choice(vec!["city".into(), "county".into()]);
        assert_eq!(
            choice.parse("city"),
            Ok(AttributeValue::Choice("city".into()))
        );
        let fault = choice.parse("town").unwrap_err().to_string();
        assert_eq!(fault, "「town」不在可选值之内，应为：city、county");
        assert_eq!(
            AttributeType::Integer.parse("12.0"),
            Ok(AttributeValue::Integer(12))
        );
        assert!(AttributeType::Integer.parse("12.5").is_err());
        let share = AttributeValue::Decimal(Decimal::new(12, 2));
        assert_eq!(AttributeType::Percent.parse("12%"), Ok(share.clone()));
        assert_eq!(AttributeType::Percent.parse("0.12"), Ok(share));
        let fault = AttributeType::Percent.parse("75").unwrap_err().to_string();
        assert_eq!(
            fault,
            "「75」没有百分号，会当作 75 倍；百分比请写成 75%，或写 0 到 1 的小数"
        );
        for (text, value) in [("150%", Decimal::new(15, 1)), ("1", Decimal::ONE)] {
            let value = AttributeValue::Decimal(value);
            assert_eq!(AttributeType::Percent.parse(text), Ok(value), "{text}");
        }
        assert!(AttributeType::Percent.parse("-1.01").is_err());
        assert!(AttributeType::Decimal.parse("75").is_ok());
        assert_eq!(
            AttributeType::Boolean.parse("是"),
            Ok(AttributeValue::Boolean(true))
        );
        assert!(AttributeType::Day.parse("2026-02-30").is_err());
    }
}
