//! The steps of a draw: commit, observe, substitute, draw again, reveal. Each stores the task, its event, the published file,
//! the secrets and the ledger in the caller's one transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    from_json,
    planning::{Framed, frame, trial},
    task::{CheckTask, CheckTaskLine, Open, Pending, State, Wish},
    to_json,
    visiting::{begun_and_open, follow, has_begun, last_arrival},
};
use crate::{
    domain::{Day, Uscc},
    draw::{
        self, Bytes32, Change, Event, EventValue, Id, Instant, Object, ObjectKind, Outcome,
        Published, Redraw, Secrets, StepFault, Terms, Wanted, says_something,
    },
    service::{
        App, Error, FieldFault,
        permission::{Action, Actor},
    },
    store::{
        Db,
        checks::{self as kept, Visit},
    },
};

/// What is committed to: the future public event, and until when everything will be revealed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckCommit {
    pub version: i64,
    /// As in a published file (docs/draw.md): lottery, drand or contributions.
    #[schema(value_type = Object)]
    pub event: Event,
    #[schema(value_type = String, example = "2026-09-10T00:00:00Z")]
    pub reveal_by: Instant,
}

/// What is asked for; another person approves it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckWish {
    pub version: i64,
    pub reason: String,
    /// A substitute for this drawn object, or, with `officer`, for this officer of its team.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub object: Option<Id>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub officer: Option<Id>,
    /// Another draw; with `reveal_by`, without `object`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub event: Option<Event>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub reveal_by: Option<Instant>,
}

/// The reveal: after the last visit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckReveal {
    pub version: i64,
    /// Day of the last visit; left out where nothing was drawn.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2026-08-28")]
    pub last_visit_on: Option<Day>,
}

/// Freezes the plan as the store has it now and publishes what binds it. `random` are the secret and the salt.
///
/// # Errors
/// An infeasible plan, with the constraint named; a task whose objects may meet those of another one that waits for its event,
/// because the limits of companies are counted from stored draws.
pub fn commit_check(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    commit: &CheckCommit,
    random: &[[u8; 32]; 2],
    now: DateTime<Utc>,
) -> Result<CheckTaskLine, Error> {
    let states = (&[State::Planned][..], "承诺");
    let open = Open::at(
        db,
        actor,
        Action::PrepareCheck,
        (id, commit.version),
        states,
    )?;
    let terms = Terms {
        event: commit.event.clone(),
        committed_at: Instant::of(now),
        reveal_by: commit.reveal_by,
        redraw: None,
    };
    freeze(db, app, actor, open, terms, random, now)
}

fn freeze(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    mut open: Open,
    terms: Terms,
    [secret, salt]: &[[u8; 32]; 2],
    now: DateTime<Utc>,
) -> Result<CheckTaskLine, Error> {
    alone(db, &open)?;
    let Framed { plan, .. } = frame(db, app, &open.task.draft, now)?;
    trial(&plan).map_err(StepFault::Infeasible)?;
    let before = published(db, &open.row.id)?;
    let (expected_at, reveal_by) = (terms.event.expected_at(), terms.reveal_by);
    let (file, secrets) = draw::commit(before, plan, terms, Bytes32(*secret), Bytes32(*salt))?;
    open.task.attempt = secrets.attempt;
    open.task.expected_at = Some(expected_at);
    open.task.reveal_by = Some(reveal_by);
    open.task.pending = None;
    open.task.failed = None;
    let commitment = file.attempts.last().map(|attempt| &attempt.commitment);
    let data = json!({
        "attempt": secrets.attempt,
        "commitment": commitment.map(|part| part.digest),
        "plan_digest": commitment.map(|part| part.body.plan_digest),
        "secret_digest": commitment.map(|part| part.body.secret_digest),
        "event": commitment.map(|part| &part.body.event),
        "reveal_by": reveal_by,
    });
    keep(db, &open, Some(&file), Some(&secrets), now)?;
    open.step(db, actor, (State::Committed, "commit"), &data, now)
}

/// No other task with objects of the same place waits for its event.
fn alone(db: &mut Db, open: &Open) -> Result<(), Error> {
    for row in kept::tasks(db, None)? {
        let meets =
            row.district.contains(&open.row.district) || open.row.district.contains(&row.district);
        if row.id == open.row.id || row.state != State::Committed.as_str() || !meets {
            continue;
        }
        return Err(Open::read(row)?.wrong("同时承诺辖区重叠的另一任务"));
    }
    Ok(())
}

/// Publishes the value of the event and, in the same transaction, draws: the whole result is stored, or nothing.
pub fn observe_check(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    (id, version): (&str, i64),
    value: &EventValue,
    now: DateTime<Utc>,
) -> Result<CheckTaskLine, Error> {
    let states = (&[State::Committed][..], "登记事件的值");
    let mut open = Open::at(db, actor, Action::PrepareCheck, (id, version), states)?;
    let file = needed(published(db, id)?, &open)?;
    let secrets = needed(secrets(db, id)?, &open)?;
    let file = draw::observe(file, value.clone(), Instant::of(now))?;
    let state = match draw::result(&file, &secrets) {
        Ok(outcome) => {
            let visits = drawn(&open, &secrets, &outcome)?;
            kept::enter(db, &visits, now)?;
            State::Drawn
        }
        Err(why @ (StepFault::Infeasible(_) | StepFault::Aborted)) => {
            open.task.failed = Some(why.to_string());
            State::Failed
        }
        Err(fault) => return Err(fault.into()),
    };
    keep(db, &open, Some(&file), None, now)?;
    let data = json!({
        "attempt": open.task.attempt, "value": value, "failed": open.task.failed,
    });
    let line = open.step(db, actor, (state, "observe"), &data, now)?;
    follow(db, app, id, now)?;
    Ok(line)
}

/// Asks for a substitute or another draw.
///
/// # Errors
/// An unlawful one; a draw is drawn again only after it was revealed, so that none ever disappears.
pub fn request_check(
    db: &mut Db,
    actor: &Actor,
    id: &str,
    wish: &CheckWish,
    now: DateTime<Utc>,
) -> Result<CheckTaskLine, Error> {
    let (wanted, states): (Wish, (&[State], &str)) = match wish {
        CheckWish {
            object: Some(object),
            officer,
            event: None,
            reveal_by: None,
            ..
        } => {
            let wanted = Wish::Substitute {
                object: object.clone(),
                officer: officer.clone(),
            };
            (wanted, (&[State::Drawn], "替换"))
        }
        CheckWish {
            object: None,
            officer: None,
            event: Some(event),
            reveal_by: Some(reveal_by),
            ..
        } => {
            let wanted = Wish::Redraw {
                event: event.clone(),
                reveal_by: *reveal_by,
            };
            (wanted, (&[State::Revealed], "重抽"))
        }
        _ => {
            let what = "应当写明要替换的对象（object、officer），或者重抽的事件和公开期限（event、reveal_by），二者取一";
            return Err(Error::Invalid(vec![FieldFault::new(
                "object", "E042", what,
            )]));
        }
    };
    if !says_something(&wish.reason) {
        let what = "须写明理由";
        return Err(Error::Invalid(vec![FieldFault::new(
            "reason", "E008", what,
        )]));
    }
    let action = Action::PrepareCheck;
    let mut open = Open::at(db, actor, action, (id, wish.version), states)?;
    let pending = Pending {
        wish: wanted,
        reason: wish.reason.trim().to_owned(),
        requested_by: actor.id.clone(),
    };
    let data = json!(pending);
    open.task.pending = Some(pending);
    let state = open.state;
    open.step(db, actor, (state, "request"), &data, now)
}

/// Approves what another person asked for, and does it: the next in order comes in, or the plan is frozen anew.
pub fn approve_check(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    (id, version): (&str, i64),
    random: &[[u8; 32]; 2],
    now: DateTime<Utc>,
) -> Result<CheckTaskLine, Error> {
    let states = (&[State::Drawn, State::Revealed][..], "批准替换或者重抽");
    let mut open = Open::at(db, actor, Action::ApproveCheck, (id, version), states)?;
    let Some(pending) = open.task.pending.take() else {
        return Err(open.wrong("批准：没有待批准的申请"));
    };
    actor.differs_from(&pending.requested_by, Action::ApproveCheck)?;
    let because = Redraw {
        reason: pending.reason,
        requested_by: account(&pending.requested_by)?,
        approved_by: account(&actor.id)?,
    };
    let wanted = match pending.wish {
        Wish::Redraw { event, reveal_by } => {
            if begun_and_open(db, id, open.task.attempt)? {
                return Err(open.wrong("重抽：还有检查没有办结"));
            }
            let terms = Terms {
                event,
                committed_at: Instant::of(now),
                reveal_by,
                redraw: Some(because),
            };
            return freeze(db, app, actor, open, terms, random, now);
        }
        Wish::Substitute {
            object,
            officer: Some(out),
        } => Wanted::Officer { object, out },
        Wish::Substitute { object, .. } => {
            if has_begun(db, id, open.task.attempt, object.as_str())? {
                return Err(open.wrong("替换检查已经开始的对象"));
            }
            Wanted::Object { out: object }
        }
    };
    let file = needed(published(db, id)?, &open)?;
    let secrets = needed(secrets(db, id)?, &open)?;
    let secrets = draw::substitute(&file, secrets, &wanted, because, Instant::of(now))?;
    let last = secrets.substitutions.last();
    let visits = match last {
        Some(last) => changed(db, &open, &secrets, i64::from(last.number), &last.change)?,
        None => Vec::new(),
    };
    kept::enter(db, &visits, now)?;
    keep(db, &open, None, Some(&secrets), now)?;
    let data = json!({ "substitution": last });
    open.step(db, actor, (State::Drawn, "substitute"), &data, now)
}

/// Publishes secret, plan, result and substitutions after the last visit.
pub fn reveal_check(
    db: &mut Db,
    actor: &Actor,
    id: &str,
    reveal: &CheckReveal,
    now: DateTime<Utc>,
) -> Result<CheckTaskLine, Error> {
    let states = (&[State::Drawn, State::Failed][..], "公开");
    let mut open = Open::at(
        db,
        actor,
        Action::PrepareCheck,
        (id, reveal.version),
        states,
    )?;
    let file = needed(published(db, id)?, &open)?;
    let secrets = needed(secrets(db, id)?, &open)?;
    if open.state == State::Drawn {
        let arrived = last_arrival(db, id, open.task.attempt)?;
        let from = secrets.plan.window.from;
        let from = arrived.map_or(from, |arrived| arrived.max(from));
        let lawful = |day: &Day| from <= *day && *day <= Day::of(now);
        if !reveal.last_visit_on.as_ref().is_some_and(lawful) {
            let what = format!("检查全部完成后才能公开：最后一次检查的日期应在 {from} 与今天之间");
            return Err(Error::Invalid(vec![FieldFault::new(
                "last_visit_on",
                "E042",
                what,
            )]));
        }
    }
    let file = draw::reveal(file, &secrets, Instant::of(now))?;
    open.task.pending = None;
    keep(db, &open, Some(&file), None, now)?;
    let data = json!({ "last_visit_on": reveal.last_visit_on, "digest": file.digest });
    open.step(db, actor, (State::Revealed, "reveal"), &data, now)
}

pub(super) fn published(db: &mut Db, id: &str) -> Result<Option<Published>, Error> {
    kept::file(db, id)?.map(|text| from_json(&text)).transpose()
}

pub(super) fn secrets(db: &mut Db, id: &str) -> Result<Option<Secrets>, Error> {
    kept::secret(db, id)?
        .map(|text| from_json(&text))
        .transpose()
}

/// What a task in this state always has.
pub(super) fn needed<T>(part: Option<T>, open: &Open) -> Result<T, Error> {
    part.ok_or_else(|| Error::Missing {
        what: "抽取文件",
        id: open.row.id.clone(),
    })
}

fn keep(
    db: &mut Db,
    open: &Open,
    file: Option<&Published>,
    secrets: Option<&Secrets>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if let Some(file) = file {
        kept::put_file(db, &open.row.id, open.next(), &file.text(), now)?;
    }
    if let Some(secrets) = secrets {
        kept::put_secret(db, &open.row.id, open.next(), &to_json(secrets)?, now)?;
    }
    Ok(())
}

fn account(id: &str) -> Result<Id, Error> {
    Id::parse(id).map_err(|why| {
        Error::Invalid(vec![FieldFault::new(
            "requested_by",
            "E006",
            why.to_string(),
        )])
    })
}

/// A line of the ledger for one object of the plan.
fn line(
    task: &CheckTask,
    object: &Object,
    number: i64,
    comes: bool,
    officers: Vec<String>,
    year: i32,
) -> Result<Visit, Error> {
    let company = Uscc::parse(object.company.as_str())
        .map_err(|why| Error::Invalid(vec![FieldFault::new("objects", "E002", why.to_string())]))?;
    Ok(Visit {
        company,
        task: String::new(),
        attempt: i64::from(task.attempt),
        number,
        object: object.id.to_string(),
        comes,
        kind: match object.kind {
            ObjectKind::Company => "company",
            ObjectKind::Project => "project",
        }
        .to_owned(),
        district: object.district.clone(),
        grade: object.grade.to_string(),
        officers,
        year,
    })
}

fn texts(ids: &[Id]) -> Vec<String> {
    ids.iter().map(Id::to_string).collect()
}

fn by_id(secrets: &Secrets) -> BTreeMap<&str, &Object> {
    let objects = secrets.plan.objects.iter();
    objects.map(|one| (one.id.as_str(), one)).collect()
}

/// The ledger of a draw.
fn drawn(open: &Open, secrets: &Secrets, outcome: &Outcome) -> Result<Vec<Visit>, Error> {
    let (objects, year) = (by_id(secrets), secrets.plan.window.from.year());
    let mut visits = Vec::with_capacity(outcome.teams.len());
    for team in &outcome.teams {
        if let Some(object) = objects.get(team.object.as_str()) {
            let visit = line(&open.task, object, 0, true, texts(&team.officers), year)?;
            visits.push(Visit {
                task: open.row.id.clone(),
                ..visit
            });
        }
    }
    Ok(visits)
}

/// The lines of a substitution: one goes out, one comes in.
fn changed(
    db: &mut Db,
    open: &Open,
    secrets: &Secrets,
    number: i64,
    change: &Change,
) -> Result<Vec<Visit>, Error> {
    let (objects, year) = (by_id(secrets), secrets.plan.window.from.year());
    let standing = kept::of_task(db, &open.row.id)?;
    let gone = match change {
        Change::Object { out, .. } => out,
        Change::Officer { object, .. } => object,
    };
    let before = standing
        .into_iter()
        .find(|visit| visit.object == gone.as_str());
    let before = needed(before, open)?;
    let (coming, officers) = match change {
        Change::Object { r#in, officers, .. } => (r#in, texts(officers)),
        Change::Officer { object, out, r#in } => {
            let staying = before.officers.iter().filter(|one| *one != out.as_str());
            let team = staying.cloned().chain([r#in.to_string()]).collect();
            (object, team)
        }
    };
    let coming = needed(objects.get(coming.as_str()).copied(), open)?;
    let going = Visit {
        number,
        comes: false,
        ..before
    };
    let coming = Visit {
        task: open.row.id.clone(),
        ..line(&open.task, coming, number, true, officers, year)?
    };
    Ok(vec![going, coming])
}
