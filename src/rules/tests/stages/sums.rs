//! Steps 6 to 8: caps of items, groups, components.

use super::*;

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
