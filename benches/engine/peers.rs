//! The peers: programs of their own that read the folded records from files, wait, and run when they are told to.

use std::{
    fs,
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use wuxin::domain::Day;

use super::{
    Options, Policy,
    outcome::Outcome,
    workload::{self, BASE, EACH, GRADES, HIGHEST, LOWEST, Rules, VETO_RANK, component_of},
};

/// A peer written in Python: job, name, what the script is told to be, threads.
type Script = (&'static str, &'static str, &'static str, u8);

const SCRIPTS: [Script; 8] = [
    ("S1", "polars, 1 thread", "polars", 1),
    ("S1", "polars, 2 threads", "polars", 2),
    ("S1", "pandas", "pandas", 1),
    ("S1", "DuckDB, 1 thread", "duckdb", 1),
    ("S2", "DuckDB, 1 thread", "duckdb", 1),
    ("S2", "DuckDB, 2 threads", "duckdb", 2),
    ("S2", "SQLite, in memory", "sqlite", 1),
    ("S2", "Python, a plain loop", "python", 1),
];

/// A peer that was started and has read its files; it ends with this.
pub struct Peer {
    pub name: String,
    pub job: &'static str,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct Answer {
    seconds: f64,
    /// Absent where the peer does less than the job.
    outcome: Option<Outcome>,
}

/// Starts those that are asked for.
pub fn start(
    options: &Options,
    folder: &Path,
    policies: [&Policy; 2],
    day: Day,
) -> anyhow::Result<Vec<Peer>> {
    let mut peers = Vec::new();
    if !options.peers && !options.zen {
        return Ok(peers);
    }
    for (job, policy) in ["S1", "S2"].into_iter().zip(policies) {
        let folder = folder.join(job);
        fs::create_dir_all(&folder)?;
        write(&folder, policy, options.companies, day)?;
    }
    if options.peers {
        let python = environment()?;
        let script = home().join("peers.py");
        for (job, name, library, threads) in SCRIPTS {
            let mut command = Command::new(&python);
            command
                .arg(&script)
                .arg(library)
                .arg(folder.join(job))
                .arg(job);
            command.env("POLARS_MAX_THREADS", threads.to_string());
            command.env("PEER_THREADS", threads.to_string());
            peers.push(Peer::start(name, job, command)?);
        }
    }
    if options.zen {
        let mut command = Command::new(build_zen()?);
        command.arg(folder.join("S1"));
        let name = "ZEN engine: looked up and summed only";
        peers.push(Peer::start(name, "S1", command)?);
    }
    Ok(peers)
}

impl Peer {
    fn start(name: &str, job: &'static str, mut command: Command) -> anyhow::Result<Self> {
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = started.with_context(|| format!("{name} does not start"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("{name} has no pipes");
        };
        let mut peer = Self {
            name: name.to_owned(),
            job,
            child,
            input,
            output: BufReader::new(output),
        };
        // It says a line once its files are read, so that nobody reads files while another one runs.
        let said = peer.line()?;
        eprintln!("{name}, {job}: {}", said.trim());
        Ok(peer)
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        ensure!(!line.is_empty(), "{} ended", self.name);
        Ok(line)
    }

    /// Lets it run, and gives the time that it took by its own clock.
    pub fn run(&mut self) -> anyhow::Result<(Duration, Option<Outcome>)> {
        self.input.write_all(b"run\n")?;
        self.input.flush()?;
        let line = self.line()?;
        let answer: Answer = serde_json::from_str(&line).with_context(|| line.clone())?;
        Ok((Duration::from_secs_f64(answer.seconds), answer.outcome))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let ended = self.input.write_all(b"end\n");
        if let Err(error) = ended.and_then(|()| self.child.wait()) {
            eprintln!("{} did not end: {error}", self.name);
        }
    }
}

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers")
}

fn target() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"))
}

/// The virtual environment with the pinned versions; made on the first run and whenever they change.
fn environment() -> anyhow::Result<PathBuf> {
    let folder = target().join("bench-peers");
    let python = folder.join("bin/python");
    let pinned = home().join("requirements.txt");
    let (wanted, stamp) = (fs::read_to_string(&pinned)?, folder.join("installed.txt"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    done(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    let install = ["-m", "pip", "install", "--quiet", "--requirement"];
    done(Command::new(&python).args(install).arg(&pinned))?;
    fs::write(stamp, wanted)?;
    Ok(python)
}

fn build_zen() -> anyhow::Result<PathBuf> {
    let folder = target().join("bench-zen");
    let manifest = home().join("zen/Cargo.toml");
    let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    cargo.args(["build", "--release", "--locked", "--manifest-path"]);
    done(cargo.arg(manifest).arg("--target-dir").arg(&folder))?;
    Ok(folder.join("release/zen-peer"))
}

fn done(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("{command:?}"))?;
    ensure!(status.success(), "{command:?}: {status}");
    Ok(())
}

/// The files of a job: records folded as the engine arranges them, bounds, and the numbers of the rules.
fn write(folder: &Path, policy: &Policy, companies: usize, day: Day) -> anyhow::Result<()> {
    let Policy { rules, folded, .. } = policy;
    let file =
        |name: &str| Ok::<_, std::io::Error>(BufWriter::new(fs::File::create(folder.join(name))?));
    let mut records = file("records.csv")?;
    writeln!(
        records,
        "company,item,seq,matter,first,last,rectified,before,after,again"
    )?;
    for row in 0..folded.item.len() {
        writeln!(
            records,
            "{},{},{},{},{},{},{},{},{},{}",
            row / EACH,
            folded.item[row],
            row % EACH,
            folded.matter[row],
            folded.first[row],
            folded.last[row],
            folded.rectified[row],
            folded.before[row],
            folded.after[row],
            folded.again[row],
        )?;
    }
    records.flush()?;
    let mut items = file("items.csv")?;
    writeln!(items, "item,component,low,high,veto")?;
    for (index, item) in rules.items.iter().enumerate() {
        let (low, high) = item.bounds;
        let veto = u8::from(item.veto);
        writeln!(items, "{index},{},{low},{high},{veto}", component_of(index))?;
    }
    items.flush()?;
    let mut components = file("components.csv")?;
    writeln!(components, "component,low,high")?;
    for (index, (low, high)) in rules.components.iter().enumerate() {
        writeln!(components, "{index},{low},{high}")?;
    }
    components.flush()?;
    let numbers = numbers(rules, companies, day);
    fs::write(folder.join("rules.json"), numbers.to_string())?;
    Ok(())
}

fn numbers(rules: &Rules, companies: usize, day: Day) -> serde_json::Value {
    serde_json::json!({
        "companies": companies,
        "items": rules.items.len(),
        "day": workload::number(day),
        "base": BASE,
        "lowest": LOWEST,
        "highest": HIGHEST,
        "grades": GRADES,
        "veto_rank": VETO_RANK,
    })
}
