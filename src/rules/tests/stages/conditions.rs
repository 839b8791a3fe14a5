//! What conditions read, and the faults of records.

use super::*;
use crate::rules::{OnList, PastGrade};

#[test]
fn functions_look_back_by_span_and_by_earlier_periods() {
    let list = |when: &str| {
        rules(&small(
            "kind = \"calendar_year\"",
            "base = 100",
            &(component("")
                + &item("points = -11")
                + LADDER
                + &format!(
                    "[[list]]\nid = \"black\"\ntitle = \"黑名单\"\nclass = \"watch\"\nclause = \"第8条\"\nwhen = \"{when}\"\n"
                )),
        ))
    };
    let dates = ["2022-03-01", "2022-04-01", "2023-12-31", "2024-01-15"];
    let records: Vec<Record> = dates
        .iter()
        .enumerate()
        .map(|(n, date)| record(&format!("r{n}"), "B1", date))
        .collect();
    let table = [
        ("count('B1') == 1", true),
        ("count('B1', '1 month') == 2", true),
        ("count('B1', '1 month') == 1", false),
        ("points('bad', '2 months') == -22", true),
        ("has('bad', '10 days')", false),
        ("unrectified('B1', '6 months')", true),
        ("unrectified('B1', '30 years')", false),
        ("previous_grade(1) == 'B'", true),
        ("previous_grade(2) == 'C'", true),
        ("previous_grade(3) == 'A'", true),
        ("consecutive(grade <= 'B', 2)", true),
        ("consecutive(grade <= 'B', 3)", false),
        ("consecutive(grade >= 'B', 2)", false),
        ("years_without('B1') == 0", true),
        ("on_list('black')", false),
        ("grade < 'A' and not (score >= 90)", true),
        ("bad + 11 == 0 and score / 2 == 44.5", true),
    ];
    for (when, expected) in table {
        let found = one(&list(when), &records, &[], "2024-01-31");
        assert_eq!(!found.lists.is_empty(), expected, "{when}");
    }
    // What the caller gives goes before what would be computed.
    let subject = uscc(1).to_string();
    let history = [PastGrade {
        subject: subject.clone(),
        period_end: day("2023-12-31"),
        grade: "D".into(),
    }];
    let on_lists = [OnList {
        subject,
        list: "black".into(),
    }];
    let facts = Facts {
        records: &records,
        history: &history,
        on_lists: &on_lists,
        ..Facts::default()
    };
    for when in [
        "previous_grade(1) == 'D' and previous_grade(2) == 'C'",
        "on_list('black')",
    ] {
        let found = score(&list(when), &facts, day("2024-01-31")).unwrap();
        assert_eq!(found[0].lists, ["black"], "{when}");
    }
}

#[test]
fn years_without_grow_after_the_anniversary() {
    let rules = rules(&small(
        "kind = \"calendar_year\"",
        "base = 100",
        &(component("")
            + &item("points = -11")
            + LADDER
            + "[[list]]\nid = \"red\"\ntitle = \"红名单\"\nclass = \"red\"\nclause = \"第8条\"\nwhen = \"years_without('bad') >= 3\"\n"),
    ));
    let records = [record("r1", "B1", "2021-05-05")];
    let before = one(&rules, &records, &[], "2024-05-05");
    assert_eq!(
        (before.lists.len(), before.next_change_on),
        (0, Some(day("2024-05-06")))
    );
    assert_eq!(one(&rules, &records, &[], "2024-05-06").lists, ["red"]);
}

#[test]
fn a_missing_attribute_makes_its_comparison_false_and_is_named() {
    let rules = bad("points = -2\nwhen = \"people >= 10\"");
    let found = one(
        &rules,
        &[record("r1", "B1", "2024-01-01")],
        &[],
        "2024-02-01",
    );
    assert_eq!(why(&found, "r1").unwrap(), "条件不成立，缺少字段 people");
    let negated = bad("points = -2\nwhen = \"not (people >= 10)\"");
    assert_eq!(
        one(
            &negated,
            &[record("r1", "B1", "2024-01-01")],
            &[],
            "2024-02-01"
        )
        .score,
        dec("98")
    );
    let share = bad(
        "points = -2\nwhen = \"project.households > 0 and people / project.households >= 10%\"",
    );
    let mut managed = contract("P1", 1, None);
    managed.households = Some(200);
    for (people, expected) in [(19, "100"), (20, "98")] {
        let records = [record("r1", "B1", "2024-01-01").with(|r| {
            r.project = Some("P1".into());
            attr(r, "people", AttributeValue::Integer(people));
        })];
        assert_eq!(
            one(
                &share,
                &records,
                std::slice::from_ref(&managed),
                "2024-02-01"
            )
            .score,
            dec(expected),
            "{people}"
        );
    }
}

#[test]
fn faults_of_records_are_named_by_column() {
    let rules = bad("points = { min = -5, max = -1 }\nkinds = [\"penalty\"]");
    let codes = |change: &dyn Fn(&mut Record)| -> Vec<(String, &'static str)> {
        let record = record("r1", "B1", "2024-01-01").with(|r| {
            r.points = points("-2");
            r.reason = Some("示例".into());
            change(r);
        });
        rules
            .check_record(&record)
            .into_iter()
            .map(|fault| (fault.column, fault.code))
            .collect()
    };
    type Change = Box<dyn Fn(&mut Record)>;
    let table: Vec<(Change, &str, &str)> = vec![
        (Box::new(|r| r.item = "B9".into()), "item", "D001"),
        (
            Box::new(|r| r.kind = Some(crate::domain::RecordKind::Honour)),
            "kind",
            "D002",
        ),
        (Box::new(|r| r.decided_on = None), "decided_on", "D003"),
        (Box::new(|r| r.points = None), "points", "D004"),
        (Box::new(|r| r.points = points("-6")), "points", "D005"),
        (Box::new(|r| r.reason = Some(" ".into())), "reason", "D006"),
        (
            Box::new(|r| attr(r, "colour", AttributeValue::Integer(1))),
            "colour",
            "D008",
        ),
        (
            Box::new(|r| attr(r, "level", AttributeValue::Choice("town".into()))),
            "level",
            "D009",
        ),
        (Box::new(|r| r.company = None), "company", "D011"),
        (
            Box::new(|r| {
                r.occurred_on = Some(day("2024-01-01"));
                r.rectified_on = Some(day("2023-12-31"));
            }),
            "rectified_on",
            "D012",
        ),
    ];
    assert_eq!(codes(&|_| ()), []);
    for (change, column, code) in table {
        assert_eq!(codes(&*change), [(column.to_owned(), code)]);
    }
    let fixed = bad("points = -2\ntimes = \"people\"");
    let found =
        fixed.check_record(&record("r1", "B1", "2024-01-01").with(|r| r.points = points("-2")));
    let codes: Vec<_> = found.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["D007", "D010"]);
}

#[test]
fn of_many_rows_the_places_of_those_that_are_not_fit_are_told_in_order() {
    let rules = bad("points = -2");
    let rows: Vec<(u64, Record)> = (0..5_000)
        .map(|row| {
            let item = if row % 700 == 3 { "B9" } else { "B1" };
            (row, record(&format!("r{row}"), item, "2024-01-01"))
        })
        .collect();
    let expected: Vec<usize> = (3..5_000).step_by(700).collect();
    assert_eq!(rules.unfit(&rows, |(_, record)| record), expected);
    assert_eq!(rules.unfit(&rows[4..], |(_, record)| record)[0], 699);
}
