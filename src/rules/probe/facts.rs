//! Random records that a rule set accepts.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use rust_decimal::Decimal;

use crate::{
    domain::{
        AttributeType, AttributeValue, Company, CompanyStatus, Contract, Day, Points, Record,
        RecordStatus, SubjectKind, Uscc,
    },
    rules::{Facts, Item, PointsForm, RuleSet, Score, engine::score},
};

/// A subject with its records and projects, on a day.
#[derive(Debug, Clone)]
pub(super) struct Town {
    pub day: Day,
    pub records: Vec<Record>,
    contracts: Vec<Contract>,
}

const PROJECTS: [&str; 3] = ["P1", "P2", "P3"];
const MANAGER: &str = "M1";

/// The one company of the search; the number is nobody's.
fn company() -> Option<Uscc> {
    Uscc::complete("91512000MA0000000").ok()
}

impl Town {
    /// A few records up to two years before a day on which the rule set is in force.
    pub fn random(rules: &RuleSet, seed: u64, round: u64) -> Option<Self> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(round);
        let company = company()?;
        let day = rules.effective_from().plus_days(rng.random_range(0..700));
        let day = rules.effective_until().map_or(day, |until| day.min(until));
        let contracts = PROJECTS.iter().zip(1..).map(|(code, size)| Contract {
            project: (*code).to_owned(),
            name: (*code).to_owned(),
            company,
            region: None,
            area: Some(Decimal::from(1000 * size)),
            households: Some(100),
            from: None,
            until: None,
            contract_value: Some(Decimal::from(10_000)),
            service_grade: None,
        });
        let contracts = contracts.collect();
        let wanted = rng.random_range(1..=6);
        // Of few items, so that records meet in one item, group or matter.
        let few: Vec<&Item> = (0..rng.random_range(1..=4))
            .filter_map(|_| rules.items().choose(&mut rng))
            .collect();
        let mut records = Vec::new();
        for number in 0..wanted {
            let Some(item) = few.choose(&mut rng) else {
                break;
            };
            let record = record(rules, item, day, number, &mut rng);
            if rules.check_record(&record).is_empty() {
                records.push(record);
            }
        }
        Some(Self {
            day,
            records,
            contracts,
        })
    }

    /// The score of the subject; none where the data cannot be scored.
    pub fn score(&self, rules: &RuleSet) -> Option<Score> {
        self.scored_with(rules, &self.records)
    }

    /// The same with other records.
    pub fn scored_with(&self, rules: &RuleSet, records: &[Record]) -> Option<Score> {
        let companies = [Company {
            uscc: company()?,
            name: String::new(),
            region: None,
            registered_on: None,
            status: CompanyStatus::Active,
            legal_representative: None,
            address: None,
            phone: None,
        }];
        let facts = Facts {
            companies: if rules.subject() == SubjectKind::Company {
                &companies
            } else {
                &[]
            },
            contracts: &self.contracts,
            contracts_known: true,
            records,
            ..Facts::default()
        };
        let subject = match rules.subject() {
            SubjectKind::Company => company()?.to_string(),
            SubjectKind::Project => PROJECTS[0].to_owned(),
            SubjectKind::Manager => MANAGER.to_owned(),
        };
        let scores = score(rules, &facts, self.day).ok()?;
        scores.into_iter().find(|one| one.subject == subject)
    }
}

fn record(rules: &RuleSet, item: &Item, day: Day, number: u32, rng: &mut ChaCha8Rng) -> Record {
    let by_company = rules.subject() == SubjectKind::Company;
    let per_project = rules.components()[item.component].per_project();
    let date = earlier(day, rng.random_range(0..400));
    let points = match item.points {
        PointsForm::Chosen { min, max, .. } => {
            let chosen = [min, max, ((min + max) / Decimal::TWO).round()];
            let within = chosen.choose(rng).copied().unwrap_or(min).clamp(min, max);
            Points::new(within).ok()
        }
        _ => None,
    };
    Record {
        id: format!("r{number}"),
        item: item.id.clone(),
        kind: item.kinds.choose(rng).copied(),
        company: company().filter(|_| by_company),
        project: match rules.subject() {
            SubjectKind::Project => Some(PROJECTS[0].to_owned()),
            _ if per_project => PROJECTS.choose(rng).map(|code| (*code).to_owned()),
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
        matter: rng
            .random_bool(0.5)
            .then(|| format!("m{}", rng.random_range(1..=2))),
        rectify_by: None,
        rectified_on: (rng.random_bool(0.2))
            .then(|| date.plus_days(rng.random_range(1..60)).min(day)),
        status: RecordStatus::Confirmed,
        attributes: attributes(rules, rng),
    }
}

/// A value for every declared field.
fn attributes(rules: &RuleSet, rng: &mut ChaCha8Rng) -> BTreeMap<String, AttributeValue> {
    let mut value = |kind: &AttributeType| match kind {
        AttributeType::Choice(values) => {
            AttributeValue::Choice(values.choose(rng).cloned().unwrap_or_default())
        }
        AttributeType::Integer => {
            AttributeValue::Integer([1, 2, 5, 12, 60].choose(rng).copied().unwrap_or(1))
        }
        AttributeType::Decimal => AttributeValue::Decimal(Decimal::from(
            [1, 3, 50, 80, 95, 6000].choose(rng).copied().unwrap_or(1),
        )),
        AttributeType::Percent => {
            AttributeValue::Decimal(Decimal::new(rng.random_range(0..=20) * 5, 2))
        }
        AttributeType::Boolean => AttributeValue::Boolean(rng.random_bool(0.5)),
        AttributeType::Day => AttributeValue::Day(rules.effective_from()),
        AttributeType::Text => AttributeValue::Text("甲".to_owned()),
    };
    (rules.schema().iter())
        .map(|(name, kind)| (name.clone(), value(kind)))
        .collect()
}

fn earlier(day: Day, days: u64) -> Day {
    let date = day.date().checked_sub_days(chrono::Days::new(days));
    date.and_then(Day::from_date).unwrap_or(day)
}
