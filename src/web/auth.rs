//! Who calls: the holder of a bearer token (RFC 6750).

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};

use super::{Problem, WebState};
use crate::service::{self, Actor};

/// The authenticated caller. A handler that takes it cannot be reached without a valid token.
#[derive(Debug, Clone)]
pub struct Caller(pub Actor);

impl FromRequestParts<WebState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        let refused =
            || Problem::new("unauthenticated").detail("请在 Authorization 头中提供 Bearer 令牌");
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned())
            .ok_or_else(refused)?;
        let found = state
            .app
            .store
            .read_async(move |db| service::authenticate(db, &token))
            .await?;
        found.map(Self).ok_or_else(refused)
    }
}
