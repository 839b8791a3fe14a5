//! The board of running periods, and what of it everybody may see.

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::HeaderMap,
    response::Response,
};

use super::{companies::json, found};
use crate::{
    service::deadlines::{self, BoardRow, OverduePublication, Question},
    web::{Problem, WebState, auth::Caller},
};

/// Running periods of the caller's division.
#[utoipa::path(get, path = "/api/v1/deadlines", tag = "deadlines", params(Question), security(("token" = [])), responses(
    (status = 200, description = "Overdue ones first, then by their last day", body = Vec<BoardRow>),
    (status = 403, description = "Not with this role, or another division", body = Problem),
))]
pub async fn board(
    State(state): State<WebState>,
    Caller(actor): Caller,
    query: Result<Query<Question>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(question) = query.map_err(|fault| Problem::query(&fault))?;
    let (app, now) = (state.app.clone(), state.now());
    let rows = state
        .app
        .store
        .read_async(move |db| deadlines::board(db, &app, &actor, &question, now))
        .await?;
    found(&rows)
}

/// Publications that are overdue.
#[utoipa::path(get, path = "/api/v1/deadlines/overdue", tag = "deadlines", responses(
    (status = 200, description = "The oldest first; the company is not named", body = Vec<OverduePublication>),
))]
pub async fn overdue(
    State(state): State<WebState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (app, now) = (state.app.clone(), state.now());
    let rows = state
        .app
        .store
        .read_async(move |db| deadlines::overdue_publications(db, &app, now))
        .await?;
    json(&headers, &rows)
}
