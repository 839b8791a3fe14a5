//! What is told about a few records that can be followed by hand.

use super::{
    truth::{actions_are_true, timeline_is_true},
    *,
};
use crate::rules::tests::{With, company, contract, day, dec, record, rules, small, uscc};

/// Base 100; small deductions that half go when rectified, a veto for half a year, an honour.
fn plain() -> RuleSet {
    rules(&small(
        "kind = \"open\"",
        "base = 100",
        r#"
[[component]]
id = "bad"
[[component]]
id = "good"
[[item]]
id = "B1"
component = "bad"
clause = "第一条"
title = "公示不全"
points = -4
valid_for = "12 months"
rectified = { multiply = 0.5 }
[[item]]
id = "B2"
component = "bad"
clause = "第二条"
title = "投诉属实"
points = -3
valid_for = "6 months"
[[item]]
id = "V1"
component = "bad"
clause = "第三条"
title = "拒不整改"
points = 0
veto = "C"
valid_for = "6 months"
[[item]]
id = "G1"
component = "good"
clause = "第四条"
title = "表彰"
points = 2
valid_for = "3 months"
[[grade]]
id = "A"
from = 95
[[grade]]
id = "B"
from = 85
below = 95
[[grade]]
id = "C"
below = 85
"#,
    ))
}

fn plain_outlook(records: &[Record]) -> Outlook {
    let companies = [company(1)];
    let facts = Facts {
        companies: &companies,
        records,
        ..Facts::default()
    };
    let rules = plain();
    let outlook = of(&rules, &facts, uscc(1).as_str(), day("2026-06-30")).unwrap();
    timeline_is_true(&rules, &facts, &outlook, 500);
    actions_are_true(&rules, &facts, &outlook);
    outlook
}

fn told(way: &Way) -> Vec<(Deed, &str)> {
    let steps = way.steps.iter();
    steps
        .map(|step| (step.deed, step.cited.record.as_str()))
        .collect()
}

#[test]
fn a_grade_comes_back_by_itself_by_rectifying_or_by_an_objection() {
    // 100 - 4 - 4 - 3 = 89: B, six points from A.
    let outlook = plain_outlook(&[
        record("r1", "B1", "2026-05-10"),
        record("r2", "B1", "2026-05-11"),
        record("r3", "B2", "2026-01-15"),
    ]);
    assert_eq!(outlook.now.score, dec("89"));
    let next = &outlook.next_grade;
    let distance = next.distance.as_ref().unwrap();
    assert_eq!(
        (
            distance.grade.as_str(),
            distance.bound,
            distance.points,
            distance.inclusive
        ),
        ("A", dec("95"), dec("6"), true)
    );
    let days: Vec<(String, String)> = outlook
        .timeline
        .changes
        .iter()
        .map(|change| (change.on.to_string(), change.stand.score.to_string()))
        .collect();
    assert_eq!(
        days,
        [
            ("2026-07-16".to_owned(), "92.00".to_owned()),
            ("2027-05-11".to_owned(), "96.00".to_owned()),
            ("2027-05-12".to_owned(), "100.00".to_owned()),
        ]
    );
    let by_itself = next.by_itself.as_ref().unwrap();
    assert_eq!(by_itself.on, day("2027-05-11"));
    assert_eq!(by_itself.records[0].cited.record, "r1");
    assert_eq!(
        by_itself.records[0].why.as_deref(),
        Some("已过期，有效至 2027-05-10")
    );
    // Rectifying both gives 93; two objections give 96 or 97, and the better of the two is told.
    assert_eq!(next.ways.len(), 1);
    assert_eq!(
        told(&next.ways[0]),
        [(Deed::Object, "r1"), (Deed::Object, "r2")]
    );
    assert!(next.ways[0].smallest && next.ways[0].stand.score == dec("97"));
    assert!(next.blocks.is_empty() && next.everything.is_none());
}

#[test]
fn a_veto_is_told_with_its_last_day_and_only_lifting_it_helps() {
    let outlook = plain_outlook(&[
        record("r1", "V1", "2026-03-05"),
        record("r2", "B1", "2026-05-11"),
    ]);
    assert_eq!(outlook.now.score, dec("96"));
    assert_eq!(outlook.now.grade.as_deref(), Some("C"));
    let next = &outlook.next_grade;
    let [block] = &next.blocks[..] else {
        panic!("{:#?}", next.blocks);
    };
    assert_eq!(
        (block.kind, block.ceiling.as_deref()),
        (BlockKind::Veto, Some("C"))
    );
    assert_eq!(block.until, Some(day("2026-09-05")));
    assert_eq!(block.records[0].record, "r1");
    assert_eq!(next.by_itself.as_ref().unwrap().on, day("2026-09-06"));
    assert_eq!(told(&next.ways[0]), [(Deed::Object, "r1")]);
    // The points suffice already.
    assert_eq!(next.distance, None);
}

#[test]
fn the_best_grade_has_nothing_above_and_may_still_fall() {
    let outlook = plain_outlook(&[
        record("r1", "G1", "2026-05-01"),
        record("r2", "B1", "2026-05-01"),
        record("r3", "B2", "2026-05-01"),
    ]);
    assert_eq!(outlook.now.grade.as_deref(), Some("A"));
    assert!(outlook.next_grade.at_best && outlook.next_grade.ways.is_empty());
    let fall = &outlook.timeline.changes[0];
    assert_eq!(
        (fall.on, fall.stand.grade.as_deref()),
        (day("2026-08-02"), Some("B"))
    );
}

#[test]
fn where_nothing_is_enough_everything_together_is_told() {
    let rules = rules(&small(
        "kind = \"open\"",
        "base = 50",
        "[[component]]\nid = \"bad\"\n[[item]]\nid = \"B1\"\ncomponent = \"bad\"\nclause = \"1\"\ntitle = \"违规\"\npoints = -1\nvalid_for = \"12 months\"\nrectified = { multiply = 0 }\n[[item]]\nid = \"G1\"\ncomponent = \"bad\"\nclause = \"2\"\ntitle = \"表彰\"\npoints = 20\nvalid_for = \"12 months\"\n[[grade]]\nid = \"A\"\nfrom = 60\n[[grade]]\nid = \"B\"\nbelow = 60\n",
    ));
    let records: Vec<Record> = (0..12)
        .map(|n| record(&format!("r{n:02}"), "B1", "2026-05-01"))
        .collect();
    let companies = [company(1)];
    let facts = Facts {
        companies: &companies,
        records: &records,
        ..Facts::default()
    };
    let outlook = of(&rules, &facts, uscc(1).as_str(), day("2026-06-30")).unwrap();
    assert!(outlook.next_grade.ways.is_empty() && outlook.next_grade.by_itself.is_none());
    assert_eq!(
        outlook.next_grade.everything.as_ref().unwrap().score,
        dec("50")
    );
    assert_eq!(outlook.actions.len(), 24);
}

#[test]
fn more_actions_than_are_tried_in_every_combination_are_chosen_greedily() {
    let rules = rules(&small(
        "kind = \"open\"",
        "base = 100",
        "[[component]]\nid = \"bad\"\n[[item]]\nid = \"B1\"\ncomponent = \"bad\"\nclause = \"1\"\ntitle = \"违规\"\npoints = { min = -9, max = -1 }\nvalid_for = \"12 months\"\nrectified = { multiply = 0 }\n[[grade]]\nid = \"A\"\nfrom = 60\n[[grade]]\nid = \"B\"\nbelow = 60\n",
    ));
    // 1 + 2 + .. + 9, twice: 90 in all.
    let records: Vec<Record> = (0..18)
        .map(|n| {
            record(&format!("r{n:02}"), "B1", "2026-05-01").with(|one| {
                one.points = crate::rules::tests::points(&format!("-{}", n % 9 + 1));
                one.reason = Some("示例".to_owned());
            })
        })
        .collect();
    let companies = [company(1)];
    let facts = Facts {
        companies: &companies,
        records: &records,
        ..Facts::default()
    };
    let outlook = of(&rules, &facts, uscc(1).as_str(), day("2026-06-30")).unwrap();
    actions_are_true(&rules, &facts, &outlook);
    let [way] = &outlook.next_grade.ways[..] else {
        panic!("{:#?}", outlook.next_grade.ways);
    };
    // From 10 to 60: 9 + 9 + 8 + 8 + 7 + 7 = 48, so seven of them.
    assert_eq!((way.steps.len(), way.smallest), (7, false));
    assert!(way.steps.iter().all(|step| step.deed == Deed::Rectify));
}

#[test]
fn grades_by_rank_are_told_among_the_others_or_not_at_all() {
    let rules = rules(&small(
        "kind = \"open\"",
        "base = 100",
        "[[component]]\nid = \"bad\"\n[[item]]\nid = \"B1\"\ncomponent = \"bad\"\nclause = \"1\"\ntitle = \"违规\"\npoints = -5\nvalid_for = \"12 months\"\n[[grade]]\nid = \"A\"\ntop = \"50%\"\n[[grade]]\nid = \"B\"\n",
    ));
    let companies = [company(1), company(2)];
    let records = [
        record("r1", "B1", "2026-05-01"),
        record("r2", "B1", "2026-05-02"),
        record("r3", "B1", "2026-06-01").with(|one| one.company = Some(uscc(2))),
    ];
    let facts = Facts {
        companies: &companies,
        records: &records,
        ..Facts::default()
    };
    let outlook = of(&rules, &facts, uscc(1).as_str(), day("2026-06-30")).unwrap();
    assert_eq!(
        (outlook.rank, outlook.now.grade.as_deref()),
        (Rank::AmongGiven, Some("B"))
    );
    timeline_is_true(&rules, &facts, &outlook, 400);
    actions_are_true(&rules, &facts, &outlook);
    // One of two revoked: equal to the other company, and equals share the better place.
    assert_eq!(outlook.next_grade.ways[0].steps.len(), 1);
    assert_eq!(outlook.next_grade.distance, None);

    let alone = Facts {
        companies: &companies[..1],
        records: &records[..2],
        ..Facts::default()
    };
    let outlook = of(&rules, &alone, uscc(1).as_str(), day("2026-06-30")).unwrap();
    assert_eq!((outlook.rank, &outlook.now.grade), (Rank::Unknown, &None));
    assert!(outlook.next_grade.ways.is_empty());
    assert_eq!(outlook.timeline.changes.len(), 2);
    assert!(
        outlook
            .timeline
            .changes
            .iter()
            .all(|change| change.stand.grade.is_none())
    );
}

#[test]
fn a_timeline_ends_with_the_rules_and_an_unknown_subject_has_none() {
    let source = small("kind = \"open\"", "base = 100", "[[component]]\nid = \"bad\"\n[[item]]\nid = \"B1\"\ncomponent = \"bad\"\nclause = \"1\"\ntitle = \"违规\"\npoints = -5\nvalid_for = \"12 months\"\n")
        .replace("effective_from = 2020-01-01", "effective_from = 2020-01-01\neffective_until = 2026-12-31");
    let rules = rules(&source);
    let records = [record("r1", "B1", "2026-05-01")];
    let companies = [company(1)];
    // A company that has no contract is not made one whose projects are unknown by leaving the others aside.
    let contracts = [contract("P9", 2, None)];
    let facts = Facts {
        companies: &companies,
        contracts: &contracts,
        contracts_known: true,
        records: &records,
        ..Facts::default()
    };
    let outlook = of(&rules, &facts, uscc(1).as_str(), day("2026-06-30")).unwrap();
    assert_eq!(outlook.timeline.stops, Stops::RulesEnd);
    assert_eq!(outlook.timeline.until, day("2026-12-31"));
    assert!(outlook.timeline.changes.is_empty());
    let fault = of(&rules, &facts, "nobody", day("2026-06-30")).unwrap_err();
    assert_eq!(fault.to_string(), "2026-06-30 没有评分对象「nobody」");
    let unmanaged = [record("r1", "B1", "2026-05-01").with(|one| one.project = Some("P8".into()))];
    let facts = Facts {
        records: &unmanaged,
        ..facts
    };
    let outlook = of(&rules, &facts, uscc(1).as_str(), day("2026-06-30")).unwrap();
    assert_eq!(
        outlook.now,
        stand(&scored(&rules, &facts, uscc(1).as_str(), day("2026-06-30")))
    );
}
