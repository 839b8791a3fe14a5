//! Complaints, their events and their contacts.

use diesel::{RunQueryDsl, sql_query};
use wuxin::{
    domain::Region,
    store::{
        StoreError,
        complaints::{self, ComplaintState, Contact, Filter, NewComplaint, NewEvent},
    },
};

use crate::{
    on_both,
    support::{TestStore, synthetic::*},
};

on_both!(
    a_step_upon_an_old_version_is_refused,
    a_complaint_keeps_its_events_in_order,
    events_can_neither_be_edited_nor_deleted,
    a_contact_is_kept_apart_and_may_be_erased,
    a_number_at_the_source_is_taken_once_a_channel,
    complaints_are_found_by_office_level_state_company_and_day,
);

fn region(code: &str) -> Region {
    Region::parse(code).unwrap()
}

fn state(name: &str, office: &str) -> ComplaintState {
    ComplaintState {
        office: region(office),
        level: match office.len() {
            12 => "community",
            9 => "street",
            _ if office.ends_with("00") => "city",
            _ => "county",
        }
        .to_owned(),
        state: name.to_owned(),
        due_on: Some(day("2026-03-05")),
        data: format!(r#"{{"state":"{name}"}}"#),
    }
}

fn new(id: &str, company: Option<u32>, office: &str) -> NewComplaint {
    NewComplaint {
        company: company.map(uscc),
        id: id.to_owned(),
        project: None,
        channel: "phone".to_owned(),
        reference: None,
        category: "fees".to_owned(),
        received_on: day("2026-03-02"),
        now: state("received", office),
    }
}

fn event(kind: &str) -> NewEvent {
    NewEvent {
        kind: kind.to_owned(),
        actor: "示例科员".to_owned(),
        office: region("512002901"),
        data: "{}".to_owned(),
    }
}

fn create(test: &TestStore, new: &NewComplaint) -> Result<(), StoreError> {
    test.store
        .write(|db| complaints::create(db, new, None, &event("receive"), at(0)))
}

fn found(test: &TestStore, id: &str) -> complaints::Complaint {
    let row = test.store.read(|db| complaints::by_id(db, id));
    row.unwrap().unwrap()
}

fn a_step_upon_an_old_version_is_refused(test: &TestStore) {
    // Without a company too.
    for (id, company) in [("C1", Some(1)), ("C2", None)] {
        create(test, &new(id, company, "512002901")).unwrap();
        let seen = found(test, id);
        let step = |to: &str| {
            let state = state(to, "512002901");
            test.store
                .write(|db| complaints::append_event(db, &seen, &state, &event(to), at(1)))
        };
        assert_eq!(step("accepted").unwrap(), 2);
        let error = step("refused").unwrap_err();
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
        let now = found(test, id);
        assert_eq!((now.kept.now.state.as_str(), now.version), ("accepted", 2));
        let events = test.store.read(|db| complaints::events(db, &now)).unwrap();
        assert_eq!(events.len(), 2, "a refused step leaves no event");
    }
    let mut unknown = found(test, "C1");
    unknown.kept.id = "C9".to_owned();
    let error = test
        .store
        .write(|db| {
            let state = state("accepted", "512002");
            complaints::append_event(db, &unknown, &state, &event("accept"), at(2))
        })
        .unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
    assert!(matches!(
        create(test, &new("C1", Some(2), "512002")),
        Err(StoreError::Exists { .. })
    ));
}

fn a_complaint_keeps_its_events_in_order(test: &TestStore) {
    create(test, &new("C1", Some(1), "512002901")).unwrap();
    for (minute, to) in [(1, "accepted"), (2, "handled")] {
        test.store
            .write(|db| {
                let seen = complaints::by_id(db, "C1")?.ok_or(StoreError::Closed)?;
                let state = state(to, "512002901");
                complaints::append_event(db, &seen, &state, &event(to), at(minute))
            })
            .unwrap();
    }
    let now = found(test, "C1");
    let events = test.store.read(|db| complaints::events(db, &now)).unwrap();
    let told: Vec<_> = events
        .iter()
        .map(|one| (one.seq, one.event.kind.as_str(), one.at))
        .collect();
    assert_eq!(
        told,
        [
            (1, "receive", at(0)),
            (2, "accepted", at(1)),
            (3, "handled", at(2))
        ]
    );
    assert_eq!(now.created_at, at(0));
    assert_eq!(now.updated_at, at(2));
    assert_eq!(now.kept.now, state("handled", "512002901"));
}

fn events_can_neither_be_edited_nor_deleted(test: &TestStore) {
    create(test, &new("C1", Some(1), "512002901")).unwrap();
    for (statement, said) in [
        ("UPDATE complaint_event SET actor = 'x'", "append-only"),
        ("DELETE FROM complaint_event", "append-only"),
        ("DELETE FROM complaint", ""),
    ] {
        let refused = test
            .store
            .write(|db| Ok::<_, StoreError>(sql_query(statement).execute(db)?));
        let error = refused.unwrap_err().to_string();
        assert!(error.contains(said), "{statement}: {error}");
    }
    assert_eq!(found(test, "C1").version, 1);
}

fn a_contact_is_kept_apart_and_may_be_erased(test: &TestStore) {
    let contact = Contact {
        name: None,
        phone: Some("13800000000".to_owned()),
        address: None,
    };
    assert!(!format!("{contact:?}").contains("138"));
    let new = new("C1", None, "512002901");
    test.store
        .write(|db| complaints::create(db, &new, Some(&contact), &event("receive"), at(0)))
        .unwrap();
    let row = found(test, "C1");
    let read = || test.store.read(|db| complaints::contact(db, &row)).unwrap();
    assert_eq!(read(), Some(contact));
    let run = |statement: &str| {
        test.store
            .write(|db| Ok::<_, StoreError>(sql_query(statement).execute(db)?))
    };
    let edited = run("UPDATE complaint_contact SET phone = '1'").unwrap_err();
    assert!(edited.to_string().contains("not edited"), "{edited}");
    assert_eq!(run("DELETE FROM complaint_contact").unwrap(), 1);
    assert_eq!(read(), None);
}

fn a_number_at_the_source_is_taken_once_a_channel(test: &TestStore) {
    let with = |id: &str, channel: &str, reference: Option<&str>| NewComplaint {
        channel: channel.to_owned(),
        reference: reference.map(str::to_owned),
        ..new(id, Some(1), "512002901")
    };
    create(test, &with("C1", "12345", Some("A1"))).unwrap();
    create(test, &with("C2", "online", Some("A1"))).unwrap();
    create(test, &with("C3", "12345", None)).unwrap();
    create(test, &with("C4", "12345", None)).unwrap();
    let again = create(test, &with("C5", "12345", Some("A1")));
    assert!(matches!(again, Err(StoreError::Exists { key, .. }) if key == "A1"));
    let known = |channel: &str, reference: &str| {
        test.store
            .read(|db| complaints::by_reference(db, channel, reference))
            .unwrap()
    };
    assert_eq!(known("12345", "A1").as_deref(), Some("C1"));
    assert_eq!(known("12345", "A2"), None);
    assert_eq!(known("12345", "A\0"), None);
}

fn complaints_are_found_by_office_level_state_company_and_day(test: &TestStore) {
    for (id, company, office, received) in [
        ("C1", Some(1), "512002901001", "2026-03-01"),
        ("C2", Some(1), "512002901", "2026-03-02"),
        ("C3", None, "512002", "2026-03-03"),
        ("C4", Some(2), "512000", "2026-03-04"),
        ("C5", Some(2), "512021901", "2026-03-05"),
    ] {
        let one = NewComplaint {
            received_on: day(received),
            ..new(id, company, office)
        };
        create(test, &one).unwrap();
    }
    let ask = |filter: Filter, before: Option<&str>, limit: usize| {
        let page = test
            .store
            .read(|db| complaints::page(db, &filter, before, limit))
            .unwrap();
        let ids: Vec<String> = page.rows.into_iter().map(|row| row.kept.id).collect();
        (ids.join(" "), page.next)
    };
    let within = |codes: &[&str]| Filter {
        within: codes.iter().map(|code| region(code)).collect(),
        ..Filter::default()
    };
    let all = |filter| ask(filter, None, 10).0;
    assert_eq!(all(Filter::default()), "C5 C4 C3 C2 C1");
    assert_eq!(all(within(&["512000"])), "C5 C4 C3 C2 C1");
    assert_eq!(all(within(&["512002"])), "C3 C2 C1");
    assert_eq!(all(within(&["512002901", "512002901001"])), "C1");
    assert_eq!(all(within(&["512002", "512021"])), "");
    let filter = Filter::default;
    let level = Some("street".to_owned());
    assert_eq!(all(Filter { level, ..filter() }), "C5 C2");
    let state = Some("closed".to_owned());
    assert_eq!(all(Filter { state, ..filter() }), "");
    let company = Some(uscc(2));
    assert_eq!(
        all(Filter {
            company,
            ..filter()
        }),
        "C5 C4"
    );
    let (from, until) = (Some(day("2026-03-02")), Some(day("2026-03-04")));
    assert_eq!(
        all(Filter {
            from,
            until,
            ..filter()
        }),
        "C4 C3 C2"
    );
    let (first, next) = ask(filter(), None, 3);
    assert_eq!((first.as_str(), next.as_deref()), ("C5 C4 C3", Some("C3")));
    assert_eq!(
        ask(filter(), next.as_deref(), 3),
        ("C2 C1".to_owned(), None)
    );
}
