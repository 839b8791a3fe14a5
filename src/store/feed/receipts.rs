//! What came back for batches that are files, kept as it came.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::store::{Db, StoreError, columns::Micros, db::each, schema::feed_receipt};

/// A return file or a receipt number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReceipt {
    pub target: String,
    /// Id of the batch; absent: it belongs to no batch of ours.
    pub batch: Option<String>,
    /// `folder`, `person`, `number`.
    pub source: String,
    /// Of the file; the number itself.
    pub name: String,
    /// SM3 of the body.
    pub digest: String,
    pub body: Vec<u8>,
    /// `applied`, `noted` (nothing to change), `faulty`.
    pub outcome: String,
    pub detail: String,
}

/// What is kept of one, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub batch: Option<String>,
    pub source: String,
    pub name: String,
    pub outcome: String,
    pub detail: String,
    pub at: DateTime<Utc>,
}

type Columns = (Option<String>, String, String, String, String, Micros);

/// Keeps a receipt; in the transaction that applies it.
pub fn add_receipt(db: &mut Db, new: &NewReceipt, at: DateTime<Utc>) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(feed_receipt::table)
        .values((
            feed_receipt::target.eq(&new.target),
            feed_receipt::batch.eq(new.batch.as_deref()),
            feed_receipt::source.eq(&new.source),
            feed_receipt::name.eq(&new.name),
            feed_receipt::digest.eq(&new.digest),
            feed_receipt::body.eq(&new.body),
            feed_receipt::outcome.eq(&new.outcome),
            feed_receipt::detail.eq(&new.detail),
            feed_receipt::at.eq(Micros::from(at)),
        ))
        .execute(c))?;
    Ok(())
}

/// Whether these bytes were read for this batch before, with this outcome.
pub fn receipt_known(
    db: &mut Db,
    target: &str,
    batch: &str,
    digest: &str,
    outcome: &str,
) -> Result<bool, StoreError> {
    let found: i64 = feed_receipt::table
        .filter(feed_receipt::target.eq(target))
        .filter(feed_receipt::batch.eq(batch))
        .filter(feed_receipt::digest.eq(digest))
        .filter(feed_receipt::outcome.eq(outcome))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}

/// What came back for a batch, in order.
pub fn receipts_of(db: &mut Db, batch: &str) -> Result<Vec<Receipt>, StoreError> {
    let rows: Vec<Columns> = feed_receipt::table
        .filter(feed_receipt::batch.eq(batch))
        .order(feed_receipt::id.asc())
        .select((
            feed_receipt::batch,
            feed_receipt::source,
            feed_receipt::name,
            feed_receipt::outcome,
            feed_receipt::detail,
            feed_receipt::at,
        ))
        .load(db)?;
    Ok(rows.into_iter().map(Receipt::from).collect())
}

/// What came back from a target with this outcome, the latest first.
pub fn receipts(
    db: &mut Db,
    target: &str,
    outcome: &str,
    limit: usize,
) -> Result<Vec<Receipt>, StoreError> {
    let rows: Vec<Columns> = feed_receipt::table
        .filter(feed_receipt::target.eq(target))
        .filter(feed_receipt::outcome.eq(outcome))
        .order(feed_receipt::id.desc())
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((
            feed_receipt::batch,
            feed_receipt::source,
            feed_receipt::name,
            feed_receipt::outcome,
            feed_receipt::detail,
            feed_receipt::at,
        ))
        .load(db)?;
    Ok(rows.into_iter().map(Receipt::from).collect())
}

impl From<Columns> for Receipt {
    fn from((batch, source, name, outcome, detail, at): Columns) -> Self {
        Self {
            batch,
            source,
            name,
            outcome,
            detail,
            at: at.into(),
        }
    }
}
