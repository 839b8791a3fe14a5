//! Reading results: the current ones, those of one company, the ranking, and what is due.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{CurrentRow, CurrentScore, Row, Score};
use crate::{
    domain::{Day, Points, Uscc},
    store::{
        CHUNK, Db, Page, StoreError,
        columns::{self, Fixed, Micros},
        db::each,
        one_more,
        schema::{score, score_current},
    },
};

/// The current result of a company under a rule set, if it was ever scored.
pub fn current(
    db: &mut Db,
    company: &Uscc,
    ruleset: &str,
) -> Result<Option<CurrentScore>, StoreError> {
    score_current::table
        .find((company.as_str(), ruleset))
        .select(CurrentRow::as_select())
        .first::<CurrentRow>(db)
        .optional()?
        .map(CurrentScore::try_from)
        .transpose()
}

/// The current results of a company under every rule set, by rule set.
pub fn of_company(db: &mut Db, company: &Uscc) -> Result<Vec<CurrentScore>, StoreError> {
    let rows: Vec<CurrentRow> = score_current::table
        .filter(score_current::company.eq(company.as_str()))
        .order(score_current::ruleset.asc())
        .select(CurrentRow::as_select())
        .load(db)?;
    rows.into_iter().map(CurrentScore::try_from).collect()
}

/// The current results of these companies under a rule set, in no order.
pub fn of_companies(
    db: &mut Db,
    companies: &[Uscc],
    ruleset: &str,
) -> Result<Vec<CurrentScore>, StoreError> {
    let mut found = Vec::with_capacity(companies.len());
    for chunk in companies.chunks(CHUNK) {
        let keys: Vec<&str> = chunk.iter().map(Uscc::as_str).collect();
        let rows = each!(db, c => score_current::table
            .filter(score_current::company.eq_any(keys))
            .filter(score_current::ruleset.eq(ruleset))
            .select(CurrentRow::as_select())
            .load::<CurrentRow>(c))?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// One result with its explanation.
pub fn find(
    db: &mut Db,
    company: &Uscc,
    ruleset: &str,
    seq: i64,
) -> Result<Option<Score>, StoreError> {
    score::table
        .find((company.as_str(), ruleset, seq))
        .select(Row::as_select())
        .first::<Row>(db)
        .optional()?
        .map(Score::try_from)
        .transpose()
}

/// Which result: company, rule set, number.
pub type ScoreKey = (Uscc, String, i64);

/// The keys of all results, in their order, after `after`; without the results themselves, which are large.
pub fn keys(
    db: &mut Db,
    after: Option<&ScoreKey>,
    limit: usize,
) -> Result<Page<ScoreKey, ScoreKey>, StoreError> {
    let mut query = score::table
        .select((score::company, score::ruleset, score::seq))
        .into_boxed();
    if let Some((company, ruleset, seq)) = after {
        // The first condition alone finds the place in the index.
        query = query.filter(score::company.ge(company.as_str())).filter(
            score::company.gt(company.as_str()).or(score::ruleset
                .gt(ruleset.as_str())
                .or(score::ruleset.eq(ruleset.as_str()).and(score::seq.gt(*seq)))),
        );
    }
    let rows: Vec<(String, String, i64)> = query
        .order((score::company.asc(), score::ruleset.asc(), score::seq.asc()))
        .limit(one_more(limit))
        .load(db)?;
    let keys = rows
        .into_iter()
        .map(|(company, ruleset, seq)| {
            Ok((columns::read(("score", "company"), &company)?, ruleset, seq))
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(Page::cut(keys, limit, Clone::clone))
}

/// The earliest instant at which a later result of the same company under the same rule set was computed.
pub fn followed_at(db: &mut Db, key: &ScoreKey) -> Result<Option<DateTime<Utc>>, StoreError> {
    let (company, ruleset, seq) = key;
    let instant: Option<Micros> = score::table
        .filter(score::company.eq(company.as_str()))
        .filter(score::ruleset.eq(ruleset))
        .filter(score::seq.gt(seq))
        .select(diesel::dsl::min(score::computed_at))
        .first(db)?;
    Ok(instant.map(Into::into))
}

/// The last `limit` results of a company under a rule set, newest first.
pub fn trend(
    db: &mut Db,
    company: &Uscc,
    ruleset: &str,
    limit: usize,
) -> Result<Vec<Score>, StoreError> {
    let rows: Vec<Row> = score::table
        .filter(score::company.eq(company.as_str()))
        .filter(score::ruleset.eq(ruleset))
        .order(score::seq.desc())
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Score::try_from).collect()
}

/// A result without its explanation, named by its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub ruleset: String,
    pub score: Points,
    pub grade: String,
    pub rated: bool,
    pub digest: String,
    /// Which result under its rule set: 1, 2, 3 ...
    pub seq: i64,
}

/// All results of a company up to a day, the last first.
pub fn marks_until(db: &mut Db, company: &Uscc, until: Day) -> Result<Vec<Mark>, StoreError> {
    let rows: Vec<(String, Fixed, String, bool, String, i64)> = score::table
        .filter(score::company.eq(company.as_str()))
        .filter(score::as_of.le(until.to_string()))
        .order((score::as_of.desc(), score::seq.desc()))
        .select((
            score::ruleset,
            score::points,
            score::grade,
            score::rated,
            score::digest,
            score::seq,
        ))
        .load(db)?;
    let mark = |(ruleset, points, grade, rated, digest, seq): (_, Fixed, _, _, _, _)| Mark {
        ruleset,
        score: points.into(),
        grade,
        rated,
        digest,
        seq,
    };
    Ok(rows.into_iter().map(mark).collect())
}

/// Companies whose result changes on or before `day` without a new fact; at most `limit`, by code, after `after`.
pub fn due(
    db: &mut Db,
    ruleset: &str,
    day: Day,
    after: Option<&Uscc>,
    limit: usize,
) -> Result<Page<Uscc, Uscc>, StoreError> {
    let rows: Vec<String> = score_current::table
        .filter(score_current::ruleset.eq(ruleset))
        .filter(score_current::next_change_on.le(day.to_string()))
        .filter(score_current::company.gt(columns::company(after)))
        .order(score_current::company.asc())
        .limit(one_more(limit))
        .select(score_current::company)
        .load(db)?;
    let companies = rows
        .iter()
        .map(|code| columns::read(("score_current", "company"), code))
        .collect::<Result<_, _>>()?;
    Ok(Page::cut(companies, limit, |company: &Uscc| *company))
}

/// Where the next page of [`ranking`] begins.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RankCursor {
    pub score: Points,
    pub company: Uscc,
}

/// Rated companies by score, the highest first, equal ones by code; of one grade, if one is given.
pub fn ranking(
    db: &mut Db,
    ruleset: &str,
    grade: Option<&str>,
    after: Option<&RankCursor>,
    limit: usize,
) -> Result<Page<CurrentScore, RankCursor>, StoreError> {
    let mut query = score_current::table
        .filter(score_current::ruleset.eq(ruleset))
        .filter(score_current::rated.eq(true))
        .select(CurrentRow::as_select())
        .into_boxed();
    if let Some(grade) = grade {
        query = query.filter(score_current::grade.eq(grade));
    }
    if let Some(RankCursor { score, company }) = after {
        let score = Fixed::from(*score);
        query = query.filter(
            score_current::points.lt(score).or(score_current::points
                .eq(score)
                .and(score_current::company.gt(company.as_str()))),
        );
    }
    let rows: Vec<CurrentRow> = query
        .order((score_current::points.desc(), score_current::company.asc()))
        .limit(one_more(limit))
        .load(db)?;
    let scores = rows
        .into_iter()
        .map(CurrentScore::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Page::cut(scores, limit, |score: &CurrentScore| {
        RankCursor {
            score: score.score,
            company: score.company,
        }
    }))
}

/// Number of rated companies by grade, in the order of the grades' names.
pub fn grades(db: &mut Db, ruleset: &str) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(score_current::table
        .filter(score_current::ruleset.eq(ruleset))
        .filter(score_current::rated.eq(true))
        .group_by(score_current::grade)
        .select((score_current::grade, diesel::dsl::count_star()))
        .order(score_current::grade.asc())
        .load(db)?)
}

/// Whether every current result under a rule set was made by this text of it.
pub fn all_made_by(db: &mut Db, ruleset: &str, digest: &str) -> Result<bool, StoreError> {
    let others: i64 = score_current::table
        .inner_join(
            score::table.on(score::company
                .eq(score_current::company)
                .and(score::ruleset.eq(score_current::ruleset))
                .and(score::seq.eq(score_current::seq))),
        )
        .filter(score_current::ruleset.eq(ruleset))
        .filter(score::ruleset_digest.ne(digest))
        .count()
        .get_result(db)?;
    let companies: i64 = crate::store::schema::company::table
        .count()
        .get_result(db)?;
    let scored: i64 = score_current::table
        .filter(score_current::ruleset.eq(ruleset))
        .count()
        .get_result(db)?;
    Ok(others == 0 && scored == companies)
}
