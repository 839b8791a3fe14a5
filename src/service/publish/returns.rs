//! What comes back for batches that are files: return files from a folder or from a person, receipt numbers.
//!
//! The same file again, and an old one, change nothing. A file with a fault settles nothing; it is kept as it came, with
//! what is wrong with it, and stands in the operator's view.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sm3::{Digest, Sm3};

use super::{
    LEASE, Now, Publisher,
    delivery::Run,
    refusals::{postpone_returned, result_of, results},
    rows::{Open, rejects, sealed_batch, standing},
};
use crate::{
    domain::Day,
    feed::{
        CanonicalRecord,
        outcome::{RecordResult, Settlement},
        receipts::{ReceiptTable, interpret, key_of},
        transports::Carrier,
    },
    service::{App, Error},
    store::{
        Db,
        feed::{self as outbox, AttemptEnd, Batch, BatchState, Change, ChangeState, NewReceipt},
        leases::{self, Lease},
    },
};

/// What was brought back for a batch.
#[derive(Debug, Clone)]
pub enum Brought {
    /// A return file.
    File { name: String, bytes: Vec<u8> },
    /// The number the platform gave for the upload: it has the file, no more.
    Number(String),
    /// The platform took every record, under this number.
    AllAccepted(String),
}

/// What it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Number of the batch.
    pub batch: i64,
    /// `applied`, `noted` (nothing to change), `known` (read before), `faulty`.
    pub outcome: &'static str,
    pub detail: String,
    pub accepted: usize,
    pub rejected: usize,
    /// Records that still have no result.
    pub open: usize,
    /// What a person must look at.
    pub alarms: Vec<String>,
}

/// What reading the return folder for a batch did.
pub(super) enum Read {
    Nothing,
    Some,
    Settled,
}

impl Run<'_> {
    /// Reads what has come back for a batch.
    pub(super) async fn read_returns(&mut self, open: &Open) -> Result<Read, Error> {
        let Carrier::Folder(folder) = &self.publisher.carrier else {
            return Ok(Read::Nothing);
        };
        let (folder, sealed) = (folder.clone(), sealed_batch(open)?);
        let files = tokio::task::spawn_blocking(move || folder.returns(&sealed)).await;
        let files = match files.map_err(|fault| Error::Feed(fault.to_string()))? {
            Ok(files) => files,
            Err(fault) => {
                self.alarm(format!("return folder: {fault}"));
                return Ok(Read::Nothing);
            }
        };
        let mut read = Read::Nothing;
        for file in files {
            let brought = Brought::File {
                name: file.name,
                bytes: file.bytes,
            };
            let (publisher, held, batch, now) = (
                self.publisher.clone(),
                self.lease.clone(),
                open.batch.clone(),
                (self.now)(),
            );
            let (renewed, imported) = self
                .app
                .store
                .write_async(move |db| -> Result<_, Error> {
                    let renewed = leases::renew(db, &held, LEASE, now)?;
                    let imported =
                        publisher.apply(db, &renewed, &batch, &brought, "folder", now)?;
                    Ok((renewed, imported))
                })
                .await?;
            self.lease = renewed;
            self.report.accepted += imported.accepted;
            self.report.rejected += imported.rejected;
            for alarm in imported.alarms {
                self.alarm(alarm);
            }
            match imported.outcome {
                "applied" if imported.open == 0 => {
                    self.report.settled += 1;
                    return Ok(Read::Settled);
                }
                "applied" => read = Read::Some,
                _ => {}
            }
        }
        Ok(read)
    }

    fn alarm(&mut self, alarm: String) {
        if !self.report.alarms.contains(&alarm) {
            tracing::error!(alarm, "the feed needs a person");
            self.report.alarms.push(alarm);
        }
    }
}

impl Publisher {
    /// Takes in what a person brings for a batch, by its number or, of a file, by its name.
    ///
    /// # Errors
    /// [`Error::Missing`] if there is no such batch, [`Error::Feed`] if another publisher is at work.
    pub async fn import(
        &self,
        app: &Arc<App>,
        number: Option<i64>,
        brought: Brought,
        now: Now<'_>,
    ) -> Result<Imported, Error> {
        let (publisher, at) = (self.clone(), now());
        app.store
            .write_async(move |db| -> Result<_, Error> {
                let name = format!("publish:{}", publisher.target);
                let busy = || Error::Feed("另一个推送进程正在运行".to_owned());
                let lease = leases::try_acquire(db, &name, &publisher.holder, LEASE, at)?;
                let lease = lease.ok_or_else(busy)?;
                let batch = publisher.batch_of(db, number, &brought)?;
                let imported = publisher.apply(db, &lease, &batch, &brought, "person", at)?;
                leases::release(db, &lease, at)?;
                Ok(imported)
            })
            .await
    }

    fn batch_of(
        &self,
        db: &mut Db,
        number: Option<i64>,
        brought: &Brought,
    ) -> Result<Batch, Error> {
        let missing = |id: String| Error::Missing {
            what: "推送批次",
            id,
        };
        if let Some(number) = number {
            let found = outbox::batch_numbered(db, &self.target, number)?;
            return found.ok_or_else(|| missing(number.to_string()));
        }
        let (Brought::File { name, .. }, Some(naming)) = (brought, self.profile.transport.naming())
        else {
            return Err(missing("（未指明批次）".to_owned()));
        };
        let belongs = |batch: &Batch| {
            let own = naming.name(Day::of(batch.sealed_at), batch.number.unsigned_abs());
            own.is_ok_and(|own| {
                let stem = own.rsplit_once('.').map_or(own.as_str(), |(stem, _)| stem);
                let rest = name.strip_prefix(stem);
                rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
            })
        };
        let known = outbox::batches(db, &self.target, None, usize::MAX)?;
        let found = known.into_iter().find(belongs);
        found.ok_or_else(|| missing(name.clone()))
    }

    /// Applies what was brought, in one transaction.
    fn apply(
        &self,
        db: &mut Db,
        lease: &Lease,
        batch: &Batch,
        brought: &Brought,
        source: &str,
        now: DateTime<Utc>,
    ) -> Result<Imported, Error> {
        let (name, body, source) = match brought {
            Brought::File { name, bytes } => (name.clone(), bytes.clone(), source),
            Brought::Number(number) => (number.clone(), number.clone().into_bytes(), "number"),
            Brought::AllAccepted(number) => {
                let body = format!("{number}\nall accepted");
                (number.clone(), body.into_bytes(), source)
            }
        };
        let digest = hex::encode(Sm3::digest(&body));
        let mut imported = Imported {
            batch: batch.number,
            outcome: "noted",
            detail: String::new(),
            accepted: 0,
            rejected: 0,
            open: 0,
            alarms: Vec::new(),
        };
        let changes = outbox::changes_in(db, &batch.id)?;
        imported.open = changes
            .iter()
            .filter(|change| change.state == ChangeState::Batched)
            .count();
        for outcome in ["applied", "noted"] {
            if outbox::receipt_known(db, &self.target, &batch.id, &digest, outcome)? {
                imported.outcome = "known";
                imported.detail = "it was read before: nothing changes".to_owned();
                return Ok(imported);
            }
        }
        let open = standing(db, batch.clone())?;
        let told = match brought {
            Brought::File { bytes, .. } => self.told_by(&open, bytes),
            Brought::Number(_) => Ok(Settlement {
                replayed: false,
                results: Vec::new(),
            }),
            Brought::AllAccepted(_) => all_accepted(&open),
        };
        let fresh = told.and_then(|settlement| fresh(&changes, settlement));
        match fresh {
            Ok(settlement) if settlement.results.is_empty() => {
                imported.detail = "nothing new".to_owned();
            }
            Ok(settlement) => {
                let attempt = outbox::start_attempt(db, &batch.id, lease, now)?;
                let results = results(&changes, &settlement);
                imported.open -= results.len();
                for result in &results {
                    match result.state {
                        ChangeState::Accepted => imported.accepted += 1,
                        ChangeState::Rejected => {
                            imported.rejected += 1;
                            let (batch, seq) = (batch.number, result.seq);
                            let alarm = format!("batch {batch}, change {seq}: {}", result.detail);
                            imported.alarms.push(alarm);
                        }
                        _ => {}
                    }
                }
                let state = if imported.open == 0 {
                    BatchState::Closed
                } else {
                    BatchState::Unknown
                };
                let end = AttemptEnd {
                    state,
                    outcome: super::rows::HANDED_OVER.to_owned(),
                    detail: format!("receipt {name}"),
                    next_attempt_at: None,
                    results,
                };
                outbox::finish_attempt(db, &batch.id, attempt, &end, now)?;
                for reject in rejects(&self.target, &batch.id, &changes, &settlement, now) {
                    outbox::note_reject(db, &reject)?;
                }
                postpone_returned(db, &end, now)?;
                self.await_sights(db, &changes, &end, now)?;
                imported.outcome = "applied";
                imported.detail = format!(
                    "{} accepted, {} rejected, {} without a receipt",
                    imported.accepted, imported.rejected, imported.open
                );
            }
            Err(faults) => {
                imported.outcome = "faulty";
                imported.detail = faults.join("; ");
                let alarm = format!(
                    "receipt {name} of batch {}: {}",
                    batch.number, imported.detail
                );
                imported.alarms.push(alarm);
                if outbox::receipt_known(db, &self.target, &batch.id, &digest, "faulty")? {
                    // It lies in the folder still, and is read again in case the profile was mended; it was told once.
                    if source == "folder" {
                        imported.alarms.clear();
                    }
                    return Ok(imported);
                }
            }
        }
        let new = NewReceipt {
            target: self.target.clone(),
            batch: Some(batch.id.clone()),
            source: source.to_owned(),
            name,
            digest,
            body,
            outcome: imported.outcome.to_owned(),
            detail: imported.detail.clone(),
        };
        outbox::add_receipt(db, &new, now)?;
        Ok(imported)
    }

    fn told_by(&self, open: &Open, bytes: &[u8]) -> Result<Settlement, Vec<String>> {
        let one = |fault: String| vec![fault];
        let columns = self.profile.receipts.as_ref();
        let columns = columns.ok_or_else(|| one("the profile has no [receipts]".to_owned()))?;
        let sealed = sealed_batch(open).map_err(|fault| one(fault.to_string()))?;
        let keys = open
            .changes
            .iter()
            .map(|change| {
                let record: CanonicalRecord = serde_json::from_str(&change.change.payload)
                    .map_err(|fault| one(format!("change {}: {fault}", change.seq)))?;
                Ok(key_of(&self.profile, columns, &record))
            })
            .collect::<Result<Vec<String>, Vec<String>>>()?;
        let table = ReceiptTable::read(bytes).map_err(|fault| one(fault.to_string()))?;
        let told = interpret(columns, &sealed, &keys, &table);
        let told =
            told.map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        Ok(told.settlement)
    }
}

fn all_accepted(open: &Open) -> Result<Settlement, Vec<String>> {
    let sealed = sealed_batch(open).map_err(|fault| vec![fault.to_string()])?;
    let entries = sealed.entries.iter();
    Ok(Settlement {
        replayed: false,
        results: entries
            .map(|sealed| (sealed.entry, RecordResult::Accepted))
            .collect(),
    })
}

/// What is new in a settlement. A result that contradicts one that is there is for a person: nothing is changed by it.
fn fresh(changes: &[Change], settlement: Settlement) -> Result<Settlement, Vec<String>> {
    let mut contradictions = Vec::new();
    for change in changes {
        let Some(result) = result_of(change, &settlement) else {
            continue;
        };
        if change.state == ChangeState::Batched {
            continue;
        }
        let before = change.state == ChangeState::Accepted;
        if before != result.is_success() {
            contradictions.push(format!(
                "change {} is {}, the receipt says otherwise",
                change.seq,
                change.state.as_str()
            ));
        }
    }
    if !contradictions.is_empty() {
        return Err(contradictions);
    }
    let batched: Vec<_> = changes
        .iter()
        .filter(|change| change.state == ChangeState::Batched)
        .filter_map(|change| super::rows::entry_version(change).ok())
        .collect();
    Ok(Settlement {
        results: settlement
            .results
            .into_iter()
            .filter(|(entry, _)| batched.contains(entry))
            .collect(),
        ..settlement
    })
}
