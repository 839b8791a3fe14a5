//! What conditions about a subject read: score, grade, components, and the records of other windows.

use std::{cell::RefCell, collections::BTreeSet, rc::Rc};

use rust_decimal::Decimal;

use super::{
    counted::Counted,
    entry::Entry,
    judge::subject_field,
    standing::Standing,
    tally::{Question, Tally},
    time::{Window, full_years},
};
use crate::{
    domain::{Day, Span},
    rules::{
        outcome::Fail,
        predicate::{Expr, Inputs, SubjectField, Target, holds},
    },
};

/// The inputs of one subject on one day.
pub(super) struct SubjectInputs<'w, 'a> {
    pub question: Question<'w, 'a>,
    pub standing: &'w Standing<'a>,
    pub score: Decimal,
    /// Rank.
    pub grade: Option<usize>,
    spans: RefCell<Vec<(Span, Rc<Tally>)>>,
}

impl<'w, 'a> SubjectInputs<'w, 'a> {
    pub fn new(
        question: Question<'w, 'a>,
        standing: &'w Standing<'a>,
        score: Decimal,
        grade: Option<usize>,
    ) -> Self {
        Self {
            question,
            standing,
            score,
            grade,
            spans: RefCell::default(),
        }
    }

    /// The same, once the grade is known.
    pub fn with_grade(self, grade: Option<usize>) -> Self {
        Self { grade, ..self }
    }

    /// # Errors
    /// What cannot be computed.
    pub fn holds(&self, expr: &Expr) -> Result<bool, Fail> {
        holds(expr, self, &mut BTreeSet::new())
    }

    fn counted<'t>(&self, tally: &'t Tally) -> Counted<'t>
    where
        'w: 't,
    {
        Counted {
            plan: &self.question.world.plan,
            columns: &self.question.subject.columns,
            tally,
        }
    }

    /// The records of a span, added up once.
    fn span(&self, span: Span) -> Result<Rc<Tally>, Fail> {
        let known = self.spans.borrow();
        if let Some((_, tally)) = known.iter().find(|(known, _)| *known == span) {
            return Ok(tally.clone());
        }
        drop(known);
        let question = Question {
            window: Window::Span(span),
            ..self.question
        };
        let mut tally = Tally::default();
        question.tally::<false>(&mut tally)?;
        let tally = Rc::new(tally);
        self.spans.borrow_mut().push((span, tally.clone()));
        Ok(tally)
    }

    /// The records of a target that have a date up to the day, whatever the period and the validity.
    fn ever(&self, target: Target) -> Result<Vec<(&'w Entry<'a>, Day)>, Fail> {
        let Question {
            world,
            subject,
            day,
            ..
        } = self.question;
        let mut found = Vec::new();
        for entry in &subject.entries {
            let (Some(item), Some(date)) = (world.plan.item_of(world.rules, entry), entry.date)
            else {
                continue;
            };
            let asked = world.plan.asked(target, world.plan.steps[item].slot);
            if asked
                && self
                    .question
                    .judge()
                    .judge(entry, day, Window::Any)?
                    .is_ok()
            {
                found.push((entry, date));
            }
        }
        Ok(found)
    }
}

impl Inputs for SubjectInputs<'_, '_> {
    fn subject(&self, field: SubjectField) -> Option<Decimal> {
        subject_field(self.question.subject, field, self.question.day)
    }

    fn score(&self) -> Option<Decimal> {
        Some(self.score)
    }

    fn grade(&self) -> Option<usize> {
        self.grade
    }

    fn component(&self, index: usize) -> Option<Decimal> {
        self.standing.total.components.get(index)?.value
    }

    fn count(&self, target: Target, span: Option<Span>) -> Result<usize, Fail> {
        Ok(match span {
            None => self.counted(&self.standing.tally).count(target),
            Some(span) => self.counted(&*self.span(span)?).count(target),
        })
    }

    fn points(&self, target: Target, span: Option<Span>) -> Result<Decimal, Fail> {
        match span {
            None => self.counted(&self.standing.tally).points(target),
            Some(span) => self.counted(&*self.span(span)?).points(target),
        }
    }

    /// Full years since the last record; a company has not been without one for longer than it exists.
    fn years_without(&self, target: Target) -> Result<u32, Fail> {
        const EVER: u32 = 100;
        let last = self.ever(target)?.into_iter().map(|(_, date)| date).max();
        let company = self.question.subject.company;
        let registered = company.and_then(|company| company.registered_on);
        Ok(match last.max(registered) {
            Some(start) => full_years(start, self.question.day).min(EVER),
            None => EVER,
        })
    }

    fn unrectified(&self, target: Target, span: Option<Span>) -> Result<bool, Fail> {
        let day = self.question.day;
        Ok(self.ever(target)?.into_iter().any(|(entry, date)| {
            span.is_none_or(|span| span.last_day(date) < day)
                && entry.rectified_on.is_none_or(|on| on > day)
        }))
    }

    fn on_list(&self, index: usize) -> bool {
        let Question {
            world,
            subject,
            current,
            ..
        } = self.question;
        let list = world.rules.lists().get(index);
        current && list.is_some_and(|list| subject.on_lists.contains(&list.id.as_str()))
    }

    fn previous(&self, n: usize) -> Option<usize> {
        self.standing
            .previous
            .get(n.checked_sub(1)?)
            .copied()
            .flatten()
    }
}
