//! The rule sets that are shipped in `rules/`: each loads, passes its worked cases, covers its items, and stands on the
//! page of examples in both languages.
#![cfg(test)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use rust_decimal::Decimal;
use wuxin::{
    domain::{Company, CompanyStatus, Contract, Day, Record, RecordStatus, Uscc},
    rules::{Code, Facts, RuleSet, Score, check_versions, score},
};

/// Not a rule set: the types of list.
const OTHERS: [&str; 3] = ["complaints", "deadlines", "lists"];
const PAGES: [&str; 2] = ["docs/policies.md", "docs/policies.zh-CN.md"];

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

/// The names of the files in `rules/`, without the ending.
fn shipped() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| !OTHERS.contains(&name.as_str()))
        .collect();
    names.sort();
    assert!(names.len() >= 17, "{names:?}");
    names
}

fn load(name: &str) -> RuleSet {
    let path = format!("rules/{name}.toml");
    let text = read(&path);
    let loaded = RuleSet::load(&path, &text).unwrap_or_else(|found| {
        let told: String = found.iter().map(|one| one.render(&text)).collect();
        panic!("{told}")
    });
    // Nobody has compared them with the official text: that, and nothing else, is to be said about each.
    let told: Vec<_> = loaded.warnings.iter().map(|one| one.code).collect();
    assert_eq!(told, [Code::R042], "{path}: {:?}", loaded.warnings);
    loaded.ruleset
}

#[test]
fn every_rule_set_loads_and_its_cases_pass() {
    for name in shipped() {
        let rules = load(&name);
        assert_eq!(rules.id(), name);
        assert!(!rules.verified(), "{name}");
        for (key, said) in [
            ("authority", rules.authority()),
            ("document", rules.document()),
            ("source", rules.source()),
        ] {
            assert!(!said.is_empty(), "{name} has no {key}");
        }
        let text = read(&format!("rules/{name}.toml"));
        let failed: String = rules
            .case_diagnostics()
            .iter()
            .map(|one| one.render(&text))
            .collect();
        assert!(failed.is_empty(), "{failed}");
        assert!(rules.cases().len() >= 8, "{name}: few cases");
    }
}

#[test]
fn no_two_are_versions_of_one_policy_on_the_same_day() {
    let loaded: Vec<RuleSet> = shipped().iter().map(|name| load(name)).collect();
    let all: Vec<&RuleSet> = loaded.iter().collect();
    let found: Vec<_> = check_versions(&all, None)
        .into_iter()
        .filter(|one| [Code::R031, Code::R036].contains(&one.code))
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn every_rule_set_has_its_row_in_both_languages() {
    let expected: BTreeSet<String> = shipped().into_iter().collect();
    for page in PAGES {
        let rows: Vec<(String, String)> = read(page)
            .lines()
            .filter_map(|line| {
                let rest = line.strip_prefix("| [`")?;
                let (name, row) = rest.split_once("`](../rules/")?;
                Some((name.to_owned(), row.to_owned()))
            })
            .collect();
        let named: BTreeSet<String> = rows.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(named, expected, "{page}");
        assert_eq!(rows.len(), named.len(), "{page} names one twice");
        for (name, row) in rows {
            assert!(row.starts_with(&format!("{name}.toml) |")), "{page}: {row}");
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            assert!(
                cells[1..cells.len() - 1]
                    .iter()
                    .all(|cell| !cell.is_empty()),
                "{page}: {row}"
            );
        }
    }
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn uscc(number: usize) -> Uscc {
    Uscc::complete(&format!("91512002EXA{number:06}")).unwrap()
}

fn company(number: usize) -> Company {
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

fn contract(number: usize) -> Contract {
    Contract {
        project: format!("P{number}"),
        name: format!("示例{number}号小区"),
        company: uscc(number),
        region: None,
        area: Some(Decimal::from(10_000)),
        households: None,
        from: None,
        until: None,
        contract_value: None,
        service_grade: None,
    }
}

fn blocked_exit(number: usize, nth: usize) -> Record {
    Record {
        id: format!("r{number}-{nth}"),
        item: "BJP-01".to_owned(),
        kind: None,
        company: Some(uscc(number)),
        project: Some(format!("P{number}")),
        manager: None,
        body: None,
        occurred_on: None,
        decided_on: Some(day("2026-03-01")),
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

/// What no `[[case]]` can hold, because a case is one subject: grades by proportion of the ranking. Ten companies, the
/// second and third equal, and an eleventh without a project, which is not rated and takes no place.
#[test]
fn beijing_grades_by_proportion_of_the_rated() {
    let rules = load("beijing-2026");
    let companies: Vec<Company> = (1..=11).map(company).collect();
    let contracts: Vec<Contract> = (1..=10).map(contract).collect();
    let blocked = [0, 1, 1, 2, 3, 4, 5, 6, 7, 8];
    let records: Vec<Record> = (1..=10)
        .flat_map(|number| (0..blocked[number - 1]).map(move |nth| blocked_exit(number, nth)))
        .collect();
    let facts = Facts {
        companies: &companies,
        contracts: &contracts,
        contracts_known: true,
        records: &records,
        ..Facts::default()
    };
    let found = score(&rules, &facts, day("2026-06-30")).unwrap();
    let of = |number: usize| -> &Score {
        found
            .iter()
            .find(|one| one.subject == uscc(number).as_str())
            .unwrap()
    };
    let shown: Vec<(String, &str)> = (1..=10)
        .map(|number| {
            (
                of(number).score.to_string(),
                of(number).grade.as_deref().unwrap(),
            )
        })
        .collect();
    // ((100 - 8 n) x 0.6 + 90 x 0.3) / 0.9. Of ten: 20% are 2 places, 60% are 6, 90% are 9; equals share the better.
    let expected = [
        ("96.67", "A"),
        ("91.33", "A"),
        ("91.33", "A"),
        ("86.00", "B"),
        ("80.67", "B"),
        ("75.33", "B"),
        ("70.00", "C"),
        ("64.67", "C"),
        ("59.33", "C"),
        ("54.00", "D"),
    ]
    .map(|(score, grade)| (score.to_owned(), grade));
    assert_eq!(shown, expected);
    assert_eq!(
        (of(11).rated, of(11).grade.as_deref()),
        (false, Some("未评级"))
    );
}
