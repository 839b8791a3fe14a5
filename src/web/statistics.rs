//! The public figures: a page, files of open data. Added up at most every ten minutes.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
    routing::get,
};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use super::{Problem, WebState, etag::tagged, site::html, view};
use crate::{
    domain::Day,
    service::{self, DataFile, Statistics},
};

/// How long figures are kept.
const FRESH: TimeDelta = TimeDelta::minutes(10);

/// The figures that were added up last.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<Option<Arc<Statistics>>>);

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/statistics", get(statistics))
        .route("/open-data", get(open_data))
        .route("/open-data/{file}", get(file))
}

impl WebState {
    /// The figures of today. Whoever asks while they are being added up waits for the same answer.
    pub(super) async fn figures(&self) -> Result<Arc<Statistics>, Problem> {
        let (app, now) = (self.app.clone(), self.clock.now());
        let mut kept = self.figures.0.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| is_fresh(kept.computed_at, now)) {
            return Ok(Arc::clone(kept));
        }
        let added = self
            .app
            .store
            .read_async(move |db| service::statistics(db, &app, now))
            .await?;
        Ok(Arc::clone(kept.insert(Arc::new(added))))
    }
}

/// Of today, and not older than [`FRESH`]; a clock that was set back makes it stale.
fn is_fresh(computed_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let age = now - computed_at;
    Day::of(computed_at) == Day::of(now) && age >= TimeDelta::zero() && age < FRESH
}

async fn statistics(
    State(state): State<WebState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let of = state.figures().await?;
    html(&headers, &view::statistics(&state.app, &of), false)
}

async fn open_data(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, Problem> {
    let of = state.figures().await?;
    html(&headers, &view::open_data(&state.app, &of), false)
}

async fn file(
    State(state): State<WebState>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let missing = || Problem::new("not-found").detail(format!("没有数据文件「{name}」"));
    let file = DataFile::named(&name).ok_or_else(missing)?;
    let bytes = file.write(&*state.figures().await?)?;
    let mut response = tagged(&headers, "text/csv; charset=utf-8; header=present", bytes);
    let as_attachment = format!("attachment; filename=\"{}\"", file.name);
    if let Ok(value) = HeaderValue::from_str(&as_attachment) {
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_kept_for_ten_minutes_of_one_day() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let computed = at("2026-07-01T15:55:00Z");
        for (now, fresh) in [
            ("2026-07-01T15:55:00Z", true),
            ("2026-07-01T15:59:59Z", true),
            // Midnight in Shanghai.
            ("2026-07-01T16:00:00Z", false),
            ("2026-07-01T15:54:59Z", false),
        ] {
            assert_eq!(is_fresh(computed, at(now)), fresh, "{now}");
        }
        let morning = at("2026-07-01T01:00:00Z");
        assert!(!is_fresh(morning, at("2026-07-01T01:10:00Z")));
    }
}
