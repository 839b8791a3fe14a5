//! The documents of the demo's matters, numbered and kept by the service as for any office.

use serde_json::{Value, json};

use super::{Stage, deciding, steps};
use crate::{
    cli::Failure,
    domain::{Day, MatterKind},
    listing::{DocumentDigest, Text},
    service::{EntryView, documents},
};

/// A document that was issued.
#[derive(Debug, Clone)]
pub(super) struct Paper {
    pub mark: Text,
    pub digest: DocumentDigest,
}

/// How long an entry that is decided today is displayed: the last day, and the last of the shortest display.
struct Dates {
    until: Day,
    min_until: Day,
}

/// The officer issues a document.
pub(super) fn issue(
    stage: &Stage,
    matter: (MatterKind, &str),
    content: Value,
) -> Result<Paper, Failure> {
    let content: documents::Content = read(content)?;
    let (app, officer) = (&stage.app, &stage.people.officer.actor);
    let now = stage.hand.now();
    let issued = app
        .store
        .write(|db| documents::issue(db, app, officer, matter, &content, now))?;
    Ok(Paper {
        mark: steps::text(&issued.mark)?,
        digest: DocumentDigest::parse(&issued.digest)
            .map_err(|fault| Failure::Input(fault.to_string()))?,
    })
}

/// 列入名单事先告知书
pub(super) fn notice(stage: &Stage, entry: &EntryView) -> Result<Paper, Failure> {
    let content = json!({
        "kind": "notice", "facts": deciding::FACTS, "evidence": [deciding::EVIDENCE],
        "reason": deciding::reason(entry), "clauses": clauses(entry), "measures": measures(),
        "display_period": "三个月至一年", "contact": contact(),
    });
    issue(stage, (MatterKind::Entry, &entry.id), content)
}

/// 信用修复告知书, which goes with the decision.
pub(super) fn repair_notice(stage: &Stage, entry: &EntryView) -> Result<Paper, Failure> {
    let dates = dates(stage, entry)?;
    let today = Day::of(stage.hand.now());
    let content = json!({
        "kind": "repair_notice", "decision_name": format!("《列入名单决定书》，{today} 作出"),
        "display_until": dates.until, "display_min_until": dates.min_until,
        "conditions": conditions(), "materials": ["信用修复申请书", "整改验收单", "信用承诺书"],
        "route": deciding::ROUTE, "contact": contact(),
    });
    issue(stage, (MatterKind::Entry, &entry.id), content)
}

/// 列入名单决定书
pub(super) fn decision(
    stage: &Stage,
    entry: &EntryView,
    notice: &str,
    repair: &Paper,
    heard: &str,
) -> Result<Paper, Failure> {
    let dates = dates(stage, entry)?;
    let today = Day::of(stage.hand.now());
    let content = json!({
        "kind": "decision", "notice_number": notice, "facts": deciding::FACTS, "evidence": [deciding::EVIDENCE],
        "reason": deciding::reason(entry), "clauses": clauses(entry), "measures": measures(), "heard": heard,
        "listed_on": today, "display_from": today, "display_until": dates.until, "display_min_until": dates.min_until,
        "removal_conditions": conditions(), "removal_procedure": deciding::REMOVAL, "repair_route": deciding::ROUTE,
        "repair_notice_number": repair.mark, "remedies": remedies(),
    });
    issue(stage, (MatterKind::Entry, &entry.id), content)
}

/// 撤销列入名单决定书
pub(super) fn revocation(
    stage: &Stage,
    entry: &EntryView,
    explanation: &str,
) -> Result<Paper, Failure> {
    let decided = entry
        .entry
        .listed()
        .ok_or_else(|| Failure::Input(format!("{} was not decided", entry.id)))?;
    let content = json!({
        "kind": "revocation", "decision_number": decided.decision.number,
        "listed_on": decided.decision.decided_on, "revoked_on": Day::of(stage.hand.now()),
        "reason": explanation, "explanation": explanation, "clauses": clauses(entry),
    });
    issue(stage, (MatterKind::Entry, &entry.id), content)
}

/// 信用记分告知单
pub(super) fn record_notice(stage: &Stage, record: &str) -> Result<Paper, Failure> {
    let content = json!({
        "kind": "record_notice", "objection_route": "可以书面提交本机关（示例）。", "contact": contact(),
    });
    issue(stage, (MatterKind::Record, record), content)
}

/// A value of the interface, as its JSON is written in the documentation.
pub(super) fn read<T: serde::de::DeserializeOwned>(json: Value) -> Result<T, Failure> {
    serde_json::from_value(json).map_err(|fault| Failure::Input(fault.to_string()))
}

fn dates(stage: &Stage, entry: &EntryView) -> Result<Dates, Failure> {
    let today = Day::of(stage.hand.now());
    let rule = stage
        .app
        .lists
        .get(&entry.list)
        .and_then(|list| list.display(entry.entry.severity))
        .ok_or_else(|| Failure::Input(format!("{} has no display", entry.list)))?;
    Ok(Dates {
        until: rule.max.last_day(today),
        min_until: rule.min.map_or(today, |span| span.last_day(today)),
    })
}

fn clauses(entry: &EntryView) -> Value {
    json!(entry.entry.evidence.clauses)
}

fn measures() -> Value {
    json!([{ "title": deciding::MEASURE, "basis": deciding::CATALOGUE }])
}

fn conditions() -> Value {
    json!(["最短公示期届满", "完成整改", "作出信用承诺"])
}

fn contact() -> Value {
    json!({ "address": "示例市示例路1号", "phone": "000-0000000" })
}

fn remedies() -> Value {
    json!({ "review_organ": "示例市人民政府", "court": "示例市人民法院" })
}
