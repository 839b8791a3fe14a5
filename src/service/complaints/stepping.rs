//! One step of a complaint, and the record that a justified one leads to.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ComplaintLine, found, no_number_in, note, parse, state_of, to_json};
use crate::{
    domain::Day,
    procedure::complaint::{
        By, Capacity, Complaint, Destination, Standing, Step, apply, level_code,
    },
    service::{
        App, Entered, Error, FieldFault, RecordDraft,
        deadlines::follow_complaint,
        permission::{Action, Actor},
        records::enter_record,
    },
    store::{Db, audit, complaints as kept},
};

/// A record that a complaint found justified leads to: a draft, which another person confirms.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordProposal {
    /// The version of the complaint that the caller has seen.
    pub version: i64,
    /// Id of the item of the rule set.
    #[schema(example = "CMP-01")]
    pub item: String,
    /// Left out: `complaint`.
    #[serde(default)]
    pub kind: Option<String>,
    #[serde(default)]
    #[schema(example = "2026-06-01")]
    pub occurred_on: Option<String>,
    #[serde(default)]
    pub decided_on: Option<String>,
    /// Chosen points, for items whose points are chosen within a range.
    #[serde(default)]
    pub points: Option<String>,
    /// Why these points.
    #[serde(default)]
    pub reason: Option<String>,
    /// Values of the attributes that the rule set declares; `level` is that of the handling office where it is left out.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

/// The complaint, and the draft that was entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProposedRecord {
    pub complaint: ComplaintLine,
    pub record: Entered,
}

/// Takes one step of a complaint.
pub fn step_complaint(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    expected: i64,
    step: &Step,
    now: DateTime<Utc>,
) -> Result<ComplaintLine, Error> {
    let row = seen(db, actor, id, expected, step.name().capacity())?;
    readable(app, step)?;
    let complaint = parse(&row)?;
    take(db, app, actor, (&row, &complaint), step, now)
}

/// Enters a record for a complaint found justified, as a draft that keeps to the usual way: another person confirms it.
pub fn propose_record(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    proposal: &RecordProposal,
    now: DateTime<Utc>,
) -> Result<ProposedRecord, Error> {
    let row = seen(db, actor, id, proposal.version, Capacity::Handler)?;
    let complaint = parse(&row)?;
    let step = |record: &str| Step::ProposeRecord {
        item: proposal.item.clone(),
        record: record.to_owned(),
    };
    // Whether there may be one at all, before anything is entered.
    let by = by(actor, &complaint, Capacity::Handler);
    apply(&complaint, &step(""), &by, now, app.complaint_terms())?;
    let draft = draft(app, &complaint, proposal, now)?;
    let record = enter_record(db, app, actor, &draft, now)?;
    let event = audit::NewAudit {
        company: complaint.company,
        actor: actor.id.clone(),
        action: "record.from_complaint".to_owned(),
        subject: format!("record {}", record.id),
        data: serde_json::json!({ "complaint": complaint.id }).to_string(),
    };
    audit::append(db, &event, now)?;
    let step = step(&record.id);
    let complaint = take(db, app, actor, (&row, &complaint), &step, now)?;
    Ok(ProposedRecord { complaint, record })
}

/// The complaint, if the actor may do this to it and has seen it.
fn seen(
    db: &mut Db,
    actor: &Actor,
    id: &str,
    expected: i64,
    capacity: Capacity,
) -> Result<kept::Complaint, Error> {
    let row = found(db, id)?;
    let action = match capacity {
        Capacity::Handler => Action::HandleComplaint,
        Capacity::Reviewer => Action::ReviewComplaint,
    };
    actor.check(action, Some(&row.kept.now.office))?;
    if row.version != expected {
        return Err(Error::Changed {
            what: "投诉",
            id: id.to_owned(),
        });
    }
    Ok(row)
}

fn by(actor: &Actor, complaint: &Complaint, capacity: Capacity) -> By {
    By {
        id: actor.id.clone(),
        capacity,
        standing: Standing::of(actor.region.as_ref(), &complaint.desk.office),
    }
}

fn take(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    (row, complaint): (&kept::Complaint, &Complaint),
    step: &Step,
    now: DateTime<Utc>,
) -> Result<ComplaintLine, Error> {
    // The permission is the capacity: who may not act in it was refused before.
    let by = by(actor, complaint, step.name().capacity());
    let after = apply(complaint, step, &by, now, app.complaint_terms())?;
    let state = state_of(&after)?;
    let event = kept::NewEvent {
        kind: step.name().as_str().to_owned(),
        actor: actor.id.clone(),
        office: complaint.desk.office.clone(),
        data: to_json(step)?,
    };
    let version = kept::append_event(db, row, &state, &event, now)?;
    note(db, actor, "complaint.step", &after, &event.kind, now)?;
    follow_complaint(db, app, &after, now)?;
    Ok(ComplaintLine::of(app, &after, version, state.due_on, now))
}

/// What is said in a step names nobody by number, and no office that is not there.
fn readable(app: &App, step: &Step) -> Result<(), Error> {
    let mut faults: Vec<FieldFault> = step
        .texts()
        .into_iter()
        .filter_map(|(field, text)| no_number_in(field, text.as_str()))
        .collect();
    if let Step::Transfer {
        to: Destination::Office(office),
        ..
    } = step
        && app.regions.name(office).is_none()
    {
        let what = format!("行政区划代码 {office} 未登记");
        faults.push(FieldFault::new("to/office", "E031", what));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(faults))
    }
}

fn draft(
    app: &App,
    complaint: &Complaint,
    proposal: &RecordProposal,
    now: DateTime<Utc>,
) -> Result<RecordDraft, Error> {
    let mut attributes = proposal.attributes.clone();
    let schema = app.rules.in_force(Day::of(now))?.schema();
    let level = level_code(complaint.level());
    if !attributes.contains_key("level")
        && let Some(kind) = schema.get("level")
        && kind.parse(level).is_ok()
    {
        attributes.insert("level".to_owned(), level.to_owned());
    }
    Ok(RecordDraft {
        item: Some(proposal.item.clone()),
        kind: Some(proposal.kind.clone().unwrap_or_else(|| "complaint".into())),
        company: complaint.company.map(|company| company.to_string()),
        project: complaint.project.clone(),
        occurred_on: proposal.occurred_on.clone(),
        decided_on: proposal.decided_on.clone(),
        points: proposal.points.clone(),
        reason: proposal.reason.clone(),
        // One complaint is one matter, at whichever level it is dealt with.
        matter: Some(complaint.id.clone()),
        attributes,
        ..RecordDraft::default()
    })
}
