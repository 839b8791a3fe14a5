//! An office with a calendar of its own.

use std::{fs, sync::Arc};

use chrono::{DateTime, TimeZone, Utc};
use wuxin::{
    config::Settings,
    domain::{Deadline, MatterKind, Period, Region},
    secret::Secret,
    service::{
        App, Error,
        deadlines::{self, Kept, Matter},
    },
    store::deadlines::{self as kept, ClockCause, ClockEvent, StoredClock},
};

use crate::support::{TestStore, synthetic::*};

pub const Y2026: &str = include_str!("../../rules/calendar/2026.toml");

/// A made-up year, whose notice has one holiday.
pub fn year(year: i32, from: &str, until: &str) -> String {
    format!(
        "year = {year}\ndocument = \"示例通知\"\nissued_on = 2026-11-04\nverified = false\n\n\
         [[holiday]]\nname = \"示例假\"\nfrom = {from}\nuntil = {until}\nworkdays = []\n"
    )
}

pub struct Office {
    pub app: Arc<App>,
    settings: Settings,
    _folder: tempfile::TempDir,
}

/// Nine in the morning, in Shanghai.
pub fn morning(day: &str) -> DateTime<Utc> {
    let date = wuxin::domain::Day::parse(day).unwrap().date();
    Utc.from_utc_datetime(&date.and_hms_opt(1, 0, 0).unwrap())
}

pub fn matter(id: &str) -> Matter {
    Matter {
        kind: MatterKind::Record,
        id: id.to_owned(),
        company: Some(uscc(1)),
        region: Some(Region::parse("512002001").unwrap()),
        title: format!("示例记录{id}"),
    }
}

impl Office {
    pub fn new(test: &TestStore) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            database_url: Secret::new(test.url.clone()),
            ..Settings::default()
        };
        Self {
            app: Arc::new(App::open(&settings).unwrap()),
            settings,
            _folder: folder,
        }
    }

    /// The same office, started again with these calendars.
    pub fn restarted_with(&self, calendars: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths = calendars.iter().enumerate().map(|(at, text)| {
            let path = folder.path().join(format!("{at}.toml"));
            fs::write(&path, text).unwrap();
            path
        });
        let settings = Settings {
            calendars: paths.collect(),
            ..self.settings.clone()
        };
        Self {
            app: Arc::new(App::open(&settings).unwrap()),
            settings,
            _folder: folder,
        }
    }

    /// The same office, started again with this file of deadlines.
    pub fn restarted_with_deadlines(&self, text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deadlines.toml");
        fs::write(&path, text).unwrap();
        let settings = Settings {
            deadlines: Some(path),
            ..self.settings.clone()
        };
        Self {
            app: Arc::new(App::open(&settings).unwrap()),
            settings,
            _folder: folder,
        }
    }

    pub fn deadline(&self, rule: &str, start_event: &str, start: &str) -> Deadline {
        let period: Period = self.app.deadlines.get(rule).unwrap().period;
        Deadline::count(rule, period, start_event, day(start), &self.app.calendar).unwrap()
    }

    pub fn keep(&self, id: &str, running: &[Deadline], on: &str) -> Result<Kept, Error> {
        let app = &self.app;
        app.store
            .write(|db| deadlines::keep(db, app, &matter(id), running, morning(on)))
    }

    pub fn clocks(&self, id: &str) -> Vec<StoredClock> {
        let store = &self.app.store;
        store
            .read(|db| kept::of_matter(db, MatterKind::Record, id))
            .unwrap()
    }

    pub fn events(&self, id: &str, number: i64) -> Vec<ClockEvent> {
        let store = &self.app.store;
        store
            .read(|db| kept::events(db, MatterKind::Record, id, number))
            .unwrap()
    }

    pub fn causes(&self, id: &str, number: i64) -> Vec<ClockCause> {
        let events = self.events(id, number);
        events.iter().map(|event| event.cause).collect()
    }
}
