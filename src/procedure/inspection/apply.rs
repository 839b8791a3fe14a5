//! Which step is lawful, for whom and when, and what follows from it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{
    case::{Case, Event, State},
    illegal::Illegal,
    report::{Checklist, Report, personal},
    step::Step,
};
use crate::domain::{Calendar, Day, Text};

/// What a step depends on beside the case.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// Officers who were drawn, or their approved substitutes.
    pub team: &'a [String],
    /// First and last day of the visits of the task.
    pub window: (Day, Day),
    /// Who was drawn is public.
    pub revealed: bool,
    /// The results of the task are public.
    pub published: bool,
    pub checklist: &'a Checklist,
    pub calendar: &'a Calendar,
}

/// Who wants to take a step.
#[derive(Debug, Clone, Copy)]
pub struct Taker<'a> {
    pub account: &'a str,
    /// The officer whose account it is.
    pub officer: Option<&'a str>,
}

/// Takes a step: the event to append.
///
/// # Errors
/// [`Illegal`]: what stands against it. Nothing has changed then.
pub fn apply(
    case: &Case,
    standing: Standing<'_>,
    step: &Step,
    by: Taker<'_>,
    now: DateTime<Utc>,
) -> Result<Event, Illegal> {
    let taken = Taken {
        case,
        standing,
        step,
        by,
        today: Day::of(now),
    };
    if let Some(before) = case.last_at
        && now < before
    {
        return Err(Illegal::ClockBack { before, now });
    }
    let mut rectify_by = None;
    let led_to = match step {
        Step::Arrive {} => taken.arrive()?,
        Step::Record { report } => {
            rectify_by = taken.record(report)?;
            State::Recorded
        }
        Step::Hinder { reason } => taken.hinder(reason)?,
        Step::Confirm {} => taken.confirm()?,
        Step::Sign { function } => {
            taken.by_the_team(&[State::Confirmed])?;
            said("/function", function)?;
            State::Closed
        }
        Step::RefuseSignature { reason } => {
            taken.by_the_team(&[State::Confirmed])?;
            said("/reason", reason)?;
            taken.once_all_have(&BTreeSet::new(), State::Unsigned, State::Closed)
        }
        Step::Witness {} => taken.witness()?,
        Step::Annul { reason } => taken.annul(reason)?,
    };
    Ok(Event {
        step: step.clone(),
        by: by.account.to_owned(),
        officer: by.officer.map(str::to_owned),
        at: now,
        led_to,
        rectify_by,
    })
}

/// A text without identity or telephone numbers.
fn said(pointer: &str, text: &Text) -> Result<(), Illegal> {
    match personal(pointer, text.as_str()) {
        Some(fault) => Err(Illegal::Report(vec![fault])),
        None => Ok(()),
    }
}

/// A step that somebody wants to take.
struct Taken<'a> {
    case: &'a Case,
    standing: Standing<'a>,
    step: &'a Step,
    by: Taker<'a>,
    today: Day,
}

impl<'a> Taken<'a> {
    fn arrive(&self) -> Result<State, Illegal> {
        self.by_the_team(&[State::Due])?;
        if self.standing.revealed {
            return Err(Illegal::Revealed);
        }
        if self.standing.checklist.clauses.is_empty() {
            return Err(Illegal::NothingToCheck);
        }
        let (from, until) = self.standing.window;
        self.between(from, until)?;
        Ok(State::OnSite)
    }

    fn record(&self, report: &Report) -> Result<Option<Day>, Illegal> {
        self.by_the_team(&[State::OnSite, State::Recorded])?;
        let faults = report.faults(self.standing.checklist);
        if !faults.is_empty() {
            return Err(Illegal::Report(faults));
        }
        let last_day = |days| self.standing.calendar.add_working_days(self.today, days);
        Ok(report.rectify_within.map(last_day).transpose()?)
    }

    /// After the window as well: a visit that nobody could make has to be said so some day.
    fn hinder(&self, reason: &Text) -> Result<State, Illegal> {
        self.by_the_team(&[State::Due, State::OnSite])?;
        let (from, until) = self.standing.window;
        if self.today < from {
            self.between(from, until)?;
        }
        said("/reason", reason)?;
        Ok(State::Hindered)
    }

    fn confirm(&self) -> Result<State, Illegal> {
        let officer = self.by_the_team(&[State::Recorded, State::Hindered])?;
        if self.case.confirmed_by.contains(officer) {
            return Err(Illegal::AlreadyConfirmed(officer.to_owned()));
        }
        let (open, done) = match self.case.state {
            State::Hindered => (State::Hindered, State::NotPossible),
            _ => (State::Recorded, State::Confirmed),
        };
        Ok(self.once_all_have(&self.case.confirmed_by, open, done))
    }

    fn witness(&self) -> Result<State, Illegal> {
        let officer = self.by_the_team(&[State::Unsigned])?;
        if self.case.witnessed_by.contains(officer) {
            return Err(Illegal::AlreadyWitnessed(officer.to_owned()));
        }
        Ok(self.once_all_have(&self.case.witnessed_by, State::Unsigned, State::Closed))
    }

    /// By somebody who had no part in it; after publication too.
    fn annul(&self, reason: &Text) -> Result<State, Illegal> {
        if matches!(self.case.state, State::Due | State::Annulled) {
            return Err(self.wrong());
        }
        let in_team = |officer: &str| self.standing.team.iter().any(|one| one == officer);
        if self.case.people.contains(self.by.account) || self.by.officer.is_some_and(in_team) {
            return Err(Illegal::TookPart(self.by.account.to_owned()));
        }
        said("/reason", reason)?;
        Ok(State::Annulled)
    }

    /// The officer, if it is one of the team, in one of these states, and nothing is public yet.
    fn by_the_team(&self, states: &[State]) -> Result<&'a str, Illegal> {
        let team = self.standing.team;
        let officer = self
            .by
            .officer
            .filter(|officer| team.iter().any(|one| one == officer));
        let officer = officer.ok_or_else(|| Illegal::NotYours {
            step: self.step.chinese(),
            team: team.to_vec(),
        })?;
        if self.standing.published {
            return Err(Illegal::Published {
                step: self.step.chinese(),
            });
        }
        if !states.contains(&self.case.state) {
            return Err(self.wrong());
        }
        Ok(officer)
    }

    /// `done` if with this officer everybody of the team has, else `open`.
    fn once_all_have(&self, before: &BTreeSet<String>, open: State, done: State) -> State {
        let has = |one: &String| before.contains(one) || self.by.officer == Some(one.as_str());
        if self.standing.team.iter().all(has) {
            done
        } else {
            open
        }
    }

    fn between(&self, from: Day, until: Day) -> Result<(), Illegal> {
        let today = self.today;
        match (from..=until).contains(&today) {
            true => Ok(()),
            false => Err(Illegal::Window { from, until, today }),
        }
    }

    fn wrong(&self) -> Illegal {
        Illegal::State {
            state: self.case.state,
            step: self.step.chinese(),
        }
    }
}
