//! What the platform must hear of a step, written to the outbox in the transaction of the step.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    domain::{Day, Uscc},
    feed::canonical::Op,
    listing::{Entry, FeedIntent, Illegal, ListClass, ListType},
    service::{App, Error, FieldFault, canonical},
    store::{Db, companies, feed as outbox},
};

/// The record under which the platform knows an entry.
///
/// A record that was withdrawn stays withdrawn: its tombstone stands on the platform. An entry that comes back after
/// that has a new record, which names the one before it.
struct Known {
    id: Uuid,
    previous: Option<Uuid>,
    /// The last version that was put into the outbox, and whether it withdrew the record for good.
    last: Option<(i64, bool)>,
}

/// Writes the outbox row of a step.
///
/// # Errors
/// [`Illegal::NoBasis`] for a new public entry of a list of the seriously untrustworthy without a legal basis in force.
pub(super) fn tell_platform(
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
    let intent = lawful(list, intent, Day::of(now))?;
    let company = companies::find(db, &entry.company)?.ok_or(Error::NotInScope(entry.company))?;
    let known = known(db, app, entry.company, entry.id)?;
    let gone = known.last.is_some_and(|(_, gone)| gone);
    let shows = matches!(intent, FeedIntent::Publish | FeedIntent::Update);
    let (record, previous, last, intent) = match (gone, shows) {
        // There is nothing to hide any more.
        (true, false) => return Ok(()),
        (true, true) => (Uuid::now_v7(), Some(known.id), 0, FeedIntent::Publish),
        (false, _) => {
            let last = known.last.map_or(0, |(version, _)| version);
            (known.id, known.previous, last, intent)
        }
    };
    let version = u32::try_from(last + 1).unwrap_or(u32::MAX);
    let fields = canonical::Change {
        app,
        company: &company,
        list,
        class,
        entry,
        intent,
        record,
        previous,
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
        record_id: record.fields().record_id.to_string(),
        version: i64::from(version),
        op: record.fields().op.code().to_owned(),
        withdrawal: record.is_withdrawal(),
        payload: record.to_json(),
        digest: record.digest().to_owned(),
    };
    outbox::enqueue(db, &change, now)?;
    Ok(())
}

/// Tells the platform once more of the record of an entry, as the entry stands now; `missing`: the platform does not have it.
/// Returns whether that went into the outbox: what the public may not see today is not told.
pub(in crate::service) fn tell_again(
    db: &mut Db,
    app: &App,
    latest: &outbox::Change,
    missing: bool,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let company = latest.change.company;
    let shown = super::published_of(db, company, Day::of(now))?;
    for entry in shown {
        if known(db, app, company, entry.id)?.id.to_string() != latest.change.record_id {
            continue;
        }
        let list = super::list_type(db, app, &entry.list)?;
        let intent = if missing {
            FeedIntent::Publish
        } else {
            FeedIntent::Update
        };
        tell_platform(db, app, &list, &entry, intent, now)?;
        return Ok(true);
    }
    Ok(false)
}

/// Whether the platform shows nothing of an entry any more, because its record was withdrawn.
pub(super) fn is_gone(db: &mut Db, app: &App, company: Uscc, entry: Uuid) -> Result<bool, Error> {
    Ok(known(db, app, company, entry)?
        .last
        .is_some_and(|(_, gone)| gone))
}

/// Nothing of a list of the seriously untrustworthy is shown without a legal basis in force: a new entry is refused, a
/// change of one that is public hides it.
fn lawful(list: &ListType, intent: FeedIntent, today: Day) -> Result<FeedIntent, Error> {
    if list.class() != ListClass::Serious || (list.enabled() && list.has_basis_on(today)) {
        return Ok(intent);
    }
    match intent {
        FeedIntent::Publish => Err(Illegal::NoBasis {
            list: list.id().to_owned(),
            day: today,
        }
        .into()),
        FeedIntent::Update => Ok(FeedIntent::Hide),
        FeedIntent::Hide | FeedIntent::Withdraw => Ok(intent),
    }
}

fn known(db: &mut Db, app: &App, company: Uscc, entry: Uuid) -> Result<Known, Error> {
    let changes = outbox::changes_of_company(db, &app.target, &company)?;
    let mut known = Known {
        id: entry,
        previous: None,
        last: None,
    };
    // Each record names the one before it; an entry begins with the one that bears its own id.
    while let Some(next) = successor(&changes, known.id)? {
        known.previous = Some(known.id);
        known.id = next;
    }
    let id = known.id.to_string();
    known.last = changes
        .iter()
        .filter(|known| known.change.record_id == id)
        .max_by_key(|known| known.change.version)
        .map(|known| {
            let change = &known.change;
            (change.version, change.op == Op::Delete.code())
        });
    Ok(known)
}

/// The record that names this one as the one before it.
fn successor(changes: &[outbox::Change], id: Uuid) -> Result<Option<Uuid>, Error> {
    #[derive(serde::Deserialize)]
    struct Ids {
        record_id: Uuid,
        #[serde(default)]
        previous_record_id: Option<Uuid>,
    }
    let needle = id.to_string();
    for known in changes {
        let change = &known.change;
        // Reading every payload would be slow for nothing: most name no other record.
        if change.record_id == needle || !change.payload.contains(&needle) {
            continue;
        }
        let ids: Ids = super::rows::json(&change.payload, "推送记录")?;
        if ids.previous_record_id == Some(id) {
            return Ok(Some(ids.record_id));
        }
    }
    Ok(None)
}
