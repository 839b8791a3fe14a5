//! Errors as `application/problem+json` (RFC 9457): the one place where a failure becomes a status and a type.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::{
    domain::DeadlineError,
    procedure::record::Illegal,
    service::{BlobFault, Error, FieldFault},
};

/// A problem document. `type` is stable; `title` and `detail` are Chinese.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Stable identifier, `urn:wuxin:problem:...`.
    #[serde(rename = "type", serialize_with = "urn")]
    #[schema(value_type = String)]
    pub name: &'static str,
    #[schema(value_type = String)]
    pub title: &'static str,
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Id of the request, as in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What is wrong with which part of the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<PointedError>,
    #[serde(skip)]
    retry_after: Option<u32>,
}

/// One fault of a request's body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PointedError {
    /// JSON pointer (RFC 6901) into the request.
    pub pointer: String,
    /// Stable code.
    pub code: String,
    pub detail: String,
}

/// Every type of problem there is: name, status, title.
pub const TYPES: &[(&str, StatusCode, &str)] = &[
    ("not-in-scope", StatusCode::NOT_FOUND, "不在本系统范围内"),
    ("not-found", StatusCode::NOT_FOUND, "没有找到"),
    ("gone", StatusCode::GONE, "已不再公示"),
    ("lookup-failed", StatusCode::SERVICE_UNAVAILABLE, "查询失败"),
    ("bad-request", StatusCode::BAD_REQUEST, "请求格式不正确"),
    (
        "invalid",
        StatusCode::UNPROCESSABLE_ENTITY,
        "提交的内容需要更正",
    ),
    (
        "unauthenticated",
        StatusCode::UNAUTHORIZED,
        "需要有效的令牌",
    ),
    ("signed-out", StatusCode::UNAUTHORIZED, "需要重新登录"),
    ("forbidden", StatusCode::FORBIDDEN, "无权办理"),
    ("conflict", StatusCode::CONFLICT, "与当前状态冲突"),
    ("illegal-step", StatusCode::CONFLICT, "程序上不允许"),
    (
        "method-not-allowed",
        StatusCode::METHOD_NOT_ALLOWED,
        "不支持的方法",
    ),
    ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "请求过大"),
    (
        "unsupported-media-type",
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "请求内容类型不受支持",
    ),
    (
        "too-many-requests",
        StatusCode::TOO_MANY_REQUESTS,
        "查询过于频繁",
    ),
    (
        "internal",
        StatusCode::INTERNAL_SERVER_ERROR,
        "系统内部错误",
    ),
];

fn urn<S: Serializer>(name: &&'static str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("urn:wuxin:problem:{name}"))
}

impl Problem {
    /// A problem of a known type; an unknown name is an internal error.
    pub fn new(name: &str) -> Self {
        let known = TYPES.iter().find(|(known, ..)| *known == name);
        let (name, status, title) = known.copied().unwrap_or((
            "internal",
            StatusCode::INTERNAL_SERVER_ERROR,
            "系统内部错误",
        ));
        Self {
            name,
            title,
            status: status.as_u16(),
            detail: None,
            request_id: None,
            errors: Vec::new(),
            retry_after: None,
        }
    }

    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    pub fn errors(mut self, errors: Vec<PointedError>) -> Self {
        self.errors = errors;
        self
    }

    /// A query string that is not what was agreed; what the reader says is for the developer.
    pub fn query(fault: &axum::extract::rejection::QueryRejection) -> Self {
        Self::new("bad-request")
            .detail("查询参数不是约定的参数")
            .errors(vec![PointedError {
                pointer: String::new(),
                code: "E000".to_owned(),
                detail: fault.body_text(),
            }])
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<FieldFault> for PointedError {
    fn from(fault: FieldFault) -> Self {
        let mut detail = fault.what;
        if !fault.fix.is_empty() {
            detail = format!("{detail}。{}", fault.fix);
        }
        Self {
            pointer: fault.pointer,
            code: fault.code,
            detail,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        let name = match &error {
            Error::Refused(_) => "forbidden",
            Error::Complaint(illegal) if illegal.is_refusal() => "forbidden",
            Error::Visit(illegal) if illegal.is_refusal() => "forbidden",
            Error::Invalid(_) => "invalid",
            Error::NotInScope(_) => "not-in-scope",
            Error::Missing { .. } | Error::NoVisit => "not-found",
            Error::WrongState { .. } | Error::Changed { .. } | Error::KeyReused(_) => "conflict",
            // Maker and checker are two people: the same refusal wherever it is made.
            Error::Undue(
                Illegal::Maker { .. } | Illegal::Confirmer { .. } | Illegal::SamePerson { .. },
            ) => "forbidden",
            Error::Illegal(_)
            | Error::Undue(_)
            | Error::Complaint(_)
            | Error::Visit(_)
            | Error::Draw(_)
            | Error::Plan(_)
            | Error::Deadline(DeadlineError::Calendar(_)) => "illegal-step",
            Error::Attachment(fault) => match fault {
                BlobFault::TooLarge { .. } => "too-large",
                BlobFault::Unknown | BlobFault::Lies { .. } => "unsupported-media-type",
                BlobFault::Empty | BlobFault::Truncated(_) => "invalid",
                BlobFault::Missing(_) | BlobFault::Changed { .. } | BlobFault::Io { .. } => {
                    "internal"
                }
            },
            Error::Store(_) | Error::NotScored(_) | Error::Stale { .. } => "lookup-failed",
            Error::SignIn(_) => "unauthenticated",
            Error::RuleSet { .. }
            | Error::Rules(_)
            | Error::Hashing(_)
            | Error::Score { .. }
            | Error::Stored { .. }
            | Error::Deadline(_)
            | Error::Template(_)
            | Error::Feed(_) => "internal",
        };
        let problem = Self::new(name);
        match error {
            Error::Invalid(faults) => problem
                .detail(text)
                .errors(faults.into_iter().map(PointedError::from).collect()),
            Error::NotScored(_) => {
                tracing::error!(error = %text, "a company has no score");
                problem.detail(text).retry_after(60)
            }
            Error::Stale { source, .. } => {
                tracing::error!(error = %text, source = %source, "a stored score is of other rules");
                problem.detail(text).retry_after(60)
            }
            // A failure that says nothing about the thing asked for, and must not be read as if it did.
            Error::Store(source) => {
                tracing::error!(error = %source, "the store failed");
                problem
                    .detail("暂时无法查询，请稍后再试；这不表示没有相关记录。")
                    .retry_after(5)
            }
            Error::RuleSet { .. }
            | Error::Rules(_)
            | Error::Hashing(_)
            | Error::Score { .. }
            | Error::Stored { .. }
            | Error::Deadline(
                DeadlineError::Format(_) | DeadlineError::Twice(_) | DeadlineError::Unknown(_),
            )
            | Error::Template(_)
            | Error::Attachment(
                BlobFault::Missing(_) | BlobFault::Changed { .. } | BlobFault::Io { .. },
            )
            | Error::Feed(_) => {
                let source = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(error = %text, source, "a use case failed");
                problem.detail("系统未能完成本次请求，运维人员可按请求编号查明原因。")
            }
            _ => problem.detail(text),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry_after = self.retry_after;
        let mut response = (self.status(), Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.name == "unauthenticated" {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // Pages show the same problem as HTML; a layer finds it here.
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_store_is_never_told_as_not_found() {
        let problem = Problem::from(Error::Store(crate::store::StoreError::Closed));
        assert_eq!(problem.name, "lookup-failed");
        assert_eq!(problem.status, 503);
    }

    #[test]
    fn every_type_has_one_line() {
        for (index, (name, ..)) in TYPES.iter().enumerate() {
            assert!(
                TYPES[..index].iter().all(|(other, ..)| other != name),
                "{name} twice"
            );
            assert_eq!(Problem::new(name).name, *name);
        }
    }
}
