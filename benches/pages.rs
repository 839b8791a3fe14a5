//! Public pages of the demo's city, in this process: median time of each, beside the same kind of router giving a constant
//! of the same size. Asked: under 20 ms.
//!
//! `cargo bench --bench pages`; the limit holds for a build that is optimised.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::Request,
    routing::get,
};
use clap::Parser;
use tower::ServiceExt;
use wuxin::{
    city::{DEMO_SEED, Size, Town},
    clock::{Clock, FixedClock},
    config::Limits,
    web::{self, WebState},
};

#[path = "main_job/files.rs"]
#[allow(dead_code, reason = "its measurements belong to another bench")]
mod files;
#[path = "main_job/timing.rs"]
#[allow(dead_code, reason = "its table belongs to another bench")]
mod timing;

/// How much is measured.
#[derive(Debug, Clone, Parser)]
struct Sizes {
    /// Times each page is asked for.
    #[arg(long, env = "WUXIN_BENCH_ROUNDS", default_value_t = 50)]
    rounds: usize,
    #[arg(skip)]
    companies: u32,
    #[arg(skip)]
    records: u32,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// No page takes longer, in the median.
const ASKED: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let sizes = Sizes::parse();
    let folder = tempfile::tempdir()?;
    let town = Town::new(DEMO_SEED, Size::demo());
    let written = files::write(&town, folder.path())?;
    let app = files::open(&folder.path().join("city.db"))?;
    files::import(&app, &written)?;
    let company = town.companies().next().context("an empty city")?;
    let state = WebState::new(Arc::new(app), Clock::Fixed(FixedClock::new(files::now()?)));
    let limits = Limits {
        lookups_per_minute: u32::MAX,
        ..Limits::default()
    };
    let own = web::router(state, &limits);
    println!(
        "{:<28}{:>10}{:>12}{:>12}",
        "page", "KB", "median ms", "constant ms"
    );
    let mut slowest = Duration::ZERO;
    for path in [
        "/".to_owned(),
        "/search?q=%E7%A4%BA%E4%BE%8B".to_owned(),
        format!("/companies/{}", company.uscc),
        "/lists".to_owned(),
        "/rules".to_owned(),
        "/statistics".to_owned(),
        "/open-data".to_owned(),
        "/report".to_owned(),
        format!("/badge?company={}", company.uscc),
    ] {
        let size = ask(&own, &path).await?;
        let body = Bytes::from(vec![b'x'; size]);
        let plain = Router::new().fallback(get(move || {
            let body = body.clone();
            async move { body }
        }));
        let (mut times, mut constants) = (Vec::new(), Vec::new());
        for _ in 0..sizes.rounds.max(1) {
            constants.push(measured(&plain, &path).await?);
            times.push(measured(&own, &path).await?);
        }
        let (median, constant) = (middle(times), middle(constants));
        slowest = slowest.max(median);
        #[expect(clippy::cast_precision_loss, reason = "kilobytes, printed")]
        let kilobytes = size as f64 / 1e3;
        println!(
            "{:<28}{kilobytes:>10.1}{:>12.2}{:>12.3}",
            path.split('?')
                .next()
                .unwrap_or_default()
                .get(..28)
                .unwrap_or(&path),
            median.as_secs_f64() * 1e3,
            constant.as_secs_f64() * 1e3,
        );
    }
    ensure!(
        cfg!(debug_assertions) || slowest < ASKED,
        "a page takes {slowest:?}, asked: {ASKED:?}"
    );
    Ok(())
}

/// Bytes of a page.
async fn ask(router: &Router, path: &str) -> anyhow::Result<usize> {
    let request = Request::get(path).body(Body::empty())?;
    let answer = router.clone().oneshot(request).await?;
    ensure!(answer.status().is_success(), "{path}: {}", answer.status());
    Ok(to_bytes(answer.into_body(), usize::MAX).await?.len())
}

async fn measured(router: &Router, path: &str) -> anyhow::Result<Duration> {
    let began = tokio::time::Instant::now();
    ask(router, path).await?;
    Ok(began.elapsed())
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
