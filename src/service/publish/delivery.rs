//! Sending sealed batches and asking about them; each attempt is recorded before it begins and after it ends.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    LEASE, Now, PublishReport, Publisher,
    refusals::postpone_returned,
    returns::Read,
    rows::{
        HANDED_OVER, NOT_THERE, Open, RELEASED, attempt_end, open_of, open_with_progress, rejects,
        sealed_batch, send_words,
    },
    status::breaker,
    stop_point,
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
    /// When the first change goes again that the platform could not take for the time being.
    pub postponed_until: Option<DateTime<Utc>>,
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
        #[cfg(feature = "mutants")]
        let open = super::mutants::order_of_batches(open);
        stop_point("chosen");
        (self.report.waiting, self.report.next_attempt_at) = (0, self.postponed_until);
        self.report.handed_over = 0;
        let mut acted = false;
        for open in open {
            let number = open.batch.number;
            // Whatever else is to be done with a file: what has come back for it is read first.
            match self.read_returns(&open).await? {
                Read::Settled => {
                    acted = true;
                    continue;
                }
                Read::Some => acted = true,
                Read::Nothing => {}
            }
            let mut step = feed::next_step(&open.progress, number.unsigned_abs(), (self.now)());
            if matches!(step, Step::Send | Step::Probe)
                && !self.publisher.carrier.is_file()
                && let Some(until) = self.breaker_open_until().await?
            {
                step = Step::Wait { until };
            }
            #[cfg(feature = "mutants")]
            let step = super::mutants::step(step);
            match step {
                Step::Send => {
                    self.send(&open).await?;
                    acted = true;
                }
                // Nothing can be asked of a file that was handed over: its receipts come by themselves.
                Step::Probe | Step::Wait { .. } if open.handed_over => self.report.handed_over += 1,
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

    /// Until when the platform is left alone, because it has failed too often in a row.
    pub(super) async fn breaker_open_until(&self) -> Result<Option<DateTime<Utc>>, Error> {
        let (target, now) = (self.publisher.target.clone(), (self.now)());
        let breaker = self
            .app
            .store
            .read_async(move |db| breaker(db, &target, now))
            .await?;
        Ok(breaker.open_until)
    }

    async fn send(&mut self, open: &Open) -> Result<(), Error> {
        let number = self.begin(open, "beginning").await?;
        stop_point("begun");
        let sealed = sealed_batch(open)?;
        #[cfg(feature = "mutants")]
        let sealed = super::mutants::key_of_this_send(sealed, number);
        #[cfg(feature = "mutants")]
        if let Some(settlement) = super::mutants::settlement_before_the_reply(&sealed) {
            let (at, words) = ((self.now)(), ("settled", String::new()));
            let outcome = Outcome::Settled(settlement.clone());
            let after = open.progress.send_begins(at).sent(&outcome, at);
            self.finish(open, number, after, words, Some(&settlement), "finishing")
                .await?;
            self.publisher.carrier.send(&sealed, at).await;
            stop_point("sent");
            self.report.sends += 1;
            return Ok(());
        }
        let began = (self.now)();
        let outcome = self.publisher.carrier.send(&sealed, began).await;
        stop_point("sent");
        let at = (self.now)();
        self.report.sends += 1;
        let (word, detail) = send_words(&outcome);
        if matches!(outcome, Outcome::Split { .. }) {
            self.split(open, number, detail, at).await?;
            stop_point("finished");
            return Ok(());
        }
        let settlement = match &outcome {
            Outcome::Settled(settlement) => Some(settlement),
            _ => None,
        };
        let after = open.progress.send_begins(at).sent(&outcome, at);
        #[cfg(feature = "mutants")]
        let (settlement, after) = super::mutants::after_a_send(open, settlement, after);
        self.finish(open, number, after, (word, detail), settlement, "finishing")
            .await?;
        stop_point("finished");
        Ok(())
    }

    async fn probe(&mut self, open: &Open) -> Result<(), Error> {
        let number = self.begin(open, "asking").await?;
        stop_point("probing");
        let (sealed, began) = (sealed_batch(open)?, (self.now)());
        let outcome = self.publisher.carrier.probe(&sealed, began).await;
        stop_point("probed");
        let at = (self.now)();
        self.report.probes += 1;
        let (words, settlement) = match &outcome {
            ProbeOutcome::Split { rejected } => {
                let detail = format!("{rejected} refused");
                return self.split(open, number, detail, at).await;
            }
            ProbeOutcome::Partial(settlement) => (("partial", String::new()), Some(settlement)),
            // It was written before this process died.
            ProbeOutcome::Inconclusive { why, .. } if self.publisher.carrier.is_file() => {
                ((HANDED_OVER, why.clone()), None)
            }
            ProbeOutcome::Settled(settlement) => (("found", String::new()), Some(settlement)),
            ProbeOutcome::NotThere => ((NOT_THERE, String::new()), None),
            ProbeOutcome::Inconclusive { why, .. } => (("inconclusive", why.clone()), None),
        };
        let after = open.progress.probed(&outcome, at);
        #[cfg(feature = "mutants")]
        let after = super::mutants::after_a_probe(&outcome, after);
        self.finish(open, number, after, words, settlement, "resolving")
            .await?;
        stop_point("resolved");
        Ok(())
    }

    /// Closes a batch and seals its halves; they are sent in the next round.
    async fn split(
        &mut self,
        open: &Open,
        attempt: i64,
        detail: String,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        tracing::info!(batch = open.batch.number, detail, "a batch is halved");
        let (publisher, open) = (self.publisher.clone(), open.clone());
        let halves = self
            .app
            .store
            .write_async(move |db| publisher.split(db, &open, attempt, &detail, at))
            .await?;
        self.report.split += 1;
        self.report.sealed += halves;
        Ok(())
    }

    /// Records that an attempt begins; refused once the lease is lost.
    async fn begin(&mut self, open: &Open, point: &'static str) -> Result<i64, Error> {
        let (held, id, now) = (self.lease.clone(), open.batch.id.clone(), (self.now)());
        let (renewed, number) = self
            .app
            .store
            .write_async(move |db| -> Result<_, Error> {
                #[cfg(feature = "mutants")]
                let held = super::mutants::lease_as_if_held(db, &held, LEASE, now)?;
                let renewed = leases::renew(db, &held, LEASE, now)?;
                let number = outbox::start_attempt(db, &id, &renewed, now)?;
                stop_point(point);
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
        point: &'static str,
    ) -> Result<(), Error> {
        let at = after.last;
        tracing::info!(batch = open.batch.number, outcome = word, detail, "attempt");
        let end = attempt_end(open, after, word, detail, settlement);
        self.count(open, &end);
        let id = open.batch.id.clone();
        let (publisher, changes) = (self.publisher.clone(), open.changes.clone());
        let refused = settlement.map_or_else(Vec::new, |settlement| {
            rejects(&open.batch.target, &id, &open.changes, settlement, at)
        });
        self.app
            .store
            .write_async(move |db| -> Result<_, Error> {
                outbox::finish_attempt(db, &id, number, &end, at)?;
                for reject in &refused {
                    outbox::note_reject(db, reject)?;
                }
                postpone_returned(db, &end, at)?;
                publisher.await_sights(db, &changes, &end, at)?;
                stop_point(point);
                Ok(())
            })
            .await
    }

    pub(super) fn count(&mut self, open: &Open, end: &AttemptEnd) {
        if end.state == outbox::BatchState::Closed {
            self.report.settled += 1;
        }
        for result in &end.results {
            match result.state {
                ChangeState::Accepted => self.report.accepted += 1,
                ChangeState::Rejected => {
                    self.report.rejected += 1;
                    let (batch, seq) = (open.batch.number, result.seq);
                    let mut changes = open.changes.iter();
                    // What the law wants gone is still to be seen: somebody must know at once.
                    if changes.any(|change| change.seq == seq && change.change.withdrawal) {
                        let why = &result.detail;
                        tracing::error!(batch, change = seq, why, "a withdrawal was refused");
                    }
                    let alarm = format!("batch {batch}, change {seq}: {}", result.detail);
                    #[cfg(feature = "mutants")]
                    if super::mutants::says_nothing() {
                        continue;
                    }
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
