//! The public pages: look a company up, the lists, the rules. They work without script.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Problem, WebState, cursor::Bound, etag::tagged, pages, view};
use crate::{
    domain::{Day, Uscc},
    rules::{Ask, RuleSet},
    service::{self, Error, PublicEntry, Question},
};

const ON_A_PAGE: usize = 20;

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/", get(home))
        .route("/search", get(search))
        .route("/companies/{uscc}", get(company))
        .route("/lists", get(lists))
        .route("/lists/{id}", get(entry))
        .route("/rules", get(rules))
        .route("/rules/{version}", get(rules_version))
        .route("/rules/{version}/text", get(rules_text))
        .route("/draws", get(draws))
        .route("/draws/verify", get(draws_verify))
        .route("/draws/{id}/results", get(check_results))
        .route("/companies/{uscc}/checks", get(company_checks))
        .route("/visit/{code}", get(visit))
        .route("/plans", get(plans))
        .route("/plans/{id}", get(plan))
        .route("/fairness/{year}", get(fairness))
}

/// What pages are drawn with: no look-up.
pub(super) fn style() -> Router<WebState> {
    Router::new()
        .route("/static/site.css", get(site_css))
        .route("/static/draw-verify.js", get(draw_verify_js))
        .route("/static/icon.svg", get(icon))
}

async fn home(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, Problem> {
    let companies = state.app.store.read_async(service::company_count).await?;
    let today = Day::of(state.clock.now());
    html(&headers, &view::home(&state.app, companies, today), false)
}

/// What was typed into the search field.
#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    after: Option<String>,
}

/// A whole code leads to its company; anything else is part of a name.
async fn search(
    State(state): State<WebState>,
    query: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Query(asked) = query.map_err(|fault| Problem::query(&fault))?;
    if let Ok(uscc) = Uscc::parse(&asked.q) {
        return Ok(Redirect::to(&format!("/companies/{uscc}")).into_response());
    }
    let bound = asked
        .after
        .as_deref()
        .map(|cursor| Bound::unpack(cursor, &asked.q, None))
        .transpose()?;
    let now = state.clock.now();
    let snapshot = bound.as_ref().map_or(now, |bound| bound.snapshot);
    let after = bound.map(|bound| bound.after);
    let fault = view::fault_of_query(&asked.q);
    let app = state.app.clone();
    let question = Question {
        name: asked.q.clone(),
        region: None,
        snapshot,
        after,
        limit: ON_A_PAGE,
    };
    let page = match fault {
        Some(_) => service::SearchPage::default(),
        None => {
            state
                .app
                .store
                .read_async(move |db| service::search(db, &app, &question, now))
                .await?
        }
    };
    let next = match page.next.clone() {
        Some(after) => Some(next_page(&asked.q, snapshot, after)?),
        None => None,
    };
    let view = view::results(&state.app, &asked.q, &page, next, fault, Day::of(now));
    html(&headers, &view, true)
}

/// The address of the next page.
fn next_page(
    name: &str,
    snapshot: DateTime<Utc>,
    after: service::CompanyCursor,
) -> Result<String, Problem> {
    let bound = Bound {
        name: name.to_owned(),
        region: None,
        snapshot,
        after,
    };
    let query = serde_urlencoded::to_string([("q", name), ("after", &bound.pack()?)])
        .map_err(|_| Problem::new("internal"))?;
    Ok(format!("/search?{query}"))
}

async fn company(
    State(state): State<WebState>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let uscc = Uscc::parse(&code)
        .map_err(|fault| Problem::new("bad-request").detail(fault.to_string()))?;
    let (app, now) = (state.app.clone(), state.clock.now());
    let read = move |db: &mut service::Db| looked_up(db, &app, uscc, now);
    let (found, prospects) = state.app.store.read_async(read).await?;
    match view::company(&state.app, &found, &prospects, Day::of(now))? {
        view::CompanyView::Score(page) => html(&headers, &page, true),
        view::CompanyView::Nothing(page) => html(&headers, &page, true),
    }
}

/// A company with what its page says beside the score.
pub(super) fn looked_up(
    db: &mut service::Db,
    app: &service::App,
    uscc: Uscc,
    now: DateTime<Utc>,
) -> Result<(service::CompanyLookup, view::Prospects), Error> {
    let found = service::company(db, app, uscc, now)?;
    let prospects = view::Prospects {
        account: told(service::explanation(db, app, uscc, now))?,
        outlook: told(service::outlook(db, app, uscc, Ask::default(), now))?
            // Two figures for one day would confuse: the score is being computed again.
            .filter(|one| one.outlook.now.score.to_string() == found.score),
    };
    Ok((found, prospects))
}

/// A part of a page that may be missing: only a store that fails fails the page.
fn told<T>(part: Result<T, Error>) -> Result<Option<T>, Error> {
    match part {
        Ok(part) => Ok(Some(part)),
        Err(fault @ Error::Store(_)) => Err(fault),
        Err(fault) => {
            tracing::error!(error = %fault, "a part of a company's page is left out");
            Ok(None)
        }
    }
}

async fn lists(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, Problem> {
    let (app, now) = (state.app.clone(), state.clock.now());
    let lists = state
        .app
        .store
        .read_async(move |db| service::public_lists(db, &app, now))
        .await?;
    html(
        &headers,
        &view::lists(&state.app, &lists, Day::of(now)),
        true,
    )
}

/// One entry while it is public; afterwards nothing of it but that it is gone.
async fn entry(
    State(state): State<WebState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (app, now) = (state.app.clone(), state.clock.now());
    let found = state
        .app
        .store
        .read_async(move |db| service::public_entry(db, &app, &id, now))
        .await?;
    match found {
        PublicEntry::Gone => Err(Problem::new("gone").detail(
            "这条名单信息已停止公示。停止公示后不再显示其内容，任何人不应再据此对待有关企业。",
        )),
        PublicEntry::Shown(company, listed) => {
            let page = view::entry(&state.app, &company, &listed, Day::of(now));
            html(&headers, &page, true)
        }
    }
}

async fn rules(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, Problem> {
    let today = Day::of(state.clock.now());
    let ruleset = state.app.rules.in_force(today)?;
    html(&headers, &view::rules(&state.app, ruleset, today), false)
}

/// Any version that is configured, by the first 12 digits of its digest.
async fn rules_version(
    State(state): State<WebState>,
    Path(version): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let today = Day::of(state.clock.now());
    let ruleset = version_of(&state, &version)?;
    html(&headers, &view::rules(&state.app, ruleset, today), false)
}

/// Its text, byte for byte as it is evaluated.
async fn rules_text(
    State(state): State<WebState>,
    Path(version): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let text = version_of(&state, &version)?.text();
    Ok(tagged(
        &headers,
        "text/plain; charset=utf-8",
        text.as_bytes().to_vec(),
    ))
}

fn version_of<'a>(state: &'a WebState, version: &str) -> Result<&'a RuleSet, Problem> {
    let named = |one: &&RuleSet| version.len() >= 12 && one.digest().starts_with(version);
    let missing = || Problem::new("not-found").detail(format!("没有版本「{version}」的评分规则"));
    state.app.rules.iter().find(named).ok_or_else(missing)
}

/// The verifier runs in the browser and sends nothing: scripts of this site alone, and no connections.
const VERIFIER_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
    script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

async fn draws(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, Problem> {
    let now = state.clock.now();
    let read = move |db: &mut _| service::list_draws(db, now);
    let lines = state.app.store.read_async(read).await?;
    html(&headers, &view::draws(&state.app, lines), false)
}

async fn draws_verify(
    State(state): State<WebState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut response = html(&headers, &view::draw_verify(&state.app), false)?;
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(VERIFIER_POLICY),
    );
    Ok(response)
}

/// The results of a task, with the clock of their publication.
async fn check_results(
    State(state): State<WebState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (app, now) = (state.app.clone(), state.clock.now());
    let read = move |db: &mut _| service::check_results(db, &app, &id, now);
    let found = state.app.store.read_async(read).await?;
    html(&headers, &view::results_of_check(&state.app, found), true)
}

async fn company_checks(
    State(state): State<WebState>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let uscc = Uscc::parse(&code)
        .map_err(|fault| Problem::new("bad-request").detail(fault.to_string()))?;
    let read = move |db: &mut _| service::company_checks(db, uscc);
    let found = state.app.store.read_async(read).await?;
    let page = view::company_checks(&state.app, uscc.as_str(), found);
    html(&headers, &page, true)
}

/// 亮码: who may inspect what here. An unknown code says that nobody may.
async fn visit(
    State(state): State<WebState>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let read = move |db: &mut _| service::shown_visit(db, &code);
    let shown = state.app.store.read_async(read).await?;
    html(&headers, &view::visit(&state.app, shown), true)
}

async fn plans(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, Problem> {
    let files = state.app.store.read_async(service::public_plans).await?;
    html(&headers, &view::plans(&state.app, &files), false)
}

async fn plan(
    State(state): State<WebState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let read = move |db: &mut _| service::public_plan(db, &id);
    let file = state.app.store.read_async(read).await?;
    html(&headers, &view::plan(&state.app, &file), false)
}

async fn fairness(
    State(state): State<WebState>,
    year: Result<Path<i32>, axum::extract::rejection::PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let report = super::api::fairness_of(&state, year).await?;
    html(&headers, &view::fairness(&state.app, &report), false)
}

async fn draw_verify_js(headers: HeaderMap) -> Response {
    tagged(
        &headers,
        "text/javascript; charset=utf-8",
        pages::DRAW_VERIFY_JS.as_bytes().to_vec(),
    )
}

async fn icon(headers: HeaderMap) -> Response {
    tagged(&headers, "image/svg+xml", pages::ICON.as_bytes().to_vec())
}

async fn site_css(headers: HeaderMap) -> Response {
    tagged(
        &headers,
        "text/css; charset=utf-8",
        pages::SITE_CSS.as_bytes().to_vec(),
    )
}

/// A page, with its tag.
pub(super) fn html(
    headers: &HeaderMap,
    page: &impl Template,
    noindex: bool,
) -> Result<Response, Problem> {
    let text = page.render().map_err(|fault| {
        tracing::error!(error = %fault, "a page failed");
        Problem::new("internal")
    })?;
    let mut response = tagged(headers, "text/html; charset=utf-8", text.into_bytes());
    if noindex {
        response
            .headers_mut()
            .insert("x-robots-tag", HeaderValue::from_static("noindex"));
    }

    Ok(response)
}
