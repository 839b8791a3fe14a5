//! The main job, measured: reading, importing, scoring, looking up, each beside the plainest thing that does the same
//! kind of work, in one run, so that a ratio means something on a machine that others use too.
//!
//! `cargo bench --bench main_job`; `benches/README.md` says what the numbers are.

use clap::Parser;
use wuxin::city::{DEMO_SEED, Size, Town};

#[path = "main_job/files.rs"]
mod files;
#[path = "main_job/lookups.rs"]
mod lookups;
#[path = "main_job/scoring.rs"]
mod scoring;
#[path = "main_job/timing.rs"]
mod timing;

use timing::Table;

/// How much is measured.
#[derive(Debug, Clone, Parser)]
struct Sizes {
    /// Times each measurement is repeated; medians are printed.
    #[arg(long, env = "WUXIN_BENCH_ROUNDS", default_value_t = 5)]
    rounds: usize,
    /// Companies of the city that is read and imported.
    #[arg(long, env = "WUXIN_BENCH_COMPANIES", default_value_t = 200)]
    companies: u32,
    /// Records of the city that is read and imported.
    #[arg(long, env = "WUXIN_BENCH_RECORDS", default_value_t = 20_000)]
    records: u32,
    /// Companies of the large population that is scored, with a hundred records each.
    #[arg(long, env = "WUXIN_BENCH_POPULATION", default_value_t = 1_000)]
    population: u32,
    /// Look-ups in one round.
    #[arg(long, env = "WUXIN_BENCH_REQUESTS", default_value_t = 2_000)]
    requests: usize,
    /// Connections that look up at once.
    #[arg(long, env = "WUXIN_BENCH_CONNECTIONS", default_value_t = 8)]
    connections: usize,
    /// Only write the city's three files to this folder, for `wuxin import`.
    #[arg(long, value_name = "DIR")]
    write: Option<std::path::PathBuf>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let mut sizes = Sizes::parse();
    sizes.rounds = sizes.rounds.max(1);
    if let Some(folder) = &sizes.write {
        std::fs::create_dir_all(folder)?;
        let size = Size::scaled(sizes.companies, sizes.records);
        files::write(&Town::new(DEMO_SEED, size), folder)?;
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let mut table = Table::default();
    files::measure(&sizes, folder.path(), &mut table)?;
    scoring::measure(&sizes, &mut table)?;
    lookups::measure(&sizes, folder.path(), &mut table)?;
    print!("{table}");
    Ok(())
}
