//! List entries.

use diesel::{RunQueryDsl, sql_query};
use wuxin::store::{
    StoreError,
    entries::{self, Cursor, EntryState, NewEvent},
};

use crate::{
    on_both,
    support::{TestStore, synthetic::*},
};

on_both!(
    a_decision_upon_an_old_version_is_refused,
    an_entry_keeps_its_events_in_order,
    events_can_neither_be_edited_nor_deleted,
    entries_are_found_by_state_list_and_deadline,
);

fn state(name: &str, due: Option<&str>) -> EntryState {
    EntryState {
        state: name.to_owned(),
        severity: Some("general".to_owned()),
        due_on: due.map(day),
        data: format!(r#"{{"state":"{name}"}}"#),
    }
}

fn event(kind: &str) -> NewEvent {
    NewEvent {
        kind: kind.to_owned(),
        actor: "示例科员".to_owned(),
        role: "officer".to_owned(),
        reason: "示例事由".to_owned(),
        data: "{}".to_owned(),
    }
}

fn create(test: &TestStore, company: u32, id: &str, list: &str, at_state: &EntryState) {
    test.store
        .write(|db| {
            entries::create(
                db,
                &uscc(company),
                id,
                list,
                at_state,
                &event("propose"),
                at(0),
            )
        })
        .unwrap();
}

fn a_decision_upon_an_old_version_is_refused(test: &TestStore) {
    create(test, 1, "e1", "watch", &state("proposed", None));
    let seen = test
        .store
        .read(|db| entries::by_id(db, "e1"))
        .unwrap()
        .unwrap();
    let step = |to: &str| {
        test.store
            .write(|db| entries::append_event(db, &seen, &state(to, None), &event(to), at(1)))
    };
    assert_eq!(step("noticed").unwrap(), 2);
    let error = step("dropped").unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Conflict {
                expected: 1,
                found: 2,
                ..
            }
        ),
        "{error}"
    );
    let now = test
        .store
        .read(|db| entries::find(db, &uscc(1), "e1"))
        .unwrap()
        .unwrap();
    assert_eq!((now.now.state.as_str(), now.version), ("noticed", 2));
    let events = test
        .store
        .read(|db| entries::events(db, &uscc(1), "e1"))
        .unwrap();
    assert_eq!(events.len(), 2, "a refused step leaves no event");
    let mut unknown = now;
    unknown.id = "e9".to_owned();
    let error = test
        .store
        .write(|db| entries::append_event(db, &unknown, &state("x", None), &event("x"), at(2)))
        .unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
    let again = test.store.write(|db| {
        entries::create(
            db,
            &uscc(2),
            "e1",
            "watch",
            &state("proposed", None),
            &event("propose"),
            at(0),
        )
    });
    assert!(matches!(again, Err(StoreError::Exists { .. })));
}

fn an_entry_keeps_its_events_in_order(test: &TestStore) {
    create(test, 1, "e1", "watch", &state("proposed", None));
    for (minute, to) in [(1, "noticed"), (2, "decided"), (3, "published")] {
        test.store
            .write(|db| {
                let entry = entries::by_id(db, "e1")?.ok_or(StoreError::Closed)?;
                entries::append_event(db, &entry, &state(to, None), &event(to), at(minute))
            })
            .unwrap();
    }
    let events = test
        .store
        .read(|db| entries::events(db, &uscc(1), "e1"))
        .unwrap();
    let told: Vec<_> = events
        .iter()
        .map(|e| (e.seq, e.event.kind.as_str(), e.at))
        .collect();
    assert_eq!(
        told,
        [
            (1, "propose", at(0)),
            (2, "noticed", at(1)),
            (3, "decided", at(2)),
            (4, "published", at(3)),
        ]
    );
    let of_company = test
        .store
        .read(|db| entries::of_company(db, &uscc(1)))
        .unwrap();
    assert_eq!(of_company[0].now, state("published", None));
    assert_eq!(of_company[0].updated_at, at(3));
}

fn events_can_neither_be_edited_nor_deleted(test: &TestStore) {
    create(test, 1, "e1", "watch", &state("proposed", None));
    for statement in [
        "UPDATE entry_event SET actor = 'x'",
        "DELETE FROM entry_event",
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
    let orphaned = test
        .store
        .write(|db| Ok::<_, StoreError>(sql_query("DELETE FROM entry").execute(db)?));
    assert!(orphaned.is_err(), "an entry with events cannot go");
}

fn entries_are_found_by_state_list_and_deadline(test: &TestStore) {
    create(
        test,
        2,
        "e1",
        "watch",
        &state("proposed", Some("2026-03-05")),
    );
    create(
        test,
        1,
        "e2",
        "watch",
        &state("noticed", Some("2026-03-04")),
    );
    create(test, 1, "e3", "red", &state("proposed", None));
    create(
        test,
        3,
        "e4",
        "watch",
        &state("published", Some("2026-04-01")),
    );
    let find = |states: &[&str], list, after: Option<&Cursor>, limit| {
        let page = test
            .store
            .read(|db| entries::in_states(db, states, list, after, limit))
            .unwrap();
        let ids: Vec<String> = page.rows.into_iter().map(|entry| entry.id).collect();
        (ids, page.next)
    };
    assert_eq!(find(&["proposed"], None, None, 10).0, ["e3", "e1"]);
    assert_eq!(
        find(&["proposed", "noticed"], Some("watch"), None, 10).0,
        ["e2", "e1"]
    );
    let (first, next) = find(&["proposed", "noticed", "published"], None, None, 3);
    assert_eq!(first, ["e2", "e3", "e1"]);
    assert_eq!(
        find(
            &["proposed", "noticed", "published"],
            None,
            next.as_ref(),
            3
        )
        .0,
        ["e4"]
    );
    assert_eq!(find(&[], None, None, 3).0, Vec::<String>::new());
    let due = test
        .store
        .read(|db| entries::due(db, day("2026-03-05"), 10))
        .unwrap();
    let due: Vec<&str> = due.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(due, ["e2", "e1"]);
    let counts = test.store.read(entries::counts).unwrap();
    assert_eq!(counts.len(), 4);
    assert_eq!(counts[0], ("red".to_owned(), "proposed".to_owned(), 1));
}
