//! The publisher, measured beside a loop that posts the same bytes; each part in a process of its own, so that memory and
//! processor time are those of the part alone.
//!
//! `cargo bench --bench feed`; `benches/README.md` says what the numbers are.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, ensure};
use clap::{Parser, Subcommand};
use serde_json::Value;

#[path = "feed/parts.rs"]
mod parts;

/// How much is measured.
#[derive(Debug, Parser)]
struct Arguments {
    /// Changes of the large outbox.
    #[arg(long, env = "WUXIN_BENCH_CHANGES", default_value_t = 100_000)]
    changes: u32,
    /// Changes of the small outbox, for the comparison of memory.
    #[arg(long, env = "WUXIN_BENCH_FEW_CHANGES", default_value_t = 10_000)]
    few: u32,
    /// Seconds that an idle publisher is watched.
    #[arg(long, env = "WUXIN_BENCH_IDLE", default_value_t = 30)]
    idle: u64,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
    #[command(subcommand)]
    part: Option<Part>,
}

/// What a process of the bench does.
#[derive(Debug, Subcommand)]
enum Part {
    /// The stand-in platform, until it is killed.
    #[command(hide = true)]
    Platform,
    /// Puts changes into an outbox.
    #[command(hide = true)]
    Fill { folder: PathBuf, changes: u32 },
    /// Publishes all that waits.
    #[command(hide = true)]
    Publish { folder: PathBuf, url: String },
    /// Posts the bytes of all sealed batches.
    #[command(hide = true)]
    Loop { folder: PathBuf, url: String },
    /// Confirms a withdrawal while additions wait, and while they are being sent.
    #[command(hide = true)]
    Withdraw { folder: PathBuf, url: String },
    /// Runs the jobs with nothing to do.
    #[command(hide = true)]
    Idle {
        folder: PathBuf,
        url: String,
        seconds: u64,
    },
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match &arguments.part {
        None => measure(&arguments),
        Some(Part::Platform) => parts::platform(),
        Some(Part::Fill { folder, changes }) => parts::fill(folder, *changes),
        Some(Part::Publish { folder, url }) => parts::publish(folder, url),
        Some(Part::Loop { folder, url }) => parts::post(folder, url),
        Some(Part::Withdraw { folder, url }) => parts::withdraw(folder, url),
        Some(Part::Idle {
            folder,
            url,
            seconds,
        }) => parts::idle(folder, url, *seconds),
    }
}

fn measure(arguments: &Arguments) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (few, many) = (folder.path().join("few"), folder.path().join("many"));
    for (place, changes) in [(&few, arguments.few), (&many, arguments.changes)] {
        std::fs::create_dir(place)?;
        part(&["fill", &text(place), &changes.to_string()])?;
    }
    let late = folder.path().join("late");
    std::fs::create_dir(&late)?;
    for name in std::fs::read_dir(&many)? {
        let name = name?.file_name();
        std::fs::copy(many.join(&name), late.join(&name))?;
    }

    let published_few = with_platform(|url| part(&["publish", &text(&few), url]))?;
    let published = with_platform(|url| part(&["publish", &text(&many), url]))?;
    let posted = with_platform(|url| part(&["loop", &text(&many), url]))?;
    let number = |value: &Value, key: &str| {
        value[key]
            .as_f64()
            .with_context(|| format!("{key}: {value}"))
    };
    let changes = f64::from(arguments.changes);
    let (ours, theirs) = (number(&published, "seconds")?, number(&posted, "seconds")?);
    println!(
        "publish {changes} changes             {:>10.0} changes/s  ({ours:.2} s, {:.2} s of processor)",
        changes / ours,
        number(&published, "processor")?
    );
    println!(
        "a loop that posts the same bytes    {:>10.0} changes/s  ({theirs:.2} s)   ratio {:.2}",
        changes / theirs,
        theirs / ours
    );
    println!(
        "peak memory                         {:>10.1} MiB with {} changes, {:.1} MiB with {changes}",
        number(&published_few, "peak_mib")?,
        arguments.few,
        number(&published, "peak_mib")?
    );
    let withdrawn = with_platform(|url| part(&["withdraw", &text(&late), url]))?;
    println!(
        "a withdrawal confirmed              {:>10.2} s with {changes} additions waiting, {:.2} s while they are sent",
        number(&withdrawn, "waiting")?,
        number(&withdrawn, "sending")?
    );
    let idle = with_platform(|url| part(&["idle", &text(&few), url, &arguments.idle.to_string()]))?;
    println!(
        "idle                                {:>10.2} % of one core over {} s",
        number(&idle, "percent")?,
        arguments.idle
    );
    Ok(())
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Runs a part in a process of its own: what it printed last.
fn part(arguments: &[&str]) -> anyhow::Result<Value> {
    let output = Command::new(std::env::current_exe()?)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "{arguments:?}: {}", output.status);
    let said = String::from_utf8(output.stdout)?;
    let last = said.lines().last().unwrap_or("null");
    serde_json::from_str(last).with_context(|| format!("{arguments:?} said {said}"))
}

/// A stand-in platform of its own for one part.
fn with_platform<T>(work: impl FnOnce(&str) -> anyhow::Result<T>) -> anyhow::Result<T> {
    struct Killed(Child);
    impl Drop for Killed {
        fn drop(&mut self) {
            if self.0.kill().is_ok() {
                drop(self.0.wait());
            }
        }
    }
    let mut platform = Killed(
        Command::new(std::env::current_exe()?)
            .arg("platform")
            .stdout(Stdio::piped())
            .spawn()?,
    );
    let output = platform.0.stdout.take().context("no output")?;
    let mut url = String::new();
    BufReader::new(output).read_line(&mut url)?;
    work(url.trim())
}
