//! The alarm: a stored score that does not come out again is told until somebody has answered for it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::Difference;
use crate::{
    service::Error,
    store::{
        Db,
        audit::{self, NewAudit},
    },
};

const RAISED: &str = "replay.difference";
const ANSWERED: &str = "replay.acknowledged";
/// Differences that are counted; beyond it the number does not matter any more.
const MOST: usize = 10_000;

/// Something an operator must look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Alarm {
    /// `replay-difference`, `feed-extra`, `feed-drift`, `feed-not-visible`, `feed-not-compared`.
    pub code: &'static str,
    /// How many stored scores do not come out again; how many differences of the platform.
    pub count: usize,
    /// When the first was found, RFC 3339.
    pub since: String,
}

/// Notes differences in the audit trail, each once until it is answered for. Returns how many are new.
pub fn raise(db: &mut Db, differences: &[Difference], now: DateTime<Utc>) -> Result<usize, Error> {
    let mut known: Vec<String> = (open(db)?.into_iter())
        .map(|event| event.event.subject)
        .collect();
    let mut new = 0;
    for difference in differences {
        if known.contains(&difference.subject()) {
            continue;
        }
        let event = NewAudit {
            company: difference.company.parse().ok(),
            actor: "wuxin".to_owned(),
            action: RAISED.to_owned(),
            subject: difference.subject(),
            data: serde_json::to_string(difference).map_err(|source| Error::Stored {
                what: "复算差异",
                source,
            })?,
        };
        audit::append(db, &event, now)?;
        known.push(difference.subject());
        new += 1;
    }
    Ok(new)
}

/// The alarms that nobody has answered for.
pub fn alarms(db: &mut Db) -> Result<Vec<Alarm>, Error> {
    let open = open(db)?;
    let first = open.first().map(|event| event.at);
    Ok(first
        .map(|since| Alarm {
            code: "replay-difference",
            count: open.len(),
            since: since.to_rfc3339(),
        })
        .into_iter()
        .collect())
}

/// Somebody has looked at the alarms and answers for them. Returns how many there were.
pub fn acknowledge(
    db: &mut Db,
    actor: &str,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<usize, Error> {
    let answered = open(db)?.len();
    let event = NewAudit {
        company: None,
        actor: actor.to_owned(),
        action: ANSWERED.to_owned(),
        subject: format!("{answered} replay differences"),
        data: serde_json::json!({ "reason": reason }).to_string(),
    };
    audit::append(db, &event, now)?;
    Ok(answered)
}

fn open(db: &mut Db) -> Result<Vec<audit::AuditEvent>, Error> {
    let answered = audit::last_of_action(db, ANSWERED)?;
    Ok(audit::of_action(db, RAISED, answered, MOST)?)
}
