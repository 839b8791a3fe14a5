//! `wuxin demo`: the whole main job on a synthetic city, through the same doors as everything else.
//!
//! The city has a clock of its own, so that its results are the same whenever it is run: files are imported on
//! 1 July 2026, list entries are walked through their steps over the following days, the platform hears of them, and the
//! site opens on 10 July. From then on the clock runs.

mod deciding;
mod papers;
mod people;
mod steps;
mod told;
mod verify;

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Asia::Shanghai;
use tokio_util::sync::CancellationToken;

use super::{Failure, output::print, receiver::stand_in, runtime, serve};
use crate::{
    city::{DEMO_SEED, Size, Town},
    clock::{Clock, FixedClock},
    config::{Log, Publish, Settings},
    domain::Fault,
    feed::receiver,
    secret::Secret,
    service::{self, App, ImportFiles, ImportReport, Progress, Publisher},
    telemetry,
};
use people::People;

/// Files the demo makes in its folder; nothing else there is touched.
const FILES: [&str; 7] = [
    "companies.csv",
    "projects.csv",
    "records.csv",
    "city.db",
    "city.db-wal",
    "city.db-shm",
    "ledger.jsonl",
];

/// A whole city in one go; serves until Ctrl-C.
#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// Folder for the files and the database; made anew at each start
    #[arg(long, value_name = "DIR", default_value = "wuxin-demo")]
    dir: PathBuf,
    /// Address of the site; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Address of the stand-in platform; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    platform: SocketAddr,
    /// Another city
    #[arg(long, default_value_t = DEMO_SEED)]
    seed: u64,
    /// Run everything, verify the outcome, and exit
    #[arg(long)]
    check: bool,
}

/// What the city runs with.
struct Stage {
    app: Arc<App>,
    settings: Settings,
    hand: FixedClock,
    publisher: Publisher,
    platform: receiver::Receiver,
    people: People,
}

impl Demo {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let log = Log {
            filter: "warn".to_owned(),
            ..Log::default()
        };
        telemetry::start(&log).map_err(|fault| Failure::Input(fault.to_string()))?;
        runtime::block_on(self.play())
    }

    async fn play(&self) -> Result<(), Failure> {
        let began = Instant::now();
        let step = |what: &str| eprintln!("{:5.1}s  {what}", began.elapsed().as_secs_f32());
        // In a check the ports are nobody's business.
        let address = |given: SocketAddr| if self.check { loopback() } else { given };
        let (site, platform_at) = (
            serve::listen(address(self.listen)).await?,
            serve::listen(address(self.platform)).await?,
        );
        let site_at = local(&site)?;
        let platform_address = local(&platform_at)?;

        step("making a synthetic city");
        clear(&self.dir)?;
        let files = self.write_city()?;
        let hand = FixedClock::new(shanghai(7, 1, 9));
        let secret = Secret::new(hex::encode(super::account::randomness()?));
        let platform = stand_in(
            Clock::Fixed(hand.clone()),
            Some(secret.clone()),
            Some(self.dir.join("ledger.jsonl")),
        )?;
        let stop = CancellationToken::new();
        let serving_platform = tokio::spawn(receiver::serve(
            platform_at,
            platform.clone(),
            stop.clone().cancelled_owned(),
        ));
        let settings = self.settings(platform_address, secret);
        let app = runtime::open(&settings)?;

        step("importing and scoring it");
        let imported = import(&app, &files, hand.now())?;
        let people = People::hire(&app, hand.now())?;
        let stage = Stage {
            publisher: Publisher::new(&settings.publish)?,
            app,
            settings,
            hand,
            platform,
            people,
        };
        step("walking list entries through their steps");
        let walked = steps::walk(&stage).await?;
        step("all is on the platform");
        verify::platform(&stage, platform_address, &walked).await?;

        let clock = if self.check {
            Clock::Fixed(stage.hand.clone())
        } else {
            Clock::starting_at(stage.hand.now())
        };
        let interrupted = if self.check {
            CancellationToken::new()
        } else {
            runtime::stop_signal()
        };
        let serving = tokio::spawn(serve::serve(
            Arc::clone(&stage.app),
            clock,
            with_jobs(&stage.settings, !self.check),
            site,
            interrupted.clone(),
        ));
        if self.check {
            verify::site(&stage, site_at, &imported, &walked).await?;
            interrupted.cancel();
            step("verified");
        } else {
            step("serving; Ctrl-C ends it");
            print(&self.story(&stage, site_at, platform_address, &walked))?;
        }
        serving
            .await
            .map_err(|fault| Failure::Outside(fault.to_string()))??;
        stop.cancel();
        serving_platform
            .await
            .map_err(|fault| Failure::Outside(fault.to_string()))?
            .map_err(|fault| Failure::Outside(fault.to_string()))
    }

    fn write_city(&self) -> Result<ImportFiles, Failure> {
        let town = Town::new(self.seed, Size::demo());
        let write = |name: &str, rows: &dyn Fn(&mut BufWriter<File>) -> std::io::Result<()>| {
            let path = self.dir.join(name);
            let written = File::create(&path).and_then(|file| {
                let mut out = BufWriter::new(file);
                rows(&mut out)?;
                out.flush()
            });
            written.map_err(|fault| Failure::file(&path, &fault))?;
            Ok::<_, Failure>(path)
        };
        Ok(ImportFiles {
            companies: Some(write("companies.csv", &|out| town.write_companies(out))?),
            projects: Some(write("projects.csv", &|out| town.write_projects(out))?),
            records: Some(write("records.csv", &|out| town.write_records(out))?),
            keep_going: false,
            dry_run: false,
        })
    }

    fn settings(&self, platform: SocketAddr, secret: Secret) -> Settings {
        let database = self.dir.join("city.db");
        Settings {
            database_url: Secret::new(format!("sqlite:{}", database.display())),
            publish: Publish {
                target: "demo-platform".to_owned(),
                url: Some(format!("http://{platform}/")),
                token: Some(secret),
                timeout_seconds: 2,
                ..Publish::default()
            },
            ..Settings::default()
        }
    }

    fn story(
        &self,
        stage: &Stage,
        site: SocketAddr,
        platform: SocketAddr,
        walked: &steps::Walked,
    ) -> String {
        let People {
            officer,
            reviewer,
            examiner,
            legal,
            decider,
            publisher,
        } = &stage.people;
        let token = |person: &people::Person| person.token.reveal().to_owned();
        let listed = walked
            .published
            .first()
            .map_or_else(String::new, |found| found.company.to_string());
        let withdrawn = walked
            .withdrawn
            .first()
            .map_or_else(String::new, |found| found.company.to_string());
        format!(
            "
The city's clock began on 2026-07-10 09:00 in Asia/Shanghai and runs. Everything in it is invented.

  site       http://{site}/
  platform   http://{platform}/        (its ledger: /api/ledger)
  folder     {folder}
  officer    {officer}
  reviewer   {reviewer}
  another    {examiner}
  legal      {legal}
  decider    {decider}
  publisher  {publisher}

Five things to try:

1. Look a company up: http://{site}/companies/{listed}
   (on the watch list; every point has its clause). One whose entry was revoked and withdrawn: /companies/{withdrawn}

2. Enter a record as the officer, and see that it does not count before another person has confirmed it:
   curl -s http://{site}/api/v1/records -H 'Authorization: Bearer {officer}' -H 'Content-Type: application/json' \\
     -d '{{\"item\":\"{item}\",\"company\":\"{listed}\",\"kind\":\"{kind}\",\"occurred_on\":\"2026-07-09\",\"decided_on\":\"2026-07-09\"}}'

3. Confirm it as the reviewer (put the id in), and look the company up again:
   curl -s http://{site}/api/v1/records/ID/confirm -H 'Authorization: Bearer {reviewer}' -H 'Content-Type: application/json' -d '{{\"version\":1}}'

4. Ask what waits for somebody, with the next deadline of each entry:
   curl -s 'http://{site}/api/v1/entries?state=noticed' -H 'Authorization: Bearer {officer}'
   The documents that were issued, with their numbers, stand under /api/v1/documents, the periods that run under /api/v1/deadlines.

5. Make the platform lose an answer (its page has the switches), publish or remove an entry, and watch its ledger hold it once.

",
            folder = self.dir.display(),
            officer = token(officer),
            reviewer = token(reviewer),
            examiner = token(examiner),
            legal = token(legal),
            decider = token(decider),
            publisher = token(publisher),
            item = walked.example.0,
            kind = walked.example.1,
        )
    }
}

/// Watches the import: synthetic rows have no faults, so any is worth failing for.
#[derive(Default)]
struct Watch(Vec<Fault>);

impl Progress for Watch {
    fn file(&mut self, _: &str, _: &str, _: u64) {}
    fn at(&mut self, _: u64) {}
    fn done(&mut self) {}
    fn fault(&mut self, fault: &Fault, warning: bool) {
        if !warning {
            self.0.push(fault.clone());
        }
    }
}

fn import(app: &App, files: &ImportFiles, now: DateTime<Utc>) -> Result<ImportReport, Failure> {
    let mut watch = Watch::default();
    let report = service::import(app, files, "demo", &mut watch, now)?;
    if watch.0.is_empty() {
        Ok(report)
    } else {
        Err(Failure::Faults(watch.0))
    }
}

fn with_jobs(settings: &Settings, enabled: bool) -> Settings {
    let mut settings = settings.clone();
    settings.jobs.enabled = enabled;
    settings
}

fn clear(dir: &Path) -> Result<(), Failure> {
    fs::create_dir_all(dir).map_err(|fault| Failure::file(dir, &fault))?;
    for name in FILES {
        let path = dir.join(name);
        match fs::remove_file(&path) {
            Err(fault) if fault.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::file(&path, &fault));
            }
            _ => {}
        }
    }
    Ok(())
}

/// An hour of a day in 2026, Asia/Shanghai.
fn shanghai(month: u32, day: u32, hour: u32) -> DateTime<Utc> {
    Shanghai
        .with_ymd_and_hms(2026, month, day, hour, 0, 0)
        .single()
        .map(|at| at.to_utc())
        .unwrap_or_default()
}

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn local(listener: &tokio::net::TcpListener) -> Result<SocketAddr, Failure> {
    listener
        .local_addr()
        .map_err(|fault| Failure::Outside(fault.to_string()))
}
