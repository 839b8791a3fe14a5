//! Who uses the pages: the cookie, the session behind it, and forms that only this session can send.
//!
//! A handler that takes [`SignedIn`] or [`CompanyUser`] cannot be reached without a session of that kind; one that takes
//! [`CsrfForm`] cannot be reached by a form of another site or another session.

use askama::Template;
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

use super::{Problem, WebState, finish::too_large};
use crate::{
    domain::Uscc,
    service::{self, Actor, Randomness, Signed, Stage, Who},
};

/// The field of a form that shows which session it is of.
const CSRF: &str = "csrf";

/// An official with a session.
#[derive(Debug, Clone)]
pub(super) struct SignedIn {
    pub actor: Actor,
    pub session: Signed,
}

/// Somebody of a company, with a session: sees this company and no other.
#[derive(Debug, Clone)]
pub(super) struct CompanyUser {
    pub uscc: Uscc,
    pub session: Signed,
}

/// Anybody with a session, at any stage of signing in.
#[derive(Debug, Clone)]
pub(super) struct Anybody(pub Signed);

/// A form of this session, without its token. Unknown fields are the business of `T`: `deny_unknown_fields`.
/// `Vec<(String, String)>` takes fields that come more than once.
#[derive(Debug, Clone)]
pub(super) struct CsrfForm<T>(pub T);

/// A form of somebody who has no session yet, bound to the browser by a cookie of its own.
#[derive(Debug, Clone)]
pub(super) struct VisitorForm<T>(pub T);

impl FromRequestParts<WebState> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Response> {
        let session = whole(parts, state).await?;
        match session.who.clone() {
            Who::Official(actor) => Ok(Self { actor, session }),
            Who::Company(_) => Err(not_for("本页面供主管部门工作人员使用")),
        }
    }
}

impl FromRequestParts<WebState> for CompanyUser {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Response> {
        let session = whole(parts, state).await?;
        match session.who.clone() {
            Who::Company(uscc) => Ok(Self { uscc, session }),
            Who::Official(_) => Err(not_for("本页面供企业账号使用")),
        }
    }
}

impl FromRequestParts<WebState> for Anybody {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Response> {
        match session(parts, state)
            .await
            .map_err(IntoResponse::into_response)?
        {
            Some(session) => Ok(Self(session)),
            None => Err(nobody(parts)),
        }
    }
}

impl<T: DeserializeOwned> FromRequest<WebState> for CsrfForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Some(session) = session(&mut parts, state)
            .await
            .map_err(IntoResponse::into_response)?
        else {
            return Err(nobody(&parts));
        };
        let request = Request::from_parts(parts, body);
        form(request, state, session.csrf.reveal())
            .await
            .map(Self)
            .map_err(IntoResponse::into_response)
    }
}

impl<T: DeserializeOwned> FromRequest<WebState> for VisitorForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Problem> {
        let expected = visitor(request.headers(), state).ok_or_else(lapsed)?;
        form(request, state, &expected).await.map(Self)
    }
}

/// Somebody who is wholly signed in; others are sent to where they are.
async fn whole(parts: &mut Parts, state: &WebState) -> Result<Signed, Response> {
    let found = session(parts, state)
        .await
        .map_err(IntoResponse::into_response)?;
    match found {
        None => Err(nobody(parts)),
        Some(session) if session.stage == Stage::Full => Ok(session),
        Some(session) => {
            let to = parts.uri.path_and_query().map_or("/", |to| to.as_str());
            Err(Redirect::to(&step(session.stage, to)).into_response())
        }
    }
}

/// The session of a request, read once.
async fn session(parts: &mut Parts, state: &WebState) -> Result<Option<Signed>, Problem> {
    if let Some(known) = parts.extensions.get::<Signed>() {
        return Ok(Some(known.clone()));
    }
    let Some(token) = cookie(&parts.headers, cookie_name(state)) else {
        return Ok(None);
    };
    let (app, now) = (state.app.clone(), state.clock.now());
    let found = state
        .app
        .store
        .read_async(move |db| service::session_of(db, &app.sign_in, &token, now))
        .await?;
    if let Some(session) = &found {
        if session.stale {
            let used = session.clone();
            state
                .app
                .store
                .write_async(move |db| service::touch_session(db, &used, now))
                .await?;
        }
        parts.extensions.insert(session.clone());
    }
    Ok(found)
}

/// The session of a request, if it has one.
pub(super) async fn known(
    headers: &HeaderMap,
    state: &WebState,
) -> Result<Option<Signed>, Problem> {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.headers = headers.clone();
    session(&mut parts, state).await
}

/// Nobody: a page is asked for again after signing in; what a form held is not kept, and that is said.
fn nobody(parts: &Parts) -> Response {
    if parts.method == Method::GET || parts.method == Method::HEAD {
        let to = parts.uri.path_and_query().map_or("/", |to| to.as_str());
        return Redirect::to(&with_return("/sign-in", to)).into_response();
    }
    Problem::new("signed-out")
        .detail("登录已过期或者已经退出，刚才提交的内容没有保存。请重新登录，再次填写后提交。")
        .into_response()
}

fn not_for(what: &str) -> Response {
    Problem::new("forbidden").detail(what).into_response()
}

fn lapsed() -> Problem {
    Problem::new("forbidden").detail(
        "表单已经失效，内容没有保存。请返回并刷新页面后再提交；如仍不成功，请检查浏览器是否允许 Cookie。",
    )
}

/// The page of a stage, which leads on to `to`.
pub(super) fn step(stage: Stage, to: &str) -> String {
    let page = match stage {
        Stage::Code => "/sign-in/code",
        Stage::Enrol => "/sign-in/second-factor",
        Stage::Password => "/sign-in/password",
        Stage::Full => return inside(to).unwrap_or("/sign-in").to_owned(),
    };
    with_return(page, to)
}

/// An address that comes back to `to`.
fn with_return(page: &str, to: &str) -> String {
    match inside(to).and_then(|to| serde_urlencoded::to_string([("to", to)]).ok()) {
        Some(query) => format!("{page}?{query}"),
        None => page.to_owned(),
    }
}

/// An address to return to, if it is one of the signed-in pages: never another site.
pub(super) fn inside(to: &str) -> Option<&str> {
    let plain = to.len() <= 1_000
        && to
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let ours = ["/desk", "/my"].iter().any(|start| {
        to.strip_prefix(start)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    });
    (plain && ours).then_some(to)
}

/// Reads a form that must carry `expected`.
async fn form<T: DeserializeOwned>(
    request: Request,
    state: &WebState,
    expected: &str,
) -> Result<T, Problem> {
    if !same_origin(request.headers()) {
        return Err(Problem::new("forbidden").detail("表单须由本站页面提交"));
    }
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next());
    if !kind.is_some_and(|kind| {
        kind.trim()
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }) {
        return Err(Problem::new("unsupported-media-type").detail("应以网页表单提交"));
    }
    let bytes =
        Bytes::from_request(request, state)
            .await
            .map_err(|fault| match fault.status() {
                StatusCode::PAYLOAD_TOO_LARGE => too_large(),
                _ => Problem::new("bad-request").detail("表单内容不完整"),
            })?;
    let unreadable =
        |what: String| Problem::new("bad-request").detail(format!("表单无法识别：{what}"));
    let fields: Vec<(String, String)> =
        serde_urlencoded::from_bytes(&bytes).map_err(|fault| unreadable(fault.to_string()))?;
    if fields.iter().any(|(_, value)| value.contains('\0')) {
        return Err(unreadable("文本中不能有空字符".to_owned()));
    }
    let (tokens, rest): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(name, _)| name == CSRF);
    match tokens.as_slice() {
        [(_, token)] if bool::from(token.as_bytes().ct_eq(expected.as_bytes())) => {}
        _ => return Err(lapsed()),
    }
    let rest = serde_urlencoded::to_string(rest).map_err(|fault| unreadable(fault.to_string()))?;
    serde_urlencoded::from_str(&rest).map_err(|fault| unreadable(fault.to_string()))
}

/// Whether a request was sent by a page of this site, as far as the browser says.
pub(super) fn same_origin(headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str());
    let from_here = match (text(header::ORIGIN), text(header::HOST)) {
        (None, _) => true,
        (Some(Ok(origin)), Some(Ok(host))) => origin
            .split_once("://")
            .is_some_and(|(_, from)| from.eq_ignore_ascii_case(host)),
        _ => false,
    };
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    from_here && site.is_none_or(|site| site == b"same-origin" || site == b"none")
}

fn cookie_name(state: &WebState) -> &'static str {
    match state.app.sign_in.plain_http {
        true => "wuxin",
        false => "__Host-wuxin",
    }
}

fn visitor_name(state: &WebState) -> &'static str {
    match state.app.sign_in.plain_http {
        true => "wuxin-visitor",
        false => "__Host-wuxin-visitor",
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value.to_owned())
}

/// What the forms of this browser must carry before there is a session.
pub(super) fn visitor(headers: &HeaderMap, state: &WebState) -> Option<String> {
    cookie(headers, visitor_name(state))
        .filter(|value| value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn set_cookie(response: &mut Response, state: &WebState, name: &str, value: &str, ends: bool) {
    let secure = if state.app.sign_in.plain_http {
        ""
    } else {
        "; Secure"
    };
    let ends = if ends { "; Max-Age=0" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{ends}");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Gives the browser its session.
pub(super) fn give_session(response: &mut Response, state: &WebState, token: &str) {
    set_cookie(response, state, cookie_name(state), token, false);
}

/// Gives the browser what its forms must carry before there is a session.
pub(super) fn give_visitor(response: &mut Response, state: &WebState, value: &str) {
    set_cookie(response, state, visitor_name(state), value, false);
}

/// Takes the session away from the browser.
pub(super) fn take_session(response: &mut Response, state: &WebState) {
    set_cookie(response, state, cookie_name(state), "", true);
}

/// Chance, from the machine.
pub(super) fn randomness() -> Result<Randomness, Problem> {
    use rand::TryRngCore;
    Randomness::draw(|part| rand::rngs::OsRng.try_fill_bytes(part)).map_err(|fault| {
        tracing::error!(error = %fault, "no random numbers");
        Problem::new("internal")
    })
}

/// A signed-in page; nobody keeps a copy of it.
pub(super) fn page(status: StatusCode, page: &impl Template) -> Result<Response, Problem> {
    let text = page.render().map_err(|fault| {
        tracing::error!(error = %fault, "a page failed");
        Problem::new("internal")
    })?;
    Ok((status, Html(text)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_returns_to_signed_in_pages_and_nowhere_else() {
        for (to, expected) in [
            ("/desk", true),
            ("/desk/records?state=draft", true),
            ("/desk?x=1", true),
            ("/my/objections", true),
            ("/", false),
            ("", false),
            ("/desktop", false),
            ("/sign-in", false),
            ("//evil.example/desk", false),
            ("/\\evil.example", false),
            ("/desk\\@evil.example", false),
            ("/desk\r\nSet-Cookie: a=b", false),
            ("https://evil.example/desk", false),
            ("javascript:alert(1)", false),
            ("/desk/张三", false),
        ] {
            assert_eq!(inside(to).is_some(), expected, "{to:?}");
        }
    }

    #[test]
    fn a_form_of_another_site_is_known_by_its_origin() {
        let table = [
            (None, None, true),
            (Some("https://a.example"), None, true),
            (Some("https://A.example"), Some("same-origin"), true),
            (Some("https://b.example"), None, false),
            (Some("https://a.example:8443"), None, false),
            (Some("https://a.example.evil"), None, false),
            (Some("null"), None, false),
            (None, Some("cross-site"), false),
            (None, Some("same-site"), false),
            (None, Some("none"), true),
        ];
        for (origin, site, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_static("a.example"));
            if let Some(origin) = origin {
                headers.insert("origin", HeaderValue::from_static(origin));
            }
            if let Some(site) = site {
                headers.insert("sec-fetch-site", HeaderValue::from_static(site));
            }
            assert_eq!(same_origin(&headers), expected, "{origin:?} {site:?}");
        }
    }
}
