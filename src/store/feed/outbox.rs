//! Changes: in, through, and out.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::{dsl::count_star, prelude::*, upsert::excluded};

use super::{BatchState, Change, ChangeState, NewChange, TargetStatus};
use crate::domain::Uscc;
use crate::store::{
    CHUNK, Db, StoreError,
    columns::{self, Micros},
    db::each,
    schema::{feed_batch, feed_change, feed_target},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = feed_change)]
struct Row {
    seq: i64,
    company: String,
    target: String,
    record_id: String,
    version: i64,
    op: String,
    withdrawal: bool,
    payload: String,
    digest: String,
    created_at: Micros,
    batch: Option<String>,
    state: String,
    detail: String,
}

impl TryFrom<Row> for Change {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            seq: row.seq,
            change: NewChange {
                company: columns::read(("feed_change", "company"), &row.company)?,
                target: row.target,
                record_id: row.record_id,
                version: row.version,
                op: row.op,
                withdrawal: row.withdrawal,
                payload: row.payload,
                digest: row.digest,
            },
            created_at: row.created_at.into(),
            batch: row.batch,
            state: ChangeState::parse(&row.state)?,
            detail: row.detail,
        })
    }
}

fn changes(rows: Vec<Row>) -> Result<Vec<Change>, StoreError> {
    rows.into_iter().map(Change::try_from).collect()
}

/// Puts a change into the outbox; in the transaction of the event that caused it. Returns its place in the order. The
/// same change again returns the same place.
///
/// A withdrawal supersedes what waits of the same record: sent after it, that would bring back what it took away.
///
/// # Errors
/// [`StoreError::Exists`] if this version was enqueued with other content, [`StoreError::Conflict`] if a later version was.
pub fn enqueue(db: &mut Db, new: &NewChange, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let earlier = changes_of(db, &new.target, &new.record_id)?;
    if let Some(same) = earlier
        .iter()
        .find(|known| known.change.version == new.version && known.change.op == new.op)
    {
        if same.change.digest == new.digest && same.change.withdrawal == new.withdrawal {
            return Ok(same.seq);
        }
        return Err(StoreError::Exists {
            what: "feed change",
            key: format!("{} version {}", new.record_id, new.version),
        });
    }
    if let Some(latest) = earlier.iter().map(|known| known.change.version).max()
        && latest > new.version
    {
        return Err(StoreError::Conflict {
            what: "feed record",
            key: new.record_id.clone(),
            expected: new.version,
            found: latest,
        });
    }
    ensure_target(db, &new.target)?;
    if new.withdrawal {
        let why = format!("superseded by withdrawal, version {}", new.version);
        supersede(db, &new.target, &new.record_id, new.version, &why)?;
    }
    each!(db, c => diesel::insert_into(feed_change::table)
        .values((
            feed_change::company.eq(new.company.as_str()),
            feed_change::target.eq(&new.target),
            feed_change::record_id.eq(&new.record_id),
            feed_change::version.eq(new.version),
            feed_change::op.eq(&new.op),
            feed_change::withdrawal.eq(new.withdrawal),
            feed_change::payload.eq(&new.payload),
            feed_change::digest.eq(&new.digest),
            feed_change::created_at.eq(Micros::from(now)),
            feed_change::state.eq(ChangeState::Waiting.as_str()),
            feed_change::detail.eq(""),
        ))
        .execute(c))?;
    Ok(feed_change::table
        .filter(feed_change::target.eq(&new.target))
        .filter(feed_change::record_id.eq(&new.record_id))
        .filter(feed_change::version.eq(new.version))
        .filter(feed_change::op.eq(&new.op))
        .select(feed_change::seq)
        .first(db)?)
}

/// Takes waiting changes of a record, up to and with `version`, out of the queue, saying why. What is in a batch stays
/// there. Returns how many.
pub fn supersede(
    db: &mut Db,
    target: &str,
    record_id: &str,
    version: i64,
    why: &str,
) -> Result<usize, StoreError> {
    Ok(diesel::update(feed_change::table)
        .filter(feed_change::target.eq(target))
        .filter(feed_change::record_id.eq(record_id))
        .filter(feed_change::version.le(version))
        .filter(feed_change::state.eq(ChangeState::Waiting.as_str()))
        .set((
            feed_change::state.eq(ChangeState::Superseded.as_str()),
            feed_change::detail.eq(why),
        ))
        .execute(db)?)
}

/// What waits to be sent: withdrawals first, each in the order of enqueueing.
pub fn waiting(db: &mut Db, target: &str, limit: usize) -> Result<Vec<Change>, StoreError> {
    let rows: Vec<Row> = feed_change::table
        .filter(feed_change::target.eq(target))
        .filter(feed_change::state.eq(ChangeState::Waiting.as_str()))
        .order((feed_change::withdrawal.desc(), feed_change::seq.asc()))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(Row::as_select())
        .load(db)?;
    changes(rows)
}

/// Every change of one record at a target, in the order of enqueueing.
pub fn changes_of(db: &mut Db, target: &str, record_id: &str) -> Result<Vec<Change>, StoreError> {
    let rows: Vec<Row> = feed_change::table
        .filter(feed_change::target.eq(target))
        .filter(feed_change::record_id.eq(record_id))
        .order(feed_change::seq.asc())
        .select(Row::as_select())
        .load(db)?;
    changes(rows)
}

/// Every change at a target that was not overtaken before it went, by record and version.
pub fn changes_of_target(db: &mut Db, target: &str) -> Result<Vec<Change>, StoreError> {
    let rows: Vec<Row> = feed_change::table
        .filter(feed_change::target.eq(target))
        .filter(feed_change::state.ne(ChangeState::Superseded.as_str()))
        .order((
            feed_change::record_id.asc(),
            feed_change::version.asc(),
            feed_change::seq.asc(),
        ))
        .select(Row::as_select())
        .load(db)?;
    changes(rows)
}

/// Every change of a company's records at a target, in the order of enqueueing.
pub fn changes_of_company(
    db: &mut Db,
    target: &str,
    company: &Uscc,
) -> Result<Vec<Change>, StoreError> {
    let rows: Vec<Row> = feed_change::table
        .filter(feed_change::company.eq(company.as_str()))
        .filter(feed_change::target.eq(target))
        .order(feed_change::seq.asc())
        .select(Row::as_select())
        .load(db)?;
    changes(rows)
}

/// The changes in a batch, in the order of enqueueing.
pub fn changes_in(db: &mut Db, batch: &str) -> Result<Vec<Change>, StoreError> {
    let rows: Vec<Row> = feed_change::table
        .filter(feed_change::batch.eq(batch))
        .order(feed_change::seq.asc())
        .select(Row::as_select())
        .load(db)?;
    changes(rows)
}

/// Changes of these records that are in a batch without an answer: what a withdrawal of them may overtake.
pub fn in_flight(
    db: &mut Db,
    target: &str,
    record_ids: &[String],
) -> Result<Vec<Change>, StoreError> {
    let mut found = Vec::new();
    for chunk in record_ids.chunks(CHUNK) {
        let rows = each!(db, c => feed_change::table
            .filter(feed_change::target.eq(target))
            .filter(feed_change::record_id.eq_any(chunk))
            .filter(feed_change::state.eq(ChangeState::Batched.as_str()))
            .order(feed_change::seq.asc())
            .select(Row::as_select())
            .load::<Row>(c))?;
        found.extend(changes(rows)?);
    }
    Ok(found)
}

/// What the platform refused and no later change of the record has replaced, the latest first.
pub fn rejected(db: &mut Db, target: &str, limit: usize) -> Result<Vec<Change>, StoreError> {
    let later = diesel::alias!(feed_change as later);
    let rows: Vec<Row> = feed_change::table
        .filter(feed_change::target.eq(target))
        .filter(feed_change::state.eq(ChangeState::Rejected.as_str()))
        .filter(diesel::dsl::not(diesel::dsl::exists(
            later
                .filter(later.field(feed_change::target).eq(feed_change::target))
                .filter(
                    later
                        .field(feed_change::record_id)
                        .eq(feed_change::record_id),
                )
                .filter(later.field(feed_change::seq).gt(feed_change::seq)),
        )))
        .order(feed_change::seq.desc())
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(Row::as_select())
        .load(db)?;
    changes(rows)
}

/// What the platform should show: the last accepted change of each record, by record id. Accepted withdrawals are among
/// them; what is withdrawn must not be shown.
pub fn latest_accepted(db: &mut Db, target: &str) -> Result<Vec<Change>, StoreError> {
    let rows: Vec<Row> = feed_change::table
        .filter(feed_change::target.eq(target))
        .filter(feed_change::state.eq(ChangeState::Accepted.as_str()))
        .order((
            feed_change::record_id.asc(),
            feed_change::version.asc(),
            feed_change::seq.asc(),
        ))
        .select(Row::as_select())
        .load(db)?;
    let mut latest = BTreeMap::new();
    for change in changes(rows)? {
        latest.insert(change.change.record_id.clone(), change);
    }
    Ok(latest.into_values().collect())
}

/// Withdrawals that the platform has not confirmed, the oldest first: they wait, are under way, or were refused and no later
/// change of their record has replaced them.
pub fn unconfirmed_withdrawals(db: &mut Db, target: &str) -> Result<Vec<Change>, StoreError> {
    let rows: Vec<Row> = feed_change::table
        .filter(feed_change::target.eq(target))
        .filter(feed_change::withdrawal.eq(true))
        .filter(
            feed_change::state
                .eq_any([ChangeState::Waiting.as_str(), ChangeState::Batched.as_str()]),
        )
        .order(feed_change::seq.asc())
        .select(Row::as_select())
        .load(db)?;
    let mut found = changes(rows)?;
    let refused = rejected(db, target, usize::MAX)?;
    found.extend(
        refused
            .into_iter()
            .filter(|change| change.change.withdrawal),
    );
    found.sort_by_key(|change| change.seq);
    Ok(found)
}

/// Stops everything to a target (with a reason), or lets it go on.
pub fn freeze(db: &mut Db, target: &str, reason: Option<&str>) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(feed_target::table)
        .values((
            feed_target::target.eq(target),
            feed_target::last_number.eq(0_i64),
            feed_target::frozen.eq(reason.is_some()),
            feed_target::frozen_reason.eq(reason.unwrap_or_default()),
        ))
        .on_conflict(feed_target::target)
        .do_update()
        .set((
            feed_target::frozen.eq(excluded(feed_target::frozen)),
            feed_target::frozen_reason.eq(excluded(feed_target::frozen_reason)),
        ))
        .execute(c))?;
    Ok(())
}

/// How a target stands; one that nothing was ever enqueued for stands empty.
pub fn status(db: &mut Db, target: &str) -> Result<TargetStatus, StoreError> {
    let row: Option<(i64, bool, String)> = feed_target::table
        .find(target)
        .select((
            feed_target::last_number,
            feed_target::frozen,
            feed_target::frozen_reason,
        ))
        .first(db)
        .optional()?;
    let (last_number, frozen, reason) = row.unwrap_or_default();
    let changes: Vec<(String, bool, i64)> = feed_change::table
        .filter(feed_change::target.eq(target))
        .group_by((feed_change::state, feed_change::withdrawal))
        .select((feed_change::state, feed_change::withdrawal, count_star()))
        .order((feed_change::state.asc(), feed_change::withdrawal.asc()))
        .load(db)?;
    let batches: Vec<(String, i64)> = feed_batch::table
        .filter(feed_batch::target.eq(target))
        .group_by(feed_batch::state)
        .select((feed_batch::state, count_star()))
        .order(feed_batch::state.asc())
        .load(db)?;
    let oldest: Option<Micros> = feed_change::table
        .filter(feed_change::target.eq(target))
        .filter(feed_change::state.eq(ChangeState::Waiting.as_str()))
        .order(feed_change::created_at.asc())
        .select(feed_change::created_at)
        .first(db)
        .optional()?;
    Ok(TargetStatus {
        frozen: frozen.then_some(reason),
        last_number,
        changes: changes
            .into_iter()
            .map(|(state, withdrawal, number)| {
                Ok((ChangeState::parse(&state)?, withdrawal, number))
            })
            .collect::<Result<_, StoreError>>()?,
        batches: batches
            .into_iter()
            .map(|(state, number)| Ok((BatchState::parse(&state)?, number)))
            .collect::<Result<_, StoreError>>()?,
        oldest_waiting: oldest.map(Into::into),
    })
}

/// Makes the row that holds a target's last number.
pub(super) fn ensure_target(db: &mut Db, target: &str) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(feed_target::table)
        .values((
            feed_target::target.eq(target),
            feed_target::last_number.eq(0_i64),
            feed_target::frozen.eq(false),
            feed_target::frozen_reason.eq(""),
        ))
        .on_conflict(feed_target::target)
        .do_nothing()
        .execute(c))?;
    Ok(())
}

/// The latest version of a record that was enqueued for a target; none if it never was.
pub fn last_version(db: &mut Db, target: &str, record_id: &str) -> Result<Option<i64>, StoreError> {
    let changes = changes_of(db, target, record_id)?;
    Ok(changes.iter().map(|known| known.change.version).max())
}

/// Takes a waiting change out of the queue because it cannot be sent as it is, saying why; a person must mend it.
///
/// # Errors
/// [`StoreError::State`] if it does not wait.
pub fn refuse(db: &mut Db, seq: i64, why: &str) -> Result<(), StoreError> {
    leave_queue(db, seq, ChangeState::Rejected, why)
}

/// Takes a waiting change out of the queue because a later one says all there is to say.
///
/// # Errors
/// [`StoreError::State`] if it does not wait.
pub fn supersede_change(db: &mut Db, seq: i64, why: &str) -> Result<(), StoreError> {
    leave_queue(db, seq, ChangeState::Superseded, why)
}

fn leave_queue(db: &mut Db, seq: i64, state: ChangeState, why: &str) -> Result<(), StoreError> {
    let left = diesel::update(feed_change::table)
        .filter(feed_change::seq.eq(seq))
        .filter(feed_change::state.eq(ChangeState::Waiting.as_str()))
        .set((
            feed_change::state.eq(state.as_str()),
            feed_change::detail.eq(why),
        ))
        .execute(db)?;
    if left == 1 {
        return Ok(());
    }
    Err(StoreError::State {
        what: "feed change",
        key: seq.to_string(),
        found: "not waiting".to_owned(),
        needed: "waiting",
    })
}
