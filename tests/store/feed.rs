//! The outbox, batches and attempts.

use chrono::TimeDelta;
use diesel::{RunQueryDsl, sql_query};
use wuxin::store::{
    Db, StoreError,
    feed::{
        self, AttemptEnd, BatchState, ChangeResult, ChangeState, Draft, Lane, NewChange,
        NewReceipt, Reject, Sealed,
    },
    leases::{self, Lease},
};

use crate::{
    on_both,
    support::{TestStore, synthetic::*},
};

on_both!(
    withdrawals_come_first_and_the_rest_in_order,
    the_same_change_again_is_no_second_change,
    a_withdrawal_supersedes_what_waits_of_its_record,
    numbers_have_no_gaps_whoever_seals_at_once,
    a_sealed_batch_and_its_attempts_cannot_be_changed,
    an_attempt_is_told_from_its_beginning_to_its_end,
    a_change_that_a_withdrawal_overtook_does_not_wait_again,
    a_publisher_that_lost_its_lease_cannot_send,
    a_batch_is_closed_only_with_a_result_for_each_change,
    a_report_of_zero_is_a_batch_without_changes,
    what_the_platform_should_show_is_the_last_accepted_change,
    a_half_has_its_parent_and_its_reasons_stay,
    receipts_are_kept_as_they_came,
    withdrawals_are_unconfirmed_until_the_platform_has_them,
    what_was_put_back_waits_twice_as_long_each_time,
);

const TARGET: &str = "示例平台";

fn change(record_id: &str, version: i64, withdrawal: bool) -> NewChange {
    NewChange {
        company: uscc(1),
        target: TARGET.to_owned(),
        record_id: record_id.to_owned(),
        version,
        op: if withdrawal { "3" } else { "1" }.to_owned(),
        withdrawal,
        payload: format!(r#"{{"record_id":"{record_id}"}}"#),
        digest: format!("{record_id}-{version}"),
    }
}

fn enqueue(test: &TestStore, record_id: &str, version: i64, withdrawal: bool) -> i64 {
    let new = change(record_id, version, withdrawal);
    test.store
        .write(|db| feed::enqueue(db, &new, at(version)))
        .unwrap()
}

fn waiting(test: &TestStore) -> Vec<(String, i64)> {
    test.store
        .read(|db| feed::waiting(db, TARGET, 100))
        .unwrap()
        .into_iter()
        .map(|waiting| (waiting.change.record_id, waiting.change.version))
        .collect()
}

fn seal(db: &mut Db, id: &str, changes: &[i64]) -> Result<i64, StoreError> {
    let draft = Draft {
        id: id.to_owned(),
        target: TARGET.to_owned(),
        lane: Lane::Ordinary,
        changes: changes.to_vec(),
    };
    let batch = feed::seal_batch(db, &draft, at(5), |number| {
        Ok::<_, StoreError>(Sealed {
            idempotency_key: format!("key-{number}"),
            body: vec![0, 255, 128],
            digest: "digest".to_owned(),
        })
    })?;
    Ok(batch.number)
}

fn lease(test: &TestStore, holder: &str, minute: i64) -> Option<Lease> {
    test.store
        .write(|db| {
            leases::try_acquire(db, "publisher", holder, TimeDelta::minutes(10), at(minute))
        })
        .unwrap()
}

fn end(state: BatchState, results: &[(i64, ChangeState)]) -> AttemptEnd {
    AttemptEnd {
        state,
        outcome: "示例".to_owned(),
        detail: String::new(),
        next_attempt_at: None,
        results: results
            .iter()
            .map(|(seq, state)| ChangeResult {
                seq: *seq,
                state: *state,
                detail: "示例回执".to_owned(),
            })
            .collect(),
    }
}

fn withdrawals_come_first_and_the_rest_in_order(test: &TestStore) {
    let first = enqueue(test, "a", 1, false);
    enqueue(test, "b", 1, false);
    enqueue(test, "c", 1, true);
    enqueue(test, "a", 2, false);
    let last = enqueue(test, "d", 1, true);
    assert!(first < last);
    let expected = [("c", 1), ("d", 1), ("a", 1), ("b", 1), ("a", 2)];
    let expected: Vec<(String, i64)> = expected
        .iter()
        .map(|(id, v)| ((*id).to_owned(), *v))
        .collect();
    assert_eq!(waiting(test), expected);
    let status = test.store.read(|db| feed::status(db, TARGET)).unwrap();
    assert_eq!(
        status.changes,
        [
            (ChangeState::Waiting, false, 3),
            (ChangeState::Waiting, true, 2)
        ]
    );
    assert_eq!(status.oldest_waiting, Some(at(1)));
}

fn the_same_change_again_is_no_second_change(test: &TestStore) {
    let first = enqueue(test, "a", 2, false);
    assert_eq!(enqueue(test, "a", 2, false), first);
    let mut other = change("a", 2, false);
    other.digest = "other".to_owned();
    let error = test
        .store
        .write(|db| feed::enqueue(db, &other, at(0)))
        .unwrap_err();
    assert!(matches!(error, StoreError::Exists { .. }), "{error}");
    let older = change("a", 1, false);
    let error = test
        .store
        .write(|db| feed::enqueue(db, &older, at(0)))
        .unwrap_err();
    assert!(
        matches!(error, StoreError::Conflict { found: 2, .. }),
        "{error}"
    );
    assert_eq!(waiting(test).len(), 1);
}

fn a_withdrawal_supersedes_what_waits_of_its_record(test: &TestStore) {
    enqueue(test, "a", 1, false);
    enqueue(test, "b", 1, false);
    enqueue(test, "a", 2, true);
    assert_eq!(waiting(test), [("a".to_owned(), 2), ("b".to_owned(), 1)]);
    let states: Vec<ChangeState> = test
        .store
        .read(|db| feed::changes_of(db, TARGET, "a"))
        .unwrap()
        .into_iter()
        .map(|change| change.state)
        .collect();
    assert_eq!(states, [ChangeState::Superseded, ChangeState::Waiting]);
}

fn numbers_have_no_gaps_whoever_seals_at_once(test: &TestStore) {
    const THREADS: i64 = 6;
    const EACH: i64 = 10;
    let mut numbers: Vec<i64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    let mut numbers = Vec::new();
                    for round in 0..EACH {
                        let id = format!("{thread}-{round}");
                        let seq = enqueue(test, &id, 1, false);
                        // One in three is given up after its number was taken.
                        if round % 3 == 2 {
                            let given_up = test.store.write(|db| {
                                seal(db, &format!("x{id}"), &[seq])?;
                                Err::<(), _>(StoreError::Closed)
                            });
                            assert!(matches!(given_up, Err(StoreError::Closed)));
                        }
                        numbers.push(test.store.write(|db| seal(db, &id, &[seq])).unwrap());
                    }
                    numbers
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=THREADS * EACH).collect::<Vec<_>>());
    assert_eq!(waiting(test), []);
    let status = test.store.read(|db| feed::status(db, TARGET)).unwrap();
    assert_eq!(status.last_number, THREADS * EACH);
    let last = test
        .store
        .read(|db| feed::batches(db, TARGET, None, 2))
        .unwrap();
    let last: Vec<i64> = last.iter().map(|batch| batch.number).collect();
    assert_eq!(last, [THREADS * EACH, THREADS * EACH - 1]);
}

fn a_sealed_batch_and_its_attempts_cannot_be_changed(test: &TestStore) {
    let seq = enqueue(test, "a", 1, false);
    test.store.write(|db| seal(db, "b1", &[seq])).unwrap();
    let held = lease(test, "p1", 0).unwrap();
    test.store
        .write(|db| feed::start_attempt(db, "b1", &held, at(1)))
        .unwrap();
    for (statement, part) in [
        ("UPDATE feed_batch SET digest = 'x'", "sealed"),
        ("UPDATE feed_batch SET idempotency_key = 'x'", "sealed"),
        ("DELETE FROM feed_batch", "sealed"),
        ("UPDATE feed_attempt SET outcome = 'x'", "append-only"),
        ("DELETE FROM feed_attempt", "append-only"),
    ] {
        let error = test
            .store
            .write(|db| Ok::<_, StoreError>(sql_query(statement).execute(db)?))
            .unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains(part) || text.contains("append-only"),
            "{statement}: {error}"
        );
    }
    let batch = test
        .store
        .read(|db| feed::batch(db, "b1"))
        .unwrap()
        .unwrap();
    assert_eq!(batch.sealed.body, [0, 255, 128]);
    assert_eq!(batch.sealed.idempotency_key, "key-1");
    let twice = test.store.write(|db| seal(db, "b2", &[seq]));
    assert!(matches!(twice, Err(StoreError::State { .. })));
}

fn an_attempt_is_told_from_its_beginning_to_its_end(test: &TestStore) {
    let (a, b) = (enqueue(test, "a", 1, false), enqueue(test, "b", 1, false));
    test.store.write(|db| seal(db, "b1", &[a, b])).unwrap();
    let held = lease(test, "p1", 0).unwrap();
    let due = |minute| {
        test.store
            .read(|db| feed::due_batches(db, TARGET, at(minute)))
            .unwrap()
            .into_iter()
            .map(|batch| (batch.state, batch.attempts))
            .collect::<Vec<_>>()
    };
    let start = |minute| {
        test.store
            .write(|db| feed::start_attempt(db, "b1", &held, at(minute)))
    };
    let finish = |number, how: &AttemptEnd, minute| {
        test.store
            .write(|db| feed::finish_attempt(db, "b1", number, how, at(minute)))
    };
    assert_eq!(due(0), [(BatchState::Sealed, 0)]);
    assert_eq!(start(1).unwrap(), 1);
    // Crashed: it stays `sending`, and is begun again.
    assert_eq!(due(2), [(BatchState::Sending, 1)]);
    assert_eq!(start(2).unwrap(), 2);
    let late = finish(1, &end(BatchState::Unknown, &[]), 3);
    assert!(matches!(late, Err(StoreError::Conflict { .. })));
    let unknown = AttemptEnd {
        next_attempt_at: Some(at(6)),
        ..end(BatchState::Unknown, &[])
    };
    finish(2, &unknown, 3).unwrap();
    let again = finish(2, &unknown, 3);
    assert!(matches!(again, Err(StoreError::State { .. })));
    assert_eq!(due(5), []);
    let next = test
        .store
        .read(|db| feed::next_attempt_at(db, TARGET))
        .unwrap();
    assert_eq!(next, Some(at(6)));
    assert_eq!(due(6), [(BatchState::Unknown, 2)]);
    assert_eq!(start(6).unwrap(), 3);
    let results = [(a, ChangeState::Accepted), (b, ChangeState::Rejected)];
    finish(3, &end(BatchState::Closed, &results), 7).unwrap();
    assert_eq!(due(100), []);
    assert!(matches!(start(8), Err(StoreError::State { .. })));
    let attempts = test.store.read(|db| feed::attempts(db, "b1")).unwrap();
    let told: Vec<_> = attempts
        .iter()
        .map(|attempt| {
            (
                attempt.number,
                attempt.started_at,
                attempt.finished.as_ref().map(|f| f.0),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, at(1), None),
            (2, at(2), Some(at(3))),
            (3, at(6), Some(at(7)))
        ]
    );
    let refused = test
        .store
        .read(|db| feed::rejected(db, TARGET, 10))
        .unwrap();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].detail, "示例回执");
    enqueue(test, "b", 2, false);
    let refused = test
        .store
        .read(|db| feed::rejected(db, TARGET, 10))
        .unwrap();
    assert_eq!(refused, [], "a later version answers a rejection");
}

fn a_change_that_a_withdrawal_overtook_does_not_wait_again(test: &TestStore) {
    let (a, b) = (enqueue(test, "a", 1, false), enqueue(test, "b", 1, false));
    test.store.write(|db| seal(db, "b1", &[a, b])).unwrap();
    enqueue(test, "a", 2, true);
    let in_flight = test
        .store
        .read(|db| feed::in_flight(db, TARGET, &["a".to_owned(), "c".to_owned()]))
        .unwrap();
    assert_eq!(in_flight.len(), 1);
    let held = lease(test, "p1", 0).unwrap();
    test.store
        .write(|db| {
            let number = feed::start_attempt(db, "b1", &held, at(1))?;
            let results = [(a, ChangeState::Waiting), (b, ChangeState::Waiting)];
            feed::finish_attempt(db, "b1", number, &end(BatchState::Failed, &results), at(2))
        })
        .unwrap();
    assert_eq!(waiting(test), [("a".to_owned(), 2), ("b".to_owned(), 1)]);
}

fn a_publisher_that_lost_its_lease_cannot_send(test: &TestStore) {
    let seq = enqueue(test, "a", 1, false);
    test.store.write(|db| seal(db, "b1", &[seq])).unwrap();
    let old = lease(test, "old", 0).unwrap();
    assert_eq!(lease(test, "new", 9), None);
    let new = lease(test, "new", 10).unwrap();
    assert!(new.token > old.token);
    let start = |held: &Lease, minute| {
        test.store
            .write(|db| feed::start_attempt(db, "b1", held, at(minute)))
    };
    assert!(matches!(start(&old, 11), Err(StoreError::LeaseLost { .. })));
    assert!(matches!(start(&new, 20), Err(StoreError::LeaseLost { .. })));
    test.store
        .write(|db| feed::freeze(db, TARGET, Some("示例：核对中")))
        .unwrap();
    let frozen = start(&new, 11).unwrap_err();
    assert!(frozen.to_string().contains("示例：核对中"), "{frozen}");
    test.store
        .write(|db| feed::freeze(db, TARGET, None))
        .unwrap();
    assert_eq!(start(&new, 11).unwrap(), 1);
    let attempts = test.store.read(|db| feed::attempts(db, "b1")).unwrap();
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].sender, format!("new {}", new.token));
}

fn a_batch_is_closed_only_with_a_result_for_each_change(test: &TestStore) {
    let (a, b) = (enqueue(test, "a", 1, false), enqueue(test, "b", 1, false));
    let other = enqueue(test, "c", 1, false);
    test.store.write(|db| seal(db, "b1", &[a, b])).unwrap();
    let held = lease(test, "p1", 0).unwrap();
    let attempt = |results: &[(i64, ChangeState)]| {
        test.store.write(|db| {
            let number = feed::start_attempt(db, "b1", &held, at(1))?;
            feed::finish_attempt(db, "b1", number, &end(BatchState::Closed, results), at(2))
        })
    };
    let incomplete = attempt(&[(a, ChangeState::Accepted)]);
    assert!(matches!(incomplete, Err(StoreError::State { .. })));
    let foreign = attempt(&[(a, ChangeState::Accepted), (other, ChangeState::Accepted)]);
    assert!(matches!(foreign, Err(StoreError::NotFound { .. })));
    attempt(&[(a, ChangeState::Accepted), (b, ChangeState::Accepted)]).unwrap();
}

fn a_report_of_zero_is_a_batch_without_changes(test: &TestStore) {
    assert_eq!(test.store.write(|db| seal(db, "b1", &[])).unwrap(), 1);
    let inside = test.store.read(|db| feed::changes_in(db, "b1")).unwrap();
    assert_eq!(inside, []);
}

fn what_the_platform_should_show_is_the_last_accepted_change(test: &TestStore) {
    let a1 = enqueue(test, "a", 1, false);
    let a2 = enqueue(test, "a", 2, false);
    let b1 = enqueue(test, "b", 1, false);
    let b2 = enqueue(test, "b", 2, false);
    test.store
        .write(|db| seal(db, "b1", &[a1, a2, b1, b2]))
        .unwrap();
    let held = lease(test, "p1", 0).unwrap();
    test.store
        .write(|db| {
            let number = feed::start_attempt(db, "b1", &held, at(1))?;
            let results = [
                (a1, ChangeState::Accepted),
                (a2, ChangeState::Accepted),
                (b1, ChangeState::Accepted),
                (b2, ChangeState::Rejected),
            ];
            feed::finish_attempt(db, "b1", number, &end(BatchState::Closed, &results), at(2))
        })
        .unwrap();
    let expected = test
        .store
        .read(|db| feed::latest_accepted(db, TARGET))
        .unwrap();
    let told: Vec<_> = expected
        .iter()
        .map(|c| (c.change.record_id.as_str(), c.change.version))
        .collect();
    assert_eq!(told, [("a", 2), ("b", 1)]);
}

fn reject(change: i64, class: &str) -> Reject {
    Reject {
        change,
        target: TARGET.to_owned(),
        batch: Some("b2".to_owned()),
        kind: "rejected".to_owned(),
        class: class.to_owned(),
        owner: "officer".to_owned(),
        code: "10002".to_owned(),
        field: Some("JGQC".to_owned()),
        message: "企业名称为空".to_owned(),
        at: at(9),
    }
}

fn a_half_has_its_parent_and_its_reasons_stay(test: &TestStore) {
    let (a, b) = (enqueue(test, "a", 1, false), enqueue(test, "b", 1, false));
    test.store.write(|db| seal(db, "b1", &[a, b])).unwrap();
    let held = lease(test, "p1", 0).unwrap();
    let attempt = test
        .store
        .write(|db| feed::start_attempt(db, "b1", &held, at(1)))
        .unwrap();
    // Closed and halved in one transaction.
    test.store
        .write(|db| -> Result<(), StoreError> {
            let back = [(a, ChangeState::Waiting), (b, ChangeState::Waiting)];
            let how = end(BatchState::Closed, &back);
            feed::finish_attempt(db, "b1", attempt, &how, at(2))?;
            for (id, change) in [("b2", a), ("b3", b)] {
                seal(db, id, &[change])?;
                feed::link_parent(db, id, "b1")?;
            }
            Ok(())
        })
        .unwrap();
    let parent = |id| test.store.read(|db| feed::parent(db, id)).unwrap();
    assert_eq!(
        (parent("b1"), parent("b2"), parent("b3")),
        (None, Some("b1".to_owned()), Some("b1".to_owned()))
    );
    let numbered = |number| {
        let found = test
            .store
            .read(|db| feed::batch_numbered(db, TARGET, number));
        found.unwrap().map(|batch| batch.id)
    };
    assert_eq!(numbered(3), Some("b3".to_owned()));
    assert_eq!(numbered(4), None);
    let outcomes = test.store.read(|db| feed::last_outcomes(db, TARGET, 5));
    assert_eq!(outcomes.unwrap(), [(at(2), "示例".to_owned())]);

    let attempt = test
        .store
        .write(|db| feed::start_attempt(db, "b2", &held, at(3)))
        .unwrap();
    test.store
        .write(|db| -> Result<(), StoreError> {
            let how = end(BatchState::Closed, &[(a, ChangeState::Rejected)]);
            feed::finish_attempt(db, "b2", attempt, &how, at(4))?;
            feed::note_reject(db, &reject(a, "DATA"))?;
            // The first reason ended it.
            feed::note_reject(db, &reject(a, "MAPPING"))
        })
        .unwrap();
    let open = |test: &TestStore| {
        let found = test.store.read(|db| feed::open_rejects(db, TARGET, 10));
        found
            .unwrap()
            .into_iter()
            .map(|(change, reject)| (change.seq, reject.unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(open(test), [(a, reject(a, "DATA"))]);
    for statement in [
        "UPDATE feed_reject SET class = 'AUTH'",
        "DELETE FROM feed_reject",
        "UPDATE feed_parent SET parent = 'b3'",
        "DELETE FROM feed_parent",
    ] {
        let refused = test
            .store
            .write(|db| sql_query(statement).execute(db).map_err(StoreError::from));
        assert!(refused.is_err(), "{statement}");
    }
    // A newer version takes its place in the queue.
    enqueue(test, "a", 2, false);
    assert_eq!(open(test), []);
}

fn receipts_are_kept_as_they_came(test: &TestStore) {
    let a = enqueue(test, "a", 1, false);
    test.store.write(|db| seal(db, "b1", &[a])).unwrap();
    let new = |outcome: &str| NewReceipt {
        target: TARGET.to_owned(),
        batch: Some("b1".to_owned()),
        source: "folder".to_owned(),
        name: "回执.csv".to_owned(),
        digest: "d".to_owned(),
        body: vec![0, 255],
        outcome: outcome.to_owned(),
        detail: "示例".to_owned(),
    };
    let known = |outcome: &str| {
        test.store
            .read(|db| feed::receipt_known(db, TARGET, "b1", "d", outcome))
            .unwrap()
    };
    assert!(!known("faulty"));
    for (minute, outcome) in [(1, "faulty"), (2, "applied")] {
        test.store
            .write(|db| feed::add_receipt(db, &new(outcome), at(minute)))
            .unwrap();
    }
    assert!(known("faulty") && known("applied") && !known("noted"));
    let of = test.store.read(|db| feed::receipts_of(db, "b1")).unwrap();
    let told: Vec<_> = of
        .iter()
        .map(|one| (one.outcome.as_str(), one.at))
        .collect();
    assert_eq!(told, [("faulty", at(1)), ("applied", at(2))]);
    let faulty = test
        .store
        .read(|db| feed::receipts(db, TARGET, "faulty", 10))
        .unwrap();
    assert_eq!((faulty.len(), faulty[0].name.as_str()), (1, "回执.csv"));
    for statement in [
        "UPDATE feed_receipt SET outcome = 'applied'",
        "DELETE FROM feed_receipt",
    ] {
        let refused = test
            .store
            .write(|db| sql_query(statement).execute(db).map_err(StoreError::from));
        assert!(refused.is_err(), "{statement}");
    }
}

fn withdrawals_are_unconfirmed_until_the_platform_has_them(test: &TestStore) {
    let (a, b, c) = (
        enqueue(test, "a", 1, true),
        enqueue(test, "b", 1, true),
        enqueue(test, "c", 1, true),
    );
    enqueue(test, "d", 1, false);
    let unconfirmed = || -> Vec<(i64, ChangeState)> {
        test.store
            .read(|db| feed::unconfirmed_withdrawals(db, TARGET))
            .unwrap()
            .into_iter()
            .map(|change| (change.seq, change.state))
            .collect()
    };
    test.store.write(|db| seal(db, "b1", &[a, b])).unwrap();
    assert_eq!(
        unconfirmed(),
        [
            (a, ChangeState::Batched),
            (b, ChangeState::Batched),
            (c, ChangeState::Waiting)
        ]
    );
    let held = lease(test, "p1", 0).unwrap();
    test.store
        .write(|db| -> Result<(), StoreError> {
            let attempt = feed::start_attempt(db, "b1", &held, at(1))?;
            let results = [(a, ChangeState::Accepted), (b, ChangeState::Rejected)];
            let how = end(BatchState::Closed, &results);
            feed::finish_attempt(db, "b1", attempt, &how, at(2))
        })
        .unwrap();
    assert_eq!(
        unconfirmed(),
        [(b, ChangeState::Rejected), (c, ChangeState::Waiting)]
    );
}

fn what_was_put_back_waits_twice_as_long_each_time(test: &TestStore) {
    let a = enqueue(test, "a", 1, false);
    let mut waits = Vec::new();
    for _ in 0..8 {
        test.store.write(|db| feed::postpone(db, a, at(0))).unwrap();
        let until = test.store.read(|db| feed::postponed(db, at(0))).unwrap()[&a];
        waits.push((until - at(0)).num_minutes());
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    let later = test.store.read(|db| feed::postponed(db, at(60))).unwrap();
    assert!(later.is_empty());
}
