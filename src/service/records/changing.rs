//! Correcting, rectifying and revoking at the bureau's own motion; what an objection or a report of the company leads to is
//! in `process`.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Entered, Step,
    checks::{checked, level_allowed, not_revoked, required, seen},
    process::{Open, nothing_open},
};
use crate::{
    domain::{Day, Record, RecordStatus, Uscc},
    rules::RuleSet,
    service::{
        App, Error, FieldFault, RecordDraft,
        draft::read_draft,
        permission::{Action, Actor},
    },
    store::{Db, records::Cause, scores::ScoreCause},
};

/// A correction: the whole record as it should be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The version the caller has seen.
    pub version: i64,
    pub reason: String,
    pub record: RecordDraft,
}

/// Corrects a record: the draft given replaces what was entered; its subject stays.
pub fn correct_record(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    correction: &Correction,
    now: DateTime<Utc>,
) -> Result<Entered, Error> {
    let Correction {
        version: expected,
        reason,
        record: draft,
    } = correction;
    let expected = *expected;
    let reason = required(reason, "reason", "更正须写明理由")?;
    let current = seen(db, actor, Action::CorrectRecord, id, expected)?;
    not_revoked(&current, "更正")?;
    nothing_open(db, id, Open::Objection, "更正")?;
    actor.differs_from(&current.actor, Action::CorrectRecord)?;
    let ruleset = app.rules.in_force(Day::of(now))?;
    let old = &current.record;
    let record = corrected(ruleset, actor, Action::CorrectRecord, old, draft)?;
    let step = Step {
        cause: Cause::Corrected,
        score_cause: ScoreCause::Correction,
        action: "record.correct",
        reason,
    };
    step.store(db, app, actor, &record, current.version, now)
}

/// Registers that the matter was rectified (整改) on a day.
pub fn rectify_record(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    expected: i64,
    rectified_on: Day,
    now: DateTime<Utc>,
) -> Result<Entered, Error> {
    let current = seen(db, actor, Action::RectifyRecord, id, expected)?;
    not_revoked(&current, "登记整改")?;
    nothing_open(db, id, Open::Rectification, "登记整改")?;
    if rectified_on > Day::of(now) {
        let what = format!("整改完成日期 {rectified_on} 晚于今天");
        return Err(Error::Invalid(vec![FieldFault::new(
            "rectified_on",
            "E003",
            what,
        )]));
    }
    let mut record = current.record;
    record.rectified_on = Some(rectified_on);
    checked(app.rules.in_force(Day::of(now))?, &record)?;
    let step = Step {
        cause: Cause::Rectified,
        score_cause: ScoreCause::NewFact,
        action: "record.rectify",
        reason: "",
    };
    step.store(db, app, actor, &record, current.version, now)
}

/// Revokes (撤销) a record: it never counted.
pub fn revoke_record(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    expected: i64,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Entered, Error> {
    let reason = required(reason, "reason", "撤销须写明理由")?;
    let current = seen(db, actor, Action::RevokeRecord, id, expected)?;
    not_revoked(&current, "撤销")?;
    nothing_open(db, id, Open::Objection, "撤销")?;
    actor.differs_from(&current.actor, Action::RevokeRecord)?;
    let ruleset = app.rules.in_force(Day::of(now))?;
    if let Some(item) = ruleset.item(&current.record.item) {
        level_allowed(&item.confirm_by, actor, Action::RevokeRecord)?;
    }
    let mut record = current.record;
    record.status = RecordStatus::Revoked;
    let step = Step {
        cause: Cause::Revoked,
        score_cause: ScoreCause::Correction,
        action: "record.revoke",
        reason,
    };
    step.store(db, app, actor, &record, current.version, now)
}

/// A record with its content replaced by a draft; its subject, its mark and its rectification stay. The draft stands in what
/// was submitted under `/record`.
pub(super) fn corrected(
    ruleset: &RuleSet,
    actor: &Actor,
    action: Action,
    old: &Record,
    draft: &RecordDraft,
) -> Result<Record, Error> {
    // Neither what it was nor what it becomes may be another level's to confirm.
    if let Some(item) = ruleset.item(&old.item) {
        level_allowed(&item.confirm_by, actor, action)?;
    }
    let in_record = |fault: Error| fault.under("/record");
    let draft = same_subject(draft, old).map_err(in_record)?;
    let read = read_draft(&draft, old.id.clone(), ruleset.schema()).map_err(in_record)?;
    let record = Record {
        status: old.status,
        entered_on: old.entered_on,
        body: old.body.clone(),
        company: old.company,
        project: old.project.clone(),
        manager: old.manager.clone(),
        rectified_on: old.rectified_on,
        ..read
    };
    let item = checked(ruleset, &record).map_err(in_record)?;
    level_allowed(&item.confirm_by, actor, action)?;
    Ok(record)
}

/// The draft of a correction with the subject of the record, which stays; it may be left out.
fn same_subject(draft: &RecordDraft, old: &Record) -> Result<RecordDraft, Error> {
    let subject = [
        (
            "company",
            &draft.company,
            old.company.map(|uscc| uscc.to_string()),
        ),
        ("project", &draft.project, old.project.clone()),
        ("manager", &draft.manager, old.manager.clone()),
    ];
    let mut faults = Vec::new();
    for (field, given, kept) in &subject {
        let given = given
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        let same = |text: &str| match *field {
            "company" => Uscc::parse(text).ok().as_ref() == old.company.as_ref(),
            _ => Some(text) == kept.as_deref(),
        };
        if given.is_some_and(|text| !same(text)) {
            let what = "更正不能改变记录的对象，请撤销后重新录入";
            faults.push(FieldFault::new(field, "E009", what));
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let [(_, _, company), (_, _, project), (_, _, manager)] = subject;
    Ok(RecordDraft {
        company,
        project,
        manager,
        ..draft.clone()
    })
}
