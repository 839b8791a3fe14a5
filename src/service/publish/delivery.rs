//! Sending sealed batches and asking about them; each attempt is recorded before it begins and after it ends.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    LEASE, Now, PublishReport, Publisher, crash_point,
    rows::{
        NOT_THERE, Open, RELEASED, attempt_end, open_of, open_with_progress, sealed_batch,
        send_words,
    },
};
use crate::{
    feed::{
        self, Progress, Step,
        outcome::{Outcome, ProbeOutcome, Settlement},
    },
    service::{App, Error},
    store::{
        feed::{self as outbox, AttemptEnd, ChangeState},
        leases::{self, Lease},
    },
};

/// One run of a publisher, while it holds the lease.
pub(super) struct Run<'a> {
    pub publisher: &'a Publisher,
    pub app: &'a Arc<App>,
    pub now: Now<'a>,
    pub lease: Lease,
    pub report: PublishReport,
}

impl Run<'_> {
    /// Sends or asks about every open batch that is due, withdrawals first. Says whether anything was done.
    pub(super) async fn deliver_due(&mut self) -> Result<bool, Error> {
        let target = self.publisher.target.clone();
        let open = self
            .app
            .store
            .read_async(move |db| open_with_progress(db, &target))
            .await?;
        (self.report.waiting, self.report.next_attempt_at) = (0, None);
        let mut acted = false;
        for open in open {
            let number = open.batch.number;
            match feed::next_step(&open.progress, number.unsigned_abs(), (self.now)()) {
                Step::Send => {
                    self.send(&open).await?;
                    acted = true;
                }
                Step::Probe => {
                    self.probe(&open).await?;
                    acted = true;
                }
                Step::Wait { until } => {
                    self.report.waiting += 1;
                    let next = self.report.next_attempt_at;
                    self.report.next_attempt_at =
                        Some(next.map_or(until, |known| known.min(until)));
                }
                Step::Alarm { why } => {
                    let alarm = format!("batch {number}: {why}");
                    if !self.report.alarms.contains(&alarm) {
                        tracing::error!(batch = number, %why, "a batch needs a person");
                        self.report.alarms.push(alarm);
                    }
                }
                Step::Done => {}
            }
        }
        Ok(acted)
    }

    async fn send(&mut self, open: &Open) -> Result<(), Error> {
        let number = self.begin(open).await?;
        crash_point("begun");
        let sealed = sealed_batch(open)?;
        let attempt = self.publisher.transport.send(&sealed).await;
        crash_point("sent");
        let at = (self.now)();
        let outcome = feed::interpret_send(&sealed, &attempt, at);
        self.report.sends += 1;
        let (word, detail) = send_words(&outcome);
        let settlement = match &outcome {
            Outcome::Settled(settlement) => Some(settlement),
            _ => None,
        };
        let after = open.progress.send_begins(at).sent(&outcome, at);
        self.finish(open, number, after, (word, detail), settlement, at)
            .await?;
        crash_point("finished");
        Ok(())
    }

    async fn probe(&mut self, open: &Open) -> Result<(), Error> {
        let number = self.begin(open).await?;
        crash_point("probing");
        let outcome = self.publisher.transport.probe(&sealed_batch(open)?).await;
        crash_point("probed");
        let at = (self.now)();
        self.report.probes += 1;
        let (words, settlement) = match &outcome {
            ProbeOutcome::Settled(settlement) => (("found", String::new()), Some(settlement)),
            ProbeOutcome::NotThere => ((NOT_THERE, String::new()), None),
            ProbeOutcome::Inconclusive { why, .. } => (("inconclusive", why.clone()), None),
        };
        let after = open.progress.probed(&outcome, at);
        self.finish(open, number, after, words, settlement, at)
            .await
    }

    /// Records that an attempt begins; refused once the lease is lost.
    async fn begin(&mut self, open: &Open) -> Result<i64, Error> {
        let (held, id, now) = (self.lease.clone(), open.batch.id.clone(), (self.now)());
        let (renewed, number) = self
            .app
            .store
            .write_async(move |db| -> Result<_, Error> {
                let renewed = leases::renew(db, &held, LEASE, now)?;
                let number = outbox::start_attempt(db, &id, &renewed, now)?;
                Ok((renewed, number))
            })
            .await?;
        self.lease = renewed;
        Ok(number)
    }

    /// Records how an attempt ended.
    async fn finish(
        &mut self,
        open: &Open,
        number: i64,
        after: Progress,
        (word, detail): (&'static str, String),
        settlement: Option<&Settlement>,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        tracing::info!(batch = open.batch.number, outcome = word, detail, "attempt");
        let end = attempt_end(open, after, word, detail, settlement);
        self.count(open, &end);
        let id = open.batch.id.clone();
        self.app
            .store
            .write_async(move |db| outbox::finish_attempt(db, &id, number, &end, at))
            .await
            .map_err(Error::from)
    }

    fn count(&mut self, open: &Open, end: &AttemptEnd) {
        if end.state == outbox::BatchState::Closed {
            self.report.settled += 1;
        }
        for result in &end.results {
            match result.state {
                ChangeState::Accepted => self.report.accepted += 1,
                ChangeState::Rejected => {
                    self.report.rejected += 1;
                    let (batch, seq) = (open.batch.number, result.seq);
                    let alarm = format!("batch {batch}, change {seq}: {}", result.detail);
                    self.report.alarms.push(alarm);
                }
                _ => {}
            }
        }
    }
}

impl Publisher {
    /// Lets a batch that the platform refused as a whole, or that was given up after seven days, go again: same bytes, same
    /// key. For a person who has mended the cause.
    ///
    /// # Errors
    /// [`Error::Missing`] if no open batch has this number.
    pub async fn release(&self, app: &Arc<App>, number: i64, now: Now<'_>) -> Result<(), Error> {
        let (name, holder, at) = (
            format!("publish:{}", self.target),
            self.holder.clone(),
            now(),
        );
        let target = self.target.clone();
        app.store
            .write_async(move |db| -> Result<_, Error> {
                let open = open_of(db, &target)?;
                let batch = open.iter().find(|batch| batch.number == number);
                let batch = batch.ok_or_else(|| Error::Missing {
                    what: "待推送批次",
                    id: number.to_string(),
                })?;
                let busy = || Error::Feed("另一个推送进程正在运行".to_owned());
                let lease = leases::try_acquire(db, &name, &holder, LEASE, at)?.ok_or_else(busy)?;
                let attempt = outbox::start_attempt(db, &batch.id, &lease, at)?;
                let end = AttemptEnd {
                    state: outbox::BatchState::Sealed,
                    outcome: RELEASED.to_owned(),
                    detail: String::new(),
                    next_attempt_at: None,
                    results: Vec::new(),
                };
                outbox::finish_attempt(db, &batch.id, attempt, &end, at)?;
                Ok(leases::release(db, &lease, at)?)
            })
            .await
    }
}
