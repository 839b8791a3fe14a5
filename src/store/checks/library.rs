//! Items and officers, and what belongs to them, in versions that are only ever added; the last version is the one in use.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::{
    domain::Region,
    store::{
        Db, StoreError,
        columns::{self, Micros},
        db::each,
        schema::check_version,
    },
};

/// Which library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Item,
    Officer,
    /// Whose account an officer's is.
    Account,
    /// Which items of the rule set an inspection item covers.
    Scope,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Item => "item",
            Self::Officer => "officer",
            Self::Account => "account",
            Self::Scope => "scope",
        }
    }
}

/// One version of an item or officer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub id: String,
    /// 1, 2, 3 ...
    pub version: i64,
    /// Of an officer.
    pub district: Option<Region>,
    pub actor: String,
    pub at: DateTime<Utc>,
    /// JSON.
    pub data: String,
}

type Row = (String, i64, Option<String>, String, Micros, String);

const COLUMNS: (
    check_version::id,
    check_version::version,
    check_version::district,
    check_version::actor,
    check_version::at,
    check_version::data,
) = (
    check_version::id,
    check_version::version,
    check_version::district,
    check_version::actor,
    check_version::at,
    check_version::data,
);

fn read((id, version, district, actor, at, data): Row) -> Result<Version, StoreError> {
    let place = ("check_version", "district");
    let region = |code: &str| Region::parse(code).map_err(|_| columns::corrupt(place, code));
    Ok(Version {
        id,
        version,
        district: district.as_deref().map(region).transpose()?,
        actor,
        at: at.into(),
        data,
    })
}

/// Adds a version.
///
/// # Errors
/// [`StoreError::Exists`] if somebody else added this version meanwhile.
pub fn add_version(db: &mut Db, kind: Kind, new: &Version) -> Result<(), StoreError> {
    let added = each!(db, c => diesel::insert_into(check_version::table)
        .values((
            check_version::kind.eq(kind.as_str()),
            check_version::id.eq(&new.id),
            check_version::version.eq(new.version),
            check_version::district.eq(new.district.as_ref().map(Region::as_str)),
            check_version::actor.eq(&new.actor),
            check_version::at.eq(Micros::from(new.at)),
            check_version::data.eq(&new.data),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if added == 0 {
        return Err(StoreError::Exists {
            what: "check_version",
            key: format!("{} {}", new.id, new.version),
        });
    }
    Ok(())
}

/// The version in use, if there is any.
pub fn current(db: &mut Db, kind: Kind, id: &str) -> Result<Option<Version>, StoreError> {
    Ok(history(db, kind, id)?.pop())
}

/// Every version of one, oldest first.
pub fn history(db: &mut Db, kind: Kind, id: &str) -> Result<Vec<Version>, StoreError> {
    let rows: Vec<Row> = check_version::table
        .filter(check_version::kind.eq(kind.as_str()))
        .filter(check_version::id.eq(id))
        .order(check_version::version.asc())
        .select(COLUMNS)
        .load(db)?;
    rows.into_iter().map(read).collect()
}

/// The version in use of everything in a library, by id.
pub fn library(db: &mut Db, kind: Kind) -> Result<Vec<Version>, StoreError> {
    let rows: Vec<Row> = check_version::table
        .filter(check_version::kind.eq(kind.as_str()))
        .order((check_version::id.asc(), check_version::version.asc()))
        .select(COLUMNS)
        .load(db)?;
    let mut last: Vec<Version> = Vec::new();
    for row in rows {
        let version = read(row)?;
        match last.last_mut() {
            Some(before) if before.id == version.id => *before = version,
            _ => last.push(version),
        }
    }
    Ok(last)
}
