//! Leases, jobs, accounts, answers and the audit trail.

use chrono::TimeDelta;
use diesel::{RunQueryDsl, sql_query};
use wuxin::{
    domain::Region,
    store::{
        StoreError,
        accounts::{self, NewAccount},
        audit::{self, NewAudit},
        jobs::{self, Begun, JobOutcome},
        leases,
        requests::{self, Answer},
    },
};

use crate::{
    on_both,
    support::{TestStore, synthetic::*},
};

on_both!(
    a_lease_is_held_by_one_and_its_token_only_grows,
    of_many_that_want_a_lease_one_gets_it,
    a_slot_runs_once_unless_it_crashed_or_failed,
    a_token_is_accepted_until_its_account_is_revoked,
    a_repeated_request_gets_the_answer_it_got,
    the_audit_trail_is_read_backwards_and_never_changed,
);

fn a_lease_is_held_by_one_and_its_token_only_grows(test: &TestStore) {
    let ttl = TimeDelta::minutes(5);
    let acquire = |holder: &str, minute| {
        test.store
            .write(|db| leases::try_acquire(db, "publisher", holder, ttl, at(minute)))
            .unwrap()
    };
    let first = acquire("a", 0).unwrap();
    assert_eq!((first.token, first.until), (1, at(5)));
    assert_eq!(acquire("b", 4), None);
    assert_eq!(
        acquire("a", 4),
        None,
        "held is held, by the same holder too"
    );
    let renewed = test
        .store
        .write(|db| leases::renew(db, &first, ttl, at(4)))
        .unwrap();
    assert_eq!((renewed.token, renewed.until), (1, at(9)));
    assert_eq!(acquire("b", 8), None);
    let second = acquire("b", 9).unwrap();
    assert_eq!((second.holder.as_str(), second.token), ("b", 2));
    for error in [
        test.store
            .write(|db| leases::renew(db, &renewed, ttl, at(9)).map(|_| ())),
        test.store.read(|db| leases::check(db, &renewed, at(9))),
    ] {
        assert!(matches!(error, Err(StoreError::LeaseLost { token: 1, .. })));
    }
    // The one that lost it cannot give it away.
    test.store
        .write(|db| leases::release(db, &renewed, at(10)))
        .unwrap();
    assert_eq!(acquire("c", 10), None);
    test.store
        .write(|db| leases::release(db, &second, at(10)))
        .unwrap();
    assert_eq!(acquire("c", 10).unwrap().token, 3);
}

fn of_many_that_want_a_lease_one_gets_it(test: &TestStore) {
    let granted: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|number| {
                scope.spawn(move || {
                    let holder = format!("p{number}");
                    test.store
                        .write(|db| {
                            leases::try_acquire(db, "job", &holder, TimeDelta::minutes(1), at(0))
                        })
                        .unwrap()
                })
            })
            .collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(granted.len(), 1);
    assert_eq!(granted[0].token, 1);
}

fn a_slot_runs_once_unless_it_crashed_or_failed(test: &TestStore) {
    let begin = |minute| {
        test.store
            .write(|db| jobs::begin(db, "nightly", at(0), at(minute)))
            .unwrap()
    };
    let finish = |outcome, minute| {
        test.store
            .write(|db| jobs::finish(db, "nightly", at(0), outcome, "示例", at(minute)))
    };
    assert_eq!(begin(1), Begun::First);
    assert_eq!(begin(2), Begun::Again);
    finish(JobOutcome::Failed, 3).unwrap();
    let last = || {
        test.store
            .read(|db| jobs::last_done(db, "nightly"))
            .unwrap()
    };
    assert_eq!(last(), None);
    assert_eq!(begin(4), Begun::Again);
    finish(JobOutcome::Done, 5).unwrap();
    assert_eq!(begin(6), Begun::AlreadyDone);
    assert!(matches!(
        finish(JobOutcome::Failed, 7),
        Err(StoreError::NotFound { .. })
    ));
    assert_eq!(last(), Some(at(0)));
    let runs = test.store.read(|db| jobs::recent(db, None, 5)).unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(
        (runs[0].started_at, runs[0].finished_at),
        (at(4), Some(at(5)))
    );
}

fn a_token_is_accepted_until_its_account_is_revoked(test: &TestStore) {
    let new = NewAccount {
        id: "a1".to_owned(),
        name: "示例街道".to_owned(),
        token_hash: Some("hash".to_owned()),
        role: "officer".to_owned(),
        region: Some(Region::parse("512002001").unwrap()),
        uscc: None,
        made_by: "test".to_owned(),
        approved: true,
    };
    let create = |new: &NewAccount| test.store.write(|db| accounts::create(db, new, at(0)));
    create(&new).unwrap();
    assert!(matches!(create(&new), Err(StoreError::Exists { .. })));
    let same_token = NewAccount {
        id: "a2".to_owned(),
        ..new.clone()
    };
    assert!(matches!(
        create(&same_token),
        Err(StoreError::Exists { .. })
    ));
    let by_token = |hash: &str| {
        test.store
            .read(|db| accounts::by_token_hash(db, hash))
            .unwrap()
    };
    let account = by_token("hash").unwrap();
    assert_eq!((account.id.as_str(), &account.region), ("a1", &new.region));
    assert_eq!(by_token("other"), None);
    let revoke = |id: &str, minute| test.store.write(|db| accounts::revoke(db, id, at(minute)));
    revoke("a1", 1).unwrap();
    revoke("a1", 2).unwrap();
    assert!(matches!(revoke("a9", 1), Err(StoreError::NotFound { .. })));
    assert_eq!(by_token("hash"), None);
    let all = test.store.read(accounts::all).unwrap();
    assert_eq!(all[0].revoked_at, Some(at(1)));
}

fn a_repeated_request_gets_the_answer_it_got(test: &TestStore) {
    let answer = Answer {
        digest: "d1".to_owned(),
        status: 201,
        body: r#"{"id":"示例"}"#.to_owned(),
        at: at(0),
    };
    let find = |account: &str, digest: &str| {
        test.store
            .read(|db| requests::find(db, account, "k1", digest))
    };
    assert_eq!(find("a1", "d1").unwrap(), None);
    let remember = || {
        test.store
            .write(|db| requests::remember(db, "a1", "k1", &answer))
    };
    remember().unwrap();
    assert!(matches!(remember(), Err(StoreError::Exists { .. })));
    assert_eq!(find("a1", "d1").unwrap(), Some(answer.clone()));
    assert_eq!(find("a2", "d1").unwrap(), None);
    assert!(matches!(find("a1", "d2"), Err(StoreError::Exists { .. })));
    let forget = |minute| {
        test.store
            .write(|db| requests::forget(db, at(minute)))
            .unwrap()
    };
    assert_eq!((forget(0), forget(1)), (0, 1));
}

fn the_audit_trail_is_read_backwards_and_never_changed(test: &TestStore) {
    for number in 0..5_u32 {
        let event = NewAudit {
            company: (number % 2 == 0).then(|| uscc(1)),
            actor: "示例科员".to_owned(),
            action: "confirm".to_owned(),
            subject: format!("record r{number}"),
            data: "{}".to_owned(),
        };
        test.store
            .write(|db| audit::append(db, &event, at(i64::from(number))))
            .unwrap();
    }
    let page = |company: Option<u32>, before, limit| {
        let page = test
            .store
            .read(|db| audit::page(db, company.map(uscc).as_ref(), before, limit))
            .unwrap();
        let subjects: Vec<String> = page.rows.into_iter().map(|row| row.event.subject).collect();
        (subjects, page.next)
    };
    let (first, next) = page(None, None, 3);
    assert_eq!(first, ["record r4", "record r3", "record r2"]);
    assert_eq!(
        page(None, next, 3),
        (vec!["record r1".to_owned(), "record r0".to_owned()], None)
    );
    assert_eq!(
        page(Some(1), None, 10).0,
        ["record r4", "record r2", "record r0"]
    );
    for statement in [
        "UPDATE audit_event SET actor = 'x'",
        "DELETE FROM audit_event",
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
}
