//! The routes: what is answered.

use axum::{
    Form, Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Request, State},
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Behaviour, Call, Receiver, RequestLine, SubmitError, Switch,
    befall::{after_commit, before_commit, names, problem},
    export, page,
    platform::{BatchFault, Taken, digest_of},
    questions,
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
        .route("/api/batches/{key}", get(questions::batch))
        .route("/api/records/{record_id}", get(questions::record))
        .route("/api/listing", get(questions::listing))
        .route("/api/ledger", get(export::json))
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

pub(super) fn not_found(id: &str) -> Response {
    (
        StatusCode::NOT_FOUND,
        Json(json!({"error": "not_found", "id": id})),
    )
        .into_response()
}

pub(super) fn unauthorised() -> Response {
    problem(StatusCode::UNAUTHORIZED, "unauthorised", "令牌缺失或不对")
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
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
pub(super) fn answer(key: &str, taken: &Taken, duplicate: bool) -> Value {
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
