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
    Reconcile,
    Remind,
    Publish,
}

impl JobName {
    /// In the order of a day.
    pub const ALL: [Self; 6] = [
        Self::Expire,
        Self::Rescore,
        Self::Replay,
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
        match (job, self.feed()) {
            (JobName::Publish | JobName::Reconcile, Feed::Unusable(why)) => Some(why.clone()),
            (JobName::Reconcile, Feed::Unasked) => {
                Some("the platform cannot be asked: compare with its export".to_owned())
            }
            _ => None,
        }
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
    fn without_a_platform_the_two_that_need_it_are_off() {
        let timetable = Timetable::new(&Settings::default()).unwrap();
        let off = |job| timetable.off(job).is_some();
        for job in JobName::ALL {
            let needs_it = matches!(job, JobName::Publish | JobName::Reconcile);
            assert_eq!(off(job), needs_it, "{job}");
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
