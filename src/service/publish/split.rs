//! The halves of a batch that a platform refused in part without saying which part.

use chrono::{DateTime, Utc};

use super::{Publisher, rows::Open};
use crate::{
    feed::{BatchKind, CanonicalRecord, PlannedBatch},
    service::Error,
    store::{
        Db,
        feed::{self as outbox, AttemptEnd, BatchState, Change, ChangeResult, ChangeState},
    },
};

impl Publisher {
    /// Closes a batch and seals its halves, each a batch with a number, key and bytes of its own and a link to this one:
    /// one transaction, so that at every moment each change is in exactly one place. A change that a withdrawal has
    /// overtaken does not go again. Gives the number of halves.
    pub(super) fn split(
        &self,
        db: &mut Db,
        open: &Open,
        attempt: i64,
        detail: &str,
        at: DateTime<Utc>,
    ) -> Result<usize, Error> {
        let back = open.changes.iter().map(|change| ChangeResult {
            seq: change.seq,
            state: ChangeState::Waiting,
            detail: "in a half of its batch".to_owned(),
        });
        let end = AttemptEnd {
            state: BatchState::Closed,
            outcome: "split".to_owned(),
            detail: detail.to_owned(),
            next_attempt_at: None,
            results: back.collect(),
        };
        let id = &open.batch.id;
        outbox::finish_attempt(db, id, attempt, &end, at)?;
        let seqs: Vec<i64> = open.changes.iter().map(|change| change.seq).collect();
        let waiting: Vec<Change> = outbox::waiting(db, &self.target, usize::MAX)?
            .into_iter()
            .filter(|change| seqs.contains(&change.seq))
            .collect();
        let mut halves = 0;
        for half in waiting.chunks(waiting.len().div_ceil(2).max(1)) {
            let records = half
                .iter()
                .map(|change| {
                    serde_json::from_str(&change.change.payload)
                        .map_err(|fault| Error::Feed(format!("change {}: {fault}", change.seq)))
                })
                .collect::<Result<Vec<CanonicalRecord>, Error>>()?;
            let planned = PlannedBatch {
                kind: if half.iter().all(|change| change.change.withdrawal) {
                    BatchKind::Withdrawals
                } else {
                    BatchKind::Changes
                },
                seqs: half.iter().map(|change| change.seq).collect(),
            };
            let child = self.seal_one(db, &planned, &records, at)?;
            outbox::link_parent(db, &child, id)?;
            halves += 1;
        }
        Ok(halves)
    }
}
