//! Why changes were refused, and who has to act.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{Change, outbox};
use crate::store::{Db, StoreError, columns::Micros, db::each, schema::feed_reject};

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
