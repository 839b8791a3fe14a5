//! The scheduled jobs, for those who watch over them.

use axum::{extract::State, response::Response};

use super::found;
use crate::{
    service::jobs::{JobLine, read_jobs},
    web::{Problem, WebState, auth::Caller},
};

/// The scheduled jobs: when each runs, and how its last run went.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs", security(("token" = [])), responses(
    (status = 200, description = "In the order of a day", body = Vec<JobLine>),
    (status = 403, description = "Not with this role", body = Problem),
))]
pub async fn jobs(
    State(state): State<WebState>,
    Caller(actor): Caller,
) -> Result<Response, Problem> {
    let (app, now) = (state.app.clone(), state.now());
    let lines = state
        .app
        .store
        .read_async(move |db| read_jobs(db, &app, &actor, now))
        .await?;
    found(&lines)
}
