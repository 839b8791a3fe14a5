//! Slots of scheduled jobs, claimed under a lease: a slot runs once, whoever runs it, and every run leaves a trace.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    service::Error,
    store::{
        Db,
        jobs::{self, Begun, Ended, Ending, JobOutcome, UnderWay},
        leases::{self, Lease},
    },
};

/// The right to run a job, once.
#[derive(Debug, Clone)]
pub struct JobLease {
    job: &'static str,
    lease: Lease,
    run: UnderWay,
}

/// What decides whether a slot of a job is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Slots after this one are to be run.
    pub after: DateTime<Utc>,
    /// From when to when the last run by the schedule that was done took.
    pub last_run: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Runs by the schedule since then that failed, and when the last of them did.
    pub failures: u32,
    pub failed_at: Option<DateTime<Utc>>,
}

/// Runs that are looked at for failures in a row; a pause between tries grows no more by then.
const LOOKED_AT: usize = 20;

/// The last slot of a job that is done.
pub fn last_slot(db: &mut Db, job: &'static str) -> Result<Option<DateTime<Utc>>, Error> {
    Ok(jobs::last_done(db, job)?)
}

/// Makes a job known to this database: its slots count from now on, whoever is away meanwhile.
pub fn know_job(db: &mut Db, job: &'static str, now: DateTime<Utc>) -> Result<(), Error> {
    Ok(jobs::know(db, job, now)?)
}

/// How a job stands; one that nobody made known yet begins at `now`.
pub fn standing(db: &mut Db, job: &'static str, now: DateTime<Utc>) -> Result<Standing, Error> {
    let since = jobs::known(db, job)?.map_or(now, |known| known.since);
    let by_schedule: Vec<Ended> = jobs::history(db, job, LOOKED_AT)?
        .into_iter()
        .filter(|ended| ended.run.slot.is_some())
        .collect();
    let not_done = |ended: &&Ended| ended.ending != Ending::Done;
    let failures = by_schedule.iter().take_while(not_done).count();
    let failed = by_schedule.first().filter(not_done);
    let done = by_schedule.get(failures);
    Ok(Standing {
        after: jobs::last_done(db, job)?.unwrap_or(since),
        last_run: done.map(|ended| (ended.run.started_at, ended.finished_at)),
        failures: u32::try_from(failures).unwrap_or(u32::MAX),
        failed_at: failed.map(|ended| ended.finished_at),
    })
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
    if crate::service::publish::mutants::slot_left_out(slot, now) {
        return Ok(None);
    }
    let Some(lease) = leases::try_acquire(db, &format!("job:{job}"), holder, ttl, now)? else {
        return Ok(None);
    };
    if jobs::begin(db, job, slot, now)? == Begun::AlreadyDone {
        leases::release(db, &lease, now)?;
        return Ok(None);
    }
    begin(db, job, lease, Some(slot), now).map(Some)
}

/// Claims a job for a run by hand; nothing if somebody else is running it. Its slots come as they would have.
pub fn begin_by_hand(
    db: &mut Db,
    job: &'static str,
    holder: &str,
    ttl: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Option<JobLease>, Error> {
    match leases::try_acquire(db, &format!("job:{job}"), holder, ttl, now)? {
        Some(lease) => begin(db, job, lease, None, now).map(Some),
        None => Ok(None),
    }
}

fn begin(
    db: &mut Db,
    job: &'static str,
    lease: Lease,
    slot: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<JobLease, Error> {
    jobs::know(db, job, now)?;
    // Whoever has the lease runs alone: a run that did not end was left by its process.
    if let Some(run) = jobs::known(db, job)?.and_then(|known| known.under_way) {
        let lost = Ended {
            run,
            finished_at: now,
            ending: Ending::Lost,
            detail: "its process went away, or lost the lease".to_owned(),
        };
        jobs::append(db, job, &lost)?;
    }
    let run = UnderWay {
        slot,
        started_at: now,
        holder: lease.holder.clone(),
    };
    jobs::note(db, job, Some(&run))?;
    Ok(JobLease { job, lease, run })
}

/// Keeps a run that goes on from losing its lease.
///
/// # Errors
/// If it was lost.
pub fn keep_job(
    db: &mut Db,
    held: &JobLease,
    ttl: TimeDelta,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    Ok(leases::prolong(db, &held.lease, ttl, now)?)
}

/// Ends a run and gives the lease back. Time alone does not void it: as long as nobody else was granted the lease, what was done
/// was done alone.
///
/// # Errors
/// If somebody else was granted the lease.
pub fn end_job(
    db: &mut Db,
    held: &JobLease,
    slot: DateTime<Utc>,
    done: bool,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let outcome = if done {
        JobOutcome::Done
    } else {
        JobOutcome::Failed
    };
    end(db, held, done, detail, now, |db| {
        Ok(jobs::finish(db, held.job, slot, outcome, detail, now)?)
    })
}

/// As [`end_job`], of a run by hand.
///
/// # Errors
/// If somebody else was granted the lease.
pub fn end_by_hand(
    db: &mut Db,
    held: &JobLease,
    done: bool,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    end(db, held, done, detail, now, |_| Ok(()))
}

fn end(
    db: &mut Db,
    held: &JobLease,
    done: bool,
    detail: &str,
    now: DateTime<Utc>,
    mark: impl FnOnce(&mut Db) -> Result<(), Error>,
) -> Result<(), Error> {
    leases::prolong(db, &held.lease, TimeDelta::minutes(1), now)?;
    mark(db)?;
    let ended = Ended {
        run: held.run.clone(),
        finished_at: now,
        ending: if done { Ending::Done } else { Ending::Failed },
        detail: detail.to_owned(),
    };
    jobs::append(db, held.job, &ended)?;
    jobs::note(db, held.job, None)?;
    leases::release(db, &held.lease, now)?;
    Ok(())
}
