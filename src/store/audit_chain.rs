//! The chain over the audit trail: each link is a digest over the one before and one row, so that a row that was changed, removed or
//! put in between later does not fit.
//!
//! On SQLite a row gets its link in the transaction that adds it. On PostgreSQL many transactions add rows at once, and a chain in
//! each would make them wait for one another: there [`extend`] is called every second, and rows are linked in the order in which
//! they are found.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{dsl::max, prelude::*};
use sha2::{Digest, Sha256};

use super::{
    Db, StoreError,
    audit::{self, AuditEvent},
    db::each,
    schema::{audit_chain, audit_event},
};
use crate::domain::Uscc;

/// Rows that are linked at once.
pub const MOST_LINKED: usize = 1_000;
/// On PostgreSQL a row may be committed after others with larger numbers; not after so many.
const OUT_OF_ORDER: i64 = 1_000;

/// A link.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Link {
    /// 1, 2, 3 ... without gaps.
    pub number: i64,
    /// Number of the row of the trail.
    pub event: i64,
    /// 64 hex digits.
    pub digest: String,
}

/// The digest of a row after a link; `before` is the digest of that link, empty for the first.
pub fn digest(before: &str, event: &AuditEvent) -> String {
    let new = &event.event;
    let row = serde_json::json!([
        event.id,
        new.company.as_ref().map(Uscc::as_str),
        event.at.timestamp_micros(),
        new.actor,
        new.action,
        new.subject,
        new.data,
    ]);
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update("\n");
    hash.update(row.to_string());
    hex::encode(hash.finalize())
}

/// The last link.
pub fn head(db: &mut Db) -> Result<Option<Link>, StoreError> {
    let last: Option<i64> = audit_chain::table
        .select(max(audit_chain::number))
        .first(db)?;
    match last {
        Some(number) => Ok(Some(audit_chain::table.find(number).first(db)?)),
        None => Ok(None),
    }
}

/// Rows that may not have a link yet, the oldest first, as their numbers.
fn unlinked_ids(db: &mut Db) -> Result<Vec<i64>, StoreError> {
    let last: Option<i64> = audit_chain::table
        .select(max(audit_chain::event))
        .first(db)?;
    let behind = match db {
        Db::Pg(_) => OUT_OF_ORDER,
        Db::Lite(_) => 0,
    };
    let from = last.unwrap_or(0).saturating_sub(behind);
    let ids: Vec<i64> = audit_event::table
        .filter(audit_event::id.gt(from))
        .order(audit_event::id.asc())
        .limit(i64::try_from(MOST_LINKED).unwrap_or(i64::MAX) + behind)
        .select(audit_event::id)
        .load(db)?;
    let linked: BTreeSet<i64> = audit_chain::table
        .filter(audit_chain::event.gt(from))
        .select(audit_chain::event)
        .load::<i64>(db)?
        .into_iter()
        .collect();
    Ok(ids
        .into_iter()
        .filter(|id| !linked.contains(id))
        .take(MOST_LINKED)
        .collect())
}

/// Whether there are rows without a link.
pub fn is_behind(db: &mut Db) -> Result<bool, StoreError> {
    Ok(!unlinked_ids(db)?.is_empty())
}

/// Links rows that have no link yet, [`MOST_LINKED`] at most. Returns how many.
pub fn extend(db: &mut Db) -> Result<usize, StoreError> {
    let ids = unlinked_ids(db)?;
    if ids.is_empty() {
        return Ok(0);
    }
    let events = audit::of_ids(db, &ids)?;
    let (mut number, mut before) = match head(db)? {
        Some(last) => (last.number, last.digest),
        None => (0, String::new()),
    };
    let mut rows = Vec::new();
    for event in &events {
        number += 1;
        before = digest(&before, event);
        rows.push((
            audit_chain::number.eq(number),
            audit_chain::event.eq(event.id),
            audit_chain::digest.eq(before.clone()),
        ));
    }
    each!(db, c => diesel::insert_into(audit_chain::table).values(&rows).execute(c))?;
    Ok(rows.len())
}

/// Links after `number`, each with its row; absent where the row is gone.
pub fn after(
    db: &mut Db,
    number: i64,
    limit: usize,
) -> Result<Vec<(Link, Option<AuditEvent>)>, StoreError> {
    let links: Vec<Link> = audit_chain::table
        .filter(audit_chain::number.gt(number))
        .order(audit_chain::number.asc())
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .load(db)?;
    let ids: Vec<i64> = links.iter().map(|link| link.event).collect();
    let mut events: BTreeMap<i64, AuditEvent> = audit::of_ids(db, &ids)?
        .into_iter()
        .map(|event| (event.id, event))
        .collect();
    Ok(links
        .into_iter()
        .map(|link| {
            let event = events.remove(&link.event);
            (link, event)
        })
        .collect())
}

/// Digests of the links of these rows.
pub fn digests(db: &mut Db, events: &[i64]) -> Result<BTreeMap<i64, String>, StoreError> {
    let rows: Vec<(i64, String)> = audit_chain::table
        .filter(audit_chain::event.eq_any(events.to_vec()))
        .select((audit_chain::event, audit_chain::digest))
        .load(db)?;
    Ok(rows.into_iter().collect())
}

/// How many rows the trail has, and how many links there are.
pub fn counts(db: &mut Db) -> Result<(i64, i64), StoreError> {
    Ok((
        audit_event::table.count().get_result(db)?,
        audit_chain::table.count().get_result(db)?,
    ))
}
