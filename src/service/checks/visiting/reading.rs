//! A visit for those who make it or read the checks of its division.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    PhotoView, ShownItem, TaskState, Visit, VisitOf, libraries::officer_of, may,
    showing::shown_items,
};
use crate::{
    procedure::inspection::{Clause, Report, Signature},
    service::{
        App, Error,
        permission::{Action, Actor},
    },
    store::{
        Db,
        checks::{self as kept},
        inspections,
    },
};

/// A visit in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitLine {
    pub task: String,
    pub attempt: i64,
    pub object: String,
    /// `company` or `project`.
    pub kind: String,
    pub name: String,
    pub company: String,
    pub company_name: String,
    pub district: String,
    /// `due`, `on_site`, `recorded`, `confirmed`, `unsigned`, `closed`, `hindered`, `not_possible` or `annulled`.
    pub state: String,
    pub state_name: String,
    /// Give it back with the next step; 0: nobody came yet.
    pub version: i64,
    /// What the company looks the visit up by; from the arrival on.
    pub code: Option<String>,
    pub officers: Vec<String>,
    pub from: String,
    pub until: String,
    pub arrived_on: Option<String>,
    pub settled_on: Option<String>,
}

/// A visit with what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitView {
    #[serde(flatten)]
    pub line: VisitLine,
    pub items: Vec<ShownItem>,
    /// The clauses to be gone through.
    #[schema(value_type = Vec<Object>)]
    pub checklist: Vec<Clause>,
    #[schema(value_type = Option<Object>)]
    pub report: Option<Report>,
    pub rectify_by: Option<String>,
    /// Officers.
    pub confirmed_by: Vec<String>,
    pub hindrance: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub signature: Option<Signature>,
    /// Officers.
    pub witnessed_by: Vec<String>,
    /// Why it was taken back.
    pub annulled: Option<String>,
    pub records: Vec<VisitRecord>,
    pub files: Vec<PhotoView>,
}

/// The record that a finding became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitRecord {
    /// Of the rule set.
    pub item: String,
    pub record: String,
}

impl VisitLine {
    fn of(visit: &Visit) -> Self {
        let code = visit.row.as_ref().and_then(|row| row.code.as_ref());
        Self {
            task: visit.key.task.clone(),
            attempt: visit.key.attempt,
            object: visit.key.object.clone(),
            kind: visit.subject.kind.clone(),
            name: visit.subject.name.clone(),
            company: visit.company.to_string(),
            company_name: visit.subject.company_name.clone(),
            district: visit.subject.district.to_string(),
            state: visit.case.state.as_str().to_owned(),
            state_name: visit.case.state.chinese().to_owned(),
            version: visit.case.events,
            code: code.map(|code| code.text.clone()),
            officers: visit.team.clone(),
            from: visit.subject.from.to_string(),
            until: visit.subject.until.to_string(),
            arrived_on: visit.case.arrived_on.map(|day| day.to_string()),
            settled_on: visit.case.settled_on.map(|day| day.to_string()),
        }
    }
}

impl VisitView {
    pub(super) fn of(db: &mut Db, visit: &Visit) -> Result<Self, Error> {
        let case = &visit.case;
        let records = inspections::records(db, &visit.key)?.into_iter();
        let files = inspections::files(db, &visit.key)?;
        Ok(Self {
            line: VisitLine::of(visit),
            items: shown_items(&visit.subject),
            checklist: visit.subject.checklist.clauses.clone(),
            report: case.report.clone(),
            rectify_by: case.rectify_by.map(|day| day.to_string()),
            confirmed_by: case.confirmed_by.iter().cloned().collect(),
            hindrance: case.hindrance.clone(),
            signature: case.signature.clone(),
            witnessed_by: case.witnessed_by.iter().cloned().collect(),
            annulled: case.annulled.clone(),
            records: records
                .map(|(item, record)| VisitRecord { item, record })
                .collect(),
            files: files.iter().map(PhotoView::of).collect(),
        })
    }
}

/// One visit.
pub fn read_visit(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    of: VisitOf<'_>,
    now: DateTime<Utc>,
) -> Result<VisitView, Error> {
    may(actor, Action::ReadCheck)?;
    let visit = Visit::find(db, app, actor, of, now)?;
    VisitView::of(db, &visit)
}

/// The visits of the officer whose account the caller's is: of the last attempt of each task, the last task first.
pub fn my_visits(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Vec<VisitLine>, Error> {
    may(actor, Action::Inspect)?;
    let Some(officer) = officer_of(db, &actor.id)? else {
        return Ok(Vec::new());
    };
    let mut lines = Vec::new();
    for task in kept::tasks(db, None)? {
        let drawn = [TaskState::Drawn, TaskState::Revealed];
        if !drawn.iter().any(|state| state.as_str() == task.state) {
            continue;
        }
        let mine = kept::of_task(db, &task.id)?;
        for one in mine.iter().filter(|one| one.officers.contains(&officer)) {
            let of = VisitOf {
                task: &task.id,
                object: &one.object,
                attempt: None,
            };
            lines.push(VisitLine::of(&Visit::find(db, app, actor, of, now)?));
        }
    }
    Ok(lines)
}
