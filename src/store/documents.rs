//! Issued documents. A number is the next of its kind and year, taken in the transaction of the document: a transaction that is
//! undone gives its number back, and triggers refuse a number that is skipped or given twice.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    Db, StoreError,
    columns::{self, Micros},
    db::each,
    schema::{document, document_counter, document_void},
};
use crate::domain::{MatterKind, Region, Uscc};

/// A document to be stored under a number that was taken in the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    /// Kind of document: `notice`, `decision`.
    pub kind: String,
    pub year: i64,
    /// As [`next_number`] gave it.
    pub number: i64,
    pub id: String,
    /// 文号
    pub mark: String,
    pub matter_kind: MatterKind,
    pub matter: String,
    pub company: Uscc,
    /// The division whose accounts read it; absent: accounts of the whole city only.
    pub region: Option<Region>,
    pub title: String,
    /// SHA-256 of `html`.
    pub digest: String,
    /// SHA-256 of the template it was made from.
    pub template_digest: String,
    pub html: Vec<u8>,
    pub issued_by: String,
}

/// A document, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub kind: String,
    pub year: i64,
    pub number: i64,
    pub id: String,
    pub mark: String,
    pub matter_kind: MatterKind,
    pub matter: String,
    pub company: Uscc,
    pub region: Option<Region>,
    pub title: String,
    pub digest: String,
    pub template_digest: String,
    pub issued_by: String,
    pub issued_at: DateTime<Utc>,
    pub void: Option<Void>,
}

/// Why a document does not hold (作废). Its number stays taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Void {
    pub reason: String,
    pub by: String,
    pub at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = document)]
struct Head {
    kind: String,
    year: i64,
    number: i64,
    id: String,
    mark: String,
    matter_kind: String,
    matter: String,
    company: String,
    region: Option<String>,
    title: String,
    digest: String,
    template_digest: String,
    issued_by: String,
    issued_at: Micros,
}

type VoidRow = (String, String, Micros);

fn read((head, void): (Head, Option<VoidRow>)) -> Result<Document, StoreError> {
    Ok(Document {
        kind: head.kind,
        year: head.year,
        number: head.number,
        id: head.id,
        mark: head.mark,
        matter_kind: columns::read(("document", "matter_kind"), &head.matter_kind)?,
        matter: head.matter,
        company: columns::read(("document", "company"), &head.company)?,
        region: columns::region(("document", "region"), head.region.as_deref())?,
        title: head.title,
        digest: head.digest,
        template_digest: head.template_digest,
        issued_by: head.issued_by,
        issued_at: head.issued_at.into(),
        void: void.map(|(reason, by, at)| Void {
            reason,
            by,
            at: at.into(),
        }),
    })
}

/// Takes the next number of a kind and year. The document has to be added in the same transaction; a further number is
/// refused until it is.
pub fn next_number(db: &mut Db, kind: &str, year: i64) -> Result<i64, StoreError> {
    let key = document_counter::table.find((kind, year));
    let stepped = diesel::update(key)
        .set(document_counter::last.eq(document_counter::last + 1))
        .execute(db)?;
    if stepped == 0 {
        each!(db, c => diesel::insert_into(document_counter::table)
            .values((
                document_counter::kind.eq(kind),
                document_counter::year.eq(year),
                document_counter::last.eq(1_i64),
            ))
            .execute(c))?;
    }
    Ok(key.select(document_counter::last).first(db)?)
}

/// Stores a document.
pub fn add(db: &mut Db, new: &NewDocument, now: DateTime<Utc>) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(document::table)
        .values((
            document::kind.eq(&new.kind),
            document::year.eq(new.year),
            document::number.eq(new.number),
            document::id.eq(&new.id),
            document::mark.eq(&new.mark),
            document::matter_kind.eq(new.matter_kind.as_str()),
            document::matter.eq(&new.matter),
            document::company.eq(new.company.as_str()),
            document::region.eq(new.region.as_ref().map(ToString::to_string)),
            document::title.eq(&new.title),
            document::digest.eq(&new.digest),
            document::template_digest.eq(&new.template_digest),
            document::html.eq(&new.html),
            document::issued_by.eq(&new.issued_by),
            document::issued_at.eq(Micros::from(now)),
        ))
        .execute(c))?;
    Ok(())
}

/// Marks a document void.
///
/// # Errors
/// [`StoreError::Exists`] if it is void already.
pub fn void(db: &mut Db, id: &str, void: &Void) -> Result<(), StoreError> {
    let added = each!(db, c => diesel::insert_into(document_void::table)
        .values((
            document_void::document.eq(id),
            document_void::reason.eq(&void.reason),
            document_void::voided_by.eq(&void.by),
            document_void::at.eq(Micros::from(void.at)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if added == 1 {
        return Ok(());
    }
    Err(StoreError::Exists {
        what: "document_void",
        key: id.to_owned(),
    })
}

/// The document with this id, and its text.
pub fn find(db: &mut Db, id: &str) -> Result<Option<(Document, Vec<u8>)>, StoreError> {
    if id.contains('\0') {
        // No stored id holds one, and PostgreSQL refuses it as a parameter.
        return Ok(None);
    }
    let row: Option<(Head, Option<VoidRow>, Vec<u8>)> = document::table
        .left_join(document_void::table.on(document_void::document.eq(document::id)))
        .filter(document::id.eq(id))
        .select((
            Head::as_select(),
            (
                document_void::reason,
                document_void::voided_by,
                document_void::at,
            )
                .nullable(),
            document::html,
        ))
        .first(db)
        .optional()?;
    row.map(|(head, void, html)| Ok((read((head, void))?, html)))
        .transpose()
}

/// Which documents.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub kind: Option<String>,
    pub year: Option<i64>,
    pub matter: Option<(MatterKind, String)>,
    pub company: Option<Uscc>,
    /// In this division or in one inside it; documents of no known division are left out.
    pub region: Option<Region>,
    /// About matters of these kinds; absent: of all.
    pub kinds: Option<Vec<MatterKind>>,
}

/// Documents by kind, year and number; at most `limit`.
pub fn list(db: &mut Db, filter: &Filter, limit: usize) -> Result<Vec<Document>, StoreError> {
    let mut query = document::table
        .left_join(document_void::table.on(document_void::document.eq(document::id)))
        .select((
            Head::as_select(),
            (
                document_void::reason,
                document_void::voided_by,
                document_void::at,
            )
                .nullable(),
        ))
        .into_boxed();
    if let Some(kind) = &filter.kind {
        query = query.filter(document::kind.eq(kind.clone()));
    }
    if let Some(year) = filter.year {
        query = query.filter(document::year.eq(year));
    }
    if let Some((kind, id)) = &filter.matter {
        query = query
            .filter(document::matter_kind.eq(kind.as_str()))
            .filter(document::matter.eq(id.clone()));
    }
    if let Some(company) = &filter.company {
        query = query.filter(document::company.eq(company.as_str().to_owned()));
    }
    if let Some(region) = &filter.region {
        query = query.filter(document::region.like(columns::within(region)));
    }
    if let Some(kinds) = &filter.kinds {
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        query = query.filter(document::matter_kind.eq_any(kinds));
    }
    let rows: Vec<(Head, Option<VoidRow>)> = query
        .order((
            document::kind.asc(),
            document::year.asc(),
            document::number.asc(),
        ))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .load(db)?;
    rows.into_iter().map(read).collect()
}

/// The last number of each kind and year.
pub fn counters(db: &mut Db) -> Result<Vec<(String, i64, i64)>, StoreError> {
    Ok(document_counter::table
        .order((document_counter::kind.asc(), document_counter::year.asc()))
        .select((
            document_counter::kind,
            document_counter::year,
            document_counter::last,
        ))
        .load(db)?)
}
