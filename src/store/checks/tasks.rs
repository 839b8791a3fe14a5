//! Tasks with their events, the published files and, apart from them, the secrets.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::trail::{Event, NewEvent, files, moves};
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

type Columns = (String, String, String, i64, String);

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

fn read((id, district, state, version, data): Columns) -> Result<Task, StoreError> {
    let place = ("check_task", "district");
    Ok(Task {
        id,
        district: Region::parse(&district).map_err(|_| columns::corrupt(place, &district))?,
        state,
        version,
        data,
    })
}

moves! { Task, "check_task", check_task, check_task_event.task }

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

/// Every task of a division and of those within it, the last id first.
pub fn tasks(db: &mut Db, within: Option<&Region>) -> Result<Vec<Task>, StoreError> {
    let mut query = check_task::table.select(COLUMNS).into_boxed();
    if let Some(region) = within {
        query = query.filter(check_task::district.like(columns::within(region)));
    }
    let rows: Vec<Columns> = query.order(check_task::id.desc()).load(db)?;
    rows.into_iter().map(read).collect()
}

files! {
    check_file.task,
    /// Publishes a file in place of the one before, which stays.
    put_file,
    /// The file that is public now.
    file
}

files! {
    check_secret.task,
    /// Keeps the secrets of a draw, apart from everything that is read.
    put_secret,
    /// The secrets of the last attempt.
    secret
}
