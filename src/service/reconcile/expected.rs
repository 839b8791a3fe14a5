//! What the platform should show, from the outbox: of each record the latest change that was not overtaken.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    domain::Day,
    feed::{
        CanonicalRecord, Profile,
        reconcile::{Expected, form_of},
    },
    service::Error,
    store::{
        Db,
        feed::{self as outbox, Change, ChangeState},
    },
};

/// Every record that was ever sent to a target, or is on its way.
pub(super) fn expected(
    db: &mut Db,
    target: &str,
    profile: &Profile,
    now: DateTime<Utc>,
) -> Result<Vec<Expected>, Error> {
    let mut records: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for change in outbox::changes_of_target(db, target)? {
        let record = change.change.record_id.clone();
        records.entry(record).or_default().push(change);
    }
    let fresh: BTreeMap<String, i64> = outbox::looks(db, target)?
        .into_iter()
        .filter(|look| now < look.of.due)
        .map(|look| (look.of.record_id, look.of.change))
        .collect();
    let of_record = |changes: Vec<Change>| {
        let flying =
            |one: &Change| matches!(one.state, ChangeState::Waiting | ChangeState::Batched);
        let in_flight = changes.iter().any(flying);
        changes.last().map(|latest| {
            let looked_for = fresh.get(&latest.change.record_id);
            Ok(Expected {
                fresh: looked_for == Some(&latest.seq),
                ..expected_of(latest, in_flight, profile, Day::of(now))?
            })
        })
    };
    records.into_values().filter_map(of_record).collect()
}

/// The record as a change has it.
pub(in crate::service) fn expected_of(
    latest: &Change,
    in_flight: bool,
    profile: &Profile,
    today: Day,
) -> Result<Expected, Error> {
    let record = record_of(latest)?;
    let fields = record.fields();
    Ok(Expected {
        record_id: fields.record_id,
        uscc: fields.uscc.to_string(),
        decision_no: fields.decision_no.clone(),
        version: fields.record_version,
        visible: !record.is_withdrawal() && today <= fields.display_until,
        in_flight,
        fresh: false,
        form: form_of(profile, &record).unwrap_or_default(),
    })
}

pub(super) fn record_of(change: &Change) -> Result<CanonicalRecord, Error> {
    serde_json::from_str(&change.change.payload).map_err(|source| Error::Stored {
        what: "推送记录",
        source,
    })
}

/// What changed while the platform was asked is not judged either.
pub(super) fn settled(before: &[Expected], mut after: Vec<Expected>) -> Vec<Expected> {
    let known: BTreeMap<Uuid, &Expected> = before.iter().map(|one| (one.record_id, one)).collect();
    for one in &mut after {
        let same = known
            .get(&one.record_id)
            .is_some_and(|before| !before.in_flight && before.version == one.version);
        one.in_flight |= !same;
    }
    after
}
