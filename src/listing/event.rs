//! The file of an entry: what happened, in order, never changed. An event holds every value that was worked out when
//! it happened, so that the entry can be built again without the rules of that day.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    action::{Actor, DecisionService},
    entry::{
        Closing, Decided, Decision, Display, Dispute, Entry, Exit, ExitRequest, Notice, Noticed,
        Proposal, Published, Review, Standing, State, Waiver,
    },
    illegal::StateName,
    text::{DocumentDigest, Text},
    types::{ListClass, Severity},
};
use crate::domain::Day;

/// One thing that happened to an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub kind: EventKind,
    pub actor: Actor,
    pub at: DateTime<Utc>,
    /// Why, in the actor's words or the procedure's.
    pub reason: Text,
    /// Of the document that came with it, if one did.
    pub digest: Option<DocumentDigest>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    Proposed {
        list: String,
        class: ListClass,
        proposal: Proposal,
    },
    Reviewed {
        opinion: Text,
    },
    Dropped,
    Noticed {
        notice: Notice,
    },
    Waived {
        number: Text,
    },
    Decided {
        severity: Option<Severity>,
        decision: Decision,
        display: Display,
        publish_by: Day,
        calendar: String,
    },
    NotListed,
    Published {
        service: DecisionService,
        late: bool,
    },
    Disputed {
        number: Text,
    },
    DisputeSettled,
    ExitRequested {
        exit: Exit,
    },
    ExitRefused,
    Repaired {
        number: Text,
    },
    Revoked {
        number: Text,
    },
    Expired,
}

impl EventKind {
    /// Stable code, the same as in the JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Proposed { .. } => "proposed",
            Self::Reviewed { .. } => "reviewed",
            Self::Dropped => "dropped",
            Self::Noticed { .. } => "noticed",
            Self::Waived { .. } => "waived",
            Self::Decided { .. } => "decided",
            Self::NotListed => "not_listed",
            Self::Published { .. } => "published",
            Self::Disputed { .. } => "disputed",
            Self::DisputeSettled => "dispute_settled",
            Self::ExitRequested { .. } => "exit_requested",
            Self::ExitRefused => "exit_refused",
            Self::Repaired { .. } => "repaired",
            Self::Revoked { .. } => "revoked",
            Self::Expired => "expired",
        }
    }
}

/// Why a list of events is not the file of an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    #[error("no events")]
    Empty,
    #[error("event {index}: {kind} cannot be the first event")]
    First { index: usize, kind: &'static str },
    #[error("event {index}: {kind} cannot follow in state {}", .state.as_str())]
    Order {
        index: usize,
        kind: &'static str,
        state: StateName,
    },
}

/// Builds the entry from its events, oldest first.
pub fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Result<Entry, FoldError> {
    let mut events = events.into_iter().enumerate();
    let (_, first) = events.next().ok_or(FoldError::Empty)?;
    let start = Entry::born(first).ok_or(FoldError::First {
        index: 0,
        kind: first.kind.as_str(),
    })?;
    events.try_fold(start, |entry, (index, event)| {
        let state = entry.state_name();
        entry.after(event).ok_or(FoldError::Order {
            index,
            kind: event.kind.as_str(),
            state,
        })
    })
}

impl Entry {
    /// The entry as its first event makes it.
    pub(super) fn born(event: &Event) -> Option<Self> {
        let EventKind::Proposed {
            list,
            class,
            proposal,
        } = &event.kind
        else {
            return None;
        };
        Some(Self {
            id: proposal.id,
            company: proposal.company,
            list: list.clone(),
            class: *class,
            severity: proposal.severity,
            evidence: proposal.evidence.clone(),
            proposed_by: event.actor.clone(),
            proposed_at: event.at,
            state: State::Proposed { review: None },
            version: 1,
            changed_at: event.at,
        })
    }

    /// The entry after one more event, if the event fits its state.
    pub(super) fn after(self, event: &Event) -> Option<Self> {
        let severity = match &event.kind {
            EventKind::Decided { severity, .. } => *severity,
            _ => self.severity,
        };
        Some(Self {
            severity,
            state: next_state(self.state, event)?,
            version: self.version + 1,
            changed_at: event.at,
            ..self
        })
    }
}

fn next_state(state: State, event: &Event) -> Option<State> {
    let by = || event.actor.clone();
    let on = Day::of(event.at);
    let closing = |number: Option<&Text>| Closing {
        by: by(),
        on,
        reason: event.reason.clone(),
        number: number.cloned(),
    };
    Some(match (state, &event.kind) {
        (State::Proposed { review: None }, EventKind::Reviewed { opinion }) => {
            let opinion = opinion.clone();
            let review = Some(Review {
                by: by(),
                at: event.at,
                opinion,
            });
            State::Proposed { review }
        }
        (State::Proposed { .. }, EventKind::Dropped) => State::Dropped {
            notice: None,
            closing: closing(None),
        },
        (State::Noticed(noticed), EventKind::Dropped) => State::Dropped {
            notice: Some(noticed.notice),
            closing: closing(None),
        },
        (
            State::Proposed {
                review: Some(review),
            },
            EventKind::Noticed { notice },
        ) => {
            let notice = notice.clone();
            State::Noticed(Noticed {
                review,
                notice,
                waiver: None,
            })
        }
        (State::Noticed(noticed), EventKind::Waived { number }) => {
            let waiver = Some(Waiver {
                number: number.clone(),
                recorded_on: on,
            });
            State::Noticed(Noticed { waiver, ..noticed })
        }
        (
            State::Noticed(noticed),
            EventKind::Decided {
                decision,
                display,
                publish_by,
                calendar,
                ..
            },
        ) => State::Decided(Decided {
            noticed,
            decision: decision.clone(),
            display: *display,
            publish_by: *publish_by,
            calendar: calendar.clone(),
            exit_request: None,
        }),
        (State::Noticed(noticed), EventKind::NotListed) => State::NotListed {
            noticed,
            closing: closing(None),
        },
        (State::Decided(decided), EventKind::Published { service, late }) => {
            State::Published(Published {
                decided,
                by: by(),
                published_on: on,
                late: *late,
                service: service.clone(),
                dispute: None,
            })
        }
        (State::Published(published), EventKind::Disputed { number }) => {
            let dispute = Some(Dispute {
                number: number.clone(),
                by: by(),
                received_on: on,
            });
            State::Published(Published {
                dispute,
                ..published
            })
        }
        (State::Published(published), EventKind::DisputeSettled) => State::Published(Published {
            dispute: None,
            ..published
        }),
        (state, EventKind::ExitRequested { exit }) => {
            let exit = exit.clone();
            let request = ExitRequest {
                exit,
                by: by(),
                requested_on: on,
            };
            with_exit_request(state, Some(request))?
        }
        (state, EventKind::ExitRefused) => with_exit_request(state, None)?,
        (state, EventKind::Repaired { number }) => State::Removed {
            was: standing(state)?,
            closing: closing(Some(number)),
        },
        (state, EventKind::Expired) => State::Removed {
            was: standing(state)?,
            closing: closing(None),
        },
        (state, EventKind::Revoked { number }) => State::Revoked {
            was: standing(state)?,
            closing: closing(Some(number)),
        },
        _ => return None,
    })
}

fn with_exit_request(state: State, exit_request: Option<ExitRequest>) -> Option<State> {
    match state {
        State::Decided(decided) => Some(State::Decided(Decided {
            exit_request,
            ..decided
        })),
        State::Published(published) => Some(State::Published(Published {
            decided: Decided {
                exit_request,
                ..published.decided
            },
            ..published
        })),
        _ => None,
    }
}

fn standing(state: State) -> Option<Standing> {
    match state {
        State::Decided(decided) => Some(Standing::Decided(decided)),
        State::Published(published) => Some(Standing::Published(published)),
        _ => None,
    }
}
