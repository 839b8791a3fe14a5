//! Faults put into the publisher on purpose, to see that the proof (`tests/crash`) finds each of them.
//!
//! Compiled under the feature `mutants` only, which a build for use does not have. `WUXIN_MUTANT` names the one that acts;
//! none acts without it.

use chrono::{DateTime, TimeDelta, Utc};

use super::rows::Open;
use crate::{
    feed::{
        BatchKind, CanonicalRecord, OpenBatch, PlannedBatch, Progress, RecordFields, SealedBatch,
        Step,
        canonical::{Op, Status},
        outcome::{BatchState, ProbeOutcome, RecordResult, RejectClass, Settlement},
        reconcile::{Expected, Found, compare},
    },
    service::Error,
    store::{
        Db, StoreError,
        feed::{self as outbox, Change},
        leases::{self, Lease},
    },
};

#[cfg(not(debug_assertions))]
compile_error!(
    "the feature `mutants` puts faults into the publisher: it is for debug builds of the tests only"
);

fn acts(name: &str) -> bool {
    std::env::var_os("WUXIN_MUTANT").is_some_and(|chosen| chosen == name)
}

/// G2: what was enqueued earlier than the last batch was sealed is taken for sent (a transaction may commit later). G5: a
/// withdrawal is dropped if its add was never sent.
pub(super) fn what_is_seen(
    db: &mut Db,
    target: &str,
    mut changes: Vec<Change>,
) -> Result<Vec<Change>, StoreError> {
    if acts("by_create_time")
        && let Some(last) = outbox::batches(db, target, None, 1)?.pop()
    {
        changes.retain(|change| change.created_at > last.sealed_at);
    }
    if acts("unsent_withdrawal_dropped") {
        let mut kept = Vec::new();
        for change in changes {
            let known = outbox::changes_of(db, target, &change.change.record_id)?;
            if !change.change.withdrawal || known.iter().any(|other| other.batch.is_some()) {
                kept.push(change);
            }
        }
        return Ok(kept);
    }
    Ok(changes)
}

/// G1: a withdrawal goes out as an entry that is on display.
pub(super) fn state_that_is_sent(record: CanonicalRecord) -> CanonicalRecord {
    if !acts("unlawful_state") || !record.is_withdrawal() {
        return record;
    }
    let shown = RecordFields {
        op: Op::Update,
        status: Status::Displayed,
        exit_date: None,
        exit_reason_code: None,
        exit_reason: None,
        exit_decision_no: None,
        exit_authority: None,
        ..record.fields().clone()
    };
    shown.check().unwrap_or(record)
}

/// G5: a version does not wait for an earlier one in flight.
pub(super) fn what_is_in_flight(mut open: Vec<OpenBatch>) -> Vec<OpenBatch> {
    if acts("versions_together") {
        open.clear();
    }
    open
}

/// G7: an empty slot is not reported.
pub(super) fn drop_zero_reports(batches: &mut Vec<PlannedBatch>) {
    if acts("zero_report_dropped") {
        batches.retain(|batch| batch.kind != BatchKind::Zero);
    }
}

/// G5: withdrawals go behind everything else.
pub(super) fn order_of_batches(mut open: Vec<Open>) -> Vec<Open> {
    if acts("withdrawals_last") {
        open.reverse();
    }
    open
}

/// G4: what is of unknown fate is sent again and not asked about.
pub(super) fn step(step: Step) -> Step {
    match step {
        Step::Probe if acts("probe_dropped") => Step::Send,
        other => other,
    }
}

/// G3: each send has a key of its own.
pub(super) fn key_of_this_send(sealed: SealedBatch, attempt: i64) -> SealedBatch {
    if !acts("key_regenerated") || attempt < 2 {
        return sealed;
    }
    let key = format!("{attempt:04}{}", &sealed.key[4..]);
    let body = String::from_utf8_lossy(&sealed.body).replace(&sealed.key, &key);
    SealedBatch {
        key,
        body: body.into_bytes(),
        ..sealed
    }
}

/// G4: a batch is marked as accepted before the platform has answered.
pub(super) fn settlement_before_the_reply(sealed: &SealedBatch) -> Option<Settlement> {
    let accepted = sealed.entries.iter();
    acts("marked_before_the_reply").then(|| Settlement {
        replayed: false,
        results: accepted
            .map(|sealed| (sealed.entry, RecordResult::Accepted))
            .collect(),
    })
}

/// G6: one record that is refused holds its whole batch.
pub(super) fn after_a_send<'s>(
    open: &Open,
    settlement: Option<&'s Settlement>,
    after: Progress,
) -> (Option<&'s Settlement>, Progress) {
    let refused = settlement.is_some_and(|settlement| settlement.failures().count() > 0);
    if acts("rejected_blocks_others") && refused {
        let state = BatchState::Busy {
            until: open.progress.last + TimeDelta::days(2),
        };
        return (None, Progress { state, ..after });
    }
    (settlement, after)
}

/// G4: "not there" is believed when it was said once.
pub(super) fn after_a_probe(outcome: &ProbeOutcome, after: Progress) -> Progress {
    match outcome {
        ProbeOutcome::NotThere if acts("first_absence_believed") => Progress {
            state: BatchState::Refused {
                class: RejectClass::Transient,
            },
            ..after
        },
        _ => after,
    }
}

/// G6: nobody is told of a refusal.
pub(super) fn says_nothing() -> bool {
    acts("quiet_refusal")
}

/// G7: a slot that was missed for more than a day counts as done.
pub(in crate::service) fn slot_left_out(slot: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    acts("missed_slot_left_out") && now - slot > TimeDelta::days(1)
}

/// G9: whatever the platform shows, nothing differs; or a listing that broke off is compared as if it were whole.
pub(in crate::service) fn what_was_found(
    found: Found,
    failed: &mut Option<String>,
    expected: &[Expected],
) -> Found {
    if acts("comparison_sees_nothing") {
        return Found::default();
    }
    if acts("half_a_listing_compared") && failed.take().is_some() {
        return compare(expected, &[]);
    }
    found
}

/// G9: what must not be visible waits until somebody asks for repairs.
pub(in crate::service) fn extra_is_left() -> bool {
    acts("extra_left_standing")
}

/// G9: what the platform confirmed is taken for seen.
pub(super) fn what_was_seen(mut found: Found) -> Found {
    if acts("taken_for_seen") {
        found.seen.extend(found.unseen.drain(..).map(|(id, _)| id));
    }
    found
}

/// G8: who has lost the lease goes on as if it had not.
pub(super) fn lease_as_if_held(
    db: &mut Db,
    held: &Lease,
    ttl: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Lease, Error> {
    if !acts("fence_dropped") || leases::check(db, held, now).is_ok() {
        return Ok(held.clone());
    }
    if let Some(again) = leases::try_acquire(db, &held.name, &held.holder, ttl, now)? {
        return Ok(again);
    }
    Ok(leases::find(db, &held.name)?.unwrap_or_else(|| held.clone()))
}
