//! `wuxin replay`: stored scores computed again from what was known when they were made, and compared to the byte.

use super::{
    Failure, Shared,
    output::{TextOrJson, print, print_json},
    runtime,
};
use crate::{
    clock::Clock,
    domain::Day,
    service::{self, Choice, Replayed},
};

/// Compute stored scores again, under the rule text and from the facts of their time, and compare every byte.
#[derive(Debug, clap::Args)]
pub(super) struct Replay {
    /// How many stored scores
    #[arg(long, value_name = "N", default_value_t = 200)]
    sample: usize,
    /// All stored scores
    #[arg(long, conflicts_with_all = ["sample", "seed"])]
    all: bool,
    /// Which ones: the same seed draws the same [default: today's date, as the nightly job]
    #[arg(long, value_name = "TEXT")]
    seed: Option<String>,
    /// Answer for the alarms there are instead, once you know their cause; goes to the audit trail
    #[arg(long, value_name = "REASON", conflicts_with_all = ["sample", "all", "seed"])]
    acknowledge: Option<String>,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

impl Replay {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let settings = shared.settings()?;
        let app = runtime::open(&settings)?;
        let now = Clock::System.now();
        if let Some(reason) = &self.acknowledge {
            let answered = app
                .store
                .write(|db| service::acknowledge(db, "operator", reason, now))?;
            return print(&format!("{answered} difference(s) acknowledged\n"));
        }
        let choice = if self.all {
            Choice::All
        } else {
            let seed = self.seed.clone();
            Choice::Sample {
                size: self.sample,
                seed: seed.unwrap_or_else(|| Day::of(now).to_string()),
            }
        };
        let found = app.store.read(|db| service::replay(db, &choice))?;
        match self.format {
            TextOrJson::Json => print_json(&found)?,
            TextOrJson::Text => print(&words(&found))?,
        }
        if found.differences.is_empty() {
            Ok(())
        } else {
            Err(Failure::Said)
        }
    }
}

fn words(found: &Replayed) -> String {
    let mut text = format!(
        "{} replayed, {} differ; left out: {} of overlapping writes, {} from before the history\n",
        found.replayed,
        found.differences.len(),
        found.overlapped,
        found.before_history,
    );
    for one in &found.differences {
        text.push_str(&format!(
            "\n{} as of {}, computed {} under {}\n",
            one.subject(),
            one.as_of,
            one.computed_at,
            one.ruleset_digest,
        ));
        if let Some(fault) = &one.fault {
            text.push_str(&format!("  {fault}\n"));
        }
        if let Some((number, stored, again)) = &one.line {
            text.push_str(&format!("  line {number}\n  - {stored}\n  + {again}\n"));
        }
    }
    text
}
