//! Figures about all companies at once, added up by the database.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Text},
};

use super::{
    Db, StoreError,
    columns::Fixed,
    db::each,
    schema::{check_visit, company, score_current},
};
use crate::domain::{CompanyStatus, Day, Points};

/// How many scores of a month rose or fell against the one before of the same company.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Moves {
    /// `2026-07`.
    #[diesel(sql_type = Text)]
    pub month: String,
    #[diesel(sql_type = BigInt)]
    pub up: i64,
    #[diesel(sql_type = BigInt)]
    pub down: i64,
}

/// Placeholders that both databases know.
const MOVES: &str = "SELECT substr(n.as_of, 1, 7) AS month, \
    SUM(CASE WHEN n.points > p.points THEN 1 ELSE 0 END) AS up, \
    SUM(CASE WHEN n.points < p.points THEN 1 ELSE 0 END) AS down \
    FROM score n JOIN score p \
    ON p.company = n.company AND p.ruleset = n.ruleset AND p.seq = n.seq - 1 \
    WHERE n.ruleset = $1 AND n.as_of >= $2 \
    GROUP BY substr(n.as_of, 1, 7) ORDER BY 1";

/// Scores and how many rated companies have each, the lowest first.
pub fn by_score(db: &mut Db, ruleset: &str) -> Result<Vec<(Points, i64)>, StoreError> {
    let rows: Vec<(Fixed, i64)> = score_current::table
        .filter(score_current::ruleset.eq(ruleset))
        .filter(score_current::rated.eq(true))
        .group_by(score_current::points)
        .select((score_current::points, diesel::dsl::count_star()))
        .order(score_current::points.asc())
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|(points, companies)| (points.into(), companies))
        .collect())
}

/// How many companies the rules do not grade.
pub fn not_rated(db: &mut Db, ruleset: &str) -> Result<i64, StoreError> {
    Ok(score_current::table
        .filter(score_current::ruleset.eq(ruleset))
        .filter(score_current::rated.eq(false))
        .count()
        .get_result(db)?)
}

/// Changes of scores by the month they are of, from the month of `from`; a month without one is left out.
pub fn moves(db: &mut Db, ruleset: &str, from: Day) -> Result<Vec<Moves>, StoreError> {
    let from = from.to_string();
    let first = format!("{}-01", from.get(..7).unwrap_or_default());
    Ok(each!(db, c => diesel::sql_query(MOVES)
        .bind::<Text, _>(ruleset)
        .bind::<Text, _>(first)
        .load::<Moves>(c))?)
}

/// How many companies were drawn for a visit in a year, each once.
pub fn drawn_in(db: &mut Db, year: i32) -> Result<i64, StoreError> {
    Ok(each!(db, c => check_visit::table
        .filter(check_visit::year.eq(i64::from(year)))
        .select(diesel::dsl::count(check_visit::company).aggregate_distinct())
        .first(c))?)
}

/// How many companies are active.
pub fn active(db: &mut Db) -> Result<i64, StoreError> {
    Ok(company::table
        .filter(company::status.eq(CompanyStatus::Active.as_str()))
        .count()
        .get_result(db)?)
}
