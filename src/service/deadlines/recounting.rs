//! Another calendar: every open period is worked out again.

use chrono::{DateTime, Utc};

use super::keeping::{close, replace, words};
use crate::{
    service::{App, Error},
    store::{
        Db,
        deadlines::{self as kept, ClockCause, ClockState, StoredClock},
    },
};

/// What another calendar did to the open periods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recounted {
    /// Periods that were worked out again.
    pub recounted: usize,
    /// Those whose last day is another one.
    pub changed: usize,
    /// Those whose last day the calendar does not cover: they stand on the board as 待节假日安排公布.
    pub waiting: usize,
    /// Ended ones that could not be judged before and are now.
    pub judged: usize,
}

/// Works every open period out again that another calendar was used for. The old value is kept in its event; a last day that
/// the calendar does not cover is taken away rather than guessed. Nothing is done where nothing changed.
///
/// # Errors
/// [`Error::Deadline`] if a period runs by a rule that the file of deadlines does not have any more.
pub fn recount(db: &mut Db, app: &App, now: DateTime<Utc>) -> Result<Recounted, Error> {
    for rule in kept::rules_in_use(db)? {
        app.deadlines.get(&rule)?;
    }
    let calendar = &app.calendar;
    let mut done = Recounted::default();
    for old in kept::of_other_calendars(db, calendar.version())? {
        let clock = old.clock.by(calendar);
        match (old.state, old.closed_on) {
            (ClockState::Unjudged, Some(closed_on)) => {
                if clock.due.is_some() {
                    close(db, calendar, &StoredClock { clock, ..old }, closed_on, now)?;
                    done.judged += 1;
                }
            }
            _ => {
                done.recounted += 1;
                done.changed += usize::from(clock.due != old.clock.due);
                done.waiting += usize::from(clock.due.is_none());
                if clock.due.is_none() {
                    tracing::error!(
                        matter = %old.subject.kind, id = old.subject.id, rule = clock.rule, was = words(&old.clock),
                        "a running period ends in no year that the calendar covers"
                    );
                }
                let subject = old.subject.clone();
                replace(db, &old, &subject, clock, ClockCause::Recomputed, now)?;
            }
        }
    }
    Ok(done)
}
