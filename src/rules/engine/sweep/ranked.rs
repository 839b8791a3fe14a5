//! Everybody's history where grades are places in the population and scores alone decide over places.
//!
//! A score is then made again only on the days on which something of its subject begins or ends; the others are what they
//! were, and all are graded anew only if any score is another. Where conditions, vetoes or earlier grades decide as well
//! there is no such short way: anybody's grade may change with anybody's score, and a grade then reads the records.

use rust_decimal::Decimal;

use super::{
    super::{
        Prepared, change::Changes, crowd, each_with, ranking::Ranking, standing::no_grade,
        subjects::Subject,
    },
    Course, Marked, Stop,
};
use crate::{
    domain::Day,
    rules::outcome::{Fail, ScoreFault},
};

/// A score, and why it is not rated.
type Scored<'w> = (Decimal, Option<&'w str>);

impl<'a> Prepared<'a> {
    /// Whether everybody is a subject on every day, and graded by the scores alone.
    pub(super) fn by_scores_alone(&self) -> bool {
        let plan = &self.world.plan;
        let conditions = plan.conditions || plan.vetoes;
        !conditions && self.world.subjects.iter().all(|one| one.registered)
    }

    /// Both days included.
    pub(super) fn ranked(&self, from: Day, to: Day) -> Result<Vec<Course<'_>>, Stop> {
        let subjects: Vec<&Subject<'a>> = self.world.subjects.iter().collect();
        let events = self.events(&subjects, from, to);
        let at = |day: Day| move |faults: Vec<ScoreFault>| (day, faults);
        let mut scores = self.scores(&subjects, from).map_err(at(from))?;
        let mut marks = self.places(&scores).map_err(at(from))?;
        let mut since = vec![from; subjects.len()];
        let mut courses: Vec<Course<'_>> = (subjects.iter())
            .map(|subject| Course {
                subject: subject.id,
                stretches: Vec::new(),
            })
            .collect();
        for today in events.chunk_by(|a, b| a.0 == b.0) {
            let day = today[0].0;
            let touched: Vec<_> = today.iter().map(|(_, index)| subjects[*index]).collect();
            let mut moved = false;
            let new = self.scores(&touched, day).map_err(at(day))?;
            for ((_, index), new) in today.iter().zip(new) {
                moved |= std::mem::replace(&mut scores[*index], new) != new;
            }
            if !moved {
                continue;
            }
            let new = self.places(&scores).map_err(at(day))?;
            for (index, new) in new.into_iter().enumerate() {
                if marks[index] != new {
                    courses[index].add((since[index], day.previous()), marks[index]);
                    since[index] = day;
                    marks[index] = new;
                }
            }
        }
        for (index, course) in courses.iter_mut().enumerate() {
            course.add((since[index], to), marks[index]);
        }
        Ok(courses)
    }

    /// The days after the first on which something of a subject begins or ends, with its index, in order.
    fn events(&self, subjects: &[&Subject<'a>], from: Day, to: Day) -> Vec<(Day, usize)> {
        let changes = Changes::of_marks(&self.world);
        let own = crowd::each(
            subjects,
            || (),
            |(), index, subject| {
                let mut days = changes.events(subject);
                days.retain(|day| from < *day && *day <= to);
                days.sort_unstable();
                days.dedup();
                days.into_iter().map(|day| (day, index)).collect::<Vec<_>>()
            },
        );
        let mut events: Vec<_> = own.into_iter().flatten().collect();
        events.sort_unstable();
        events
    }

    fn scores<'w>(
        &'w self,
        subjects: &[&'w Subject<'a>],
        day: Day,
    ) -> Result<Vec<Scored<'a>>, Vec<ScoreFault>> {
        each_with(subjects, |standing, index| {
            let question = self.question(subjects[index], day);
            question.stand::<false>(standing)?;
            Ok((standing.total.score, standing.not_rated))
        })
    }

    /// Grades by the place of each score among those that are rated.
    fn places(&self, scores: &[Scored<'a>]) -> Result<Vec<Marked<'_>>, Vec<ScoreFault>> {
        let rules = self.world.rules;
        let rated = scores.iter().filter(|(_, reason)| reason.is_none());
        let ranking = Ranking::new(rules, rated.map(|(score, _)| *score).collect());
        let one = |index: usize, (score, reason): Scored<'a>| {
            if reason.is_some() {
                return Ok((score, reason));
            }
            let rank = ranking.step(rules, score);
            let rank = rank.ok_or_else(|| no_grade(score));
            rank.map(|rank| (score, rules.grade_id(rank)))
                .map_err(|fail: Fail| vec![fail.by(self.world.subjects[index].id)])
        };
        let numbered = scores.iter().enumerate();
        numbered.map(|(index, score)| one(index, *score)).collect()
    }
}
