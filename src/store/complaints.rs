//! Complaints, their events, and the complainants' contacts in a table of their own. What the states mean is for the room
//! of procedures to say; here a complaint is a state with a version, and every change of it one event that is only added.

use std::fmt;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    Db, Page, StoreError,
    columns::{self, Micros},
    db::each,
    one_more,
    schema::{complaint, complaint_contact, complaint_event},
};
use crate::domain::{Day, Region, Uscc};

/// What of a complaint stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewComplaint {
    /// Absent: no company was named.
    pub company: Option<Uscc>,
    pub id: String,
    pub project: Option<String>,
    pub channel: String,
    /// Number of the work order at the source; unique within a channel.
    pub reference: Option<String>,
    pub category: String,
    /// By the first office.
    pub received_on: Day,
    pub now: ComplaintState,
}

/// What of a complaint changes with an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComplaintState {
    /// The office that has it.
    pub office: Region,
    pub level: String,
    pub state: String,
    /// Last day of the running deadline; absent: nothing is due.
    pub due_on: Option<Day>,
    /// JSON of the whole complaint, without the contact.
    pub data: String,
}

/// A complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    pub kept: NewComplaint,
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
    /// The office that had the complaint then.
    pub office: Region,
    /// JSON of the step.
    pub data: String,
}

/// An event of a complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComplaintEvent {
    /// The version of the complaint that it made: 1, 2, 3 ...
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub event: NewEvent,
}

/// The complainant. `Debug` shows nobody.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Contact {
    pub name: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(***)")
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = complaint, treat_none_as_default_value = false)]
struct Row {
    company: String,
    id: String,
    project: Option<String>,
    channel: String,
    reference: Option<String>,
    category: String,
    office: String,
    level: String,
    state: String,
    received_on: String,
    due_on: Option<String>,
    version: i64,
    data: String,
    created_at: Micros,
    updated_at: Micros,
}

impl TryFrom<Row> for Complaint {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            kept: NewComplaint {
                company: columns::read_or_empty(("complaint", "company"), &row.company)?,
                id: row.id,
                project: row.project,
                channel: row.channel,
                reference: row.reference,
                category: row.category,
                received_on: columns::read(("complaint", "received_on"), &row.received_on)?,
                now: ComplaintState {
                    office: office(("complaint", "office"), &row.office)?,
                    level: row.level,
                    state: row.state,
                    due_on: columns::read_option(("complaint", "due_on"), row.due_on.as_deref())?,
                    data: row.data,
                },
            },
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

fn office(place: columns::Place, code: &str) -> Result<Region, StoreError> {
    Region::parse(code).map_err(|_| columns::corrupt(place, code))
}

/// Begins a complaint with its first event and, apart from it, whoever complained.
///
/// # Errors
/// [`StoreError::Exists`] if the id or the number at the source is taken.
pub fn create(
    db: &mut Db,
    new: &NewComplaint,
    contact: Option<&Contact>,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = Row {
        company: columns::company(new.company.as_ref()),
        id: new.id.clone(),
        project: new.project.clone(),
        channel: new.channel.clone(),
        reference: new.reference.clone(),
        category: new.category.clone(),
        office: new.now.office.to_string(),
        level: new.now.level.clone(),
        state: new.now.state.clone(),
        received_on: new.received_on.to_string(),
        due_on: columns::day(new.now.due_on),
        version: 1,
        data: new.now.data.clone(),
        created_at: now.into(),
        updated_at: now.into(),
    };
    let added = each!(db, c => diesel::insert_into(complaint::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if added == 0 {
        return Err(StoreError::Exists {
            what: "complaint",
            key: new.reference.clone().unwrap_or_else(|| new.id.clone()),
        });
    }
    if let Some(contact) = contact {
        each!(db, c => diesel::insert_into(complaint_contact::table)
            .values((
                complaint_contact::company.eq(&row.company),
                complaint_contact::complaint.eq(&row.id),
                complaint_contact::name.eq(&contact.name),
                complaint_contact::phone.eq(&contact.phone),
                complaint_contact::address.eq(&contact.address),
                complaint_contact::recorded_at.eq(Micros::from(now)),
            ))
            .execute(c))?;
    }
    add_event(db, &row.company, &row.id, 1, event, now)
}

/// Adds an event and the state it leads to, if the complaint is still at the version that was decided upon. Returns the
/// new version.
///
/// # Errors
/// [`StoreError::Conflict`] if the complaint moved meanwhile, [`StoreError::NotFound`].
pub fn append_event(
    db: &mut Db,
    decided_upon: &Complaint,
    state: &ComplaintState,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let company = columns::company(decided_upon.kept.company.as_ref());
    let id = decided_upon.kept.id.as_str();
    let expected = decided_upon.version;
    let moved = diesel::update(complaint::table.find((company.as_str(), id)))
        .filter(complaint::version.eq(expected))
        .set((
            complaint::office.eq(state.office.as_str()),
            complaint::level.eq(&state.level),
            complaint::state.eq(&state.state),
            complaint::due_on.eq(columns::day(state.due_on)),
            complaint::data.eq(&state.data),
            complaint::version.eq(expected + 1),
            complaint::updated_at.eq(Micros::from(now)),
        ))
        .execute(db)?;
    if moved == 0 {
        let (what, key) = ("complaint", id.to_owned());
        return Err(match by_id(db, id)? {
            Some(found) => StoreError::Conflict {
                what,
                key,
                expected,
                found: found.version,
            },
            None => StoreError::NotFound { what, key },
        });
    }
    add_event(db, &company, id, expected + 1, event, now)?;
    Ok(expected + 1)
}

fn add_event(
    db: &mut Db,
    company: &str,
    id: &str,
    seq: i64,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(complaint_event::table)
        .values((
            complaint_event::company.eq(company),
            complaint_event::complaint.eq(id),
            complaint_event::seq.eq(seq),
            complaint_event::kind.eq(&event.kind),
            complaint_event::actor.eq(&event.actor),
            complaint_event::office.eq(event.office.as_str()),
            complaint_event::at.eq(Micros::from(now)),
            complaint_event::data.eq(&event.data),
        ))
        .execute(c))?;
    Ok(())
}

/// The complaint with this id, if there is one.
pub fn by_id(db: &mut Db, id: &str) -> Result<Option<Complaint>, StoreError> {
    if id.contains('\0') {
        // No stored id holds one, and PostgreSQL refuses it as a parameter.
        return Ok(None);
    }
    complaint::table
        .filter(complaint::id.eq(id))
        .select(Row::as_select())
        .first::<Row>(db)
        .optional()?
        .map(Complaint::try_from)
        .transpose()
}

/// The id of the complaint that came with this number through this channel.
pub fn by_reference(
    db: &mut Db,
    channel: &str,
    reference: &str,
) -> Result<Option<String>, StoreError> {
    if reference.contains('\0') {
        return Ok(None);
    }
    Ok(complaint::table
        .filter(complaint::channel.eq(channel))
        .filter(complaint::reference.eq(reference))
        .select(complaint::id)
        .first(db)
        .optional()?)
}

/// The events of a complaint, in their order.
pub fn events(db: &mut Db, of: &Complaint) -> Result<Vec<ComplaintEvent>, StoreError> {
    type Columns = (i64, Micros, String, String, String, String);
    let rows: Vec<Columns> = complaint_event::table
        .filter(complaint_event::company.eq(columns::company(of.kept.company.as_ref())))
        .filter(complaint_event::complaint.eq(&of.kept.id))
        .order(complaint_event::seq.asc())
        .select((
            complaint_event::seq,
            complaint_event::at,
            complaint_event::kind,
            complaint_event::actor,
            complaint_event::office,
            complaint_event::data,
        ))
        .load(db)?;
    let event = |(seq, at, kind, actor, code, data): Columns| {
        Ok(ComplaintEvent {
            seq,
            at: at.into(),
            event: NewEvent {
                kind,
                actor,
                office: office(("complaint_event", "office"), &code)?,
                data,
            },
        })
    };
    rows.into_iter().map(event).collect()
}

/// Whoever complained; absent: nobody was named, or it was erased.
pub fn contact(db: &mut Db, of: &Complaint) -> Result<Option<Contact>, StoreError> {
    type Columns = (Option<String>, Option<String>, Option<String>);
    let company = columns::company(of.kept.company.as_ref());
    let row: Option<Columns> = complaint_contact::table
        .find((company, of.kept.id.as_str()))
        .select((
            complaint_contact::name,
            complaint_contact::phone,
            complaint_contact::address,
        ))
        .first(db)
        .optional()?;
    Ok(row.map(|(name, phone, address)| Contact {
        name,
        phone,
        address,
    }))
}

/// Which complaints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Offices of all of these divisions, or within them.
    pub within: Vec<Region>,
    pub level: Option<String>,
    pub state: Option<String>,
    pub company: Option<Uscc>,
    /// First received on this day or later.
    pub from: Option<Day>,
    /// First received on this day or before.
    pub until: Option<Day>,
}

/// Complaints, the last ones entered first; the key of a page is the id of its last one.
pub fn page(
    db: &mut Db,
    filter: &Filter,
    before: Option<&str>,
    limit: usize,
) -> Result<Page<Complaint, String>, StoreError> {
    let mut query = complaint::table.select(Row::as_select()).into_boxed();
    for region in &filter.within {
        query = query.filter(complaint::office.like(columns::within(region)));
    }
    if let Some(level) = &filter.level {
        query = query.filter(complaint::level.eq(level));
    }
    if let Some(state) = &filter.state {
        query = query.filter(complaint::state.eq(state));
    }
    if let Some(company) = &filter.company {
        query = query.filter(complaint::company.eq(company.as_str()));
    }
    if let Some(from) = filter.from {
        query = query.filter(complaint::received_on.ge(from.to_string()));
    }
    if let Some(until) = filter.until {
        query = query.filter(complaint::received_on.le(until.to_string()));
    }
    if let Some(before) = before {
        query = query.filter(complaint::id.lt(before));
    }
    let rows: Vec<Row> = query
        .order(complaint::id.desc())
        .limit(one_more(limit))
        .load(db)?;
    let found = rows
        .into_iter()
        .map(Complaint::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Page::cut(found, limit, |one: &Complaint| {
        one.kept.id.clone()
    }))
}
