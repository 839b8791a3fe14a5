//! Yearly plans with their events and published files. What the JSON means is for the service to say.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::tasks::{Event, NewEvent};
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

type Row = (String, i64, String, String, i64, String);

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

fn read((id, year, district, state, version, data): Row) -> Result<PlanRow, StoreError> {
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

/// Begins a plan with its first event; its version is 1.
///
/// # Errors
/// [`StoreError::Exists`] if the id is taken.
pub fn create_plan(
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

/// Adds an event with the state and data it leads to; `plan` is the row the step was decided upon, its state and data
/// already those after the step. Gives the new version.
///
/// # Errors
/// [`StoreError::Conflict`] if the plan moved meanwhile, [`StoreError::NotFound`].
pub fn append_plan(
    db: &mut Db,
    plan: &PlanRow,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let version = plan.version + 1;
    let moved = diesel::update(check_plan::table.find(&plan.id))
        .filter(check_plan::version.eq(plan.version))
        .set((
            check_plan::state.eq(&plan.state),
            check_plan::data.eq(&plan.data),
            check_plan::version.eq(version),
            check_plan::updated_at.eq(Micros::from(now)),
        ))
        .execute(db)?;
    if moved == 0 {
        let (what, key) = ("check_plan", plan.id.clone());
        return Err(match find_plan(db, &plan.id)? {
            Some(found) => StoreError::Conflict {
                what,
                key,
                expected: plan.version,
                found: found.version,
            },
            None => StoreError::NotFound { what, key },
        });
    }
    add_event(db, &plan.id, version, event, now)?;
    Ok(version)
}

fn add_event(
    db: &mut Db,
    plan: &str,
    seq: i64,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(check_plan_event::table)
        .values((
            check_plan_event::plan.eq(plan),
            check_plan_event::seq.eq(seq),
            check_plan_event::kind.eq(&event.kind),
            check_plan_event::actor.eq(&event.actor),
            check_plan_event::at.eq(Micros::from(now)),
            check_plan_event::data.eq(&event.data),
        ))
        .execute(c))?;
    Ok(())
}

/// The plan with this id.
pub fn find_plan(db: &mut Db, id: &str) -> Result<Option<PlanRow>, StoreError> {
    if id.contains('\0') {
        return Ok(None);
    }
    let row: Option<Row> = check_plan::table
        .find(id)
        .select(COLUMNS)
        .first(db)
        .optional()?;
    row.map(read).transpose()
}

/// Every plan of a division and of those within it, the last year first.
pub fn plans(db: &mut Db, within: Option<&Region>) -> Result<Vec<PlanRow>, StoreError> {
    let mut query = check_plan::table.select(COLUMNS).into_boxed();
    if let Some(region) = within {
        query = query.filter(check_plan::district.like(columns::within(region)));
    }
    let order = (check_plan::year.desc(), check_plan::id.desc());
    let rows: Vec<Row> = query.order(order).load(db)?;
    rows.into_iter().map(read).collect()
}

/// The events of a plan, in their order.
pub fn plan_events(db: &mut Db, plan: &str) -> Result<Vec<Event>, StoreError> {
    type Columns = (i64, Micros, String, String, String);
    let rows: Vec<Columns> = check_plan_event::table
        .filter(check_plan_event::plan.eq(plan))
        .order(check_plan_event::seq.asc())
        .select((
            check_plan_event::seq,
            check_plan_event::at,
            check_plan_event::kind,
            check_plan_event::actor,
            check_plan_event::data,
        ))
        .load(db)?;
    let event = |(seq, at, kind, actor, data): Columns| Event {
        seq,
        at: at.into(),
        event: NewEvent { kind, actor, data },
    };
    Ok(rows.into_iter().map(event).collect())
}

/// Publishes a file in place of the one before, which stays.
pub fn put_plan_file(
    db: &mut Db,
    plan: &str,
    seq: i64,
    data: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(check_plan_file::table)
        .values((
            check_plan_file::plan.eq(plan),
            check_plan_file::seq.eq(seq),
            check_plan_file::at.eq(Micros::from(now)),
            check_plan_file::data.eq(data),
        ))
        .execute(c))?;
    Ok(())
}

/// The file that is public now.
pub fn plan_file(db: &mut Db, plan: &str) -> Result<Option<String>, StoreError> {
    if plan.contains('\0') {
        return Ok(None);
    }
    Ok(check_plan_file::table
        .filter(check_plan_file::plan.eq(plan))
        .order(check_plan_file::seq.desc())
        .select(check_plan_file::data)
        .first(db)
        .optional()?)
}

/// The public file of every plan that was frozen, the last year first.
pub fn plan_files(db: &mut Db) -> Result<Vec<String>, StoreError> {
    let mut files = Vec::new();
    for plan in plans(db, None)? {
        files.extend(plan_file(db, &plan.id)?);
    }
    Ok(files)
}
