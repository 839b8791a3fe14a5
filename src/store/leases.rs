//! Leases: who may act alone for a while, with a token that only ever grows.
//!
//! A process that was paused past the end of its lease still believes it holds it. What it then does under the old token
//! is refused by [`check`], in the transaction that would have done it.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::{Db, StoreError, columns::Micros, db::each, schema::lease};

/// A lease that was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub name: String,
    /// Names one process, for people to read; only the token counts.
    pub holder: String,
    /// Larger than every token granted before for this name.
    pub token: i64,
    pub until: DateTime<Utc>,
}

impl Lease {
    fn lost(&self) -> StoreError {
        StoreError::LeaseLost {
            name: self.name.clone(),
            token: self.token,
        }
    }
}

/// Takes a lease that nobody holds; nothing if somebody does, even the same holder ([`renew`] prolongs).
pub fn try_acquire(
    db: &mut Db,
    name: &str,
    holder: &str,
    ttl: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Option<Lease>, StoreError> {
    let until = now + ttl;
    each!(db, c => diesel::insert_into(lease::table)
        .values((
            lease::name.eq(name),
            lease::holder.eq(""),
            lease::token.eq(0_i64),
            lease::until.eq(Micros::from(DateTime::UNIX_EPOCH)),
        ))
        .on_conflict(lease::name)
        .do_nothing()
        .execute(c))?;
    let taken = diesel::update(lease::table.find(name))
        .filter(lease::until.le(Micros::from(now)))
        .set((
            lease::holder.eq(holder),
            lease::token.eq(lease::token + 1),
            lease::until.eq(Micros::from(until)),
        ))
        .execute(db)?;
    if taken == 0 {
        return Ok(None);
    }
    find(db, name)
}

/// Prolongs a lease that is still held.
///
/// # Errors
/// [`StoreError::LeaseLost`] if it ran out or somebody else has it.
pub fn renew(
    db: &mut Db,
    held: &Lease,
    ttl: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Lease, StoreError> {
    check(db, held, now)?;
    let until = now + ttl;
    diesel::update(lease::table.find(&held.name))
        .set(lease::until.eq(Micros::from(until)))
        .execute(db)?;
    Ok(Lease {
        until,
        ..held.clone()
    })
}

/// Prolongs a lease that nobody else was granted meanwhile, even if it has run out: for work that a lease keeps others from,
/// and that does not itself depend on the time.
///
/// # Errors
/// [`StoreError::LeaseLost`] if somebody else has or had it.
pub fn prolong(
    db: &mut Db,
    held: &Lease,
    ttl: TimeDelta,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let prolonged = diesel::update(lease::table.find(&held.name))
        .filter(lease::token.eq(held.token))
        .set(lease::until.eq(Micros::from(now + ttl)))
        .execute(db)?;
    if prolonged == 0 {
        return Err(held.lost());
    }
    Ok(())
}

/// Gives a lease back; nothing happens if it was lost. From then on it is free at any time, also at an earlier one: a clock that
/// is set back keeps nobody out.
pub fn release(db: &mut Db, held: &Lease, now: DateTime<Utc>) -> Result<(), StoreError> {
    diesel::update(lease::table.find(&held.name))
        .filter(lease::token.eq(held.token))
        .filter(lease::until.gt(Micros::from(now)))
        .set(lease::until.eq(Micros::from(DateTime::UNIX_EPOCH)))
        .execute(db)?;
    Ok(())
}

/// The fence: call it in the transaction that needs the lease.
///
/// # Errors
/// [`StoreError::LeaseLost`] if it ran out or somebody else has it.
pub fn check(db: &mut Db, held: &Lease, now: DateTime<Utc>) -> Result<(), StoreError> {
    let current = find(db, &held.name)?.ok_or_else(|| held.lost())?;
    if current.token != held.token || current.until <= now {
        return Err(held.lost());
    }
    Ok(())
}

/// The lease of this name as it was last granted, even if it has run out.
pub fn find(db: &mut Db, name: &str) -> Result<Option<Lease>, StoreError> {
    let row: Option<(String, String, i64, Micros)> =
        lease::table.find(name).first(db).optional()?;
    Ok(row.map(|(name, holder, token, until)| Lease {
        name,
        holder,
        token,
        until: until.into(),
    }))
}
