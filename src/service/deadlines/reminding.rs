//! Reminders: once a period and threshold, as events of the period.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::board::{Left, narrowed, who};
use crate::{
    domain::{Day, Region},
    service::{Actor, App, Error},
    store::{
        Db,
        deadlines::{self as kept, ClockCause, Filter, StoredClock},
    },
};

/// Working days left at which somebody is reminded, the most urgent first.
const THRESHOLDS: [u32; 3] = [0, 1, 3];
/// Word for the threshold after the last day.
const OVERDUE: &str = "overdue";
/// No 3 working days are longer than this: longer holidays have not been seen.
const DAYS_AHEAD: u32 = 31;

/// A reminder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reminder {
    /// `entry`, `record` or `complaint`.
    pub matter_kind: String,
    pub matter: String,
    /// Which period of the matter.
    pub number: i64,
    pub rule: String,
    pub due_on: Option<String>,
    /// `3`, `1`, `0` or `overdue`.
    pub threshold: String,
    /// In Chinese.
    pub said: String,
    /// RFC 3339, UTC.
    pub at: String,
}

/// Writes a reminder for every running period that has come to a threshold since it was last reminded of, and returns the
/// new ones by their last day. A period that jumps over thresholds is reminded of the most urgent one only.
pub fn remind(db: &mut Db, app: &App, now: DateTime<Utc>) -> Result<Vec<Reminder>, Error> {
    let today = Day::of(now);
    let filter = Filter {
        due_until: Some(today.plus_days(DAYS_AHEAD)),
        ..Filter::default()
    };
    let mut new = Vec::new();
    for kept in kept::running(db, &filter, usize::MAX)? {
        let Some(threshold) = threshold(Left::of(kept.clock.due, today, &app.calendar)) else {
            continue;
        };
        if kept.reminded.as_deref() == Some(threshold.as_str()) {
            continue;
        }
        let said = words(app, &kept, today)?;
        let after = StoredClock {
            reminded: Some(threshold.clone()),
            ..kept.clone()
        };
        kept::change(db, &kept, &after, ClockCause::Reminded, &said, now)?;
        new.push(reminder(&after, said, now));
    }
    Ok(new)
}

/// The most urgent threshold that was come to. Where no calendar says working days, calendar days stand for them: a late
/// reminder is better than none.
fn threshold(left: Left) -> Option<String> {
    let days = match left {
        Left::Unknown => return None,
        Left::Late(_) => return Some(OVERDUE.to_owned()),
        Left::WorkingDays(days) => days,
        Left::Days(days) => u32::try_from(days).unwrap_or(u32::MAX),
    };
    THRESHOLDS
        .into_iter()
        .find(|threshold| days <= *threshold)
        .map(|threshold| threshold.to_string())
}

fn words(app: &App, kept: &StoredClock, today: Day) -> Result<String, Error> {
    let rule = app.deadlines.get(&kept.clock.rule)?;
    let due = kept
        .clock
        .due
        .map_or_else(String::new, |day| day.to_string());
    let standing = match Left::of(kept.clock.due, today, &app.calendar) {
        Left::Late(days) => format!("已于 {due} 届满，逾期 {days} 日"),
        Left::WorkingDays(0) => format!("于 {due} 届满，此前已无其他工作日"),
        Left::WorkingDays(days) => format!("于 {due} 届满，尚余 {days} 个工作日"),
        Left::Days(days) => format!("于 {due} 届满，尚余 {days} 日"),
        Left::Unknown => "届满日待节假日安排公布".to_owned(),
    };
    let (title, who) = (&kept.subject.title, who(rule.duty));
    Ok(format!(
        "{title}：「{}」{standing}，责任方：{who}",
        rule.title
    ))
}

fn reminder(kept: &StoredClock, said: String, at: DateTime<Utc>) -> Reminder {
    Reminder {
        matter_kind: kept.subject.kind.as_str().to_owned(),
        matter: kept.subject.id.clone(),
        number: kept.number,
        rule: kept.clock.rule.clone(),
        due_on: kept.clock.due.map(|day| day.to_string()),
        threshold: kept.reminded.clone().unwrap_or_default(),
        said,
        at: at.to_rfc3339(),
    }
}

/// Reminders written since an instant, oldest first; an account of a division sees its own. `threshold` is the period's last
/// one.
pub fn reminders(db: &mut Db, actor: &Actor, since: DateTime<Utc>) -> Result<Vec<Reminder>, Error> {
    let own = narrowed(actor, None)?;
    let all = kept::reminders(db, since, 1_000)?;
    let visible = all.into_iter().filter(|(kept, _, _)| {
        let subject = &kept.subject;
        let near = |own: &Region| subject.region.as_ref().is_some_and(|at| own.contains(at));
        own.as_ref().is_none_or(near) && actor.reads(subject.kind)
    });
    Ok(visible
        .map(|(kept, at, said)| reminder(&kept, said, at))
        .collect())
}
