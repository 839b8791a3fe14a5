//! Complaints (四级投诉) as use cases: received, walked through the levels, counted.
//!
//! What is lawful is decided by [`crate::procedure::complaint`]; here a token's role and division become a capacity and a
//! standing, and the complaint, its event and the audit line are stored together. The complainant's contact is stored
//! apart, given to the handling office alone, and never part of a view, an event or an audit line.

mod entering;
mod importing;
mod reading;
mod statistics;
mod stepping;
mod views;

use chrono::{DateTime, Utc};

use super::{
    App, Error, FieldFault,
    deadlines::{Kept, follow_complaint},
    permission::Actor,
};
use crate::{
    domain::find_personal,
    procedure::complaint::{self, Complaint, Terms, level_code},
    store::{Db, audit, complaints as kept},
};

pub use entering::{ComplaintDraft, ContactDraft, enter_complaint};
pub use importing::{ComplaintImport, ImportedComplaints, import_complaints};
pub use reading::{ComplaintQuestion, complaint_contact, list_complaints, read_complaint};
pub(super) use statistics::public_rates;
pub use statistics::{
    ComplaintStatistics, GroupFigures, RateDefinition, RateFigure, StatisticsQuestion,
    complaint_statistics,
};
pub use stepping::{ProposedRecord, RecordProposal, propose_record, step_complaint};
pub use views::{ComplaintEventView, ComplaintLine, ComplaintPage, ComplaintView, ContactView};

impl App {
    /// What complaints are judged by.
    fn complaint_terms(&self) -> Terms<'_> {
        Terms {
            policy: &self.complaints,
            deadlines: &self.deadlines,
            calendar: &self.calendar,
        }
    }
}

/// The complaint with this id.
fn found(db: &mut Db, id: &str) -> Result<kept::Complaint, Error> {
    kept::by_id(db, id)?.ok_or_else(|| Error::Missing {
        what: "投诉",
        id: id.to_owned(),
    })
}

/// The complaint that a row keeps.
fn parse(row: &kept::Complaint) -> Result<Complaint, Error> {
    serde_json::from_str(&row.kept.now.data).map_err(|source| Error::Stored {
        what: "投诉",
        source,
    })
}

/// Stores what runs for a complaint now.
pub(super) fn follow(db: &mut Db, app: &App, id: &str, now: DateTime<Utc>) -> Result<Kept, Error> {
    let complaint = parse(&found(db, id)?)?;
    follow_complaint(db, app, &complaint, now)
}

/// What a row keeps of a complaint.
fn state_of(complaint: &Complaint) -> Result<kept::ComplaintState, Error> {
    Ok(kept::ComplaintState {
        office: complaint.desk.office.clone(),
        level: level_code(complaint.level()).to_owned(),
        state: complaint.state.name().as_str().to_owned(),
        due_on: complaint::clocks(complaint).iter().map(|one| one.due).min(),
        data: to_json(complaint)?,
    })
}

fn to_json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|source| Error::Stored {
        what: "投诉",
        source,
    })
}

/// A fault, if a text that many may read names somebody by number.
fn no_number_in(field: &str, text: &str) -> Option<FieldFault> {
    let (kind, shown) = find_personal(text)?;
    let what = format!(
        "文本中有{} {shown}；联系方式请填入 contact，不要写在正文里",
        kind.chinese()
    );
    Some(FieldFault::new(field, "E032", what))
}

/// Writes the audit line: what was done to which complaint, in no words of anybody.
fn note(
    db: &mut Db,
    actor: &Actor,
    action: &str,
    complaint: &Complaint,
    step: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let data = serde_json::json!({
        "step": step,
        "state": complaint.state.name().as_str(),
        "office": complaint.desk.office,
    });
    let event = audit::NewAudit {
        company: complaint.company,
        actor: actor.id.clone(),
        action: action.to_owned(),
        subject: format!("complaint {}", complaint.id),
        data: data.to_string(),
    };
    audit::append(db, &event, now)?;
    Ok(())
}
