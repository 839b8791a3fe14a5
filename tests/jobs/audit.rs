//! The chain over the audit trail: what was done to it past the service shows, and where.

use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};
use wuxin::{
    config::Settings,
    domain::Uscc,
    service::{
        Actor, Role,
        audit::{AuditQuestion, AuditVerified, link_audit, read_audit, verify_audit},
    },
    store::{StoreError, audit},
};

use crate::{
    on_both,
    support::TestStore,
    watch::{Watch, july},
};

on_both!(
    an_untouched_trail_is_whole_and_goes_on_from_its_head,
    a_row_that_was_changed_removed_or_moved_is_named,
    a_chain_that_was_written_anew_or_cut_shows_by_the_head_that_was_kept,
    rows_are_linked_by_the_running_jobs,
    an_auditor_reads_it_backwards_in_pages,
);

fn append(test: &TestStore, numbers: std::ops::Range<u32>) {
    let add = |db: &mut _| {
        for number in numbers.clone() {
            let line = audit::NewAudit {
                company: (number % 2 == 0).then(|| Uscc::complete("91512002MA0000001").unwrap()),
                actor: format!("a{number}"),
                action: "sample".to_owned(),
                subject: format!("record r-{number}"),
                data: format!("{{\"number\":{number},\"reason\":\"示例\"}}"),
            };
            audit::append(db, &line, july(1, 9, 0, 0))?;
        }
        Ok::<_, StoreError>(())
    };
    test.store.write(add).unwrap();
}

fn link(test: &TestStore) {
    while test.store.write(link_audit).unwrap() > 0 {}
}

fn verified(test: &TestStore, head: Option<&str>) -> AuditVerified {
    let known = head.map(|head| {
        let (number, digest) = head.split_once(':').unwrap();
        (number.parse().unwrap(), digest)
    });
    test.store.read(|db| verify_audit(db, known)).unwrap()
}

/// Statements of somebody who has the database in their hands.
fn tamper(test: &TestStore, statements: &str) {
    match test.url.strip_prefix("sqlite:") {
        Some(path) => SqliteConnection::establish(path)
            .unwrap()
            .batch_execute(&format!(
                "DROP TRIGGER IF EXISTS audit_event_no_update; DROP TRIGGER IF EXISTS audit_event_no_delete;
                 DROP TRIGGER IF EXISTS audit_chain_no_update; DROP TRIGGER IF EXISTS audit_chain_no_delete;
                 {statements}"
            ))
            .unwrap(),
        None => PgConnection::establish(&test.url)
            .unwrap()
            .batch_execute(&format!(
                "ALTER TABLE audit_event DISABLE TRIGGER USER; ALTER TABLE audit_chain DISABLE TRIGGER USER;
                 {statements}"
            ))
            .unwrap(),
    }
}

fn an_untouched_trail_is_whole_and_goes_on_from_its_head(test: &TestStore) {
    assert_eq!(verified(test, None).head, None);
    append(test, 0..5);
    link(test);
    let first = verified(test, None);
    assert_eq!((first.rows, first.linked, first.broken), (5, 5, None));
    append(test, 5..2_500);
    link(test);
    let second = verified(test, first.head.as_deref());
    assert_eq!(
        (second.rows, second.linked, second.broken),
        (2_500, 2_500, None)
    );
    assert_ne!(first.head, second.head);
}

fn a_row_that_was_changed_removed_or_moved_is_named(test: &TestStore) {
    append(test, 0..10);
    link(test);
    assert_eq!(verified(test, None).broken, None);
    let named = |statements: &str| {
        tamper(test, statements);
        let broken = verified(test, None).broken.unwrap();
        (broken.row, broken.why)
    };
    let changed = "the row is not what was written";
    // From the end backwards, so that each is the first.
    let gone = named("DELETE FROM audit_chain WHERE number = 9");
    assert_eq!(gone, (10, "the link 9 is not there".to_owned()));
    for (row, statement) in [
        (8, "UPDATE audit_event SET data = '{}' WHERE id = 8"),
        (7, "UPDATE audit_event SET actor = 'nobody' WHERE id = 7"),
        (6, "UPDATE audit_event SET at = at + 1 WHERE id = 6"),
        (5, "UPDATE audit_event SET company = '' WHERE id = 5"),
        (
            4,
            "UPDATE audit_event SET action = 'other', subject = '' WHERE id = 4",
        ),
    ] {
        assert_eq!(named(statement), (row, changed.to_owned()), "{statement}");
    }
    let gone = named("DELETE FROM audit_event WHERE id = 3");
    assert_eq!(gone, (3, "the row is not there".to_owned()));
    // Two rows that changed places.
    let moved = named(
        "UPDATE audit_chain SET event = -1 WHERE number = 1; UPDATE audit_chain SET event = 1 WHERE number = 2;
         UPDATE audit_chain SET event = 2 WHERE number = 1",
    );
    assert_eq!(moved, (2, changed.to_owned()));
}

fn a_chain_that_was_written_anew_or_cut_shows_by_the_head_that_was_kept(test: &TestStore) {
    append(test, 0..10);
    link(test);
    let kept = verified(test, None).head.unwrap();
    tamper(
        test,
        "UPDATE audit_event SET actor = 'nobody' WHERE id = 4; DELETE FROM audit_chain",
    );
    link(test);
    let anew = verified(test, None);
    assert_eq!(
        (anew.linked, anew.broken),
        (10, None),
        "unseen without a head"
    );
    let broken = verified(test, Some(&kept)).broken.unwrap();
    assert_eq!(broken.link, 10);
    tamper(
        test,
        "DELETE FROM audit_chain WHERE number > 8; DELETE FROM audit_event WHERE id > 8",
    );
    assert_eq!(verified(test, None).broken, None, "unseen without a head");
    let broken = verified(test, Some(&kept)).broken.unwrap();
    assert_eq!(broken.why, "the chain was 10 links long and is 8");
}

fn rows_are_linked_by_the_running_jobs(test: &TestStore) {
    let watch = Watch::new(test, july(1, 9, 0, 0), Settings::default());
    append(test, 0..20);
    // As an older version left it.
    tamper(test, "DELETE FROM audit_chain");
    let stop = tokio_util::sync::CancellationToken::new();
    let running = watch.runtime.spawn(watch.jobs.clone().run(stop.clone()));
    let began = std::time::Instant::now();
    while verified(test, None).linked < 20 {
        assert!(began.elapsed().as_secs() < 30, "{:?}", verified(test, None));
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    stop.cancel();
    watch.runtime.block_on(running).unwrap();
    assert_eq!(verified(test, None).broken, None);
}

fn an_auditor_reads_it_backwards_in_pages(test: &TestStore) {
    append(test, 0..25);
    link(test);
    let mut actor = Actor {
        id: "a".to_owned(),
        role: Role::Auditor,
        region: None,
    };
    let mut question = AuditQuestion {
        limit: Some(10),
        ..AuditQuestion::default()
    };
    let mut seen = Vec::new();
    loop {
        let page = test
            .store
            .read(|db| read_audit(db, &actor, &question))
            .unwrap();
        assert!(page.lines.iter().all(|line| line.digest.is_some()));
        seen.extend(page.lines.iter().map(|line| line.actor.clone()));
        let Some(next) = page.next else { break };
        question.before = Some(next);
    }
    let expected: Vec<String> = (0..25).rev().map(|number| format!("a{number}")).collect();
    assert_eq!(seen, expected);
    // One line's data is JSON as it was written.
    let page = test
        .store
        .read(|db| read_audit(db, &actor, &AuditQuestion::default()))
        .unwrap();
    assert_eq!(page.lines[0].data["number"], 24);
    // The company is not registered here, so it is nobody's division; and nobody else reads the trail.
    actor.region = Some(wuxin::domain::Region::parse("512002").unwrap());
    let page = test
        .store
        .read(|db| read_audit(db, &actor, &AuditQuestion::default()))
        .unwrap();
    assert_eq!(page.lines, []);
    for role in Role::ALL {
        actor.role = role;
        let asked = test
            .store
            .read(|db| read_audit(db, &actor, &AuditQuestion::default()));
        assert_eq!(asked.is_ok(), role == Role::Auditor, "{role}");
    }
}
