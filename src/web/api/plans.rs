//! Plans of a year, the fairness report, and what of spot checks is open data.

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{checks::CheckApprove, found};
use crate::{
    service::{
        self, CheckTaskLine, FairnessView, LICENCE, OpenTable, PlannedTask, YearPlanChange,
        YearPlanDraft, YearPlanLine, YearPlanView, YearSimulation,
    },
    web::{Problem, WebState, auth::Caller, body::Body, etag::tagged},
};

const CSV: &str = "text/csv; charset=utf-8";

/// Plans of the caller's division, the last year first.
#[utoipa::path(get, path = "/api/v1/checks/plans", tag = "checks", security(("token" = [])),
    responses((status = 200, description = "All", body = Vec<YearPlanLine>)))]
pub async fn list(
    State(state): State<WebState>,
    Caller(actor): Caller,
) -> Result<Response, Problem> {
    let read = move |db: &mut _| service::list_year_plans(db, &actor);
    found(&state.app.store.read_async(read).await?)
}

/// Prepare the plan of a year of the caller's division.
#[utoipa::path(post, path = "/api/v1/checks/plans", tag = "checks", request_body = YearPlanDraft, security(("token" = [])),
    responses(
        (status = 201, description = "Waits for another person", body = YearPlanLine),
        (status = 422, description = "Fields that must be mended, each with a pointer", body = Problem),
    ))]
pub async fn prepare(
    State(state): State<WebState>,
    Caller(actor): Caller,
    body: Body<YearPlanDraft>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 201, move |db, app, now| {
            service::prepare_year_plan(db, app, &actor, &body.value, now)
        })
        .await
}

/// One plan with its way.
#[utoipa::path(get, path = "/api/v1/checks/plans/{id}", tag = "checks", params(("id" = String, Path)),
    security(("token" = [])), responses((status = 200, description = "The plan", body = YearPlanView)))]
pub async fn read(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let read = move |db: &mut _| service::read_year_plan(db, &actor, &id);
    found(&state.app.store.read_async(read).await?)
}

/// What the plan that waits, or else the one that holds, would give now: visits by company, officer, grade and item, and the
/// constraint in the way.
#[utoipa::path(get, path = "/api/v1/checks/plans/{id}/simulation", tag = "checks", params(("id" = String, Path)),
    security(("token" = [])), responses(
        (status = 200, description = "The numbers", body = YearSimulation),
        (status = 422, description = "Not to be used as it is", body = Problem),
    ))]
pub async fn simulation(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (app, now) = (state.app.clone(), state.now());
    let read = move |db: &mut _| service::simulate_year_plan(db, &app, &actor, &id, now);
    found(&state.app.store.read_async(read).await?)
}

/// Put another content in place of the one that waits, or ask for an amendment of a public plan.
#[utoipa::path(post, path = "/api/v1/checks/plans/{id}/amend", tag = "checks", request_body = YearPlanChange,
    params(("id" = String, Path)), security(("token" = [])), responses(
        (status = 200, description = "Waits for another person", body = YearPlanLine),
        (status = 409, description = "Changed meanwhile", body = Problem),
    ))]
pub async fn amend(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<YearPlanChange>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 200, move |db, app, now| {
            service::amend_year_plan(db, app, &actor, &id, &body.value, now)
        })
        .await
}

/// Freeze and publish what another person prepared, or the amendment that another person asked for.
#[utoipa::path(post, path = "/api/v1/checks/plans/{id}/approve", tag = "checks", request_body = CheckApprove,
    params(("id" = String, Path)), security(("token" = [])), responses(
        (status = 200, description = "Public", body = YearPlanLine),
        (status = 409, description = "Infeasible, with the constraint; or nothing waits", body = Problem),
    ))]
pub async fn approve(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<CheckApprove>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 200, move |db, app, now| {
            service::approve_year_plan(db, app, &actor, (&id, body.value.version), now)
        })
        .await
}

/// Make a task of a public plan; everything but the days is the plan's.
#[utoipa::path(post, path = "/api/v1/checks/plans/{id}/tasks", tag = "checks", request_body = PlannedTask,
    params(("id" = String, Path)), security(("token" = [])), responses(
        (status = 201, description = "Prepared", body = CheckTaskLine),
        (status = 422, description = "Fields that must be mended, each with a pointer", body = Problem),
    ))]
pub async fn make_task(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<PlannedTask>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 201, move |db, app, now| {
            service::make_planned_task(db, app, &actor, &id, &body.value, now)
        })
        .await
}

/// The plans that are public.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PublicPlans {
    pub licence: String,
    pub plans: Vec<PublicPlan>,
}

/// One plan that is public.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PublicPlan {
    pub id: String,
    pub year: i32,
    pub district: String,
    pub amendments: u32,
    pub frozen_at: String,
    pub tasks: usize,
    /// Digest of the published file.
    pub digest: String,
}

/// Every plan that was frozen, the last year first.
#[utoipa::path(get, path = "/api/v1/plans", tag = "checks",
    responses((status = 200, description = "All", body = PublicPlans)))]
pub async fn plans(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, Problem> {
    let files = state.app.store.read_async(service::public_plans).await?;
    let plan = |file: service::YearFile| {
        let last = file.last()?;
        Some(PublicPlan {
            id: file.plan.to_string(),
            year: last.content.year,
            district: last.content.district.to_string(),
            amendments: last.number,
            frozen_at: last.frozen_at.to_string(),
            tasks: last.content.tasks.len(),
            digest: file.digest.to_string(),
        })
    };
    let plans = PublicPlans {
        licence: LICENCE.to_owned(),
        plans: files.into_iter().filter_map(plan).collect(),
    };
    json(&headers, &plans)
}

/// The published file of a plan with all its amendments.
#[utoipa::path(get, path = "/api/v1/plans/{id}", tag = "checks", params(("id" = String, Path)),
    responses(
        (status = 200, description = "The file (docs/checks.md)", body = Object),
        (status = 404, description = "No public plan with this id", body = Problem),
    ))]
pub async fn plan(
    State(state): State<WebState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let read = move |db: &mut _| service::public_plan_file(db, &id);
    let file = state.app.store.read_async(read).await?;
    Ok(tagged(&headers, "application/json", file.into_bytes()))
}

/// How many of which grade, in every task and version of a plan.
#[utoipa::path(get, path = "/api/v1/plans/{id}/strata.csv", tag = "checks", params(("id" = String, Path)),
    responses(
        (status = 200, description = "CSV", body = String, content_type = "text/csv"),
        (status = 404, description = "No public plan with this id", body = Problem),
    ))]
pub async fn plan_csv(
    State(state): State<WebState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let read = move |db: &mut _| service::plan_table(db, &id);
    csv(&headers, &state.app.store.read_async(read).await?)
}

/// The tasks of every public plan, and how far each is.
#[utoipa::path(get, path = "/api/v1/plan-tasks.csv", tag = "checks",
    responses((status = 200, description = "CSV", body = String, content_type = "text/csv")))]
pub async fn tasks_csv(
    State(state): State<WebState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let now = state.now();
    let read = move |db: &mut _| service::tasks_table(db, now);
    csv(&headers, &state.app.store.read_async(read).await?)
}

/// Every draw that was committed to; who is drawn is not said here.
#[utoipa::path(get, path = "/api/v1/draws.csv", tag = "checks",
    responses((status = 200, description = "CSV", body = String, content_type = "text/csv")))]
pub async fn draws_csv(
    State(state): State<WebState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let now = state.now();
    let read = move |db: &mut _| service::draws_table(db, now);
    csv(&headers, &state.app.store.read_async(read).await?)
}

/// The objects of a revealed draw and what became of each.
#[utoipa::path(get, path = "/api/v1/draws/{id}/objects.csv", tag = "checks", params(("id" = String, Path)),
    responses(
        (status = 200, description = "CSV", body = String, content_type = "text/csv"),
        (status = 404, description = "No draw with this id", body = Problem),
        (status = 409, description = "Not revealed yet", body = Problem),
    ))]
pub async fn objects_csv(
    State(state): State<WebState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let read = move |db: &mut _| service::objects_table(db, &id);
    csv(&headers, &state.app.store.read_async(read).await?)
}

/// How fair the draws of a year were, from what is published.
#[utoipa::path(get, path = "/api/v1/fairness/{year}", tag = "checks", params(("year" = i32, Path)),
    responses((status = 200, description = "The report", body = FairnessView)))]
pub async fn fairness(
    State(state): State<WebState>,
    year: Result<Path<i32>, axum::extract::rejection::PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    json(&headers, &report(&state, year).await?)
}

/// The strata of the report.
#[utoipa::path(get, path = "/api/v1/fairness/{year}/strata.csv", tag = "checks", params(("year" = i32, Path)),
    responses((status = 200, description = "CSV", body = String, content_type = "text/csv")))]
pub async fn fairness_csv(
    State(state): State<WebState>,
    year: Result<Path<i32>, axum::extract::rejection::PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let report = report(&state, year).await?;
    csv(&headers, &service::fairness_table(&report))
}

/// The report of a year.
pub(in crate::web) async fn report(
    state: &WebState,
    year: Result<Path<i32>, axum::extract::rejection::PathRejection>,
) -> Result<FairnessView, Problem> {
    let Path(year) =
        year.map_err(|_| Problem::new("bad-request").detail("年份应为四位数字，例如 2026"))?;
    let (app, now) = (state.app.clone(), state.now());
    let read = move |db: &mut _| service::fairness_report(db, &app, year, now);
    Ok(state.app.store.read_async(read).await?)
}

fn json(headers: &HeaderMap, value: &impl Serialize) -> Result<Response, Problem> {
    let json = serde_json::to_vec(value).map_err(|_| Problem::new("internal"))?;
    Ok(tagged(headers, "application/json", json))
}

fn csv(headers: &HeaderMap, table: &OpenTable) -> Result<Response, Problem> {
    let bytes = table.csv().map_err(|_| Problem::new("internal"))?;
    Ok(tagged(headers, CSV, bytes))
}
