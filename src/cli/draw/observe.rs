//! `wuxin draw observe`: publishes the value of the event.

use std::path::PathBuf;

use serde::Deserialize;

use super::{
    files::{self, Mode},
    now, refused,
};
use crate::{
    cli::{Failure, output::print_json},
    draw::{self, Bytes32, Contribution, Event, EventValue},
};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Observe {
    /// The published file; it is written anew
    file: PathBuf,
    /// The value, or @FILE: the numbers of a lottery; a drand round as its beacon gives it (JSON) or its randomness;
    /// contributions as JSON, `[{"name": ..., "value": ...}]`, a party that did not reveal left out
    #[arg(long)]
    value: String,
}

/// A round as a drand beacon gives it.
#[derive(Deserialize)]
struct Beacon {
    round: u64,
    randomness: Bytes32,
    signature: String,
}

impl Observe {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let published = files::published(&self.file)?;
        let event = (published.attempts.last()).map(|last| &last.commitment.body.event);
        let given = files::argument(&self.value)?;
        let value = match event {
            Some(event) => value(event, given.trim())?,
            None => return Err(refused(draw::StepFault::Empty)),
        };
        let published = draw::observe(published, value, now()).map_err(refused)?;
        files::replace(&self.file, &published.text(), Mode::Public)?;
        let observed = published
            .attempts
            .last()
            .and_then(|last| last.event.as_ref());
        print_json(&observed.map(|part| &part.body))
    }
}

fn value(event: &Event, given: &str) -> Result<EventValue, Failure> {
    let wrong = |fault: &dyn std::fmt::Display| Failure::Input(format!("--value: {fault}"));
    match event {
        Event::Lottery { .. } => Ok(EventValue::lottery(given)),
        Event::Drand { round, .. } if given.starts_with('{') => {
            let beacon: Beacon = serde_json::from_str(given).map_err(|fault| wrong(&fault))?;
            if beacon.round != *round {
                let fault = format!("round {} was committed to, this is {}", round, beacon.round);
                return Err(wrong(&fault));
            }
            Ok(EventValue::Drand {
                randomness: beacon.randomness,
                signature: Some(beacon.signature.to_lowercase()),
            })
        }
        Event::Drand { .. } => Ok(EventValue::Drand {
            randomness: Bytes32::parse(given).map_err(|fault| wrong(&fault))?,
            signature: None,
        }),
        Event::Contributions { parties, .. } => {
            let given: Vec<Contribution> =
                serde_json::from_str(given).map_err(|fault| wrong(&fault))?;
            let stranger =
                (given.iter()).find(|one| parties.iter().all(|party| party.name != one.name));
            if let Some(stranger) = stranger {
                return Err(wrong(&format!("{} is no party", stranger.name)));
            }
            let contributions = parties.iter().map(|party| Contribution {
                name: party.name.clone(),
                value: (given.iter())
                    .find(|one| one.name == party.name)
                    .and_then(|one| one.value),
            });
            Ok(EventValue::Contributions {
                contributions: contributions.collect(),
            })
        }
    }
}
