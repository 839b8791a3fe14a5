//! Every crash point and every misbehaviour, with every kind of change.

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
    service::{App, Publisher, Scope, feed_status},
    store::feed::ChangeState,
};

use crate::{
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

/// How the publisher's process ends.
#[derive(Debug, Clone, Copy)]
enum Death {
    /// At this point, in its first send.
    Sending(&'static str),
    /// At this point, in its first question about a batch of unknown fate.
    Asking(&'static str),
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
fn at_every_crash_point_every_effect_reaches_the_platform_exactly_once() {
    let mut cases = Vec::new();
    for op in Op::ALL {
        for behaviour in BEHAVIOURS {
            let in_doubt = op == Op::WithdrawInDoubt;
            // A withdrawal behind a batch in doubt: the first thing is a question.
            let points: &[&str] = if in_doubt {
                &["sealed"]
            } else {
                &["sealed", "begun", "sent", "finished"]
            };
            for &point in points {
                cases.push(Case {
                    op,
                    behaviour,
                    death: Death::Sending(point),
                });
            }
            if behaviour.0.is_empty() {
                continue;
            }
            for point in ["probing", "probed"] {
                cases.push(Case {
                    op,
                    behaviour,
                    death: Death::Asking(point),
                });
            }
        }
    }
    run("crash points", cases);
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
    if in_doubt || matches!(case.death, Death::Asking(_)) {
        // An hour ago it was sent, and nobody knows what became of it.
        let app = Arc::new(App::open(&settings).unwrap());
        let publisher = Publisher::new(&settings.publish).unwrap();
        let before = now - TimeDelta::hours(1);
        let report = runtime
            .block_on(publisher.run(&app, Scope::Now, &move || before))
            .unwrap();
        assert_eq!(report.waiting, report.sealed, "{case:?}: {report:?}");
        if in_doubt {
            revoke_all(&app);
        }
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
    judge(&app, &platform.ledger(), case, counts, &mut faults);
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
        "[publish]\ntimeout_seconds = 2\n",
    )
    .unwrap();
    let mut command = wuxin(folder);
    command
        .arg("publish")
        .env("WUXIN_DATABASE_URL", "sqlite:wuxin.db")
        .env("WUXIN_PUBLISH_URL", platform.url())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Death::Sending(point) | Death::Asking(point) = case.death {
        command.env("WUXIN_CRASH_AT", point);
    }
    if matches!(case.death, Death::After(_) | Death::OfPlatform(_)) {
        whole_run();
    }
    let mut process = Running(command.spawn().unwrap());
    match case.death {
        Death::Sending(_) | Death::Asking(_) => {
            let status = process.end(Duration::from_secs(20));
            assert_eq!(
                status.code(),
                None,
                "{case:?}: the crash point was not reached"
            );
            true
        }
        Death::After(thousandths) => {
            std::thread::sleep(whole_run() * thousandths / 1_000);
            process.0.kill().unwrap();
            process.0.wait().unwrap().code().is_none()
        }
        Death::OfPlatform(thousandths) => {
            std::thread::sleep(whole_run() * thousandths / 1_000);
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

fn judge(app: &App, ledger: &Value, case: &Case, counts: &Counts, faults: &mut Vec<String>) {
    let (wanted, withdrawn, allowed) = case.op.wanted();
    let records = ledger["records"].as_array().unwrap();
    let mut lost = ENTRIES.saturating_sub(records.len());
    let (mut doubled, mut resurrected) = (0, 0);
    for record in records {
        let history = record["history"].as_array().unwrap();
        let versions: Vec<u64> = history
            .iter()
            .map(|held| held["version"].as_u64().unwrap())
            .collect();
        lost += wanted
            .iter()
            .filter(|version| !versions.contains(version))
            .count();
        for version in &versions {
            let times = versions.iter().filter(|other| *other == version).count();
            doubled +=
                usize::from(times > 1 || !(wanted.contains(version) || allowed.contains(version)));
        }
        if !versions.is_sorted() {
            faults.push(format!("out of order: {versions:?}"));
        }
        if history.last().unwrap()["withdrawal"].as_bool() != Some(withdrawn) {
            resurrected += 1;
        }
    }
    // The platform would hide a version that came twice: it must have come in one batch only.
    let mut came = std::collections::BTreeSet::new();
    for batch in ledger["batches"].as_object().unwrap().values() {
        for receipt in batch["receipts"].as_array().unwrap() {
            let version = (
                receipt["record_id"].to_string(),
                receipt["record_version"].as_u64(),
            );
            doubled += usize::from(!came.insert(version));
        }
    }
    let mut bodies = std::collections::BTreeMap::new();
    for request in ledger["requests"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["method"] == "POST")
    {
        let key = request["key"].to_string();
        let digest = request["body_digest"].to_string();
        if bodies.entry(key).or_insert_with(|| digest.clone()) != &digest {
            faults.push("one key, two bodies".to_owned());
        }
    }
    let status = app.store.read(|db| feed_status(db, &app.target)).unwrap();
    for (state, _, number) in &status.changes {
        if *number > 0 && !matches!(state, ChangeState::Accepted | ChangeState::Superseded) {
            faults.push(format!(
                "the outbox holds {number} changes that are {state:?}"
            ));
        }
    }
    for (what, number, count) in [
        ("lost", lost, &counts.lost),
        ("doubled", doubled, &counts.doubled),
        ("resurrected", resurrected, &counts.resurrected),
    ] {
        if number > 0 {
            count.fetch_add(number, Ordering::Relaxed);
            faults.push(format!("{number} {what}"));
        }
    }
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
