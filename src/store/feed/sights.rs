//! The fourth receipt level: what the platform took is looked for until it was seen to have reached the public.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, upsert::excluded};

use crate::{
    domain::Uscc,
    store::{
        CHUNK, Db, StoreError,
        codes::codes,
        columns::{self, Micros},
        db::each,
        schema::{feed_look, feed_sight},
    },
};

codes! {
    /// How it was seen.
    Source, ("feed_sight", "source"), {
        /// The platform was asked about this record after it had taken it.
        Record = "record",
        /// By a comparison, record by record.
        Records = "records",
        /// By the platform's listing.
        Listing = "listing",
        /// By an export that a person brought.
        File = "file",
    }
}

/// A change that the platform took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLook {
    pub target: String,
    pub record_id: String,
    /// [`super::Change::seq`].
    pub change: i64,
    pub company: Uscc,
    pub withdrawal: bool,
    pub accepted_at: DateTime<Utc>,
    /// Until when it may take to be seen.
    pub due: DateTime<Utc>,
}

/// A change that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub of: NewLook,
    /// Looks that told something.
    pub looks: i64,
    /// A look after it was due did not see it.
    pub late: bool,
    /// What the last look said; empty before the first.
    pub says: String,
}

/// A change that was seen: the entry visible, or, of a withdrawal, gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    pub change: i64,
    pub gone: bool,
    pub source: Source,
    pub at: DateTime<Utc>,
}

const VISIBLE: &str = "visible";
const GONE: &str = "gone";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = feed_look)]
struct Row {
    target: String,
    record_id: String,
    change: i64,
    company: String,
    withdrawal: bool,
    accepted_at: Micros,
    due: Micros,
    looks: i64,
    until: Micros,
    late: bool,
    says: String,
}

impl TryFrom<Row> for Look {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            of: NewLook {
                company: columns::read(("feed_look", "company"), &row.company)?,
                target: row.target,
                record_id: row.record_id,
                change: row.change,
                withdrawal: row.withdrawal,
                accepted_at: row.accepted_at.into(),
                due: row.due.into(),
            },
            looks: row.looks,
            late: row.late,
            says: row.says,
        })
    }
}

/// Lets a change be looked for from `until` on, in the transaction that accepts it. It takes the place of an earlier change
/// of its record; one that a later change has replaced is not looked for.
pub fn await_sight(db: &mut Db, new: &NewLook, until: DateTime<Utc>) -> Result<(), StoreError> {
    let later: Option<i64> = feed_look::table
        .find((&new.target, &new.record_id))
        .filter(feed_look::change.ge(new.change))
        .select(feed_look::change)
        .first(db)
        .optional()?;
    if later.is_some() {
        return Ok(());
    }
    let row = Row {
        target: new.target.clone(),
        record_id: new.record_id.clone(),
        change: new.change,
        company: new.company.to_string(),
        withdrawal: new.withdrawal,
        accepted_at: new.accepted_at.into(),
        due: new.due.into(),
        looks: 0,
        until: until.into(),
        late: false,
        says: String::new(),
    };
    each!(db, c => diesel::insert_into(feed_look::table)
        .values(&row)
        .on_conflict((feed_look::target, feed_look::record_id))
        .do_update()
        .set((
            feed_look::change.eq(excluded(feed_look::change)),
            feed_look::withdrawal.eq(excluded(feed_look::withdrawal)),
            feed_look::accepted_at.eq(excluded(feed_look::accepted_at)),
            feed_look::due.eq(excluded(feed_look::due)),
            feed_look::looks.eq(excluded(feed_look::looks)),
            feed_look::until.eq(excluded(feed_look::until)),
            feed_look::late.eq(excluded(feed_look::late)),
            feed_look::says.eq(excluded(feed_look::says)),
        ))
        .execute(c))?;
    Ok(())
}

/// What is looked for at a target, the longest first.
pub fn looks(db: &mut Db, target: &str) -> Result<Vec<Look>, StoreError> {
    let rows: Vec<Row> = feed_look::table
        .filter(feed_look::target.eq(target))
        .order((feed_look::accepted_at.asc(), feed_look::change.asc()))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Look::try_from).collect()
}

/// What is to be looked for now, the longest waiting first.
pub fn due_looks(
    db: &mut Db,
    target: &str,
    now: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<Look>, StoreError> {
    let rows: Vec<Row> = feed_look::table
        .filter(feed_look::target.eq(target))
        .filter(feed_look::until.le(Micros::from(now)))
        .order((feed_look::until.asc(), feed_look::change.asc()))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Look::try_from).collect()
}

/// A look did not see a change: what it said, and when to look again. Says whether it is late now, which it stays.
pub fn looked(
    db: &mut Db,
    look: &Look,
    says: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let late = look.late || now >= look.of.due;
    let of = &look.of;
    diesel::update(feed_look::table.find((&of.target, &of.record_id)))
        .filter(feed_look::change.eq(of.change))
        .set((
            feed_look::looks.eq(feed_look::looks + 1),
            feed_look::says.eq(says),
            feed_look::until.eq(Micros::from(until)),
            feed_look::late.eq(late),
        ))
        .execute(db)?;
    Ok(late)
}

/// Nothing was learnt: these records are looked at later.
pub fn put_off(
    db: &mut Db,
    target: &str,
    records: &[String],
    says: &str,
    until: DateTime<Utc>,
) -> Result<(), StoreError> {
    for chunk in records.chunks(CHUNK) {
        each!(db, c => diesel::update(feed_look::table)
            .filter(feed_look::target.eq(target))
            .filter(feed_look::record_id.eq_any(chunk))
            .set((
                feed_look::says.eq(says),
                feed_look::until.eq(Micros::from(until)),
            ))
            .execute(c))?;
    }
    Ok(())
}

/// Keeps that a change was seen; nothing is looked for any more. Seen again it stays as it was seen first.
pub fn note_sight(
    db: &mut Db,
    look: &Look,
    source: Source,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let of = &look.of;
    each!(db, c => diesel::insert_into(feed_sight::table)
        .values((
            feed_sight::change.eq(of.change),
            feed_sight::target.eq(&of.target),
            feed_sight::record_id.eq(&of.record_id),
            feed_sight::seen.eq(if of.withdrawal { GONE } else { VISIBLE }),
            feed_sight::source.eq(source.as_str()),
            feed_sight::at.eq(Micros::from(at)),
        ))
        .on_conflict(feed_sight::change)
        .do_nothing()
        .execute(c))?;
    diesel::delete(feed_look::table.find((&of.target, &of.record_id)))
        .filter(feed_look::change.eq(of.change))
        .execute(db)?;
    Ok(())
}

/// When and how a change was seen, if it was.
pub fn sight_of(db: &mut Db, change: i64) -> Result<Option<Sight>, StoreError> {
    let row: Option<(String, String, Micros)> = feed_sight::table
        .find(change)
        .select((feed_sight::seen, feed_sight::source, feed_sight::at))
        .first(db)
        .optional()?;
    let Some((seen, source, at)) = row else {
        return Ok(None);
    };
    Ok(Some(Sight {
        change,
        gone: match seen.as_str() {
            VISIBLE => false,
            GONE => true,
            other => return Err(columns::corrupt(("feed_sight", "seen"), other)),
        },
        source: Source::parse(&source)?,
        at: at.into(),
    }))
}
