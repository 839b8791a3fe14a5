//! JSON bodies: read strictly, with a pointer to what is wrong.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::{PointedError, Problem, WebState, finish::too_large};
use crate::service::{Actor, RequestKey};

/// A JSON body, with what an idempotent answer needs to know about the request.
#[derive(Debug)]
pub struct Body<T> {
    pub value: T,
    key: Option<String>,
    digest: String,
}

impl<T> Body<T> {
    /// The idempotency key of this request by this caller, if it has one.
    pub fn key(&self, actor: &Actor) -> Option<RequestKey> {
        Some(RequestKey {
            account: actor.id.clone(),
            key: self.key.clone()?,
            digest: self.digest.clone(),
        })
    }
}

impl<T: DeserializeOwned> FromRequest<WebState> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let path = request.uri().path().to_owned();
        is_json(&headers)?;
        let bytes =
            Bytes::from_request(request, state)
                .await
                .map_err(|fault| match fault.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => too_large(),
                    _ => Problem::new("bad-request").detail("请求体不完整"),
                })?;
        if holds_nul(&bytes) {
            // PostgreSQL cannot hold it and SQLite would cut there.
            return Err(Problem::new("bad-request").detail("文本中不能有空字符（U+0000）"));
        }
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let value =
            serde_path_to_error::deserialize(&mut reader).map_err(|fault| pointed(&fault))?;
        reader
            .end()
            .map_err(|_| Problem::new("bad-request").detail("JSON 之后还有多余内容"))?;
        let mut digest = Sha256::new_with_prefix(path);
        digest.update(&bytes);
        Ok(Self {
            value,
            key: key_of(&headers)?,
            digest: hex::encode(digest.finalize()),
        })
    }
}

/// Whether a string of a JSON text holds U+0000, which can only be written as an escape.
fn holds_nul(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        if rest[at + 1..].starts_with(b"u0000") {
            return true;
        }
        // The character behind the backslash may be one itself.
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    false
}

fn is_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase());
    if kind.as_deref() == Some("application/json") {
        return Ok(());
    }
    Err(Problem::new("unsupported-media-type").detail("请求体应为 application/json"))
}

fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str().map(str::trim) {
        Ok(key) if (1..=200).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(Problem::new("bad-request").detail("Idempotency-Key 应为 1 至 200 个 ASCII 字符")),
    }
}

fn pointed(fault: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    use serde_path_to_error::Segment;
    let pointer: String = fault
        .path()
        .iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect();
    Problem::new("bad-request")
        .detail("请求体不是约定的 JSON")
        .errors(vec![PointedError {
            pointer,
            code: "E000".to_owned(),
            detail: fault.inner().to_string(),
        }])
}

#[cfg(test)]
mod tests {
    use super::holds_nul;

    #[test]
    fn an_escaped_nul_is_seen_and_an_escaped_backslash_is_none() {
        for (json, expected) in [
            (r#"{"a":"x\u0000"}"#, true),
            (r#"{"a":"\\\u0000"}"#, true),
            (r#"{"a":"\\u0000"}"#, false),
            (r#"{"a":"\u00001"}"#, true),
            (r#"{"a":"\u0001 0000"}"#, false),
            ("\\", false),
        ] {
            assert_eq!(holds_nul(json.as_bytes()), expected, "{json}");
        }
    }
}
