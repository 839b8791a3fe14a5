//! Which records count on a day: periods, validity, and the ends of earlier periods (民法典 arts. 201 to 203).

use chrono::Months;

use super::entry::Entry;
use crate::{
    domain::{Day, Span},
    rules::model::{Item, PeriodKind, Validity},
};

/// Which records are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Window {
    /// Those that the score counts.
    Score,
    /// Those of a span before the day, whatever the period and the validity.
    Span(Span),
    /// All up to the day.
    Any,
}

/// Why time keeps a record out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutOfTime {
    Future,
    OutsidePeriod,
    /// Its last day.
    Expired(Day),
    Rectified,
}

/// Length in months of a calendar period.
fn months(kind: PeriodKind) -> Option<i32> {
    match kind {
        PeriodKind::CalendarYear => Some(12),
        PeriodKind::HalfYear => Some(6),
        PeriodKind::Quarter => Some(3),
        PeriodKind::Month => Some(1),
        PeriodKind::Open | PeriodKind::Rolling(_) => None,
    }
}

/// Number of the calendar period a day lies in.
pub(super) fn ordinal(kind: PeriodKind, day: Day) -> Option<i32> {
    months(kind).map(|length| (day.year() * 12 + day.month().cast_signed() - 1) / length)
}

/// Last day of a calendar period.
fn last_day(kind: PeriodKind, ordinal: i32) -> Option<Day> {
    let next = (ordinal + 1) * months(kind)?;
    let first = Day::from_ymd(
        next.div_euclid(12),
        next.rem_euclid(12).cast_unsigned() + 1,
        1,
    );
    Some(first.map_or(Day::MAX, Day::previous))
}

/// Last day on which the period lets a record of this date count; none for open periods.
pub(super) fn period_end(kind: PeriodKind, date: Day) -> Option<Day> {
    match kind {
        PeriodKind::Open => None,
        PeriodKind::Rolling(months) => Some(date.plus_months(months)),
        _ => last_day(kind, ordinal(kind, date)?),
    }
}

/// Last day of the n-th calendar period after the one of this day.
pub(super) fn later_end(kind: PeriodKind, day: Day, n: usize) -> Option<Day> {
    last_day(
        kind,
        ordinal(kind, day)?.checked_add(i32::try_from(n).ok()?)?,
    )
}

/// Last day of the n-th period before the one of this day. A rolling period of m months was before it at the day m months
/// earlier; open periods are looked back on year by year.
pub(super) fn earlier_end(kind: PeriodKind, day: Day, n: usize) -> Option<Day> {
    let n = u32::try_from(n).ok()?;
    let back = |months: u32| {
        day.date()
            .checked_sub_months(Months::new(months.checked_mul(n)?))
            .and_then(Day::from_date)
    };
    match kind {
        PeriodKind::Rolling(months) => back(months),
        PeriodKind::Open => back(12),
        _ => last_day(kind, ordinal(kind, day)? - n.cast_signed()).filter(|end| *end < day),
    }
}

/// Whether an item's record counts on the day, as far as time goes.
pub(super) fn in_time(
    kind: PeriodKind,
    entry: &Entry<'_>,
    item: &Item,
    date: Day,
    day: Day,
    window: Window,
) -> Result<(), OutOfTime> {
    if date > day {
        return Err(OutOfTime::Future);
    }
    match window {
        Window::Any => return Ok(()),
        Window::Span(span) if day <= span.last_day(date) => return Ok(()),
        Window::Span(_) => return Err(OutOfTime::OutsidePeriod),
        Window::Score => {}
    }
    let rectified = entry.rectified_on.is_some_and(|on| on <= day);
    let own_period = match kind {
        PeriodKind::Open => true,
        PeriodKind::Rolling(months) => day <= date.plus_months(months),
        _ => ordinal(kind, date) == ordinal(kind, day),
    };
    if !own_period {
        // In a later period only recurrence decides, not validity.
        return match (item.recurs, rectified) {
            (true, false) => Ok(()),
            (true, true) => Err(OutOfTime::Rectified),
            (false, _) => Err(OutOfTime::OutsidePeriod),
        };
    }
    let last = match (entry.valid_until, item.valid_for) {
        (Some(until), _) => until,
        (None, Some(Validity::For(span))) => span.last_day(date),
        (None, Some(Validity::UntilRectified)) if rectified => return Err(OutOfTime::Rectified),
        (None, _) => return Ok(()),
    };
    if day <= last {
        Ok(())
    } else {
        Err(OutOfTime::Expired(last))
    }
}

/// Last day on which a record counts in its own period.
pub(super) fn last_of_own_period(
    kind: PeriodKind,
    entry: &Entry<'_>,
    item: &Item,
    date: Day,
) -> Day {
    let period = period_end(kind, date).unwrap_or(Day::MAX);
    period.min(valid_until(entry, item, date).unwrap_or(Day::MAX))
}

/// Last day of a record's validity; none if nothing ends it.
fn valid_until(entry: &Entry<'_>, item: &Item, date: Day) -> Option<Day> {
    match (entry.valid_until, item.valid_for) {
        (Some(until), _) => Some(until),
        (None, Some(Validity::For(span))) => Some(span.last_day(date)),
        (None, Some(Validity::UntilRectified)) => entry.rectified_on.map(Day::previous),
        (None, None) => None,
    }
}

/// The last day on which a record counts if nothing new happens; none if nothing ends it.
pub(super) fn expires_on(
    kind: PeriodKind,
    entry: &Entry<'_>,
    item: &Item,
    date: Day,
) -> Option<Day> {
    if item.recurs && kind != PeriodKind::Open {
        return entry.rectified_on.map(Day::previous);
    }
    match (valid_until(entry, item, date), period_end(kind, date)) {
        (Some(valid), Some(period)) => Some(valid.min(period)),
        (valid, period) => valid.or(period),
    }
}

/// Whole years between two days: the greatest n with start + n years before the day.
pub(super) fn full_years(start: Day, day: Day) -> u32 {
    let rough = (day.year() - start.year()).max(0).cast_unsigned();
    (0..=rough)
        .rev()
        .find(|n| *n == 0 || start.plus_months(n * 12) < day)
        .unwrap_or(0)
}

/// Whole months of age: the greatest n with start + n months at or before the day.
pub(super) fn full_months(start: Day, day: Day) -> Option<u32> {
    if start > day {
        return None;
    }
    let rough =
        (day.year() - start.year()) * 12 + day.month().cast_signed() - start.month().cast_signed();
    let rough = rough.max(0).cast_unsigned();
    let fits = start.plus_months(rough) <= day;
    Some(if fits { rough } else { rough.saturating_sub(1) })
}
