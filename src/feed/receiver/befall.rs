//! How an answer goes wrong.

use std::time::Duration;

use axum::{
    Json,
    extract::ConnectInfo,
    http::{Extensions, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde_json::json;

use super::{
    Behaviour,
    http::LARGEST_BATCH,
    page,
    wire::{Cut, Wire},
};

pub(super) fn problem(status: StatusCode, error: &str, message: &str) -> Response {
    (status, Json(json!({"error": error, "message": message}))).into_response()
}

/// The names of what befell a request, for the log.
pub(super) fn names(behaviours: &[Behaviour]) -> String {
    behaviours
        .iter()
        .map(|behaviour| behaviour.parts().0)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The answer instead of taking the batch or the question, if one of these wants it so.
pub(super) fn before_commit(behaviours: &[Behaviour], extensions: &Extensions) -> Option<Response> {
    behaviours.iter().find_map(|behaviour| match behaviour {
        Behaviour::FailBeforeCommit => Some(problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "500",
            "系统繁忙，请稍后再试",
        )),
        Behaviour::Unavailable => Some(problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "503",
            "系统维护中",
        )),
        Behaviour::Reset => Some(cut(
            extensions,
            Cut::Reset,
            StatusCode::NO_CONTENT.into_response(),
        )),
        Behaviour::LoginPage => Some(Html(page::LOGIN).into_response()),
        Behaviour::TooMany(seconds) => {
            let busy = problem(StatusCode::TOO_MANY_REQUESTS, "429", "请求过于频繁");
            Some(([(header::RETRY_AFTER, seconds.to_string())], busy).into_response())
        }
        _ => None,
    })
}

/// The answer with what befalls it on its way.
pub(super) async fn after_commit(
    behaviours: &[Behaviour],
    extensions: &Extensions,
    mut response: Response,
) -> Response {
    for behaviour in behaviours {
        response = match behaviour {
            Behaviour::Delay(millis) => {
                tokio::time::sleep(Duration::from_millis((*millis).into())).await;
                response
            }
            Behaviour::FailAfterCommit => problem(
                StatusCode::INTERNAL_SERVER_ERROR,
                "500",
                "系统繁忙，请稍后再试",
            ),
            Behaviour::DropReply => cut(extensions, Cut::Drop, response),
            Behaviour::WrongCharset => in_gbk(response).await,
            Behaviour::Truncate => {
                let (parts, body) = response.into_parts();
                match axum::body::to_bytes(body, LARGEST_BATCH).await {
                    Ok(bytes) => {
                        let half = Cut::AfterBody(bytes.len() / 2);
                        cut(extensions, half, Response::from_parts(parts, bytes.into()))
                    }
                    Err(error) => {
                        problem(StatusCode::INTERNAL_SERVER_ERROR, "500", &error.to_string())
                    }
                }
            }
            _ => response,
        };
    }
    response
}

/// The same answer with words of Chinese in its messages, in GBK.
async fn in_gbk(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = match axum::body::to_bytes(body, LARGEST_BATCH).await {
        Ok(bytes) => bytes,
        Err(error) => {
            return problem(StatusCode::INTERNAL_SERVER_ERROR, "500", &error.to_string());
        }
    };
    let text =
        String::from_utf8_lossy(&bytes).replace("\"message\":\"\"", "\"message\":\"已接收\"");
    parts.headers.remove(header::CONTENT_LENGTH);
    let (gbk, ..) = encoding_rs::GBK.encode(&text);
    Response::from_parts(parts, gbk.into_owned().into())
}

/// Cuts the connection when the answer is written; without a connection of ours the answer is a 500.
fn cut(extensions: &Extensions, cut: Cut, response: Response) -> Response {
    match extensions.get::<ConnectInfo<Wire>>() {
        Some(ConnectInfo(wire)) => {
            wire.cut(cut);
            response
        }
        None => problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "500",
            "此连接不能模拟断开",
        ),
    }
}
