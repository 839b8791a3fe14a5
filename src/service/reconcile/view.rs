//! How comparisons are told: to the publisher and the auditor with every difference, to everybody by counts alone.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::Day,
    feed::reconcile::{Difference, DifferenceClass},
    service::{Actor, Alarm, Error, permission::Action},
    store::{
        Db,
        feed::{self as outbox, Comparison, KeptDifference, Standing},
    },
};

/// How many differences of each class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DriftCounts {
    /// Visible there and not to be.
    pub extra: i64,
    /// To be visible, and not there.
    pub missing: i64,
    pub status_diff: i64,
    pub stale_version: i64,
    pub name_changed: i64,
    pub field_diff: i64,
}

impl DriftCounts {
    pub(in crate::service) fn of(counts: [i64; 6]) -> Self {
        let [
            extra,
            missing,
            status_diff,
            stale_version,
            name_changed,
            field_diff,
        ] = counts;
        Self {
            extra,
            missing,
            status_diff,
            stale_version,
            name_changed,
            field_diff,
        }
    }
}

/// What everybody may know of the last comparison: no names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Drift {
    /// Day of the last comparison that could be made, in Asia/Shanghai; absent before the first.
    pub compared_on: Option<String>,
    pub differences: DriftCounts,
    /// Records that were on their way then and were not judged.
    pub in_flight: i64,
}

/// A comparison, as its history shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComparisonLine {
    pub id: String,
    pub finished_at: DateTime<Utc>,
    /// `listing`, `records`, `file`.
    pub source: String,
    pub name: String,
    pub run_by: String,
    /// Why nothing could be compared.
    pub failed: Option<String>,
    /// Records that should be visible, rows that are, records that were not judged.
    pub expected: i64,
    pub shown: i64,
    pub in_flight: i64,
    pub differences: DriftCounts,
}

impl From<Comparison> for ComparisonLine {
    fn from(one: Comparison) -> Self {
        Self {
            id: one.id,
            finished_at: one.finished_at,
            source: one.source,
            name: one.name,
            run_by: one.run_by,
            failed: one.failed,
            expected: one.expected,
            shown: one.shown,
            in_flight: one.in_flight,
            differences: DriftCounts::of(one.counts),
        }
    }
}

/// A difference and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DifferenceLine {
    #[serde(flatten)]
    pub difference: Difference,
    /// `open`, `explained`, `repaired`, `gone`, `again`.
    pub state: &'static str,
    /// Who said so, when and in which words.
    pub by: Option<String>,
    pub at: Option<DateTime<Utc>>,
    pub words: Option<String>,
}

impl DifferenceLine {
    pub(super) fn new(kept: KeptDifference, difference: Difference) -> Self {
        let standing = kept.standing;
        Self {
            difference,
            state: standing
                .as_ref()
                .map_or("open", |(standing, _)| standing.state.as_str()),
            at: standing.as_ref().map(|(_, at)| *at),
            by: standing
                .as_ref()
                .map(|(standing, _)| standing.actor.clone()),
            words: standing.map(|(standing, _)| standing.words),
        }
    }
}

pub(super) fn differences(
    db: &mut Db,
    comparison: &str,
) -> Result<Vec<(KeptDifference, Difference)>, Error> {
    let kept = outbox::differences_of(db, comparison)?;
    let read = |kept: KeptDifference| {
        let difference =
            serde_json::from_str(&kept.difference.data).map_err(|source| Error::Stored {
                what: "对账差异",
                source,
            })?;
        Ok((kept, difference))
    };
    kept.into_iter().map(read).collect()
}

/// The comparisons with a platform, the latest first: the drift over time.
pub fn drift_history(
    db: &mut Db,
    target: &str,
    actor: &Actor,
    limit: usize,
) -> Result<Vec<ComparisonLine>, Error> {
    actor.check(Action::ReadComparison, None)?;
    let runs = outbox::comparisons(db, target, limit)?;
    Ok(runs.into_iter().map(ComparisonLine::from).collect())
}

/// The public figure.
pub fn drift(db: &mut Db, target: &str) -> Result<Drift, Error> {
    let last = outbox::last_compared(db, target)?;
    Ok(Drift {
        compared_on: last
            .as_ref()
            .map(|one| Day::of(one.finished_at).to_string()),
        in_flight: last.as_ref().map_or(0, |one| one.in_flight),
        differences: DriftCounts::of(last.map_or([0; 6], |one| one.counts)),
    })
}

/// What an operator must look at: differences nobody has answered for, what must not be visible apart and until a
/// comparison does not find it any more, and a comparison that could not be made.
pub fn drift_alarms(db: &mut Db, target: &str) -> Result<Vec<Alarm>, Error> {
    let mut alarms = Vec::new();
    let unsettled = outbox::unsettled(db, target)?;
    let extra = |one: &KeptDifference| one.difference.class == DifferenceClass::Extra.as_str();
    let explained = |one: &KeptDifference| {
        one.standing
            .as_ref()
            .is_some_and(|(standing, _)| standing.state == Standing::Explained)
    };
    let mut raise = |code, of: Vec<&KeptDifference>| {
        if let Some(first) = of.first() {
            alarms.push(Alarm {
                code,
                count: of.len(),
                since: first.found_at.to_rfc3339(),
            });
        }
    };
    let (worst, others): (Vec<_>, Vec<_>) = unsettled.iter().partition(|one| extra(one));
    raise(
        "feed-extra",
        worst.into_iter().filter(|one| !explained(one)).collect(),
    );
    raise(
        "feed-drift",
        others.into_iter().filter(|one| one.is_open()).collect(),
    );
    let late: Vec<_> = outbox::looks(db, target)?;
    let mut late = late.into_iter().filter(|look| look.late);
    if let Some(first) = late.next() {
        alarms.push(Alarm {
            code: "feed-not-visible",
            count: 1 + late.count(),
            since: first.of.due.to_rfc3339(),
        });
    }
    if let Some(last) = outbox::comparisons(db, target, 1)?.first()
        && last.failed.is_some()
    {
        alarms.push(Alarm {
            code: "feed-not-compared",
            count: 1,
            since: last.finished_at.to_rfc3339(),
        });
    }
    Ok(alarms)
}
