//! Public look-ups: one company, companies by name, the lists.

use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    domain::{Region, Uscc},
    rules::Ask,
    service::{
        self, CompanyExplanation, CompanyLookup, CompanyOutlook, ListedCompany, PublicList,
        Question,
    },
    web::{Problem, WebState, cursor::Bound, etag::tagged},
};

const MOST: usize = 100;
const USUAL: usize = 20;
const MOST_MONTHS: u32 = 60;

/// What to look for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SearchQuery {
    /// Part of the name.
    #[serde(default)]
    pub name: String,
    /// Division code; companies supervised in it.
    pub region: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Companies on a page, 1 to 100.
    pub limit: Option<usize>,
}

/// A page of companies.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchAnswer {
    /// The instant that all pages of this search are about.
    snapshot: String,
    companies: Vec<ListedCompany>,
    /// Give it back for the next page; absent on the last one.
    next: Option<String>,
}

/// Look a company up by its unified social credit code.
#[utoipa::path(get, path = "/api/v1/companies/{uscc}", tag = "look-up",
    params(("uscc" = String, Path, description = "Unified social credit code, folded and checked")),
    responses(
        (status = 200, description = "The company as of a day; without records its `lines` are empty", body = CompanyLookup),
        (status = 304, description = "Not changed since the ETag given"),
        (status = 400, description = "Not a code", body = Problem),
        (status = 404, description = "`not-in-scope`: not registered here, which says nothing about the company", body = Problem),
        (status = 429, description = "Too many look-ups", body = Problem),
        (status = 503, description = "`lookup-failed`: could not be looked up, which says nothing about the company", body = Problem),
    ))]
pub async fn company(
    State(state): State<WebState>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let uscc = parsed(&code)?;
    let (app, now) = (state.app.clone(), state.now());
    let found = state
        .app
        .store
        .read_async(move |db| service::company(db, &app, uscc, now))
        .await?;
    json(&headers, &found)
}

/// A company's score as a sum: rows that add up to it, each with its clause.
#[utoipa::path(get, path = "/api/v1/companies/{uscc}/explanation", tag = "look-up",
    params(("uscc" = String, Path, description = "Unified social credit code, folded and checked")),
    responses(
        (status = 200, description = "The account of the score as of a day", body = CompanyExplanation),
        (status = 304, description = "Not changed since the ETag given"),
        (status = 400, description = "Not a code", body = Problem),
        (status = 404, description = "`not-in-scope`: not registered here, which says nothing about the company", body = Problem),
        (status = 429, description = "Too many look-ups", body = Problem),
        (status = 503, description = "`lookup-failed`: could not be looked up, or is being computed again", body = Problem),
    ))]
pub async fn explanation(
    State(state): State<WebState>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let uscc = parsed(&code)?;
    let (app, now) = (state.app.clone(), state.now());
    let found = state
        .app
        .store
        .read_async(move |db| service::explanation(db, &app, uscc, now))
        .await?;
    json(&headers, &found)
}

/// How far to look ahead.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct OutlookQuery {
    /// Months, 1 to 60; 24 if absent.
    pub months: Option<u32>,
}

/// What time, rectifications and upheld objections would make of a company's score.
#[utoipa::path(get, path = "/api/v1/companies/{uscc}/outlook", tag = "look-up",
    params(("uscc" = String, Path, description = "Unified social credit code, folded and checked"), OutlookQuery),
    responses(
        (status = 200, description = "From the day for which the score holds; nothing in it is a promise or a decision", body = CompanyOutlook),
        (status = 304, description = "Not changed since the ETag given"),
        (status = 400, description = "Not a code, or a number of months that is not looked at", body = Problem),
        (status = 404, description = "`not-in-scope`: not registered here, which says nothing about the company", body = Problem),
        (status = 429, description = "Too many look-ups", body = Problem),
        (status = 503, description = "`lookup-failed`: could not be looked up, which says nothing about the company", body = Problem),
    ))]
pub async fn outlook(
    State(state): State<WebState>,
    Path(code): Path<String>,
    query: Result<Query<OutlookQuery>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let uscc = parsed(&code)?;
    let Query(query) = query.map_err(|fault| Problem::query(&fault))?;
    let mut ask = Ask::default();
    ask.months = query.months.unwrap_or(ask.months);
    if !(1..=MOST_MONTHS).contains(&ask.months) {
        let what = format!("months 应为 1 至 {MOST_MONTHS}，现为 {}", ask.months);
        return Err(Problem::new("bad-request").detail(what));
    }
    let (app, now) = (state.app.clone(), state.now());
    let found = state
        .app
        .store
        .read_async(move |db| service::outlook(db, &app, uscc, ask, now))
        .await?;
    json(&headers, &found)
}

/// Companies by name.
#[utoipa::path(get, path = "/api/v1/companies", tag = "look-up", params(SearchQuery), responses(
    (status = 200, description = "A page, by name", body = SearchAnswer),
    (status = 400, description = "A question that cannot be asked", body = Problem),
    (status = 503, description = "Could not be looked up", body = Problem),
))]
pub async fn search(
    State(state): State<WebState>,
    query: Result<Query<SearchQuery>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let bad = |what: String| Problem::new("bad-request").detail(what);
    let Query(query) = query.map_err(|fault| Problem::query(&fault))?;
    let region = query
        .region
        .as_deref()
        .map(Region::parse)
        .transpose()
        .map_err(|fault| bad(fault.to_string()))?;
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(bad(format!("limit 应为 1 至 {MOST}，现为 {limit}")));
    }
    let bound = query
        .cursor
        .as_deref()
        .map(|cursor| Bound::unpack(cursor, &query.name, query.region.as_deref()))
        .transpose()?;
    let (app, now) = (state.app.clone(), state.now());
    let snapshot = bound.as_ref().map_or(now, |bound| bound.snapshot);
    let question = Question {
        name: query.name.clone(),
        region,
        snapshot,
        after: bound.map(|bound| bound.after),
        limit,
    };
    let page = state
        .app
        .store
        .read_async(move |db| service::search(db, &app, &question, now))
        .await?;
    let next = page
        .next
        .map(|after| {
            Bound {
                name: query.name.clone(),
                region: query.region.clone(),
                snapshot,
                after,
            }
            .pack()
        })
        .transpose()?;
    json(
        &headers,
        &SearchAnswer {
            snapshot: snapshot.to_rfc3339(),
            companies: page.companies,
            next,
        },
    )
}

/// The lists with what is public of them now.
#[utoipa::path(get, path = "/api/v1/lists", tag = "look-up", responses(
    (status = 200, description = "All lists in use", body = Vec<PublicList>),
    (status = 503, description = "Could not be looked up", body = Problem),
))]
pub async fn lists(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, Problem> {
    let (app, now) = (state.app.clone(), state.now());
    let lists = state
        .app
        .store
        .read_async(move |db| service::public_lists(db, &app, now))
        .await?;
    json(&headers, &lists)
}

fn parsed(code: &str) -> Result<Uscc, Problem> {
    Uscc::parse(code).map_err(|fault| Problem::new("bad-request").detail(fault.to_string()))
}

pub(super) fn json(headers: &HeaderMap, value: &impl Serialize) -> Result<Response, Problem> {
    let body = serde_json::to_vec(value).map_err(|fault| {
        tracing::error!(error = %fault, "an answer is not JSON");
        Problem::new("internal")
    })?;
    Ok(tagged(headers, "application/json", body))
}
