//! Each stage of scoring, as tables.

use super::*;
use crate::rules::{OnList, PastGrade};

fn component(extra: &str) -> String {
    format!("[[component]]\nid = \"bad\"\ntitle = \"不良\"\n{extra}\n")
}

fn item(extra: &str) -> String {
    format!(
        "[[item]]\nid = \"B1\"\ncomponent = \"bad\"\nclause = \"第1条\"\ntitle = \"违规\"\n{extra}\n"
    )
}

const OPEN: &str = "kind = \"open\"";

fn bad(extra: &str) -> RuleSet {
    rules(&small(OPEN, "base = 100", &(component("") + &item(extra))))
}

#[test]
fn a_record_counts_by_period_and_validity() {
    let rolling = "kind = \"rolling\"\nmonths = 12";
    let table = [
        (rolling, "", "2024-01-31", "2025-01-31", "98"),
        (rolling, "", "2024-01-31", "2025-02-01", "100"),
        (
            "kind = \"rolling\"\nmonths = 1",
            "",
            "2024-01-31",
            "2024-02-29",
            "98",
        ),
        (
            "kind = \"rolling\"\nmonths = 1",
            "",
            "2024-01-31",
            "2024-03-01",
            "100",
        ),
        (rolling, "", "2025-02-02", "2025-02-01", "100"),
        (
            rolling,
            "valid_for = \"3 months\"",
            "2024-01-31",
            "2024-04-30",
            "98",
        ),
        (
            rolling,
            "valid_for = \"3 months\"",
            "2024-01-31",
            "2024-05-01",
            "100",
        ),
        (
            rolling,
            "valid_for = \"3 years\"",
            "2024-01-31",
            "2025-02-01",
            "100",
        ),
        (
            OPEN,
            "valid_for = \"3 years\"",
            "2024-01-31",
            "2027-01-31",
            "98",
        ),
        (OPEN, "", "2000-01-31", "2027-01-31", "98"),
        (
            "kind = \"calendar_year\"",
            "",
            "2024-01-01",
            "2024-12-31",
            "98",
        ),
        (
            "kind = \"calendar_year\"",
            "",
            "2024-12-31",
            "2025-01-01",
            "100",
        ),
        (
            "kind = \"half_year\"",
            "",
            "2024-06-30",
            "2024-07-01",
            "100",
        ),
        ("kind = \"half_year\"", "", "2024-07-01", "2024-12-31", "98"),
        ("kind = \"quarter\"", "", "2024-03-31", "2024-04-01", "100"),
        ("kind = \"quarter\"", "", "2024-04-01", "2024-06-30", "98"),
        ("kind = \"month\"", "", "2024-02-01", "2024-02-29", "98"),
        ("kind = \"month\"", "", "2024-02-29", "2024-03-01", "100"),
    ];
    for (period, extra, date, as_of, expected) in table {
        let rules = rules(&small(
            period,
            "base = 100\ndecimals = 0",
            &(component("") + &item(&format!("points = -2\n{extra}"))),
        ));
        let found = one(&rules, &[record("r1", "B1", date)], &[], as_of);
        assert_eq!(
            found.score.to_string(),
            expected,
            "{period} {extra} {date} {as_of}"
        );
    }
}

#[test]
fn a_record_s_own_validity_goes_before_its_item_s() {
    let rules = bad("points = -2\nvalid_for = \"1 month\"");
    let own = record("r1", "B1", "2024-01-31").with(|r| r.valid_until = Some(day("2024-12-31")));
    assert_eq!(
        one(&rules, std::slice::from_ref(&own), &[], "2024-12-31").score,
        dec("98")
    );
    let after = one(&rules, &[own], &[], "2025-01-01");
    assert_eq!(after.score, dec("100"));
    assert_eq!(why(&after, "r1").unwrap(), "已过期，有效至 2024-12-31");
}

#[test]
fn a_record_until_rectified_counts_to_the_day_before() {
    let rules = bad("points = -2\nvalid_for = \"until_rectified\"");
    let rectified =
        record("r1", "B1", "2024-01-31").with(|r| r.rectified_on = Some(day("2025-05-05")));
    let before = one(&rules, std::slice::from_ref(&rectified), &[], "2025-05-04");
    assert_eq!(
        (before.score, before.next_change_on),
        (dec("98"), Some(day("2025-05-05")))
    );
    assert_eq!(
        one(&rules, &[rectified], &[], "2025-05-05").score,
        dec("100")
    );
}

#[test]
fn a_recurring_record_counts_in_later_periods_until_rectified_or_handed_over() {
    let rules = rules(&small(
        "kind = \"calendar_year\"",
        "base = 100",
        &(component("") + &item("points = -2\nrecurs = \"each_period\"")),
    ));
    let open = record("r1", "B1", "2024-05-01").with(|r| r.project = Some("P1".into()));
    let mut managed = contract("P1", 1, None);
    managed.until = Some(day("2026-06-30"));
    let contracts = [managed];
    assert_eq!(
        one(
            &rules,
            std::slice::from_ref(&open),
            &contracts,
            "2026-06-30"
        )
        .score,
        dec("98")
    );
    let left = one(
        &rules,
        std::slice::from_ref(&open),
        &contracts,
        "2026-07-01",
    );
    assert_eq!(left.score, dec("100"));
    assert_eq!(why(&left, "r1").unwrap(), "项目非本企业管理");
    let rectified = open.with(|r| r.rectified_on = Some(day("2025-03-01")));
    assert_eq!(
        one(
            &rules,
            std::slice::from_ref(&rectified),
            &contracts,
            "2025-02-28"
        )
        .score,
        dec("98")
    );
    assert_eq!(
        one(
            &rules,
            std::slice::from_ref(&rectified),
            &contracts,
            "2025-03-01"
        )
        .score,
        dec("100")
    );
    assert_eq!(
        one(&rules, &[rectified], &contracts, "2024-12-31").score,
        dec("98")
    );
}

#[test]
fn only_confirmed_records_count_and_disputed_ones_as_the_file_says() {
    let suspended = rules(&small(
        OPEN,
        "base = 100\ndisputed = \"suspended\"",
        &(component("") + &item("points = -2")),
    ));
    let table = [
        (RecordStatus::Draft, "100", "100"),
        (RecordStatus::Revoked, "100", "100"),
        (RecordStatus::Disputed, "98", "100"),
        (RecordStatus::Confirmed, "98", "98"),
    ];
    for (status, counts, suspends) in table {
        let records = [record("r1", "B1", "2024-01-31").with(|r| r.status = status)];
        assert_eq!(
            one(&bad("points = -2"), &records, &[], "2024-02-01").score,
            dec(counts)
        );
        assert_eq!(
            one(&suspended, &records, &[], "2024-02-01").score,
            dec(suspends)
        );
    }
}

#[test]
fn every_form_of_points_gives_what_it_says() {
    let int = |n| AttributeValue::Integer(n);
    type Change = Box<dyn Fn(&mut Record)>;
    let set = |name: &'static str, value: AttributeValue| -> Change {
        Box::new(move |r| attr(r, name, value.clone()))
    };
    let bands = "points = { by = \"people\", bands = [{ from = 3, to = 4, points = -1 }, { from = 5, points = -2.5 }] }";
    let table: Vec<(&str, Change, &str)> = vec![
        ("points = -0.5", Box::new(|_| ()), "99.50"),
        (
            "points = { by = \"level\", city = -3, county = -1 }",
            set("level", AttributeValue::Choice("city".into())),
            "97.00",
        ),
        (bands, set("people", int(2)), "100.00"),
        (bands, set("people", int(4)), "99.00"),
        (bands, set("people", int(5)), "97.50"),
        (
            "points = { value = \"value\" }",
            set("value", AttributeValue::Decimal(dec("-7.25"))),
            "92.75",
        ),
        (
            "points = { value = \"people\" }",
            set("people", int(3)),
            "103.00",
        ),
        (
            "points = -1\ntimes = \"people\"",
            set("people", int(4)),
            "96.00",
        ),
        (
            "points = -1\ntimes = \"people\"\nper_record_cap = -3",
            set("people", int(4)),
            "97.00",
        ),
        (
            "points = { min = -5, max = -1 }",
            Box::new(|r| {
                r.points = points("-4");
                r.reason = Some("情节较重".into());
            }),
            "96.00",
        ),
    ];
    for (form, change, expected) in table {
        let records = [record("r1", "B1", "2024-01-31").with(|r| change(r))];
        assert_eq!(
            one(&bad(form), &records, &[], "2024-02-01")
                .score
                .to_string(),
            expected,
            "{form}"
        );
    }
}

#[test]
fn rectification_scales_or_cancels() {
    let rectified =
        [record("r1", "B1", "2024-01-31").with(|r| r.rectified_on = Some(day("2024-03-01")))];
    let half = bad("points = -3\nrectified = { multiply = 0.5 }");
    assert_eq!(one(&half, &rectified, &[], "2024-02-29").score, dec("97"));
    let after = one(&half, &rectified, &[], "2024-03-01");
    assert_eq!(after.score, dec("98.5"));
    let none = bad("points = -3\nrectified = { multiply = 0 }");
    let cancelled = one(&none, &rectified, &[], "2024-03-01");
    assert_eq!(cancelled.score, dec("100"));
    assert_eq!(why(&cancelled, "r1").unwrap(), "已整改，取消计分");
}

#[test]
fn one_matter_counts_once_as_the_item_says() {
    let records = ["-2", "-4", "-4", "-1"].map(|text| text.to_owned());
    let records: Vec<Record> = records
        .iter()
        .enumerate()
        .map(|(n, text)| {
            record(&format!("r{n}"), "B1", &format!("2024-01-0{}", n + 1)).with(|r| {
                r.points = points(text);
                r.reason = Some("示例".into());
                r.matter = Some("M1".into());
            })
        })
        .collect();
    for (policy, expected, kept) in [
        ("highest", "96", "r1"),
        ("first", "98", "r0"),
        ("sum", "89", "r3"),
    ] {
        let rules = bad(&format!(
            "points = {{ min = -5, max = -1 }}\nsame_matter = \"{policy}\""
        ));
        let found = one(&rules, &records, &[], "2024-02-01");
        assert_eq!(found.score, dec(expected), "{policy}");
        let line = found
            .lines
            .unwrap()
            .into_iter()
            .find(|line| line.record.as_deref() == Some(kept))
            .unwrap();
        assert!(line.counted, "{policy}");
    }
}

#[test]
fn repetition_within_the_window_weighs_more() {
    let rules = bad("points = -2\nrepeat = { within = \"12 months\", multiply = [1, 1.5, 2] }");
    let dates = [
        "2023-01-31",
        "2024-01-31",
        "2024-02-01",
        "2024-03-01",
        "2025-03-02",
    ];
    let records: Vec<Record> = dates
        .iter()
        .enumerate()
        .map(|(n, date)| record(&format!("r{n}"), "B1", date))
        .collect();
    // 1st; 2nd (the last day of the first's year); 2nd (the first is over); 3rd; 1st again: 2 + 3 + 3 + 4 + 2.
    assert_eq!(one(&rules, &records, &[], "2025-04-01").score, dec("86"));
}

#[test]
fn item_caps_let_the_earliest_count() {
    let rules = bad("points = -2\ncap = -3");
    let records = [
        record("b", "B1", "2024-01-02"),
        record("a", "B1", "2024-01-02"),
        record("c", "B1", "2024-01-01"),
    ];
    let found = one(&rules, &records, &[], "2024-02-01");
    assert_eq!(found.score, dec("97"));
    assert_eq!(why(&found, "a").unwrap(), "超过条款封顶，计 -1");
    assert_eq!(why(&found, "b").unwrap(), "超过条款封顶");
    assert_eq!(why(&found, "c"), None);
}

#[test]
fn groups_take_the_highest_item_and_cap_the_sum() {
    let two = "[[item]]\nid = \"B2\"\ncomponent = \"bad\"\nclause = \"第2条\"\ntitle = \"违规\"\npoints = -3\n";
    let records = [
        record("r1", "B1", "2024-01-01"),
        record("r2", "B1", "2024-01-02"),
        record("r3", "B2", "2024-01-03"),
    ];
    for (group, expected) in [
        ("combine = \"highest\"", "96"),
        ("combine = \"sum\"", "93"),
        ("cap = -5", "95"),
        ("combine = \"highest\"\ncap = -3", "97"),
    ] {
        let body = component("")
            + &item("points = -2")
            + two
            + &format!(
                "[[group]]\nid = \"g\"\ntitle = \"组\"\nitems = [\"B1\", \"B2\"]\n{group}\n"
            );
        let rules = rules(&small(OPEN, "base = 100", &body));
        assert_eq!(
            one(&rules, &records, &[], "2024-02-01").score,
            dec(expected),
            "{group}"
        );
    }
}

#[test]
fn components_combine_and_stay_within_floor_and_cap() {
    let values = |texts: &[&str]| -> Vec<Record> {
        texts
            .iter()
            .enumerate()
            .map(|(n, text)| {
                record(&format!("r{n}"), "B1", &format!("2024-01-0{}", n + 1))
                    .with(|r| attr(r, "value", AttributeValue::Decimal(dec(text))))
            })
            .collect()
    };
    let table: [(&str, &[&str], &str); 12] = [
        ("", &["10", "20", "33"], "63.00"),
        ("combine = \"mean\"", &["10", "20", "33"], "21.00"),
        ("combine = \"mean\"", &["10", "10", "11"], "10.33"),
        ("combine = \"last\"", &["10", "33", "20"], "20.00"),
        ("combine = \"max\"", &["10", "33", "20"], "33.00"),
        ("combine = \"min\"", &["10", "33", "20"], "10.00"),
        ("base = 5\ncap = 30", &["10", "33"], "30.00"),
        ("base = 5\nfloor = 0", &["-10"], "0.00"),
        ("base = 5\nweight = 0.5", &["10"], "7.50"),
        ("base = 5", &[], "5.00"),
        (
            "combine = \"mean\"\nmissing = { default = 80 }",
            &[],
            "80.00",
        ),
        ("combine = \"mean\"\nmissing = \"zero\"", &[], "0.00"),
    ];
    for (extra, given, expected) in table {
        let rules = rules(&small(
            OPEN,
            "",
            &(component(extra) + &item("points = { value = \"value\" }")),
        ));
        assert_eq!(
            one(&rules, &values(given), &[], "2024-02-01")
                .score
                .to_string(),
            expected,
            "{extra} {given:?}"
        );
    }
}

#[test]
fn missing_components_are_renormalised_or_leave_the_subject_unrated() {
    let stream = |id: &str, weight: &str, missing: &str| {
        format!(
            "[[component]]\nid = \"{id}\"\nweight = {weight}\ncombine = \"mean\"\nmissing = \"{missing}\"\n[[item]]\nid = \"{id}-1\"\ncomponent = \"{id}\"\nclause = \"第1条\"\ntitle = \"分\"\npoints = {{ value = \"value\" }}\n"
        )
    };
    let given = [record("r1", "city-1", "2024-01-01")
        .with(|r| attr(r, "value", AttributeValue::Decimal(dec("60"))))];
    let renormalised = rules(&small(
        OPEN,
        "",
        &(stream("city", "0.4", "renormalise") + &stream("street", "0.6", "renormalise")),
    ));
    let found = one(&renormalised, &given, &[], "2024-02-01");
    assert_eq!(found.score, dec("60"));
    assert_eq!(
        serde_json::to_string(&found.components).unwrap(),
        r#"{"city":"60","street":null}"#
    );
    let unrated = rules(&small(
        OPEN,
        "",
        &(stream("city", "0.4", "zero") + &stream("street", "0.6", "not_rated")),
    ));
    let found = one(&unrated, &given, &[], "2024-02-01");
    assert_eq!(
        (found.rated, found.grade.as_deref(), found.score),
        (false, Some("未评级"), dec("24"))
    );
}

fn projects(average: &str, extra: &str) -> RuleSet {
    rules(&small(
        OPEN,
        "",
        &(component(&format!(
            "level = \"project\"\naverage = \"{average}\"\nbase = 100\nfloor = 0\n{extra}"
        )) + &item("points = -10")),
    ))
}

#[test]
fn projects_are_averaged_by_their_weights() {
    let on = |id: &str, project: &str| {
        record(id, "B1", "2024-01-01").with(|r| r.project = Some(project.into()))
    };
    let contracts = [
        contract("P1", 1, Some("300")),
        contract("P2", 1, Some("100")),
        contract("P3", 2, Some("900")),
    ];
    let records = [on("r1", "P1"), on("r2", "P1"), on("r3", "P2")];
    let table = [
        ("area", "", &records[..], "82.50"),
        ("equal", "", &records[..], "85.00"),
        ("sum", "", &records[..], "170.00"),
        ("area", "", &[], "100.00"),
        ("area", "assessed_only = true", &records[..1], "90.00"),
        ("area", "", &records[..1], "92.50"),
    ];
    for (average, extra, records, expected) in table {
        let found = one(&projects(average, extra), records, &contracts, "2024-02-01");
        assert_eq!(found.score.to_string(), expected, "{average} {extra}");
    }
}

#[test]
fn records_of_projects_that_others_manage_do_not_count_and_unknown_ones_are_faults() {
    let mut other = contract("P3", 2, Some("900"));
    other.from = Some(day("2024-06-01"));
    let mut own = contract("P3", 1, Some("900"));
    own.until = Some(day("2024-05-31"));
    let contracts = [other, own, contract("P1", 1, Some("100"))];
    let rules = projects("area", "");
    let named = record("r1", "B1", "2024-01-01").with(|r| r.project = Some("P3".into()));
    assert_eq!(
        one(
            &rules,
            std::slice::from_ref(&named),
            &contracts,
            "2024-05-31"
        )
        .score,
        dec("91")
    );
    let after = one(
        &rules,
        std::slice::from_ref(&named),
        &contracts,
        "2024-06-01",
    );
    assert_eq!(
        (after.score, why(&after, "r1").unwrap().as_str()),
        (dec("100"), "项目非本企业管理")
    );
    // Naming only the project, it goes with the project.
    let bare = [named.with(|r| r.company = None)];
    assert_eq!(
        one(&rules, &bare, &contracts, "2024-05-31").score,
        dec("91")
    );
    let facts = Facts {
        contracts: &contracts,
        contracts_known: true,
        records: &bare,
        ..Facts::default()
    };
    let found = score(&rules, &facts, day("2024-06-01")).unwrap();
    assert_eq!(
        found
            .iter()
            .map(|one| (one.subject.as_str(), one.score))
            .collect::<Vec<_>>(),
        [(uscc(2).as_str(), dec("90"))]
    );
    let unknown = [record("r9", "B1", "2024-01-01").with(|r| r.project = Some("P9".into()))];
    let facts = Facts {
        contracts: &contracts,
        contracts_known: true,
        records: &unknown,
        ..Facts::default()
    };
    let faults = score(&rules, &facts, day("2024-06-01")).unwrap_err();
    assert_eq!(
        (faults[0].code, faults[0].record.as_deref()),
        ("D014", Some("r9"))
    );
    let facts = Facts {
        contracts: &[contract("P5", 1, None)],
        contracts_known: true,
        records: &[],
        companies: &[company(1)],
        ..Facts::default()
    };
    let faults = score(&rules, &facts, day("2024-06-01")).unwrap_err();
    assert_eq!(faults[0].code, "D015");
    assert!(faults[0].what.contains("P5") && faults[0].what.contains("area"));
}

#[test]
fn rounding_comes_before_the_ladder() {
    let ladder = "[[grade]]\nid = \"A\"\nfrom = 85\n[[grade]]\nid = \"B\"\nbelow = 85\n";
    let table = [
        ("84.95", "1", "half_up", "85.0", "A"),
        ("84.95", "2", "half_up", "84.95", "B"),
        ("84.95", "1", "half_even", "85.0", "A"),
        ("84.85", "1", "half_even", "84.8", "B"),
        ("84.99", "1", "down", "84.9", "B"),
        ("84.91", "1", "up", "85.0", "A"),
        ("85", "0", "half_up", "85", "A"),
    ];
    for (value, decimals, rounding, score, grade) in table {
        let body = component("") + &item("points = { value = \"value\" }") + ladder;
        let rules = rules(&small(
            OPEN,
            &format!("decimals = {decimals}\nrounding = \"{rounding}\""),
            &body,
        ));
        let records = [record("r1", "B1", "2024-01-01")
            .with(|r| attr(r, "value", AttributeValue::Decimal(dec(value))))];
        let found = one(&rules, &records, &[], "2024-02-01");
        assert_eq!(
            (found.score.to_string().as_str(), found.grade.as_deref()),
            (score, Some(grade)),
            "{value} {decimals} {rounding}"
        );
    }
}

#[test]
fn thirds_that_add_up_to_a_half_are_rounded_as_a_half() {
    // The mean of 0.01, 0 and 0 plus the mean of 0.005, 0 and 0 is 0.005 exactly.
    let stream = |id: &str| {
        format!(
            "[[component]]\nid = \"{id}\"\ncombine = \"mean\"\n[[item]]\nid = \"{id}-1\"\ncomponent = \"{id}\"\nclause = \"第1条\"\ntitle = \"分\"\npoints = {{ value = \"value\" }}\n"
        )
    };
    let rules = rules(&small(OPEN, "", &(stream("a") + &stream("b"))));
    let given = [
        ("a-1", "0.01"),
        ("a-1", "0"),
        ("a-1", "0"),
        ("b-1", "0.005"),
        ("b-1", "0"),
        ("b-1", "0"),
    ];
    let records: Vec<Record> = given
        .iter()
        .enumerate()
        .map(|(n, (item, value))| {
            record(&format!("r{n}"), item, "2024-01-01")
                .with(|r| attr(r, "value", AttributeValue::Decimal(dec(value))))
        })
        .collect();
    assert_eq!(one(&rules, &records, &[], "2024-02-01").score, dec("0.01"));
}

const LADDER: &str = "[[grade]]\nid = \"A\"\nfrom = 90\n[[grade]]\nid = \"B\"\nfrom = 80\nbelow = 90\n[[grade]]\nid = \"C\"\nfrom = 50\nbelow = 80\n[[grade]]\nid = \"D\"\nbelow = 50\n";

#[test]
fn overrides_and_vetoes_take_the_worst() {
    let rule = |id: &str, when: &str, effect: &str| {
        format!(
            "[[override]]\nid = \"{id}\"\nclause = \"第9条\"\ntitle = \"否决\"\nwhen = \"{when}\"\n{effect}\n"
        )
    };
    let table = [
        (rule("V", "has('B1')", "grade = \"D\""), "D", "98.00"),
        (rule("V", "has('B1')", "at_best = \"B\""), "B", "98.00"),
        (rule("V", "has('B1')", "drop = 2"), "C", "98.00"),
        (rule("V", "has('B1')", "drop = 9"), "D", "98.00"),
        (rule("V", "has('B1')", "score = 0"), "D", "0.00"),
        (
            rule("V", "has('B1')", "at_best = \"B\"") + &rule("W", "bad < 0", "drop = 2"),
            "C",
            "98.00",
        ),
        (
            rule("V", "count('bad') >= 2", "grade = \"D\""),
            "A",
            "98.00",
        ),
        (
            rule("V", "points('B1') <= -2 and grade == 'A'", "grade = \"B\""),
            "B",
            "98.00",
        ),
    ];
    for (body, grade, score) in table {
        let rules = rules(&small(
            OPEN,
            "base = 100",
            &(component("") + &item("points = -2") + LADDER + &body),
        ));
        let found = one(
            &rules,
            &[record("r1", "B1", "2024-01-01")],
            &[],
            "2024-02-01",
        );
        assert_eq!(
            (found.grade.as_deref(), found.score.to_string().as_str()),
            (Some(grade), score),
            "{body}"
        );
    }
    let veto = rules(&small(
        OPEN,
        "base = 100",
        &(component("") + &item("points = -2\nveto = \"C\"\nvalid_for = \"1 month\"") + LADDER),
    ));
    let records = [record("r1", "B1", "2024-01-01")];
    assert_eq!(
        one(&veto, &records, &[], "2024-02-01").grade.as_deref(),
        Some("C")
    );
    assert_eq!(
        one(&veto, &records, &[], "2024-02-02").grade.as_deref(),
        Some("A")
    );
}

#[test]
fn ranks_share_places_and_quotas_round_half_up() {
    let ladder = |ties: &str| {
        small(
            OPEN,
            &format!("base = 100\n{ties}"),
            &(component("")
                + &item("points = { value = \"value\" }")
                + "[[grade]]\nid = \"A\"\ntop = \"30%\"\n[[grade]]\nid = \"B\"\ntop = \"60%\"\n[[grade]]\nid = \"C\"\n"),
        )
    };
    let companies: Vec<Company> = (1..=5).map(company).collect();
    let records: Vec<Record> = ["0", "-1", "-1", "-2", "-3"]
        .iter()
        .enumerate()
        .map(|(n, value)| {
            record(&format!("r{n}"), "B1", "2024-01-01").with(|r| {
                r.company = Some(uscc(n as u32 + 1));
                attr(r, "value", AttributeValue::Decimal(dec(value)));
            })
        })
        .collect();
    let facts = Facts {
        companies: &companies,
        records: &records,
        ..Facts::default()
    };
    for (ties, expected) in [
        ("", ["A", "A", "A", "C", "C"]),
        ("ties = \"worse\"", ["A", "B", "B", "C", "C"]),
    ] {
        let rules = rules(&ladder(ties));
        assert!(rules.needs_population());
        let mut found = score(&rules, &facts, day("2024-02-01")).unwrap();
        found.sort_by_key(|one| std::cmp::Reverse(one.score));
        let grades: Vec<_> = found.iter().map(|one| one.grade.clone().unwrap()).collect();
        // 30% of 5 is 1.5, two places; 60% is three.
        assert_eq!(grades, expected, "{ties}");
    }
}

#[test]
fn a_subject_that_is_not_rated_has_a_score_and_no_list() {
    let body = component("")
        + &item("points = -2")
        + LADDER
        + "[[not_rated]]\nwhen = \"subject.age_months < 12\"\ntitle = \"成立不满一年\"\nclause = \"第5条\"\n[[list]]\nid = \"black\"\ntitle = \"黑名单\"\nclass = \"watch\"\nclause = \"第8条\"\nwhen = \"has('B1')\"\n";
    let rules = rules(&small(OPEN, "base = 100", &body));
    let records = [record("r1", "B1", "2024-01-01")];
    let mut young = company(1);
    young.registered_on = Some(day("2023-02-02"));
    let facts = Facts {
        companies: &[young],
        records: &records,
        ..Facts::default()
    };
    let found = &score(&rules, &facts, day("2024-02-01")).unwrap()[0];
    assert_eq!(
        (
            found.rated,
            found.grade.as_deref(),
            found.score,
            found.lists.len()
        ),
        (false, Some("成立不满一年"), dec("98"), 0)
    );
    assert_eq!(found.next_change_on, Some(day("2024-02-02")));
    let found = &score(&rules, &facts, day("2024-02-02")).unwrap()[0];
    assert_eq!(
        (found.rated, found.grade.as_deref(), found.lists.clone()),
        (true, Some("A"), vec!["black".to_owned()])
    );
}

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
