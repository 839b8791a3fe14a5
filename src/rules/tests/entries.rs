//! Values that can be written and cannot be meant: shares beyond one without a sign, grades that no period can have had.

use super::*;
use crate::rules::{Code, PastGrade};

fn source(case: &str) -> String {
    let body = format!(
        r#"
[[component]]
id = "bad"
[[item]]
id = "B1"
component = "bad"
clause = "一"
title = "甲"
points = -1
when = "rate >= 50%"
[[grade]]
id = "A"
from = 60
[[grade]]
id = "B"
[[not_rated]]
title = "成立不满一年"
clause = "二"
when = "subject.age_months < 12"
[[list]]
id = "watch"
title = "重点关注"
class = "watch"
clause = "三"
when = "previous_grade(1) == 'B'"
[[case]]
title = "例"
as_of = 2026-06-30
{case}
"#
    );
    small("kind = \"calendar_year\"", "base = 100", &body)
}

/// Code, message, help and the text underlined.
fn found(case: &str) -> Vec<(Code, String, String, String)> {
    let source = source(case);
    let found = RuleSet::load("test.toml", &source).err();
    (found.unwrap_or_default().into_iter())
        .filter(|one| one.severity == crate::rules::Severity::Error)
        .map(|one| {
            let under = source[one.span.0..one.span.1].to_owned();
            (one.code, one.message, one.help, under)
        })
        .collect()
}

#[test]
fn a_share_beyond_one_needs_its_sign() {
    let case = |rate: &str| {
        format!(
            "records = [{{ item = \"B1\", decided_on = 2026-03-01, rate = {rate} }}]\nexpect = {{ score = 99 }}"
        )
    };
    for rate in ["\"75%\"", "\"150%\"", "0.75", "1", "\"0.75\""] {
        assert_eq!(found(&case(rate)), [], "{rate}");
        assert!(rules(&source(&case(rate))).run_cases()[0].passed, "{rate}");
    }
    let told = found(&case("75"));
    assert_eq!(told.len(), 1, "{told:?}");
    let (code, message, help, under) = &told[0];
    assert_eq!((*code, under.as_str()), (Code::R008, "75"));
    assert!(
        message.ends_with(
            "的 rate：「75」没有百分号，会当作 75 倍；百分比请写成 75%，或写 0 到 1 的小数"
        ),
        "{message}"
    );
    assert_eq!(help, "如 \"75%\" 或 0.75");
    assert_eq!(found(&case("\"75\""))[0].0, Code::R013);
    assert_eq!(found(&case("-1.5"))[0].0, Code::R008);
}

#[test]
fn an_earlier_period_has_a_grade_of_the_ladder_or_a_reason_for_none() {
    let case = |grade: &str| {
        format!(
            "history = [{{ period_end = 2025-12-31, grade = \"{grade}\" }}]\nexpect = {{ score = 100 }}"
        )
    };
    for grade in ["A", "B", "成立不满一年", "未评级"] {
        assert_eq!(found(&case(grade)), [], "{grade}");
    }
    let told = found(&case("成立不满1年"));
    assert_eq!(
        told,
        [(
            Code::R030,
            "没有等级「成立不满1年」".to_owned(),
            "是否应为「成立不满一年」？".to_owned(),
            "\"成立不满1年\"".to_owned()
        )]
    );
}

#[test]
fn files_of_earlier_grades_are_held_to_the_same_names() {
    let rules = rules(&source("expect = { score = 100 }"));
    let past = |grade: &str| PastGrade {
        subject: uscc(1).to_string(),
        period_end: day("2025-12-31"),
        grade: grade.to_owned(),
    };
    assert_eq!(rules.check_past(&past("成立不满一年")), None);
    let fault = rules.check_past(&past("AAA")).unwrap();
    assert_eq!((fault.code, fault.column.as_str()), ("D023", "grade"));
    assert_eq!(fault.what, "规则里没有等级「AAA」");
    assert_eq!(fault.fix, "可用的有：A、B、成立不满一年、未评级");
}
