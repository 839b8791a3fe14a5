//! Running periods of matters. A row is a period as it stands; what became of it is in events that are only ever added.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    Db, StoreError,
    columns::{self, Micros},
    db::each,
    schema::{deadline, deadline_event},
};
use crate::domain::{Clock, Day, MatterKind, Region, Uscc};

/// How a period stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    Running,
    /// Ended on its last day or before.
    Met,
    /// Ended after its last day.
    Missed,
    /// Ended, and no calendar yet says what its last day was.
    Unjudged,
}

/// Why a period changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockCause {
    Started,
    /// It runs from another day, or is of another length.
    Moved,
    /// The calendar changed.
    Recomputed,
    Met,
    Missed,
    Unjudged,
    /// Somebody was reminded; nothing changed.
    Reminded,
}

macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// The code in the database and in interfaces.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            fn read(column: &'static str, word: &str) -> Result<Self, StoreError> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(columns::corrupt(("deadline", column), word)),
                }
            }
        }
    };
}

words!(ClockState {
    Running = "running",
    Met = "met",
    Missed = "missed",
    Unjudged = "unjudged",
});

words!(ClockCause {
    Started = "started",
    Moved = "moved",
    Recomputed = "recomputed",
    Met = "met",
    Missed = "missed",
    Unjudged = "unjudged",
    Reminded = "reminded",
});

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
            state: ClockState::read("state", &row.state)?,
            closed_on: columns::read_option(place("closed_on"), row.closed_on.as_deref())?,
            days_late: row.days_late,
            reminded: row.reminded,
            version: row.version,
        })
    }
}

/// Begins a period, as the next of its matter. Returns its number.
pub fn start(
    db: &mut Db,
    subject: &Subject,
    clock: &Clock,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let last: Option<i64> = deadline::table
        .filter(deadline::matter_kind.eq(subject.kind.as_str()))
        .filter(deadline::matter.eq(&subject.id))
        .select(diesel::dsl::max(deadline::number))
        .first(db)?;
    let kept = StoredClock {
        subject: subject.clone(),
        number: last.unwrap_or(0) + 1,
        clock: clock.clone(),
        state: ClockState::Running,
        closed_on: None,
        days_late: 0,
        reminded: None,
        version: 1,
    };
    let row = Row::from(&kept);
    each!(db, c => diesel::insert_into(deadline::table).values(&row).execute(c))?;
    let event = ClockEvent {
        seq: 1,
        cause: ClockCause::Started,
        at: now,
        before: None,
        after: Some(clock.clone()),
        detail: String::new(),
    };
    add_event(db, &kept, &event)?;
    Ok(kept.number)
}

/// Writes what became of a period, with the event that says so.
///
/// # Errors
/// [`StoreError::Conflict`] if it changed since it was read.
pub fn change(
    db: &mut Db,
    before: &StoredClock,
    after: &StoredClock,
    cause: ClockCause,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let seq = before.version + 1;
    let after = StoredClock {
        version: seq,
        ..after.clone()
    };
    rewrite(db, before, &after)?;
    let event = ClockEvent {
        seq,
        cause,
        at: now,
        before: Some(before.clock.clone()),
        after: (after.state == ClockState::Running).then(|| after.clock.clone()),
        detail: detail.to_owned(),
    };
    add_event(db, &after, &event)
}

/// Writes the matter's words, company and division anew; no event, for the period is the same.
pub fn describe(db: &mut Db, kept: &StoredClock, subject: &Subject) -> Result<(), StoreError> {
    let after = StoredClock {
        subject: subject.clone(),
        ..kept.clone()
    };
    rewrite(db, kept, &after)
}

fn rewrite(db: &mut Db, before: &StoredClock, after: &StoredClock) -> Result<(), StoreError> {
    let Subject { kind, id, .. } = &before.subject;
    let key = (kind.as_str(), id.as_str(), before.number);
    let row = Row::from(after);
    let changed = each!(db, c => diesel::update(deadline::table.find(key))
        .filter(deadline::version.eq(before.version))
        .set(&row)
        .execute(c))?;
    if changed == 1 {
        return Ok(());
    }
    Err(StoreError::Conflict {
        what: "deadline",
        key: format!("{kind} {id} {}", before.number),
        expected: before.version,
        found: of_matter(db, *kind, id)?
            .into_iter()
            .find(|kept| kept.number == before.number)
            .map_or(0, |kept| kept.version),
    })
}

fn add_event(db: &mut Db, kept: &StoredClock, event: &ClockEvent) -> Result<(), StoreError> {
    // Plain data: its JSON cannot fail.
    let json = |clock: &Option<Clock>| {
        clock
            .as_ref()
            .map(|clock| serde_json::to_string(clock).unwrap_or_default())
    };
    each!(db, c => diesel::insert_into(deadline_event::table)
        .values((
            deadline_event::matter_kind.eq(kept.subject.kind.as_str()),
            deadline_event::matter.eq(&kept.subject.id),
            deadline_event::number.eq(kept.number),
            deadline_event::seq.eq(event.seq),
            deadline_event::cause.eq(event.cause.as_str()),
            deadline_event::at.eq(Micros::from(event.at)),
            deadline_event::before.eq(json(&event.before)),
            deadline_event::after.eq(json(&event.after)),
            deadline_event::detail.eq(&event.detail),
        ))
        .execute(c))?;
    Ok(())
}

/// Every period of a matter, ended ones too, in their order.
pub fn of_matter(db: &mut Db, kind: MatterKind, id: &str) -> Result<Vec<StoredClock>, StoreError> {
    let rows: Vec<Row> = deadline::table
        .filter(deadline::matter_kind.eq(kind.as_str()))
        .filter(deadline::matter.eq(id))
        .order(deadline::number.asc())
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(StoredClock::try_from).collect()
}

/// Running periods, and ended ones not judged yet, that were worked out with another calendar than this.
pub fn of_other_calendars(db: &mut Db, version: &str) -> Result<Vec<StoredClock>, StoreError> {
    let open = [ClockState::Running, ClockState::Unjudged].map(ClockState::as_str);
    let rows: Vec<Row> = deadline::table
        .filter(deadline::state.eq_any(open))
        .filter(deadline::calendar.ne(version))
        .order((
            deadline::matter_kind.asc(),
            deadline::matter.asc(),
            deadline::number.asc(),
        ))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(StoredClock::try_from).collect()
}

/// Which running periods.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of one of these kinds; absent: of all.
    pub kinds: Option<Vec<MatterKind>>,
    pub company: Option<Uscc>,
    /// In this division or in one inside it; matters of no known division are left out.
    pub region: Option<Region>,
    /// Due on this day or before. Periods without a last day are in no such answer.
    pub due_until: Option<Day>,
    /// Of one of these rules.
    pub rules: Option<Vec<String>>,
}

/// The rules that open periods run by, in order.
pub fn rules_in_use(db: &mut Db) -> Result<Vec<String>, StoreError> {
    Ok(deadline::table
        .filter(deadline::state.eq(ClockState::Running.as_str()))
        .select(deadline::rule)
        .distinct()
        .order(deadline::rule.asc())
        .load(db)?)
}

/// The matters for which something runs.
pub fn matters_running(db: &mut Db) -> Result<Vec<(MatterKind, String)>, StoreError> {
    let rows: Vec<(String, String)> = deadline::table
        .filter(deadline::state.eq(ClockState::Running.as_str()))
        .select((deadline::matter_kind, deadline::matter))
        .distinct()
        .order((deadline::matter_kind.asc(), deadline::matter.asc()))
        .load(db)?;
    rows.into_iter()
        .map(|(kind, id)| {
            let known = kind
                .parse()
                .map_err(|_| columns::corrupt(("deadline", "matter_kind"), &kind))?;
            Ok((known, id))
        })
        .collect()
}

/// Running periods by their last day, those without one at the end; at most `limit`.
pub fn running(db: &mut Db, filter: &Filter, limit: usize) -> Result<Vec<StoredClock>, StoreError> {
    let mut found = of(db, filter, true, limit)?;
    if filter.due_until.is_none() && found.len() < limit {
        let rest = limit - found.len();
        found.extend(of(db, filter, false, rest)?);
    }
    Ok(found)
}

fn of(
    db: &mut Db,
    filter: &Filter,
    dated: bool,
    limit: usize,
) -> Result<Vec<StoredClock>, StoreError> {
    let mut query = deadline::table
        .filter(deadline::state.eq(ClockState::Running.as_str()))
        .select(Row::as_select())
        .into_boxed();
    query = if dated {
        query.filter(deadline::due_on.is_not_null())
    } else {
        query.filter(deadline::due_on.is_null())
    };
    if let Some(kinds) = &filter.kinds {
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        query = query.filter(deadline::matter_kind.eq_any(kinds));
    }
    if let Some(company) = &filter.company {
        query = query.filter(deadline::company.eq(company.as_str().to_owned()));
    }
    if let Some(region) = &filter.region {
        query = query.filter(deadline::region.like(columns::within(region)));
    }
    if let Some(day) = filter.due_until {
        query = query.filter(deadline::due_on.le(day.to_string()));
    }
    if let Some(rules) = &filter.rules {
        query = query.filter(deadline::rule.eq_any(rules.clone()));
    }
    let rows: Vec<Row> = query
        .order((
            deadline::due_on.asc(),
            deadline::start_on.asc(),
            deadline::matter_kind.asc(),
            deadline::matter.asc(),
            deadline::number.asc(),
        ))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .load(db)?;
    rows.into_iter().map(StoredClock::try_from).collect()
}

/// What became of a period, in order.
pub fn events(
    db: &mut Db,
    kind: MatterKind,
    id: &str,
    number: i64,
) -> Result<Vec<ClockEvent>, StoreError> {
    type Columns = (i64, String, Micros, Option<String>, Option<String>, String);
    let rows: Vec<Columns> = deadline_event::table
        .filter(deadline_event::matter_kind.eq(kind.as_str()))
        .filter(deadline_event::matter.eq(id))
        .filter(deadline_event::number.eq(number))
        .order(deadline_event::seq.asc())
        .select((
            deadline_event::seq,
            deadline_event::cause,
            deadline_event::at,
            deadline_event::before,
            deadline_event::after,
            deadline_event::detail,
        ))
        .load(db)?;
    let clock = |column, json: Option<String>| -> Result<Option<Clock>, StoreError> {
        json.map(|json| {
            serde_json::from_str(&json)
                .map_err(|_| columns::corrupt(("deadline_event", column), &json))
        })
        .transpose()
    };
    rows.into_iter()
        .map(|(seq, cause, at, before, after, detail)| {
            Ok(ClockEvent {
                seq,
                cause: ClockCause::read("cause", &cause)?,
                at: at.into(),
                before: clock("before", before)?,
                after: clock("after", after)?,
                detail,
            })
        })
        .collect()
}

/// Reminders that were written since an instant, oldest first, each with its period as it stands now.
pub fn reminders(
    db: &mut Db,
    since: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<(StoredClock, DateTime<Utc>, String)>, StoreError> {
    let rows: Vec<(Row, Micros, String)> = deadline_event::table
        .inner_join(
            deadline::table.on(deadline::matter_kind
                .eq(deadline_event::matter_kind)
                .and(deadline::matter.eq(deadline_event::matter))
                .and(deadline::number.eq(deadline_event::number))),
        )
        .filter(deadline_event::cause.eq(ClockCause::Reminded.as_str()))
        .filter(deadline_event::at.ge(Micros::from(since)))
        .order((
            deadline_event::at.asc(),
            deadline_event::matter_kind.asc(),
            deadline_event::matter.asc(),
            deadline_event::number.asc(),
            deadline_event::seq.asc(),
        ))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((Row::as_select(), deadline_event::at, deadline_event::detail))
        .load(db)?;
    rows.into_iter()
        .map(|(row, at, said)| Ok((StoredClock::try_from(row)?, at.into(), said)))
        .collect()
}
