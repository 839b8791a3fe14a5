//! `wuxin publish`: one run of the publisher.

use std::time::Duration;

use super::{
    Failure, Shared,
    output::{TextOrJson, print, print_json},
    runtime,
};
use crate::{
    clock::Clock,
    service::{PublishReport, Publisher, PublisherError, Scope},
};

/// Seal what waits, send it, and find out what became of it.
#[derive(Debug, clap::Args)]
pub(super) struct Publish {
    /// Show exactly what would go out; send nothing
    #[arg(long)]
    dry_run: bool,
    /// Withdrawals only
    #[arg(long, conflicts_with = "dry_run")]
    urgent: bool,
    /// Let a refused batch go again, once its cause is mended
    #[arg(long, value_name = "NUMBER", conflicts_with = "dry_run")]
    release: Option<i64>,
    /// Wait this many seconds for batches whose next try is due
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    patience: u64,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

impl Publish {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let settings = shared.settings()?;
        runtime::log(&settings)?;
        let publisher = Publisher::new(&settings.publish)?;
        let app = runtime::open(&settings)?;
        if self.dry_run {
            return print_json(
                &app.store
                    .read(|db| publisher.preview(db, Clock::System.now()))?,
            );
        }
        let scope = if self.urgent {
            Scope::Urgent
        } else {
            Scope::Now
        };
        let report = runtime::block_on(async {
            let clock = Clock::System;
            let give_up = clock.now() + Duration::from_secs(self.patience);
            if let Some(number) = self.release {
                publisher.release(&app, number, &|| clock.now()).await?;
            }
            let mut total = PublishReport::default();
            loop {
                let report = publisher.run(&app, scope, &|| clock.now()).await?;
                let next = report.next_attempt_at;
                total.add(report);
                match next {
                    Some(next) if next <= give_up => {
                        let wait = (next - clock.now()).to_std().unwrap_or_default();
                        tokio::time::sleep(wait + Duration::from_millis(1)).await;
                    }
                    _ => return Ok(total),
                }
            }
        })?;
        match self.format {
            TextOrJson::Json => print_json(&report)?,
            TextOrJson::Text => print(&words(&report))?,
        }
        if !report.ran {
            return Err(Failure::Input(
                "another publisher is at work, or the target is frozen".to_owned(),
            ));
        }
        if report.waiting > 0 {
            return Err(Failure::Outside(format!(
                "{} batch(es) are not settled",
                report.waiting
            )));
        }
        if report.rejected > 0 || !report.alarms.is_empty() {
            return Err(Failure::Said);
        }
        Ok(())
    }
}

fn words(report: &PublishReport) -> String {
    let mut text = format!(
        "sealed {}, sent {}, asked {}, settled {}; {} accepted, {} rejected, {} waiting\n",
        report.sealed,
        report.sends,
        report.probes,
        report.settled,
        report.accepted,
        report.rejected,
        report.waiting
    );
    for alarm in &report.alarms {
        text.push_str(&format!("needs a person: {alarm}\n"));
    }
    text
}

impl From<PublisherError> for Failure {
    fn from(fault: PublisherError) -> Self {
        Self::Input(fault.to_string())
    }
}
