//! A version as a row.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{Cause, RecordVersion};
use crate::{
    domain::{Record, RecordKind, RecordStatus},
    store::{
        StoreError,
        columns::{self, Fixed, Micros},
        schema::record,
    },
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = record, treat_none_as_default_value = false)]
pub(super) struct Row {
    company: String,
    id: String,
    version: i64,
    item: String,
    kind: Option<String>,
    project: Option<String>,
    manager: Option<String>,
    body: Option<String>,
    occurred_on: Option<String>,
    decided_on: Option<String>,
    entered_on: Option<String>,
    published_on: Option<String>,
    valid_until: Option<String>,
    points: Option<Fixed>,
    reason: Option<String>,
    matter: Option<String>,
    rectify_by: Option<String>,
    rectified_on: Option<String>,
    status: String,
    attributes: String,
    digest: String,
    cause: String,
    actor: String,
    recorded_at: Micros,
    superseded_at: Option<Micros>,
}

/// What goes with a record into its row.
pub(super) struct Stamp<'a> {
    pub version: i64,
    pub digest: String,
    pub cause: Cause,
    pub actor: &'a str,
    pub now: DateTime<Utc>,
}

impl Row {
    pub(super) fn of(record: &Record, stamp: Stamp<'_>) -> Self {
        Self {
            company: columns::company(record.company.as_ref()),
            id: record.id.clone(),
            version: stamp.version,
            item: record.item.clone(),
            kind: record.kind.map(|kind| kind.as_str().to_owned()),
            project: record.project.clone(),
            manager: record.manager.clone(),
            body: record.body.clone(),
            occurred_on: columns::day(record.occurred_on),
            decided_on: columns::day(record.decided_on),
            entered_on: columns::day(record.entered_on),
            published_on: columns::day(record.published_on),
            valid_until: columns::day(record.valid_until),
            points: record.points.map(Fixed::from),
            reason: record.reason.clone(),
            matter: record.matter.clone(),
            rectify_by: columns::day(record.rectify_by),
            rectified_on: columns::day(record.rectified_on),
            status: record.status.as_str().to_owned(),
            attributes: attributes(record),
            digest: stamp.digest,
            cause: stamp.cause.as_str().to_owned(),
            actor: stamp.actor.to_owned(),
            recorded_at: stamp.now.into(),
            superseded_at: None,
        }
    }
}

/// Most records have none.
fn attributes(record: &Record) -> String {
    if record.attributes.is_empty() {
        return "{}".to_owned();
    }
    // Plain data with string keys: its JSON cannot fail.
    serde_json::to_string(&record.attributes).unwrap_or_default()
}

impl TryFrom<Row> for RecordVersion {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let kind = row.kind.as_deref().map(|kind| {
            RecordKind::parse(kind).map_err(|_| columns::corrupt(("record", "kind"), kind))
        });
        let record = Record {
            company: columns::read_or_empty(("record", "company"), &row.company)?,
            kind: kind.transpose()?,
            occurred_on: columns::read_option(
                ("record", "occurred_on"),
                row.occurred_on.as_deref(),
            )?,
            decided_on: columns::read_option(("record", "decided_on"), row.decided_on.as_deref())?,
            entered_on: columns::read_option(("record", "entered_on"), row.entered_on.as_deref())?,
            published_on: columns::read_option(
                ("record", "published_on"),
                row.published_on.as_deref(),
            )?,
            valid_until: columns::read_option(
                ("record", "valid_until"),
                row.valid_until.as_deref(),
            )?,
            points: row.points.map(Into::into),
            rectify_by: columns::read_option(("record", "rectify_by"), row.rectify_by.as_deref())?,
            rectified_on: columns::read_option(
                ("record", "rectified_on"),
                row.rectified_on.as_deref(),
            )?,
            status: RecordStatus::parse(&row.status)
                .map_err(|_| columns::corrupt(("record", "status"), &row.status))?,
            attributes: serde_json::from_str(&row.attributes)
                .map_err(|_| columns::corrupt(("record", "attributes"), &row.attributes))?,
            id: row.id,
            item: row.item,
            project: row.project,
            manager: row.manager,
            body: row.body,
            reason: row.reason,
            matter: row.matter,
        };
        Ok(Self {
            record,
            version: row.version,
            cause: Cause::parse(&row.cause)
                .ok_or_else(|| columns::corrupt(("record", "cause"), &row.cause))?,
            digest: row.digest,
            actor: row.actor,
            recorded_at: row.recorded_at.into(),
            superseded_at: row.superseded_at.map(Into::into),
        })
    }
}
