//! Answers to requests that carried an idempotency key: asked again, the same answer is given and nothing is done again.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{Db, StoreError, columns::Micros, db::each, schema::request_key};

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Digest of the request; the same key with another request is a mistake of the caller.
    pub digest: String,
    pub status: u16,
    pub body: String,
    pub at: DateTime<Utc>,
}

/// The answer given to this key, if it was used.
///
/// # Errors
/// [`StoreError::Exists`] if the key was used with another request.
pub fn find(
    db: &mut Db,
    account: &str,
    key: &str,
    digest: &str,
) -> Result<Option<Answer>, StoreError> {
    let row: Option<(String, i64, String, Micros)> = request_key::table
        .find((account, key))
        .select((
            request_key::digest,
            request_key::status,
            request_key::body,
            request_key::at,
        ))
        .first(db)
        .optional()?;
    let Some((stored, status, body, at)) = row else {
        return Ok(None);
    };
    if stored != digest {
        return Err(StoreError::Exists {
            what: "request key",
            key: key.to_owned(),
        });
    }
    let status = u16::try_from(status)
        .map_err(|_| super::columns::corrupt(("request_key", "status"), &status.to_string()))?;
    Ok(Some(Answer {
        digest: stored,
        status,
        body,
        at: at.into(),
    }))
}

/// Keeps an answer; in the transaction of what it answers.
///
/// # Errors
/// [`StoreError::Exists`] if the key was used meanwhile: what was done is rolled back, and [`find`] has the answer.
pub fn remember(db: &mut Db, account: &str, key: &str, answer: &Answer) -> Result<(), StoreError> {
    let added = each!(db, c => diesel::insert_into(request_key::table)
        .values((
            request_key::account.eq(account),
            request_key::key.eq(key),
            request_key::digest.eq(&answer.digest),
            request_key::status.eq(i64::from(answer.status)),
            request_key::body.eq(&answer.body),
            request_key::at.eq(Micros::from(answer.at)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if added == 0 {
        return Err(StoreError::Exists {
            what: "request key",
            key: key.to_owned(),
        });
    }
    Ok(())
}

/// Forgets answers given before an instant. Returns how many.
pub fn forget(db: &mut Db, before: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(diesel::delete(request_key::table)
        .filter(request_key::at.lt(Micros::from(before)))
        .execute(db)?)
}
