//! What the platform says when it is asked: about a batch, a record, everything that the public sees.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::{Extensions, HeaderMap},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    Call, Receiver, RequestLine,
    befall::{after_commit, before_commit, names},
    http::{answer, bearer, not_found, unauthorised},
    scenario::Arrival,
};

/// A question: token, misbehaviour, then the answer from the settled content.
async fn query(
    receiver: Receiver,
    headers: HeaderMap,
    extensions: Extensions,
    path: String,
    find: impl FnOnce(&Receiver) -> Response,
) -> Response {
    let behaviours = {
        let (at, mut state) = (receiver.now(), receiver.lock());
        let batch = path
            .strip_prefix("/api/batches/")
            .and_then(|key| state.number_of(key));
        state.befall(&Arrival {
            call: Call::Query,
            at,
            batch,
            text: &path,
        })
    };
    let response = if !receiver.admits(bearer(&headers)) {
        unauthorised()
    } else if let Some(response) = before_commit(&behaviours, &extensions) {
        response
    } else {
        let response = find(&receiver);
        after_commit(&behaviours, &extensions, response).await
    };
    receiver.remember(RequestLine {
        at: receiver.now(),
        method: "GET",
        path,
        key: None,
        body_digest: None,
        answer: format!("{} {}", response.status().as_u16(), names(&behaviours)),
    });
    response
}

pub(super) async fn batch(
    State(receiver): State<Receiver>,
    headers: HeaderMap,
    extensions: Extensions,
    Path(key): Path<String>,
) -> Response {
    let path = format!("/api/batches/{key}");
    query(
        receiver,
        headers,
        extensions,
        path,
        |receiver| match receiver.settled().platform.batch(&key) {
            Some(taken) => Json(answer(&key, taken, true)).into_response(),
            None => not_found(&key),
        },
    )
    .await
}

pub(super) async fn record(
    State(receiver): State<Receiver>,
    headers: HeaderMap,
    extensions: Extensions,
    Path(id): Path<String>,
) -> Response {
    let path = format!("/api/records/{id}");
    query(receiver, headers, extensions, path, |receiver| {
        held_record(receiver, &id)
    })
    .await
}

fn held_record(receiver: &Receiver, id: &str) -> Response {
    let now = receiver.now();
    let state = receiver.settled();
    let known = Uuid::parse_str(id).ok();
    let Some((record_id, held)) =
        known.and_then(|id| Some((id, state.platform.records().get(&id)?.last()?)))
    else {
        return not_found(id);
    };
    let seen = state.platform.visible(now).find(|(id, _)| *id == record_id);
    let visible_version = seen.map(|(_, shown)| shown.version);
    Json(json!({
        "record_id": record_id,
        "record_version": held.version,
        "digest": held.digest,
        "withdrawn": held.withdrawal,
        "visible": visible_version.is_some(),
        "visible_version": visible_version,
        "committed_at": held.committed_at,
    }))
    .into_response()
}

/// Which page of the listing: where it begins, and how many rows it has.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    after: usize,
    limit: Option<usize>,
}

/// Rows of a page of the listing, if not asked for less.
const PAGE: usize = 100;

pub(super) async fn listing(
    State(receiver): State<Receiver>,
    headers: HeaderMap,
    extensions: Extensions,
    Query(page): Query<Page>,
) -> Response {
    let path = "/api/listing".to_owned();
    query(receiver, headers, extensions, path, |receiver| {
        let now = receiver.now();
        let state = receiver.settled();
        let rows = state.platform.listed(now);
        let size = page.limit.unwrap_or(PAGE).clamp(1, PAGE);
        let end = page.after.saturating_add(size);
        let records = rows.iter().skip(page.after).take(size).map(|(id, held)| {
            json!({
                "record_id": id,
                "record_version": held.version,
                "status": held.status,
                "digest": held.digest,
                "uscc": held.uscc,
                "subject_name": held.subject_name,
                "list_name": held.list_name,
                "decision_no": held.decision_no,
                "reason": held.reason,
                "display_until": held.display_until,
            })
        });
        Json(json!({
            "records": records.collect::<Vec<_>>(),
            "next": (end < rows.len()).then(|| end.to_string()),
            "total": rows.len(),
        }))
        .into_response()
    })
    .await
}
