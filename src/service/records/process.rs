//! A step of the procedure of a record, with everything that follows from it: the event, the version, the audit line and the
//! rescoring, in one transaction.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Entered, Step as Change,
    changing::corrected,
    checks::{checked, level_allowed, missing, permitted},
    note,
    standing::{Process, standing, told},
};
use crate::{
    domain::{Day, Record, RecordStatus},
    procedure::record::{self, Effect, Event, Remedy, Step, Terms},
    rules::RuleSet,
    service::{
        App, Error, FieldFault, RecordDraft,
        deadlines::follow_record,
        permission::{Action, Actor},
    },
    store::{
        Db, StoreError, attachments,
        records::{self, Cause, RecordVersion, events},
        scores::ScoreCause,
    },
};

/// A step that somebody asks for.
#[derive(Debug, Clone)]
pub struct RecordStep {
    /// The version that the caller has seen.
    pub version: i64,
    /// The number of events that the caller has seen.
    pub events: i64,
    pub step: Step,
    /// The record as it should be, where an objection is upheld and the record corrected.
    pub record: Option<RecordDraft>,
}

/// A record after a step of its procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stepped {
    pub id: String,
    /// Give both back with the next step.
    pub version: i64,
    pub events: i64,
    /// `confirmed`, `disputed` or `revoked`.
    pub status: String,
    /// Companies whose score this step changed.
    pub rescored: Vec<String>,
}

/// Takes a step. Asked again by the same person, as with a double click, nothing happens twice: the answer is the state.
///
/// # Errors
/// [`Error::Undue`] if it is not lawful, [`Error::Changed`] if somebody was faster, [`Error::Refused`], [`Error::Invalid`].
pub fn step_record(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    asked: &RecordStep,
    now: DateTime<Utc>,
) -> Result<Stepped, Error> {
    let action = needed(&asked.step);
    let versions = records::history(db, id)?;
    let current = versions.last().ok_or_else(|| missing(id))?;
    permitted(db, actor, action, current)?;
    let process = Process::read(db, id)?;
    if is_again(&process, actor, asked) {
        return Ok(stepped(current, process.case.events));
    }
    if current.version != asked.version || process.case.events != asked.events {
        return Err(changed(id));
    }
    let today = Day::of(now);
    let ruleset = app.rules.in_force(today)?;
    let content = told(db, ruleset, &current.record, today)?;
    let standing = standing(current, &versions, content);
    let terms = Terms {
        rules: &app.deadlines,
        calendar: &app.calendar,
    };
    let (event, effect) =
        record::apply(&process.case, &standing, &asked.step, &actor.id, now, terms)?;
    cited(db, id, &asked.step)?;
    let taken = Taken {
        actor,
        ruleset,
        action,
        current,
        asked,
    };
    let next = taken.next_version(effect)?;
    let seq = taken.keep(db, &event, now)?;
    let Some((record, change)) = next else {
        note(
            db,
            actor,
            change_name(&asked.step),
            &current.record,
            asked.step.reason(),
            now,
        )?;
        follow_record(db, app, id, now)?;
        return Ok(stepped(current, seq));
    };
    let done: Entered = change.store(db, app, actor, &record, current.version, now)?;
    Ok(Stepped {
        id: done.id,
        version: done.version,
        events: seq,
        status: done.status,
        rescored: done.rescored,
    })
}

/// What may be going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    Objection,
    Rectification,
}

/// What is being examined is settled there, not past it.
pub(super) fn nothing_open(
    db: &mut Db,
    id: &str,
    open: Open,
    step: &'static str,
) -> Result<(), Error> {
    let case = Process::read(db, id)?.case;
    let found = match open {
        Open::Objection => case.open_objection().map(|_| "异议核查中"),
        Open::Rectification => case.open_rectification().map(|_| "整改复核中"),
    };
    match found {
        Some(found) => Err(Error::WrongState {
            what: "记录",
            id: id.to_owned(),
            found,
            step,
        }),
        None => Ok(()),
    }
}

/// Which permission a step needs.
fn needed(step: &Step) -> Action {
    match step {
        Step::Notice { .. }
        | Step::Served { .. }
        | Step::Object { .. }
        | Step::WithdrawObjection { .. }
        | Step::Rectification { .. } => Action::HandleRecord,
        Step::Uphold { .. } | Step::Reject { .. } => Action::ExamineObjection,
        Step::Accept { .. } | Step::Refuse { .. } | Step::Extend { .. } => {
            Action::CheckRectification
        }
    }
}

/// Names of the audit lines.
fn change_name(step: &Step) -> &'static str {
    match step {
        Step::Notice { .. } => "record.notice",
        Step::Served { .. } => "record.served",
        Step::Object { .. } => "record.object",
        Step::WithdrawObjection { .. } => "record.withdraw_objection",
        Step::Uphold { .. } => "record.uphold",
        Step::Reject { .. } => "record.reject",
        Step::Rectification { .. } => "record.rectification",
        Step::Accept { .. } => "record.accept",
        Step::Refuse { .. } => "record.refuse",
        Step::Extend { .. } => "record.extend",
    }
}

/// Whether this is the step that the same person has just taken, upon the same events. A correction is never taken for
/// repeated: its content may be another one.
fn is_again(process: &Process, actor: &Actor, asked: &RecordStep) -> bool {
    process.case.events == asked.events + 1
        && asked.record.is_none()
        && process
            .events
            .last()
            .is_some_and(|last| last.by == actor.id && last.step == asked.step)
}

fn stepped(current: &RecordVersion, events: i64) -> Stepped {
    Stepped {
        id: current.record.id.clone(),
        version: current.version,
        events,
        status: current.record.status.as_str().to_owned(),
        rescored: Vec::new(),
    }
}

fn changed(id: &str) -> Error {
    Error::Changed {
        what: "记录",
        id: id.to_owned(),
    }
}

/// Evidence is what was attached to this record.
fn cited(db: &mut Db, id: &str, step: &Step) -> Result<(), Error> {
    let mut faults = Vec::new();
    for (index, digest) in step.evidence().iter().enumerate() {
        if attachments::find(db, id, digest.as_str())?.is_none() {
            let what = format!("记录没有摘要为 {digest} 的附件，请先上传");
            faults.push(FieldFault::new(&format!("evidence/{index}"), "E010", what));
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(Error::Invalid(faults))
}

/// A lawful step.
struct Taken<'a> {
    actor: &'a Actor,
    ruleset: &'a RuleSet,
    action: Action,
    current: &'a RecordVersion,
    asked: &'a RecordStep,
}

impl<'a> Taken<'a> {
    /// The version that the step leads to, if it leads to one.
    fn next_version(&self, effect: Effect) -> Result<Option<(Record, Change<'a>)>, Error> {
        let old = &self.current.record;
        let draft = match (effect, &self.asked.record) {
            (Effect::Remedy(Remedy::Correct), draft) => draft.as_ref(),
            (_, None) => None,
            (_, Some(_)) => {
                let what = "这一步不更正记录，不能附更正后的记录";
                return Err(Error::Invalid(vec![FieldFault::new(
                    "record", "E011", what,
                )]));
            }
        };
        if self.action == Action::ExamineObjection
            && let Some(item) = self.ruleset.item(&old.item)
        {
            level_allowed(&item.confirm_by, self.actor, self.action)?;
        }
        let mut record = old.clone();
        let (cause, score_cause) = match effect {
            Effect::Nothing => return Ok(None),
            Effect::Status(status) => {
                record.status = status;
                match status {
                    RecordStatus::Disputed => (Cause::Disputed, ScoreCause::Objection),
                    _ => (Cause::Settled, ScoreCause::ObjectionSettled),
                }
            }
            Effect::Remedy(Remedy::Revoke) => {
                record.status = RecordStatus::Revoked;
                (Cause::Revoked, ScoreCause::ObjectionUpheld)
            }
            Effect::Remedy(Remedy::Correct) => {
                record = self.correction(draft)?;
                (Cause::Corrected, ScoreCause::ObjectionUpheld)
            }
            Effect::Rectified(day) => {
                record.rectified_on = Some(day);
                checked(self.ruleset, &record)?;
                (Cause::Rectified, ScoreCause::RectificationAccepted)
            }
            Effect::RectifyBy(day) => {
                record.rectify_by = Some(day);
                checked(self.ruleset, &record)?;
                (Cause::Extended, ScoreCause::RectificationExtended)
            }
        };
        let change = Change {
            cause,
            score_cause,
            action: change_name(&self.asked.step),
            reason: self.asked.step.reason(),
        };
        Ok(Some((record, change)))
    }

    fn correction(&self, draft: Option<&RecordDraft>) -> Result<Record, Error> {
        let refused = |what: &str| Error::Invalid(vec![FieldFault::new("record", "E011", what)]);
        let draft = draft.ok_or_else(|| refused("更正记录须附更正后的记录"))?;
        // The content as it was before the mark.
        let old = Record {
            status: RecordStatus::Confirmed,
            ..self.current.record.clone()
        };
        let record = corrected(self.ruleset, self.actor, self.action, &old, draft)?;
        if record == old {
            return Err(refused("更正后的记录与原记录相同；异议不成立的应驳回"));
        }
        Ok(record)
    }

    fn keep(&self, db: &mut Db, event: &Event, now: DateTime<Utc>) -> Result<i64, Error> {
        let data = serde_json::to_string(event).map_err(|source| Error::Stored {
            what: "记录的事件",
            source,
        })?;
        let step = &self.asked.step;
        let new = events::NewEvent {
            kind: step.name().to_owned(),
            actor: self.actor.id.clone(),
            role: self.actor.role.as_str().to_owned(),
            reason: step.reason().to_owned(),
            data,
        };
        let record = &self.current.record;
        let company = record.company.as_ref();
        let expected = self.asked.events;
        match events::append(db, company, &record.id, expected, &new, now) {
            Err(StoreError::Conflict { .. }) => Err(changed(&record.id)),
            other => Ok(other?),
        }
    }
}
