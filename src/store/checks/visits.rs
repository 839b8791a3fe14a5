//! The ledger of visits: who comes in by a draw or a substitution, and who goes out by a substitution.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::{
    domain::{Region, Uscc},
    store::{
        CHUNK, Db, StoreError,
        columns::{self, Micros},
        db::each,
        schema::check_visit,
    },
};

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    pub company: Uscc,
    pub task: String,
    /// The last attempt of a task counts.
    pub attempt: i64,
    /// 0: the draw; else the number of the substitution.
    pub number: i64,
    pub object: String,
    /// Comes in; else goes out.
    pub comes: bool,
    /// `company` or `project`.
    pub kind: String,
    pub district: Region,
    pub grade: String,
    /// Ids.
    pub officers: Vec<String>,
    /// Of the first day of the visits.
    pub year: i32,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = check_visit)]
struct Row {
    company: String,
    task: String,
    attempt: i64,
    number: i64,
    object: String,
    way: i64,
    kind: String,
    district: String,
    grade: String,
    officers: String,
    year: i64,
    at: Micros,
}

impl TryFrom<Row> for Visit {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column, text: &str| columns::corrupt(("check_visit", column), text);
        Ok(Self {
            company: columns::read(("check_visit", "company"), &row.company)?,
            district: Region::parse(&row.district)
                .map_err(|_| corrupt("district", &row.district))?,
            officers: row.officers.split(';').map(str::to_owned).collect(),
            year: i32::try_from(row.year).map_err(|_| corrupt("year", &row.year.to_string()))?,
            task: row.task,
            attempt: row.attempt,
            number: row.number,
            object: row.object,
            comes: row.way > 0,
            kind: row.kind,
            grade: row.grade,
        })
    }
}

/// Adds lines; all of them or, by the caller's transaction, none.
pub fn enter(db: &mut Db, visits: &[Visit], now: DateTime<Utc>) -> Result<(), StoreError> {
    let row = |visit: &Visit| Row {
        company: visit.company.to_string(),
        task: visit.task.clone(),
        attempt: visit.attempt,
        number: visit.number,
        object: visit.object.clone(),
        way: if visit.comes { 1 } else { -1 },
        kind: visit.kind.clone(),
        district: visit.district.to_string(),
        grade: visit.grade.clone(),
        officers: visit.officers.join(";"),
        year: i64::from(visit.year),
        at: now.into(),
    };
    let rows: Vec<Row> = visits.iter().map(row).collect();
    for chunk in rows.chunks(CHUNK) {
        each!(db, c => diesel::insert_into(check_visit::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// The visits of a year that stand: of the last attempt of each task, without those substituted.
pub fn of_year(db: &mut Db, year: i32) -> Result<Vec<Visit>, StoreError> {
    let rows: Vec<Row> = check_visit::table
        .filter(check_visit::year.eq(i64::from(year)))
        .order((
            check_visit::task,
            check_visit::attempt,
            check_visit::number,
            check_visit::way,
        ))
        .select(Row::as_select())
        .load(db)?;
    standing(rows)
}

/// The visits of one task that stand.
pub fn of_task(db: &mut Db, task: &str) -> Result<Vec<Visit>, StoreError> {
    let rows: Vec<Row> = check_visit::table
        .filter(check_visit::task.eq(task))
        .order((
            check_visit::task,
            check_visit::attempt,
            check_visit::number,
            check_visit::way,
        ))
        .select(Row::as_select())
        .load(db)?;
    standing(rows)
}

/// The visits of one attempt of a task that stand.
pub fn of_attempt(db: &mut Db, task: &str, attempt: i64) -> Result<Vec<Visit>, StoreError> {
    let rows: Vec<Row> = check_visit::table
        .filter(check_visit::task.eq(task))
        .filter(check_visit::attempt.eq(attempt))
        .order((check_visit::number, check_visit::way))
        .select(Row::as_select())
        .load(db)?;
    standing(rows)
}

/// What is left of the ledger: within a substitution, going out stands before coming in.
fn standing(rows: Vec<Row>) -> Result<Vec<Visit>, StoreError> {
    let mut last: BTreeMap<String, i64> = BTreeMap::new();
    for row in &rows {
        let attempt = last.entry(row.task.clone()).or_default();
        *attempt = row.attempt.max(*attempt);
    }
    let mut standing: BTreeMap<(String, String), Visit> = BTreeMap::new();
    for row in rows {
        if last.get(&row.task) != Some(&row.attempt) {
            continue;
        }
        let visit = Visit::try_from(row)?;
        let key = (visit.task.clone(), visit.object.clone());
        if visit.comes {
            standing.insert(key, visit);
        } else {
            standing.remove(&key);
        }
    }
    Ok(standing.into_values().collect())
}
