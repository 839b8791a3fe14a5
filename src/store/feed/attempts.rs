//! What is remembered of attempts.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::Attempt;
use crate::store::{
    Db, StoreError,
    columns::Micros,
    schema::{feed_attempt, feed_batch},
};

/// The last ends of attempts at a target, the latest first: when, and the word of the outcome.
pub fn last_outcomes(
    db: &mut Db,
    target: &str,
    limit: usize,
) -> Result<Vec<(DateTime<Utc>, String)>, StoreError> {
    let rows: Vec<(Micros, String)> = feed_attempt::table
        .inner_join(feed_batch::table)
        .filter(feed_batch::target.eq(target))
        .filter(feed_attempt::phase.eq("finished"))
        .order((feed_attempt::at.desc(), feed_attempt::number.desc()))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((feed_attempt::at, feed_attempt::outcome))
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|(at, word)| (at.into(), word))
        .collect())
}

/// Every attempt to send a batch, in order.
pub fn attempts(db: &mut Db, batch: &str) -> Result<Vec<Attempt>, StoreError> {
    type Columns = (i64, String, Micros, String, String);
    let rows: Vec<Columns> = feed_attempt::table
        .filter(feed_attempt::batch.eq(batch))
        // 'started' before 'finished'.
        .order((feed_attempt::number.asc(), feed_attempt::phase.desc()))
        .select((
            feed_attempt::number,
            feed_attempt::phase,
            feed_attempt::at,
            feed_attempt::outcome,
            feed_attempt::detail,
        ))
        .load(db)?;
    let mut attempts: BTreeMap<i64, Attempt> = BTreeMap::new();
    for (number, phase, at, outcome, detail) in rows {
        if phase == "started" {
            let started = Attempt {
                number,
                started_at: at.into(),
                sender: detail,
                finished: None,
            };
            attempts.insert(number, started);
        } else if let Some(attempt) = attempts.get_mut(&number) {
            attempt.finished = Some((at.into(), outcome, detail));
        }
    }
    Ok(attempts.into_values().collect())
}
