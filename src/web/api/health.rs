//! Whether the service works.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    service::{self, Alarm},
    web::{Problem, WebState},
};

/// The service works.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    status: &'static str,
    version: &'static str,
    /// What an operator must look at; empty where all is well.
    alarms: Vec<Alarm>,
}

/// Whether the service and its database answer.
#[utoipa::path(get, path = "/healthz", tag = "health", responses(
    (status = 200, description = "Works", body = Health),
    (status = 503, description = "The database does not answer", body = Problem),
))]
pub async fn health(State(state): State<WebState>) -> Result<Json<Health>, Problem> {
    let target = state.app.target.clone();
    let asked = state.app.store.read_async(move |db| {
        service::reachable(db)?;
        let mut alarms = service::alarms(db)?;
        alarms.extend(service::drift_alarms(db, &target)?);
        Ok::<_, service::Error>(alarms)
    });
    let alarms = asked.await?;
    Ok(Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        alarms,
    }))
}
