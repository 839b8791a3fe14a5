//! Scheduled jobs: their slots, so that one runs once and a missed one is noticed; the run that is under way; and the runs that
//! have ended.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    Db, StoreError,
    columns::{self, Micros},
    db::each,
    schema::{job, job_history, job_run},
};

/// Runs that are kept of each job; the triggers of `job_history` hold the same number.
pub const RUNS_KEPT: i64 = 500;

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

/// A run that is under way, or was when its process went away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderWay {
    /// Absent: by hand.
    pub slot: Option<DateTime<Utc>>,
    pub started_at: DateTime<Utc>,
    pub holder: String,
}

/// What the database knows of a job by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// When it was first seen.
    pub since: DateTime<Utc>,
    pub under_way: Option<UnderWay>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    Done,
    Failed,
    /// Its process went away, or lost the lease.
    Lost,
}

impl Ending {
    pub const ALL: [Self; 3] = [Self::Done, Self::Failed, Self::Lost];

    /// The code in the database and in interfaces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Lost => "lost",
        }
    }
}

/// A run that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub run: UnderWay,
    pub finished_at: DateTime<Utc>,
    pub ending: Ending,
    /// What was done, or why not.
    pub detail: String,
}

/// Makes a job known, if it is not yet.
pub fn know(db: &mut Db, name: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(job::table)
        .values((job::name.eq(name), job::since.eq(Micros::from(now)), job::holder.eq("")))
        .on_conflict(job::name)
        .do_nothing()
        .execute(c))?;
    Ok(())
}

type KnownRow = (String, Micros, Option<Micros>, Option<Micros>, String);

/// A job, if it is known.
pub fn known(db: &mut Db, name: &str) -> Result<Option<Known>, StoreError> {
    let row: Option<KnownRow> = job::table.find(name).first(db).optional()?;
    Ok(row.map(|(_, since, slot, started_at, holder)| Known {
        since: since.into(),
        under_way: started_at.map(|started_at| UnderWay {
            slot: slot.map(Into::into),
            started_at: started_at.into(),
            holder,
        }),
    }))
}

/// Notes the run of a job that is under way from now on; absent: none is.
pub fn note(db: &mut Db, name: &str, run: Option<&UnderWay>) -> Result<(), StoreError> {
    diesel::update(job::table.find(name))
        .set((
            job::slot.eq(run.and_then(|run| run.slot).map(Micros::from)),
            job::started_at.eq(run.map(|run| Micros::from(run.started_at))),
            job::holder.eq(run.map_or("", |run| run.holder.as_str())),
        ))
        .execute(db)?;
    Ok(())
}

/// Adds a run that has ended, and lets go of those of the same job that are too many.
pub fn append(db: &mut Db, name: &str, ended: &Ended) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(job_history::table)
        .values((
            job_history::name.eq(name),
            job_history::slot.eq(ended.run.slot.map(Micros::from)),
            job_history::holder.eq(&ended.run.holder),
            job_history::started_at.eq(Micros::from(ended.run.started_at)),
            job_history::finished_at.eq(Micros::from(ended.finished_at)),
            job_history::outcome.eq(ended.ending.as_str()),
            job_history::detail.eq(&ended.detail),
        ))
        .execute(c))?;
    let oldest: Option<i64> = job_history::table
        .filter(job_history::name.eq(name))
        .order(job_history::id.desc())
        .select(job_history::id)
        .offset(RUNS_KEPT)
        .first(db)
        .optional()?;
    if let Some(oldest) = oldest {
        diesel::delete(job_history::table)
            .filter(job_history::name.eq(name))
            .filter(job_history::id.le(oldest))
            .execute(db)?;
    }
    // A slot is done once the latest one is: the old ones say no more than the runs.
    let slot: Option<Micros> = job_run::table
        .filter(job_run::name.eq(name))
        .order(job_run::slot.desc())
        .select(job_run::slot)
        .offset(RUNS_KEPT)
        .first(db)
        .optional()?;
    if let Some(slot) = slot {
        diesel::delete(job_run::table)
            .filter(job_run::name.eq(name))
            .filter(job_run::slot.le(slot))
            .execute(db)?;
    }
    Ok(())
}

type HistoryRow = (
    i64,
    String,
    Option<Micros>,
    String,
    Micros,
    Micros,
    String,
    String,
);

/// The last `limit` runs of a job that have ended, the latest first.
pub fn history(db: &mut Db, name: &str, limit: usize) -> Result<Vec<Ended>, StoreError> {
    let rows: Vec<HistoryRow> = job_history::table
        .filter(job_history::name.eq(name))
        .order(job_history::id.desc())
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .load(db)?;
    let read = |(_, _, slot, holder, started_at, finished_at, outcome, detail): HistoryRow| {
        let ending = Ending::ALL
            .into_iter()
            .find(|known| known.as_str() == outcome)
            .ok_or_else(|| columns::corrupt(("job_history", "outcome"), &outcome))?;
        Ok(Ended {
            run: UnderWay {
                slot: slot.map(Into::into),
                started_at: started_at.into(),
                holder,
            },
            finished_at: finished_at.into(),
            ending,
            detail,
        })
    };
    rows.into_iter().map(read).collect()
}

/// The last run of a job that was done.
pub fn last_success(db: &mut Db, name: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
    let at: Option<Micros> = job_history::table
        .filter(job_history::name.eq(name))
        .filter(job_history::outcome.eq(Ending::Done.as_str()))
        .order(job_history::id.desc())
        .select(job_history::finished_at)
        .first(db)
        .optional()?;
    Ok(at.map(Into::into))
}
