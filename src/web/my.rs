//! Pages of companies (`/my`). Whose they are says the session alone.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};

use super::{
    Problem, WebState,
    desk::frame,
    embed::host,
    pages::{
        CompanyPage,
        my::{MyPage, MyRecordsPage, MyScorePage},
    },
    session::{CompanyUser, page},
    site::looked_up,
    view,
};
use crate::{
    domain::Day,
    service::{self, Error},
};

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/my", get(start))
        .route("/my/records", get(records))
        .route("/my/records/{id}", get(record))
        .route("/my/score", get(score))
        .route("/my/report", get(report))
}

/// An answer about a company that may be unknown here or not scored yet.
fn if_any<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotInScope(_) | Error::NotScored(_)) => Ok(None),
        Err(fault) => Err(fault),
    }
}

async fn start(State(state): State<WebState>, who: CompanyUser) -> Result<Response, Problem> {
    let (app, now, uscc) = (state.app.clone(), state.clock.now(), who.uscc);
    let read = move |db: &mut service::Db| {
        let matters = if_any(service::company_matters(db, &app, uscc, now))?;
        let found = if_any(service::company(db, &app, uscc, now))?;
        Ok::<_, Error>((matters, found))
    };
    let (matters, found) = state.app.store.read_async(read).await?;
    let score = match &found {
        Some(found) => shown(&state, found, &view::Prospects::default())?,
        None => None,
    };
    let matters = matters.as_ref();
    let view = MyPage {
        page: frame(&state, &who.session, "本企业", "/my"),
        name: matters.map_or_else(
            || who.session.account.name.clone(),
            |matters| matters.name.clone(),
        ),
        uscc: uscc.to_string(),
        score,
        todo: matters.map(view::my::todo).unwrap_or_default(),
        periods: matters.map(view::my::periods).unwrap_or_default(),
        entries: matters
            .map(|matters| view::my::entries(&matters.entries))
            .unwrap_or_default(),
        records: matters.map_or(0, |matters| matters.records.len()),
    };
    page(StatusCode::OK, &view)
}

/// The public page of the company; absent while nothing is recorded about it.
fn shown(
    state: &WebState,
    found: &service::CompanyLookup,
    prospects: &view::Prospects,
) -> Result<Option<CompanyPage>, Problem> {
    let today = Day::of(state.clock.now());
    Ok(match view::company(&state.app, found, prospects, today)? {
        view::CompanyView::Score(page) => Some(page),
        view::CompanyView::Nothing(_) => None,
    })
}

async fn records(State(state): State<WebState>, who: CompanyUser) -> Result<Response, Problem> {
    let (app, now, uscc) = (state.app.clone(), state.clock.now(), who.uscc);
    let read = move |db: &mut service::Db| service::company_matters(db, &app, uscc, now);
    let matters = state.app.store.read_async(read).await?;
    let view = MyRecordsPage {
        page: frame(&state, &who.session, "信用记录", "/my/records"),
        rows: matters.records.iter().map(view::my::record_row).collect(),
    };
    page(StatusCode::OK, &view)
}

/// A record of another company is answered like one that is not there.
async fn record(
    State(state): State<WebState>,
    who: CompanyUser,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (app, now, uscc) = (state.app.clone(), state.clock.now(), who.uscc);
    let read = move |db: &mut service::Db| service::company_record(db, &app, uscc, &id, now);
    let found = state.app.store.read_async(read).await?;
    let frame = frame(&state, &who.session, "信用记录", "/my/records/");
    page(
        StatusCode::OK,
        &view::my::record_page(&state.app, frame, &found),
    )
}

async fn score(State(state): State<WebState>, who: CompanyUser) -> Result<Response, Problem> {
    let (app, now, uscc) = (state.app.clone(), state.clock.now(), who.uscc);
    let read = move |db: &mut service::Db| looked_up(db, &app, uscc, now);
    let (found, prospects) = state.app.store.read_async(read).await?;
    let view = MyScorePage {
        page: frame(&state, &who.session, "得分说明", "/my/score"),
        score: shown(&state, &found, &prospects)?,
    };
    page(StatusCode::OK, &view)
}

async fn report(
    State(state): State<WebState>,
    who: CompanyUser,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (app, now, uscc) = (state.app.clone(), state.clock.now(), who.uscc);
    let today = Day::of(now);
    let read = move |db: &mut service::Db| {
        let found = service::company(db, &app, uscc, now)?;
        let as_of = Day::parse(&found.as_of).unwrap_or(today);
        let code = service::report_code(db, &app, uscc, as_of)?;
        Ok::<_, Error>((found, code))
    };
    let (found, code) = state.app.store.read_async(read).await?;
    let scheme = match state.app.sign_in.plain_http {
        true => "http",
        false => "https",
    };
    let origin = host(&headers).map_or_else(String::new, |host| format!("{scheme}://{host}"));
    let frame = frame(&state, &who.session, "信用报告", "/my/report");
    let view = view::my::report_page(&state.app, frame, &found, code, &origin, today)?;
    page(StatusCode::OK, &view)
}
