//! The audit trail: who did what to what, only ever added to.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    Db, Page, StoreError, audit_chain,
    columns::{self, Micros},
    db::each,
    one_more,
    schema::audit_event,
};
use crate::domain::Uscc;

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAudit {
    /// The company concerned, if one is.
    pub company: Option<Uscc>,
    pub actor: String,
    pub action: String,
    /// What it was done to: `record r-17`, `account a-3`.
    pub subject: String,
    /// JSON.
    pub data: String,
}

/// A line of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Grows; may have gaps.
    pub id: i64,
    pub at: DateTime<Utc>,
    pub event: NewAudit,
}

type Row = (i64, String, Micros, String, String, String, String);

fn read((id, company, at, actor, action, subject, data): Row) -> Result<AuditEvent, StoreError> {
    Ok(AuditEvent {
        id,
        at: at.into(),
        event: NewAudit {
            company: columns::read_or_empty(("audit_event", "company"), &company)?,
            actor,
            action,
            subject,
            data,
        },
    })
}

const COLUMNS: (
    audit_event::id,
    audit_event::company,
    audit_event::at,
    audit_event::actor,
    audit_event::action,
    audit_event::subject,
    audit_event::data,
) = (
    audit_event::id,
    audit_event::company,
    audit_event::at,
    audit_event::actor,
    audit_event::action,
    audit_event::subject,
    audit_event::data,
);

/// Adds a line; in the transaction of what it tells.
pub fn append(db: &mut Db, new: &NewAudit, now: DateTime<Utc>) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(audit_event::table)
        .values((
            audit_event::company.eq(columns::company(new.company.as_ref())),
            audit_event::at.eq(Micros::from(now)),
            audit_event::actor.eq(&new.actor),
            audit_event::action.eq(&new.action),
            audit_event::subject.eq(&new.subject),
            audit_event::data.eq(&new.data),
        ))
        .execute(c))?;
    if let Db::Lite(_) = db {
        // There is one writer at a time: the row and its link are of one transaction.
        audit_chain::extend(db)?;
    }
    Ok(())
}

/// The lines of these numbers, in their order.
pub fn of_ids(db: &mut Db, ids: &[i64]) -> Result<Vec<AuditEvent>, StoreError> {
    let rows: Vec<Row> = audit_event::table
        .filter(audit_event::id.eq_any(ids.to_vec()))
        .order(audit_event::id.asc())
        .select(COLUMNS)
        .load(db)?;
    rows.into_iter().map(read).collect()
}

/// The trail backwards from `before` (absent: from its end); of one company, if one is given.
pub fn page(
    db: &mut Db,
    company: Option<&Uscc>,
    before: Option<i64>,
    limit: usize,
) -> Result<Page<AuditEvent, i64>, StoreError> {
    let mut query = audit_event::table.select(COLUMNS).into_boxed();
    if let Some(company) = company {
        query = query.filter(audit_event::company.eq(company.as_str()));
    }
    if let Some(before) = before {
        query = query.filter(audit_event::id.lt(before));
    }
    let rows: Vec<Row> = query
        .order(audit_event::id.desc())
        .limit(one_more(limit))
        .load(db)?;
    let events = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    Ok(Page::cut(events, limit, |event: &AuditEvent| event.id))
}

/// The lines of one action after `after`, oldest first.
pub fn of_action(
    db: &mut Db,
    action: &str,
    after: i64,
    limit: usize,
) -> Result<Vec<AuditEvent>, StoreError> {
    let rows: Vec<Row> = audit_event::table
        .filter(audit_event::action.eq(action))
        .filter(audit_event::id.gt(after))
        .order(audit_event::id.asc())
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(COLUMNS)
        .load(db)?;
    rows.into_iter().map(read).collect()
}

/// The number of the last line of an action; 0 if there is none.
pub fn last_of_action(db: &mut Db, action: &str) -> Result<i64, StoreError> {
    let id: Option<i64> = audit_event::table
        .filter(audit_event::action.eq(action))
        .select(diesel::dsl::max(audit_event::id))
        .first(db)?;
    Ok(id.unwrap_or(0))
}
