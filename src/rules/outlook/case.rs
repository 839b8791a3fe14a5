//! The facts of one subject, scored as they are and with changes.

use std::collections::HashSet;

use super::{Cited, Deed, OutlookFault, Rank, Stand};
use crate::{
    domain::{Company, Contract, Day, Record, RecordStatus, SubjectKind},
    rules::{
        RuleSet,
        account::reached,
        engine::Prepared,
        model::{Item, SameMatter, Validity},
        outcome::{Facts, Line, OnList, PastGrade, Score, ScoreFault},
        predicate::{Condition, Target},
    },
};

/// What a deed changes: the record (by index) and the deed.
pub(super) type Step = (usize, Deed);

#[derive(Debug)]
pub(super) struct Case<'a> {
    pub rules: &'a RuleSet,
    pub subject: &'a str,
    pub as_of: Day,
    pub records: Vec<Record>,
    companies: Vec<Company>,
    contracts: Vec<Contract>,
    contracts_known: bool,
    history: &'a [PastGrade],
    on_lists: &'a [OnList],
    rank: Rank,
    looked_at: LookedAt,
}

impl<'a> Case<'a> {
    /// # Errors
    /// If there is no such subject on the day, or the facts cannot be scored.
    pub fn new(
        rules: &'a RuleSet,
        facts: &Facts<'a>,
        subject: &'a str,
        as_of: Day,
    ) -> Result<Self, OutlookFault> {
        let everybody = rules.needs_population();
        let own = Own::new(rules.subject(), subject, facts);
        let contracts = facts
            .contracts
            .iter()
            .filter(|contract| everybody || own.needs(contract))
            .cloned()
            .collect();
        let mut case = Self {
            rules,
            subject,
            as_of,
            records: (facts.records.iter())
                .filter(|record| everybody || own.has(record))
                .cloned()
                .collect(),
            companies: (facts.companies.iter())
                .filter(|company| {
                    everybody
                        || rules.subject() != SubjectKind::Company
                        || company.uscc.as_str() == subject
                })
                .cloned()
                .collect(),
            contracts,
            contracts_known: facts.contracts_known,
            history: facts.history,
            on_lists: facts.on_lists,
            rank: Rank::No,
            looked_at: LookedAt::by(rules),
        };
        if everybody {
            let marks = Prepared::new(rules, &case.facts());
            let marks = marks.marks(as_of).map_err(OutlookFault::Facts)?;
            let alone = marks.len() <= 1;
            case.rank = if alone {
                Rank::Unknown
            } else {
                Rank::AmongGiven
            };
        }
        Ok(case)
    }

    /// Leaves out the records that cannot make a difference on the day, whatever is done about the others: those that time,
    /// contracts or their own condition keep out, unless a condition of a grade looks at them in its own way.
    pub fn keep_what_matters(&mut self, lines: &[Line]) {
        let rules = self.rules;
        let registered =
            (self.companies.iter()).any(|company| company.uscc.as_str() == self.subject);
        // Others have reasons of their own; and a subject known by its records alone must keep them.
        if rules.needs_population() || !registered || history(rules) {
            return;
        }
        let looked_at = &self.looked_at;
        let live: HashSet<&str> = lines
            .iter()
            .filter(|line| reached(line))
            .filter_map(|line| line.record.as_deref())
            .collect();
        self.records.retain(|record| {
            let items = [rules.item(&record.item), rules.item_of(record)];
            let stands_for_others = record.matter.is_some()
                && (items.into_iter().flatten()).any(|item| item.same_matter != SameMatter::Sum);
            live.contains(record.id.as_str())
                || stands_for_others
                || looked_at.has(rules, &record.item)
                || record.status == RecordStatus::Disputed
        });
    }

    /// Whether rectifying a record can change anything: by a factor, by how long it counts, or because a condition of a
    /// grade asks whether it was rectified.
    pub fn heeds_rectification(&self, record: &Record) -> bool {
        let items = [self.rules.item(&record.item), self.rules.item_of(record)];
        let heeds = |item: &Item| {
            item.rectified.is_some()
                || item.recurs
                || item.valid_for == Some(Validity::UntilRectified)
        };
        items.into_iter().flatten().any(heeds) || self.looked_at.has(self.rules, &record.item)
    }

    pub fn has_veto(&self, record: &Record) -> bool {
        let item = self.rules.item(&record.item);
        item.is_some_and(|item| item.veto.is_some())
    }

    pub fn rank(&self) -> Rank {
        self.rank
    }

    pub fn facts(&self) -> Facts<'_> {
        Facts {
            companies: &self.companies,
            contracts: &self.contracts,
            contracts_known: self.contracts_known,
            records: &self.records,
            history: self.history,
            on_lists: self.on_lists,
        }
    }

    /// This subject's score among those of a day.
    pub fn own(&self, scores: Vec<Score>, day: Day) -> Result<Score, OutlookFault> {
        scores
            .into_iter()
            .find(|score| score.subject == self.subject)
            .ok_or_else(|| OutlookFault::NoSubject {
                subject: self.subject.to_owned(),
                day,
            })
    }

    pub fn stand_of(&self, score: &Score) -> Stand {
        let known = self.rank != Rank::Unknown || !score.rated;
        Stand {
            score: score.score,
            grade: score.grade.clone().filter(|_| known),
            rated: score.rated,
        }
    }

    /// How the subject would stand on the day after these deeds.
    pub fn after(&mut self, steps: &[Step]) -> Result<Stand, OutlookFault> {
        let kept: Vec<(usize, Record)> = steps
            .iter()
            .map(|(index, _)| (*index, self.records[*index].clone()))
            .collect();
        for (index, deed) in steps {
            let record = &mut self.records[*index];
            match deed {
                Deed::Rectify => record.rectified_on = Some(self.as_of),
                Deed::Object => record.status = RecordStatus::Revoked,
            }
        }
        let found = self.stand();
        // In reverse, so that a record changed twice is as it was at first.
        for (index, record) in kept.into_iter().rev() {
            self.records[index] = record;
        }
        match found {
            Ok(found) => found.ok_or_else(|| OutlookFault::NoSubject {
                subject: self.subject.to_owned(),
                day: self.as_of,
            }),
            Err(faults) => Err(OutlookFault::Facts(faults)),
        }
    }

    fn stand(&self) -> Result<Option<Stand>, Vec<ScoreFault>> {
        let prepared = Prepared::new(self.rules, &self.facts());
        let marks = prepared.marks(self.as_of)?;
        let own = marks.into_iter().find(|mark| mark.subject == self.subject);
        Ok(own.map(|mark| {
            let graded = mark.grade.is_none_or(|id| self.rules.rank(id).is_some());
            let known = self.rank != Rank::Unknown || !graded;
            Stand {
                score: mark.score,
                grade: mark.grade.filter(|_| known).map(str::to_owned),
                rated: graded,
            }
        }))
    }

    /// Whether one stand has a better grade than another.
    pub fn is_better(&self, one: &Stand, other: &Stand) -> bool {
        let rank = |stand: &Stand| {
            stand
                .grade
                .as_deref()
                .and_then(|grade| self.rules.rank(grade))
        };
        match (rank(one), rank(other)) {
            (Some(one), Some(other)) => one < other,
            (Some(_), None) => !other.rated,
            (None, _) => false,
        }
    }

    pub fn cited(&self, line: &Line) -> Cited {
        let mut items = self.rules.all_items().iter();
        let item = items.find(|item| item.id == line.item);
        Cited {
            record: line.record.clone().unwrap_or_default(),
            item: line.item.clone(),
            title: item.map_or_else(|| line.item.clone(), |item| item.title.clone()),
            clause: line.clause.clone(),
            project: line.project.clone(),
            date: line.date,
        }
    }
}

/// The conditions that decide grades.
fn of_grades(rules: &RuleSet) -> impl Iterator<Item = &Condition> {
    (rules.ladder().iter().filter_map(|step| step.when.as_ref()))
        .chain(rules.not_rated().iter().map(|rule| &rule.when))
        .chain(rules.overrides().iter().map(|rule| &rule.when))
}

/// Whether grades look at earlier grades, which any record may have made.
fn history(rules: &RuleSet) -> bool {
    of_grades(rules).any(|when| when.expr.history() > 0)
}

/// By item: whether conditions of grades ask about it, or about one that shares a group with it.
#[derive(Debug)]
struct LookedAt(Vec<bool>);

impl LookedAt {
    fn by(rules: &RuleSet) -> Self {
        let targets: Vec<Target> = of_grades(rules)
            .flat_map(|when| when.expr.targets())
            .map(|(target, _)| target)
            .collect();
        let asked = |(index, item): (usize, &Item)| {
            targets.iter().any(|target| match *target {
                Target::Item(wanted) => wanted == index,
                Target::Group(group) => item.group == Some(group),
                Target::Component(component) => item.component == component,
            })
        };
        let items = || rules.items().iter().enumerate();
        let groups: HashSet<usize> = items()
            .filter(|one| asked(*one))
            .filter_map(|(_, item)| item.group)
            .collect();
        let shares = |item: &Item| item.group.is_some_and(|group| groups.contains(&group));
        Self(items().map(|one| asked(one) || shares(one.1)).collect())
    }

    /// An item that only an earlier version has may be asked about as part of its component.
    fn has(&self, rules: &RuleSet, item: &str) -> bool {
        rules.item_index(item).is_none_or(|index| self.0[index])
    }
}

/// What concerns a subject.
struct Own<'a> {
    kind: SubjectKind,
    subject: &'a str,
    /// Projects for which it has or had a contract.
    managed: HashSet<&'a str>,
    /// Those, and the ones that its records name.
    projects: HashSet<&'a str>,
}

impl<'a> Own<'a> {
    fn new(kind: SubjectKind, subject: &'a str, facts: &Facts<'a>) -> Self {
        let managed: HashSet<&str> = (facts.contracts.iter())
            .filter(|contract| contract.company.as_str() == subject)
            .map(|contract| contract.project.as_str())
            .collect();
        let mut own = Self {
            kind,
            subject,
            projects: managed.clone(),
            managed,
        };
        let named = facts.records.iter().filter(|record| own.has(record));
        let named: Vec<&str> = named
            .filter_map(|record| record.project.as_deref())
            .collect();
        own.projects.extend(named);
        own
    }

    fn has(&self, record: &Record) -> bool {
        match self.kind {
            SubjectKind::Company => match &record.company {
                Some(company) => company.as_str() == self.subject,
                None => (record.project.as_deref())
                    .is_some_and(|project| self.managed.contains(project)),
            },
            SubjectKind::Project => record.project.as_deref() == Some(self.subject),
            SubjectKind::Manager => record.manager.as_deref() == Some(self.subject),
        }
    }

    fn needs(&self, contract: &Contract) -> bool {
        match self.kind {
            SubjectKind::Company | SubjectKind::Manager => {
                self.projects.contains(contract.project.as_str())
            }
            SubjectKind::Project => contract.project == self.subject,
        }
    }
}
