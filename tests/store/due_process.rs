//! Events of records, and which files belong to which record.

use diesel::{RunQueryDsl, sql_query};
use wuxin::store::{
    StoreError,
    attachments::{self, Attachment},
    records::events::{self, NewEvent},
};

use crate::{
    on_both,
    support::{TestStore, synthetic::*},
};

on_both!(
    events_are_numbered_per_record_and_kept_in_order,
    an_event_upon_a_number_that_was_taken_is_refused,
    of_two_that_append_at_once_one_wins,
    a_file_belongs_to_a_record_once,
    digests_are_handed_out_in_pages,
    neither_can_be_edited_or_deleted,
    a_nul_finds_nothing,
);

fn event(kind: &str) -> NewEvent {
    NewEvent {
        kind: kind.to_owned(),
        actor: "示例科员".to_owned(),
        role: "officer".to_owned(),
        reason: "示例事由𠮷".to_owned(),
        data: format!(r#"{{"step":"{kind}"}}"#),
    }
}

fn append(test: &TestStore, record: &str, expected: i64, kind: &str) -> Result<i64, StoreError> {
    let company = uscc(1);
    test.store
        .write(|db| events::append(db, Some(&company), record, expected, &event(kind), at(1)))
}

fn file(record: &str, digit: char, minute: i64) -> Attachment {
    Attachment {
        company: Some(uscc(1)),
        record: record.to_owned(),
        digest: digit.to_string().repeat(64),
        media: "application/pdf".to_owned(),
        size: 17,
        name: "现场照片.pdf".to_owned(),
        about: "objection".to_owned(),
        actor: "示例科员".to_owned(),
        at: at(minute),
    }
}

fn add(test: &TestStore, file: &Attachment) -> Attachment {
    test.store.write(|db| attachments::add(db, file)).unwrap()
}

fn events_are_numbered_per_record_and_kept_in_order(test: &TestStore) {
    assert_eq!(append(test, "r1", 0, "notice").unwrap(), 1);
    assert_eq!(append(test, "r2", 0, "object").unwrap(), 1);
    assert_eq!(append(test, "r1", 1, "served").unwrap(), 2);
    let unassigned = test
        .store
        .write(|db| events::append(db, None, "r3", 0, &event("notice"), at(2)));
    assert_eq!(unassigned.unwrap(), 1);
    let read = |id: &str| test.store.read(|db| events::of_record(db, id)).unwrap();
    let found = read("r1");
    let told: Vec<_> = found
        .iter()
        .map(|e| (e.seq, &*e.event.kind, e.at))
        .collect();
    assert_eq!(told, [(1, "notice", at(1)), (2, "served", at(1))]);
    assert_eq!(found[0].event, event("notice"));
    assert_eq!(read("r3").len(), 1);
    assert_eq!(read("r4"), []);
}

fn an_event_upon_a_number_that_was_taken_is_refused(test: &TestStore) {
    append(test, "r1", 0, "notice").unwrap();
    for expected in [0, 2, -1] {
        let error = append(test, "r1", expected, "served").unwrap_err();
        let right = matches!(error, StoreError::Conflict { found: 1, .. });
        assert!(right, "{error}");
    }
    let events = test.store.read(|db| events::of_record(db, "r1")).unwrap();
    assert_eq!(events.len(), 1, "a refused one leaves nothing");
}

fn of_two_that_append_at_once_one_wins(test: &TestStore) {
    for round in 0..8 {
        let answers: Vec<bool> = std::thread::scope(|scope| {
            let append = |_| scope.spawn(move || append(test, "r1", round, "object").is_ok());
            let running: Vec<_> = (0..4).map(append).collect();
            running.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(answers.iter().filter(|won| **won).count(), 1, "{answers:?}");
    }
    let events = test.store.read(|db| events::of_record(db, "r1")).unwrap();
    let numbers: Vec<i64> = events.iter().map(|event| event.seq).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
}

fn a_file_belongs_to_a_record_once(test: &TestStore) {
    let first = file("r1", 'a', 1);
    assert_eq!(add(test, &first), first);
    let again = Attachment {
        name: "另一名称.pdf".to_owned(),
        ..file("r1", 'a', 5)
    };
    assert_eq!(add(test, &again), first, "the first one stays");
    add(test, &file("r1", '0', 2));
    let other = Attachment {
        company: None,
        ..file("r2", 'a', 3)
    };
    assert_eq!(add(test, &other), other);
    let of_record = test
        .store
        .read(|db| attachments::of_record(db, "r1"))
        .unwrap();
    assert_eq!(of_record, [first.clone(), file("r1", '0', 2)]);
    let find = |record: &str, digit: &str| {
        let digest = digit.repeat(64);
        test.store
            .read(|db| attachments::find(db, record, &digest))
            .unwrap()
    };
    assert_eq!(find("r1", "a"), Some(first));
    assert_eq!(find("r2", "0"), None);
}

fn digests_are_handed_out_in_pages(test: &TestStore) {
    for (record, digit) in [("r1", 'c'), ("r1", 'a'), ("r2", 'a'), ("r2", 'b')] {
        add(test, &file(record, digit, 1));
    }
    let (mut seen, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = test
            .store
            .read(|db| attachments::digests(db, after.as_deref(), 1))
            .unwrap();
        seen.extend(
            page.rows
                .into_iter()
                .map(|(digest, size)| (digest[..1].to_owned(), size)),
        );
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let expected = ["a", "b", "c"].map(|digit| (digit.to_owned(), 17));
    assert_eq!(seen, expected);
}

fn neither_can_be_edited_or_deleted(test: &TestStore) {
    append(test, "r1", 0, "notice").unwrap();
    add(test, &file("r1", 'a', 1));
    for statement in [
        "UPDATE record_event SET reason = 'x'",
        "DELETE FROM record_event",
        "UPDATE attachment SET name = 'x'",
        "DELETE FROM attachment",
    ] {
        let error = test
            .store
            .write(|db| Ok::<_, StoreError>(sql_query(statement).execute(db)?))
            .unwrap_err();
        let told = error.to_string();
        assert!(told.contains("append-only"), "{statement}: {told}");
    }
}

fn a_nul_finds_nothing(test: &TestStore) {
    let nothing = test
        .store
        .read(|db| {
            Ok::<_, StoreError>((
                events::of_record(db, "r\0")?.is_empty(),
                attachments::of_record(db, "r\0")?.is_empty(),
                attachments::find(db, "r1", "\0")?.is_none(),
            ))
        })
        .unwrap();
    assert_eq!(nothing, (true, true, true));
}
