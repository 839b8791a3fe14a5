//! Every point at which the publisher can die x every misbehaviour of the platform x {add, update, withdraw}.
//!
//! The real program stands still at the point and gets a real SIGKILL; what is left is taken up by a publisher that
//! starts six minutes later, and the ledger of the real stand-in platform is judged. The points of sending are met at the
//! first send of what waits. The points of asking are met at the first question about a batch whose reply was lost an
//! hour before: a platform whose misbehaviour leaves no doubt about the batch loses that reply besides.
//!
//! A case whose point is not reached is counted as such and is a failure: none is left out. (A platform that loses
//! deletes has none to lose of an add and an update: these are the cases in which nothing goes wrong but the crash.)
//!
//! `WUXIN_MATRIX` picks the cases: `whole` (what the suite runs), `spread` (a third: every
//! pair of a point, a behaviour and a kind of change), or `POINT/BEHAVIOUR/OP` with `*` for all of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use diesel::{Connection, PgConnection, connection::SimpleConnection};
use wuxin::{
    clock::Clock,
    service::{App, Publisher, Scope},
    store::{
        Db, StoreError,
        feed::{self as outbox, Lane},
    },
};

use crate::{
    judge::{Verdict, judge, withdrawals_first},
    postgres,
    program::{Platform, Running, wuxin},
    stage::{ENTRIES, Op, Wanted, copy_of, drive, fill, repair, settings_on},
};

const POINTS: [&str; 12] = [
    "leased",
    "sealing",
    "sealed",
    "beginning",
    "begun",
    "sent",
    "finishing",
    "finished",
    "probing",
    "probed",
    "resolving",
    "resolved",
];

/// The points at which something is in doubt already.
const ASKING: [&str; 4] = ["probing", "probed", "resolving", "resolved"];

/// How the platform misbehaves at the next batch.
#[derive(Debug, Clone, Copy)]
struct Behaviour {
    name: &'static str,
    value: &'static str,
    /// It leaves nobody in doubt about the batch.
    clear: bool,
}

const fn doubtful(name: &'static str, value: &'static str) -> Behaviour {
    Behaviour {
        name,
        value,
        clear: false,
    }
}

const fn clear(name: &'static str, value: &'static str) -> Behaviour {
    Behaviour {
        name,
        value,
        clear: true,
    }
}

const BEHAVIOURS: [Behaviour; 15] = [
    doubtful("delay", "1300"),
    doubtful("fail_before_commit", ""),
    doubtful("fail_after_commit", ""),
    doubtful("drop_reply", ""),
    doubtful("late_commit", "1"),
    clear("too_many", "1"),
    doubtful("reset", ""),
    doubtful("truncate", ""),
    doubtful("login_page", ""),
    clear("repeat", ""),
    clear("partial_rejection", "503"),
    clear("counts_only", ""),
    doubtful("wrong_charset", ""),
    clear("lose_delete", ""),
    clear("slow_publish", "1"),
];

const OPS: [(&str, Op); 3] = [
    ("add", Op::Add),
    ("update", Op::Update),
    ("withdraw", Op::WithdrawAndUpdate),
];

#[derive(Debug, Clone, Copy)]
struct Case {
    point: &'static str,
    behaviour: Behaviour,
    op: Op,
}

/// All cases that a choice names, with what it is called.
fn cases(choice: &str) -> Vec<Case> {
    let parts: Vec<&str> = choice.split('/').collect();
    let mut cases = Vec::new();
    for (row, point) in POINTS.into_iter().enumerate() {
        for (column, behaviour) in BEHAVIOURS.into_iter().enumerate() {
            for (layer, (name, op)) in OPS.into_iter().enumerate() {
                let chosen = match parts[..] {
                    ["whole"] => true,
                    // A Latin square: each pair of two of the three meets exactly once, or more evenly than that.
                    ["spread"] => (row + column + layer) % OPS.len() == 0,
                    [a, b, c] => [(a, point), (b, behaviour.name), (c, name)]
                        .iter()
                        .all(|(wish, is)| *wish == "*" || wish == is),
                    _ => panic!("WUXIN_MATRIX is {choice:?}"),
                };
                if chosen {
                    cases.push(Case {
                        point,
                        behaviour,
                        op,
                    });
                }
            }
        }
    }
    assert!(!cases.is_empty(), "WUXIN_MATRIX names no case: {choice:?}");
    cases
}

/// Where a case is played.
pub struct Place {
    pub folder: tempfile::TempDir,
    pub database: String,
}

/// What became of the cases.
#[derive(Default)]
struct Tally {
    cases: usize,
    not_reached: usize,
    lost: usize,
    doubled: usize,
    resurrected: usize,
    unlawful: usize,
    faults: Vec<String>,
    points: BTreeMap<&'static str, usize>,
}

impl Tally {
    fn add(&mut self, case: &Case, outcome: Option<Verdict>) {
        self.cases += 1;
        let Some(verdict) = outcome else {
            self.not_reached += 1;
            self.faults
                .push(format!("{}: the point was not reached", named(case)));
            return;
        };
        *self.points.entry(case.point).or_default() += 1;
        self.lost += verdict.lost;
        self.doubled += verdict.doubled;
        self.resurrected += verdict.resurrected;
        self.unlawful += verdict.unlawful;
        if !verdict.faults.is_empty() {
            self.faults
                .push(format!("{}: {}", named(case), verdict.faults.join("; ")));
        }
    }
}

fn named(case: &Case) -> String {
    format!("{}/{}/{:?}", case.point, case.behaviour.name, case.op)
}

/// Plays cases, four at once.
fn play_all(what: &str, cases: Vec<Case>, place: impl Fn(Op) -> Place + Sync) {
    let began = Instant::now();
    let (queue, tally) = (Mutex::new(cases), Mutex::new(Tally::default()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(case) = queue.lock().unwrap().pop() else {
                        return;
                    };
                    let outcome = play(&place(case.op), &case);
                    tally.lock().unwrap().add(&case, outcome);
                }
            });
        }
    });
    let tally = tally.into_inner().unwrap();
    println!(
        "{what}: {} cases, {} lost, {} doubled, {} resurrected, {} unlawful; killed at {} points, {} not reached; {:.0} s",
        tally.cases,
        tally.lost,
        tally.doubled,
        tally.resurrected,
        tally.unlawful,
        tally.points.len(),
        tally.not_reached,
        began.elapsed().as_secs_f64(),
    );
    assert!(
        tally.faults.is_empty(),
        "{} of {} went wrong:\n{}",
        tally.faults.len(),
        tally.cases,
        tally.faults.join("\n")
    );
}

/// One case; nothing if the publisher ended without coming to the point.
fn play(place: &Place, case: &Case) -> Option<Verdict> {
    let folder = place.folder.path();
    let platform = Platform::start(folder, "127.0.0.1:0");
    let settings = settings_on(&place.database, &platform.url());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let Behaviour { name, value, clear } = case.behaviour;
    let begin = Clock::System.now();
    if ASKING.contains(&case.point) {
        if name != "too_many" {
            platform.switch(name, value, "submit");
        }
        if clear {
            platform.switch("drop_reply", "", "submit");
        }
        let app = Arc::new(App::open(&settings).unwrap());
        let publisher = Publisher::new(&settings.publish).unwrap();
        let before = begin - TimeDelta::hours(1);
        let report = runtime
            .block_on(publisher.run(&app, Scope::Now, &move || before))
            .unwrap();
        if report.waiting != 1 {
            let fault = format!("nothing was in doubt: {report:?}");
            return Some(Verdict {
                faults: vec![fault],
                ..Verdict::default()
            });
        }
        if name == "too_many" {
            platform.switch(name, value, "query");
        }
    } else {
        platform.switch(name, value, "submit");
    }
    if !killed(place, &platform, case.point) {
        return None;
    }
    platform.heal();
    // The lease of the dead one runs out after five minutes.
    let app = Arc::new(App::open(&settings).unwrap());
    let healed = Clock::System.now() + TimeDelta::minutes(6);
    let mut faults = runtime.block_on(drive(&app, &settings, healed));
    let repaired = give_again_what_was_lost(&app, &platform, &mut faults);
    if !repaired.is_empty() {
        let later = healed + TimeDelta::days(1);
        faults.extend(runtime.block_on(drive(&app, &settings, later)));
    }
    if matches!(name, "late_commit" | "slow_publish") {
        // By the clock of the platform.
        std::thread::sleep(Duration::from_millis(1_100));
    }
    let wanted = |number: usize| match case.op.wanted(number) {
        wanted if repaired.contains(&number) => Wanted {
            versions: &[1, 3],
            ..wanted
        },
        wanted => wanted,
    };
    let ledger = platform.ledger();
    let mut verdict = judge(&app, &ledger, wanted);
    // Killed after the withdrawals were begun and before their first byte left: nobody can know that, so they are asked
    // about, and what is in no doubt does not wait for the answer.
    let first = if case.point == "begun" {
        withdrawals_begun_first(&app)
    } else {
        withdrawals_first(&ledger)
    };
    if !first {
        faults.push("another batch went before the withdrawals".to_owned());
    }
    verdict.faults.extend(faults);
    Some(verdict)
}

/// Whether the first attempt with withdrawals began before any other, by our own record.
fn withdrawals_begun_first(app: &App) -> bool {
    let begun = |db: &mut Db| -> Result<Vec<_>, StoreError> {
        let mut begun = Vec::new();
        for batch in outbox::batches(db, &app.target, None, 100)? {
            let first = outbox::attempts(db, &batch.id)?.remove(0).started_at;
            // What was sent when the stage was made is long past.
            if first > Clock::System.now() - TimeDelta::hours(2) {
                begun.push((first, batch.lane == Lane::Ordinary));
            }
        }
        Ok(begun)
    };
    let begun = app.store.read(begun).unwrap();
    let withdraws = begun.iter().any(|(_, ordinary)| !ordinary);
    !withdraws || begun.iter().min().is_some_and(|(_, ordinary)| !ordinary)
}

/// A platform that confirms a delete and forgets it is found out by comparing and mended by an ordinary change: the
/// withdrawal again, as the next version. Gives the numbers of the entries.
fn give_again_what_was_lost(
    app: &App,
    platform: &Platform,
    faults: &mut Vec<String>,
) -> BTreeSet<usize> {
    let ledger = platform.ledger();
    let mut numbers = BTreeSet::new();
    for lost in ledger["lost_deletes"].as_array().unwrap() {
        let id = lost["record_id"].as_str().unwrap();
        let records = ledger["records"].as_array().unwrap();
        let record = records.iter().find(|record| record["record_id"] == id);
        if !numbers.insert(crate::judge::number_of(record.unwrap())) {
            faults.push(format!("the withdrawal of {id} was taken twice"));
            continue;
        }
        repair(app, id);
    }
    assert!(numbers.len() <= ENTRIES);
    numbers
}

/// Starts the publisher as a process and kills it where it stands still. False if it ended by itself.
fn killed(place: &Place, platform: &Platform, point: &str) -> bool {
    let folder = place.folder.path();
    std::fs::write(
        folder.join("wuxin.toml"),
        "[publish]\ntimeout_seconds = 1\n",
    )
    .unwrap();
    let stands = folder.join("stands");
    let mut process = standing(place, &platform.url(), point, &stands);
    if !stands_still(&mut process, &stands) {
        return false;
    }
    process.0.kill().unwrap();
    let status = process.0.wait().unwrap();
    assert_eq!(status.signal(), Some(9), "{status}");
    true
}

/// Starts the publisher as a process that will stand still at a point.
pub fn standing(place: &Place, url: &str, point: &str, stands: &Path) -> Running {
    let mut command = wuxin(place.folder.path());
    command
        .arg("publish")
        .env("WUXIN_DATABASE_URL", &place.database)
        .env("WUXIN_PUBLISH_URL", url)
        .env("WUXIN_STOP_AT", point)
        .env("WUXIN_STOP_FILE", stands)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Running(command.spawn().unwrap())
}

/// Waits until the process stands still; false if it ends instead.
pub fn stands_still(process: &mut Running, stands: &Path) -> bool {
    let began = Instant::now();
    while !stands.exists() {
        if process.0.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "neither came to the point nor ended"
        );
        std::thread::sleep(Duration::from_millis(3));
    }
    true
}

pub fn in_a_file(op: Op) -> Place {
    let folder = copy_of(op);
    let database = format!("sqlite:{}", folder.path().join("wuxin.db").display());
    Place { folder, database }
}

#[test]
fn killed_at_every_point_every_effect_reaches_the_platform_exactly_once() {
    let choice = std::env::var("WUXIN_MATRIX").unwrap_or_else(|_| "whole".to_owned());
    play_all(&format!("matrix ({choice})"), cases(&choice), in_a_file);
}

#[test]
fn killed_at_every_point_on_postgresql() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let server = postgres::server_url();
    let run = |sql: String| {
        PgConnection::establish(&server)
            .unwrap()
            .batch_execute(&sql)
            .unwrap();
    };
    let place = |op: Op| {
        let name = postgres::fresh_name();
        run(format!("CREATE SCHEMA {name}"));
        let joint = if server.contains('?') { '&' } else { '?' };
        let database = format!("{server}{joint}options=-csearch_path%3D{name}");
        let folder = tempfile::tempdir().unwrap();
        runtime.block_on(fill(folder.path(), &database, op));
        Place { folder, database }
    };
    // One case of each point, with another behaviour and another kind of change each time.
    let all = cases("whole");
    let chosen = POINTS
        .into_iter()
        .enumerate()
        .map(|(number, point)| {
            let behaviour = BEHAVIOURS[number].name;
            let (_, op) = OPS[number % OPS.len()];
            let meets = |case: &&Case| {
                case.point == point && case.behaviour.name == behaviour && case.op == op
            };
            *all.iter().find(meets).unwrap()
        })
        .collect();
    play_all("matrix on PostgreSQL", chosen, place);
}

#[test]
fn the_spread_meets_every_pair() {
    let all = cases("whole");
    assert_eq!(all.len(), POINTS.len() * BEHAVIOURS.len() * OPS.len());
    let spread = cases("spread");
    let pairs = |cases: &[Case]| -> BTreeSet<[String; 2]> {
        let parts = cases.iter().map(|case| {
            let op = format!("{:?}", case.op);
            [case.point.to_owned(), case.behaviour.name.to_owned(), op]
        });
        parts
            .flat_map(|[point, behaviour, op]| {
                [
                    [point.clone(), behaviour.clone()],
                    [point, op.clone()],
                    [behaviour, op],
                ]
            })
            .collect()
    };
    assert_eq!(pairs(&spread), pairs(&all));
}
