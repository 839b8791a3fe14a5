//! The last step of every response: a problem gets its request id, and its form, JSON for programs and a page for people.

use std::any::Any;

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use tower_http::request_id::RequestId;

use super::{
    Problem, WebState,
    pages::{ErrorPage, Nothing, NothingPage, Section},
    view,
};

/// The layer.
pub async fn finish(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let request_id = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let problem = response
        .extensions_mut()
        .remove::<Problem>()
        .or_else(|| foreign(&response));
    let Some(mut problem) = problem else {
        return response;
    };
    problem.request_id = Some(request_id);
    let mut finished = if for_programs(&path) {
        problem.into_response()
    } else {
        page(&state, &path, problem)
    };
    // What other layers had to say (limits, authentication) stays.
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            finished
                .headers_mut()
                .entry(name)
                .or_insert_with(|| value.clone());
        }
    }
    finished
}

/// Whether an address is one that programs ask; their problems are JSON.
fn for_programs(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/") || path == "/healthz"
}

/// Refusals of layers that know no problems.
fn foreign(response: &Response) -> Option<Problem> {
    let is_ours = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Some(too_large()),
        // The router could not read a parameter of the path.
        StatusCode::BAD_REQUEST => {
            Some(Problem::new("bad-request").detail("请求地址无法识别，应为 UTF-8"))
        }
        StatusCode::SERVICE_UNAVAILABLE if !is_ours => Some(
            Problem::new("lookup-failed").detail("处理超时，请稍后再试；这不表示没有相关记录。"),
        ),
        StatusCode::INTERNAL_SERVER_ERROR => Some(internal()),
        _ => None,
    }
}

/// A body larger than the service reads.
pub fn too_large() -> Problem {
    Problem::new("too-large").detail("请求体超过允许的大小")
}

fn internal() -> Problem {
    Problem::new("internal").detail("系统未能完成本次请求，运维人员可按请求编号查明原因。")
}

/// A handler that panicked: logged, and told as an internal error.
pub fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let text = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    tracing::error!(cause = text, "a handler panicked");
    internal().into_response()
}

fn page(state: &WebState, path: &str, problem: Problem) -> Response {
    let status = problem.status();
    let request_id = problem.request_id.clone().unwrap_or_default();
    let frame = view::frame(&state.app, problem.title, Section::None, true);
    let nothing = match problem.name {
        "not-in-scope" => Some(Nothing::NotInScope {
            code: path.rsplit('/').next().unwrap_or_default().to_owned(),
        }),
        "lookup-failed" => Some(Nothing::Failed {
            request_id: request_id.clone(),
        }),
        _ => None,
    };
    let rendered = match nothing {
        Some(nothing) => NothingPage {
            page: frame,
            nothing,
        }
        .render(),
        None => ErrorPage {
            page: frame,
            status: status.as_u16(),
            heading: problem.title.to_owned(),
            what: problem.detail.clone().unwrap_or_default(),
            request_id,
        }
        .render(),
    };
    let mut response = match rendered {
        Ok(html) => (status, Html(html)).into_response(),
        Err(fault) => {
            tracing::error!(error = %fault, "an error page failed");
            return problem.into_response();
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    response
}
