//! `GET /metrics`: figures for a monitoring system, in the text form of Prometheus, at an address of their own.
//!
//! What requests did is counted here as they pass; everything else is read from the database when it is asked for, so that every
//! process tells the same of it.

mod names;
mod page;
mod requests;

use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};

pub use names::{METRICS, Metric};
pub(super) use requests::{Requests, measure};

use super::{Problem, WebState};
use crate::service::figures::figures;

/// The address of the figures alone: nothing else is answered there.
pub fn metrics_router(state: WebState) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .with_state(state)
}

async fn metrics(State(state): State<WebState>) -> Result<Response, Problem> {
    let (app, now) = (state.app.clone(), state.clock.now());
    let read = state
        .app
        .store
        .read_async(move |db| figures(db, &app, now))
        .await;
    // A database that does not answer is a figure, too: those of the requests are still told.
    if let Err(error) = &read {
        tracing::error!(%error, "the figures of the database could not be read");
    }
    let text = page::text(
        read.as_ref().ok(),
        state.app.store.connections(),
        state.requests.as_deref(),
        now,
    );
    let text = text.map_err(|fault| {
        tracing::error!(%fault, "the figures could not be written");
        Problem::new("internal")
    })?;
    Ok((
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        text,
    )
        .into_response())
}
