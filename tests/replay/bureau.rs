//! A bureau with rules of its own, worked by hand.

use std::sync::Arc;

use chrono::{DateTime, TimeZone, Utc};
use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};
use wuxin::{
    config::Settings,
    domain::Uscc,
    secret::Secret,
    service::{self, Actor, App, Choice, RecordDraft, Replayed, Role},
    store::{companies, contracts, scores},
};

use crate::support::{TestStore, synthetic};

/// A rule set for companies: two points for an honour, minus forty for a fraud, which is also what the list is for.
pub fn rules(id: &str, head: &str, honour: u32) -> String {
    format!(
        r#"[ruleset]
id = "{id}"
policy = "sample"
title = "示例办法"
subject = "company"
{head}

[period]
kind = "rolling"
months = 12
counts_from = "decided_on"

[score]
direction = "merit"
base = 80
decimals = 1
rounding = "half_up"

[[component]]
id = "all"
title = "全部"

[[item]]
id = "GOOD"
component = "all"
clause = "第一项"
title = "表彰"
points = {honour}

[[item]]
id = "BAD"
component = "all"
clause = "第二项"
title = "弄虚作假"
points = -40

[[grade]]
id = "A"
title = "好"
from = 60

[[grade]]
id = "B"
title = "差"
below = 60

[[list]]
id = "watch"
title = "重点关注名单"
class = "watch"
clause = "第九条"
when = "has('BAD')"
severity = "一般"
term = "1 year"

[[consequence]]
list = "watch"
title = "增加检查频次"
"#
    )
}

pub const OPEN: &str = "effective_from = 2024-01-01";

/// The service over a store, with its rule files in a folder.
pub struct Bureau {
    pub app: Arc<App>,
    pub folder: tempfile::TempDir,
    pub settings: Settings,
}

impl Bureau {
    /// With these rule texts, and `companies` companies that manage a project each.
    pub fn new(test: &TestStore, texts: &[String], companies: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            database_url: Secret::new(test.url.clone()),
            rules: vec![folder.path().to_owned()],
            ..Settings::default()
        };
        write(folder.path(), texts);
        let app = Arc::new(App::open(&settings).unwrap());
        let bureau = Self {
            app,
            folder,
            settings,
        };
        bureau.register(companies);
        bureau
    }

    fn register(&self, companies: u32) {
        let known: Vec<_> = (1..=companies)
            .map(|n| synthetic::company(n, &format!("示例{n}物业服务有限公司")))
            .collect();
        let managed: Vec<_> = (1..=companies)
            .map(|n| synthetic::contract(&format!("XM-{n}"), n, Some("2020-01-01"), None))
            .collect();
        let store = &self.app.store;
        store
            .write(|db| companies::put(db, &known, morning(7, 1)))
            .unwrap();
        store
            .write(|db| contracts::put(db, &managed, morning(7, 1)))
            .unwrap();
        self.night(morning(7, 1));
    }

    /// Starts again with other rule files.
    pub fn restart(&mut self, texts: &[String]) {
        write(self.folder.path(), texts);
        self.app = Arc::new(App::open(&self.settings).unwrap());
    }

    /// The nightly rescoring: who was scored.
    pub fn night(&self, at: DateTime<Utc>) -> service::Rescored {
        let store = &self.app.store;
        store
            .write(|db| service::rescore_due(db, &self.app, at))
            .unwrap()
    }

    /// A record that two people enter and confirm; its id.
    pub fn confirmed(&self, company: u32, item: &str, at: DateTime<Utc>) -> String {
        let draft = RecordDraft {
            item: Some(item.to_owned()),
            company: Some(synthetic::uscc(company).to_string()),
            decided_on: Some("2026-07-01".to_owned()),
            ..RecordDraft::default()
        };
        let store = &self.app.store;
        let entered = store
            .write(|db| service::enter_record(db, &self.app, &officer(), &draft, at))
            .unwrap();
        let (id, version) = (&entered.id, entered.version);
        store
            .write(|db| service::confirm_record(db, &self.app, &reviewer(), id, version, at))
            .unwrap();
        entered.id
    }

    pub fn replay(&self) -> Replayed {
        let store = &self.app.store;
        store.read(|db| service::replay(db, &Choice::All)).unwrap()
    }

    /// Every stored result, oldest first within a company.
    pub fn stored(&self) -> Vec<scores::Score> {
        let store = &self.app.store;
        store
            .read::<_, wuxin::store::StoreError>(|db| {
                let page = scores::keys(db, None, 10_000)?;
                assert!(page.next.is_none());
                page.rows
                    .iter()
                    .map(|(company, ruleset, seq)| {
                        Ok(scores::find(db, company, ruleset, *seq)?.unwrap())
                    })
                    .collect()
            })
            .unwrap()
    }

    /// List entries that were opened, by company.
    pub fn proposed(&self) -> Vec<Uscc> {
        let store = &self.app.store;
        let entries = store
            .read(|db| wuxin::store::entries::in_states(db, &["proposed"], None, None, 100))
            .unwrap();
        entries.rows.iter().map(|entry| entry.company).collect()
    }
}

fn write(folder: &std::path::Path, texts: &[String]) {
    for old in std::fs::read_dir(folder).unwrap() {
        std::fs::remove_file(old.unwrap().path()).unwrap();
    }
    for (number, text) in texts.iter().enumerate() {
        std::fs::write(folder.join(format!("{number}.toml")), text).unwrap();
    }
}

/// Nine in the morning in Shanghai, 2026.
pub fn morning(month: u32, day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, month, day, 1, 0, 0).unwrap()
}

fn person(id: &str, role: Role) -> Actor {
    Actor {
        id: id.to_owned(),
        role,
        region: None,
    }
}

pub fn officer() -> Actor {
    person("a-officer", Role::Officer)
}

pub fn reviewer() -> Actor {
    person("a-reviewer", Role::Reviewer)
}

/// Takes away what keeps a table from being edited.
pub fn unlock(test: &TestStore, table: &str) {
    let sql = if test.url.starts_with("sqlite:") {
        format!("DROP TRIGGER {table}_no_update")
    } else {
        format!("DROP TRIGGER {table}_append_only ON {table}")
    };
    behind(test, &sql);
}

/// Does to the database what the program never would.
pub fn behind(test: &TestStore, sql: &str) {
    match test.url.strip_prefix("sqlite:") {
        Some(path) => SqliteConnection::establish(path)
            .unwrap()
            .batch_execute(sql)
            .unwrap(),
        None => PgConnection::establish(&test.url)
            .unwrap()
            .batch_execute(sql)
            .unwrap(),
    }
}
