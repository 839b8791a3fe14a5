//! From what a platform gives (a listing, the answer about one record, an export file) to rows.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Form, Shown};
use crate::feed::{
    canonical::{CanonicalRecord, Status},
    outcome::{Answer, Attempt, failure, read_json, says_not_found},
    profile::{Profile, Rendered},
    receipts::ReceiptTable,
};

/// Fields of which a platform keeps what it likes: they say how a change came, not what the entry is.
const NOT_COMPARED: [&str; 3] = ["op", "changed_at", "record_version"];

/// Why what the platform gave cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("the platform did not say what it shows: {0}")]
    Platform(String),
    #[error(
        "this platform cannot be asked: compare with its export, `wuxin reconcile --file FILE`, or write `listing` into [paths]"
    )]
    NotAsked,
    #[error("the listing has no list {0:?}")]
    NoRecords(String),
    #[error("record {row} of the page has neither {columns}")]
    Nameless { row: usize, columns: String },
    #[error("record {row}: {column} is {value:?}, which is no version")]
    Version {
        row: usize,
        column: String,
        value: String,
    },
    #[error("the file has no column {0}; the profile maps it to what tells records apart")]
    NoColumn(String),
}

/// A page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingPage {
    pub rows: Vec<Shown>,
    /// Where the next page begins; absent on the last.
    pub next: Option<String>,
    /// Rows of all pages, if the platform counts them.
    pub total: Option<u64>,
}

/// Whether a profile has what tells its records apart in an export: our id, or the company's code.
pub fn sees_everything(profile: &Profile) -> bool {
    column(profile, "record_id").is_some() || column(profile, "uscc").is_some()
}

/// The platform's form of a record that was rendered for it.
fn expected_form(profile: &Profile, rendered: &Rendered) -> Form {
    let texts = rendered.fields().iter().filter_map(|(name, _)| {
        let text = rendered.text(name)?;
        Some((name.clone(), text))
    });
    form(profile, &texts.collect())
}

/// Reads an export file of the platform, by the profile's columns.
///
/// # Errors
/// No column that tells records apart, a row without a value in it, or a version that is none.
pub fn read_table(profile: &Profile, table: &ReceiptTable) -> Result<Vec<Shown>, ReadError> {
    let identity: Vec<&str> = ["record_id", "uscc"]
        .into_iter()
        .filter_map(|from| column(profile, from))
        .collect();
    // An empty XML file has no columns and no rows.
    if !identity.iter().any(|name| table.has(name)) && !table.is_bare() {
        return Err(ReadError::NoColumn(identity.join(" or ")));
    }
    let rows = table.rows().map(|(row, cells)| {
        let known = profile.fields.iter().filter(|rule| table.has(&rule.name));
        let texts = known.map(|rule| {
            let text = cells.get(&rule.name).unwrap_or_default();
            (rule.name.clone(), text.to_owned())
        });
        shown(profile, row, &texts.collect())
    });
    rows.collect()
}

/// Reads a page of a listing.
///
/// # Errors
/// No whole answer, another shape, or a record that cannot be told from others.
pub fn read_listing(profile: &Profile, attempt: &Attempt) -> Result<ListingPage, ReadError> {
    #[derive(Deserialize)]
    struct Page {
        #[serde(flatten)]
        all: Map<String, Value>,
    }
    let answer = whole(attempt)?;
    let page: Page = read_json(answer).map_err(|fault| ReadError::Platform(fault.to_string()))?;
    let name = profile.transport.records_name();
    let records = page.all.get(name).and_then(Value::as_array);
    let records = records.ok_or_else(|| ReadError::NoRecords(name.to_owned()))?;
    let rows = records.iter().enumerate().map(|(index, record)| {
        let texts = texts(profile, record);
        let mut row = shown(profile, index + 1, &texts)?;
        if let Some(visible) = record.get("visible").and_then(Value::as_bool) {
            row.visible = visible;
        }
        Ok(row)
    });
    Ok(ListingPage {
        rows: rows.collect::<Result<_, _>>()?,
        next: page
            .all
            .get("next")
            .and_then(Value::as_str)
            .map(str::to_owned),
        total: page.all.get("total").and_then(Value::as_u64),
    })
}

/// Reads the answer about one record; none if the platform says it does not hold it.
///
/// # Errors
/// No whole answer, or one about another record.
pub fn read_record(
    profile: &Profile,
    record_id: Uuid,
    attempt: &Attempt,
) -> Result<Option<Shown>, ReadError> {
    #[derive(Deserialize)]
    struct Held {
        record_id: Uuid,
        record_version: u32,
        digest: Option<String>,
        withdrawn: Option<bool>,
        visible: Option<bool>,
        /// The version that the public sees, where the platform holds a later one.
        visible_version: Option<u32>,
    }
    if let Attempt::Answered(answer) = attempt
        && says_not_found(answer, &record_id.to_string())
    {
        return Ok(None);
    }
    let answer = whole(attempt)?;
    let told = |fault: crate::feed::outcome::UnknownWhy| ReadError::Platform(fault.to_string());
    let held: Held = read_json(answer).map_err(told)?;
    if held.record_id != record_id {
        let why = format!(
            "asked for record {record_id}, it speaks of {}",
            held.record_id
        );
        return Err(ReadError::Platform(why));
    }
    let all: Value = read_json(answer).map_err(told)?;
    let withdrawn = held.withdrawn.unwrap_or(false);
    let mut form = form(profile, &texts(profile, &all));
    form.digest = held.digest;
    let shown = held.visible_version.unwrap_or(held.record_version);
    if shown != held.record_version {
        // What it says of the version that it holds is not what the public sees.
        form = Form::default();
    }
    Ok(Some(Shown {
        record_id: Some(record_id),
        uscc: None,
        decision_no: None,
        version: Some(shown),
        visible: held.visible.unwrap_or(!withdrawn),
        form,
    }))
}

fn whole(attempt: &Attempt) -> Result<&Answer, ReadError> {
    match attempt {
        Attempt::Answered(answer) if answer.status == 200 => Ok(answer),
        other => Err(ReadError::Platform(failure(other))),
    }
}

/// The values that the profile knows, as texts. A value that is null is an empty one; an absent one is not told.
fn texts(profile: &Profile, record: &Value) -> BTreeMap<String, String> {
    let known = profile.fields.iter().filter_map(|rule| {
        let text = match record.get(&rule.name)? {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Array(items) => {
                let items = items.iter().filter_map(Value::as_str);
                items.collect::<Vec<_>>().join("；")
            }
            other => other.to_string(),
        };
        Some((rule.name.clone(), text))
    });
    known.collect()
}

fn shown(
    profile: &Profile,
    row: usize,
    texts: &BTreeMap<String, String>,
) -> Result<Shown, ReadError> {
    let text = |from| {
        let text = texts.get(column(profile, from)?)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let record_id = text("record_id").and_then(|text| Uuid::parse_str(&text).ok());
    let uscc = text("uscc").map(|code| code.to_uppercase());
    if record_id.is_none() && uscc.is_none() {
        let names = ["record_id", "uscc"].map(|from| column(profile, from).unwrap_or(from));
        return Err(ReadError::Nameless {
            row,
            columns: names.join(" nor "),
        });
    }
    let version = text("record_version").map(|value| {
        value.parse().map_err(|_| ReadError::Version {
            row,
            column: column(profile, "record_version")
                .unwrap_or_default()
                .to_owned(),
            value,
        })
    });
    let form = form(profile, texts);
    Ok(Shown {
        record_id,
        uscc,
        decision_no: text("decision_no"),
        version: version.transpose()?,
        visible: visible(profile, form.status.as_deref()),
        form,
    })
}

/// Splits the texts into what is judged by a class of its own and the rest.
fn form(profile: &Profile, texts: &BTreeMap<String, String>) -> Form {
    let mut form = Form::default();
    for rule in &profile.fields {
        let (Some(from), Some(text)) = (rule.from(), texts.get(&rule.name)) else {
            continue;
        };
        match from {
            "status" => form.status = Some(text.clone()),
            "subject_name" => form.name = Some(text.clone()),
            "digest" => form.digest = Some(text.clone()),
            _ if NOT_COMPARED.contains(&from) => {}
            _ => drop(form.fields.insert(rule.name.clone(), text.clone())),
        }
    }
    form
}

/// Whether a status of the platform is one under which the public sees an entry.
fn visible(profile: &Profile, status: Option<&str>) -> bool {
    let Some(status) = status.map(str::trim) else {
        return true;
    };
    let rule = profile
        .fields
        .iter()
        .find(|rule| rule.from() == Some("status"));
    let table = rule.and_then(|rule| profile.codes.get(rule.codes.as_ref()?));
    let is = |one: Status| match table {
        Some(codes) => codes.get(one.code()).is_some_and(|word| word == status),
        None => one.code() == status,
    };
    is(Status::Displayed) || is(Status::Disputed) || !(is(Status::Removed) || is(Status::Shielded))
}

/// The platform's name of a canonical field.
fn column<'p>(profile: &'p Profile, from: &str) -> Option<&'p str> {
    let rule = profile.fields.iter().find(|rule| rule.from() == Some(from));
    rule.map(|rule| rule.name.as_str())
}

/// The platform's form of a record; none if it does not fit the profile and so never went.
pub fn form_of(profile: &Profile, record: &CanonicalRecord) -> Option<Form> {
    let rendered = crate::feed::profile::render(profile, record).ok()?;
    Some(expected_form(profile, &rendered))
}
