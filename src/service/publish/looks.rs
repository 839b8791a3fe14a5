//! The fourth receipt level: whether the public sees what the platform took, or no longer sees what was withdrawn.
//!
//! What is accepted is looked for, at longer and longer intervals, until it is seen. Nothing is sent again for it: what
//! does not appear is for the nightly comparison and for people.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Publisher, delivery::Run};
use crate::{
    domain::Day,
    feed::{
        reconcile::{Expected, Found, compare},
        transports::Seen,
    },
    service::{Error, reconcile::expected_of},
    store::{
        Db,
        feed::{self as outbox, AttemptEnd, Change, ChangeState, Look, NewLook, Source},
    },
};

/// Minutes between acceptance and the first look, then from each look to the next; the last one from then on.
const PAUSES: [i64; 6] = [1, 5, 30, 120, 360, 720];

/// How long nothing is looked for after the platform did not say what it shows, or while a change is under way.
const PUT_OFF: TimeDelta = TimeDelta::minutes(5);

/// Records that are looked for in one run.
const MOST: usize = 50;

fn next_look(looks: i64, at: DateTime<Utc>) -> DateTime<Utc> {
    let place = usize::try_from(looks).unwrap_or(0).min(PAUSES.len() - 1);
    at + TimeDelta::minutes(PAUSES[place])
}

impl Publisher {
    /// What was accepted is to be seen; in the transaction that accepts it.
    pub(super) fn await_sights(
        &self,
        db: &mut Db,
        changes: &[Change],
        end: &AttemptEnd,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let accepted = |change: &&Change| {
            let mut results = end.results.iter();
            results.any(|one| one.seq == change.seq && one.state == ChangeState::Accepted)
        };
        for change in changes.iter().filter(accepted) {
            let look = NewLook {
                target: self.target.clone(),
                record_id: change.change.record_id.clone(),
                change: change.seq,
                company: change.change.company,
                withdrawal: change.change.withdrawal,
                accepted_at: at,
                due: at + self.visible_within,
            };
            outbox::await_sight(db, &look, next_look(0, at))?;
        }
        Ok(())
    }
}

/// What is looked for and how it should be, and the records of which a later change is under way.
type Wanted = (Vec<(Look, Expected)>, Vec<String>);

/// What is looked for: the record as the accepted change has it, or that a later one of it is under way.
fn wanted(
    db: &mut Db,
    publisher: &Publisher,
    looks: Vec<Look>,
    now: DateTime<Utc>,
) -> Result<Wanted, Error> {
    let (mut wanted, mut flying) = (Vec::new(), Vec::new());
    for look in looks {
        let changes = outbox::changes_of(db, &publisher.target, &look.of.record_id)?;
        let under_way =
            |one: &Change| matches!(one.state, ChangeState::Waiting | ChangeState::Batched);
        let accepted = changes.iter().find(|one| one.seq == look.of.change);
        match accepted {
            Some(change) if !changes.iter().any(under_way) => {
                let expected = expected_of(change, false, &publisher.profile, Day::of(now))?;
                wanted.push((look, expected));
            }
            _ => flying.push(look.of.record_id),
        }
    }
    Ok((wanted, flying))
}

impl Run<'_> {
    /// Looks for what is due to be looked for.
    pub(super) async fn look(&mut self) -> Result<(), Error> {
        if !self.publisher.carrier.can_be_asked() {
            return Ok(());
        }
        let (publisher, now) = (self.publisher.clone(), (self.now)());
        let store = &self.app.store;
        let target = publisher.target.clone();
        let due = store
            .read_async(move |db| outbox::due_looks(db, &target, now, MOST))
            .await
            .map_err(Error::from)?;
        if due.is_empty() || self.breaker_open_until().await?.is_some() {
            return Ok(());
        }
        let reader = publisher.clone();
        let (wanted, flying) = store
            .read_async(move |db| wanted(db, &reader, due, now))
            .await?;
        let (looks, ours): (Vec<Look>, Vec<Expected>) = wanted.into_iter().unzip();
        let records: Vec<Uuid> = ours.iter().map(|one| one.record_id).collect();
        let told = if records.is_empty() {
            Ok(Seen::Records(Vec::new()))
        } else {
            let profile = &publisher.profile;
            publisher.carrier.seen_of(profile, &records, self.now).await
        };
        let (found, source) = match told {
            Ok(Seen::Records(rows)) => (Ok(compare(&ours, &rows)), Source::Record),
            Ok(Seen::Listing(rows)) => (Ok(compare(&ours, &rows)), Source::Listing),
            Err(why) => (Err(why.to_string()), Source::Record),
        };
        #[cfg(feature = "mutants")]
        let found = found.map(super::mutants::what_was_seen);
        let at = (self.now)();
        let (target, until) = (publisher.target.clone(), at + PUT_OFF);
        let (seen, late) = store
            .write_async(move |db| -> Result<_, Error> {
                outbox::put_off(db, &target, &flying, "a later change is under way", until)?;
                match &found {
                    Ok(found) => keep_looks(db, &looks, found, source, at),
                    Err(why) => {
                        let records = looks.iter().map(|look| look.of.record_id.clone());
                        let records: Vec<String> = records.collect();
                        outbox::put_off(db, &target, &records, why, until)?;
                        Ok((0, Vec::new()))
                    }
                }
            })
            .await?;
        self.report.seen += seen;
        for alarm in late {
            tracing::error!(alarm, "the public does not see what it should");
            self.report.alarms.push(alarm);
        }
        Ok(())
    }
}

/// Keeps what a look or a comparison saw of what is looked for: how many were seen, and what is late.
pub(in crate::service) fn keep_looks(
    db: &mut Db,
    looks: &[Look],
    found: &Found,
    source: Source,
    at: DateTime<Utc>,
) -> Result<(usize, Vec<String>), Error> {
    let shown: BTreeSet<String> = found.seen.iter().map(Uuid::to_string).collect();
    let unseen: BTreeMap<String, _> = (found.unseen.iter())
        .map(|(id, instead)| (id.to_string(), instead))
        .collect();
    let (mut seen, mut late) = (0, Vec::new());
    for look in looks {
        if shown.contains(&look.of.record_id) {
            outbox::note_sight(db, look, source, at)?;
            seen += 1;
        } else if let Some(instead) = unseen.get(&look.of.record_id) {
            let until = next_look(look.looks + 1, at);
            if outbox::looked(db, look, &instead.to_string(), at, until)? {
                let hours = (at - look.of.accepted_at).num_hours();
                late.push(format!(
                    "change {}: taken {hours} h ago, {instead}",
                    look.of.change
                ));
            }
        }
    }
    Ok((seen, late))
}
