//! The JSON interface, `/api/v1`: routes, and the document that describes them.

mod attachments;
mod audit;
mod bases;
mod checks;
mod companies;
mod complaints;
mod deadlines;
mod describe;
mod documents;
mod drift;
mod entries;
mod health;
mod jobs;
mod plans;
mod process;
mod records;
mod statistics;
mod visits;

use axum::{
    Json, Router,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use companies::explanation;
use describe::Failures;
use documents::{about_entry, about_record};
pub(super) use plans::report as fairness_of;

use super::{PointedError, Problem, WebState};
use crate::service::{self, Answered, App, Db, Error, RequestKey};

/// What everybody may ask; limited by client.
pub(super) fn public() -> Router<WebState> {
    Router::new()
        .route("/api/v1/companies", get(companies::search))
        .route("/api/v1/companies/{uscc}", get(companies::company))
        .route("/api/v1/companies/{uscc}/explanation", get(explanation))
        .route("/api/v1/companies/{uscc}/outlook", get(companies::outlook))
        .route("/api/v1/lists", get(companies::lists))
        .route("/api/v1/draws", get(checks::draws))
        .route("/api/v1/draws/{id}", get(checks::draw))
        .route("/api/v1/draws/{id}/results", get(visits::results))
        .route("/api/v1/draws/{id}/results.csv", get(visits::results_csv))
        .route("/api/v1/visits/{code}", get(visits::shown))
        .route("/api/v1/companies/{uscc}/checks", get(visits::of_company))
        .merge(open_checks())
        .route("/api/v1/deadlines/overdue", get(deadlines::overdue))
        .route("/api/v1/feed/drift", get(drift::drift))
        .route("/api/v1/statistics", get(statistics::statistics))
        .route("/api/v1/reports/{code}", get(statistics::report))
}

/// What needs a token, and what machines ask.
pub(super) fn private() -> Router<WebState> {
    Router::new()
        .route("/api/v1/records", post(records::enter))
        .route("/api/v1/records/{id}", get(records::read))
        .route("/api/v1/records/{id}/confirm", post(records::confirm))
        .route("/api/v1/records/{id}/correct", post(records::correct))
        .route("/api/v1/records/{id}/rectify", post(records::rectify))
        .route("/api/v1/records/{id}/revoke", post(records::revoke))
        .merge(procedure())
        .route("/api/v1/entries", get(entries::list).post(entries::propose))
        .route("/api/v1/entries/{id}", get(entries::read))
        .route("/api/v1/entries/{id}/steps", post(entries::step))
        .route("/api/v1/deadlines", get(deadlines::board))
        .route("/api/v1/documents", get(documents::list))
        .route("/api/v1/documents/{id}", get(documents::read))
        .route("/api/v1/documents/{id}/void", post(documents::void))
        .route("/api/v1/entries/{id}/documents", post(about_entry))
        .route("/api/v1/records/{id}/documents", post(about_record))
        .route("/api/v1/list-bases", get(bases::list).post(bases::enter))
        .route("/api/v1/list-bases/{id}/approve", post(bases::approve))
        .route("/api/v1/list-bases/{id}/withdraw", post(bases::withdraw))
        .route("/api/v1/complaints", get(complaints::list))
        .route("/api/v1/complaints", post(complaints::enter))
        .route("/api/v1/complaints/statistics", get(complaints::statistics))
        .route("/api/v1/complaints/{id}", get(complaints::read))
        .route("/api/v1/complaints/{id}/contact", get(complaints::contact))
        .route("/api/v1/complaints/{id}/steps", post(complaints::step))
        .route("/api/v1/complaints/{id}/record", post(complaints::record))
        .merge(spot_checks())
        .route("/api/v1/audit", get(audit::audit))
        .route("/api/v1/jobs", get(jobs::jobs))
        .merge(inspections())
        .route("/api/v1/openapi.json", get(document))
        .route("/healthz", get(health::health))
}

/// Due process of a record: one route a step.
fn procedure() -> Router<WebState> {
    Router::new()
        .route("/api/v1/records/{id}/process", get(process::read))
        .route("/api/v1/records/{id}/notice", post(process::notice))
        .route("/api/v1/records/{id}/served", post(process::served))
        .route("/api/v1/records/{id}/object", post(process::object))
        .route(
            "/api/v1/records/{id}/withdraw-objection",
            post(process::withdraw_objection),
        )
        .route("/api/v1/records/{id}/uphold", post(process::uphold))
        .route("/api/v1/records/{id}/reject", post(process::reject))
        .route(
            "/api/v1/records/{id}/rectification",
            post(process::rectification),
        )
        .route("/api/v1/records/{id}/accept", post(process::accept))
        .route("/api/v1/records/{id}/refuse", post(process::refuse))
        .route("/api/v1/records/{id}/extend", post(process::extend))
        .route(
            "/api/v1/records/{id}/attachments/{digest}",
            get(attachments::download),
        )
}

/// Libraries and tasks of spot checks: one route a step.
fn spot_checks() -> Router<WebState> {
    Router::new()
        .route("/api/v1/checks/items", get(checks::items))
        .route("/api/v1/checks/items", post(checks::put_item))
        .route("/api/v1/checks/officers", get(checks::officers))
        .route("/api/v1/checks/officers", post(checks::put_officer))
        .route("/api/v1/checks/tasks", get(checks::tasks))
        .route("/api/v1/checks/tasks", post(checks::create))
        .route("/api/v1/checks/tasks/{id}", get(checks::task))
        .route(
            "/api/v1/checks/tasks/{id}/simulation",
            get(checks::simulation),
        )
        .route("/api/v1/checks/tasks/{id}/result", get(checks::result))
        .route("/api/v1/checks/tasks/{id}/commit", post(checks::commit))
        .route("/api/v1/checks/tasks/{id}/observe", post(checks::observe))
        .route("/api/v1/checks/tasks/{id}/request", post(checks::wish))
        .route("/api/v1/checks/tasks/{id}/approve", post(checks::approve))
        .route("/api/v1/checks/tasks/{id}/reveal", post(checks::reveal))
        .route("/api/v1/checks/plans", get(plans::list))
        .route("/api/v1/checks/plans", post(plans::prepare))
        .route("/api/v1/checks/plans/{id}", get(plans::read))
        .route(
            "/api/v1/checks/plans/{id}/simulation",
            get(plans::simulation),
        )
        .route("/api/v1/checks/plans/{id}/amend", post(plans::amend))
        .route("/api/v1/checks/plans/{id}/approve", post(plans::approve))
        .route("/api/v1/checks/plans/{id}/tasks", post(plans::make_task))
}

/// Plans, draws and the fairness report as open data.
fn open_checks() -> Router<WebState> {
    Router::new()
        .route("/api/v1/plans", get(plans::plans))
        .route("/api/v1/plans/{id}", get(plans::plan))
        .route("/api/v1/plans/{id}/strata.csv", get(plans::plan_csv))
        .route("/api/v1/plan-tasks.csv", get(plans::tasks_csv))
        .route("/api/v1/draws.csv", get(plans::draws_csv))
        .route("/api/v1/draws/{id}/objects.csv", get(plans::objects_csv))
        .route("/api/v1/fairness/{year}", get(plans::fairness))
        .route(
            "/api/v1/fairness/{year}/strata.csv",
            get(plans::fairness_csv),
        )
}

/// Visits of spot checks, and the publication of what they found.
fn inspections() -> Router<WebState> {
    Router::new()
        .route("/api/v1/checks/accounts", post(visits::bind))
        .route("/api/v1/checks/scopes", post(visits::scope))
        .route("/api/v1/checks/visits", get(visits::mine))
        .route("/api/v1/checks/tasks/{id}/withdraw", post(visits::withdraw))
        .route("/api/v1/checks/tasks/{id}/publish", post(visits::publish))
        .route(
            "/api/v1/checks/tasks/{id}/visits/{object}",
            get(visits::visit),
        )
        .route(
            "/api/v1/checks/tasks/{id}/visits/{object}/steps",
            post(visits::step),
        )
        .route(
            "/api/v1/checks/tasks/{id}/visits/{object}/files/{digest}",
            get(visits::download),
        )
}

/// What takes files: with limits of its own for size and time.
pub(super) fn uploads() -> Router<WebState> {
    Router::new()
        .route(
            "/api/v1/records/{id}/attachments",
            post(attachments::upload),
        )
        .route(
            "/api/v1/checks/tasks/{id}/visits/{object}/files",
            post(visits::upload),
        )
}

/// The OpenAPI 3.1 document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "wuxin",
        description = "Credit scores of property-management companies. Errors are application/problem+json (RFC 9457)."
    ),
    paths(
        companies::search,
        companies::company,
        companies::explanation,
        companies::outlook,
        companies::lists,
        records::enter,
        records::read,
        records::confirm,
        records::correct,
        records::rectify,
        records::revoke,
        process::read,
        process::notice,
        process::served,
        process::object,
        process::withdraw_objection,
        process::uphold,
        process::reject,
        process::rectification,
        process::accept,
        process::refuse,
        process::extend,
        attachments::upload,
        attachments::download,
        entries::list,
        entries::propose,
        entries::read,
        entries::step,
        deadlines::board,
        deadlines::overdue,
        drift::drift,
        statistics::statistics,
        statistics::report,
        documents::list,
        documents::read,
        documents::about_entry,
        documents::about_record,
        documents::void,
        bases::list,
        bases::enter,
        bases::approve,
        bases::withdraw,
        checks::items,
        checks::put_item,
        checks::officers,
        checks::put_officer,
        checks::tasks,
        checks::create,
        checks::task,
        checks::simulation,
        checks::result,
        checks::commit,
        checks::observe,
        checks::wish,
        checks::approve,
        checks::reveal,
        checks::draws,
        checks::draw,
        visits::bind,
        visits::scope,
        visits::mine,
        visits::visit,
        visits::step,
        visits::upload,
        visits::download,
        visits::withdraw,
        visits::publish,
        visits::results,
        visits::results_csv,
        visits::of_company,
        visits::shown,
        plans::list,
        plans::prepare,
        plans::read,
        plans::simulation,
        plans::amend,
        plans::approve,
        plans::make_task,
        plans::plans,
        plans::plan,
        plans::plan_csv,
        plans::tasks_csv,
        plans::draws_csv,
        plans::objects_csv,
        plans::fairness,
        plans::fairness_csv,
        complaints::enter,
        complaints::list,
        complaints::statistics,
        complaints::read,
        complaints::contact,
        complaints::step,
        complaints::record,
        jobs::jobs,
        audit::audit,
        document,
        health::health,
    ),
    components(schemas(
        Problem,
        PointedError,
        service::CompanyLookup,
        service::CompanyExplanation,
        service::CompanyOutlook,
        service::RuleSetRef,
        service::ComponentValue,
        service::Listed,
        service::ListedCompany,
        service::PublicList,
        service::ScorePoint,
        service::RecordDraft,
        service::Entered,
        service::Stepped,
        service::ProcessView,
        service::AttachmentView,
        service::EntryView,
        service::deadlines::BoardRow,
        service::deadlines::OverduePublication,
        service::Drift,
        service::DriftCounts,
        service::Statistics,
        service::ReportCheck,
        service::documents::DocumentView,
        service::documents::Voided,
        service::BasisView,
        service::jobs::JobLine,
        service::jobs::JobRunLine,
        service::jobs::RunningLine,
        service::audit::AuditPage,
        service::audit::AuditLine,
    )),
    modifiers(&Bearer, &Failures)
)]
struct ApiDocument;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The document that `/api/v1/openapi.json` serves.
pub fn openapi() -> utoipa::openapi::OpenApi {
    ApiDocument::openapi()
}

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "health", responses(
    (status = 200, description = "OpenAPI 3.1", body = Object),
))]
async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(openapi())
}

impl WebState {
    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Does a use case in one transaction, once per idempotency key, and answers with what it gives.
    async fn once<T: Serialize>(
        &self,
        key: Option<RequestKey>,
        status: u16,
        work: impl Fn(&mut Db, &App, DateTime<Utc>) -> Result<T, Error> + Send + 'static,
    ) -> Result<Response, Problem> {
        let (app, now) = (self.app.clone(), self.now());
        let answer = self
            .app
            .store
            .write_async(move |db| {
                service::once(db, key.as_ref(), status, now, |db| work(db, &app, now))
            })
            .await?;
        Ok(private_json(answer))
    }
}

/// What a caller asked to read.
fn found(value: &impl Serialize) -> Result<Response, Problem> {
    let body = serde_json::to_string(value).map_err(|_| Problem::new("internal"))?;
    Ok(private_json(Answered { status: 200, body }))
}

/// JSON that is about one caller: never kept by caches.
fn private_json(answer: Answered) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, answer.body).into_response()
}
