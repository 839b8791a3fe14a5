//! The one transport of a publisher, chosen by its profile.

use chrono::{DateTime, Utc};

use super::{Folder, HttpJson};
use crate::feed::{
    batch::SealedBatch,
    outcome::{
        Outcome, ProbeOutcome, Refusal, RejectClass, Settlement, interpret_counts,
        interpret_counts_probe, interpret_send,
    },
    profile::CountAnswer,
};

/// How batches get to the platform.
#[derive(Debug, Clone)]
pub enum Carrier {
    /// A receipt for each record in the answer.
    Receipts(HttpJson),
    /// Counts in the answer.
    Counts { http: HttpJson, answer: CountAnswer },
    /// Files in a folder; receipts come as files.
    Folder(Folder),
    /// A person takes the file and brings the receipt.
    Manual,
}

impl Carrier {
    /// Whether batches are handed over as files: order is kept by their numbers, receipts come later.
    pub fn is_file(&self) -> bool {
        matches!(self, Self::Folder(_) | Self::Manual)
    }

    /// Sends a batch, once.
    pub async fn send(&self, batch: &SealedBatch, now: DateTime<Utc>) -> Outcome {
        match self {
            Self::Receipts(http) => interpret_send(batch, &http.send(batch, now).await, now),
            Self::Counts { http, answer } => {
                interpret_counts(batch, &http.send(batch, now).await, answer, now)
            }
            Self::Folder(folder) => put(folder, batch, now).await,
            Self::Manual => handed_over(batch, "a person takes it with `wuxin feed export`"),
        }
    }

    /// Asks what became of a batch that may have been sent.
    pub async fn probe(&self, batch: &SealedBatch, now: DateTime<Utc>) -> ProbeOutcome {
        match self {
            Self::Receipts(http) => http.probe(batch, now).await,
            // Sent again under its key it changes nothing: the profile says so, or is not accepted.
            Self::Counts { answer, .. } if !answer.query => ProbeOutcome::NotThere,
            Self::Counts { http, answer } => {
                let attempt = http.query_batch(&batch.key, now).await;
                interpret_counts_probe(batch, &attempt, answer)
            }
            Self::Folder(folder) => {
                let (folder, batch) = (folder.clone(), batch.clone());
                let there = tokio::task::spawn_blocking(move || folder.holds(&batch)).await;
                match there {
                    Ok(Ok(true)) => ProbeOutcome::Inconclusive {
                        why: "it lies in the folder".to_owned(),
                        rejected: None,
                    },
                    Ok(Ok(false)) => ProbeOutcome::NotThere,
                    Ok(Err(fault)) => inconclusive(&fault),
                    Err(fault) => inconclusive(&fault),
                }
            }
            Self::Manual => ProbeOutcome::NotThere,
        }
    }
}

fn inconclusive(fault: &impl ToString) -> ProbeOutcome {
    ProbeOutcome::Inconclusive {
        why: fault.to_string(),
        rejected: None,
    }
}

async fn put(folder: &Folder, batch: &SealedBatch, now: DateTime<Utc>) -> Outcome {
    let (folder, written) = (folder.clone(), batch.clone());
    match tokio::task::spawn_blocking(move || folder.put(&written, now)).await {
        Ok(Ok(name)) => handed_over(batch, &name),
        // Only a person can say why a file with this name and other bytes is there.
        Ok(Err(fault)) if fault.is_collision() => Outcome::Refused(Refusal {
            status: 0,
            class: RejectClass::Mapping,
            message: fault.to_string(),
        }),
        // Without its manifest nothing counts as handed over; what was written is written again.
        Ok(Err(fault)) => Outcome::NotSent {
            why: fault.to_string(),
        },
        Err(fault) => Outcome::NotSent {
            why: fault.to_string(),
        },
    }
}

/// A report of zero has no receipts to wait for.
fn handed_over(batch: &SealedBatch, place: &str) -> Outcome {
    if batch.entries.is_empty() {
        return Outcome::Settled(Settlement {
            replayed: false,
            results: Vec::new(),
        });
    }
    Outcome::HandedOver {
        place: place.to_owned(),
    }
}
