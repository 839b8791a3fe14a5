//! Records by hand: entry by an officer, confirmation by another person, correction, rectification, revocation.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::found;
use crate::{
    domain::Day,
    service::{self, Correction, Entered, Error, FieldFault, RecordDraft},
    web::{Problem, WebState, auth::Caller, body::Body},
};

/// A step of a record that was read at a version.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AtVersion {
    /// The version the caller has seen.
    pub version: i64,
}

/// A rectification.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rectification {
    pub version: i64,
    #[schema(example = "2026-06-20")]
    pub rectified_on: String,
}

/// A revocation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    pub version: i64,
    pub reason: String,
}

/// One version of a record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VersionView {
    pub version: i64,
    /// `imported`, `entered`, `confirmed`, `corrected`, `revoked`, `rectified` or `disputed`.
    pub cause: String,
    pub actor: String,
    pub recorded_at: String,
    pub superseded_at: Option<String>,
    /// SHA-256 of the record.
    pub digest: String,
    #[schema(value_type = Object)]
    pub record: crate::domain::Record,
}

/// Enter a record as a draft; it counts once another person has confirmed it.
#[utoipa::path(post, path = "/api/v1/records", tag = "records", request_body = RecordDraft, security(("token" = [])),
    responses(
        (status = 201, description = "Entered", body = Entered),
        (status = 401, description = "No valid token", body = Problem),
        (status = 403, description = "Not with this role or for this division", body = Problem),
        (status = 409, description = "The key was used for something else", body = Problem),
        (status = 422, description = "Fields that must be mended, each with a pointer", body = Problem),
    ))]
pub async fn enter(
    State(state): State<WebState>,
    Caller(actor): Caller,
    body: Body<RecordDraft>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 201, move |db, app, now| {
            service::enter_record(db, app, &actor, &body.value, now)
        })
        .await
}

/// Confirm (认定) a draft that another person entered.
#[utoipa::path(post, path = "/api/v1/records/{id}/confirm", tag = "records", request_body = AtVersion, security(("token" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, description = "It counts now", body = Entered),
        (status = 403, description = "Not with this role, or the same person", body = Problem),
        (status = 404, description = "No such record", body = Problem),
        (status = 409, description = "Not a draft, or changed meanwhile", body = Problem),
    ))]
pub async fn confirm(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<AtVersion>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 200, move |db, app, now| {
            service::confirm_record(db, app, &actor, &id, body.value.version, now)
        })
        .await
}

/// Correct a record: a new version supersedes the one before.
#[utoipa::path(post, path = "/api/v1/records/{id}/correct", tag = "records", request_body = Correction, security(("token" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, description = "Corrected", body = Entered),
        (status = 409, description = "Revoked, or changed meanwhile", body = Problem),
        (status = 422, description = "Fields that must be mended", body = Problem),
    ))]
pub async fn correct(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<Correction>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 200, move |db, app, now| {
            service::correct_record(db, app, &actor, &id, &body.value, now)
        })
        .await
}

/// Register that the matter was rectified.
#[utoipa::path(post, path = "/api/v1/records/{id}/rectify", tag = "records", request_body = Rectification, security(("token" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, description = "Registered", body = Entered),
        (status = 409, description = "Revoked, or changed meanwhile", body = Problem),
        (status = 422, description = "Not a day, or in the future", body = Problem),
    ))]
pub async fn rectify(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<Rectification>,
) -> Result<Response, Problem> {
    let day = Day::parse(&body.value.rectified_on).map_err(|fault| {
        Error::Invalid(vec![FieldFault::new(
            "rectified_on",
            "E006",
            fault.to_string(),
        )])
    })?;
    state
        .once(body.key(&actor), 200, move |db, app, now| {
            service::rectify_record(db, app, &actor, &id, body.value.version, day, now)
        })
        .await
}

/// Revoke a record: it never counted.
#[utoipa::path(post, path = "/api/v1/records/{id}/revoke", tag = "records", request_body = Revocation, security(("token" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, description = "Revoked", body = Entered),
        (status = 409, description = "Revoked already, or changed meanwhile", body = Problem),
    ))]
pub async fn revoke(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<Revocation>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 200, move |db, app, now| {
            let Revocation { version, reason } = &body.value;
            service::revoke_record(db, app, &actor, &id, *version, reason, now)
        })
        .await
}

/// All versions of a record, oldest first.
#[utoipa::path(get, path = "/api/v1/records/{id}", tag = "records", security(("token" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, description = "Its versions", body = Vec<VersionView>),
        (status = 404, description = "No such record", body = Problem),
    ))]
pub async fn read(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let versions = state
        .app
        .store
        .read_async(move |db| service::read_record(db, &actor, &id))
        .await?;
    let views: Vec<VersionView> = versions
        .into_iter()
        .map(|version| VersionView {
            version: version.version,
            cause: version.cause.as_str().to_owned(),
            actor: version.actor,
            recorded_at: version.recorded_at.to_rfc3339(),
            superseded_at: version.superseded_at.map(|at| at.to_rfc3339()),
            digest: version.digest,
            record: version.record,
        })
        .collect();
    found(&views)
}
