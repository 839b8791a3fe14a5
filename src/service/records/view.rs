//! The procedure of a record as it is shown: its events, what is running, its files.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    AttachmentView,
    checks::{missing, permitted},
    standing::{Process, standing, told},
};
use crate::{
    domain::{Day, Deadline, Duty},
    procedure::record::{self, Case, Illegal, Terms},
    service::{
        App, Error,
        permission::{Action, Actor},
    },
    store::{
        Db, attachments,
        records::{self, events},
    },
};

/// The procedure of a record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProcessView {
    pub id: String,
    /// Both go back with the next step.
    pub version: i64,
    pub events: i64,
    /// `draft`, `confirmed`, `disputed` or `revoked`.
    pub status: String,
    /// The last notice, objection and rectification.
    #[schema(value_type = Object)]
    pub case: Case,
    pub history: Vec<EventView>,
    pub clocks: Vec<ClockView>,
    /// Why the clocks are not told: the calendar does not cover a period yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clocks_fault: Option<String>,
    pub attachments: Vec<AttachmentView>,
}

/// Something that happened: a version that arrived, or an event beside the versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EventView {
    pub at: String,
    /// The cause of a version, or the name of a step.
    pub what: String,
    /// The version that arrived; absent for an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// The number of the event; absent for a version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<i64>,
    pub actor: String,
    /// In which role the step was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    pub reason: String,
    /// The event as it was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub data: Option<serde_json::Value>,
}

/// A running deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClockView {
    /// Id of its kind, as in `rules/deadlines.toml`.
    pub rule: String,
    pub title: String,
    /// `bureau` or `company`.
    #[schema(value_type = String)]
    pub duty: Duty,
    pub basis: String,
    pub verified: bool,
    /// In words: 3个工作日.
    pub period: String,
    pub start_event: String,
    #[schema(value_type = String)]
    pub start: Day,
    /// Last day on which acting is in time.
    #[schema(value_type = String)]
    pub due: Day,
    pub overdue: bool,
    /// Version of the calendar it was worked out with.
    pub calendar: String,
}

/// The procedure of a record as it stands.
pub fn read_process(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    now: DateTime<Utc>,
) -> Result<ProcessView, Error> {
    let current = records::current(db, id)?.ok_or_else(|| missing(id))?;
    permitted(db, actor, Action::ReadRecord, &current)?;
    process(db, app, id, now)
}

/// The same for a caller who has made sure that the reader may see it.
pub(in crate::service) fn process(
    db: &mut Db,
    app: &App,
    id: &str,
    now: DateTime<Utc>,
) -> Result<ProcessView, Error> {
    let versions = records::history(db, id)?;
    let current = versions.last().ok_or_else(|| missing(id))?;
    let process = Process::read(db, id)?;
    let today = Day::of(now);
    let ruleset = app.rules.in_force(today)?;
    let content = told(db, ruleset, &current.record, today)?;
    let standing = standing(current, &versions, content);
    let terms = Terms {
        rules: &app.deadlines,
        calendar: &app.calendar,
    };
    let (running, clocks_fault) = match record::clocks(&process.case, &standing, today, terms) {
        Ok(running) => (running, None),
        Err(fault @ Illegal::Deadline(_)) => (Vec::new(), Some(fault.to_string())),
        Err(fault) => return Err(fault.into()),
    };
    let clocks = running
        .iter()
        .map(|deadline| clock(app, deadline, today))
        .collect::<Result<_, _>>()?;
    let mut history: Vec<(DateTime<Utc>, EventView)> = versions
        .iter()
        .map(|version| (version.recorded_at, of_version(version)))
        .collect();
    for event in events::of_record(db, id)? {
        history.push((event.at, of_event(&event)?));
    }
    // Of one instant: the event comes before the version that it led to.
    history.sort_by_key(|(at, line)| (*at, line.event.is_none()));
    let files = attachments::of_record(db, id)?;
    Ok(ProcessView {
        id: id.to_owned(),
        version: current.version,
        events: process.case.events,
        status: current.record.status.as_str().to_owned(),
        history: history.into_iter().map(|(_, line)| line).collect(),
        clocks,
        clocks_fault,
        attachments: files
            .iter()
            .map(|file| AttachmentView::of(file, &process.events))
            .collect(),
        case: process.case,
    })
}

fn of_version(version: &records::RecordVersion) -> EventView {
    EventView {
        at: version.recorded_at.to_rfc3339(),
        what: version.cause.as_str().to_owned(),
        version: Some(version.version),
        event: None,
        actor: version.actor.clone(),
        role: None,
        reason: String::new(),
        data: None,
    }
}

fn of_event(stored: &events::RecordEvent) -> Result<EventView, Error> {
    let event = &stored.event;
    let data = serde_json::from_str(&event.data).map_err(|source| Error::Stored {
        what: "记录的事件",
        source,
    })?;
    Ok(EventView {
        at: stored.at.to_rfc3339(),
        what: event.kind.clone(),
        version: None,
        event: Some(stored.seq),
        actor: event.actor.clone(),
        role: Some(event.role.clone()),
        reason: event.reason.clone(),
        data: Some(data),
    })
}

fn clock(app: &App, deadline: &Deadline, today: Day) -> Result<ClockView, Error> {
    let rule = app.deadlines.get(&deadline.rule).map_err(Illegal::from)?;
    Ok(ClockView {
        rule: rule.id.clone(),
        title: rule.title.clone(),
        duty: rule.duty,
        basis: rule.basis.clone(),
        verified: rule.verified,
        period: deadline.period.chinese(),
        start_event: deadline.start_event.clone(),
        start: deadline.start,
        due: deadline.due,
        overdue: today > deadline.due,
        calendar: deadline.calendar.clone(),
    })
}
