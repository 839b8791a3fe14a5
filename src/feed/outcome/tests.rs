use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::json;

use super::{read::pause_end, *};
use crate::feed::{
    batch::{BatchKind, SealRequest, SealedBatch, seal},
    profile::{HTTP_JSON, Profile},
    samples::{at, id, record},
};

fn batch() -> SealedBatch {
    let records = [record(1, 1, false), record(2, 3, false)];
    let request = SealRequest {
        target: "t",
        kind: BatchKind::Changes,
        sequence: 1,
        sealed_at: at(10, 0),
        records: &records,
    };
    seal(request, &Profile::parse(HTTP_JSON).unwrap()).unwrap()
}

pub(super) fn answered(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Attempt {
    Attempt::Answered(Answer {
        status,
        content_type: Some(content_type.into()),
        retry_after: None,
        date: None,
        body: body.into(),
    })
}

fn said(value: &serde_json::Value) -> Attempt {
    answered(200, "application/json; charset=utf-8", value.to_string())
}

fn receipt(entry: u8, version: u32, result: &str) -> serde_json::Value {
    json!({"record_id": id(entry), "record_version": version, "result": result})
}

fn of_receipts(receipts: &[serde_json::Value]) -> serde_json::Value {
    json!({"batch_key": batch().key, "receipts": receipts})
}

pub(super) fn outcome(attempt: &Attempt) -> Outcome {
    interpret_send(&batch(), attempt, at(10, 0))
}

#[test]
fn receipts_are_read_record_by_record() {
    let mut rejected = receipt(1, 1, "REJECTED");
    rejected["code"] = "10003".into();
    rejected["field"] = "decision_date".into();
    rejected["message"] = "必填日期为空".into();
    let mut unmatched = receipt(2, 3, "UNMATCHED");
    unmatched["code"] = "1001".into();
    let Outcome::Settled(settlement) = outcome(&said(&of_receipts(&[unmatched, rejected]))) else {
        panic!()
    };
    let rejection = Rejection {
        class: RejectClass::Data,
        code: "10003".into(),
        field: Some("decision_date".into()),
        message: "必填日期为空".into(),
    };
    assert_eq!(settlement.results[0].1, RecordResult::Rejected(rejection));
    assert_eq!(
        settlement.results[1].1,
        RecordResult::Unmatched {
            code: "1001".into(),
            message: String::new()
        }
    );
    assert_eq!(settlement.failures().count(), 2);
}

#[test]
fn a_duplicate_is_success_only_with_equal_content() {
    let ours = batch().entries[0].digest.clone();
    let table = [
        (json!(null), json!(null), RecordResult::Duplicate),
        (json!(ours), json!(1), RecordResult::Duplicate),
        (
            json!(ours.to_uppercase()),
            json!(null),
            RecordResult::Duplicate,
        ),
        (
            json!("00"),
            json!(1),
            RecordResult::Conflict {
                theirs: "00".into(),
            },
        ),
        (json!("00"), json!(2), RecordResult::Stale { theirs: 2 }),
    ];
    for (digest, held, expected) in table {
        let mut duplicate = receipt(1, 1, "DUPLICATE");
        duplicate["digest"] = digest;
        duplicate["held_version"] = held;
        let answer = of_receipts(&[duplicate, receipt(2, 3, "UPDATED")]);
        let Outcome::Settled(settlement) = outcome(&said(&answer)) else {
            panic!("{answer}")
        };
        assert_eq!(settlement.results[0].1, expected);
        assert_eq!(
            settlement.failures().next().is_some(),
            matches!(expected, RecordResult::Conflict { .. })
        );
    }
}

#[test]
fn an_answer_that_contradicts_itself_or_the_batch_settles_nothing() {
    let good = [receipt(1, 1, "ACCEPTED"), receipt(2, 3, "UPDATED")];
    let with = |change: fn(&mut serde_json::Value)| {
        let mut answer = of_receipts(&good);
        change(&mut answer);
        answer
    };
    let push = |extra: serde_json::Value| of_receipts(&[&good[..], &[extra]].concat());
    let table = [
        (
            with(|a| a["batch_key"] = "other".into()),
            AnswerFault::OtherBatch("other".into()),
        ),
        (
            push(receipt(9, 1, "ACCEPTED")),
            AnswerFault::NeverSent {
                record_id: id(9).to_string(),
            },
        ),
        (
            push(json!({"record_id": "x", "record_version": 1, "result": "ACCEPTED"})),
            AnswerFault::NeverSent {
                record_id: "x".into(),
            },
        ),
        (
            push(receipt(2, 2, "ACCEPTED")),
            AnswerFault::OtherVersion {
                record_id: id(2),
                version: 2,
            },
        ),
        (
            push(receipt(1, 1, "REJECTED")),
            AnswerFault::Twice { record_id: id(1) },
        ),
        (
            of_receipts(&good[..1]),
            AnswerFault::NoReceipt { record_id: id(2) },
        ),
        (
            with(|a| a["total"] = 3.into()),
            AnswerFault::Count {
                name: "total",
                stated: 3,
                found: 2,
            },
        ),
        (
            with(|a| a["accepted"] = 1.into()),
            AnswerFault::Count {
                name: "accepted",
                stated: 1,
                found: 2,
            },
        ),
        (
            with(|a| a["rejected"] = 1.into()),
            AnswerFault::Count {
                name: "rejected",
                stated: 1,
                found: 0,
            },
        ),
        (
            json!({"batch_key": batch().key, "total": 2, "accepted": u64::MAX, "rejected": 3}),
            AnswerFault::Count {
                name: "accepted + rejected",
                stated: u64::MAX,
                found: 2,
            },
        ),
    ];
    for (answer, fault) in table {
        let expected = Outcome::Unknown {
            why: UnknownWhy::Untrustworthy(vec![fault]),
        };
        assert_eq!(outcome(&said(&answer)), expected, "{answer}");
    }
    assert!(
        matches!(outcome(&said(&push(good[0].clone()))), Outcome::Settled(_)),
        "the same receipt twice says one thing"
    );
}

#[test]
fn counts_settle_a_batch_only_if_nothing_failed() {
    let counts = |accepted, rejected| json!({"batch_key": batch().key, "total": 2, "accepted": accepted, "rejected": rejected});
    assert!(
        matches!(outcome(&said(&counts(2, 0))), Outcome::Settled(s) if s.failures().count() == 0)
    );
    let expected = Outcome::Unknown {
        why: UnknownWhy::CountsOnly {
            total: 2,
            rejected: 1,
        },
    };
    assert_eq!(outcome(&said(&counts(1, 1))), expected);
    let holds = |version: u32, entry: usize| RecordProbe::Holds {
        version,
        digest: Some(batch().entries[entry].digest.clone()),
    };
    let ProbeOutcome::Settled(settlement) =
        settle_by_records(&batch(), &[holds(1, 0), holds(2, 1)], Some(1))
    else {
        panic!()
    };
    assert_eq!(settlement.results[0].1, RecordResult::Duplicate);
    assert!(matches!(settlement.results[1].1, RecordResult::Rejected(_)));
    let probes = [holds(1, 0), holds(3, 1)];
    assert!(matches!(
        settle_by_records(&batch(), &probes, Some(1)),
        ProbeOutcome::Inconclusive { .. }
    ));
    assert!(matches!(
        settle_by_records(&batch(), &probes, None),
        ProbeOutcome::Settled(_)
    ));
    assert_eq!(
        settle_by_records(&batch(), &[holds(1, 0), RecordProbe::NotThere], None),
        ProbeOutcome::NotThere
    );
}

#[test]
fn what_is_no_whole_answer_to_a_batch_is_unknown_not_failed_and_not_success() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let good = of_receipts(&[receipt(1, 1, "ACCEPTED"), receipt(2, 3, "UPDATED")]).to_string();
    let table = [
        Attempt::NoAnswer {
            why: NoAnswer::Timeout,
        },
        Attempt::NoAnswer {
            why: NoAnswer::Lost("reset".into()),
        },
        Attempt::NoAnswer {
            why: NoAnswer::BrokenOff {
                status: 200,
                why: "eof".into(),
            },
        },
        Attempt::NoAnswer {
            why: NoAnswer::Oversized {
                status: 200,
                limit: 10,
            },
        },
        answered(200, "text/html", "<html>请登录</html>"),
        answered(200, "application/json", "<html>请登录</html>"),
        answered(200, "text/plain", good.clone()),
        answered(200, "application/json", &good.as_bytes()[..good.len() - 3]),
        answered(200, "application/json", deep),
        answered(200, "application/json", "null"),
        answered(200, "application/json", r#"{"code":200,"msg":"ok"}"#),
        answered(200, "application/json", [0xff, 0xfe, 0x00]),
        answered(302, "text/html", ""),
        answered(500, "application/json", good.clone()),
        answered(502, "text/html", ""),
        answered(408, "text/html", ""),
    ];
    for attempt in table {
        assert!(
            matches!(outcome(&attempt), Outcome::Unknown { .. }),
            "{attempt:?}"
        );
        let probed = interpret_batch_probe(&batch(), &attempt);
        assert!(
            matches!(probed, ProbeOutcome::Inconclusive { .. }),
            "{attempt:?}"
        );
        let probed = interpret_record_probe(id(1), &attempt);
        assert!(
            matches!(probed, RecordProbe::Inconclusive { .. }),
            "{attempt:?}"
        );
    }
    assert!(matches!(
        outcome(&answered(200, "application/json", good)),
        Outcome::Settled(_)
    ));
}

#[test]
fn not_there_must_be_said_by_the_platform_about_this_id() {
    let said = |id: &str| {
        answered(
            404,
            "application/json",
            json!({"error": "not_found", "id": id}).to_string(),
        )
    };
    assert_eq!(
        interpret_batch_probe(&batch(), &said(&batch().key)),
        ProbeOutcome::NotThere
    );
    assert_eq!(
        interpret_record_probe(id(1), &said(&id(1).to_string())),
        RecordProbe::NotThere
    );
    for attempt in [said("other"), answered(404, "text/html", "not found")] {
        assert!(matches!(
            interpret_batch_probe(&batch(), &attempt),
            ProbeOutcome::Inconclusive { .. }
        ));
        assert!(matches!(
            interpret_record_probe(id(1), &attempt),
            RecordProbe::Inconclusive { .. }
        ));
    }
    let refused = Attempt::NotSent {
        why: "refused".into(),
    };
    assert!(matches!(
        interpret_batch_probe(&batch(), &refused),
        ProbeOutcome::Inconclusive { .. }
    ));
}

#[test]
fn a_pause_is_taken_within_bounds() {
    let now = at(10, 0);
    let table = [
        ("120", 120),
        ("0", 1),
        ("99999999999999999999999", 3600),
        ("86400", 3600),
        ("", 60),
        ("soon", 60),
        ("-5", 60),
        ("Mon, 02 Mar 2026 10:05:00 GMT", 300),
        ("Mon, 02 Mar 2026 09:00:00 GMT", 1),
        ("Tue, 03 Mar 2026 10:00:00 GMT", 3600),
    ];
    for (header, seconds) in table {
        assert_eq!(
            pause_end(Some(header), now),
            now + TimeDelta::seconds(seconds),
            "{header}"
        );
    }
    assert_eq!(pause_end(None, now), now + TimeDelta::seconds(60));
}

#[test]
fn a_withdrawal_that_was_not_taken_calls_a_person_at_once() {
    let settled = |entry: u8| {
        outcome(&said(&of_receipts(&[
            receipt(entry, if entry == 1 { 1 } else { 3 }, "REJECTED"),
            receipt(3 - entry, if entry == 1 { 3 } else { 1 }, "ACCEPTED"),
        ])))
    };
    let withdrawals = [batch().entries[0].entry];
    assert!(settled(1).needs_person(&withdrawals));
    assert!(!settled(2).needs_person(&withdrawals));
    assert!(outcome(&answered(401, "text/plain", "")).needs_person(&[]));
    assert!(!outcome(&answered(503, "text/plain", "")).needs_person(&withdrawals));
}

proptest! {
    #[test]
    fn no_bytes_from_outside_make_a_reader_panic(status in 100..600_u16, body in proptest::collection::vec(any::<u8>(), 0..300), header in ".{0,30}") {
        let answer = Answer { status, content_type: Some("application/json".into()), retry_after: Some(header), date: None, body };
        let attempt = Attempt::Answered(answer);
        prop_assert!(!matches!(outcome(&attempt), Outcome::Settled(_)));
        prop_assert!(!matches!(interpret_batch_probe(&batch(), &attempt), ProbeOutcome::Settled(_)));
    }
}
