//! Entries as they are kept, and as they are shown.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::EntryView;
use crate::{
    domain::{Calendar, Day, Duty, Uscc},
    listing::{self, Entry, ListType, Role, Transition, clocks},
    service::Error,
    store::{
        Db,
        entries::{self as kept, EntryState, NewEvent},
    },
};

/// The states of an entry that stands.
pub(super) const STANDING: [&str; 4] = ["decided", "served", "published", "shielded"];

/// All entries of these companies, past ones too.
pub(in crate::service) fn of_companies(db: &mut Db, codes: &[Uscc]) -> Result<Vec<Entry>, Error> {
    let mut found = Vec::new();
    for code in codes {
        for row in kept::of_company(db, code)? {
            found.push(parse(&row)?);
        }
    }
    Ok(found)
}

/// Entries as they were kept once.
pub(in crate::service) fn read_all(kept: &[String]) -> Result<Vec<Entry>, Error> {
    kept.iter().map(|data| json(data, "名单事项")).collect()
}

/// Entries that the public may see on a day, with their companies' codes in order.
pub(in crate::service) fn published(db: &mut Db, today: Day) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    for row in every_in(db, &STANDING)? {
        entries.push(parse(&row)?);
    }
    Ok(visible(entries, today))
}

/// The entries of one company that the public may see on a day.
pub(in crate::service) fn published_of(
    db: &mut Db,
    company: Uscc,
    today: Day,
) -> Result<Vec<Entry>, Error> {
    Ok(visible(of_companies(db, &[company])?, today))
}

/// What is public of these entries. One whose last day is over is none any more, even before the nightly run closes it; a red
/// entry is not shown beside an adverse one.
fn visible(mut entries: Vec<Entry>, today: Day) -> Vec<Entry> {
    entries.retain(|entry| {
        entry
            .listed()
            .is_some_and(|decided| decided.display.until >= today)
    });
    let hidden = listing::conflicts(&entries, None);
    entries.retain(|entry| {
        entry.public().is_some() && hidden.iter().all(|conflict| conflict.red != entry.id)
    });
    entries
}

pub(super) fn every_in(db: &mut Db, states: &[&str]) -> Result<Vec<kept::Entry>, Error> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = kept::in_states(db, states, None, after.as_ref(), 500)?;
        all.extend(page.rows);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

pub(super) fn create(
    db: &mut Db,
    transition: &Transition,
    list: &ListType,
    calendar: &Calendar,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let entry = &transition.entry;
    let (state, event) = stored(transition, list, calendar)?;
    kept::create(
        db,
        &entry.company,
        &entry.id.to_string(),
        &entry.list,
        &state,
        &event,
        now,
    )?;
    Ok(())
}

/// The row of an entry that was read.
pub(super) fn row_of(db: &mut Db, entry: &Entry) -> Result<kept::Entry, Error> {
    let id = entry.id.to_string();
    kept::find(db, &entry.company, &id)?.ok_or_else(|| super::missing(&id))
}

pub(super) fn stored(
    transition: &Transition,
    list: &ListType,
    calendar: &Calendar,
) -> Result<(EntryState, NewEvent), Error> {
    let Transition { entry, event, .. } = transition;
    let state = EntryState {
        state: entry.state_name().as_str().to_owned(),
        severity: entry.severity.map(|severity| severity.as_str().to_owned()),
        due_on: due_on(entry, list, calendar),
        data: to_json(entry, "名单事项")?,
    };
    let event = NewEvent {
        kind: event.kind.as_str().to_owned(),
        actor: event.actor.id.as_str().to_owned(),
        role: role_word(event.actor.role)?,
        reason: event.reason.as_str().to_owned(),
        data: to_json(event, "名单事项的事件")?,
    };
    Ok((state, event))
}

/// The next day on which something is due: of the bureau, or the end of the window for statement and hearing.
fn due_on(entry: &Entry, list: &ListType, calendar: &Calendar) -> Option<Day> {
    entry
        .clocks(list, calendar)
        .into_iter()
        .find(|clock| {
            let rule = list.deadline(&clock.rule);
            let bureau = rule.is_some_and(|rule| rule.duty == Duty::Bureau);
            bureau || clock.rule == clocks::STATEMENT
        })
        .map(|clock| clock.due)
}

pub(in crate::service) fn parse(row: &kept::Entry) -> Result<Entry, Error> {
    json(&row.now.data, "名单事项")
}

pub(super) fn view(row: &kept::Entry) -> Result<EntryView, Error> {
    let entry = parse(row)?;
    Ok(EntryView {
        id: row.id.clone(),
        company: row.company.to_string(),
        list: row.list.clone(),
        state: row.now.state.clone(),
        state_name: entry.state_name().chinese().to_owned(),
        severity: row.now.severity.clone(),
        version: row.version,
        due_on: row.now.due_on.map(|day| day.to_string()),
        entry,
        events: Vec::new(),
        deadlines: Vec::new(),
        steps: Vec::new(),
    })
}

pub(super) fn json<T: serde::de::DeserializeOwned>(
    data: &str,
    what: &'static str,
) -> Result<T, Error> {
    serde_json::from_str(data).map_err(|source| Error::Stored { what, source })
}

fn to_json(value: &impl Serialize, what: &'static str) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|source| Error::Stored { what, source })
}

fn role_word(role: Role) -> Result<String, Error> {
    let quoted = to_json(&role, "角色")?;
    Ok(quoted.trim_matches('"').to_owned())
}
