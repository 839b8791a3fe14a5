use proptest::prelude::*;

use super::*;
use crate::feed::{
    profile::{HTTP_JSON, Profile},
    samples::{at, id, record},
};

fn waiting(seq: i64, entry: u8, version: u32, withdrawal: bool) -> Waiting {
    Waiting {
        seq,
        record_id: id(entry),
        version,
        withdrawal,
        sent_before: false,
    }
}

fn open(sequence: u64, entries: &[(u8, u32)]) -> OpenBatch {
    let entries = entries.iter().map(|(entry, version)| EntryVersion {
        record_id: id(*entry),
        version: *version,
    });
    OpenBatch {
        sequence,
        entries: entries.collect(),
    }
}

/// A plan as text: `W[..] C[..]`, superseded `a<b`, held `a@batch` or `a@w seq`.
fn shown(plan: &Plan) -> String {
    let mut words = Vec::new();
    for batch in &plan.batches {
        let letter = match batch.kind {
            BatchKind::Withdrawals => 'W',
            BatchKind::Changes => 'C',
            BatchKind::Zero => 'Z',
        };
        words.push(format!("{letter}{:?}", batch.seqs));
    }
    words.extend(
        plan.superseded
            .iter()
            .map(|gone| format!("{}<{}", gone.seq, gone.by)),
    );
    words.extend(plan.held.iter().map(|held| match held.behind {
        Behind::Batch(sequence) => format!("{}@{sequence}", held.seq),
        Behind::Withdrawal(seq) => format!("{}@w{seq}", held.seq),
    }));
    words.join(" ")
}

#[test]
fn the_plan_of_each_situation() {
    let w = waiting;
    let again = Waiting {
        sent_before: true,
        ..w(1, 1, 1, false)
    };
    let table: [(&str, Vec<Waiting>, Vec<OpenBatch>, &str); 12] = [
        (
            "what goes again goes apart and after",
            vec![again, w(2, 2, 1, false)],
            vec![],
            "C[2] C[1]",
        ),
        ("nothing waits", vec![], vec![], ""),
        (
            "two adds share a batch",
            vec![w(1, 1, 1, false), w(2, 2, 1, false)],
            vec![],
            "C[1, 2]",
        ),
        (
            "a withdrawal goes first, apart",
            vec![w(1, 1, 1, false), w(2, 2, 2, true)],
            vec![],
            "W[2] C[1]",
        ),
        (
            "an update replaces an unsent add",
            vec![w(1, 1, 1, false), w(2, 1, 2, false)],
            vec![],
            "C[2] 1<2",
        ),
        (
            "a withdrawal replaces an unsent add and goes",
            vec![w(1, 1, 1, false), w(2, 1, 2, true)],
            vec![],
            "W[2] 1<2",
        ),
        (
            "a withdrawal goes without any add",
            vec![w(7, 1, 2, true)],
            vec![],
            "W[7]",
        ),
        (
            "an update waits for its add in flight",
            vec![w(2, 1, 2, false)],
            vec![open(5, &[(1, 1)])],
            "2@5",
        ),
        (
            "a withdrawal waits for its own add only",
            vec![w(2, 1, 2, true), w(3, 2, 2, true)],
            vec![open(5, &[(1, 1)])],
            "W[3] 2@5",
        ),
        (
            "showing again never swallows the withdrawal",
            vec![w(1, 1, 2, true), w(2, 1, 3, false), w(3, 1, 4, false)],
            vec![],
            "W[1] 2<3 3@w1",
        ),
        (
            "the latest withdrawal is the one",
            vec![w(1, 1, 2, true), w(2, 1, 3, false), w(3, 1, 4, true)],
            vec![],
            "W[3] 1<3 2<3",
        ),
        (
            "batches are cut at their size",
            (1..=5).map(|n| w(n, n as u8, 1, n > 3)).collect(),
            vec![],
            "W[4, 5] C[1, 2] C[3]",
        ),
    ];
    for (what, waiting, open, expected) in table {
        assert_eq!(shown(&plan(&waiting, &open, 2)), expected, "{what}");
    }
}

fn any_waiting() -> impl Strategy<Value = Vec<Waiting>> {
    let change = (0..6_u8, 1..6_u32, any::<bool>());
    proptest::collection::vec(change, 0..30).prop_map(|changes| {
        let numbered = changes.into_iter().enumerate();
        numbered
            .map(|(seq, (entry, version, gone))| waiting(seq as i64, entry, version, gone))
            .collect()
    })
}

fn any_open() -> impl Strategy<Value = Vec<OpenBatch>> {
    let entries = proptest::collection::vec((0..6_u8, 1..6_u32), 0..4);
    proptest::collection::vec(entries, 0..3).prop_map(|batches| {
        batches
            .iter()
            .enumerate()
            .map(|(number, entries)| open(number as u64, entries))
            .collect()
    })
}

proptest! {
    #[test]
    fn every_waiting_change_is_planned_superseded_or_held_once(
        waiting in any_waiting(), open in any_open(), size in 0..5_usize
    ) {
        let plan = plan(&waiting, &open, size);
        let mut seqs: Vec<i64> = plan.batches.iter().flat_map(|batch| batch.seqs.clone()).collect();
        prop_assert!(plan.batches.iter().all(|batch| (1..=size.max(1)).contains(&batch.seqs.len())));
        seqs.extend(plan.superseded.iter().map(|gone| gone.seq));
        seqs.extend(plan.held.iter().map(|held| held.seq));
        seqs.sort_unstable();
        prop_assert_eq!(seqs, waiting.iter().map(|change| change.seq).collect::<Vec<_>>());
    }

    #[test]
    fn the_newest_withdrawal_of_an_entry_goes_unless_its_own_entry_is_in_flight(
        waiting in any_waiting(), open in any_open(), size in 1..5_usize
    ) {
        let plan = plan(&waiting, &open, size);
        for change in waiting.iter().filter(|change| change.withdrawal) {
            let newest = waiting.iter().filter(|other| other.withdrawal && other.record_id == change.record_id)
                .max_by_key(|other| (other.version, other.seq)).unwrap();
            let in_flight = open.iter().flat_map(|batch| &batch.entries).any(|entry| entry.record_id == change.record_id);
            let goes = plan.batches.iter().any(|batch| batch.kind == BatchKind::Withdrawals && batch.seqs.contains(&newest.seq));
            prop_assert_eq!(goes, !in_flight);
        }
        let kinds: Vec<bool> = plan.batches.iter().map(|batch| batch.kind == BatchKind::Withdrawals).collect();
        prop_assert!(kinds.is_sorted_by(|a, b| a >= b));
    }

    /// Runs of planning and settling in any order: per entry, versions leave in rising order, one at a time.
    #[test]
    fn versions_of_an_entry_leave_in_order_and_once(
        gone in proptest::collection::vec((0..4_u8, any::<bool>()), 1..40),
        steps in proptest::collection::vec(0..3_u8, 1..80),
    ) {
        let mut versions: BTreeMap<u8, u32> = BTreeMap::new();
        let mut events = gone.iter().enumerate().map(|(seq, (entry, withdrawal))| {
            let version = versions.entry(*entry).and_modify(|v| *v += 1).or_insert(1);
            waiting(seq as i64, *entry, *version, *withdrawal)
        }).collect::<Vec<_>>().into_iter();
        let (mut outbox, mut open): (Vec<Waiting>, Vec<OpenBatch>) = (Vec::new(), Vec::new());
        let mut last: BTreeMap<Uuid, u32> = BTreeMap::new();
        let mut number = 0;
        for step in steps {
            match step {
                0 => outbox.extend(events.next()),
                1 if !open.is_empty() => { open.remove(0); }
                _ => {
                    let plan = plan(&outbox, &open, 3);
                    for batch in &plan.batches {
                        number += 1;
                        let mut entries = Vec::new();
                        for change in outbox.iter().filter(|change| batch.seqs.contains(&change.seq)) {
                            prop_assert!(open.iter().all(|b| b.entries.iter().all(|e| e.record_id != change.record_id)));
                            let before = last.insert(change.record_id, change.version);
                            prop_assert!(before.is_none_or(|before| before < change.version));
                            entries.push(EntryVersion { record_id: change.record_id, version: change.version });
                        }
                        open.push(OpenBatch { sequence: number, entries });
                    }
                    outbox.retain(|change| plan.held.iter().any(|held| held.seq == change.seq));
                }
            }
        }
    }
}

fn sealed(
    sequence: u64,
    kind: BatchKind,
    records: &[crate::feed::CanonicalRecord],
) -> Result<SealedBatch, SealError> {
    let profile = Profile::parse(HTTP_JSON).unwrap();
    seal(
        SealRequest {
            target: "示例平台",
            kind,
            sequence,
            sealed_at: at(10, 0),
            records,
        },
        &profile,
    )
}

#[test]
fn sealing_twice_gives_the_same_key_and_bytes_and_another_number_another_key() {
    let records = [record(1, 1, false), record(2, 3, false)];
    let first = sealed(7, BatchKind::Changes, &records).unwrap();
    assert_eq!(first, sealed(7, BatchKind::Changes, &records).unwrap());
    let next = sealed(8, BatchKind::Changes, &records).unwrap();
    assert_ne!(first.key, next.key);
    let other = sealed(7, BatchKind::Changes, &records[..1]).unwrap();
    assert_ne!(first.key, other.key);
}

#[test]
fn an_empty_slot_is_a_batch_of_zero_and_two_slots_have_two_keys() {
    let zero = PlannedBatch::zero_report();
    let first = sealed(1, zero.kind, &[]).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&first.body).unwrap();
    assert_eq!(body["batch"]["count"], 0);
    assert_eq!(body["records"], serde_json::json!([]));
    assert_ne!(first.key, sealed(2, zero.kind, &[]).unwrap().key);
}

#[test]
fn what_does_not_belong_into_a_batch_is_not_sealed() {
    let (add, gone) = (record(1, 1, false), record(2, 2, true));
    for (kind, records) in [
        (BatchKind::Changes, vec![add.clone(), gone.clone()]),
        (BatchKind::Withdrawals, vec![add.clone()]),
        (BatchKind::Zero, vec![add.clone()]),
        (BatchKind::Changes, vec![]),
    ] {
        assert!(
            matches!(sealed(1, kind, &records), Err(SealError::Kind { .. })),
            "{kind:?}"
        );
    }
    let twice = [add.clone(), record(1, 2, false)];
    assert!(matches!(
        sealed(1, BatchKind::Changes, &twice),
        Err(SealError::Twice(_))
    ));
    let mut profile = Profile::parse(HTTP_JSON).unwrap();
    profile
        .fields
        .iter_mut()
        .find(|f| f.from() == Some("reason"))
        .unwrap()
        .max = Some(3);
    let request = SealRequest {
        target: "t",
        kind: BatchKind::Changes,
        sequence: 1,
        sealed_at: at(10, 0),
        records: std::slice::from_ref(&add),
    };
    let error = seal(request, &profile).unwrap_err();
    assert!(error.to_string().contains("平台最多收3字"), "{error}");
    profile.batch_size = 1;
    let many = [add.clone(), record(3, 1, false)];
    assert!(matches!(
        seal(
            SealRequest {
                records: &many,
                ..request
            },
            &profile
        ),
        Err(SealError::TooMany { .. })
    ));
}

#[test]
fn a_rendered_batch_reads_so() {
    let batch = sealed(42, BatchKind::Withdrawals, &[record(1, 2, true)]).unwrap();
    // One field a line; the bytes themselves have no white space.
    let body = String::from_utf8(batch.body)
        .unwrap()
        .replace(",\"", ",\n\"");
    insta::assert_snapshot!(body, @r#"
    {"batch":{"key":"c1c57c6fe7ae2800f797c534c15beea4bd150279680cafaca2d158eceb4bce98",
    "target":"示例平台",
    "sequence":42,
    "kind":"withdrawals",
    "day":"2026-03-02",
    "sealed_at":"2026-03-02T18:00:00+08:00",
    "profile":"http-json",
    "profile_version":1,
    "count":1,
    "withdrawals":1},
    "records":[{"record_id":"01955000-0000-7000-8000-000000000001",
    "record_version":2,
    "op":"3",
    "status":"1",
    "list_code":"KEY_WATCH",
    "list_name":"物业服务重点关注名单",
    "list_class":"4",
    "severity":"3",
    "subject_type":"1",
    "subject_name":"资阳(示例)甲物业有限公司",
    "uscc":"91512002MA00000015",
    "legal_rep":"示例甲",
    "area_code":"512002",
    "decision_no":"资建物决〔2026〕1号",
    "decision_date":"2026-02-27",
    "authority":"示例市住房和城乡建设局",
    "authority_uscc":"91000000000000000K",
    "reason":"拒不移交物业管理用房",
    "facts":"经责令限期改正，逾期未改正",
    "basis":"《物业管理条例》第五十八条",
    "list_date":"2026-03-01",
    "display_from":"2026-03-01",
    "display_until":"2029-02-28",
    "display_min_until":"2027-02-28",
    "exit_date":"2026-03-01",
    "exit_reason_code":"9",
    "exit_reason":"示例",
    "exit_authority":"示例局",
    "repair_state":"0",
    "source_unit":"示例市住房和城乡建设局",
    "source_uscc":"91000000000000000K",
    "changed_at":"2026-03-02T08:00:00+08:00",
    "digest":"9037902a325d7c6c747c8b15d0b75636de347fa4df510a74a62c054780a188bb"}]}
    "#);
    insta::assert_snapshot!(batch.digest, @"f3535fd6de7f7e0d3909deb4242d33260e3ec4787ad3c88b836645ac08e53841");
}
