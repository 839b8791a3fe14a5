//! The publisher or the platform, killed at random moments; and what is no matter of a crash: what stands still, and what
//! is only shown.

use std::{
    path::Path,
    process::Stdio,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use wuxin::{
    clock::Clock,
    service::{App, Publisher, Scope},
};

use crate::{
    judge::judge,
    program::{Platform, Running, said, wuxin},
    stage::{ENTRIES, Op, copy_of, drive, revoke_all, settings},
};

const BEHAVIOURS: [(&str, &str); 8] = [
    ("", ""),
    ("drop_reply", ""),
    ("fail_after_commit", ""),
    ("fail_before_commit", ""),
    ("truncate", ""),
    ("reset", ""),
    ("login_page", ""),
    ("late_commit", "1"),
];

/// How a process ends.
#[derive(Debug, Clone, Copy)]
enum Death {
    /// SIGKILL after so many thousandths of the time that an undisturbed run takes.
    After(u32),
    /// The platform gets the SIGKILL, at such a moment, and is started again.
    OfPlatform(u32),
}

#[derive(Debug, Clone, Copy)]
struct Case {
    op: Op,
    behaviour: (&'static str, &'static str),
    death: Death,
}

/// What became of the cases.
#[derive(Debug, Default)]
struct Counts {
    lost: AtomicUsize,
    doubled: AtomicUsize,
    resurrected: AtomicUsize,
    /// The process was ended before it had ended by itself.
    killed: AtomicUsize,
}

#[test]
fn killed_at_any_moment_nothing_is_lost_or_doubled() {
    let mut rng = ChaCha8Rng::seed_from_u64(20_260_701);
    let cases = (0..40)
        .map(|_| Case {
            op: Op::ALL[rng.random_range(0..Op::ALL.len())],
            behaviour: BEHAVIOURS[rng.random_range(0..BEHAVIOURS.len())],
            death: Death::After(rng.random_range(0..1_000)),
        })
        .collect();
    run("random moments", cases);
}

#[test]
fn a_platform_that_is_killed_keeps_what_it_took() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let cases = (0..16)
        .map(|number| Case {
            op: Op::ALL[number % Op::ALL.len()],
            behaviour: BEHAVIOURS[0],
            death: Death::OfPlatform(rng.random_range(300..1_000)),
        })
        .collect();
    run("platform killed", cases);
}

/// Runs the cases on a few threads, counts, and says so.
fn run(what: &str, cases: Vec<Case>) {
    let total = cases.len();
    let (queue, counts, told) = (Mutex::new(cases), Counts::default(), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(case) = queue.lock().unwrap().pop() else {
                        return;
                    };
                    let folder = copy_of(case.op);
                    let faults = play(folder.path(), &case, &counts);
                    if !faults.is_empty() {
                        told.lock()
                            .unwrap()
                            .push(format!("{case:?}: {}", faults.join("; ")));
                    }
                }
            });
        }
    });
    let read = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    println!(
        "{what}: {total} cases ({} cut short), {} lost, {} doubled, {} resurrected",
        read(&counts.killed),
        read(&counts.lost),
        read(&counts.doubled),
        read(&counts.resurrected),
    );
    let told = told.into_inner().unwrap();
    assert!(
        told.is_empty(),
        "{} of {total} went wrong:\n{}",
        told.len(),
        told.join("\n")
    );
    assert!(
        read(&counts.killed) * 4 >= total,
        "most runs ended before they were killed"
    );
}

/// One case; what went wrong.
fn play(folder: &Path, case: &Case, counts: &Counts) -> Vec<String> {
    let mut platform = Platform::start(folder, "127.0.0.1:0");
    let settings = settings(folder, &platform.url());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    if !case.behaviour.0.is_empty() {
        platform.switch(case.behaviour.0, case.behaviour.1, "submit");
    }
    let now = Clock::System.now();
    let in_doubt = case.op == Op::WithdrawInDoubt;
    if in_doubt && case.behaviour.0.is_empty() {
        platform.switch("drop_reply", "", "submit");
    }
    if in_doubt {
        // An hour ago it was sent, and nobody knows what became of it.
        let app = Arc::new(App::open(&settings).unwrap());
        let publisher = Publisher::new(&settings.publish).unwrap();
        let before = now - TimeDelta::hours(1);
        let report = runtime
            .block_on(publisher.run(&app, Scope::Now, &move || before))
            .unwrap();
        assert_eq!(report.waiting, report.sealed, "{case:?}: {report:?}");
        revoke_all(&app);
    }
    if kill(folder, &mut platform, case) {
        counts.killed.fetch_add(1, Ordering::Relaxed);
    }
    platform.heal();
    // The lease of the dead one runs out after five minutes.
    let app = Arc::new(App::open(&settings).unwrap());
    let mut faults = runtime.block_on(drive(
        &app,
        &settings,
        Clock::System.now() + TimeDelta::minutes(6),
    ));
    if case.behaviour.0 == "late_commit" {
        wait_until(now + TimeDelta::milliseconds(4_000), &platform);
    }
    let verdict = judge(&app, &platform.ledger(), |number| case.op.wanted(number));
    for (number, count) in [
        (verdict.lost, &counts.lost),
        (verdict.doubled, &counts.doubled),
        (verdict.resurrected, &counts.resurrected),
    ] {
        count.fetch_add(number, Ordering::Relaxed);
    }
    faults.extend(verdict.faults);
    faults
}

/// How long a run takes that nobody disturbs.
fn whole_run() -> Duration {
    static TIME: OnceLock<Duration> = OnceLock::new();
    *TIME.get_or_init(|| {
        let folder = copy_of(Op::Add);
        let platform = Platform::start(folder.path(), "127.0.0.1:0");
        let began = Instant::now();
        let mut command = wuxin(folder.path());
        command
            .arg("publish")
            .env("WUXIN_DATABASE_URL", "sqlite:wuxin.db")
            .env("WUXIN_PUBLISH_URL", platform.url());
        assert!(command.output().unwrap().status.success());
        began.elapsed()
    })
}

/// Starts the publisher as a process and ends it. Says whether it was cut short.
fn kill(folder: &Path, platform: &mut Platform, case: &Case) -> bool {
    std::fs::write(
        folder.join("wuxin.toml"),
        "[publish]\ntimeout_seconds = 1\n",
    )
    .unwrap();
    let mut command = wuxin(folder);
    command
        .arg("publish")
        .env("WUXIN_DATABASE_URL", "sqlite:wuxin.db")
        .env("WUXIN_PUBLISH_URL", platform.url())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let whole = whole_run();
    let mut process = Running(command.spawn().unwrap());
    match case.death {
        Death::After(thousandths) => {
            std::thread::sleep(whole * thousandths / 1_000);
            process.0.kill().unwrap();
            process.0.wait().unwrap().code().is_none()
        }
        Death::OfPlatform(thousandths) => {
            std::thread::sleep(whole * thousandths / 1_000);
            platform.process.0.kill().unwrap();
            let cut = platform.process.0.wait().unwrap().code().is_none();
            process.end(Duration::from_secs(20));
            *platform = Platform::start(folder, &platform.address.to_string());
            cut
        }
    }
}

/// A late commit comes by the platform's own clock.
fn wait_until(latest: DateTime<Utc>, platform: &Platform) {
    while Clock::System.now() < latest
        && platform.ledger()["records"]
            .as_array()
            .is_none_or(Vec::is_empty)
    {
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(1_100));
}

#[test]
fn a_withdrawal_does_not_wait_behind_a_batch_that_only_a_person_can_end() {
    let folder = copy_of(Op::Add);
    let platform = Platform::start(folder.path(), "127.0.0.1:0");
    let settings = settings(folder.path(), &platform.url());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let app = Arc::new(App::open(&settings).unwrap());
    let now = Clock::System.now();
    // The platform stores the batch, and for seven days not one of its answers arrives.
    platform.switch("drop_reply", "", "submit");
    let publisher = Publisher::new(&settings.publish).unwrap();
    let run = |at: DateTime<Utc>| {
        runtime
            .block_on(publisher.run(&app, Scope::Now, &move || at))
            .unwrap()
    };
    assert_eq!(run(now - TimeDelta::days(8)).waiting, 1);
    let report = run(now);
    assert_eq!((report.sends, report.alarms.len()), (0, 1), "{report:?}");
    revoke_all(&app);
    let report = run(now + TimeDelta::seconds(1));
    assert_eq!(
        report.accepted, ENTRIES,
        "the public still sees what was revoked: {report:?}"
    );
    for record in platform.ledger()["records"].as_array().unwrap() {
        assert_eq!(record["visible"], false, "{record}");
    }
}

#[test]
fn a_dry_run_shows_exactly_what_then_goes_out_and_sends_nothing() {
    let folder = copy_of(Op::Add);
    let platform = Platform::start(folder.path(), "127.0.0.1:0");
    let publish = |more: &[&str]| {
        let output = wuxin(folder.path())
            .arg("publish")
            .args(more)
            .env("WUXIN_DATABASE_URL", "sqlite:wuxin.db")
            .env("WUXIN_PUBLISH_URL", platform.url())
            .output()
            .unwrap();
        let (code, stdout, stderr) = said(&output);
        assert_eq!(code, 0, "{stderr}");
        stdout
    };
    let dry = publish(&["--dry-run"]);
    assert_eq!(publish(&["--dry-run"]), dry, "a dry run changes nothing");
    assert_eq!(
        platform.ledger()["requests"],
        serde_json::json!([]),
        "the platform was asked"
    );
    publish(&[]);
    let dry: Value = serde_json::from_str(&dry).unwrap();
    let shown = &dry["batches"][0]["records"];
    assert_eq!(shown.as_array().map(Vec::len), Some(ENTRIES));
    // What was taken stands in the ledger file as it arrived.
    let ledger = std::fs::read_to_string(folder.path().join("ledger.jsonl")).unwrap();
    let taken: Value = serde_json::from_str(ledger.trim_end()).unwrap();
    let body: Value = serde_json::from_str(taken["body"].as_str().unwrap()).unwrap();
    assert_eq!(&body["records"], shown);
}
