//! Which visits were made, for the limits of a year and for what must not be taken back.

use std::collections::BTreeSet;

use crate::{
    domain::Day,
    procedure::inspection::State,
    service::Error,
    store::{
        Db,
        checks::{self as kept},
        inspections::{self, Inspection, Key},
    },
};

fn was_made(one: &Inspection) -> bool {
    one.arrived_on.is_some() && one.state != State::Annulled.as_str()
}

/// The visits of a year that were made, of every attempt: those of an attempt that was drawn again as well.
pub(in crate::service::checks) fn made_in(
    db: &mut Db,
    year: i32,
) -> Result<Vec<kept::Visit>, Error> {
    let made = inspections::of_year(db, year)?;
    let keys: BTreeSet<Key> = made
        .into_iter()
        .filter(was_made)
        .map(|one| one.key)
        .collect();
    let draws: BTreeSet<(&str, i64)> = keys
        .iter()
        .map(|key| (key.task.as_str(), key.attempt))
        .collect();
    let mut visits = Vec::new();
    for (task, attempt) in draws {
        let drawn = kept::of_attempt(db, task, attempt)?;
        visits.extend(drawn.into_iter().filter(|visit| {
            keys.contains(&Key {
                task: visit.task.clone(),
                attempt,
                object: visit.object.clone(),
            })
        }));
    }
    Ok(visits)
}

/// Whether anything of the visit to an object has happened.
pub(in crate::service::checks) fn has_begun(
    db: &mut Db,
    task: &str,
    attempt: u32,
    object: &str,
) -> Result<bool, Error> {
    let key = Key {
        task: task.to_owned(),
        attempt: i64::from(attempt),
        object: object.to_owned(),
    };
    Ok(inspections::find(db, &key)?.is_some())
}

/// Whether a visit of an attempt was begun and is not settled.
pub(in crate::service::checks) fn begun_and_open(
    db: &mut Db,
    task: &str,
    attempt: u32,
) -> Result<bool, Error> {
    let begun = inspections::of_task(db, task)?;
    Ok(begun
        .iter()
        .any(|one| one.key.attempt == i64::from(attempt) && one.settled_on.is_none()))
}

/// The last day on which officers arrived in an attempt.
pub(in crate::service::checks) fn last_arrival(
    db: &mut Db,
    task: &str,
    attempt: u32,
) -> Result<Option<Day>, Error> {
    let begun = inspections::of_task(db, task)?;
    let of_attempt = begun
        .iter()
        .filter(|one| one.key.attempt == i64::from(attempt));
    Ok(of_attempt.filter_map(|one| one.arrived_on).max())
}
