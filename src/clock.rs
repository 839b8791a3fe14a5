//! The one clock. Everything below the edge takes `now` as an argument; only the edge asks here.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

/// Where the time comes from: the machine, or a hand that tests and the demo turn.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    #[default]
    System,
    Fixed(FixedClock),
    /// Runs from an instant of its own at the machine's pace: a rehearsal set on another day.
    From {
        began: DateTime<Utc>,
        started: Instant,
    },
}

impl Clock {
    /// The instant it is.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => system_now(),
            Self::Fixed(clock) => clock.now(),
            Self::From { began, started } => {
                let passed = i64::try_from(started.elapsed().as_micros()).unwrap_or(i64::MAX);
                *began + TimeDelta::microseconds(passed)
            }
        }
    }

    /// A clock that says `began` now and runs on.
    pub fn starting_at(began: DateTime<Utc>) -> Self {
        Self::From {
            began,
            started: Instant::now(),
        }
    }
}

/// The only place that reads the machine's clock.
#[allow(clippy::disallowed_methods)]
fn system_now() -> DateTime<Utc> {
    Utc::now()
}

/// A clock that stands still until it is set. Clones share the hand.
#[derive(Debug, Clone)]
pub struct FixedClock(Arc<AtomicI64>);

impl FixedClock {
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new(now.timestamp_micros())))
    }

    pub fn set(&self, now: DateTime<Utc>) {
        self.0.store(now.timestamp_micros(), Ordering::SeqCst);
    }

    pub fn now(&self) -> DateTime<Utc> {
        Utc.timestamp_micros(self.0.load(Ordering::SeqCst))
            .single()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_set() {
        let first = Utc.timestamp_opt(1_700_000_000, 0).unwrap();
        let hand = FixedClock::new(first);
        let clock = Clock::Fixed(hand.clone());
        assert_eq!(clock.now(), first);
        let later = first + chrono::Duration::hours(1);
        hand.set(later);
        assert_eq!(clock.now(), later);
    }
}
