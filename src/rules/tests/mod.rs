//! Tests of the language as a whole.

mod entries;
mod errors;
mod ladder;
mod language;
mod limits;
mod properties;
pub(super) mod random;
mod stages;
mod versions;

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Facts, RuleSet, Score, score};
use crate::domain::{
    AttributeValue, Company, CompanyStatus, Contract, Day, Points, Record, RecordStatus, Uscc,
};

pub(super) const YANTAI: &str = include_str!("yantai-2022.toml");

pub(super) fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

pub(super) fn dec(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

pub(super) fn rules(source: &str) -> RuleSet {
    match RuleSet::load("test.toml", source) {
        Ok(loaded) => loaded.ruleset,
        Err(found) => panic!(
            "{}",
            found
                .iter()
                .map(|one| one.render(source))
                .collect::<String>()
        ),
    }
}

/// A small merit rule set: `head` replaces or adds keys of `[period]` and `[score]`, `body` holds the rest.
pub(super) fn small(period: &str, score: &str, body: &str) -> String {
    format!(
        r#"
[ruleset]
id = "test"
title = "示例办法"
verified = true
effective_from = 2020-01-01
subject = "company"
[attribute.level]
type = "choice"
values = ["city", "county"]
[attribute.people]
type = "integer"
[attribute.rate]
type = "percent"
[attribute.value]
type = "decimal"
[attribute.main]
type = "boolean"
[period]
counts_from = "decided_on"
{period}
[score]
{score}
{body}
"#
    )
}

pub(super) fn uscc(number: u32) -> Uscc {
    Uscc::complete(&format!("91512002MA{number:07}")).unwrap()
}

pub(super) fn company(number: u32) -> Company {
    Company {
        uscc: uscc(number),
        name: format!("示例{number}号物业"),
        region: None,
        registered_on: None,
        status: CompanyStatus::Active,
        legal_representative: None,
        address: None,
        phone: None,
    }
}

pub(super) fn record(id: &str, item: &str, decided_on: &str) -> Record {
    Record {
        id: id.to_owned(),
        item: item.to_owned(),
        kind: None,
        company: Some(uscc(1)),
        project: None,
        manager: None,
        body: None,
        occurred_on: None,
        decided_on: Some(day(decided_on)),
        entered_on: None,
        published_on: None,
        valid_until: None,
        points: None,
        reason: None,
        matter: None,
        rectify_by: None,
        rectified_on: None,
        status: RecordStatus::Confirmed,
        attributes: BTreeMap::new(),
    }
}

pub(super) trait With: Sized {
    fn with(self, change: impl FnOnce(&mut Self)) -> Self;
}

impl With for Record {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

pub(super) fn attr(record: &mut Record, name: &str, value: AttributeValue) {
    record.attributes.insert(name.to_owned(), value);
}

pub(super) fn points(text: &str) -> Option<Points> {
    Some(Points::parse(text).unwrap())
}

pub(super) fn contract(project: &str, number: u32, area: Option<&str>) -> Contract {
    Contract {
        project: project.to_owned(),
        name: project.to_owned(),
        company: uscc(number),
        region: None,
        area: area.map(dec),
        households: None,
        from: None,
        until: None,
        contract_value: None,
        service_grade: None,
    }
}

/// The score of company 1.
pub(super) fn one(
    rules: &RuleSet,
    records: &[Record],
    contracts: &[Contract],
    as_of: &str,
) -> Score {
    let companies = [company(1)];
    let facts = Facts {
        companies: &companies,
        contracts,
        contracts_known: !contracts.is_empty(),
        records,
        ..Facts::default()
    };
    let found = score(rules, &facts, day(as_of)).unwrap();
    found
        .into_iter()
        .find(|score| score.subject == uscc(1).as_str())
        .unwrap()
}

pub(super) fn why(score: &Score, record: &str) -> Option<String> {
    score
        .lines
        .as_ref()
        .unwrap()
        .iter()
        .find(|line| line.record.as_deref() == Some(record))
        .unwrap()
        .why
        .clone()
}
