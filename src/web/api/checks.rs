//! Spot checks: libraries, tasks, draws.

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::found;
use crate::{
    service::{
        self, CheckCommit, CheckItem, CheckItemDraft, CheckOfficer, CheckOfficerDraft, CheckReveal,
        CheckSimulation, CheckTaskDraft, CheckTaskLine, CheckTaskView, CheckWish, DrawLine,
        DrawValue, DrawnView,
    },
    web::{Problem, WebState, auth::Caller, body::Body, etag::tagged},
};

/// The value of the event, as everybody saw it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckObserve {
    pub version: i64,
    /// As in a published file: numbers, randomness or contributions.
    #[schema(value_type = Object)]
    pub value: DrawValue,
}

/// The version that was seen.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckApprove {
    pub version: i64,
}

/// A secret and a salt, from the operating system.
fn random() -> Result<[[u8; 32]; 2], Problem> {
    use rand::TryRngCore;
    let mut bytes = [[0; 32]; 2];
    for part in &mut bytes {
        rand::rngs::OsRng.try_fill_bytes(part).map_err(|fault| {
            tracing::error!(error = %fault, "random numbers");
            Problem::new("internal")
        })?;
    }
    Ok(bytes)
}

/// The items in use.
#[utoipa::path(get, path = "/api/v1/checks/items", tag = "checks", security(("token" = [])),
    responses((status = 200, description = "By id", body = Vec<CheckItem>)))]
pub async fn items(
    State(state): State<WebState>,
    Caller(actor): Caller,
) -> Result<Response, Problem> {
    let read = move |db: &mut _| service::list_check_items(db, &actor);
    found(&state.app.store.read_async(read).await?)
}

/// Enter an item, or a new version of one.
#[utoipa::path(post, path = "/api/v1/checks/items", tag = "checks", request_body = CheckItemDraft, security(("token" = [])),
    responses(
        (status = 201, description = "In use", body = CheckItem),
        (status = 422, description = "Fields that must be mended, each with a pointer", body = Problem),
    ))]
pub async fn put_item(
    State(state): State<WebState>,
    Caller(actor): Caller,
    body: Body<CheckItemDraft>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 201, move |db, _, now| {
            service::put_check_item(db, &actor, &body.value, now)
        })
        .await
}

/// The officers of the caller's division.
#[utoipa::path(get, path = "/api/v1/checks/officers", tag = "checks", security(("token" = [])),
    responses((status = 200, description = "By id", body = Vec<CheckOfficer>)))]
pub async fn officers(
    State(state): State<WebState>,
    Caller(actor): Caller,
) -> Result<Response, Problem> {
    let read = move |db: &mut _| service::list_check_officers(db, &actor);
    found(&state.app.store.read_async(read).await?)
}

/// Enter an officer of the caller's division, or a new version.
#[utoipa::path(post, path = "/api/v1/checks/officers", tag = "checks", request_body = CheckOfficerDraft,
    security(("token" = [])), responses(
        (status = 201, description = "In use", body = CheckOfficer),
        (status = 422, description = "Fields that must be mended, each with a pointer", body = Problem),
    ))]
pub async fn put_officer(
    State(state): State<WebState>,
    Caller(actor): Caller,
    body: Body<CheckOfficerDraft>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 201, move |db, app, now| {
            service::put_check_officer(db, app, &actor, &body.value, now)
        })
        .await
}

/// Tasks of the caller's division, the last id first.
#[utoipa::path(get, path = "/api/v1/checks/tasks", tag = "checks", security(("token" = [])),
    responses((status = 200, description = "All", body = Vec<CheckTaskLine>)))]
pub async fn tasks(
    State(state): State<WebState>,
    Caller(actor): Caller,
) -> Result<Response, Problem> {
    let read = move |db: &mut _| service::list_check_tasks(db, &actor);
    found(&state.app.store.read_async(read).await?)
}

/// Prepare a task of the caller's division.
#[utoipa::path(post, path = "/api/v1/checks/tasks", tag = "checks", request_body = CheckTaskDraft, security(("token" = [])),
    responses(
        (status = 201, description = "Prepared", body = CheckTaskLine),
        (status = 422, description = "Fields that must be mended, each with a pointer", body = Problem),
    ))]
pub async fn create(
    State(state): State<WebState>,
    Caller(actor): Caller,
    body: Body<CheckTaskDraft>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 201, move |db, app, now| {
            service::create_check_task(db, app, &actor, &body.value, now)
        })
        .await
}

/// One task with its way.
#[utoipa::path(get, path = "/api/v1/checks/tasks/{id}", tag = "checks", params(("id" = String, Path)),
    security(("token" = [])), responses((status = 200, description = "The task", body = CheckTaskView)))]
pub async fn task(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let read = move |db: &mut _| service::read_check_task(db, &actor, &id);
    found(&state.app.store.read_async(read).await?)
}

/// What the task would give if it were frozen now: the numbers of each stratum, and the constraint in the way.
#[utoipa::path(get, path = "/api/v1/checks/tasks/{id}/simulation", tag = "checks", params(("id" = String, Path)),
    security(("token" = [])), responses(
        (status = 200, description = "The numbers", body = CheckSimulation),
        (status = 422, description = "Not to be used as it is", body = Problem),
    ))]
pub async fn simulation(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (app, now) = (state.app.clone(), state.now());
    let read = move |db: &mut _| service::simulate_check(db, &app, &actor, &id, now);
    found(&state.app.store.read_async(read).await?)
}

/// Who was drawn and who visits whom; not public before the reveal.
#[utoipa::path(get, path = "/api/v1/checks/tasks/{id}/result", tag = "checks", params(("id" = String, Path)),
    security(("token" = [])), responses(
        (status = 200, description = "The visits that stand", body = DrawnView),
        (status = 409, description = "Not drawn", body = Problem),
    ))]
pub async fn result(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let read = move |db: &mut _| service::who_was_drawn(db, &actor, &id);
    found(&state.app.store.read_async(read).await?)
}

/// Freeze the plan and publish what binds it, before the event.
#[utoipa::path(post, path = "/api/v1/checks/tasks/{id}/commit", tag = "checks", request_body = CheckCommit,
    params(("id" = String, Path)), security(("token" = [])), responses(
        (status = 200, description = "Committed", body = CheckTaskLine),
        (status = 409, description = "Infeasible, with the constraint; or not lawful now", body = Problem),
    ))]
pub async fn commit(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<CheckCommit>,
) -> Result<Response, Problem> {
    let random = random()?;
    state
        .once(body.key(&actor), 200, move |db, app, now| {
            service::commit_check(db, app, &actor, &id, &body.value, &random, now)
        })
        .await
}

/// Publish the value of the event, and draw.
#[utoipa::path(post, path = "/api/v1/checks/tasks/{id}/observe", tag = "checks", request_body = CheckObserve,
    params(("id" = String, Path)), security(("token" = [])), responses(
        (status = 200, description = "Drawn, or without a result", body = CheckTaskLine),
        (status = 409, description = "Not lawful now, or no value of this event", body = Problem),
    ))]
pub async fn observe(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<CheckObserve>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 200, move |db, app, now| {
            let CheckObserve { version, value } = &body.value;
            service::observe_check(db, app, &actor, (&id, *version), value, now)
        })
        .await
}

/// Ask for a substitute or another draw.
#[utoipa::path(post, path = "/api/v1/checks/tasks/{id}/request", tag = "checks", request_body = CheckWish,
    params(("id" = String, Path)), security(("token" = [])), responses(
        (status = 200, description = "Waits for another person", body = CheckTaskLine),
        (status = 409, description = "Not lawful now", body = Problem),
    ))]
pub async fn wish(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<CheckWish>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 200, move |db, _, now| {
            service::request_check(db, &actor, &id, &body.value, now)
        })
        .await
}

/// Approve what another person asked for: the next in order comes in, or the plan is frozen anew.
#[utoipa::path(post, path = "/api/v1/checks/tasks/{id}/approve", tag = "checks", request_body = CheckApprove,
    params(("id" = String, Path)), security(("token" = [])), responses(
        (status = 200, description = "Done", body = CheckTaskLine),
        (status = 409, description = "Nothing was asked for, or there is no substitute", body = Problem),
    ))]
pub async fn approve(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<CheckApprove>,
) -> Result<Response, Problem> {
    let random = random()?;
    state
        .once(body.key(&actor), 200, move |db, app, now| {
            service::approve_check(db, app, &actor, (&id, body.value.version), &random, now)
        })
        .await
}

/// Publish secret, plan, result and substitutions after the last visit.
#[utoipa::path(post, path = "/api/v1/checks/tasks/{id}/reveal", tag = "checks", request_body = CheckReveal,
    params(("id" = String, Path)), security(("token" = [])), responses(
        (status = 200, description = "Public", body = CheckTaskLine),
        (status = 409, description = "Not lawful now", body = Problem),
    ))]
pub async fn reveal(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<CheckReveal>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 200, move |db, _, now| {
            service::reveal_check(db, &actor, &id, &body.value, now)
        })
        .await
}

/// Every draw that was committed to; who is drawn is not said here.
#[utoipa::path(get, path = "/api/v1/draws", tag = "checks",
    responses((status = 200, description = "The last number first", body = Vec<DrawLine>)))]
pub async fn draws(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, Problem> {
    let now = state.now();
    let lines = state
        .app
        .store
        .read_async(move |db| service::list_draws(db, now))
        .await?;
    let json = serde_json::to_vec(&lines).map_err(|_| Problem::new("internal"))?;
    Ok(tagged(&headers, "application/json", json))
}

/// The published file of a draw, to be verified by anyone; it holds objects and officers only after the reveal.
#[utoipa::path(get, path = "/api/v1/draws/{id}", tag = "checks", params(("id" = String, Path)),
    responses((status = 200, description = "The file (docs/draw.md)", body = Object)))]
pub async fn draw(
    State(state): State<WebState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = state
        .app
        .store
        .read_async(move |db| service::draw_file(db, &id))
        .await?;
    Ok(tagged(&headers, "application/json", file.into_bytes()))
}
