//! Who is scored, and whose each record is.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::{
    columns::{Columns, columns},
    plan::Plan,
};
use crate::{
    domain::{Company, Contract, Day, Record, RecordStatus, SubjectKind, Uscc},
    rules::{
        RuleSet,
        outcome::{Facts, Fail, OnList, ScoreFault},
    },
};

/// A record of a subject. Sorted by (date, id), so that the order of the input never matters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub record: &'a Record,
    /// The date that counts. Absent only where the record does not score anyway (draft, revoked).
    pub date: Option<Day>,
    /// Absent as the date is.
    pub item: Option<usize>,
}

/// A project of a subject: one that it manages on some day, or that its records name.
#[derive(Debug, Clone)]
pub(super) struct Project<'a> {
    pub code: &'a str,
    /// Its contracts with the subject, by start.
    contracts: Vec<&'a Contract>,
}

impl<'a> Project<'a> {
    /// The contract in force on a day; the latest of several.
    pub fn contract(&self, day: Day) -> Option<&'a Contract> {
        self.contracts
            .iter()
            .rfind(|one| one.in_force_on(day))
            .copied()
    }

    /// Days on which a contract begins or has ended.
    pub fn turns(&self) -> impl Iterator<Item = Day> {
        self.contracts
            .iter()
            .flat_map(|one| [one.from, one.until.map(Day::next)])
            .flatten()
    }

    pub fn managed(&self, day: Day) -> bool {
        self.contracts.iter().any(|one| one.in_force_on(day))
    }
}

/// A subject and everything known about it.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub id: &'a str,
    pub company: Option<&'a Company>,
    /// By code.
    pub projects: Vec<Project<'a>>,
    pub entries: Vec<Entry<'a>>,
    /// Earlier grades, oldest first.
    pub history: Vec<(Day, &'a str)>,
    /// Ids of lists.
    pub on_lists: Vec<&'a str>,
    /// Its records as columns.
    pub columns: Columns,
    /// Whether it is one on every day; else only where it manages a project that a record names alone.
    registered: bool,
}

impl<'a> Subject<'a> {
    fn new(id: &'a str) -> Self {
        Self {
            id,
            company: None,
            projects: Vec::new(),
            entries: Vec::new(),
            history: Vec::new(),
            on_lists: Vec::new(),
            columns: Columns::default(),
            registered: false,
        }
    }

    pub fn project(&self, code: &str) -> Option<usize> {
        self.projects
            .binary_search_by(|project| project.code.cmp(code))
            .ok()
    }

    /// The contract under which it manages a project on a day.
    pub fn contract(&self, code: &str, day: Day) -> Option<&'a Contract> {
        self.projects[self.project(code)?].contract(day)
    }

    /// Sorts what was gathered, and makes its columns.
    fn arrange(&mut self, rules: &RuleSet, plan: &Plan, world: &Registers<'a>) {
        self.entries
            .sort_unstable_by(|a, b| order(a).cmp(&order(b)));
        self.history.sort_unstable();
        // Of a manager, contracts are those of the projects that its records name; they are looked up by project.
        let mut codes: Vec<&'a str> = (self.projects.iter().map(|project| project.code))
            .chain((self.entries.iter()).filter_map(|entry| entry.record.project.as_deref()))
            .collect();
        codes.sort_unstable();
        codes.dedup();
        let mut contracts: Vec<&'a Contract> = std::mem::take(&mut self.projects)
            .into_iter()
            .flat_map(|project| project.contracts)
            .collect();
        contracts.sort_by_key(|one| (one.project.as_str(), one.from, one.until));
        self.projects = codes
            .into_iter()
            .map(|code| {
                let start = contracts.partition_point(|one| one.project.as_str() < code);
                let own = contracts[start..].iter().copied();
                Project {
                    code,
                    contracts: own.take_while(|one| one.project == code).collect(),
                }
            })
            .collect();
        self.columns = columns(rules, plan, world, self);
    }

    /// The same subject under another rule set that takes the same date.
    fn judged_by(&self, rules: &RuleSet, plan: &Plan, world: &Registers<'a>) -> Self {
        let mut other = Self {
            entries: self.entries.clone(),
            projects: self.projects.clone(),
            history: self.history.clone(),
            on_lists: self.on_lists.clone(),
            columns: Columns::default(),
            ..*self
        };
        for entry in &mut other.entries {
            entry.item = rules.item_for(&entry.record.item, entry.date);
        }
        other.columns = columns(rules, plan, world, &other);
        other
    }
}

fn order<'a>(entry: &Entry<'a>) -> (bool, Option<Day>, &'a str) {
    (entry.date.is_none(), entry.date, entry.record.id.as_str())
}

/// What is known beside the subjects.
#[derive(Debug, Clone)]
pub(super) struct Registers<'a> {
    pub contracts_known: bool,
    /// All contracts, by project.
    pub projects: HashMap<&'a str, Vec<&'a Contract>>,
}

/// Everything that scoring looks at, arranged by subject.
#[derive(Debug)]
pub(super) struct World<'a> {
    pub rules: &'a RuleSet,
    pub plan: Plan,
    pub registers: Registers<'a>,
    /// By id; all that can be one on some day.
    pub subjects: Vec<Subject<'a>>,
    facts: Facts<'a>,
    /// Records that name a project only, where companies are scored: whose they are depends on the day.
    by_project: Vec<&'a Record>,
    faults: Vec<ScoreFault>,
}

impl<'a> World<'a> {
    /// Arranges the facts, for any day.
    pub fn new(rules: &'a RuleSet, facts: &Facts<'a>) -> Self {
        let registers = registers(facts);
        let mut gathering = Gathering {
            rules,
            registers: &registers,
            index: HashMap::new(),
            subjects: Vec::new(),
            by_project: Vec::new(),
        };
        gathering.register(facts);
        gathering.records(facts.records);
        gathering.past(facts.history, facts.on_lists);
        let Gathering {
            mut subjects,
            by_project,
            ..
        } = gathering;
        let plan = Plan::new(rules);
        subjects.par_sort_unstable_by(|a, b| a.id.cmp(b.id));
        subjects
            .par_iter_mut()
            .for_each(|subject| subject.arrange(rules, &plan, &registers));
        Self {
            rules,
            plan,
            registers,
            subjects,
            facts: *facts,
            by_project,
            faults: faults_of_records(rules, facts.records, true),
        }
    }

    /// The same facts under another rule set.
    pub fn judged_by<'b>(&self, rules: &'b RuleSet) -> World<'b>
    where
        'a: 'b,
    {
        let same = rules.subject() == self.rules.subject()
            && rules.counts_from() == self.rules.counts_from();
        if !same {
            return World::new(rules, &self.facts);
        }
        let plan = Plan::new(rules);
        let registers: Registers<'b> = self.registers.clone();
        let subjects = self
            .subjects
            .par_iter()
            .map(|subject| subject.judged_by(rules, &plan, &registers))
            .collect();
        let twice = self.faults.iter().filter(|fault| fault.code == TWICE);
        let mut faults: Vec<ScoreFault> = twice.cloned().collect();
        faults.extend(faults_of_records(rules, self.facts.records, false));
        World {
            rules,
            plan,
            registers,
            subjects,
            facts: self.facts,
            by_project: self.by_project.clone(),
            faults,
        }
    }

    /// The subjects of a day, by id.
    ///
    /// # Errors
    /// Every record that the rules cannot use, or whose subject cannot be told on the day.
    pub fn present(&self, day: Day) -> Result<Vec<&Subject<'a>>, Vec<ScoreFault>> {
        let mut managing: HashSet<Uscc> = HashSet::new();
        let mut faults = Vec::new();
        for record in &self.by_project {
            let Some(project) = record.project.as_deref() else {
                continue;
            };
            match self.manager_of(project, day) {
                Ok(company) => managing.extend(company),
                Err(fail) if scores(record) => faults.push(fail.of(record).by(project)),
                Err(_) => {}
            }
        }
        if !faults.is_empty() || !self.faults.is_empty() {
            faults.extend_from_slice(&self.faults);
            faults.sort();
            return Err(faults);
        }
        let managing: HashSet<&str> = managing.iter().map(Uscc::as_str).collect();
        Ok(self
            .subjects
            .iter()
            .filter(|subject| subject.registered || managing.contains(subject.id))
            .collect())
    }

    /// The company that manages a project on a day.
    fn manager_of(&self, project: &str, day: Day) -> Result<Option<Uscc>, Fail> {
        let Some(contracts) = self.registers.projects.get(project) else {
            return Err(unknown_project(project));
        };
        let mut companies: Vec<Uscc> = contracts
            .iter()
            .filter(|one| one.in_force_on(day))
            .map(|one| one.company)
            .collect();
        companies.sort_unstable();
        companies.dedup();
        match companies[..] {
            [] => Ok(None),
            [company] => Ok(Some(company)),
            _ => Err(Fail::new(
                "D017",
                format!("项目 {project} 在 {day} 有两个以上的管理企业，无法确定记录属于谁"),
                "请在记录里写明 company，或更正合同的起止日期",
            )),
        }
    }
}

fn registers<'a>(facts: &Facts<'a>) -> Registers<'a> {
    let mut projects: HashMap<&str, Vec<&Contract>> = HashMap::new();
    for contract in facts.contracts {
        projects
            .entry(&contract.project)
            .or_default()
            .push(contract);
    }
    for contracts in projects.values_mut() {
        contracts.sort_by_key(|one| (one.from, one.until, one.company));
    }
    Registers {
        contracts_known: facts.contracts_known,
        projects,
    }
}

/// Subjects while they are found.
struct Gathering<'g, 'a> {
    rules: &'a RuleSet,
    registers: &'g Registers<'a>,
    index: HashMap<&'a str, usize>,
    subjects: Vec<Subject<'a>>,
    by_project: Vec<&'a Record>,
}

impl<'a> Gathering<'_, 'a> {
    fn subject(&mut self, id: &'a str) -> &mut Subject<'a> {
        let index = *self.index.entry(id).or_insert_with(|| {
            self.subjects.push(Subject::new(id));
            self.subjects.len() - 1
        });
        &mut self.subjects[index]
    }

    /// The subjects of the registers, and their contracts.
    fn register(&mut self, facts: &Facts<'a>) {
        let kind = self.rules.subject();
        if kind == SubjectKind::Company {
            for company in facts.companies {
                let subject = self.subject(company.uscc.as_str());
                subject.registered = true;
                subject.company.get_or_insert(company);
            }
        }
        if kind == SubjectKind::Project {
            for contract in facts.contracts {
                self.subject(&contract.project).registered = true;
            }
        }
    }

    /// Gives each record to its subject; one that names only a project to every company that manages it on some day, for
    /// whom it may begin to count.
    fn records(&mut self, records: &'a [Record]) {
        for record in records {
            let date = self.rules.counts_from().of(record);
            let entry = Entry {
                record,
                date,
                item: self.rules.item_for(&record.item, date),
            };
            let id = match (self.rules.subject(), &record.company) {
                (SubjectKind::Project, _) => record.project.as_deref(),
                (SubjectKind::Manager, _) => record.manager.as_deref(),
                (SubjectKind::Company, Some(company)) => Some(company.as_str()),
                (SubjectKind::Company, None) => {
                    self.give_to_every_manager(entry);
                    None
                }
            };
            if let Some(id) = id {
                let subject = self.subject(id);
                subject.registered = true;
                subject.entries.push(entry);
            }
        }
    }

    fn give_to_every_manager(&mut self, entry: Entry<'a>) {
        let Some(project) = entry.record.project.as_deref() else {
            return;
        };
        self.by_project.push(entry.record);
        let registers = self.registers;
        let mut given: HashSet<Uscc> = HashSet::new();
        for contract in registers.projects.get(project).into_iter().flatten() {
            if given.insert(contract.company) {
                self.subject(contract.company.as_str()).entries.push(entry);
            }
        }
    }

    /// Contracts, earlier grades and list entries of the subjects found.
    fn past(&mut self, history: &'a [crate::rules::outcome::PastGrade], on_lists: &'a [OnList]) {
        let by_company = self.rules.subject() == SubjectKind::Company;
        if self.rules.subject() != SubjectKind::Manager {
            for contract in self.registers.projects.values().flatten() {
                let id = if by_company {
                    contract.company.as_str()
                } else {
                    &contract.project
                };
                if let Some(index) = self.index.get(id) {
                    self.subjects[*index].projects.push(Project {
                        code: &contract.project,
                        contracts: vec![contract],
                    });
                }
            }
        }
        for past in history {
            if let Some(index) = self.index.get(past.subject.as_str()) {
                let own = &mut self.subjects[*index].history;
                own.push((past.period_end, &past.grade));
            }
        }
        for entry in on_lists {
            if let Some(index) = self.index.get(entry.subject.as_str()) {
                self.subjects[*index].on_lists.push(&entry.list);
            }
        }
    }
}

/// Whether a record's status lets it score at all.
pub(super) fn scores(record: &Record) -> bool {
    matches!(
        record.status,
        RecordStatus::Confirmed | RecordStatus::Disputed
    )
}

pub(super) fn unknown_project(project: &str) -> Fail {
    Fail::new(
        "D014",
        format!("项目 {project} 没有任何合同资料"),
        "请在项目表里补上该项目的管理合同，或更正项目编号",
    )
}

/// Code of a record id that is given twice.
const TWICE: &str = "D020";

fn faults_of_records(rules: &RuleSet, records: &[Record], ids_too: bool) -> Vec<ScoreFault> {
    let faulty = |record: &Record| {
        let found = if scores(record) {
            rules.check_record(record)
        } else {
            Vec::new()
        };
        found
            .into_iter()
            .map(|fault| {
                Fail::new(fault.code, fault.what, fault.fix)
                    .of(record)
                    .by(named_subject(rules.subject(), record))
            })
            .collect::<Vec<_>>()
    };
    let mut faults: Vec<ScoreFault> = records.par_iter().flat_map_iter(faulty).collect();
    if ids_too {
        let mut ids = HashSet::with_capacity(records.len());
        for record in records {
            if !ids.insert(record.id.as_str()) {
                let what = format!("记录编号「{}」重复", record.id);
                faults.push(
                    Fail::new(TWICE, what, "每条记录的编号应当不同")
                        .of(record)
                        .by(named_subject(rules.subject(), record)),
                );
            }
        }
    }
    faults
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
