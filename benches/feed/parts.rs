//! What each process of the bench does; the last line that it prints is its result, JSON.

use std::{
    io::Write,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wuxin::{
    clock::Clock,
    config::{Publish, Secret, Settings},
    domain::Uscc,
    feed::{
        CanonicalRecord, RecordFields,
        receiver::{Receiver, ReceiverSettings, serve},
    },
    jobs::Jobs,
    service::{App, Publisher, Scope},
    store::{
        StoreError,
        feed::{self as outbox, ChangeState, NewChange},
    },
};

const CHUNK: u32 = 1_000;
/// How often it is looked whether a withdrawal is confirmed.
const LOOK: Duration = Duration::from_millis(2);

fn settings(folder: &Path, url: Option<&str>) -> Settings {
    Settings {
        database_url: Secret::new(format!("sqlite:{}", folder.join("wuxin.db").display())),
        publish: Publish {
            url: url.map(str::to_owned),
            ..Publish::default()
        },
        ..Settings::default()
    }
}

fn opened(folder: &Path, url: &str) -> anyhow::Result<(Arc<App>, Publisher, Settings)> {
    let settings = settings(folder, Some(url));
    let publisher = Publisher::new(&settings.publish)?;
    Ok((Arc::new(App::open(&settings)?), publisher, settings))
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

fn say(value: &serde_json::Value) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{value}")?;
    Ok(out.flush()?)
}

/// A record of a synthetic company.
fn record(number: u32, version: u32, withdrawal: bool) -> anyhow::Result<CanonicalRecord> {
    let id = Uuid::from_u128(0x0195_5000_0000_7000_8000_0000_0000_0000 | u128::from(number));
    let uscc = Uscc::complete(&format!("91512002MA{number:07}"))?;
    let mut record = json!({
        "record_id": id, "record_version": version, "op": if version == 1 { "1" } else { "2" }, "status": "0",
        "list_code": "KEY_WATCH", "list_name": "物业服务重点关注名单", "list_class": "4", "severity": "3",
        "subject_type": "1", "subject_name": format!("资阳（示例）{number}号物业有限公司"), "uscc": uscc,
        "area_code": "512002", "decision_no": format!("资建物决〔2026〕{number}号"), "decision_date": "2026-02-27",
        "authority": "示例市住房和城乡建设局", "authority_uscc": "91000000000000000K",
        "reason": "示例事由", "facts": "示例事实", "basis": "《物业管理条例》第五十八条",
        "list_date": "2026-03-01", "display_from": "2026-03-01", "display_until": "2029-02-28",
        "display_min_until": "2027-02-28", "repair_state": "0", "source_unit": "示例市住房和城乡建设局",
        "source_uscc": "91000000000000000K", "changed_at": "2026-03-02T08:00:00+08:00",
    });
    if withdrawal {
        for (name, value) in [
            ("op", "3"),
            ("status", "1"),
            ("exit_date", "2026-03-02"),
            ("exit_reason_code", "9"),
            ("exit_reason", "示例"),
            ("exit_authority", "示例局"),
        ] {
            record[name] = value.into();
        }
    }
    serde_json::from_value::<RecordFields>(record)?
        .check()
        .map_err(|faults| anyhow::anyhow!("{faults:?}"))
}

fn change(app: &App, record: &CanonicalRecord) -> NewChange {
    let fields = record.fields();
    NewChange {
        company: fields.uscc,
        target: app.target.clone(),
        record_id: fields.record_id.to_string(),
        version: i64::from(fields.record_version),
        op: fields.op.code().to_owned(),
        withdrawal: record.is_withdrawal(),
        payload: record.to_json(),
        digest: record.digest().to_owned(),
    }
}

fn enqueue(app: &App, records: &[CanonicalRecord]) -> anyhow::Result<()> {
    let (changes, now): (Vec<NewChange>, DateTime<Utc>) = (
        records.iter().map(|record| change(app, record)).collect(),
        Clock::System.now(),
    );
    app.store.write(|db| {
        for change in &changes {
            outbox::enqueue(db, change, now)?;
        }
        Ok::<_, StoreError>(())
    })?;
    Ok(())
}

/// The stand-in platform; prints its address.
pub fn platform() -> anyhow::Result<()> {
    block_on(async {
        let receiver = Receiver::new(ReceiverSettings {
            clock: Arc::new(|| Clock::System.now()),
            token: None,
            ledger: None,
        })?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}/", listener.local_addr()?);
        serve(listener, receiver, std::future::pending()).await?;
        Ok(())
    })
}

/// Puts additions into the outbox of a new database.
pub fn fill(folder: &Path, changes: u32) -> anyhow::Result<()> {
    let app = App::open(&settings(folder, None))?;
    let numbers: Vec<u32> = (1..=changes).collect();
    for chunk in numbers.chunks(CHUNK as usize) {
        let records = chunk
            .iter()
            .map(|number| record(*number, 1, false))
            .collect::<anyhow::Result<Vec<_>>>()?;
        enqueue(&app, &records)?;
    }
    say(&json!({ "filled": changes }))
}

/// Publishes until nothing waits.
pub fn publish(folder: &Path, url: &str) -> anyhow::Result<()> {
    let (app, publisher, _) = opened(folder, url)?;
    let before = processor_seconds()?;
    let began = Instant::now();
    let sent = block_on(async {
        let mut accepted = 0;
        loop {
            let report = publisher
                .run(&app, Scope::Now, &|| Clock::System.now())
                .await?;
            ensure!(report.alarms.is_empty(), "{:?}", report.alarms);
            accepted += report.accepted;
            if report.sends == 0 {
                return Ok(accepted);
            }
        }
    })?;
    say(&json!({
        "accepted": sent, "seconds": began.elapsed().as_secs_f64(), "processor": processor_seconds()? - before,
        "peak_mib": peak_mib()?,
    }))
}

/// Posts the bytes of all sealed batches, one after another.
pub fn post(folder: &Path, url: &str) -> anyhow::Result<()> {
    let app = App::open(&settings(folder, None))?;
    let mut batches = app
        .store
        .read(|db| outbox::batches(db, &app.target, None, usize::MAX))?;
    batches.reverse();
    block_on(async {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let began = Instant::now();
        for batch in &batches {
            let answer = client
                .post(format!("{url}api/batches"))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", &batch.sealed.idempotency_key)
                .body(batch.sealed.body.clone())
                .send()
                .await?
                .error_for_status()?;
            let read: serde_json::Value = answer.json().await?;
            ensure!(read.is_object(), "{read}");
        }
        say(&json!({ "batches": batches.len(), "seconds": began.elapsed().as_secs_f64() }))
    })
}

/// Seconds from a withdrawal's place in the outbox to its confirmation: with all additions waiting, and while they are sent.
pub fn withdraw(folder: &Path, url: &str) -> anyhow::Result<()> {
    let (app, publisher, _) = opened(folder, url)?;
    let now = || Clock::System.now();
    block_on(async {
        // Two records that the platform has, beyond those that wait.
        let (first, second) = (9_000_001, 9_000_002);
        enqueue(&app, &[record(first, 1, false)?, record(second, 1, false)?])?;
        let began = Instant::now();
        enqueue(&app, &[record(first, 2, true)?])?;
        publisher.run(&app, Scope::Urgent, &now).await?;
        ensure!(
            confirmed(&app, first)?,
            "the first withdrawal is not confirmed"
        );
        let waiting = began.elapsed();

        let (other, same) = (Arc::clone(&app), publisher.clone());
        let sending =
            tokio::spawn(
                async move { same.run(&other, Scope::Now, &|| Clock::System.now()).await },
            );
        tokio::time::sleep(Duration::from_secs(1)).await;
        let began = Instant::now();
        enqueue(&app, &[record(second, 2, true)?])?;
        while !confirmed(&app, second)? {
            ensure!(
                !sending.is_finished(),
                "the run ended before it was confirmed"
            );
            tokio::time::sleep(LOOK).await;
        }
        let while_sent = began.elapsed();
        sending.abort();
        say(&json!({ "waiting": waiting.as_secs_f64(), "sending": while_sent.as_secs_f64() }))
    })
}

fn confirmed(app: &App, number: u32) -> anyhow::Result<bool> {
    let id = record(number, 2, true)?.fields().record_id.to_string();
    let changes = app
        .store
        .read(|db| outbox::changes_of(db, &app.target, &id))?;
    Ok(changes
        .iter()
        .any(|change| change.change.withdrawal && change.state == ChangeState::Accepted))
}

/// The jobs with nothing to do: the share of one core.
pub fn idle(folder: &Path, url: &str, seconds: u64) -> anyhow::Result<()> {
    let (app, publisher, settings) = opened(folder, url)?;
    block_on(async {
        let jobs = Jobs::new(app, Clock::System, &settings, Some(publisher));
        let stop = CancellationToken::new();
        let running = tokio::spawn(jobs.run(stop.clone()));
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (before, began) = (processor_seconds()?, Instant::now());
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let share = (processor_seconds()? - before) / began.elapsed().as_secs_f64();
        stop.cancel();
        running.await?;
        say(&json!({ "percent": 100.0 * share }))
    })
}

/// Processor time of this process so far, of all its threads.
fn processor_seconds() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, after_name) = stat.rsplit_once(')').context("/proc/self/stat")?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks: f64 = [fields[11], fields[12]]
        .iter()
        .map(|ticks| ticks.parse::<f64>())
        .sum::<Result<f64, _>>()?;
    // USER_HZ is 100 on every Linux that Rust's standard library runs on.
    Ok(ticks / 100.0)
}

fn peak_mib() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .context("VmHWM")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib / 1024.0)
}
