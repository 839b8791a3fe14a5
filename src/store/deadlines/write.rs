//! What is written of periods: a period as it stands now, and the event that says what became of it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{ClockCause, ClockEvent, ClockState, Row, StoredClock, Subject, of_matter};
use crate::{
    domain::Clock,
    store::{
        Db, StoreError,
        columns::Micros,
        db::each,
        schema::{deadline, deadline_event},
    },
};

/// Begins a period, as the next of its matter. Returns its number.
pub fn start(
    db: &mut Db,
    subject: &Subject,
    clock: &Clock,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let last: Option<i64> = deadline::table
        .filter(deadline::matter_kind.eq(subject.kind.as_str()))
        .filter(deadline::matter.eq(&subject.id))
        .select(diesel::dsl::max(deadline::number))
        .first(db)?;
    let kept = StoredClock {
        subject: subject.clone(),
        number: last.unwrap_or(0) + 1,
        clock: clock.clone(),
        state: ClockState::Running,
        closed_on: None,
        days_late: 0,
        reminded: None,
        version: 1,
    };
    let row = Row::from(&kept);
    each!(db, c => diesel::insert_into(deadline::table).values(&row).execute(c))?;
    let event = ClockEvent {
        seq: 1,
        cause: ClockCause::Started,
        at: now,
        before: None,
        after: Some(clock.clone()),
        detail: String::new(),
    };
    add_event(db, &kept, &event)?;
    Ok(kept.number)
}

/// Writes what became of a period, with the event that says so.
///
/// # Errors
/// [`StoreError::Conflict`] if it changed since it was read.
pub fn change(
    db: &mut Db,
    before: &StoredClock,
    after: &StoredClock,
    cause: ClockCause,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let seq = before.version + 1;
    let after = StoredClock {
        version: seq,
        ..after.clone()
    };
    rewrite(db, before, &after)?;
    let event = ClockEvent {
        seq,
        cause,
        at: now,
        before: Some(before.clock.clone()),
        after: (after.state == ClockState::Running).then(|| after.clock.clone()),
        detail: detail.to_owned(),
    };
    add_event(db, &after, &event)
}

/// Writes the matter's words, company and division anew; no event, for the period is the same.
pub fn describe(db: &mut Db, kept: &StoredClock, subject: &Subject) -> Result<(), StoreError> {
    let after = StoredClock {
        subject: subject.clone(),
        ..kept.clone()
    };
    rewrite(db, kept, &after)
}

fn rewrite(db: &mut Db, before: &StoredClock, after: &StoredClock) -> Result<(), StoreError> {
    let Subject { kind, id, .. } = &before.subject;
    let key = (kind.as_str(), id.as_str(), before.number);
    let row = Row::from(after);
    let changed = each!(db, c => diesel::update(deadline::table.find(key))
        .filter(deadline::version.eq(before.version))
        .set(&row)
        .execute(c))?;
    if changed == 1 {
        return Ok(());
    }
    Err(StoreError::Conflict {
        what: "deadline",
        key: format!("{kind} {id} {}", before.number),
        expected: before.version,
        found: of_matter(db, *kind, id)?
            .into_iter()
            .find(|kept| kept.number == before.number)
            .map_or(0, |kept| kept.version),
    })
}

fn add_event(db: &mut Db, kept: &StoredClock, event: &ClockEvent) -> Result<(), StoreError> {
    // Plain data: its JSON cannot fail.
    let json = |clock: &Option<Clock>| {
        clock
            .as_ref()
            .map(|clock| serde_json::to_string(clock).unwrap_or_default())
    };
    each!(db, c => diesel::insert_into(deadline_event::table)
        .values((
            deadline_event::matter_kind.eq(kept.subject.kind.as_str()),
            deadline_event::matter.eq(&kept.subject.id),
            deadline_event::number.eq(kept.number),
            deadline_event::seq.eq(event.seq),
            deadline_event::cause.eq(event.cause.as_str()),
            deadline_event::at.eq(Micros::from(event.at)),
            deadline_event::before.eq(json(&event.before)),
            deadline_event::after.eq(json(&event.after)),
            deadline_event::detail.eq(&event.detail),
        ))
        .execute(c))?;
    Ok(())
}
