//! The plan of a year: prepared by one person, frozen by another, amended by numbered versions, and the tasks made from it.

mod draft;
mod fair;
mod open;
mod reading;
mod simulation;
mod steps;
mod task;

use serde::{Deserialize, Serialize};

use super::from_json;
use crate::{
    draw::year::{RulesRef, YearFile, YearPlan, YearVersion},
    service::{
        Error,
        permission::{Action, Actor},
    },
    store::{
        Db, StoreError,
        checks::{self as kept, PlanRow},
    },
};

pub use draft::{YearPlanDraft, YearTaskDraft};
pub use fair::{
    FairCoverage, FairDraw, FairPair, FairStratum, FairTest, FairnessView, fairness_report,
};
pub use open::{
    LICENCE, OpenTable, draws_table, fairness_table, objects_table, plan_table, tasks_table,
};
pub use reading::{
    YearPlanEventView, YearPlanLine, YearPlanView, list_year_plans, public_plan, public_plan_file,
    public_plans, read_year_plan,
};
pub use simulation::{YearSimulation, simulate_year_plan};
pub use steps::{YearPlanChange, amend_year_plan, approve_year_plan, prepare_year_plan};
pub(super) use task::follows;
pub use task::{PlannedTask, make_planned_task};

/// What of a plan is not public yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PlanState {
    pending: Option<PendingPlan>,
}

/// A plan or an amendment that waits for another person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PendingPlan {
    content: YearPlan,
    rules: RulesRef,
    /// Of an amendment.
    reason: Option<String>,
    requested_by: String,
}

/// How far a plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Draft,
    Frozen,
}

impl Stage {
    fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Frozen => "frozen",
        }
    }

    fn chinese(self) -> &'static str {
        match self {
            Self::Draft => "待审定",
            Self::Frozen => "已公布",
        }
    }
}

/// A plan with its row.
struct OpenPlan {
    row: PlanRow,
    state: PlanState,
    stage: Stage,
}

impl OpenPlan {
    fn read(row: PlanRow) -> Result<Self, Error> {
        let stage = match row.state.as_str() {
            "draft" => Stage::Draft,
            "frozen" => Stage::Frozen,
            other => {
                return Err(Error::Store(StoreError::Corrupt {
                    table: "check_plan",
                    column: "state",
                    value: other.to_owned(),
                }));
            }
        };
        Ok(Self {
            state: from_json(&row.data)?,
            row,
            stage,
        })
    }

    /// The plan with this id, if the actor may do this to it.
    fn find(db: &mut Db, actor: &Actor, action: Action, id: &str) -> Result<Self, Error> {
        let row = kept::find_plan(db, id)?.ok_or_else(|| missing(id))?;
        actor.check(action, Some(&row.district))?;
        Self::read(row)
    }

    /// As [`OpenPlan::find`], if the caller has seen this version.
    fn at(
        db: &mut Db,
        actor: &Actor,
        action: Action,
        (id, version): (&str, i64),
    ) -> Result<Self, Error> {
        let open = Self::find(db, actor, action, id)?;
        match open.row.version == version {
            true => Ok(open),
            false => Err(Error::Changed {
                what: "年度计划",
                id: id.to_owned(),
            }),
        }
    }

    fn wrong(&self, step: &'static str) -> Error {
        Error::WrongState {
            what: "年度计划",
            id: self.row.id.clone(),
            found: self.stage.chinese(),
            step,
        }
    }
}

fn missing(id: &str) -> Error {
    Error::Missing {
        what: "年度计划",
        id: id.to_owned(),
    }
}

/// The published file of a plan.
fn file(db: &mut Db, id: &str) -> Result<Option<YearFile>, Error> {
    kept::plan_file(db, id)?
        .map(|text| from_json(&text))
        .transpose()
}

/// The version of a plan that holds; nothing if no such plan was frozen here.
pub(super) fn in_force(db: &mut Db, id: &str) -> Result<Option<YearVersion>, Error> {
    Ok(file(db, id)?.and_then(|file| file.last().cloned()))
}
