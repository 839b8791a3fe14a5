//! The operator's view of the feed to one platform.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::rows::{Open, open_with_progress};
use crate::{
    feed::outcome,
    service::Error,
    store::{
        Db,
        feed::{self as outbox, ChangeState},
    },
};

/// Failures in a row that open the breaker.
const FAILURES: usize = 5;
/// How long an open breaker holds requests back.
const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// How the feed to one platform stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeedStatus {
    pub target: String,
    pub now: DateTime<Utc>,
    /// Why nothing may be sent, if that is so.
    pub frozen: Option<String>,
    pub breaker: Breaker,
    /// Number of the last sealed batch.
    pub last_batch: i64,
    pub waiting: i64,
    pub waiting_withdrawals: i64,
    /// Seconds that the change that has waited longest has waited.
    pub oldest_waiting_seconds: Option<i64>,
    /// Batches whose fate is not known.
    pub unknown: usize,
    /// Batches that are not settled.
    pub batches: Vec<BatchLine>,
    /// Refused changes that no later one has replaced, by class.
    pub rejects_by_class: BTreeMap<String, usize>,
    pub rejects: Vec<RejectLine>,
    /// Changes that the platform took and the public has not been seen to see, the oldest first.
    pub not_visible: Vec<LookLine>,
    /// Withdrawals that the platform has not confirmed, or that nobody has seen gone, the oldest first.
    pub unconfirmed_withdrawals: Vec<WithdrawalLine>,
    /// Return files that could not be applied, the latest first.
    pub faulty_receipts: Vec<ReceiptLine>,
}

/// Requests are held back for a while when several in a row have failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breaker {
    /// Until when nothing is sent or asked; absent: closed.
    pub open_until: Option<DateTime<Utc>>,
    pub failures_in_a_row: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchLine {
    pub number: i64,
    pub records: usize,
    pub withdrawals: bool,
    /// As the state machine sees it: `ready`, `sending`, `unknown`, `busy`, `refused`.
    pub state: &'static str,
    /// How much is known: 0 nothing left, 1 it arrived, 2 it was read, 3 every record has its result.
    pub receipt_level: u8,
    pub attempts: i64,
    pub last_outcome: String,
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub age_seconds: i64,
    /// Number of the batch of which it is a half.
    pub half_of: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectLine {
    pub change: i64,
    pub record_id: String,
    pub company: String,
    pub withdrawal: bool,
    /// `unfit`, `rejected`, `unmatched`, `conflict`.
    pub kind: String,
    pub class: String,
    pub owner: String,
    pub code: String,
    pub field: Option<String>,
    pub message: String,
    /// When its owner is to have acted: see [`outcome::RejectClass::due`].
    pub due: DateTime<Utc>,
    pub overdue: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WithdrawalLine {
    pub change: i64,
    pub record_id: String,
    pub company: String,
    /// `waiting`, `batched`, `rejected`; `accepted`: confirmed, and not yet seen gone.
    pub state: &'static str,
    pub age_seconds: i64,
}

/// A change of receipt level 3 that is not yet of level 4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LookLine {
    pub change: i64,
    pub record_id: String,
    pub company: String,
    pub withdrawal: bool,
    /// Since the platform took it.
    pub age_seconds: i64,
    /// How often it was looked for. 0: the platform cannot be asked, or was not yet.
    pub looks: i64,
    /// What the last look said.
    pub says: String,
    /// It was to be seen by then.
    pub due: DateTime<Utc>,
    /// It was looked for after that and not seen.
    pub late: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReceiptLine {
    pub name: String,
    pub source: String,
    pub detail: String,
    pub at: DateTime<Utc>,
}

/// The breaker of a target at `now`.
pub(super) fn breaker(db: &mut Db, target: &str, now: DateTime<Utc>) -> Result<Breaker, Error> {
    let last = outbox::last_outcomes(db, target, FAILURES)?;
    let failed = |word: &str| matches!(word, "not_sent" | "unknown" | "inconclusive");
    let failures = last.iter().take_while(|(_, word)| failed(word)).count();
    let until = last.first().map(|(at, _)| *at + PAUSE);
    Ok(Breaker {
        open_until: until.filter(|until| failures >= FAILURES && now < *until),
        failures_in_a_row: failures,
    })
}

/// How the feed to a platform stands. `frozen` tells whether the settings freeze it.
pub fn feed_view(
    db: &mut Db,
    target: &str,
    frozen: bool,
    now: DateTime<Utc>,
) -> Result<FeedStatus, Error> {
    let status = outbox::status(db, target)?;
    let waiting = |withdrawals: bool| {
        let counts = status.changes.iter();
        counts
            .filter(|(state, kind, _)| *state == ChangeState::Waiting && *kind == withdrawals)
            .map(|(_, _, number)| number)
            .sum::<i64>()
    };
    let age = |since: DateTime<Utc>| (now - since).num_seconds();
    let mut batches = Vec::new();
    for open in open_with_progress(db, target)? {
        batches.push(batch_line(db, &open, now)?);
    }
    let rejects: Vec<RejectLine> = outbox::open_rejects(db, target, 1_000)?
        .into_iter()
        .map(|(change, reject)| reject_line(&change, reject, now))
        .collect();
    let mut rejects_by_class = BTreeMap::new();
    for line in &rejects {
        *rejects_by_class.entry(line.class.clone()).or_default() += 1;
    }
    let mut unconfirmed: Vec<WithdrawalLine> = outbox::unconfirmed_withdrawals(db, target)?
        .into_iter()
        .map(|change| WithdrawalLine {
            change: change.seq,
            company: change.change.company.to_string(),
            record_id: change.change.record_id,
            state: change.state.as_str(),
            age_seconds: age(change.created_at),
        })
        .collect();
    let looks = outbox::looks(db, target)?;
    unconfirmed.extend(
        looks
            .iter()
            .filter(|look| look.of.withdrawal)
            .map(|look| WithdrawalLine {
                change: look.of.change,
                company: look.of.company.to_string(),
                record_id: look.of.record_id.clone(),
                state: ChangeState::Accepted.as_str(),
                age_seconds: age(look.of.accepted_at),
            }),
    );
    unconfirmed.sort_by_key(|line| line.change);
    let faulty = outbox::receipts(db, target, "faulty", 20)?;
    Ok(FeedStatus {
        target: target.to_owned(),
        now,
        frozen: status
            .frozen
            .clone()
            .or_else(|| frozen.then(|| "publish.freeze is on".to_owned())),
        breaker: breaker(db, target, now)?,
        last_batch: status.last_number,
        waiting: waiting(false) + waiting(true),
        waiting_withdrawals: waiting(true),
        oldest_waiting_seconds: status.oldest_waiting.map(age),
        unknown: batches
            .iter()
            .filter(|line| matches!(line.state, "unknown" | "sending"))
            .count(),
        batches,
        rejects_by_class,
        rejects,
        not_visible: looks.into_iter().map(|look| look_line(look, now)).collect(),
        unconfirmed_withdrawals: unconfirmed,
        faulty_receipts: faulty
            .into_iter()
            .map(|receipt| ReceiptLine {
                name: receipt.name,
                source: receipt.source,
                detail: receipt.detail,
                at: receipt.at,
            })
            .collect(),
    })
}

fn look_line(look: outbox::Look, now: DateTime<Utc>) -> LookLine {
    LookLine {
        change: look.of.change,
        record_id: look.of.record_id,
        company: look.of.company.to_string(),
        withdrawal: look.of.withdrawal,
        age_seconds: (now - look.of.accepted_at).num_seconds(),
        looks: look.looks,
        says: look.says,
        due: look.of.due,
        late: look.late,
    }
}

fn batch_line(db: &mut Db, open: &Open, now: DateTime<Utc>) -> Result<BatchLine, Error> {
    let batch = &open.batch;
    let half_of = match outbox::parent(db, &batch.id)? {
        Some(parent) => outbox::batch(db, &parent)?.map(|parent| parent.number),
        None => None,
    };
    let attempts = outbox::attempts(db, &batch.id)?;
    let last = attempts.last().and_then(|attempt| attempt.finished.clone());
    let answered = open
        .changes
        .iter()
        .any(|change| change.state != ChangeState::Batched);
    Ok(BatchLine {
        number: batch.number,
        records: open.changes.len(),
        withdrawals: batch.lane == outbox::Lane::Withdrawal,
        state: match open.progress.state {
            outcome::BatchState::Ready => "ready",
            outcome::BatchState::Sending => "sending",
            outcome::BatchState::Unknown { .. } => "unknown",
            outcome::BatchState::Busy { .. } => "busy",
            outcome::BatchState::Refused { .. } => "refused",
            outcome::BatchState::Settled => "settled",
        },
        receipt_level: if answered {
            2
        } else {
            u8::from(open.handed_over)
        },
        attempts: batch.attempts,
        last_outcome: last.map_or_else(String::new, |(_, word, detail)| {
            format!("{word} {detail}").trim().to_owned()
        }),
        next_attempt_at: batch.next_attempt_at,
        age_seconds: (now - batch.sealed_at).num_seconds(),
        half_of,
    })
}

fn reject_line(
    change: &outbox::Change,
    reject: Option<outbox::Reject>,
    now: DateTime<Utc>,
) -> RejectLine {
    // Refused before reasons were kept: what is known stands in the change.
    let unknown = || outbox::Reject {
        change: change.seq,
        target: change.change.target.clone(),
        batch: None,
        kind: "rejected".to_owned(),
        class: outcome::RejectClass::Data.as_str().to_owned(),
        owner: outcome::RejectClass::Data.owner().to_owned(),
        code: String::new(),
        field: None,
        message: change.detail.clone(),
        at: change.created_at,
    };
    let reject = reject.unwrap_or_else(unknown);
    let class = outcome::RejectClass::from_code(&reject.class);
    let due = reject.at + class.due(change.change.withdrawal);
    RejectLine {
        change: change.seq,
        record_id: change.change.record_id.clone(),
        company: change.change.company.to_string(),
        withdrawal: change.change.withdrawal,
        kind: reject.kind,
        class: reject.class,
        owner: reject.owner,
        code: reject.code,
        field: reject.field,
        message: reject.message,
        due,
        overdue: now > due,
    }
}
