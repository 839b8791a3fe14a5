//! The platform feed: from a lawful change of a list entry to what a credit platform shows.
//!
//! Knows `domain`; knows no store, service or web. The store keeps what is described here (records, sealed batches,
//! progress), the service decides which changes are lawful to send, and jobs follow [`outcome::next_step`].
//!
//! - [`canonical`]: one change of one entry, checked, with its digest. Pure.
//! - [`profile`]: how one platform wants its records; rendering refuses what does not fit. Pure.
//! - [`batch`]: which changes go next, and the sealed bytes of a batch. Pure.
//! - [`outcome`]: what an answer means and what to do next; unknown is not failed. Pure.
//! - [`transports`]: the only part that talks to the outside.
//! - [`sample`]: synthetic records that show what a profile makes of them. Pure.
//! - [`receipts`]: what return files say of each record. Pure.
//! - [`reconcile`]: what the platform shows, compared with what it should show. Pure.
//! - [`receiver`]: the stand-in platform that misbehaves on demand, for rehearsals and tests.

pub mod batch;
pub mod canonical;
pub mod outcome;
pub mod profile;
pub mod receipts;
pub mod receiver;
pub mod reconcile;
pub mod sample;
pub mod transports;

#[cfg(test)]
pub(crate) mod samples;

pub use batch::{
    BatchKind, OpenBatch, Plan, PlannedBatch, SealRequest, SealedBatch, Waiting, plan, seal,
};
pub use canonical::{CanonicalRecord, RecordFields};
pub use outcome::{Outcome, Progress, Step, interpret_send, next_step};
pub use profile::Profile;
