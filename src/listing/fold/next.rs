//! Which state an event leads to.

use crate::{
    domain::{Day, Text},
    listing::{
        entry::{
            Closing, Decided, Decision, Display, Issued, Notice, Noticed, Published, Review,
            Served, Shielded, Standing, State,
        },
        event::{Event, EventKind},
        heard::{Submission, Waiver},
        standing::{
            Acceptance, Corrected, Dispute, Exit, ExitRequest, Restoration, RestorationRequest,
        },
    },
};

/// One event, looking for the state it leads to.
pub(super) struct Next<'e> {
    pub event: &'e Event,
    /// The day of the event.
    pub on: Day,
}

impl Next<'_> {
    pub(super) fn state(&self, state: State) -> Option<State> {
        match state {
            State::Proposed { review } => self.proposed(review),
            State::Issued(issued) => self.issued(issued),
            State::Noticed(noticed) => self.noticed(noticed),
            State::Decided(decided) => self.decided(decided),
            State::Served(served) => self.served(served),
            State::Published(published) => self.published(published),
            State::Shielded(shielded) => self.shielded(shielded),
            State::Removed {
                was,
                closing,
                restoration,
            } => self.removed(was, closing, restoration),
            State::Dropped { .. } | State::NotListed { .. } | State::Revoked { .. } => None,
        }
    }

    fn closing(&self, number: Option<&Text>) -> Closing {
        Closing {
            by: self.event.actor.clone(),
            on: self.on,
            reason: self.event.reason.clone(),
            number: number.cloned(),
        }
    }

    fn dropped(&self, notice: Option<Notice>) -> State {
        State::Dropped {
            notice,
            closing: self.closing(None),
        }
    }

    fn proposed(&self, review: Option<Review>) -> Option<State> {
        Some(match (&self.event.kind, review) {
            (EventKind::Reviewed { opinion }, None) => State::Proposed {
                review: Some(Review {
                    by: self.event.actor.clone(),
                    at: self.event.at,
                    opinion: opinion.clone(),
                }),
            },
            (EventKind::Dropped, _) => self.dropped(None),
            (EventKind::Issued { number }, Some(review)) => State::Issued(Issued {
                review,
                number: number.clone(),
                by: self.event.actor.clone(),
                issued_on: self.on,
            }),
            // Old files: made and served in one.
            (EventKind::Noticed { notice }, Some(review)) => noticed(review, notice),
            _ => return None,
        })
    }

    fn issued(&self, issued: Issued) -> Option<State> {
        Some(match &self.event.kind {
            EventKind::Noticed { notice } => noticed(issued.review, notice),
            EventKind::Dropped => self.dropped(None),
            _ => return None,
        })
    }

    fn noticed(&self, mut noticed: Noticed) -> Option<State> {
        match &self.event.kind {
            EventKind::Dropped => return Some(self.dropped(Some(noticed.notice))),
            EventKind::NotListed => {
                let closing = self.closing(None);
                return Some(State::NotListed { noticed, closing });
            }
            EventKind::Decided {
                decision,
                display,
                publish_by,
                calendar,
                ..
            } => return Some(decided(noticed, decision, *display, *publish_by, calendar)),
            EventKind::Waived { number } => {
                noticed.waiver = Some(Waiver {
                    number: number.clone(),
                    recorded_on: self.on,
                });
            }
            EventKind::StatementReceived {
                submission,
                number,
                received_on,
            } => noticed.submissions.push(Submission {
                kind: *submission,
                number: number.clone(),
                received_on: *received_on,
                by: self.event.actor.clone(),
                hearing: None,
                answer: None,
            }),
            EventKind::HearingHeld { number, hearing } => {
                submission(&mut noticed, number)?.hearing = Some(hearing.clone());
            }
            EventKind::StatementAnswered { number, answer } => {
                submission(&mut noticed, number)?.answer = Some(answer.clone());
            }
            _ => return None,
        }
        Some(State::Noticed(noticed))
    }

    fn decided(&self, mut decided: Decided) -> Option<State> {
        match &self.event.kind {
            EventKind::HigherApproved { approval } => decided.higher = Some(approval.clone()),
            EventKind::DecisionServed { service, served_on } => {
                return Some(State::Served(Served {
                    decided,
                    service: service.clone(),
                    served_on: *served_on,
                }));
            }
            // Old files: served and published in one.
            EventKind::Published {
                service: Some(service),
                late,
            } => {
                return Some(State::Published(Published {
                    decided,
                    by: self.event.actor.clone(),
                    published_on: self.on,
                    late: *late,
                    service: service.clone(),
                    served_on: None,
                    dispute: None,
                    restoration: None,
                }));
            }
            _ if self.asks(&mut decided) => {}
            _ => return self.leaves(Standing::Decided(decided)),
        }
        Some(State::Decided(decided))
    }

    fn served(&self, mut served: Served) -> Option<State> {
        match &self.event.kind {
            EventKind::Published {
                service: None,
                late,
            } => Some(State::Published(Published {
                decided: served.decided,
                by: self.event.actor.clone(),
                published_on: self.on,
                late: *late,
                service: served.service,
                served_on: Some(served.served_on),
                dispute: None,
                restoration: None,
            })),
            _ if self.asks(&mut served.decided) => Some(State::Served(served)),
            _ => self.leaves(Standing::Served(served)),
        }
    }

    fn published(&self, mut published: Published) -> Option<State> {
        match &self.event.kind {
            EventKind::Disputed { number, joint } => {
                published.dispute = Some(Dispute {
                    number: number.clone(),
                    by: self.event.actor.clone(),
                    received_on: self.on,
                    joint: *joint,
                    upheld: false,
                });
            }
            EventKind::DisputeSettled { upheld: false } => published.dispute = None,
            EventKind::DisputeSettled { upheld: true } => {
                published.dispute.as_mut()?.upheld = true;
            }
            EventKind::Corrected { corrected } => correct(&mut published, corrected),
            EventKind::Shielded { shield } => {
                return Some(State::Shielded(Shielded {
                    published,
                    shield: shield.clone(),
                }));
            }
            _ if self.asks(&mut published.decided) => {}
            _ => return self.leaves(Standing::Published(published)),
        }
        Some(State::Published(published))
    }

    fn shielded(&self, mut shielded: Shielded) -> Option<State> {
        match &self.event.kind {
            EventKind::Unshielded => Some(State::Published(shielded.published)),
            _ if self.asks(&mut shielded.published.decided) => Some(State::Shielded(shielded)),
            _ => self.leaves(Standing::Shielded(shielded)),
        }
    }

    fn removed(
        &self,
        was: Standing,
        closing: Closing,
        restoration: Option<RestorationRequest>,
    ) -> Option<State> {
        let restoration = match &self.event.kind {
            EventKind::RestorationRequested => Some(RestorationRequest {
                fraud: self.event.reason.clone(),
                by: self.event.actor.clone(),
                requested_on: self.on,
            }),
            EventKind::RestorationRefused => None,
            EventKind::Restored { number, display } => {
                restoration?;
                return self.restored(was, closing, number, *display);
            }
            _ => return None,
        };
        Some(State::Removed {
            was,
            closing,
            restoration,
        })
    }

    fn restored(
        &self,
        was: Standing,
        undone: Closing,
        number: &Text,
        display: Display,
    ) -> Option<State> {
        let mut published = match was {
            Standing::Published(published) => published,
            Standing::Shielded(shielded) => shielded.published,
            Standing::Decided(_) | Standing::Served(_) => return None,
        };
        published.restoration = Some(Box::new(Restoration {
            number: number.clone(),
            by: self.event.actor.clone(),
            on: self.on,
            undone,
            before: published.decided.display,
        }));
        published.decided.display = display;
        published.decided.exit_request = None;
        published.dispute = None;
        Some(State::Published(published))
    }

    /// Whether the event is about a request to leave; then it is written down.
    fn asks(&self, decided: &mut Decided) -> bool {
        let pending = decided.exit_request.as_mut();
        match (&self.event.kind, pending) {
            (EventKind::ExitRequested { exit }, _) => {
                decided.exit_request = Some(self.request(exit));
            }
            (EventKind::RepairAccepted { number }, Some(request)) => {
                request.accepted = Some(Acceptance {
                    number: number.clone(),
                    by: self.event.actor.clone(),
                    on: self.on,
                });
            }
            (EventKind::RepairExtended, Some(request)) => {
                request.extended = Some(self.event.reason.clone());
            }
            (EventKind::ExitRefused, _) => decided.exit_request = None,
            _ => return false,
        }
        true
    }

    fn request(&self, exit: &Exit) -> ExitRequest {
        ExitRequest {
            exit: exit.clone(),
            by: self.event.actor.clone(),
            requested_on: self.on,
            accepted: None,
            extended: None,
        }
    }

    fn leaves(&self, was: Standing) -> Option<State> {
        let removed = |was, closing| State::Removed {
            was,
            closing,
            restoration: None,
        };
        Some(match &self.event.kind {
            EventKind::Repaired { number } => removed(was, self.closing(Some(number))),
            EventKind::Expired => removed(was, self.closing(None)),
            EventKind::Revoked { number } => State::Revoked {
                was,
                closing: self.closing(Some(number)),
            },
            _ => return None,
        })
    }
}

fn noticed(review: Review, notice: &Notice) -> State {
    State::Noticed(Noticed {
        review,
        notice: notice.clone(),
        waiver: None,
        submissions: Vec::new(),
    })
}

fn submission<'n>(noticed: &'n mut Noticed, number: &Text) -> Option<&'n mut Submission> {
    let mut all = noticed.submissions.iter_mut();
    all.find(|one| one.number == *number)
}

fn decided(
    noticed: Noticed,
    decision: &Decision,
    display: Display,
    publish_by: Day,
    calendar: &str,
) -> State {
    State::Decided(Decided {
        noticed,
        decision: decision.clone(),
        display,
        publish_by,
        calendar: calendar.to_owned(),
        exit_request: None,
        higher: None,
        corrections: Vec::new(),
    })
}

/// What the public reads is put right; an objection that was right is thereby done with.
fn correct(published: &mut Published, corrected: &Corrected) {
    let correction = &corrected.correction;
    let decided = &mut published.decided;
    if let Some(reason) = &correction.reason {
        decided.decision.reason = reason.clone();
    }
    if let Some(basis) = &correction.basis {
        decided.decision.basis = basis.clone();
    }
    if let Some(until) = correction.until {
        decided.display.until = until;
    }
    decided.corrections.push(corrected.clone());
    if published.dispute.as_ref().is_some_and(|one| one.upheld) {
        published.dispute = None;
    }
}
