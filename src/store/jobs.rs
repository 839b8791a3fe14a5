//! Runs of scheduled jobs, one per slot of a schedule, so that a slot runs once and a missed one is noticed.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    Db, StoreError,
    columns::{self, Micros},
    db::each,
    schema::job_run,
};

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRun {
    pub name: String,
    /// The instant the schedule named.
    pub slot: DateTime<Utc>,
    pub started_at: DateTime<Utc>,
    /// Absent while it runs, and after a crash.
    pub finished_at: Option<DateTime<Utc>>,
    pub outcome: JobOutcome,
    pub detail: String,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobOutcome {
    Running,
    Done,
    Failed,
}

impl JobOutcome {
    /// The code in the database and in interfaces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// What [`begin`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// The slot had not run.
    First,
    /// It had begun and crashed or failed, and begins again.
    Again,
    /// It is done: nothing to do.
    AlreadyDone,
}

type Row = (String, Micros, Micros, Option<Micros>, String, String);

fn read((name, slot, started_at, finished_at, outcome, detail): Row) -> Result<JobRun, StoreError> {
    let outcome = [JobOutcome::Running, JobOutcome::Done, JobOutcome::Failed]
        .into_iter()
        .find(|known| known.as_str() == outcome)
        .ok_or_else(|| columns::corrupt(("job_run", "outcome"), &outcome))?;
    Ok(JobRun {
        name,
        slot: slot.into(),
        started_at: started_at.into(),
        finished_at: finished_at.map(Into::into),
        outcome,
        detail,
    })
}

/// Begins the run of a slot, unless it is done. The caller holds the job's lease, so that a run that has begun and not
/// ended is a crashed one.
pub fn begin(
    db: &mut Db,
    name: &str,
    slot: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Begun, StoreError> {
    let begun = match find(db, name, slot)? {
        Some(run) if run.outcome == JobOutcome::Done => return Ok(Begun::AlreadyDone),
        Some(_) => Begun::Again,
        None => Begun::First,
    };
    each!(db, c => diesel::insert_into(job_run::table)
        .values((
            job_run::name.eq(name),
            job_run::slot.eq(Micros::from(slot)),
            job_run::started_at.eq(Micros::from(now)),
            job_run::outcome.eq(JobOutcome::Running.as_str()),
            job_run::detail.eq(""),
        ))
        .on_conflict((job_run::name, job_run::slot))
        .do_update()
        .set((
            job_run::started_at.eq(Micros::from(now)),
            job_run::finished_at.eq(None::<Micros>),
            job_run::outcome.eq(JobOutcome::Running.as_str()),
            job_run::detail.eq(""),
        ))
        .execute(c))?;
    Ok(begun)
}

/// Ends a run that has begun.
///
/// # Errors
/// [`StoreError::NotFound`] if it is not running.
pub fn finish(
    db: &mut Db,
    name: &str,
    slot: DateTime<Utc>,
    outcome: JobOutcome,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let ended = diesel::update(job_run::table.find((name, Micros::from(slot))))
        .filter(job_run::outcome.eq(JobOutcome::Running.as_str()))
        .set((
            job_run::finished_at.eq(Micros::from(now)),
            job_run::outcome.eq(outcome.as_str()),
            job_run::detail.eq(detail),
        ))
        .execute(db)?;
    if ended == 0 {
        return Err(StoreError::NotFound {
            what: "running job",
            key: format!("{name} of {slot}"),
        });
    }
    Ok(())
}

/// The run of a slot, if it ever began.
pub fn find(db: &mut Db, name: &str, slot: DateTime<Utc>) -> Result<Option<JobRun>, StoreError> {
    let row: Option<Row> = job_run::table
        .find((name, Micros::from(slot)))
        .first(db)
        .optional()?;
    row.map(read).transpose()
}

/// The latest slot that is done; catching up begins after it.
pub fn last_done(db: &mut Db, name: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
    let slot: Option<Micros> = job_run::table
        .filter(job_run::name.eq(name))
        .filter(job_run::outcome.eq(JobOutcome::Done.as_str()))
        .order(job_run::slot.desc())
        .select(job_run::slot)
        .first(db)
        .optional()?;
    Ok(slot.map(Into::into))
}

/// The last `limit` runs of a job, or of all jobs, the latest slot first.
pub fn recent(db: &mut Db, name: Option<&str>, limit: usize) -> Result<Vec<JobRun>, StoreError> {
    let mut query = job_run::table.into_boxed();
    if let Some(name) = name {
        query = query.filter(job_run::name.eq(name));
    }
    let rows: Vec<Row> = query
        .order((job_run::slot.desc(), job_run::name.asc()))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .load(db)?;
    rows.into_iter().map(read).collect()
}
