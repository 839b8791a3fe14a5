//! Management contracts: which company manages which project, and when.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::{prelude::*, upsert::excluded};

use super::{
    CHUNK, Db, StoreError, Written,
    columns::{self, Micros},
    db::each,
    schema::contract,
};
use crate::domain::{Contract, Uscc};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = contract, treat_none_as_default_value = false)]
struct Row {
    company: String,
    project: String,
    from_on: String,
    until_on: Option<String>,
    name: String,
    region: Option<String>,
    area: Option<String>,
    households: Option<i64>,
    contract_value: Option<String>,
    service_grade: Option<String>,
    digest: String,
    updated_at: Micros,
}

impl Row {
    fn of(contract: &Contract, digest: String, now: DateTime<Utc>) -> Self {
        Self {
            company: contract.company.as_str().to_owned(),
            project: contract.project.clone(),
            from_on: from_on(contract),
            until_on: columns::day(contract.until),
            name: contract.name.clone(),
            region: contract.region.as_ref().map(ToString::to_string),
            area: contract.area.map(|area| area.to_string()),
            households: contract.households.map(i64::from),
            contract_value: contract.contract_value.map(|value| value.to_string()),
            service_grade: contract.service_grade.clone(),
            digest,
            updated_at: now.into(),
        }
    }
}

impl TryFrom<Row> for Contract {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let households = row.households.map(|number| {
            u32::try_from(number)
                .map_err(|_| columns::corrupt(("contract", "households"), &number.to_string()))
        });
        Ok(Self {
            company: columns::read(("contract", "company"), &row.company)?,
            from: columns::read_or_empty(("contract", "from_on"), &row.from_on)?,
            until: columns::read_option(("contract", "until_on"), row.until_on.as_deref())?,
            region: columns::region(("contract", "region"), row.region.as_deref())?,
            area: columns::read_option(("contract", "area"), row.area.as_deref())?,
            households: households.transpose()?,
            contract_value: columns::read_option(
                ("contract", "contract_value"),
                row.contract_value.as_deref(),
            )?,
            project: row.project,
            name: row.name,
            service_grade: row.service_grade,
        })
    }
}

/// '' sorts before every day, as "since ever" should.
fn from_on(contract: &Contract) -> String {
    columns::day(contract.from).unwrap_or_default()
}

type Key = (String, String, String);

fn key(contract: &Contract) -> Key {
    (
        contract.company.as_str().to_owned(),
        contract.project.clone(),
        from_on(contract),
    )
}

/// Stores contracts as they are now. A contract is known by its company, its project and its first day: the same three
/// with another last day or area change it, another first day is another contract.
///
/// The touched companies are those of the contracts; who managed the project before has a contract of their own.
pub fn put(db: &mut Db, contracts: &[Contract], now: DateTime<Utc>) -> Result<Written, StoreError> {
    columns::refuse_twice(
        "contract",
        contracts.iter().map(|contract| {
            format!(
                "{}/{}/{}",
                contract.company,
                contract.project,
                from_on(contract)
            )
        }),
    )?;
    let mut written = Written::default();
    for chunk in contracts.chunks(CHUNK) {
        let companies: BTreeSet<&str> = chunk
            .iter()
            .map(|contract| contract.company.as_str())
            .collect();
        let projects: BTreeSet<&str> = chunk
            .iter()
            .map(|contract| contract.project.as_str())
            .collect();
        let known: HashMap<Key, String> = each!(db, c => contract::table
            .filter(contract::company.eq_any(&companies))
            .filter(contract::project.eq_any(&projects))
            .select((contract::company, contract::project, contract::from_on, contract::digest))
            .load::<(String, String, String, String)>(c))?
        .into_iter()
        .map(|(company, project, from_on, digest)| ((company, project, from_on), digest))
        .collect();
        let mut rows = Vec::new();
        for contract in chunk {
            let digest = columns::digest(contract, "contract", || contract.project.clone())?;
            match known.get(&key(contract)) {
                Some(stored) if *stored == digest => {
                    written.counts.unchanged += 1;
                    continue;
                }
                Some(_) => written.counts.changed += 1,
                None => written.counts.new += 1,
            }
            written.companies.insert(contract.company);
            rows.push(Row::of(contract, digest, now));
        }
        if rows.is_empty() {
            continue;
        }
        each!(db, c => diesel::insert_into(contract::table)
            .values(&rows)
            .on_conflict((contract::company, contract::project, contract::from_on))
            .do_update()
            .set((
                contract::until_on.eq(excluded(contract::until_on)),
                contract::name.eq(excluded(contract::name)),
                contract::region.eq(excluded(contract::region)),
                contract::area.eq(excluded(contract::area)),
                contract::households.eq(excluded(contract::households)),
                contract::contract_value.eq(excluded(contract::contract_value)),
                contract::service_grade.eq(excluded(contract::service_grade)),
                contract::digest.eq(excluded(contract::digest)),
                contract::updated_at.eq(excluded(contract::updated_at)),
            ))
            .execute(c))?;
    }
    Ok(written)
}

/// Takes out a contract that never was, such as one with a mistyped first day. Returns whether it was there. What was known
/// of it until now stays known of then ([`super::history`]).
pub fn remove(db: &mut Db, contract: &Contract, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let row = contract::table.find(key(contract));
    // The history takes the instant from the row that goes.
    diesel::update(row.clone())
        .set(contract::updated_at.eq(Micros::from(now)))
        .execute(db)?;
    let removed = diesel::delete(row).execute(db)?;
    Ok(removed > 0)
}

/// Contracts of one company, past ones too, by project and first day.
pub fn of_company(db: &mut Db, company: &Uscc) -> Result<Vec<Contract>, StoreError> {
    let mut contracts = of_companies(db, &[*company])?;
    Ok(contracts.remove(company).unwrap_or_default())
}

/// Contracts of these companies, past ones too, each by project and first day.
pub fn of_companies(
    db: &mut Db,
    companies: &[Uscc],
) -> Result<BTreeMap<Uscc, Vec<Contract>>, StoreError> {
    let mut found: BTreeMap<Uscc, Vec<Contract>> = BTreeMap::new();
    for chunk in companies.chunks(CHUNK) {
        let keys: Vec<&str> = chunk.iter().map(Uscc::as_str).collect();
        let rows = each!(db, c => contract::table
            .filter(contract::company.eq_any(keys))
            .order((contract::company, contract::project, contract::from_on))
            .select(Row::as_select())
            .load::<Row>(c))?;
        for row in rows {
            let contract = Contract::try_from(row)?;
            found.entry(contract.company).or_default().push(contract);
        }
    }
    Ok(found)
}

/// Contracts of one project, whoever managed it, by first day.
pub fn of_project(db: &mut Db, project: &str) -> Result<Vec<Contract>, StoreError> {
    of_projects(db, &BTreeSet::from([project.to_owned()]))
}

/// Contracts of these projects, whoever managed them, by project and first day.
pub fn of_projects(db: &mut Db, projects: &BTreeSet<String>) -> Result<Vec<Contract>, StoreError> {
    let projects: Vec<&str> = projects.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    for chunk in projects.chunks(CHUNK) {
        let rows = each!(db, c => contract::table
            .filter(contract::project.eq_any(chunk))
            .order((contract::project, contract::from_on, contract::company))
            .select(Row::as_select())
            .load::<Row>(c))?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// All contracts, by company, project and first day.
pub fn all(db: &mut Db) -> Result<Vec<Contract>, StoreError> {
    let rows: Vec<Row> = contract::table
        .order((contract::company, contract::project, contract::from_on))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Contract::try_from).collect()
}

/// Companies that have or had a contract for one of these projects.
pub(in crate::store) fn managers_of(
    db: &mut Db,
    projects: &BTreeSet<String>,
) -> Result<BTreeSet<Uscc>, StoreError> {
    let contracts = of_projects(db, projects)?;
    Ok(contracts
        .into_iter()
        .map(|contract| contract.company)
        .collect())
}
