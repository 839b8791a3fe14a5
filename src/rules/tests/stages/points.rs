//! Steps 2 to 5: what a record gives alone, rectified, with others of its matter, and again.

use super::*;

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
