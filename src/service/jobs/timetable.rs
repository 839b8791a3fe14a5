//! The jobs there are and the schedule of each, by the settings.

use std::{fmt, sync::OnceLock};

use super::{Schedule, ScheduleError};
use crate::{
    config::{Publish, Settings},
    service::Publisher,
};

/// A job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobName {
    Expire,
    Rescore,
    Replay,
    Backup,
    Reconcile,
    Remind,
    Publish,
}

impl JobName {
    /// In the order of a day.
    pub const ALL: [Self; 7] = [
        Self::Expire,
        Self::Rescore,
        Self::Replay,
        Self::Backup,
        Self::Reconcile,
        Self::Remind,
        Self::Publish,
    ];

    /// The name in the database, in the settings and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expire => "expire",
            Self::Rescore => "rescore",
            Self::Replay => "replay",
            Self::Backup => "backup",
            Self::Reconcile => "reconcile",
            Self::Remind => "remind",
            Self::Publish => "publish",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|job| job.as_str() == name)
    }

    /// What it does, for an operator.
    pub fn does(self) -> &'static str {
        match self {
            Self::Expire => "ends entries whose display is over",
            Self::Rescore => "scores companies whose score changes by time",
            Self::Replay => "computes a sample of stored scores again",
            Self::Backup => "copies the database and its attachments, and checks the copy",
            Self::Reconcile => "compares the platform with the outbox",
            Self::Remind => "reminds of periods that run out",
            Self::Publish => "seals and sends what waits",
        }
    }

    fn expression(self, settings: &Settings) -> &str {
        match self {
            Self::Expire => &settings.jobs.expire,
            Self::Rescore => &settings.jobs.rescore,
            Self::Replay => &settings.jobs.replay,
            Self::Backup => &settings.jobs.backup,
            Self::Reconcile => &settings.jobs.reconcile,
            Self::Remind => &settings.jobs.remind,
            Self::Publish => &settings.publish.schedule,
        }
    }
}

impl fmt::Display for JobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// When each job runs, and which do not.
#[derive(Debug)]
pub struct Timetable {
    rows: Vec<(JobName, Schedule)>,
    /// Why nothing is backed up, if that is so.
    no_backup: Option<&'static str>,
    publish: Publish,
    feed: OnceLock<Feed>,
}

/// What can be done with the platform that is configured.
#[derive(Debug, Clone)]
enum Feed {
    Asked,
    Unasked,
    Unusable(String),
}

impl Timetable {
    /// # Errors
    /// An expression of the settings that is no schedule.
    pub fn new(settings: &Settings) -> Result<Self, ScheduleError> {
        let row = |job: JobName| Ok((job, Schedule::parse(job.expression(settings))?));
        Ok(Self {
            rows: JobName::ALL
                .into_iter()
                .map(row)
                .collect::<Result<_, _>>()?,
            no_backup: no_backup(settings),
            publish: settings.publish.clone(),
            feed: OnceLock::new(),
        })
    }

    /// Every job with its schedule, in the order of a day.
    pub fn rows(&self) -> impl Iterator<Item = (JobName, &Schedule)> {
        self.rows.iter().map(|(job, schedule)| (*job, schedule))
    }

    /// The schedule of a job.
    pub fn schedule(&self, job: JobName) -> Option<&Schedule> {
        self.rows()
            .find(|(known, _)| *known == job)
            .map(|(_, schedule)| schedule)
    }

    /// Why a job has no runs by its schedule; nothing if it has.
    pub fn off(&self, job: JobName) -> Option<String> {
        match job {
            JobName::Backup => self.no_backup.map(str::to_owned),
            JobName::Publish | JobName::Reconcile => match self.feed() {
                Feed::Unusable(why) => Some(why.clone()),
                Feed::Unasked if job == JobName::Reconcile => {
                    Some("the platform cannot be asked: compare with its export".to_owned())
                }
                Feed::Asked | Feed::Unasked => None,
            },
            JobName::Expire | JobName::Rescore | JobName::Replay | JobName::Remind => None,
        }
    }

    /// Whether the settings freeze the feed.
    pub fn is_frozen(&self) -> bool {
        self.publish.freeze
    }

    // Certificates and keys are files: looked at once, and by those who ask only.
    fn feed(&self) -> &Feed {
        self.feed
            .get_or_init(|| match Publisher::new(&self.publish) {
                Ok(publisher) if publisher.can_be_asked() => Feed::Asked,
                Ok(_) => Feed::Unasked,
                Err(fault) => Feed::Unusable(fault.to_string()),
            })
    }
}

fn no_backup(settings: &Settings) -> Option<&'static str> {
    let embedded = settings.database_url.reveal().starts_with("sqlite:");
    match (embedded, &settings.backup.folder, &settings.backup.marker) {
        (true, None, _) => Some("backup.folder is not set: nothing is backed up"),
        (false, _, None) => Some(
            "PostgreSQL is backed up by its operator with pg_dump; set backup.marker, and its age is watched",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_has_a_name_a_schedule_and_words() {
        let timetable = Timetable::new(&Settings::default()).unwrap();
        let jobs: Vec<JobName> = timetable.rows().map(|(job, _)| job).collect();
        assert_eq!(jobs, JobName::ALL);
        for job in JobName::ALL {
            assert_eq!(JobName::parse(job.as_str()), Some(job));
            assert!(!job.does().is_empty());
        }
    }

    #[test]
    fn what_is_not_configured_is_off_and_says_so() {
        let timetable = Timetable::new(&Settings::default()).unwrap();
        let off = |job| timetable.off(job).is_some();
        for job in JobName::ALL {
            let needs_more = matches!(job, JobName::Backup | JobName::Publish | JobName::Reconcile);
            assert_eq!(off(job), needs_more, "{job}");
        }
    }

    #[test]
    fn a_bad_expression_is_named() {
        let mut settings = Settings::default();
        settings.jobs.remind = "eight".to_owned();
        let fault = Timetable::new(&settings).unwrap_err();
        assert!(fault.to_string().contains("eight"), "{fault}");
    }
}
