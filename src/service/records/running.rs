//! What runs for a record, as the board keeps it.

use chrono::{DateTime, Utc};

use super::{
    checks::{missing, place_of},
    standing::{Process, standing},
};
use crate::{
    domain::{Day, Deadline, Region, Uscc},
    procedure::record::{self, Content, Illegal, Standing, Terms, rule::NOTIFY},
    service::{App, Error, deadlines::Waiting},
    store::{Db, records},
};

/// The periods of a record, and whose it is.
pub(in crate::service) struct Running {
    pub company: Option<Uscc>,
    pub region: Option<Region>,
    /// Whom it is about, where it names no company.
    pub subject: String,
    /// The item in words.
    pub item: String,
    pub running: Vec<Deadline>,
    /// The notice, where its last day is in a year without a calendar.
    pub waiting: Vec<Waiting>,
}

/// Works out what runs for a record now.
pub(in crate::service) fn running(
    db: &mut Db,
    app: &App,
    id: &str,
    now: DateTime<Utc>,
) -> Result<Running, Error> {
    let versions = records::history(db, id)?;
    let current = versions.last().ok_or_else(|| missing(id))?;
    let case = Process::read(db, id)?.case;
    let today = Day::of(now);
    let terms = Terms {
        rules: &app.deadlines,
        calendar: &app.calendar,
    };
    let record = &current.record;
    // What a notice would say does not bear on what runs.
    let standing = standing(
        current,
        &versions,
        Content {
            clause: String::new(),
            title: String::new(),
            points: String::new(),
            rectify_by: record.rectify_by,
        },
    );
    let (running, waiting) = match record::clocks(&case, &standing, today, terms) {
        Ok(running) => (running, Vec::new()),
        // The notice alone is counted when it is asked for: what else runs was counted when it began.
        Err(Illegal::Deadline(_)) => {
            let waiting = standing.notify_from.map(|start| {
                let period = app.deadlines.get(NOTIFY)?.period;
                Ok::<_, Error>(Waiting {
                    rule: NOTIFY.to_owned(),
                    period,
                    start_event: "confirmed".to_owned(),
                    start,
                })
            });
            let rest = Standing {
                notify_from: None,
                ..standing
            };
            let running = record::clocks(&case, &rest, today, terms)?;
            (running, waiting.into_iter().collect::<Result<_, _>>()?)
        }
        Err(fault) => return Err(fault.into()),
    };
    let item = app.rules.in_force(today)?.item(&record.item);
    Ok(Running {
        company: record.company,
        region: place_of(db, record)?,
        subject: record
            .project
            .clone()
            .or_else(|| record.manager.clone())
            .unwrap_or_default(),
        item: item.map_or_else(|| record.item.clone(), |item| item.title.clone()),
        running,
        waiting,
    })
}
