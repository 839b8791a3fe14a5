//! Tasks made from a plan.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{OpenPlan, in_force};
use crate::{
    domain::Day,
    draw::{
        DistrictRule, Id, ObjectKind, Rounding,
        year::{YearPlan, YearTask, YearVersion},
    },
    service::{
        App, Error, FieldFault,
        checks::{
            in_role,
            task::{CheckRatio, CheckTaskDraft, CheckTaskLine, create_check_task},
        },
        permission::{Action, Actor},
    },
    store::{Db, checks as kept},
};

/// Which task of a plan is made, and when it is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedTask {
    /// Number of the draw, as in the plan.
    #[schema(example = "CC-2026-01")]
    pub task: String,
    /// First and last day of the visits, within the quarter; left out: the whole quarter.
    #[serde(default)]
    #[schema(example = "2026-08-01")]
    pub from: Option<String>,
    #[serde(default)]
    #[schema(example = "2026-08-31")]
    pub until: Option<String>,
}

/// Makes a task of a plan that is public: everything but the days is the plan's.
pub fn make_planned_task(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    plan: &str,
    wanted: &PlannedTask,
    now: DateTime<Utc>,
) -> Result<CheckTaskLine, Error> {
    in_role(actor, Action::PrepareCheck)?;
    let row = kept::find_plan(db, plan)?.ok_or_else(|| super::missing(plan))?;
    let district = row.district.clone();
    let open = OpenPlan::read(row)?;
    let Some(version) = in_force(db, plan)? else {
        actor.check(Action::PrepareCheck, Some(&district))?;
        return Err(open.wrong("生成任务"));
    };
    let task = Id::parse(&wanted.task).ok();
    let task = task.and_then(|id| version.content.task(&id).cloned());
    let missing = || Error::Missing {
        what: "计划任务",
        id: wanted.task.clone(),
    };
    let task = task.ok_or_else(missing)?;
    let quarter = version.content.quarter(task.quarter).ok_or_else(missing)?;
    let day = |given: &Option<String>, else_: Day| given.clone().unwrap_or(else_.to_string());
    let days = (
        day(&wanted.from, quarter.from),
        day(&wanted.until, quarter.until),
    );
    let draft = draft_of(&version.content, &task, days);
    create_check_task(db, app, actor, &draft, now)
}

/// The task as it is filled in: ratios and limits are the plan's.
fn draft_of(plan: &YearPlan, task: &YearTask, (from, until): (String, String)) -> CheckTaskDraft {
    let word = |value: serde_json::Value| value.as_str().map(str::to_owned);
    let objects = match task.objects.as_slice() {
        [ObjectKind::Company] => "company",
        [ObjectKind::Project] => "project",
        _ => "both",
    };
    let own = |row: &&crate::draw::year::GradeRatio| {
        !task.ratios.iter().any(|one| one.grade == row.grade)
    };
    let mut ratios: Vec<_> = (plan.ratios.iter().filter(own))
        .chain(&task.ratios)
        .collect();
    ratios.sort_by(|a, b| a.grade.cmp(&b.grade));
    let ratio = |row: &crate::draw::year::GradeRatio| CheckRatio {
        grade: row.grade.to_string(),
        percent: format!("{}.{:02}", row.basis_points / 100, row.basis_points % 100),
        reason: format!("年度计划 {}：{}", plan.plan, row.basis),
    };
    let rounding = |one: Rounding| word(serde_json::json!(one));
    let districts = |one: DistrictRule| word(serde_json::json!(one));
    CheckTaskDraft {
        id: task.id.to_string(),
        plan: plan.plan.to_string(),
        items: task.items.iter().map(Id::to_string).collect(),
        district: task.district.to_string(),
        objects: Some(objects.to_owned()),
        from,
        until,
        rounding: rounding(task.rounding),
        ratios: ratios.into_iter().map(ratio).collect(),
        allowed: None,
        company_visits: plan.caps.company_visits,
        officer_visits: plan.caps.officer_visits,
        team_size: Some(task.team.size),
        districts: districts(task.team.districts),
        needs: task.needs.iter().map(Id::to_string).collect(),
    }
}

/// Whether a task with this draft is one of its plan. A plan that is not kept here binds nobody.
///
/// # Errors
/// A plan that is public and has no such task, or another one; days outside of the quarter.
pub(in crate::service::checks) fn follows(
    db: &mut Db,
    draft: &CheckTaskDraft,
) -> Result<(), Error> {
    let Ok(plan) = Id::parse(&draft.plan) else {
        return Ok(());
    };
    match in_force(db, plan.as_str())? {
        Some(version) => of_plan(&version, draft).map_err(|fault| Error::Invalid(vec![fault])),
        None => Ok(()),
    }
}

fn of_plan(version: &YearVersion, draft: &CheckTaskDraft) -> Result<(), FieldFault> {
    let plan = &version.content;
    let task = Id::parse(&draft.id).ok().and_then(|id| plan.task(&id));
    let Some(task) = task else {
        let what = format!("年度计划「{}」中没有任务「{}」", plan.plan, draft.id);
        return Err(FieldFault::new("id", "E043", what));
    };
    let days = (draft.from.clone(), draft.until.clone());
    if *draft != draft_of(plan, task, days) {
        let what = format!("与年度计划「{}」不一致，请从计划生成任务", plan.plan);
        return Err(FieldFault::new("plan", "E043", what));
    }
    let within = |quarter: crate::draw::Window| {
        let inside = |raw: &str| {
            Day::parse(raw).is_ok_and(|day| quarter.from <= day && day <= quarter.until)
        };
        inside(&draft.from) && inside(&draft.until)
    };
    match plan.quarter(task.quarter) {
        Some(quarter) if within(quarter) => Ok(()),
        _ => {
            let what = format!("检查日期不在计划的第 {} 季度内", task.quarter);
            Err(FieldFault::new("from", "E043", what))
        }
    }
}
