//! What each job does: calls of the use cases, and what they came to in a line.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Jobs, chain};
use crate::{
    domain::Day,
    service::{self, Choice, Error, Publisher, Scope, backup::back_up, jobs::JobName},
};

/// Why a run is not done.
#[derive(Debug)]
pub(super) enum Stopped {
    Failed(Error),
    /// Nothing failed, and it could not be done.
    Because(String),
}

impl<E: Into<Error>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Jobs {
    pub(super) async fn work(&self, job: JobName) -> Result<String, Stopped> {
        let (app, now) = (Arc::clone(&self.app), self.clock.now());
        match job {
            JobName::Expire => {
                let store = self.app.store.clone();
                let expired = store
                    .write_async(move |db| service::expire_due(db, &app, now))
                    .await?;
                Ok(format!("{expired} entries expired"))
            }
            JobName::Rescore => {
                let store = self.app.store.clone();
                let done = store
                    .write_async(move |db| service::rescore_due(db, &app, now))
                    .await?;
                Ok(format!("{} scored, {} changed", done.scored, done.changed))
            }
            JobName::Replay => Ok(self.replay(now).await?),
            JobName::Backup => {
                // Files and seconds: not on a thread that serves others.
                let copying = tokio::task::spawn_blocking(move || back_up(&app, now));
                match copying.await {
                    Ok(Ok(done)) => Ok(done.summary()),
                    Ok(Err(fault)) => Err(Stopped::Because(chain(&fault))),
                    Err(fault) => Err(Stopped::Because(format!("the backup broke off: {fault}"))),
                }
            }
            JobName::Remind => {
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
            JobName::Reconcile => self.reconcile().await,
            JobName::Publish => {
                let publisher = self.platform()?;
                let clock = self.clock.clone();
                let report = publisher
                    .run(&self.app, Scope::Slot, &move || clock.now())
                    .await?;
                if !report.ran {
                    // Another process sends just now, or nothing may be sent: the slot is not done by that.
                    let why = report.alarms.join("; ");
                    return Err(Stopped::Because(match why.as_str() {
                        "" => "another publisher is at work".to_owned(),
                        _ => why,
                    }));
                }
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
    async fn reconcile(&self) -> Result<String, Stopped> {
        let publisher = self.platform()?;
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

    fn platform(&self) -> Result<&Publisher, Stopped> {
        let none = || Stopped::Because("no platform is configured".to_owned());
        self.publisher.as_ref().ok_or_else(none)
    }
}
