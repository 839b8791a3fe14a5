//! Spot checks (双随机、一公开) as use cases: the libraries of items and officers, tasks, their draws, and the visits.
//!
//! What a draw is, and what makes it checkable by anyone, is decided by [`crate::draw`]; here a plan is put together from the
//! store, frozen, drawn and published. A task, its event, the published file, the secrets and the ledger of visits are stored
//! together or not at all. No view, event, audit line or answer holds a secret before the reveal.

mod drawing;
mod fields;
mod importing;
mod library;
mod planning;
mod reading;
mod task;
mod visiting;
mod withdrawing;
mod years;

use chrono::{DateTime, Utc};

use super::{
    Error,
    permission::{Action, Actor, Refusal},
};
use crate::store::{Db, audit};

pub use drawing::{
    CheckCommit, CheckReveal, CheckWish, approve_check, commit_check, observe_check, request_check,
    reveal_check,
};
pub use importing::{
    CheckFile, CheckImport, ImportedChecks, import_check_items, import_check_officers,
};
pub use library::{
    CheckItem, CheckItemDraft, CheckOfficer, CheckOfficerDraft, list_check_items,
    list_check_officers, put_check_item, put_check_officer,
};
pub use planning::{CheckObject, CheckSimulation, list_check_objects, simulate_check};
pub use reading::{
    CheckTaskView, DrawLine, DrawnView, draw_file, list_check_tasks, list_draws, read_check_task,
    who_was_drawn,
};
pub use task::{CheckTaskDraft, CheckTaskLine, create_check_task};
pub(super) use visiting::follow;
pub use visiting::{
    AttemptResults, CheckAccount, CheckAccountDraft, CheckPublish, CheckPublished, CheckResults,
    CheckScope, CheckScopeDraft, CompanyCheck, NewPhoto, ObjectResult, PhotoView, ResultCodeView,
    ShownItem, ShownOfficer, ShownVisit, VisitLine, VisitOf, VisitStep, VisitView, attach_photo,
    bind_check_officer, check_results, company_checks, may_attach_photo, my_visits, publish_check,
    put_check_scope, read_photo, read_visit, shown_visit, step_visit,
};
pub use withdrawing::{CheckWithdraw, withdraw_check};
pub use years::{
    FairCoverage, FairDraw, FairPair, FairStratum, FairTest, FairnessView, LICENCE, OpenTable,
    PlannedTask, YearPlanChange, YearPlanDraft, YearPlanEventView, YearPlanLine, YearPlanView,
    YearSimulation, YearTaskDraft, amend_year_plan, approve_year_plan, draws_table,
    fairness_report, fairness_table, list_year_plans, make_planned_task, objects_table, plan_table,
    prepare_year_plan, public_plan, public_plan_file, public_plans, read_year_plan,
    simulate_year_plan, tasks_table,
};

/// Whether the role may at all; for what is of no division.
fn in_role(actor: &Actor, action: Action) -> Result<(), Refusal> {
    match actor.role.may(action) {
        true => Ok(()),
        false => Err(Refusal::Role {
            role: actor.role,
            action,
        }),
    }
}

fn to_json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|source| Error::Stored {
        what: "抽查数据",
        source,
    })
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|source| Error::Stored {
        what: "抽查数据",
        source,
    })
}

/// Writes the audit line.
fn note(
    db: &mut Db,
    actor: &Actor,
    action: &str,
    subject: String,
    data: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let event = audit::NewAudit {
        company: None,
        actor: actor.id.clone(),
        action: action.to_owned(),
        subject,
        data: data.to_string(),
    };
    audit::append(db, &event, now)?;
    Ok(())
}
