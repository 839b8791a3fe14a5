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
