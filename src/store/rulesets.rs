//! Rule files that were used, by id and digest, so that every stored score can be explained with the text that made it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{Db, StoreError, columns::Micros, db::each, schema::ruleset};

/// A rule file as it was when it was first used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSource {
    pub id: String,
    pub digest: String,
    pub source: String,
    pub loaded_at: DateTime<Utc>,
}

type Row = (String, String, String, Micros);

fn read((id, digest, source, loaded_at): Row) -> RuleSource {
    RuleSource {
        id,
        digest,
        source,
        loaded_at: loaded_at.into(),
    }
}

/// Keeps a rule file, unless this text of it is kept already. Returns whether it is new.
pub fn put(
    db: &mut Db,
    id: &str,
    digest: &str,
    source: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let added = each!(db, c => diesel::insert_into(ruleset::table)
        .values((
            ruleset::id.eq(id),
            ruleset::digest.eq(digest),
            ruleset::source.eq(source),
            ruleset::loaded_at.eq(Micros::from(now)),
        ))
        .on_conflict((ruleset::id, ruleset::digest))
        .do_nothing()
        .execute(c))?;
    Ok(added == 1)
}

/// The text of a rule file with this digest, if it was ever used.
pub fn find(db: &mut Db, id: &str, digest: &str) -> Result<Option<RuleSource>, StoreError> {
    let row = ruleset::table
        .find((id, digest))
        .first::<Row>(db)
        .optional()?;
    Ok(row.map(read))
}

/// All texts of a rule file, oldest first.
pub fn versions(db: &mut Db, id: &str) -> Result<Vec<RuleSource>, StoreError> {
    let rows: Vec<Row> = ruleset::table
        .filter(ruleset::id.eq(id))
        .order((ruleset::loaded_at.asc(), ruleset::digest.asc()))
        .load(db)?;
    Ok(rows.into_iter().map(read).collect())
}
