//! The audit trail, for those who look over shoulders.

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
};

use super::found;
use crate::{
    service::audit::{AuditPage, AuditQuestion, read_audit},
    web::{Problem, WebState, auth::Caller},
};

/// The audit trail, the latest line first. An account of a division sees the lines about its companies: a page may hold fewer
/// lines than asked for, and none.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(AuditQuestion), security(("token" = [])), responses(
    (status = 200, description = "A page; `next` is `before` of the one after it", body = AuditPage),
    (status = 403, description = "Not with this role", body = Problem),
))]
pub async fn audit(
    State(state): State<WebState>,
    Caller(actor): Caller,
    query: Result<Query<AuditQuestion>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(question) = query.map_err(|fault| Problem::query(&fault))?;
    let page = state
        .app
        .store
        .read_async(move |db| read_audit(db, &actor, &question))
        .await?;
    found(&page)
}
