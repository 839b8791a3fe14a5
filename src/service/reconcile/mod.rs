//! Comparing the platform with the outbox (feed G9): keep what was found, take down at once what must not be visible, and
//! mend the rest by ordinary changes when asked to.

mod expected;
mod judge;
mod repair;
mod view;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{Actor, App, Error, FieldFault, Now, Publisher, Scope, permission::Action};
use crate::{
    feed::{
        receipts::ReceiptTable,
        reconcile::{Difference, DifferenceClass, Found, Shown, compare, read_table},
        transports::Seen,
    },
    store::{
        Db,
        audit::{self, NewAudit},
        feed::{self as outbox, Comparison, NewDifference, NewStanding, Standing},
    },
};

pub(super) use expected::expected_of;
use judge::{judge, sights};
use repair::{name, repair};
pub use view::{
    ComparisonLine, DifferenceLine, Drift, DriftCounts, drift, drift_alarms, drift_history,
};

/// Under which name the nightly job acts.
const SYSTEM: &str = "wuxin";

/// Where what the platform shows comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shows {
    /// Asked over the wire.
    Platform,
    /// An export that a person brought.
    File { name: String, bytes: Vec<u8> },
}

/// What a comparison found and did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reconciled {
    #[serde(flatten)]
    pub comparison: ComparisonLine,
    /// The worst first.
    pub found: Vec<DifferenceLine>,
    /// Records that are on their way.
    pub not_judged: Vec<Uuid>,
    /// Records that were taken so lately that they need not be seen yet, and are not.
    pub slow: Vec<Uuid>,
    /// Changes that were put into the outbox, removals among them.
    pub repairs: usize,
    /// What only a person can mend.
    pub alarms: Vec<String>,
}

/// Compares, as a person. See [`reconcile_nightly`].
pub async fn reconcile(
    app: &Arc<App>,
    publisher: &Publisher,
    actor: &Actor,
    shows: Shows,
    everything: bool,
    now: Now<'_>,
) -> Result<Reconciled, Error> {
    actor.check(Action::RunPublisher, None)?;
    run(app, publisher, &actor.id, shows, everything, now).await
}

/// Compares, as the service itself: what must not be visible is taken down at once, everything else is only told.
pub async fn reconcile_nightly(
    app: &Arc<App>,
    publisher: &Publisher,
    now: Now<'_>,
) -> Result<Reconciled, Error> {
    run(app, publisher, SYSTEM, Shows::Platform, false, now).await
}

async fn run(
    app: &Arc<App>,
    publisher: &Publisher,
    by: &str,
    shows: Shows,
    everything: bool,
    now: Now<'_>,
) -> Result<Reconciled, Error> {
    let started = now();
    let before = expected_now(app, publisher, started).await?;
    let (source, name) = match &shows {
        Shows::File { name, .. } => ("file", name.clone()),
        Shows::Platform => ("listing", String::new()),
    };
    let mut comparison = Comparison {
        id: Uuid::now_v7().to_string(),
        target: publisher.target().to_owned(),
        source: source.to_owned(),
        name,
        run_by: by.to_owned(),
        started_at: started,
        finished_at: started,
        failed: None,
        expected: 0,
        shown: 0,
        in_flight: 0,
        counts: [0; 6],
    };
    let rows = match shows {
        Shows::File { bytes, .. } => from_file(publisher, &bytes)?,
        Shows::Platform => {
            let records: Vec<Uuid> = before.iter().map(|one| one.record_id).collect();
            match publisher
                .carrier()
                .seen(publisher.profile(), &records, now)
                .await
            {
                Ok(Seen::Listing(rows)) => rows,
                Ok(Seen::Records(rows)) => {
                    comparison.source = "records".to_owned();
                    rows
                }
                Err(why) => {
                    comparison.failed = Some(why.to_string());
                    Vec::new()
                }
            }
        }
    };
    let found = if comparison.failed.is_some() {
        Found::default()
    } else {
        let after = expected_now(app, publisher, now()).await?;
        compare(&expected::settled(&before, after), &rows)
    };
    #[cfg(feature = "mutants")]
    let found = super::publish::mutants::what_was_found(found, &mut comparison.failed, &before);
    comparison.finished_at = now();
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    comparison.expected = number(found.expected);
    comparison.shown = number(found.shown);
    comparison.in_flight = number(found.in_flight.len());
    comparison.counts = DifferenceClass::ALL.map(|class| number(found.count(class)));

    let (keeper, at) = (Arc::clone(app), comparison.finished_at);
    let (not_judged, slow) = (found.in_flight.clone(), found.slow.clone());
    let (mut kept, removals) = app
        .store
        .write_async(move |db| keep(db, &keeper, &comparison, &found, everything, at))
        .await?;
    (kept.not_judged, kept.slow) = (not_judged, slow);
    if removals > 0 {
        // The removal lane does not wait for a slot, nor for the jobs of another process.
        let sent = publisher.run(app, Scope::Urgent, now).await?;
        kept.alarms.extend(sent.alarms);
    }
    Ok(kept)
}

async fn expected_now(
    app: &App,
    publisher: &Publisher,
    now: DateTime<Utc>,
) -> Result<Vec<crate::feed::reconcile::Expected>, Error> {
    let publisher = publisher.clone();
    let read =
        move |db: &mut Db| expected::expected(db, publisher.target(), publisher.profile(), now);
    app.store.read_async(read).await
}

fn from_file(publisher: &Publisher, bytes: &[u8]) -> Result<Vec<Shown>, Error> {
    let unfit = |why: String| Error::Feed(why);
    let table = ReceiptTable::read(bytes).map_err(|fault| unfit(fault.to_string()))?;
    read_table(publisher.profile(), &table).map_err(|fault| unfit(fault.to_string()))
}

/// Keeps a comparison, judges the earlier findings by it, and repairs; one transaction.
fn keep(
    db: &mut Db,
    app: &App,
    comparison: &Comparison,
    found: &Found,
    everything: bool,
    at: DateTime<Utc>,
) -> Result<(Reconciled, usize), Error> {
    let earlier = outbox::unsettled(db, &comparison.target)?;
    let new = found.differences.iter().map(|difference| {
        Ok(NewDifference {
            key: difference.key(),
            class: difference.class.as_str().to_owned(),
            known: difference.known,
            record_id: difference.record_id.map(|id| id.to_string()),
            data: serde_json::to_string(difference).map_err(|source| Error::Stored {
                what: "对账差异",
                source,
            })?,
        })
    });
    let new = new.collect::<Result<Vec<_>, Error>>()?;
    outbox::add_comparison(db, comparison, &new)?;
    if comparison.failed.is_none() {
        judge(db, comparison, found, &earlier, at)?;
        sights(db, comparison, found, at)?;
    }
    let differences = view::differences(db, &comparison.id)?;
    let target = &comparison.target;
    let repairs = repair(
        db,
        app,
        target,
        &differences,
        &comparison.run_by,
        everything,
        at,
    )?;
    let data = serde_json::json!({ "counts": comparison.counts, "failed": comparison.failed, "repairs": repairs.changes });
    note(
        db,
        &comparison.run_by,
        "feed.compare",
        &comparison.id,
        &data,
        at,
    )?;
    let lines = view::differences(db, &comparison.id)?.into_iter();
    let kept = Reconciled {
        comparison: ComparisonLine::from(comparison.clone()),
        found: lines
            .map(|(kept, difference)| DifferenceLine::new(kept, difference))
            .collect(),
        not_judged: Vec::new(),
        slow: Vec::new(),
        repairs: repairs.changes,
        alarms: repairs.alarms,
    };
    Ok((kept, repairs.removals))
}

/// A person answers for what the last comparison found and is still open. Returns how many differences that was.
///
/// # Errors
/// The role; the words are empty; nothing was compared; or the same person ran the comparison and a list that needs two
/// persons is among what it found.
pub fn sign_comparison(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    words: &str,
    now: DateTime<Utc>,
) -> Result<usize, Error> {
    actor.check(Action::SignComparison, None)?;
    let words = words.trim();
    if words.is_empty() {
        let fault = FieldFault::new("sign", "F003", "请写明差异的原因和处理意见");
        return Err(Error::Invalid(vec![fault]));
    }
    let last = outbox::last_compared(db, &app.target)?.ok_or_else(|| Error::Missing {
        what: "对账",
        id: app.target.clone(),
    })?;
    let mut open = view::differences(db, &last.id)?;
    open.retain(|(kept, _)| kept.is_open());
    for (_, difference) in &open {
        if needs_two(db, app, difference)? {
            actor.differs_from(&last.run_by, Action::SignComparison)?;
        }
    }
    let standing = NewStanding {
        state: Standing::Explained,
        actor: actor.id.clone(),
        words: words.to_owned(),
        change: None,
    };
    for (kept, _) in &open {
        outbox::add_standing(db, kept.id, &standing, now)?;
    }
    let data = serde_json::json!({ "words": words, "differences": open.len() });
    note(db, &actor.id, "feed.sign", &last.id, &data, now)?;
    Ok(open.len())
}

/// Whether the list of a record wants two persons. What was never sent from here is of no list: two.
fn needs_two(db: &mut Db, app: &App, difference: &Difference) -> Result<bool, Error> {
    let Some(record) = difference.record_id.filter(|_| difference.known) else {
        return Ok(true);
    };
    let changes = outbox::changes_of(db, &app.target, &record.to_string())?;
    let Some(latest) = changes.last() else {
        return Ok(true);
    };
    let record = expected::record_of(latest)?;
    let list = app.lists.get(&record.fields().list_code);
    Ok(list.is_none_or(|list| list.two_person()))
}

fn note(
    db: &mut Db,
    actor: &str,
    action: &str,
    comparison: &str,
    data: &serde_json::Value,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let event = NewAudit {
        company: None,
        actor: actor.to_owned(),
        action: action.to_owned(),
        subject: format!("comparison {comparison}"),
        data: data.to_string(),
    };
    Ok(audit::append(db, &event, at)?)
}

impl Reconciled {
    /// Nothing differs that nobody has answered for.
    pub fn is_clean(&self) -> bool {
        self.comparison.failed.is_none() && self.found.iter().all(|line| line.state == "explained")
    }

    /// For the log and the job: one line.
    pub fn summary(&self) -> String {
        let one = &self.comparison;
        match &one.failed {
            Some(why) => format!("not compared: {why}"),
            None => format!(
                "{} expected, {} shown, {} differ, {} on their way, {} not shown yet, {} repaired",
                one.expected,
                one.shown,
                self.found.len(),
                one.in_flight,
                self.slow.len(),
                self.repairs
            ),
        }
    }

    /// What must not be visible, without names.
    pub fn worst(&self) -> Vec<String> {
        let extra = |line: &&DifferenceLine| line.difference.class == DifferenceClass::Extra;
        let lines = self.found.iter().filter(extra);
        lines.map(|line| name(&line.difference)).collect()
    }
}
