//! Events, and what they add up to.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::step::{Remedy, Step};
use crate::domain::{Day, Deadline, RecordStatus};

/// What a notice (记分告知单) tells the company; its period for objections runs from service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The clause that the record falls under.
    pub clause: String,
    /// The matter, in the words of the rules.
    pub title: String,
    /// Points, as a decimal or in the words of the rules where the subject is not one company.
    pub points: String,
    /// Last day for rectification, if one is set.
    pub rectify_by: Option<Day>,
}

/// One thing that happened, appended and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    #[serde(flatten)]
    pub step: Step,
    pub by: String,
    pub at: DateTime<Utc>,
    /// Version of the record after it.
    pub version: i64,
    /// What the company was told, of a notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// The deadline that began with it, as it was worked out then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts: Option<Deadline>,
}

/// What an event makes of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Its versions stay as they are.
    Nothing,
    /// The mark comes or goes.
    Status(RecordStatus),
    Remedy(Remedy),
    Rectified(Day),
    RectifyBy(Day),
}

impl Effect {
    pub(super) fn of(step: &Step, submitted: Option<Day>) -> Self {
        match step {
            Step::Notice { .. }
            | Step::Served { .. }
            | Step::Rectification { .. }
            | Step::Refuse { .. } => Self::Nothing,
            Step::Object { .. } => Self::Status(RecordStatus::Disputed),
            Step::WithdrawObjection { .. } | Step::Reject { .. } => {
                Self::Status(RecordStatus::Confirmed)
            }
            Step::Uphold { remedy, .. } => Self::Remedy(*remedy),
            Step::Accept { .. } => submitted.map_or(Self::Nothing, Self::Rectified),
            Step::Extend { rectify_by, .. } => Self::RectifyBy(*rectify_by),
        }
    }
}

/// A notice that was served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// The day it counts as served, from which the period runs.
    pub served_on: Day,
    pub objection: Deadline,
}

/// The last notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    pub number: String,
    pub content: Content,
    pub issued_on: Day,
    /// The version that it tells of.
    pub version: i64,
    pub served: Option<Service>,
}

/// How an objection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Withdrawn,
    Corrected,
    Revoked,
    Rejected,
}

/// The last objection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Objection {
    pub number: String,
    pub grounds: String,
    pub received_on: Day,
    pub registered_by: String,
    pub examine: Deadline,
    /// Absent while it is examined.
    pub outcome: Option<Outcome>,
    /// Version of the record after its last step.
    pub version: i64,
}

/// What the check of a rectification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Accepted,
    Refused,
}

/// The last report of a rectification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rectification {
    pub statement: String,
    pub rectified_on: Day,
    pub registered_by: String,
    pub check: Deadline,
    /// Absent while it is checked.
    pub verdict: Option<Verdict>,
}

/// Where the procedure of a record stands: its events added up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Case {
    /// Number of events; a step names the number that its taker has seen.
    pub events: i64,
    pub notice: Option<Notice>,
    pub objection: Option<Objection>,
    pub rectification: Option<Rectification>,
}

impl Case {
    /// Adds events up, in their order.
    pub fn of<'e>(events: impl IntoIterator<Item = &'e Event>) -> Self {
        let mut case = Self::default();
        for event in events {
            case.push(event);
        }
        case
    }

    /// Adds one event.
    pub fn push(&mut self, event: &Event) {
        self.events += 1;
        let today = Day::of(event.at);
        let settled = |objection: &mut Option<Objection>, outcome| {
            if let Some(objection) = objection {
                objection.outcome = Some(outcome);
                objection.version = event.version;
            }
        };
        let checked = |rectification: &mut Option<Rectification>, verdict| {
            if let Some(rectification) = rectification {
                rectification.verdict = Some(verdict);
            }
        };
        match (&event.step, &event.starts, &event.content) {
            (Step::Notice { number }, _, Some(content)) => {
                self.notice = Some(Notice {
                    number: number.as_str().to_owned(),
                    content: content.clone(),
                    issued_on: today,
                    version: event.version,
                    served: None,
                });
            }
            (Step::Served { .. }, Some(deadline), _) => {
                if let Some(notice) = &mut self.notice {
                    notice.served = Some(Service {
                        served_on: deadline.start,
                        objection: deadline.clone(),
                    });
                }
            }
            (
                Step::Object {
                    number,
                    grounds,
                    received_on,
                    ..
                },
                Some(deadline),
                _,
            ) => {
                self.objection = Some(Objection {
                    number: number.as_str().to_owned(),
                    grounds: grounds.as_str().to_owned(),
                    received_on: *received_on,
                    registered_by: event.by.clone(),
                    examine: deadline.clone(),
                    outcome: None,
                    version: event.version,
                });
            }
            (
                Step::Rectification {
                    statement,
                    rectified_on,
                    ..
                },
                Some(deadline),
                _,
            ) => {
                self.rectification = Some(Rectification {
                    statement: statement.as_str().to_owned(),
                    rectified_on: *rectified_on,
                    registered_by: event.by.clone(),
                    check: deadline.clone(),
                    verdict: None,
                });
            }
            (Step::WithdrawObjection { .. }, ..) => {
                settled(&mut self.objection, Outcome::Withdrawn)
            }
            (Step::Reject { .. }, ..) => settled(&mut self.objection, Outcome::Rejected),
            (Step::Uphold { remedy, .. }, ..) => settled(
                &mut self.objection,
                match remedy {
                    Remedy::Correct => Outcome::Corrected,
                    Remedy::Revoke => Outcome::Revoked,
                },
            ),
            (Step::Accept { .. }, ..) => checked(&mut self.rectification, Verdict::Accepted),
            (Step::Refuse { .. }, ..) => checked(&mut self.rectification, Verdict::Refused),
            // `apply` makes no notice without its content and none of the others without its deadline.
            (
                Step::Extend { .. }
                | Step::Notice { .. }
                | Step::Served { .. }
                | Step::Object { .. }
                | Step::Rectification { .. },
                ..,
            ) => {}
        }
    }

    /// The objection that is being examined.
    pub fn open_objection(&self) -> Option<&Objection> {
        self.objection
            .as_ref()
            .filter(|objection| objection.outcome.is_none())
    }

    /// The rectification that is being checked.
    pub fn open_rectification(&self) -> Option<&Rectification> {
        self.rectification
            .as_ref()
            .filter(|rectification| rectification.verdict.is_none())
    }

    /// The notice that tells of the record as it is now: none that was issued before it was corrected.
    pub fn current_notice(&self, corrected_in: Option<i64>) -> Option<&Notice> {
        self.notice
            .as_ref()
            .filter(|notice| corrected_in.is_none_or(|version| version <= notice.version))
    }
}
