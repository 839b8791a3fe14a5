//! The stand-in platform: takes batches as a credit platform would, keeps a ledger of all it did, and misbehaves when
//! told to. For rehearsals and tests; no real platform is behind it.
//!
//! `POST /api/batches`, `GET /api/batches/{key}`, `GET /api/records/{record_id}`, `GET /api/ledger`, `POST /switches`,
//! `GET /api/listing`, `GET /ledger.csv`, and a page for people at `/`. What goes wrong when can be written beforehand:
//! [`Scenario`].

mod befall;
mod export;
mod http;
mod journal;
mod page;
mod platform;
mod questions;
mod scenario;
mod switches;
mod wire;

use std::{
    collections::VecDeque,
    fmt, io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;

pub use journal::JournalError;
pub use platform::{Held, Receipt};
pub use scenario::{About, Refused, SHIPPED, Scenario, ScenarioError};
pub use switches::{Behaviour, Call, OFFERED, Switch, SwitchError};

use crate::secret::Secret;
use journal::Journal;
use platform::{BatchFault, Commit, Platform, Taken};
use scenario::Arrival;
use switches::Switches;

/// Where the receiver takes the time from.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Requests that are remembered.
const REMEMBERED: usize = 2_000;

/// What a receiver is started with.
pub struct ReceiverSettings {
    pub clock: Clock,
    /// If set, batches and questions must carry it as a bearer token.
    pub token: Option<Secret>,
    /// File that keeps the ledger over restarts; memory only without.
    pub ledger: Option<PathBuf>,
}

/// The stand-in platform; a cheap handle.
#[derive(Clone)]
pub struct Receiver(Arc<Inner>);

struct Inner {
    clock: Clock,
    token: Option<Secret>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    platform: Platform,
    switches: Switches,
    scenario: Option<Scenario>,
    /// Keys of batches in the order in which each came first.
    arrivals: Vec<String>,
    requests: VecDeque<RequestLine>,
    journal: Option<Journal>,
}

impl State {
    /// What befalls a request: by the switches and by the scenario.
    fn befall(&mut self, arrival: &Arrival<'_>) -> Vec<Behaviour> {
        let mut taken = self.switches.take(arrival.call);
        if let Some(scenario) = &mut self.scenario {
            taken.extend(scenario.take(arrival));
        }
        taken
    }

    /// The number of a batch: 1 is the first that came in.
    fn number_of(&self, key: &str) -> Option<u32> {
        let place = self.arrivals.iter().position(|known| known == key)?;
        u32::try_from(place + 1).ok()
    }
}

/// One received request.
#[derive(Debug, Clone, Serialize)]
struct RequestLine {
    at: DateTime<Utc>,
    method: &'static str,
    path: String,
    /// Idempotency key of a batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// SM3 of the body of a batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    body_digest: Option<String>,
    /// What was answered, in short.
    answer: String,
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}

impl fmt::Debug for ReceiverSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            clock: _,
            token,
            ledger,
        } = self;
        f.debug_struct("ReceiverSettings")
            .field("token", token)
            .field("ledger", ledger)
            .finish_non_exhaustive()
    }
}

impl Receiver {
    /// A receiver with the content of its ledger file, if it has one.
    pub fn new(settings: ReceiverSettings) -> Result<Self, JournalError> {
        let mut state = State::default();
        if let Some(path) = &settings.ledger {
            let (journal, commits) = Journal::open(path)?;
            state.journal = Some(journal);
            for commit in commits {
                // Every batch was due at its own time, whatever the time is now.
                let received_at = commit.received_at;
                state.arrivals.push(commit.key.clone());
                state.platform.take(commit, received_at);
            }
        }
        Ok(Self(Arc::new(Inner {
            clock: settings.clock,
            token: settings.token,
            state: Mutex::new(state),
        })))
    }

    /// Turns a switch on.
    pub fn set(&self, switch: Switch) {
        self.lock().switches.set(switch);
    }

    /// Plays a scenario from its beginning; batches that came before it keep their numbers.
    pub fn play(&self, scenario: Scenario) {
        self.lock().scenario = Some(scenario);
    }

    /// Turns all switches off and ends the scenario.
    pub fn heal(&self) {
        let mut state = self.lock();
        state.switches.clear();
        state.scenario = None;
    }

    /// Forgets everything: content, switches, scenario, requests. Only without a ledger file, which would tell otherwise.
    ///
    /// # Errors
    /// There is a ledger file.
    pub fn begin_again(&self) -> Result<(), LedgerKept> {
        let mut state = self.lock();
        if state.journal.is_some() {
            return Err(LedgerKept);
        }
        *state = State::default();
        Ok(())
    }

    fn now(&self) -> DateTime<Utc> {
        (self.0.clock)()
    }

    /// A panic while holding the lock cannot leave a half-applied batch that matters more than going on.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, with everything committed that is due.
    fn settled(&self) -> MutexGuard<'_, State> {
        let now = self.now();
        let mut state = self.lock();
        state.platform.settle(now);
        state
    }

    fn admits(&self, token: Option<&str>) -> bool {
        let Some(wanted) = &self.0.token else {
            return true;
        };
        token.is_some_and(|given| given.as_bytes().ct_eq(wanted.reveal().as_bytes()).into())
    }

    /// Takes a batch: on the disk first, then into the content. Gives the answer and whether it was known before;
    /// nothing if it will be committed later.
    fn submit(
        &self,
        key: &str,
        body: &str,
        behaviours: &[Behaviour],
    ) -> Result<Option<(Taken, bool)>, SubmitError> {
        let now = self.now();
        let mut state = self.settled();
        if let Some(taken) = state.platform.known(key, body)? {
            return Ok(Some((taken.clone(), true)));
        }
        let late = behaviours.iter().find_map(|behaviour| match behaviour {
            Behaviour::LateCommit(seconds) => Some(TimeDelta::seconds((*seconds).into())),
            _ => None,
        });
        let commit = Commit {
            key: key.to_owned(),
            body: body.to_owned(),
            received_at: now,
            commit_at: now + late.unwrap_or_default(),
            terms: switches::terms(behaviours),
        };
        if let Some(journal) = &mut state.journal {
            journal.append(&commit).map_err(SubmitError::Disk)?;
        }
        state.platform.take(commit, now);
        Ok(state
            .platform
            .batch(key)
            .cloned()
            .map(|taken| (taken, false)))
    }

    fn remember(&self, line: RequestLine) {
        let mut state = self.lock();
        if state.requests.len() == REMEMBERED {
            state.requests.pop_front();
        }
        state.requests.push_back(line);
    }
}

/// A ledger on the disk is not forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ledger is kept in a file: begin with another file")]
pub struct LedgerKept;

#[derive(Debug, thiserror::Error)]
enum SubmitError {
    #[error(transparent)]
    Batch(#[from] BatchFault),
    #[error("the ledger cannot be written: {0}")]
    Disk(io::Error),
}

/// The routes of the receiver. Misbehaviour of the connection itself (drop, reset, truncate) needs [`serve`]; by
/// these routes alone it becomes an answer of status 500.
pub fn app(state: Receiver) -> Router {
    http::router(state)
}

/// Serves until `shutdown` is done; requests under way are finished.
pub async fn serve(
    listener: TcpListener,
    state: Receiver,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let service = app(state).into_make_service_with_connect_info::<wire::Wire>();
    axum::serve(wire::WireListener(listener), service)
        .with_graceful_shutdown(shutdown)
        .await
}
