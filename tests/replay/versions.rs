//! Versions of one policy in time, and trial runs.

use std::path::PathBuf;

use wuxin::{
    domain::{Day, Points},
    service::{Gap, RuleBook, score_stored},
};

use crate::{
    bureau::{Bureau, OPEN, morning, rules},
    on_both,
    support::{TestStore, synthetic},
};

on_both!(
    a_future_version_changes_nothing_before_its_first_day,
    nothing_is_done_about_scores_of_a_trial_run,
    old_records_are_replayed_under_the_versions_of_their_time,
);

const UNTIL_JULY: &str = "effective_from = 2024-01-01\neffective_until = 2026-07-31";
const FROM_AUGUST: &str = "effective_from = 2026-08-01";

fn a_future_version_changes_nothing_before_its_first_day(test: &TestStore) {
    let mut bureau = Bureau::new(test, &[rules("a", UNTIL_JULY, 2)], 3);
    bureau.confirmed(1, "GOOD", morning(7, 2));
    let day = |text| Day::parse(text).unwrap();
    let scored = |bureau: &Bureau, on: Day| {
        let store = &bureau.app.store;
        let scores = store
            .read(|db| score_stored(db, &bureau.app, on, None))
            .unwrap();
        serde_json::to_string(&scores).unwrap()
    };
    let (alone, kept) = (scored(&bureau, day("2026-07-31")), bureau.stored());
    bureau.restart(&[rules("a", UNTIL_JULY, 2), rules("b", FROM_AUGUST, 5)]);
    assert_eq!(scored(&bureau, day("2026-07-31")), alone);
    assert_eq!(bureau.night(morning(7, 31)).scored, 0);
    assert_eq!(bureau.stored(), kept);
    // No result is said to hold longer than its version.
    for one in &kept {
        assert_eq!(one.result.next_change_on, Some(day("2026-08-01")));
    }
    // Its first day: everybody, under the new version, whatever else is due.
    let first = bureau.night(morning(8, 1));
    assert_eq!((first.scored, first.changed), (3, 3));
    assert!(scored(&bureau, day("2026-08-01")).contains(r#""ruleset":"b""#));
    assert!(scored(&bureau, day("2026-08-01")).contains(r#""score":"85.0""#));
    assert_eq!(scored(&bureau, day("2026-07-31")), alone);
    assert_eq!(bureau.night(morning(8, 2)).scored, 0);
    let found = bureau.replay();
    assert_eq!((found.differences.len(), found.replayed), (0, 7));
}

fn old_records_are_replayed_under_the_versions_of_their_time(test: &TestStore) {
    let own_date = format!("{FROM_AUGUST}\nold_records = \"own_date\"");
    let mut bureau = Bureau::new(test, &[rules("a", UNTIL_JULY, 2)], 1);
    bureau.confirmed(1, "GOOD", morning(7, 2));
    bureau.restart(&[rules("a", UNTIL_JULY, 2), rules("b", &own_date, 5)]);
    bureau.night(morning(8, 1));
    let last = |bureau: &Bureau| bureau.stored().last().unwrap().result.score;
    let points = |text| Points::parse(text).unwrap();
    assert_eq!(last(&bureau), points("82"));
    let found = bureau.replay();
    assert_eq!((found.differences.len(), found.replayed), (0, 3));
    // Another text of the old version judges otherwise: everybody is scored again, and what was stays as it was.
    bureau.restart(&[rules("a", UNTIL_JULY, 3), rules("b", &own_date, 5)]);
    assert_eq!(bureau.night(morning(8, 2)).changed, 1);
    assert_eq!(
        bureau.stored().last().unwrap().result.score.to_string(),
        "83"
    );
    let found = bureau.replay();
    assert_eq!((found.differences.len(), found.replayed), (0, 4));
}

fn nothing_is_done_about_scores_of_a_trial_run(test: &TestStore) {
    let trial = format!("{OPEN}\nshadow_until = 2026-07-31");
    let bureau = Bureau::new(test, &[rules("a", &trial, 2)], 2);
    bureau.confirmed(1, "BAD", morning(7, 2));
    let score = bureau
        .app
        .store
        .read(|db| score_stored(db, &bureau.app, Day::of(morning(7, 2)), None))
        .unwrap()
        .remove(0);
    // What would fire is computed as ever.
    assert_eq!(score.lists, ["watch"]);
    assert_eq!(score.consequences, ["增加检查频次"]);
    let found = |at| {
        let store = &bureau.app.store;
        store
            .read(|db| wuxin::service::company(db, &bureau.app, synthetic::uscc(1), at))
            .unwrap()
    };
    assert_eq!(
        found(morning(7, 31)).shadow_until.as_deref(),
        Some("2026-07-31")
    );
    bureau.night(morning(7, 31));
    assert!(bureau.proposed().is_empty());
    // The day after it, the same condition is put before people.
    assert_eq!(bureau.night(morning(8, 1)).scored, 2);
    assert_eq!(bureau.proposed(), [synthetic::uscc(1)]);
    assert_eq!(found(morning(8, 1)).shadow_until, None);
    assert_eq!(bureau.replay().differences, []);
    // Two entries of one company are never opened for one list.
    bureau.night(morning(8, 2));
    assert_eq!(bureau.proposed().len(), 1);
}

fn book(texts: &[(&str, &str)]) -> Result<RuleBook, String> {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = texts
        .iter()
        .map(|(id, head)| {
            let path = folder.path().join(format!("{id}.toml"));
            std::fs::write(&path, rules(id, head, 2)).unwrap();
            path
        })
        .collect();
    RuleBook::read(&files).map_err(|fault| fault.to_string())
}

#[test]
fn a_day_in_no_version_is_told_with_its_neighbours() {
    let gap = book(&[
        (
            "a",
            "effective_from = 2024-01-01\neffective_until = 2025-12-31",
        ),
        ("b", "effective_from = 2026-02-01"),
    ])
    .unwrap();
    let on = |text| {
        gap.any_in_force(Day::parse(text).unwrap())
            .map(|one| one.id())
    };
    assert_eq!((on("2025-12-31"), on("2026-02-01")), (Ok("a"), Ok("b")));
    let fault = on("2026-01-15").unwrap_err();
    assert!(matches!(fault, Gap::None { .. }));
    assert_eq!(
        fault.to_string(),
        "没有有效版本（前一版本 a 到 2025-12-31 为止；后一版本 b 自 2026-02-01 起）"
    );
    let first = on("2023-12-31").unwrap_err().to_string();
    assert_eq!(
        first,
        "没有有效版本（此前没有版本；后一版本 a 自 2024-01-01 起）"
    );
    assert_eq!(
        gap.versions("sample")
            .iter()
            .map(|one| one.id())
            .collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert!(gap.versions("other").is_empty());
}

#[test]
fn versions_that_overlap_are_refused_at_the_start() {
    let fault = book(&[("a", OPEN), ("b", FROM_AUGUST)]).unwrap_err();
    let told = "[R031] 「b」与「a」在 2026-08-01 同时有效";
    assert!(fault.contains(told), "{fault}");
}

#[test]
fn a_trial_run_ends_within_its_version() {
    for (head, good) in [
        (
            "effective_from = 2026-01-01\nshadow_until = 2026-01-01",
            true,
        ),
        (
            "effective_from = 2026-01-01\nshadow_until = 2025-12-31",
            false,
        ),
        (
            "effective_from = 2026-01-01\neffective_until = 2026-06-30\nshadow_until = 2026-07-01",
            false,
        ),
    ] {
        assert_eq!(book(&[("a", head)]).is_ok(), good, "{head}");
    }
}

#[test]
fn a_folder_without_rules_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let fault = RuleBook::read(&[folder.path().to_owned()]).unwrap_err();
    assert!(fault.to_string().contains("no rule file"), "{fault}");
}
