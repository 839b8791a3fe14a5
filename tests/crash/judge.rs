//! What the ledger of the platform and our outbox must look like in the end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use wuxin::{
    service::{App, feed_status},
    store::feed::ChangeState,
};

use crate::stage::{ENTRIES, Wanted};

/// What went wrong, counted and in words.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Versions that the platform ought to have and has not.
    pub lost: usize,
    /// Versions that went in two batches, neither of them refused.
    pub doubled: usize,
    /// Entries that are to be seen though withdrawn, or gone though published.
    pub resurrected: usize,
    /// Versions on the platform that it was not lawful to send.
    pub unlawful: usize,
    pub faults: Vec<String>,
}

impl Verdict {
    fn say(&mut self, fault: String) {
        self.faults.push(fault);
    }
}

/// Holds the ledger and the outbox against what is wanted of each entry.
pub fn judge(app: &App, ledger: &Value, wanted: impl Fn(usize) -> Wanted) -> Verdict {
    let mut verdict = Verdict::default();
    effects(ledger, wanted, &mut verdict);
    batches(ledger, &mut verdict);
    exchange(ledger, &mut verdict);
    let status = app.store.read(|db| feed_status(db, &app.target)).unwrap();
    for (state, _, number) in &status.changes {
        if *number > 0 && !matches!(state, ChangeState::Accepted | ChangeState::Superseded) {
            verdict.say(format!(
                "the outbox holds {number} changes that are {state:?}"
            ));
        }
    }
    let counted = [
        ("lost", verdict.lost),
        ("doubled", verdict.doubled),
        ("resurrected", verdict.resurrected),
        ("unlawful", verdict.unlawful),
    ];
    for (what, number) in counted {
        if number > 0 {
            verdict.say(format!("{number} {what}"));
        }
    }
    verdict
}

/// The number of an entry, from the code of its company.
pub fn number_of(record: &Value) -> usize {
    let uscc = record["history"][0]["uscc"].as_str().unwrap();
    uscc[10..17].parse().unwrap()
}

fn effects(ledger: &Value, wanted: impl Fn(usize) -> Wanted, verdict: &mut Verdict) {
    let mut missing: BTreeSet<usize> = (0..ENTRIES).collect();
    for record in ledger["records"].as_array().unwrap() {
        let number = number_of(record);
        missing.remove(&number);
        let wanted = wanted(number);
        let history = record["history"].as_array().unwrap();
        let versions: Vec<u64> = history
            .iter()
            .map(|held| held["version"].as_u64().unwrap())
            .collect();
        let there = |version: &&u64| versions.contains(version);
        verdict.lost += wanted.versions.len() - wanted.versions.iter().filter(there).count();
        for (at, version) in versions.iter().enumerate() {
            verdict.doubled += usize::from(versions[..at].contains(version));
            verdict.unlawful += usize::from(
                !(wanted.versions.contains(version) || wanted.allowed.contains(version)),
            );
        }
        if !versions.is_sorted() {
            verdict.say(format!("entry {number} out of order: {versions:?}"));
        }
        let withdrawn = history.last().unwrap()["withdrawal"].as_bool() == Some(true);
        verdict.resurrected += usize::from(withdrawn != wanted.withdrawn);
        if record["visible"].as_bool() != Some(!wanted.withdrawn) {
            verdict.say(format!(
                "the public sees entry {number}: {}",
                record["visible"]
            ));
        }
    }
    for number in missing {
        verdict.lost += wanted(number).versions.len();
    }
}

/// The platform would hide a version that comes a second time. It must have come in one batch only, but for those of which
/// it refused the version.
fn batches(ledger: &Value, verdict: &mut Verdict) {
    let mut taken = BTreeSet::new();
    for batch in ledger["batches"].as_object().unwrap().values() {
        for receipt in batch["receipts"].as_array().unwrap() {
            if receipt["result"] == "REJECTED" || receipt["result"] == "UNMATCHED" {
                continue;
            }
            let version = (
                receipt["record_id"].to_string(),
                receipt["record_version"].as_u64(),
            );
            verdict.doubled += usize::from(!taken.insert(version));
        }
    }
}

/// What the platform saw of one batch.
#[derive(Default)]
struct Seen {
    digest: String,
    /// It may have it: what it answered last was no plain "come later".
    in_doubt: bool,
    /// Answers "not there" since the last send.
    absent: usize,
}

/// One key, one body; what is in doubt is sent again after two answers "not there" only.
fn exchange(ledger: &Value, verdict: &mut Verdict) {
    let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
    for request in ledger["requests"].as_array().unwrap() {
        let answer = request["answer"].as_str().unwrap_or_default();
        if request["method"] != "POST" {
            let path = request["path"].as_str().unwrap_or_default();
            if let Some(key) = path.strip_prefix("/api/batches/")
                && let Some(batch) = seen.get_mut(key)
            {
                batch.absent += usize::from(answer.starts_with("404"));
            }
            continue;
        }
        let Some(key) = request["key"].as_str() else {
            continue;
        };
        let digest = request["body_digest"].as_str().unwrap_or_default();
        let known = seen.entry(key.to_owned()).or_insert_with(|| Seen {
            digest: digest.to_owned(),
            ..Seen::default()
        });
        if known.digest != digest {
            verdict.faults.push("one key, two bodies".to_owned());
        }
        if known.in_doubt && known.absent < 2 {
            let asked = known.absent;
            verdict
                .faults
                .push(format!("sent again after {asked} answers \"not there\""));
        }
        (known.in_doubt, known.absent) = (!answer.starts_with("429"), 0);
    }
}

/// Whether a withdrawal went first, if there was one among what waited from the beginning.
pub fn withdrawals_first(ledger: &Value) -> bool {
    // Which versions withdraw something: by what the platform holds or has lost of them.
    let mut withdrawing = BTreeSet::new();
    for record in ledger["records"].as_array().unwrap() {
        for held in record["history"].as_array().unwrap() {
            if held["withdrawal"] == true {
                withdrawing.insert((record["record_id"].to_string(), held["version"].as_u64()));
            }
        }
    }
    for lost in ledger["lost_deletes"].as_array().unwrap() {
        withdrawing.insert((
            lost["record_id"].to_string(),
            lost["record_version"].as_u64(),
        ));
    }
    let withdraws = |key: &str| {
        let receipts = ledger["batches"][key]["receipts"].as_array();
        receipts.is_some_and(|receipts| {
            receipts.iter().any(|receipt| {
                withdrawing.contains(&(
                    receipt["record_id"].to_string(),
                    receipt["record_version"].as_u64(),
                ))
            })
        })
    };
    let requests = ledger["requests"].as_array().unwrap().iter();
    let mut sent = requests
        .filter(|request| request["method"] == "POST")
        .filter_map(|request| request["key"].as_str());
    let Some(first) = sent.next() else {
        return true;
    };
    withdraws(first) || !sent.any(withdraws)
}
