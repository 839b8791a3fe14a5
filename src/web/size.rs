//! The size of letters: a reader's choice, kept in a cookie, told by a style sheet of its own, so that no page depends on it.

use axum::{
    Form, Router,
    http::{HeaderMap, HeaderValue, Uri, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;

use super::{Problem, WebState, etag::tagged};

const COOKIE: &str = "wuxin-text";
/// A year, in seconds.
const KEPT: u32 = 31_536_000;
/// What changes for large letters: the root, and which of the two buttons is there.
const LARGE: &str = ":root { font-size: 125%; }\n.size .to-large { display: none; }\n.size .to-normal { display: inline-block; }\n";

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/static/size.css", get(sheet))
        .route("/text-size", post(choose))
}

#[derive(Debug, Deserialize)]
struct Choice {
    size: Size,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Size {
    Normal,
    Large,
}

async fn sheet(headers: HeaderMap) -> Response {
    let sheet = match chosen(&headers) {
        Size::Large => LARGE,
        Size::Normal => "",
    };
    let mut response = tagged(&headers, "text/css; charset=utf-8", sheet.into());
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("cookie"));
    response
}

async fn choose(
    headers: HeaderMap,
    form: Result<Form<Choice>, axum::extract::rejection::FormRejection>,
) -> Result<Response, Problem> {
    let Form(choice) =
        form.map_err(|_| Problem::new("bad-request").detail("字号应为标准或大字"))?;
    let (value, kept) = match choice.size {
        Size::Large => ("large", KEPT),
        Size::Normal => ("", 0),
    };
    let cookie = format!("{COOKIE}={value}; Path=/; Max-Age={kept}; SameSite=Lax; HttpOnly");
    let mut response = Redirect::to(&back(&headers)).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

fn chosen(headers: &HeaderMap) -> Size {
    let large = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .any(|pair| pair.trim().split_once('=') == Some((COOKIE, "large")));
    if large { Size::Large } else { Size::Normal }
}

/// The page it was chosen on: of the referrer the path alone, so that no other site is led to.
fn back(headers: &HeaderMap) -> String {
    let referrer = headers
        .get(header::REFERER)
        .and_then(|value| value.to_str().ok());
    let path = referrer
        .and_then(|text| text.parse::<Uri>().ok())
        .and_then(|uri| uri.path_and_query().map(ToString::to_string))
        .filter(|path| path.starts_with('/') && !path.starts_with("//") && !path.contains('\\'));
    path.unwrap_or_else(|| "/".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(text).unwrap());
        headers
    }

    #[test]
    fn a_choice_is_read_among_other_cookies() {
        for (text, size) in [
            ("wuxin-text=large", Size::Large),
            ("a=b; wuxin-text=large; c", Size::Large),
            ("wuxin-text=", Size::Normal),
            ("not-wuxin-text=large", Size::Normal),
            ("", Size::Normal),
        ] {
            assert_eq!(chosen(&with(header::COOKIE, text)), size, "{text}");
        }
    }

    #[test]
    fn the_way_back_stays_on_this_site() {
        for (referrer, path) in [
            ("http://credit.example/rules?x=1", "/rules?x=1"),
            ("http://elsewhere.example//evil.example/", "/"),
            ("http://credit.example", "/"),
            ("not an address", "/"),
            ("javascript:alert(1)", "/"),
        ] {
            assert_eq!(back(&with(header::REFERER, referrer)), path, "{referrer}");
        }
    }
}
