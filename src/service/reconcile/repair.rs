//! Repair by ordinary changes: the next version of the record, through the outbox, and only what is lawful to send.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::expected::record_of;
use crate::{
    domain::Day,
    feed::reconcile::{Difference, DifferenceClass},
    service::{App, Error, entries},
    store::{
        Db,
        feed::{
            self as outbox, Change, ChangeState, KeptDifference, NewChange, NewStanding, Standing,
        },
    },
};

/// What was put into the outbox, and what only a person can mend.
#[derive(Debug, Default)]
pub(super) struct Repairs {
    /// Removals among them: they do not wait for a slot.
    pub removals: usize,
    pub changes: usize,
    pub alarms: Vec<String>,
}

/// Mends what can be mended. What is visible and must not be is taken down whether asked for or not; the rest only if
/// `everything`. One new version mends every difference of its record.
pub(super) fn repair(
    db: &mut Db,
    app: &App,
    target: &str,
    found: &[(KeptDifference, Difference)],
    by: &str,
    everything: bool,
    now: DateTime<Utc>,
) -> Result<Repairs, Error> {
    let mut repairs = Repairs::default();
    let mut done: BTreeMap<String, i64> = BTreeMap::new();
    for (kept, difference) in found.iter().filter(|(kept, _)| kept.is_open()) {
        let extra = difference.class == DifferenceClass::Extra;
        let record = difference.record_id.filter(|_| difference.known);
        let Some(record) = record.filter(|_| !difference.repeated) else {
            let what = if difference.repeated {
                "is visible more than once; ask the platform to take the old one down"
            } else {
                "is visible and was never sent from here"
            };
            repairs.alarms.push(format!("{}: {what}", name(difference)));
            continue;
        };
        if !extra && !everything {
            continue;
        }
        #[cfg(feature = "mutants")]
        if extra && crate::service::publish::mutants::extra_is_left() {
            continue;
        }
        let id = record.to_string();
        let seq = match done.get(&id) {
            Some(seq) => *seq,
            None => match again(db, app, target, &id, difference.class, now)? {
                Ok(seq) => {
                    repairs.removals += usize::from(extra);
                    repairs.changes += 1;
                    done.insert(id, seq);
                    seq
                }
                Err(why) => {
                    repairs.alarms.push(format!("{}: {why}", name(difference)));
                    continue;
                }
            },
        };
        let standing = NewStanding {
            state: Standing::Repaired,
            actor: by.to_owned(),
            words: format!("change {seq}"),
            change: Some(seq),
        };
        outbox::add_standing(db, kept.id, &standing, now)?;
    }
    Ok(repairs)
}

/// A difference for people who look at the log: no company's name.
pub(super) fn name(difference: &Difference) -> String {
    match difference.record_id {
        Some(record) => format!("{} record {record}", difference.class),
        None => format!(
            "{} {} {}",
            difference.class, difference.uscc, difference.decision_no
        ),
    }
}

/// Puts the next version of a record into the outbox, or says why not.
fn again(
    db: &mut Db,
    app: &App,
    target: &str,
    record: &str,
    class: DifferenceClass,
    now: DateTime<Utc>,
) -> Result<Result<i64, String>, Error> {
    let changes = outbox::changes_of(db, target, record)?;
    let superseded = |one: &&Change| one.state != ChangeState::Superseded;
    let Some(latest) = changes.iter().rfind(superseded) else {
        return Ok(Err("is not in the outbox".to_owned()));
    };
    if changes
        .iter()
        .any(|one| matches!(one.state, ChangeState::Waiting | ChangeState::Batched))
    {
        return Ok(Err("a change of it is on its way".to_owned()));
    }
    let last = record_of(latest)?;
    if last.is_withdrawal() {
        return removed_again(db, latest, &changes, now).map(Ok);
    }
    if Day::of(now) > last.fields().display_until {
        return Ok(Err(
            "its last day is over; the nightly expiry withdraws it".to_owned()
        ));
    }
    if latest.state == ChangeState::Rejected {
        return Ok(Err(
            "the platform refused its latest version; mend that first".to_owned(),
        ));
    }
    let missing = class == DifferenceClass::Missing;
    match entries::tell_again(db, app, latest, missing, now) {
        Ok(true) => {}
        Ok(false) => return Ok(Err("may not be shown; nothing was sent".to_owned())),
        Err(Error::Illegal(why)) => return Ok(Err(format!("may not be shown: {why}"))),
        Err(fault) => return Err(fault),
    }
    let now_latest = outbox::changes_of(db, target, record)?;
    Ok(now_latest
        .last()
        .filter(|one| one.seq != latest.seq)
        .map(|one| one.seq)
        .ok_or_else(|| "nothing was to be sent".to_owned()))
}

/// The removal once more, as the next version: the platform may have dropped the first one.
fn removed_again(
    db: &mut Db,
    latest: &Change,
    changes: &[Change],
    now: DateTime<Utc>,
) -> Result<i64, Error> {
    let mut fields = record_of(latest)?.fields().clone();
    let versions = changes.iter().map(|one| one.change.version);
    let version = versions.max().unwrap_or(latest.change.version) + 1;
    fields.record_version = u32::try_from(version).unwrap_or(u32::MAX);
    fields.changed_at = now;
    let record = fields
        .check()
        .map_err(|faults| Error::Feed(faults.to_string()))?;
    let change = NewChange {
        version,
        payload: record.to_json(),
        digest: record.digest().to_owned(),
        ..latest.change.clone()
    };
    Ok(outbox::enqueue(db, &change, now)?)
}
