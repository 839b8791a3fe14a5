//! A history day by day without a look at every day.
//!
//! A subject is looked at on the days on which something of it begins or ends (the days among which `change` looks for the
//! next change), and on such a day only the runs of records that it touches are added up again. Where everybody's grade
//! depends on everybody's score, all are graded on the days on which anybody can change (`ranked` where scores alone decide).

mod presence;
mod ranked;
#[cfg(test)]
mod tests;
mod walk;

use rayon::prelude::*;
use rust_decimal::Decimal;

use self::{presence::Presence, walk::Walk};
use super::{Prepared, change::Changes};
use crate::{domain::Day, rules::outcome::ScoreFault};

/// What one subject was on each of some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course<'w> {
    pub subject: &'w str,
    /// In order. A gap is left where it was no subject, such as a company that managed none of the projects that records
    /// name alone.
    pub stretches: Vec<Stretch<'w>>,
}

/// Days in a row with one score and grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch<'w> {
    pub first: Day,
    /// Included.
    pub last: Day,
    /// As in [`super::Mark`].
    pub score: Decimal,
    /// As in [`super::Mark`].
    pub grade: Option<&'w str>,
}

/// Score, and id of the grade.
type Marked<'w> = (Decimal, Option<&'w str>);

/// Why a history ends: the first day on which somebody cannot be scored.
type Stop = (Day, Vec<ScoreFault>);

impl<'a> Prepared<'a> {
    /// What every subject was on every day from `from` to `to`, both included: what [`Prepared::marks`] gives day by day,
    /// with equal days in a row put together. Ordered by subject; of no days, nothing.
    ///
    /// # Errors
    /// Those of [`Prepared::marks`] on the first day on which it has any.
    pub fn history(&self, from: Day, to: Day) -> Result<Vec<Course<'_>>, Vec<ScoreFault>> {
        if to < from {
            return Ok(Vec::new());
        }
        let presence = Presence::new(self, from, to);
        let courses = if self.world.rules.needs_population() {
            self.together(&presence)
        } else {
            self.one_by_one(&presence)
        };
        match (courses, presence.stopped) {
            (Err((day, faults)), _) => Err(self.marks(day).err().unwrap_or(faults)),
            (Ok(_), Some(faults)) => Err(faults),
            (Ok(courses), None) => Ok(courses),
        }
    }

    fn one_by_one(&self, presence: &Presence<'_>) -> Result<Vec<Course<'_>>, Stop> {
        let changes = Changes::of_marks(&self.world);
        let courses: Vec<Result<Option<Course<'_>>, Stop>> = self
            .world
            .subjects
            .par_iter()
            .map_init(Walk::default, |walk, subject| {
                let mut course = Course {
                    subject: subject.id,
                    stretches: Vec::new(),
                };
                for (first, last) in presence.of(subject) {
                    let question = self.question(subject, *first);
                    walk.along(&changes, question, *last, &mut course)?;
                }
                Ok(Some(course).filter(|course| !course.stretches.is_empty()))
            })
            .collect();
        let mut done = Vec::with_capacity(courses.len());
        let mut stop: Option<Stop> = None;
        for course in courses {
            match course {
                Ok(course) => done.extend(course),
                Err(other) if stop.as_ref().is_none_or(|known| other.0 < known.0) => {
                    stop = Some(other);
                }
                Err(_) => {}
            }
        }
        stop.map_or(Ok(done), Err)
    }

    /// All at once, where grades are places in the population.
    fn together(&self, presence: &Presence<'_>) -> Result<Vec<Course<'_>>, Stop> {
        let Some((from, to)) = presence.days else {
            return Ok(Vec::new());
        };
        if self.by_scores_alone() {
            return self.ranked(from, to);
        }
        let changes = Changes::of_marks(&self.world);
        let mut courses: Vec<Course<'_>> = (self.world.subjects.iter())
            .map(|subject| Course {
                subject: subject.id,
                stretches: Vec::new(),
            })
            .collect();
        let mut days: Vec<Day> = (self.world.subjects.par_iter())
            .flat_map_iter(|subject| changes.events(subject))
            .collect();
        changes.echo(from, &mut days);
        days.extend(&presence.turns);
        days.retain(|day| from < *day && *day <= to);
        days.push(from);
        days.sort_unstable();
        days.dedup();
        for (index, day) in days.iter().enumerate() {
            let last = days.get(index + 1).map_or(to, |next| next.previous());
            let marks = self.marks(*day).map_err(|faults| (*day, faults))?;
            let mut own = courses.iter_mut();
            for mark in marks {
                if let Some(course) = own.find(|course| course.subject == mark.subject) {
                    course.add((*day, last), (mark.score, mark.grade));
                }
            }
        }
        courses.retain(|course| !course.stretches.is_empty());
        Ok(courses)
    }
}

impl<'w> Course<'w> {
    fn add(&mut self, (first, last): (Day, Day), (score, grade): Marked<'w>) {
        match self.stretches.last_mut() {
            Some(known)
                if known.score == score && known.grade == grade && known.last.next() == first =>
            {
                known.last = last;
            }
            _ => self.stretches.push(Stretch {
                first,
                last,
                score,
                grade,
            }),
        }
    }
}
