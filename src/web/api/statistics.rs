//! The public figures, and the check of a printed report.

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};

use super::companies::json;
use crate::{
    service::{ReportCheck, Statistics},
    web::{Problem, WebState},
};

/// Figures about all companies; none about one.
#[utoipa::path(get, path = "/api/v1/statistics", tag = "statistics", responses(
    (status = 200, description = "Grades, scores, movement, lists, complaints, spot checks and the comparison with the platform; at most ten minutes old", body = Statistics),
    (status = 304, description = "Not changed since the ETag given"),
    (status = 503, description = "Could not be looked up", body = Problem),
))]
pub async fn statistics(
    State(state): State<WebState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    json(&headers, &*state.figures().await?)
}

/// Whether the code of a printed report is genuine.
#[utoipa::path(get, path = "/api/v1/reports/{code}", tag = "look-up",
    params(("code" = String, Path, description = "As printed; case, spaces and dashes do not matter")),
    responses(
        (status = 200, description = "`outcome` says what the code is; a code that proves nothing is an answer", body = ReportCheck),
        (status = 429, description = "Too many look-ups", body = Problem),
        (status = 503, description = "Could not be looked up", body = Problem),
    ))]
pub async fn report(
    State(state): State<WebState>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    json(&headers, &state.checked(code).await?)
}
