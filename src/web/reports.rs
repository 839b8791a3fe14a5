//! The page that checks the code of a printed report.

use axum::{
    Router,
    extract::{Path, Query, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;

use super::{Problem, WebState, site::html, view};
use crate::service::{self, ReportCheck};

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/report", get(form))
        .route("/report/{code}", get(check))
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    code: String,
}

impl WebState {
    pub(super) async fn checked(&self, typed: String) -> Result<ReportCheck, Problem> {
        let (app, now) = (self.app.clone(), self.clock.now());
        let asked = move |db: &mut service::Db| service::check_report(db, &app, &typed, now);
        Ok(self.app.store.read_async(asked).await?)
    }
}

/// The form; a code typed into it leads to the address that also stands on the report.
async fn form(
    State(state): State<WebState>,
    query: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Query(asked) = query.map_err(|fault| Problem::query(&fault))?;
    let typed = asked.code.trim();
    if let Ok(code) = service::ReportCode::parse(typed) {
        return Ok(Redirect::to(&format!("/report/{code}")).into_response());
    }
    let check = match typed {
        "" => None,
        typed => Some(state.checked(typed.to_owned()).await?),
    };
    html(&headers, &view::report(&state.app, typed, check), true)
}

async fn check(
    State(state): State<WebState>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let check = state.checked(code.clone()).await?;
    html(
        &headers,
        &view::report(&state.app, &code, Some(check)),
        true,
    )
}
