//! `wuxin receiver`: the stand-in platform.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use super::{Failure, runtime, serve::listen};
use crate::{
    clock::Clock,
    config::Log,
    feed::receiver::{self, ReceiverSettings},
    secret::Secret,
    telemetry,
};

/// A stand-in credit platform, for rehearsals: it keeps a ledger and misbehaves when its page tells it to.
#[derive(Debug, clap::Args)]
pub(super) struct Receiver {
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// File that keeps the ledger over restarts
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Scenario that is played: what goes wrong when (TOML)
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// File with the bearer token that must be shown [default: none is asked for]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl Receiver {
    pub(super) fn run(&self) -> Result<(), Failure> {
        telemetry::start(&Log::default()).map_err(|fault| Failure::Input(fault.to_string()))?;
        let token = self
            .token_file
            .as_ref()
            .map(|path| {
                let text =
                    std::fs::read_to_string(path).map_err(|fault| Failure::file(path, &fault))?;
                Ok::<_, Failure>(Secret::new(text.trim()))
            })
            .transpose()?;
        let receiver = stand_in(Clock::System, token, self.ledger.clone())?;
        if let Some(path) = &self.scenario {
            let text =
                std::fs::read_to_string(path).map_err(|fault| Failure::file(path, &fault))?;
            let scenario = receiver::Scenario::parse(&text)
                .map_err(|fault| Failure::Input(format!("{}: {fault}", path.display())))?;
            eprintln!("receiver: playing {}", scenario.name);
            receiver.play(scenario);
        }
        runtime::block_on(async {
            let listener = listen(self.listen).await?;
            let stop = runtime::stop_signal();
            // Port 0 picks a free one: say which.
            let address = listener.local_addr().unwrap_or(self.listen);
            eprintln!("receiver: http://{address}/");
            receiver::serve(listener, receiver, stop.cancelled_owned())
                .await
                .map_err(|fault| Failure::Outside(fault.to_string()))
        })
    }
}

/// The stand-in platform with a clock.
pub(super) fn stand_in(
    clock: Clock,
    token: Option<Secret>,
    ledger: Option<PathBuf>,
) -> Result<receiver::Receiver, Failure> {
    receiver::Receiver::new(ReceiverSettings {
        clock: Arc::new(move || clock.now()),
        token,
        ledger,
    })
    .map_err(|fault| Failure::Input(fault.to_string()))
}
