//! What commands that work with the service share: opening it, the async runtime, the signal to stop.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Shanghai;
use tokio_util::sync::CancellationToken;

use super::Failure;
use crate::{
    config::Settings,
    service::{self, Actor, App, BlobFault, Error, OpenError},
    telemetry,
};

/// Opens the service by the settings.
pub(super) fn open(settings: &Settings) -> Result<Arc<App>, Failure> {
    Ok(Arc::new(App::open(settings)?))
}

/// In whose name a step is taken: the account whose token `WUXIN_TOKEN` holds.
pub(super) fn caller(app: &App) -> Result<Actor, Failure> {
    let token = std::env::var("WUXIN_TOKEN")
        .map_err(|_| Failure::Usage("set WUXIN_TOKEN to the token of an account".to_owned()))?;
    app.store
        .read(|db| service::authenticate(db, &token))?
        .ok_or_else(|| Failure::Input("the token in WUXIN_TOKEN is not valid".to_owned()))
}

/// Starts logging.
pub(super) fn log(settings: &Settings) -> Result<(), Failure> {
    telemetry::start(&settings.log).map_err(|fault| Failure::Input(format!("log filter: {fault}")))
}

/// Runs async work to its end.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|fault| Failure::Outside(format!("runtime: {fault}")))?
        .block_on(work)
}

/// Is cancelled by Ctrl-C or SIGTERM.
pub(super) fn stop_signal() -> CancellationToken {
    let token = CancellationToken::new();
    let stop = token.clone();
    tokio::spawn(async move {
        if let Err(fault) = signalled().await {
            tracing::error!(error = %fault, "signals cannot be received");
            return;
        }
        tracing::info!("stopping");
        stop.cancel();
    });
    token
}

#[cfg(unix)]
async fn signalled() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signalled() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// An instant as the bureau's clock shows it.
pub(super) fn local(at: DateTime<Utc>) -> String {
    at.with_timezone(&Shanghai)
        .format("%Y-%m-%d %H:%M:%S")
        .to_string()
}

impl From<OpenError> for Failure {
    fn from(fault: OpenError) -> Self {
        if fault.is_outside() {
            Self::Outside(fault.to_string())
        } else {
            Self::Input(fault.to_string())
        }
    }
}

impl From<Error> for Failure {
    fn from(fault: Error) -> Self {
        match fault {
            Error::Store(source) => Self::Outside(source.to_string()),
            Error::Attachment(source @ BlobFault::Io { .. }) => Self::Outside(source.to_string()),
            Error::Invalid(faults) => Self::Input(
                faults
                    .iter()
                    .map(|fault| {
                        format!(
                            "{} [{}] {} {}",
                            fault.pointer, fault.code, fault.what, fault.fix
                        )
                    })
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
            other => Self::Input(other.to_string()),
        }
    }
}

impl From<crate::store::StoreError> for Failure {
    fn from(fault: crate::store::StoreError) -> Self {
        Self::from(Error::from(fault))
    }
}
