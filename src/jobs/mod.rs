//! Scheduled work: which jobs there are, when they are due, and the loop that runs them.
//!
//! A job runs once per slot of its schedule, under a lease, so that several processes may run this loop. A slot that
//! was missed is caught up, oldest first. Withdrawals and retries do not wait for a slot: they are looked at every
//! few seconds.

mod schedule;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use schedule::{Due, MOST_CAUGHT_UP, Schedule, ScheduleError};

use crate::{
    clock::Clock,
    config::Settings,
    domain::Day,
    service::{self, App, Choice, Error, JobLease, Publisher, Scope},
};

/// How often the loop looks at the clock.
const TICK: Duration = Duration::from_secs(1);
/// How often withdrawals and retries are looked at.
const URGENT_EVERY: TimeDelta = TimeDelta::seconds(2);
/// Longer than any job; a crashed process frees its jobs after this.
const LEASE: TimeDelta = TimeDelta::minutes(30);

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Expire,
    Rescore,
    Replay,
    Remind,
    Publish,
    Reconcile,
}

/// A job with its schedule.
#[derive(Debug)]
struct Job {
    name: &'static str,
    work: Work,
    schedule: Schedule,
}

/// The jobs of a service.
#[derive(Debug)]
pub struct Jobs {
    app: Arc<App>,
    clock: Clock,
    jobs: Vec<Job>,
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
    ) -> Result<Self, ScheduleError> {
        let mut jobs = vec![
            Job {
                name: "expire",
                work: Work::Expire,
                schedule: Schedule::parse(&settings.jobs.expire)?,
            },
            Job {
                name: "rescore",
                work: Work::Rescore,
                schedule: Schedule::parse(&settings.jobs.rescore)?,
            },
            Job {
                name: "replay",
                work: Work::Replay,
                schedule: Schedule::parse(&settings.jobs.replay)?,
            },
        ];
        jobs.push(Job {
            name: "remind",
            work: Work::Remind,
            schedule: Schedule::parse(&settings.jobs.remind)?,
        });
        if publisher.is_some() {
            jobs.push(Job {
                name: "publish",
                work: Work::Publish,
                schedule: Schedule::parse(&settings.publish.schedule)?,
            });
        }
        if publisher.as_ref().is_some_and(Publisher::can_be_asked) {
            jobs.push(Job {
                name: "reconcile",
                work: Work::Reconcile,
                schedule: Schedule::parse(&settings.jobs.reconcile)?,
            });
        }
        Ok(Self {
            app,
            clock,
            jobs,
            publisher,
            sample: settings.jobs.replay_sample,
            holder: format!("{}@{}", std::process::id(), Uuid::now_v7().simple()),
        })
    }

    /// Runs until cancelled. A job that fails is logged and tried again at the next look; nothing stops the loop.
    pub async fn run(self, stop: CancellationToken) {
        let started = self.clock.now();
        let mut urgent_at = started;
        while !stop.is_cancelled() {
            let now = self.clock.now();
            for job in &self.jobs {
                if let Err(error) = self.catch_up(job, started).await {
                    tracing::error!(job = job.name, error = %chain(&error), "a job failed");
                }
            }
            if now >= urgent_at {
                urgent_at = now + URGENT_EVERY;
                self.urgent().await;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Runs the slots of a job that have come since the last one that is done; a job that never ran begins with the slots
    /// after the start.
    async fn catch_up(&self, job: &Job, started: DateTime<Utc>) -> Result<(), Error> {
        let name = job.name;
        let last = self
            .app
            .store
            .read_async(move |db| service::last_slot(db, name))
            .await?
            .unwrap_or(started);
        let due = job.schedule.due(last, self.clock.now());
        if due.left_out > 0 {
            tracing::warn!(
                job = name,
                slots = due.left_out,
                "too many missed slots: the oldest are left out"
            );
        }
        for slot in due.slots {
            self.run_slot(job, slot).await?;
        }
        Ok(())
    }

    async fn run_slot(&self, job: &Job, slot: DateTime<Utc>) -> Result<(), Error> {
        let (name, holder, now) = (job.name, self.holder.clone(), self.clock.now());
        let lease = self
            .app
            .store
            .write_async(move |db| service::begin_job(db, name, slot, &holder, LEASE, now))
            .await?;
        let Some(lease) = lease else { return Ok(()) };
        let outcome = self.work(job.work).await;
        let detail = match &outcome {
            Ok(detail) => detail.clone(),
            Err(error) => chain(error),
        };
        tracing::info!(job = name, %slot, ok = outcome.is_ok(), detail, "job ran");
        self.end(lease, slot, outcome.is_ok(), detail).await?;
        outcome.map(|_| ())
    }

    async fn end(
        &self,
        lease: JobLease,
        slot: DateTime<Utc>,
        done: bool,
        detail: String,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        self.app
            .store
            .write_async(move |db| service::end_job(db, &lease, slot, done, &detail, now))
            .await
    }

    async fn work(&self, work: Work) -> Result<String, Error> {
        let (app, now) = (Arc::clone(&self.app), self.clock.now());
        match work {
            Work::Expire => {
                let store = self.app.store.clone();
                let expired = store
                    .write_async(move |db| service::expire_due(db, &app, now))
                    .await?;
                Ok(format!("{expired} entries expired"))
            }
            Work::Rescore => {
                let store = self.app.store.clone();
                let done = store
                    .write_async(move |db| service::rescore_due(db, &app, now))
                    .await?;
                Ok(format!("{} scored, {} changed", done.scored, done.changed))
            }
            Work::Replay => self.replay(now).await,
            Work::Remind => {
                let store = self.app.store.clone();
                let (recounted, reminders) = store
                    .write_async(move |db| {
                        let recounted = service::deadlines::recount(db, &app, now)?;
                        service::deadlines::follow_all(db, &app, now)?;
                        Ok::<_, Error>((recounted, service::deadlines::remind(db, &app, now)?))
                    })
                    .await?;
                for reminder in &reminders {
                    tracing::info!(
                        matter = reminder.matter_kind,
                        id = reminder.matter,
                        rule = reminder.rule,
                        due_on = reminder.due_on,
                        threshold = reminder.threshold,
                        "a period runs out"
                    );
                }
                Ok(format!(
                    "{} reminders; {} periods counted again, {} without a day",
                    reminders.len(),
                    recounted.recounted,
                    recounted.waiting
                ))
            }
            Work::Reconcile => self.reconcile().await,
            Work::Publish => {
                let Some(publisher) = &self.publisher else {
                    return Ok("no platform is configured".to_owned());
                };
                let clock = self.clock.clone();
                let report = publisher
                    .run(&self.app, Scope::Slot, &move || clock.now())
                    .await?;
                Ok(format!(
                    "{} sealed, {} accepted, {} rejected, {} waiting",
                    report.sealed, report.accepted, report.rejected, report.waiting
                ))
            }
        }
    }

    /// Computes a sample of the stored scores again, drawn by the date. A difference is an alarm, not a failed job: running it
    /// again would find the same.
    async fn replay(&self, now: DateTime<Utc>) -> Result<String, Error> {
        let choice = Choice::Sample {
            size: self.sample,
            seed: Day::of(now).to_string(),
        };
        let store = &self.app.store;
        let found = store
            .read_async(move |db| service::replay(db, &choice))
            .await?;
        for one in &found.differences {
            tracing::error!(
                score = one.subject(), computed_at = one.computed_at, ruleset = one.ruleset_digest,
                fault = one.fault, line = ?one.line, "a stored score does not come out again"
            );
        }
        let summary = format!(
            "{} replayed, {} differ, {} overlapped, {} from before the history",
            found.replayed,
            found.differences.len(),
            found.overlapped,
            found.before_history
        );
        store
            .write_async(move |db| service::raise(db, &found.differences, now))
            .await?;
        Ok(summary)
    }

    /// Compares the platform with the outbox. A difference is an alarm, not a failed job; so is a platform that cannot be
    /// asked tonight: asking it every second until morning would help nobody.
    async fn reconcile(&self) -> Result<String, Error> {
        let Some(publisher) = &self.publisher else {
            return Ok("no platform is configured".to_owned());
        };
        let clock = self.clock.clone();
        let found = service::reconcile_nightly(&self.app, publisher, &move || clock.now()).await?;
        for worst in found.worst() {
            tracing::error!(
                difference = worst,
                "the platform shows what must not be visible"
            );
        }
        for alarm in &found.alarms {
            tracing::error!(alarm, "a difference of the platform needs a person");
        }
        if let Some(why) = &found.comparison.failed {
            tracing::error!(why, "the platform could not be compared");
        }
        Ok(found.summary())
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
