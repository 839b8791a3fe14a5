//! Processes that run for long: `serve` stops when told to, jobs catch up, and two workers do not do the same twice.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use wuxin::{clock::Clock, service, store::Store};

use crate::program::{Running, http, wuxin};

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
}

fn quiet(command: &mut Command) -> Running {
    Running(
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    )
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "waited too long: {what}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn serve_told_to_stop_finishes_the_request_under_way_and_exits_0() {
    let folder = tempfile::tempdir().unwrap();
    let address = free_address();
    let mut serve =
        quiet(wuxin(folder.path()).args(["serve", "--no-jobs", "--listen", &address.to_string()]));
    until("serving", || {
        http(address, "GET", "/api/v1/openapi.json", &[], "").is_ok()
    });
    // A request of which the server has seen the first half only.
    let mut slow = TcpStream::connect(address).unwrap();
    slow.write_all(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: wuxin\r\nConnection: close\r\n")
        .unwrap();
    std::thread::sleep(Duration::from_millis(200));
    serve.signal("TERM");
    std::thread::sleep(Duration::from_millis(200));
    slow.write_all(b"\r\n").unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with('}'), "the answer broke off");
    assert_eq!(serve.end(Duration::from_secs(10)).code(), Some(0));
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn serve_told_to_stop_does_not_wait_for_ever_for_a_client_that_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let address = free_address();
    let mut serve =
        quiet(wuxin(folder.path()).args(["serve", "--no-jobs", "--listen", &address.to_string()]));
    until("serving", || {
        http(address, "GET", "/api/v1/openapi.json", &[], "").is_ok()
    });
    let mut idle = TcpStream::connect(address).unwrap();
    idle.write_all(b"GET /api").unwrap();
    std::thread::sleep(Duration::from_millis(200));
    serve.signal("INT");
    assert_eq!(serve.end(Duration::from_secs(20)).code(), Some(0));
}

/// Slots that a worker's log says it ran, by job.
fn ran(log: &Path) -> Vec<String> {
    let log = std::fs::read_to_string(log).unwrap();
    log.lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|line| line["fields"]["message"] == "job ran")
        .map(|line| {
            assert_eq!(line["fields"]["ok"], true, "{line}");
            format!("{} {}", line["fields"]["job"], line["fields"]["slot"])
        })
        .collect()
}

fn work(folder: &Path, log: &str) -> Running {
    let log = std::fs::File::create(folder.join(log)).unwrap();
    let mut command = wuxin(folder);
    command
        .arg("work")
        .env("WUXIN_LOG_FORMAT", "json")
        .stdout(Stdio::null())
        .stderr(log);
    Running(command.spawn().unwrap())
}

fn open(folder: &Path, schedule: &str) -> Store {
    let toml = format!("[jobs]\nrescore = {schedule:?}\nexpire = \"0 0 0 1 1 *\"\n");
    std::fs::write(folder.join("wuxin.toml"), toml).unwrap();
    Store::open(&format!("sqlite:{}", folder.join("wuxin.db").display()), 2).unwrap()
}

#[test]
fn two_workers_on_one_database_run_each_slot_once() {
    let folder = tempfile::tempdir().unwrap();
    let _store = open(folder.path(), "* * * * * *");
    let mut workers = [
        work(folder.path(), "one.log"),
        work(folder.path(), "two.log"),
    ];
    std::thread::sleep(Duration::from_secs(6));
    for worker in &mut workers {
        worker.signal("TERM");
        assert_eq!(worker.end(Duration::from_secs(10)).code(), Some(0));
    }
    let mut slots = ran(&folder.path().join("one.log"));
    slots.extend(ran(&folder.path().join("two.log")));
    let all = slots.len();
    slots.sort();
    slots.dedup();
    assert!(all >= 4, "{slots:?}");
    assert_eq!(slots.len(), all, "a slot ran twice");
}

#[test]
fn a_slot_that_was_missed_is_caught_up_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "0 0 3 * * *");
    let schedule = wuxin::jobs::Schedule::parse("0 0 3 * * *").unwrap();
    let now = Clock::System.now();
    let missed = schedule.due(now - TimeDelta::days(3), now).slots;
    assert_eq!(missed.len(), 3);
    // The first of the three ran; then nobody worked.
    let first = missed[0];
    store
        .write(|db| -> Result<(), service::Error> {
            let lease =
                service::begin_job(db, "rescore", first, "test", TimeDelta::minutes(1), first)?;
            service::end_job(db, &lease.unwrap(), first, true, "", first)
        })
        .unwrap();
    for log in ["one.log", "two.log"] {
        let mut worker = work(folder.path(), log);
        until("started", || {
            std::fs::read_to_string(folder.path().join(log)).is_ok()
        });
        std::thread::sleep(Duration::from_secs(2));
        worker.signal("TERM");
        assert_eq!(worker.end(Duration::from_secs(10)).code(), Some(0));
    }
    let wanted: Vec<String> = missed[1..]
        .iter()
        .map(|slot| format!("\"rescore\" \"{slot}\""))
        .collect();
    assert_eq!(ran(&folder.path().join("one.log")), wanted, "oldest first");
    assert_eq!(ran(&folder.path().join("two.log")), Vec::<String>::new());
    let last = store.read(|db| service::last_slot(db, "rescore")).unwrap();
    assert_eq!(last, missed.last().copied());
}
