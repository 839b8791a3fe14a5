//! A task that was prepared and not committed is taken back.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::task::{CheckTaskLine, Open, State};
use crate::{
    draw::says_something,
    service::{
        Error, FieldFault,
        permission::{Action, Actor},
    },
    store::Db,
};

/// Why a task is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckWithdraw {
    pub version: i64,
    pub reason: String,
}

/// Takes back a task that binds nobody yet. Its number stays used.
///
/// # Errors
/// [`Error::WrongState`] from the commitment on: what is public does not disappear.
pub fn withdraw_check(
    db: &mut Db,
    actor: &Actor,
    id: &str,
    withdraw: &CheckWithdraw,
    now: DateTime<Utc>,
) -> Result<CheckTaskLine, Error> {
    if !says_something(&withdraw.reason) {
        let what = "须写明理由";
        return Err(Error::Invalid(vec![FieldFault::new(
            "reason", "E008", what,
        )]));
    }
    let at = (id, withdraw.version);
    let states = (&[State::Planned][..], "撤回");
    let open = Open::at(db, actor, Action::PrepareCheck, at, states)?;
    let data = json!({ "reason": withdraw.reason.trim() });
    open.step(db, actor, (State::Withdrawn, "withdraw"), &data, now)
}
