//! The audit trail as it is read, and whether it is still what was written.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{Action, Actor, Error, Refusal};
use crate::{
    domain::Uscc,
    store::{
        Db,
        audit::{self, AuditEvent},
        audit_chain, companies,
    },
};

/// Links that are checked at once.
const CHUNK: usize = 2_000;
const LINES: usize = 100;
const MOST_LINES: usize = 1_000;

/// Which lines of the trail.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub struct AuditQuestion {
    /// Of this company.
    #[param(value_type = Option<String>)]
    pub company: Option<Uscc>,
    /// Older than the line of this number: `next` of the page before.
    pub before: Option<i64>,
    /// 1 to 1000; 100 if absent.
    pub limit: Option<usize>,
}

/// A line of the trail.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AuditLine {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub action: String,
    /// What it was done to.
    pub subject: String,
    pub company: Option<String>,
    #[schema(value_type = Object)]
    pub data: Value,
    /// Of its link in the chain; absent for some seconds.
    pub digest: Option<String>,
}

/// Lines, the latest first, and where the next page begins.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AuditPage {
    pub lines: Vec<AuditLine>,
    /// `before` of the next page; absent on the last.
    pub next: Option<i64>,
}

/// What the chain says of the trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditVerified {
    /// Rows of the trail, and links that fit.
    pub rows: i64,
    pub linked: i64,
    /// The last link that fits, `NUMBER:DIGEST`: keep it elsewhere, and compare it later.
    pub head: Option<String>,
    /// The first row that does not fit.
    pub broken: Option<Broken>,
}

/// Where the chain breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Number of the link.
    pub link: i64,
    /// Number of the row of the trail.
    pub row: i64,
    pub why: String,
}

/// Reads the trail backwards. An account of a division sees the lines about its companies.
pub fn read_audit(
    db: &mut Db,
    actor: &Actor,
    question: &AuditQuestion,
) -> Result<AuditPage, Error> {
    if !actor.role.may(Action::ReadAudit) {
        return Err(Error::Refused(Refusal::Role {
            role: actor.role,
            action: Action::ReadAudit,
        }));
    }
    let limit = question.limit.unwrap_or(LINES).clamp(1, MOST_LINES);
    let page = audit::page(db, question.company.as_ref(), question.before, limit)?;
    let ids: Vec<i64> = page.rows.iter().map(|event| event.id).collect();
    let digests = audit_chain::digests(db, &ids)?;
    let mut lines = Vec::new();
    for event in page.rows {
        if may_see(db, actor, &event)? {
            let digest = digests.get(&event.id).cloned();
            lines.push(line(event, digest));
        }
    }
    Ok(AuditPage {
        lines,
        next: page.next,
    })
}

fn may_see(db: &mut Db, actor: &Actor, event: &AuditEvent) -> Result<bool, Error> {
    if actor.region.is_none() {
        return Ok(true);
    }
    let Some(uscc) = &event.event.company else {
        return Ok(false);
    };
    let region = companies::find(db, uscc)?.and_then(|company| company.region);
    Ok(actor.check(Action::ReadAudit, region.as_ref()).is_ok())
}

fn line(event: AuditEvent, digest: Option<String>) -> AuditLine {
    let AuditEvent { id, at, event } = event;
    AuditLine {
        id,
        at,
        actor: event.actor,
        action: event.action,
        subject: event.subject,
        company: event.company.map(|company| company.to_string()),
        // What is no JSON is shown as the text it is.
        data: serde_json::from_str(&event.data).unwrap_or(Value::String(event.data)),
        digest,
    }
}

/// Links rows that have no link yet. Returns how many.
pub fn link_audit(db: &mut Db) -> Result<usize, Error> {
    Ok(audit_chain::extend(db)?)
}

/// Whether there are rows without a link.
pub fn audit_is_behind(db: &mut Db) -> Result<bool, Error> {
    Ok(audit_chain::is_behind(db)?)
}

/// Computes the whole chain again. `known` is a head, `NUMBER:DIGEST`, that was kept elsewhere: then a chain that was written anew
/// from some row on shows, too.
pub fn verify_audit(db: &mut Db, known: Option<(i64, &str)>) -> Result<AuditVerified, Error> {
    let (rows, _) = audit_chain::counts(db)?;
    let (mut number, mut before) = (0, String::new());
    let mut broken = None;
    'chain: loop {
        let links = audit_chain::after(db, number, CHUNK)?;
        if links.is_empty() {
            break;
        }
        for (link, event) in links {
            let why = match event {
                _ if link.number != number + 1 => {
                    Some(format!("the link {} is not there", number + 1))
                }
                None => Some("the row is not there".to_owned()),
                Some(event) => {
                    let found = audit_chain::digest(&before, &event);
                    (found != link.digest).then(|| "the row is not what was written".to_owned())
                }
            };
            let why = why.or_else(|| {
                known
                    .filter(|(at, digest)| *at == link.number && *digest != link.digest)
                    .map(|_| "its digest is another one than the one that was kept".to_owned())
            });
            if let Some(why) = why {
                broken = Some(Broken {
                    link: link.number,
                    row: link.event,
                    why,
                });
                break 'chain;
            }
            number = link.number;
            before = link.digest;
        }
    }
    if let Some((at, _)) = known
        && broken.is_none()
        && at > number
    {
        broken = Some(Broken {
            link: number + 1,
            row: 0,
            why: format!("the chain was {at} links long and is {number}"),
        });
    }
    Ok(AuditVerified {
        rows,
        linked: number,
        head: (number > 0).then(|| format!("{number}:{before}")),
        broken,
    })
}
