//! A stand-in platform on loopback, a clock the test moves, and a publisher that follows `next_step`.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeZone, Utc};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use uuid::Uuid;
use wuxin::{
    domain::Uscc,
    feed::{
        BatchKind, CanonicalRecord, Outcome, Profile, Progress, RecordFields, SealRequest,
        SealedBatch, Step, interpret_send, next_step,
        outcome::{ProbeOutcome, Settlement},
        profile::HTTP_JSON,
        receiver::{Receiver, ReceiverSettings, Switch, serve},
        seal,
        transports::{HttpJson, Target, TargetSettings},
    },
    secret::Secret,
};

pub const TOKEN: &str = "rehearsal-token";
pub const SEED: u64 = 7;

pub fn id(entry: u8) -> Uuid {
    Uuid::from_u128(0x0195_5000_0000_7000_8000_0000_0000_0000 | u128::from(entry))
}

pub fn uscc(entry: u8) -> Uscc {
    Uscc::complete(&format!("91512002MA{entry:07}")).unwrap()
}

/// A record of a synthetic company.
pub fn record(entry: u8, version: u32, withdrawal: bool) -> CanonicalRecord {
    let mut record = json!({
        "record_id": id(entry), "record_version": version, "op": if version == 1 { "1" } else { "2" }, "status": "0",
        "list_code": "KEY_WATCH", "list_name": "物业服务重点关注名单", "list_class": "4", "severity": "3",
        "subject_type": "1", "subject_name": format!("资阳(示例){entry}号物业有限公司"), "uscc": uscc(entry),
        "area_code": "512002", "decision_no": format!("资建物决〔2026〕{entry}号"), "decision_date": "2026-02-27",
        "authority": "示例市住房和城乡建设局", "authority_uscc": "91000000000000000K",
        "reason": format!("示例事由，第{version}版"), "facts": "示例事实", "basis": "《物业管理条例》第五十八条",
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
    serde_json::from_value::<RecordFields>(record)
        .unwrap()
        .check()
        .unwrap()
}

pub fn profile() -> Profile {
    Profile::parse(HTTP_JSON).unwrap()
}

pub fn sealed(sequence: u64, at: DateTime<Utc>, records: &[CanonicalRecord]) -> SealedBatch {
    let kind = match records {
        [] => BatchKind::Zero,
        [first, ..] if first.is_withdrawal() => BatchKind::Withdrawals,
        _ => BatchKind::Changes,
    };
    seal(
        SealRequest {
            target: "模拟平台",
            kind,
            sequence,
            sealed_at: at,
            records,
        },
        &profile(),
    )
    .unwrap()
}

/// Time that moves when the test says so.
#[derive(Clone)]
pub struct VirtualClock(Arc<AtomicI64>);

impl VirtualClock {
    pub fn new() -> Self {
        let clock = Self(Arc::new(AtomicI64::new(0)));
        clock.begin_again();
        clock
    }

    /// Back to where every test begins.
    pub fn begin_again(&self) {
        let start = Utc.with_ymd_and_hms(2026, 3, 2, 10, 0, 0).unwrap();
        self.0.store(start.timestamp_millis(), Ordering::SeqCst);
    }

    pub fn now(&self) -> DateTime<Utc> {
        Utc.timestamp_millis_opt(self.0.load(Ordering::SeqCst))
            .unwrap()
    }

    pub fn advance_to(&self, at: DateTime<Utc>) {
        self.0
            .fetch_max(at.timestamp_millis() + 1, Ordering::SeqCst);
    }
}

/// A running stand-in platform.
pub struct Platform {
    pub clock: VirtualClock,
    pub receiver: Receiver,
    pub base: String,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<std::io::Result<()>>>,
}

impl Platform {
    pub async fn start() -> Self {
        Self::start_with(VirtualClock::new(), None).await
    }

    pub async fn start_with(clock: VirtualClock, ledger: Option<PathBuf>) -> Self {
        let time = clock.clone();
        let settings = ReceiverSettings {
            clock: Arc::new(move || time.now()),
            token: Some(Secret::new(TOKEN)),
            ledger,
        };
        let receiver = Receiver::new(settings).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(serve(listener, receiver.clone(), async {
            drop(stopped.await)
        }));
        Self {
            clock,
            receiver,
            base,
            stop: Some(stop),
            served: Some(served),
        }
    }

    pub async fn stop(mut self) {
        drop(self.stop.take());
        self.served.take().unwrap().await.unwrap().unwrap();
    }

    /// Turns a switch on: name, value, count ("" = always), `submit` or `query`.
    pub fn switch(&self, name: &str, value: &str, count: &str, on: &str) {
        self.receiver
            .set(Switch::parse(name, value, count, on).unwrap());
    }

    pub fn client(&self) -> HttpJson {
        client(&self.base, TOKEN)
    }

    pub async fn get(&self, path: &str) -> Value {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let response = client
            .get(format!("{}{path}", self.base))
            .bearer_auth(TOKEN)
            .send()
            .await
            .unwrap();
        response.json().await.unwrap()
    }

    pub async fn ledger(&self) -> Value {
        self.get("api/ledger").await
    }
}

pub fn client(base: &str, token: &str) -> HttpJson {
    let mut settings = TargetSettings::new("模拟平台", base, vec!["127.0.0.1".into()]);
    settings.token = Some(Secret::new(token));
    settings.total_timeout = Duration::from_millis(400);
    let paths = profile().transport.paths().cloned().unwrap();
    HttpJson::new(Target::new(settings).unwrap(), paths).unwrap()
}

/// What a publisher keeps of a batch: enough to go on after a restart.
#[derive(Debug, Clone)]
pub struct Kept {
    pub batch: SealedBatch,
    pub progress: Progress,
    pub settlement: Option<Settlement>,
}

impl Kept {
    pub fn new(batch: SealedBatch) -> Self {
        let progress = Progress::sealed(batch.sealed_at);
        Self {
            batch,
            progress,
            settlement: None,
        }
    }

    /// Takes one step if one is due; says what it did, or gives back the step that is none.
    pub async fn step(
        &mut self,
        client: &HttpJson,
        clock: &VirtualClock,
    ) -> Result<&'static str, Step> {
        match next_step(&self.progress, SEED ^ self.batch.sequence, clock.now()) {
            Step::Send => {
                self.progress = self.progress.send_begins(clock.now());
                let attempt = client.send(&self.batch, clock.now()).await;
                let outcome = interpret_send(&self.batch, &attempt, clock.now());
                self.progress = self.progress.sent(&outcome, clock.now());
                if let Outcome::Settled(settlement) = outcome {
                    self.settlement = Some(settlement);
                }
                Ok("send")
            }
            Step::Probe => {
                let outcome = client.probe(&self.batch, clock.now()).await;
                self.progress = self.progress.probed(&outcome, clock.now());
                if let ProbeOutcome::Settled(settlement) = outcome {
                    self.settlement = Some(settlement);
                }
                Ok("probe")
            }
            step => Err(step),
        }
    }

    /// Follows `next_step` to the end, moving the clock; gives the steps taken and the last one.
    pub async fn deliver(
        &mut self,
        client: &HttpJson,
        clock: &VirtualClock,
    ) -> (Vec<&'static str>, Step) {
        let mut steps = Vec::new();
        loop {
            match self.step(client, clock).await {
                Ok(step) => steps.push(step),
                Err(Step::Wait { until }) => clock.advance_to(until),
                Err(step) => return (steps, step),
            }
        }
    }
}

/// The versions the platform took of an entry, and whether the public sees it.
pub fn history(ledger: &Value, entry: u8) -> (Vec<u64>, bool) {
    let records = ledger["records"].as_array().unwrap();
    let Some(record) = records
        .iter()
        .find(|record| record["record_id"] == id(entry).to_string())
    else {
        return (Vec::new(), false);
    };
    let versions = record["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|held| held["version"].as_u64().unwrap());
    (versions.collect(), record["visible"].as_bool().unwrap())
}

/// Every key came with one body only, and no version of an entry was taken by two batches.
pub fn assert_each_effect_once(ledger: &Value) {
    let mut bodies = std::collections::BTreeMap::new();
    for request in ledger["requests"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|request| request["method"] == "POST")
    {
        let (key, body) = (
            request["key"].to_string(),
            request["body_digest"].to_string(),
        );
        assert_eq!(
            bodies.entry(key).or_insert_with(|| body.clone()),
            &body,
            "one key, two bodies"
        );
    }
    for record in ledger["records"].as_array().unwrap() {
        let versions = record["history"]
            .as_array()
            .unwrap()
            .iter()
            .map(|held| held["version"].as_u64().unwrap());
        assert!(
            versions.collect::<Vec<_>>().is_sorted_by(|a, b| a < b),
            "{record}"
        );
    }
}
