//! What is done with hostile bytes: nothing may panic, hang or grow without bound. Shared by the fuzz targets and by the
//! tests of the ordinary suite.
#![allow(dead_code)]

use std::{collections::BTreeMap, io::Cursor};

use wuxin::{
    domain::{
        AttributeType, AttributeValue, Company, CompanyStatus, Contract, Day, Record, RecordStatus,
        Uscc,
    },
    intake::{Context, Table},
    rules::{Facts, RuleSet, score},
};

/// A rule file: read, checked, its findings rendered, its worked cases run.
pub fn rule_file(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match RuleSet::load("fuzz.toml", text) {
        Ok(loaded) => {
            loaded
                .warnings
                .iter()
                .for_each(|warning| drop(warning.render(text)));
            let failed = loaded.ruleset.case_diagnostics();
            failed.iter().for_each(|failed| drop(failed.render(text)));
        }
        Err(found) => {
            assert!(!found.is_empty(), "refused without a word");
            found.iter().for_each(|one| drop(one.render(text)));
        }
    }
}

/// A condition in one of the places where one may stand (chosen by the first byte); if it is one, it is asked.
pub fn predicate(bytes: &[u8]) {
    let Some((place, bytes)) = bytes.split_first() else {
        return;
    };
    let Ok(condition) = std::str::from_utf8(bytes) else {
        return;
    };
    let place = usize::from(*place) % PLACES.len();
    let quoted = toml::Value::String(condition.to_owned()).to_string();
    let mut text = HEAD.to_owned();
    for (index, table) in PLACES.iter().enumerate() {
        text += table;
        if index == place {
            text += "when = ";
            text += &quoted;
        }
        text += if index == place || index == 0 {
            "\n"
        } else {
            "when = \"score < 50\"\n"
        };
    }
    match RuleSet::load("fuzz.toml", &text) {
        Ok(loaded) => ask(&loaded.ruleset),
        Err(found) => found.iter().for_each(|one| drop(one.render(&text))),
    }
}

/// A file of records: every row is read, and judged by the rule set.
pub fn records(bytes: &[u8]) {
    let Ok(loaded) = RuleSet::load("fuzz.toml", HEAD) else {
        unreachable!("the rule set of this file is valid");
    };
    let titles = BTreeMap::new();
    let context = Context {
        regions: None,
        schema: loaded.ruleset.schema(),
        titles: &titles,
    };
    let table = Table::from_reader("fuzz.csv", Cursor::new(bytes.to_vec()));
    let rows = match table.and_then(|table| table.records(&context)) {
        Ok(rows) => rows,
        Err(faults) => return faults.iter().for_each(|fault| drop(fault.to_string())),
    };
    for (index, row) in rows.enumerate() {
        assert!(index <= bytes.len(), "more rows than bytes");
        match row {
            Ok(row) => {
                let faults = loaded.ruleset.check_record(&row.value);
                faults.iter().for_each(|fault| drop(format!("{fault:?}")));
            }
            Err(faults) => faults.iter().for_each(|fault| drop(fault.to_string())),
        }
    }
}

fn ask(rules: &RuleSet) {
    let (Ok(company), Some(day)) = (
        Uscc::complete("91512002MA0000001"),
        Day::from_ymd(2024, 2, 29),
    ) else {
        unreachable!("both are valid");
    };
    let companies = [Company {
        uscc: company,
        name: "示例物业".to_owned(),
        region: None,
        registered_on: Some(day),
        status: CompanyStatus::Active,
        legal_representative: None,
        address: None,
        phone: None,
    }];
    let contracts = [Contract {
        project: "P1".to_owned(),
        name: "示例小区".to_owned(),
        company,
        region: None,
        area: Some(300.into()),
        households: Some(0),
        from: None,
        until: None,
        contract_value: None,
        service_grade: None,
    }];
    let record = |id: &str, decided_on: Day| Record {
        id: id.to_owned(),
        item: "B1".to_owned(),
        kind: None,
        company: Some(company),
        project: Some("P1".to_owned()),
        manager: None,
        body: None,
        occurred_on: None,
        decided_on: Some(decided_on),
        entered_on: None,
        published_on: None,
        valid_until: None,
        points: None,
        reason: None,
        matter: None,
        rectify_by: None,
        rectified_on: None,
        status: RecordStatus::Confirmed,
        attributes: BTreeMap::from([
            ("people".to_owned(), AttributeValue::Integer(i64::MAX)),
            (
                "level".to_owned(),
                AttributeValue::Choice("city".to_owned()),
            ),
        ]),
    };
    let records = [record("r1", day), record("r2", day.plus_months(3))];
    let facts = Facts {
        companies: &companies,
        contracts: &contracts,
        contracts_known: true,
        records: &records,
        ..Facts::default()
    };
    // A condition that cannot be computed is a fault of the data.
    if let Err(faults) = score(rules, &facts, day.plus_months(4)) {
        faults.iter().for_each(|fault| drop(fault.to_string()));
    }
    assert!(
        rules
            .schema()
            .values()
            .any(|kind| matches!(kind, AttributeType::Integer))
    );
}

const HEAD: &str = r#"
[ruleset]
id = "fuzz"
title = "示例办法"
effective_from = 2020-01-01
subject = "company"
[attribute.level]
type = "choice"
values = ["city", "county"]
[attribute.people]
type = "integer"
[attribute.rate]
type = "percent"
[attribute.main]
type = "boolean"
[attribute.seen]
type = "day"
[attribute.note]
type = "text"
[period]
kind = "rolling"
months = 12
counts_from = "decided_on"
[score]
base = 100
[[component]]
id = "bad"
[[grade]]
id = "A"
from = 60
[[grade]]
id = "B"
[[list]]
id = "red"
title = "示例红榜"
class = "red"
clause = "第9条"
when = "grade == 'A'"
[[item]]
id = "B2"
component = "bad"
clause = "第2条"
title = "示例"
points = { min = -5, max = -1 }
"#;

/// Each wants a condition; the first, an item, may go without one.
const PLACES: [&str; 4] = [
    "[[item]]\nid = \"B1\"\ncomponent = \"bad\"\nclause = \"第1条\"\ntitle = \"示例\"\npoints = -2\n",
    "[[not_rated]]\ntitle = \"不评级\"\nclause = \"第3条\"\n",
    "[[override]]\nid = \"O1\"\ntitle = \"示例\"\nclause = \"第4条\"\ngrade = \"B\"\n",
    "[[list]]\nid = \"watch\"\ntitle = \"示例名单\"\nclass = \"watch\"\nclause = \"第5条\"\n",
];
