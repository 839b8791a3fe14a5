//! Who is a subject on which days: most on every day, some only while they manage a project that a record names alone.

use std::collections::HashMap;

use super::super::{Prepared, subjects::Subject};
use crate::{domain::Day, rules::outcome::ScoreFault};

/// On which days who is a subject.
pub(super) struct Presence<'w> {
    /// First and last of the days that can be scored; none if the very first cannot.
    pub days: Option<(Day, Day)>,
    /// Of subjects that are none on every day, by id.
    some: HashMap<&'w str, Vec<(Day, Day)>>,
    /// Of the others.
    all: Vec<(Day, Day)>,
    /// Days on which this may change.
    pub turns: Vec<Day>,
    /// What is wrong on the day after the last.
    pub stopped: Option<Vec<ScoreFault>>,
}

impl<'w> Presence<'w> {
    pub fn new(prepared: &'w Prepared<'_>, from: Day, to: Day) -> Self {
        let mut turns: Vec<Day> = prepared.world.turns_of_projects_named_alone().collect();
        turns.retain(|day| from < *day && *day <= to);
        turns.sort_unstable();
        turns.dedup();
        let mut presence = Self {
            days: None,
            some: HashMap::new(),
            all: Vec::new(),
            turns: Vec::new(),
            stopped: None,
        };
        for (index, first) in std::iter::once(&from).chain(&turns).enumerate() {
            let last = turns.get(index).map_or(to, |next| next.previous());
            match prepared.world.present(*first) {
                Ok(present) => {
                    presence.days = Some((from, last));
                    for subject in present.iter().filter(|subject| !subject.registered) {
                        let days = presence.some.entry(subject.id).or_default();
                        match days.last_mut() {
                            Some(known) if known.1.next() == *first => known.1 = last,
                            _ => days.push((*first, last)),
                        }
                    }
                }
                Err(faults) => {
                    presence.stopped = Some(faults);
                    break;
                }
            }
        }
        presence.all.extend(presence.days);
        presence.turns = turns;
        presence
    }

    pub fn of(&self, subject: &Subject<'_>) -> &[(Day, Day)] {
        if subject.registered {
            return &self.all;
        }
        self.some.get(subject.id).map_or(&[], Vec::as_slice)
    }
}
