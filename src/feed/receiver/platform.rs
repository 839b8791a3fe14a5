//! What the stand-in platform holds and how a batch changes it. Pure: the same batches give the same content, so that
//! the ledger file is a list of batches.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sm3::{Digest, Sm3};
use uuid::Uuid;

use super::scenario::{About, Refused};
use crate::domain::{Day, Uscc};

/// A batch that was taken, with all that decided what became of it: one line of the ledger file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    pub key: String,
    pub body: String,
    pub received_at: DateTime<Utc>,
    /// Later than it was received if the platform commits late.
    pub commit_at: DateTime<Utc>,
    pub terms: Terms,
}

/// Misbehaviour that changes what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Terms {
    /// Records of these companies are refused.
    pub reject: Vec<String>,
    /// Refused with a code of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refuse: Vec<Refused>,
    /// Records of these companies match no subject.
    pub unmatched: Vec<String>,
    /// Every second record is refused with this code.
    pub reject_every_second: Option<String>,
    /// Withdrawals are confirmed and forgotten.
    pub lose_deletes: bool,
    /// Seconds from the commit until the public sees it.
    pub publish_after: u32,
    /// The answer has counts and no receipts.
    pub counts_only: bool,
    /// Names and reasons are kept in another charset than they came in.
    #[serde(default)]
    pub garbled: bool,
    /// The version before stays visible beside this one.
    #[serde(default)]
    pub show_twice: bool,
}

/// One version of a record as the platform took it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    pub version: u32,
    pub op: String,
    pub status: String,
    pub withdrawal: bool,
    pub digest: String,
    pub uscc: String,
    pub subject_name: String,
    pub list_name: String,
    pub decision_no: String,
    pub reason: String,
    pub display_until: Option<Day>,
    pub batch_key: String,
    pub committed_at: DateTime<Utc>,
    /// When the public sees this version, or sees that the entry is gone.
    pub effective_at: DateTime<Utc>,
    /// The version before it stays visible too.
    #[serde(skip)]
    pub beside: bool,
}

/// The answer to one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    pub record_id: String,
    pub record_version: u32,
    pub result: &'static str,
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_version: Option<u32>,
}

/// A batch as it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    pub body_digest: String,
    pub committed_at: DateTime<Utc>,
    pub receipts: Vec<Receipt>,
    #[serde(skip)]
    pub counts_only: bool,
}

/// Why a batch is not taken at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchFault {
    #[error("批次不是本平台的 JSON 结构：{0}")]
    Shape(String),
    #[error("请求头 Idempotency-Key 与批次内的 key 不同")]
    Key,
    #[error("批次自称有 {stated} 条，实有 {found} 条")]
    Count { stated: usize, found: usize },
    #[error("同一批次号已收过内容不同的批次")]
    OtherBytes,
}

/// The content of the platform.
#[derive(Debug, Default)]
pub struct Platform {
    records: BTreeMap<Uuid, Vec<Held>>,
    batches: BTreeMap<String, Taken>,
    /// Committed later than received; in the order of receipt.
    pending: Vec<Commit>,
    /// Withdrawals that were confirmed and forgotten.
    lost: Vec<(Uuid, u32)>,
}

#[derive(Deserialize)]
struct Envelope {
    batch: Head,
    records: Vec<Value>,
}

#[derive(Deserialize)]
struct Head {
    key: String,
    count: usize,
}

/// What the platform reads of a record.
#[derive(Deserialize)]
struct Incoming {
    record_id: Uuid,
    record_version: u32,
    op: String,
    status: String,
    uscc: Uscc,
    subject_name: String,
    list_name: String,
    decision_no: String,
    reason: String,
    digest: String,
    display_until: Option<Day>,
}

impl Held {
    fn shown_on(&self, now: DateTime<Utc>) -> bool {
        !self.withdrawal && self.display_until.is_none_or(|last| Day::of(now) <= last)
    }
}

impl Platform {
    /// Commits what is due.
    pub fn settle(&mut self, now: DateTime<Utc>) {
        let (due, pending) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|late| late.commit_at <= now);
        self.pending = pending;
        let mut due: Vec<Commit> = due;
        due.sort_by_key(|late| late.commit_at);
        for commit in due {
            self.apply(&commit);
        }
    }

    /// Checks a batch before it is taken: a known one gives what was answered, with `true`.
    pub fn known(&self, key: &str, body: &str) -> Result<Option<&Taken>, BatchFault> {
        let envelope: Envelope =
            serde_json::from_str(body).map_err(|error| BatchFault::Shape(error.to_string()))?;
        if envelope.batch.key != key {
            return Err(BatchFault::Key);
        }
        let (stated, found) = (envelope.batch.count, envelope.records.len());
        if stated != found {
            return Err(BatchFault::Count { stated, found });
        }
        match self.batches.get(key) {
            Some(taken) if taken.body_digest == digest_of(body) => Ok(Some(taken)),
            Some(_) => Err(BatchFault::OtherBytes),
            None => Ok(None),
        }
    }

    /// Takes a batch, now or when it is due.
    pub fn take(&mut self, commit: Commit, now: DateTime<Utc>) {
        self.pending.push(commit);
        self.settle(now);
    }

    pub fn batch(&self, key: &str) -> Option<&Taken> {
        self.batches.get(key)
    }

    pub fn batches(&self) -> &BTreeMap<String, Taken> {
        &self.batches
    }

    /// All versions of all records, oldest first.
    pub fn records(&self) -> &BTreeMap<Uuid, Vec<Held>> {
        &self.records
    }

    /// Withdrawals that were confirmed and forgotten.
    pub fn lost(&self) -> &[(Uuid, u32)] {
        &self.lost
    }

    /// The version of each record that is in effect.
    pub fn in_effect(&self, now: DateTime<Utc>) -> impl Iterator<Item = (Uuid, &Held)> {
        self.records.iter().filter_map(move |(id, history)| {
            let held = history.iter().rev().find(|held| held.effective_at <= now)?;
            Some((*id, held))
        })
    }

    /// What the public sees.
    pub fn visible(&self, now: DateTime<Utc>) -> impl Iterator<Item = (Uuid, &Held)> {
        self.in_effect(now)
            .filter(move |(_, held)| held.shown_on(now))
    }

    /// What an export gives: every row that the public sees, also one that a change should have taken the place of.
    pub fn listed(&self, now: DateTime<Utc>) -> Vec<(Uuid, &Held)> {
        let mut rows = Vec::new();
        for (id, held) in self.visible(now) {
            let before = self.records.get(&id).into_iter().flatten();
            let before = before.take_while(|one| one.version < held.version);
            rows.extend(before.last().filter(|_| held.beside).map(|one| (id, one)));
            rows.push((id, held));
        }
        rows
    }

    fn apply(&mut self, commit: &Commit) {
        // A late batch may meet itself, sent again meanwhile; what was checked when it came is checked again.
        let Ok(None) = self.known(&commit.key, &commit.body) else {
            return;
        };
        let Ok(envelope) = serde_json::from_str::<Envelope>(&commit.body) else {
            return;
        };
        let records = envelope.records.iter().enumerate();
        let receipts = records
            .map(|(index, record)| self.apply_record(commit, index, record))
            .collect();
        let taken = Taken {
            body_digest: digest_of(&commit.body),
            committed_at: commit.commit_at,
            receipts,
            counts_only: commit.terms.counts_only,
        };
        self.batches.insert(commit.key.clone(), taken);
    }

    fn apply_record(&mut self, commit: &Commit, index: usize, record: &Value) -> Receipt {
        let incoming: Incoming = match serde_json::from_value(record.clone()) {
            Ok(incoming) => incoming,
            Err(error) => return unreadable(record, &error),
        };
        if let Some(receipt) = refusal(commit, index, &incoming) {
            return receipt;
        }
        let history = self.records.entry(incoming.record_id).or_default();
        if let Some(held) = history
            .last()
            .filter(|held| held.version >= incoming.record_version)
        {
            return Receipt {
                digest: Some(held.digest.clone()),
                held_version: Some(held.version),
                ..receipt(&incoming, "DUPLICATE", "20001", "重复数据，旧数据")
            };
        }
        let result = if history.is_empty() {
            "ACCEPTED"
        } else {
            "UPDATED"
        };
        let held = held(commit, &incoming);
        let answer = Receipt {
            digest: Some(held.digest.clone()),
            held_version: Some(held.version),
            ..receipt(&incoming, result, "200", "")
        };
        if held.withdrawal && commit.terms.lose_deletes {
            self.lost.push((incoming.record_id, held.version));
            if history.is_empty() {
                self.records.remove(&incoming.record_id);
            }
        } else {
            history.push(held);
        }
        answer
    }
}

fn held(commit: &Commit, incoming: &Incoming) -> Held {
    let publish_after = TimeDelta::seconds(commit.terms.publish_after.into());
    let kept = |text: &String| {
        if commit.terms.garbled {
            encoding_rs::GBK
                .decode_without_bom_handling(text.as_bytes())
                .0
                .into_owned()
        } else {
            text.clone()
        }
    };
    Held {
        version: incoming.record_version,
        op: incoming.op.clone(),
        status: incoming.status.clone(),
        withdrawal: incoming.op == "3" || matches!(incoming.status.as_str(), "1" | "3"),
        digest: incoming.digest.clone(),
        uscc: incoming.uscc.to_string(),
        subject_name: kept(&incoming.subject_name),
        list_name: incoming.list_name.clone(),
        decision_no: incoming.decision_no.clone(),
        reason: kept(&incoming.reason),
        display_until: incoming.display_until,
        batch_key: commit.key.clone(),
        committed_at: commit.commit_at,
        effective_at: commit.commit_at + publish_after,
        beside: commit.terms.show_twice,
    }
}

fn refusal(commit: &Commit, index: usize, incoming: &Incoming) -> Option<Receipt> {
    let terms = &commit.terms;
    let listed = |list: &[String]| list.iter().any(|uscc| uscc == incoming.uscc.as_str());
    let about = |refused: &&Refused| match &refused.about {
        About::Record(record) => *record == incoming.record_id,
        About::Company(uscc) => *uscc == incoming.uscc,
    };
    if let Some(Refused { code, message, .. }) = terms.refuse.iter().find(about) {
        return Some(receipt(incoming, "REJECTED", code, message));
    }
    if listed(&terms.reject) {
        let refused = receipt(incoming, "REJECTED", "30002", "企业类型错误");
        return Some(Receipt {
            field: Some("uscc".into()),
            ..refused
        });
    }
    if listed(&terms.unmatched) {
        return Some(receipt(
            incoming,
            "UNMATCHED",
            "1001",
            "未查询到主体或查询到的主体信息不匹配",
        ));
    }
    let code = terms
        .reject_every_second
        .as_ref()
        .filter(|_| index % 2 == 1)?;
    Some(receipt(incoming, "REJECTED", code, "部分拒收"))
}

fn receipt(incoming: &Incoming, result: &'static str, code: &str, message: &str) -> Receipt {
    Receipt {
        record_id: incoming.record_id.to_string(),
        record_version: incoming.record_version,
        result,
        code: code.to_owned(),
        field: None,
        message: message.to_owned(),
        digest: None,
        held_version: None,
    }
}

/// A record that cannot be read is refused with whatever identity it shows.
fn unreadable(record: &Value, error: &serde_json::Error) -> Receipt {
    Receipt {
        record_id: record["record_id"].as_str().unwrap_or_default().to_owned(),
        record_version: record["record_version"]
            .as_u64()
            .and_then(|version| version.try_into().ok())
            .unwrap_or(0),
        result: "REJECTED",
        code: "10004".into(),
        field: None,
        message: format!("格式转换错误：{error}"),
        digest: None,
        held_version: None,
    }
}

/// SM3 of the bytes, in hex.
pub fn digest_of(body: &str) -> String {
    hex::encode(Sm3::digest(body))
}
