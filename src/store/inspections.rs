//! The visits of spot checks: a state with a version and events that are only added; the records and files that hang on a
//! visit; and when the results of a task were published. What the states mean is for the room of procedures to say.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    Db, Page, StoreError,
    columns::{self, Micros},
    db::each,
    one_more,
    schema::{
        inspection, inspection_event, inspection_file, inspection_publication, inspection_record,
    },
};
use crate::domain::{Day, Uscc};

/// Which visit: one to an object in one attempt of a draw.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub task: String,
    pub attempt: i64,
    pub object: String,
}

/// A visit that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    pub company: Uscc,
    pub key: Key,
    pub state: String,
    /// Number of its events; a change names the one it was decided upon.
    pub version: i64,
    /// From the arrival on.
    pub code: Option<Code>,
    pub arrived_on: Option<Day>,
    /// The day on which nothing was left to do.
    pub settled_on: Option<Day>,
    /// Of the first day of the visits.
    pub year: i32,
    /// JSON: who and what, as it was when the visit began.
    pub data: String,
}

/// What a company looks a visit up by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    pub text: String,
    /// SHA-256, hex.
    pub digest: String,
}

/// An event to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    pub kind: String,
    pub actor: String,
    /// JSON.
    pub data: String,
}

/// A file of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// SHA-256 of its bytes, 64 hex digits.
    pub digest: String,
    /// Media type, by what the bytes are.
    pub media: String,
    /// Bytes.
    pub size: i64,
    pub name: String,
    pub actor: String,
    pub at: DateTime<Utc>,
}

/// That the results of an attempt are public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    pub task: String,
    pub attempt: i64,
    /// Absent: in no year that the calendar covered then.
    pub due_on: Option<Day>,
    pub published_on: Day,
    /// Calendar days after the last day.
    pub days_late: i64,
    pub actor: String,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = inspection, treat_none_as_default_value = false)]
struct Row {
    company: String,
    task: String,
    attempt: i64,
    object: String,
    state: String,
    version: i64,
    code: Option<String>,
    code_digest: Option<String>,
    arrived_on: Option<String>,
    settled_on: Option<String>,
    year: i64,
    data: String,
    created_at: Micros,
    updated_at: Micros,
}

impl TryFrom<Row> for Inspection {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let place = |column| ("inspection", column);
        Ok(Self {
            company: columns::read(place("company"), &row.company)?,
            key: Key {
                task: row.task,
                attempt: row.attempt,
                object: row.object,
            },
            state: row.state,
            version: row.version,
            code: row
                .code
                .zip(row.code_digest)
                .map(|(text, digest)| Code { text, digest }),
            arrived_on: columns::read_option(place("arrived_on"), row.arrived_on.as_deref())?,
            settled_on: columns::read_option(place("settled_on"), row.settled_on.as_deref())?,
            year: i32::try_from(row.year)
                .map_err(|_| columns::corrupt(place("year"), &row.year.to_string()))?,
            data: row.data,
        })
    }
}

fn all(rows: Vec<Row>) -> Result<Vec<Inspection>, StoreError> {
    rows.into_iter().map(Inspection::try_from).collect()
}

/// Begins a visit with its first event; its version is 1.
///
/// # Errors
/// [`StoreError::Exists`] if it was begun before, or its code is taken.
pub fn begin(
    db: &mut Db,
    new: &Inspection,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let row = Row {
        company: new.company.to_string(),
        task: new.key.task.clone(),
        attempt: new.key.attempt,
        object: new.key.object.clone(),
        state: new.state.clone(),
        version: 1,
        code: new.code.as_ref().map(|code| code.text.clone()),
        code_digest: new.code.as_ref().map(|code| code.digest.clone()),
        arrived_on: new.arrived_on.map(|day| day.to_string()),
        settled_on: new.settled_on.map(|day| day.to_string()),
        year: i64::from(new.year),
        data: new.data.clone(),
        created_at: now.into(),
        updated_at: now.into(),
    };
    let added = each!(db, c => diesel::insert_into(inspection::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if added == 0 {
        return Err(StoreError::Exists {
            what: "inspection",
            key: new.key.object.clone(),
        });
    }
    add_event(db, &new.key, 1, event, now)?;
    Ok(1)
}

/// Adds an event with the state it leads to; `to` is the visit the step was decided upon, its state and days already those
/// after the step. Gives the new version.
///
/// # Errors
/// [`StoreError::Conflict`] if the visit moved meanwhile, [`StoreError::NotFound`].
pub fn append(
    db: &mut Db,
    to: &Inspection,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let version = to.version + 1;
    let key = &to.key;
    let moved = diesel::update(
        inspection::table
            .filter(inspection::task.eq(&key.task))
            .filter(inspection::attempt.eq(key.attempt))
            .filter(inspection::object.eq(&key.object))
            .filter(inspection::version.eq(to.version)),
    )
    .set((
        inspection::state.eq(&to.state),
        inspection::arrived_on.eq(to.arrived_on.map(|day| day.to_string())),
        inspection::settled_on.eq(to.settled_on.map(|day| day.to_string())),
        inspection::version.eq(version),
        inspection::updated_at.eq(Micros::from(now)),
    ))
    .execute(db)?;
    if moved == 0 {
        let (what, name) = ("inspection", key.object.clone());
        return Err(match find(db, key)? {
            Some(found) => StoreError::Conflict {
                what,
                key: name,
                expected: to.version,
                found: found.version,
            },
            None => StoreError::NotFound { what, key: name },
        });
    }
    add_event(db, key, version, event, now)?;
    Ok(version)
}

fn add_event(
    db: &mut Db,
    key: &Key,
    seq: i64,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(inspection_event::table)
        .values((
            inspection_event::task.eq(&key.task),
            inspection_event::attempt.eq(key.attempt),
            inspection_event::object.eq(&key.object),
            inspection_event::seq.eq(seq),
            inspection_event::kind.eq(&event.kind),
            inspection_event::actor.eq(&event.actor),
            inspection_event::at.eq(Micros::from(now)),
            inspection_event::data.eq(&event.data),
        ))
        .execute(c))?;
    Ok(())
}

/// The visit, if it was begun.
pub fn find(db: &mut Db, key: &Key) -> Result<Option<Inspection>, StoreError> {
    if key.task.contains('\0') || key.object.contains('\0') {
        // No stored id holds one, and PostgreSQL refuses it as a parameter.
        return Ok(None);
    }
    inspection::table
        .filter(inspection::task.eq(&key.task))
        .filter(inspection::attempt.eq(key.attempt))
        .filter(inspection::object.eq(&key.object))
        .select(Row::as_select())
        .first::<Row>(db)
        .optional()?
        .map(Inspection::try_from)
        .transpose()
}

/// The visit with the code of this digest.
pub fn by_code(db: &mut Db, digest: &str) -> Result<Option<Inspection>, StoreError> {
    inspection::table
        .filter(inspection::code_digest.eq(digest))
        .select(Row::as_select())
        .first::<Row>(db)
        .optional()?
        .map(Inspection::try_from)
        .transpose()
}

/// Visits of a task that were begun, of every attempt, by attempt and object.
pub fn of_task(db: &mut Db, task: &str) -> Result<Vec<Inspection>, StoreError> {
    all(inspection::table
        .filter(inspection::task.eq(task))
        .order((inspection::attempt.asc(), inspection::object.asc()))
        .select(Row::as_select())
        .load(db)?)
}

/// Visits of a year that were begun, of every attempt of every task.
pub fn of_year(db: &mut Db, year: i32) -> Result<Vec<Inspection>, StoreError> {
    all(inspection::table
        .filter(inspection::year.eq(i64::from(year)))
        .order((
            inspection::task.asc(),
            inspection::attempt.asc(),
            inspection::object.asc(),
        ))
        .select(Row::as_select())
        .load(db)?)
}

/// Visits to a company and its projects that were begun, the last task first.
pub fn of_company(db: &mut Db, company: &Uscc) -> Result<Vec<Inspection>, StoreError> {
    all(inspection::table
        .filter(inspection::company.eq(company.as_str()))
        .order((
            inspection::created_at.desc(),
            inspection::task.desc(),
            inspection::object.asc(),
        ))
        .select(Row::as_select())
        .load(db)?)
}

/// The events of a visit, in their order: JSON.
pub fn events(db: &mut Db, key: &Key) -> Result<Vec<String>, StoreError> {
    Ok(inspection_event::table
        .filter(inspection_event::task.eq(&key.task))
        .filter(inspection_event::attempt.eq(key.attempt))
        .filter(inspection_event::object.eq(&key.object))
        .order(inspection_event::seq.asc())
        .select(inspection_event::data)
        .load(db)?)
}

/// Keeps that the finding of an item became a record.
///
/// # Errors
/// [`StoreError::Exists`] if it did before.
pub fn add_record(
    db: &mut Db,
    key: &Key,
    item: &str,
    record: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let added = each!(db, c => diesel::insert_into(inspection_record::table)
        .values((
            inspection_record::task.eq(&key.task),
            inspection_record::attempt.eq(key.attempt),
            inspection_record::object.eq(&key.object),
            inspection_record::item.eq(item),
            inspection_record::record.eq(record),
            inspection_record::at.eq(Micros::from(now)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if added == 0 {
        return Err(StoreError::Exists {
            what: "inspection_record",
            key: format!("{} {item}", key.object),
        });
    }
    Ok(())
}

/// Records that hang on a visit, with the item of each, by item.
pub fn records(db: &mut Db, key: &Key) -> Result<Vec<(String, String)>, StoreError> {
    Ok(inspection_record::table
        .filter(inspection_record::task.eq(&key.task))
        .filter(inspection_record::attempt.eq(key.attempt))
        .filter(inspection_record::object.eq(&key.object))
        .order(inspection_record::item.asc())
        .select((inspection_record::item, inspection_record::record))
        .load(db)?)
}

/// Keeps that a file belongs to a visit; the same content again changes nothing.
pub fn add_file(db: &mut Db, key: &Key, file: &File) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(inspection_file::table)
        .values((
            inspection_file::task.eq(&key.task),
            inspection_file::attempt.eq(key.attempt),
            inspection_file::object.eq(&key.object),
            inspection_file::digest.eq(&file.digest),
            inspection_file::media.eq(&file.media),
            inspection_file::size.eq(file.size),
            inspection_file::name.eq(&file.name),
            inspection_file::actor.eq(&file.actor),
            inspection_file::at.eq(Micros::from(file.at)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// The files of a visit, oldest first.
pub fn files(db: &mut Db, key: &Key) -> Result<Vec<File>, StoreError> {
    type Columns = (String, String, i64, String, String, Micros);
    let rows: Vec<Columns> = inspection_file::table
        .filter(inspection_file::task.eq(&key.task))
        .filter(inspection_file::attempt.eq(key.attempt))
        .filter(inspection_file::object.eq(&key.object))
        .order((inspection_file::at.asc(), inspection_file::digest.asc()))
        .select((
            inspection_file::digest,
            inspection_file::media,
            inspection_file::size,
            inspection_file::name,
            inspection_file::actor,
            inspection_file::at,
        ))
        .load(db)?;
    let file = |(digest, media, size, name, actor, at): Columns| File {
        digest,
        media,
        size,
        name,
        actor,
        at: at.into(),
    };
    Ok(rows.into_iter().map(file).collect())
}

/// Digests of all files of visits, once each, in their order, after `after`.
pub fn digests(
    db: &mut Db,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<String, String>, StoreError> {
    let rows: Vec<String> = inspection_file::table
        .filter(inspection_file::digest.gt(after.unwrap_or_default()))
        .select(inspection_file::digest)
        .distinct()
        .order(inspection_file::digest.asc())
        .limit(one_more(limit))
        .load(db)?;
    Ok(Page::cut(rows, limit, Clone::clone))
}

/// Keeps that the results of an attempt are public.
///
/// # Errors
/// [`StoreError::Exists`] if they were.
pub fn publish(db: &mut Db, new: &Publication, now: DateTime<Utc>) -> Result<(), StoreError> {
    let added = each!(db, c => diesel::insert_into(inspection_publication::table)
        .values((
            inspection_publication::task.eq(&new.task),
            inspection_publication::attempt.eq(new.attempt),
            inspection_publication::due_on.eq(new.due_on.map(|day| day.to_string())),
            inspection_publication::published_on.eq(new.published_on.to_string()),
            inspection_publication::days_late.eq(new.days_late),
            inspection_publication::actor.eq(&new.actor),
            inspection_publication::at.eq(Micros::from(now)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if added == 0 {
        return Err(StoreError::Exists {
            what: "inspection_publication",
            key: new.task.clone(),
        });
    }
    Ok(())
}

/// When the results of a task were published, by attempt.
pub fn publications(db: &mut Db, task: &str) -> Result<Vec<Publication>, StoreError> {
    type Columns = (String, i64, Option<String>, String, i64, String);
    let rows: Vec<Columns> = inspection_publication::table
        .filter(inspection_publication::task.eq(task))
        .order(inspection_publication::attempt.asc())
        .select((
            inspection_publication::task,
            inspection_publication::attempt,
            inspection_publication::due_on,
            inspection_publication::published_on,
            inspection_publication::days_late,
            inspection_publication::actor,
        ))
        .load(db)?;
    let place = |column| ("inspection_publication", column);
    let read = |(task, attempt, due_on, published_on, days_late, actor): Columns| {
        Ok(Publication {
            task,
            attempt,
            due_on: columns::read_option(place("due_on"), due_on.as_deref())?,
            published_on: columns::read(place("published_on"), &published_on)?,
            days_late,
            actor,
        })
    };
    rows.into_iter().map(read).collect()
}
