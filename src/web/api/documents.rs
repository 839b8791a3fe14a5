//! Documents: issued about an entry or a record, read as they were issued, marked void.

use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::found;
use crate::{
    domain::MatterKind,
    service::documents::{self, Content, DocumentView, Question},
    web::{Problem, WebState, auth::Caller, body::Body},
};

/// What a document says: `kind` and the fields of that kind (docs/documents.md).
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct ContentBody {
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub content: Content,
}

/// Why a document does not hold.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoidBody {
    pub reason: String,
}

/// How a document is shown.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub struct Shown {
    /// `true`: the bytes as they were issued, even if it is void.
    pub original: bool,
}

/// Documents of the caller's division.
#[utoipa::path(get, path = "/api/v1/documents", tag = "documents", params(Question), security(("token" = [])), responses(
    (status = 200, description = "By kind, year and number, without their text", body = Vec<DocumentView>),
    (status = 403, description = "Not with this role", body = Problem),
))]
pub async fn list(
    State(state): State<WebState>,
    Caller(actor): Caller,
    query: Result<Query<Question>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(question) = query.map_err(|fault| Problem::query(&fault))?;
    let views = state
        .app
        .store
        .read_async(move |db| documents::documents(db, &actor, &question))
        .await?;
    found(&views)
}

/// One document, as HTML ready to print.
#[utoipa::path(get, path = "/api/v1/documents/{id}", tag = "documents", params(("id" = String, Path), Shown),
    security(("token" = [])), responses(
    (status = 200, description = "The page; a void one says so unless the original is asked for", body = String, content_type = "text/html"),
    (status = 404, description = "No such document", body = Problem),
))]
pub async fn read(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    query: Result<Query<Shown>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(shown) = query.map_err(|fault| Problem::query(&fault))?;
    let (view, html) = state
        .app
        .store
        .read_async(move |db| documents::document(db, &actor, &id))
        .await?;
    let html = if shown.original {
        html
    } else {
        documents::marked(&view, html)
    };
    let policy = HeaderValue::from_str(&style_policy(&html))
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_SECURITY_POLICY, policy),
        (
            HeaderName::from_static("x-robots-tag"),
            HeaderValue::from_static("noindex"),
        ),
    ];
    Ok((headers, html).into_response())
}

/// A page of its own: nothing is loaded, nothing runs, and the one style sheet is the one it was issued with.
fn style_policy(html: &[u8]) -> String {
    let text = String::from_utf8_lossy(html);
    let style = text
        .split_once("<style>")
        .and_then(|(_, rest)| rest.split_once("</style>"))
        .map_or("", |(style, _)| style);
    let digest = STANDARD.encode(Sha256::digest(style));
    format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// Issue a document about an entry.
#[utoipa::path(post, path = "/api/v1/entries/{id}/documents", tag = "documents", request_body = ContentBody,
    params(("id" = String, Path)), security(("token" = [])), responses(
    (status = 201, description = "Issued, with its number", body = DocumentView),
    (status = 422, description = "Blanks without a value, all of them", body = Problem),
))]
pub async fn about_entry(
    state: State<WebState>,
    caller: Caller,
    id: Path<String>,
    body: Body<ContentBody>,
) -> Result<Response, Problem> {
    issue(state, caller, MatterKind::Entry, id, body).await
}

/// Issue a document about a record.
#[utoipa::path(post, path = "/api/v1/records/{id}/documents", tag = "documents", request_body = ContentBody,
    params(("id" = String, Path)), security(("token" = [])), responses(
    (status = 201, description = "Issued, with its number", body = DocumentView),
    (status = 422, description = "Blanks without a value, all of them", body = Problem),
))]
pub async fn about_record(
    state: State<WebState>,
    caller: Caller,
    id: Path<String>,
    body: Body<ContentBody>,
) -> Result<Response, Problem> {
    issue(state, caller, MatterKind::Record, id, body).await
}

async fn issue(
    State(state): State<WebState>,
    Caller(actor): Caller,
    kind: MatterKind,
    Path(id): Path<String>,
    body: Body<ContentBody>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 201, move |db, app, now| {
            documents::issue(db, app, &actor, (kind, &id), &body.value.content, now)
        })
        .await
}

/// Mark a document void; its number stays taken.
#[utoipa::path(post, path = "/api/v1/documents/{id}/void", tag = "documents", request_body = VoidBody,
    params(("id" = String, Path)), security(("token" = [])), responses(
    (status = 200, description = "Void", body = DocumentView),
    (status = 403, description = "Not with this role, or issued by the same person", body = Problem),
))]
pub async fn void(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<VoidBody>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 200, move |db, _, now| {
            documents::void(db, &actor, &id, &body.value.reason, now)
        })
        .await
}
