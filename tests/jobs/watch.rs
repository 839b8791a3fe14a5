//! A service whose clock the test turns.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::runtime::Runtime;
use wuxin::{
    clock::{Clock, FixedClock},
    config::{Secret, Settings},
    jobs::Jobs,
    service::{
        App, Publisher,
        jobs::{JobLine, JobName, job_lines},
    },
    store::{StoreError, jobs},
};

use crate::support::TestStore;

pub struct Watch {
    pub app: Arc<App>,
    pub hand: FixedClock,
    pub jobs: Jobs,
    pub runtime: Arc<Runtime>,
}

/// An instant of July 2026 in Shanghai: day, hour, minute, second.
pub fn july(day: u32, hour: u32, minute: u32, second: u32) -> DateTime<Utc> {
    format!("2026-07-{day:02}T{hour:02}:{minute:02}:{second:02}+08:00")
        .parse::<DateTime<chrono::FixedOffset>>()
        .unwrap()
        .to_utc()
}

impl Watch {
    /// Begins at an instant, with the settings given.
    pub fn new(test: &TestStore, begins: DateTime<Utc>, settings: Settings) -> Self {
        let settings = Settings {
            database_url: Secret::new(test.url.clone()),
            ..settings
        };
        let app = Arc::new(App::open(&settings).unwrap());
        let hand = FixedClock::new(begins);
        let publisher = Publisher::new(&settings.publish).ok();
        let clock = Clock::Fixed(hand.clone());
        let runtime = Arc::new(
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap(),
        );
        let watch = Self {
            jobs: Jobs::new(Arc::clone(&app), clock, &settings, publisher),
            app,
            hand,
            runtime,
        };
        watch.runtime.block_on(watch.jobs.know()).unwrap();
        watch
    }

    /// One look of the loop at the clock.
    pub fn look(&self, at: DateTime<Utc>) {
        self.hand.set(at);
        self.runtime.block_on(self.jobs.look());
    }

    /// Runs of a job that have ended, the oldest first: slot or `by hand`, how, and what they said.
    pub fn runs(&self, job: JobName) -> Vec<(Option<DateTime<Utc>>, &'static str, String)> {
        let read = |db: &mut _| jobs::history(db, job.as_str(), 1_000);
        let runs = self.app.store.read::<_, StoreError>(read).unwrap();
        let one = |run: jobs::Ended| (run.run.slot, run.ending.as_str(), run.detail);
        runs.into_iter().rev().map(one).collect()
    }

    /// The slots that were run and done.
    pub fn done(&self, job: JobName) -> Vec<DateTime<Utc>> {
        let done =
            |(slot, how, _): (Option<DateTime<Utc>>, &str, String)| slot.filter(|_| how == "done");
        self.runs(job).into_iter().filter_map(done).collect()
    }

    pub fn line(&self, job: JobName) -> JobLine {
        let now = self.hand.now();
        let lines = self
            .app
            .store
            .read(|db| job_lines(db, &self.app, now))
            .unwrap();
        let mut lines = lines.into_iter();
        lines.find(|line| line.name == job.as_str()).unwrap()
    }
}
