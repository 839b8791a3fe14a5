//! Visits of spot checks: a step upon an old version is refused, a finding becomes a record once, and nothing is edited.

use diesel::{RunQueryDsl, sql_query};
use wuxin::{
    domain::{Day, Region},
    store::{
        StoreError,
        checks::{self, Task},
        inspections::{self, Code, File, Inspection, Key, NewEvent, Publication},
    },
};

use crate::{
    on_both,
    support::{TestStore, synthetic::*},
};

on_both!(
    a_visit_is_begun_once_and_moves_by_versions,
    what_hangs_on_a_visit_hangs_on_it_once,
    nothing_of_a_visit_can_be_edited_or_deleted,
);

fn key() -> Key {
    Key {
        task: "CC-1".to_owned(),
        attempt: 1,
        object: "XM-01".to_owned(),
    }
}

fn visit() -> Inspection {
    Inspection {
        company: uscc(1),
        key: key(),
        state: "on_site".to_owned(),
        version: 1,
        code: Some(Code {
            text: "ABCDEFGHJK".to_owned(),
            digest: "d1".to_owned(),
        }),
        arrived_on: Some(Day::parse("2026-07-06").unwrap()),
        settled_on: None,
        year: 2026,
        data: "{}".to_owned(),
    }
}

fn event(kind: &str) -> NewEvent {
    NewEvent {
        kind: kind.to_owned(),
        actor: "示例科员".to_owned(),
        data: format!(r#"{{"kind":"{kind}"}}"#),
    }
}

fn begun(test: &TestStore) {
    let task = Task {
        id: "CC-1".to_owned(),
        district: Region::parse("512002").unwrap(),
        state: "drawn".to_owned(),
        version: 1,
        data: "{}".to_owned(),
    };
    let first = checks::NewEvent {
        kind: "prepare".to_owned(),
        actor: "示例科员".to_owned(),
        data: "{}".to_owned(),
    };
    test.store
        .write(|db| {
            checks::create(db, &task, &first, at(0))?;
            inspections::begin(db, &visit(), &event("arrive"), at(1))
        })
        .unwrap();
}

fn a_visit_is_begun_once_and_moves_by_versions(test: &TestStore) {
    begun(test);
    let again = test
        .store
        .write(|db| inspections::begin(db, &visit(), &event("arrive"), at(2)));
    assert!(matches!(again, Err(StoreError::Exists { .. })), "{again:?}");
    let to = Inspection {
        state: "recorded".to_owned(),
        ..visit()
    };
    let step = || {
        test.store
            .write(|db| inspections::append(db, &to, &event("record"), at(3)))
    };
    assert_eq!(step().unwrap(), 2);
    assert!(matches!(step(), Err(StoreError::Conflict { found: 2, .. })));
    let events = test.store.read(|db| inspections::events(db, &key()));
    assert_eq!(
        events.unwrap(),
        [r#"{"kind":"arrive"}"#, r#"{"kind":"record"}"#],
        "a refused step leaves no event"
    );
    let kept = Inspection { version: 2, ..to };
    let found = test
        .store
        .read(|db| inspections::by_code(db, "d1"))
        .unwrap();
    assert_eq!(found.as_ref(), Some(&kept));
    assert_eq!(
        test.store
            .read(|db| inspections::by_code(db, "d2"))
            .unwrap(),
        None
    );
    let of_year = test
        .store
        .read(|db| inspections::of_year(db, 2026))
        .unwrap();
    assert_eq!(of_year, [kept]);
    let other = Key {
        object: "XM-01\0".to_owned(),
        ..key()
    };
    assert_eq!(
        test.store.read(|db| inspections::find(db, &other)).unwrap(),
        None
    );
}

fn publication() -> Publication {
    Publication {
        task: "CC-1".to_owned(),
        attempt: 1,
        due_on: Some(Day::parse("2026-08-17").unwrap()),
        published_on: Day::parse("2026-08-20").unwrap(),
        days_late: 3,
        actor: "示例科员".to_owned(),
    }
}

fn file() -> File {
    File {
        digest: "0".repeat(64),
        media: "image/png".to_owned(),
        size: 70,
        name: "现场.png".to_owned(),
        actor: "示例科员".to_owned(),
        at: at(2),
    }
}

fn what_hangs_on_a_visit_hangs_on_it_once(test: &TestStore) {
    begun(test);
    let record = |item: &str, id: &str| {
        test.store
            .write(|db| inspections::add_record(db, &key(), item, id, at(2)))
    };
    record("SPOT-01", "E1").unwrap();
    assert!(matches!(
        record("SPOT-01", "E2"),
        Err(StoreError::Exists { .. })
    ));
    assert!(matches!(
        record("SPOT-02", "E1"),
        Err(StoreError::Exists { .. })
    ));
    let records = test
        .store
        .read(|db| inspections::records(db, &key()))
        .unwrap();
    assert_eq!(records, [("SPOT-01".to_owned(), "E1".to_owned())]);
    for _ in 0..2 {
        test.store
            .write(|db| inspections::add_file(db, &key(), &file()))
            .unwrap();
    }
    let files = test
        .store
        .read(|db| inspections::files(db, &key()))
        .unwrap();
    assert_eq!(files, [file()]);
    let publish = || {
        test.store
            .write(|db| inspections::publish(db, &publication(), at(3)))
    };
    publish().unwrap();
    assert!(matches!(publish(), Err(StoreError::Exists { .. })));
    let kept = test.store.read(|db| inspections::publications(db, "CC-1"));
    assert_eq!(kept.unwrap(), [publication()]);
}

fn nothing_of_a_visit_can_be_edited_or_deleted(test: &TestStore) {
    begun(test);
    test.store
        .write(|db| {
            inspections::add_record(db, &key(), "SPOT-01", "E1", at(2))?;
            inspections::add_file(db, &key(), &file())?;
            inspections::publish(db, &publication(), at(3))
        })
        .unwrap();
    for (table, column) in [
        ("inspection", None),
        ("inspection_event", Some("data")),
        ("inspection_record", Some("record")),
        ("inspection_file", Some("name")),
        ("inspection_publication", Some("actor")),
    ] {
        let mut orders = vec![format!("DELETE FROM {table}")];
        orders.extend(column.map(|column| format!("UPDATE {table} SET {column} = 'x'")));
        for order in orders {
            let done = test.store.write(|db| {
                sql_query(&order).execute(db)?;
                Ok::<(), StoreError>(())
            });
            assert!(done.is_err(), "{order}");
        }
    }
}
