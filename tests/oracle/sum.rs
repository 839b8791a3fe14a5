//! Steps 1 to 10: from records to points, components and the total.

use chrono::NaiveDate;
use wuxin::domain::{AttributeValue, Record};

use crate::{
    calendar::{calendar_period, full_months, months_later, span_end},
    case::{Case, Fault, weight},
    condition::{self, Answers, Failed, Node, Value},
    fraction::Fraction,
    policy::{Component, Item, Missing, Points},
};

/// Which dates are looked at.
#[derive(Debug, Clone, Copy)]
pub enum Window<'w> {
    /// What the score counts.
    Score,
    /// A span of a function, in place of period and validity.
    Span(&'w str),
    /// All up to the day.
    All,
}

/// A record that counts.
#[derive(Debug, Clone)]
pub struct Counted<'a> {
    pub record: &'a Record,
    pub item: &'a Item,
    pub date: NaiveDate,
    /// The project, where the item is scored project by project; else empty.
    pub scope: &'a str,
    /// After the steps so far.
    pub points: Fraction,
    /// After step 5.
    pub before: Fraction,
    /// After step 6.
    pub capped: Fraction,
}

impl Counted<'_> {
    /// Whether its line says that it counts: not if a cap or a group leaves nothing of it, though functions still see it.
    pub fn is_told(&self) -> bool {
        self.before.is_zero() || !self.points.is_zero()
    }
}

/// What adding up gives.
#[derive(Debug)]
pub struct Total {
    pub components: Vec<Option<Fraction>>,
    /// Whether a component is missing that must not be.
    pub unrated: bool,
    /// Rounded.
    pub score: Fraction,
}

impl<'a> Case<'a> {
    /// Steps 1 and 2, and 3 if rectification is to be looked at; by date and id.
    pub fn taken(
        &self,
        subject: &str,
        day: NaiveDate,
        window: Window<'_>,
        rectification: bool,
        which: &dyn Fn(&Item) -> bool,
    ) -> Result<Vec<Counted<'a>>, Fault> {
        let mut taken = Vec::new();
        for record in self.records(subject, day) {
            let fault = |code| Fault {
                record: Some(record.id.clone()),
                ..Fault::of(subject, code)
            };
            if !self.scores(record) {
                continue;
            }
            let judge = self.judge(record).unwrap();
            let item: &'a Item = self.above(record).unwrap();
            if !which(item) {
                continue;
            }
            let by_project = self.policy.by_project(item);
            if let Some(project) = &record.project
                && self.company_scored()
            {
                if by_project && !self.is_known(project) {
                    return Err(fault("D014"));
                }
                let managed = self.contract(subject, project, day).is_some();
                if (self.facts.contracts_known || by_project) && !managed {
                    continue;
                }
            }
            let date = self.date(record).unwrap();
            let in_window = match window {
                Window::Score => self.counts(record, judge, date, day),
                Window::Span(span) => day <= span_end(date, span),
                Window::All => true,
            };
            if day < date || !in_window {
                continue;
            }
            let Some(mut points) = points(record, judge) else {
                continue;
            };
            if let Some(when) = &judge.when {
                let about = About {
                    case: self,
                    subject,
                    record,
                    day,
                };
                if !condition::read(when).holds(&about).map_err(fault)? {
                    continue;
                }
            }
            if let (true, Some(rectified)) = (rectification, &judge.rectified)
                && record.rectified_on.is_some_and(|on| on.date() <= day)
            {
                if rectified.multiply.0.is_zero() {
                    continue;
                }
                points = points * rectified.multiply.0;
            }
            let scope = match (by_project, &record.project) {
                (true, Some(project)) => project,
                _ => "",
            };
            taken.push(Counted {
                record,
                item,
                date,
                scope,
                points,
                before: points,
                capped: points,
            });
        }
        Ok(taken)
    }

    /// Whether a record's date lies in the period of the day and the record is still valid.
    fn counts(&self, record: &Record, item: &Item, date: NaiveDate, day: NaiveDate) -> bool {
        let rectified = record.rectified_on.is_some_and(|on| on.date() <= day);
        let kind = self.policy.period.kind.as_str();
        let in_period = match kind {
            "open" => true,
            "rolling" => day <= months_later(date, self.policy.period.months.unwrap()),
            _ => calendar_period(kind, date) == calendar_period(kind, day),
        };
        if !in_period {
            return item.recurs.is_some() && !rectified;
        }
        match (record.valid_until, item.valid_for.as_deref()) {
            (Some(until), _) => day <= until.date(),
            (None, Some("until_rectified")) => !rectified,
            (None, Some(span)) => day <= span_end(date, span),
            (None, None) => true,
        }
    }

    /// Steps 1 to 7.
    pub fn counted(
        &self,
        subject: &str,
        day: NaiveDate,
        window: Window<'_>,
    ) -> Result<Vec<Counted<'a>>, Fault> {
        let taken = self.taken(subject, day, window, true, &|_| true)?;
        let mut counted = one_of_each_matter(taken);
        repeat(&mut counted);
        self.caps(&mut counted);
        self.groups(&mut counted);
        Ok(counted)
    }

    /// Step 6.
    fn caps(&self, counted: &mut [Counted<'_>]) {
        let older = self.older.iter().flat_map(|older| &older.item);
        let gone = older.filter(|item| self.policy.items(&item.id).is_none());
        for item in self.policy.item.iter().chain(gone) {
            let Some(cap) = item.cap else { continue };
            for scope in scopes(counted) {
                let own = |one: &Counted<'_>| one.item.id == item.id && one.scope == scope;
                cut(counted, own, cap.0);
            }
        }
        for one in counted {
            one.capped = one.points;
        }
    }

    /// Step 7. Components that are not sums take the points before it.
    fn groups(&self, counted: &mut [Counted<'_>]) {
        let summed = |item: &Item| {
            let component = self.policy.component(&item.component);
            component.combine.as_deref().unwrap_or("sum") == "sum"
        };
        for group in &self.policy.group {
            for scope in scopes(counted) {
                let member = |one: &Counted<'_>| {
                    one.scope == scope && group.items.contains(&one.item.id) && summed(one.item)
                };
                if group.combine.as_deref() == Some("highest") {
                    let mut best: Option<(Fraction, &str)> = None;
                    for id in &group.items {
                        let own = counted
                            .iter()
                            .filter(|one| member(one) && one.item.id == *id);
                        let total = own.fold(Fraction::ZERO, |sum, one| sum + one.points);
                        if best.is_none_or(|(highest, _)| total.abs() > highest) {
                            best = Some((total.abs(), id));
                        }
                    }
                    for one in counted.iter_mut().filter(|one| member(one)) {
                        if best.is_some_and(|(_, id)| id != one.item.id) {
                            one.points = Fraction::ZERO;
                        }
                    }
                }
                if let Some(cap) = group.cap {
                    cut(counted, member, cap.0);
                }
            }
        }
    }

    /// Steps 8 to 10.
    pub fn total(
        &self,
        subject: &str,
        day: NaiveDate,
        counted: &[Counted<'a>],
    ) -> Result<Total, Fault> {
        let policy = self.policy;
        let mut components = Vec::new();
        let mut unrated = false;
        let (mut sum, mut present, mut all) = (Fraction::ZERO, Fraction::ZERO, Fraction::ZERO);
        let mut renormalised = false;
        for component in &policy.component {
            let weight = component.weight.map_or(Fraction::ONE, |weight| weight.0);
            let natural = if component.level.as_deref() == Some("project") && self.company_scored()
            {
                self.average(component, subject, day, counted)?
            } else {
                let own = of(component, "", counted);
                (!own.is_empty()).then(|| value(component, &own))
            };
            let found = match (natural, component.missing.as_ref()) {
                (Some(value), _) => Some(value),
                (None, Some(Missing::Default { default })) => Some(default.0),
                (None, Some(Missing::Word(word))) if word != "zero" => {
                    renormalised |= word == "renormalise";
                    unrated |= word == "not_rated";
                    None
                }
                (None, _) if component.level.as_deref() == Some("project") => Some(Fraction::ZERO),
                (None, _) => Some(value(component, &[])),
            };
            all = all + weight;
            if let Some(value) = found {
                present = present + weight;
                sum = sum + weight * value;
            }
            components.push(found);
        }
        if renormalised {
            sum = (sum * all).divided_by(present).unwrap_or(Fraction::ZERO);
        }
        let rule = &policy.score;
        let mut score = rule.base.map_or(Fraction::ZERO, |base| base.0) + sum;
        score = rule.min.map_or(score, |min| score.max(min.0));
        score = rule.max.map_or(score, |max| score.min(max.0));
        Ok(Total {
            components,
            unrated,
            score: self.rounded(score),
        })
    }

    pub fn rounded(&self, score: Fraction) -> Fraction {
        let rounding = self.policy.score.rounding.as_deref().unwrap_or("half_up");
        score.rounded(self.policy.score.decimals.unwrap_or(2), rounding)
    }

    /// Step 9; `None` without any project to look at.
    fn average(
        &self,
        component: &Component,
        subject: &str,
        day: NaiveDate,
        counted: &[Counted<'a>],
    ) -> Result<Option<Fraction>, Fault> {
        let average = component.average.as_deref().unwrap();
        let (mut sum, mut weights, mut any) = (Fraction::ZERO, Fraction::ZERO, false);
        for contract in self.managed(subject, day) {
            let own = of(component, &contract.project, counted);
            if component.assessed_only && own.is_empty() {
                continue;
            }
            any = true;
            let weight = weight(contract, average).ok_or(Fault::of(subject, "D015"))?;
            sum = sum + value(component, &own) * weight.into();
            weights = weights + weight.into();
        }
        if !any {
            return Ok(None);
        }
        if average == "sum" {
            return Ok(Some(sum));
        }
        sum.divided_by(weights)
            .map(Some)
            .ok_or(Fault::of(subject, "D015"))
    }
}

/// Step 2, without the condition; `None` where the number is in no band.
fn points(record: &Record, item: &Item) -> Option<Fraction> {
    let number = |name: &str| match record.attributes.get(name) {
        Some(AttributeValue::Integer(value)) => Fraction::whole(*value),
        Some(AttributeValue::Decimal(value)) => Fraction::from(*value),
        other => panic!("{name} is {other:?}"),
    };
    let mut points = match &item.points {
        None => Fraction::ZERO,
        Some(Points::Fixed(points)) => *points,
        Some(Points::Lookup(by, rows)) => match record.attributes.get(by) {
            Some(AttributeValue::Choice(value)) => rows[value],
            other => panic!("{by} is {other:?}"),
        },
        Some(Points::Bands(by, bands)) => {
            let value = number(by);
            bands.iter().find(|band| band.bounds.hold(value))?.points.0
        }
        Some(Points::Chosen(..)) => record.points.unwrap().decimal().into(),
        Some(Points::Value(by)) => number(by),
    };
    if let Some(times) = &item.times {
        points = points * number(times);
    }
    Some(match item.per_record_cap {
        Some(cap) => within(points, cap.0),
        None => points,
    })
}

/// Bounded from below by a negative cap, from above by a positive one.
fn within(value: Fraction, cap: Fraction) -> Fraction {
    if cap.is_negative() {
        value.max(cap)
    } else {
        value.min(cap)
    }
}

/// Step 4.
fn one_of_each_matter(taken: Vec<Counted<'_>>) -> Vec<Counted<'_>> {
    let mut kept = Vec::new();
    for (index, one) in taken.iter().enumerate() {
        let mut best = true;
        for (other_index, other) in taken.iter().enumerate() {
            let same = one.record.matter.is_some()
                && other.record.matter == one.record.matter
                && other.item.id == one.item.id
                && other.scope == one.scope
                && other_index != index;
            let earlier = other_index < index;
            let (size, other_size) = (one.points.abs(), other.points.abs());
            let beaten = match one.item.same_matter.as_deref() {
                Some("first") => earlier,
                Some("highest") => other_size > size || (other_size == size && earlier),
                _ => false,
            };
            best &= !(same && beaten);
        }
        if best {
            kept.push(one.clone());
        }
    }
    kept
}

/// Step 5.
fn repeat(counted: &mut [Counted<'_>]) {
    for index in 0..counted.len() {
        let one = counted[index].clone();
        let Some(repeat) = &one.item.repeat else {
            continue;
        };
        let mut earlier = 0;
        for other in &counted[..index] {
            let same = other.item.id == one.item.id && other.scope == one.scope;
            if same && span_end(other.date, &repeat.within) >= one.date {
                earlier += 1;
            }
        }
        let factor = repeat.multiply[earlier.min(repeat.multiply.len() - 1)];
        counted[index].points = one.points * factor.0;
    }
    for one in counted {
        one.before = one.points;
    }
}

fn scopes<'a>(counted: &[Counted<'a>]) -> Vec<&'a str> {
    let mut scopes: Vec<&str> = counted.iter().map(|one| one.scope).collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

/// Brings the sum of some records within a cap; the latest give way first.
fn cut(counted: &mut [Counted<'_>], which: impl Fn(&Counted<'_>) -> bool, cap: Fraction) {
    let own = counted.iter().filter(|one| which(one));
    let sum = own.fold(Fraction::ZERO, |sum, one| sum + one.points);
    let mut excess = sum - within(sum, cap);
    for one in counted.iter_mut().rev().filter(|one| which(one)) {
        let helps = one.points.is_negative() == excess.is_negative() && !one.points.is_zero();
        if !helps || excess.is_zero() {
            continue;
        }
        let taken = if excess.is_negative() {
            excess.max(one.points)
        } else {
            excess.min(one.points)
        };
        one.points = one.points - taken;
        excess = excess - taken;
    }
}

/// The counted records of a component, in one scope.
fn of<'c, 'a>(
    component: &Component,
    scope: &str,
    counted: &'c [Counted<'a>],
) -> Vec<&'c Counted<'a>> {
    (counted.iter())
        .filter(|one| one.item.component == component.id && one.scope == scope)
        .collect()
}

/// Step 8.
fn value(component: &Component, own: &[&Counted<'_>]) -> Fraction {
    let capped = own.iter().map(|one| one.capped);
    let combined = match component.combine.as_deref().unwrap_or("sum") {
        "sum" => Some(own.iter().fold(Fraction::ZERO, |sum, one| sum + one.points)),
        "mean" => {
            let sum = capped.fold(Fraction::ZERO, |sum, points| sum + points);
            sum.divided_by(Fraction::whole(own.len() as i64))
        }
        "last" => own.last().map(|one| one.capped),
        "max" => capped.max(),
        _ => capped.min(),
    };
    let base = component.base.map_or(Fraction::ZERO, |base| base.0);
    let mut value = base + combined.unwrap_or(Fraction::ZERO);
    value = component.floor.map_or(value, |floor| value.max(floor.0));
    component.cap.map_or(value, |cap| value.min(cap.0))
}

/// What an item's condition may ask about.
struct About<'c, 'a> {
    case: &'c Case<'a>,
    subject: &'c str,
    record: &'c Record,
    day: NaiveDate,
}

impl Answers for About<'_, '_> {
    fn name(&self, name: &str) -> Value {
        let number = |value: Option<Fraction>| value.map_or(Value::Missing, Value::Number);
        if let Some(field) = name.strip_prefix("subject.") {
            return self.case.field(self.subject, field, self.day);
        }
        if let Some(field) = name.strip_prefix("project.") {
            let project = self.record.project.as_deref().unwrap_or_default();
            let contract = self.case.contract(self.subject, project, self.day);
            return number(
                contract
                    .and_then(|one| weight(one, field))
                    .map(Fraction::from),
            );
        }
        match self.record.attributes.get(name) {
            Some(AttributeValue::Integer(value)) => Value::Number(Fraction::whole(*value)),
            Some(AttributeValue::Decimal(value)) => Value::Number((*value).into()),
            Some(AttributeValue::Choice(text) | AttributeValue::Text(text)) => {
                Value::Text(text.clone())
            }
            Some(AttributeValue::Boolean(flag)) => Value::Truth(*flag),
            Some(AttributeValue::Day(day)) => Value::Day(day.date()),
            None => Value::Missing,
        }
    }

    fn call(&self, name: &str, _: &[Node]) -> Result<Value, Failed> {
        panic!("no function {name} in items")
    }

    fn rank(&self, _: &str) -> Option<usize> {
        None
    }
}

impl Case<'_> {
    /// `subject.age_months`, `subject.projects`.
    pub fn field(&self, subject: &str, field: &str, day: NaiveDate) -> Value {
        match field {
            "projects" => Value::Number(Fraction::whole(self.managed(subject, day).len() as i64)),
            _ => match self.registered_on(subject) {
                Some(on) if on <= day => Value::Number(Fraction::whole(full_months(on, day))),
                // Not registered yet, or nobody knows.
                _ => Value::Missing,
            },
        }
    }
}
