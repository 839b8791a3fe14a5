//! `wuxin draw contribute`: what a party publishes before, and what it reveals at the event.

use crate::{
    cli::{Failure, account::randomness, output::print_json},
    draw::{Bytes32, contribution_digest},
};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Contribute {
    /// Name of the party, as the commitment will have it
    #[arg(long)]
    name: String,
}

impl Contribute {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let value = Bytes32(randomness()?);
        print_json(&serde_json::json!({
            "name": self.name,
            "commitment": contribution_digest(&self.name, &value),
            "value": value,
        }))
    }
}
