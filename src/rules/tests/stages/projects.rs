//! Step 8, project by project, and whose projects count.

use super::*;

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
