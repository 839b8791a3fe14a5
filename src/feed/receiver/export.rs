//! The ledger, as JSON and as a table: every version of every record, when the public began to see it and when it no longer
//! did.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Receiver, Scenario,
    http::{bearer, unauthorised},
    page::local,
    platform::Held,
};

const COLUMNS: [&str; 13] = [
    "record_id",
    "record_version",
    "op",
    "status",
    "uscc",
    "subject_name",
    "list_name",
    "decision_no",
    "batch_key",
    "committed_at",
    "visible_from",
    "gone_at",
    "visible_now",
];

/// Everything, with what every version was seen as and when.
pub(super) async fn json(State(receiver): State<Receiver>, headers: HeaderMap) -> Response {
    if !receiver.admits(bearer(&headers)) {
        return unauthorised();
    }
    let now = receiver.now();
    let state = receiver.settled();
    let visible: Vec<Uuid> = state.platform.visible(now).map(|(id, _)| id).collect();
    let records = state.platform.records().iter().map(|(id, history)| {
        let versions = history.iter().enumerate().map(|(index, held)| {
            let mut version = json!(held);
            let (from, gone) = seen(held, history.get(index + 1));
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
        .map_or_else(Vec::new, Scenario::lines);
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

/// UTF-8 with a mark at its start, for spreadsheets; times as in Shanghai.
pub(super) async fn csv(State(receiver): State<Receiver>) -> Response {
    match table(&receiver) {
        Ok(bytes) => (
            [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
                (
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"ledger.csv\"",
                ),
            ],
            bytes,
        )
            .into_response(),
        Err(error) => {
            tracing::error!(%error, "the ledger cannot be written as a table");
            (StatusCode::INTERNAL_SERVER_ERROR, "台账无法导出").into_response()
        }
    }
}

fn table(receiver: &Receiver) -> Result<Vec<u8>, csv::Error> {
    let now = receiver.now();
    let state = receiver.settled();
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(COLUMNS)?;
    for (id, history) in state.platform.records() {
        let shown = state
            .platform
            .visible(now)
            .find(|(visible, _)| visible == id);
        for (place, held) in history.iter().enumerate() {
            let (from, gone) = seen(held, history.get(place + 1));
            let time = |at: Option<DateTime<Utc>>| at.map(local).unwrap_or_default();
            let is_shown = shown.is_some_and(|(_, one)| one.version == held.version);
            writer.write_record([
                id.to_string(),
                held.version.to_string(),
                held.op.clone(),
                held.status.clone(),
                held.uscc.clone(),
                plain(&held.subject_name),
                plain(&held.list_name),
                plain(&held.decision_no),
                held.batch_key.clone(),
                local(held.committed_at),
                time(from),
                time(gone),
                u8::from(is_shown).to_string(),
            ])?;
        }
    }
    writer
        .into_inner()
        .map_err(|fault| fault.into_error().into())
}

/// When the public began to see a version, and when it no longer did: by the next one, or by the last day of display.
fn seen(held: &Held, next: Option<&Held>) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    if held.withdrawal {
        return (None, None);
    }
    let next = next.map(|next| next.effective_at);
    let ends = held.display_until.map(|last| last.plus_days(1).begins_at());
    let gone = [next, ends].into_iter().flatten().min();
    (Some(held.effective_at), gone)
}

/// A spreadsheet takes what begins so for a formula.
fn plain(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}
