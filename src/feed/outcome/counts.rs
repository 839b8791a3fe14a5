//! Reading the answer of a platform that only counts: total, success, failed.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{
    Answer, AnswerFault, Attempt, Outcome, ProbeOutcome, RecordResult, Refusal, RejectClass,
    Rejection, Settlement, UnknownWhy, interpret_send,
    probe::{failure, says_not_found},
    read::{class_of, count_fault, read_json, start_of},
};
use crate::feed::{batch::SealedBatch, profile::CountAnswer};

/// What counts say of a batch.
enum Counted {
    Settled(Settlement),
    Split {
        rejected: u64,
    },
    /// The platform refuses the whole batch by a code of its own.
    Refused(Refusal),
}

/// What became of a batch that was sent to a platform that only counts.
pub fn interpret_counts(
    batch: &SealedBatch,
    attempt: &Attempt,
    names: &CountAnswer,
    now: DateTime<Utc>,
) -> Outcome {
    match attempt {
        Attempt::Answered(answer) if (200..300).contains(&answer.status) => {
            match read(batch, answer, names) {
                Ok(Counted::Settled(settlement)) => Outcome::Settled(settlement),
                Ok(Counted::Split { rejected }) => Outcome::Split { rejected },
                Ok(Counted::Refused(refusal)) => Outcome::Refused(refusal),
                Err(why) => Outcome::Unknown { why },
            }
        }
        other => interpret_send(batch, other, now),
    }
}

/// What such a platform says of a batch when asked for its key.
pub fn interpret_counts_probe(
    batch: &SealedBatch,
    attempt: &Attempt,
    names: &CountAnswer,
) -> ProbeOutcome {
    let inconclusive = |why: String| ProbeOutcome::Inconclusive {
        why,
        rejected: None,
    };
    match attempt {
        Attempt::Answered(answer) if answer.status == 200 => match read(batch, answer, names) {
            Ok(Counted::Settled(settlement)) => ProbeOutcome::Settled(Settlement {
                replayed: true,
                ..settlement
            }),
            Ok(Counted::Split { rejected }) => ProbeOutcome::Split { rejected },
            Ok(Counted::Refused(refusal)) => inconclusive(refusal.to_string()),
            Err(why) => inconclusive(why.to_string()),
        },
        Attempt::Answered(answer) if says_not_found(answer, &batch.key) => ProbeOutcome::NotThere,
        other => inconclusive(failure(other)),
    }
}

fn read(batch: &SealedBatch, answer: &Answer, names: &CountAnswer) -> Result<Counted, UnknownWhy> {
    let object: Map<String, Value> = read_json(answer)?;
    if let Some(name) = &names.batch {
        match object.get(name).and_then(Value::as_str) {
            Some(key) if key == batch.key => {}
            Some(key) => {
                let other = AnswerFault::OtherBatch(start_of(key.as_bytes()));
                return Err(UnknownWhy::Untrustworthy(vec![other]));
            }
            None => return Err(UnknownWhy::Shape(format!("no {name}"))),
        }
    }
    if let Some((name, ok)) = &names.code {
        let code = object.get(name).map(plain).unwrap_or_default();
        if code != *ok {
            return Ok(Counted::Refused(Refusal {
                status: answer.status,
                class: class_of(&code),
                message: start_of(&answer.body),
            }));
        }
    }
    let count = |name: &String| {
        let found = object.get(name).map(plain).unwrap_or_default();
        let number = found.parse::<u64>();
        number.map_err(|_| UnknownWhy::Shape(format!("{name} is {found:?}")))
    };
    let (total, success, failed) = (
        count(&names.total)?,
        count(&names.success)?,
        count(&names.failed)?,
    );
    let sent = batch.entries.len() as u64;
    let mut faults = Vec::new();
    count_fault("total", Some(total), sent, &mut faults);
    let sum = success.saturating_add(failed);
    count_fault("success + failed", Some(sum), sent, &mut faults);
    if !faults.is_empty() {
        return Err(UnknownWhy::Untrustworthy(faults));
    }
    if failed == 0 {
        return Ok(settled(batch, &RecordResult::Accepted));
    }
    if failed == sent {
        return Ok(settled(batch, &refused(sent)));
    }
    if names.repeats_succeed {
        return Ok(Counted::Split { rejected: failed });
    }
    Err(UnknownWhy::CountsOnly {
        total,
        rejected: failed,
    })
}

/// Where all of many failed, the profile is the first thing to look at; one alone is a matter of its data.
fn refused(sent: u64) -> RecordResult {
    let class = if sent == 1 {
        RejectClass::Data
    } else {
        RejectClass::Mapping
    };
    RecordResult::Rejected(Rejection {
        class,
        code: String::new(),
        field: None,
        message: "平台只给出失败条数，未说明原因，请到平台疑问数据中查询".into(),
    })
}

fn settled(batch: &SealedBatch, result: &RecordResult) -> Counted {
    let entries = batch.entries.iter();
    Counted::Settled(Settlement {
        replayed: false,
        results: entries
            .map(|sealed| (sealed.entry, result.clone()))
            .collect(),
    })
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::{
        batch::{BatchKind, SealRequest, seal},
        profile::{Profile, Transport},
        samples::{at, record},
    };

    fn batch() -> (SealedBatch, CountAnswer) {
        let profile = Profile::parse(Profile::shipped("http-counts").unwrap()).unwrap();
        let records = [record(1, 1, false), record(2, 1, false)];
        let request = SealRequest {
            target: "示例平台",
            kind: BatchKind::Changes,
            sequence: 1,
            sealed_at: at(10, 0),
            records: &records,
        };
        let Transport::HttpCounts { answer, .. } = &profile.transport else {
            panic!("{:?}", profile.transport);
        };
        (seal(request, &profile).unwrap(), answer.clone())
    }

    fn said(body: &str) -> Attempt {
        Attempt::Answered(Answer {
            status: 200,
            content_type: Some("application/json".into()),
            retry_after: None,
            date: None,
            body: body.into(),
        })
    }

    #[test]
    fn counts_settle_split_or_stay_unknown() {
        let (batch, mut names) = batch();
        let key = batch.key.clone();
        let counts = |total: &str, success: &str, failed: &str| {
            said(&format!(
                r#"{{"batch_key":"{key}","total":{total},"accepted":{success},"rejected":{failed}}}"#
            ))
        };
        let told = |attempt: &Attempt, names: &CountAnswer| match interpret_counts(
            &batch,
            attempt,
            names,
            at(10, 0),
        ) {
            Outcome::Settled(settlement) => {
                format!("settled, {} failed", settlement.failures().count())
            }
            Outcome::Split { rejected } => format!("split, {rejected} failed"),
            Outcome::Unknown { why } => why.to_string(),
            Outcome::Refused(refusal) => format!("{:?}", refusal.class),
            other => format!("{other:?}"),
        };
        let table = [
            (counts("2", "2", "0"), "settled, 0 failed"),
            (counts("\"2\"", "\"2\"", "\"0\""), "settled, 0 failed"),
            (counts("2", "0", "2"), "settled, 2 failed"),
            (counts("2", "1", "1"), "split, 1 failed"),
            (counts("3", "2", "1"), "it counts total 3, but it is 2"),
            (counts("2", "2", "1"), "it counts success + failed 3"),
            (counts("2", "-1", "3"), "accepted is \"-1\""),
            (
                said(r#"{"batch_key":"x","total":2,"accepted":2,"rejected":0}"#),
                "about batch \"x\"",
            ),
            (said("<html>登录</html>"), "not JSON"),
        ];
        for (attempt, part) in &table {
            let found = told(attempt, &names);
            assert!(found.contains(part), "{part}: {found}");
        }
        names.repeats_succeed = false;
        assert!(told(&counts("2", "1", "1"), &names).contains("1 of 2 records failed"));
        names.code = Some(("errorCode".into(), "200".into()));
        assert_eq!(
            told(
                &said(&format!(r#"{{"batch_key":"{key}","errorCode":6002}}"#)),
                &names
            ),
            "Mapping"
        );
    }
}
