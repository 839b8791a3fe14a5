//! Random facts for any rule set: one company, three projects, records of every item.

use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::domain::AttributeType;
use crate::rules::{Item, PointsForm};

/// The shipped rule sets, and some with what those do not have.
pub(in crate::rules) fn every_rule_set() -> Vec<RuleSet> {
    let shipped = [
        include_str!("../../../rules/ziyang-draft.toml"),
        include_str!("../../../rules/yantai-2022.toml"),
        include_str!("../../../rules/shandong-2019.toml"),
    ];
    shipped
        .into_iter()
        .map(str::to_owned)
        .chain(made_up())
        .map(|source| rules(&source))
        .chain([of_two_versions()])
        .collect()
}

/// A version that judges the records of an earlier one by that one: other points, another cap, no second chance.
fn of_two_versions() -> RuleSet {
    let now = &made_up()[0];
    let head = |id: &str, more: &str| {
        now.replace(
            "id = \"test\"",
            &format!("id = \"{id}\"\npolicy = \"test\"\nold_records = \"own_date\"\n{more}"),
        )
    };
    let earlier = head("test-2020", "effective_until = 2024-12-31")
        .replace("points = -3.3", "points = -4.1")
        .replace("cap = -10", "cap = -6")
        .replace("rectified = { multiply = 0.5 }\n", "");
    let later = head("test-2025", "").replace("2020-01-01", "2025-01-01");
    let earlier = rules(&earlier);
    rules(&later).with_versions(&[&earlier]).unwrap()
}

const LADDER: &str = r#"
[[grade]]
id = "A"
from = 90
[[grade]]
id = "B"
from = 70
below = 90
[[grade]]
id = "C"
below = 70
"#;

/// Projects by area and by households, means, groups with caps, vetoes, overrides that set the score, renormalisation,
/// repetition, rectification.
fn made_up() -> Vec<String> {
    let projects = r#"
[[component]]
id = "site"
level = "project"
average = "area"
base = 100
floor = 20
weight = 0.55
missing = "renormalise"
[[component]]
id = "survey"
combine = "mean"
cap = 97
weight = 0.35
missing = "renormalise"
[[component]]
id = "last"
combine = "last"
weight = 0.1
missing = { default = 33.3 }
[[item]]
id = "S1"
component = "site"
clause = "第一条"
title = "公示不全"
points = -3.3
cap = -10
valid_for = "12 months"
same_matter = "highest"
rectified = { multiply = 0.5 }
[[item]]
id = "S2"
component = "site"
clause = "第二条"
title = "设施失修"
points = { min = -40, max = -5, suggested = -10 }
repeat = { within = "6 months", multiply = [1, 1.5, 2] }
valid_for = "until_rectified"
[[item]]
id = "S3"
component = "site"
clause = "第三条"
title = "拒不整改"
points = -7
veto = "C"
valid_for = "18 months"
[[item]]
id = "V1"
component = "survey"
clause = "第四条"
title = "满意度"
points = { value = "value" }
valid_for = "12 months"
[[item]]
id = "L1"
component = "last"
clause = "第五条"
title = "自查得分"
points = { value = "value" }
valid_for = "9 months"
[[group]]
id = "sites"
title = "现场"
items = ["S1", "S2"]
cap = -30
[[override]]
id = "O1"
clause = "第六条"
title = "屡次失修"
when = "count('S2', '12 months') >= 3"
score = 41.5
[[list]]
id = "watch"
title = "重点关注"
class = "watch"
clause = "第七条"
when = "grade == 'C'"
"#;
    let demerit = r#"
[[component]]
id = "site"
level = "project"
average = "households"
assessed_only = true
combine = "max"
weight = 0.5
[[component]]
id = "deeds"
weight = 1
[[component]]
id = "worst"
combine = "min"
base = 1
weight = 0.25
[[item]]
id = "S1"
component = "site"
clause = "第一条"
title = "现场扣分"
points = { by = "level", city = 4, county = 2.5 }
valid_for = "12 months"
[[item]]
id = "D1"
component = "deeds"
clause = "第二条"
title = "投诉"
points = 0.7
times = "people"
per_record_cap = 5
cap = 9
valid_for = "10 months"
[[item]]
id = "D2"
component = "deeds"
clause = "第三条"
title = "处罚"
points = 6
valid_for = "12 months"
rectified = { multiply = 0 }
[[item]]
id = "D3"
component = "deeds"
clause = "第四条"
title = "表彰"
points = -2
valid_for = "12 months"
[[item]]
id = "W1"
component = "worst"
clause = "第五条"
title = "最低一次"
points = { by = "people", bands = [{ below = 5, points = 1 }, { from = 5, below = 15, points = 2.25 }] }
valid_for = "12 months"
[[group]]
id = "deeds_group"
title = "行为"
items = ["D1", "D2"]
combine = "highest"
[[grade]]
id = "A"
to = 3
[[grade]]
id = "B"
above = 3
to = 8.5
[[grade]]
id = "C"
above = 8.5
[[override]]
id = "O1"
clause = "第六条"
title = "逾期未整改"
when = "unrectified('D2', '2 months')"
drop = 1
[[not_rated]]
title = "项目不足"
clause = "第七条"
when = "subject.projects < 1"
"#;
    vec![
        small(
            "kind = \"open\"",
            "base = 0\nmin = 0\nmax = 100\ndecimals = 2\nrounding = \"half_even\"",
            &format!("{projects}{LADDER}"),
        ),
        small(
            "kind = \"rolling\"\nmonths = 14",
            "base = 1.25\ndirection = \"demerit\"\ndecimals = 1\nrounding = \"half_up\"\ndisputed = \"suspended\"",
            demerit,
        ),
    ]
}

/// What happened to company 1.
#[derive(Debug)]
pub(in crate::rules) struct Life {
    pub companies: Vec<Company>,
    pub contracts: Vec<Contract>,
    pub records: Vec<Record>,
}

impl Life {
    pub fn random(rules: &RuleSet, seed: u64, most: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut own = company(1);
        own.registered_on = rng.random_bool(0.5).then(|| day("2021-05-31"));
        let contracts = (1..=rng.random_range(0..=3))
            .map(|n: u32| Contract {
                households: Some(rng.random_range(1..900)),
                contract_value: Some(Decimal::from(rng.random_range(1..90_000))),
                until: rng
                    .random_bool(0.3)
                    .then(|| day("2025-03-01").plus_days(n * 40)),
                ..contract(
                    &format!("P{n}"),
                    1,
                    Some(&format!("{}.{}", rng.random_range(1..9999), n)),
                )
            })
            .collect::<Vec<_>>();
        let mut records = Vec::new();
        for n in 0..rng.random_range(0..=most) {
            if let Some(item) = rules.items().choose(&mut rng) {
                records.extend(random_record(rules, item, n, &contracts, &mut rng));
            }
        }
        Self {
            companies: vec![own],
            contracts,
            records,
        }
    }

    pub fn facts(&self) -> Facts<'_> {
        Facts {
            companies: &self.companies,
            contracts: &self.contracts,
            contracts_known: true,
            records: &self.records,
            ..Facts::default()
        }
    }
}

fn random_record(
    rules: &RuleSet,
    item: &Item,
    n: usize,
    contracts: &[Contract],
    rng: &mut ChaCha8Rng,
) -> Option<Record> {
    let per_project = rules.components()[item.component].per_project();
    let project = contracts.choose(rng).map(|one| one.project.clone());
    if per_project && project.is_none() {
        return None;
    }
    let date = day("2024-01-01").plus_days(rng.random_range(0..700));
    let statuses = [
        RecordStatus::Confirmed,
        RecordStatus::Confirmed,
        RecordStatus::Confirmed,
        RecordStatus::Disputed,
        RecordStatus::Revoked,
    ];
    let status = *statuses.choose(rng)?;
    let mut record = record(&format!("r{n:03}"), &item.id, &date.to_string());
    record.occurred_on = Some(date);
    record.entered_on = Some(date);
    record.published_on = Some(date);
    record.kind = item.kinds.first().copied();
    record.project = project.filter(|_| per_project || rng.random_bool(0.3));
    record.matter = rng
        .random_bool(0.4)
        .then(|| format!("M{}", rng.random_range(0..3)));
    record.rectified_on = rng
        .random_bool(0.3)
        .then(|| date.plus_days(rng.random_range(0..200)));
    record.status = status;
    if let PointsForm::Chosen { min, max, .. } = &item.points {
        record.points = Some(Points::new(if rng.random_bool(0.5) { *min } else { *max }).unwrap());
        record.reason = Some("示例".to_owned());
    }
    for attribute in rules.attributes() {
        let value = match &attribute.kind {
            AttributeType::Choice(values) => AttributeValue::Choice(values.choose(rng)?.clone()),
            AttributeType::Integer => AttributeValue::Integer(rng.random_range(0..25)),
            AttributeType::Decimal | AttributeType::Percent => {
                AttributeValue::Decimal(Decimal::new(rng.random_range(0..10_000), 2))
            }
            AttributeType::Boolean => AttributeValue::Boolean(rng.random_bool(0.5)),
            AttributeType::Day => AttributeValue::Day(date),
            AttributeType::Text => AttributeValue::Text("示例".to_owned()),
        };
        record.attributes.insert(attribute.name.clone(), value);
    }
    Some(record)
}
