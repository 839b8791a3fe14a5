//! Reading the answer to a batch.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{
    Answer, AnswerFault, Attempt, NoAnswer, Outcome, RecordResult, Refusal, RejectClass, Rejection,
    Settlement, UnknownWhy,
};
use crate::feed::batch::{SealedBatch, SealedEntry};

/// The shortest and the longest a `Retry-After` is taken for.
const SHORTEST_PAUSE: TimeDelta = TimeDelta::seconds(1);
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);
/// The pause when a busy platform names none.
const USUAL_PAUSE: TimeDelta = TimeDelta::seconds(60);

/// Platforms take signatures within five minutes.
const CLOCKS_APART: TimeDelta = TimeDelta::minutes(5);

/// The answer of the platform to a batch, as it is on the wire.
#[derive(Debug, Deserialize)]
pub(super) struct BatchAnswer {
    batch_key: Option<String>,
    #[serde(default)]
    duplicate: bool,
    total: Option<u64>,
    accepted: Option<u64>,
    rejected: Option<u64>,
    receipts: Option<Vec<Receipt>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Receipt {
    record_id: String,
    record_version: u32,
    result: ReceiptResult,
    #[serde(default)]
    code: String,
    field: Option<String>,
    #[serde(default)]
    message: String,
    /// Digest of what the platform holds.
    digest: Option<String>,
    /// The version the platform holds.
    held_version: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum ReceiptResult {
    Accepted,
    Updated,
    Duplicate,
    Rejected,
    Unmatched,
}

/// What became of a batch, by what the transport saw of sending it.
pub fn interpret_send(batch: &SealedBatch, attempt: &Attempt, now: DateTime<Utc>) -> Outcome {
    let answer = match attempt {
        Attempt::NotSent { why } => return Outcome::NotSent { why: why.clone() },
        Attempt::NoAnswer { why } => return unknown_no_answer(why),
        Attempt::Answered(answer) => answer,
    };
    match answer.status {
        200..=299 => match read_batch_answer(batch, answer) {
            Ok(settlement) => Outcome::Settled(settlement),
            Err(why) => Outcome::Unknown { why },
        },
        429 => Outcome::Busy {
            until: pause_end(answer.retry_after.as_deref(), now),
        },
        // Refused by the platform or by a gateway before it: in either case the batch was not taken.
        401 | 403 => {
            refused_by_clock(answer, now).unwrap_or_else(|| refused(answer, RejectClass::Auth))
        }
        400 | 404 | 405 | 409..=411 | 413..=415 | 422 => refused(answer, RejectClass::Mapping),
        status => Outcome::Unknown {
            why: UnknownWhy::Status(status),
        },
    }
}

fn unknown_no_answer(why: &NoAnswer) -> Outcome {
    Outcome::Unknown {
        why: UnknownWhy::NoAnswer(why.clone()),
    }
}

/// A signature is refused when the clocks differ: then the clock is what must be set, not the key.
fn refused_by_clock(answer: &Answer, now: DateTime<Utc>) -> Option<Outcome> {
    let theirs = DateTime::parse_from_rfc2822(answer.date.as_deref()?)
        .ok()?
        .to_utc();
    let apart = theirs - now;
    (apart.abs() > CLOCKS_APART).then(|| {
        Outcome::Refused(Refusal {
            status: answer.status,
            class: RejectClass::Auth,
            message: format!(
                "the clocks are {} s apart (the platform's says {theirs}); set this machine's clock: {}",
                apart.num_seconds().abs(),
                start_of(&answer.body)
            ),
        })
    })
}

fn refused(answer: &Answer, class: RejectClass) -> Outcome {
    let message = start_of(&answer.body);
    Outcome::Refused(Refusal {
        status: answer.status,
        class,
        message,
    })
}

/// When a busy platform wants us again: `Retry-After` in seconds or as a date, within bounds.
pub(super) fn pause_end(retry_after: Option<&str>, now: DateTime<Utc>) -> DateTime<Utc> {
    let text = retry_after.unwrap_or_default().trim();
    let wish = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are long in any case.
        text.parse()
            .ok()
            .and_then(TimeDelta::try_seconds)
            .unwrap_or(LONGEST_PAUSE)
    } else {
        DateTime::parse_from_rfc2822(text).map_or(USUAL_PAUSE, |at| at.to_utc() - now)
    };
    now + wish.clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
}

/// The body as JSON of the wanted shape, if the answer says it is JSON.
pub(in crate::feed) fn read_json<T: DeserializeOwned>(answer: &Answer) -> Result<T, UnknownWhy> {
    let not_json = || UnknownWhy::NotJson {
        status: answer.status,
        content_type: answer.content_type.clone(),
        start: start_of(&answer.body),
    };
    let media_type = answer
        .content_type
        .as_deref()
        .and_then(|text| text.split(';').next());
    if !media_type.is_some_and(|text| text.trim().eq_ignore_ascii_case("application/json")) {
        return Err(not_json());
    }
    serde_json::from_slice(&answer.body).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => UnknownWhy::Shape(error.to_string()),
        _ => not_json(),
    })
}

/// Reads and checks an answer about `batch`; every fault is named.
pub(super) fn read_batch_answer(
    batch: &SealedBatch,
    answer: &Answer,
) -> Result<Settlement, UnknownWhy> {
    let read: BatchAnswer = read_json(answer)?;
    let mut faults = Vec::new();
    match &read.batch_key {
        Some(key) if *key == batch.key => {}
        Some(key) => faults.push(AnswerFault::OtherBatch(start_of(key.as_bytes()))),
        None => return Err(UnknownWhy::Shape("no batch_key".into())),
    }
    let sent = batch.entries.len() as u64;
    count_fault("total", read.total, sent, &mut faults);
    let results = match &read.receipts {
        Some(receipts) => by_receipts(batch, receipts, &mut faults),
        None => by_counts(batch, &read, &mut faults)?,
    };
    if read.receipts.is_some() && faults.is_empty() {
        let accepted = results
            .iter()
            .filter(|(_, result)| counts_as_accepted(result))
            .count() as u64;
        count_fault("accepted", read.accepted, accepted, &mut faults);
        count_fault("rejected", read.rejected, sent - accepted, &mut faults);
    }
    if faults.is_empty() {
        Ok(Settlement {
            replayed: read.duplicate,
            results,
        })
    } else {
        Err(UnknownWhy::Untrustworthy(faults))
    }
}

type Results = Vec<(crate::feed::batch::EntryVersion, RecordResult)>;

/// A conflict is the platform's duplicate: it counts it as taken.
fn counts_as_accepted(result: &RecordResult) -> bool {
    result.is_success() || matches!(result, RecordResult::Conflict { .. })
}

pub(super) fn count_fault(
    name: &'static str,
    stated: Option<u64>,
    found: u64,
    faults: &mut Vec<AnswerFault>,
) {
    if let Some(stated) = stated.filter(|stated| *stated != found) {
        faults.push(AnswerFault::Count {
            name,
            stated,
            found,
        });
    }
}

fn by_receipts(
    batch: &SealedBatch,
    receipts: &[Receipt],
    faults: &mut Vec<AnswerFault>,
) -> Results {
    let sent: BTreeMap<Uuid, &SealedEntry> = batch
        .entries
        .iter()
        .map(|sealed| (sealed.entry.record_id, sealed))
        .collect();
    let mut found: BTreeMap<Uuid, &Receipt> = BTreeMap::new();
    for receipt in receipts {
        let known = Uuid::parse_str(&receipt.record_id)
            .ok()
            .and_then(|id| sent.get(&id));
        let Some(sealed) = known else {
            let record_id = start_of(receipt.record_id.as_bytes());
            faults.push(AnswerFault::NeverSent { record_id });
            continue;
        };
        let record_id = sealed.entry.record_id;
        if receipt.record_version != sealed.entry.version {
            let version = receipt.record_version;
            faults.push(AnswerFault::OtherVersion { record_id, version });
        } else if found
            .insert(record_id, receipt)
            .is_some_and(|earlier| earlier != receipt)
        {
            faults.push(AnswerFault::Twice { record_id });
        }
    }
    let mut results = Vec::with_capacity(batch.entries.len());
    for sealed in &batch.entries {
        let record_id = sealed.entry.record_id;
        match found.get(&record_id) {
            Some(receipt) => results.push((sealed.entry, result(sealed, receipt))),
            None => faults.push(AnswerFault::NoReceipt { record_id }),
        }
    }
    results
}

fn result(sealed: &SealedEntry, receipt: &Receipt) -> RecordResult {
    match receipt.result {
        ReceiptResult::Accepted => RecordResult::Accepted,
        ReceiptResult::Updated => RecordResult::Updated,
        ReceiptResult::Duplicate => duplicate(sealed, receipt),
        ReceiptResult::Rejected => RecordResult::Rejected(Rejection {
            class: class_of(&receipt.code),
            code: receipt.code.clone(),
            field: receipt.field.clone(),
            message: receipt.message.clone(),
        }),
        ReceiptResult::Unmatched => RecordResult::Unmatched {
            code: receipt.code.clone(),
            message: receipt.message.clone(),
        },
    }
}

/// "It was there already" is success if it is the same content, or a later version.
fn duplicate(sealed: &SealedEntry, receipt: &Receipt) -> RecordResult {
    match (receipt.held_version, &receipt.digest) {
        (Some(theirs), _) if theirs > sealed.entry.version => RecordResult::Stale { theirs },
        (_, Some(theirs)) if !theirs.eq_ignore_ascii_case(&sealed.digest) => {
            RecordResult::Conflict {
                theirs: theirs.clone(),
            }
        }
        _ => RecordResult::Duplicate,
    }
}

/// The codes platforms answer with (苏州 interface standard and its clearing codes).
pub(in crate::feed) fn class_of(code: &str) -> RejectClass {
    match code {
        "500" | "503" => RejectClass::Transient,
        "401" | "403" => RejectClass::Auth,
        "3001" | "3002" | "4001" | "4002" | "5001" | "6001" | "6002" | "10004" | "40001" => {
            RejectClass::Mapping
        }
        _ => RejectClass::Data,
    }
}

/// Counts settle a batch only if they say that all of it was taken, or none of a zero report.
fn by_counts(
    batch: &SealedBatch,
    read: &BatchAnswer,
    faults: &mut Vec<AnswerFault>,
) -> Result<Results, UnknownWhy> {
    let sent = batch.entries.len() as u64;
    let (Some(total), Some(accepted), Some(rejected)) = (read.total, read.accepted, read.rejected)
    else {
        return Err(UnknownWhy::Shape("neither receipts nor all counts".into()));
    };
    if accepted.checked_add(rejected) != Some(sent) {
        faults.push(AnswerFault::Count {
            name: "accepted + rejected",
            stated: accepted.saturating_add(rejected),
            found: sent,
        });
    }
    if faults.is_empty() && rejected > 0 {
        return Err(UnknownWhy::CountsOnly { total, rejected });
    }
    Ok(batch
        .entries
        .iter()
        .map(|sealed| (sealed.entry, RecordResult::Accepted))
        .collect())
}

/// The beginning of what came, for a log; what comes from outside may be long and is not always text.
pub(super) fn start_of(bytes: &[u8]) -> String {
    const LONGEST: usize = 120;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * LONGEST)]);
    text.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect()
}
