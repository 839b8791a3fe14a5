use super::*;

const HEAD: &str = r#"
[ruleset]
id = "t"
title = "试"
authority = "某局"
document = "某文"
source = "某处"
verified = true
effective_from = 2024-01-01
subject = "company"
[period]
kind = "rolling"
months = 12
counts_from = "decided_on"
"#;

fn rules(body: &str) -> RuleSet {
    let source = format!("{HEAD}{body}");
    match RuleSet::load("t.toml", &source) {
        Ok(loaded) => loaded.ruleset,
        Err(found) => {
            let told: String = found.iter().map(|one| one.render(&source)).collect();
            panic!("{told}")
        }
    }
}

const ADDITIVE: &str = r#"
[score]
base = 100
min = 0
[[component]]
id = "bad"
title = "不良"
[[item]]
id = "A"
component = "bad"
clause = "一"
title = "甲"
points = -2
cap = -6
[[item]]
id = "B"
component = "bad"
clause = "二"
title = "乙"
points = { min = -5, max = -1 }
rectified = { multiply = 0.5 }
[[grade]]
id = "X"
from = 90
[[grade]]
id = "Y"
below = 90
"#;

#[test]
fn rules_that_only_add_have_no_perverse_effect() {
    let search = Search {
        seed: 1,
        rounds: 2000,
    };
    assert_eq!(probe(&rules(ADDITIVE), search).perverse, []);
}

#[test]
fn one_more_deduction_that_brings_in_a_good_component_is_found_and_made_small() {
    let rules = rules(
        r#"
[score]
base = 0
[[component]]
id = "district"
title = "区级"
base = 100
weight = 0.5
[[component]]
id = "street"
title = "街道"
base = 100
weight = 0.5
missing = "renormalise"
[[item]]
id = "D"
component = "district"
clause = "一"
title = "区级检查"
points = -40
[[item]]
id = "S"
component = "street"
clause = "二"
title = "街道检查"
points = -2
"#,
    );
    let found = probe(
        &rules,
        Search {
            seed: 1,
            rounds: 500,
        },
    )
    .perverse;
    let deduction: Vec<_> = (found.iter())
        .filter(|one| one.effect == Effect::DeductionHelps)
        .collect();
    assert_eq!(deduction.len(), 1, "{found:?}");
    assert_eq!(deduction[0].mechanism, Mechanism::Renormalise);
    assert_eq!(deduction[0].records.len(), 2, "{:?}", deduction[0]);
    assert_eq!(
        (deduction[0].before.as_str(), deduction[0].after.as_str()),
        ("60.00 分", "79.00 分")
    );
}

const CASES: &str = r#"
[[case]]
title = "各一条"
as_of = 2024-06-30
records = [
  { item = "A", decided_on = 2024-03-01 },
  { item = "A", decided_on = 2024-03-02 },
  { item = "A", decided_on = 2024-03-03 },
  { item = "A", decided_on = 2024-03-04 },
]
expect = { score = "94.00", grade = "X" }
"#;

#[test]
fn a_number_that_no_case_holds_is_told_with_its_place() {
    let alone = format!("{ADDITIVE}{CASES}");
    let found = probe(&rules(&alone), Search { seed: 1, rounds: 0 });
    let unnoticed: Vec<(&str, usize)> = (found.unnoticed.iter())
        .map(|one| (one.text.as_str(), one.changed_to.len()))
        .collect();
    // The base and the cap are held by the score; a fixed deduction of 2 is hidden by the cap unless it is too small.
    assert!(unnoticed.contains(&("min = 0", 2)), "{unnoticed:?}");
    assert!(unnoticed.contains(&("months = 12", 2)), "{unnoticed:?}");
    // The edge that two grades share moves on both: to 91, to 89, or from one side to the other.
    assert!(unnoticed.contains(&("from = 90", 3)), "{unnoticed:?}");
    assert!(!unnoticed.iter().any(|(text, _)| *text == "base = 100"));
    assert!(!unnoticed.iter().any(|(text, _)| *text == "cap = -6"));
    let months = (found.unnoticed.iter())
        .find(|one| one.text == "months = 12")
        .unwrap();
    assert_eq!(
        (months.line, months.column, months.changed_to.clone()),
        (13, 10, vec!["13".to_owned(), "11".to_owned()])
    );
    let more = format!(
        r#"{alone}
[[case]]
title = "第十三个月"
as_of = 2025-02-01
records = [{{ item = "A", decided_on = 2024-01-31 }}]
expect = {{ score = "100.00" }}
[[case]]
title = "第十二个月"
as_of = 2025-01-31
records = [{{ item = "A", decided_on = 2024-01-31 }}]
expect = {{ score = "98.00" }}
"#
    );
    let found = probe(&rules(&more), Search { seed: 1, rounds: 0 });
    assert!(!found.unnoticed.iter().any(|one| one.text == "months = 12"));
}

/// What is found beside the thresholds of the file; none of these is found without looking there.
fn found(body: &str, rounds: u32) -> Vec<Perverse> {
    let (rules, search) = (rules(body), Search { seed: 1, rounds });
    let blind = effects::perverse_near(&rules, &thresholds::Thresholds::default(), search);
    assert_eq!(blind, [], "found without looking beside thresholds");
    probe(&rules, search).perverse
}

/// A street that is left out without a record, and one item of it that counts only under a condition.
fn street(attribute: &str, when: &str) -> String {
    format!(
        r#"
[attribute.people]
{attribute}
[score]
base = 0
[[component]]
id = "district"
title = "区级"
base = 100
weight = 0.5
[[component]]
id = "street"
title = "街道"
base = 100
weight = 0.5
missing = "renormalise"
[[item]]
id = "D"
component = "district"
clause = "一"
title = "区级检查"
points = -40
[[item]]
id = "S"
component = "street"
clause = "二"
title = "街道检查"
points = -2
when = "{when}"
"#
    )
}

#[test]
fn effects_just_beside_a_number_of_a_condition_are_found() {
    let table = [
        (
            "type = \"integer\"",
            "people > 36 and people < 39",
            "people 38",
        ),
        (
            "type = \"decimal\"",
            "people > 7.2 and people <= 7.3",
            "people 7.3",
        ),
        (
            "type = \"percent\"",
            "people > 33% and people < 35%",
            "people 0.34",
        ),
        (
            "type = \"day\"",
            "people > '2023-05-05' and people < '2023-05-07'",
            "people 2023-05-06",
        ),
    ];
    for (attribute, when, shown) in table {
        let found = found(&street(attribute, when), 200);
        let deduction = (found.iter()).find(|one| one.effect == Effect::DeductionHelps);
        let last = deduction.and_then(|one| one.records.last());
        assert!(
            last.is_some_and(|last| last.contains("街道检查") && last.ends_with(shown)),
            "{when}: {found:?}"
        );
        assert_eq!(deduction.unwrap().mechanism, Mechanism::Renormalise);
    }
}

#[test]
fn more_records_than_usual_are_tried_where_a_count_asks_for_them() {
    let found = found(
        r#"
[score]
base = 100
[[component]]
id = "bad"
title = "不良"
[[item]]
id = "A"
component = "bad"
clause = "一"
title = "甲"
points = -6
[[grade]]
id = "X"
from = 90
[[grade]]
id = "Y"
below = 90
when = "count('A') >= 11"
[[grade]]
id = "Z"
"#,
        250,
    );
    let raised: Vec<_> = (found.iter())
        .filter(|one| one.effect == Effect::DeductionRaisesGrade)
        .collect();
    assert_eq!(raised.len(), 1, "{found:?}");
    assert_eq!(raised[0].records.len(), 11);
    assert!(raised[0].before.ends_with("Z") && raised[0].after.ends_with("Y"));
}

#[test]
fn a_ruling_without_points_that_lifts_a_grade_is_found_where_the_company_is_young() {
    let found = found(
        r#"
[score]
base = 100
[[component]]
id = "bad"
title = "不良"
[[item]]
id = "A"
component = "bad"
clause = "一"
title = "甲"
points = -45
[[item]]
id = "V"
component = "bad"
clause = "二"
title = "通报批评"
[[grade]]
id = "X"
from = 90
[[grade]]
id = "Y"
from = 60
below = 90
[[grade]]
id = "Z"
[[override]]
id = "O"
title = "新企业受通报批评的"
clause = "三"
when = "has('V') and subject.age_months < 7 and subject.projects >= 5"
grade = "Y"
"#,
        400,
    );
    let raised: Vec<_> = (found.iter())
        .filter(|one| one.effect == Effect::DeductionRaisesGrade)
        .collect();
    assert_eq!(raised.len(), 1, "{found:?}");
    assert_eq!(raised[0].mechanism, Mechanism::Condition);
    assert!(raised[0].records[1].contains("通报批评"));
    let situation = raised[0].situation.as_deref().unwrap();
    assert!(situation.contains("登记，管理"), "{situation}");
}

#[test]
fn a_score_is_brought_onto_a_bound_of_the_ladder() {
    // Between 71.3 and 71.4 the better word stands below the worse one.
    let found = found(
        r#"
[score]
base = 100
[[component]]
id = "bad"
title = "不良"
[[item]]
id = "A"
component = "bad"
clause = "一"
title = "甲"
points = { min = -40, max = -1 }
[[grade]]
id = "X"
from = 90
[[grade]]
id = "Y"
from = 71.3
to = 71.35
[[grade]]
id = "Z"
"#,
        200,
    );
    assert!(
        (found.iter()).any(|one| one.effect == Effect::DeductionRaisesGrade),
        "{found:?}"
    );
}
