//! A step of a visit, with everything that follows from it, in one transaction.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{Visit, VisitOf, VisitView, findings, may};
use crate::{
    domain::{Day, fold_code},
    procedure::inspection::{Event, Illegal, ReportFault, State, Step, apply},
    service::{
        App, Error, FieldFault,
        checks::to_json,
        permission::{Action, Actor},
    },
    store::{
        Db, StoreError, audit,
        inspections::{self, Code, Inspection, NewEvent},
    },
};

/// A step that somebody asks for.
#[derive(Debug, Clone)]
pub struct VisitStep {
    /// The number of events that the caller has seen; 0 of a visit that was not begun.
    pub version: i64,
    pub step: Step,
}

/// Takes a step. Asked again by the same person, as with a double click, nothing happens twice: the answer is the state.
/// `random` makes the code of a visit that begins.
///
/// # Errors
/// [`Error::Visit`] if it is not lawful, [`Error::Invalid`] for every fault of a report, [`Error::Changed`] if somebody was
/// faster, [`Error::Refused`].
pub fn step_visit(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    of: VisitOf<'_>,
    asked: &VisitStep,
    random: [u8; 8],
    now: DateTime<Utc>,
) -> Result<VisitView, Error> {
    may(actor, needed(&asked.step))?;
    let mut visit = Visit::find(db, app, actor, of, now)?;
    if let Step::Annul { .. } = asked.step {
        actor.check(Action::AnnulVisit, Some(&visit.open.row.district))?;
    }
    if is_again(&visit, actor, asked) {
        return VisitView::of(db, &visit);
    }
    let changed = |id: &str| Error::Changed {
        what: "检查",
        id: id.to_owned(),
    };
    if visit.case.events != asked.version {
        return Err(changed(of.object));
    }
    let (step, by) = (&asked.step, visit.taker(actor));
    let event =
        apply(&visit.case, visit.standing(app), step, by, now).map_err(|why| told(step, why))?;
    match step {
        Step::Arrive {} => visit.certified(db, Day::of(now))?,
        Step::Record { report } => {
            findings::check(db, app, actor, &visit, report, event.rectify_by, now)?;
        }
        _ => {}
    }
    keep(db, actor, &mut visit, &event, random, now).map_err(|fault| match fault {
        Error::Store(StoreError::Exists { key, .. }) => changed(&key),
        other => other,
    })?;
    match step {
        Step::Annul { reason } => findings::revoke(db, app, actor, &visit, reason.as_str(), now)?,
        _ if visit.case.state == State::Closed => findings::enter(db, app, actor, &visit, now)?,
        _ => {}
    }
    VisitView::of(db, &visit)
}

/// Which permission a step needs.
fn needed(step: &Step) -> Action {
    match step {
        Step::Annul { .. } => Action::AnnulVisit,
        _ => Action::Inspect,
    }
}

/// Whether this is the step that the same person has just taken, upon the same events.
fn is_again(visit: &Visit, actor: &Actor, asked: &VisitStep) -> bool {
    visit.case.events == asked.version + 1
        && visit
            .events
            .last()
            .is_some_and(|last| last.by == actor.id && last.step == asked.step)
}

/// The faults of a report, each with its place in the request.
fn told(step: &Step, why: Illegal) -> Error {
    let under = match step {
        Step::Record { .. } => "/report",
        _ => "",
    };
    match why {
        Illegal::Report(faults) => {
            let fault = |one: ReportFault| FieldFault {
                pointer: format!("{under}{}", one.pointer()),
                code: "E045".to_owned(),
                what: one.to_string(),
                fix: String::new(),
            };
            Error::Invalid(faults.into_iter().map(fault).collect())
        }
        other => other.into(),
    }
}

/// Stores the event, the state it leads to, and the audit line.
fn keep(
    db: &mut Db,
    actor: &Actor,
    visit: &mut Visit,
    event: &Event,
    random: [u8; 8],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let step = &event.step;
    let seen = visit.case.events;
    visit.case.push(event);
    visit.events.push(event.clone());
    let code = match (&visit.row, step) {
        (Some(row), _) => row.code.clone(),
        (None, Step::Arrive {}) => Some(code(random)),
        (None, _) => None,
    };
    let mut row = Inspection {
        company: visit.company,
        key: visit.key.clone(),
        state: visit.case.state.as_str().to_owned(),
        version: seen,
        code,
        arrived_on: visit.case.arrived_on,
        settled_on: visit.case.settled_on,
        year: visit.year,
        data: to_json(&visit.subject)?,
    };
    let new = NewEvent {
        kind: step.name().to_owned(),
        actor: actor.id.clone(),
        data: to_json(event)?,
    };
    row.version = match visit.row {
        None => inspections::begin(db, &row, &new, now)?,
        Some(_) => inspections::append(db, &row, &new, now)?,
    };
    visit.row = Some(row);
    let line = audit::NewAudit {
        company: Some(visit.company),
        actor: actor.id.clone(),
        action: format!("visit.{}", step.name()),
        subject: format!("check task {} object {}", visit.key.task, visit.key.object),
        data: serde_json::json!({ "attempt": visit.key.attempt, "step": step }).to_string(),
    };
    audit::append(db, &line, now)?;
    Ok(())
}

/// Letters and digits that are not taken for one another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Fifty bits: at a thousand guesses a second, a code of a thousand is met once in thirty thousand years.
const LENGTH: usize = 10;

/// A code from random bytes.
fn code(random: [u8; 8]) -> Code {
    let mut bits = u64::from_be_bytes(random);
    let mut text = String::with_capacity(LENGTH);
    for _ in 0..LENGTH {
        text.push(char::from(ALPHABET[(bits & 31) as usize]));
        bits >>= 5;
    }
    let digest = digest(&text);
    Code { text, digest }
}

/// What a code is looked up by; a code as people type it is the same one: lower case, hyphens, O for 0, I and L for 1.
pub(super) fn digest(typed: &str) -> String {
    let folded = fold_code(typed);
    let meant = folded.chars().filter(|c| *c != '-').map(|c| match c {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    });
    let meant: String = meant.collect();
    let digest = Sha256::new_with_prefix(b"wuxin-visit-v1").chain_update(meant.as_bytes());
    hex::encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_ten_plain_characters_and_is_known_again_as_people_type_it() {
        let code = code([0xff, 1, 2, 3, 4, 5, 6, 7]);
        insta::assert_snapshot!(code.text, @"7G1A02C028");
        assert_eq!(code.text.len(), LENGTH);
        let (first, rest) = code.text.split_at(5);
        let typed = format!(" {}-{} ", first.to_lowercase(), rest.to_lowercase());
        assert_eq!(digest(&typed), code.digest);
        assert_eq!(digest("1OO"), digest("I00"));
        assert_ne!(digest("1"), digest("11"));
    }
}
