//! Slots of scheduled jobs, claimed under a lease: a slot runs once, whoever runs it.

use chrono::{DateTime, TimeDelta, Utc};

use super::Error;
use crate::store::{
    Db,
    jobs::{self, Begun, JobOutcome},
    leases::{self, Lease},
};

/// The right to run a slot of a job.
#[derive(Debug, Clone)]
pub struct JobLease {
    job: &'static str,
    lease: Lease,
}

/// The last slot of a job that is done.
pub fn last_slot(db: &mut Db, job: &'static str) -> Result<Option<DateTime<Utc>>, Error> {
    Ok(jobs::last_done(db, job)?)
}

/// Claims a slot; nothing if somebody else is running the job or the slot is done.
pub fn begin_job(
    db: &mut Db,
    job: &'static str,
    slot: DateTime<Utc>,
    holder: &str,
    ttl: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Option<JobLease>, Error> {
    #[cfg(feature = "mutants")]
    if super::publish::mutants::slot_left_out(slot, now) {
        return Ok(None);
    }
    let Some(lease) = leases::try_acquire(db, &format!("job:{job}"), holder, ttl, now)? else {
        return Ok(None);
    };
    if jobs::begin(db, job, slot, now)? == Begun::AlreadyDone {
        leases::release(db, &lease, now)?;
        return Ok(None);
    }
    Ok(Some(JobLease { job, lease }))
}

/// Ends a slot and gives the lease back.
pub fn end_job(
    db: &mut Db,
    held: &JobLease,
    slot: DateTime<Utc>,
    done: bool,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    leases::check(db, &held.lease, now)?;
    let outcome = if done {
        JobOutcome::Done
    } else {
        JobOutcome::Failed
    };
    jobs::finish(db, held.job, slot, outcome, detail, now)?;
    leases::release(db, &held.lease, now)?;
    Ok(())
}
