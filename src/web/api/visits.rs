//! Visits of spot checks: for the officers who make them, for the company that is inspected, and for everybody once the
//! results are public.

use axum::{
    Json,
    body::Body as Bytes,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    attachments::{declared, receive, to_save},
    found,
};
use crate::{
    domain::Uscc,
    procedure::inspection::Step,
    service::{
        self, CheckAccount, CheckAccountDraft, CheckPublish, CheckPublished, CheckResults,
        CheckScope, CheckScopeDraft, CheckTaskLine, CheckWithdraw, CompanyCheck, Db, NewPhoto,
        PhotoView, ShownVisit, VisitLine, VisitOf, VisitStep, VisitView,
    },
    web::{Problem, WebState, auth::Caller, body::Body, etag::tagged},
};

/// A step: the version that was seen, and what is done.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct VisitStepBody {
    pub version: i64,
    /// `step` is one of arrive, record, hinder, confirm, sign, refuse_signature, witness, annul; the other fields belong to it
    /// (docs/checks.md).
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub step: Step,
}

/// Which attempt of the draw.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AttemptQuery {
    /// 1, 2, 3 ...; the last one if left out.
    pub attempt: Option<i64>,
}

/// What its sender calls a photograph.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PhotoLabel {
    /// A label, never a path.
    pub name: String,
}

fn of<'a>(task: &'a str, object: &'a str, attempt: Option<i64>) -> VisitOf<'a> {
    VisitOf {
        task,
        object,
        attempt,
    }
}

/// Random bytes for a code, from the operating system.
fn random() -> Result<[u8; 8], Problem> {
    use rand::TryRngCore;
    let mut bytes = [0; 8];
    rand::rngs::OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(|fault| {
            tracing::error!(error = %fault, "random numbers");
            Problem::new("internal")
        })?;
    Ok(bytes)
}

/// Say whose account an officer's is.
#[utoipa::path(post, path = "/api/v1/checks/accounts", tag = "checks", request_body = CheckAccountDraft, security(("token" = [])),
    responses(
        (status = 201, description = "In use", body = CheckAccount),
        (status = 422, description = "No such officer or account, or the account of another officer", body = Problem),
    ))]
pub async fn bind(
    State(state): State<WebState>,
    Caller(actor): Caller,
    body: Body<CheckAccountDraft>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 201, move |db, _, now| {
            service::bind_check_officer(db, &actor, &body.value, now)
        })
        .await
}

/// Say which items of the rule set an inspection item covers.
#[utoipa::path(post, path = "/api/v1/checks/scopes", tag = "checks", request_body = CheckScopeDraft, security(("token" = [])),
    responses(
        (status = 201, description = "In use", body = CheckScope),
        (status = 422, description = "Fields that must be mended, each with a pointer", body = Problem),
    ))]
pub async fn scope(
    State(state): State<WebState>,
    Caller(actor): Caller,
    body: Body<CheckScopeDraft>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 201, move |db, app, now| {
            service::put_check_scope(db, app, &actor, &body.value, now)
        })
        .await
}

/// The visits of the officer whose account this is.
#[utoipa::path(get, path = "/api/v1/checks/visits", tag = "checks", security(("token" = [])),
    responses((status = 200, description = "The last task first", body = Vec<VisitLine>)))]
pub async fn mine(
    State(state): State<WebState>,
    Caller(actor): Caller,
) -> Result<Response, Problem> {
    let (app, now) = (state.app.clone(), state.now());
    let read = move |db: &mut _| service::my_visits(db, &app, &actor, now);
    found(&state.app.store.read_async(read).await?)
}

/// One visit with its checklist and what was found.
#[utoipa::path(get, path = "/api/v1/checks/tasks/{id}/visits/{object}", tag = "checks",
    params(("id" = String, Path), ("object" = String, Path), AttemptQuery), security(("token" = [])),
    responses((status = 200, description = "The visit", body = VisitView)))]
pub async fn visit(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path((id, object)): Path<(String, String)>,
    query: Result<Query<AttemptQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|fault| Problem::query(&fault))?;
    let (app, now) = (state.app.clone(), state.now());
    let read = move |db: &mut _| {
        let of = of(&id, &object, query.attempt);
        service::read_visit(db, &app, &actor, of, now)
    };
    found(&state.app.store.read_async(read).await?)
}

/// Take a step of a visit.
#[utoipa::path(post, path = "/api/v1/checks/tasks/{id}/visits/{object}/steps", tag = "checks", request_body = VisitStepBody,
    params(("id" = String, Path), ("object" = String, Path), AttemptQuery), security(("token" = [])), responses(
        (status = 200, description = "The visit after it", body = VisitView),
        (status = 409, description = "Not lawful now", body = Problem),
        (status = 422, description = "A report with faults, each with a pointer", body = Problem),
    ))]
pub async fn step(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path((id, object)): Path<(String, String)>,
    query: Result<Query<AttemptQuery>, QueryRejection>,
    body: Body<VisitStepBody>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|fault| Problem::query(&fault))?;
    let random = random()?;
    let key = body.key(&actor);
    let VisitStepBody { version, step } = body.value;
    let asked = VisitStep { version, step };
    state
        .once(key, 200, move |db, app, now| {
            let of = of(&id, &object, query.attempt);
            service::step_visit(db, app, &actor, of, &asked, random, now)
        })
        .await
}

/// Attach a photograph (JPEG, PNG, WebP, HEIC) or a PDF to a visit: the bytes are the body, their type is `Content-Type`.
#[utoipa::path(post, path = "/api/v1/checks/tasks/{id}/visits/{object}/files", tag = "checks", security(("token" = [])),
    params(("id" = String, Path), ("object" = String, Path), PhotoLabel),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "Attached; the same content again changes nothing", body = PhotoView),
        (status = 413, description = "Larger than a file, or the files of a visit together, may be", body = Problem),
        (status = 415, description = "Not a kind of file that is taken, or not what `Content-Type` says", body = Problem),
        (status = 422, description = "Empty, cut off, or a name that will not do", body = Problem),
    ))]
pub async fn upload(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path((id, object)): Path<(String, String)>,
    query: Result<Query<PhotoLabel>, QueryRejection>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let Query(label) = query.map_err(|fault| Problem::query(&fault))?;
    let (app, now) = (state.app.clone(), state.now());
    // Before a byte is taken.
    let limit = {
        let (app, actor, label) = (app.clone(), actor.clone(), label.clone());
        let (id, object) = (id.clone(), object.clone());
        let allowed = move |db: &mut Db| {
            let of = of(&id, &object, None);
            service::may_attach_photo(db, &app, &actor, of, &label.name, now)
        };
        state.app.store.read_async(allowed).await?
    };
    let received = receive(&state, limit, declared(&headers), body).await?;
    let new = NewPhoto {
        received,
        name: label.name,
    };
    let attached = state
        .app
        .store
        .write_async(move |db| {
            service::attach_photo(db, &app, &actor, of(&id, &object, None), &new, now)
        })
        .await?;
    let headers = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::CREATED, headers, Json(attached)).into_response())
}

/// One photograph of a visit, to be saved.
#[utoipa::path(get, path = "/api/v1/checks/tasks/{id}/visits/{object}/files/{digest}", tag = "checks", security(("token" = [])),
    params(("id" = String, Path), ("object" = String, Path), ("digest" = String, Path), AttemptQuery),
    responses((status = 200, description = "Its bytes, as they were attached", body = Vec<u8>, content_type = "application/octet-stream")))]
pub async fn download(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path((id, object, digest)): Path<(String, String, String)>,
    query: Result<Query<AttemptQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|fault| Problem::query(&fault))?;
    let (app, now) = (state.app.clone(), state.now());
    let read = move |db: &mut _| {
        let of = of(&id, &object, query.attempt);
        service::read_photo(db, &app, &actor, of, &digest, now)
    };
    let file = state.app.store.read_async(read).await?;
    to_save(&state, &file.digest, &file.media, &file.name).await
}

/// Take back a task that was prepared and not committed.
#[utoipa::path(post, path = "/api/v1/checks/tasks/{id}/withdraw", tag = "checks", request_body = CheckWithdraw,
    params(("id" = String, Path)), security(("token" = [])), responses(
        (status = 200, description = "Taken back", body = CheckTaskLine),
        (status = 409, description = "Committed: what is public does not disappear", body = Problem),
    ))]
pub async fn withdraw(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<CheckWithdraw>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 200, move |db, _, now| {
            service::withdraw_check(db, &actor, &id, &body.value, now)
        })
        .await
}

/// Publish the results of a task, after the reveal and when every visit is settled.
#[utoipa::path(post, path = "/api/v1/checks/tasks/{id}/publish", tag = "checks", request_body = CheckPublish,
    params(("id" = String, Path)), security(("token" = [])), responses(
        (status = 200, description = "Public", body = CheckPublished),
        (status = 409, description = "Not lawful now", body = Problem),
    ))]
pub async fn publish(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<CheckPublish>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 200, move |db, app, now| {
            service::publish_check(db, app, &actor, (&id, body.value.version), now)
        })
        .await
}

/// The results of a task with the clock of their publication; objects from the reveal on, what was found from the
/// publication on.
#[utoipa::path(get, path = "/api/v1/draws/{id}/results", tag = "checks", params(("id" = String, Path)),
    responses(
        (status = 200, description = "By attempt of the draw", body = CheckResults),
        (status = 404, description = "No draw with this number was committed to", body = Problem),
    ))]
pub async fn results(
    State(state): State<WebState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let json = serde_json::to_vec(&read_results(&state, id).await?);
    let json = json.map_err(|_| Problem::new("internal"))?;
    Ok(tagged(&headers, "application/json", json))
}

/// The same as CSV.
#[utoipa::path(get, path = "/api/v1/draws/{id}/results.csv", tag = "checks", params(("id" = String, Path)),
    responses(
        (status = 200, description = "A row for each object", body = String, content_type = "text/csv"),
        (status = 404, description = "No draw with this number was committed to", body = Problem),
    ))]
pub async fn results_csv(
    State(state): State<WebState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let csv = read_results(&state, id).await?.csv().map_err(|fault| {
        tracing::error!(error = %fault, "results as CSV");
        Problem::new("internal")
    })?;
    Ok(tagged(&headers, "text/csv; charset=utf-8", csv))
}

async fn read_results(state: &WebState, id: String) -> Result<CheckResults, Problem> {
    let (app, now) = (state.app.clone(), state.now());
    let read = move |db: &mut _| service::check_results(db, &app, &id, now);
    Ok(state.app.store.read_async(read).await?)
}

/// The public results of the spot checks of a company and its projects.
#[utoipa::path(get, path = "/api/v1/companies/{uscc}/checks", tag = "companies", params(("uscc" = String, Path)),
    responses(
        (status = 200, description = "The last visit first", body = Vec<CompanyCheck>),
        (status = 404, description = "The company is not registered here", body = Problem),
    ))]
pub async fn of_company(
    State(state): State<WebState>,
    Path(uscc): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let uscc = Uscc::parse(&uscc)
        .map_err(|fault| Problem::new("bad-request").detail(fault.to_string()))?;
    let read = move |db: &mut _| service::company_checks(db, uscc);
    let checks = state.app.store.read_async(read).await?;
    let json = serde_json::to_vec(&checks).map_err(|_| Problem::new("internal"))?;
    Ok(tagged(&headers, "application/json", json))
}

/// 亮码: who may inspect what here, by the code that the officers show. An unknown code says that nobody may.
#[utoipa::path(get, path = "/api/v1/visits/{code}", tag = "checks", params(("code" = String, Path)),
    responses(
        (status = 200, description = "The visit", body = ShownVisit),
        (status = 404, description = "No such visit: nobody may inspect by this code", body = Problem),
    ))]
pub async fn shown(
    State(state): State<WebState>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let read = move |db: &mut _| service::shown_visit(db, &code);
    let shown = state.app.store.read_async(read).await?;
    let json = serde_json::to_vec(&shown).map_err(|_| Problem::new("internal"))?;
    let mut response = tagged(&headers, "application/json", json);
    response
        .headers_mut()
        .insert("x-robots-tag", HeaderValue::from_static("noindex"));
    Ok(response)
}
