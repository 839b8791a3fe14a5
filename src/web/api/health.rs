//! Whether the service works.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::web::{Problem, WebState};

/// The service works.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    status: &'static str,
    version: &'static str,
}

/// Whether the service and its database answer.
#[utoipa::path(get, path = "/healthz", tag = "health", responses(
    (status = 200, description = "Works", body = Health),
    (status = 503, description = "The database does not answer", body = Problem),
))]
pub async fn health(State(state): State<WebState>) -> Result<Json<Health>, Problem> {
    let reached = state.app.store.read_async(crate::service::reachable).await;
    reached?;
    Ok(Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    }))
}
