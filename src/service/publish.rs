//! The publisher: seals what waits in the outbox, sends it, and finds out what became of it.
//!
//! One acts at a time, under a lease with a fencing token. Key and bytes are stored before the first byte leaves; a send
//! is recorded as begun before it begins, so that a process that dies leaves a batch of unknown fate, which is asked
//! about and never counted as failed. What to do with a batch is decided by [`feed::next_step`] alone.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{App, Error};
use crate::{
    config,
    feed::{
        self, BatchKind, CanonicalRecord, OpenBatch, PlannedBatch, Profile, Progress, SealRequest,
        SealedBatch, Step, Waiting,
        batch::{EntryVersion, SealedEntry},
        outcome::{self, BatchState, ProbeOutcome, RecordResult, RejectClass, Settlement},
        profile::{ProfileError, render},
        transports::{BuildError, HttpJson, Secret, Target, TargetError, TargetSettings},
    },
    store::{
        Db, StoreError,
        feed::{
            self as outbox, AttemptEnd, Batch, Change, ChangeResult, ChangeState, Draft, Lane,
            Sealed, TargetStatus,
        },
        leases::{self, Lease},
    },
};

/// Longer than any one exchange with the platform; renewed before each.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// Changes looked at in one run.
const MOST_WAITING: usize = 5_000;
/// Rounds of one run; each sends or asks about every batch that is due.
const MOST_ROUNDS: usize = 50;

/// What a run seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everything; an empty outbox gives a report of zero.
    Slot,
    /// Everything; nothing if the outbox is empty.
    Now,
    /// Withdrawals only: they do not wait for a slot.
    Urgent,
}

/// Sends batches to one platform.
#[derive(Debug, Clone)]
pub struct Publisher {
    profile: Arc<Profile>,
    transport: HttpJson,
    target: String,
    holder: String,
    frozen: bool,
}

/// Why there is no publisher.
#[derive(Debug, thiserror::Error)]
pub enum PublisherError {
    #[error("no platform is configured: set `[publish] url`")]
    NoUrl,
    #[error("cannot read profile {path}: {source}")]
    Read {
        path: std::path::PathBuf,
        source: std::io::Error,
    },
    #[error("profile: {0}")]
    Profile(#[from] ProfileError),
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PublishReport {
    /// False: another publisher is at work, or the target is frozen.
    pub ran: bool,
    pub sealed: usize,
    pub sends: usize,
    pub probes: usize,
    /// Batches whose records all have their results now.
    pub settled: usize,
    pub accepted: usize,
    pub rejected: usize,
    /// Batches that wait, and until when the first one does.
    pub waiting: usize,
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// What a person must look at.
    pub alarms: Vec<String>,
}

impl PublishReport {
    /// Adds what a later run did; where things stand is what the later run found.
    pub fn add(&mut self, later: Self) {
        self.ran |= later.ran;
        self.sealed += later.sealed;
        self.sends += later.sends;
        self.probes += later.probes;
        self.settled += later.settled;
        self.accepted += later.accepted;
        self.rejected += later.rejected;
        self.waiting = later.waiting;
        self.next_attempt_at = later.next_attempt_at;
        for alarm in later.alarms {
            if !self.alarms.contains(&alarm) {
                self.alarms.push(alarm);
            }
        }
    }
}

/// What would go out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Sealed batches that are not settled: number, state.
    pub open: Vec<(i64, String)>,
    /// Batches that would be sealed now, each with the records as the platform would get them.
    pub batches: Vec<PreviewBatch>,
    /// Changes that cannot be sent, and why.
    pub refused: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreviewBatch {
    pub withdrawals: bool,
    pub records: Vec<serde_json::Value>,
}

/// Now, asked for again as time passes.
pub type Now<'a> = &'a (dyn Fn() -> DateTime<Utc> + Send + Sync);

impl Publisher {
    /// A publisher by the settings.
    pub fn new(settings: &config::Publish) -> Result<Self, PublisherError> {
        let url = settings.url.as_ref().ok_or(PublisherError::NoUrl)?;
        let text = match &settings.profile {
            Some(path) => std::fs::read_to_string(path).map_err(|source| PublisherError::Read {
                path: path.clone(),
                source,
            })?,
            None => feed::profile::HTTP_JSON.to_owned(),
        };
        let profile = Profile::parse(&text)?;
        let host = host_of(url);
        let target = Target::new(TargetSettings {
            token: settings
                .token
                .as_ref()
                .map(|token| Secret::new(token.reveal())),
            total_timeout: Duration::from_secs(settings.timeout_seconds),
            ..TargetSettings::new(settings.target.clone(), url.clone(), vec![host])
        })?;
        Ok(Self {
            transport: HttpJson::new(target, profile.paths.clone())?,
            profile: Arc::new(profile),
            target: settings.target.clone(),
            holder: format!("{}@{}", std::process::id(), Uuid::now_v7().simple()),
            frozen: settings.freeze,
        })
    }

    /// One run: seals what waits, then sends and asks until nothing is due.
    pub async fn run(
        &self,
        app: &Arc<App>,
        scope: Scope,
        now: Now<'_>,
    ) -> Result<PublishReport, Error> {
        let mut report = PublishReport::default();
        if self.frozen {
            report
                .alarms
                .push("the target is frozen by the settings".to_owned());
            return Ok(report);
        }
        let (name, holder, at) = (
            format!("publish:{}", self.target),
            self.holder.clone(),
            now(),
        );
        let lease = app
            .store
            .write_async(move |db| leases::try_acquire(db, &name, &holder, LEASE, at))
            .await
            .map_err(Error::from)?;
        let Some(mut lease) = lease else {
            return Ok(report);
        };
        report.ran = true;
        let result = self.rounds(app, scope, now, &mut lease, &mut report).await;
        let (at, held) = (now(), lease);
        let released = app
            .store
            .write_async(move |db| leases::release(db, &held, at))
            .await;
        result?;
        released.map_err(Error::from)?;
        Ok(report)
    }

    async fn rounds(
        &self,
        app: &Arc<App>,
        scope: Scope,
        now: Now<'_>,
        lease: &mut Lease,
        report: &mut PublishReport,
    ) -> Result<(), Error> {
        let mut scope = scope;
        for _ in 0..MOST_ROUNDS {
            report.sealed += self.seal_waiting(app, scope, now(), lease, report).await?;
            if scope == Scope::Slot {
                // One report of zero a slot.
                scope = Scope::Now;
            }
            if !self.deliver_due(app, now, lease, report).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Seals what may go: one transaction.
    async fn seal_waiting(
        &self,
        app: &Arc<App>,
        scope: Scope,
        now: DateTime<Utc>,
        lease: &Lease,
        report: &mut PublishReport,
    ) -> Result<usize, Error> {
        let (publisher, lease) = (self.clone(), lease.clone());
        let (sealed, refused) = app
            .store
            .write_async(move |db| -> Result<_, Error> {
                leases::check(db, &lease, now)?;
                publisher.seal_in(db, scope, now)
            })
            .await?;
        crash_point("sealed");
        report.rejected += refused.len();
        report.alarms.extend(refused);
        Ok(sealed)
    }

    fn seal_in(
        &self,
        db: &mut Db,
        scope: Scope,
        now: DateTime<Utc>,
    ) -> Result<(usize, Vec<String>), Error> {
        let Planned {
            plan,
            records,
            refused,
        } = self.planned(db, now)?;
        for (seq, why) in &refused {
            outbox::refuse(db, *seq, why)?;
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
        for planned in &batches {
            let of_batch: Vec<CanonicalRecord> = records
                .iter()
                .filter(|(seq, _)| planned.seqs.contains(seq))
                .map(|(_, record)| record.clone())
                .collect();
            self.seal_one(db, planned, &of_batch, now)?;
        }
        let why = refused
            .into_iter()
            .map(|(seq, why)| format!("change {seq}: {why}"))
            .collect();
        Ok((batches.len(), why))
    }

    fn seal_one(
        &self,
        db: &mut Db,
        planned: &PlannedBatch,
        records: &[CanonicalRecord],
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
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
        Ok(())
    }

    fn planned(&self, db: &mut Db, now: DateTime<Utc>) -> Result<Planned, Error> {
        let changes = outbox::waiting(db, &self.target, MOST_WAITING)?;
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
                sent_before: change.batch.is_some(),
            });
            records.push((change.seq, record));
        }
        let open = open_batches(db, &self.target, now)?;
        Ok(Planned {
            plan: feed::plan(&waiting, &open, self.profile.batch_size),
            records,
            refused,
        })
    }

    /// Sends or asks about every open batch that is due, withdrawals first. Says whether anything was done.
    async fn deliver_due(
        &self,
        app: &Arc<App>,
        now: Now<'_>,
        lease: &mut Lease,
        report: &mut PublishReport,
    ) -> Result<bool, Error> {
        let target = self.target.clone();
        let open = app
            .store
            .read_async(move |db| open_with_progress(db, &target))
            .await?;
        (report.waiting, report.next_attempt_at) = (0, None);
        let mut acted = false;
        for (batch, changes, progress) in open {
            let seed = batch.number.unsigned_abs();
            match feed::next_step(&progress, seed, now()) {
                Step::Send => {
                    self.send(app, now, lease, &batch, &changes, progress, report)
                        .await?;
                    acted = true;
                }
                Step::Probe => {
                    self.probe(app, now, lease, &batch, &changes, progress, report)
                        .await?;
                    acted = true;
                }
                Step::Wait { until } => {
                    report.waiting += 1;
                    let earlier = report
                        .next_attempt_at
                        .map_or(until, |known| known.min(until));
                    report.next_attempt_at = Some(earlier);
                }
                Step::Alarm { why } => {
                    let alarm = format!("batch {}: {why}", batch.number);
                    if !report.alarms.contains(&alarm) {
                        tracing::error!(batch = batch.number, %why, "a batch needs a person");
                        report.alarms.push(alarm);
                    }
                }
                Step::Done => {}
            }
        }
        Ok(acted)
    }

    #[allow(clippy::too_many_arguments)]
    async fn send(
        &self,
        app: &Arc<App>,
        now: Now<'_>,
        lease: &mut Lease,
        batch: &Batch,
        changes: &[Change],
        progress: Progress,
        report: &mut PublishReport,
    ) -> Result<(), Error> {
        let number = self.begin(app, now(), lease, batch).await?;
        crash_point("begun");
        let sealed = sealed_batch(batch, changes)?;
        let attempt = self.transport.send(&sealed).await;
        crash_point("sent");
        let at = now();
        let outcome = feed::interpret_send(&sealed, &attempt, at);
        report.sends += 1;
        let after = progress.send_begins(at).sent(&outcome, at);
        let (word, detail) = send_words(&outcome);
        let settlement = match &outcome {
            outcome::Outcome::Settled(settlement) => Some(settlement),
            _ => None,
        };
        tracing::info!(batch = batch.number, outcome = word, detail, "sent");
        let end = attempt_end(batch, changes, after, word, detail, settlement);
        self.finish(app, at, batch, number, end, report).await?;
        crash_point("finished");
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    async fn probe(
        &self,
        app: &Arc<App>,
        now: Now<'_>,
        lease: &mut Lease,
        batch: &Batch,
        changes: &[Change],
        progress: Progress,
        report: &mut PublishReport,
    ) -> Result<(), Error> {
        let number = self.begin(app, now(), lease, batch).await?;
        crash_point("probing");
        let sealed = sealed_batch(batch, changes)?;
        let outcome = self.transport.probe(&sealed).await;
        crash_point("probed");
        report.probes += 1;
        let at = now();
        let after = progress.probed(&outcome, at);
        let (word, detail, settlement) = match &outcome {
            ProbeOutcome::Settled(settlement) => ("found", String::new(), Some(settlement)),
            ProbeOutcome::NotThere => (NOT_THERE, String::new(), None),
            ProbeOutcome::Inconclusive { why, .. } => ("inconclusive", why.clone(), None),
        };
        tracing::info!(batch = batch.number, outcome = word, detail, "asked");
        let end = attempt_end(batch, changes, after, word, detail, settlement);
        self.finish(app, at, batch, number, end, report).await
    }

    /// Records that an attempt begins; refused once the lease is lost.
    async fn begin(
        &self,
        app: &Arc<App>,
        now: DateTime<Utc>,
        lease: &mut Lease,
        batch: &Batch,
    ) -> Result<i64, Error> {
        let (held, id) = (lease.clone(), batch.id.clone());
        let (renewed, number) = app
            .store
            .write_async(move |db| -> Result<_, Error> {
                let renewed = leases::renew(db, &held, LEASE, now)?;
                let number = outbox::start_attempt(db, &id, &renewed, now)?;
                Ok((renewed, number))
            })
            .await?;
        *lease = renewed;
        Ok(number)
    }

    async fn finish(
        &self,
        app: &Arc<App>,
        now: DateTime<Utc>,
        batch: &Batch,
        number: i64,
        end: AttemptEnd,
        report: &mut PublishReport,
    ) -> Result<(), Error> {
        if end.state == outbox::BatchState::Closed {
            report.settled += 1;
        }
        for result in &end.results {
            match result.state {
                ChangeState::Accepted => report.accepted += 1,
                ChangeState::Rejected => {
                    report.rejected += 1;
                    report.alarms.push(format!(
                        "batch {}, change {}: {}",
                        batch.number, result.seq, result.detail
                    ));
                }
                _ => {}
            }
        }
        let id = batch.id.clone();
        app.store
            .write_async(move |db| outbox::finish_attempt(db, &id, number, &end, now))
            .await
            .map_err(Error::from)
    }

    /// What a run would send, without sending or storing anything.
    pub fn preview(&self, db: &mut Db, now: DateTime<Utc>) -> Result<Preview, Error> {
        let open = open_with_progress(db, &self.target)?;
        let Planned {
            plan,
            records,
            refused,
        } = self.planned(db, now)?;
        let mut batches = Vec::new();
        for planned in &plan.batches {
            let rendered = records
                .iter()
                .filter(|(seq, _)| planned.seqs.contains(seq))
                .filter_map(|(_, record)| render(&self.profile, record).ok())
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
                .map(|(batch, ..)| (batch.number, batch.state.as_str().to_owned()))
                .collect(),
            batches,
            refused: refused
                .into_iter()
                .map(|(seq, why)| format!("change {seq}: {why}"))
                .collect(),
        })
    }
}

/// Ends the process on the spot if `WUXIN_CRASH_AT` names this point: how the tests cut the power between two steps. A
/// build without debug assertions has nothing of it.
fn crash_point(name: &str) {
    if cfg!(debug_assertions) && std::env::var_os("WUXIN_CRASH_AT").is_some_and(|at| at == name) {
        std::process::abort();
    }
}

/// How the outbox of a target stands.
pub fn feed_status(db: &mut Db, target: &str) -> Result<TargetStatus, Error> {
    Ok(outbox::status(db, target)?)
}

struct Planned {
    plan: feed::Plan,
    records: Vec<(i64, CanonicalRecord)>,
    /// Changes that do not fit the profile, and why.
    refused: Vec<(i64, String)>,
}

/// The outcome of a probe that found nothing; counted to believe it.
const NOT_THERE: &str = "not_there";

fn open_of(db: &mut Db, target: &str) -> Result<Vec<Batch>, StoreError> {
    // "Due" by the store's own clock column only orders them; whether to act is for the state machine to say.
    outbox::due_batches(db, target, DateTime::<Utc>::MAX_UTC)
}

/// Batches that hold back later changes of their entries. One that only a person can end holds back nothing: a withdrawal
/// would wait behind it for ever.
fn open_batches(db: &mut Db, target: &str, now: DateTime<Utc>) -> Result<Vec<OpenBatch>, Error> {
    let mut open = Vec::new();
    for (batch, changes, progress) in open_with_progress(db, target)? {
        let seed = batch.number.unsigned_abs();
        if matches!(feed::next_step(&progress, seed, now), Step::Alarm { .. }) {
            continue;
        }
        let entries = changes
            .iter()
            .map(entry_version)
            .collect::<Result<_, _>>()?;
        open.push(OpenBatch {
            sequence: batch.number.unsigned_abs(),
            entries,
        });
    }
    Ok(open)
}

fn open_with_progress(
    db: &mut Db,
    target: &str,
) -> Result<Vec<(Batch, Vec<Change>, Progress)>, Error> {
    let mut open = Vec::new();
    for batch in open_of(db, target)? {
        let changes = outbox::changes_in(db, &batch.id)?;
        let attempts = outbox::attempts(db, &batch.id)?;
        let progress = progress_of(&batch, &attempts);
        open.push((batch, changes, progress));
    }
    Ok(open)
}

/// Where a batch stands, from its rows.
fn progress_of(batch: &Batch, attempts: &[outbox::Attempt]) -> Progress {
    let last = attempts.last();
    let word = last
        .and_then(|attempt| attempt.finished.as_ref())
        .map_or("", |(_, word, _)| word.as_str());
    let absent = attempts
        .iter()
        .rev()
        .map_while(|attempt| attempt.finished.as_ref())
        .take_while(|(_, word, _)| word == NOT_THERE)
        .count();
    let state = match batch.state {
        outbox::BatchState::Sealed => match (word, batch.next_attempt_at) {
            ("busy", Some(until)) => BatchState::Busy { until },
            ("refused_data", _) => BatchState::Refused {
                class: RejectClass::Data,
            },
            ("refused_mapping", _) => BatchState::Refused {
                class: RejectClass::Mapping,
            },
            ("refused_auth", _) => BatchState::Refused {
                class: RejectClass::Auth,
            },
            ("refused_transient", _) => BatchState::Refused {
                class: RejectClass::Transient,
            },
            _ => BatchState::Ready,
        },
        outbox::BatchState::Sending => BatchState::Sending,
        outbox::BatchState::Unknown => BatchState::Unknown {
            absent: u32::try_from(absent).unwrap_or(u32::MAX),
        },
        outbox::BatchState::Closed | outbox::BatchState::Failed => BatchState::Settled,
    };
    Progress {
        state,
        tries: u32::try_from(attempts.len()).unwrap_or(u32::MAX),
        since: batch.sealed_at,
        last: last.map_or(batch.sealed_at, |attempt| {
            attempt
                .finished
                .as_ref()
                .map_or(attempt.started_at, |(at, ..)| *at)
        }),
    }
}

fn attempt_end(
    batch: &Batch,
    changes: &[Change],
    after: Progress,
    word: &str,
    detail: String,
    settlement: Option<&Settlement>,
) -> AttemptEnd {
    let (state, next_attempt_at) = match after.state {
        BatchState::Settled => (outbox::BatchState::Closed, None),
        BatchState::Unknown { .. } | BatchState::Sending => (outbox::BatchState::Unknown, None),
        BatchState::Busy { until } => (outbox::BatchState::Sealed, Some(until)),
        BatchState::Ready | BatchState::Refused { .. } => (outbox::BatchState::Sealed, None),
    };
    let next = match feed::next_step(&after, batch.number.unsigned_abs(), after.last) {
        Step::Wait { until } => Some(until),
        _ => next_attempt_at,
    };
    AttemptEnd {
        state,
        outcome: word.to_owned(),
        detail,
        next_attempt_at: if state == outbox::BatchState::Closed {
            None
        } else {
            next
        },
        results: settlement.map_or_else(Vec::new, |settlement| results(changes, settlement)),
    }
}

fn results(changes: &[Change], settlement: &Settlement) -> Vec<ChangeResult> {
    let result_of = |change: &Change| {
        let wanted = entry_version(change).ok()?;
        let (_, result) = settlement
            .results
            .iter()
            .find(|(entry, _)| *entry == wanted)?;
        Some(result)
    };
    changes
        .iter()
        .filter_map(|change| {
            let (state, detail) = match result_of(change)? {
                RecordResult::Accepted => (ChangeState::Accepted, "accepted".to_owned()),
                RecordResult::Updated => (ChangeState::Accepted, "updated".to_owned()),
                RecordResult::Duplicate => (ChangeState::Accepted, "there already".to_owned()),
                RecordResult::Stale { theirs } => (
                    ChangeState::Accepted,
                    format!("the platform has version {theirs}"),
                ),
                RecordResult::Conflict { theirs } => (
                    ChangeState::Rejected,
                    format!("other content there: {theirs}"),
                ),
                RecordResult::Unmatched { code, message } => (
                    ChangeState::Rejected,
                    format!("no such subject: {code} {message}"),
                ),
                RecordResult::Rejected(rejection) => (
                    match rejection.class {
                        RejectClass::Transient => ChangeState::Waiting,
                        _ => ChangeState::Rejected,
                    },
                    format!("{} {}", rejection.code, rejection.message),
                ),
            };
            Some(ChangeResult {
                seq: change.seq,
                state,
                detail,
            })
        })
        .collect()
}

fn send_words(outcome: &outcome::Outcome) -> (&'static str, String) {
    match outcome {
        outcome::Outcome::NotSent { why } => ("not_sent", why.clone()),
        outcome::Outcome::Unknown { why } => ("unknown", why.to_string()),
        outcome::Outcome::Busy { until } => ("busy", format!("until {until}")),
        outcome::Outcome::Refused(refusal) => (
            match refusal.class {
                RejectClass::Data => "refused_data",
                RejectClass::Mapping => "refused_mapping",
                RejectClass::Auth => "refused_auth",
                RejectClass::Transient => "refused_transient",
            },
            refusal.to_string(),
        ),
        outcome::Outcome::Settled(_) => ("settled", String::new()),
    }
}

/// The batch as it was sealed, from its rows.
fn sealed_batch(batch: &Batch, changes: &[Change]) -> Result<SealedBatch, Error> {
    let entries = changes
        .iter()
        .map(|change| {
            Ok(SealedEntry {
                entry: entry_version(change)?,
                withdrawal: change.change.withdrawal,
                digest: change.change.digest.clone(),
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    Ok(SealedBatch {
        key: batch.sealed.idempotency_key.clone(),
        target: batch.target.clone(),
        sequence: batch.number.unsigned_abs(),
        kind: match batch.lane {
            _ if entries.is_empty() => BatchKind::Zero,
            Lane::Withdrawal => BatchKind::Withdrawals,
            Lane::Ordinary => BatchKind::Changes,
        },
        sealed_at: batch.sealed_at,
        entries,
        body: batch.sealed.body.clone(),
        digest: batch.sealed.digest.clone(),
    })
}

fn entry_version(change: &Change) -> Result<EntryVersion, Error> {
    let fault = |what: String| Error::Feed(format!("change {}: {what}", change.seq));
    Ok(EntryVersion {
        record_id: Uuid::parse_str(&change.change.record_id)
            .map_err(|_| fault(format!("record id {:?}", change.change.record_id)))?,
        version: u32::try_from(change.change.version)
            .map_err(|_| fault(format!("version {}", change.change.version)))?,
    })
}

/// The host of an address, for the list of allowed ones.
fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority
        .strip_prefix('[')
        .and_then(|inner| inner.split_once(']'))
    {
        Some((inner, _)) => inner.to_owned(),
        None => authority.split(':').next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_address_is_what_is_allowed() {
        let table = [
            ("https://credit.example:8443/api", "credit.example"),
            ("http://127.0.0.1:9", "127.0.0.1"),
            ("http://[::1]:9/", "::1"),
        ];
        for (url, host) in table {
            assert_eq!(host_of(url), host);
        }
    }
}
