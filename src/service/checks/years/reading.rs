//! Plans looked up, for those who keep them and for everybody.

use serde::Serialize;
use utoipa::ToSchema;

use super::{OpenPlan, Stage, file, missing};
use crate::{
    draw::year::YearFile,
    service::{
        Error,
        checks::{from_json, in_role},
        permission::{Action, Actor},
    },
    store::{Db, checks as kept},
};

/// A plan in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct YearPlanLine {
    pub id: String,
    pub year: i32,
    pub district: String,
    /// Give it back with the next step.
    pub version: i64,
    /// `draft` or `frozen`.
    pub state: String,
    pub state_name: String,
    /// Amendments of the public plan; absent: it is not public yet.
    pub amendments: Option<u32>,
    /// Whether something waits for another person.
    pub pending: bool,
    /// Digest of the published file.
    pub digest: Option<String>,
}

/// A plan with its way.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct YearPlanView {
    #[serde(flatten)]
    pub line: YearPlanLine,
    /// What waits for another person, as it would be published.
    #[schema(value_type = Option<Object>)]
    pub pending_content: Option<serde_json::Value>,
    /// The published file.
    #[schema(value_type = Option<Object>)]
    pub file: Option<serde_json::Value>,
    pub events: Vec<YearPlanEventView>,
}

/// One event of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct YearPlanEventView {
    pub seq: i64,
    pub at: String,
    pub actor: String,
    /// `prepare`, `request` or `freeze`.
    pub kind: String,
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

impl YearPlanLine {
    pub(super) fn of(db: &mut Db, open: &OpenPlan) -> Result<Self, Error> {
        let file = match open.stage {
            Stage::Draft => None,
            Stage::Frozen => file(db, &open.row.id)?,
        };
        Ok(Self {
            id: open.row.id.clone(),
            year: open.row.year,
            district: open.row.district.to_string(),
            version: open.row.version,
            state: open.stage.as_str().to_owned(),
            state_name: open.stage.chinese().to_owned(),
            amendments: (file.as_ref()).and_then(|file| file.last().map(|last| last.number)),
            pending: open.state.pending.is_some(),
            digest: file.map(|file| file.digest.to_string()),
        })
    }
}

/// Plans of the caller's division, the last year first.
pub fn list_year_plans(db: &mut Db, actor: &Actor) -> Result<Vec<YearPlanLine>, Error> {
    in_role(actor, Action::ReadCheck)?;
    let rows = kept::plans(db, actor.region.as_ref())?;
    rows.into_iter()
        .map(|row| YearPlanLine::of(db, &OpenPlan::read(row)?))
        .collect()
}

/// One plan with its way.
pub fn read_year_plan(db: &mut Db, actor: &Actor, id: &str) -> Result<YearPlanView, Error> {
    let open = OpenPlan::find(db, actor, Action::ReadCheck, id)?;
    let line = YearPlanLine::of(db, &open)?;
    let event = |one: kept::Event| {
        Ok(YearPlanEventView {
            seq: one.seq,
            at: one.at.to_rfc3339(),
            actor: one.event.actor,
            kind: one.event.kind,
            data: from_json(&one.event.data)?,
        })
    };
    let events = kept::plan_events(db, id)?;
    let file = kept::plan_file(db, id)?;
    let pending = open.state.pending.map(|one| serde_json::json!(one.content));
    Ok(YearPlanView {
        line,
        pending_content: pending,
        file: file.map(|text| from_json(&text)).transpose()?,
        events: (events.into_iter().map(event)).collect::<Result<_, Error>>()?,
    })
}

/// Every plan that was frozen, the last year first.
pub fn public_plans(db: &mut Db) -> Result<Vec<YearFile>, Error> {
    let files = kept::plan_files(db)?;
    files.iter().map(|text| from_json(text)).collect()
}

/// The published plan.
pub fn public_plan(db: &mut Db, id: &str) -> Result<YearFile, Error> {
    file(db, id)?.ok_or_else(|| missing(id))
}

/// The published file of a plan, to the byte.
pub fn public_plan_file(db: &mut Db, id: &str) -> Result<String, Error> {
    kept::plan_file(db, id)?.ok_or_else(|| missing(id))
}
