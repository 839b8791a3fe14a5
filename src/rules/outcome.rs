//! What scoring gives: scores with their explanation, and faults of the data.

use std::fmt;

use rust_decimal::Decimal;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
    ser::SerializeMap,
};

use crate::domain::{Company, Contract, Day, Record, SubjectKind};

/// Everything that scoring looks at. Order does not matter.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    pub companies: &'a [Company],
    pub contracts: &'a [Contract],
    /// Whether `contracts` are all there are, so that a project without one is managed by nobody; where they are not
    /// known, a record of a company counts whatever project it names.
    pub contracts_known: bool,
    pub records: &'a [Record],
    /// Grades of earlier periods, as they were given.
    pub history: &'a [PastGrade],
    /// List entries in force on the day.
    pub on_lists: &'a [OnList],
}

/// A grade of an earlier period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastGrade {
    pub subject: String,
    /// Last day of the period.
    pub period_end: Day,
    pub grade: String,
}

/// A list entry in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnList {
    pub subject: String,
    /// Id of the list in the rule set.
    pub list: String,
}

/// One subject's score on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    pub subject: String,
    pub subject_kind: SubjectKind,
    /// Id of the rule set.
    pub ruleset: String,
    pub as_of: Day,
    /// With exactly the places that the rule set says.
    pub score: Decimal,
    /// Id of the grade, or why the subject is not rated; absent where the rule set has no grades.
    pub grade: Option<String>,
    pub rated: bool,
    pub components: Components,
    /// Ids of the lists whose condition holds.
    pub lists: Vec<String>,
    /// Titles.
    pub consequences: Vec<String>,
    /// The first later day on which something that counts changes without a new record.
    pub next_change_on: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<Line>>,
}

/// Values of the components, in the order of the file; `None` where a component is missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Components(pub Vec<(String, Option<Decimal>)>);

impl Components {
    pub fn get(&self, id: &str) -> Option<Decimal> {
        self.0
            .iter()
            .find(|(known, _)| known == id)
            .and_then(|(_, value)| *value)
    }
}

impl Serialize for Components {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (id, value) in &self.0 {
            map.serialize_entry(id, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Components {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Ordered;
        impl<'de> Visitor<'de> for Ordered {
            type Value = Components;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of decimals")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Components, A::Error> {
                let mut values = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    values.push(entry);
                }
                Ok(Components(values))
            }
        }
        deserializer.deserialize_map(Ordered)
    }
}

/// What a line of the explanation stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineStep {
    /// A record.
    #[default]
    Record,
    /// The base of a component, of the subject or of one project.
    Base,
    /// The mean, last, greatest or least of a component's points.
    Combined,
    /// What a floor or a cap of a component adds or takes.
    Bound,
    /// A project's value in a component.
    Project,
    /// A component's value.
    Component,
    /// The base of the score.
    ScoreBase,
    /// The score before overrides.
    Total,
    Override,
    Veto,
}

impl LineStep {
    fn is_record(&self) -> bool {
        *self == Self::Record
    }
}

/// What each step made of a counted record's points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workings {
    /// By its item alone.
    pub raw: Decimal,
    /// Factor of its rectification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rectified: Option<Decimal>,
    /// Which occurrence it is, where repetition matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurrence: Option<u32>,
    /// Factor of that occurrence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeated: Option<Decimal>,
    /// After these factors.
    pub points: Decimal,
    /// After the item's cap; what `mean`, `last`, `max` and `min` run over.
    pub capped: Decimal,
}

impl Workings {
    /// Of a record whose points nothing changed.
    pub fn plain(points: Decimal) -> Self {
        Self {
            raw: points,
            rectified: None,
            occurrence: None,
            repeated: None,
            points,
            capped: points,
        }
    }
}

impl Line {
    /// What each step made of the record's points; `None` if it did not come that far.
    pub fn workings(&self) -> Option<Workings> {
        let plain =
            || (self.record.is_some() && self.counted).then(|| Workings::plain(self.points));
        self.workings.clone().or_else(plain)
    }
}

/// One line of the explanation: a record, or (without a record) a step of the sum.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Line {
    pub record: Option<String>,
    /// Id of the item; of the component, group or override for steps of the sum.
    pub item: String,
    pub clause: String,
    /// What it gives in the end; 0 if it is not counted. Quotients to ten places.
    pub points: Decimal,
    pub counted: bool,
    /// How it was counted where that is not plain, or why it was not, in Chinese.
    pub why: Option<String>,
    #[serde(default, skip_serializing_if = "LineStep::is_record")]
    pub step: LineStep,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The date that counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Day>,
    /// Points of the record alone, where matters, repetition or caps changed them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Decimal>,
    /// Last day on which it counts, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Day>,
    /// Of a record that reached step 3 and whose points something changed; see [`Line::workings`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workings: Option<Workings>,
    /// Of a project in the average; of a component in the total where it is not 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<Decimal>,
    /// The value itself where `points` had to be rounded to be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<Decimal>,
    /// The grade that an override or a veto alone gives; of the total: the grade before them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
}

/// A fault of a record that the rules cannot use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordFault {
    pub column: String,
    pub value: Option<String>,
    /// `D0xx`.
    pub code: &'static str,
    /// What is wrong, in Chinese.
    pub what: String,
    /// What to do, in Chinese.
    pub fix: String,
}

/// Why a subject could not be scored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ScoreFault {
    pub subject: String,
    /// Id of the record at fault, if it is one.
    pub record: Option<String>,
    /// `D0xx`.
    pub code: &'static str,
    /// What is wrong, in Chinese.
    pub what: String,
    /// What to do, in Chinese.
    pub fix: String,
}

impl fmt::Display for ScoreFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.subject)?;
        if let Some(record) = &self.record {
            write!(f, "，记录 {record}")?;
        }
        write!(f, "：[{}] {}", self.code, self.what)?;
        if !self.fix.is_empty() {
            write!(f, "。{}", self.fix)?;
        }
        Ok(())
    }
}

/// A fault before its subject is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fail {
    pub record: Option<String>,
    pub code: &'static str,
    pub what: String,
    pub fix: String,
}

impl Fail {
    pub fn new(code: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            record: None,
            code,
            what: what.into(),
            fix: fix.into(),
        }
    }

    pub fn of(self, record: &Record) -> Self {
        Self {
            record: Some(record.id.clone()),
            ..self
        }
    }

    pub fn overflow() -> Self {
        Self::new("D016", "数值过大，无法计算", "请核对分值、次数和权重")
    }

    pub fn by(self, subject: &str) -> ScoreFault {
        ScoreFault {
            subject: subject.to_owned(),
            record: self.record,
            code: self.code,
            what: self.what,
            fix: self.fix,
        }
    }
}
