//! Properties that hold for any records.

use proptest::prelude::*;

use super::*;

const ITEMS: [&str; 7] = [
    "BASE-01", "GOOD-01", "GOOD-02", "BAD-07", "BAD-08", "BAD-09", "BAD-31",
];

fn any_day() -> impl Strategy<Value = Day> {
    (0_u32..1200).prop_map(|days| day("2024-01-01").plus_days(days))
}

fn any_record() -> impl Strategy<Value = Record> {
    (
        (
            0..ITEMS.len(),
            any_day(),
            prop::option::of(any_day()),
            prop::option::of(any_day()),
        ),
        (0_usize..4, prop::option::of(0_u8..2), 0_i64..20, 0_usize..5),
    )
        .prop_map(
            |((item, decided, rectified, valid), (status, matter, number, level))| {
                record("", ITEMS[item], "2024-01-01").with(|r| {
                    r.decided_on = Some(decided);
                    r.rectified_on = rectified;
                    r.valid_until = valid;
                    r.status = RecordStatus::ALL[status];
                    r.matter = matter.map(|n| format!("M{n}"));
                    for name in ["people", "places", "tenure_years"] {
                        attr(r, name, AttributeValue::Integer(number));
                    }
                    let levels = ["national", "province", "city", "county", "street"];
                    attr(r, "level", AttributeValue::Choice(levels[level].into()));
                })
            },
        )
}

fn any_records() -> impl Strategy<Value = Vec<Record>> {
    prop::collection::vec(any_record(), 0..12).prop_map(|mut records| {
        for (n, record) in records.iter_mut().enumerate() {
            record.id = format!("r{n:02}");
        }
        records
    })
}

/// What must not change silently: everything but the day and the explanation.
fn result(score: &Score) -> String {
    let mut score = score.clone();
    score.lines = None;
    score.next_change_on = None;
    score.as_of = day("2000-01-01");
    serde_json::to_string(&score).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_records_changes_no_byte(records in any_records(), seed in 0_usize..100, as_of in any_day()) {
        let rules = rules(YANTAI);
        let mut other = records.clone();
        other.reverse();
        if !other.is_empty() {
            let by = seed % other.len();
            other.rotate_left(by);
        }
        let as_of = as_of.to_string();
        let text = |records: &[Record]| serde_json::to_string(&one(&rules, records, &[], &as_of)).unwrap();
        prop_assert_eq!(text(&records), text(&other));
    }

    #[test]
    fn every_record_has_one_line(records in any_records(), as_of in any_day()) {
        let found = one(&rules(YANTAI), &records, &[], &as_of.to_string());
        let mut ids: Vec<_> = found.lines.unwrap().into_iter().filter_map(|line| line.record).collect();
        ids.sort();
        prop_assert_eq!(ids, records.iter().map(|record| record.id.clone()).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_changes_before_the_day_it_is_said_to(records in any_records(), as_of in any_day()) {
        let rules = rules(YANTAI);
        let now = one(&rules, &records, &[], &as_of.to_string());
        let end = now.next_change_on.unwrap_or(as_of.plus_days(500)).min(as_of.plus_days(500));
        let mut next = as_of.next();
        while next < end {
            let then = one(&rules, &records, &[], &next.to_string());
            prop_assert_eq!(result(&now), result(&then), "{} {}", as_of, next);
            next = next.next();
        }
    }

    #[test]
    fn a_plain_deduction_never_raises(dates in prop::collection::vec(any_day(), 0..8), more in any_day(), as_of in any_day()) {
        let source = small(
            "kind = \"rolling\"\nmonths = 12",
            "base = 100",
            "[[component]]\nid = \"bad\"\n[[item]]\nid = \"B1\"\ncomponent = \"bad\"\nclause = \"1\"\ntitle = \"违规\"\npoints = -1.5\n",
        );
        let rules = rules(&source);
        let mut records: Vec<Record> = dates.iter().enumerate().map(|(n, date)| record(&format!("r{n}"), "B1", &date.to_string())).collect();
        let before = one(&rules, &records, &[], &as_of.to_string()).score;
        records.push(record("more", "B1", &more.to_string()));
        prop_assert!(one(&rules, &records, &[], &as_of.to_string()).score <= before);
    }

    #[test]
    fn no_text_makes_the_loader_panic(text in "\\PC{0,200}", at in 0_usize..4000, cut in 0_usize..30) {
        let _ = RuleSet::load("x.toml", &text);
        // A real file with a piece replaced by arbitrary text.
        let mut start = at.min(YANTAI.len());
        while !YANTAI.is_char_boundary(start) { start -= 1; }
        let mut end = (start + cut).min(YANTAI.len());
        while !YANTAI.is_char_boundary(end) { end -= 1; }
        let end = end.max(start);
        let broken = format!("{}{text}{}", &YANTAI[..start], &YANTAI[end..]);
        if let Err(found) = RuleSet::load("x.toml", &broken) {
            for one in found { one.render(&broken); }
        }
    }

    #[test]
    fn no_predicate_makes_the_loader_panic(text in "[a-z0-9' ().,<>=!%+*/-]{0,40}|(not |\\(|-|people|>=|and|10|')*") {
        let broken = YANTAI.replace("when = \"people >= 10\"", &format!("when = \"{text}\""));
        if let Err(found) = RuleSet::load("x.toml", &broken) {
            for one in found { one.render(&broken); }
        }
    }
}

proptest! {
    // Each day looks back over many earlier periods, for every day until the change.
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn earlier_grades_and_contracts_change_on_the_day_they_are_said_to(
        records in prop::collection::vec(any_record(), 0..5),
        as_of in any_day(),
        ends in prop::collection::vec(any_day(), 1..3),
        kind in 0_usize..3,
    ) {
        let period = ["kind = \"rolling\"\nmonths = 6", "kind = \"open\"", "kind = \"half_year\""][kind];
        let rules = rules(&small(period, "base = 100", HISTORY));
        let contracts: Vec<Contract> = ends.iter().enumerate().map(|(n, end)| {
            let mut one = contract(&format!("P{n}"), 1, Some("100"));
            one.until = Some(*end);
            one
        }).collect();
        let records: Vec<Record> = records.into_iter().enumerate().map(|(n, record)| record.with(|r| {
            r.id = format!("r{n}");
            r.item = if n % 2 == 0 { "B1" } else { "B2" }.into();
            r.attributes.clear();
            r.project = Some(format!("P{}", n % contracts.len()));
        })).collect();
        let now = one(&rules, &records, &contracts, &as_of.to_string());
        let end = now.next_change_on.unwrap_or(as_of.plus_days(25)).min(as_of.plus_days(25));
        let mut next = as_of.next();
        while next < end {
            let then = one(&rules, &records, &contracts, &next.to_string());
            prop_assert_eq!(result(&now), result(&then), "{} {}", as_of, next);
            next = next.next();
        }
    }
}

const HISTORY: &str = r#"
[[component]]
id = "bad"
[[component]]
id = "projects"
level = "project"
average = "area"
base = 10
floor = 0
[[item]]
id = "B1"
component = "bad"
clause = "1"
title = "违规"
points = -6
valid_for = "100 days"
[[item]]
id = "B2"
component = "projects"
clause = "2"
title = "违规"
points = -4
recurs = "each_period"
[[grade]]
id = "A"
from = 100
[[grade]]
id = "B"
below = 100
[[override]]
id = "O"
clause = "3"
title = "连续"
when = "count('B1', '45 days') >= 1 and previous_grade(1) == 'B'"
grade = "B"
[[list]]
id = "red"
title = "红名单"
class = "red"
clause = "4"
when = "consecutive(grade == 'A', 2) and years_without('bad') >= 1"
[[list]]
id = "black"
title = "黑名单"
class = "watch"
clause = "5"
when = "unrectified('B2', '3 months') or previous_grade(2) == 'B'"
"#;
