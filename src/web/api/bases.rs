//! The legal bases of lists: entered by one person, approved by two others.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::found;
use crate::{
    listing::Text,
    service::{self, BasisDraft, BasisView},
    web::{Problem, WebState, auth::Caller, body::Body},
};

/// Nothing but the approval itself.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveBody {}

/// Why a basis is taken back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawBody {
    #[schema(value_type = String)]
    pub reason: Text,
}

/// All bases that were entered.
#[utoipa::path(get, path = "/api/v1/list-bases", tag = "entries", security(("token" = [])), responses(
    (status = 200, description = "By list, those taken back too", body = Vec<BasisView>),
    (status = 403, description = "Not with this role", body = Problem),
))]
pub async fn list(
    State(state): State<WebState>,
    Caller(actor): Caller,
) -> Result<Response, Problem> {
    let bases = state
        .app
        .store
        .read_async(move |db| service::list_bases(db, &actor))
        .await?;
    found(&bases)
}

/// Enter a basis; it counts once two others have approved it.
#[utoipa::path(post, path = "/api/v1/list-bases", tag = "entries", request_body = BasisDraft, security(("token" = [])), responses(
    (status = 201, description = "Entered", body = BasisView),
    (status = 404, description = "No such list", body = Problem),
))]
pub async fn enter(
    State(state): State<WebState>,
    Caller(actor): Caller,
    body: Body<BasisDraft>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 201, move |db, app, now| {
            service::enter_basis(db, app, &actor, &body.value, now)
        })
        .await
}

/// Approve a basis that another entered.
#[utoipa::path(post, path = "/api/v1/list-bases/{id}/approve", tag = "entries", request_body = ApproveBody, params(("id" = String, Path)),
    security(("token" = [])), responses(
    (status = 200, description = "Approved", body = BasisView),
    (status = 403, description = "Not with this role, or the same person", body = Problem),
    (status = 409, description = "Approved by this person before, or taken back", body = Problem),
))]
pub async fn approve(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<ApproveBody>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 200, move |db, _, now| {
            service::approve_basis(db, &actor, &id, now)
        })
        .await
}

/// Take a basis back.
#[utoipa::path(post, path = "/api/v1/list-bases/{id}/withdraw", tag = "entries", request_body = WithdrawBody, params(("id" = String, Path)),
    security(("token" = [])), responses(
    (status = 200, description = "Taken back", body = BasisView),
    (status = 403, description = "Not with this role", body = Problem),
    (status = 409, description = "Taken back before", body = Problem),
))]
pub async fn withdraw(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<WithdrawBody>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 200, move |db, _, now| {
            service::withdraw_basis(db, &actor, &id, &body.value.reason, now)
        })
        .await
}
