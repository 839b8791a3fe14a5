//! Finding the subjects of the facts, and giving each what is its own.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use rayon::prelude::*;

use super::{
    entry::{Entry, scores},
    subjects::{Known, Map, Project, Registers},
};
use crate::{
    domain::{Record, SubjectKind, Uscc},
    rules::{
        RuleSet,
        outcome::{Facts, Fail, OnList, PastGrade, ScoreFault},
    },
};

/// Code of a record id that is given twice.
pub(super) const TWICE: &str = "D020";

/// Records that one thread looks at in a row.
const BATCH: usize = 16_384;

/// Subjects while they are found.
struct Gathering<'g, 'a> {
    rules: &'g RuleSet,
    registers: &'g Registers<'a>,
    index: Map<&'a str, usize>,
    found: Gathered<'a>,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Gathered<'a> {
    /// By id.
    pub subjects: Vec<Owner<'a>>,
    /// Records that name a project only, where companies are scored: whose they are depends on the day.
    pub by_project: Vec<&'a Record>,
    /// Records of nobody.
    pub lost: Vec<&'a Record>,
}

/// A subject, and where its records lie.
#[derive(Debug)]
pub(super) struct Owner<'a> {
    known: Known<'a>,
    /// Records in a row: those of one subject often stand together.
    rows: Vec<&'a [Record]>,
}

/// What is filled again for every subject.
#[derive(Debug, Default)]
pub(super) struct Scratch<'a> {
    names: Map<&'a str, u32>,
    matters: Map<&'a str, u32>,
}

/// Numbers of the ids of items that records name, the same for every thread.
#[derive(Debug, Default)]
pub(super) struct Names<'a>(Mutex<(Map<&'a str, u32>, Vec<&'a str>)>);

impl<'a> Names<'a> {
    fn number(&self, id: &'a str) -> u32 {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (numbers, all) = &mut *known;
        *numbers.entry(id).or_insert_with(|| {
            all.push(id);
            u32::try_from(all.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// By number.
    pub fn all(self) -> Vec<&'a str> {
        self.0
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .1
    }
}

impl<'a> Owner<'a> {
    /// The subject with its records in order.
    pub fn known(
        &self,
        rules: &RuleSet,
        names: &Names<'a>,
        scratch: &mut Scratch<'a>,
    ) -> Known<'a> {
        let mut known = self.known.clone();
        let records = self.rows.iter().map(|row| row.len()).sum();
        known.entries.reserve_exact(records);
        for record in self.rows.iter().copied().flatten() {
            let name = (scratch.names)
                .entry(&record.item)
                .or_insert_with(|| names.number(&record.item));
            known.entries.push(Entry::new(rules, record, *name));
        }
        known.arrange(&mut scratch.matters);
        known
    }
}

/// The subjects of the facts, with their records, contracts, earlier grades and list entries.
pub(super) fn gather<'a>(
    rules: &RuleSet,
    registers: &Registers<'a>,
    facts: &Facts<'a>,
) -> Gathered<'a> {
    let mut gathering = Gathering {
        rules,
        registers,
        index: Map::default(),
        found: Gathered::default(),
    };
    gathering.register(facts);
    gathering.records(facts.records);
    gathering.contracts();
    gathering.past(facts.history, facts.on_lists);
    let mut found = gathering.found;
    (found.subjects).sort_unstable_by(|a, b| a.known.id.cmp(b.known.id));
    found
}

impl<'a> Gathering<'_, 'a> {
    fn subject(&mut self, id: &'a str) -> &mut Owner<'a> {
        let index = *self.index.entry(id).or_insert_with(|| {
            self.found.subjects.push(Owner {
                known: Known::new(id),
                rows: Vec::new(),
            });
            self.found.subjects.len() - 1
        });
        &mut self.found.subjects[index]
    }

    /// The subjects of the registers.
    fn register(&mut self, facts: &Facts<'a>) {
        match self.rules.subject() {
            SubjectKind::Company => {
                for company in facts.companies {
                    let known = &mut self.subject(company.uscc.as_str()).known;
                    known.registered = true;
                    known.company.get_or_insert(company);
                }
            }
            SubjectKind::Project => {
                for contract in facts.contracts {
                    self.subject(&contract.project).known.registered = true;
                }
            }
            SubjectKind::Manager => {}
        }
    }

    /// Gives each record to its subject; one that names only a project to every company that manages it on some day, for
    /// whom it may begin to count.
    fn records(&mut self, records: &'a [Record]) {
        let kind = self.rules.subject();
        let together = |a: &Record, b: &Record| match kind {
            SubjectKind::Company => a.company.is_some() && a.company == b.company,
            SubjectKind::Project => a.project.is_some() && a.project == b.project,
            SubjectKind::Manager => a.manager.is_some() && a.manager == b.manager,
        };
        let rows = |batch: &'a [Record]| batch.chunk_by(together).collect::<Vec<_>>();
        if records.len() <= BATCH {
            return rows(records).into_iter().for_each(|row| self.row(row));
        }
        let batches: Vec<Vec<&[Record]>> = records.par_chunks(BATCH).map(rows).collect();
        for row in batches.into_iter().flatten() {
            self.row(row);
        }
    }

    /// Records of one subject, or a record that names none.
    fn row(&mut self, row: &'a [Record]) {
        let Some(first) = row.first() else { return };
        let id = match (self.rules.subject(), &first.company) {
            (SubjectKind::Project, _) => first.project.as_deref(),
            (SubjectKind::Manager, _) => first.manager.as_deref(),
            (SubjectKind::Company, Some(company)) => Some(company.as_str()),
            (SubjectKind::Company, None) => return self.give_to_its_managers(first),
        };
        match id {
            Some(id) => {
                let owner = self.subject(id);
                owner.known.registered = true;
                owner.rows.push(row);
            }
            None => self.found.lost.extend(row),
        }
    }

    fn give_to_its_managers(&mut self, record: &'a Record) {
        let Some(project) = record.project.as_deref() else {
            self.found.lost.push(record);
            return;
        };
        self.found.by_project.push(record);
        let registers = self.registers;
        let mut given: HashSet<Uscc> = HashSet::new();
        for contract in registers.projects.get(project).into_iter().flatten() {
            if given.insert(contract.company) {
                let owner = self.subject(contract.company.as_str());
                owner.rows.push(std::slice::from_ref(record));
            }
        }
        if given.is_empty() {
            self.found.lost.push(record);
        }
    }

    /// Contracts of the subjects found.
    fn contracts(&mut self) {
        let by_company = match self.rules.subject() {
            SubjectKind::Company => true,
            SubjectKind::Project => false,
            // Of a manager, contracts are those of the projects that its records name; they are looked up by project.
            SubjectKind::Manager => return,
        };
        for contract in self.registers.projects.values().flatten() {
            let id = if by_company {
                contract.company.as_str()
            } else {
                &contract.project
            };
            if let Some(index) = self.index.get(id) {
                self.found.subjects[*index]
                    .known
                    .projects
                    .push(Project::of(contract));
            }
        }
    }

    /// Earlier grades and list entries of the subjects found.
    fn past(&mut self, history: &'a [PastGrade], on_lists: &'a [OnList]) {
        for past in history {
            if let Some(index) = self.index.get(past.subject.as_str()) {
                let own = &mut self.found.subjects[*index].known.history;
                own.push((past.period_end, &past.grade));
            }
        }
        for entry in on_lists {
            if let Some(index) = self.index.get(entry.subject.as_str()) {
                let own = &mut self.found.subjects[*index].known.on_lists;
                own.push(&entry.list);
            }
        }
    }
}

/// Every use of a record id but the first.
pub(super) fn ids_given_twice(kind: SubjectKind, records: &[Record]) -> Vec<ScoreFault> {
    // Most come in the order of their ids.
    let ascend = |pair: &[Record]| pair[0].id < pair[1].id;
    let sorted = if records.len() <= BATCH {
        records.windows(2).all(ascend)
    } else {
        records.par_windows(2).with_min_len(BATCH).all(ascend)
    };
    if sorted {
        return Vec::new();
    }
    let mut ids: Map<&str, ()> = Map::default();
    ids.reserve(records.len());
    records
        .iter()
        .filter(|record| ids.insert(&record.id, ()).is_some())
        .map(|record| {
            let what = format!("记录编号「{}」重复", record.id);
            Fail::new(TWICE, what, "每条记录的编号应当不同")
                .of(record)
                .by(named_subject(kind, record))
        })
        .collect()
}

/// What the rules cannot use about a record.
pub(super) fn faults_of(rules: &RuleSet, record: &Record) -> impl Iterator<Item = ScoreFault> {
    let found = if scores(record.status) {
        rules.check_record(record)
    } else {
        Vec::new()
    };
    let named = named_subject(rules.subject(), record);
    found.into_iter().map(move |fault| {
        Fail::new(fault.code, fault.what, fault.fix)
            .of(record)
            .by(named)
    })
}

/// The subject as far as the record itself says.
fn named_subject(kind: SubjectKind, record: &Record) -> &str {
    match (kind, &record.company, &record.project, &record.manager) {
        (SubjectKind::Company, Some(company), ..) => company.as_str(),
        (SubjectKind::Manager, _, _, Some(manager)) => manager,
        (_, _, Some(project), _) => project,
        _ => "",
    }
}
