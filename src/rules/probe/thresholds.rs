//! Where the file itself turns: the numbers of its conditions, bounds, caps and spans. Perverse effects sit beside them, and
//! numbers drawn blindly seldom meet them.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::{
    domain::{Day, Span},
    rules::{
        Condition, PeriodKind, PointsForm, RuleSet, Validity,
        predicate::{Expr, Num, ProjectField, SubjectField, Target},
    },
};

/// Most records that a count or a cap asks for.
const MOST: u32 = 24;

/// The numbers that the file names, by what they are about.
#[derive(Debug, Default)]
pub(super) struct Thresholds {
    /// Numbers of records, by attribute.
    pub attributes: BTreeMap<String, BTreeSet<Decimal>>,
    /// Days of records, by attribute.
    pub days: BTreeMap<String, BTreeSet<Day>>,
    /// After which a record no longer counts, or counts otherwise.
    pub spans: Vec<Span>,
    /// Numbers of records.
    pub counts: BTreeSet<u32>,
    /// Months since registration.
    pub ages: BTreeSet<u32>,
    /// Numbers of projects.
    pub projects: BTreeSet<u32>,
    pub areas: BTreeSet<Decimal>,
    pub households: BTreeSet<Decimal>,
    pub contract_values: BTreeSet<Decimal>,
    /// Total scores.
    pub scores: BTreeSet<Decimal>,
    /// Values of components, by index.
    pub components: BTreeMap<usize, BTreeSet<Decimal>>,
}

impl Thresholds {
    pub fn of(rules: &RuleSet) -> Self {
        let mut found = Self::default();
        let subjects = rules.subject_conditions();
        let items = rules.items().iter().filter_map(|item| item.when.as_ref());
        subjects.chain(items).for_each(|when| found.see(when));
        for step in rules.ladder() {
            let ends = [step.range.lower, step.range.upper].into_iter().flatten();
            found.scores.extend(ends.map(|bound| bound.value));
        }
        for (index, component) in rules.components().iter().enumerate() {
            let bounds = [component.floor, component.cap].into_iter().flatten();
            found.components.entry(index).or_default().extend(bounds);
        }
        if let PeriodKind::Rolling(months) = rules.period() {
            found.spans.push(Span::Months(months));
        }
        for item in rules.items() {
            found.item(item);
        }
        let bounds = found.scores.clone();
        for item in rules.items() {
            if let PointsForm::Value { by } = &item.points {
                let own = found.attributes.entry(by.clone()).or_default();
                own.extend(&bounds);
            }
        }
        found
    }

    fn item(&mut self, item: &crate::rules::Item) {
        if let PointsForm::Bands { by, bands } = &item.points {
            let ends = bands
                .iter()
                .flat_map(|band| [band.range.lower, band.range.upper]);
            let edges = ends.flatten().map(|bound| bound.value);
            self.attributes.entry(by.clone()).or_default().extend(edges);
        }
        if let (PointsForm::Fixed(points), Some(times), Some(cap)) =
            (&item.points, &item.times, item.per_record_cap)
            && let Some(full) = cap.checked_div(*points)
        {
            let own = self.attributes.entry(times.clone()).or_default();
            own.insert(full);
        }
        if let (PointsForm::Fixed(points), Some(cap)) = (&item.points, item.cap)
            && let Some(full) = cap.checked_div(*points)
        {
            self.count(full);
        }
        if let Some(Validity::For(span)) = item.valid_for {
            self.spans.push(span);
        }
        if let Some(repeat) = &item.repeat {
            self.spans.push(repeat.within);
            self.count(repeat.multiply.len().into());
        }
    }

    fn count(&mut self, count: Decimal) {
        let count = u32::try_from(count.abs().ceil()).ok();
        self.counts.extend(count.filter(|count| *count <= MOST));
    }

    fn see(&mut self, when: &Condition) {
        for (_, span) in when.expr.targets() {
            self.spans.extend(span);
        }
        when.expr.walk(&mut |expr| match expr {
            Expr::Number(_, left, right) => {
                let mut literals = Vec::new();
                for side in [left, right] {
                    side.walk(&mut |num| match num {
                        Num::Literal(value) => literals.push(*value),
                        Num::Negate(inner) => {
                            if let Num::Literal(value) = **inner {
                                literals.push(-value);
                            }
                        }
                        _ => {}
                    });
                }
                for side in [left, right] {
                    side.walk(&mut |num| self.beside(num, &literals));
                }
            }
            Expr::Day(_, name, day) => {
                self.days.entry(name.clone()).or_default().insert(*day);
            }
            _ => {}
        });
    }

    /// What a number of a comparison is compared with.
    fn beside(&mut self, num: &Num, literals: &[Decimal]) {
        let whole = || {
            let all = literals.iter().map(|value| value.ceil());
            all.filter_map(|value| u32::try_from(value).ok())
        };
        match num {
            Num::Attribute(name) => {
                let own = self.attributes.entry(name.clone()).or_default();
                own.extend(literals);
            }
            Num::Project(ProjectField::Area) => self.areas.extend(literals),
            Num::Project(ProjectField::Households) => self.households.extend(literals),
            Num::Project(ProjectField::ContractValue) => self.contract_values.extend(literals),
            Num::Subject(SubjectField::AgeMonths) => self.ages.extend(whole()),
            Num::YearsWithout(_) => {
                let years: Vec<u32> = whole().filter(|years| *years <= 100).collect();
                self.ages.extend(years.iter().map(|years| years * 12));
                self.spans
                    .extend(years.into_iter().filter(|n| *n > 0).map(Span::Years));
            }
            Num::Subject(SubjectField::Projects) => {
                self.projects.extend(whole().filter(|count| *count <= MOST));
            }
            Num::Score => self.scores.extend(literals),
            Num::Component(index) => {
                let own = self.components.entry(*index).or_default();
                own.extend(literals);
            }
            Num::Count(..) => literals.iter().for_each(|count| self.count(*count)),
            Num::Points(target, _) => self.points(*target, literals),
            Num::Literal(_) | Num::Negate(_) | Num::Arithmetic(..) => {}
        }
    }

    /// The points of a component are its value, but for the base; those of an item or a group only move the total.
    fn points(&mut self, target: Target, literals: &[Decimal]) {
        if let Target::Component(index) = target {
            let own = self.components.entry(index).or_default();
            own.extend(literals);
        }
    }
}
