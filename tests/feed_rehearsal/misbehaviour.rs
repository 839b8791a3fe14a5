//! Every misbehaviour of the stand-in platform, over real connections, met by the real transport and `next_step`:
//! after healing, the ledger holds each effect exactly once.

use super::support::{
    Kept, Platform, VirtualClock, assert_each_effect_once, client, history, id, record, sealed,
    uscc,
};
use wuxin::feed::{
    Step,
    outcome::{AlarmReason, BatchState, RecordResult, RejectClass},
};

/// Behaviours of a batch that heal, with their values and the steps they cost.
const HEALING: [(&str, &str, &[&str]); 9] = [
    ("delay", "900", &["send", "probe"]),
    (
        "fail_before_commit",
        "",
        &["send", "probe", "probe", "send"],
    ),
    ("fail_after_commit", "", &["send", "probe"]),
    ("drop_reply", "", &["send", "probe"]),
    ("reset", "", &["send", "probe", "probe", "send"]),
    ("truncate", "", &["send", "probe"]),
    ("login_page", "", &["send", "probe", "probe", "send"]),
    ("too_many", "30", &["send", "send"]),
    ("late_commit", "20", &["send", "probe", "probe"]),
];

#[tokio::test]
async fn each_misbehaviour_of_a_batch_leaves_each_effect_once() {
    for (behaviour, value, expected) in HEALING {
        for (before, change) in [
            (None, record(1, 1, false)),
            (Some(1), record(1, 2, false)),
            (Some(1), record(1, 2, true)),
            (None, record(1, 2, true)),
        ] {
            let platform = Platform::start().await;
            let client = platform.client();
            if let Some(version) = before {
                let mut first = Kept::new(sealed(
                    1,
                    platform.clock.now(),
                    &[record(1, version, false)],
                ));
                assert_eq!(
                    first.deliver(&client, &platform.clock).await,
                    (vec!["send"], Step::Done)
                );
            }
            platform.switch(behaviour, value, "1", "submit");
            let mut kept = Kept::new(sealed(
                2,
                platform.clock.now(),
                std::slice::from_ref(&change),
            ));
            let (steps, end) = kept.deliver(&client, &platform.clock).await;
            assert_eq!(end, Step::Done, "{behaviour}");
            assert_eq!(steps, expected, "{behaviour}");
            assert_eq!(kept.settlement.unwrap().failures().count(), 0);

            let ledger = platform.ledger().await;
            let mut versions: Vec<u64> = before.into_iter().map(u64::from).collect();
            versions.push(change.fields().record_version.into());
            assert_eq!(
                history(&ledger, 1),
                (versions, !change.is_withdrawal()),
                "{behaviour}"
            );
            assert_each_effect_once(&ledger);
            platform.stop().await;
        }
    }
}

#[tokio::test]
async fn questions_that_go_wrong_are_asked_again_and_never_taken_for_an_answer() {
    for (behaviour, value) in [
        ("delay", "900"),
        ("fail_before_commit", ""),
        ("drop_reply", ""),
        ("reset", ""),
        ("truncate", ""),
        ("login_page", ""),
        ("too_many", "30"),
    ] {
        // Two questions go wrong; then one answer settles a batch that arrived, two end the doubt about one that did not.
        let arrived = vec!["send", "probe", "probe", "probe"];
        let lost = vec!["send", "probe", "probe", "probe", "probe", "send"];
        for (submit, expected) in [("drop_reply", arrived), ("reset", lost)] {
            let platform = Platform::start().await;
            platform.switch(submit, "", "1", "submit");
            platform.switch(behaviour, value, "2", "query");
            let mut kept = Kept::new(sealed(
                1,
                platform.clock.now(),
                &[record(1, 1, false), record(2, 1, false)],
            ));
            let (steps, end) = kept.deliver(&platform.client(), &platform.clock).await;
            assert_eq!(end, Step::Done, "{submit} {behaviour}");
            assert_eq!(steps, expected, "{submit} {behaviour}");
            let ledger = platform.ledger().await;
            assert_eq!(
                (history(&ledger, 1), history(&ledger, 2)),
                ((vec![1], true), (vec![1], true))
            );
            assert_each_effect_once(&ledger);
            platform.stop().await;
        }
    }
}

#[tokio::test]
async fn a_publisher_that_died_after_sending_does_not_double_even_if_the_platform_restarts_too() {
    for taken in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.jsonl");
        let clock = VirtualClock::new();
        let platform = Platform::start_with(clock.clone(), Some(ledger.clone())).await;
        platform.switch(if taken { "drop_reply" } else { "reset" }, "", "", "submit");
        let mut kept = Kept::new(sealed(1, clock.now(), &[record(1, 1, false)]));
        // What the dead process left on its disk: the sealed batch, and that a send had begun.
        kept.progress = kept.progress.send_begins(clock.now());
        let on_disk = kept.clone();
        let _lost_with_the_process = platform
            .client()
            .send(&kept.batch, platform.clock.now())
            .await;
        platform.stop().await;

        let platform = Platform::start_with(clock.clone(), Some(ledger)).await;
        let mut restarted = on_disk;
        let (steps, end) = restarted.deliver(&platform.client(), &clock).await;
        assert_eq!(end, Step::Done);
        assert_eq!(
            steps,
            if taken {
                vec!["probe"]
            } else {
                vec!["probe", "probe", "send"]
            }
        );
        let ledger = platform.ledger().await;
        assert_eq!(history(&ledger, 1), (vec![1], true));
        assert_eq!(ledger["batches"].as_object().unwrap().len(), 1);
        platform.stop().await;
    }
}

#[tokio::test]
async fn a_commit_that_comes_after_the_batch_was_sent_again_changes_nothing() {
    let platform = Platform::start().await;
    platform.switch("late_commit", "100000", "1", "submit");
    let mut kept = Kept::new(sealed(1, platform.clock.now(), &[record(1, 1, false)]));
    let (steps, end) = kept.deliver(&platform.client(), &platform.clock).await;
    assert_eq!(
        (steps, end),
        (vec!["send", "probe", "probe", "send"], Step::Done)
    );
    let mut gone = Kept::new(sealed(2, platform.clock.now(), &[record(1, 2, true)]));
    assert_eq!(
        gone.deliver(&platform.client(), &platform.clock).await.1,
        Step::Done
    );
    platform
        .clock
        .advance_to(platform.clock.now() + chrono::TimeDelta::days(2));
    assert_eq!(history(&platform.ledger().await, 1), (vec![1, 2], false));
}

#[tokio::test]
async fn a_tombstone_is_never_resurrected_by_an_older_or_equal_version() {
    let platform = Platform::start().await;
    let client = platform.client();
    let mut gone = Kept::new(sealed(1, platform.clock.now(), &[record(1, 3, true)]));
    gone.deliver(&client, &platform.clock).await;
    for (sequence, version, expected) in [
        (2, 2, RecordResult::Stale { theirs: 3 }),
        (
            3,
            3,
            RecordResult::Conflict {
                theirs: record(1, 3, true).digest().to_owned(),
            },
        ),
    ] {
        let mut late = Kept::new(sealed(
            sequence,
            platform.clock.now(),
            &[record(1, version, false)],
        ));
        late.deliver(&client, &platform.clock).await;
        assert_eq!(late.settlement.unwrap().results[0].1, expected);
        assert_eq!(history(&platform.ledger().await, 1), (vec![3], false));
    }
    let mut listed_again = Kept::new(sealed(4, platform.clock.now(), &[record(1, 4, false)]));
    listed_again.deliver(&client, &platform.clock).await;
    assert_eq!(history(&platform.ledger().await, 1), (vec![3, 4], true));
}

#[tokio::test]
async fn a_refused_record_does_not_block_the_others_of_its_batch() {
    let platform = Platform::start().await;
    platform.switch("reject_uscc", uscc(2).as_str(), "1", "submit");
    platform.switch("unmatched_uscc", uscc(3).as_str(), "1", "submit");
    let records = [
        record(1, 1, false),
        record(2, 1, false),
        record(3, 1, false),
    ];
    let mut kept = Kept::new(sealed(1, platform.clock.now(), &records));
    assert_eq!(
        kept.deliver(&platform.client(), &platform.clock).await.1,
        Step::Done
    );
    let results = kept.settlement.unwrap().results;
    assert_eq!(results[0].1, RecordResult::Accepted);
    assert!(
        matches!(&results[1].1, RecordResult::Rejected(r) if r.class == RejectClass::Data && r.field.as_deref() == Some("uscc"))
    );
    assert!(matches!(&results[2].1, RecordResult::Unmatched { code, .. } if code == "1001"));
    let mut again = Kept::new(sealed(2, platform.clock.now(), &records[1..]));
    again.deliver(&platform.client(), &platform.clock).await;
    let ledger = platform.ledger().await;
    for entry in 1..=3 {
        assert_eq!(history(&ledger, entry), (vec![1], true));
    }
}

#[tokio::test]
async fn counts_without_receipts_are_resolved_record_by_record() {
    let platform = Platform::start().await;
    platform.switch("counts_only", "", "1", "submit");
    platform.switch("partial_rejection", "503", "1", "submit");
    let mut kept = Kept::new(sealed(
        1,
        platform.clock.now(),
        &[record(1, 1, false), record(2, 1, false)],
    ));
    let (steps, end) = kept.deliver(&platform.client(), &platform.clock).await;
    assert_eq!((steps, end), (vec!["send", "probe"], Step::Done));
    let failed: Vec<_> = kept
        .settlement
        .unwrap()
        .failures()
        .map(|(entry, _)| entry.record_id)
        .collect();
    assert_eq!(failed, [id(2)]);

    platform.switch("counts_only", "", "1", "submit");
    let mut all = Kept::new(sealed(2, platform.clock.now(), &[record(2, 1, false)]));
    assert_eq!(
        all.deliver(&platform.client(), &platform.clock).await,
        (vec!["send"], Step::Done)
    );
    let mut zero = Kept::new(sealed(3, platform.clock.now(), &[]));
    assert_eq!(
        zero.deliver(&platform.client(), &platform.clock).await,
        (vec!["send"], Step::Done)
    );
    assert_eq!(
        platform.ledger().await["batches"]
            .as_object()
            .unwrap()
            .len(),
        3
    );
}

#[tokio::test]
async fn a_lost_withdrawal_shows_when_the_platform_is_looked_at_and_a_new_version_mends_it() {
    let platform = Platform::start().await;
    let client = platform.client();
    Kept::new(sealed(1, platform.clock.now(), &[record(1, 1, false)]))
        .deliver(&client, &platform.clock)
        .await;
    platform.switch("lose_delete", "", "1", "submit");
    let mut lost = Kept::new(sealed(2, platform.clock.now(), &[record(1, 2, true)]));
    lost.deliver(&client, &platform.clock).await;
    assert_eq!(lost.settlement.unwrap().results[0].1, RecordResult::Updated);
    let held = platform.get(&format!("api/records/{}", id(1))).await;
    assert_eq!(
        (&held["record_version"], &held["visible"]),
        (&1.into(), &true.into())
    );
    assert_eq!(
        platform.ledger().await["lost_deletes"][0]["record_version"],
        2
    );
    Kept::new(sealed(3, platform.clock.now(), &[record(1, 3, true)]))
        .deliver(&client, &platform.clock)
        .await;
    assert_eq!(history(&platform.ledger().await, 1), (vec![1, 3], false));
}

#[tokio::test]
async fn slow_publication_is_seen_as_such() {
    let platform = Platform::start().await;
    platform.switch("slow_publish", "3600", "1", "submit");
    Kept::new(sealed(1, platform.clock.now(), &[record(1, 1, false)]))
        .deliver(&platform.client(), &platform.clock)
        .await;
    assert_eq!(history(&platform.ledger().await, 1), (vec![1], false));
    platform
        .clock
        .advance_to(platform.clock.now() + chrono::TimeDelta::hours(1));
    assert_eq!(history(&platform.ledger().await, 1), (vec![1], true));
}

#[tokio::test]
async fn a_key_with_other_bytes_and_a_wrong_token_are_refused() {
    let platform = Platform::start().await;
    let mut kept = Kept::new(sealed(1, platform.clock.now(), &[record(1, 1, false)]));
    kept.deliver(&platform.client(), &platform.clock).await;
    let mut forged = kept.clone();
    forged.progress = wuxin::feed::Progress::sealed(platform.clock.now());
    forged.batch.body.push(b' ');
    let (_, end) = forged.deliver(&platform.client(), &platform.clock).await;
    assert_eq!(
        end,
        Step::Alarm {
            why: AlarmReason::Refused(RejectClass::Mapping)
        }
    );

    let mut stranger = Kept::new(sealed(2, platform.clock.now(), &[record(2, 1, false)]));
    stranger
        .step(&client(&platform.base, "wrong"), &platform.clock)
        .await
        .unwrap();
    assert_eq!(
        stranger.progress.state,
        BatchState::Refused {
            class: RejectClass::Auth
        }
    );
    assert_eq!(
        stranger.deliver(&platform.client(), &platform.clock).await,
        (vec!["send"], Step::Done)
    );
}
