//! Running periods of matters. A row is a period as it stands; what became of it is in events that are only ever added.

mod read;
mod write;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{StoreError, codes::codes, columns, schema::deadline};
pub use read::{
    Filter, events, matters_running, of_matter, of_other_calendars, reminders, rules_in_use,
    running,
};
pub use write::{change, describe, start};

use crate::domain::{Clock, Day, MatterKind, Region, Uscc};

codes! {
    /// How a period stands.
    ClockState, ("deadline", "state"), {
        Running = "running",
        /// Ended on its last day or before.
        Met = "met",
        /// Ended after its last day.
        Missed = "missed",
        /// Ended, and no calendar yet says what its last day was.
        Unjudged = "unjudged",
    }
}

codes! {
    /// Why a period changed.
    ClockCause, ("deadline_event", "cause"), {
        Started = "started",
        /// It runs from another day, or is of another length.
        Moved = "moved",
        /// The calendar changed.
        Recomputed = "recomputed",
        Met = "met",
        Missed = "missed",
        Unjudged = "unjudged",
        /// Somebody was reminded; nothing changed.
        Reminded = "reminded",
    }
}

/// What a period runs for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub kind: MatterKind,
    /// Id of the matter.
    pub id: String,
    pub company: Option<Uscc>,
    pub region: Option<Region>,
    /// The matter in words, for the board.
    pub title: String,
}

/// A period of a matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredClock {
    pub subject: Subject,
    /// 1, 2, 3 ... of the matter.
    pub number: i64,
    pub clock: Clock,
    pub state: ClockState,
    /// The day on which it ended.
    pub closed_on: Option<Day>,
    /// Calendar days from the last day to the day on which it ended.
    pub days_late: i64,
    /// The last threshold that somebody was reminded of.
    pub reminded: Option<String>,
    /// Number of its events.
    pub version: i64,
}

/// Something that became of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockEvent {
    pub seq: i64,
    pub cause: ClockCause,
    pub at: DateTime<Utc>,
    /// The period as it was; absent at the start.
    pub before: Option<Clock>,
    /// The period as it is from then on; absent when it is over.
    pub after: Option<Clock>,
    pub detail: String,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = deadline, treat_none_as_null = true, treat_none_as_default_value = false)]
#[diesel(primary_key(matter_kind, matter, number))]
struct Row {
    matter_kind: String,
    matter: String,
    number: i64,
    company: Option<String>,
    region: Option<String>,
    title: String,
    rule: String,
    period: String,
    start_event: String,
    start_on: String,
    due_on: Option<String>,
    calendar: String,
    state: String,
    closed_on: Option<String>,
    days_late: i64,
    reminded: Option<String>,
    version: i64,
}

impl From<&StoredClock> for Row {
    fn from(kept: &StoredClock) -> Self {
        let (subject, clock) = (&kept.subject, &kept.clock);
        Self {
            matter_kind: subject.kind.as_str().to_owned(),
            matter: subject.id.clone(),
            number: kept.number,
            company: subject.company.map(|code| code.as_str().to_owned()),
            region: subject.region.as_ref().map(ToString::to_string),
            title: subject.title.clone(),
            rule: clock.rule.clone(),
            period: clock.period.to_string(),
            start_event: clock.start_event.clone(),
            start_on: clock.start.to_string(),
            due_on: columns::day(clock.due),
            calendar: clock.calendar.clone(),
            state: kept.state.as_str().to_owned(),
            closed_on: columns::day(kept.closed_on),
            days_late: kept.days_late,
            reminded: kept.reminded.clone(),
            version: kept.version,
        }
    }
}

impl TryFrom<Row> for StoredClock {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let place = |column| ("deadline", column);
        Ok(Self {
            subject: Subject {
                kind: columns::read(place("matter_kind"), &row.matter_kind)?,
                id: row.matter,
                company: columns::read_option(place("company"), row.company.as_deref())?,
                region: columns::region(place("region"), row.region.as_deref())?,
                title: row.title,
            },
            number: row.number,
            clock: Clock {
                rule: row.rule,
                period: columns::read(place("period"), &row.period)?,
                start_event: row.start_event,
                start: columns::read(place("start_on"), &row.start_on)?,
                due: columns::read_option(place("due_on"), row.due_on.as_deref())?,
                calendar: row.calendar,
            },
            state: ClockState::parse(&row.state)?,
            closed_on: columns::read_option(place("closed_on"), row.closed_on.as_deref())?,
            days_late: row.days_late,
            reminded: row.reminded,
            version: row.version,
        })
    }
}
