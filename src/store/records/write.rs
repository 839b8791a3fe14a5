//! Adding versions.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    Cause,
    row::{Row, Stamp},
};
use crate::{
    domain::Record,
    store::{
        CHUNK, Db, StoreError, Written,
        columns::{self, Micros},
        contracts,
        db::each,
        schema::record,
    },
};

/// The current version of a record, as far as writing needs it.
struct Current {
    company: String,
    version: i64,
    digest: String,
}

/// Stores records as they are now: an unknown id becomes version 1, an equal record is left alone, a different one becomes
/// the next version and supersedes the one before.
///
/// Touched are the companies of new and changed records and, for records that name only a project, every company that has
/// or had a contract for it.
///
/// # Errors
/// [`StoreError::Twice`] if an id comes twice, [`StoreError::SubjectChanged`] with every id whose company is another one
/// than stored; nothing is stored then.
pub fn put(
    db: &mut Db,
    records: &[Record],
    cause: Cause,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Written, StoreError> {
    columns::refuse_twice("record", records.iter().map(|record| record.id.as_str()))?;
    let mut known = HashMap::new();
    for chunk in records.chunks(CHUNK) {
        known.extend(current_of(
            db,
            chunk.iter().map(|record| record.id.as_str()).collect(),
        )?);
    }
    let moved: Vec<String> = records
        .iter()
        .filter(|record| {
            known
                .get(&record.id)
                .is_some_and(|current| current.company != subject(record))
        })
        .map(|record| record.id.clone())
        .collect();
    if !moved.is_empty() {
        return Err(StoreError::SubjectChanged(moved));
    }
    let mut written = Written::default();
    let mut projects = BTreeSet::new();
    for chunk in records.chunks(CHUNK) {
        let mut rows = Vec::with_capacity(chunk.len());
        let mut superseded = Vec::new();
        for record in chunk {
            let digest = columns::digest(record, "record", || record.id.clone())?;
            let version = match known.get(&record.id) {
                Some(current) if current.digest == digest => {
                    written.counts.unchanged += 1;
                    continue;
                }
                Some(current) => {
                    superseded.push(record.id.as_str());
                    written.counts.changed += 1;
                    current.version + 1
                }
                None => {
                    written.counts.new += 1;
                    1
                }
            };
            match (record.company, &record.project) {
                (Some(company), _) => _ = written.companies.insert(company),
                (None, Some(project)) => _ = projects.insert(project.clone()),
                (None, None) => {}
            }
            let stamp = Stamp {
                version,
                digest,
                cause,
                actor,
                now,
            };
            rows.push(Row::of(record, stamp));
        }
        supersede(db, &superseded, now)?;
        insert(db, &rows)?;
    }
    written
        .companies
        .extend(contracts::managers_of(db, &projects)?);
    Ok(written)
}

/// Adds one version, if the record is still at `expected` (absent: if there is no such record yet). Returns its number.
///
/// # Errors
/// [`StoreError::Exists`] or [`StoreError::Conflict`] if somebody was faster, [`StoreError::NotFound`] if a version is
/// expected of a record that does not exist, [`StoreError::SubjectChanged`].
pub fn append(
    db: &mut Db,
    record: &Record,
    expected: Option<i64>,
    cause: Cause,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let what = "record";
    let key = record.id.clone();
    let digest = columns::digest(record, what, || key.clone())?;
    let current = current_of(db, vec![record.id.as_str()])?.remove(&record.id);
    let version = match (expected, current) {
        (None, None) => 1,
        (None, Some(_)) => return Err(StoreError::Exists { what, key }),
        (Some(_), None) => return Err(StoreError::NotFound { what, key }),
        (Some(expected), Some(current)) => {
            if current.version != expected {
                let found = current.version;
                return Err(StoreError::Conflict {
                    what,
                    key,
                    expected,
                    found,
                });
            }
            if current.company != subject(record) {
                return Err(StoreError::SubjectChanged(vec![key]));
            }
            supersede(db, &[record.id.as_str()], now)?;
            expected + 1
        }
    };
    insert(
        db,
        &[Row::of(
            record,
            Stamp {
                version,
                digest,
                cause,
                actor,
                now,
            },
        )],
    )?;
    Ok(version)
}

/// The company as its column holds it.
fn subject(record: &Record) -> String {
    columns::company(record.company.as_ref())
}

fn current_of(db: &mut Db, ids: Vec<&str>) -> Result<HashMap<String, Current>, StoreError> {
    let rows = each!(db, c => record::table
        .filter(record::id.eq_any(ids))
        .filter(record::superseded_at.is_null())
        .select((record::id, record::company, record::version, record::digest))
        .load::<(String, String, i64, String)>(c))?;
    Ok(rows
        .into_iter()
        .map(|(id, company, version, digest)| {
            (
                id,
                Current {
                    company,
                    version,
                    digest,
                },
            )
        })
        .collect())
}

fn supersede(db: &mut Db, ids: &[&str], now: DateTime<Utc>) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let open = record::table
        .filter(record::id.eq_any(ids))
        .filter(record::superseded_at.is_null());
    each!(db, c => diesel::update(open)
        .set(record::superseded_at.eq(Micros::from(now)))
        .execute(c))?;
    Ok(())
}

fn insert(db: &mut Db, rows: &[Row]) -> Result<(), StoreError> {
    if !rows.is_empty() {
        each!(db, c => diesel::insert_into(record::table).values(rows).execute(c))?;
    }
    Ok(())
}
