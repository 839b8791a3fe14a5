//! Events of the procedure of a record, beside its versions: only ever added, numbered per record.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::{
    domain::Uscc,
    store::{
        Db, StoreError,
        columns::{self, Micros},
        db::each,
        schema::record_event,
    },
};

/// An event to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    pub kind: String,
    pub actor: String,
    pub role: String,
    pub reason: String,
    /// JSON of the whole event, as the procedure room reads it.
    pub data: String,
}

/// An event of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordEvent {
    /// 1, 2, 3 ... per record.
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub event: NewEvent,
}

/// Adds an event, if `expected` others are there. Returns its number.
///
/// # Errors
/// [`StoreError::Conflict`] if there are more or fewer by now.
pub fn append(
    db: &mut Db,
    company: Option<&Uscc>,
    record: &str,
    expected: i64,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let found = count(db, record)?;
    if found != expected {
        return Err(StoreError::Conflict {
            what: "record",
            key: record.to_owned(),
            expected,
            found,
        });
    }
    let seq = expected + 1;
    each!(db, c => diesel::insert_into(record_event::table)
        .values((
            record_event::company.eq(columns::company(company)),
            record_event::record.eq(record),
            record_event::seq.eq(seq),
            record_event::kind.eq(&event.kind),
            record_event::actor.eq(&event.actor),
            record_event::role.eq(&event.role),
            record_event::at.eq(Micros::from(now)),
            record_event::reason.eq(&event.reason),
            record_event::data.eq(&event.data),
        ))
        .execute(c))?;
    Ok(seq)
}

fn count(db: &mut Db, record: &str) -> Result<i64, StoreError> {
    let last: Option<i64> = record_event::table
        .filter(record_event::record.eq(record))
        .select(diesel::dsl::max(record_event::seq))
        .first(db)?;
    Ok(last.unwrap_or(0))
}

/// The events of a record, in their order; none if there is no such record.
pub fn of_record(db: &mut Db, record: &str) -> Result<Vec<RecordEvent>, StoreError> {
    if record.contains('\0') {
        // No stored id holds one, and PostgreSQL refuses it as a parameter.
        return Ok(Vec::new());
    }
    type Columns = (i64, Micros, String, String, String, String, String);
    let rows: Vec<Columns> = record_event::table
        .filter(record_event::record.eq(record))
        .order(record_event::seq.asc())
        .select((
            record_event::seq,
            record_event::at,
            record_event::kind,
            record_event::actor,
            record_event::role,
            record_event::reason,
            record_event::data,
        ))
        .load(db)?;
    let event = |(seq, at, kind, actor, role, reason, data): Columns| RecordEvent {
        seq,
        at: at.into(),
        event: NewEvent {
            kind,
            actor,
            role,
            reason,
            data,
        },
    };
    Ok(rows.into_iter().map(event).collect())
}
