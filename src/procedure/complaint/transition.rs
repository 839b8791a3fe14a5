//! The closed transition function: which step is lawful, for whom, and what follows from it.

use chrono::{DateTime, Utc};

use super::{
    Accepted, By, Complaint, Desk, Destination, Handling, Illegal, Mediation, MediationEnd, Policy,
    Reception, Refusal, Standing, State, StateName, Step, StepName, Visit, VisitOutcome, Why,
};
use crate::domain::{Calendar, Day, Deadline, DeadlineError, DeadlineRules, Region, RegionLevel};

/// Id of the period in which an office accepts or refuses.
const ACCEPT: &str = "complaint.accept";
/// Id of the period in which an office handles what it accepted.
const HANDLE: &str = "complaint.handle";

/// What complaints are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    pub policy: &'a Policy,
    pub deadlines: &'a DeadlineRules,
    pub calendar: &'a Calendar,
}

impl Terms<'_> {
    fn deadline(&self, rule: &str, event: &str, start: Day) -> Result<Deadline, DeadlineError> {
        let period = self.deadlines.get(rule)?.period;
        Ok(Deadline::count(rule, period, event, start, self.calendar)?)
    }

    fn desk(&self, office: Region, received_on: Day) -> Result<Desk, DeadlineError> {
        Ok(Desk {
            accept: self.deadline(ACCEPT, "received", received_on)?,
            office,
            received_on,
        })
    }

    fn accepted(&self, event: &str, today: Day) -> Result<Accepted, DeadlineError> {
        Ok(Accepted {
            on: today,
            handle: self.deadline(HANDLE, event, today)?,
            mediation: None,
            reopened: 0,
        })
    }
}

/// Begins a complaint at the office that received it.
///
/// # Errors
/// [`Why::NoCategory`], [`Why::Future`], or a deadline that cannot be worked out.
pub fn receive(
    reception: Reception,
    now: DateTime<Utc>,
    terms: Terms<'_>,
) -> Result<Complaint, Why> {
    let today = Day::of(now);
    let received_on = reception.received_on;
    if received_on > today {
        return Err(Why::Future { received_on, today });
    }
    let category = terms
        .policy
        .category(&reception.category)
        .ok_or_else(|| Why::NoCategory(reception.category.clone()))?;
    let desk = terms.desk(reception.office, received_on)?;
    Ok(Complaint {
        id: reception.id,
        company: reception.company,
        project: reception.project,
        channel: reception.channel,
        reference: reception.reference,
        mediable: category.mediation,
        category: reception.category,
        text: reception.text,
        reachable: reception.reachable,
        received_on,
        desk,
        before: Vec::new(),
        state: State::Received,
        record: None,
        changed_at: now,
    })
}

/// Takes one step; the complaint after it, or why it is not lawful.
pub fn apply(
    complaint: &Complaint,
    step: &Step,
    by: &By,
    now: DateTime<Utc>,
    terms: Terms<'_>,
) -> Result<Complaint, Illegal> {
    let illegal = |why: Why| Illegal {
        why,
        possible: possible(complaint),
    };
    may(complaint, step.name(), by).map_err(illegal)?;
    if now < complaint.changed_at {
        let last = complaint.changed_at;
        return Err(illegal(Why::ClockBack { now, last }));
    }
    lawful(complaint, step.name()).map_err(illegal)?;
    let mut after = take(complaint, step, by, Day::of(now), terms).map_err(illegal)?;
    after.changed_at = now;
    Ok(after)
}

/// The steps that are lawful for the complaint as it is, whoever's they are.
pub fn possible(complaint: &Complaint) -> Vec<StepName> {
    StepName::ALL
        .into_iter()
        .filter(|step| lawful(complaint, *step).is_ok())
        .collect()
}

/// The running deadlines of a complaint, as they were worked out when they began.
pub fn clocks(complaint: &Complaint) -> Vec<Deadline> {
    match &complaint.state {
        State::Received => vec![complaint.desk.accept.clone()],
        State::Accepted { accepted } => vec![accepted.handle.clone()],
        _ => Vec::new(),
    }
}

/// Whether somebody may take a step, by office and capacity.
fn may(complaint: &Complaint, step: StepName, by: &By) -> Result<(), Why> {
    let called_up = step == StepName::Escalate && by.standing == Standing::Above;
    if by.standing != Standing::Handling && !called_up {
        let office = complaint.desk.office.clone();
        return Err(Why::Office { office, step });
    }
    if by.capacity != step.capacity() {
        let capacity = by.capacity;
        return Err(Why::Capacity { capacity, step });
    }
    match complaint.state.handling() {
        Some(handling) if step == StepName::Close && handling.by == by.id => {
            let actor = by.id.clone();
            Err(Why::SamePerson { actor, step })
        }
        _ => Ok(()),
    }
}

/// Whether the complaint as it is allows a step, whatever is said in it.
fn lawful(complaint: &Complaint, step: StepName) -> Result<(), Why> {
    use StateName as S;
    use StepName as A;
    let state = complaint.state.name();
    let outcome = complaint.state.visit().map(|visit| visit.outcome);
    let dissatisfied = outcome == Some(VisitOutcome::Dissatisfied);
    match (state, step) {
        (S::Received, A::Accept | A::Refuse | A::Transfer) => Ok(()),
        (S::Accepted, A::Handle | A::Transfer) => Ok(()),
        (S::Accepted, A::Mediate) => mediation(complaint),
        (S::Received | S::Refused | S::Accepted, A::Escalate) => below_city(complaint),
        (S::Visited, A::Escalate) if dissatisfied => below_city(complaint),
        (S::Visited, A::Reopen) if dissatisfied => Ok(()),
        (S::Visited, A::Escalate | A::Reopen) => Err(Why::NotDissatisfied(step)),
        (S::Handled, A::Visit) if complaint.reachable => Ok(()),
        (S::Handled, A::Visit) => Err(Why::Anonymous),
        (S::Visited, A::Visit) if outcome == Some(VisitOutcome::NotReached) => Ok(()),
        (S::Visited, A::Visit) => Err(Why::VisitedAlready),
        (S::Handled, A::Close) if complaint.reachable => Err(Why::VisitFirst),
        (S::Handled | S::Visited, A::Close) => Ok(()),
        (S::Handled | S::Visited | S::Closed, A::ProposeRecord) => proposal(complaint),
        _ => Err(Why::State { state, step }),
    }
}

fn mediation(complaint: &Complaint) -> Result<(), Why> {
    if !complaint.mediable {
        return Err(Why::NotMediable);
    }
    let last = complaint
        .state
        .accepted()
        .and_then(|at| at.mediation.as_ref());
    match last {
        Some(mediation) if mediation.agreed => Err(Why::Agreed),
        _ => Ok(()),
    }
}

fn below_city(complaint: &Complaint) -> Result<(), Why> {
    if complaint.level() == RegionLevel::City {
        return Err(Why::TopLevel);
    }
    Ok(())
}

fn proposal(complaint: &Complaint) -> Result<(), Why> {
    if let Some(record) = &complaint.record {
        return Err(Why::RecordProposed(record.clone()));
    }
    match complaint.state.handling() {
        Some(handling) if handling.finding.holds() => Ok(()),
        _ => Err(Why::Unjustified),
    }
}

/// What a step that is lawful makes of the complaint.
fn take(
    complaint: &Complaint,
    step: &Step,
    by: &By,
    today: Day,
    terms: Terms<'_>,
) -> Result<Complaint, Why> {
    let mut after = complaint.clone();
    let wrong_state = || Why::State {
        state: complaint.state.name(),
        step: step.name(),
    };
    after.state = match (complaint.state.clone(), step) {
        (_, Step::Accept {}) => State::Accepted {
            accepted: terms.accepted("accepted", today)?,
        },
        (_, Step::Refuse { ground, reason }) => {
            let known = terms.policy.refusal(ground);
            let known = known.ok_or_else(|| Why::NoGround(ground.clone()))?;
            State::Refused {
                refusal: Refusal {
                    ground: ground.clone(),
                    in_scope: known.in_scope,
                    reason: reason.clone(),
                    on: today,
                },
            }
        }
        (State::Accepted { accepted }, Step::Mediate { outcome, protocol }) => State::Accepted {
            accepted: Accepted {
                mediation: Some(Mediation {
                    agreed: *outcome == MediationEnd::Agreed,
                    protocol: protocol.clone(),
                    on: today,
                }),
                ..accepted
            },
        },
        (
            State::Accepted { accepted },
            Step::Handle {
                finding,
                result,
                measures,
            },
        ) => State::Handled {
            accepted,
            handling: Handling {
                finding: *finding,
                result: result.clone(),
                measures: measures.clone(),
                on: today,
                by: by.id.clone(),
            },
        },
        (
            State::Handled { accepted, handling }
            | State::Visited {
                accepted, handling, ..
            },
            Step::Visit { outcome, remark },
        ) => State::Visited {
            accepted,
            handling,
            visit: Visit {
                outcome: *outcome,
                remark: remark.clone(),
                on: today,
            },
        },
        (State::Visited { accepted, .. }, Step::Reopen { .. }) => State::Accepted {
            accepted: Accepted {
                on: accepted.on,
                reopened: accepted.reopened + 1,
                ..terms.accepted("reopened", today)?
            },
        },
        (State::Handled { accepted, handling }, Step::Close { reason }) => State::Closed {
            accepted,
            handling,
            visit: None,
            reason: reason.clone(),
            on: today,
        },
        (
            State::Visited {
                accepted,
                handling,
                visit,
            },
            Step::Close { reason },
        ) => State::Closed {
            accepted,
            handling,
            visit: Some(visit),
            reason: reason.clone(),
            on: today,
        },
        (_, Step::Escalate { .. }) => {
            let above = complaint.desk.office.parent().ok_or(Why::TopLevel)?;
            after.hand_over(terms.desk(above, today)?);
            State::Received
        }
        (_, Step::Transfer { to, reason }) => match to {
            Destination::Office(office) => {
                other_office(&complaint.desk.office, office)?;
                after.hand_over(terms.desk(office.clone(), today)?);
                State::Received
            }
            Destination::Body(body) => State::Transferred {
                body: body.clone(),
                reason: reason.clone(),
                on: today,
            },
        },
        (state, Step::ProposeRecord { record, .. }) => {
            after.record = Some(record.clone());
            state
        }
        _ => return Err(wrong_state()),
    };
    Ok(after)
}

fn other_office(own: &Region, office: &Region) -> Result<(), Why> {
    if office == own {
        return Err(Why::TransferToSelf);
    }
    if office.contains(own) {
        return Err(Why::TransferUp(office.clone()));
    }
    Ok(())
}

impl Complaint {
    fn hand_over(&mut self, to: Desk) {
        let left = std::mem::replace(&mut self.desk, to);
        self.before.push(left.office);
    }
}
