//! Tasks looked up, who was drawn for those who may know, and the draws that everybody may read.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    drawing::{needed, published, secrets},
    from_json, in_role,
    task::{CheckTaskDraft, CheckTaskLine, Open, State},
};
use crate::{
    draw::{self, Instant},
    service::{
        Error,
        permission::{Action, Actor},
    },
    store::{Db, checks as kept},
};

/// A task with its way.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CheckTaskView {
    #[serde(flatten)]
    pub line: CheckTaskLine,
    pub draft: CheckTaskDraft,
    pub events: Vec<CheckEventView>,
}

/// One event of a task.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CheckEventView {
    pub seq: i64,
    pub at: String,
    pub actor: String,
    /// `prepare`, `withdraw`, `commit`, `observe`, `request`, `substitute` or `reveal`.
    pub kind: String,
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

/// Who is visited by whom now; not public before the reveal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DrawnView {
    pub id: String,
    pub version: i64,
    pub attempt: u32,
    pub visits: Vec<DrawnVisit>,
    /// Those who would come next, by stratum.
    pub reserve: Vec<String>,
}

/// One visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DrawnVisit {
    pub object: String,
    pub kind: String,
    pub company: String,
    pub name: String,
    pub district: String,
    pub grade: String,
    pub officers: Vec<String>,
    /// Number of the substitution that it came in by; 0: drawn.
    pub substitution: i64,
}

/// A draw as everybody may see it in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DrawLine {
    pub id: String,
    /// `committed`, `drawn`, `failed` or `revealed`.
    pub state: String,
    pub state_name: String,
    /// The draw and its redraws.
    pub attempts: u64,
    /// Of the last attempt.
    pub committed_at: String,
    /// Digest of the commitment, to be compared with the notice of the day.
    pub commitment: String,
    pub reveal_by: String,
    pub revealed_at: Option<String>,
    /// Revealed late, or overdue now.
    pub late: bool,
}

/// Tasks of the caller's division, the last id first.
pub fn list_check_tasks(db: &mut Db, actor: &Actor) -> Result<Vec<CheckTaskLine>, Error> {
    in_role(actor, Action::ReadCheck)?;
    let rows = kept::tasks(db, actor.region.as_ref())?;
    rows.into_iter()
        .map(|row| Ok(CheckTaskLine::of(&Open::read(row)?)))
        .collect()
}

/// One task with its way.
pub fn read_check_task(db: &mut Db, actor: &Actor, id: &str) -> Result<CheckTaskView, Error> {
    let open = Open::find(db, actor, Action::ReadCheck, id)?;
    let event = |one: kept::Event| {
        Ok(CheckEventView {
            seq: one.seq,
            at: one.at.to_rfc3339(),
            actor: one.event.actor,
            kind: one.event.kind,
            data: from_json(&one.event.data)?,
        })
    };
    let events = kept::events(db, &open.row.id)?;
    Ok(CheckTaskView {
        line: CheckTaskLine::of(&open),
        draft: open.task.draft,
        events: events
            .into_iter()
            .map(event)
            .collect::<Result<_, Error>>()?,
    })
}

/// Who was drawn, for those who read checks of the division.
pub fn who_was_drawn(db: &mut Db, actor: &Actor, id: &str) -> Result<DrawnView, Error> {
    let open = Open::find(db, actor, Action::ReadCheck, id)?;
    if !matches!(open.state, State::Drawn | State::Revealed) {
        return Err(open.wrong("查看抽取结果"));
    }
    let file = needed(published(db, id)?, &open)?;
    let secrets = needed(secrets(db, id)?, &open)?;
    let standing = kept::of_task(db, id)?;
    let visits = standing.into_iter().map(|visit| {
        let mut objects = secrets.plan.objects.iter();
        let object = objects.find(|one| one.id.as_str() == visit.object);
        DrawnVisit {
            name: object.map(|one| one.name.clone()).unwrap_or_default(),
            company: visit.company.to_string(),
            object: visit.object,
            kind: visit.kind,
            district: visit.district.to_string(),
            grade: visit.grade,
            officers: visit.officers,
            substitution: visit.number,
        }
    });
    let visits: Vec<DrawnVisit> = visits.collect();
    // An attempt without feasible teams that was revealed has no order either.
    let outcome = draw::result(&file, &secrets).ok();
    let reserve = outcome.iter().flat_map(|outcome| &outcome.strata);
    let reserve = reserve
        .flat_map(|stratum| &stratum.reserve)
        .map(ToString::to_string);
    let reserve = reserve.filter(|id| !visits.iter().any(|visit| visit.object == *id));
    Ok(DrawnView {
        id: open.row.id,
        version: open.row.version,
        attempt: open.task.attempt,
        reserve: reserve.collect(),
        visits,
    })
}

/// Every draw that was committed to, the last number first. Says nothing of plans and objects.
pub fn list_draws(db: &mut Db, now: DateTime<Utc>) -> Result<Vec<DrawLine>, Error> {
    let mut lines = Vec::new();
    for row in kept::tasks(db, None)? {
        let Some(file) = published(db, &row.id)? else {
            continue;
        };
        let open = Open::read(row)?;
        let Some(last) = file.attempts.last() else {
            continue;
        };
        let reveal_by = last.commitment.body.reveal_by;
        let revealed_at = last.reveal.as_ref().map(|part| part.body.revealed_at);
        lines.push(DrawLine {
            id: open.row.id.clone(),
            state: open.state.as_str().to_owned(),
            state_name: open.state.chinese().to_owned(),
            attempts: file.attempts.len() as u64,
            committed_at: last.commitment.body.committed_at.to_string(),
            commitment: last.commitment.digest.to_string(),
            reveal_by: reveal_by.to_string(),
            revealed_at: revealed_at.map(|at| at.to_string()),
            late: revealed_at.unwrap_or(Instant::of(now)) > reveal_by,
        });
    }
    Ok(lines)
}

/// The published file of a draw: objects and officers are in it only after the reveal.
pub fn draw_file(db: &mut Db, id: &str) -> Result<String, Error> {
    kept::file(db, id)?.ok_or_else(|| Error::Missing {
        what: "抽取",
        id: id.to_owned(),
    })
}
