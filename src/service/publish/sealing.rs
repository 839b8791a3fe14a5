//! From waiting changes to sealed batches: what goes, in which bytes; one transaction.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    Preview, PreviewBatch, Publisher, Scope,
    delivery::Run,
    rows::{open_batches, open_with_progress, unfit},
    stop_point,
};
use crate::{
    feed::{
        self, BatchKind, CanonicalRecord, PlannedBatch, SealRequest, Waiting, canonical::ListClass,
        profile::render,
    },
    service::Error,
    store::{
        Db,
        feed::{self as outbox, Change, Draft, Lane, Sealed},
        leases,
    },
};

/// Changes looked at in one run.
const MOST_WAITING: usize = 5_000;

struct Planned {
    plan: feed::Plan,
    records: Vec<(i64, CanonicalRecord)>,
    /// Changes that do not fit the profile, and why.
    refused: Vec<(i64, String)>,
    /// When the first change that is to wait goes again.
    postponed_until: Option<DateTime<Utc>>,
}

/// The records of a batch, in the order of all.
fn of_batch<'r>(
    records: &'r [(i64, CanonicalRecord)],
    batch: &PlannedBatch,
) -> impl Iterator<Item = &'r CanonicalRecord> {
    let seqs: BTreeSet<i64> = batch.seqs.iter().copied().collect();
    (records.iter())
        .filter(move |(seq, _)| seqs.contains(seq))
        .map(|(_, record)| record)
}

/// Takes out what is to wait. A change with a newer version of its record stays in: it is to be superseded, not to come
/// after it.
fn due(
    db: &mut Db,
    changes: Vec<Change>,
    now: DateTime<Utc>,
) -> Result<(Vec<Change>, Option<DateTime<Utc>>), Error> {
    let postponed = outbox::postponed(db, now)?;
    let mut newest: BTreeMap<String, i64> = BTreeMap::new();
    for change in &changes {
        let version = newest.entry(change.change.record_id.clone()).or_default();
        *version = change.change.version.max(*version);
    }
    let waits = |change: &Change| {
        let newest = newest.get(&change.change.record_id) == Some(&change.change.version);
        postponed.get(&change.seq).filter(|_| newest).copied()
    };
    let until = changes.iter().filter_map(waits).min();
    let due = changes
        .into_iter()
        .filter(|change| waits(change).is_none())
        .collect();
    Ok((due, until))
}

/// What sealing did.
struct Sealing {
    sealed: usize,
    /// Why changes cannot be sent.
    refused: Vec<String>,
    postponed_until: Option<DateTime<Utc>>,
}

impl Run<'_> {
    /// Seals what may go: one transaction.
    pub(super) async fn seal_waiting(&mut self, scope: Scope) -> Result<(), Error> {
        let (publisher, lease, now) = (self.publisher.clone(), self.lease.clone(), (self.now)());
        let Sealing {
            sealed,
            refused,
            postponed_until,
        } = self
            .app
            .store
            .write_async(move |db| -> Result<_, Error> {
                leases::check(db, &lease, now)?;
                let sealing = publisher.seal_in(db, scope, now);
                stop_point("sealing");
                sealing
            })
            .await?;
        stop_point("sealed");
        self.postponed_until = postponed_until;
        self.report.sealed += sealed;
        self.report.rejected += refused.len();
        self.report.alarms.extend(refused);
        Ok(())
    }
}

impl Publisher {
    fn seal_in(&self, db: &mut Db, scope: Scope, now: DateTime<Utc>) -> Result<Sealing, Error> {
        let Planned {
            plan,
            records,
            refused,
            postponed_until,
        } = self.planned(db, now)?;
        for (seq, why) in &refused {
            outbox::refuse(db, *seq, why)?;
            outbox::note_reject(db, &unfit(&self.target, *seq, why, now))?;
        }
        for gone in &plan.superseded {
            outbox::supersede_change(db, gone.seq, &format!("superseded by change {}", gone.by))?;
        }
        let mut batches = plan.batches;
        if scope == Scope::Urgent {
            batches.retain(|batch| batch.kind == BatchKind::Withdrawals);
        }
        if scope == Scope::Slot && batches.is_empty() && plan.held.is_empty() {
            batches.push(PlannedBatch::zero_report());
        }
        #[cfg(feature = "mutants")]
        super::mutants::drop_zero_reports(&mut batches);
        for planned in &batches {
            let of_batch: Vec<CanonicalRecord> = of_batch(&records, planned).cloned().collect();
            self.seal_one(db, planned, &of_batch, now)?;
        }
        let why = refused
            .into_iter()
            .map(|(seq, why)| format!("change {seq}: {why}"))
            .collect();
        Ok(Sealing {
            sealed: batches.len(),
            refused: why,
            postponed_until,
        })
    }

    /// Seals one batch and gives its id.
    pub(super) fn seal_one(
        &self,
        db: &mut Db,
        planned: &PlannedBatch,
        records: &[CanonicalRecord],
        now: DateTime<Utc>,
    ) -> Result<String, Error> {
        let draft = Draft {
            id: Uuid::now_v7().to_string(),
            target: self.target.clone(),
            lane: match planned.kind {
                BatchKind::Withdrawals => Lane::Withdrawal,
                BatchKind::Changes | BatchKind::Zero => Lane::Ordinary,
            },
            changes: planned.seqs.clone(),
        };
        outbox::seal_batch(db, &draft, now, |number| {
            let request = SealRequest {
                target: &self.target,
                kind: planned.kind,
                sequence: number.unsigned_abs(),
                sealed_at: now,
                records,
            };
            let sealed = feed::seal(request, &self.profile)
                .map_err(|fault| Error::Feed(fault.to_string()))?;
            Ok::<_, Error>(Sealed {
                idempotency_key: sealed.key,
                body: sealed.body,
                digest: sealed.digest,
            })
        })?;
        Ok(draft.id)
    }

    fn planned(&self, db: &mut Db, now: DateTime<Utc>) -> Result<Planned, Error> {
        let changes = outbox::waiting(db, &self.target, MOST_WAITING)?;
        #[cfg(feature = "mutants")]
        let changes = super::mutants::what_is_seen(db, &self.target, changes)?;
        let (changes, postponed_until) = due(db, changes, now)?;
        let mut waiting = Vec::new();
        let mut records = Vec::new();
        let mut refused = Vec::new();
        for change in changes {
            let record: CanonicalRecord = match serde_json::from_str(&change.change.payload) {
                Ok(record) => record,
                Err(fault) => {
                    refused.push((change.seq, fault.to_string()));
                    continue;
                }
            };
            #[cfg(feature = "mutants")]
            let record = super::mutants::state_that_is_sent(record);
            if self.profile.only_penalties() && record.fields().list_class != ListClass::Penalty {
                let why = format!(
                    "模板 {} 只收行政处罚（名单类别 6）；本系统的记录不含处罚类别、处罚内容、罚款金额和处罚决定书文号，\
                     名单条目不能作为行政处罚报送",
                    self.profile.id
                );
                refused.push((change.seq, why));
                continue;
            }
            if let Err(faults) = render(&self.profile, &record) {
                let why: Vec<String> = faults.iter().map(ToString::to_string).collect();
                refused.push((change.seq, why.join("；")));
                continue;
            }
            waiting.push(Waiting {
                seq: change.seq,
                record_id: record.fields().record_id,
                version: record.fields().record_version,
                withdrawal: record.is_withdrawal(),
                // What was put back says why; a fresh change says nothing.
                sent_before: !change.detail.is_empty(),
            });
            records.push((change.seq, record));
        }
        let open = open_batches(db, &self.target, self.carrier.is_file(), now)?;
        #[cfg(feature = "mutants")]
        let open = super::mutants::what_is_in_flight(open);
        Ok(Planned {
            plan: feed::plan(&waiting, &open, self.profile.batch_size),
            records,
            refused,
            postponed_until,
        })
    }

    /// What a run would send, without sending or storing anything.
    pub fn preview(&self, db: &mut Db, now: DateTime<Utc>) -> Result<Preview, Error> {
        let open = open_with_progress(db, &self.target)?;
        let Planned {
            plan,
            records,
            refused,
            postponed_until: _,
        } = self.planned(db, now)?;
        let mut batches = Vec::new();
        for planned in &plan.batches {
            let rendered = of_batch(&records, planned)
                .filter_map(|record| render(&self.profile, record).ok())
                .map(|rendered| serde_json::to_value(rendered).unwrap_or_default())
                .collect();
            batches.push(PreviewBatch {
                withdrawals: planned.kind == BatchKind::Withdrawals,
                records: rendered,
            });
        }
        Ok(Preview {
            open: open
                .iter()
                .map(|open| (open.batch.number, open.batch.state.as_str().to_owned()))
                .collect(),
            batches,
            refused: refused
                .into_iter()
                .map(|(seq, why)| format!("change {seq}: {why}"))
                .collect(),
        })
    }
}
