//! A record of the demo with its due process: entered, confirmed, told, objected to, kept.

use serde_json::{Value, json};

use super::{
    Stage,
    papers::{self, read},
    people::Person,
    shanghai,
};
use crate::{
    cli::Failure,
    domain::{Day, Uscc},
    service::{self, RecordDraft, RecordStep},
};

/// Enters, confirms and serves a record on 9 July, has it objected to, and rejects the objection on the 10th.
pub(super) fn walk(
    stage: &Stage,
    company: Uscc,
    example: &(String, String),
) -> Result<(), Failure> {
    let people = &stage.people;
    stage.hand.set(shanghai(7, 9, 10));
    let today = Day::of(stage.hand.now());
    let draft = RecordDraft {
        item: Some(example.0.clone()),
        kind: Some(example.1.clone()),
        company: Some(company.to_string()),
        occurred_on: Some(today.to_string()),
        decided_on: Some(today.to_string()),
        ..RecordDraft::default()
    };
    let (app, now) = (&stage.app, stage.hand.now());
    let entered = app
        .store
        .write(|db| service::enter_record(db, app, &people.officer.actor, &draft, now))?;
    let id = entered.id;
    app.store.write(|db| {
        service::confirm_record(db, app, &people.reviewer.actor, &id, entered.version, now)
    })?;
    let paper = papers::record_notice(stage, &id)?;
    let steps = [
        (
            &people.officer,
            json!({ "step": "notice", "number": paper.mark }),
        ),
        (
            &people.officer,
            json!({ "step": "served", "method": { "method": "direct" }, "delivered_on": today, "proof": "送达回证（示例）" }),
        ),
        (
            &people.officer,
            json!({ "step": "object", "number": "异〔2026〕1号", "grounds": "与事实不符（示例）", "received_on": today }),
        ),
    ];
    for (person, step) in steps {
        take(stage, person, &id, step)?;
    }
    stage.hand.set(shanghai(7, 9, 16));
    let reject = json!({ "step": "reject", "reason": "经现场复核，事实清楚（示例）" });
    if take(stage, &people.reviewer, &id, reject.clone()).is_ok() {
        return Err(Failure::Input(
            "who confirmed a record could examine the objection to it".to_owned(),
        ));
    }
    take(stage, &people.examiner, &id, reject)
}

/// Takes a step upon the record as it is now.
fn take(stage: &Stage, person: &Person, id: &str, step: Value) -> Result<(), Failure> {
    let step = read(step)?;
    let (app, actor, now) = (&stage.app, &person.actor, stage.hand.now());
    let seen = app
        .store
        .read(|db| service::read_process(db, app, actor, id, now))?;
    let asked = RecordStep {
        version: seen.version,
        events: seen.events,
        step,
        record: None,
    };
    app.store
        .write(|db| service::step_record(db, app, actor, id, &asked, now))?;
    Ok(())
}
