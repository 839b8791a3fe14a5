//! When a job is due: cron expressions in Asia/Shanghai, with every missed slot known. Pure.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Shanghai;

/// More missed slots than this are not run one by one: the oldest are left out, and the run says how many.
pub const MOST_CAUGHT_UP: usize = 31;

/// A cron expression, seconds first, read in Asia/Shanghai.
#[derive(Debug, Clone)]
pub struct Schedule(cron::Schedule);

/// An expression that is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("schedule {expression:?}: {reason}")]
pub struct ScheduleError {
    pub expression: String,
    pub reason: String,
}

/// The slots that have come since the last one that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Oldest first.
    pub slots: Vec<DateTime<Utc>>,
    /// Older slots that are too many to catch up.
    pub left_out: usize,
}

impl Schedule {
    pub fn parse(expression: &str) -> Result<Self, ScheduleError> {
        cron::Schedule::from_str(expression)
            .map(Self)
            .map_err(|fault| ScheduleError {
                expression: expression.to_owned(),
                reason: fault.to_string(),
            })
    }

    /// The first slot after `instant`.
    pub fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = instant.with_timezone(&Shanghai);
        self.0
            .after(&local)
            .next()
            .map(|slot| slot.with_timezone(&Utc))
    }

    /// Slots after `last` up to and including `now`.
    pub fn due(&self, last: DateTime<Utc>, now: DateTime<Utc>) -> Due {
        let local = last.with_timezone(&Shanghai);
        let mut slots: Vec<_> = self
            .0
            .after(&local)
            .map(|slot| slot.with_timezone(&Utc))
            .take_while(|slot| *slot <= now)
            .collect();
        let left_out = slots.len().saturating_sub(MOST_CAUGHT_UP);
        slots.drain(..left_out);
        Due { slots, left_out }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn slots_are_hours_of_shanghai() {
        let schedule = Schedule::parse("0 0 18 * * *").unwrap();
        let next = schedule.next_after(at("2026-07-01T09:59:59Z")).unwrap();
        assert_eq!(next, at("2026-07-01T10:00:00Z"));
        assert_eq!(
            schedule.next_after(next).unwrap(),
            at("2026-07-02T10:00:00Z")
        );
    }

    #[test]
    fn missed_slots_are_all_named_oldest_first() {
        let schedule = Schedule::parse("0 0 18 * * *").unwrap();
        let due = schedule.due(at("2026-07-01T10:00:00Z"), at("2026-07-04T10:00:00Z"));
        let days = [
            "2026-07-02T10:00:00Z",
            "2026-07-03T10:00:00Z",
            "2026-07-04T10:00:00Z",
        ];
        assert_eq!(due.slots, days.map(at));
        assert_eq!(due.left_out, 0);
        let none = schedule.due(at("2026-07-01T10:00:00Z"), at("2026-07-02T09:59:59Z"));
        assert!(none.slots.is_empty());
    }

    #[test]
    fn a_long_outage_is_counted_not_run_slot_by_slot() {
        let schedule = Schedule::parse("0 * * * * *").unwrap();
        let due = schedule.due(at("2026-07-01T00:00:00Z"), at("2026-07-01T02:00:00Z"));
        assert_eq!(due.slots.len(), MOST_CAUGHT_UP);
        assert_eq!(due.left_out, 120 - MOST_CAUGHT_UP);
        assert_eq!(due.slots.last(), Some(&at("2026-07-01T02:00:00Z")));
    }

    #[test]
    fn a_bad_expression_is_named() {
        let fault = Schedule::parse("18 o'clock").unwrap_err();
        assert!(fault.to_string().contains("18 o'clock"));
    }
}
