//! A rule set as plain as its file: names stay texts, conditions stay texts.

use std::{collections::BTreeMap, fmt};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de::Error};

use crate::fraction::Fraction;

/// A number of the file.
#[derive(Clone, Copy, PartialEq)]
pub struct Number(pub Fraction);

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        number(&toml::Value::deserialize(deserializer)?)
            .map(Self)
            .ok_or_else(|| D::Error::custom("no number"))
    }
}

/// The cases hold numbers of few digits, whose shortest text as a float is the text of the file.
fn number(value: &toml::Value) -> Option<Fraction> {
    let text = match value {
        toml::Value::Integer(value) => value.to_string(),
        toml::Value::Float(value) => value.to_string(),
        _ => return None,
    };
    Some(Fraction::from(text.parse::<Decimal>().ok()?))
}

#[derive(Debug, Deserialize)]
pub struct Policy {
    pub ruleset: Head,
    pub period: Period,
    #[serde(default)]
    pub attribute: BTreeMap<String, Attribute>,
    pub score: ScoreRule,
    #[serde(default)]
    pub component: Vec<Component>,
    #[serde(default)]
    pub item: Vec<Item>,
    #[serde(default)]
    pub group: Vec<Group>,
    #[serde(default)]
    pub grade: Vec<Grade>,
    #[serde(default)]
    pub not_rated: Vec<NotRated>,
    #[serde(default, rename = "override")]
    pub overrides: Vec<Override>,
    #[serde(default)]
    pub list: Vec<List>,
    #[serde(default)]
    pub consequence: Vec<Consequence>,
}

#[derive(Debug, Deserialize)]
pub struct Head {
    pub id: String,
    pub subject: String,
    effective_from: toml::value::Datetime,
    effective_until: Option<toml::value::Datetime>,
    pub old_records: Option<String>,
}

impl Head {
    /// Both ends are included.
    pub fn in_force_on(&self, day: NaiveDate) -> bool {
        let date = |date: &toml::value::Datetime| date.to_string().parse::<NaiveDate>().unwrap();
        date(&self.effective_from) <= day
            && self
                .effective_until
                .as_ref()
                .is_none_or(|until| day <= date(until))
    }
}

#[derive(Debug, Deserialize)]
pub struct Attribute {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub values: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Period {
    pub kind: String,
    pub months: Option<u32>,
    pub counts_from: String,
}

#[derive(Debug, Deserialize)]
pub struct ScoreRule {
    pub direction: Option<String>,
    pub base: Option<Number>,
    pub min: Option<Number>,
    pub max: Option<Number>,
    pub decimals: Option<u32>,
    pub rounding: Option<String>,
    pub disputed: Option<String>,
    pub ties: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Component {
    pub id: String,
    pub base: Option<Number>,
    pub floor: Option<Number>,
    pub cap: Option<Number>,
    pub weight: Option<Number>,
    pub combine: Option<String>,
    pub missing: Option<Missing>,
    pub level: Option<String>,
    pub average: Option<String>,
    #[serde(default)]
    pub assessed_only: bool,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Missing {
    Word(String),
    Default { default: Number },
}

#[derive(Debug, Deserialize)]
pub struct Item {
    pub id: String,
    pub component: String,
    #[serde(default)]
    pub kinds: Vec<String>,
    pub points: Option<Points>,
    pub times: Option<String>,
    pub per_record_cap: Option<Number>,
    pub cap: Option<Number>,
    pub valid_for: Option<String>,
    pub when: Option<String>,
    pub same_matter: Option<String>,
    pub repeat: Option<Repeat>,
    pub rectified: Option<Rectified>,
    pub recurs: Option<String>,
    pub veto: Option<String>,
}

#[derive(Debug)]
pub enum Points {
    Fixed(Fraction),
    Lookup(String, BTreeMap<String, Fraction>),
    Bands(String, Vec<Band>),
    Chosen(Fraction, Fraction),
    Value(String),
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        if let Some(points) = number(&value) {
            return Ok(Self::Fixed(points));
        }
        let table = value
            .as_table()
            .ok_or_else(|| D::Error::custom("no points"))?;
        let text = |key: &str| {
            table
                .get(key)
                .and_then(|value| value.as_str())
                .map(str::to_owned)
        };
        let at = |key: &str| table.get(key).and_then(number);
        match (text("by"), text("value"), at("min"), at("max")) {
            (Some(by), ..) => match table.get("bands") {
                Some(bands) => {
                    let bands = bands.clone().try_into().map_err(D::Error::custom)?;
                    Ok(Self::Bands(by, bands))
                }
                None => {
                    let rows = table
                        .iter()
                        .filter_map(|(key, value)| Some((key.clone(), number(value)?)));
                    Ok(Self::Lookup(by, rows.collect()))
                }
            },
            (_, Some(by), ..) => Ok(Self::Value(by)),
            (_, _, Some(min), Some(max)) => Ok(Self::Chosen(min, max)),
            _ => Err(D::Error::custom("no form of points")),
        }
    }
}

#[derive(Debug, Deserialize)]
pub struct Band {
    #[serde(flatten)]
    pub bounds: Bounds,
    pub points: Number,
}

/// `from` and `to` include their end, `above` and `below` do not.
#[derive(Debug, Deserialize)]
pub struct Bounds {
    pub from: Option<Number>,
    pub above: Option<Number>,
    pub to: Option<Number>,
    pub below: Option<Number>,
}

impl Bounds {
    pub fn hold(&self, value: Fraction) -> bool {
        self.from.is_none_or(|end| value >= end.0)
            && self.above.is_none_or(|end| value > end.0)
            && self.to.is_none_or(|end| value <= end.0)
            && self.below.is_none_or(|end| value < end.0)
    }
}

#[derive(Debug, Deserialize)]
pub struct Repeat {
    pub within: String,
    pub multiply: Vec<Number>,
}

#[derive(Debug, Deserialize)]
pub struct Rectified {
    pub multiply: Number,
}

#[derive(Debug, Deserialize)]
pub struct Group {
    pub id: String,
    pub items: Vec<String>,
    pub combine: Option<String>,
    pub cap: Option<Number>,
}

#[derive(Debug, Deserialize)]
pub struct Grade {
    pub id: String,
    #[serde(flatten)]
    pub bounds: Bounds,
    pub top: Option<String>,
    pub when: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct NotRated {
    pub title: String,
    pub when: String,
}

#[derive(Debug, Deserialize)]
pub struct Override {
    pub when: String,
    pub grade: Option<String>,
    pub at_best: Option<String>,
    pub score: Option<Number>,
    pub drop: Option<usize>,
}

#[derive(Debug, Deserialize)]
pub struct List {
    pub id: String,
    pub when: String,
}

#[derive(Debug, Deserialize)]
pub struct Consequence {
    pub grade: Option<String>,
    pub list: Option<String>,
    pub title: String,
}

impl Policy {
    pub fn read(text: &str) -> Self {
        toml::from_str(text).unwrap_or_else(|fault| panic!("{fault}\n{text}"))
    }

    pub fn items(&self, id: &str) -> Option<&Item> {
        self.item.iter().find(|item| item.id == id)
    }

    pub fn component(&self, id: &str) -> &Component {
        self.component.iter().find(|one| one.id == id).unwrap()
    }

    /// Whether an item is scored project by project.
    pub fn by_project(&self, item: &Item) -> bool {
        self.component(&item.component).level.as_deref() == Some("project")
            && self.ruleset.subject == "company"
    }

    /// The ids of the grades, best first.
    pub fn grades(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        for grade in &self.grade {
            if !ids.contains(&grade.id.as_str()) {
                ids.push(&grade.id);
            }
        }
        ids
    }

    pub fn rank(&self, id: &str) -> Option<usize> {
        self.grades().iter().position(|grade| *grade == id)
    }

    pub fn by_rank(&self) -> bool {
        self.grade.iter().any(|grade| grade.top.is_some())
    }

    pub fn demerit(&self) -> bool {
        self.score.direction.as_deref() == Some("demerit")
    }

    /// Whether an item belongs to what a function names: itself, its group or its component.
    pub fn belongs(&self, item: &Item, target: &str) -> bool {
        item.id == target
            || item.component == target
            || (self.group.iter()).any(|group| group.id == target && group.items.contains(&item.id))
    }
}
