//! Who is scored, and whose each record is.

use std::collections::{HashMap, HashSet};

use crate::{
    domain::{Company, Contract, Day, Record, RecordStatus, SubjectKind, Uscc},
    rules::{
        RuleSet,
        outcome::{Facts, Fail, ScoreFault},
    },
};

/// A record of a subject. Sorted by (date, id), so that the order of the input never matters.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub record: &'a Record,
    /// Absent only where the record does not score anyway (draft, revoked).
    pub item: Option<usize>,
    pub date: Option<Day>,
}

/// A subject and everything known about it.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub id: String,
    pub company: Option<&'a Company>,
    /// Its contracts, by project and start.
    pub contracts: Vec<&'a Contract>,
    pub entries: Vec<Entry<'a>>,
    /// Earlier grades, oldest first.
    pub history: Vec<(Day, &'a str)>,
    /// Indices of lists.
    pub on_lists: Vec<usize>,
    /// Whether it is one on every day; else only where it manages a project that a record names alone.
    registered: bool,
}

impl Subject<'_> {
    /// The contract under which it manages a project on a day.
    pub fn contract(&self, project: &str, day: Day) -> Option<&Contract> {
        let start = self
            .contracts
            .partition_point(|one| one.project.as_str() < project);
        self.contracts[start..]
            .iter()
            .take_while(|one| one.project == project)
            .filter(|one| one.in_force_on(day))
            .last()
            .copied()
    }

    /// The contracts in force on a day, one for each project.
    pub fn managed(&self, day: Day) -> impl Iterator<Item = &Contract> {
        let mut last: Option<&str> = None;
        self.contracts.iter().copied().filter(move |one| {
            let first = one.in_force_on(day) && last != Some(one.project.as_str());
            if first {
                last = Some(&one.project);
            }
            first
        })
    }
}

/// Everything that scoring looks at, arranged by subject.
#[derive(Debug)]
pub(super) struct World<'a> {
    pub rules: &'a RuleSet,
    pub contracts_given: bool,
    /// All contracts, by project.
    pub projects: HashMap<&'a str, Vec<&'a Contract>>,
    /// By id; all that can be one on some day.
    pub subjects: Vec<Subject<'a>>,
    /// Records that name a project only, where companies are scored: whose they are depends on the day.
    by_project: Vec<&'a Record>,
    faults: Vec<ScoreFault>,
}

impl<'a> World<'a> {
    /// Arranges the facts, for any day.
    pub fn new(rules: &'a RuleSet, facts: &Facts<'a>) -> Self {
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
        let mut world = Self {
            rules,
            contracts_given: !facts.contracts.is_empty(),
            projects,
            subjects: Vec::new(),
            by_project: Vec::new(),
            faults: faults_of_records(rules, facts.records),
        };
        let mut index = world.found(facts);
        world.assign(facts.records, &mut index);
        for past in facts.history {
            if let Some(subject) = index.get_mut(past.subject.as_str()) {
                subject.history.push((past.period_end, &past.grade));
            }
        }
        for entry in facts.on_lists {
            let list = rules.lists().iter().position(|list| list.id == entry.list);
            if let (Some(subject), Some(list)) = (index.get_mut(entry.subject.as_str()), list) {
                subject.on_lists.push(list);
            }
        }
        world.subjects = index.into_values().collect();
        world.subjects.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        for subject in &mut world.subjects {
            subject.entries.sort_by(|a, b| {
                let key = |entry: &Entry<'a>| {
                    (entry.date.is_none(), entry.date, entry.record.id.as_str())
                };
                key(a).cmp(&key(b))
            });
            subject.history.sort_unstable();
            subject
                .contracts
                .sort_by_key(|one| (one.project.as_str(), one.from, one.until));
        }
        world
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
            .filter(|subject| subject.registered || managing.contains(subject.id.as_str()))
            .collect())
    }

    /// The company that manages a project on a day.
    fn manager_of(&self, project: &str, day: Day) -> Result<Option<Uscc>, Fail> {
        let Some(contracts) = self.projects.get(project) else {
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

    /// The subjects: those of the registers, those that records name, and, for records that name a project only, those
    /// that ever manage it.
    fn found(&mut self, facts: &Facts<'a>) -> HashMap<&'a str, Subject<'a>> {
        let kind = self.rules.subject();
        let mut subjects: HashMap<&'a str, Subject<'a>> = HashMap::new();
        let mut add = |id: &'a str, registered: bool| {
            let subject = subjects.entry(id).or_insert_with(|| Subject {
                id: id.to_owned(),
                company: None,
                contracts: Vec::new(),
                entries: Vec::new(),
                history: Vec::new(),
                on_lists: Vec::new(),
                registered,
            });
            subject.registered |= registered;
        };
        match kind {
            SubjectKind::Company => facts
                .companies
                .iter()
                .for_each(|one| add(one.uscc.as_str(), true)),
            SubjectKind::Project => self.projects.keys().for_each(|code| add(code, true)),
            SubjectKind::Manager => {}
        }
        for record in facts.records {
            match (kind, &record.company, &record.project) {
                (SubjectKind::Project, _, project) => project.iter().for_each(|id| add(id, true)),
                (SubjectKind::Manager, ..) => record.manager.iter().for_each(|id| add(id, true)),
                (SubjectKind::Company, Some(company), _) => add(company.as_str(), true),
                (SubjectKind::Company, None, None) => {}
                (SubjectKind::Company, None, Some(project)) => {
                    self.by_project.push(record);
                    for contract in self.projects.get(project.as_str()).into_iter().flatten() {
                        add(contract.company.as_str(), false);
                    }
                }
            }
        }
        for company in facts
            .companies
            .iter()
            .filter(|_| kind == SubjectKind::Company)
        {
            if let Some(subject) = subjects.get_mut(company.uscc.as_str()) {
                subject.company.get_or_insert(company);
            }
        }
        for contract in facts.contracts {
            let id = match kind {
                SubjectKind::Company => contract.company.as_str(),
                SubjectKind::Project => &contract.project,
                SubjectKind::Manager => continue,
            };
            if let Some(subject) = subjects.get_mut(id) {
                subject.contracts.push(contract);
            }
        }
        subjects
    }

    /// Gives each record to its subject; one that names only a project to every company that manages it on some day, for
    /// whom it may begin to count.
    fn assign(&self, records: &'a [Record], subjects: &mut HashMap<&'a str, Subject<'a>>) {
        for record in records {
            let mut give = |id: &str| {
                if let Some(subject) = subjects.get_mut(id) {
                    subject.entries.push(Entry {
                        record,
                        item: self.rules.item_index(&record.item),
                        date: self.rules.counts_from().of(record),
                    });
                }
            };
            match (self.rules.subject(), &record.company, &record.project) {
                (SubjectKind::Project, _, project) => project.iter().for_each(|id| give(id)),
                (SubjectKind::Manager, ..) => record.manager.iter().for_each(|id| give(id)),
                (SubjectKind::Company, Some(company), _) => give(company.as_str()),
                (SubjectKind::Company, None, None) => {}
                (SubjectKind::Company, None, Some(project)) => {
                    let mut given: HashSet<Uscc> = HashSet::new();
                    for contract in self.projects.get(project.as_str()).into_iter().flatten() {
                        if given.insert(contract.company) {
                            give(contract.company.as_str());
                        }
                    }
                }
            }
        }
    }

    /// The contract behind a record's project on a day.
    pub fn contract<'w>(
        &'w self,
        subject: &'w Subject<'a>,
        record: &Record,
        day: Day,
    ) -> Option<&'w Contract> {
        match self.rules.subject() {
            SubjectKind::Company => subject.contract(record.project.as_deref()?, day),
            SubjectKind::Project => subject.contract(&subject.id, day),
            SubjectKind::Manager => self
                .projects
                .get(record.project.as_deref()?)?
                .iter()
                .rfind(|one| one.in_force_on(day))
                .copied(),
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

fn faults_of_records(rules: &RuleSet, records: &[Record]) -> Vec<ScoreFault> {
    let mut faults = Vec::new();
    let mut ids = HashSet::with_capacity(records.len());
    for record in records {
        let subject = || match (
            rules.subject(),
            record.company,
            &record.project,
            &record.manager,
        ) {
            (SubjectKind::Company, Some(company), ..) => company.to_string(),
            (SubjectKind::Manager, _, _, Some(manager)) => manager.clone(),
            (_, _, Some(project), _) => project.clone(),
            _ => String::new(),
        };
        if !ids.insert(record.id.as_str()) {
            let what = format!("记录编号「{}」重复", record.id);
            faults.push(
                Fail::new("D020", what, "每条记录的编号应当不同")
                    .of(record)
                    .by(&subject()),
            );
        }
        if !scores(record) {
            continue;
        }
        for fault in rules.check_record(record) {
            faults.push(
                Fail::new(fault.code, fault.what, fault.fix)
                    .of(record)
                    .by(&subject()),
            );
        }
    }
    faults
}
