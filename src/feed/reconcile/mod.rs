//! What the platform shows, compared with what it should show (feed G9). Pure.
//!
//! Both sides are in the platform's own form: what should be there is rendered by the profile, what is there is read by
//! the profile's names. Only what the platform tells is compared; a column it does not have is no difference.
//!
//! A record that is under way, or of which nobody knows yet whether it arrived, is no difference: it is told apart.

mod compare;
mod read;
mod sight;

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use compare::compare;
pub use read::{
    ListingPage, ReadError, form_of, read_listing, read_record, read_table, sees_everything,
};
pub use sight::Unseen;

/// How the platform differs, the worst first.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DifferenceClass {
    /// Visible there and not to be: removed or hidden here, never sent, or shown a second time.
    Extra,
    /// To be visible, and not there.
    Missing,
    /// There with another status.
    StatusDiff,
    /// An older version is there. Its other differences follow from that and are not told one by one.
    StaleVersion,
    /// There under another name.
    NameChanged,
    /// There with other fields.
    FieldDiff,
}

impl DifferenceClass {
    pub const ALL: [Self; 6] = [
        Self::Extra,
        Self::Missing,
        Self::StatusDiff,
        Self::StaleVersion,
        Self::NameChanged,
        Self::FieldDiff,
    ];

    /// The code in the database and in interfaces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Extra => "EXTRA",
            Self::Missing => "MISSING",
            Self::StatusDiff => "STATUS_DIFF",
            Self::StaleVersion => "STALE_VERSION",
            Self::NameChanged => "NAME_CHANGED",
            Self::FieldDiff => "FIELD_DIFF",
        }
    }

    /// The class with this code, if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == code)
    }
}

impl fmt::Display for DifferenceClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One record as the platform should hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub record_id: Uuid,
    pub uscc: String,
    pub decision_no: String,
    pub version: u32,
    /// Whether the public should see it: neither withdrawn nor hidden, and its last day is not over.
    pub visible: bool,
    /// A change of it is under way, or its fate is unknown.
    pub in_flight: bool,
    /// It was taken so lately that the public need not see it yet.
    pub fresh: bool,
    /// By the platform's names, in its form.
    pub form: Form,
}

/// One row of what the platform shows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Shown {
    /// Absent if the platform does not keep ours.
    pub record_id: Option<Uuid>,
    pub uscc: Option<String>,
    pub decision_no: Option<String>,
    pub version: Option<u32>,
    /// Whether the public sees it. A row whose status says nothing that is known counts as visible: the worse case.
    pub visible: bool,
    pub form: Form,
}

/// What is compared text by text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Form {
    /// In the platform's code.
    pub status: Option<String>,
    pub name: Option<String>,
    pub digest: Option<String>,
    /// Every other field that says something of the entry, by the platform's name.
    pub fields: BTreeMap<String, String>,
}

/// One field that differs.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct FieldDifference {
    /// The platform's name of it.
    pub field: String,
    pub ours: String,
    pub theirs: String,
}

/// One difference. A record has at most one of each class. Sorted by class, then record, company, decision.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Difference {
    pub class: DifferenceClass,
    /// Absent if the platform shows what this service never sent and gives no id of ours.
    pub record_id: Option<Uuid>,
    pub uscc: String,
    pub decision_no: String,
    /// Whether it is about a record that this service has sent.
    pub known: bool,
    /// It should be visible, and is visible more than once.
    pub repeated: bool,
    /// Our version; absent where nothing was sent.
    pub ours: Option<u32>,
    /// Theirs; absent where it is not there or not told.
    pub theirs: Option<u32>,
    /// What differs, in the order of the names; of a name and a status the one field, of a stale version none.
    pub fields: Vec<FieldDifference>,
}

impl Difference {
    /// The same in every comparison that finds it again: class and record, or class, company and decision.
    pub fn key(&self) -> String {
        match self.record_id {
            Some(record) => format!("{} {record}", self.class),
            None => format!("{} {} {}", self.class, self.uscc, self.decision_no),
        }
    }
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Found {
    /// In order.
    pub differences: Vec<Difference>,
    /// Records that were not judged, in order.
    pub in_flight: Vec<Uuid>,
    /// Records that were taken and are not to be seen yet, in order: what differs about them is no difference so far.
    pub slow: Vec<Uuid>,
    /// Records of which the public sees the version that it should, or nothing where it should see nothing; in order.
    pub seen: Vec<Uuid>,
    /// The others that were judged, and what is seen instead; in order.
    pub unseen: Vec<(Uuid, Unseen)>,
    /// Records that the public should see.
    pub expected: usize,
    /// Rows that the public sees.
    pub shown: usize,
}

impl Found {
    /// How many of a class.
    pub fn count(&self, class: DifferenceClass) -> usize {
        let of_class = |one: &&Difference| one.class == class;
        self.differences.iter().filter(of_class).count()
    }
}

#[cfg(test)]
mod tests;
