//! Records and their versions.

use std::collections::BTreeSet;

use diesel::{RunQueryDsl, sql_query};
use wuxin::{
    domain::{Points, Record, RecordStatus},
    store::{
        Counts, StoreError, Written, companies, contracts, dossiers,
        records::{self, Cause, RecordVersion},
    },
};

use crate::{
    on_both,
    support::{TestStore, synthetic::*},
};

on_both!(
    a_second_import_of_the_same_records_changes_nothing,
    every_field_of_a_record_comes_back,
    a_correction_supersedes_and_what_was_known_before_can_still_be_asked,
    a_record_cannot_move_to_another_company,
    records_of_a_project_concern_every_company_that_managed_it,
    two_officers_cannot_both_change_the_version_they_saw,
    versions_can_neither_be_edited_nor_deleted,
    the_work_queues_hold_what_is_open,
    a_bulk_import_is_fast_enough_to_run_in_a_test,
);

fn put(test: &TestStore, all: &[Record], minute: i64) -> Written {
    test.store
        .write(|db| records::put(db, all, Cause::Imported, "records.csv", at(minute)))
        .unwrap()
}

fn ids(versions: &[RecordVersion]) -> Vec<(&str, i64)> {
    versions
        .iter()
        .map(|version| (version.record.id.as_str(), version.version))
        .collect()
}

fn a_second_import_of_the_same_records_changes_nothing(test: &TestStore) {
    let all: Vec<Record> = (0..2_100)
        .map(|number| record(&format!("r{number:05}"), Some(number % 9), None))
        .collect();
    let first = put(test, &all, 0);
    assert_eq!(
        first.counts,
        Counts {
            new: 2_100,
            changed: 0,
            unchanged: 0
        }
    );
    assert_eq!(first.companies.len(), 9);
    let second = put(test, &all, 1);
    assert_eq!(
        second.counts,
        Counts {
            new: 0,
            changed: 0,
            unchanged: 2_100
        }
    );
    assert_eq!(second.companies, BTreeSet::new());
    let history = test
        .store
        .read(|db| records::history(db, "r00000"))
        .unwrap();
    assert_eq!(ids(&history), [("r00000", 1)]);
}

fn every_field_of_a_record_comes_back(test: &TestStore) {
    let mut full = record("r1", Some(1), Some("P1"));
    full.manager = Some("示例经理".to_owned());
    full.entered_on = Some(day("2026-03-01"));
    full.published_on = Some(day("2026-03-02"));
    full.valid_until = Some(day("9999-12-31"));
    full.points = Some(Points::parse("-999999999.9999").unwrap());
    full.reason = Some("𠮷".to_owned());
    full.matter = Some("m".to_owned());
    full.rectified_on = Some(day("1900-01-01"));
    full.status = RecordStatus::Disputed;
    let bare = Record {
        kind: None,
        body: None,
        occurred_on: None,
        decided_on: None,
        points: None,
        rectify_by: None,
        attributes: Default::default(),
        manager: Some("示例经理".to_owned()),
        ..record("r2", None, None)
    };
    put(test, &[full.clone(), bare.clone()], 0);
    let stored = |id: &str| test.store.read(|db| records::current(db, id)).unwrap();
    let version = stored("r1").unwrap();
    assert_eq!(version.digest, full.digest());
    assert_eq!(version.recorded_at, at(0));
    assert_eq!(version.actor, "records.csv");
    assert_eq!(version.record, full);
    assert_eq!(stored("r2").unwrap().record, bare);
    assert_eq!(stored("r3"), None);
    let page = test
        .store
        .read(|db| records::unassigned(db, None, 10))
        .unwrap();
    assert_eq!(ids(&page.rows), [("r2", 1)]);
}

fn a_correction_supersedes_and_what_was_known_before_can_still_be_asked(test: &TestStore) {
    let first = record("r1", Some(1), None);
    put(test, std::slice::from_ref(&first), 10);
    let mut second = first.clone();
    second.points = Some(Points::parse("-2").unwrap());
    let corrected = test
        .store
        .write(|db| records::append(db, &second, Some(1), Cause::Corrected, "officer", at(20)));
    assert_eq!(corrected.unwrap(), 2);
    let mut third = second.clone();
    third.status = RecordStatus::Revoked;
    let written = put(test, std::slice::from_ref(&third), 30);
    assert_eq!(written.counts.changed, 1);
    assert_eq!(written.companies, BTreeSet::from([uscc(1)]));

    let history = test.store.read(|db| records::history(db, "r1")).unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|version| (version.version, version.cause, version.superseded_at))
        .collect();
    assert_eq!(
        told,
        [
            (1, Cause::Imported, Some(at(20))),
            (2, Cause::Corrected, Some(at(30))),
            (3, Cause::Imported, None),
        ]
    );
    let table: [(i64, Option<&Record>); 6] = [
        (9, None),
        (10, Some(&first)),
        (19, Some(&first)),
        (20, Some(&second)),
        (29, Some(&second)),
        (30, Some(&third)),
    ];
    for (minute, expected) in table {
        let known = test
            .store
            .read(|db| records::known_at(db, &uscc(1), at(minute)))
            .unwrap();
        let known: Vec<&Record> = known.iter().map(|version| &version.record).collect();
        assert_eq!(known, expected.into_iter().collect::<Vec<_>>(), "{minute}");
    }
    let now = test
        .store
        .read(|db| records::of_company(db, &uscc(1)))
        .unwrap();
    assert_eq!(ids(&now), [("r1", 3)]);
}

fn a_record_cannot_move_to_another_company(test: &TestStore) {
    put(
        test,
        &[record("r1", Some(1), None), record("r2", None, Some("P1"))],
        0,
    );
    let moved = [
        record("r0", Some(1), None),
        record("r1", Some(2), None),
        record("r2", Some(1), Some("P1")),
    ];
    let error = test
        .store
        .write(|db| records::put(db, &moved, Cause::Imported, "records.csv", at(1)))
        .unwrap_err();
    assert!(
        matches!(&error, StoreError::SubjectChanged(ids) if *ids == ["r1", "r2"]),
        "{error}"
    );
    let r0 = test.store.read(|db| records::current(db, "r0")).unwrap();
    assert_eq!(r0, None, "a refused import stores nothing");
}

fn records_of_a_project_concern_every_company_that_managed_it(test: &TestStore) {
    test.store
        .write(|db| {
            companies::put(
                db,
                &[
                    company(1, "示例甲"),
                    company(2, "示例乙"),
                    company(3, "示例丙"),
                ],
                at(0),
            )?;
            contracts::put(
                db,
                &[
                    contract("P1", 1, None, Some("2024-12-31")),
                    contract("P1", 2, Some("2025-01-01"), Some("2025-12-31")),
                    contract("P1", 2, Some("2026-01-01"), None),
                    contract("P2", 3, None, None),
                ],
                at(0),
            )
        })
        .unwrap();
    let written = put(
        test,
        &[
            record("a", Some(1), None),
            record("b", None, Some("P1")),
            record("c", Some(2), Some("P1")),
            record("d", None, Some("P3")),
        ],
        1,
    );
    assert_eq!(written.companies, BTreeSet::from([uscc(1), uscc(2)]));
    let table = [
        (1, vec!["a", "b"]),
        (2, vec!["b", "c"]),
        (3, vec![]),
        (4, vec![]),
    ];
    for (number, expected) in &table {
        let of_company = test
            .store
            .read(|db| records::of_company(db, &uscc(*number)))
            .unwrap();
        let found: Vec<&str> = of_company.iter().map(|v| v.record.id.as_str()).collect();
        assert_eq!(found, *expected);
        let known = test
            .store
            .read(|db| records::known_at(db, &uscc(*number), at(1)))
            .unwrap();
        assert_eq!(known, of_company);
    }
    let page = test.store.read(|db| dossiers::page(db, None, 2)).unwrap();
    assert_eq!(page.next, Some(uscc(2)));
    let page_after = test
        .store
        .read(|db| dossiers::page(db, page.next.as_ref(), 2))
        .unwrap();
    assert_eq!(page_after.next, None);
    for (dossier, (number, expected)) in page.rows.iter().chain(&page_after.rows).zip(&table) {
        assert_eq!(dossier.company.uscc, uscc(*number));
        let found: Vec<&str> = dossier.records.iter().map(|r| r.id.as_str()).collect();
        assert_eq!(found, *expected);
        let alone = test
            .store
            .read(|db| dossiers::find(db, &uscc(*number)))
            .unwrap();
        assert_eq!(alone.as_ref(), Some(dossier));
    }
    let of_project = test.store.read(|db| records::of_project(db, "P1")).unwrap();
    assert_eq!(ids(&of_project), [("b", 1), ("c", 1)]);
    let mut walked = Vec::new();
    test.store
        .read(|db| {
            records::all_current(db, 2, |chunk| {
                walked.extend(chunk.into_values().flatten().map(|record| record.id));
                Ok::<_, StoreError>(())
            })
        })
        .unwrap();
    assert_eq!(walked, ["a", "c"]);
}

fn two_officers_cannot_both_change_the_version_they_saw(test: &TestStore) {
    let entered = record("r1", Some(1), None);
    let append = |expected, cause| {
        test.store
            .write(|db| records::append(db, &entered, expected, cause, "officer", at(1)))
    };
    assert_eq!(append(None, Cause::Entered).unwrap(), 1);
    assert!(matches!(
        append(None, Cause::Entered),
        Err(StoreError::Exists { .. })
    ));
    assert_eq!(append(Some(1), Cause::Confirmed).unwrap(), 2);
    assert!(matches!(
        append(Some(1), Cause::Revoked),
        Err(StoreError::Conflict {
            expected: 1,
            found: 2,
            ..
        })
    ));
    let unknown = test.store.write(|db| {
        records::append(
            db,
            &record("r9", Some(1), None),
            Some(1),
            Cause::Revoked,
            "officer",
            at(1),
        )
    });
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })));
}

fn versions_can_neither_be_edited_nor_deleted(test: &TestStore) {
    put(test, &[record("r1", Some(1), None)], 0);
    let mut next = record("r1", Some(1), None);
    next.points = None;
    put(test, &[next], 1);
    for statement in [
        "UPDATE record SET points = 0",
        "UPDATE record SET points = NULL WHERE version = 1",
        "UPDATE record SET superseded_at = NULL WHERE version = 1",
        "UPDATE record SET superseded_at = 1 WHERE version = 1",
        "UPDATE record SET superseded_at = 1, reason = 'x' WHERE version = 2",
        "DELETE FROM record WHERE version = 2",
    ] {
        let error = test
            .store
            .write(|db| Ok::<_, StoreError>(sql_query(statement).execute(db)?))
            .unwrap_err();
        assert!(
            error.to_string().contains("append-only"),
            "{statement}: {error}"
        );
    }
    let history = test.store.read(|db| records::history(db, "r1")).unwrap();
    assert_eq!(ids(&history), [("r1", 1), ("r1", 2)]);
    assert_eq!(history[0].superseded_at, Some(at(1)));
}

fn the_work_queues_hold_what_is_open(test: &TestStore) {
    let with = |id: &str, company, status, rectified: Option<&str>| Record {
        status,
        rectified_on: rectified.map(day),
        ..record(id, company, None)
    };
    put(
        test,
        &[
            with("c", Some(1), RecordStatus::Draft, None),
            with("b", Some(2), RecordStatus::Draft, None),
            with("a", None, RecordStatus::Draft, Some("2026-03-10")),
            with("d", Some(1), RecordStatus::Disputed, None),
            with("e", Some(1), RecordStatus::Confirmed, None),
        ],
        0,
    );
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = test
            .store
            .read(|db| records::open(db, RecordStatus::Draft, after.as_ref(), 1))
            .unwrap();
        seen.extend(page.rows.into_iter().map(|version| version.record.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["a", "c", "b"]);
    let due = |until: &str| {
        test.store
            .read(|db| records::rectify_due(db, day(until), 10))
            .unwrap()
    };
    assert_eq!(due("2026-03-14"), []);
    assert_eq!(
        ids(&due("2026-03-15")),
        [("b", 1), ("c", 1), ("d", 1), ("e", 1)]
    );
}

fn a_bulk_import_is_fast_enough_to_run_in_a_test(test: &TestStore) {
    let all: Vec<Record> = (0..10_000)
        .map(|number| record(&format!("r{number:06}"), Some(number % 100), None))
        .collect();
    let begun = std::time::Instant::now();
    assert_eq!(put(test, &all, 0).counts.new, 10_000);
    let taken = begun.elapsed();
    println!("10,000 records in {taken:?}");
    assert!(taken.as_secs() < 20, "{taken:?}");
}
