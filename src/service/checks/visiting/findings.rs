//! What was found becomes a draft of a record, once, and goes through the due process of records like any other; what is taken
//! back takes its records with it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::Visit;
use crate::{
    domain::{Day, RecordKind, RecordStatus},
    procedure::inspection::{Finding, Report},
    service::{
        App, Error, FieldFault, RecordDraft,
        permission::{Action, Actor},
        records::{enter_record, prepared_record, revoke_record},
    },
    store::{
        Db,
        attachments::{self, Attachment},
        inspections, records,
    },
};

/// The officers act for the division of the task, whichever division they are of: the draw sends them.
fn acting(visit: &Visit, actor: &Actor) -> Actor {
    let district = &visit.open.row.district;
    match actor.check(Action::EnterRecord, Some(district)) {
        Ok(()) => actor.clone(),
        Err(_) => Actor {
            region: Some(district.clone()),
            ..actor.clone()
        },
    }
}

/// The record that a finding becomes: it cites the task, the visit and the clause.
fn draft(
    visit: &Visit,
    item: &str,
    finding: &Finding,
    (arrived_on, rectify_by): (Option<Day>, Option<Day>),
) -> RecordDraft {
    let clause = visit.subject.checklist.get(item);
    let clause = clause.map_or(item, |clause| clause.clause.as_str());
    let project = match visit.subject.kind.as_str() {
        "project" => Some(visit.key.object.clone()),
        _ => finding.project.as_ref().map(ToString::to_string),
    };
    RecordDraft {
        item: Some(item.to_owned()),
        kind: Some(RecordKind::SpotCheck.as_str().to_owned()),
        company: Some(visit.company.to_string()),
        project,
        occurred_on: arrived_on.map(|day| day.to_string()),
        points: finding.points.map(|points| points.to_string()),
        reason: Some(format!(
            "双随机抽查 {}（第{}次抽取）检查 {}：{clause}。{}",
            visit.key.task, visit.key.attempt, visit.key.object, finding.what
        )),
        rectify_by: rectify_by.map(|day| day.to_string()),
        attributes: finding.attributes.clone(),
        ..RecordDraft::default()
    }
}

/// Whether everything that was found can become a record, and every photograph is there.
pub(super) fn check(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    visit: &Visit,
    report: &Report,
    rectify_by: Option<Day>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let files = inspections::files(db, &visit.key)?;
    let there: BTreeSet<&str> = files.iter().map(|file| file.digest.as_str()).collect();
    let mut faults = Vec::new();
    for (index, photo) in report.photos.iter().enumerate() {
        if !there.contains(photo.as_str()) {
            let what = format!("这次检查没有摘要为 {photo} 的照片，请先上传");
            let field = format!("report/photos/{index}");
            faults.push(FieldFault::new(&field, "E010", what));
        }
    }
    let actor = acting(visit, actor);
    for (line, item, finding) in report.findings() {
        let draft = draft(visit, item, finding, (visit.case.arrived_on, rectify_by));
        let place = format!("/report/lines/{line}/finding");
        match prepared_record(db, app, &actor, &draft, now).map_err(|fault| fault.under(&place)) {
            Ok(_) => {}
            Err(Error::Invalid(found)) => faults.extend(found),
            Err(fault) => return Err(fault),
        }
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(faults)),
    }
}

/// Enters what was found: a draft for each finding that has none yet.
pub(super) fn enter(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    visit: &Visit,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let Some(report) = &visit.case.report else {
        return Ok(());
    };
    let known = inspections::records(db, &visit.key)?;
    let files = inspections::files(db, &visit.key)?;
    let actor = acting(visit, actor);
    let days = (visit.case.arrived_on, visit.case.rectify_by);
    for (_, item, finding) in report.findings() {
        if known.iter().any(|(one, _)| one == item) {
            continue;
        }
        let entered = enter_record(db, app, &actor, &draft(visit, item, finding, days), now)?;
        inspections::add_record(db, &visit.key, item, &entered.id, now)?;
        let shown = files.iter().filter(|file| {
            let mut photos = report.photos.iter();
            photos.any(|photo| photo.as_str() == file.digest)
        });
        for file in shown {
            let evidence = Attachment {
                company: Some(visit.company),
                record: entered.id.clone(),
                digest: file.digest.clone(),
                media: file.media.clone(),
                size: file.size,
                name: file.name.clone(),
                about: "record".to_owned(),
                actor: actor.id.clone(),
                at: now,
            };
            attachments::add(db, &evidence)?;
        }
    }
    Ok(())
}

/// Revokes what hangs on a visit.
///
/// # Errors
/// Those of a revocation: one that an objection is open against is settled there first, and who confirmed a record does not
/// revoke it.
pub(super) fn revoke(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    visit: &Visit,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let reason = format!("抽查检查撤销：{reason}");
    for (_, id) in inspections::records(db, &visit.key)? {
        let current = records::current(db, &id)?;
        if let Some(current) = current
            && current.record.status != RecordStatus::Revoked
        {
            revoke_record(db, app, actor, &id, current.version, &reason, now)?;
        }
    }
    Ok(())
}
