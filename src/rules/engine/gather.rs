//! Finding the subjects of the facts, and giving each what is its own.

use std::collections::HashSet;

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

/// Subjects while they are found.
struct Gathering<'g, 'a> {
    rules: &'g RuleSet,
    registers: &'g Registers<'a>,
    index: Map<&'a str, usize>,
    names: Map<&'a str, u32>,
    found: Gathered<'a>,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Gathered<'a> {
    pub subjects: Vec<Known<'a>>,
    /// The ids of items that records name, by number.
    pub named: Vec<&'a str>,
    /// Records that name a project only, where companies are scored: whose they are depends on the day.
    pub by_project: Vec<&'a Record>,
    /// Records of nobody.
    pub lost: Vec<&'a Record>,
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
        names: Map::default(),
        found: Gathered::default(),
    };
    gathering.register(facts);
    gathering.records(facts.records);
    gathering.contracts();
    gathering.past(facts.history, facts.on_lists);
    gathering.found
}

impl<'a> Gathering<'_, 'a> {
    fn subject(&mut self, id: &'a str) -> usize {
        *self.index.entry(id).or_insert_with(|| {
            self.found.subjects.push(Known::new(id));
            self.found.subjects.len() - 1
        })
    }

    fn name(&mut self, item: &'a str) -> u32 {
        *self.names.entry(item).or_insert_with(|| {
            self.found.named.push(item);
            u32::try_from(self.found.named.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// The subjects of the registers.
    fn register(&mut self, facts: &Facts<'a>) {
        match self.rules.subject() {
            SubjectKind::Company => {
                for company in facts.companies {
                    let index = self.subject(company.uscc.as_str());
                    self.found.subjects[index].registered = true;
                    self.found.subjects[index].company.get_or_insert(company);
                }
            }
            SubjectKind::Project => {
                for contract in facts.contracts {
                    let index = self.subject(&contract.project);
                    self.found.subjects[index].registered = true;
                }
            }
            SubjectKind::Manager => {}
        }
    }

    /// Gives each record to its subject; one that names only a project to every company that manages it on some day, for
    /// whom it may begin to count.
    fn records(&mut self, records: &'a [Record]) {
        let mut counts = vec![0_usize; self.found.subjects.len()];
        let mut owned: Vec<(usize, &'a Record)> = Vec::with_capacity(records.len());
        // Records of one subject often stand together.
        let mut last: Option<(&'a str, usize)> = None;
        for record in records {
            let id = match (self.rules.subject(), &record.company) {
                (SubjectKind::Project, _) => record.project.as_deref(),
                (SubjectKind::Manager, _) => record.manager.as_deref(),
                (SubjectKind::Company, Some(company)) => Some(company.as_str()),
                (SubjectKind::Company, None) => {
                    self.give_to_its_managers(record, &mut owned, &mut counts);
                    continue;
                }
            };
            let Some(id) = id else {
                self.found.lost.push(record);
                continue;
            };
            let index = match last {
                Some((known, index)) if known == id => index,
                _ => self.subject(id),
            };
            last = Some((id, index));
            self.found.subjects[index].registered = true;
            counts.resize(self.found.subjects.len(), 0);
            counts[index] += 1;
            owned.push((index, record));
        }
        for (subject, count) in self.found.subjects.iter_mut().zip(counts) {
            subject.entries.reserve_exact(count);
        }
        for (index, record) in owned {
            let name = self.name(&record.item);
            let entry = Entry::new(self.rules, record, name);
            self.found.subjects[index].entries.push(entry);
        }
    }

    fn give_to_its_managers(
        &mut self,
        record: &'a Record,
        owned: &mut Vec<(usize, &'a Record)>,
        counts: &mut Vec<usize>,
    ) {
        let Some(project) = record.project.as_deref() else {
            self.found.lost.push(record);
            return;
        };
        self.found.by_project.push(record);
        let registers = self.registers;
        let mut given: HashSet<Uscc> = HashSet::new();
        for contract in registers.projects.get(project).into_iter().flatten() {
            if given.insert(contract.company) {
                let index = self.subject(contract.company.as_str());
                counts.resize(self.found.subjects.len(), 0);
                counts[index] += 1;
                owned.push((index, record));
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
                    .projects
                    .push(Project::of(contract));
            }
        }
    }

    /// Earlier grades and list entries of the subjects found.
    fn past(&mut self, history: &'a [PastGrade], on_lists: &'a [OnList]) {
        for past in history {
            if let Some(index) = self.index.get(past.subject.as_str()) {
                let own = &mut self.found.subjects[*index].history;
                own.push((past.period_end, &past.grade));
            }
        }
        for entry in on_lists {
            if let Some(index) = self.index.get(entry.subject.as_str()) {
                self.found.subjects[*index].on_lists.push(&entry.list);
            }
        }
    }
}

/// Every use of a record id but the first.
pub(super) fn ids_given_twice(kind: SubjectKind, records: &[Record]) -> Vec<ScoreFault> {
    // Most come in the order of their ids.
    if records.is_sorted_by(|one, next| one.id < next.id) {
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
