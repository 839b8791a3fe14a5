//! 受理率, 调解率, 处理率: each complaint counted once, at the office that has it.

use std::collections::BTreeMap;

use super::{Complaint, CountsFrom, Fact, Policy, RateRule, State, StateName};
use crate::domain::{Day, Region, RegionLevel, Uscc};

/// From a day to a day, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: Day,
    pub until: Day,
}

impl Period {
    fn holds(self, day: Day) -> bool {
        (self.from..=self.until).contains(&day)
    }
}

/// What the figures are told apart by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grouping {
    All,
    /// Level of the office that has it.
    Level(RegionLevel),
    /// District (区县) of that office; the city itself for what the city handles.
    District(Region),
    /// Absent: no company was named.
    Company(Option<Uscc>),
}

/// One rate of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateValue {
    /// Id of the rate.
    pub rate: String,
    pub numerator: u64,
    pub denominator: u64,
    /// Open and not yet due: in neither of them.
    pub not_due: u64,
}

impl RateValue {
    /// In hundredths of a percent, half up; none of nothing.
    pub fn basis_points(&self) -> Option<u64> {
        let (numerator, denominator) = (u128::from(self.numerator), u128::from(self.denominator));
        let twice = (numerator * 20_000 + denominator).checked_div(2 * denominator)?;
        u64::try_from(twice).ok()
    }

    /// `83.33`: percent with two digits, half up; none of nothing.
    pub fn percent(&self) -> Option<String> {
        self.basis_points()
            .map(|points| format!("{}.{:02}", points / 100, points % 100))
    }
}

/// The figures of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub of: Grouping,
    /// Complaints counted here.
    pub complaints: u64,
    /// Left for another body: counted nowhere.
    pub transferred: u64,
    pub rates: Vec<RateValue>,
}

impl Group {
    fn new(of: Grouping, policy: &Policy) -> Self {
        let rate = |rule: &RateRule| RateValue {
            rate: rule.id.clone(),
            numerator: 0,
            denominator: 0,
            not_due: 0,
        };
        Self {
            of,
            complaints: 0,
            transferred: 0,
            rates: policy.rates.iter().map(rate).collect(),
        }
    }

    fn count(&mut self, complaint: &Complaint, as_of: Day, policy: &Policy) {
        if complaint.state.name() == StateName::Transferred {
            self.transferred += 1;
            return;
        }
        self.complaints += 1;
        for (value, rule) in self.rates.iter_mut().zip(&policy.rates) {
            let is = |fact: &Fact| fact.is(complaint, as_of);
            if !rule.of.iter().all(is) {
                continue;
            }
            if !is(&rule.due) {
                value.not_due += 1;
                continue;
            }
            value.denominator += 1;
            value.numerator += u64::from(rule.counted.iter().all(is));
        }
    }
}

/// The figures of a period as they are on a day: all together first, then by level, district and company.
pub fn tally<'a>(
    complaints: impl IntoIterator<Item = &'a Complaint>,
    period: Period,
    as_of: Day,
    policy: &Policy,
) -> Vec<Group> {
    let mut groups = BTreeMap::new();
    groups.insert(Grouping::All, Group::new(Grouping::All, policy));
    for complaint in complaints {
        if !period.holds(complaint.counted_on(policy.counts_from)) {
            continue;
        }
        for of in complaint.groupings() {
            groups
                .entry(of.clone())
                .or_insert_with(|| Group::new(of, policy))
                .count(complaint, as_of, policy);
        }
    }
    groups.into_values().collect()
}

impl Complaint {
    /// The day that puts it into a period.
    pub fn counted_on(&self, from: CountsFrom) -> Day {
        match from {
            CountsFrom::FirstReceived => self.received_on,
            CountsFrom::LastReceived => self.desk.received_on,
        }
    }

    fn groupings(&self) -> [Grouping; 4] {
        [
            Grouping::All,
            Grouping::Level(self.level()),
            Grouping::District(district(&self.desk.office)),
            Grouping::Company(self.company),
        ]
    }
}

/// The district an office lies in; a city is its own.
fn district(office: &Region) -> Region {
    match (office.level(), office.parent()) {
        (RegionLevel::Street | RegionLevel::Community, Some(parent)) => district(&parent),
        _ => office.clone(),
    }
}

impl Fact {
    /// Whether it is true of a complaint on a day.
    pub fn is(self, complaint: &Complaint, as_of: Day) -> bool {
        let state = &complaint.state;
        let accepted = state.accepted();
        let accept_by = complaint.desk.accept.due;
        let handle_by = accepted.map(|accepted| accepted.handle.due);
        let handled_on = state.handling().map(|handling| handling.on);
        let mediation = accepted.and_then(|accepted| accepted.mediation.as_ref());
        let handling_over = handle_by.is_some_and(|due| as_of > due);
        match self {
            Self::InScope => match state {
                State::Refused { refusal } => refusal.in_scope,
                _ => true,
            },
            Self::Accepted => accepted.is_some(),
            Self::AcceptedInTime => accepted.is_some_and(|accepted| accepted.on <= accept_by),
            Self::AcceptanceDue => *state != State::Received || as_of > accept_by,
            Self::Mediable => complaint.mediable,
            Self::Mediated => mediation.is_some(),
            Self::MediationAgreed => mediation.is_some_and(|mediation| mediation.agreed),
            Self::MediationDue => mediation.is_some() || handled_on.is_some() || handling_over,
            Self::Handled => handled_on.is_some(),
            Self::HandledInTime => handled_on.zip(handle_by).is_some_and(|(on, due)| on <= due),
            Self::HandlingDue => handled_on.is_some() || handling_over,
        }
    }
}
