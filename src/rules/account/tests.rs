//! The rows add up to the score, to the byte.

use proptest::prelude::*;

use super::*;
use crate::{
    city::{self, Size, Town},
    domain::Day,
    rules::{
        Facts, RuleSet, Score, score,
        tests::{
            With, contract, day, dec, one,
            random::{Life, every_rule_set},
            record, rules, small,
        },
    },
};

/// Adds the rows of every section up by what each says it does, and compares every figure with the one printed.
fn add_up(account: &Account) {
    for section in account.sections.iter().chain([&account.total]) {
        let mut running = Decimal::ZERO;
        for row in &section.rows {
            running = match row.op {
                Op::Add { amount } => running + amount,
                Op::AddProduct { value, weight } => running + value * weight,
                Op::Multiply { by } => running * by,
                Op::Divide { by } => running / by,
                Op::AtMost { bound } if running > bound => bound,
                Op::AtLeast { bound } if running < bound => bound,
                Op::AtMost { .. } | Op::AtLeast { .. } => panic!("a bound that does nothing"),
                Op::Round { .. } => row.op.apply(running).unwrap(),
                Op::Set { to } => to,
                Op::Note { .. } => running,
            };
            assert_eq!(row.running, running, "{} {}", section.title, row.label);
            if let (Some(from), Op::Add { amount } | Op::Note { value: amount }) =
                (&row.factored, row.op)
            {
                let product = from.by.iter().fold(from.points, |value, by| value * by);
                assert_eq!(product, amount, "{}", row.label);
            }
        }
        if let Some(subtotal) = section.subtotal {
            assert_eq!(subtotal, running, "{}", section.title);
        }
    }
    // What the total adds are the subtotals above it.
    for (row, section) in account
        .total
        .rows
        .iter()
        .filter(|row| row.kind == RowKind::Component)
        .zip(account.sections.iter().filter(|one| one.project.is_none()))
    {
        let value = match row.op {
            Op::Add { amount } => amount,
            Op::AddProduct { value, .. } => value,
            _ => panic!("{row:?}"),
        };
        assert_eq!(section.subtotal.unwrap_or_default(), value);
    }
    let total = account.total.subtotal.unwrap();
    assert_eq!(total.to_string(), account.score.to_string());
}

/// Every record is a row of a section or stands among those that do not count.
fn everybody_is_there(account: &Account, score: &Score) {
    let mut told: Vec<&str> = account
        .sections
        .iter()
        .flat_map(|section| &section.rows)
        .filter_map(|row| row.record.as_deref())
        .chain(account.uncounted.iter().map(|one| one.record.as_str()))
        .collect();
    told.sort_unstable();
    let mut given: Vec<&str> = (score.lines.iter().flatten())
        .filter_map(|line| line.record.as_deref())
        .collect();
    given.sort_unstable();
    assert_eq!(told, given);
}

fn checked(rules: &RuleSet, facts: &Facts<'_>, as_of: Day) -> Vec<Account> {
    let Ok(scores) = score(rules, facts, as_of) else {
        return Vec::new();
    };
    scores
        .iter()
        .map(|score| {
            let account = Account::of(rules, score)
                .unwrap_or_else(|fault| panic!("{}: {fault}\n{score:#?}", rules.id()));
            add_up(&account);
            everybody_is_there(&account, score);
            account
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn rows_add_up_to_the_score_under_every_rule_set(seed in any::<u64>(), days in 0_u32..900) {
        let as_of = day("2024-01-01").plus_days(days);
        for rules in sets() {
            checked(rules, &Life::random(rules, seed, 40).facts(), as_of);
        }
    }
}

/// Loaded once.
fn sets() -> &'static [RuleSet] {
    static SETS: std::sync::OnceLock<Vec<RuleSet>> = std::sync::OnceLock::new();
    SETS.get_or_init(every_rule_set)
}

#[test]
fn the_random_facts_can_mostly_be_scored() {
    for rules in sets() {
        let scored = (0..60)
            .filter(|seed| {
                let life = Life::random(rules, *seed, 40);
                score(rules, &life.facts(), day("2025-06-30")).is_ok()
            })
            .count();
        assert!(scored >= 40, "{}: {scored} of 60", rules.id());
    }
}

#[test]
fn the_whole_synthetic_city_adds_up() {
    let rules = &sets()[0];
    let town = Town::new(
        city::DEMO_SEED,
        Size {
            companies: 12,
            projects: 60,
            records: 4000,
        },
    );
    let companies: Vec<_> = town.companies().cloned().collect();
    let contracts: Vec<_> = town.contracts().cloned().collect();
    let records: Vec<_> = town.records().collect();
    let facts = Facts {
        companies: &companies,
        contracts: &contracts,
        contracts_known: true,
        records: &records,
        ..Facts::default()
    };
    for as_of in ["2024-02-29", "2025-06-30", "2026-07-01"] {
        let accounts = checked(rules, &facts, day(as_of));
        assert_eq!(accounts.len(), companies.len());
    }
}

fn shown(section: &Section) -> String {
    let rows = section.rows.iter().map(|row| {
        let did = match row.op {
            Op::Add { amount } => format!("{amount:+}"),
            Op::AddProduct { value, weight } => format!("+{} x {}", value.normalize(), weight),
            Op::Multiply { by } => format!("x {by}"),
            Op::Divide { by } => format!("/ {by}"),
            Op::AtMost { bound } => format!("<= {bound}"),
            Op::AtLeast { bound } => format!(">= {bound}"),
            Op::Round { decimals, .. } => format!("round {decimals}"),
            Op::Set { to } => format!("= {to}"),
            Op::Note { value } => format!("({value})"),
        };
        format!("  {} {did} -> {}\n", row.label, row.running.normalize())
    });
    let project = section.project.as_deref().unwrap_or_default();
    format!("{} {project}\n{}", section.title, rows.collect::<String>())
}

#[test]
fn caps_groups_projects_weights_and_rounding_are_rows_of_their_own() {
    let rules = rules(&small(
        "kind = \"open\"",
        "decimals = 1\nrounding = \"half_up\"\nmax = 100",
        r#"
[[component]]
id = "site"
title = "项目得分"
level = "project"
average = "area"
base = 100
weight = 0.6
[[component]]
id = "good"
title = "优良信息"
weight = 1
cap = 4
[[item]]
id = "S1"
component = "site"
clause = "第一条"
title = "公示不全"
points = -3
cap = -5
valid_for = "12 months"
[[item]]
id = "G1"
component = "good"
clause = "第二条"
title = "市级表彰"
points = 3
valid_for = "12 months"
[[item]]
id = "G2"
component = "good"
clause = "第三条"
title = "县级表彰"
points = 2
valid_for = "12 months"
[[item]]
id = "G3"
component = "good"
clause = "第四条"
title = "志愿服务"
points = 1.5
valid_for = "12 months"
[[group]]
id = "honours"
title = "表彰"
items = ["G1", "G2"]
combine = "highest"
"#,
    ));
    let on = |id: &str, item: &str, project: Option<&str>| {
        let mut one = record(id, item, "2026-03-01");
        one.project = project.map(str::to_owned);
        one
    };
    let records = [
        on("a", "S1", Some("P1")),
        on("b", "S1", Some("P1")),
        on("c", "G1", None),
        on("d", "G2", None),
        on("e", "G3", None),
        on("f", "G3", None).with(|one| one.decided_on = Some(day("2024-01-01"))),
    ];
    let contracts = [
        contract("P1", 1, Some("2000")),
        contract("P2", 1, Some("1000")),
    ];
    let score = one(&rules, &records, &contracts, "2026-06-30");
    let account = Account::of(&rules, &score).unwrap();
    add_up(&account);
    let text: String = account
        .sections
        .iter()
        .chain([&account.total])
        .map(shown)
        .collect();
    insta::assert_snapshot!(text, @r"
    项目得分 P1
      基础分 +100 -> 100
      公示不全 -3 -> 97
      公示不全 -3 -> 94
      「公示不全」封顶 -5 +1 -> 95
    项目得分 
      项目 P1 +95 x 2000 -> 190000
      项目 P2 +100 x 1000 -> 290000
      除以面积合计 / 3000 -> 96.66666666666666666666666667
    优良信息 
      市级表彰 +3 -> 3
      县级表彰 +2 -> 5
      志愿服务 +1.5 -> 6.5
      「表彰」同组只计最高一项 -2 -> 4.5
      分项封顶 <= 4 -> 4
    总分 
      项目得分 +96.66666666666666666666666667 x 0.6 -> 58.000000000000000000000000002
      优良信息 +4 -> 62.000000000000000000000000002
      取整 round 1 -> 62
    ");
    assert_eq!(account.uncounted.len(), 1);
    // By an explanation that does not lead there it is refused and not made up.
    let mut other = score.clone();
    for line in other.lines.iter_mut().flatten() {
        line.weight = None;
    }
    assert_eq!(
        Account::of(&rules, &other),
        Err(AccountFault::NoWeight("P1".to_owned()))
    );
    let mut other = score.clone();
    other.score = dec("12.3");
    assert!(matches!(
        Account::of(&rules, &other),
        Err(AccountFault::Differs { .. })
    ));
    other.lines = None;
    assert_eq!(Account::of(&rules, &other), Err(AccountFault::NoLines));
}
