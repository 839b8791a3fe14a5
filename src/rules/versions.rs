//! Old records judged by the version of their own date (`old_records = "own_date"`).
//!
//! The version in force on the as-of date scores. With `own_date` it takes in the items of the other versions of its
//! policy: each record is judged alone (kinds, points, `times`, `when`, validity, rectification) by the item of the version in
//! force on the record's own date, and then added up under the item of the same id that scores, or where that is gone,
//! under itself in the component of the same id.

use super::{Index, RuleSet, engine::Compiled};
use crate::domain::{AttributeType, Day, Record};

/// One version whose items judge records.
#[derive(Debug, Clone)]
pub(super) struct Version {
    id: String,
    from: Day,
    until: Option<Day>,
    /// By id: indices among all items.
    items: Index,
}

impl Version {
    fn in_force_on(&self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// The items that an id stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    own: Option<u32>,
    /// Where records are judged by their own date: by version.
    by_version: Vec<Option<u32>>,
}

/// Why versions cannot judge records together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionFault {
    #[error("「{other}」不是「{policy}」的版本，不能一起使用")]
    OtherPolicy { policy: String, other: String },
    #[error("「{one}」与「{other}」在 {day} 同时有效，同一办法的版本有效期不能重叠")]
    Overlap {
        one: String,
        other: String,
        day: Day,
    },
    #[error(
        "字段「{attribute}」在版本「{one}」与「{other}」里类型不同，旧记录无法按当时的版本计分"
    )]
    Attribute {
        attribute: String,
        one: String,
        other: String,
    },
    #[error(
        "旧版本「{other}」的条目「{item}」属于分项「{component}」，现行版本「{one}」没有这个分项，无法计入"
    )]
    Component {
        one: String,
        other: String,
        item: String,
        component: String,
    },
}

impl RuleSet {
    /// Takes in the items of the other versions of the policy, to judge the records of their time.
    ///
    /// # Errors
    /// Versions that do not fit together.
    pub fn with_versions(mut self, others: &[&RuleSet]) -> Result<Self, VersionFault> {
        for other in others {
            if other.id() != self.id() {
                self.take_in(other)?;
            }
        }
        Ok(self)
    }

    /// As [`RuleSet::with_versions`] from files that need not be in order yet: where an earlier version has no last day, this
    /// one ends it; other policies, and what begins with this one or overlaps from later on, judge none of its records.
    ///
    /// # Errors
    /// Versions that do not fit together.
    pub fn succeeding(self, others: &[&RuleSet]) -> Result<Self, VersionFault> {
        if !self.head.own_date {
            return Ok(self);
        }
        let (from, until) = (self.effective_from(), self.effective_until());
        let mut versions: Vec<RuleSet> = Vec::new();
        for other in others {
            let same = other.policy() == self.policy() && other.subject() == self.subject();
            let known = versions.iter().any(|one| one.id() == other.id());
            let after = until.is_some_and(|until| until < other.effective_from());
            if !same || known || !(other.effective_from() < from || after) {
                continue;
            }
            let mut version = (*other).clone();
            let own_last = version.head.effective_until;
            if !after && own_last.is_none_or(|last| from <= last) {
                version.head.effective_until = Some(from.previous());
            }
            versions.push(version);
        }
        let versions: Vec<&RuleSet> = versions.iter().collect();
        self.with_versions(&versions)
    }

    /// Whether each record is judged by the version of its own date.
    pub fn judges_by_own_date(&self) -> bool {
        self.head.own_date
    }

    /// Makes this version the first to judge, if it judges records by their own date.
    pub(super) fn judging_itself(mut self) -> Self {
        if self.head.own_date {
            self.versions = vec![Version {
                id: self.head.id.clone(),
                from: self.head.effective_from,
                until: self.head.effective_until,
                items: self.item_index.clone(),
            }];
        }
        self
    }

    fn take_in(&mut self, other: &RuleSet) -> Result<(), VersionFault> {
        if other.policy() != self.policy() || other.subject() != self.subject() {
            return Err(VersionFault::OtherPolicy {
                policy: self.policy().to_owned(),
                other: other.id().to_owned(),
            });
        }
        for known in &self.versions {
            let day = known.from.max(other.effective_from());
            if known.in_force_on(day) && other.in_force_on(day) {
                return Err(VersionFault::Overlap {
                    one: known.id.clone(),
                    other: other.id().to_owned(),
                    day,
                });
            }
        }
        if !self.head.own_date {
            return Ok(());
        }
        self.compiled = Compiled::default();
        self.take_in_attributes(other)?;
        let mut items = Index::default();
        for item in other.items() {
            let index = self.items.len();
            let mut taken = item.clone();
            taken.group = None;
            taken.veto = None;
            match self.item_index(&item.id) {
                Some(slot) => {
                    taken.slot = slot;
                    taken.component = self.items[slot].component;
                }
                None => {
                    taken.slot = index;
                    let component = &other.components()[item.component].id;
                    let same = self.components.iter().position(|one| one.id == *component);
                    taken.component = same.ok_or_else(|| VersionFault::Component {
                        one: self.id().to_owned(),
                        other: other.id().to_owned(),
                        item: item.id.clone(),
                        component: component.clone(),
                    })?;
                }
            }
            items.insert(item.id.clone(), index);
            self.items.push(taken);
        }
        self.versions.push(Version {
            id: other.id().to_owned(),
            from: other.effective_from(),
            until: other.effective_until(),
            items,
        });
        Ok(())
    }

    fn take_in_attributes(&mut self, other: &RuleSet) -> Result<(), VersionFault> {
        for (name, kind) in other.schema() {
            match (self.schema.get_mut(name), kind) {
                (None, kind) => {
                    self.schema.insert(name.clone(), kind.clone());
                }
                (Some(AttributeType::Choice(known)), AttributeType::Choice(more)) => {
                    let new = more.iter().filter(|value| !known.contains(value));
                    let new: Vec<String> = new.cloned().collect();
                    known.extend(new);
                }
                (Some(known), kind) if known == kind => {}
                (Some(_), _) => {
                    return Err(VersionFault::Attribute {
                        attribute: name.clone(),
                        one: self.id().to_owned(),
                        other: other.id().to_owned(),
                    });
                }
            }
        }
        for attribute in other.attributes() {
            if !self.attributes.iter().any(|one| one.name == attribute.name) {
                self.attributes.push(attribute.clone());
            }
        }
        Ok(())
    }

    /// The items that an id stands for.
    pub(super) fn named(&self, id: &str) -> Named {
        let narrow = |index: usize| u32::try_from(index).ok();
        let of = |version: &Version| version.items.get(id).copied().and_then(narrow);
        Named {
            own: self.item_index(id).and_then(narrow),
            by_version: self.versions.iter().map(of).collect(),
        }
    }

    /// Index of the item that judges a record of this date.
    pub(super) fn judge_of(&self, named: &Named, date: Option<Day>) -> Option<u32> {
        if self.versions.is_empty() {
            return named.own;
        }
        let date = date?;
        let own = |version: &Version| version.in_force_on(date);
        named.by_version[self.versions.iter().position(own)?]
    }

    /// Whether records of a date cannot be judged because no version given was in force on it.
    pub(super) fn is_before_all_versions(&self, date: Option<Day>) -> bool {
        let judged = |date| {
            self.versions
                .iter()
                .any(|version| version.in_force_on(date))
        };
        !self.versions.is_empty() && date.is_some_and(|date| !judged(date))
    }

    /// The item that judges a record.
    pub(super) fn item_of(&self, record: &Record) -> Option<&super::Item> {
        if self.versions.is_empty() {
            return self.item(&record.item);
        }
        let date = self.counts_from().of(record)?;
        let version = self.versions.iter().find(|one| one.in_force_on(date))?;
        self.items.get(*version.items.get(&record.item)?)
    }
}
