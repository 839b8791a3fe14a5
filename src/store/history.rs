//! What was known of companies at an instant: registry, contracts, entries and records as they were stored then.
//!
//! The tables `company`, `contract` and `entry` hold the present; the database itself keeps every state they were in as it
//! writes them. Known at an instant is what had been recorded by its end.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    CHUNK, Db, StoreError,
    columns::{self, Micros},
    db::each,
    dossiers::{self, Dossier},
    records,
    schema::fact_version,
};
use crate::domain::{Company, Contract, Uscc};

/// Companies with everything that scoring needed, as it was known, and their list entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// By code; companies that were not known yet are left out.
    pub dossiers: Vec<Dossier>,
    /// JSON of every entry, past ones too, by company and id.
    pub entries: Vec<String>,
}

/// What was known of these companies at an instant.
///
/// # Errors
/// [`StoreError::Corrupt`] if a state cannot be read any more.
pub fn known_at(db: &mut Db, codes: &[Uscc], instant: DateTime<Utc>) -> Result<Known, StoreError> {
    let mut companies = Vec::with_capacity(codes.len());
    let mut contracts: BTreeMap<Uscc, Vec<Contract>> = BTreeMap::new();
    let mut entries = Vec::new();
    for ((_, kind, _), data) in states(db, codes, instant)? {
        match kind.as_str() {
            "company" => companies.push(read::<Company>(&data)?),
            "contract" => {
                let contract: Contract = read(&data)?;
                contracts
                    .entry(contract.company)
                    .or_default()
                    .push(contract);
            }
            "entry" => entries.push(data),
            _ => return Err(columns::corrupt(("fact_version", "kind"), &kind)),
        }
    }
    let known: Vec<Uscc> = companies.iter().map(|company| company.uscc).collect();
    let own = records::of_companies_at(db, &known, instant)?;
    let of_projects = records::of_projects_at(db, &dossiers::projects_of(&contracts), instant)?;
    Ok(Known {
        dossiers: dossiers::assemble(companies, contracts, own, &of_projects),
        entries,
    })
}

/// Company, kind, key.
type Key = (String, String, String);

/// The state in which each thing was, in the order of the keys; what had been taken out is left out.
fn states(
    db: &mut Db,
    codes: &[Uscc],
    instant: DateTime<Utc>,
) -> Result<BTreeMap<Key, String>, StoreError> {
    type Columns = (String, String, String, Option<String>);
    let instant = Micros::from(instant);
    let mut states = BTreeMap::new();
    for chunk in codes.chunks(CHUNK) {
        let keys: Vec<&str> = chunk.iter().map(Uscc::as_str).collect();
        let rows: Vec<Columns> = each!(db, c => fact_version::table
            .filter(fact_version::company.eq_any(keys))
            .filter(fact_version::recorded_at.le(instant))
            .order((
                fact_version::company,
                fact_version::kind,
                fact_version::key,
                fact_version::version,
            ))
            .select((
                fact_version::company,
                fact_version::kind,
                fact_version::key,
                fact_version::data,
            ))
            .load(c))?;
        for (company, kind, key, data) in rows {
            let key = (company, kind, key);
            // A later version takes the place of the one before.
            match data {
                Some(data) => states.insert(key, data),
                None => states.remove(&key),
            };
        }
    }
    Ok(states)
}

fn read<T: serde::de::DeserializeOwned>(data: &str) -> Result<T, StoreError> {
    serde_json::from_str(data).map_err(|_| columns::corrupt(("fact_version", "data"), data))
}
