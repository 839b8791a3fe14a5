//! The routes: what is answered.

use axum::{
    Form, Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Path, Query, Request, State},
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Behaviour, Call, Receiver, RequestLine, SubmitError, Switch,
    befall::{after_commit, before_commit, names, problem},
    export, page,
    platform::{BatchFault, Taken, digest_of},
    scenario::Arrival,
};

/// The largest batch that is taken, in bytes.
pub(super) const LARGEST_BATCH: usize = 32 * 1024 * 1024;

const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(super) fn router(state: Receiver) -> Router {
    Router::new()
        .route("/", get(page::show))
        .route("/receiver.css", get(page::style))
        .route("/switches", post(switch))
        .route("/api/batches", post(submit))
        .route("/api/batches/{key}", get(batch))
        .route("/api/records/{record_id}", get(record))
        .route("/api/listing", get(listing))
        .route("/api/ledger", get(ledger))
        .route("/ledger.csv", get(export::csv))
        .layer(DefaultBodyLimit::max(LARGEST_BATCH))
        .layer(axum::middleware::map_response(with_headers))
        .with_state(state)
}

async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn not_found(id: &str) -> Response {
    (
        StatusCode::NOT_FOUND,
        Json(json!({"error": "not_found", "id": id})),
    )
        .into_response()
}

fn unauthorised() -> Response {
    problem(StatusCode::UNAUTHORIZED, "unauthorised", "令牌缺失或不对")
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}

async fn submit(
    State(receiver): State<Receiver>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Bytes,
) -> Response {
    let key = headers
        .get("idempotency-key")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let mut line = RequestLine {
        at: receiver.now(),
        method: "POST",
        path: "/api/batches".into(),
        key: Some(key.clone()),
        body_digest: None,
        answer: String::new(),
    };
    let response = if !receiver.admits(bearer(&headers)) {
        unauthorised()
    } else if let Ok(body) = String::from_utf8(body.into()) {
        line.body_digest = Some(digest_of(&body));
        take_batch(&receiver, key, body, &extensions, &mut line).await
    } else {
        problem(StatusCode::BAD_REQUEST, "charset", "不是 UTF-8")
    };
    line.answer = format!("{} {}", response.status().as_u16(), line.answer);
    receiver.remember(line);
    response
}

/// A batch with whatever befalls it. `line.answer` says what went wrong on purpose.
async fn take_batch(
    receiver: &Receiver,
    key: String,
    body: String,
    extensions: &Extensions,
    line: &mut RequestLine,
) -> Response {
    let behaviours = {
        let (at, mut state) = (receiver.now(), receiver.lock());
        if state.number_of(&key).is_none() {
            state.arrivals.push(key.clone());
        }
        let batch = state.number_of(&key);
        state.befall(&Arrival {
            call: Call::Submit,
            at,
            batch,
            text: &body,
        })
    };
    line.answer = names(&behaviours);
    if let Some(response) = before_commit(&behaviours, extensions) {
        return response;
    }
    let (worker, terms) = (receiver.clone(), behaviours.clone());
    // The ledger file is written and synced: not on a thread that serves others.
    let submitted = tokio::task::spawn_blocking(move || {
        let mut taken = worker.submit(&key, &body, &terms);
        if taken.is_ok() && terms.contains(&Behaviour::Repeat) {
            taken = worker.submit(&key, &body, &terms);
        }
        taken.map(|taken| (key, taken))
    });
    let response = match submitted.await {
        Ok(Ok((key, Some((taken, duplicate))))) => {
            Json(answer(&key, &taken, duplicate)).into_response()
        }
        Ok(Ok((_, None))) => (
            StatusCode::GATEWAY_TIMEOUT,
            Html("<h1>504 Gateway Timeout</h1>"),
        )
            .into_response(),
        Ok(Err(SubmitError::Batch(fault @ BatchFault::OtherBytes))) => {
            problem(StatusCode::CONFLICT, "other_bytes", &fault.to_string())
        }
        Ok(Err(SubmitError::Batch(fault))) => {
            problem(StatusCode::BAD_REQUEST, "5001", &fault.to_string())
        }
        Ok(Err(fault @ SubmitError::Disk(_))) => problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "ledger",
            &fault.to_string(),
        ),
        Err(error) => problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "worker",
            &error.to_string(),
        ),
    };
    after_commit(&behaviours, extensions, response).await
}

/// The answer to a batch, now or when it is asked about.
fn answer(key: &str, taken: &Taken, duplicate: bool) -> Value {
    let total = taken.receipts.len();
    let rejected = taken
        .receipts
        .iter()
        .filter(|receipt| matches!(receipt.result, "REJECTED" | "UNMATCHED"))
        .count();
    let mut answer = json!({
        "batch_key": key,
        "duplicate": duplicate,
        "total": total,
        "accepted": total - rejected,
        "rejected": rejected,
    });
    if !taken.counts_only {
        answer["receipts"] = json!(taken.receipts);
    }
    answer
}

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

async fn batch(
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

async fn record(
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
struct Page {
    #[serde(default)]
    after: usize,
    limit: Option<usize>,
}

/// Rows of a page of the listing, if not asked for less.
const PAGE: usize = 100;

async fn listing(
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

async fn ledger(State(receiver): State<Receiver>, headers: HeaderMap) -> Response {
    if !receiver.admits(bearer(&headers)) {
        return unauthorised();
    }
    let now = receiver.now();
    let state = receiver.settled();
    let visible: Vec<Uuid> = state.platform.visible(now).map(|(id, _)| id).collect();
    let records = state.platform.records().iter().map(|(id, history)| {
        let versions = history.iter().enumerate().map(|(index, held)| {
            let mut version = json!(held);
            let (from, gone) = export::seen(held, history.get(index + 1));
            version["visible_from"] = json!(from);
            version["gone_at"] = json!(gone);
            version
        });
        json!({"record_id": id, "visible": visible.contains(id), "history": versions.collect::<Vec<_>>()})
    });
    let lost = state
        .platform
        .lost()
        .iter()
        .map(|(id, version)| json!({"record_id": id, "record_version": version}));
    let steps = state
        .scenario
        .as_ref()
        .map_or_else(Vec::new, super::Scenario::lines);
    let scenario: Vec<Value> = steps
        .into_iter()
        .map(|(when, what, left)| json!({"when": when, "what": what, "left": left}))
        .collect();
    Json(json!({
        "now": now,
        "records": records.collect::<Vec<_>>(),
        "lost_deletes": lost.collect::<Vec<_>>(),
        "batches": state.platform.batches(),
        "switches": state.switches.list(),
        "scenario": scenario,
        "requests": state.requests,
    }))
    .into_response()
}

/// A switch as a form or as JSON; `clear` turns all off.
#[derive(Debug, Deserialize)]
struct SwitchRequest {
    behaviour: String,
    #[serde(default)]
    value: Text,
    #[serde(default)]
    count: Text,
    #[serde(default)]
    on: String,
}

/// A text, or in JSON a number.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Text {
    Text(String),
    Number(u64),
}

impl Default for Text {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Text {
    fn into_string(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

async fn switch(State(receiver): State<Receiver>, request: Request) -> Response {
    // A page of another site must not work the switches through somebody's browser.
    let site = request
        .headers()
        .get("sec-fetch-site")
        .and_then(|value| value.to_str().ok());
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return problem(StatusCode::FORBIDDEN, "cross_site", "请在本页操作");
    }
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let from_form =
        content_type.is_some_and(|text| text.starts_with("application/x-www-form-urlencoded"));
    let wish = if from_form {
        Form::<SwitchRequest>::from_request(request, &())
            .await
            .map(|Form(wish)| wish)
            .map_err(IntoResponse::into_response)
    } else {
        Json::<SwitchRequest>::from_request(request, &())
            .await
            .map(|Json(wish)| wish)
            .map_err(IntoResponse::into_response)
    };
    let wish = match wish {
        Ok(wish) => wish,
        Err(rejection) => return rejection,
    };
    if wish.behaviour == "clear" {
        receiver.heal();
    } else {
        match Switch::parse(
            &wish.behaviour,
            &wish.value.into_string(),
            &wish.count.into_string(),
            &wish.on,
        ) {
            Ok(switch) => receiver.set(switch),
            Err(error) => {
                return problem(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "switch",
                    &error.to_string(),
                );
            }
        }
    }
    if from_form {
        Redirect::to("/").into_response()
    } else {
        Json(json!({"switches": receiver.lock().switches.list()})).into_response()
    }
}
