//! Steps 10 to 14: rounding, ladder, overrides and vetoes, ranks, who is not rated.

use super::*;

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
