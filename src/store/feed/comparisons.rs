//! Comparisons with what a platform shows: each run with its differences, and what became of them. Only ever added to.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::store::{
    CHUNK, Db, StoreError,
    codes::codes,
    columns::{self, Micros},
    db::each,
    schema::{feed_comparison, feed_difference, feed_difference_event},
};

codes! {
    /// What became of a difference. One of which nothing is said is open.
    Standing, ("feed_difference_event", "state"), {
        /// A person has answered for it.
        Explained = "explained",
        /// A change that mends it is in the outbox.
        Repaired = "repaired",
        /// A later comparison did not find it any more.
        Gone = "gone",
        /// A later comparison found it again: that finding stands in for this one.
        Again = "again",
    }
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// A UUIDv7.
    pub id: String,
    pub target: String,
    /// `listing`, `records`, `file`.
    pub source: String,
    /// Of the file, else empty.
    pub name: String,
    /// The account that ran it; `wuxin` of the job.
    pub run_by: String,
    pub started_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
    /// Why nothing could be compared, if that is so.
    pub failed: Option<String>,
    /// Records that should be visible; rows that are; records that were not judged.
    pub expected: i64,
    pub shown: i64,
    pub in_flight: i64,
    /// Of extra, missing, status, stale version, name, field: the worst first.
    pub counts: [i64; 6],
}

/// A difference to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDifference {
    /// The same in every comparison that finds it.
    pub key: String,
    pub class: String,
    /// Whether it is about a record that was sent from here.
    pub known: bool,
    pub record_id: Option<String>,
    /// JSON.
    pub data: String,
}

/// A difference as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDifference {
    pub id: i64,
    pub comparison: String,
    pub difference: NewDifference,
    pub found_at: DateTime<Utc>,
    /// What became of it last; none: it is open.
    pub standing: Option<(NewStanding, DateTime<Utc>)>,
}

/// What became of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStanding {
    pub state: Standing,
    pub actor: String,
    pub words: String,
    /// Place in the outbox of the change that mends it.
    pub change: Option<i64>,
}

impl KeptDifference {
    pub fn is_open(&self) -> bool {
        self.standing.is_none()
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = feed_comparison)]
struct Row {
    id: String,
    target: String,
    source: String,
    name: String,
    run_by: String,
    started_at: Micros,
    finished_at: Micros,
    outcome: String,
    detail: String,
    expected: i64,
    shown: i64,
    in_flight: i64,
    extra: i64,
    missing: i64,
    status_diff: i64,
    stale_version: i64,
    name_changed: i64,
    field_diff: i64,
}

const COMPARED: &str = "compared";
const FAILED: &str = "failed";

impl From<&Comparison> for Row {
    fn from(one: &Comparison) -> Self {
        let [
            extra,
            missing,
            status_diff,
            stale_version,
            name_changed,
            field_diff,
        ] = one.counts;
        Self {
            id: one.id.clone(),
            target: one.target.clone(),
            source: one.source.clone(),
            name: one.name.clone(),
            run_by: one.run_by.clone(),
            started_at: one.started_at.into(),
            finished_at: one.finished_at.into(),
            outcome: if one.failed.is_some() {
                FAILED
            } else {
                COMPARED
            }
            .to_owned(),
            detail: one.failed.clone().unwrap_or_default(),
            expected: one.expected,
            shown: one.shown,
            in_flight: one.in_flight,
            extra,
            missing,
            status_diff,
            stale_version,
            name_changed,
            field_diff,
        }
    }
}

impl TryFrom<Row> for Comparison {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            failed: match row.outcome.as_str() {
                COMPARED => None,
                FAILED => Some(row.detail),
                other => return Err(columns::corrupt(("feed_comparison", "outcome"), other)),
            },
            id: row.id,
            target: row.target,
            source: row.source,
            name: row.name,
            run_by: row.run_by,
            started_at: row.started_at.into(),
            finished_at: row.finished_at.into(),
            expected: row.expected,
            shown: row.shown,
            in_flight: row.in_flight,
            counts: [
                row.extra,
                row.missing,
                row.status_diff,
                row.stale_version,
                row.name_changed,
                row.field_diff,
            ],
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = feed_difference)]
struct DifferenceRow {
    id: i64,
    comparison: String,
    key: String,
    class: String,
    known: bool,
    record_id: Option<String>,
    data: String,
    at: Micros,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = feed_difference_event)]
struct EventRow {
    difference: i64,
    state: String,
    actor: String,
    words: String,
    change: Option<i64>,
    at: Micros,
}

/// Keeps a run with what it found.
pub fn add_comparison(
    db: &mut Db,
    one: &Comparison,
    differences: &[NewDifference],
) -> Result<(), StoreError> {
    let row = Row::from(one);
    each!(db, c => diesel::insert_into(feed_comparison::table)
        .values(&row)
        .execute(c))?;
    for difference in differences {
        each!(db, c => diesel::insert_into(feed_difference::table)
            .values((
                feed_difference::comparison.eq(&one.id),
                feed_difference::target.eq(&one.target),
                feed_difference::key.eq(&difference.key),
                feed_difference::class.eq(&difference.class),
                feed_difference::known.eq(difference.known),
                feed_difference::record_id.eq(difference.record_id.as_deref()),
                feed_difference::data.eq(&difference.data),
                feed_difference::at.eq(Micros::from(one.finished_at)),
            ))
            .execute(c))?;
    }
    Ok(())
}

/// Says what became of a difference.
pub fn add_standing(
    db: &mut Db,
    difference: i64,
    new: &NewStanding,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(feed_difference_event::table)
        .values((
            feed_difference_event::difference.eq(difference),
            feed_difference_event::state.eq(new.state.as_str()),
            feed_difference_event::actor.eq(&new.actor),
            feed_difference_event::words.eq(&new.words),
            feed_difference_event::change.eq(new.change),
            feed_difference_event::at.eq(Micros::from(at)),
        ))
        .execute(c))?;
    Ok(())
}

/// The run with this id, if there is one.
pub fn comparison(db: &mut Db, id: &str) -> Result<Option<Comparison>, StoreError> {
    let row: Option<Row> = feed_comparison::table
        .find(id)
        .select(Row::as_select())
        .first(db)
        .optional()?;
    row.map(Comparison::try_from).transpose()
}

/// The runs against a target, the latest first.
pub fn comparisons(db: &mut Db, target: &str, limit: usize) -> Result<Vec<Comparison>, StoreError> {
    let rows: Vec<Row> = feed_comparison::table
        .filter(feed_comparison::target.eq(target))
        .order((
            feed_comparison::finished_at.desc(),
            feed_comparison::id.desc(),
        ))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Comparison::try_from).collect()
}

/// The latest run that could compare.
pub fn last_compared(db: &mut Db, target: &str) -> Result<Option<Comparison>, StoreError> {
    let row: Option<Row> = feed_comparison::table
        .filter(feed_comparison::target.eq(target))
        .filter(feed_comparison::outcome.eq(COMPARED))
        .order((
            feed_comparison::finished_at.desc(),
            feed_comparison::id.desc(),
        ))
        .select(Row::as_select())
        .first(db)
        .optional()?;
    row.map(Comparison::try_from).transpose()
}

/// What a run found, in its order.
pub fn differences_of(db: &mut Db, comparison: &str) -> Result<Vec<KeptDifference>, StoreError> {
    let rows: Vec<DifferenceRow> = feed_difference::table
        .filter(feed_difference::comparison.eq(comparison))
        .order(feed_difference::id.asc())
        .select(DifferenceRow::as_select())
        .load(db)?;
    with_standing(db, rows)
}

/// What no later comparison has judged again, in the order of finding: open, explained or repaired.
pub fn unsettled(db: &mut Db, target: &str) -> Result<Vec<KeptDifference>, StoreError> {
    let settled = [Standing::Gone.as_str(), Standing::Again.as_str()];
    let rows: Vec<DifferenceRow> = each!(db, c => feed_difference::table
        .filter(feed_difference::target.eq(target))
        .filter(diesel::dsl::not(diesel::dsl::exists(
            feed_difference_event::table
                .filter(feed_difference_event::difference.eq(feed_difference::id))
                .filter(feed_difference_event::state.eq_any(settled)),
        )))
        .order(feed_difference::id.asc())
        .select(DifferenceRow::as_select())
        .load(c))?;
    with_standing(db, rows)
}

fn with_standing(db: &mut Db, rows: Vec<DifferenceRow>) -> Result<Vec<KeptDifference>, StoreError> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut last = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let events: Vec<EventRow> = each!(db, c => feed_difference_event::table
            .filter(feed_difference_event::difference.eq_any(chunk))
            .order(feed_difference_event::id.asc())
            .select(EventRow::as_select())
            .load(c))?;
        for event in events {
            let standing = NewStanding {
                state: Standing::parse(&event.state)?,
                actor: event.actor,
                words: event.words,
                change: event.change,
            };
            last.insert(event.difference, (standing, event.at.into()));
        }
    }
    let kept = rows.into_iter().map(|row| KeptDifference {
        standing: last.remove(&row.id),
        id: row.id,
        comparison: row.comparison,
        found_at: row.at.into(),
        difference: NewDifference {
            key: row.key,
            class: row.class,
            known: row.known,
            record_id: row.record_id,
            data: row.data,
        },
    });
    Ok(kept.collect())
}
