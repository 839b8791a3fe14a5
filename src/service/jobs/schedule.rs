//! When a job is due: cron expressions in Asia/Shanghai, with every missed slot known. Pure.

use std::{fmt, str::FromStr};

use chrono::{DateTime, TimeDelta, Utc};
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
    /// Slots that passed while the job ran, and that one later slot stands for.
    pub passed: usize,
}

/// The longest pause between two tries.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(10);

/// How long a job that failed so often in a row is left alone: 1, 2, 4 ... seconds, 10 minutes at most.
pub fn retry_after(failures: u32) -> TimeDelta {
    let doubled = failures.saturating_sub(1).min(16);
    TimeDelta::seconds(1 << doubled).min(LONGEST_PAUSE)
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Due {
    /// Of the slots that passed while the job ran, from `run.0` to `run.1`, the last stands for all. A job that takes longer than
    /// its period would otherwise fall behind for ever; one that was away is caught up slot by slot.
    pub fn without_passed(mut self, run: Option<(DateTime<Utc>, DateTime<Utc>)>) -> Self {
        let Some((started, finished)) = run else {
            return self;
        };
        let passed = |slot: &&DateTime<Utc>| started < **slot && **slot <= finished;
        let last = self.slots.iter().rfind(passed).copied();
        let before = self.slots.len();
        self.slots
            .retain(|slot| !passed(&slot) || Some(*slot) == last);
        self.passed = before - self.slots.len();
        self
    }
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
        Due {
            slots,
            left_out,
            passed: 0,
        }
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
    fn a_run_longer_than_the_period_is_followed_by_one_slot_not_by_a_queue() {
        let schedule = Schedule::parse("0 * * * * *").unwrap();
        // (last slot, run from, to, now, slots that follow, passed)
        let table = [
            // Ran within its minute: the next slot, when it comes.
            ("00:00", ("00:00:00", "00:00:20"), "00:00:59", vec![], 0),
            (
                "00:00",
                ("00:00:00", "00:00:20"),
                "00:01:00",
                vec!["00:01"],
                0,
            ),
            // Two and a half minutes: 00:01 has passed, 00:02 stands for both, on the schedule's minute.
            (
                "00:00",
                ("00:00:00", "00:02:30"),
                "00:02:30",
                vec!["00:02"],
                1,
            ),
            (
                "00:02",
                ("00:02:30", "00:05:00"),
                "00:05:00",
                vec!["00:05"],
                2,
            ),
            // Away from 00:01 to 00:04: nothing passed while it ran, so every slot is caught up.
            (
                "00:00",
                ("00:00:00", "00:00:20"),
                "00:04:10",
                vec!["00:01", "00:02", "00:03", "00:04"],
                0,
            ),
            // Catching up 00:01 at 00:04:10 in five seconds leaves the others as they are.
            (
                "00:01",
                ("00:04:10", "00:04:15"),
                "00:04:15",
                vec!["00:02", "00:03", "00:04"],
                0,
            ),
        ];
        let minute = |text: &str| at(&format!("2026-07-01T{text}:00Z"));
        let second = |text: &str| at(&format!("2026-07-01T{text}Z"));
        for (last, (from, to), now, expected, passed) in table {
            let due = schedule
                .due(minute(last), second(now))
                .without_passed(Some((second(from), second(to))));
            let expected: Vec<_> = expected.into_iter().map(minute).collect();
            assert_eq!(
                (due.slots, due.passed),
                (expected, passed),
                "after {last} at {now}"
            );
        }
    }

    #[test]
    fn shanghai_has_no_hour_twice_and_none_missing() {
        let schedule = Schedule::parse("0 30 2 * * *").unwrap();
        let due = schedule.due(at("2026-01-01T00:00:00Z"), at("2026-12-31T23:59:59Z"));
        assert_eq!(due.left_out + due.slots.len(), 365);
        for pair in due.slots.windows(2) {
            assert_eq!(pair[1] - pair[0], TimeDelta::days(1));
        }
    }

    #[test]
    fn a_clock_set_back_makes_nothing_due() {
        let schedule = Schedule::parse("0 * * * * *").unwrap();
        let due = schedule.due(at("2026-07-01T10:00:00Z"), at("2026-07-01T08:00:00Z"));
        assert_eq!((due.slots, due.left_out), (vec![], 0));
    }

    #[test]
    fn tries_come_apart_up_to_ten_minutes() {
        let pauses: Vec<i64> = (0..13).map(|n| retry_after(n).num_seconds()).collect();
        assert_eq!(pauses, [1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
        assert_eq!(retry_after(u32::MAX), TimeDelta::minutes(10));
    }

    #[test]
    fn a_bad_expression_is_named() {
        let fault = Schedule::parse("18 o'clock").unwrap_err();
        assert!(fault.to_string().contains("18 o'clock"));
    }
}
