//! Complaints as officers see them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::parse;
use crate::{
    domain::Day,
    procedure::complaint::{Complaint, level_code, level_title, possible},
    service::{App, Error},
    store::complaints as kept,
};

/// A complaint in a list, and what a step answers: nothing that anybody wrote, and nobody's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComplaintLine {
    pub id: String,
    /// Number of events: give it back with the next step.
    pub version: i64,
    pub company: Option<String>,
    pub project: Option<String>,
    /// `window`, `phone`, `12345`, `online` or `referred`.
    pub channel: String,
    pub channel_name: String,
    /// Number of the work order at the source.
    pub reference: Option<String>,
    /// Id of the category.
    pub category: String,
    pub category_title: String,
    /// Division code of the office that has it.
    pub office: String,
    pub office_name: String,
    /// `community`, `street`, `county` or `city`.
    pub level: String,
    pub level_name: String,
    /// `received`, `refused`, `accepted`, `handled`, `visited`, `closed` or `transferred`.
    pub state: String,
    pub state_name: String,
    /// By the first office.
    pub received_on: String,
    /// Last day of the running deadline.
    pub due_on: Option<String>,
    pub overdue: bool,
    /// Id of the record that it led to.
    pub record: Option<String>,
    /// The steps that are lawful now, whoever's they are.
    pub possible: Vec<String>,
}

/// A page of complaints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComplaintPage {
    pub complaints: Vec<ComplaintLine>,
    /// Give it back for the next page; absent on the last.
    pub next: Option<String>,
}

/// A complaint with its text and its way; without the complainant.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ComplaintView {
    #[serde(flatten)]
    pub line: ComplaintLine,
    /// The whole complaint.
    #[schema(value_type = Object)]
    pub complaint: Complaint,
    /// What happened, in order.
    pub events: Vec<ComplaintEventView>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ComplaintEventView {
    pub seq: i64,
    pub at: String,
    pub actor: String,
    /// The office that had it then.
    pub office: String,
    /// `receive`, or the name of a step.
    pub kind: String,
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

/// Who complained.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContactView {
    pub name: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
}

impl std::fmt::Debug for ContactView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ContactView(***)")
    }
}

impl ComplaintLine {
    pub(super) fn of(
        app: &App,
        complaint: &Complaint,
        version: i64,
        due_on: Option<Day>,
        now: DateTime<Utc>,
    ) -> Self {
        let category = app.complaints.category(&complaint.category);
        let office = &complaint.desk.office;
        Self {
            id: complaint.id.clone(),
            version,
            company: complaint.company.map(|company| company.to_string()),
            project: complaint.project.clone(),
            channel: complaint.channel.as_str().to_owned(),
            channel_name: complaint.channel.chinese().to_owned(),
            reference: complaint.reference.clone(),
            // A category may have left the file since.
            category_title: category
                .map_or(&complaint.category, |category| &category.title)
                .clone(),
            category: complaint.category.clone(),
            office_name: app.regions.path(office),
            office: office.to_string(),
            level: level_code(complaint.level()).to_owned(),
            level_name: level_title(complaint.level()).to_owned(),
            state: complaint.state.name().as_str().to_owned(),
            state_name: complaint.state.name().chinese().to_owned(),
            received_on: complaint.received_on.to_string(),
            due_on: due_on.map(|day| day.to_string()),
            overdue: due_on.is_some_and(|due| Day::of(now) > due),
            record: complaint.record.clone(),
            possible: possible(complaint)
                .into_iter()
                .map(|step| step.as_str().to_owned())
                .collect(),
        }
    }

    pub(super) fn of_row(
        app: &App,
        row: &kept::Complaint,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let due_on = row.kept.now.due_on;
        Ok(Self::of(app, &parse(row)?, row.version, due_on, now))
    }
}
