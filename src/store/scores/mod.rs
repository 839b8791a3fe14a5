//! Scores: every result that differed from the one before is kept with its explanation; the current one is beside it.

mod read;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::{prelude::*, upsert::excluded};

use super::{
    CHUNK, Db, StoreError,
    columns::{self, Fixed, Micros},
    db::each,
    schema::{score, score_current},
};
use crate::domain::{Day, Points, Uscc};

pub use read::{
    Mark, RankCursor, ScoreKey, all_made_by, current, due, find, followed_at, grades, keys,
    marks_until, of_companies, of_company, ranking, trend,
};

/// A result to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewScore {
    pub company: Uscc,
    /// Id of the rule set.
    pub ruleset: String,
    pub ruleset_digest: String,
    pub as_of: Day,
    pub score: Points,
    pub grade: String,
    /// Whether the rules grade the company at all.
    pub rated: bool,
    /// The next day on which the result changes without a new fact; absent: never.
    pub next_change_on: Option<Day>,
    /// Digest of what makes one result differ from another: everything in it but the day it was computed for.
    pub digest: String,
    /// JSON.
    pub explanation: String,
    pub cause: ScoreCause,
    /// The record that brought it about, if it was one.
    pub cause_record: Option<String>,
}

/// Why a company was scored again.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ScoreCause {
    /// A record was added.
    NewFact,
    /// A record was corrected, revoked or disputed.
    Correction,
    /// A day passed on which something began or ceased to count.
    Expiry,
    /// The rule set changed.
    Rule,
    /// A file was imported.
    Import,
    /// A company objected to a record: it is marked.
    Objection,
    /// An objection was upheld.
    ObjectionUpheld,
    /// An objection was rejected or withdrawn.
    ObjectionSettled,
    /// A rectification was accepted.
    RectificationAccepted,
    /// The last day to rectify was moved on.
    RectificationExtended,
}

impl ScoreCause {
    const ALL: [Self; 10] = [
        Self::NewFact,
        Self::Correction,
        Self::Expiry,
        Self::Rule,
        Self::Import,
        Self::Objection,
        Self::ObjectionUpheld,
        Self::ObjectionSettled,
        Self::RectificationAccepted,
        Self::RectificationExtended,
    ];

    /// The code in the database and in interfaces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NewFact => "new_fact",
            Self::Correction => "correction",
            Self::Expiry => "expiry",
            Self::Rule => "rule",
            Self::Import => "import",
            Self::Objection => "objection",
            Self::ObjectionUpheld => "objection_upheld",
            Self::ObjectionSettled => "objection_settled",
            Self::RectificationAccepted => "rectification_accepted",
            Self::RectificationExtended => "rectification_extended",
        }
    }
}

/// A result that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// 1, 2, 3 ... per company and rule set.
    pub seq: i64,
    pub result: NewScore,
    pub computed_at: DateTime<Utc>,
}

/// The current result of a company under a rule set, without its explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentScore {
    pub company: Uscc,
    pub ruleset: String,
    /// Which [`Score`] it is.
    pub seq: i64,
    /// The last day for which it was found to hold.
    pub as_of: Day,
    pub score: Points,
    pub grade: String,
    pub rated: bool,
    pub next_change_on: Option<Day>,
    pub computed_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = score, treat_none_as_default_value = false)]
struct Row {
    company: String,
    ruleset: String,
    seq: i64,
    ruleset_digest: String,
    as_of: String,
    points: Fixed,
    grade: String,
    rated: bool,
    next_change_on: Option<String>,
    digest: String,
    explanation: String,
    cause: String,
    cause_record: Option<String>,
    computed_at: Micros,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = score_current, treat_none_as_default_value = false)]
struct CurrentRow {
    company: String,
    ruleset: String,
    seq: i64,
    as_of: String,
    points: Fixed,
    grade: String,
    rated: bool,
    next_change_on: Option<String>,
    digest: String,
    computed_at: Micros,
}

impl Row {
    fn of(new: &NewScore, seq: i64, now: DateTime<Utc>) -> Self {
        Self {
            company: new.company.as_str().to_owned(),
            ruleset: new.ruleset.clone(),
            seq,
            ruleset_digest: new.ruleset_digest.clone(),
            as_of: new.as_of.to_string(),
            points: new.score.into(),
            grade: new.grade.clone(),
            rated: new.rated,
            next_change_on: columns::day(new.next_change_on),
            digest: new.digest.clone(),
            explanation: new.explanation.clone(),
            cause: new.cause.as_str().to_owned(),
            cause_record: new.cause_record.clone(),
            computed_at: now.into(),
        }
    }
}

impl CurrentRow {
    fn of(new: &NewScore, seq: i64, now: DateTime<Utc>) -> Self {
        Self {
            company: new.company.as_str().to_owned(),
            ruleset: new.ruleset.clone(),
            seq,
            as_of: new.as_of.to_string(),
            points: new.score.into(),
            grade: new.grade.clone(),
            rated: new.rated,
            next_change_on: columns::day(new.next_change_on),
            digest: new.digest.clone(),
            computed_at: now.into(),
        }
    }
}

impl TryFrom<Row> for Score {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let cause = ScoreCause::ALL
            .into_iter()
            .find(|cause| cause.as_str() == row.cause)
            .ok_or_else(|| columns::corrupt(("score", "cause"), &row.cause))?;
        Ok(Self {
            seq: row.seq,
            computed_at: row.computed_at.into(),
            result: NewScore {
                company: columns::read(("score", "company"), &row.company)?,
                as_of: columns::read(("score", "as_of"), &row.as_of)?,
                next_change_on: columns::read_option(
                    ("score", "next_change_on"),
                    row.next_change_on.as_deref(),
                )?,
                ruleset: row.ruleset,
                ruleset_digest: row.ruleset_digest,
                score: row.points.into(),
                grade: row.grade,
                rated: row.rated,
                digest: row.digest,
                explanation: row.explanation,
                cause,
                cause_record: row.cause_record,
            },
        })
    }
}

impl TryFrom<CurrentRow> for CurrentScore {
    type Error = StoreError;

    fn try_from(row: CurrentRow) -> Result<Self, StoreError> {
        Ok(Self {
            company: columns::read(("score_current", "company"), &row.company)?,
            as_of: columns::read(("score_current", "as_of"), &row.as_of)?,
            next_change_on: columns::read_option(
                ("score_current", "next_change_on"),
                row.next_change_on.as_deref(),
            )?,
            ruleset: row.ruleset,
            seq: row.seq,
            score: row.points.into(),
            grade: row.grade,
            rated: row.rated,
            computed_at: row.computed_at.into(),
        })
    }
}

/// Keeps a result and makes it the current one, unless the current one has the same digest and rule text; then only the
/// day for which it was found to hold moves on. Returns whether it was kept.
pub fn put(db: &mut Db, new: &NewScore, now: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(!put_many(db, std::slice::from_ref(new), now)?.is_empty())
}

/// [`put`] for many results at once. Returns the companies whose result is new or another.
///
/// # Errors
/// [`StoreError::Twice`] if a company comes twice under one rule set.
pub fn put_many(
    db: &mut Db,
    results: &[NewScore],
    now: DateTime<Utc>,
) -> Result<BTreeSet<Uscc>, StoreError> {
    columns::refuse_twice(
        "score",
        results
            .iter()
            .map(|new| format!("{}/{}", new.company, new.ruleset)),
    )?;
    let mut changed = BTreeSet::new();
    for chunk in results.chunks(CHUNK) {
        let known = latest_of(db, chunk)?;
        let mut rows = Vec::new();
        let mut current = Vec::with_capacity(chunk.len());
        for new in chunk {
            let key = (new.company.as_str().to_owned(), new.ruleset.clone());
            let latest = known.get(&key);
            match latest {
                Some(latest) if latest.same_as(new) => {
                    let mut row = CurrentRow::of(new, latest.seq, latest.computed_at.into());
                    row.as_of = row.as_of.max(latest.as_of.clone());
                    current.push(row);
                }
                _ => {
                    let seq = latest.map_or(0, |latest| latest.seq) + 1;
                    rows.push(Row::of(new, seq, now));
                    current.push(CurrentRow::of(new, seq, now));
                    changed.insert(new.company);
                }
            }
        }
        if !rows.is_empty() {
            each!(db, c => diesel::insert_into(score::table).values(&rows).execute(c))?;
        }
        each!(db, c => diesel::insert_into(score_current::table)
            .values(&current)
            .on_conflict((score_current::company, score_current::ruleset))
            .do_update()
            .set((
                score_current::seq.eq(excluded(score_current::seq)),
                score_current::as_of.eq(excluded(score_current::as_of)),
                score_current::points.eq(excluded(score_current::points)),
                score_current::grade.eq(excluded(score_current::grade)),
                score_current::rated.eq(excluded(score_current::rated)),
                score_current::next_change_on.eq(excluded(score_current::next_change_on)),
                score_current::digest.eq(excluded(score_current::digest)),
                score_current::computed_at.eq(excluded(score_current::computed_at)),
            ))
            .execute(c))?;
    }
    Ok(changed)
}

struct Latest {
    seq: i64,
    as_of: String,
    ruleset_digest: String,
    digest: String,
    computed_at: Micros,
}

impl Latest {
    fn same_as(&self, new: &NewScore) -> bool {
        self.digest == new.digest && self.ruleset_digest == new.ruleset_digest
    }
}

fn latest_of(
    db: &mut Db,
    chunk: &[NewScore],
) -> Result<HashMap<(String, String), Latest>, StoreError> {
    type Columns = (String, String, i64, String, String, String, Micros);
    let companies: BTreeSet<&str> = chunk.iter().map(|new| new.company.as_str()).collect();
    let rulesets: BTreeSet<&str> = chunk.iter().map(|new| new.ruleset.as_str()).collect();
    let same_score = score::company
        .eq(score_current::company)
        .and(score::ruleset.eq(score_current::ruleset))
        .and(score::seq.eq(score_current::seq));
    let rows: Vec<Columns> = each!(db, c => score_current::table
        .inner_join(score::table.on(same_score))
        .filter(score_current::company.eq_any(&companies))
        .filter(score_current::ruleset.eq_any(&rulesets))
        .select((
            score_current::company,
            score_current::ruleset,
            score_current::seq,
            score_current::as_of,
            score::ruleset_digest,
            score::digest,
            score::computed_at,
        ))
        .load(c))?;
    Ok(rows
        .into_iter()
        .map(
            |(company, ruleset, seq, as_of, ruleset_digest, digest, computed_at)| {
                let latest = Latest {
                    seq,
                    as_of,
                    ruleset_digest,
                    digest,
                    computed_at,
                };
                ((company, ruleset), latest)
            },
        )
        .collect())
}
