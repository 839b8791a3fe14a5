//! Records, contracts and registrations, drawn blindly or beside a threshold of the file.

use std::collections::{BTreeMap, BTreeSet};

use rand::{Rng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use rust_decimal::Decimal;

use super::{
    facts::{Town, company},
    thresholds::Thresholds,
};
use crate::{
    domain::{
        AttributeType, AttributeValue, Contract, Day, Points, Record, RecordStatus, Span,
        SubjectKind, Uscc,
    },
    rules::{Item, PeriodKind, PointsForm, RuleSet},
};

pub(super) const PROJECTS: [&str; 3] = ["P1", "P2", "P3"];
pub(super) const MANAGER: &str = "M1";

/// Most copies of one record that are added to come near a threshold.
const COPIES: u32 = 30;

/// What is drawn from, for one day.
pub(super) struct Draw<'r> {
    pub rules: &'r RuleSet,
    pub near: &'r Thresholds,
    pub day: Day,
    pub rng: ChaCha8Rng,
}

impl Draw<'_> {
    /// How many records, of how many items.
    pub fn sizes(&mut self) -> (u32, u32) {
        let counts: Vec<u32> = self.near.counts.iter().copied().collect();
        match counts.choose(&mut self.rng) {
            Some(count) if self.rng.random_bool(0.3) => {
                let more = self.rng.random_range(0..=2);
                ((count + more).max(1), self.rng.random_range(1..=2))
            }
            _ => (self.rng.random_range(1..=6), self.rng.random_range(1..=4)),
        }
    }

    /// A number on a threshold, or one beside it.
    fn beside(&mut self, thresholds: &BTreeSet<u32>) -> Option<u32> {
        let all: Vec<u32> = thresholds.iter().copied().collect();
        let threshold = all.choose(&mut self.rng)?;
        Some((threshold + self.rng.random_range(0..=2)).saturating_sub(1))
    }

    /// Where conditions read it.
    pub fn registered_on(&mut self) -> Option<Day> {
        let near = self.near;
        let months = self.beside(&near.ages)?;
        let on = before(self.day, Span::Months(months));
        let days = self.rng.random_range(0..=2);
        Some(before(on, Span::Days(days)))
    }

    pub fn contracts(&mut self, company: Uscc) -> Vec<Contract> {
        let near = self.near;
        let count = self.beside(&near.projects).unwrap_or(3);
        (1..=count)
            .map(|number| {
                let area = Decimal::from(1000 * number);
                let households = self.number_beside(&near.households, Decimal::from(100));
                Contract {
                    project: format!("P{number}"),
                    name: format!("P{number}"),
                    company,
                    region: None,
                    area: Some(self.number_beside(&near.areas, area)),
                    households: u32::try_from(households.trunc()).ok(),
                    from: None,
                    until: None,
                    contract_value: Some(
                        self.number_beside(&near.contract_values, Decimal::from(10_000)),
                    ),
                    service_grade: None,
                }
            })
            .collect()
    }

    /// A number on a threshold or one step of its last place beside it, half of the times; else the other one.
    fn number_beside(&mut self, thresholds: &BTreeSet<Decimal>, other: Decimal) -> Decimal {
        let all: Vec<Decimal> = thresholds.iter().copied().collect();
        match all.choose(&mut self.rng) {
            Some(threshold) if self.rng.random_bool(0.5) => {
                let step = Decimal::new(1, threshold.scale());
                let side = self.rng.random_range(-1..=1_i64);
                threshold + step * Decimal::from(side)
            }
            _ => other,
        }
    }

    pub fn record(&mut self, item: &Item, number: u32) -> Record {
        let rules = self.rules;
        let by_company = rules.subject() == SubjectKind::Company;
        let per_project = rules.components()[item.component].per_project();
        let date = self.date();
        let points = match item.points {
            PointsForm::Chosen { min, max, .. } => {
                let middle = ((min + max) / Decimal::TWO).round();
                let chosen = [min, max, middle];
                let within = chosen.choose(&mut self.rng).copied().unwrap_or(min);
                Points::new(within.clamp(min, max)).ok()
            }
            _ => None,
        };
        Record {
            id: format!("r{number}"),
            item: item.id.clone(),
            kind: item.kinds.choose(&mut self.rng).copied(),
            company: company().filter(|_| by_company),
            project: match rules.subject() {
                SubjectKind::Project => Some(PROJECTS[0].to_owned()),
                _ if per_project || self.reads_projects(item) => PROJECTS
                    .choose(&mut self.rng)
                    .map(|code| (*code).to_owned()),
                _ => None,
            },
            manager: Some(MANAGER.to_owned()),
            body: None,
            occurred_on: Some(date),
            decided_on: Some(date),
            entered_on: Some(date),
            published_on: Some(date),
            valid_until: None,
            reason: points.map(|_| "酌定".to_owned()),
            points,
            matter: (self.rng.random_bool(0.5))
                .then(|| format!("m{}", self.rng.random_range(1..=2))),
            rectify_by: None,
            rectified_on: (self.rng.random_bool(0.2)).then(|| {
                let days = self.rng.random_range(1..60);
                date.plus_days(days).min(self.day)
            }),
            status: RecordStatus::Confirmed,
            attributes: self.attributes(),
        }
    }

    /// Whether the item's condition asks for the record's project.
    fn reads_projects(&self, item: &Item) -> bool {
        let near = self.near;
        let any = !(near.areas.is_empty()
            && near.households.is_empty()
            && near.contract_values.is_empty());
        any && item.when.is_some()
    }

    /// Up to a bit more than a year ago, or about where a period or a span ends.
    fn date(&mut self) -> Day {
        let spans = &self.near.spans;
        if let Some(span) = spans.choose(&mut self.rng)
            && self.rng.random_bool(0.4)
        {
            let on = before(self.day, *span);
            let days = self.rng.random_range(0..=2);
            return before(on, Span::Days(days)).next().min(self.day);
        }
        if let Some(start) = period_start(self.rules.period(), self.day)
            && self.rng.random_bool(0.2)
        {
            return [start, start.previous()][self.rng.random_range(0..2)];
        }
        let days = self.rng.random_range(0..400);
        before(self.day, Span::Days(days))
    }

    /// A value for every declared field.
    fn attributes(&mut self) -> BTreeMap<String, AttributeValue> {
        let rules = self.rules;
        (rules.schema().iter())
            .map(|(name, kind)| (name.clone(), self.attribute(name, kind)))
            .collect()
    }

    fn attribute(&mut self, name: &str, kind: &AttributeType) -> AttributeValue {
        let (near, nothing) = (self.near, BTreeSet::new());
        let numbers = near.attributes.get(name).unwrap_or(&nothing);
        match kind {
            AttributeType::Choice(values) => {
                AttributeValue::Choice(values.choose(&mut self.rng).cloned().unwrap_or_default())
            }
            AttributeType::Integer => {
                let blind = [1, 2, 5, 12, 60].choose(&mut self.rng).copied();
                let whole = numbers.iter().map(|number| number.ceil()).collect();
                let drawn = self.number_beside(&whole, Decimal::from(blind.unwrap_or(1)));
                AttributeValue::Integer(i64::try_from(drawn).unwrap_or(1))
            }
            AttributeType::Decimal => {
                let blind = [1, 3, 50, 80, 95, 6000].choose(&mut self.rng).copied();
                let blind = Decimal::from(blind.unwrap_or(1));
                AttributeValue::Decimal(self.number_beside(numbers, blind))
            }
            AttributeType::Percent => {
                let blind = Decimal::new(self.rng.random_range(0..=20) * 5, 2);
                AttributeValue::Decimal(self.number_beside(numbers, blind))
            }
            AttributeType::Boolean => AttributeValue::Boolean(self.rng.random_bool(0.5)),
            AttributeType::Day => {
                let days = near.days.get(name).into_iter().flatten();
                let days: Vec<Day> = days
                    .flat_map(|day| [day.previous(), *day, day.next()])
                    .collect();
                let drawn = days.choose(&mut self.rng).copied();
                AttributeValue::Day(drawn.unwrap_or(self.rules.effective_from()))
            }
            AttributeType::Text => AttributeValue::Text("甲".to_owned()),
        }
    }

    /// Brings the total or a component onto a threshold or one step beside it, where one chosen number of points or a few
    /// more records of an item can.
    pub fn aim(&mut self, town: &mut Town) -> Option<()> {
        let rules = self.rules;
        let score = town.score(rules)?;
        let totals = self.near.scores.iter().map(|value| (None, *value));
        let parts = self.near.components.iter();
        let parts =
            parts.flat_map(|(index, values)| values.iter().map(|value| (Some(*index), *value)));
        let aims: Vec<(Option<usize>, Decimal)> = totals.chain(parts).collect();
        let (part, aim) = *aims.choose(&mut self.rng)?;
        let step = Decimal::new(self.rng.random_range(-1..=1), rules.decimals());
        let now = match part {
            None => score.score,
            Some(index) => score.components.get(&rules.components()[index].id)?,
        };
        let short = aim + step - now;
        let movers: Vec<usize> = (0..town.records.len())
            .filter(|index| {
                let item = rules.item(&town.records[*index].item);
                item.is_some_and(|item| part.is_none_or(|part| part == item.component))
            })
            .collect();
        let index = *movers.choose(&mut self.rng)?;
        let record = town.records[index].clone();
        let item = rules.item(&record.item)?;
        let weight = match part {
            None => rules.components()[item.component].weight,
            Some(_) => Decimal::ONE,
        };
        let wanted = short.checked_div(weight)?;
        if let (Some(points), PointsForm::Chosen { min, max, .. }) = (record.points, &item.points) {
            let moved = (points.decimal() + wanted).round_dp(4).clamp(*min, *max);
            town.records[index].points = Points::new(moved).ok();
        } else if let PointsForm::Fixed(points) = item.points {
            let more = wanted.checked_div(points)?.round();
            let more = u32::try_from(more).unwrap_or_default().min(COPIES);
            let first = u32::try_from(town.records.len()).unwrap_or_default();
            for number in 0..more {
                town.records.push(Record {
                    id: format!("c{}", first + number),
                    matter: None,
                    ..record.clone()
                });
            }
        }
        Some(())
    }
}

/// First day of the calendar period of a day.
fn period_start(kind: PeriodKind, day: Day) -> Option<Day> {
    let first = match kind {
        PeriodKind::Open | PeriodKind::Rolling(_) => return None,
        PeriodKind::CalendarYear => 1,
        PeriodKind::HalfYear => (day.month() - 1) / 6 * 6 + 1,
        PeriodKind::Quarter => (day.month() - 1) / 3 * 3 + 1,
        PeriodKind::Month => day.month(),
    };
    Day::from_ymd(day.year(), first, 1)
}

/// The day that lies a span earlier.
fn before(day: Day, span: Span) -> Day {
    let date = match span {
        Span::Days(days) => day.date().checked_sub_days(chrono::Days::new(days.into())),
        Span::Months(months) => day.date().checked_sub_months(chrono::Months::new(months)),
        Span::Years(years) => {
            let months = chrono::Months::new(years.saturating_mul(12));
            day.date().checked_sub_months(months)
        }
    };
    date.and_then(Day::from_date).unwrap_or(day)
}
