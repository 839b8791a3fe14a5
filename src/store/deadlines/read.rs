//! What is asked of periods.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{ClockCause, ClockEvent, ClockState, Row, StoredClock};
use crate::{
    domain::{Clock, Day, MatterKind, Region, Uscc},
    store::{
        Db, StoreError,
        columns::{self, Micros},
        schema::{deadline, deadline_event},
    },
};

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
                cause: ClockCause::parse(&cause)?,
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
