//! The closed transition function: which step is lawful, for whom, when, and what follows from it.
//!
//! A step passes the table ([`super::table`]), then the [gate](gate) (what can be said without the step's own content: is
//! the window over, is something unanswered), then what its content must satisfy.

mod before;
mod gate;
mod making;
mod standing;

use chrono::{DateTime, Utc};

use super::{
    action::{Action, Actor, Role, StepName},
    digest::DocumentDigest,
    entry::{Entry, Method, Proposal, State},
    event::{Event, EventKind},
    illegal::Illegal,
    personal,
    types::{DisplayRule, ListType, Severity},
};
use crate::domain::{Calendar, Day, Text};

/// What the credit platform must hear of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeedIntent {
    /// A new public entry, or one that came back after it had been withdrawn.
    Publish,
    /// A public entry whose mark or content changed, or that is shown again after it was hidden.
    Update,
    /// An entry that is hidden for the time being.
    Hide,
    /// An entry that is out.
    Withdraw,
}

/// A lawful step: the entry after it, the event to append, what to tell the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    pub entry: Entry,
    pub event: Event,
    pub feed: Option<FeedIntent>,
}

/// What somebody can do with an entry now, or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenStep {
    pub step: StepName,
    /// Nothing is in the way but what the step itself will say.
    pub open: Result<(), Illegal>,
}

/// What an action comes to, before it is written down.
struct Step {
    kind: EventKind,
    reason: Text,
    digest: Option<DocumentDigest>,
    feed: Option<FeedIntent>,
}

impl Step {
    fn new(kind: EventKind, reason: &Text) -> Self {
        Self {
            kind,
            reason: reason.clone(),
            digest: None,
            feed: None,
        }
    }

    fn with(self, digest: &DocumentDigest) -> Self {
        let digest = Some(digest.clone());
        Self { digest, ..self }
    }

    fn telling(self, feed: FeedIntent) -> Self {
        let feed = Some(feed);
        Self { feed, ..self }
    }
}

impl Entry {
    /// Opens an entry. The service may do so when a rule fires, an officer at any time; nobody else.
    pub fn propose(
        proposal: Proposal,
        actor: &Actor,
        now: DateTime<Utc>,
        list: &ListType,
    ) -> Result<Transition, Illegal> {
        if !matches!(actor.role, Role::System | Role::Officer) {
            let (role, action) = (actor.role, None);
            return Err(Illegal::Role { role, action });
        }
        takes_entries(list, Day::of(now))?;
        display_rule(list, proposal.severity)?;
        if proposal.evidence.clauses.is_empty() {
            return Err(Illegal::NoClause);
        }
        personal::check_proposal(&proposal)?;
        let event = Event {
            reason: proposal.reason.clone(),
            kind: EventKind::Proposed {
                list: list.id().to_owned(),
                class: list.class(),
                proposal,
            },
            actor: actor.clone(),
            at: now,
            digest: None,
        };
        let entry = Self::born(&event).ok_or(Illegal::NoClause)?;
        Ok(Transition {
            entry,
            event,
            feed: None,
        })
    }

    /// What somebody can do now, by every step that the state knows, and why not.
    pub fn open_steps(&self, actor: &Actor, now: DateTime<Utc>, list: &ListType) -> Vec<OpenStep> {
        let case = Case::of(self, actor, now, list);
        let state = self.state_name();
        super::table::TABLE
            .iter()
            .filter(|rule| rule.state == state)
            .map(|rule| OpenStep {
                step: rule.step,
                open: case.admit(rule.step),
            })
            .collect()
    }
}

/// Takes one step, or says why it is not lawful. `now` must not lie before the entry's last event.
pub fn apply(
    entry: &Entry,
    action: &Action,
    actor: &Actor,
    now: DateTime<Utc>,
    list: &ListType,
    calendar: &Calendar,
) -> Result<Transition, Illegal> {
    let case = Case::of(entry, actor, now, list);
    case.admit(action.name())?;
    personal::check(action)?;
    let step = case.step(action, calendar)?;
    let event = Event {
        kind: step.kind,
        actor: actor.clone(),
        at: now,
        reason: step.reason,
        digest: step.digest,
    };
    let entry = entry
        .clone()
        .after(&event)
        .ok_or_else(|| case.wrong_state(action.name()))?;
    Ok(Transition {
        entry,
        event,
        feed: step.feed,
    })
}

/// One entry before one person, today.
struct Case<'a> {
    entry: &'a Entry,
    actor: &'a Actor,
    now: DateTime<Utc>,
    today: Day,
    list: &'a ListType,
}

impl<'a> Case<'a> {
    fn of(entry: &'a Entry, actor: &'a Actor, now: DateTime<Utc>, list: &'a ListType) -> Self {
        Self {
            entry,
            actor,
            now,
            today: Day::of(now),
            list,
        }
    }

    fn step(&self, action: &Action, calendar: &Calendar) -> Result<Step, Illegal> {
        match &self.entry.state {
            State::Proposed { .. } | State::Issued(_) => self.before_notice(action, calendar),
            State::Noticed(noticed) => self.while_noticed(noticed, action, calendar),
            State::Decided(_) | State::Served(_) => self.until_public(action),
            State::Published(published) => self.while_public(published, action),
            State::Shielded(shielded) => self.while_hidden(shielded, action),
            State::Removed { was, .. } => self.way_back(was, action),
            State::Dropped { .. } | State::NotListed { .. } | State::Revoked { .. } => {
                Err(self.wrong_state(action.name()))
            }
        }
    }

    fn served_on(&self, method: &Method, delivered_on: Day) -> Result<Day, Illegal> {
        match method {
            Method::Publication => Ok(delivered_on.plus_days(self.list.by_publication_days())),
            Method::Electronic {
                confirmation: None, ..
            } => Err(Illegal::NoConfirmation),
            Method::Direct | Method::Post | Method::Left { .. } | Method::Electronic { .. } => {
                Ok(delivered_on)
            }
        }
    }

    fn delivered_between(&self, delivered_on: Day, from: Day) -> Result<(), Illegal> {
        let until = self.today;
        if (from..=until).contains(&delivered_on) {
            return Ok(());
        }
        Err(Illegal::DeliveryDay {
            delivered_on,
            from,
            until,
        })
    }

    fn wrong_state(&self, action: StepName) -> Illegal {
        Illegal::State {
            state: self.entry.state_name(),
            action,
        }
    }
}

/// Whether steps towards a listing may be taken under this type today.
fn takes_entries(list: &ListType, day: Day) -> Result<(), Illegal> {
    let name = || list.id().to_owned();
    if !list.enabled() {
        return Err(Illegal::Disabled { list: name() });
    }
    if !list.has_basis_on(day) {
        return Err(Illegal::NoBasis { list: name(), day });
    }
    Ok(())
}

fn display_rule(list: &ListType, severity: Option<Severity>) -> Result<DisplayRule, Illegal> {
    list.display(severity).ok_or_else(|| Illegal::Severity {
        list: list.id().to_owned(),
        severity,
    })
}
