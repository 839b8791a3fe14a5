//! How far the platform shows what it should: by counts alone.

use axum::{extract::State, http::HeaderMap, response::Response};

use super::companies::json;
use crate::{
    service::{self, Drift},
    web::{Problem, WebState},
};

/// The last comparison with the platform.
#[utoipa::path(get, path = "/api/v1/feed/drift", tag = "feed", responses(
    (status = 200, description = "Day of the last comparison and how many differences of each class; no names", body = Drift),
))]
pub async fn drift(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, Problem> {
    let target = state.app.target.clone();
    let asked = state
        .app
        .store
        .read_async(move |db| service::drift(db, &target));
    json(&headers, &asked.await?)
}
