//! Events of a visit, and what they add up to.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{report::Report, step::Step};
use crate::domain::Day;

/// How far a visit is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Drawn, and nobody came yet.
    #[default]
    Due,
    OnSite,
    /// Entered; not every officer has confirmed.
    Recorded,
    /// Every officer has confirmed; the company has not signed.
    Confirmed,
    /// The company did not sign; not every officer has witnessed it.
    Unsigned,
    Closed,
    /// Said to be not possible; not every officer has confirmed.
    Hindered,
    NotPossible,
    Annulled,
}

impl State {
    pub const ALL: [Self; 9] = [
        Self::Due,
        Self::OnSite,
        Self::Recorded,
        Self::Confirmed,
        Self::Unsigned,
        Self::Closed,
        Self::Hindered,
        Self::NotPossible,
        Self::Annulled,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::OnSite => "on_site",
            Self::Recorded => "recorded",
            Self::Confirmed => "confirmed",
            Self::Unsigned => "unsigned",
            Self::Closed => "closed",
            Self::Hindered => "hindered",
            Self::NotPossible => "not_possible",
            Self::Annulled => "annulled",
        }
    }

    pub fn chinese(self) -> &'static str {
        match self {
            Self::Due => "待检查",
            Self::OnSite => "检查中",
            Self::Recorded => "已登记结果，待执法人员确认",
            Self::Confirmed => "已确认，待企业签字",
            Self::Unsigned => "企业拒绝签字，待见证",
            Self::Closed => "已办结",
            Self::Hindered => "未能检查，待执法人员确认",
            Self::NotPossible => "未能检查",
            Self::Annulled => "检查已撤销",
        }
    }

    /// Nothing is left to do.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Closed | Self::NotPossible | Self::Annulled)
    }
}

/// One thing that happened, appended and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    #[serde(flatten)]
    pub step: Step,
    /// The account.
    pub by: String,
    /// The officer whose account it is; absent of a step that no officer of the team takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officer: Option<String>,
    pub at: DateTime<Utc>,
    /// The state it led to, so that a later team does not change what this one finished.
    pub led_to: State,
    /// Last day for rectification, as it was worked out then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rectify_by: Option<Day>,
}

/// How the company answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "signature", rename_all = "snake_case")]
pub enum Signature {
    Signed { function: String },
    Refused { reason: String },
}

/// Where a visit stands: its events added up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Case {
    /// Number of events; a step names the number that its taker has seen.
    pub events: i64,
    pub state: State,
    pub arrived_on: Option<Day>,
    /// The day on which nothing was left to do.
    pub settled_on: Option<Day>,
    pub report: Option<Report>,
    pub rectify_by: Option<Day>,
    /// Officers who have confirmed what stands now.
    pub confirmed_by: BTreeSet<String>,
    pub hindrance: Option<String>,
    pub signature: Option<Signature>,
    /// Officers who saw the refusal to sign.
    pub witnessed_by: BTreeSet<String>,
    /// Why it was taken back.
    pub annulled: Option<String>,
    /// Accounts of those who took a step.
    pub people: BTreeSet<String>,
    /// When the last step was taken.
    pub last_at: Option<DateTime<Utc>>,
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
        self.last_at = Some(event.at);
        self.people.insert(event.by.clone());
        let today = Day::of(event.at);
        let officer = event.officer.clone();
        match &event.step {
            Step::Arrive {} => self.arrived_on = Some(today),
            Step::Record { report } => {
                self.report = Some(report.clone());
                self.rectify_by = event.rectify_by;
                self.confirmed_by.clear();
            }
            Step::Hinder { reason } => {
                self.hindrance = Some(reason.as_str().to_owned());
                self.confirmed_by.clear();
            }
            Step::Confirm {} => self.confirmed_by.extend(officer),
            Step::Sign { function } => {
                let function = function.as_str().to_owned();
                self.signature = Some(Signature::Signed { function });
            }
            Step::RefuseSignature { reason } => {
                let reason = reason.as_str().to_owned();
                self.signature = Some(Signature::Refused { reason });
                self.witnessed_by = officer.into_iter().collect();
            }
            Step::Witness {} => self.witnessed_by.extend(officer),
            Step::Annul { reason } => self.annulled = Some(reason.as_str().to_owned()),
        }
        self.state = event.led_to;
        if self.state.is_settled() {
            self.settled_on.get_or_insert(today);
        }
    }
}
