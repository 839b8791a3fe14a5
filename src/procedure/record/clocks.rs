//! What is running for a record.

use super::{
    apply::{Standing, Terms},
    case::{Case, Outcome},
    illegal::Illegal,
    rule,
};
use crate::domain::{Day, Deadline, Period, RecordStatus, Span};

/// The deadlines that run for a record on a day. One of the bureau runs, overdue or not, until the step is taken; the right
/// to object is over with its last day. Those that began with an event are as they were worked out then.
///
/// # Errors
/// [`Illegal::Deadline`] where the calendar does not cover a period, or the rule is unknown.
pub fn clocks(
    case: &Case,
    record: &Standing,
    today: Day,
    terms: Terms<'_>,
) -> Result<Vec<Deadline>, Illegal> {
    let mut running = Vec::new();
    if !matches!(
        record.status,
        RecordStatus::Confirmed | RecordStatus::Disputed
    ) {
        return Ok(running);
    }
    let notice = case.current_notice(record.corrected_in);
    let served = notice.and_then(|notice| notice.served.as_ref());
    if let (None, Some(from)) = (served, record.notify_from) {
        running.push(terms.count(rule::NOTIFY, "confirmed", from)?);
    }
    let objected = case.objection.as_ref().is_some_and(|last| {
        last.outcome != Some(Outcome::Withdrawn)
            && record.corrected_in.is_none_or(|v| v < last.version)
    });
    if let Some(served) = served
        && !objected
        && today <= served.objection.due
    {
        running.push(served.objection.clone());
    }
    if let Some(open) = case.open_objection() {
        running.push(open.examine.clone());
    }
    match (case.open_rectification(), record.rectify_by) {
        _ if record.rectified_on.is_some() => {}
        (Some(open), _) => running.push(open.check.clone()),
        (None, Some(due)) => running.push(to_rectify(record, due, terms)),
        (None, None) => {}
    }
    Ok(running)
}

/// The day stands in the record: it is told how long it is from the determination, or as named where that is no period.
fn to_rectify(record: &Standing, due: Day, terms: Terms<'_>) -> Deadline {
    let days = |start: Day| u32::try_from((due.date() - start.date()).num_days()).unwrap_or(0);
    let decided = record
        .decided_on
        .map(|start| (start, days(start)))
        .filter(|(_, days)| *days > 0);
    let (start_event, (start, days)) = match decided {
        Some(counted) => ("decided", counted),
        None => ("named", (due.previous(), 1)),
    };
    Deadline {
        rule: rule::RECTIFY.to_owned(),
        period: Period::Span(Span::Days(days)),
        start_event: start_event.to_owned(),
        start,
        due,
        calendar: terms.calendar.version().to_owned(),
    }
}
