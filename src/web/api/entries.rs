//! List entries: proposal, and every step of the procedure.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::found;
use crate::{
    listing::Action,
    service::{self, EntryView, ProposalByHand},
    web::{Problem, WebState, auth::Caller, body::Body},
};

/// A step: the version the caller has seen, and what is done.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct StepBody {
    pub version: i64,
    /// `action` names the step (docs/lists.md has who may take which, and when); the other fields belong to it
    /// (docs/http.md has an example of each).
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
    found(&entries)
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
    let (app, now) = (state.app.clone(), state.now());
    let entry = state
        .app
        .store
        .read_async(move |db| service::read_entry(db, &app, &actor, &id, now))
        .await?;
    found(&entry)
}

/// Propose a company by hand.
#[utoipa::path(post, path = "/api/v1/entries", tag = "entries", request_body = ProposalByHand, security(("token" = [])), responses(
    (status = 201, description = "Proposed", body = EntryView),
    (status = 404, description = "`not-in-scope`, or no such list", body = Problem),
    (status = 409, description = "On the list already, or not lawful", body = Problem),
))]
pub async fn propose(
    State(state): State<WebState>,
    Caller(actor): Caller,
    body: Body<ProposalByHand>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 201, move |db, app, now| {
            service::propose_entry(db, app, &actor, &body.value, now)
        })
        .await
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
    state
        .once(body.key(&actor), 200, move |db, app, now| {
            let StepBody { version, action } = &body.value;
            service::step_entry(db, app, &actor, &id, *version, action, now)
        })
        .await
}
