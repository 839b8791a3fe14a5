//! Requests that carry an idempotency key are done once: asked again, the first answer is given.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Error;
use crate::store::{
    Db,
    requests::{self, Answer},
};

/// The key of a request.
#[derive(Debug, Clone)]
pub struct RequestKey {
    pub account: String,
    pub key: String,
    /// Digest of what was asked.
    pub digest: String,
}

/// What is answered, JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub status: u16,
    pub body: String,
}

/// Does the work, unless the key was answered before; keeps the answer in the same transaction.
pub fn once<T: Serialize>(
    db: &mut Db,
    key: Option<&RequestKey>,
    status: u16,
    now: DateTime<Utc>,
    work: impl FnOnce(&mut Db) -> Result<T, Error>,
) -> Result<Answered, Error> {
    if let Some(key) = key
        && let Some(answer) = requests::find(db, &key.account, &key.key, &key.digest)?
    {
        return Ok(Answered {
            status: answer.status,
            body: answer.body,
        });
    }
    let done = work(db)?;
    let body = serde_json::to_string(&done).map_err(|source| Error::Stored {
        what: "答复",
        source,
    })?;
    if let Some(key) = key {
        let answer = Answer {
            digest: key.digest.clone(),
            status,
            body: body.clone(),
            at: now,
        };
        requests::remember(db, &key.account, &key.key, &answer)?;
    }
    Ok(Answered { status, body })
}
