//! Who is scored, and whose each record is.

use std::{
    collections::{HashMap, HashSet},
    ops::Deref,
    sync::Arc,
};

use super::{
    columns::{Columns, Scratch, columns},
    crowd,
    entry::Entry,
    gather::{Gathered, Names, TWICE, faults_of, gather, ids_given_twice},
    plan::Plan,
};
use crate::{
    domain::{Company, Contract, Day, Record, Uscc},
    rules::{
        RuleSet,
        outcome::{Facts, Fail, ScoreFault},
    },
};

/// A map by ids, with a hash that is quick and seeded.
pub(super) type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// A project of a subject: one that it manages on some day, or that its records name.
#[derive(Debug, Clone)]
pub(super) struct Project<'a> {
    pub code: &'a str,
    /// Its contracts with the subject, by start.
    contracts: Vec<&'a Contract>,
}

impl<'a> Project<'a> {
    pub fn of(contract: &'a Contract) -> Self {
        Self {
            code: &contract.project,
            contracts: vec![contract],
        }
    }

    /// The contract in force on a day; the latest of several.
    pub fn contract(&self, day: Day) -> Option<&'a Contract> {
        self.contracts
            .iter()
            .rfind(|one| one.in_force_on(day))
            .copied()
    }

    pub fn managed(&self, day: Day) -> bool {
        self.contracts.iter().any(|one| one.in_force_on(day))
    }

    /// Days on which a contract begins or has ended.
    pub fn turns(&self) -> impl Iterator<Item = Day> {
        self.contracts
            .iter()
            .flat_map(|one| [one.from, one.until.map(Day::next)])
            .flatten()
    }
}

/// A subject under one rule set.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    /// What drafts share.
    known: Arc<Known<'a>>,
    /// Its records as columns.
    pub columns: Columns,
}

/// A subject and everything known about it.
#[derive(Debug, Clone)]
pub(super) struct Known<'a> {
    pub id: &'a str,
    pub company: Option<&'a Company>,
    /// By code.
    pub projects: Vec<Project<'a>>,
    pub entries: Vec<Entry<'a>>,
    /// Earlier grades, oldest first.
    pub history: Vec<(Day, &'a str)>,
    /// Ids of lists.
    pub on_lists: Vec<&'a str>,
    /// Whether it is one on every day; else only where it manages a project that a record names alone.
    pub registered: bool,
}

impl<'a> Deref for Subject<'a> {
    type Target = Known<'a>;

    fn deref(&self) -> &Known<'a> {
        &self.known
    }
}

impl<'a> Known<'a> {
    pub fn new(id: &'a str) -> Self {
        Self {
            id,
            company: None,
            projects: Vec::new(),
            entries: Vec::new(),
            history: Vec::new(),
            on_lists: Vec::new(),
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

    /// Sorts what was gathered, and numbers what records share.
    pub fn arrange(&mut self, matters: &mut Map<&'a str, u32>) {
        if !self.entries.is_sorted_by(|a, b| a.order() <= b.order()) {
            self.entries
                .sort_unstable_by(|a, b| a.order().cmp(&b.order()));
        }
        self.history.sort_unstable();
        self.arrange_projects();
        matters.clear();
        for index in 0..self.entries.len() {
            let record = self.entries[index].record;
            let project = record.project.as_deref().and_then(|at| self.project(at));
            let entry = &mut self.entries[index];
            entry.project = project.and_then(|at| u32::try_from(at).ok());
            entry.matter = record.matter.as_deref().map(|matter| {
                let next = u32::try_from(matters.len()).unwrap_or(u32::MAX);
                *matters.entry(matter).or_insert(next)
            });
        }
    }

    /// One project for each code, with its contracts in order.
    fn arrange_projects(&mut self) {
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
    }
}

impl<'a> Subject<'a> {
    /// Makes the columns.
    fn new(
        rules: &RuleSet,
        plan: &Plan,
        registers: &Registers<'a>,
        known: Arc<Known<'a>>,
        scratch: &mut Scratch,
    ) -> Self {
        let columns = columns(rules, plan, registers, &known, scratch);
        Self { known, columns }
    }

    /// What the rules cannot use.
    fn faults(&self, rules: &RuleSet, plan: &Plan) -> Vec<ScoreFault> {
        let mut faults = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.scores()) {
            if !entry.is_plainly_fit(rules, plan) {
                faults.extend(faults_of(rules, entry.record));
            }
        }
        faults
    }
}

/// What is known beside the subjects.
#[derive(Debug, Clone)]
pub(super) struct Registers<'a> {
    pub contracts_known: bool,
    /// All contracts, by project.
    pub projects: HashMap<&'a str, Vec<&'a Contract>>,
}

impl<'a> Registers<'a> {
    fn new(facts: &Facts<'a>) -> Self {
        let mut projects: HashMap<&str, Vec<&Contract>> = HashMap::new();
        for contract in facts.contracts {
            let project = projects.entry(&contract.project).or_default();
            project.push(contract);
        }
        for contracts in projects.values_mut() {
            contracts.sort_by_key(|one| (one.from, one.until, one.company));
        }
        Self {
            contracts_known: facts.contracts_known,
            projects,
        }
    }
}

/// Everything that scoring looks at, arranged by subject.
#[derive(Debug)]
pub(super) struct World<'a> {
    pub rules: &'a RuleSet,
    pub plan: Plan,
    pub registers: Arc<Registers<'a>>,
    /// By id; all that can be one on some day.
    pub subjects: Vec<Subject<'a>>,
    facts: Facts<'a>,
    /// The ids of items that records name, by number.
    named: Vec<&'a str>,
    /// Records that name a project only, where companies are scored: whose they are depends on the day.
    by_project: Vec<&'a Record>,
    /// Records of nobody.
    lost: Vec<&'a Record>,
    faults: Vec<ScoreFault>,
}

impl<'a> World<'a> {
    /// Arranges the facts, for any day.
    pub fn new(rules: &'a RuleSet, facts: &Facts<'a>) -> Self {
        let registers = Registers::new(facts);
        let names = Names::default();
        let Gathered {
            subjects,
            by_project,
            lost,
        } = gather(rules, &registers, facts);
        let known = crowd::each(&subjects, Default::default, |scratch, _, subject| {
            Arc::new(subject.known(rules, &names, scratch))
        });
        let named = names.all();
        Self {
            rules,
            plan: Plan::new(rules, &named),
            registers: Arc::new(registers),
            subjects: Vec::new(),
            facts: *facts,
            named,
            by_project,
            lost,
            faults: ids_given_twice(rules.subject(), facts.records),
        }
        .judged(&known)
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
        let twice = self.faults.iter().filter(|fault| fault.code == TWICE);
        let known = self.subjects.iter().map(|subject| {
            let known: Arc<Known<'b>> = subject.known.clone();
            known
        });
        let known: Vec<_> = known.collect();
        World {
            rules,
            plan: Plan::new(rules, &self.named),
            registers: self.registers.clone(),
            subjects: Vec::new(),
            facts: self.facts,
            named: self.named.clone(),
            by_project: self.by_project.clone(),
            lost: self.lost.clone(),
            faults: twice.cloned().collect(),
        }
        .judged(&known)
    }

    fn judged(mut self, known: &[Arc<Known<'a>>]) -> Self {
        let (rules, plan, registers) = (self.rules, &self.plan, &*self.registers);
        let judged = crowd::each(known, Scratch::default, |scratch, _, known| {
            let subject = Subject::new(rules, plan, registers, known.clone(), scratch);
            let faults = subject.faults(rules, plan);
            (subject, faults)
        });
        let lost = self.lost.iter().flat_map(|record| faults_of(rules, record));
        self.faults.extend(lost);
        self.subjects.reserve_exact(judged.len());
        for (subject, faults) in judged {
            self.subjects.push(subject);
            self.faults.extend(faults);
        }
        self.faults.sort();
        // A record that names a project alone was judged for each of its managers.
        self.faults.dedup();
        self
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
                Err(fail) if super::entry::scores(record.status) => {
                    faults.push(fail.of(record).by(project));
                }
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

    /// Days on which a contract begins or has ended of a project that a record names alone: who is a subject may change.
    pub fn turns_of_projects_named_alone(&self) -> impl Iterator<Item = Day> {
        let projects = self.by_project.iter().filter_map(|record| {
            let project = record.project.as_deref()?;
            self.registers.projects.get(project)
        });
        projects
            .flatten()
            .flat_map(|one| [one.from, one.until.map(Day::next)])
            .flatten()
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

pub(super) fn unknown_project(project: &str) -> Fail {
    Fail::new(
        "D014",
        format!("项目 {project} 没有任何合同资料"),
        "请在项目表里补上该项目的管理合同，或更正项目编号",
    )
}
