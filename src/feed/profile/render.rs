//! One record in the form of one profile. What does not fit is refused; nothing is cut.

use std::fmt;

use chrono::DateTime;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value};

use super::{
    Charset, Condition, DateFormat, FieldRule, Format, LengthUnit, OPEN_END, Profile, Source,
    Transport, WithdrawalForm,
};
use crate::{
    domain::Day,
    feed::canonical::{CanonicalRecord, Op, Status, is_date_field},
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

    /// A value as one text: what a file or a workbook holds.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(text_of)
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
    #[error("平台要求 {} 至少填一项", fields.join("、"))]
    EmptyGroup { fields: Vec<String> },
    /// A spreadsheet would take it for a formula.
    #[error("以「{0}」开头，表格软件会当作公式")]
    Formula(char),
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
    let mut canonical = record.value();
    canonical["op"] = op(profile, record).code().into();
    let mut fields = Vec::with_capacity(profile.fields.len());
    let mut faults = Vec::new();
    for rule in &profile.fields {
        match render_field(profile, rule, &canonical) {
            Ok(Some(value)) => fields.push((rule.name.clone(), value)),
            Ok(None) => {}
            Err((value, why)) => faults.push(RenderFault {
                field: rule.name.clone(),
                from: rule.from().unwrap_or_default().to_owned(),
                value,
                why,
            }),
        }
    }
    faults.extend(empty_groups(profile, &fields, &faults));
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

/// Groups of which no field has a value. A field that is faulty has one.
fn empty_groups(
    profile: &Profile,
    fields: &[(String, Value)],
    faults: &[RenderFault],
) -> Vec<RenderFault> {
    let mut groups: Vec<&str> = profile
        .fields
        .iter()
        .filter_map(|rule| rule.group.as_deref())
        .collect();
    groups.sort_unstable();
    groups.dedup();
    let names = |group: &str| -> Vec<String> {
        let members = profile
            .fields
            .iter()
            .filter(|rule| rule.group.as_deref() == Some(group));
        members.map(|rule| rule.name.clone()).collect()
    };
    groups
        .into_iter()
        .map(names)
        .filter(|members| {
            members.iter().all(|member| {
                fields.iter().all(|(name, _)| name != member)
                    && faults.iter().all(|fault| fault.field != *member)
            })
        })
        .map(|members| RenderFault {
            field: members.first().cloned().unwrap_or_default(),
            from: String::new(),
            value: String::new(),
            why: RenderWhy::EmptyGroup { fields: members },
        })
        .collect()
}

impl Condition {
    fn holds(&self, canonical: &Value) -> bool {
        self.0.iter().all(|(field, wanted)| {
            let found = canonical.get(field).map(text_of).unwrap_or_default();
            wanted.contains(&found)
        })
    }
}

fn render_field(
    profile: &Profile,
    rule: &FieldRule,
    canonical: &Value,
) -> Result<Option<Value>, (String, RenderWhy)> {
    if rule
        .when
        .as_ref()
        .is_some_and(|when| !when.holds(canonical))
    {
        return Ok(None);
    }
    let value = match &rule.source {
        Source::Constant(text) => return Ok(Some(Value::String(text.clone()))),
        Source::Field(from) => canonical.get(from).cloned(),
    };
    let value = match value {
        None if rule.open_end => Some(Value::String(OPEN_END.to_owned())),
        found => found,
    };
    let required = rule.required
        || rule
            .required_when
            .as_ref()
            .is_some_and(|when| when.holds(canonical));
    let Some(value) = value else {
        return if required {
            Err((String::new(), RenderWhy::Missing))
        } else {
            Ok(None)
        };
    };
    let value = match value {
        Value::Array(items) if rule.join.is_none() && profile.transport.paths().is_some() => {
            let texts = items
                .iter()
                .map(|item| render_text(profile, rule, item.as_str().unwrap_or_default()));
            Value::Array(
                texts
                    .map(|text| text.map(Value::String))
                    .collect::<Result<_, _>>()?,
            )
        }
        Value::Array(items) => {
            let texts: Vec<String> = items.iter().map(text_of).collect();
            let joined = texts.join(rule.join.as_deref().unwrap_or("；"));
            Value::String(render_text(profile, rule, &joined)?)
        }
        Value::Number(number) if plain_number(profile, rule) => Value::Number(number),
        other => Value::String(render_text(profile, rule, &text_of(&other))?),
    };
    Ok(Some(value))
}

/// JSON has numbers; files have texts only, and money is written out.
fn plain_number(profile: &Profile, rule: &FieldRule) -> bool {
    profile.transport.paths().is_some() && rule.format.is_none() && rule.codes.is_none()
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text_of).collect::<Vec<_>>().join("；"),
        other => other.to_string(),
    }
}

fn render_text(
    profile: &Profile,
    rule: &FieldRule,
    text: &str,
) -> Result<String, (String, RenderWhy)> {
    let fault = |why| (text.to_owned(), why);
    let text_out = if let Some(table) = &rule.codes {
        let known = profile.codes.get(table).and_then(|codes| codes.get(text));
        known.cloned().ok_or_else(|| {
            let (table, code) = (table.clone(), text.to_owned());
            fault(RenderWhy::NoCode { table, code })
        })?
    } else {
        written(profile, rule, text)
    };
    if let Some((position, character)) = profile.charset.unmappable(&text_out) {
        return Err(fault(RenderWhy::Unmappable {
            character,
            position,
            charset: profile.charset,
        }));
    }
    // A CSV file has no types: what opens it decides. A workbook's cells are texts, so nothing can happen there.
    if matches!(profile.transport, Transport::CsvFile { .. })
        && let Some(first) = text_out.chars().next()
        && matches!(first, '=' | '+' | '-' | '@')
    {
        return Err(fault(RenderWhy::Formula(first)));
    }
    let length = match rule.unit {
        LengthUnit::Chars => text_out.chars().count(),
        LengthUnit::Bytes => profile.charset.encoding().encode(&text_out).0.len(),
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

/// The text in the field's own format.
fn written(profile: &Profile, rule: &FieldRule, text: &str) -> String {
    let money = |per_unit: i64, places: u32| {
        let fen: i64 = text.parse().ok()?;
        Some((Decimal::from(fen) / Decimal::from(per_unit)).round_dp(places))
    };
    let instant = |pattern: &str| {
        let at = DateTime::parse_from_rfc3339(text).ok()?;
        let local = at.with_timezone(&chrono_tz::Asia::Shanghai);
        Some(local.format(pattern).to_string())
    };
    let from = rule.from().unwrap_or_default();
    let written = match rule.format {
        Some(Format::Date(format)) => Some(date(format, text)),
        // One 分 is 0.000001 万元: nothing is rounded away.
        Some(Format::WanYuan) => money(1_000_000, 6).map(|amount| amount.normalize().to_string()),
        Some(Format::Yuan) => money(100, 2).map(|amount| format!("{amount:.2}")),
        Some(Format::DateTime) => instant("%Y-%m-%d %H:%M:%S"),
        Some(Format::DateTimeCompact) => instant("%Y%m%d%H%M%S"),
        None if is_date_field(from) => Some(date(profile.date_format, text)),
        None => None,
    };
    written.unwrap_or_else(|| text.to_owned())
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
