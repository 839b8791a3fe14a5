//! Scheduled work: the loop that runs the jobs of [`crate::service::jobs`] when they are due.
//!
//! A job runs once per slot of its schedule, under a lease, so that several processes may run this loop. A slot that was missed is
//! caught up, oldest first; of slots that passed while the job itself ran, the last stands for all. A job that fails is tried
//! again after 1, 2, 4 ... seconds, 10 minutes at most. Withdrawals and retries do not wait for a slot: they are looked at every
//! few seconds, and whatever else runs does not hold them up.

mod run;
mod work;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use crate::service::jobs::{Due, MOST_CAUGHT_UP, Schedule, ScheduleError};
pub use run::ByHand;

use crate::{
    clock::Clock,
    config::Settings,
    service::{
        App, Error, Publisher, Scope,
        audit::{audit_is_behind, link_audit},
        jobs::{JobName, know_job},
    },
};

/// How often the loop looks at the clock.
const TICK: Duration = Duration::from_secs(1);
/// How often withdrawals and retries are looked at.
const URGENT_EVERY: TimeDelta = TimeDelta::seconds(2);

/// Jobs that run one after another. What sends is apart, so that no long night keeps a withdrawal waiting.
const HOUSE: &[JobName] = &[
    JobName::Expire,
    JobName::Rescore,
    JobName::Replay,
    JobName::Backup,
    JobName::Reconcile,
    JobName::Remind,
];
const FEED: &[JobName] = &[JobName::Publish];

/// The jobs of a service. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Jobs {
    app: Arc<App>,
    clock: Clock,
    publisher: Option<Publisher>,
    holder: String,
    /// Stored scores that are replayed in a night.
    sample: usize,
}

impl Jobs {
    /// The jobs by the settings; without a publisher nothing is pushed.
    pub fn new(
        app: Arc<App>,
        clock: Clock,
        settings: &Settings,
        publisher: Option<Publisher>,
    ) -> Self {
        Self {
            app,
            clock,
            publisher,
            sample: settings.jobs.replay_sample,
            holder: format!("{}@{}", std::process::id(), Uuid::now_v7().simple()),
        }
    }

    /// Makes the jobs known to the database: their slots count from the first time on that this is done.
    pub async fn know(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let know = move |db: &mut crate::service::Db| {
            for job in JobName::ALL {
                know_job(db, job.as_str(), now)?;
            }
            Ok(())
        };
        self.app.store.write_async(know).await
    }

    /// Runs until cancelled. A job that fails is logged and tried again; nothing stops the loop.
    pub async fn run(self, stop: CancellationToken) {
        while let Err(error) = self.know().await {
            tracing::error!(error = %chain(&error), "the jobs are not known to the database yet");
            tick(&stop).await;
            if stop.is_cancelled() {
                return;
            }
        }
        tokio::join!(
            self.lane(HOUSE, &stop),
            self.feed_lane(&stop),
            self.link_audit(&stop),
        );
    }

    async fn lane(&self, jobs: &[JobName], stop: &CancellationToken) {
        while !stop.is_cancelled() {
            self.look_at(jobs, stop).await;
            tick(stop).await;
        }
    }

    async fn feed_lane(&self, stop: &CancellationToken) {
        let mut urgent_at = DateTime::<Utc>::MIN_UTC;
        while !stop.is_cancelled() {
            self.look_at(FEED, stop).await;
            let now = self.clock.now();
            // Neither a clock that is set back keeps withdrawals waiting.
            if now >= urgent_at || urgent_at - now > URGENT_EVERY {
                urgent_at = now + URGENT_EVERY;
                self.urgent().await;
            }
            tick(stop).await;
        }
    }

    /// Links rows of the audit trail that have no link yet: on PostgreSQL all, on SQLite those from before there was a chain.
    async fn link_audit(&self, stop: &CancellationToken) {
        let store = &self.app.store;
        while !stop.is_cancelled() {
            let linked = match store.read_async(audit_is_behind).await {
                Ok(true) => store.write_async(link_audit).await,
                Ok(false) if store.is_embedded() => return,
                Ok(false) => Ok(0),
                Err(error) => Err(error),
            };
            match linked {
                Ok(0) => tick(stop).await,
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(error = %chain(&error), "the audit trail could not be linked");
                    tick(stop).await;
                }
            }
        }
    }

    /// One look at the clock: runs every slot that is due.
    pub async fn look(&self) {
        let stop = CancellationToken::new();
        self.look_at(HOUSE, &stop).await;
        self.look_at(FEED, &stop).await;
    }

    async fn look_at(&self, jobs: &[JobName], stop: &CancellationToken) {
        for job in jobs {
            if let Err(error) = self.catch_up(*job, stop).await {
                tracing::error!(job = job.as_str(), error = %chain(&error), "a job failed");
            }
        }
    }

    /// Withdrawals that wait and batches whose next try has come.
    async fn urgent(&self) {
        let Some(publisher) = &self.publisher else {
            return;
        };
        let clock = self.clock.clone();
        if let Err(error) = publisher
            .run(&self.app, Scope::Urgent, &move || clock.now())
            .await
        {
            tracing::error!(error = %chain(&error), "the publisher failed");
        }
    }
}

async fn tick(stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(TICK) => {}
    }
}

/// An error with its causes, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
