//! What an operator is told of the jobs.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{JobName, retry_after, standing};
use crate::{
    service::{Action, Actor, App, Error, Refusal},
    store::{
        Db,
        jobs::{self, Ended},
    },
};

/// A job: when it runs, and how its last run went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct JobLine {
    pub name: &'static str,
    pub does: &'static str,
    /// Cron expression, seconds first, in Asia/Shanghai.
    pub schedule: String,
    /// Why it does not run by its schedule; absent: it does.
    pub off: Option<String>,
    /// When this database first knew it; its slots count from then on. Absent: it never came to that.
    pub since: Option<DateTime<Utc>>,
    /// The first slot that is not done: in the past while it is late or runs. Absent where it is off.
    pub next_run: Option<DateTime<Utc>>,
    /// After a failure: not tried again before.
    pub next_try: Option<DateTime<Utc>>,
    pub running: Option<RunningLine>,
    /// The last run that has ended.
    pub last_run: Option<JobRunLine>,
    /// When the last run that was done ended.
    pub last_success: Option<DateTime<Utc>>,
    /// Runs by the schedule that failed since; counted up to 20.
    pub failures_in_a_row: u32,
}

/// A run that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunningLine {
    /// Absent: by hand.
    pub slot: Option<DateTime<Utc>>,
    pub started_at: DateTime<Utc>,
    /// The process.
    pub holder: String,
}

/// A run that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct JobRunLine {
    /// Absent: by hand.
    pub slot: Option<DateTime<Utc>>,
    pub started_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
    pub duration_ms: i64,
    /// `done`, `failed`, or `lost` (its process went away, or lost the lease).
    pub outcome: &'static str,
    /// What was done, or the error with its causes.
    pub detail: String,
}

impl From<Ended> for JobRunLine {
    fn from(ended: Ended) -> Self {
        Self {
            slot: ended.run.slot,
            started_at: ended.run.started_at,
            finished_at: ended.finished_at,
            duration_ms: (ended.finished_at - ended.run.started_at).num_milliseconds(),
            outcome: ended.ending.as_str(),
            detail: ended.detail,
        }
    }
}

/// All jobs, to whoever may ask.
pub fn read_jobs(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Vec<JobLine>, Error> {
    // No job is any division's.
    if !actor.role.may(Action::ReadJobs) {
        return Err(Error::Refused(Refusal::Role {
            role: actor.role,
            action: Action::ReadJobs,
        }));
    }
    job_lines(db, app, now)
}

/// All jobs, in the order of a day.
pub fn job_lines(db: &mut Db, app: &App, now: DateTime<Utc>) -> Result<Vec<JobLine>, Error> {
    let line = |(job, schedule): (JobName, &super::Schedule)| {
        let name = job.as_str();
        let standing = standing(db, name, now)?;
        let known = jobs::known(db, name)?;
        let off = app.timetable.off(job);
        Ok(JobLine {
            name,
            does: job.does(),
            schedule: schedule.to_string(),
            next_run: schedule
                .next_after(standing.after)
                .filter(|_| off.is_none()),
            next_try: standing
                .failed_at
                .map(|at| at + retry_after(standing.failures)),
            off,
            since: known.as_ref().map(|known| known.since),
            running: known
                .and_then(|known| known.under_way)
                .map(|run| RunningLine {
                    slot: run.slot,
                    started_at: run.started_at,
                    holder: run.holder,
                }),
            last_run: jobs::history(db, name, 1)?.pop().map(Into::into),
            last_success: jobs::last_success(db, name)?,
            failures_in_a_row: standing.failures,
        })
    };
    app.timetable.rows().map(line).collect()
}

/// The last `limit` runs of a job, the latest first.
pub fn job_runs(db: &mut Db, job: JobName, limit: usize) -> Result<Vec<JobRunLine>, Error> {
    let runs = jobs::history(db, job.as_str(), limit)?;
    Ok(runs.into_iter().map(Into::into).collect())
}
