//! The badge that a company shows on its own site: the one thing here that others may embed.

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, header, uri::Authority},
    response::Response,
    routing::get,
};
use serde::Deserialize;

use super::{Problem, WebState, etag::tagged, site::html, view};
use crate::{
    domain::Uscc,
    service::{self, Error, ShownGrade},
};

/// How long a badge may be shown without asking again.
const CACHED: &str = "public, max-age=300";

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/badge", get(page))
        .route("/badge/{image}", get(image))
}

async fn shown(state: &WebState, uscc: Uscc) -> Result<Option<ShownGrade>, Error> {
    let (app, now) = (state.app.clone(), state.clock.now());
    let asked = move |db: &mut service::Db| service::shown_grade(db, &app, uscc, now);
    state.app.store.read_async(asked).await
}

/// `CODE.svg`.
async fn image(
    State(state): State<WebState>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let none = || Problem::new("not-found").detail("没有这个标识，或者该企业目前不提供标识");
    let code = file.strip_suffix(".svg").ok_or_else(none)?;
    let uscc = Uscc::parse(code).map_err(|_| none())?;
    let shown = match shown(&state, uscc).await {
        Ok(shown) => shown.ok_or_else(none)?,
        // Whether a company is registered or scored is not told here.
        Err(Error::NotInScope(_) | Error::NotScored(_)) => return Err(none()),
        Err(fault) => return Err(fault.into()),
    };
    let drawn = view::badge_image(&shown, host(&headers).as_deref()).draw();
    let svg = drawn.map_err(|_| Problem::new("internal"))?;
    let mut response = tagged(&headers, "image/svg+xml", svg.into_bytes());
    let out = response.headers_mut();
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHED));
    out.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    out.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    // The address of this service stands in it.
    out.insert(header::VARY, HeaderValue::from_static("host"));
    Ok(response)
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    company: String,
}

async fn page(
    State(state): State<WebState>,
    query: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Query(asked) = query.map_err(|fault| Problem::query(&fault))?;
    let typed = asked.company.trim();
    let found = match Uscc::parse(typed) {
        _ if typed.is_empty() => Ok(None),
        Err(fault) => Err(fault.to_string()),
        Ok(uscc) => match shown(&state, uscc).await {
            Ok(shown) => Ok(shown),
            Err(fault @ (Error::NotInScope(_) | Error::NotScored(_))) => Err(fault.to_string()),
            Err(fault) => return Err(fault.into()),
        },
    };
    let found = found.as_ref().map(Option::as_ref).map_err(Clone::clone);
    let page = view::badge_page(&state.app, typed, found, host(&headers).as_deref());
    html(&headers, &page, !typed.is_empty())
}

/// Where this service was asked: a name or address with its port, or nothing.
pub(super) fn host(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::HOST)?.to_str().ok()?;
    let authority: Authority = text.parse().ok()?;
    (!authority.as_str().contains('@')).then(|| authority.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_host_or_nothing() {
        for (text, found) in [
            ("credit.example", Some("credit.example")),
            ("127.0.0.1:8080", Some("127.0.0.1:8080")),
            ("a@credit.example", None),
            ("credit.example/path", None),
            ("\"><script>", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_str(text).unwrap());
            assert_eq!(host(&headers).as_deref(), found, "{text}");
        }
        assert_eq!(host(&HeaderMap::new()), None);
    }
}
