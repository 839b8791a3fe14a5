//! The publisher: seals what waits in the outbox, sends it, and finds out what became of it.
//!
//! One acts at a time, under a lease with a fencing token. Key and bytes are stored before the first byte leaves; a send
//! is recorded as begun before it begins, so that a process that dies leaves a batch of unknown fate, which is asked
//! about and never counted as failed. What to do with a batch is decided by [`crate::feed::next_step`] alone.

mod delivery;
mod export;
mod looks;
#[cfg(feature = "mutants")]
pub(super) mod mutants;
mod parts;
mod refusals;
mod report;
mod returns;
mod rows;
mod sealing;
mod setup;
mod split;
mod status;
mod stops;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{App, Error};
use crate::{
    feed::{Profile, transports::Carrier},
    store::{
        Db,
        feed::{self as outbox, TargetStatus},
        leases,
    },
};

use delivery::Run;
pub use export::Exported;
pub(super) use looks::keep_looks;
pub use report::{Preview, PreviewBatch, PublishReport};
pub use returns::{Brought, Imported};
pub use setup::PublisherError;
pub use status::{FeedStatus, LookLine, RejectLine, feed_view};
use stops::stop_point;

/// Longer than any one exchange with the platform; renewed before each.
const LEASE: TimeDelta = TimeDelta::minutes(5);

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
    carrier: Carrier,
    target: String,
    holder: String,
    frozen: bool,
    /// How long the public may take to see what the platform took.
    visible_within: TimeDelta,
}

/// Now, asked for again as time passes.
pub type Now<'a> = &'a (dyn Fn() -> DateTime<Utc> + Send + Sync);

impl Publisher {
    /// One run: seals what waits, then sends and asks until nothing is due.
    pub async fn run(
        &self,
        app: &Arc<App>,
        scope: Scope,
        now: Now<'_>,
    ) -> Result<PublishReport, Error> {
        let mut report = PublishReport::default();
        if self.frozen {
            let alarm = "the target is frozen by the settings";
            report.alarms.push(alarm.to_owned());
            return Ok(report);
        }
        let (name, holder) = (format!("publish:{}", self.target), self.holder.clone());
        let at = now();
        let lease = app
            .store
            .write_async(move |db| leases::try_acquire(db, &name, &holder, LEASE, at))
            .await
            .map_err(Error::from)?;
        let Some(lease) = lease else {
            return Ok(report);
        };
        stop_point("leased");
        report.ran = true;
        let mut run = Run {
            publisher: self,
            app,
            now,
            lease,
            report,
            postponed_until: None,
        };
        let result = match run.rounds(scope).await {
            Ok(()) => run.look().await,
            Err(fault) => Err(fault),
        };
        let Run { lease, report, .. } = run;
        let at = now();
        let released = app
            .store
            .write_async(move |db| leases::release(db, &lease, at))
            .await;
        result?;
        released.map_err(Error::from)?;
        Ok(report)
    }
}

impl Run<'_> {
    async fn rounds(&mut self, scope: Scope) -> Result<(), Error> {
        let mut scope = scope;
        for _ in 0..MOST_ROUNDS {
            self.seal_waiting(scope).await?;
            if scope == Scope::Slot {
                // One report of zero a slot.
                scope = Scope::Now;
            }
            if !self.deliver_due().await? {
                break;
            }
        }
        Ok(())
    }
}

/// How the outbox of a target stands.
pub fn feed_status(db: &mut Db, target: &str) -> Result<TargetStatus, Error> {
    Ok(outbox::status(db, target)?)
}
