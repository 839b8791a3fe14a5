//! Tasks with their events, the published files and, apart from them, the secrets.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::{
    domain::Region,
    store::{
        Db, StoreError,
        columns::{self, Micros},
        db::each,
        schema::{check_file, check_secret, check_task, check_task_event},
    },
};

/// A task as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Number of the draw.
    pub id: String,
    pub district: Region,
    pub state: String,
    /// Number of its events; a change names the one it was decided upon.
    pub version: i64,
    /// JSON of the whole task.
    pub data: String,
}

/// An event to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    pub kind: String,
    pub actor: String,
    /// JSON.
    pub data: String,
}

/// An event of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The version of the task that it made: 1, 2, 3 ...
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub event: NewEvent,
}

type Row = (String, String, String, i64, String);

const COLUMNS: (
    check_task::id,
    check_task::district,
    check_task::state,
    check_task::version,
    check_task::data,
) = (
    check_task::id,
    check_task::district,
    check_task::state,
    check_task::version,
    check_task::data,
);

fn read((id, district, state, version, data): Row) -> Result<Task, StoreError> {
    let place = ("check_task", "district");
    Ok(Task {
        id,
        district: Region::parse(&district).map_err(|_| columns::corrupt(place, &district))?,
        state,
        version,
        data,
    })
}

/// Begins a task with its first event; its version is 1.
///
/// # Errors
/// [`StoreError::Exists`] if the id is taken.
pub fn create(
    db: &mut Db,
    task: &Task,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let added = each!(db, c => diesel::insert_into(check_task::table)
        .values((
            check_task::id.eq(&task.id),
            check_task::district.eq(task.district.as_str()),
            check_task::state.eq(&task.state),
            check_task::version.eq(1_i64),
            check_task::data.eq(&task.data),
            check_task::created_at.eq(Micros::from(now)),
            check_task::updated_at.eq(Micros::from(now)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if added == 0 {
        return Err(StoreError::Exists {
            what: "check_task",
            key: task.id.clone(),
        });
    }
    add_event(db, &task.id, 1, event, now)
}

/// Adds an event with the state and data it leads to; `task` is the row the step was decided upon, its state and data
/// already those after the step. Gives the new version.
///
/// # Errors
/// [`StoreError::Conflict`] if the task moved meanwhile, [`StoreError::NotFound`].
pub fn append(
    db: &mut Db,
    task: &Task,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let version = task.version + 1;
    let moved = diesel::update(check_task::table.find(&task.id))
        .filter(check_task::version.eq(task.version))
        .set((
            check_task::state.eq(&task.state),
            check_task::data.eq(&task.data),
            check_task::version.eq(version),
            check_task::updated_at.eq(Micros::from(now)),
        ))
        .execute(db)?;
    if moved == 0 {
        let (what, key) = ("check_task", task.id.clone());
        return Err(match find(db, &task.id)? {
            Some(found) => StoreError::Conflict {
                what,
                key,
                expected: task.version,
                found: found.version,
            },
            None => StoreError::NotFound { what, key },
        });
    }
    add_event(db, &task.id, version, event, now)?;
    Ok(version)
}

fn add_event(
    db: &mut Db,
    task: &str,
    seq: i64,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(check_task_event::table)
        .values((
            check_task_event::task.eq(task),
            check_task_event::seq.eq(seq),
            check_task_event::kind.eq(&event.kind),
            check_task_event::actor.eq(&event.actor),
            check_task_event::at.eq(Micros::from(now)),
            check_task_event::data.eq(&event.data),
        ))
        .execute(c))?;
    Ok(())
}

/// The task with this id.
pub fn find(db: &mut Db, id: &str) -> Result<Option<Task>, StoreError> {
    if id.contains('\0') {
        return Ok(None);
    }
    let row: Option<Row> = check_task::table
        .find(id)
        .select(COLUMNS)
        .first(db)
        .optional()?;
    row.map(read).transpose()
}

/// Every task of a division and of those within it, the last id first.
pub fn tasks(db: &mut Db, within: Option<&Region>) -> Result<Vec<Task>, StoreError> {
    let mut query = check_task::table.select(COLUMNS).into_boxed();
    if let Some(region) = within {
        query = query.filter(check_task::district.like(columns::within(region)));
    }
    let rows: Vec<Row> = query.order(check_task::id.desc()).load(db)?;
    rows.into_iter().map(read).collect()
}

/// The events of a task, in their order.
pub fn events(db: &mut Db, task: &str) -> Result<Vec<Event>, StoreError> {
    type Columns = (i64, Micros, String, String, String);
    let rows: Vec<Columns> = check_task_event::table
        .filter(check_task_event::task.eq(task))
        .order(check_task_event::seq.asc())
        .select((
            check_task_event::seq,
            check_task_event::at,
            check_task_event::kind,
            check_task_event::actor,
            check_task_event::data,
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
pub fn put_file(
    db: &mut Db,
    task: &str,
    seq: i64,
    data: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(check_file::table)
        .values((
            check_file::task.eq(task),
            check_file::seq.eq(seq),
            check_file::at.eq(Micros::from(now)),
            check_file::data.eq(data),
        ))
        .execute(c))?;
    Ok(())
}

/// The file that is public now.
pub fn file(db: &mut Db, task: &str) -> Result<Option<String>, StoreError> {
    if task.contains('\0') {
        return Ok(None);
    }
    Ok(check_file::table
        .filter(check_file::task.eq(task))
        .order(check_file::seq.desc())
        .select(check_file::data)
        .first(db)
        .optional()?)
}

/// Keeps the secrets of a draw, apart from everything that is read.
pub fn put_secret(
    db: &mut Db,
    task: &str,
    seq: i64,
    data: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(check_secret::table)
        .values((
            check_secret::task.eq(task),
            check_secret::seq.eq(seq),
            check_secret::at.eq(Micros::from(now)),
            check_secret::data.eq(data),
        ))
        .execute(c))?;
    Ok(())
}

/// The secrets of the last attempt.
pub fn secret(db: &mut Db, task: &str) -> Result<Option<String>, StoreError> {
    Ok(check_secret::table
        .filter(check_secret::task.eq(task))
        .order(check_secret::seq.desc())
        .select(check_secret::data)
        .first(db)
        .optional()?)
}
