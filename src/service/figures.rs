//! What a monitoring system asks: the feed, the jobs and the alarms in one look.

use chrono::{DateTime, Utc};

use super::{
    Alarm, App, DriftCounts, Error, FeedStatus, alarms, drift_alarms, feed_view,
    jobs::{JobLine, job_lines},
};
use crate::store::{Db, feed as outbox};

/// How everything stands.
#[derive(Debug, Clone)]
pub struct Figures {
    pub feed: FeedStatus,
    /// Changes in the outbox by state and whether they take something back.
    pub changes: Vec<(&'static str, bool, i64)>,
    /// The last comparison that could be made: when it ended, what differed.
    pub compared: Option<(DateTime<Utc>, DriftCounts)>,
    /// Whether the last comparison could not be made.
    pub last_comparison_failed: bool,
    pub jobs: Vec<JobLine>,
    pub alarms: Vec<Alarm>,
}

/// Looks at everything.
pub fn figures(db: &mut Db, app: &App, now: DateTime<Utc>) -> Result<Figures, Error> {
    let status = outbox::status(db, &app.target)?;
    let last = outbox::comparisons(db, &app.target, 1)?.pop();
    let compared = outbox::last_compared(db, &app.target)?;
    let mut all_alarms = alarms(db)?;
    all_alarms.extend(drift_alarms(db, &app.target)?);
    Ok(Figures {
        feed: feed_view(db, &app.target, app.timetable.is_frozen(), now)?,
        changes: status
            .changes
            .iter()
            .map(|(state, withdrawal, number)| (state.as_str(), *withdrawal, *number))
            .collect(),
        compared: compared.map(|run| (run.finished_at, DriftCounts::of(run.counts))),
        last_comparison_failed: last.is_some_and(|run| run.failed.is_some()),
        jobs: job_lines(db, app, now)?,
        alarms: all_alarms,
    })
}
