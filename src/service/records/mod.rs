//! Records by hand: entered by one person, confirmed by another, corrected, rectified or revoked as a new version; and
//! the due process beside the versions: notice, objection, rectification. Each change scores the companies it touches
//! again, in the same transaction.

mod attaching;
mod changing;
mod checks;
mod entering;
mod process;
mod running;
mod standing;
mod view;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App, Error,
    deadlines::follow_record,
    permission::{Action, Actor},
    rescore::{self, Why},
};
use crate::{
    domain::{Record, Uscc},
    store::{
        Db, audit,
        records::{self, Cause, RecordVersion},
        scores::ScoreCause,
    },
};
use checks::{companies_of, missing, permitted};
pub(super) use running::running;
pub(super) use view::process;

pub use attaching::{
    AttachmentView, CheckedAttachments, NewAttachment, attach, check_attachments, may_attach,
    read_attachment,
};
pub(super) use attaching::{labels, suits};
pub use changing::{Correction, correct_record, rectify_record, revoke_record};
pub(super) use entering::prepared_record;
pub use entering::{confirm_record, enter_record};
pub use process::{RecordStep, Stepped, step_record};
pub use view::{ClockView, EventView, ProcessView, read_process};

/// A record after a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Entered {
    pub id: String,
    /// 1, 2, 3 ...: give it back with the next step, so that nobody works on what another has changed.
    pub version: i64,
    /// `draft`, `confirmed`, `disputed` or `revoked`.
    pub status: String,
    /// Companies whose score this step changed.
    pub rescored: Vec<String>,
}

/// All versions of a record, oldest first.
pub fn read_record(db: &mut Db, actor: &Actor, id: &str) -> Result<Vec<RecordVersion>, Error> {
    let versions = records::history(db, id)?;
    let last = versions.last().ok_or_else(|| missing(id))?;
    permitted(db, actor, Action::ReadRecord, last)?;
    Ok(versions)
}

/// A step that adds a version of a record.
struct Step<'a> {
    cause: Cause,
    score_cause: ScoreCause,
    action: &'static str,
    reason: &'a str,
}

impl Step<'_> {
    fn store(
        &self,
        db: &mut Db,
        app: &App,
        actor: &Actor,
        record: &Record,
        expected: i64,
        now: DateTime<Utc>,
    ) -> Result<Entered, Error> {
        let version = records::append(db, record, Some(expected), self.cause, &actor.id, now)?;
        note(db, actor, self.action, record, self.reason, now)?;
        follow_record(db, app, &record.id, now)?;
        let touched: Vec<Uscc> = companies_of(db, record)?.into_iter().collect();
        let why = Why {
            cause: self.score_cause,
            record: Some(&record.id),
        };
        let changed = rescore::companies(db, app, &touched, why, now)?;
        Ok(Entered {
            id: record.id.clone(),
            version,
            status: record.status.as_str().to_owned(),
            rescored: changed.iter().map(ToString::to_string).collect(),
        })
    }
}

fn note(
    db: &mut Db,
    actor: &Actor,
    action: &str,
    record: &Record,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let data = serde_json::json!({ "item": record.item, "reason": reason });
    let event = audit::NewAudit {
        company: record.company,
        actor: actor.id.clone(),
        action: action.to_owned(),
        subject: format!("record {}", record.id),
        data: data.to_string(),
    };
    audit::append(db, &event, now)?;
    Ok(())
}
