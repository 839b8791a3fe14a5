//! Between the rows of the outbox and what the feed decides by: where a batch stands, what an outcome is written as.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::refusals::results;
pub(super) use super::refusals::{rejects, unfit};
use crate::{
    feed::{
        self, BatchKind, OpenBatch, Progress, SealedBatch, Step,
        batch::{EntryVersion, SealedEntry},
        canonical::Op,
        outcome::{self, BatchState, RejectClass, Settlement},
    },
    service::Error,
    store::{
        Db, StoreError,
        feed::{self as outbox, AttemptEnd, Batch, Change, Lane},
    },
};

/// The outcome of a probe that found nothing; counted to believe it.
pub(super) const NOT_THERE: &str = "not_there";

/// A person has mended the cause of a refusal.
pub(super) const RELEASED: &str = "released";

/// The file is where the platform takes it from.
pub(super) const HANDED_OVER: &str = "handed_over";

/// A batch that is not settled, with what is in it and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub batch: Batch,
    pub changes: Vec<Change>,
    pub progress: Progress,
    /// It is where the platform takes it from; its receipts come by themselves.
    pub handed_over: bool,
}

pub(super) fn open_of(db: &mut Db, target: &str) -> Result<Vec<Batch>, StoreError> {
    // "Due" by the store's own clock column only orders them; whether to act is for the state machine to say.
    outbox::due_batches(db, target, DateTime::<Utc>::MAX_UTC)
}

/// Batches that hold back later changes of their entries. One that only a person can end holds back nothing: a withdrawal
/// would wait behind it for ever.
pub(super) fn open_batches(
    db: &mut Db,
    target: &str,
    files: bool,
    now: DateTime<Utc>,
) -> Result<Vec<OpenBatch>, Error> {
    let mut holding = Vec::new();
    for open in open_with_progress(db, target)? {
        // Files keep their order by their numbers: nothing waits for the receipt of an earlier one.
        if files && open.handed_over {
            continue;
        }
        let seed = open.batch.number.unsigned_abs();
        if matches!(
            feed::next_step(&open.progress, seed, now),
            Step::Alarm { .. }
        ) {
            continue;
        }
        let entries = open
            .changes
            .iter()
            .map(entry_version)
            .collect::<Result<_, _>>()?;
        holding.push(OpenBatch {
            sequence: seed,
            entries,
        });
    }
    Ok(holding)
}

pub(super) fn open_with_progress(db: &mut Db, target: &str) -> Result<Vec<Open>, Error> {
    let batches = open_of(db, target)?;
    batches
        .into_iter()
        .map(|batch| standing(db, batch))
        .collect()
}

/// A batch with what is in it and where it stands.
pub(super) fn standing(db: &mut Db, batch: Batch) -> Result<Open, Error> {
    let changes = outbox::changes_in(db, &batch.id)?;
    let attempts = outbox::attempts(db, &batch.id)?;
    Ok(Open {
        progress: progress_of(&batch, &attempts),
        handed_over: handed_over(&attempts),
        batch,
        changes,
    })
}

/// Whether a send or a probe said so since a person last released it.
fn handed_over(attempts: &[outbox::Attempt]) -> bool {
    attempts
        .iter()
        .rev()
        .take_while(|attempt| word_of(attempt) != RELEASED)
        .any(|attempt| word_of(attempt) == HANDED_OVER)
}

/// Where a batch stands, from its rows. A release by a person begins the counting anew.
fn progress_of(batch: &Batch, attempts: &[outbox::Attempt]) -> Progress {
    let released = attempts
        .iter()
        .rposition(|attempt| word_of(attempt) == RELEASED);
    let since = released.map_or(batch.sealed_at, |at| attempts[at].started_at);
    let attempts = released.map_or(attempts, |at| &attempts[at + 1..]);
    let last = attempts.last();
    let word = last.map_or("", word_of);
    let absent = attempts
        .iter()
        .rev()
        .map_while(|attempt| attempt.finished.as_ref())
        .take_while(|(_, word, _)| word == NOT_THERE)
        .count();
    let state = match batch.state {
        outbox::BatchState::Sealed => match (word, batch.next_attempt_at) {
            ("busy", Some(until)) => BatchState::Busy { until },
            ("refused_data", _) => BatchState::Refused {
                class: RejectClass::Data,
            },
            ("refused_mapping", _) => BatchState::Refused {
                class: RejectClass::Mapping,
            },
            ("refused_auth", _) => BatchState::Refused {
                class: RejectClass::Auth,
            },
            ("refused_transient", _) => BatchState::Refused {
                class: RejectClass::Transient,
            },
            _ => BatchState::Ready,
        },
        outbox::BatchState::Sending => BatchState::Sending,
        outbox::BatchState::Unknown => BatchState::Unknown {
            absent: u32::try_from(absent).unwrap_or(u32::MAX),
        },
        outbox::BatchState::Closed | outbox::BatchState::Failed => BatchState::Settled,
    };
    Progress {
        state,
        tries: u32::try_from(attempts.len()).unwrap_or(u32::MAX),
        since,
        last: last.map_or(since, |attempt| {
            attempt
                .finished
                .as_ref()
                .map_or(attempt.started_at, |(at, ..)| *at)
        }),
    }
}

fn word_of(attempt: &outbox::Attempt) -> &str {
    attempt
        .finished
        .as_ref()
        .map_or("", |(_, word, _)| word.as_str())
}

pub(super) fn attempt_end(
    open: &Open,
    after: Progress,
    word: &str,
    detail: String,
    settlement: Option<&Settlement>,
) -> AttemptEnd {
    let (state, next_attempt_at) = match after.state {
        BatchState::Settled => (outbox::BatchState::Closed, None),
        BatchState::Unknown { .. } | BatchState::Sending => (outbox::BatchState::Unknown, None),
        BatchState::Busy { until } => (outbox::BatchState::Sealed, Some(until)),
        BatchState::Ready | BatchState::Refused { .. } => (outbox::BatchState::Sealed, None),
    };
    let next = match feed::next_step(&after, open.batch.number.unsigned_abs(), after.last) {
        Step::Wait { until } => Some(until),
        _ => next_attempt_at,
    };
    AttemptEnd {
        state,
        outcome: word.to_owned(),
        detail,
        next_attempt_at: if state == outbox::BatchState::Closed {
            None
        } else {
            next
        },
        results: settlement.map_or_else(Vec::new, |settlement| results(&open.changes, settlement)),
    }
}

pub(super) fn send_words(outcome: &outcome::Outcome) -> (&'static str, String) {
    match outcome {
        outcome::Outcome::NotSent { why } => ("not_sent", why.clone()),
        outcome::Outcome::Unknown { why } => ("unknown", why.to_string()),
        outcome::Outcome::Busy { until } => ("busy", format!("until {until}")),
        outcome::Outcome::Refused(refusal) => (
            match refusal.class {
                RejectClass::Data => "refused_data",
                RejectClass::Mapping => "refused_mapping",
                RejectClass::Auth => "refused_auth",
                RejectClass::Transient => "refused_transient",
            },
            refusal.to_string(),
        ),
        outcome::Outcome::Settled(_) => ("settled", String::new()),
        outcome::Outcome::Split { rejected } => ("split", format!("{rejected} refused")),
        outcome::Outcome::HandedOver { place } => (HANDED_OVER, place.clone()),
    }
}

/// The batch as it was sealed, from its rows.
pub(super) fn sealed_batch(open: &Open) -> Result<SealedBatch, Error> {
    let Open { batch, changes, .. } = open;
    let entries = changes
        .iter()
        .map(|change| {
            Ok(SealedEntry {
                entry: entry_version(change)?,
                op: Op::from_code(&change.change.op).ok_or_else(|| {
                    Error::Feed(format!("change {}: op {:?}", change.seq, change.change.op))
                })?,
                withdrawal: change.change.withdrawal,
                digest: change.change.digest.clone(),
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    Ok(SealedBatch {
        key: batch.sealed.idempotency_key.clone(),
        target: batch.target.clone(),
        sequence: batch.number.unsigned_abs(),
        kind: match batch.lane {
            _ if entries.is_empty() => BatchKind::Zero,
            Lane::Withdrawal => BatchKind::Withdrawals,
            Lane::Ordinary => BatchKind::Changes,
        },
        sealed_at: batch.sealed_at,
        entries,
        body: batch.sealed.body.clone(),
        digest: batch.sealed.digest.clone(),
    })
}

pub(super) fn entry_version(change: &Change) -> Result<EntryVersion, Error> {
    let fault = |what: String| Error::Feed(format!("change {}: {what}", change.seq));
    Ok(EntryVersion {
        record_id: Uuid::parse_str(&change.change.record_id)
            .map_err(|_| fault(format!("record id {:?}", change.change.record_id)))?,
        version: u32::try_from(change.change.version)
            .map_err(|_| fault(format!("version {}", change.change.version)))?,
    })
}
