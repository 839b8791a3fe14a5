//! The closed transition function: which step is lawful, for whom, when, and what follows from it.

mod ways_out;

use chrono::{DateTime, Utc};

use super::{
    action::{Action, Actor, DecisionDraft, DecisionService, Role},
    entry::{Decided, Decision, Display, Entry, Method, Notice, Noticed, Proposal, State},
    event::{Event, EventKind},
    illegal::Illegal,
    text::{DocumentDigest, Text},
    types::{DisplayRule, ListType, Severity},
};
use crate::domain::{Calendar, Day};

/// What the credit platform must hear of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeedIntent {
    /// A new public entry.
    Publish,
    /// A public entry whose mark changed.
    Update,
    /// An entry that is no longer public.
    Withdraw,
}

/// A lawful step: the entry after it, the event to append, what to tell the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    pub entry: Entry,
    pub event: Event,
    pub feed: Option<FeedIntent>,
}

/// What an action comes to, before it is written down.
struct Step {
    kind: EventKind,
    reason: Text,
    digest: Option<DocumentDigest>,
    feed: Option<FeedIntent>,
}

impl Step {
    fn new(kind: EventKind, reason: Text) -> Self {
        Self {
            kind,
            reason,
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
        allow(actor, "提请", &[Role::System, Role::Officer])?;
        takes_entries(list, Day::of(now))?;
        display_rule(list, proposal.severity)?;
        if proposal.evidence.clauses.is_empty() {
            return Err(Illegal::NoClause);
        }
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
    if entry.list != list.id() {
        return Err(Illegal::OtherList {
            entry: entry.list.clone(),
            given: list.id().to_owned(),
        });
    }
    if now < entry.changed_at {
        let last = entry.changed_at;
        return Err(Illegal::ClockBack { now, last });
    }
    let case = Case {
        entry,
        action,
        actor,
        today: Day::of(now),
        list,
        calendar,
    };
    let step = case.step()?;
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
        .ok_or_else(|| case.wrong_state())?;
    Ok(Transition {
        entry,
        event,
        feed: step.feed,
    })
}

/// One step under examination.
struct Case<'a> {
    entry: &'a Entry,
    action: &'a Action,
    actor: &'a Actor,
    today: Day,
    list: &'a ListType,
    calendar: &'a Calendar,
}

impl Case<'_> {
    fn step(&self) -> Result<Step, Illegal> {
        match (&self.entry.state, self.action) {
            (State::Proposed { review }, Action::Review { opinion }) => {
                self.allow(&[Role::LegalReviewer])?;
                self.another_than([&self.entry.proposed_by])?;
                self.not_yet(review.is_some())?;
                let opinion = opinion.clone();
                let reason = opinion.clone();
                Ok(Step::new(EventKind::Reviewed { opinion }, reason))
            }
            (State::Proposed { .. }, Action::Drop { reason }) => {
                self.allow(&[Role::LegalReviewer, Role::Decider])?;
                self.another_than([&self.entry.proposed_by])?;
                Ok(Step::new(EventKind::Dropped, reason.clone()))
            }
            (State::Noticed(noticed), Action::Drop { reason }) => {
                self.allow(&[Role::Decider])?;
                self.another_than(self.entry.makers(noticed))?;
                Ok(Step::new(EventKind::Dropped, reason.clone()))
            }
            (State::Proposed { .. }, Action::Notify { .. }) => self.notify(),
            (State::Noticed(noticed), Action::Waive { number, digest }) => {
                self.allow(&[Role::Officer])?;
                self.not_yet(noticed.waiver.is_some())?;
                let served_on = noticed.notice.served_on;
                if self.today < served_on {
                    return Err(Illegal::WaiverBeforeService { served_on });
                }
                let reason = number.clone();
                let number = number.clone();
                Ok(Step::new(EventKind::Waived { number }, reason).with(digest))
            }
            (State::Noticed(noticed), Action::Decide(draft)) => self.decide(noticed, draft),
            (State::Noticed(noticed), Action::DecideNot { reason }) => {
                self.allow(&[Role::Decider])?;
                self.another_than(self.entry.makers(noticed))?;
                Ok(Step::new(EventKind::NotListed, reason.clone()))
            }
            (
                State::Decided(decided),
                Action::Publish {
                    service,
                    exceptionally,
                    digest,
                },
            ) => self.publish(decided, service, exceptionally.as_ref(), digest),
            (State::Published(published), action) => self.while_public(published, action),
            (State::Decided(decided), action) => self.exits(decided, None, action),
            _ => Err(self.wrong_state()),
        }
    }

    /// The notice counts as served, and the window for statement and hearing is known.
    fn notify(&self) -> Result<Step, Illegal> {
        let (
            State::Proposed { review },
            Action::Notify {
                number,
                method,
                delivered_on,
                proof,
                digest,
            },
        ) = (&self.entry.state, self.action)
        else {
            return Err(self.wrong_state());
        };
        self.allow(&[Role::Officer])?;
        let review = review.as_ref().ok_or(Illegal::NotReviewed)?;
        takes_entries(self.list, self.today)?;
        self.delivered_between(*delivered_on, Day::of(review.at))?;
        let served_on = self.served_on(method, *delivered_on);
        let window = self.list.window_working_days();
        let notice = Notice {
            number: number.clone(),
            by: self.actor.clone(),
            method: method.clone(),
            delivered_on: *delivered_on,
            proof: proof.clone(),
            served_on,
            window_end: self.calendar.add_working_days(served_on, window)?,
            calendar: self.calendar.version().to_owned(),
        };
        let reason = proof.clone();
        Ok(Step::new(EventKind::Noticed { notice }, reason).with(digest))
    }

    fn decide(&self, noticed: &Noticed, draft: &DecisionDraft) -> Result<Step, Illegal> {
        self.allow(&[Role::Decider])?;
        self.another_than(self.entry.makers(noticed))?;
        takes_entries(self.list, self.today)?;
        let window_end = noticed.notice.window_end;
        if noticed.waiver.is_none() && self.today <= window_end {
            return Err(Illegal::WindowOpen { window_end });
        }
        let severity = draft.severity;
        if severity.is_some() != self.entry.severity.is_some() || severity > self.entry.severity {
            return Err(Illegal::Heavier {
                noticed: self.entry.severity,
                decided: severity,
            });
        }
        let rule = display_rule(self.list, severity)?;
        let display = self.display(rule, draft)?;
        let within = self.list.publish_working_days();
        let kind = EventKind::Decided {
            severity,
            decision: Decision {
                number: draft.number.clone(),
                by: self.actor.clone(),
                decided_on: self.today,
                reason: draft.reason.clone(),
                basis: draft.basis.clone(),
                organ: draft.organ.clone(),
                heard: draft.heard.clone(),
            },
            display,
            publish_by: self.calendar.add_working_days(self.today, within)?,
            calendar: self.calendar.version().to_owned(),
        };
        Ok(Step::new(kind, draft.reason.clone()).with(&draft.digest))
    }

    /// Display counts from the decision. Its last day does not move off holidays: the move protects whoever must act
    /// in time, and would only lengthen the burden here.
    fn display(&self, rule: DisplayRule, draft: &DecisionDraft) -> Result<Display, Illegal> {
        let from = self.today;
        let max = rule.max.last_day(from);
        let min_until = rule.min.map(|span| span.last_day(from));
        let until = draft.term.map_or(max, |term| term.last_day(from));
        let min = min_until.unwrap_or(from);
        if until < min || until > max {
            return Err(Illegal::Term { until, min, max });
        }
        Ok(Display {
            from,
            until,
            min_until,
        })
    }

    fn publish(
        &self,
        decided: &Decided,
        service: &DecisionService,
        exceptionally: Option<&Text>,
        digest: &DocumentDigest,
    ) -> Result<Step, Illegal> {
        self.allow(&[Role::Publisher])?;
        if decided.exit_request.is_some() {
            // An exit that is being examined must not be overtaken by a publication.
            return Err(self.wrong_state());
        }
        let severity = self.entry.severity;
        if !display_rule(self.list, severity)?.publish && exceptionally.is_none() {
            return Err(Illegal::NotPublished(severity));
        }
        self.delivered_between(service.delivered_on, decided.decision.decided_on)?;
        let served_on = self.served_on(&service.method, service.delivered_on);
        if self.today < served_on {
            return Err(Illegal::DecisionNotServed { served_on });
        }
        if self.list.class().is_adverse() && service.repair_notice.is_none() {
            return Err(Illegal::NoRepairNotice);
        }
        let until = decided.display.until;
        if self.today > until {
            return Err(Illegal::DisplayOver { until });
        }
        let kind = EventKind::Published {
            service: service.clone(),
            late: self.today > decided.publish_by,
        };
        let reason = exceptionally.unwrap_or(&service.proof).clone();
        Ok(Step::new(kind, reason)
            .with(digest)
            .telling(FeedIntent::Publish))
    }

    fn served_on(&self, method: &Method, delivered_on: Day) -> Day {
        match method {
            Method::Publication => delivered_on.plus_days(self.list.by_publication_days()),
            _ => delivered_on,
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

    fn allow(&self, roles: &[Role]) -> Result<(), Illegal> {
        allow(self.actor, self.action.chinese(), roles)
    }

    /// Maker and checker differ, on every list that asks for it.
    fn another_than<const N: usize>(&self, makers: [&Actor; N]) -> Result<(), Illegal> {
        let made = makers.iter().any(|maker| maker.id == self.actor.id);
        if self.list.two_person() && made {
            return Err(Illegal::SamePerson {
                actor: self.actor.id.clone(),
                action: self.action.chinese(),
            });
        }
        Ok(())
    }

    fn not_yet(&self, done: bool) -> Result<(), Illegal> {
        let action = self.action.chinese();
        if done {
            return Err(Illegal::Again { action });
        }
        Ok(())
    }

    fn text(&self, words: String) -> Result<Text, Illegal> {
        Text::parse(&words).map_err(|_| self.wrong_state())
    }

    fn wrong_state(&self) -> Illegal {
        Illegal::State {
            state: self.entry.state_name(),
            action: self.action.chinese(),
        }
    }
}

fn allow(actor: &Actor, action: &'static str, roles: &[Role]) -> Result<(), Illegal> {
    let role = actor.role;
    if roles.contains(&role) {
        return Ok(());
    }
    Err(Illegal::Role { role, action })
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
