//! Dossiers: a company with everything that scoring it needs.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Db, Page, StoreError, companies, contracts, records};
use crate::domain::{Company, Contract, Record, Uscc};

/// A company with its contracts, past ones too, and the current records that concern it: those that name it, and those
/// that name only a project for which it has or had a contract. Records by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dossier {
    pub company: Company,
    pub contracts: Vec<Contract>,
    pub records: Vec<Record>,
}

/// The dossiers of these companies, by code; codes that are not registered are left out.
pub fn of_companies(db: &mut Db, codes: &[Uscc]) -> Result<Vec<Dossier>, StoreError> {
    let mut companies = companies::of_codes(db, codes)?;
    companies.sort_by_key(|company| company.uscc);
    companies.dedup_by_key(|company| company.uscc);
    fill(db, companies)
}

/// The dossier of one company, if it is registered.
pub fn find(db: &mut Db, uscc: &Uscc) -> Result<Option<Dossier>, StoreError> {
    Ok(of_companies(db, &[*uscc])?.pop())
}

/// The dossiers of at most `limit` companies in the order of their codes, after `after`; for the nightly run.
pub fn page(
    db: &mut Db,
    after: Option<&Uscc>,
    limit: usize,
) -> Result<Page<Dossier, Uscc>, StoreError> {
    let Page { rows, next } = companies::page(db, after, limit)?;
    Ok(Page {
        rows: fill(db, rows)?,
        next,
    })
}

fn fill(db: &mut Db, companies: Vec<Company>) -> Result<Vec<Dossier>, StoreError> {
    let codes: Vec<Uscc> = companies.iter().map(|company| company.uscc).collect();
    let contracts = contracts::of_companies(db, &codes)?;
    let own = records::of_companies(db, &codes)?;
    let of_projects = records::of_projects(db, &projects_of(&contracts))?;
    Ok(assemble(companies, contracts, own, &of_projects))
}

/// The projects that these contracts are about.
pub(in crate::store) fn projects_of(contracts: &BTreeMap<Uscc, Vec<Contract>>) -> BTreeSet<&str> {
    let all = contracts.values().flatten();
    all.map(|contract| contract.project.as_str()).collect()
}

/// Puts to each company what is its own and what is its projects'.
pub(in crate::store) fn assemble(
    companies: Vec<Company>,
    mut contracts: BTreeMap<Uscc, Vec<Contract>>,
    mut own: BTreeMap<Uscc, Vec<Record>>,
    of_projects: &BTreeMap<String, Vec<Record>>,
) -> Vec<Dossier> {
    let dossiers = companies.into_iter().map(|company| {
        let contracts = contracts.remove(&company.uscc).unwrap_or_default();
        let mut records = own.remove(&company.uscc).unwrap_or_default();
        let managed: HashSet<&str> = contracts
            .iter()
            .map(|contract| contract.project.as_str())
            .collect();
        for project in managed {
            records.extend(of_projects.get(project).into_iter().flatten().cloned());
        }
        records.sort_by(|a, b| a.id.cmp(&b.id));
        Dossier {
            company,
            contracts,
            records,
        }
    });
    dossiers.collect()
}
