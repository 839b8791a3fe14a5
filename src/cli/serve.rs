//! `wuxin serve` and `wuxin work`: the interface with the scheduled jobs, or the jobs alone.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Failure, Shared, runtime};
use crate::{
    clock::Clock,
    config::Settings,
    jobs::Jobs,
    service::{self, App, Publisher, PublisherError},
    web::{self, WebState},
};

/// How long requests under way may take when the program is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// API, web pages and scheduled jobs.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// Address to listen on [environment: WUXIN_LISTEN]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Leave the scheduled jobs to `wuxin work`
    #[arg(long)]
    no_jobs: bool,
}

/// Scheduled jobs alone.
#[derive(Debug, clap::Args)]
pub(super) struct Work {}

impl Serve {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let mut settings = shared.settings()?;
        if let Some(listen) = self.listen {
            settings.listen = listen;
        }
        if self.no_jobs {
            settings.jobs.enabled = false;
        }
        runtime::log(&settings)?;
        let app = runtime::open(&settings)?;
        runtime::block_on(async {
            let listener = listen(settings.listen).await?;
            let stop = runtime::stop_signal();
            serve(app, Clock::System, settings, listener, stop).await
        })
    }
}

impl Work {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let settings = shared.settings()?;
        runtime::log(&settings)?;
        let app = runtime::open(&settings)?;
        runtime::block_on(async {
            bring_up_to_date(&app, Clock::System)?;
            let jobs = jobs(&app, &Clock::System, &settings)?;
            let stop = runtime::stop_signal();
            let state = WebState::new(Arc::clone(&app), Clock::System);
            figures(state, &settings, &stop).await?;
            jobs.run(stop).await;
            Ok(())
        })
    }
}

/// Binds an address.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|fault| Failure::Outside(format!("cannot listen on {address}: {fault}")))
}

/// Serves, and runs the jobs, until stopped; requests and jobs under way are finished.
pub(super) async fn serve(
    app: Arc<App>,
    clock: Clock,
    settings: Settings,
    listener: TcpListener,
    stop: CancellationToken,
) -> Result<(), Failure> {
    bring_up_to_date(&app, clock.clone())?;
    let running = settings
        .jobs
        .enabled
        .then(|| jobs(&app, &clock, &settings))
        .transpose()?
        .map(|jobs| tokio::spawn(jobs.run(stop.clone())));
    let mut state = WebState::new(app, clock);
    if settings.metrics.listen.is_some() {
        state = state
            .measured()
            .map_err(|fault| Failure::Outside(fault.to_string()))?;
    }
    figures(state.clone(), &settings, &stop).await?;
    let router = web::router(state, &settings.limits);
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "serving");
    }
    let serving = web::serve(listener, router, stop.clone().cancelled_owned());
    // A client that never ends its request must not keep the program from stopping.
    let served = tokio::select! {
        served = serving => served,
        () = async { stop.cancelled().await; tokio::time::sleep(GRACE).await } => {
            tracing::warn!("connections are still open: they are cut");
            Ok(())
        }
    };
    stop.cancel();
    if let Some(running) = running {
        running
            .await
            .map_err(|fault| Failure::Outside(format!("jobs: {fault}")))?;
    }
    served.map_err(|fault| Failure::Outside(format!("serving: {fault}")))
}

/// Answers a monitoring system at an address of its own, if one is set.
async fn figures(
    state: WebState,
    settings: &Settings,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let Some(address) = settings.metrics.listen else {
        return Ok(());
    };
    let listener = listen(address).await?;
    tracing::info!(%address, "telling figures");
    let serving = web::serve(
        listener,
        web::metrics_router(state),
        stop.clone().cancelled_owned(),
    );
    tokio::spawn(async move {
        if let Err(fault) = serving.await {
            tracing::error!(error = %fault, "figures are told no more");
        }
    });
    Ok(())
}

/// Scores everybody again if a rule set is another one than the stored scores were made with.
fn bring_up_to_date(app: &App, clock: Clock) -> Result<(), Failure> {
    let now = clock.now();
    let done = app
        .store
        .write(|db| service::rescore_if_rules_changed(db, app, now))?;
    if let Some(done) = done {
        tracing::info!(
            scored = done.scored,
            changed = done.changed,
            "the rules changed: scored again"
        );
    }
    let done = app
        .store
        .write(|db| service::deadlines::recount(db, app, now))?;
    if done.recounted + done.judged > 0 {
        tracing::info!(
            recounted = done.recounted,
            changed = done.changed,
            waiting = done.waiting,
            judged = done.judged,
            "the calendar changed: running periods were worked out again"
        );
    }
    Ok(())
}

pub(super) fn jobs(app: &Arc<App>, clock: &Clock, settings: &Settings) -> Result<Jobs, Failure> {
    let publisher = match Publisher::new(&settings.publish) {
        Ok(publisher) => Some(publisher),
        Err(PublisherError::NoUrl) => {
            tracing::warn!("no platform is configured: nothing is pushed");
            None
        }
        Err(fault) => return Err(fault.into()),
    };
    Ok(Jobs::new(
        Arc::clone(app),
        clock.clone(),
        settings,
        publisher,
    ))
}
