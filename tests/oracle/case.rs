//! One question: a rule set, the facts, a day; who is scored, and what each subject manages.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use wuxin::{
    domain::{Company, Contract, Record, RecordStatus, SubjectKind},
    rules::{Facts, RuleSet},
};

use crate::policy::{Item, Policy};

/// Why something could not be scored: subject, record, code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    pub subject: String,
    pub record: Option<String>,
    pub code: &'static str,
}

impl Fault {
    pub fn of(subject: &str, code: &'static str) -> Self {
        Self {
            subject: subject.to_owned(),
            record: None,
            code,
        }
    }
}

pub struct Case<'a> {
    pub policy: &'a Policy,
    /// Another version of the policy, to judge the records of its time.
    pub older: Option<&'a Policy>,
    pub facts: Facts<'a>,
}

impl<'a> Case<'a> {
    pub fn company_scored(&self) -> bool {
        self.policy.ruleset.subject == "company"
    }

    /// The date of a record that counts.
    pub fn date(&self, record: &Record) -> Option<NaiveDate> {
        let day = match self.policy.period.counts_from.as_str() {
            "occurred_on" => record.occurred_on,
            "decided_on" => record.decided_on,
            "entered_on" => record.entered_on,
            _ => record.published_on,
        };
        day.map(|day| day.date())
    }

    /// Whether each record is judged by the version of its own date.
    fn by_own_date(&self) -> bool {
        self.policy.ruleset.old_records.as_deref() == Some("own_date")
    }

    /// The version that judges a record; `None` where none was in force on its date.
    pub fn version(&self, record: &Record) -> Option<&'a Policy> {
        if !self.by_own_date() {
            return Some(self.policy);
        }
        let date = self.date(record)?;
        let versions = [Some(self.policy), self.older];
        versions
            .into_iter()
            .flatten()
            .find(|version| version.ruleset.in_force_on(date))
    }

    /// The item that judges a record alone.
    pub fn judge(&self, record: &Record) -> Option<&'a Item> {
        self.version(record)?.items(&record.item)
    }

    /// The item under which a record is added up: that of the version that scores, or where it is gone the judge.
    pub fn above(&self, record: &Record) -> Option<&'a Item> {
        let judge = self.judge(record)?;
        Some(self.policy.items(&record.item).unwrap_or(judge))
    }

    pub fn company(&self, subject: &str) -> Option<&'a Company> {
        let mut companies = self.facts.companies.iter();
        companies.find(|company| self.company_scored() && company.uscc.as_str() == subject)
    }

    pub fn registered_on(&self, subject: &str) -> Option<NaiveDate> {
        Some(self.company(subject)?.registered_on?.date())
    }

    /// The contract of a project in force on a day: for a company its own, for other subjects anybody's. Of several the one
    /// that began last.
    pub fn contract(&self, subject: &str, project: &str, day: NaiveDate) -> Option<&'a Contract> {
        let mut found: Vec<&Contract> = Vec::new();
        for contract in self.facts.contracts {
            let own = !self.company_scored() || contract.company.as_str() == subject;
            if own && contract.project == project && in_force(contract, day) {
                found.push(contract);
            }
        }
        found.sort_by_key(|contract| (contract.from, contract.until));
        found.pop()
    }

    /// The projects that a company manages on a day, by code.
    pub fn managed(&self, subject: &str, day: NaiveDate) -> Vec<&'a Contract> {
        let mut codes: Vec<&str> = Vec::new();
        for contract in self.facts.contracts {
            if !codes.contains(&contract.project.as_str()) {
                codes.push(&contract.project);
            }
        }
        codes.sort_unstable();
        (codes.into_iter())
            .filter_map(|code| self.contract(subject, code, day))
            .collect()
    }

    /// Whether anybody has ever had a contract for a project.
    pub fn is_known(&self, project: &str) -> bool {
        self.facts
            .contracts
            .iter()
            .any(|contract| contract.project == project)
    }

    /// The companies that manage a project on a day.
    fn managers(&self, project: &str, day: NaiveDate) -> Vec<&'a str> {
        let mut found: Vec<&str> = Vec::new();
        for contract in self.facts.contracts {
            let company = contract.company.as_str();
            if contract.project == project && in_force(contract, day) && !found.contains(&company) {
                found.push(company);
            }
        }
        found
    }

    /// The records of a subject on a day, by date and id. A record that names a project only is of whoever manages it.
    pub fn records(&self, subject: &str, day: NaiveDate) -> Vec<&'a Record> {
        let mut own: Vec<&Record> = Vec::new();
        for record in self.facts.records {
            let is_own = match self.policy.ruleset.subject.as_str() {
                "project" => record.project.as_deref() == Some(subject),
                "manager" => record.manager.as_deref() == Some(subject),
                _ => match (&record.company, &record.project) {
                    (Some(company), _) => company.as_str() == subject,
                    (None, Some(project)) => self.managers(project, day).contains(&subject),
                    (None, None) => false,
                },
            };
            if is_own {
                own.push(record);
            }
        }
        own.sort_by_key(|record| (self.date(record), record.id.clone()));
        own
    }

    /// Whether its status lets a record count.
    pub fn scores(&self, record: &Record) -> bool {
        let suspended = self.policy.score.disputed.as_deref() == Some("suspended");
        may_score(record) && !(suspended && record.status == RecordStatus::Disputed)
    }

    /// Who is scored on a day, by id: the companies given and every company that a record names or whose project it names;
    /// for other kinds the projects under contract and those named, the managers named.
    pub fn subjects(&self, day: NaiveDate) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        match self.policy.ruleset.subject.as_str() {
            "project" => {
                found.extend(
                    self.facts
                        .contracts
                        .iter()
                        .map(|contract| contract.project.clone()),
                );
                found.extend(
                    self.facts
                        .records
                        .iter()
                        .filter_map(|record| record.project.clone()),
                );
            }
            "manager" => {
                found.extend(
                    self.facts
                        .records
                        .iter()
                        .filter_map(|record| record.manager.clone()),
                );
            }
            _ => {
                found.extend(
                    self.facts
                        .companies
                        .iter()
                        .map(|company| company.uscc.to_string()),
                );
                for record in self.facts.records {
                    match (&record.company, &record.project) {
                        (Some(company), _) => found.push(company.to_string()),
                        (None, Some(project)) => {
                            let managers = self.managers(project, day);
                            found.extend(managers.into_iter().map(str::to_owned));
                        }
                        (None, None) => {}
                    }
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// What is wrong with the records themselves, and with whose they are.
    pub fn faults_of_records(&self, rules: &RuleSet, day: NaiveDate) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (index, record) in self.facts.records.iter().enumerate() {
            let subject = match (
                rules.subject(),
                &record.company,
                &record.project,
                &record.manager,
            ) {
                (SubjectKind::Company, Some(company), ..) => company.as_str(),
                (SubjectKind::Manager, _, _, Some(manager)) => manager,
                (_, _, Some(project), _) => project,
                _ => "",
            };
            let mut fault = |code| {
                faults.push(Fault {
                    subject: subject.to_owned(),
                    record: Some(record.id.clone()),
                    code,
                });
            };
            if self.facts.records[..index]
                .iter()
                .any(|earlier| earlier.id == record.id)
            {
                fault("D020");
            }
            if !may_score(record) {
                continue;
            }
            self.unfit(record).into_iter().for_each(&mut fault);
            if let (true, None, Some(project)) =
                (self.company_scored(), &record.company, &record.project)
            {
                if !self.is_known(project) {
                    fault("D014");
                } else if self.managers(project, day).len() > 1 {
                    fault("D017");
                }
            }
        }
        faults.sort();
        faults
    }

    /// Codes of what makes a record unfit for the rule set.
    fn unfit(&self, record: &Record) -> Vec<&'static str> {
        use wuxin::domain::AttributeValue as Given;
        let mut codes = Vec::new();
        let named = match self.policy.ruleset.subject.as_str() {
            "project" => record.project.is_some(),
            "manager" => record.manager.is_some(),
            _ => record.company.is_some() || record.project.is_some(),
        };
        if !named {
            codes.push("D011");
        }
        if self.date(record).is_none() {
            codes.push("D003");
        }
        if let (Some(occurred), Some(rectified)) = (record.occurred_on, record.rectified_on)
            && rectified < occurred
        {
            codes.push("D012");
        }
        if self.date(record).is_some() && self.version(record).is_none() {
            codes.push("D022");
            return codes;
        }
        for (name, value) in &record.attributes {
            let Some(declared) = self.policy.attribute.get(name) else {
                codes.push("D008");
                continue;
            };
            let fits = match (declared.kind.as_str(), value) {
                ("choice", Given::Choice(value)) => declared.values.contains(value),
                ("integer", Given::Integer(_))
                | ("decimal" | "percent", Given::Decimal(_) | Given::Integer(_))
                | ("boolean", Given::Boolean(_))
                | ("day" | "date", Given::Day(_))
                | ("text", Given::Text(_)) => true,
                _ => false,
            };
            if !fits {
                codes.push("D009");
            }
        }
        let (Some(item), Some(above)) = (self.judge(record), self.above(record)) else {
            codes.push("D001");
            return codes;
        };
        if let Some(kind) = record.kind
            && !item.kinds.is_empty()
            && !item.kinds.iter().any(|allowed| allowed == kind.as_str())
        {
            codes.push("D002");
        }
        if self.policy.by_project(above) && record.project.is_none() {
            codes.push("D013");
        }
        self.unfit_points(record, item, &mut codes);
        codes
    }

    fn unfit_points(&self, record: &Record, item: &Item, codes: &mut Vec<&'static str>) {
        use crate::policy::Points;
        let given = record.points.map(|points| points.decimal());
        let mut needed: Vec<&String> = Vec::new();
        match (&item.points, given) {
            (Some(Points::Chosen(..)), None) => codes.push("D004"),
            (Some(Points::Chosen(min, max)), Some(points)) => {
                if !(*min..=*max).contains(&points.into()) {
                    codes.push("D005");
                }
                if record
                    .reason
                    .as_ref()
                    .is_none_or(|reason| reason.trim().is_empty())
                {
                    codes.push("D006");
                }
            }
            (_, Some(_)) => codes.push("D007"),
            (_, None) => {}
        }
        if let Some(Points::Lookup(by, _) | Points::Bands(by, _) | Points::Value(by)) = &item.points
        {
            needed.push(by);
        }
        needed.extend(&item.times);
        for name in needed {
            if !record.attributes.contains_key(name) {
                codes.push("D010");
            }
        }
        if let Some(wuxin::domain::AttributeValue::Integer(times)) = item
            .times
            .as_ref()
            .and_then(|times| record.attributes.get(times))
            && *times < 0
        {
            codes.push("D021");
        }
    }
}

fn in_force(contract: &Contract, day: NaiveDate) -> bool {
    contract.from.is_none_or(|from| from.date() <= day)
        && contract.until.is_none_or(|until| day <= until.date())
}

/// Whether its status lets a record score at all; suspension of disputed ones is another matter.
pub fn may_score(record: &Record) -> bool {
    matches!(
        record.status,
        RecordStatus::Confirmed | RecordStatus::Disputed
    )
}

/// What a project weighs in an average, by column.
pub fn weight(contract: &Contract, average: &str) -> Option<Decimal> {
    match average {
        "area" => contract.area,
        "households" => contract.households.map(Decimal::from),
        "contract_value" => contract.contract_value,
        _ => Some(Decimal::ONE),
    }
}
