//! `[[case]]`: worked examples. A case is one subject with its records; what it needs besides can be given in
//! `projects`, `history`, `on_lists` and `registered_on`.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::items::{item_named, reference};
use crate::{
    domain::{
        AttributeType, AttributeValue, Company, CompanyStatus, Contract, Points, Record,
        RecordKind, RecordStatus, SubjectKind, Uscc,
    },
    rules::{
        cases::{Case, Expect},
        diagnostic::Code,
        document::{Located, Table, Value},
        outcome::{OnList, PastGrade},
        predicate::Names,
    },
};

/// The code of the company of every case; it names no registered company.
const COMPANY: &str = "91000000000000000K";

pub(super) fn cases(root: &Table<'_, '_>, names: &Names) -> Vec<Case> {
    root.tables("case")
        .into_iter()
        .filter_map(|table| case(table, names))
        .collect()
}

fn case(table: Table<'_, '_>, names: &Names) -> Option<Case> {
    let uscc = Uscc::parse(COMPANY).ok()?;
    let subject = match names.subject {
        SubjectKind::Company => uscc.to_string(),
        SubjectKind::Project => "P1".to_owned(),
        SubjectKind::Manager => "M1".to_owned(),
    };
    let title = table.needed_text("title");
    table.needed("as_of");
    let as_of = table.day("as_of");
    let registered_on = table.day("registered_on").map(|day| day.value);
    let records = list(&table, "records")
        .into_iter()
        .enumerate()
        .filter_map(|(index, row)| record(row, index, names, uscc, &subject))
        .collect::<Vec<_>>();
    let mut contracts: Vec<Contract> = list(&table, "projects")
        .into_iter()
        .filter_map(|row| contract(row, uscc))
        .collect();
    if !table.has("projects") {
        let mut named: Vec<&str> = records
            .iter()
            .filter_map(|(record, _)| record.project.as_deref())
            .collect();
        named.sort_unstable();
        named.dedup();
        contracts = named.into_iter().map(|code| bare(code, uscc)).collect();
    }
    let (history, past_places) = list(&table, "history")
        .into_iter()
        .filter_map(|row| past(row, &subject))
        .unzip();
    let on_lists = table
        .texts("on_lists")
        .unwrap_or_default()
        .iter()
        .filter_map(|id| {
            reference(&table, id, &names.lists, "名单")?;
            Some(OnList {
                subject: subject.clone(),
                list: id.value.clone(),
            })
        })
        .collect();
    table.needed("expect");
    let expect = table
        .value("expect")
        .and_then(|value| value.table(&value.name))
        .and_then(|inner| expect(inner, names));
    let at = table.at.clone();
    table.done();
    let (records, places) = records.into_iter().unzip();
    Some(Case {
        title: title?.value,
        as_of: as_of?.value,
        company: Company {
            uscc,
            name: "示例物业服务企业".to_owned(),
            region: None,
            registered_on,
            status: CompanyStatus::Active,
            legal_representative: None,
            address: None,
            phone: None,
        },
        subject,
        records,
        places,
        contracts,
        history,
        past_places,
        on_lists,
        expect: expect?,
        at,
    })
}

fn list<'r, 's>(table: &Table<'r, 's>, key: &'static str) -> Vec<Table<'r, 's>> {
    table
        .value(key)
        .map(|value| value.tables(&format!("{} 的 {key}", table.name)))
        .unwrap_or_default()
}

fn record(
    table: Table<'_, '_>,
    index: usize,
    names: &Names,
    uscc: Uscc,
    subject: &str,
) -> Option<(Record, std::ops::Range<usize>)> {
    let string = |key| table.text(key).map(|text| text.value);
    let day = |key| table.day(key).map(|day| day.value);
    let item = table.needed_text("item");
    if let Some(item) = &item {
        item_named(&table, item, names);
    }
    let word = |key: &'static str, known: Vec<(&'static str, usize)>| {
        table.has(key).then(|| table.keyword(key, &known)).flatten()
    };
    let kinds = RecordKind::ALL.iter().enumerate();
    let kind = word("kind", kinds.map(|(n, kind)| (kind.as_str(), n)).collect())
        .and_then(|n| RecordKind::ALL.get(n).copied());
    let statuses = RecordStatus::ALL.iter().enumerate();
    let status = word(
        "status",
        statuses.map(|(n, one)| (one.as_str(), n)).collect(),
    )
    .and_then(|n| RecordStatus::ALL.get(n).copied());
    let project = string("project")
        .or_else(|| (names.subject == SubjectKind::Project).then(|| subject.to_owned()));
    let attributes: BTreeMap<String, AttributeValue> = names
        .attributes
        .iter()
        .filter_map(|(name, kind)| {
            let value = attribute(&table.any(name)?, kind)?;
            Some((name.clone(), value))
        })
        .collect();
    let record = Record {
        id: string("id").unwrap_or_else(|| format!("r{:03}", index + 1)),
        item: item.map(|item| item.value).unwrap_or_default(),
        kind,
        company: Some(uscc),
        project,
        manager: (names.subject == SubjectKind::Manager).then(|| subject.to_owned()),
        body: string("body"),
        occurred_on: day("occurred_on"),
        decided_on: day("decided_on"),
        entered_on: day("entered_on"),
        published_on: day("published_on"),
        valid_until: day("valid_until"),
        points: table
            .points("points")
            .and_then(|points| Points::new(points.value).ok()),
        reason: string("reason"),
        matter: string("matter"),
        rectify_by: day("rectify_by"),
        rectified_on: day("rectified_on"),
        status: status.unwrap_or(RecordStatus::Confirmed),
        attributes,
    };
    let at = table.at.clone();
    table.done_with(names.attributes.keys().map(String::as_str));
    Some((record, at))
}

fn attribute(value: &Value<'_, '_>, kind: &AttributeType) -> Option<AttributeValue> {
    let text = |value: &Value<'_, '_>| {
        let text = value.text()?;
        match kind.parse(&text.value) {
            Ok(parsed) => Some(parsed),
            Err(fault) => {
                value.reader.report(
                    Code::R013,
                    value.at.clone(),
                    format!("{}：{fault}", value.name),
                    "",
                );
                None
            }
        }
    };
    match kind {
        AttributeType::Choice(_) | AttributeType::Text => text(value),
        AttributeType::Integer => {
            let number = value.number()?;
            let whole = number
                .is_integer()
                .then(|| i64::try_from(number.value).ok())
                .flatten();
            if whole.is_none() {
                value.reader.report(
                    Code::R004,
                    value.at.clone(),
                    format!("{} 应为整数", value.name),
                    "",
                );
            }
            whole.map(AttributeValue::Integer)
        }
        AttributeType::Percent if value.is_text() => text(value),
        AttributeType::Decimal => value
            .number()
            .map(|number| AttributeValue::Decimal(number.value)),
        AttributeType::Percent => {
            let number = value.number()?;
            if let Err(fault) = AttributeType::bare_share(number.value) {
                let message = format!("{}：{fault}", value.name);
                value
                    .reader
                    .report(Code::R008, value.at.clone(), message, "如 \"75%\" 或 0.75");
                return None;
            }
            Some(AttributeValue::Decimal(number.value))
        }
        AttributeType::Boolean => value.flag().map(AttributeValue::Boolean),
        AttributeType::Day => value.day().map(|day| AttributeValue::Day(day.value)),
    }
}

fn bare(code: &str, company: Uscc) -> Contract {
    Contract {
        project: code.to_owned(),
        name: code.to_owned(),
        company,
        region: None,
        area: None,
        households: None,
        from: None,
        until: None,
        contract_value: None,
        service_grade: None,
    }
}

fn contract(table: Table<'_, '_>, uscc: Uscc) -> Option<Contract> {
    let code = table.needed_text("code");
    let name = table.text("name").map(|name| name.value);
    let number = |key| table.number(key).map(|number| number.value);
    let (area, contract_value) = (number("area"), number("contract_value"));
    let households = table.whole("households", 0, u32::MAX);
    let day = |key| table.day(key).map(|day| day.value);
    let (from, until) = (day("from"), day("until"));
    table.done();
    let code = code?.value;
    let mut contract = bare(&code, uscc);
    contract.name = name.unwrap_or(code);
    contract.area = area;
    contract.households = households;
    contract.from = from;
    contract.until = until;
    contract.contract_value = contract_value;
    Some(contract)
}

/// A grade of an earlier period, and where its name stands.
fn past(table: Table<'_, '_>, subject: &str) -> Option<(PastGrade, std::ops::Range<usize>)> {
    table.needed("period_end");
    let period_end = table.day("period_end");
    let grade = table.needed_text("grade");
    table.done();
    let (period_end, grade) = (period_end?, grade?);
    let past = PastGrade {
        subject: subject.to_owned(),
        period_end: period_end.value,
        grade: grade.value,
    };
    Some((past, grade.at))
}

fn expect(table: Table<'_, '_>, names: &Names) -> Option<Expect> {
    let score = table.value("score").and_then(|value| figure(&value));
    let grade = table.text("grade");
    let rated = table.flag("rated");
    let lists = table.texts("lists");
    for list in lists.iter().flatten() {
        reference(&table, list, &names.lists, "名单");
    }
    let consequences = table.texts("consequences");
    let next_change_on = table.day("next_change_on").map(|day| day.value);
    let mut components = Vec::new();
    if let Some(inner) = table
        .value("components")
        .and_then(|value| value.table(&value.name))
    {
        for key in inner.keys() {
            let Some(index) = reference(&inner, &key, &names.components, "分项") else {
                continue;
            };
            if let Some(points) = inner.any(&key.value).and_then(|value| figure(&value)) {
                components.push((index, points));
            }
        }
    }
    table.done();
    let values = |texts: Vec<Located<String>>| texts.into_iter().map(|text| text.value).collect();
    Some(Expect {
        score,
        grade,
        rated,
        lists: lists.map(values),
        consequences: consequences.map(values),
        components,
        next_change_on,
    })
}

/// A number, or a number in quotes.
fn figure(value: &Value<'_, '_>) -> Option<Decimal> {
    if !value.is_text() {
        return value.number().map(|number| number.value);
    }
    let text = value.text()?;
    let number = Decimal::from_str_exact(text.value.trim()).ok();
    if number.is_none() {
        value.reader.report(
            Code::R004,
            value.at.clone(),
            format!("{} 的「{}」不是数字", value.name, text.value),
            "",
        );
    }
    number
}
