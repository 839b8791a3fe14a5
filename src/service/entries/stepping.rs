//! One step of an entry, with everything that follows from it: the event, the outbox row, the audit line, the rescoring.

use chrono::{DateTime, Utc};

use super::{list_type, note, of_companies, parse, rows::stored};
use crate::{
    listing::{self, Action, Actor, Entry, FeedIntent, ListClass, ListType},
    service::{
        App, Error, FieldFault, canonical,
        rescore::{self, Why},
    },
    store::{Db, companies, entries as kept, feed as outbox, scores::ScoreCause},
};

/// The step itself, with everything that follows from it.
pub(super) fn take(
    db: &mut Db,
    app: &App,
    row: &kept::Entry,
    actor: &Actor,
    action: &Action,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let entry = parse(row)?;
    let list = list_type(app, &entry.list)?;
    let transition = listing::apply(&entry, action, actor, now, list, &app.calendar)?;
    let others = of_companies(db, &[entry.company])?;
    if matches!(action, Action::Decide(_)) && list.class() == ListClass::Red {
        refuse_beside_adverse(&others, &transition.entry)?;
    }
    let (state, event) = stored(&transition)?;
    kept::append_event(db, row, &state, &event, now)?;
    if let Some(intent) = transition.feed {
        tell_platform(db, app, list, &transition.entry, intent, now)?;
    }
    if matches!(action, Action::Decide(_)) {
        withdraw_red(db, app, &others, &transition.entry, now)?;
    }
    note(db, actor.id.as_str(), "entry.step", &transition, now)?;
    rescore::companies(db, app, &[entry.company], Why::of(ScoreCause::NewFact), now)?;
    Ok(())
}

/// A company with an adverse entry in force is not put on the red list.
fn refuse_beside_adverse(others: &[Entry], red: &Entry) -> Result<(), Error> {
    let mut all: Vec<Entry> = others
        .iter()
        .filter(|other| other.id != red.id)
        .cloned()
        .collect();
    all.push(red.clone());
    if listing::conflicts(&all, Some(red.id)).is_empty() {
        return Ok(());
    }
    Err(Error::WrongState {
        what: "企业",
        id: red.company.to_string(),
        found: "在重点关注名单或严重失信主体名单内",
        step: "列入红名单",
    })
}

/// An adverse decision suspends the company's red entry: what the platform shows of it is withdrawn.
fn withdraw_red(
    db: &mut Db,
    app: &App,
    others: &[Entry],
    adverse: &Entry,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let mut all: Vec<Entry> = others
        .iter()
        .filter(|other| other.id != adverse.id)
        .cloned()
        .collect();
    all.push(adverse.clone());
    for conflict in listing::conflicts(&all, None) {
        let red = all.iter().find(|entry| entry.id == conflict.red);
        if let Some(red) =
            red.filter(|red| conflict.adverse == adverse.id && red.public().is_some())
        {
            tell_platform(
                db,
                app,
                list_type(app, &red.list)?,
                red,
                FeedIntent::Withdraw,
                now,
            )?;
        }
    }
    Ok(())
}

/// Writes the outbox row of a step.
fn tell_platform(
    db: &mut Db,
    app: &App,
    list: &ListType,
    entry: &Entry,
    intent: FeedIntent,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let Some(class) = canonical::class_of(list) else {
        return Ok(());
    };
    let company = companies::find(db, &entry.company)?.ok_or(Error::NotInScope(entry.company))?;
    let last = outbox::last_version(db, &app.target, &entry.id.to_string())?;
    let version = u32::try_from(last.unwrap_or(0) + 1).unwrap_or(u32::MAX);
    let fields = canonical::Change {
        app,
        company: &company,
        list,
        class,
        entry,
        intent,
        version,
        now,
    }
    .fields()?;
    let record = fields.check().map_err(|faults| {
        Error::Invalid(
            faults
                .0
                .iter()
                .map(|fault| FieldFault::new(fault.field, "F001", fault.to_string()))
                .collect(),
        )
    })?;
    let change = outbox::NewChange {
        company: entry.company,
        target: app.target.clone(),
        record_id: entry.id.to_string(),
        version: i64::from(version),
        op: record.fields().op.code().to_owned(),
        withdrawal: record.is_withdrawal(),
        payload: record.to_json(),
        digest: record.digest().to_owned(),
    };
    outbox::enqueue(db, &change, now)?;
    Ok(())
}
