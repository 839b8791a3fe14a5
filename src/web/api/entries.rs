//! List entries: proposal, and every step of the procedure.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::private_json;
use crate::{
    domain::Uscc,
    listing::{Action, Severity, Text},
    service::{self, Answered, EntryView},
    web::{Problem, WebState, auth::Caller, body::Body},
};

/// A proposal by hand.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalBody {
    #[schema(value_type = String)]
    pub company: Uscc,
    /// Id of the list type: `watch`, `red`, `warning`.
    pub list: String,
    /// 轻微, 一般 or 严重; absent on a favourable list.
    #[schema(value_type = Option<String>)]
    pub severity: Option<Severity>,
    #[schema(value_type = Vec<String>)]
    pub clauses: Vec<Text>,
    #[schema(value_type = String)]
    pub reason: Text,
}

/// A step: the version the caller has seen, and what is done.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct StepBody {
    pub version: i64,
    /// `action` is one of review, drop, notify, waive, decide, decide_not, publish, dispute, settle_dispute, request_exit,
    /// approve_exit, refuse_exit, expire; the other fields belong to it (docs/http.md).
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub action: Action,
}

/// Which entries.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct StateQuery {
    /// Only those in this state.
    pub state: Option<String>,
}

/// Entries of the caller's division.
#[utoipa::path(get, path = "/api/v1/entries", tag = "entries", params(StateQuery), security(("token" = [])), responses(
    (status = 200, description = "By company, without their events", body = Vec<EntryView>),
    (status = 403, description = "Not with this role", body = Problem),
))]
pub async fn list(
    State(state): State<WebState>,
    Caller(actor): Caller,
    query: Result<Query<StateQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|fault| Problem::query(&fault))?;
    let entries = state
        .app
        .store
        .read_async(move |db| {
            let states: Vec<&str> = query.state.as_deref().into_iter().collect();
            service::list_entries(db, &actor, &states)
        })
        .await?;
    json(&entries)
}

/// One entry with its events.
#[utoipa::path(get, path = "/api/v1/entries/{id}", tag = "entries", params(("id" = String, Path)), security(("token" = [])), responses(
    (status = 200, description = "The entry", body = EntryView),
    (status = 404, description = "No such entry", body = Problem),
))]
pub async fn read(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let entry = state
        .app
        .store
        .read_async(move |db| service::read_entry(db, &actor, &id))
        .await?;
    json(&entry)
}

/// Propose a company by hand.
#[utoipa::path(post, path = "/api/v1/entries", tag = "entries", request_body = ProposalBody, security(("token" = [])), responses(
    (status = 201, description = "Proposed", body = EntryView),
    (status = 404, description = "`not-in-scope`, or no such list", body = Problem),
    (status = 409, description = "On the list already, or not lawful", body = Problem),
))]
pub async fn propose(
    State(state): State<WebState>,
    Caller(actor): Caller,
    body: Body<ProposalBody>,
) -> Result<Response, Problem> {
    let (app, now, key) = (state.app.clone(), state.now(), body.key(&actor));
    let answer = state
        .app
        .store
        .write_async(move |db| {
            let ProposalBody {
                company,
                list,
                severity,
                clauses,
                reason,
            } = body.value.clone();
            service::once(db, key.as_ref(), 201, now, |db| {
                service::propose_entry(
                    db, &app, &actor, company, &list, severity, clauses, reason, now,
                )
            })
        })
        .await?;
    Ok(private_json(answer))
}

/// Take one step of an entry; an unlawful one is refused in words.
#[utoipa::path(post, path = "/api/v1/entries/{id}/steps", tag = "entries", request_body = StepBody, params(("id" = String, Path)),
    security(("token" = [])), responses(
    (status = 200, description = "Taken", body = EntryView),
    (status = 403, description = "Not with this role", body = Problem),
    (status = 409, description = "Not lawful now, or changed meanwhile", body = Problem),
))]
pub async fn step(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<StepBody>,
) -> Result<Response, Problem> {
    let (app, now, key) = (state.app.clone(), state.now(), body.key(&actor));
    let answer = state
        .app
        .store
        .write_async(move |db| {
            let StepBody { version, action } = &body.value;
            service::once(db, key.as_ref(), 200, now, |db| {
                service::step_entry(db, &app, &actor, &id, *version, action, now)
            })
        })
        .await?;
    Ok(private_json(answer))
}

fn json(value: &impl serde::Serialize) -> Result<Response, Problem> {
    let body = serde_json::to_string(value).map_err(|_| Problem::new("internal"))?;
    Ok(private_json(Answered { status: 200, body }))
}
