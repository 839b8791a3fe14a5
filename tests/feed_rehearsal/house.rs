//! A publisher with a database of its own, a clock the test moves, and changes put straight into the outbox.

use std::{path::Path, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;
use wuxin::{
    config::{Publish, Settings},
    feed::CanonicalRecord,
    secret::Secret,
    service::{App, FeedStatus, PublishReport, Publisher, Scope, feed_view},
    store::feed::{self as outbox, Batch, Change, NewChange},
};

use crate::support::{VirtualClock, id};

pub const TARGET: &str = "示例平台";

pub struct House {
    pub app: Arc<App>,
    pub publisher: Publisher,
    pub clock: VirtualClock,
    pub folder: TempDir,
}

impl House {
    pub fn new(clock: VirtualClock, publish: impl FnOnce(&Path) -> Publish) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            database_url: Secret::new(format!(
                "sqlite:{}",
                folder.path().join("wuxin.db").display()
            )),
            database_connections: 2,
            publish: Publish {
                target: TARGET.to_owned(),
                ..publish(folder.path())
            },
            ..Settings::default()
        };
        Self {
            app: Arc::new(App::open(&settings).unwrap()),
            publisher: Publisher::new(&settings.publish).unwrap(),
            clock,
            folder,
        }
    }

    pub fn enqueue(&self, record: &CanonicalRecord) {
        let fields = record.fields();
        let new = NewChange {
            company: fields.uscc,
            target: TARGET.to_owned(),
            record_id: fields.record_id.to_string(),
            version: fields.record_version.into(),
            op: fields.op.code().to_owned(),
            withdrawal: record.is_withdrawal(),
            payload: record.to_json(),
            digest: record.digest().to_owned(),
        };
        let now = self.clock.now();
        self.app
            .store
            .write(|db| outbox::enqueue(db, &new, now))
            .unwrap();
    }

    pub async fn run(&self) -> PublishReport {
        let clock = self.clock.clone();
        let now = move || clock.now();
        let report = self.publisher.run(&self.app, Scope::Now, &now).await;
        let report = report.unwrap();
        assert!(report.ran);
        report
    }

    /// Runs and moves the clock until nothing waits.
    pub async fn drive(&self) -> PublishReport {
        let mut total = PublishReport::default();
        for _ in 0..60 {
            let report = self.run().await;
            let next = report.next_attempt_at;
            total.add(report);
            match next {
                Some(next) => self.clock.advance_to(next),
                None => return total,
            }
        }
        panic!("something waits for ever: {total:?}");
    }

    pub fn pass(&self, time: TimeDelta) -> DateTime<Utc> {
        self.clock.advance_to(self.clock.now() + time);
        self.clock.now()
    }

    pub fn view(&self) -> FeedStatus {
        let now = self.clock.now();
        self.app
            .store
            .read(|db| feed_view(db, TARGET, false, now))
            .unwrap()
    }

    /// The state and the detail of each change of an entry.
    pub fn changes(&self, entry: u8) -> Vec<(String, String)> {
        let found: Vec<Change> = self
            .app
            .store
            .read(|db| outbox::changes_of(db, TARGET, &id(entry).to_string()))
            .unwrap();
        found
            .into_iter()
            .map(|change| (change.state.as_str().to_owned(), change.detail))
            .collect()
    }

    /// Every batch, the first one first.
    pub fn batches(&self) -> Vec<Batch> {
        let mut all = self
            .app
            .store
            .read(|db| outbox::batches(db, TARGET, None, 1_000))
            .unwrap();
        all.reverse();
        all
    }
}
