//! From the proposal to the end of the hearing: review, notice and its service, statements and their answers.

use super::{Case, Step};
use crate::{
    domain::{Calendar, Day, Text},
    listing::{
        action::{Action, StepName, SubmissionKind},
        entry::{Notice, Noticed, State},
        event::EventKind,
        heard::{Answer, Hearing, Submission},
        illegal::Illegal,
    },
};

impl Case<'_> {
    pub(super) fn before_notice(
        &self,
        action: &Action,
        calendar: &Calendar,
    ) -> Result<Step, Illegal> {
        match action {
            Action::Review { opinion } => {
                let kind = EventKind::Reviewed {
                    opinion: opinion.clone(),
                };
                Ok(Step::new(kind, opinion))
            }
            Action::Drop { reason } => Ok(Step::new(EventKind::Dropped, reason)),
            Action::IssueNotice { number, digest } => {
                let kind = EventKind::Issued {
                    number: number.clone(),
                };
                Ok(Step::new(kind, number).with(digest))
            }
            Action::ServeNotice { .. } => self.serve_notice(action, calendar),
            _ => Err(self.wrong_state(action.name())),
        }
    }

    /// The notice counts as served, and the window for statement and hearing is known.
    fn serve_notice(&self, action: &Action, calendar: &Calendar) -> Result<Step, Illegal> {
        let (
            State::Issued(issued),
            Action::ServeNotice {
                method,
                delivered_on,
                proof,
            },
        ) = (&self.entry.state, action)
        else {
            return Err(self.wrong_state(action.name()));
        };
        self.delivered_between(*delivered_on, issued.issued_on)?;
        let served_on = self.served_on(method, *delivered_on)?;
        let window = self.list.window_working_days();
        let notice = Notice {
            number: issued.number.clone(),
            by: issued.by.clone(),
            issued_on: Some(issued.issued_on),
            served_by: Some(self.actor.clone()),
            method: method.clone(),
            delivered_on: *delivered_on,
            proof: proof.clone(),
            served_on,
            window_end: calendar.add_working_days(served_on, window)?,
            calendar: calendar.version().to_owned(),
        };
        Ok(Step::new(EventKind::Noticed { notice }, proof))
    }

    pub(super) fn while_noticed(
        &self,
        noticed: &Noticed,
        action: &Action,
        calendar: &Calendar,
    ) -> Result<Step, Illegal> {
        match action {
            Action::ReceiveStatement {
                kind,
                number,
                received_on,
                digest,
            } => {
                self.within_window(noticed, *received_on)?;
                if noticed.submissions.iter().any(|one| one.number == *number) {
                    return Err(Illegal::NumberTaken(number.clone()));
                }
                let event = EventKind::StatementReceived {
                    submission: *kind,
                    number: number.clone(),
                    received_on: *received_on,
                };
                Ok(Step::new(event, number).with(digest))
            }
            Action::HoldHearing { .. } => self.hold_hearing(noticed, action),
            Action::AnswerStatement { .. } => self.answer(noticed, action),
            Action::Waive { number, digest } => {
                let kind = EventKind::Waived {
                    number: number.clone(),
                };
                Ok(Step::new(kind, number).with(digest))
            }
            Action::Decide(draft) => self.decide(noticed, draft, calendar),
            Action::DecideNot { reason } => Ok(Step::new(EventKind::NotListed, reason)),
            Action::Drop { reason } => Ok(Step::new(EventKind::Dropped, reason)),
            _ => Err(self.wrong_state(action.name())),
        }
    }

    /// What the company sends counts from the delivery of the notice to the last day of the window, even if it is
    /// registered later.
    fn within_window(&self, noticed: &Noticed, received_on: Day) -> Result<(), Illegal> {
        let from = noticed.notice.delivered_on;
        let until = noticed.notice.window_end;
        if (from..=until.min(self.today)).contains(&received_on) {
            return Ok(());
        }
        Err(Illegal::OutsideWindow {
            received_on,
            from,
            until,
        })
    }

    fn hold_hearing(&self, noticed: &Noticed, action: &Action) -> Result<Step, Illegal> {
        let Action::HoldHearing {
            number,
            held_on,
            minutes,
            digest,
        } = action
        else {
            return Err(self.wrong_state(action.name()));
        };
        let one = submission(noticed, number)?;
        if one.kind != SubmissionKind::Hearing || one.answer.is_some() {
            return Err(Illegal::NoHearing);
        }
        if one.hearing.is_some() {
            let action = StepName::HoldHearing;
            return Err(Illegal::Again { action });
        }
        self.delivered_between(*held_on, one.received_on)?;
        let kind = EventKind::HearingHeld {
            number: number.clone(),
            hearing: Hearing {
                held_on: *held_on,
                minutes: minutes.clone(),
                digest: digest.clone(),
            },
        };
        Ok(Step::new(kind, minutes).with(digest))
    }

    fn answer(&self, noticed: &Noticed, action: &Action) -> Result<Step, Illegal> {
        let Action::AnswerStatement {
            number,
            answer,
            adopted,
            reason,
            digest,
        } = action
        else {
            return Err(self.wrong_state(action.name()));
        };
        let one = submission(noticed, number)?;
        if one.answer.is_some() {
            let action = StepName::AnswerStatement;
            return Err(Illegal::Again { action });
        }
        if one.kind == SubmissionKind::Hearing && one.hearing.is_none() {
            return Err(Illegal::NotHeld(number.clone()));
        }
        self.not_among(&[&one.by], StepName::AnswerStatement)?;
        let kind = EventKind::StatementAnswered {
            number: number.clone(),
            answer: Answer {
                number: answer.clone(),
                adopted: *adopted,
                reason: reason.clone(),
                by: self.actor.clone(),
                on: self.today,
            },
        };
        Ok(Step::new(kind, reason).with(digest))
    }
}

fn submission<'n>(noticed: &'n Noticed, number: &Text) -> Result<&'n Submission, Illegal> {
    let mut all = noticed.submissions.iter();
    all.find(|one| one.number == *number)
        .ok_or_else(|| Illegal::NoSubmission(number.clone()))
}
