//! What may happen to an entry in force: objections to it, and its exits.

use super::{Case, FeedIntent, Step};
use crate::listing::{
    action::{Action, Role},
    entry::{Decided, Exit, Published},
    event::EventKind,
    illegal::Illegal,
    text::Text,
};

impl Case<'_> {
    pub(super) fn while_public(
        &self,
        published: &Published,
        action: &Action,
    ) -> Result<Step, Illegal> {
        match action {
            Action::Dispute { number } => {
                self.allow(&[Role::Officer])?;
                self.not_yet(published.dispute.is_some())?;
                let reason = number.clone();
                let number = number.clone();
                let step = Step::new(EventKind::Disputed { number }, reason);
                Ok(step.telling(FeedIntent::Update))
            }
            Action::SettleDispute { answer } => {
                self.allow(&[Role::Decider])?;
                let dispute = published.dispute.as_ref().ok_or(Illegal::NoDispute)?;
                self.another_than([&dispute.by])?;
                let step = Step::new(EventKind::DisputeSettled, answer.clone());
                Ok(step.telling(FeedIntent::Update))
            }
            _ => self.exits(&published.decided, Some(published), action),
        }
    }

    /// The ways out of an entry in force. What was public must be withdrawn.
    pub(super) fn exits(
        &self,
        decided: &Decided,
        public: Option<&Published>,
        action: &Action,
    ) -> Result<Step, Illegal> {
        let leaving = |step: Step| match public {
            Some(_) => step.telling(FeedIntent::Withdraw),
            None => step,
        };
        match action {
            Action::Expire => {
                self.allow(&[Role::System, Role::Publisher])?;
                let until = decided.display.until;
                if self.today <= until {
                    return Err(Illegal::NotExpired { until });
                }
                let reason = self.text(format!("公示期至 {until} 届满"))?;
                Ok(leaving(Step::new(EventKind::Expired, reason)))
            }
            Action::RequestExit { exit } => {
                self.allow(&[Role::Officer])?;
                self.not_yet(decided.exit_request.is_some())?;
                let reason = self.may_exit(decided, public, exit)?.clone();
                let exit = exit.clone();
                Ok(Step::new(EventKind::ExitRequested { exit }, reason))
            }
            Action::ApproveExit { number, digest } => {
                self.allow(&[Role::Decider])?;
                let request = decided.exit_request.as_ref();
                let request = request.ok_or(Illegal::NoExitRequest)?;
                self.another_than([&request.by])?;
                let reason = self.may_exit(decided, public, &request.exit)?.clone();
                let number = number.clone();
                let kind = match request.exit {
                    Exit::Repaired { .. } => EventKind::Repaired { number },
                    Exit::Revoked { .. } => EventKind::Revoked { number },
                };
                Ok(leaving(Step::new(kind, reason).with(digest)))
            }
            Action::RefuseExit { reason } => {
                self.allow(&[Role::Decider])?;
                let request = decided.exit_request.as_ref();
                self.another_than([&request.ok_or(Illegal::NoExitRequest)?.by])?;
                Ok(Step::new(EventKind::ExitRefused, reason.clone()))
            }
            _ => Err(self.wrong_state()),
        }
    }

    /// Whether this exit is open today; gives its reason in words.
    fn may_exit<'e>(
        &self,
        decided: &Decided,
        public: Option<&Published>,
        exit: &'e Exit,
    ) -> Result<&'e Text, Illegal> {
        match exit {
            Exit::Revoked { explanation } => Ok(explanation),
            Exit::Repaired { .. } if public.is_none() => Err(Illegal::NothingToRepair),
            Exit::Repaired { fulfilment, .. } => match decided.display.min_until {
                Some(min_until) if self.today <= min_until => {
                    Err(Illegal::BeforeMinimum { min_until })
                }
                _ => Ok(fulfilment),
            },
        }
    }
}
