//! A task: what is to be checked, where, how many of which grade, under which limits; and how far it is.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{from_json, note, planning::read_task, to_json, years};
use crate::{
    draw::{Event, Id, Instant},
    service::{
        App, Error, FieldFault,
        permission::{Action, Actor},
    },
    store::{
        Db, StoreError,
        checks::{self as kept, NewEvent},
    },
};

/// A task as an officer fills it in; days and codes are text as typed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckTaskDraft {
    /// Number of the draw (抽查编号): what the public draw is called.
    #[schema(example = "CC-2026-01")]
    pub id: String,
    /// Number of the yearly plan.
    #[schema(example = "JH-2026")]
    pub plan: String,
    /// Ids of published items; several make one merged visit (综合查一次).
    pub items: Vec<String>,
    /// Division code: objects of it and of those within it.
    #[schema(example = "512002")]
    pub district: String,
    /// `company` (left out), `project` or `both`.
    #[serde(default)]
    pub objects: Option<String>,
    /// First and last day of the visits.
    #[schema(example = "2026-08-01")]
    pub from: String,
    #[schema(example = "2026-08-31")]
    pub until: String,
    /// `up` (left out), `down` or `half_up`: what becomes of a fraction of an object.
    #[serde(default)]
    pub rounding: Option<String>,
    /// Ratios other than those of the rule set, each with a reason.
    #[serde(default)]
    pub ratios: Vec<CheckRatio>,
    /// Visits that the yearly plan still allows.
    #[serde(default)]
    pub allowed: Option<u32>,
    /// Visits to one company in a year, those of earlier draws included.
    pub company_visits: u32,
    /// Visits of one officer in a year, those of earlier draws included.
    pub officer_visits: u32,
    /// Officers in a team; 2 if left out.
    #[serde(default)]
    pub team_size: Option<u32>,
    /// `any` (left out), `same`, `other`, `one_local` or `mixed`.
    #[serde(default)]
    pub districts: Option<String>,
    /// Qualifications that every team needs beside those of the items.
    #[serde(default)]
    pub needs: Vec<String>,
}

/// A ratio for one grade instead of the rule set's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckRatio {
    /// Id of the grade; `未评级` for those without one.
    pub grade: String,
    /// Per cent, at most two decimals.
    #[schema(example = "12.5")]
    pub percent: String,
    pub reason: String,
}

/// A task as it is kept: the draft, and what has happened. No secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CheckTask {
    pub draft: CheckTaskDraft,
    pub prepared_by: String,
    /// Number of the last attempt; 0 before the commitment.
    pub attempt: u32,
    pub expected_at: Option<Instant>,
    pub reveal_by: Option<Instant>,
    /// What somebody asked for and nobody approved yet.
    pub pending: Option<Pending>,
    /// Why there is no result: the constraint in the way.
    pub failed: Option<String>,
}

/// A wish that waits for another person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pending {
    pub wish: Wish,
    pub reason: String,
    pub requested_by: String,
}

/// What is wished for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Wish {
    /// For a drawn object, or for an officer of its team.
    Substitute {
        object: Id,
        officer: Option<Id>,
    },
    Redraw {
        event: Event,
        reveal_by: Instant,
    },
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Planned,
    Committed,
    Drawn,
    /// The event gave no result: a contribution missing, or no feasible teams.
    Failed,
    Revealed,
    /// Taken back before anything was committed.
    Withdrawn,
}

impl State {
    const ALL: [Self; 6] = [
        Self::Planned,
        Self::Committed,
        Self::Drawn,
        Self::Failed,
        Self::Revealed,
        Self::Withdrawn,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Committed => "committed",
            Self::Drawn => "drawn",
            Self::Failed => "failed",
            Self::Revealed => "revealed",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub fn chinese(self) -> &'static str {
        match self {
            Self::Planned => "待承诺",
            Self::Committed => "已承诺，等待事件",
            Self::Drawn => "已抽取，检查完成后公开",
            Self::Failed => "没有抽取结果，待公开",
            Self::Revealed => "已公开",
            Self::Withdrawn => "已撤回",
        }
    }
}

/// A task with its row.
pub(super) struct Open {
    pub row: kept::Task,
    pub task: CheckTask,
    pub state: State,
}

impl Open {
    pub fn read(row: kept::Task) -> Result<Self, Error> {
        let known = State::ALL.into_iter().find(|one| one.as_str() == row.state);
        let state = known.ok_or_else(|| {
            Error::Store(StoreError::Corrupt {
                table: "check_task",
                column: "state",
                value: row.state.clone(),
            })
        })?;
        Ok(Self {
            task: from_json(&row.data)?,
            row,
            state,
        })
    }

    /// The task with this id, if the actor may do this to it.
    pub fn find(db: &mut Db, actor: &Actor, action: Action, id: &str) -> Result<Self, Error> {
        let missing = || Error::Missing {
            what: "抽查任务",
            id: id.to_owned(),
        };
        let row = kept::find(db, id)?.ok_or_else(missing)?;
        actor.check(action, Some(&row.district))?;
        Self::read(row)
    }

    /// As [`Open::find`], if the caller has seen this version and the task is in one of these states.
    pub fn at(
        db: &mut Db,
        actor: &Actor,
        action: Action,
        (id, version): (&str, i64),
        (states, step): (&[State], &'static str),
    ) -> Result<Self, Error> {
        let open = Self::find(db, actor, action, id)?;
        if open.row.version != version {
            return Err(Error::Changed {
                what: "抽查任务",
                id: id.to_owned(),
            });
        }
        if !states.contains(&open.state) {
            return Err(open.wrong(step));
        }
        Ok(open)
    }

    pub fn wrong(&self, step: &'static str) -> Error {
        Error::WrongState {
            what: "抽查任务",
            id: self.row.id.clone(),
            found: self.state.chinese(),
            step,
        }
    }

    /// Stores the task in its new state with the event and the audit line.
    pub fn step(
        mut self,
        db: &mut Db,
        actor: &Actor,
        (state, kind): (State, &str),
        data: &serde_json::Value,
        now: DateTime<Utc>,
    ) -> Result<CheckTaskLine, Error> {
        self.state = state;
        self.row.state = state.as_str().to_owned();
        self.row.data = to_json(&self.task)?;
        let event = NewEvent {
            kind: kind.to_owned(),
            actor: actor.id.clone(),
            data: data.to_string(),
        };
        self.row.version = kept::append(db, &self.row, &event, now)?;
        let subject = format!("check task {}", self.row.id);
        note(db, actor, &format!("check.{kind}"), subject, data, now)?;
        Ok(CheckTaskLine::of(&self))
    }

    /// Number of the event that a step now would add.
    pub fn next(&self) -> i64 {
        self.row.version + 1
    }
}

/// A task in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckTaskLine {
    pub id: String,
    /// Give it back with the next step.
    pub version: i64,
    pub district: String,
    pub items: Vec<String>,
    pub from: String,
    pub until: String,
    /// `planned`, `committed`, `drawn`, `failed`, `revealed` or `withdrawn`.
    pub state: String,
    pub state_name: String,
    pub attempt: u32,
    pub expected_at: Option<String>,
    pub reveal_by: Option<String>,
    /// `substitute` or `redraw`, if one waits for approval.
    pub pending: Option<String>,
    /// The constraint because of which there is no result.
    pub failed: Option<String>,
}

impl CheckTaskLine {
    pub(super) fn of(open: &Open) -> Self {
        let task = &open.task;
        let pending = task.pending.as_ref().map(|pending| match pending.wish {
            Wish::Substitute { .. } => "substitute".to_owned(),
            Wish::Redraw { .. } => "redraw".to_owned(),
        });
        Self {
            id: open.row.id.clone(),
            version: open.row.version,
            district: open.row.district.to_string(),
            items: task.draft.items.clone(),
            from: task.draft.from.clone(),
            until: task.draft.until.clone(),
            state: open.state.as_str().to_owned(),
            state_name: open.state.chinese().to_owned(),
            attempt: task.attempt,
            expected_at: task.expected_at.map(|at| at.to_string()),
            reveal_by: task.reveal_by.map(|at| at.to_string()),
            pending,
            failed: task.failed.clone(),
        }
    }
}

/// Prepares a task of the caller's division.
///
/// # Errors
/// Every faulty field; an item that is not published or not in effect cannot be used, and a plan that is public is followed.
pub fn create_check_task(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    draft: &CheckTaskDraft,
    now: DateTime<Utc>,
) -> Result<CheckTaskLine, Error> {
    let district = super::planning::district(app, draft);
    let scope = district.as_ref().ok().or(actor.region.as_ref());
    actor.check(Action::PrepareCheck, scope)?;
    let brief = read_task(db, app, draft, now)?;
    years::follows(db, draft)?;
    let task = CheckTask {
        draft: draft.clone(),
        prepared_by: actor.id.clone(),
        attempt: 0,
        expected_at: None,
        reveal_by: None,
        pending: None,
        failed: None,
    };
    let row = kept::Task {
        id: brief.head.draw.to_string(),
        district: brief.district,
        state: State::Planned.as_str().to_owned(),
        version: 1,
        data: to_json(&task)?,
    };
    let event = NewEvent {
        kind: "prepare".to_owned(),
        actor: actor.id.clone(),
        data: to_json(draft)?,
    };
    kept::create(db, &row, &event, now).map_err(|fault| match fault {
        StoreError::Exists { key, .. } => {
            let what = format!("抽查编号「{key}」已经用过");
            Error::Invalid(vec![FieldFault::new("id", "E033", what)])
        }
        other => other.into(),
    })?;
    let data = serde_json::json!({ "district": row.district });
    let subject = format!("check task {}", row.id);
    note(db, actor, "check.prepare", subject, &data, now)?;
    Ok(CheckTaskLine::of(&Open {
        row,
        task,
        state: State::Planned,
    }))
}
