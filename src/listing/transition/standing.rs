//! What may happen to an entry that stands: objections, corrections, hiding, its exits, and the way back from a repair.

use super::{Case, FeedIntent, Step, display_rule};
use crate::{
    domain::{Day, Text},
    listing::{
        action::{Action, Role},
        entry::{Decided, Published, Shielded, Standing, State},
        event::EventKind,
        illegal::Illegal,
        standing::{Corrected, Correction, Exit, Shield, ShieldCause},
    },
};

impl Case<'_> {
    pub(super) fn while_public(
        &self,
        published: &Published,
        action: &Action,
    ) -> Result<Step, Illegal> {
        match action {
            Action::Dispute { number, joint } => {
                let kind = EventKind::Disputed {
                    number: number.clone(),
                    joint: *joint,
                };
                Ok(Step::new(kind, number).telling(FeedIntent::Update))
            }
            Action::SettleDispute { answer, upheld } => {
                let step = Step::new(EventKind::DisputeSettled { upheld: *upheld }, answer);
                // Upheld: the mark stays, and the platform has it already.
                Ok(if *upheld {
                    step
                } else {
                    step.telling(FeedIntent::Update)
                })
            }
            Action::Correct {
                correction,
                explanation,
                number,
                digest,
            } => {
                self.correction(&published.decided, correction)?;
                let corrected = Corrected {
                    number: number.clone(),
                    on: self.today,
                    by: self.actor.clone(),
                    correction: correction.clone(),
                    explanation: explanation.clone(),
                };
                Ok(Step::new(EventKind::Corrected { corrected }, explanation)
                    .with(digest)
                    .telling(FeedIntent::Update))
            }
            Action::Shield {
                cause,
                document,
                digest,
            } => {
                if matches!(cause, ShieldCause::Excluded { .. })
                    != (self.actor.role == Role::System)
                {
                    return Err(Illegal::ShieldCause);
                }
                let shield = Shield {
                    cause: cause.clone(),
                    document: document.clone(),
                    by: self.actor.clone(),
                    on: self.today,
                };
                let step = Step::new(EventKind::Shielded { shield }, document);
                // A red entry beside an adverse one is taken down; shown again it is a new record there.
                let step = step.telling(match cause {
                    ShieldCause::Excluded { .. } => FeedIntent::Withdraw,
                    ShieldCause::Stay | ShieldCause::Bankruptcy => FeedIntent::Hide,
                });
                Ok(match digest {
                    Some(digest) => step.with(digest),
                    None => step,
                })
            }
            _ => self.exits(action),
        }
    }

    fn correction(&self, decided: &Decided, correction: &Correction) -> Result<(), Illegal> {
        if *correction == Correction::default() {
            return Err(Illegal::NothingCorrected);
        }
        let display = decided.display;
        if let Some(until) = correction.until
            && !(display.from..=display.until).contains(&until)
        {
            return Err(Illegal::CorrectedTerm {
                until,
                from: display.from,
                before: display.until,
            });
        }
        Ok(())
    }

    pub(super) fn while_hidden(
        &self,
        shielded: &Shielded,
        action: &Action,
    ) -> Result<Step, Illegal> {
        let Action::Unshield { reason } = action else {
            return self.exits(action);
        };
        let by_service = matches!(shielded.shield.cause, ShieldCause::Excluded { .. });
        if by_service != (self.actor.role == Role::System) {
            return Err(Illegal::ShieldCause);
        }
        Ok(
            Step::new(EventKind::Unshielded, reason).telling(match by_service {
                true => FeedIntent::Publish,
                false => FeedIntent::Update,
            }),
        )
    }

    /// The ways out of an entry that stands. What the platform has must be withdrawn.
    pub(super) fn exits(&self, action: &Action) -> Result<Step, Illegal> {
        let told = matches!(self.entry.state, State::Published(_) | State::Shielded(_));
        let leaving = |step: Step| match told {
            true => step.telling(FeedIntent::Withdraw),
            false => step,
        };
        let wrong = || self.wrong_state(action.name());
        let decided = self.entry.listed().ok_or_else(wrong)?;
        match action {
            Action::Expire => {
                let until = decided.display.until;
                let reason = Text::parse(&format!("公示期至 {until} 届满")).map_err(|_| wrong())?;
                Ok(leaving(Step::new(EventKind::Expired, &reason)))
            }
            Action::RequestExit { exit } => {
                let reason = self.may_exit(decided, told, exit)?;
                let exit = exit.clone();
                Ok(Step::new(EventKind::ExitRequested { exit }, reason))
            }
            Action::AcceptRepair { number } => {
                let kind = EventKind::RepairAccepted {
                    number: number.clone(),
                };
                Ok(self.repair_told(Step::new(kind, number)))
            }
            Action::ExtendRepair { reason } => Ok(Step::new(EventKind::RepairExtended, reason)),
            Action::ApproveExit { number, digest } => {
                let request = decided.exit_request.as_ref();
                let request = request.ok_or(Illegal::NoExitRequest)?;
                let number = number.clone();
                let (kind, reason) = match &request.exit {
                    Exit::Repaired { fulfilment, .. } => {
                        (EventKind::Repaired { number }, fulfilment)
                    }
                    Exit::Revoked { explanation, .. } => {
                        (EventKind::Revoked { number }, explanation)
                    }
                };
                Ok(leaving(Step::new(kind, reason).with(digest)))
            }
            Action::RefuseExit { reason } => {
                let step = Step::new(EventKind::ExitRefused, reason);
                let told = decided.exit_request.as_ref();
                Ok(
                    match told.is_some_and(|request| request.accepted.is_some()) {
                        true => self.repair_told(step),
                        false => step,
                    },
                )
            }
            _ => Err(wrong()),
        }
    }

    /// The platform shows whether a repair is under way: it hears of its acceptance and of its refusal.
    fn repair_told(&self, step: Step) -> Step {
        match self.entry.state {
            State::Published(_) => step.telling(FeedIntent::Update),
            State::Shielded(_) => step.telling(FeedIntent::Hide),
            _ => step,
        }
    }

    /// Whether this exit is open today; gives its reason in words.
    fn may_exit<'e>(
        &self,
        decided: &Decided,
        told: bool,
        exit: &'e Exit,
    ) -> Result<&'e Text, Illegal> {
        let (day, reason) = match exit {
            Exit::Repaired { .. } if !told => return Err(Illegal::NothingToRepair),
            Exit::Repaired {
                fulfilment,
                received_on,
                ..
            } => {
                self.after_minimum(decided)?;
                (*received_on, fulfilment)
            }
            Exit::Revoked {
                explanation,
                known_on,
                ..
            } => (*known_on, explanation),
        };
        if let Some(day) = day {
            self.delivered_between(day, decided.decision.decided_on)?;
        }
        Ok(reason)
    }

    /// Back from a repair that was obtained by fraud: a decision of its own, and the period starts again.
    pub(super) fn way_back(&self, was: &Standing, action: &Action) -> Result<Step, Illegal> {
        match action {
            Action::RequestRestoration { fraud, digest } => {
                Ok(Step::new(EventKind::RestorationRequested, fraud).with(digest))
            }
            Action::Restore {
                number,
                reason,
                digest,
            } => {
                let before = was.decided().display;
                let rule = display_rule(self.list, self.entry.severity)?;
                // As long as it was to be shown at first.
                let mut display = self.display(rule, None)?;
                let as_before = self.as_long_as(before.from, before.until);
                let least = display.min_until.unwrap_or(display.from);
                display.until = display.until.min(as_before).max(least);
                let kind = EventKind::Restored {
                    number: number.clone(),
                    display,
                };
                Ok(Step::new(kind, reason)
                    .with(digest)
                    .telling(FeedIntent::Publish))
            }
            Action::RefuseRestoration { reason } => {
                Ok(Step::new(EventKind::RestorationRefused, reason))
            }
            _ => Err(self.wrong_state(action.name())),
        }
    }

    /// The day that is as far from today as `until` was from `from`.
    fn as_long_as(&self, from: Day, until: Day) -> Day {
        let days = (until.date() - from.date()).num_days();
        self.today.plus_days(u32::try_from(days).unwrap_or(0))
    }
}
