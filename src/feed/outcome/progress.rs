//! Where a batch stands and what to do with it next: a pure state machine.
//!
//! The store keeps a [`Progress`] with the batch. A send is recorded as begun, and committed, before the first byte
//! leaves; so a process that dies in between leaves a batch of unknown fate, never one that looks unsent.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Outcome, ProbeOutcome, RejectClass};

/// Delays before the first, second ... try; later ones come daily.
const SCHEDULE: [TimeDelta; 8] = [
    TimeDelta::zero(),
    TimeDelta::seconds(5),
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
];
const DAILY: TimeDelta = TimeDelta::days(1);
/// After this long without an end a person is called.
const PATIENCE: TimeDelta = TimeDelta::days(7);
/// "Not there" is believed when it was said this often: a late commit can follow a first one.
const ABSENT_ENOUGH: u32 = 2;

/// Where a sealed batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum BatchState {
    /// It is certain that the platform does not have it, or as certain as it gets.
    Ready,
    /// A send has begun and its outcome is not recorded.
    Sending,
    /// Sent, and not known what became of it; `absent` answers in a row said "not there".
    Unknown { absent: u32 },
    /// The platform asked to wait.
    Busy { until: DateTime<Utc> },
    /// The platform refused the batch as a whole.
    Refused { class: RejectClass },
    /// Every record has its result.
    Settled,
}

/// What is remembered of the delivery of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub state: BatchState,
    /// Sends and probes in a row that did not settle it.
    pub tries: u32,
    /// When the batch was sealed; the seven days count from here.
    pub since: DateTime<Utc>,
    /// When something last happened.
    pub last: DateTime<Utc>,
}

/// What to do with a batch now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Send the stored bytes under the stored key.
    Send,
    /// Ask: by the key, then record by record.
    Probe,
    Wait {
        until: DateTime<Utc>,
    },
    /// Call a person; nothing more is done by itself.
    Alarm {
        why: AlarmReason,
    },
    /// Settled.
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AlarmReason {
    #[error("the platform refused the whole batch ({0:?}); it needs a person")]
    Refused(RejectClass),
    #[error("not settled after seven days")]
    Overdue,
}

impl Progress {
    /// A batch that was just sealed.
    pub fn sealed(at: DateTime<Utc>) -> Self {
        Self {
            state: BatchState::Ready,
            tries: 0,
            since: at,
            last: at,
        }
    }

    /// To be recorded before the first byte leaves.
    pub fn send_begins(self, now: DateTime<Utc>) -> Self {
        Self {
            state: BatchState::Sending,
            last: now,
            ..self
        }
    }

    /// After a send.
    pub fn sent(self, outcome: &Outcome, now: DateTime<Utc>) -> Self {
        let state = match outcome {
            Outcome::NotSent { .. } => BatchState::Ready,
            Outcome::Unknown { .. } => BatchState::Unknown { absent: 0 },
            Outcome::Busy { until } => BatchState::Busy { until: *until },
            Outcome::Refused(refusal) => BatchState::Refused {
                class: refusal.class,
            },
            Outcome::Settled(_) | Outcome::Split { .. } => BatchState::Settled,
            Outcome::HandedOver { .. } => BatchState::Unknown { absent: 0 },
        };
        self.tried(state, now)
    }

    /// After a probe. Of a batch that is not in doubt nothing changes: nothing was asked.
    pub fn probed(self, outcome: &ProbeOutcome, now: DateTime<Utc>) -> Self {
        let absent = match self.state {
            BatchState::Unknown { absent } => absent,
            BatchState::Sending => 0,
            _ => return self,
        };
        let state = match outcome {
            ProbeOutcome::Settled(_) | ProbeOutcome::Split { .. } => BatchState::Settled,
            ProbeOutcome::NotThere if absent + 1 >= ABSENT_ENOUGH => BatchState::Ready,
            ProbeOutcome::NotThere => BatchState::Unknown { absent: absent + 1 },
            ProbeOutcome::Inconclusive { .. } | ProbeOutcome::Partial(_) => {
                BatchState::Unknown { absent: 0 }
            }
        };
        self.tried(state, now)
    }

    /// A person has mended the cause of a refusal: the same bytes may go again.
    pub fn released(self, now: DateTime<Utc>) -> Self {
        match self.state {
            BatchState::Refused { .. } => Self {
                state: BatchState::Ready,
                tries: 0,
                since: now,
                last: now,
            },
            _ => self,
        }
    }

    fn tried(self, state: BatchState, now: DateTime<Utc>) -> Self {
        Self {
            state,
            tries: self.tries.saturating_add(1),
            last: now,
            ..self
        }
    }
}

/// What to do with a batch at `now`. `seed` spreads the tries of many batches (up to a tenth later, never earlier);
/// the same seed gives the same times.
pub fn next_step(progress: &Progress, seed: u64, now: DateTime<Utc>) -> Step {
    let due = progress.last + with_jitter(delay(progress.tries), seed, progress.tries);
    let at = |due: DateTime<Utc>, step| {
        if now >= due {
            step
        } else {
            Step::Wait { until: due }
        }
    };
    let step = match progress.state {
        BatchState::Settled => return Step::Done,
        BatchState::Refused {
            class: class @ (RejectClass::Data | RejectClass::Mapping),
        } => {
            return Step::Alarm {
                why: AlarmReason::Refused(class),
            };
        }
        // Credentials are renewed and platforms recover without a word to us: the same bytes are tried again.
        BatchState::Refused {
            class: RejectClass::Auth | RejectClass::Transient,
        }
        | BatchState::Ready => at(due, Step::Send),
        BatchState::Busy { until } => at(until, Step::Send),
        // A dead sender: at least a delay between its last byte and the first question.
        BatchState::Sending => at(
            progress.last + with_jitter(SCHEDULE[1], seed, 0),
            Step::Probe,
        ),
        BatchState::Unknown { .. } => at(due, Step::Probe),
    };
    if now - progress.since >= PATIENCE {
        return Step::Alarm {
            why: AlarmReason::Overdue,
        };
    }
    step
}

/// The delay before the try that follows `tries` others.
fn delay(tries: u32) -> TimeDelta {
    SCHEDULE.get(tries as usize).copied().unwrap_or(DAILY)
}

fn with_jitter(delay: TimeDelta, seed: u64, tries: u32) -> TimeDelta {
    let spread = delay.num_milliseconds() / 10;
    let draw = (split_mix(seed ^ u64::from(tries)) >> 32).cast_signed();
    delay + TimeDelta::milliseconds(spread * draw / (1 << 32))
}

/// SplitMix64: one well-mixed word from a seed.
fn split_mix(seed: u64) -> u64 {
    let mut word = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}
