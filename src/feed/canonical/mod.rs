//! The canonical record: one change of one list entry, as every platform gets it before its profile shapes it.
//!
//! Pure. [`RecordFields`] is plain data; [`RecordFields::check`] normalises and checks it and gives a
//! [`CanonicalRecord`], which cannot hold a record that must not leave the house. What it reports is read by an
//! officer, so it is in Chinese and names the field.

mod check;
mod codes;
mod names;
mod penalty;
mod text;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sm3::{Digest, Sm3};
use uuid::Uuid;

pub use check::{Faults, FieldFault};
pub use codes::{ExitReason, ListClass, Op, RepairState, Severity, Status, SubjectType};
pub use names::{FIELD_NAMES, INSTANT_FIELDS, MONEY_FIELDS, is_date_field};
pub use penalty::Penalty;

use crate::domain::{Day, Points, Region, Uscc};

/// The fields of a canonical record, not yet checked. Lengths are in characters and are maxima.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordFields {
    /// UUIDv7, the same for the whole life of an entry; an entry listed again has a new one.
    pub record_id: Uuid,
    /// 1, 2, 3 ... 999999, one more for every exported change.
    pub record_version: u32,
    pub op: Op,
    pub status: Status,
    /// Code of the list, 10.
    pub list_code: String,
    /// Name of the list, 100.
    pub list_name: String,
    pub list_class: ListClass,
    /// Needed for serious and key-watch lists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub severity: Option<Severity>,
    pub subject_type: SubjectType,
    /// Name on the licence, 200.
    pub subject_name: String,
    pub uscc: Uscc,
    /// Registration number (工商注册号), 50.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reg_no: Option<String>,
    /// Organisation code, 9.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub org_code: Option<String>,
    /// Name only, 50.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub legal_rep: Option<String>,
    /// 200.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<String>,
    /// GB/T 2260, six digits.
    pub area_code: Region,
    /// Number of the decision document, 128.
    pub decision_no: String,
    /// 200.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision_name: Option<String>,
    pub decision_date: Day,
    /// Who decided, 200.
    pub authority: String,
    pub authority_uscc: Uscc,
    /// Why it was listed (列入事由), 2000.
    pub reason: String,
    /// The facts (主要失信事实), 4000. Needed for serious and key-watch lists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub facts: Option<String>,
    /// Articles it rests on (认定依据), 2000.
    pub basis: String,
    /// 4000.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub penalty_text: Option<String>,
    /// Items of the national list of measures (惩戒措施基础清单).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub measures: Vec<String>,
    pub list_date: Day,
    pub display_from: Day,
    /// Last day of display.
    pub display_until: Day,
    /// Last day of the shortest display; repair is possible after it.
    pub display_min_until: Day,
    /// The exit fields: with status 1, and only then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exit_date: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exit_reason_code: Option<ExitReason>,
    /// 500.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exit_reason: Option<String>,
    /// 128. Needed when the entry left by repair or correction.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exit_decision_no: Option<String>,
    /// 200.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exit_authority: Option<String>,
    pub repair_state: RepairState,
    /// The grade fields: for evaluations (list class 5). Grade 10, name 100, period 20.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub grade: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub score: Option<Points>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub eval_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub eval_period: Option<String>,
    /// Who hands the data over, 200.
    pub source_unit: String,
    pub source_uscc: Uscc,
    /// 500.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub remark: Option<String>,
    /// The record of an earlier listing of the same subject.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous_record_id: Option<Uuid>,
    /// When the entry changed; RFC 3339 with +08:00, to the second.
    #[serde(with = "shanghai")]
    pub changed_at: DateTime<Utc>,
}

/// A record that is normalised, complete and free of personal numbers, with its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct CanonicalRecord {
    fields: RecordFields,
    penalty: Penalty,
    digest: String,
}

impl CanonicalRecord {
    /// The checked fields.
    pub fn fields(&self) -> &RecordFields {
        &self.fields
    }

    /// SM3 of the canonical JSON without the digest: 64 hex digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Whether the public must stop seeing the entry: a deletion, a removal, a shielding.
    pub fn is_withdrawal(&self) -> bool {
        self.fields.is_withdrawal()
    }

    /// All fields with the digest, as JSON with sorted keys and no nulls.
    pub fn to_json(&self) -> String {
        let mut value = fields_value(&self.fields, &self.penalty);
        if let Value::Object(map) = &mut value {
            map.insert("digest".into(), Value::String(self.digest.clone()));
        }
        canonical_json(&value)
    }

    /// The fields by name, as a profile picks them; absent ones are not there.
    pub(super) fn value(&self) -> Value {
        let mut value = fields_value(&self.fields, &self.penalty);
        value["digest"] = Value::String(self.digest.clone());
        value
    }

    fn new(fields: RecordFields, penalty: Penalty) -> Self {
        let digest = hex::encode(Sm3::digest(canonical_json(&fields_value(
            &fields, &penalty,
        ))));
        Self {
            fields,
            penalty,
            digest,
        }
    }
}

impl RecordFields {
    /// Whether the public must stop seeing the entry: a deletion, a removal, a shielding.
    pub fn is_withdrawal(&self) -> bool {
        self.op == Op::Delete || matches!(self.status, Status::Removed | Status::Shielded)
    }

    /// Normalises and checks the record; every fault is reported.
    pub fn check(self) -> Result<CanonicalRecord, Faults> {
        self.check_with(Penalty::default())
    }

    /// As [`RecordFields::check`], of a record with what only an administrative penalty has.
    pub fn check_with(self, penalty: Penalty) -> Result<CanonicalRecord, Faults> {
        let penalty = penalty.normalised();
        let fields = check::checked(self, &penalty)?;
        Ok(CanonicalRecord::new(fields, penalty))
    }
}

fn fields_value(fields: &RecordFields, penalty: &Penalty) -> Value {
    // Plain data with string keys: its JSON cannot fail.
    let mut value = serde_json::to_value(fields).unwrap_or_default();
    if let (Value::Object(all), Ok(Value::Object(more))) =
        (&mut value, serde_json::to_value(penalty))
    {
        all.extend(more);
    }
    value
}

/// JSON with the keys of every object sorted by code point and no white space.
pub fn canonical_json(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let inside: Vec<String> = entries
                .into_iter()
                .map(|(key, value)| {
                    format!("{}:{}", Value::String(key.clone()), canonical_json(value))
                })
                .collect();
            format!("{{{}}}", inside.join(","))
        }
        Value::Array(items) => {
            let inside: Vec<String> = items.iter().map(canonical_json).collect();
            format!("[{}]", inside.join(","))
        }
        plain => plain.to_string(),
    }
}

/// The record as stored: checked again when read, and its digest must still hold.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(flatten)]
    fields: RecordFields,
    #[serde(flatten)]
    penalty: Penalty,
    digest: String,
}

impl From<CanonicalRecord> for Stored {
    fn from(record: CanonicalRecord) -> Self {
        Self {
            fields: record.fields,
            penalty: record.penalty,
            digest: record.digest,
        }
    }
}

/// Why a stored record is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoredError {
    #[error(transparent)]
    Faults(#[from] Faults),
    #[error("记录摘要不符：存为 {stored}，应为 {computed}")]
    Digest { stored: String, computed: String },
}

impl TryFrom<Stored> for CanonicalRecord {
    type Error = StoredError;
    fn try_from(stored: Stored) -> Result<Self, StoredError> {
        let record = stored.fields.check_with(stored.penalty)?;
        if record.digest != stored.digest {
            return Err(StoredError::Digest {
                stored: stored.digest,
                computed: record.digest,
            });
        }
        Ok(record)
    }
}

/// Instants as `2026-03-01T08:00:00+08:00`.
mod shanghai {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        let local = at.with_timezone(&chrono_tz::Asia::Shanghai).fixed_offset();
        serializer.serialize_str(&local.to_rfc3339_opts(SecondsFormat::Secs, false))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text)
            .map(|at| at.to_utc())
            .map_err(|error| D::Error::custom(format!("changed_at {text:?}: {error}")))
    }
}

#[cfg(test)]
mod tests;
