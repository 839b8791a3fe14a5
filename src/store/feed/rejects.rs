//! Why changes were refused, and who has to act.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, upsert::excluded};

use super::{Change, outbox};
use crate::store::{
    Db, StoreError,
    columns::Micros,
    db::each,
    schema::{feed_delay, feed_reject},
};

/// Why a change was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// [`Change::seq`].
    pub change: i64,
    pub target: String,
    /// Absent: it did not fit the profile and never went.
    pub batch: Option<String>,
    /// `unfit`, `rejected`, `unmatched`, `conflict`.
    pub kind: String,
    /// `DATA`, `MAPPING`, `AUTH`, `TRANSIENT`.
    pub class: String,
    /// `officer`, `operator`, `publisher`.
    pub owner: String,
    pub code: String,
    pub field: Option<String>,
    pub message: String,
    pub at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = feed_reject, treat_none_as_default_value = false)]
struct Row {
    change: i64,
    target: String,
    batch: Option<String>,
    kind: String,
    class: String,
    owner: String,
    code: String,
    field: Option<String>,
    message: String,
    at: Micros,
}

/// Keeps why a change was refused; in the transaction that gives it this state. A second reason of the same change is not
/// kept: the first one ended it.
pub fn note_reject(db: &mut Db, reject: &Reject) -> Result<(), StoreError> {
    let row = Row {
        change: reject.change,
        target: reject.target.clone(),
        batch: reject.batch.clone(),
        kind: reject.kind.clone(),
        class: reject.class.clone(),
        owner: reject.owner.clone(),
        code: reject.code.clone(),
        field: reject.field.clone(),
        message: reject.message.clone(),
        at: reject.at.into(),
    };
    each!(db, c => diesel::insert_into(feed_reject::table)
        .values(&row)
        .on_conflict(feed_reject::change)
        .do_nothing()
        .execute(c))?;
    Ok(())
}

/// What was refused and no later change of its record has replaced, the latest first, each with its reason if one was kept.
pub fn open_rejects(
    db: &mut Db,
    target: &str,
    limit: usize,
) -> Result<Vec<(Change, Option<Reject>)>, StoreError> {
    let mut found = Vec::new();
    for change in outbox::rejected(db, target, limit)? {
        let row: Option<Row> = feed_reject::table
            .find(change.seq)
            .select(Row::as_select())
            .first(db)
            .optional()?;
        found.push((change, row.map(Reject::from)));
    }
    Ok(found)
}

/// Longest pause of a change that was put back, in minutes.
const LONGEST_PAUSE: i64 = 60;

/// Lets a change that was put back wait: 1, 2, 4 ... 60 minutes.
pub fn postpone(db: &mut Db, change: i64, at: DateTime<Utc>) -> Result<(), StoreError> {
    let before: Option<i64> = feed_delay::table
        .find(change)
        .select(feed_delay::tries)
        .first(db)
        .optional()?;
    let tries = before.unwrap_or(0) + 1;
    let minutes = 1_i64 << (tries - 1).clamp(0, 6);
    let until = at + TimeDelta::minutes(minutes.min(LONGEST_PAUSE));
    each!(db, c => diesel::insert_into(feed_delay::table)
        .values((
            feed_delay::change.eq(change),
            feed_delay::tries.eq(tries),
            feed_delay::until.eq(Micros::from(until)),
        ))
        .on_conflict(feed_delay::change)
        .do_update()
        .set((
            feed_delay::tries.eq(excluded(feed_delay::tries)),
            feed_delay::until.eq(excluded(feed_delay::until)),
        ))
        .execute(c))?;
    Ok(())
}

/// Changes that are to wait beyond `now`, and until when.
pub fn postponed(
    db: &mut Db,
    now: DateTime<Utc>,
) -> Result<BTreeMap<i64, DateTime<Utc>>, StoreError> {
    let rows: Vec<(i64, Micros)> = feed_delay::table
        .filter(feed_delay::until.gt(Micros::from(now)))
        .select((feed_delay::change, feed_delay::until))
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|(change, until)| (change, until.into()))
        .collect())
}

impl From<Row> for Reject {
    fn from(row: Row) -> Self {
        Self {
            change: row.change,
            target: row.target,
            batch: row.batch,
            kind: row.kind,
            class: row.class,
            owner: row.owner,
            code: row.code,
            field: row.field,
            message: row.message,
            at: row.at.into(),
        }
    }
}
