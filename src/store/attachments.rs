//! Which files belong to which record, who put them there and when; the bytes are in [`super::blobs`].

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    Db, Page, StoreError,
    columns::{self, Micros},
    db::each,
    one_more,
    schema::attachment,
};
use crate::domain::Uscc;

/// A file of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub company: Option<Uscc>,
    pub record: String,
    /// SHA-256 of its bytes, 64 hex digits.
    pub digest: String,
    /// Media type, by what the bytes are.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// What its sender called it; never used as a path.
    pub name: String,
    /// `record`, `objection` or `rectification`.
    pub about: String,
    pub actor: String,
    pub at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = attachment)]
struct Row {
    company: String,
    record: String,
    digest: String,
    media: String,
    size: i64,
    name: String,
    about: String,
    actor: String,
    at: Micros,
}

impl TryFrom<Row> for Attachment {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            company: columns::read_or_empty(("attachment", "company"), &row.company)?,
            record: row.record,
            digest: row.digest,
            media: row.media,
            size: row.size,
            name: row.name,
            about: row.about,
            actor: row.actor,
            at: row.at.into(),
        })
    }
}

/// Keeps that a file belongs to a record; the same content again changes nothing. Returns the row that is kept.
pub fn add(db: &mut Db, new: &Attachment) -> Result<Attachment, StoreError> {
    let row = Row {
        company: columns::company(new.company.as_ref()),
        record: new.record.clone(),
        digest: new.digest.clone(),
        media: new.media.clone(),
        size: new.size,
        name: new.name.clone(),
        about: new.about.clone(),
        actor: new.actor.clone(),
        at: new.at.into(),
    };
    each!(db, c => diesel::insert_into(attachment::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(c))?;
    find(db, &new.record, &new.digest)?.ok_or_else(|| StoreError::NotFound {
        what: "attachment",
        key: new.digest.clone(),
    })
}

/// One file of a record.
pub fn find(db: &mut Db, record: &str, digest: &str) -> Result<Option<Attachment>, StoreError> {
    if record.contains('\0') || digest.contains('\0') {
        // No stored id holds one, and PostgreSQL refuses it as a parameter.
        return Ok(None);
    }
    attachment::table
        .filter(attachment::record.eq(record))
        .filter(attachment::digest.eq(digest))
        .select(Row::as_select())
        .first::<Row>(db)
        .optional()?
        .map(Attachment::try_from)
        .transpose()
}

/// The files of a record, oldest first.
pub fn of_record(db: &mut Db, record: &str) -> Result<Vec<Attachment>, StoreError> {
    if record.contains('\0') {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = attachment::table
        .filter(attachment::record.eq(record))
        .order((attachment::at.asc(), attachment::digest.asc()))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Attachment::try_from).collect()
}

/// Digests of all files with the number of bytes of each, once each, in their order, after `after`.
pub fn digests(
    db: &mut Db,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<(String, i64), String>, StoreError> {
    let rows: Vec<(String, i64)> = attachment::table
        .filter(attachment::digest.gt(after.unwrap_or_default()))
        .select((attachment::digest, attachment::size))
        .distinct()
        .order((attachment::digest.asc(), attachment::size.asc()))
        .limit(one_more(limit))
        .load(db)?;
    Ok(Page::cut(rows, limit, |(digest, _)| digest.clone()))
}
