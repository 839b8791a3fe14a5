//! Asking what became of a batch: by its key, then record by record.

use serde::Deserialize;
use uuid::Uuid;

use super::read::{read_batch_answer, read_json, start_of};
use super::{Answer, Attempt, RecordResult, RejectClass, Rejection, Settlement, UnknownWhy};
use crate::feed::batch::{SealedBatch, SealedEntry};

/// What asking about a batch gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeOutcome {
    Settled(Settlement),
    /// Some records have their result, the others are still to come.
    Partial(Settlement),
    /// As [`super::Outcome::Split`].
    Split {
        rejected: u64,
    },
    /// The platform says that it does not have all of it. Believed only when said twice, with a delay.
    NotThere,
    /// The platform has the batch but gives counts only, or nothing that settles it.
    Inconclusive {
        why: String,
        rejected: Option<u64>,
    },
}

/// What the platform holds of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordProbe {
    Holds {
        version: u32,
        digest: Option<String>,
    },
    NotThere,
    Inconclusive {
        why: String,
    },
}

/// "Not there" in the platform's own words: a bare 404 may come from a proxy or a wrong path.
#[derive(Deserialize)]
struct NotFound {
    error: String,
    id: String,
}

#[derive(Deserialize)]
struct HeldRecord {
    record_id: Uuid,
    record_version: u32,
    digest: Option<String>,
}

/// Reads the answer to asking for a batch by its key.
pub fn interpret_batch_probe(batch: &SealedBatch, attempt: &Attempt) -> ProbeOutcome {
    let inconclusive = |why: String| ProbeOutcome::Inconclusive {
        why,
        rejected: None,
    };
    match attempt {
        Attempt::Answered(answer) if answer.status == 200 => match read_batch_answer(batch, answer)
        {
            Ok(settlement) => ProbeOutcome::Settled(Settlement {
                replayed: true,
                ..settlement
            }),
            Err(why @ UnknownWhy::CountsOnly { rejected, .. }) => ProbeOutcome::Inconclusive {
                why: why.to_string(),
                rejected: Some(rejected),
            },
            Err(why) => inconclusive(why.to_string()),
        },
        Attempt::Answered(answer) if says_not_found(answer, &batch.key) => ProbeOutcome::NotThere,
        other => inconclusive(failure(other)),
    }
}

/// Reads the answer to asking for a record by its id.
pub fn interpret_record_probe(record_id: Uuid, attempt: &Attempt) -> RecordProbe {
    match attempt {
        Attempt::Answered(answer) if answer.status == 200 => {
            match read_json::<HeldRecord>(answer) {
                Ok(held) if held.record_id == record_id => RecordProbe::Holds {
                    version: held.record_version,
                    digest: held.digest,
                },
                Ok(held) => RecordProbe::Inconclusive {
                    why: format!("it is about record {}", held.record_id),
                },
                Err(why) => RecordProbe::Inconclusive {
                    why: why.to_string(),
                },
            }
        }
        Attempt::Answered(answer) if says_not_found(answer, &record_id.to_string()) => {
            RecordProbe::NotThere
        }
        other => RecordProbe::Inconclusive {
            why: failure(other),
        },
    }
}

/// Settles a batch by what the platform holds of its records, `probes` in the order of its entries.
///
/// `rejected` is the number of failures if the platform gave counts: as many absent records are then rejected ones.
pub fn settle_by_records(
    batch: &SealedBatch,
    probes: &[RecordProbe],
    rejected: Option<u64>,
) -> ProbeOutcome {
    if probes.len() != batch.entries.len() {
        let why = format!(
            "{} answers for {} records",
            probes.len(),
            batch.entries.len()
        );
        return ProbeOutcome::Inconclusive { why, rejected };
    }
    let mut results = Vec::with_capacity(probes.len());
    let mut absent = 0_u64;
    for (sealed, probe) in batch.entries.iter().zip(probes) {
        let result = match probe {
            RecordProbe::Inconclusive { why } => {
                return ProbeOutcome::Inconclusive {
                    why: why.clone(),
                    rejected,
                };
            }
            RecordProbe::Holds { version, digest } if *version >= sealed.entry.version => {
                held(sealed, *version, digest.as_deref())
            }
            RecordProbe::Holds { .. } | RecordProbe::NotThere => {
                absent += 1;
                RecordResult::Rejected(Rejection {
                    class: RejectClass::Data,
                    code: String::new(),
                    field: None,
                    message: "平台只给出失败条数，未说明原因，请到平台疑问数据中查询".into(),
                })
            }
        };
        results.push((sealed.entry, result));
    }
    match rejected {
        Some(rejected) if rejected != absent => {
            let why =
                format!("the platform counts {rejected} failures, but {absent} records are absent");
            ProbeOutcome::Inconclusive {
                why,
                rejected: Some(rejected),
            }
        }
        None if absent > 0 || batch.entries.is_empty() => ProbeOutcome::NotThere,
        _ => ProbeOutcome::Settled(Settlement {
            replayed: true,
            results,
        }),
    }
}

fn held(sealed: &SealedEntry, version: u32, digest: Option<&str>) -> RecordResult {
    match digest {
        _ if version > sealed.entry.version => RecordResult::Stale { theirs: version },
        Some(theirs) if !theirs.eq_ignore_ascii_case(&sealed.digest) => RecordResult::Conflict {
            theirs: start_of(theirs.as_bytes()),
        },
        _ => RecordResult::Duplicate,
    }
}

pub(in crate::feed) fn says_not_found(answer: &Answer, id: &str) -> bool {
    answer.status == 404
        && read_json::<NotFound>(answer)
            .is_ok_and(|said| said.error == "not_found" && said.id == id)
}

pub(in crate::feed) fn failure(attempt: &Attempt) -> String {
    match attempt {
        Attempt::NotSent { why } => why.clone(),
        Attempt::NoAnswer { why } => why.to_string(),
        Attempt::Answered(answer) => {
            format!("status {}: {}", answer.status, start_of(&answer.body))
        }
    }
}
