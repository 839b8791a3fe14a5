//! The results of a task become public, and the clock of that.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{TaskState, day_of_task, showing::state_of};
use crate::{
    domain::{Day, Deadline, MatterKind},
    draw::Published,
    procedure::inspection::rule,
    service::{
        App, Error,
        checks::{drawing::published, note, task::Open},
        deadlines::{Kept, Matter, Waiting, keep_waiting},
        permission::{Action, Actor},
    },
    store::{
        Db,
        checks::{self as kept},
        inspections::{self, Publication},
    },
};

/// The version that was seen.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckPublish {
    pub version: i64,
}

/// What became public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckPublished {
    pub id: String,
    /// Attempts of the draw whose results are public now and were not.
    pub attempts: Vec<i64>,
    pub due_on: Option<String>,
    /// Calendar days after the last day; 0: in time.
    pub days_late: i64,
}

/// The last day for the publication of results: counted from the last day of the visits. Absent: in no year that the calendar
/// covers.
///
/// # Errors
/// [`Error::Deadline`] if the file of deadlines has no such rule.
pub(super) fn deadline(app: &App, until: Day) -> Result<Option<Deadline>, Error> {
    let period = app.deadlines.get(rule::PUBLISH)?.period;
    // Counting fails for a year that is not loaded, and for nothing else.
    Ok(Deadline::count(rule::PUBLISH, period, "task_end", until, &app.calendar).ok())
}

/// Whether an attempt of a draw was revealed; 1, 2, 3 ...
pub(super) fn revealed(file: Option<&Published>, attempt: i64) -> bool {
    let index = usize::try_from(attempt - 1).ok();
    let found = file.zip(index).and_then(|(file, at)| file.attempts.get(at));
    found.is_some_and(|attempt| attempt.reveal.is_some())
}

/// Attempts that were drawn and whose results are not public.
fn unpublished(db: &mut Db, open: &Open) -> Result<Vec<i64>, Error> {
    let done = inspections::publications(db, &open.row.id)?;
    let mut attempts = Vec::new();
    for attempt in 1..=i64::from(open.task.attempt) {
        let drawn = !kept::of_attempt(db, &open.row.id, attempt)?.is_empty();
        if drawn && done.iter().all(|one| one.attempt != attempt) {
            attempts.push(attempt);
        }
    }
    Ok(attempts)
}

/// Stores what runs for a task: from the draw until its results are public.
pub(in crate::service) fn follow(
    db: &mut Db,
    app: &App,
    id: &str,
    now: DateTime<Utc>,
) -> Result<Kept, Error> {
    let row = kept::find(db, id)?.ok_or_else(|| Error::Missing {
        what: "抽查任务",
        id: id.to_owned(),
    })?;
    let open = Open::read(row)?;
    let matter = Matter {
        kind: MatterKind::Check,
        id: id.to_owned(),
        company: None,
        region: Some(open.row.district.clone()),
        title: format!("抽查 {id}"),
    };
    let (mut running, mut waiting) = (Vec::new(), Vec::new());
    if !unpublished(db, &open)?.is_empty() {
        let until = until(&open)?;
        match deadline(app, until)? {
            Some(deadline) => running.push(deadline),
            None => waiting.push(Waiting {
                rule: rule::PUBLISH.to_owned(),
                period: app.deadlines.get(rule::PUBLISH)?.period,
                start_event: "task_end".to_owned(),
                start: until,
            }),
        }
    }
    keep_waiting(db, app, &matter, &running, &waiting, now)
}

/// The last day of the visits of a task.
pub(super) fn until(open: &Open) -> Result<Day, Error> {
    day_of_task(&open.task.draft.until)
}

/// Publishes the results of every attempt that was revealed and whose visits are settled.
///
/// # Errors
/// [`Error::WrongState`] before the reveal, while a visit is not settled, and when everything is public.
pub fn publish_check(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    (id, version): (&str, i64),
    now: DateTime<Utc>,
) -> Result<CheckPublished, Error> {
    const STEP: &str = "公开检查结果";
    let open = Open::find(db, actor, Action::PrepareCheck, id)?;
    if open.row.version != version {
        return Err(Error::Changed {
            what: "抽查任务",
            id: id.to_owned(),
        });
    }
    let file = published(db, id)?;
    let attempts: Vec<i64> = unpublished(db, &open)?
        .into_iter()
        .filter(|attempt| revealed(file.as_ref(), *attempt))
        .collect();
    if attempts.is_empty() {
        return Err(match open.state {
            TaskState::Drawn => open.wrong(STEP),
            _ => wrong(id, "没有待公开的检查结果"),
        });
    }
    let begun = inspections::of_task(db, id)?;
    for attempt in &attempts {
        let is_last = *attempt == i64::from(open.task.attempt);
        for visit in kept::of_attempt(db, id, *attempt)? {
            let found = begun
                .iter()
                .find(|one| one.key.attempt == *attempt && one.key.object == visit.object);
            let settled = match found {
                Some(one) => state_of(&one.state)?.is_settled(),
                // Of an attempt that was drawn again nobody will come any more.
                None => !is_last,
            };
            if !settled {
                return Err(wrong(id, "还有检查没有办结"));
            }
        }
    }
    let today = Day::of(now);
    let due = deadline(app, until(&open)?)?.map(|deadline| deadline.due);
    let days_late = due.map_or(0, |due| (today.date() - due.date()).num_days().max(0));
    for attempt in &attempts {
        let new = Publication {
            task: id.to_owned(),
            attempt: *attempt,
            due_on: due,
            published_on: today,
            days_late,
            actor: actor.id.clone(),
        };
        inspections::publish(db, &new, now)?;
    }
    follow(db, app, id, now)?;
    let data = serde_json::json!({ "attempts": attempts, "due_on": due, "days_late": days_late });
    let subject = format!("check task {id}");
    note(db, actor, "check.publish", subject, &data, now)?;
    Ok(CheckPublished {
        id: id.to_owned(),
        attempts,
        due_on: due.map(|day| day.to_string()),
        days_late,
    })
}

fn wrong(id: &str, found: &'static str) -> Error {
    Error::WrongState {
        what: "抽查任务",
        id: id.to_owned(),
        found,
        step: "公开检查结果",
    }
}
