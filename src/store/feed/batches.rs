//! Batches: sealed once, sent as often as it takes.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    AttemptEnd, Batch, BatchState, ChangeResult, ChangeState, Draft, Lane, Sealed,
    outbox::ensure_target,
};
use crate::store::{
    CHUNK, Db, StoreError,
    columns::Micros,
    db::each,
    leases::{self, Lease},
    schema::{feed_attempt, feed_batch, feed_change, feed_parent, feed_target},
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = feed_batch, treat_none_as_default_value = false)]
struct Row {
    id: String,
    target: String,
    number: i64,
    lane: String,
    idempotency_key: String,
    body: Vec<u8>,
    digest: String,
    state: String,
    attempts: i64,
    next_attempt_at: Option<Micros>,
    sealed_at: Micros,
}

impl TryFrom<Row> for Batch {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            lane: Lane::parse(&row.lane)?,
            state: BatchState::parse(&row.state)?,
            id: row.id,
            target: row.target,
            number: row.number,
            sealed: Sealed {
                idempotency_key: row.idempotency_key,
                body: row.body,
                digest: row.digest,
            },
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at.map(Into::into),
            sealed_at: row.sealed_at.into(),
        })
    }
}

/// Seals a batch: takes the target's next number, lets `seal` make key and bytes with it, and takes the changes out of the
/// queue. Numbers have no gaps, because a number is only taken when the transaction is.
///
/// # Errors
/// [`StoreError::State`] if a change does not wait for this target; whatever `seal` returns.
pub fn seal_batch<E: From<StoreError>>(
    db: &mut Db,
    draft: &Draft,
    now: DateTime<Utc>,
    seal: impl FnOnce(i64) -> Result<Sealed, E>,
) -> Result<Batch, E> {
    let number = next_number(db, &draft.target)?;
    let sealed = seal(number)?;
    let row = Row {
        id: draft.id.clone(),
        target: draft.target.clone(),
        number,
        lane: draft.lane.as_str().to_owned(),
        idempotency_key: sealed.idempotency_key,
        body: sealed.body,
        digest: sealed.digest,
        state: BatchState::Sealed.as_str().to_owned(),
        attempts: 0,
        next_attempt_at: None,
        sealed_at: now.into(),
    };
    each!(db, c => diesel::insert_into(feed_batch::table).values(&row).execute(c))
        .map_err(StoreError::from)?;
    for chunk in draft.changes.chunks(CHUNK) {
        take(db, draft, chunk)?;
    }
    Ok(row.try_into()?)
}

fn next_number(db: &mut Db, target: &str) -> Result<i64, StoreError> {
    ensure_target(db, target)?;
    diesel::update(feed_target::table.find(target))
        .set(feed_target::last_number.eq(feed_target::last_number + 1))
        .execute(db)?;
    Ok(feed_target::table
        .find(target)
        .select(feed_target::last_number)
        .first(db)?)
}

fn take(db: &mut Db, draft: &Draft, seqs: &[i64]) -> Result<(), StoreError> {
    let taken = each!(db, c => diesel::update(feed_change::table)
        .filter(feed_change::seq.eq_any(seqs))
        .filter(feed_change::target.eq(&draft.target))
        .filter(feed_change::state.eq(ChangeState::Waiting.as_str()))
        .set((
            feed_change::state.eq(ChangeState::Batched.as_str()),
            feed_change::batch.eq(&draft.id),
        ))
        .execute(c))?;
    if taken != seqs.len() {
        return Err(StoreError::State {
            what: "feed change",
            key: format!("one of {seqs:?}"),
            found: "not waiting for this target".to_owned(),
            needed: "waiting",
        });
    }
    Ok(())
}

const OPEN: [&str; 3] = ["sealed", "sending", "unknown"];

/// Batches of a target to be sent, or asked about, now: withdrawals first, then by number. One that is still `sending` was
/// left by a crash (one publisher acts at a time) and is to be treated as unknown.
pub fn due_batches(
    db: &mut Db,
    target: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Batch>, StoreError> {
    let rows: Vec<Row> = feed_batch::table
        .filter(feed_batch::target.eq(target))
        .filter(feed_batch::state.eq_any(OPEN))
        .filter(
            feed_batch::next_attempt_at
                .is_null()
                .or(feed_batch::next_attempt_at.le(Micros::from(now))),
        )
        .order((feed_batch::lane.desc(), feed_batch::number.asc()))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Batch::try_from).collect()
}

/// When the next batch of a target is due that is not due yet: for a publisher that sleeps.
pub fn next_attempt_at(db: &mut Db, target: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
    let next: Option<Option<Micros>> = feed_batch::table
        .filter(feed_batch::target.eq(target))
        .filter(feed_batch::state.eq_any(OPEN))
        .filter(feed_batch::next_attempt_at.is_not_null())
        .order(feed_batch::next_attempt_at.asc())
        .select(feed_batch::next_attempt_at)
        .first(db)
        .optional()?;
    Ok(next.flatten().map(Into::into))
}

/// A batch, if there is one with this id.
pub fn batch(db: &mut Db, id: &str) -> Result<Option<Batch>, StoreError> {
    feed_batch::table
        .find(id)
        .select(Row::as_select())
        .first::<Row>(db)
        .optional()?
        .map(Batch::try_from)
        .transpose()
}

/// A batch by its number, if there is one.
pub fn batch_numbered(db: &mut Db, target: &str, number: i64) -> Result<Option<Batch>, StoreError> {
    feed_batch::table
        .filter(feed_batch::target.eq(target))
        .filter(feed_batch::number.eq(number))
        .select(Row::as_select())
        .first::<Row>(db)
        .optional()?
        .map(Batch::try_from)
        .transpose()
}

/// Says that a batch is a half of another; in the transaction that seals it.
pub fn link_parent(db: &mut Db, batch: &str, parent: &str) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(feed_parent::table)
        .values((feed_parent::batch.eq(batch), feed_parent::parent.eq(parent)))
        .execute(c))?;
    Ok(())
}

/// Id of the batch of which this one is a half, if it is one.
pub fn parent(db: &mut Db, batch: &str) -> Result<Option<String>, StoreError> {
    Ok(feed_parent::table
        .find(batch)
        .select(feed_parent::parent)
        .first(db)
        .optional()?)
}

/// Batches of a target backwards from the number `before` (absent: from the last).
pub fn batches(
    db: &mut Db,
    target: &str,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<Batch>, StoreError> {
    let rows: Vec<Row> = feed_batch::table
        .filter(feed_batch::target.eq(target))
        .filter(feed_batch::number.lt(before.unwrap_or(i64::MAX)))
        .order(feed_batch::number.desc())
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Batch::try_from).collect()
}

/// Begins an attempt; committed before the first byte leaves. Returns the attempt's number: 1, 2, 3 ...
///
/// # Errors
/// [`StoreError::LeaseLost`] if the publisher's lease is not held any more, [`StoreError::State`] if the target is frozen or
/// the batch is closed or failed, [`StoreError::NotFound`].
pub fn start_attempt(
    db: &mut Db,
    id: &str,
    lease: &Lease,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    leases::check(db, lease, now)?;
    let (state, attempts, target) = head(db, id)?;
    let refused = |found: String, needed| StoreError::State {
        what: "feed batch",
        key: id.to_owned(),
        found,
        needed,
    };
    if matches!(state, BatchState::Closed | BatchState::Failed) {
        return Err(refused(
            state.as_str().to_owned(),
            "sealed, sending or unknown",
        ));
    }
    let frozen: Option<String> = feed_target::table
        .find(&target)
        .filter(feed_target::frozen.eq(true))
        .select(feed_target::frozen_reason)
        .first(db)
        .optional()?;
    if let Some(reason) = frozen {
        return Err(refused(
            format!("for a frozen target ({reason})"),
            "a target that is not",
        ));
    }
    let number = attempts + 1;
    diesel::update(feed_batch::table.find(id))
        .set((
            feed_batch::attempts.eq(number),
            feed_batch::state.eq(BatchState::Sending.as_str()),
        ))
        .execute(db)?;
    let sender = format!("{} {}", lease.holder, lease.token);
    note(db, id, number, "started", now, "", &sender)?;
    Ok(number)
}

/// Ends an attempt with what is known now, for the batch and for each change.
///
/// A change that is put back but was overtaken by a later withdrawal is superseded instead: sent after it, it would bring
/// back what was taken away.
///
/// # Errors
/// [`StoreError::Conflict`] if another attempt has begun since, [`StoreError::State`] if the attempt has ended already, or
/// the batch is to be closed or failed and a change in it has no result, [`StoreError::NotFound`].
pub fn finish_attempt(
    db: &mut Db,
    id: &str,
    number: i64,
    end: &AttemptEnd,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (state, attempts, _) = head(db, id)?;
    if attempts != number {
        return Err(StoreError::Conflict {
            what: "feed batch",
            key: id.to_owned(),
            expected: number,
            found: attempts,
        });
    }
    let refused = |found: String, needed| StoreError::State {
        what: "feed batch",
        key: id.to_owned(),
        found,
        needed,
    };
    if state != BatchState::Sending {
        return Err(refused(state.as_str().to_owned(), "sending"));
    }
    note(db, id, number, "finished", now, &end.outcome, &end.detail)?;
    for result in &end.results {
        settle(db, id, result)?;
    }
    if matches!(end.state, BatchState::Closed | BatchState::Failed) {
        let open: i64 = feed_change::table
            .filter(feed_change::batch.eq(id))
            .filter(feed_change::state.eq(ChangeState::Batched.as_str()))
            .count()
            .get_result(db)?;
        if open > 0 {
            return Err(refused(
                format!("without a result for {open} changes"),
                "a result for each change",
            ));
        }
    }
    diesel::update(feed_batch::table.find(id))
        .set((
            feed_batch::state.eq(end.state.as_str()),
            feed_batch::next_attempt_at.eq(end.next_attempt_at.map(Micros::from)),
        ))
        .execute(db)?;
    Ok(())
}

fn head(db: &mut Db, id: &str) -> Result<(BatchState, i64, String), StoreError> {
    let row: Option<(String, i64, String)> = feed_batch::table
        .find(id)
        .select((feed_batch::state, feed_batch::attempts, feed_batch::target))
        .first(db)
        .optional()?;
    let (state, attempts, target) = row.ok_or_else(|| StoreError::NotFound {
        what: "feed batch",
        key: id.to_owned(),
    })?;
    Ok((BatchState::parse(&state)?, attempts, target))
}

fn note(
    db: &mut Db,
    batch: &str,
    number: i64,
    phase: &str,
    now: DateTime<Utc>,
    outcome: &str,
    detail: &str,
) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(feed_attempt::table)
        .values((
            feed_attempt::batch.eq(batch),
            feed_attempt::number.eq(number),
            feed_attempt::phase.eq(phase),
            feed_attempt::at.eq(Micros::from(now)),
            feed_attempt::outcome.eq(outcome),
            feed_attempt::detail.eq(detail),
        ))
        .execute(c))?;
    Ok(())
}

fn settle(db: &mut Db, batch: &str, result: &ChangeResult) -> Result<(), StoreError> {
    let mut state = result.state;
    let mut detail = result.detail.clone();
    if state == ChangeState::Waiting && overtaken(db, result.seq)? {
        state = ChangeState::Superseded;
        detail.push_str(" (overtaken by a withdrawal)");
    }
    let in_batch = feed_change::table
        .filter(feed_change::seq.eq(result.seq))
        .filter(feed_change::batch.eq(batch));
    let settled = if state == ChangeState::Waiting {
        diesel::update(in_batch)
            .set((
                feed_change::state.eq(state.as_str()),
                feed_change::detail.eq(&detail),
                feed_change::batch.eq(None::<String>),
            ))
            .execute(db)?
    } else {
        diesel::update(in_batch)
            .set((
                feed_change::state.eq(state.as_str()),
                feed_change::detail.eq(&detail),
            ))
            .execute(db)?
    };
    if settled == 0 {
        return Err(StoreError::NotFound {
            what: "feed change of this batch",
            key: result.seq.to_string(),
        });
    }
    Ok(())
}

/// Whether a later withdrawal of the same record was enqueued.
fn overtaken(db: &mut Db, seq: i64) -> Result<bool, StoreError> {
    let key: Option<(String, String)> = feed_change::table
        .filter(feed_change::seq.eq(seq))
        .select((feed_change::target, feed_change::record_id))
        .first(db)
        .optional()?;
    let Some((target, record_id)) = key else {
        return Ok(false);
    };
    let later: i64 = feed_change::table
        .filter(feed_change::target.eq(target))
        .filter(feed_change::record_id.eq(record_id))
        .filter(feed_change::seq.gt(seq))
        .filter(feed_change::withdrawal.eq(true))
        .count()
        .get_result(db)?;
    Ok(later > 0)
}
