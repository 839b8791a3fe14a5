//! What the result of a record makes of its change, and what a refusal puts into the reject queue.

use chrono::{DateTime, Utc};

use super::rows::entry_version;
use crate::{
    feed::outcome::{RecordResult, RejectClass, Settlement},
    service::Error,
    store::{
        Db,
        feed::{self as outbox, AttemptEnd, Change, ChangeResult, ChangeState, Reject},
    },
};

/// The results of the changes of a batch, as far as the settlement has them.
pub(super) fn results(changes: &[Change], settlement: &Settlement) -> Vec<ChangeResult> {
    changes
        .iter()
        .filter_map(|change| {
            let (state, detail) = told(result_of(change, settlement)?);
            Some(ChangeResult {
                seq: change.seq,
                state,
                detail,
            })
        })
        .collect()
}

pub(super) fn result_of<'s>(
    change: &Change,
    settlement: &'s Settlement,
) -> Option<&'s RecordResult> {
    let wanted = entry_version(change).ok()?;
    let found = settlement
        .results
        .iter()
        .find(|(entry, _)| *entry == wanted)?;
    Some(&found.1)
}

fn told(result: &RecordResult) -> (ChangeState, String) {
    match result {
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
    }
}

/// The rows of the reject queue that a settlement makes. What the platform could not take for the time being waits again
/// and is no matter for the queue.
pub(super) fn rejects(
    target: &str,
    batch: &str,
    changes: &[Change],
    settlement: &Settlement,
    at: DateTime<Utc>,
) -> Vec<Reject> {
    let row = |change: &Change, kind: &str, class: RejectClass| Reject {
        change: change.seq,
        target: target.to_owned(),
        batch: Some(batch.to_owned()),
        kind: kind.to_owned(),
        class: class.as_str().to_owned(),
        owner: class.owner().to_owned(),
        code: String::new(),
        field: None,
        message: String::new(),
        at,
    };
    changes
        .iter()
        .filter_map(|change| match result_of(change, settlement)? {
            RecordResult::Rejected(rejection) if rejection.class != RejectClass::Transient => {
                Some(Reject {
                    code: rejection.code.clone(),
                    field: rejection.field.clone(),
                    message: rejection.message.clone(),
                    ..row(change, "rejected", rejection.class)
                })
            }
            // Name and code do not match a subject there: an officer compares both, nothing is tried again.
            RecordResult::Unmatched { code, message } => Some(Reject {
                code: code.clone(),
                message: format!("核对企业名称与统一社会信用代码：{message}"),
                ..row(change, "unmatched", RejectClass::Data)
            }),
            RecordResult::Conflict { theirs } => Some(Reject {
                message: format!("平台已有内容不同的同一记录：{theirs}"),
                ..row(change, "conflict", RejectClass::Data)
            }),
            _ => None,
        })
        .collect()
}

/// What the platform could not take for the time being waits before it goes again.
pub(super) fn postpone_returned(
    db: &mut Db,
    end: &AttemptEnd,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let returned = end.results.iter();
    for result in returned.filter(|result| result.state == ChangeState::Waiting) {
        outbox::postpone(db, result.seq, at)?;
    }
    Ok(())
}

/// A change that does not fit the profile or is no record: it never went.
pub(super) fn unfit(target: &str, change: i64, why: &str, at: DateTime<Utc>) -> Reject {
    let class = RejectClass::Mapping;
    Reject {
        change,
        target: target.to_owned(),
        batch: None,
        kind: "unfit".to_owned(),
        class: class.as_str().to_owned(),
        owner: class.owner().to_owned(),
        code: String::new(),
        field: None,
        message: why.to_owned(),
        at,
    }
}
