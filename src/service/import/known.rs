//! What a row may refer to: what is stored, and what the files of this import bring.

use std::collections::{BTreeSet, HashMap};

use crate::service::Error;
use crate::{
    domain::{Contract, Fault, Record, Uscc},
    intake::{self},
    rules::RuleSet,
    store::{Db, companies, contracts, records},
};

use super::{CHUNK, record_faults};

/// What a row may refer to: what is stored, and what the files of this import bring.
pub(super) struct Known {
    pub companies: BTreeSet<Uscc>,
    pub projects: BTreeSet<String>,
    pub contracts: Vec<Contract>,
    /// Records whose objection is being examined, by id.
    pub examined: HashMap<String, Record>,
}

impl Known {
    pub(super) fn read(db: &mut Db) -> Result<Self, Error> {
        let mut known = BTreeSet::new();
        let mut after = None;
        loop {
            let page = companies::page(db, after.as_ref(), CHUNK)?;
            known.extend(page.rows.iter().map(|company| company.uscc));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let contracts = contracts::all(db)?;
        let projects = contracts
            .iter()
            .map(|contract| contract.project.clone())
            .collect();
        let examined = records::examined(db)?
            .into_iter()
            .map(|version| (version.record.id.clone(), version.record))
            .collect();
        Ok(Self {
            companies: known,
            projects,
            contracts,
            examined,
        })
    }

    /// A file does not settle what people are examining; one that says nothing new passes.
    fn examination_fault(&self, file: &str, row: u64, record: &Record) -> Option<Fault> {
        let stored = self.examined.get(&record.id)?;
        (stored != record).then(|| Fault {
            file: file.to_owned(),
            row: Some(row),
            column: Some("id".to_owned()),
            value: Some(record.id.clone()),
            code: "D104",
            what: "异议核查中的记录不能由文件改变".to_owned(),
            fix: "请先答复异议；需要更正的，在核查结论中更正或者撤销".to_owned(),
        })
    }

    pub(super) fn company_fault(&self, file: &str, row: u64, uscc: Uscc) -> Option<Fault> {
        (!self.companies.contains(&uscc)).then(|| Fault {
            file: file.to_owned(),
            row: Some(row),
            column: Some("company".to_owned()),
            value: Some(uscc.to_string()),
            code: "D101",
            what: "企业未登记".to_owned(),
            fix: "请先导入企业，或核对统一社会信用代码".to_owned(),
        })
    }

    pub(super) fn project_fault(&self, file: &str, row: u64, project: &str) -> Option<Fault> {
        (!self.projects.contains(project)).then(|| Fault {
            file: file.to_owned(),
            row: Some(row),
            column: Some("project".to_owned()),
            value: Some(project.to_owned()),
            code: "D102",
            what: "项目未登记".to_owned(),
            fix: "请先导入项目，或核对项目编码".to_owned(),
        })
    }

    pub(super) fn contract_faults(&self, file: &str, row: u64, contract: &Contract) -> Vec<Fault> {
        self.company_fault(file, row, contract.company)
            .into_iter()
            .collect()
    }

    pub(super) fn record_faults(
        &self,
        ruleset: &RuleSet,
        file: &str,
        row: u64,
        record: &Record,
    ) -> Vec<Fault> {
        let company = record
            .company
            .and_then(|uscc| self.company_fault(file, row, uscc));
        let project = record
            .project
            .as_ref()
            .and_then(|code| self.project_fault(file, row, code));
        company
            .into_iter()
            .chain(project)
            .chain(self.examination_fault(file, row, record))
            .chain(record_faults(ruleset, file, row, record))
            .collect()
    }

    /// Rows of the file whose period overlaps another of the same project, in the file or in the store. A stored contract
    /// that a row replaces (same company, project and first day) does not count.
    pub(super) fn overlaps(&self, file: &str, rows: &[(u64, Contract)]) -> Vec<Fault> {
        let mut faults = intake::contract_overlaps(file, rows);
        let mut stored: HashMap<&str, Vec<&Contract>> = HashMap::new();
        for contract in &self.contracts {
            stored.entry(&contract.project).or_default().push(contract);
        }
        let key = |contract: &Contract| (contract.company, contract.project.clone(), contract.from);
        let replaced: BTreeSet<_> = rows.iter().map(|(_, contract)| key(contract)).collect();
        for (row, contract) in rows {
            let others = stored.get(contract.project.as_str()).into_iter().flatten();
            let other = others
                .filter(|other| !replaced.contains(&key(other)))
                .find(|other| other.overlaps(contract));
            if let Some(other) = other {
                faults.push(Fault {
                    file: file.to_owned(),
                    row: Some(*row),
                    column: Some("from".to_owned()),
                    value: contract.from.map(|day| day.to_string()),
                    code: "D103",
                    what: format!("与已登记的合同期重叠（{}）", other.company),
                    fix: "请改正起止日期，或先为原合同补上结束日期".to_owned(),
                });
            }
        }
        faults
    }
}
