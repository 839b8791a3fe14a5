//! A version and the one before it, from files that do not end and begin on each other's days yet.

use super::*;

/// 2 points for 12 months, then from 2027 on 5 points for 6 months.
fn version(id: &str, range: &str, points: &str, valid_for: &str) -> RuleSet {
    let body = format!(
        r#"
[[component]]
id = "bad"
[[item]]
id = "B1"
component = "bad"
clause = "一"
title = "甲"
points = {points}
valid_for = "{valid_for}"
"#
    );
    rules(&small("kind = \"open\"", "base = 100", &body).replace(
        "id = \"test\"\ntitle = \"示例办法\"\nverified = true\neffective_from = 2020-01-01",
        &format!(
            "id = \"{id}\"\npolicy = \"p\"\nold_records = \"own_date\"\ntitle = \"示例办法\"\n{range}"
        ),
    ))
}

#[test]
fn a_new_version_judges_old_records_by_the_one_it_follows_though_that_has_no_last_day() {
    let old = version("old", "effective_from = 2020-01-01", "-2", "12 months");
    let new = version("new", "effective_from = 2027-01-01", "-5", "6 months");
    let records = [
        record("r1", "B1", "2026-12-01"),
        record("r2", "B1", "2027-01-01"),
    ];
    let on = |rules: &RuleSet, day: &str| one(rules, &records, &[], day).score.to_string();
    let both = [&old, &new];
    let judge = new.clone().succeeding(&both).unwrap();
    assert_eq!(on(&judge, "2027-06-30"), "93.00");
    // The second is over after 2027-07-01, the first, by the older version, after 2027-12-01.
    assert_eq!(on(&judge, "2027-07-02"), "98.00");
    assert_eq!(on(&judge, "2027-12-02"), "100.00");
    // What comes later judges nothing before it: the old rules alone.
    let before = old.clone().succeeding(&both).unwrap();
    assert_eq!(on(&before, "2027-06-30"), "96.00");
    // The same days: a draft of the same version stands alone.
    let draft = version("draft", "effective_from = 2027-01-01", "-7", "6 months");
    let alone = draft.clone().succeeding(&[&draft, &new]).unwrap();
    assert!(
        alone
            .check_record(&records[0])
            .iter()
            .any(|fault| fault.code == "D022")
    );
}
