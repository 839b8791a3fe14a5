//! The decision, its service, and its publication.

use super::{Case, FeedIntent, Step, display_rule};
use crate::{
    domain::{Calendar, Span, Text},
    listing::{
        action::{Action, DecisionService},
        digest::DocumentDigest,
        document::{DecisionDocument, DecisionParts, Part},
        entry::{Decision, Display, HigherApproval, Noticed, State},
        event::EventKind,
        heard::{Heard, HeardOne},
        illegal::Illegal,
        types::DisplayRule,
    },
};

impl Case<'_> {
    pub(super) fn decide(
        &self,
        noticed: &Noticed,
        draft: &DecisionParts,
        calendar: &Calendar,
    ) -> Result<Step, Illegal> {
        let adverse = self.list.class().is_adverse();
        let document = DecisionDocument::parse(draft, adverse)
            .map_err(|missing| Illegal::Incomplete { missing })?;
        if document.dated != self.today {
            return Err(Illegal::Dated {
                given: document.dated,
                today: self.today,
            });
        }
        if !told_as_it_was(noticed, &document.heard) {
            return Err(Illegal::HeardDiffers);
        }
        let severity = draft.severity;
        if severity.is_some() != self.entry.severity.is_some() || severity > self.entry.severity {
            return Err(Illegal::Heavier {
                noticed: self.entry.severity,
                decided: severity,
            });
        }
        let rule = display_rule(self.list, severity)?;
        let display = self.display(rule, draft.term)?;
        let within = self.list.publish_working_days();
        let basis = document.basis().ok_or_else(|| Illegal::Incomplete {
            missing: vec![Part::Clauses],
        })?;
        let reason = document.reason.clone();
        let digest = document.digest.clone();
        let kind = EventKind::Decided {
            severity,
            decision: Decision {
                number: document.number.clone(),
                by: self.actor.clone(),
                decided_on: self.today,
                reason: reason.clone(),
                basis,
                organ: document.organ.clone(),
                heard: document.heard.clone(),
                document: Some(Box::new(document)),
            },
            display,
            publish_by: calendar.add_working_days(self.today, within)?,
            calendar: calendar.version().to_owned(),
        };
        Ok(Step::new(kind, &reason).with(&digest))
    }

    /// Display counts from the decision. Its last day does not move off holidays: the move protects whoever must act
    /// in time, and would only lengthen the burden here.
    pub(super) fn display(
        &self,
        rule: DisplayRule,
        term: Option<Span>,
    ) -> Result<Display, Illegal> {
        let from = self.today;
        let max = rule.max.last_day(from);
        let min_until = rule.min.map(|span| span.last_day(from));
        let until = term.map_or(max, |term| term.last_day(from));
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

    /// Between the decision and its publication.
    pub(super) fn until_public(&self, action: &Action) -> Result<Step, Illegal> {
        match action {
            Action::ApproveHigher {
                organ,
                number,
                digest,
            } => {
                let approval = HigherApproval {
                    organ: organ.clone(),
                    number: number.clone(),
                    on: self.today,
                    by: self.actor.clone(),
                };
                let kind = EventKind::HigherApproved { approval };
                Ok(Step::new(kind, number).with(digest))
            }
            Action::ServeDecision(service) => self.serve_decision(service),
            Action::Publish {
                exceptionally,
                digest,
            } => self.publish(exceptionally.as_ref(), digest),
            _ => self.exits(action),
        }
    }

    fn serve_decision(&self, service: &DecisionService) -> Result<Step, Illegal> {
        let State::Decided(decided) = &self.entry.state else {
            return Err(self.wrong_state(Action::ServeDecision(service.clone()).name()));
        };
        self.delivered_between(service.delivered_on, decided.decision.decided_on)?;
        let served_on = self.served_on(&service.method, service.delivered_on)?;
        if self.list.class().is_adverse() && service.repair_notice.is_none() {
            return Err(Illegal::NoRepairNotice);
        }
        let kind = EventKind::DecisionServed {
            service: service.clone(),
            served_on,
        };
        Ok(Step::new(kind, &service.proof))
    }

    fn publish(
        &self,
        exceptionally: Option<&Text>,
        digest: &DocumentDigest,
    ) -> Result<Step, Illegal> {
        let State::Served(served) = &self.entry.state else {
            let action = crate::listing::action::StepName::Publish;
            return Err(self.wrong_state(action));
        };
        let severity = self.entry.severity;
        if !display_rule(self.list, severity)?.publish && exceptionally.is_none() {
            return Err(Illegal::NotPublished(severity));
        }
        let kind = EventKind::Published {
            service: None,
            late: self.today > served.decided.publish_by,
        };
        let reason = exceptionally.unwrap_or(&served.service.proof);
        Ok(Step::new(kind, reason)
            .with(digest)
            .telling(FeedIntent::Publish))
    }
}

/// Whether what the document says of statements and hearings is what the file holds.
fn told_as_it_was(noticed: &Noticed, told: &Heard) -> bool {
    let filed: Vec<HeardOne> = noticed
        .submissions
        .iter()
        .filter_map(|one| {
            one.answer.as_ref().map(|answer| HeardOne {
                statement: one.number.clone(),
                answer: answer.number.clone(),
                adopted: answer.adopted,
            })
        })
        .collect();
    match told {
        Heard::Nothing => filed.is_empty(),
        Heard::Each { answers } => !filed.is_empty() && *answers == filed,
        Heard::Answered { statement, answer } => match &filed[..] {
            [one] => one.statement == *statement && one.answer == *answer,
            _ => false,
        },
    }
}
