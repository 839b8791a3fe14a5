//! Made-up companies, contracts and records.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use wuxin::domain::{
    AttributeValue, Company, CompanyStatus, Contract, Day, Points, Record, RecordKind,
    RecordStatus, Region, Uscc,
};

/// A valid code that no company has: the `number`th of a made-up series.
pub fn uscc(number: u32) -> Uscc {
    Uscc::complete(&format!("91512099X{number:08}")).unwrap()
}

pub fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// `minutes` after the first of March 2026 in the morning.
pub fn at(minutes: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-03-01T01:00:00.000001Z".parse().unwrap();
    start + TimeDelta::minutes(minutes)
}

pub fn company(number: u32, name: &str) -> Company {
    Company {
        uscc: uscc(number),
        name: name.to_owned(),
        region: Some(Region::parse("512002").unwrap()),
        registered_on: Some(day("2015-06-30")),
        status: CompanyStatus::Active,
        legal_representative: Some("示例人".to_owned()),
        address: None,
        phone: None,
    }
}

pub fn contract(project: &str, company: u32, from: Option<&str>, until: Option<&str>) -> Contract {
    Contract {
        project: project.to_owned(),
        name: format!("示例花园{project}"),
        company: uscc(company),
        region: Some(Region::parse("512002001").unwrap()),
        area: Some(Decimal::new(12_345_678, 2)),
        households: Some(800),
        from: from.map(day),
        until: until.map(day),
        contract_value: None,
        service_grade: Some("二级".to_owned()),
    }
}

pub fn record(id: &str, company: Option<u32>, project: Option<&str>) -> Record {
    Record {
        id: id.to_owned(),
        item: "BAD-07".to_owned(),
        kind: Some(RecordKind::SpotCheck),
        company: company.map(uscc),
        project: project.map(ToOwned::to_owned),
        manager: None,
        body: Some("示例街道办".to_owned()),
        occurred_on: Some(day("2026-02-27")),
        decided_on: Some(day("2026-02-28")),
        entered_on: None,
        published_on: None,
        valid_until: None,
        points: Some(Points::parse("-0.5").unwrap()),
        reason: None,
        matter: None,
        rectify_by: Some(day("2026-03-15")),
        rectified_on: None,
        status: RecordStatus::Confirmed,
        attributes: BTreeMap::from([(
            "level".to_owned(),
            AttributeValue::Choice("city".to_owned()),
        )]),
    }
}
