//! A database with published entries, made once for each kind of change and copied for each case.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use wuxin::{
    clock::FixedClock,
    config::{Publish, Settings},
    domain::{Day, Uscc},
    feed::{
        CanonicalRecord,
        receiver::{Receiver, ReceiverSettings, serve},
    },
    listing::{
        Action, DecisionParts, DecisionService, DocumentDigest, Exit, Heard, Method, RemedyParts,
        RepairParts, Severity, Text,
    },
    secret::Secret,
    service::{self, Actor, App, EntryView, ImportFiles, Progress, Publisher, Role, Scope},
    store::feed as outbox,
};

pub const ENTRIES: usize = 3;

/// What waits in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// New entries.
    Add,
    /// Entries on the platform get the mark of a dispute.
    Update,
    /// Entries on the platform are revoked.
    Withdraw,
    /// Entries are revoked whose add was never sent.
    WithdrawUnsent,
    /// Entries are revoked while nobody knows what became of their add.
    WithdrawInDoubt,
    /// Entries on the platform are revoked, after the last one got the mark of a dispute: two batches.
    WithdrawAndUpdate,
}

/// What the ledger must hold of an entry in the end.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub versions: &'static [u64],
    /// Versions that it may hold besides.
    pub allowed: &'static [u64],
    pub withdrawn: bool,
}

impl Op {
    pub const ALL: [Self; 6] = [
        Self::Add,
        Self::Update,
        Self::Withdraw,
        Self::WithdrawUnsent,
        Self::WithdrawInDoubt,
        Self::WithdrawAndUpdate,
    ];

    /// What is wanted of the entry of this number.
    pub fn wanted(self, number: usize) -> Wanted {
        let (versions, withdrawn, allowed): (&[u64], _, &[u64]) = match self {
            Self::Add => (&[1], false, &[]),
            Self::Update => (&[1, 2], false, &[]),
            Self::Withdraw => (&[1, 2], true, &[]),
            Self::WithdrawUnsent => (&[2], true, &[]),
            Self::WithdrawInDoubt => (&[2], true, &[1]),
            Self::WithdrawAndUpdate => (&[1, 2], number != ENTRIES - 1, &[]),
        };
        Wanted {
            versions,
            allowed,
            withdrawn,
        }
    }
}

/// A folder of its own with `wuxin.db` and `ledger.jsonl`.
pub fn copy_of(op: Op) -> tempfile::TempDir {
    static MADE: [OnceLock<tempfile::TempDir>; Op::ALL.len()] =
        [const { OnceLock::new() }; Op::ALL.len()];
    let place = Op::ALL.iter().position(|one| *one == op).unwrap();
    let from = MADE[place].get_or_init(|| make(op));
    let folder = tempfile::tempdir().unwrap();
    for name in ["wuxin.db", "ledger.jsonl"] {
        std::fs::copy(from.path().join(name), folder.path().join(name)).unwrap();
    }
    folder
}

pub fn settings(folder: &Path, url: &str) -> Settings {
    settings_on(
        &format!("sqlite:{}", folder.join("wuxin.db").display()),
        url,
    )
}

pub fn settings_on(database: &str, url: &str) -> Settings {
    Settings {
        database_url: Secret::new(database),
        database_connections: 2,
        publish: Publish {
            url: Some(url.to_owned()),
            timeout_seconds: 1,
            ..Publish::default()
        },
        ..Settings::default()
    }
}

/// Runs the publisher in this process until nothing waits; the clock jumps over the waits. Returns what needs a person.
pub async fn drive(app: &Arc<App>, settings: &Settings, from: DateTime<Utc>) -> Vec<String> {
    let publisher = Publisher::new(&settings.publish).unwrap();
    let hand = FixedClock::new(from);
    let clock = hand.clone();
    let now = move || clock.now();
    let mut alarms = Vec::new();
    for _ in 0..40 {
        let report = publisher.run(app, Scope::Now, &now).await.unwrap();
        assert!(
            report.ran,
            "the lease of a dead publisher is still held at {}",
            now()
        );
        alarms.extend(report.alarms);
        match report.next_attempt_at {
            Some(next) => hand.set(next.max(hand.now()) + TimeDelta::milliseconds(1)),
            None => return alarms,
        }
    }
    panic!("something waits for ever");
}

fn make(op: Op) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let database = format!("sqlite:{}", folder.path().join("wuxin.db").display());
    runtime.block_on(fill(folder.path(), &database, op));
    drop(runtime);
    folder
}

/// Revokes every published entry.
pub fn revoke_all(app: &App) {
    let hand = FixedClock::new(at(13));
    let office = Office::again(app, &hand);
    let published = app
        .store
        .read(|db| service::list_entries(db, &office.legal, &["published"]))
        .unwrap();
    assert_eq!(published.len(), ENTRIES);
    published.iter().for_each(|entry| office.revoke(entry));
}

/// Puts the latest change of a record into the outbox again, as its next version.
pub fn repair(app: &App, record_id: &str) {
    app.store
        .write(|db| {
            let mut changes = outbox::changes_of(db, &app.target, record_id)?;
            let last = changes.pop().unwrap().change;
            let record: CanonicalRecord = serde_json::from_str(&last.payload).unwrap();
            let mut fields = record.fields().clone();
            fields.record_version += 1;
            let record = fields.check().unwrap();
            let change = outbox::NewChange {
                version: last.version + 1,
                payload: record.to_json(),
                digest: record.digest().to_owned(),
                ..last
            };
            outbox::enqueue(db, &change, at(14))
        })
        .unwrap();
}

/// Fills a database and a ledger with what waits.
pub async fn fill(folder: &Path, database: &str, op: Op) {
    let hand = FixedClock::new(at(1));
    let clock = hand.clone();
    let receiver = Receiver::new(ReceiverSettings {
        clock: Arc::new(move || clock.now()),
        token: None,
        ledger: Some(folder.join("ledger.jsonl")),
    })
    .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = tokio::spawn(serve(listener, receiver, async { drop(stopped.await) }));
    let settings = settings_on(database, &url);
    let app = Arc::new(App::open(&settings).unwrap());
    let office = Office::open(&app, folder, &hand);
    let published = office.publish_all();
    if matches!(op, Op::Update | Op::Withdraw | Op::WithdrawAndUpdate) {
        hand.set(at(10));
        assert_eq!(
            drive(&app, &settings, hand.now()).await,
            Vec::<String>::new()
        );
    }
    hand.set(at(13));
    for (number, entry) in published.iter().enumerate().rev() {
        match op {
            Op::Add | Op::WithdrawInDoubt => {}
            Op::Update => office.dispute(entry),
            Op::Withdraw | Op::WithdrawUnsent => office.revoke(entry),
            Op::WithdrawAndUpdate if op.wanted(number).withdrawn => office.revoke(entry),
            Op::WithdrawAndUpdate => office.dispute(entry),
        }
    }
    drop(office);
    drop(app);
    drop(stop);
    served.await.unwrap().unwrap();
}

/// 9 o'clock in Shanghai of a day in July 2026.
fn at(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 7, day, 1, 0, 0).unwrap()
}

/// The people of a bureau.
pub struct Office<'a> {
    app: &'a App,
    hand: &'a FixedClock,
    officer: Actor,
    legal: Actor,
    decider: Actor,
    publisher: Actor,
    companies: Vec<Uscc>,
}

struct Quiet;

impl Progress for Quiet {
    fn file(&mut self, _: &str, _: &str, _: u64) {}
    fn at(&mut self, _: u64) {}
    fn done(&mut self) {}
    fn fault(&mut self, fault: &wuxin::domain::Fault, warning: bool) {
        assert!(warning, "{fault}");
    }
}

impl<'a> Office<'a> {
    fn open(app: &'a App, folder: &Path, hand: &'a FixedClock) -> Self {
        let companies: Vec<Uscc> = (0..ENTRIES)
            .map(|number| Uscc::complete(&format!("91512002EX{number:07}")).unwrap())
            .collect();
        let mut text = "uscc,name,region,registered_on,status\n".to_owned();
        for (number, uscc) in companies.iter().enumerate() {
            text +=
                &format!("{uscc},资阳示例{number}号物业服务有限公司,512002,2015-01-01,active\n");
        }
        let file: PathBuf = folder.join("companies.csv");
        std::fs::write(&file, text).unwrap();
        let files = ImportFiles {
            companies: Some(file),
            ..ImportFiles::default()
        };
        service::import(app, &files, "test", &mut Quiet, hand.now()).unwrap();
        let mut number = 0u8;
        let mut hire = |role: Role| {
            number += 1;
            let bytes = [number; 32];
            let added = app
                .store
                .write(|db| {
                    service::add_account(db, "test", "示例", role, None, &bytes, hand.now())
                })
                .unwrap();
            Actor {
                id: added.id,
                role,
                region: None,
            }
        };
        Self {
            app,
            hand,
            officer: hire(Role::Officer),
            legal: hire(Role::Legal),
            decider: hire(Role::Decider),
            publisher: hire(Role::Publisher),
            companies,
        }
    }

    /// The people who were hired before.
    fn again(app: &'a App, hand: &'a FixedClock) -> Self {
        let accounts = app.store.read(service::list_accounts).unwrap();
        let of_role = |role: Role| {
            accounts
                .iter()
                .filter(move |account| account.role == role.to_string())
                .map(move |account| Actor {
                    id: account.id.clone(),
                    role,
                    region: None,
                })
        };
        Self {
            app,
            hand,
            officer: of_role(Role::Officer).next().unwrap(),
            legal: of_role(Role::Legal).next().unwrap(),
            decider: of_role(Role::Decider).next().unwrap(),
            publisher: of_role(Role::Publisher).next().unwrap(),
            companies: Vec::new(),
        }
    }

    fn step(&self, who: &Actor, entry: &EntryView, action: &Action) -> EntryView {
        self.app
            .store
            .write(|db| {
                service::step_entry(
                    db,
                    self.app,
                    who,
                    &entry.id,
                    entry.version,
                    action,
                    self.hand.now(),
                )
            })
            .unwrap()
    }

    fn publish_all(&self) -> Vec<EntryView> {
        let noticed: Vec<EntryView> = self
            .companies
            .iter()
            .map(|uscc| self.notice(*uscc))
            .collect();
        self.hand.set(at(9));
        noticed
            .iter()
            .enumerate()
            .map(|(number, entry)| self.publish(entry, number))
            .collect()
    }

    fn notice(&self, company: Uscc) -> EntryView {
        let now = self.hand.now();
        // Whoever scores badly enough is proposed by the rules already; the others by hand.
        let known = self
            .app
            .store
            .read(|db| service::list_entries(db, &self.legal, &["proposed"]))
            .unwrap()
            .into_iter()
            .find(|entry| entry.company == company.to_string() && entry.list == "watch");
        let proposed = known.unwrap_or_else(|| {
            self.app
                .store
                .write(|db| {
                    let proposal = service::ProposalByHand {
                        company,
                        list: "watch".to_owned(),
                        severity: Some(Severity::Serious),
                        clauses: vec![words("示例条款")],
                        reason: words("示例事由"),
                        persons: Vec::new(),
                    };
                    service::propose_entry(db, self.app, &self.officer, &proposal, now)
                })
                .unwrap()
        });
        let reviewed = self.step(
            &self.legal,
            &proposed,
            &Action::Review {
                opinion: words("程序合法（示例）"),
            },
        );
        let notice = Action::IssueNotice {
            number: words("示建告〔2026〕1号"),
            digest: digest(),
        };
        let issued = self.step(&self.officer, &reviewed, &notice);
        let service = Action::ServeNotice {
            method: Method::Direct,
            delivered_on: Day::of(now),
            proof: words("送达回证（示例）"),
        };
        self.step(&self.officer, &issued, &service)
    }

    fn publish(&self, entry: &EntryView, number: usize) -> EntryView {
        let today = Day::of(self.hand.now());
        let some = |text: &str| Some(text.to_owned());
        let draft = DecisionParts {
            number: Some(format!("示建信决〔2026〕{number}号")),
            facts: some("示例事实"),
            evidence: Some(vec!["示例证据".to_owned()]),
            reason: some("示例事由"),
            clauses: Some(vec!["示例条款".to_owned()]),
            severity: entry.entry.severity,
            term: None,
            measures: Some(Vec::new()),
            removal: some("期满移出（示例）"),
            repair: Some(RepairParts {
                route: some("信用中国网站（示例）"),
                notice: some("信用修复告知书（示例）"),
            }),
            heard: Some(Heard::Nothing),
            remedies: Some(RemedyParts {
                review_organ: some("示例市人民政府"),
                review_days: Some(60),
                court: some("示例法院"),
                lawsuit_months: Some(6),
            }),
            organ: Some(self.app.authority.name.clone()),
            dated: Some(today),
            seal: Some(self.app.authority.name.clone()),
            digest: Some(digest()),
        };
        let decided = self.step(&self.decider, entry, &Action::Decide(Box::new(draft)));
        let service = Action::ServeDecision(DecisionService {
            method: Method::Direct,
            delivered_on: today,
            proof: words("送达回证（示例）"),
            repair_notice: Some(words("信用修复告知书（示例）")),
        });
        let served = self.step(&self.officer, &decided, &service);
        let action = Action::Publish {
            exceptionally: None,
            digest: digest(),
        };
        self.step(&self.publisher, &served, &action)
    }

    fn dispute(&self, entry: &EntryView) {
        self.step(
            &self.officer,
            entry,
            &Action::Dispute {
                number: words("示异〔2026〕1号"),
                joint: false,
            },
        );
    }

    fn revoke(&self, entry: &EntryView) {
        let exit = Exit::Revoked {
            explanation: words("处罚决定被撤销（示例）"),
            cause: None,
            known_on: None,
        };
        let requested = self.step(&self.officer, entry, &Action::RequestExit { exit });
        let approve = Action::ApproveExit {
            number: words("示建信撤〔2026〕1号"),
            digest: digest(),
        };
        self.step(&self.decider, &requested, &approve);
    }
}

fn words(text: &str) -> Text {
    Text::parse(text).unwrap()
}

fn digest() -> DocumentDigest {
    DocumentDigest::parse(&"ab".repeat(32)).unwrap()
}
