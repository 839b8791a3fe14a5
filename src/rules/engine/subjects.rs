//! Who is scored, and whose each record is.

use std::collections::{BTreeMap, HashMap, HashSet};

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
    /// By id.
    pub subjects: Vec<Subject<'a>>,
}

impl<'a> World<'a> {
    /// Arranges the facts; every record that the rules cannot use is a fault.
    pub fn new(rules: &'a RuleSet, facts: &Facts<'a>, day: Day) -> Result<Self, Vec<ScoreFault>> {
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
        };
        let mut faults = faults_of_records(rules, facts.records);
        let owners = world.owners(facts.records, day, &mut faults);
        let mut subjects = world.found(facts, &owners);
        world.assign(facts.records, owners, &mut subjects);
        for past in facts.history {
            if let Some(subject) = subjects.get_mut(&past.subject) {
                subject.history.push((past.period_end, &past.grade));
            }
        }
        for entry in facts.on_lists {
            let list = rules.lists().iter().position(|list| list.id == entry.list);
            if let (Some(subject), Some(list)) = (subjects.get_mut(&entry.subject), list) {
                subject.on_lists.push(list);
            }
        }
        world.subjects = subjects.into_values().collect();
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
        if faults.is_empty() {
            Ok(world)
        } else {
            faults.sort();
            Err(faults)
        }
    }

    /// The subject named by each record; a project's company on the day where only the project is named.
    fn owners(
        &self,
        records: &'a [Record],
        day: Day,
        faults: &mut Vec<ScoreFault>,
    ) -> Vec<Option<String>> {
        let kind = self.rules.subject();
        records
            .iter()
            .map(|record| match (kind, record.company, &record.project) {
                (SubjectKind::Project, _, project) => project.clone(),
                (SubjectKind::Manager, ..) => record.manager.clone(),
                (SubjectKind::Company, Some(company), _) => Some(company.to_string()),
                (SubjectKind::Company, None, None) => None,
                (SubjectKind::Company, None, Some(project)) => {
                    match self.manager_of(project, day) {
                        Ok(company) => company.map(|company| company.to_string()),
                        Err(fail) => {
                            if scores(record) {
                                faults.push(fail.of(record).by(project));
                            }
                            None
                        }
                    }
                }
            })
            .collect()
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

    /// The subjects: those of the registers, those that records name, and those of records that name a project only.
    fn found(&self, facts: &Facts<'a>, owners: &[Option<String>]) -> BTreeMap<String, Subject<'a>> {
        let kind = self.rules.subject();
        let mut subjects: BTreeMap<String, Subject<'a>> = BTreeMap::new();
        let mut add = |id: String| {
            subjects.entry(id.clone()).or_insert_with(|| Subject {
                id,
                company: None,
                contracts: Vec::new(),
                entries: Vec::new(),
                history: Vec::new(),
                on_lists: Vec::new(),
            });
        };
        match kind {
            SubjectKind::Company => facts
                .companies
                .iter()
                .for_each(|one| add(one.uscc.to_string())),
            SubjectKind::Project => self
                .projects
                .keys()
                .for_each(|code| add((*code).to_owned())),
            SubjectKind::Manager => {}
        }
        owners.iter().flatten().for_each(|id| add(id.clone()));
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

    /// Gives each record to its subject; one that names only a project also to the companies that manage it on other
    /// days, for whom it may begin to count.
    fn assign(
        &self,
        records: &'a [Record],
        owners: Vec<Option<String>>,
        subjects: &mut BTreeMap<String, Subject<'a>>,
    ) {
        for (record, owner) in records.iter().zip(owners) {
            let entry = || Entry {
                record,
                item: self.rules.item_index(&record.item),
                date: self.rules.counts_from().of(record),
            };
            if let Some(subject) = owner.as_ref().and_then(|id| subjects.get_mut(id)) {
                subject.entries.push(entry());
            }
            if let (SubjectKind::Company, None, Some(project)) =
                (self.rules.subject(), record.company, &record.project)
            {
                let mut given: HashSet<Uscc> = HashSet::new();
                for contract in self.projects.get(project.as_str()).into_iter().flatten() {
                    let id = contract.company.as_str();
                    if given.insert(contract.company)
                        && owner.as_deref() != Some(id)
                        && let Some(subject) = subjects.get_mut(id)
                    {
                        subject.entries.push(entry());
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
