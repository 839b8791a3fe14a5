//! What is stored follows what is running.

use chrono::{DateTime, Utc};

use super::Matter;
use crate::{
    domain::{Calendar, Clock, Day, Deadline, Period},
    service::{App, Error},
    store::{
        Db,
        deadlines::{self as kept, ClockCause, ClockState, StoredClock, Subject},
    },
};

/// A period that runs and whose last day no loaded calendar covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Id of the rule.
    pub rule: String,
    pub period: Period,
    pub start_event: String,
    pub start: Day,
}

/// What [`keep`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    pub started: usize,
    /// Of another start or length than before.
    pub moved: usize,
    /// Of another calendar than before.
    pub recomputed: usize,
    /// Ended in time.
    pub met: usize,
    /// Ended late.
    pub missed: usize,
    /// Ended, and no calendar says whether in time.
    pub unjudged: usize,
}

/// Makes what is stored of a matter's periods agree with those that are running now, in the transaction of the step that
/// changed the matter.
///
/// A period is known again by rule and start event. One that is no longer running has ended today: in time (`met`) or after
/// its last day (`missed`, with the calendar days it is late). A deadline worked out with an older calendar is worked out
/// again with the one in force.
///
/// # Errors
/// [`Error::Deadline`] for a rule that `rules/deadlines.toml` does not have.
pub fn keep(
    db: &mut Db,
    app: &App,
    matter: &Matter,
    running: &[Deadline],
    now: DateTime<Utc>,
) -> Result<Kept, Error> {
    keep_waiting(db, app, matter, running, &[], now)
}

/// [`keep`], with periods that run and cannot be worked out yet: they stand on the board as 待节假日安排公布 until their year
/// is loaded.
pub fn keep_waiting(
    db: &mut Db,
    app: &App,
    matter: &Matter,
    running: &[Deadline],
    waiting: &[Waiting],
    now: DateTime<Utc>,
) -> Result<Kept, Error> {
    let calendar = &app.calendar;
    let mut clocks = Vec::with_capacity(running.len() + waiting.len());
    for deadline in running {
        let clock = Clock::from(deadline.clone());
        clocks.push(if deadline.calendar == calendar.version() {
            clock
        } else {
            clock.by(calendar)
        });
    }
    for Waiting {
        rule,
        period,
        start_event,
        start,
    } in waiting
    {
        let clock = Clock {
            rule: rule.clone(),
            period: *period,
            start_event: start_event.clone(),
            start: *start,
            due: None,
            calendar: String::new(),
        };
        clocks.push(clock.by(calendar));
    }
    for clock in &clocks {
        app.deadlines.get(&clock.rule)?;
    }

    let subject = matter.subject();
    let stored = kept::of_matter(db, matter.kind, &matter.id)?;
    let mut open: Vec<StoredClock> = stored
        .into_iter()
        .filter(|clock| clock.state == ClockState::Running)
        .collect();
    let mut done = Kept::default();
    let mut others = Vec::new();
    for clock in clocks {
        match take(&mut open, |old| old.clock.runs_as(&clock)) {
            Some(old) => same(db, &old, &subject, clock, now, &mut done)?,
            None => others.push(clock),
        }
    }
    for clock in others {
        let alike = |old: &StoredClock| {
            (&old.clock.rule, &old.clock.start_event) == (&clock.rule, &clock.start_event)
        };
        match take(&mut open, alike) {
            Some(old) => {
                replace(db, &old, &subject, clock, ClockCause::Moved, now)?;
                done.moved += 1;
            }
            None => {
                kept::start(db, &subject, &clock, now)?;
                done.started += 1;
            }
        }
    }
    for old in open {
        end(db, calendar, &old, now, &mut done)?;
    }
    Ok(done)
}

fn take(
    open: &mut Vec<StoredClock>,
    matches: impl Fn(&StoredClock) -> bool,
) -> Option<StoredClock> {
    let at = open.iter().position(matches)?;
    Some(open.remove(at))
}

/// The same period: at most the calendar or the matter's words are others.
fn same(
    db: &mut Db,
    old: &StoredClock,
    subject: &Subject,
    clock: Clock,
    now: DateTime<Utc>,
    done: &mut Kept,
) -> Result<(), Error> {
    if old.clock != clock {
        replace(db, old, subject, clock, ClockCause::Recomputed, now)?;
        done.recomputed += 1;
    } else if old.subject != *subject {
        kept::describe(db, old, subject)?;
    }
    Ok(())
}

/// Puts a period in the place of what it was. Reminders begin anew with another last day.
pub(super) fn replace(
    db: &mut Db,
    old: &StoredClock,
    subject: &Subject,
    clock: Clock,
    cause: ClockCause,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let same_day = old.clock.due == clock.due;
    let detail = format!("原为{}，现为{}", words(&old.clock), words(&clock));
    let after = StoredClock {
        subject: subject.clone(),
        reminded: old.reminded.clone().filter(|_| same_day),
        clock,
        ..old.clone()
    };
    kept::change(db, old, &after, cause, &detail, now)?;
    Ok(())
}

/// A last day in words.
pub(super) fn words(clock: &Clock) -> String {
    clock.due.map_or_else(
        || "待节假日安排公布".to_owned(),
        |day| format!("{day} 届满"),
    )
}

fn end(
    db: &mut Db,
    calendar: &Calendar,
    old: &StoredClock,
    now: DateTime<Utc>,
    done: &mut Kept,
) -> Result<(), Error> {
    match close(db, calendar, old, Day::of(now), now)? {
        ClockCause::Missed => done.missed += 1,
        ClockCause::Unjudged => done.unjudged += 1,
        _ => done.met += 1,
    }
    Ok(())
}

/// Ends a period that was over on a day, and says whether that was in time.
pub(super) fn close(
    db: &mut Db,
    calendar: &Calendar,
    old: &StoredClock,
    closed_on: Day,
    now: DateTime<Utc>,
) -> Result<ClockCause, Error> {
    let (state, cause, days_late, detail) = match old.clock.due {
        Some(due) if closed_on <= due => {
            let detail = format!("{closed_on} 办结，{due} 届满");
            (ClockState::Met, ClockCause::Met, 0, detail)
        }
        Some(due) => {
            let days = (closed_on.date() - due.date()).num_days();
            let detail = format!("{closed_on} 办结，{due} 届满，逾期 {days} 日");
            (ClockState::Missed, ClockCause::Missed, days, detail)
        }
        // Every year from its start to this day is covered, and its last day is in none of them: it is later than this day.
        None if (old.clock.start.year()..=closed_on.year()).all(|year| calendar.covers(year)) => {
            let detail = format!("{closed_on} 办结，届满日待节假日安排公布，但在此日之后");
            (ClockState::Met, ClockCause::Met, 0, detail)
        }
        None => {
            let detail = format!("{closed_on} 办结，届满日待节假日安排公布，暂不能判断是否逾期");
            (ClockState::Unjudged, ClockCause::Unjudged, 0, detail)
        }
    };
    let after = StoredClock {
        state,
        closed_on: Some(closed_on),
        days_late,
        ..old.clone()
    };
    kept::change(db, old, &after, cause, &detail, now)?;
    Ok(cause)
}
