//! A record of a subject, with what is asked of every record at hand: the records themselves lie anywhere in memory.

use super::plan::Plan;
use crate::{
    domain::{Day, Points, Record, RecordKind, RecordStatus, SubjectKind},
    rules::RuleSet,
};

/// A record of a subject. Sorted by (date, id), so that the order of the input never matters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub record: &'a Record,
    /// The date that counts. Absent only where the record does not score anyway (draft, revoked).
    pub date: Option<Day>,
    pub rectified_on: Option<Day>,
    pub valid_until: Option<Day>,
    /// Number of the item's id among those that records name.
    pub name: u32,
    /// Number of its matter among those of the subject.
    pub matter: Option<u32>,
    /// Index of its project among those of the subject.
    pub project: Option<u32>,
    pub points: Option<Points>,
    pub status: RecordStatus,
    kind: Option<RecordKind>,
    /// Whether nothing but its item can make it faulty: it has a subject, its dates in order, no attributes, and a reason if
    /// it has points.
    unsuspicious: bool,
}

impl<'a> Entry<'a> {
    pub fn new(rules: &RuleSet, record: &'a Record, name: u32) -> Self {
        let text =
            |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        let subject = match rules.subject() {
            SubjectKind::Company => record.company.is_some() || text(&record.project),
            SubjectKind::Project => text(&record.project),
            SubjectKind::Manager => text(&record.manager),
        };
        let in_order = match (record.occurred_on, record.rectified_on) {
            (Some(occurred), Some(rectified)) => occurred <= rectified,
            _ => true,
        };
        Self {
            record,
            date: rules.counts_from().of(record),
            rectified_on: record.rectified_on,
            valid_until: record.valid_until,
            name,
            matter: None,
            project: None,
            points: record.points,
            status: record.status,
            kind: record.kind,
            unsuspicious: subject
                && in_order
                && record.attributes.is_empty()
                && (record.points.is_none() || text(&record.reason)),
        }
    }

    /// Whether its status lets it score at all.
    pub fn scores(&self) -> bool {
        scores(self.status)
    }

    /// Whether [`RuleSet::check_record`] certainly finds nothing, seen at a glance of most records.
    pub fn is_plainly_fit(&self, rules: &RuleSet, plan: &Plan) -> bool {
        let (true, Some(_), Some(item)) = (self.unsuspicious, self.date, plan.item_of(rules, self))
        else {
            return false;
        };
        let of_kind = self.kind.is_none_or(|kind| {
            let kinds = &rules.all_items()[item].kinds;
            kinds.is_empty() || kinds.contains(&kind)
        });
        of_kind && plan.steps[item].fit.takes(self.points)
    }

    /// What entries are sorted by.
    pub fn order(&self) -> (bool, Option<Day>, &'a str) {
        (self.date.is_none(), self.date, self.record.id.as_str())
    }
}

/// Whether a status lets a record score at all.
pub(super) fn scores(status: RecordStatus) -> bool {
    matches!(status, RecordStatus::Confirmed | RecordStatus::Disputed)
}
