//! The steps of a plan: prepared, frozen by another person, amended.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    OpenPlan, PendingPlan, PlanState, Stage, YearPlanDraft, YearPlanLine,
    draft::{district, read_plan},
    file,
    simulation::tried,
};
use crate::{
    draw::{
        Id, Instant, says_something,
        year::{PlannedStratum, YearFile, YearPlan, YearVersion},
    },
    service::{
        App, Error, FieldFault,
        checks::{note, to_json},
        permission::{Action, Actor},
    },
    store::{
        Db, StoreError,
        checks::{self as kept, NewEvent, PlanRow},
    },
};

/// Another content of a plan: of one that waits, or, with a reason, an amendment of one that is public.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct YearPlanChange {
    pub version: i64,
    #[serde(default)]
    pub reason: Option<String>,
    pub plan: YearPlanDraft,
}

fn invalid(field: &str, code: &str, what: impl Into<String>) -> Error {
    Error::Invalid(vec![FieldFault::new(field, code, what)])
}

/// Prepares the plan of a year of the caller's division. It is nothing before another person freezes it.
///
/// # Errors
/// Every faulty field.
pub fn prepare_year_plan(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    draft: &YearPlanDraft,
    now: DateTime<Utc>,
) -> Result<YearPlanLine, Error> {
    let region = district(app, draft);
    let scope = region.as_ref().ok().or(actor.region.as_ref());
    actor.check(Action::PrepareCheck, scope)?;
    let (content, rules) = read_plan(db, app, draft, now)?;
    let row = PlanRow {
        id: content.plan.to_string(),
        year: content.year,
        district: content.district.clone(),
        state: Stage::Draft.as_str().to_owned(),
        version: 1,
        data: String::new(),
    };
    let data = json!({ "plan": draft });
    let state = PlanState {
        pending: Some(PendingPlan {
            content,
            rules,
            reason: None,
            requested_by: actor.id.clone(),
        }),
    };
    let row = PlanRow {
        data: to_json(&state)?,
        ..row
    };
    let event = event(actor, "prepare", &data);
    kept::create_plan(db, &row, &event, now).map_err(|fault| match fault {
        StoreError::Exists { key, .. } => {
            invalid("id", "E033", format!("计划编号「{key}」已经用过"))
        }
        other => other.into(),
    })?;
    note(
        db,
        actor,
        "check.plan",
        format!("check plan {}", row.id),
        &json!({}),
        now,
    )?;
    let open = OpenPlan::read(row)?;
    YearPlanLine::of(db, &open)
}

fn event(actor: &Actor, kind: &str, data: &serde_json::Value) -> NewEvent {
    NewEvent {
        kind: kind.to_owned(),
        actor: actor.id.clone(),
        data: data.to_string(),
    }
}

/// Puts another content in place of the one that waits, or asks for an amendment.
///
/// # Errors
/// A task that was made already cannot be changed or left out.
pub fn amend_year_plan(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    change: &YearPlanChange,
    now: DateTime<Utc>,
) -> Result<YearPlanLine, Error> {
    let mut open = OpenPlan::at(db, actor, Action::PrepareCheck, (id, change.version))?;
    let (content, rules) = read_plan(db, app, &change.plan, now)?;
    let same = content.plan.as_str() == open.row.id
        && content.year == open.row.year
        && content.district == open.row.district;
    if !same {
        let what = "计划编号、年份和辖区不能改，请另编计划";
        return Err(invalid("id", "E043", what));
    }
    let reason = (change.reason.as_deref())
        .filter(|text| says_something(text))
        .map(|text| text.trim().to_owned());
    let kind = match open.stage {
        Stage::Draft => "prepare",
        Stage::Frozen if reason.is_none() => {
            return Err(invalid("reason", "E008", "调整已公布的计划须写明理由"));
        }
        Stage::Frozen => "request",
    };
    made_tasks_stay(db, &open, &content)?;
    open.state.pending = Some(PendingPlan {
        content,
        rules,
        reason: reason.filter(|_| open.stage == Stage::Frozen),
        requested_by: actor.id.clone(),
    });
    let data = json!({ "plan": change.plan, "reason": change.reason });
    step(db, actor, open, (kind, &data), now)
}

/// Freezes what another person prepared, or the amendment that another person asked for, and publishes it.
///
/// # Errors
/// An infeasible plan, with the constraint named: it is never frozen.
pub fn approve_year_plan(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    (id, version): (&str, i64),
    now: DateTime<Utc>,
) -> Result<YearPlanLine, Error> {
    let mut open = OpenPlan::at(db, actor, Action::ApproveCheck, (id, version))?;
    let Some(pending) = open.state.pending.take() else {
        return Err(open.wrong("审定：没有待审定的内容"));
    };
    actor.differs_from(&pending.requested_by, Action::ApproveCheck)?;
    made_tasks_stay(db, &open, &pending.content)?;
    let found = tried(db, app, &pending.content, now)?.expected;
    let planned = PlannedStratum::of(&found);
    if let Some(why) = found.infeasible {
        return Err(why.into());
    }
    let before = file(db, id)?;
    let number = before.as_ref().map_or(0, |file| file.versions.len());
    let person = |id: &str| Id::parse(id).map_err(|why| invalid("id", "E006", why.to_string()));
    let version = YearVersion {
        number: u32::try_from(number).unwrap_or(u32::MAX),
        content: pending.content,
        rules: pending.rules,
        planned,
        reason: pending.reason,
        requested_by: person(&pending.requested_by)?,
        approved_by: person(&actor.id)?,
        frozen_at: Instant::of(now),
    };
    let file = YearFile::with(before, version);
    kept::put_plan_file(db, id, open.row.version + 1, &file.text(), now)?;
    open.stage = Stage::Frozen;
    let data = json!({ "number": number, "digest": file.digest });
    step(db, actor, open, ("freeze", &data), now)
}

/// What was made from the plan that holds must be in the new one as it is.
fn made_tasks_stay(db: &mut Db, open: &OpenPlan, content: &YearPlan) -> Result<(), Error> {
    let Some(before) = super::in_force(db, &open.row.id)? else {
        return Ok(());
    };
    for task in &before.content.tasks {
        let made = kept::find(db, task.id.as_str())?.is_some();
        if made && content.task(&task.id) != Some(task) {
            let what = format!("任务「{}」已经生成，不能改动或者删去", task.id);
            return Err(invalid("tasks", "E043", what));
        }
    }
    Ok(())
}

/// Stores the plan in its new state with the event and the audit line.
fn step(
    db: &mut Db,
    actor: &Actor,
    mut open: OpenPlan,
    (kind, data): (&str, &serde_json::Value),
    now: DateTime<Utc>,
) -> Result<YearPlanLine, Error> {
    open.row.state = open.stage.as_str().to_owned();
    open.row.data = to_json(&open.state)?;
    open.row.version = kept::append_plan(db, &open.row, &event(actor, kind, data), now)?;
    let subject = format!("check plan {}", open.row.id);
    let told = json!({ "version": open.row.version });
    note(
        db,
        actor,
        &format!("check.plan.{kind}"),
        subject,
        &told,
        now,
    )?;
    YearPlanLine::of(db, &open)
}
