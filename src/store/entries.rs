//! List entries and their events. What the states mean and which step may follow which is for the listing room to say;
//! here an entry is a state with a version, and every change of it is one event that is only ever added.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    Db, Page, StoreError,
    columns::{self, Micros},
    db::each,
    one_more,
    schema::{entry, entry_event},
};
use crate::domain::{Day, Uscc};

/// What of an entry changes with an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryState {
    pub state: String,
    pub severity: Option<String>,
    /// The next deadline, for the board; absent: nothing is due.
    pub due_on: Option<Day>,
    /// JSON of the whole entry, as the listing room reads it.
    pub data: String,
}

/// A list entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub company: Uscc,
    pub id: String,
    /// Id of the list type.
    pub list: String,
    pub now: EntryState,
    /// Number of its events; a change names the one it was decided upon.
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// An event to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    pub kind: String,
    pub actor: String,
    pub role: String,
    pub reason: String,
    /// JSON: document digests, calendar version, deadlines.
    pub data: String,
}

/// An event of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryEvent {
    /// The version of the entry that it made: 1, 2, 3 ...
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub event: NewEvent,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = entry, treat_none_as_default_value = false)]
struct Row {
    company: String,
    id: String,
    list: String,
    state: String,
    severity: Option<String>,
    due_on: Option<String>,
    version: i64,
    data: String,
    created_at: Micros,
    updated_at: Micros,
}

impl TryFrom<Row> for Entry {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            company: columns::read(("entry", "company"), &row.company)?,
            id: row.id,
            list: row.list,
            now: EntryState {
                state: row.state,
                severity: row.severity,
                due_on: columns::read_option(("entry", "due_on"), row.due_on.as_deref())?,
                data: row.data,
            },
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

/// Begins an entry with its first event.
///
/// # Errors
/// [`StoreError::Exists`] if the id is taken.
pub fn create(
    db: &mut Db,
    company: &Uscc,
    id: &str,
    list: &str,
    state: &EntryState,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = Row {
        company: company.as_str().to_owned(),
        id: id.to_owned(),
        list: list.to_owned(),
        state: state.state.clone(),
        severity: state.severity.clone(),
        due_on: columns::day(state.due_on),
        version: 1,
        data: state.data.clone(),
        created_at: now.into(),
        updated_at: now.into(),
    };
    let added = each!(db, c => diesel::insert_into(entry::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if added == 0 {
        return Err(StoreError::Exists {
            what: "entry",
            key: id.to_owned(),
        });
    }
    add_event(db, company, id, 1, event, now)
}

/// Adds an event and the state it leads to, if the entry is still at the version that was decided upon. Returns the new
/// version.
///
/// # Errors
/// [`StoreError::Conflict`] if the entry moved meanwhile, [`StoreError::NotFound`].
pub fn append_event(
    db: &mut Db,
    decided_upon: &Entry,
    state: &EntryState,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let (company, id) = (&decided_upon.company, decided_upon.id.as_str());
    let expected = decided_upon.version;
    let moved = diesel::update(entry::table.find((company.as_str(), id)))
        .filter(entry::version.eq(expected))
        .set((
            entry::state.eq(&state.state),
            entry::severity.eq(&state.severity),
            entry::due_on.eq(columns::day(state.due_on)),
            entry::data.eq(&state.data),
            entry::version.eq(expected + 1),
            entry::updated_at.eq(Micros::from(now)),
        ))
        .execute(db)?;
    if moved == 0 {
        let key = id.to_owned();
        return Err(match find(db, company, id)? {
            Some(entry) => StoreError::Conflict {
                what: "entry",
                key,
                expected,
                found: entry.version,
            },
            None => StoreError::NotFound { what: "entry", key },
        });
    }
    add_event(db, company, id, expected + 1, event, now)?;
    Ok(expected + 1)
}

fn add_event(
    db: &mut Db,
    company: &Uscc,
    id: &str,
    seq: i64,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(entry_event::table)
        .values((
            entry_event::company.eq(company.as_str()),
            entry_event::entry.eq(id),
            entry_event::seq.eq(seq),
            entry_event::kind.eq(&event.kind),
            entry_event::actor.eq(&event.actor),
            entry_event::role.eq(&event.role),
            entry_event::at.eq(Micros::from(now)),
            entry_event::reason.eq(&event.reason),
            entry_event::data.eq(&event.data),
        ))
        .execute(c))?;
    Ok(())
}

/// The entry of a company with this id, if there is one.
pub fn find(db: &mut Db, company: &Uscc, id: &str) -> Result<Option<Entry>, StoreError> {
    entry::table
        .find((company.as_str(), id))
        .select(Row::as_select())
        .first::<Row>(db)
        .optional()?
        .map(Entry::try_from)
        .transpose()
}

/// The entry with this id, whichever company's it is.
pub fn by_id(db: &mut Db, id: &str) -> Result<Option<Entry>, StoreError> {
    if id.contains('\0') {
        // No stored id holds one, and PostgreSQL refuses it as a parameter.
        return Ok(None);
    }
    entry::table
        .filter(entry::id.eq(id))
        .select(Row::as_select())
        .first::<Row>(db)
        .optional()?
        .map(Entry::try_from)
        .transpose()
}

/// All entries of a company, past ones too, oldest first.
pub fn of_company(db: &mut Db, company: &Uscc) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<Row> = entry::table
        .filter(entry::company.eq(company.as_str()))
        .order((entry::created_at.asc(), entry::id.asc()))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// The events of an entry, in their order.
pub fn events(db: &mut Db, company: &Uscc, id: &str) -> Result<Vec<EntryEvent>, StoreError> {
    type Columns = (i64, Micros, String, String, String, String, String);
    let rows: Vec<Columns> = entry_event::table
        .filter(entry_event::company.eq(company.as_str()))
        .filter(entry_event::entry.eq(id))
        .order(entry_event::seq.asc())
        .select((
            entry_event::seq,
            entry_event::at,
            entry_event::kind,
            entry_event::actor,
            entry_event::role,
            entry_event::reason,
            entry_event::data,
        ))
        .load(db)?;
    let event = |(seq, at, kind, actor, role, reason, data): Columns| EntryEvent {
        seq,
        at: at.into(),
        event: NewEvent {
            kind,
            actor,
            role,
            reason,
            data,
        },
    };
    Ok(rows.into_iter().map(event).collect())
}

/// Where the next page of [`in_states`] begins.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cursor {
    pub company: Uscc,
    pub id: String,
}

/// Entries in one of these states, of one list if one is given, by company and id.
pub fn in_states(
    db: &mut Db,
    states: &[&str],
    list: Option<&str>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Entry, Cursor>, StoreError> {
    let mut query = entry::table
        .filter(entry::state.eq_any(states.iter().map(|state| (*state).to_owned())))
        .select(Row::as_select())
        .into_boxed();
    if let Some(list) = list {
        query = query.filter(entry::list.eq(list));
    }
    if let Some(Cursor { company, id }) = after {
        query = query.filter(
            entry::company
                .gt(company.as_str())
                .or(entry::company.eq(company.as_str()).and(entry::id.gt(id))),
        );
    }
    let rows: Vec<Row> = query
        .order((entry::company.asc(), entry::id.asc()))
        .limit(one_more(limit))
        .load(db)?;
    let entries = rows
        .into_iter()
        .map(Entry::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Page::cut(entries, limit, |entry: &Entry| Cursor {
        company: entry.company,
        id: entry.id.clone(),
    }))
}

/// The deadline board: entries with something due on or before `until`, the earliest first.
pub fn due(db: &mut Db, until: Day, limit: usize) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<Row> = entry::table
        .filter(entry::due_on.is_not_null())
        .filter(entry::due_on.le(until.to_string()))
        .order((entry::due_on.asc(), entry::company.asc(), entry::id.asc()))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// Number of entries by list and state, in the order of their names.
pub fn counts(db: &mut Db) -> Result<Vec<(String, String, i64)>, StoreError> {
    Ok(entry::table
        .group_by((entry::list, entry::state))
        .select((entry::list, entry::state, diesel::dsl::count_star()))
        .order((entry::list.asc(), entry::state.asc()))
        .load(db)?)
}
