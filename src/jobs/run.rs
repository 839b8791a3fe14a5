//! One run of one job: when it is due, under its lease, with its end recorded.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::{Jobs, chain, work::Stopped};
use crate::service::{
    Error,
    jobs::{
        JobLease, JobName, begin_by_hand, begin_job, end_by_hand, end_job, keep_job, retry_after,
        standing,
    },
};

/// A crashed process frees its jobs after this; a run that goes on keeps its lease.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// How often a run that goes on renews its lease.
const RENEWED_EVERY: Duration = Duration::from_secs(60);

/// What a run by hand came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByHand {
    Done(String),
    Failed(String),
    /// Another process runs it.
    Busy,
}

/// The same of a slot.
enum Slot {
    Done,
    Failed,
    /// Another process runs the job, or has run the slot.
    Taken,
}

impl Jobs {
    /// Runs the slots of a job that have come since the last one that is done.
    pub(super) async fn catch_up(
        &self,
        job: JobName,
        stop: &CancellationToken,
    ) -> Result<(), Error> {
        if self.app.timetable.off(job).is_some() {
            return Ok(());
        }
        let Some(schedule) = self.app.timetable.schedule(job) else {
            return Ok(());
        };
        let (name, now) = (job.as_str(), self.clock.now());
        let standing = self
            .app
            .store
            .read_async(move |db| standing(db, name, now))
            .await?;
        let waits = |at: DateTime<Utc>| at <= now && now < at + retry_after(standing.failures);
        if standing.failed_at.is_some_and(waits) {
            return Ok(());
        }
        let due = schedule
            .due(standing.after, now)
            .without_passed(standing.last_run);
        if due.left_out > 0 {
            tracing::warn!(
                job = name,
                slots = due.left_out,
                "too many missed slots: the oldest are left out"
            );
        }
        if due.passed > 0 {
            tracing::info!(
                job = name,
                slots = due.passed,
                "slots passed while the job ran: the last stands for them"
            );
        }
        for slot in due.slots {
            if stop.is_cancelled() {
                break;
            }
            match self.run_slot(job, slot).await? {
                Slot::Done => {}
                Slot::Failed | Slot::Taken => break,
            }
        }
        Ok(())
    }

    async fn run_slot(&self, job: JobName, slot: DateTime<Utc>) -> Result<Slot, Error> {
        let (name, holder, now) = (job.as_str(), self.holder.clone(), self.clock.now());
        let lease = self
            .app
            .store
            .write_async(move |db| begin_job(db, name, slot, &holder, LEASE, now))
            .await?;
        let Some(lease) = lease else {
            return Ok(Slot::Taken);
        };
        let (done, detail) = self.under(job, &lease).await;
        if done {
            tracing::info!(job = name, %slot, ok = true, detail, "job ran");
        } else {
            tracing::error!(job = name, %slot, error = detail, "a job failed");
        }
        let now = self.clock.now();
        self.app
            .store
            .write_async(move |db| end_job(db, &lease, slot, done, &detail, now))
            .await?;
        Ok(if done { Slot::Done } else { Slot::Failed })
    }

    /// Runs a job now, whatever its schedule says. Its slots come as they would have.
    pub async fn run_by_hand(&self, job: JobName) -> Result<ByHand, Error> {
        let (name, holder, now) = (job.as_str(), self.holder.clone(), self.clock.now());
        let lease = self
            .app
            .store
            .write_async(move |db| begin_by_hand(db, name, &holder, LEASE, now))
            .await?;
        let Some(lease) = lease else {
            return Ok(ByHand::Busy);
        };
        let (done, detail) = self.under(job, &lease).await;
        tracing::info!(job = name, ok = done, detail, "job ran by hand");
        let (now, told) = (self.clock.now(), detail.clone());
        self.app
            .store
            .write_async(move |db| end_by_hand(db, &lease, done, &told, now))
            .await?;
        Ok(if done {
            ByHand::Done(detail)
        } else {
            ByHand::Failed(detail)
        })
    }

    /// Works while the lease is kept. A panic is a failure of this job and of no other.
    async fn under(&self, job: JobName, lease: &JobLease) -> (bool, String) {
        let jobs = self.clone();
        let mut working = tokio::spawn(async move { jobs.work(job).await });
        loop {
            tokio::select! {
                ended = &mut working => {
                    return match ended {
                        Ok(Ok(detail)) => (true, detail),
                        Ok(Err(Stopped::Failed(error))) => (false, chain(&error)),
                        Ok(Err(Stopped::Because(why))) => (false, why),
                        Err(fault) => (false, format!("the job broke off: {fault}")),
                    };
                }
                () = tokio::time::sleep(RENEWED_EVERY) => {
                    let (lease, now) = (lease.clone(), self.clock.now());
                    let kept = self
                        .app
                        .store
                        .write_async(move |db| keep_job(db, &lease, LEASE, now))
                        .await;
                    if let Err(error) = kept {
                        tracing::warn!(job = job.as_str(), error = %chain(&error), "the lease of a job was not renewed");
                    }
                }
            }
        }
    }
}
