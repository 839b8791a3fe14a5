//! The life of the demo's list entries: reviewed, noticed, decided, published, one revoked; and the platform told.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    Stage,
    deciding::{decide, decide_by, hear, outside},
    papers, shanghai, told,
};
use crate::{
    cli::Failure,
    domain::{Day, Uscc},
    feed::receiver::{Behaviour, Call, Switch},
    listing::{Action, DecisionService, DocumentDigest, Exit, Method, RevocationCause, Text},
    rules::PointsForm,
    service::{self, EntryView, PublishReport, Scope, documents::Question},
};

/// Red entries that are walked through; the rest stay proposals for whoever tries the demo.
const RED_WALKED: usize = 6;

/// A published entry.
#[derive(Debug, Clone)]
pub(super) struct OnPlatform {
    pub id: String,
    pub company: Uscc,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Walked {
    /// Public now.
    pub published: Vec<OnPlatform>,
    /// Was public and is withdrawn.
    pub withdrawn: Vec<OnPlatform>,
    /// What the publisher did in all.
    pub report: PublishReport,
    /// Documents that were issued.
    pub documents: usize,
    /// An item and a kind that a record may be entered with.
    pub example: (String, String),
}

pub(super) async fn walk(stage: &Stage) -> Result<Walked, Failure> {
    let proposed = entries(stage, "proposed")?;
    let mut watch: Vec<EntryView> = of_list(&proposed, "watch");
    let red: Vec<EntryView> = of_list(&proposed, "red")
        .into_iter()
        .take(RED_WALKED)
        .collect();
    if watch.len() < 4 {
        return Err(Failure::Input(format!(
            "the city has only {} companies to watch",
            watch.len()
        )));
    }
    // The last two are left under way: one proposed, one noticed.
    let left_proposed = watch.pop();
    let left_noticed = watch.pop();
    tracing::debug!(?left_proposed, "stays a proposal");

    // Of those that go on to the end one makes a statement; the first will be revoked.
    let speaks = watch.last().map(|entry| entry.id.clone());
    let mut noticed: Vec<EntryView> = watch
        .iter()
        .chain(left_noticed.as_ref())
        .chain(&red)
        .map(|entry| review_and_notify(stage, entry))
        .collect::<Result<_, _>>()?;
    for entry in &mut noticed {
        if speaks.as_ref() == Some(&entry.id) {
            *entry = hear(stage, entry)?;
        }
    }
    let to_decide = noticed
        .iter()
        .filter(|entry| left_noticed.as_ref().is_none_or(|left| left.id != entry.id));

    // Five working days from 1 July end with 8 July; on that day it is still too early.
    stage.hand.set(shanghai(7, 8, 18));
    if let Some(first) = noticed.first()
        && decide_by(
            stage,
            first,
            outside("示〔2026〕0号", "early", first)?,
            "示〔2026〕0号",
        )
        .is_ok()
    {
        return Err(Failure::Input(
            "a decision was possible before the window had closed".to_owned(),
        ));
    }
    stage.hand.set(shanghai(7, 9, 9));
    let mut decided = Vec::new();
    for (index, entry) in to_decide.enumerate() {
        decided.push(decide(stage, entry, index + 1)?);
    }
    let mut published = Vec::new();
    for entry in &decided {
        published.push(publish(stage, entry)?);
    }
    let example = example(stage)?;
    if let Some(entry) = published
        .iter()
        .find(|entry| speaks.as_ref() == Some(&entry.id))
    {
        told::walk(stage, entry.entry.company, &example)?;
    }

    // The first answer of the platform is lost after it stored the batch; the entry must still be there once.
    stage.platform.set(Switch {
        behaviour: Behaviour::DropReply,
        on: Call::Submit,
        remaining: Some(1),
    });
    stage.hand.set(shanghai(7, 9, 18));
    let mut report = push(stage, Scope::Slot).await?;

    // What the nightly jobs do.
    stage.hand.set(shanghai(7, 10, 1));
    let (app, night) = (&stage.app, stage.hand.now());
    app.store.write(|db| service::expire_due(db, app, night))?;
    app.store.write(|db| service::rescore_due(db, app, night))?;

    stage.hand.set(shanghai(7, 10, 9));
    let mut withdrawn = Vec::new();
    let mut remaining = published;
    if let Some(index) = remaining.iter().position(|entry| entry.list == "watch") {
        let entry = remaining.remove(index);
        withdrawn.push(revoke(stage, &entry)?);
    }
    if let Some(entry) = remaining
        .iter_mut()
        .find(|entry| speaks.as_ref() == Some(&entry.id))
    {
        *entry = object(stage, entry)?;
    }
    report.add(push(stage, Scope::Urgent).await?);
    let officer = &stage.people.officer.actor;
    let documents = stage
        .app
        .store
        .read(|db| service::documents::documents(db, officer, &Question::default()))?;
    Ok(Walked {
        published: remaining.iter().map(walked).collect::<Result<_, _>>()?,
        withdrawn: withdrawn.iter().map(walked).collect::<Result<_, _>>()?,
        report,
        documents: documents.len(),
        example,
    })
}

/// Runs the publisher until nothing waits; the city's clock jumps over the waits.
async fn push(stage: &Stage, scope: Scope) -> Result<PublishReport, Failure> {
    let hand = stage.hand.clone();
    let now = move || hand.now();
    let mut total = PublishReport::default();
    let mut scope = scope;
    loop {
        let report = stage.publisher.run(&stage.app, scope, &now).await?;
        let next = report.next_attempt_at;
        total.add(report);
        scope = Scope::Urgent;
        match next {
            Some(next) => stage.hand.set(next),
            None => return Ok(total),
        }
    }
}

fn review_and_notify(stage: &Stage, entry: &EntryView) -> Result<EntryView, Failure> {
    let now = stage.hand.now();
    let reviewed = stage.people.legal.step(
        &stage.app,
        entry,
        &Action::Review {
            opinion: text("事实清楚，条款适用正确，程序合法（示例）")?,
        },
        now,
    )?;
    let officer = &stage.people.officer;
    let paper = if entry.list == "watch" {
        papers::notice(stage, entry)?
    } else {
        outside(
            &format!("示建告〔2026〕{}号", &entry.id[30..]),
            "notice",
            entry,
        )?
    };
    let notice = Action::IssueNotice {
        number: paper.mark,
        digest: paper.digest,
    };
    let issued = officer.step(&stage.app, &reviewed, &notice, now)?;
    let service = Action::ServeNotice {
        method: Method::Direct,
        delivered_on: Day::of(now),
        proof: text("送达回证（示例）")?,
    };
    Ok(officer.step(&stage.app, &issued, &service, now)?)
}

/// An objection to the publication is marked at once, and turned down.
fn object(stage: &Stage, entry: &EntryView) -> Result<EntryView, Failure> {
    let (app, people, now) = (&stage.app, &stage.people, stage.hand.now());
    let dispute = papers::read(json!({ "action": "dispute", "number": "示异〔2026〕2号" }))?;
    let disputed = people.officer.step(app, entry, &dispute, now)?;
    let answer = papers::read(json!({
        "action": "settle_dispute", "answer": "经核查，认定事实和适用条款无误（示例）", "upheld": false,
    }))?;
    Ok(people.decider.step(app, &disputed, &answer, now)?)
}

fn publish(stage: &Stage, entry: &EntryView) -> Result<EntryView, Failure> {
    let now = stage.hand.now();
    let repair_notice = entry
        .entry
        .listed()
        .and_then(|decided| decided.decision.document.as_ref())
        .and_then(|document| document.burden.as_ref())
        .map(|burden| burden.repair_notice.clone());
    let service = Action::ServeDecision(DecisionService {
        method: Method::Direct,
        delivered_on: Day::of(now),
        proof: text("送达回证（示例）")?,
        repair_notice,
    });
    let served = stage
        .people
        .officer
        .step(&stage.app, entry, &service, now)?;
    let action = Action::Publish {
        exceptionally: None,
        digest: document(&format!("publication {}", entry.id))?,
    };
    Ok(stage
        .people
        .publisher
        .step(&stage.app, &served, &action, now)?)
}

fn revoke(stage: &Stage, entry: &EntryView) -> Result<EntryView, Failure> {
    let now = stage.hand.now();
    let explanation = "据以列入的处罚决定被撤销（示例）";
    let request = Action::RequestExit {
        exit: Exit::Revoked {
            explanation: text(explanation)?,
            cause: Some(RevocationCause::Annulled),
            known_on: None,
        },
    };
    let requested = stage
        .people
        .officer
        .step(&stage.app, entry, &request, now)?;
    let paper = papers::revocation(stage, entry, explanation)?;
    let approve = Action::ApproveExit {
        number: paper.mark,
        digest: paper.digest,
    };
    Ok(stage
        .people
        .decider
        .step(&stage.app, &requested, &approve, now)?)
}

/// An inspection item with fixed points that an officer of the city may enter.
fn example(stage: &Stage) -> Result<(String, String), Failure> {
    let ruleset = stage.app.rules.in_force(Day::of(stage.hand.now()))?;
    let simple = ruleset.items().iter().find(|item| {
        let component = &ruleset.components()[item.component];
        matches!(item.points, PointsForm::Fixed(points) if points.is_sign_negative())
            && !component.per_project()
            && item.times.is_none()
            && item.when.is_none()
            && item.veto.is_none()
            && !item.kinds.is_empty()
            && (item.record_by.is_empty() || item.record_by.iter().any(|level| level == "city"))
            && (item.confirm_by.is_empty() || item.confirm_by.iter().any(|level| level == "city"))
    });
    simple
        .map(|item| (item.id.clone(), item.kinds[0].as_str().to_owned()))
        .ok_or_else(|| Failure::Input("the rule set has no item to try".to_owned()))
}

fn entries(stage: &Stage, state: &str) -> Result<Vec<EntryView>, Failure> {
    let officer = &stage.people.officer.actor;
    Ok(stage
        .app
        .store
        .read(|db| service::list_entries(db, officer, &[state]))?)
}

fn of_list(entries: &[EntryView], list: &str) -> Vec<EntryView> {
    entries
        .iter()
        .filter(|entry| entry.list == list)
        .cloned()
        .collect()
}

fn walked(entry: &EntryView) -> Result<OnPlatform, Failure> {
    Ok(OnPlatform {
        id: entry.id.clone(),
        company: entry.entry.company,
    })
}

pub(super) fn text(words: &str) -> Result<Text, Failure> {
    Text::parse(words).map_err(|fault| Failure::Input(fault.to_string()))
}

pub(super) fn document(content: &str) -> Result<DocumentDigest, Failure> {
    DocumentDigest::parse(&hex::encode(Sha256::digest(content)))
        .map_err(|fault| Failure::Input(fault.to_string()))
}
