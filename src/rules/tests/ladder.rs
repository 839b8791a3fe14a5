//! Holes of the ladder that the last grade takes without a word.

use super::*;
use crate::rules::{Code, Diagnostic};

fn holes(score: &str, ladder: &str) -> Vec<String> {
    let body = format!(
        r#"
[[component]]
id = "bad"
[[item]]
id = "B1"
component = "bad"
clause = "一"
title = "甲"
points = {{ value = "value" }}
{ladder}
"#
    );
    let source = small("kind = \"rolling\"\nmonths = 12", score, &body);
    let warnings: Vec<Diagnostic> = match RuleSet::load("test.toml", &source) {
        Ok(loaded) => loaded.warnings,
        Err(found) => panic!("{found:?}"),
    };
    (warnings.into_iter())
        .filter(|one| one.code == Code::R064)
        .map(|one| one.message)
        .collect()
}

fn grades(steps: &[(&str, &str)]) -> String {
    (steps.iter())
        .map(|(id, bounds)| format!("[[grade]]\nid = \"{id}\"\n{bounds}\n"))
        .collect()
}

#[test]
fn a_score_that_falls_through_to_the_last_grade_is_told() {
    let merit = "base = 100";
    let told = holes(
        merit,
        &grades(&[("A", "from = 80"), ("B", "from = 60\nto = 79"), ("C", "")]),
    );
    assert_eq!(
        told,
        ["得分 79.01 到 79.99 比「B」好，却不在任何一级的界限内，会落到没有界限的最后一级「C」"]
    );
    let none: [(&str, Vec<(&str, &str)>); 4] = [
        // Whole scores only.
        (
            "base = 100\ndecimals = 0",
            vec![("A", "from = 80"), ("B", "from = 60\nto = 79"), ("C", "")],
        ),
        (
            merit,
            vec![
                ("A", "from = 80"),
                ("B", "from = 60\nbelow = 80"),
                ("C", ""),
            ],
        ),
        // The best is bounded where no score can be better.
        (
            "base = 100\nmax = 100",
            vec![
                ("A", "from = 80\nto = 100"),
                ("B", "from = 60\nbelow = 80"),
                ("C", ""),
            ],
        ),
        // A condition that fails leaves a score to a later grade on purpose.
        (
            merit,
            vec![
                ("A", "from = 80"),
                ("B", "from = 60\nbelow = 80\nwhen = \"bad > -30\""),
                ("C", ""),
            ],
        ),
    ];
    for (score, steps) in none {
        assert_eq!(holes(score, &grades(&steps)), [""; 0], "{steps:?}");
    }
}

#[test]
fn a_score_above_the_best_grade_is_told_and_demerits_are_read_the_other_way() {
    let told = holes(
        "base = 100",
        &grades(&[
            ("A", "from = 80\nto = 100"),
            ("B", "from = 60\nbelow = 80"),
            ("C", ""),
        ]),
    );
    assert_eq!(
        told,
        ["得分 100.01 以上 比「A」好，却不在任何一级的界限内，会落到没有界限的最后一级「C」"]
    );
    let told = holes(
        "base = 0\ndirection = \"demerit\"\ndecimals = 1",
        &grades(&[("A", "to = 3"), ("B", "from = 4\nto = 6"), ("C", "")]),
    );
    assert_eq!(
        told,
        ["得分 3.1 到 3.9 比「B」好，却不在任何一级的界限内，会落到没有界限的最后一级「C」"]
    );
}
