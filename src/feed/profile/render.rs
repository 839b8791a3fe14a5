//! One record in the form of one profile. What does not fit is refused; nothing is cut.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value};

use super::{Charset, DateFormat, FieldRule, LengthUnit, Profile, WithdrawalForm};
use crate::{
    domain::Day,
    feed::canonical::{CanonicalRecord, Op, Status},
};

/// A record as the platform gets it: names and values in the order of the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered(Vec<(String, Value)>);

impl Rendered {
    pub fn fields(&self) -> &[(String, Value)] {
        &self.0
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// As a JSON object; its order is the map's own.
    pub fn to_map(&self) -> Map<String, Value> {
        self.0.iter().cloned().collect()
    }
}

impl Serialize for Rendered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Why one field of a record cannot be sent under a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderFault {
    /// The platform's name of the field.
    pub field: String,
    /// The canonical field.
    pub from: String,
    pub value: String,
    pub why: RenderWhy,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderWhy {
    #[error("平台要求必填")]
    Missing,
    #[error("长{length}{}，平台最多收{max}{}", unit_word(*unit), unit_word(*unit))]
    TooLong {
        length: usize,
        max: usize,
        unit: LengthUnit,
    },
    #[error("代码表 {table} 中没有「{code}」")]
    NoCode { table: String, code: String },
    #[error("第{position}字「{character}」在 {} 字符集中不存在", charset.as_str())]
    Unmappable {
        character: char,
        /// Counted from 1, in characters.
        position: usize,
        charset: Charset,
    },
}

fn unit_word(unit: LengthUnit) -> &'static str {
    match unit {
        LengthUnit::Chars => "字",
        LengthUnit::Bytes => "字节",
    }
}

impl fmt::Display for RenderFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start: String = self.value.chars().take(20).collect();
        write!(
            f,
            "字段 {}（{}），值「{start}」：{}",
            self.field, self.from, self.why
        )
    }
}

/// The record in the platform's form, or every reason why it does not fit.
pub fn render(profile: &Profile, record: &CanonicalRecord) -> Result<Rendered, Vec<RenderFault>> {
    let canonical = record.value();
    let mut fields = Vec::with_capacity(profile.fields.len());
    let mut faults = Vec::new();
    for rule in &profile.fields {
        let value = if rule.from == "op" {
            Some(Value::String(op(profile, record).code().to_owned()))
        } else {
            canonical.get(&rule.from).cloned()
        };
        match render_field(profile, rule, value) {
            Ok(Some(value)) => fields.push((rule.name.clone(), value)),
            Ok(None) => {}
            Err((value, why)) => faults.push(RenderFault {
                field: rule.name.clone(),
                from: rule.from.clone(),
                value,
                why,
            }),
        }
    }
    if faults.is_empty() {
        Ok(Rendered(fields))
    } else {
        Err(faults)
    }
}

/// A withdrawal goes out in the one form the platform takes. What is hidden for the time being is a change of its status:
/// a deletion could not be taken back.
fn op(profile: &Profile, record: &CanonicalRecord) -> Op {
    let hidden = record.fields().status == Status::Shielded;
    match profile.withdrawal {
        WithdrawalForm::Delete if record.is_withdrawal() && !hidden => Op::Delete,
        WithdrawalForm::Status if record.is_withdrawal() => Op::Update,
        _ => record.fields().op,
    }
}

fn render_field(
    profile: &Profile,
    rule: &FieldRule,
    value: Option<Value>,
) -> Result<Option<Value>, (String, RenderWhy)> {
    let Some(value) = value else {
        return if rule.required {
            Err((String::new(), RenderWhy::Missing))
        } else {
            Ok(None)
        };
    };
    let value = match value {
        Value::String(text) => Value::String(render_text(profile, rule, &text)?),
        Value::Array(items) => {
            let texts = items
                .iter()
                .map(|item| render_text(profile, rule, item.as_str().unwrap_or_default()));
            Value::Array(
                texts
                    .map(|text| text.map(Value::String))
                    .collect::<Result<_, _>>()?,
            )
        }
        other => other,
    };
    Ok(Some(value))
}

fn render_text(
    profile: &Profile,
    rule: &FieldRule,
    text: &str,
) -> Result<String, (String, RenderWhy)> {
    let fault = |why| (text.to_owned(), why);
    let text_out = if rule.from.ends_with("_date") || rule.from.starts_with("display_") {
        date(profile.date_format, text)
    } else if let Some(table) = &rule.codes {
        let known = profile.codes.get(table).and_then(|codes| codes.get(text));
        known.cloned().ok_or_else(|| {
            let (table, code) = (table.clone(), text.to_owned());
            fault(RenderWhy::NoCode { table, code })
        })?
    } else {
        text.to_owned()
    };
    let mut bytes = 0;
    for (index, character) in text_out.chars().enumerate() {
        let single = character.to_string();
        let (encoded, _, unmappable) = profile.charset.encoding().encode(&single);
        if unmappable {
            let (position, charset) = (index + 1, profile.charset);
            return Err(fault(RenderWhy::Unmappable {
                character,
                position,
                charset,
            }));
        }
        bytes += encoded.len();
    }
    let length = match rule.unit {
        LengthUnit::Chars => text_out.chars().count(),
        LengthUnit::Bytes => bytes,
    };
    match rule.max {
        Some(max) if length > max => Err(fault(RenderWhy::TooLong {
            length,
            max,
            unit: rule.unit,
        })),
        _ => Ok(text_out),
    }
}

/// Canonical days are ISO; a checked record has no other.
fn date(format: DateFormat, text: &str) -> String {
    let Ok(day) = Day::parse(text) else {
        return text.to_owned();
    };
    let pattern = match format {
        DateFormat::Iso => "%Y-%m-%d",
        DateFormat::Compact => "%Y%m%d",
        DateFormat::Slash => "%Y/%m/%d",
    };
    day.date().format(pattern).to_string()
}
