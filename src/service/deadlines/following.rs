//! Every step keeps the board: the periods that run for a matter after it are stored in its transaction; and each night what
//! has lapsed by the clock alone is closed.

use chrono::{DateTime, Utc};

use super::{
    Matter,
    keeping::{Kept, Waiting, keep, keep_waiting},
};
use crate::{
    domain::{MatterKind, Region, Uscc},
    listing::{Entry, ListType},
    procedure::complaint::{self, Complaint},
    service::{App, Error, checks, complaints, entries, records},
    store::{Db, companies, deadlines as kept},
};

/// Stores what runs for a list entry.
pub(in crate::service) fn follow_entry(
    db: &mut Db,
    app: &App,
    entry: &Entry,
    list: &ListType,
    now: DateTime<Utc>,
) -> Result<Kept, Error> {
    let (name, region) = named(db, &entry.company)?;
    let matter = Matter {
        kind: MatterKind::Entry,
        id: entry.id.to_string(),
        company: Some(entry.company),
        region,
        title: format!("{name}：{}", list.title()),
    };
    let running = entry.clocks(list, &app.calendar);
    let waiting: Vec<Waiting> = entry
        .clocks_beyond_calendar(list, &app.calendar)
        .into_iter()
        .map(|clock| Waiting {
            rule: clock.rule.to_owned(),
            period: clock.period,
            start_event: clock.start_event,
            start: clock.start,
        })
        .collect();
    keep_waiting(db, app, &matter, &running, &waiting, now)
}

/// Stores what runs for a record.
pub(in crate::service) fn follow_record(
    db: &mut Db,
    app: &App,
    id: &str,
    now: DateTime<Utc>,
) -> Result<Kept, Error> {
    let found = records::running(db, app, id, now)?;
    let name = match found.company {
        Some(company) => named(db, &company)?.0,
        None => found.subject,
    };
    let matter = Matter {
        kind: MatterKind::Record,
        id: id.to_owned(),
        company: found.company,
        region: found.region,
        title: format!("{name}：{}", found.item),
    };
    keep_waiting(db, app, &matter, &found.running, &found.waiting, now)
}

/// Stores what runs for a complaint. Its title names no complainant and quotes nobody.
pub(in crate::service) fn follow_complaint(
    db: &mut Db,
    app: &App,
    complaint: &Complaint,
    now: DateTime<Utc>,
) -> Result<Kept, Error> {
    let category = match app.complaints.category(&complaint.category) {
        Some(category) => &category.title,
        None => &complaint.category,
    };
    let matter = Matter {
        kind: MatterKind::Complaint,
        id: complaint.id.clone(),
        company: complaint.company,
        region: Some(complaint.desk.office.clone()),
        title: format!("投诉：{category}"),
    };
    keep(db, app, &matter, &complaint::clocks(complaint), now)
}

/// Follows every matter of which something runs: a right that lapsed with its last day ends without anybody's step. Returns
/// how many matters there were.
pub fn follow_all(db: &mut Db, app: &App, now: DateTime<Utc>) -> Result<usize, Error> {
    let matters = kept::matters_running(db)?;
    for (kind, id) in &matters {
        match kind {
            MatterKind::Entry => entries::follow(db, app, id, now)?,
            MatterKind::Record => follow_record(db, app, id, now)?,
            MatterKind::Complaint => complaints::follow(db, app, id, now)?,
            MatterKind::Check => checks::follow(db, app, id, now)?,
        };
    }
    Ok(matters.len())
}

/// The name of a company, its code where it is not registered, and its division.
fn named(db: &mut Db, company: &Uscc) -> Result<(String, Option<Region>), Error> {
    let found = companies::find(db, company)?;
    let region = found.as_ref().and_then(|found| found.region.clone());
    Ok((
        found.map_or_else(|| company.to_string(), |found| found.name),
        region,
    ))
}
