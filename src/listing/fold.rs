//! From the file of an entry back to the entry.

mod next;

use next::Next;

use super::{
    entry::{Entry, State},
    event::{Event, EventKind},
    table::StateName,
};
use crate::domain::Day;

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
            persons: proposal.persons.clone(),
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
        let next = Next {
            event,
            on: Day::of(event.at),
        };
        Some(Self {
            severity,
            state: next.state(self.state)?,
            version: self.version + 1,
            changed_at: event.at,
            ..self
        })
    }
}
