//! Entering a draft, and confirming it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    Entered, Step,
    checks::{checked, in_state, known_subject, level_allowed, level_of, place_of, seen},
    note,
};
use crate::{
    domain::{Day, Record, RecordStatus},
    service::{
        App, Error, RecordDraft,
        draft::read_draft,
        permission::{Action, Actor},
    },
    store::{
        Db,
        records::{self, Cause},
        scores::ScoreCause,
    },
};

/// Enters a record as a draft. It counts once another person has confirmed it.
pub fn enter_record(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    draft: &RecordDraft,
    now: DateTime<Utc>,
) -> Result<Entered, Error> {
    let record = prepared_record(db, app, actor, draft, now)?;
    let version = records::append(db, &record, None, Cause::Entered, &actor.id, now)?;
    note(db, actor, "record.enter", &record, "", now)?;
    Ok(Entered {
        id: record.id,
        version,
        status: record.status.as_str().to_owned(),
        rescored: Vec::new(),
    })
}

/// The record that a draft would be, if the actor may enter it and the rules can use it; nothing is stored.
pub(in crate::service) fn prepared_record(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    draft: &RecordDraft,
    now: DateTime<Utc>,
) -> Result<Record, Error> {
    let today = Day::of(now);
    let ruleset = app.rules.in_force(today)?;
    let id = format!("E{}", Uuid::now_v7().simple());
    let mut record = read_draft(draft, id, ruleset.schema())?;
    record.entered_on = Some(today);
    record.body = Some(level_of(actor.region.as_ref()).to_owned());
    let place = place_of(db, &record)?;
    actor.check(Action::EnterRecord, place.as_ref())?;
    known_subject(db, &record)?;
    // The day of determination (认定) may be left to the confirmation.
    let determined = Record {
        decided_on: record.decided_on.or(Some(today)),
        ..record.clone()
    };
    let item = checked(ruleset, &determined)?;
    level_allowed(&item.record_by, actor, Action::EnterRecord)?;
    Ok(record)
}

/// Confirms (认定) a draft that another person entered: it counts from now on.
pub fn confirm_record(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    expected: i64,
    now: DateTime<Utc>,
) -> Result<Entered, Error> {
    let current = seen(db, actor, Action::ConfirmRecord, id, expected)?;
    in_state(&current, RecordStatus::Draft, "认定")?;
    // Whoever shaped the draft, by entering or by correcting it, does not confirm it.
    for version in records::history(db, id)? {
        actor.differs_from(&version.actor, Action::ConfirmRecord)?;
    }
    let ruleset = app.rules.in_force(Day::of(now))?;
    let mut record = current.record;
    record.status = RecordStatus::Confirmed;
    record.decided_on = record.decided_on.or(Some(Day::of(now)));
    let item = checked(ruleset, &record)?;
    level_allowed(&item.confirm_by, actor, Action::ConfirmRecord)?;
    let step = Step {
        cause: Cause::Confirmed,
        score_cause: ScoreCause::NewFact,
        action: "record.confirm",
        reason: "",
    };
    step.store(db, app, actor, &record, current.version, now)
}
