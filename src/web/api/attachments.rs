//! Files of records, up and down. What comes in goes to the disk piece by piece and is never believed; what goes out is never
//! shown by the browser in this origin.

use axum::{
    Json,
    body::Body as Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use serde::Deserialize;
use tokio::sync::mpsc;
use utoipa::IntoParams;

use crate::{
    service::{self, App, AttachmentView, BlobFault, Error, NewAttachment, Received},
    web::{Problem, WebState, auth::Caller},
};

/// Pieces on their way to the disk.
const PIECES: usize = 4;
const SANDBOX: &str = "sandbox; default-src 'none'";

/// What its sender says of a file.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// What it is called; a label, never a path.
    pub name: String,
    /// `record` (if absent), `objection` or `rectification`.
    #[serde(default = "record")]
    #[param(required = false)]
    pub about: String,
}

fn record() -> String {
    "record".to_owned()
}

enum Piece {
    Data(axum::body::Bytes),
    /// The body came to its end; without it the sender went away.
    End,
}

/// Attach a photograph (JPEG, PNG, WebP, HEIC) or a PDF to a record: the bytes are the body, their type is `Content-Type`.
#[utoipa::path(post, path = "/api/v1/records/{id}/attachments", tag = "attachments", security(("token" = [])),
    params(("id" = String, Path), Label), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "Attached; the same content again changes nothing", body = AttachmentView),
        (status = 413, description = "Larger than a file, or the files of a record together, may be", body = Problem),
        (status = 415, description = "Not a kind of file that is taken, or not what `Content-Type` says", body = Problem),
        (status = 422, description = "Empty, cut off, or a name that will not do", body = Problem),
    ))]
pub async fn upload(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    query: Result<Query<Label>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let Query(label) = query.map_err(|fault| Problem::query(&fault))?;
    let (app, now) = (state.app.clone(), state.now());
    // Before a byte is taken.
    let limit = {
        let (app, actor, id, label) = (app.clone(), actor.clone(), id.clone(), label.clone());
        let allowed = move |db: &mut service::Db| {
            service::may_attach(db, &app, &actor, &id, &label.name, &label.about)
        };
        state.app.store.read_async(allowed).await?
    };
    let received = receive(&state, limit, declared(&headers), body).await?;
    let new = NewAttachment {
        received,
        name: label.name,
        about: label.about,
    };
    let attached = state
        .app
        .store
        .write_async(move |db| service::attach(db, &app, &actor, &id, &new, now))
        .await?;
    let headers = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::CREATED, headers, Json(attached)).into_response())
}

/// The media type that the sender gives, without parameters.
pub(super) fn declared(headers: &HeaderMap) -> String {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase())
        .unwrap_or_default()
}

/// Streams a body into a file. Whoever goes away on the way leaves nothing behind.
pub(super) async fn receive(
    state: &WebState,
    limit: u64,
    declared: String,
    mut body: Bytes,
) -> Result<Received, Problem> {
    let (send, pieces) = mpsc::channel(PIECES);
    let app = state.app.clone();
    let writing = tokio::task::spawn_blocking(move || write_down(&app, limit, &declared, pieces));
    let mut whole = true;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            whole = false;
            break;
        };
        if let Ok(data) = frame.into_data()
            && send.send(Piece::Data(data)).await.is_err()
        {
            // The file was refused; the reason comes from the thread that writes.
            break;
        }
    }
    if whole {
        // Refused for its size alone: that is told below.
        let _ = send.send(Piece::End).await;
    }
    drop(send);
    match writing.await {
        Ok(Some(received)) => Ok(received.map_err(Error::from)?),
        Ok(None) => Err(Problem::new("bad-request").detail("请求体不完整")),
        Err(fault) if fault.is_panic() => std::panic::resume_unwind(fault.into_panic()),
        Err(_) => Err(Problem::new("internal").detail("系统正在停止")),
    }
}

/// Writes pieces down until their end; nothing if the end does not come.
fn write_down(
    app: &App,
    limit: u64,
    declared: &str,
    mut pieces: mpsc::Receiver<Piece>,
) -> Option<Result<Received, BlobFault>> {
    let mut receiving = match app.attachments.receive(limit) {
        Ok(receiving) => receiving,
        Err(fault) => return Some(Err(fault)),
    };
    while let Some(piece) = pieces.blocking_recv() {
        match piece {
            Piece::Data(data) => {
                if let Err(fault) = receiving.write(&data) {
                    return Some(Err(fault));
                }
            }
            Piece::End => return Some(receiving.finish(declared)),
        }
    }
    None
}

/// One attachment of a record, to be saved.
#[utoipa::path(get, path = "/api/v1/records/{id}/attachments/{digest}", tag = "attachments", security(("token" = [])),
    params(("id" = String, Path), ("digest" = String, Path)),
    responses((status = 200, description = "Its bytes, as they were attached", body = Vec<u8>, content_type = "application/octet-stream")))]
pub async fn download(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path((id, digest)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let file = state
        .app
        .store
        .read_async(move |db| service::read_attachment(db, &actor, &id, &digest))
        .await?;
    to_save(&state, &file.digest, &file.media, &file.name).await
}

/// The bytes of a file, for the browser to save and never to show in this origin.
pub(super) async fn to_save(
    state: &WebState,
    digest: &str,
    media: &str,
    name: &str,
) -> Result<Response, Problem> {
    let (app, digest) = (state.app.clone(), digest.to_owned());
    let reading = tokio::task::spawn_blocking(move || app.attachments.read(&digest));
    let bytes = match reading.await {
        Ok(read) => read.map_err(Error::from)?,
        Err(fault) if fault.is_panic() => std::panic::resume_unwind(fault.into_panic()),
        Err(_) => return Err(Problem::new("internal").detail("系统正在停止")),
    };
    let disposition = HeaderValue::from_str(&disposition(name, media));
    let (Ok(media), Ok(disposition)) = (HeaderValue::from_str(media), disposition) else {
        return Err(Problem::new("internal").detail("附件名称无法写入响应头"));
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media);
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(SANDBOX),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// `Content-Disposition` (RFC 6266) with the name percent-encoded; one without an ending gets that of its kind.
fn disposition(name: &str, media: &str) -> String {
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    let kind = service::Media::parse(media).and_then(|kind| kind.extensions().first());
    if let (false, Some(extension)) = (name.contains('.'), kind) {
        encoded.push('.');
        encoded.push_str(extension);
    }
    format!("attachment; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_cannot_leave_its_header() {
        for (name, expected) in [
            ("照片 1.jpg", "%E7%85%A7%E7%89%87%201.jpg"),
            ("a\"; x=\r\ny.pdf", "a%22%3B%20x%3D%0D%0Ay.pdf"),
            ("scan", "scan.pdf"),
        ] {
            assert_eq!(
                disposition(name, "application/pdf"),
                format!("attachment; filename*=UTF-8''{expected}")
            );
        }
    }
}
