//! HTTP: the JSON interface under `/api/v1` and the public pages. Knows the use cases; knows no SQL.
//!
//! Every response has an `x-request-id`, which is in the log and in every problem. A failure is a [`Problem`]; under
//! `/api` it is JSON, elsewhere a page: decided in `finish`, the one place.

mod accounts;
mod api;
mod auth;
mod body;
mod cursor;
mod desk;
mod door;
mod embed;
mod etag;
mod finish;
mod limit;
mod metrics;
mod my;
pub mod pages;
mod problem;
mod reports;
mod session;
mod site;
mod size;
mod statistics;
mod view;

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use askama::Template;
use axum::{
    Router,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware,
};
use tokio::{net::TcpListener, sync::Semaphore};
use tower_http::{
    catch_panic::CatchPanicLayer,
    limit::RequestBodyLimitLayer,
    request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
    set_header::SetResponseHeaderLayer,
    timeout::TimeoutLayer,
    trace::TraceLayer,
};
use uuid::Uuid;

pub use api::openapi;
pub use metrics::{METRICS, Metric, metrics_router};
pub use problem::{PointedError, Problem, TYPES};

use crate::{
    clock::Clock,
    config::Limits,
    rules::{Account, Outlook, RuleSet},
    service::App,
};
use limit::LookupLimit;

/// No answer takes longer.
const TIMEOUT: Duration = Duration::from_secs(30);
/// A photograph from a telephone on a slow line takes longer.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(300);

/// Scripts, frames and other origins have no business here.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What handlers work with.
#[derive(Debug, Clone)]
pub struct WebState {
    app: Arc<App>,
    clock: Clock,
    /// Passwords that may be hashed now; each takes much memory.
    hashing: Arc<Semaphore>,
    /// The public figures, added up a while ago.
    figures: Arc<statistics::Kept>,
    /// What requests came to, where somebody asks.
    requests: Option<Arc<metrics::Requests>>,
}

impl WebState {
    pub fn new(app: Arc<App>, clock: Clock) -> Self {
        Self {
            hashing: Arc::new(Semaphore::new(app.sign_in.at_once)),
            app,
            clock,
            figures: Arc::default(),
            requests: None,
        }
    }

    /// Counts requests for [`metrics_router`].
    ///
    /// # Errors
    /// If the figures have a name that is none.
    pub fn measured(self) -> Result<Self, prometheus::Error> {
        Ok(Self {
            requests: Some(Arc::new(metrics::Requests::new()?)),
            ..self
        })
    }
}

/// Ids that sort by time, so that a log can be searched by the id on a page.
#[derive(Debug, Clone, Copy)]
struct RequestIds;

impl MakeRequestId for RequestIds {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        let id = HeaderValue::from_str(&Uuid::now_v7().to_string()).ok()?;
        Some(RequestId::new(id))
    }
}

/// An id that the client or a proxy gave is kept, unless it is none: it goes into the log and onto pages.
async fn sound_request_id(mut request: axum::extract::Request) -> axum::extract::Request {
    let sound = |id: &HeaderValue| {
        (1..=64).contains(&id.len())
            && id
                .as_bytes()
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
    };
    if !request.headers().get("x-request-id").is_none_or(sound) {
        request.headers_mut().remove("x-request-id");
    }
    request
}

async fn method_not_allowed() -> Problem {
    Problem::new("method-not-allowed").detail("这个地址不支持所用的请求方法")
}

/// The whole service.
pub fn router(state: WebState, limits: &Limits) -> Router {
    let limit = LookupLimit::new(limits.lookups_per_minute);
    let request_id = HeaderName::from_static("x-request-id");
    let set = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    let timeout = |limit| TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, limit);
    let trace = TraceLayer::new_for_http().make_span_with(|request: &axum::extract::Request| {
        let id = request
            .extensions()
            .get::<RequestId>()
            .and_then(|id| id.header_value().to_str().ok())
            .unwrap_or_default();
        // The path only: a query may hold what somebody looked for.
        tracing::info_span!("request", id, method = %request.method(), path = request.uri().path())
    });
    let attempts = LookupLimit::new(state.app.sign_in.attempts_per_minute);
    let signed_in = door::routes()
        .layer(middleware::from_fn_with_state(
            attempts,
            limit::limit_lookups,
        ))
        .merge(desk::routes())
        .layer(set(header::CACHE_CONTROL, "no-store"))
        .layer(set(HeaderName::from_static("x-robots-tag"), "noindex"));
    let looked_up = api::public()
        .merge(site::routes())
        .merge(statistics::routes())
        .merge(embed::routes())
        .merge(reports::routes())
        .layer(middleware::from_fn_with_state(limit, limit::limit_lookups));
    Router::new()
        .merge(looked_up)
        .merge(api::private())
        .merge(site::style())
        .merge(signed_in)
        .merge(size::routes())
        .fallback(|| async { Problem::new("not-found").detail("没有这个地址") })
        .method_not_allowed_fallback(method_not_allowed)
        .layer(RequestBodyLimitLayer::new(limits.body_bytes))
        .layer(timeout(TIMEOUT))
        // Counted as they come: by file, and by what the record may still have.
        .merge(
            api::uploads()
                .method_not_allowed_fallback(method_not_allowed)
                .layer(timeout(UPLOAD_TIMEOUT)),
        )
        .with_state(state.clone())
        .layer(CatchPanicLayer::custom(finish::panicked))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            finish::finish,
        ))
        .layer(middleware::from_fn_with_state(state, metrics::measure))
        // A document that was issued brings its own style sheet, and says which; an attachment has a stricter policy.
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(CONTENT_SECURITY_POLICY),
        ))
        // The badge of a company is shown on its own site; nothing else is for others to embed.
        .layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-origin"),
        ))
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::REFERRER_POLICY, "same-origin"))
        .layer(set(header::X_FRAME_OPTIONS, "DENY"))
        .layer(trace)
        .layer(PropagateRequestIdLayer::new(request_id.clone()))
        .layer(SetRequestIdLayer::new(request_id, RequestIds))
        .layer(middleware::map_request(sound_request_id))
}

/// An account as an HTML file of its own, as `wuxin explain --format html` prints it.
///
/// # Errors
/// If the page cannot be written.
pub fn account_page(
    rules: &RuleSet,
    account: &Account,
    subject: &str,
) -> Result<String, askama::Error> {
    view::account_file(rules, account, subject).render()
}

/// An account in words and figures, as pages show it.
pub fn account_part(rules: &RuleSet, account: &Account) -> pages::AccountPart {
    view::account(rules, account)
}

/// An outlook in words, as pages show it.
pub fn outlook_part(rules: &RuleSet, outlook: &Outlook) -> pages::OutlookPart {
    view::outlook(rules, outlook)
}

/// Serves until `stop` is done; requests under way are finished.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(stop)
        .await
}
