//! Whether a step is open at all: state, capacity, another person, and whatever else can be said before its content is known.

use super::{Case, takes_entries};
use crate::listing::{
    action::{Actor, Role, StepName, SubmissionKind},
    entry::{Decided, Noticed, State},
    illegal::Illegal,
    standing::ExitRequest,
    table::{self, Differs},
};

impl Case<'_> {
    /// Everything that does not depend on the content of the step.
    pub(super) fn admit(&self, step: StepName) -> Result<(), Illegal> {
        if self.entry.list != self.list.id() {
            return Err(Illegal::OtherList {
                entry: self.entry.list.clone(),
                given: self.list.id().to_owned(),
            });
        }
        if self.now < self.entry.changed_at {
            return Err(Illegal::ClockBack {
                now: self.now,
                last: self.entry.changed_at,
            });
        }
        let rule = table::find(self.entry.state_name(), step);
        let rule = rule.ok_or_else(|| self.wrong_state(step))?;
        let role = self.actor.role;
        if !rule.roles.contains(&role) {
            let action = Some(step);
            return Err(Illegal::Role { role, action });
        }
        self.another(rule.differs, step)?;
        self.gate(step)
    }

    /// Maker and checker differ, on every list that asks for it.
    fn another(&self, differs: Differs, step: StepName) -> Result<(), Illegal> {
        let others: Vec<&Actor> = match differs {
            // Who registered a statement depends on which one is answered.
            Differs::FromNobody | Differs::FromReceiver => Vec::new(),
            Differs::FromProposer => vec![&self.entry.proposed_by],
            Differs::FromMakers => self.entry.makers(),
            Differs::FromDisputer => self
                .entry
                .public()
                .and_then(|published| published.dispute.as_ref())
                .map(|dispute| &dispute.by)
                .into_iter()
                .collect(),
            Differs::FromShielder => match &self.entry.state {
                // What the service hid, the service shows again.
                State::Shielded(shielded) if self.actor.role != Role::System => {
                    vec![&shielded.shield.by]
                }
                _ => Vec::new(),
            },
            Differs::FromRequester => self.request().map_or_else(Vec::new, |request| {
                let accepted = request.accepted.as_ref().map(|accepted| &accepted.by);
                [&request.by].into_iter().chain(accepted).collect()
            }),
            Differs::FromRestorer => match &self.entry.state {
                State::Removed {
                    restoration: Some(request),
                    ..
                } => vec![&request.by],
                _ => Vec::new(),
            },
        };
        self.not_among(&others, step)
    }

    pub(super) fn not_among(&self, others: &[&Actor], step: StepName) -> Result<(), Illegal> {
        let is_one = others.iter().any(|other| other.id == self.actor.id);
        if self.list.two_person() && is_one {
            return Err(Illegal::SamePerson {
                actor: self.actor.id.clone(),
                action: step,
            });
        }
        Ok(())
    }

    fn gate(&self, step: StepName) -> Result<(), Illegal> {
        use StepName::*;
        match (&self.entry.state, step) {
            (State::Proposed { review }, Review) => once(review.is_some(), step),
            (State::Proposed { review }, IssueNotice) => {
                review.as_ref().ok_or(Illegal::NotReviewed)?;
                takes_entries(self.list, self.today)
            }
            (State::Issued(_), ServeNotice) => takes_entries(self.list, self.today),
            (State::Noticed(noticed), _) => self.gate_noticed(noticed, step),
            (State::Decided(decided), ApproveHigher) => {
                if !self.list.higher_approval() {
                    let list = self.list.id().to_owned();
                    return Err(Illegal::NoHigherNeeded { list });
                }
                once(decided.higher.is_some(), step)
            }
            (State::Decided(decided), ServeDecision) => {
                if self.list.higher_approval() && decided.higher.is_none() {
                    let list = self.list.id().to_owned();
                    return Err(Illegal::NoHigherApproval { list });
                }
                Ok(())
            }
            (State::Served(served), Publish) => {
                if served.decided.exit_request.is_some() {
                    // An exit that is being examined must not be overtaken by a publication.
                    return Err(Illegal::ExitPending);
                }
                let served_on = served.served_on;
                if self.today < served_on {
                    return Err(Illegal::DecisionNotServed { served_on });
                }
                let until = served.decided.display.until;
                if self.today > until {
                    return Err(Illegal::DisplayOver { until });
                }
                Ok(())
            }
            (State::Published(published), Dispute) => once(published.dispute.is_some(), step),
            (State::Published(published), SettleDispute) => {
                let dispute = published.dispute.as_ref().ok_or(Illegal::NoDispute)?;
                once(dispute.upheld, step)
            }
            (
                State::Removed {
                    restoration,
                    closing,
                    ..
                },
                RequestRestoration,
            ) => {
                closing.number.as_ref().ok_or(Illegal::NothingToRestore)?;
                once(restoration.is_some(), step)
            }
            (State::Removed { restoration, .. }, Restore | RefuseRestoration) => {
                restoration.as_ref().ok_or(Illegal::NoRestoration)?;
                Ok(())
            }
            _ => match self.entry.listed() {
                Some(decided) => self.gate_exit(decided, step),
                None => Ok(()),
            },
        }
    }

    fn gate_noticed(&self, noticed: &Noticed, step: StepName) -> Result<(), Illegal> {
        use StepName::*;
        match step {
            ReceiveStatement if noticed.waiver.is_some() => Err(Illegal::Waived),
            HoldHearing => {
                let mut all = noticed.submissions.iter();
                let waits = all.any(|one| {
                    one.kind == SubmissionKind::Hearing
                        && one.hearing.is_none()
                        && one.answer.is_none()
                });
                waits.then_some(()).ok_or(Illegal::NoHearing)
            }
            AnswerStatement => {
                noticed.unanswered().ok_or(Illegal::NothingToAnswer)?;
                Ok(())
            }
            Waive => {
                once(noticed.waiver.is_some(), step)?;
                let served_on = noticed.notice.served_on;
                if self.today < served_on {
                    return Err(Illegal::WaiverBeforeService { served_on });
                }
                Ok(())
            }
            Decide => {
                takes_entries(self.list, self.today)?;
                let window_end = noticed.notice.window_end;
                if noticed.waiver.is_none() && self.today <= window_end {
                    return Err(Illegal::WindowOpen { window_end });
                }
                answered(noticed)
            }
            DecideNot => answered(noticed),
            _ => Ok(()),
        }
    }

    fn gate_exit(&self, decided: &Decided, step: StepName) -> Result<(), Illegal> {
        use StepName::*;
        let request = decided.exit_request.as_ref();
        match step {
            Expire => {
                let until = decided.display.until;
                if self.today <= until {
                    return Err(Illegal::NotExpired { until });
                }
                Ok(())
            }
            RequestExit => once(request.is_some(), step),
            AcceptRepair => once(repair(request)?.accepted.is_some(), step),
            ExtendRepair => {
                let request = repair(request)?;
                request.accepted.as_ref().ok_or(Illegal::NotAccepted)?;
                once(request.extended.is_some(), step)
            }
            ApproveExit => {
                let request = request.ok_or(Illegal::NoExitRequest)?;
                if request.is_repair() {
                    request.accepted.as_ref().ok_or(Illegal::NotAccepted)?;
                    self.after_minimum(decided)?;
                }
                Ok(())
            }
            RefuseExit => {
                request.ok_or(Illegal::NoExitRequest)?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn after_minimum(&self, decided: &Decided) -> Result<(), Illegal> {
        match decided.display.min_until {
            Some(min_until) if self.today <= min_until => Err(Illegal::BeforeMinimum { min_until }),
            _ => Ok(()),
        }
    }

    /// The exit that was put forward.
    pub(super) fn request(&self) -> Option<&ExitRequest> {
        self.entry.listed()?.exit_request.as_ref()
    }
}

fn once(done: bool, action: StepName) -> Result<(), Illegal> {
    if done {
        return Err(Illegal::Again { action });
    }
    Ok(())
}

fn answered(noticed: &Noticed) -> Result<(), Illegal> {
    match noticed.unanswered() {
        Some(one) => Err(Illegal::Unanswered {
            number: one.number.clone(),
        }),
        None => Ok(()),
    }
}

fn repair(request: Option<&ExitRequest>) -> Result<&ExitRequest, Illegal> {
    request
        .filter(|request| request.is_repair())
        .ok_or(Illegal::NoRepair)
}
