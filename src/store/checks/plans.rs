//! Yearly plans with their events and published files. What the JSON means is for the service to say.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::trail::{Event, NewEvent, files, moves};
use crate::{
    domain::Region,
    store::{
        Db, StoreError,
        columns::{self, Micros},
        db::each,
        schema::{check_plan, check_plan_event, check_plan_file},
    },
};

/// A plan as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// Number of the plan.
    pub id: String,
    pub year: i32,
    pub district: Region,
    pub state: String,
    /// Number of its events; a change names the one it was decided upon.
    pub version: i64,
    /// JSON.
    pub data: String,
}

type Columns = (String, i64, String, String, i64, String);

const COLUMNS: (
    check_plan::id,
    check_plan::year,
    check_plan::district,
    check_plan::state,
    check_plan::version,
    check_plan::data,
) = (
    check_plan::id,
    check_plan::year,
    check_plan::district,
    check_plan::state,
    check_plan::version,
    check_plan::data,
);

fn read((id, year, district, state, version, data): Columns) -> Result<PlanRow, StoreError> {
    let corrupt = |column, text: &str| columns::corrupt(("check_plan", column), text);
    Ok(PlanRow {
        id,
        year: i32::try_from(year).map_err(|_| corrupt("year", &year.to_string()))?,
        district: Region::parse(&district).map_err(|_| corrupt("district", &district))?,
        state,
        version,
        data,
    })
}

moves! { PlanRow, "check_plan", check_plan, check_plan_event.plan }

/// Begins a plan with its first event; its version is 1.
///
/// # Errors
/// [`StoreError::Exists`] if the id is taken.
pub fn create(
    db: &mut Db,
    plan: &PlanRow,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let added = each!(db, c => diesel::insert_into(check_plan::table)
        .values((
            check_plan::id.eq(&plan.id),
            check_plan::year.eq(i64::from(plan.year)),
            check_plan::district.eq(plan.district.as_str()),
            check_plan::state.eq(&plan.state),
            check_plan::version.eq(1_i64),
            check_plan::data.eq(&plan.data),
            check_plan::created_at.eq(Micros::from(now)),
            check_plan::updated_at.eq(Micros::from(now)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if added == 0 {
        return Err(StoreError::Exists {
            what: "check_plan",
            key: plan.id.clone(),
        });
    }
    add_event(db, &plan.id, 1, event, now)
}

/// Every plan of a division and of those within it, the last year first.
pub fn plans(db: &mut Db, within: Option<&Region>) -> Result<Vec<PlanRow>, StoreError> {
    let mut query = check_plan::table.select(COLUMNS).into_boxed();
    if let Some(region) = within {
        query = query.filter(check_plan::district.like(columns::within(region)));
    }
    let order = (check_plan::year.desc(), check_plan::id.desc());
    let rows: Vec<Columns> = query.order(order).load(db)?;
    rows.into_iter().map(read).collect()
}

files! {
    check_plan_file.plan,
    /// Publishes a file in place of the one before, which stays.
    put_file,
    /// The file that is public now.
    file
}

/// The public file of every plan that was frozen, the last year first.
pub fn all_files(db: &mut Db) -> Result<Vec<String>, StoreError> {
    let mut files = Vec::new();
    for plan in plans(db, None)? {
        files.extend(file(db, &plan.id)?);
    }
    Ok(files)
}
