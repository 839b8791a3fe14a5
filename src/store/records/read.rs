//! Reading versions: the current ones, all of them, or those that were known at an instant.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};

use super::{RecordVersion, row::Row};
use crate::{
    domain::{Day, Record, RecordStatus, Uscc},
    store::{
        CHUNK, Db, Page, StoreError,
        columns::{self, Micros},
        companies,
        db::each,
        one_more,
        schema::{contract, record, record_event},
    },
};

/// The current version of a record, if there is such a record.
pub fn current(db: &mut Db, id: &str) -> Result<Option<RecordVersion>, StoreError> {
    if id.contains('\0') {
        // No stored id holds one, and PostgreSQL refuses it as a parameter.
        return Ok(None);
    }
    record::table
        .filter(record::id.eq(id))
        .filter(record::superseded_at.is_null())
        .select(Row::as_select())
        .first::<Row>(db)
        .optional()?
        .map(RecordVersion::try_from)
        .transpose()
}

/// The current versions of these records, in no order; unknown ids are left out.
pub fn find_many(db: &mut Db, ids: &[String]) -> Result<Vec<RecordVersion>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let rows = each!(db, c => record::table
            .filter(record::id.eq_any(chunk))
            .filter(record::superseded_at.is_null())
            .select(Row::as_select())
            .load::<Row>(c))?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// All versions of a record, oldest first; none if there is no such record.
pub fn history(db: &mut Db, id: &str) -> Result<Vec<RecordVersion>, StoreError> {
    if id.contains('\0') {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = record::table
        .filter(record::id.eq(id))
        .order(record::version.asc())
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(RecordVersion::try_from).collect()
}

/// Current records that concern a company: those that name it, and those that name no company but a project for which it
/// has or had a contract (whose days decide is for the rules to say). By id.
pub fn of_company(db: &mut Db, uscc: &Uscc) -> Result<Vec<RecordVersion>, StoreError> {
    concerning(db, uscc, None)
}

/// What [`of_company`] would have answered at an instant: the versions that had been recorded and not yet superseded.
pub fn known_at(
    db: &mut Db,
    uscc: &Uscc,
    instant: DateTime<Utc>,
) -> Result<Vec<RecordVersion>, StoreError> {
    concerning(db, uscc, Some(Micros::from(instant)))
}

/// Two queries rather than an OR over both, for which PostgreSQL reads the whole table.
fn concerning(
    db: &mut Db,
    uscc: &Uscc,
    instant: Option<Micros>,
) -> Result<Vec<RecordVersion>, StoreError> {
    let mut own = record::table
        .filter(record::company.eq(uscc.as_str()))
        .select(Row::as_select())
        .into_boxed();
    let projects: Vec<String> = contract::table
        .filter(contract::company.eq(uscc.as_str()))
        .select(contract::project)
        .distinct()
        .load(db)?;
    own = match instant {
        None => own.filter(record::superseded_at.is_null()),
        Some(instant) => own.filter(record::recorded_at.le(instant)).filter(
            record::superseded_at
                .is_null()
                .or(record::superseded_at.gt(instant)),
        ),
    };
    let mut rows: Vec<Row> = own.load(db)?;
    for chunk in projects.chunks(CHUNK) {
        rows.extend(match instant {
            None => each!(db, c => record::table
                .filter(record::company.eq(""))
                .filter(record::project.eq_any(chunk))
                .filter(record::superseded_at.is_null())
                .select(Row::as_select())
                .load::<Row>(c))?,
            Some(instant) => each!(db, c => record::table
                .filter(record::company.eq(""))
                .filter(record::project.eq_any(chunk))
                .filter(record::recorded_at.le(instant))
                .filter(record::superseded_at.is_null().or(record::superseded_at.gt(instant)))
                .select(Row::as_select())
                .load::<Row>(c))?,
        });
    }
    let mut versions: Vec<RecordVersion> = rows
        .into_iter()
        .map(RecordVersion::try_from)
        .collect::<Result<_, _>>()?;
    versions.sort_by(|a, b| a.record.id.cmp(&b.record.id));
    Ok(versions)
}

/// Puts records in their order under the key that each has.
fn gather<K: Ord>(
    rows: Vec<Row>,
    key: impl Fn(&Record) -> Option<K>,
    found: &mut BTreeMap<K, Vec<Record>>,
) -> Result<(), StoreError> {
    for row in rows {
        let record = RecordVersion::try_from(row)?.record;
        if let Some(key) = key(&record) {
            found.entry(key).or_default().push(record);
        }
    }
    Ok(())
}

/// Current records that name one of these companies, by company, each by id.
pub fn of_companies(
    db: &mut Db,
    companies: &[Uscc],
) -> Result<BTreeMap<Uscc, Vec<Record>>, StoreError> {
    let mut found: BTreeMap<Uscc, Vec<Record>> = BTreeMap::new();
    for chunk in companies.chunks(CHUNK) {
        let keys: Vec<&str> = chunk.iter().map(Uscc::as_str).collect();
        let rows = each!(db, c => record::table
            .filter(record::company.eq_any(keys))
            .filter(record::superseded_at.is_null())
            .order((record::company, record::id))
            .select(Row::as_select())
            .load::<Row>(c))?;
        gather(rows, |record| record.company, &mut found)?;
    }
    Ok(found)
}

/// Current records that name one of these projects and no company, by project, each by id.
pub(in crate::store) fn of_projects(
    db: &mut Db,
    projects: &BTreeSet<&str>,
) -> Result<BTreeMap<String, Vec<Record>>, StoreError> {
    let projects: Vec<&str> = projects.iter().copied().collect();
    let mut found: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    for chunk in projects.chunks(CHUNK) {
        let rows = each!(db, c => record::table
            .filter(record::company.eq(""))
            .filter(record::project.eq_any(chunk))
            .filter(record::superseded_at.is_null())
            .order(record::id)
            .select(Row::as_select())
            .load::<Row>(c))?;
        gather(rows, |record| record.project.clone(), &mut found)?;
    }
    Ok(found)
}

/// What [`of_companies`] would have answered at an instant.
pub(in crate::store) fn of_companies_at(
    db: &mut Db,
    companies: &[Uscc],
    instant: DateTime<Utc>,
) -> Result<BTreeMap<Uscc, Vec<Record>>, StoreError> {
    let instant = Micros::from(instant);
    let mut found: BTreeMap<Uscc, Vec<Record>> = BTreeMap::new();
    for chunk in companies.chunks(CHUNK) {
        let keys: Vec<&str> = chunk.iter().map(Uscc::as_str).collect();
        let rows = each!(db, c => record::table
            .filter(record::company.eq_any(keys))
            .filter(record::recorded_at.le(instant))
            .filter(record::superseded_at.is_null().or(record::superseded_at.gt(instant)))
            .order((record::company, record::id))
            .select(Row::as_select())
            .load::<Row>(c))?;
        gather(rows, |record| record.company, &mut found)?;
    }
    Ok(found)
}

/// What [`of_projects`] would have answered at an instant.
pub(in crate::store) fn of_projects_at(
    db: &mut Db,
    projects: &BTreeSet<&str>,
    instant: DateTime<Utc>,
) -> Result<BTreeMap<String, Vec<Record>>, StoreError> {
    let instant = Micros::from(instant);
    let projects: Vec<&str> = projects.iter().copied().collect();
    let mut found: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    for chunk in projects.chunks(CHUNK) {
        let rows = each!(db, c => record::table
            .filter(record::company.eq(""))
            .filter(record::project.eq_any(chunk))
            .filter(record::recorded_at.le(instant))
            .filter(record::superseded_at.is_null().or(record::superseded_at.gt(instant)))
            .order(record::id)
            .select(Row::as_select())
            .load::<Row>(c))?;
        gather(rows, |record| record.project.clone(), &mut found)?;
    }
    Ok(found)
}

/// Current records that name a project, with or without a company, by id.
pub fn of_project(db: &mut Db, project: &str) -> Result<Vec<RecordVersion>, StoreError> {
    let rows: Vec<Row> = record::table
        .filter(record::project.eq(project))
        .filter(record::superseded_at.is_null())
        .order(record::id.asc())
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(RecordVersion::try_from).collect()
}

/// Current records that name no company (only a project or a manager), by id, after `after`.
pub fn unassigned(
    db: &mut Db,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<RecordVersion, String>, StoreError> {
    let rows: Vec<Row> = record::table
        .filter(record::company.eq(""))
        .filter(record::superseded_at.is_null())
        .filter(record::id.gt(after.unwrap_or_default()))
        .order(record::id.asc())
        .limit(one_more(limit))
        .select(Row::as_select())
        .load(db)?;
    let versions = rows
        .into_iter()
        .map(RecordVersion::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Page::cut(versions, limit, |version: &RecordVersion| {
        version.record.id.clone()
    }))
}

/// Where the next page of [`open`] begins: company ('' for none) and id.
pub type OpenCursor = (String, String);

/// The work queue: current records that are drafts, disputed or revoked, by company and id. Confirmed ones are not a queue.
pub fn open(
    db: &mut Db,
    status: RecordStatus,
    after: Option<&OpenCursor>,
    limit: usize,
) -> Result<Page<RecordVersion, OpenCursor>, StoreError> {
    let (company, id) = after.cloned().unwrap_or_default();
    let rows: Vec<Row> = record::table
        .filter(record::superseded_at.is_null())
        // Written out, not a parameter: it is the condition of the index.
        .filter(sql::<Bool>("record.status <> 'confirmed'"))
        .filter(record::status.eq(status.as_str()))
        .filter(
            record::company
                .gt(company.clone())
                .or(record::company.eq(company).and(record::id.gt(id))),
        )
        .order((record::company.asc(), record::id.asc()))
        .limit(one_more(limit))
        .select(Row::as_select())
        .load(db)?;
    let versions = rows
        .into_iter()
        .map(RecordVersion::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Page::cut(versions, limit, |version: &RecordVersion| {
        let record = &version.record;
        (columns::company(record.company.as_ref()), record.id.clone())
    }))
}

/// Current records whose objection is being examined here: disputed, and with a procedure of their own.
pub fn examined(db: &mut Db) -> Result<Vec<RecordVersion>, StoreError> {
    let procedure = record_event::table.select(record_event::record);
    let rows: Vec<Row> = record::table
        .filter(record::superseded_at.is_null())
        // Written out, not a parameter: it is the condition of the index.
        .filter(sql::<Bool>("record.status <> 'confirmed'"))
        .filter(record::status.eq(RecordStatus::Disputed.as_str()))
        .filter(record::id.eq_any(procedure))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(RecordVersion::try_from).collect()
}

/// Current records whose rectification was due by `day` and is not reported, the oldest deadline first.
pub fn rectify_due(db: &mut Db, day: Day, limit: usize) -> Result<Vec<RecordVersion>, StoreError> {
    let rows: Vec<Row> = record::table
        .filter(record::superseded_at.is_null())
        .filter(record::rectify_by.is_not_null())
        .filter(record::rectified_on.is_null())
        .filter(record::rectify_by.le(day.to_string()))
        .order((record::rectify_by.asc(), record::id.asc()))
        .limit(one_more(limit.saturating_sub(1)))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(RecordVersion::try_from).collect()
}

/// Companies and their current records, as [`all_current`] hands them out.
pub type Chunk = BTreeMap<Uscc, Vec<Record>>;

/// Hands out the current records of all companies, `companies` companies at a time in the order of their codes, so that
/// a whole province need not be in memory. Records that name no company come from [`unassigned`].
///
/// # Errors
/// Those of the store, and whatever `each_chunk` returns, which ends the walk.
pub fn all_current<E: From<StoreError>>(
    db: &mut Db,
    companies: usize,
    mut each_chunk: impl FnMut(Chunk) -> Result<(), E>,
) -> Result<(), E> {
    let mut after = None;
    loop {
        let page = companies::page(db, after.as_ref(), companies)?;
        let codes: Vec<Uscc> = page.rows.iter().map(|company| company.uscc).collect();
        if !codes.is_empty() {
            each_chunk(of_companies(db, &codes)?)?;
        }
        let Some(next) = page.next else {
            return Ok(());
        };
        after = Some(next);
    }
}
