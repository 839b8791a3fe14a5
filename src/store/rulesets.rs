//! Rule files that were used, by id and digest, so that every stored score can be explained with the text that made it; and
//! which of them were configured together from when on (the rule book).

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    Db, StoreError,
    columns::{self, Micros},
    db::each,
    schema::{rule_book, ruleset},
};

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

/// Rule files that were configured together, from an instant on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// Ids and digests, in the order they were configured.
    pub texts: Vec<(String, String)>,
    pub loaded_at: DateTime<Utc>,
}

fn read_book((_, texts, loaded_at): (i64, String, Micros)) -> Result<Book, StoreError> {
    Ok(Book {
        texts: serde_json::from_str(&texts)
            .map_err(|_| columns::corrupt(("rule_book", "texts"), &texts))?,
        loaded_at: loaded_at.into(),
    })
}

/// Notes that these rule files are the configured ones from now on, unless they are already. Returns whether it is news.
pub fn put_book(
    db: &mut Db,
    texts: &[(&str, &str)],
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    // Pairs of plain text: their JSON cannot fail.
    let texts = serde_json::to_string(texts).unwrap_or_default();
    let last: Option<(i64, String)> = rule_book::table
        .order(rule_book::seq.desc())
        .select((rule_book::seq, rule_book::texts))
        .first(db)
        .optional()?;
    if last.as_ref().is_some_and(|(_, known)| *known == texts) {
        return Ok(false);
    }
    each!(db, c => diesel::insert_into(rule_book::table)
        .values((
            rule_book::seq.eq(last.map_or(0, |(seq, _)| seq) + 1),
            rule_book::texts.eq(&texts),
            rule_book::loaded_at.eq(Micros::from(now)),
        ))
        .execute(c))?;
    Ok(true)
}

/// The rule files that were configured at an instant; none before the first were noted.
pub fn book_at(db: &mut Db, instant: DateTime<Utc>) -> Result<Option<Book>, StoreError> {
    let row: Option<(i64, String, Micros)> = rule_book::table
        .filter(rule_book::loaded_at.le(Micros::from(instant)))
        .order(rule_book::seq.desc())
        .first(db)
        .optional()?;
    row.map(read_book).transpose()
}
