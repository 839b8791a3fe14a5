//! `wuxin publish`: one run of the publisher; `wuxin publish status`: how the feed stands.

use std::time::Duration;

use super::{
    Failure, Shared,
    output::{TextOrJson, print, print_json},
    runtime,
};
use crate::{
    clock::Clock,
    service::{FeedStatus, PublishReport, Publisher, PublisherError, Scope, feed_view},
};

/// Seal what waits, send it, and find out what became of it.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Publish {
    #[command(subcommand)]
    view: Option<View>,
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

#[derive(Debug, clap::Subcommand)]
enum View {
    /// How the feed stands: queue, unknowns, rejects, withdrawals that are not confirmed
    Status {
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
}

impl Publish {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        if let Some(View::Status { format }) = &self.view {
            return status(shared, *format);
        }
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

fn status(shared: &Shared, format: TextOrJson) -> Result<(), Failure> {
    let settings = shared.settings()?;
    let app = runtime::open(&settings)?;
    let (target, frozen) = (&settings.publish.target, settings.publish.freeze);
    let now = Clock::System.now();
    let view = app.store.read(|db| feed_view(db, target, frozen, now))?;
    match format {
        TextOrJson::Json => print_json(&view),
        TextOrJson::Text => print(&told(&view)),
    }
}

fn told(view: &FeedStatus) -> String {
    let mut text = format!("target {}: last batch {}\n", view.target, view.last_batch);
    let mut say = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    if let Some(why) = &view.frozen {
        say(format!("FROZEN: {why}"));
    }
    match view.breaker.open_until {
        Some(until) => say(format!(
            "breaker open until {until}: {} failures in a row",
            view.breaker.failures_in_a_row
        )),
        None => say(format!(
            "breaker closed: {} failure(s) in a row",
            view.breaker.failures_in_a_row
        )),
    }
    say(format!(
        "waiting {} (withdrawals {}), the oldest for {}",
        view.waiting,
        view.waiting_withdrawals,
        view.oldest_waiting_seconds.map_or("-".to_owned(), age)
    ));
    say(format!(
        "batches not settled {}, of unknown fate {}",
        view.batches.len(),
        view.unknown
    ));
    for line in &view.batches {
        let half = line
            .half_of
            .map_or(String::new(), |of| format!(", half of {of}"));
        say(format!(
            "  batch {}: {} record(s), {}, receipt level {}, {} attempt(s), {}{half}; {}",
            line.number,
            line.records,
            line.state,
            line.receipt_level,
            line.attempts,
            age(line.age_seconds),
            line.last_outcome
        ));
    }
    let classes = view.rejects_by_class.iter();
    let classes: Vec<String> = classes.map(|(class, n)| format!("{class} {n}")).collect();
    let by_class = if classes.is_empty() {
        String::new()
    } else {
        format!(": {}", classes.join(", "))
    };
    say(format!("rejected {}{by_class}", view.rejects.len()));
    for line in &view.rejects {
        say(format!(
            "  change {}: {} of {}{}, {} for the {}, due {}{}: {} {}",
            line.change,
            line.kind,
            line.company,
            if line.withdrawal { " (WITHDRAWAL)" } else { "" },
            line.class,
            line.owner,
            line.due.format("%Y-%m-%dT%H:%MZ"),
            if line.overdue { " (OVERDUE)" } else { "" },
            line.code,
            line.message
        ));
    }
    say(format!(
        "withdrawals not confirmed {}",
        view.unconfirmed_withdrawals.len()
    ));
    for line in &view.unconfirmed_withdrawals {
        say(format!(
            "  change {}: {} of {}, for {}",
            line.change,
            line.state,
            line.company,
            age(line.age_seconds)
        ));
    }
    say(format!("taken and not seen {}", view.not_visible.len()));
    for line in &view.not_visible {
        say(format!(
            "  change {}: {} of {}, for {}, looked {}{}{}",
            line.change,
            if line.withdrawal {
                "withdrawal"
            } else {
                "entry"
            },
            line.company,
            age(line.age_seconds),
            line.looks,
            if line.says.is_empty() {
                String::new()
            } else {
                format!(": {}", line.says)
            },
            if line.late { " (LATE)" } else { "" }
        ));
    }
    for line in &view.faulty_receipts {
        say(format!(
            "faulty receipt {} ({}): {}",
            line.name, line.source, line.detail
        ));
    }
    text
}

fn age(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
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
    if report.split > 0 {
        text.push_str(&format!("halved {}\n", report.split));
    }
    if report.handed_over > 0 {
        text.push_str(&format!("without a receipt {}\n", report.handed_over));
    }
    if report.seen > 0 {
        text.push_str(&format!("seen by the public {}\n", report.seen));
    }
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
