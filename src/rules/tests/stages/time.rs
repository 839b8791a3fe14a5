//! Step 1: which records count on a day.

use super::*;

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
