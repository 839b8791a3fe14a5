//! The registry of companies.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::{prelude::*, upsert::excluded};

use super::{
    CHUNK, Db, Page, StoreError, Written,
    columns::{self, Micros},
    db::each,
    one_more,
    schema::company,
};
use crate::domain::{Company, CompanyStatus, Region, Uscc, normalise_name};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = company, treat_none_as_default_value = false)]
struct Row {
    uscc: String,
    name: String,
    name_key: String,
    region: Option<String>,
    registered_on: Option<String>,
    status: String,
    legal_representative: Option<String>,
    address: Option<String>,
    phone: Option<String>,
    digest: String,
    created_at: Micros,
    updated_at: Micros,
}

impl Row {
    fn of(company: &Company, digest: String, now: DateTime<Utc>) -> Self {
        Self {
            uscc: company.uscc.as_str().to_owned(),
            name: company.name.clone(),
            name_key: normalise_name(&company.name),
            region: company.region.as_ref().map(ToString::to_string),
            registered_on: columns::day(company.registered_on),
            status: company.status.as_str().to_owned(),
            legal_representative: company.legal_representative.clone(),
            address: company.address.clone(),
            phone: company.phone.clone(),
            digest,
            // Kept by the conflict clause where the company is known already.
            created_at: now.into(),
            updated_at: now.into(),
        }
    }
}

impl TryFrom<Row> for Company {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            uscc: columns::read(("company", "uscc"), &row.uscc)?,
            region: columns::region(("company", "region"), row.region.as_deref())?,
            registered_on: columns::read_option(
                ("company", "registered_on"),
                row.registered_on.as_deref(),
            )?,
            status: CompanyStatus::parse(&row.status)
                .map_err(|_| columns::corrupt(("company", "status"), &row.status))?,
            name: row.name,
            legal_representative: row.legal_representative,
            address: row.address,
            phone: row.phone,
        })
    }
}

/// SHA-256 of the JSON, in hex: equal digests mean equal content. NUL is refused on the way.
fn digest(company: &Company) -> Result<String, StoreError> {
    columns::digest(company, "company", || company.uscc.to_string())
}

/// Stores companies as they are now: new ones are added, changed ones replaced, equal ones left alone.
pub fn put(db: &mut Db, companies: &[Company], now: DateTime<Utc>) -> Result<Written, StoreError> {
    columns::refuse_twice(
        "company",
        companies.iter().map(|company| company.uscc.as_str()),
    )?;
    let mut written = Written::default();
    for chunk in companies.chunks(CHUNK) {
        let keys: Vec<&str> = chunk.iter().map(|company| company.uscc.as_str()).collect();
        let known: HashMap<String, String> = each!(db, c => company::table
            .filter(company::uscc.eq_any(keys))
            .select((company::uscc, company::digest))
            .load::<(String, String)>(c))?
        .into_iter()
        .collect();
        let mut rows = Vec::new();
        for company in chunk {
            let digest = digest(company)?;
            match known.get(company.uscc.as_str()) {
                Some(stored) if *stored == digest => {
                    written.counts.unchanged += 1;
                    continue;
                }
                Some(_) => written.counts.changed += 1,
                None => written.counts.new += 1,
            }
            written.companies.insert(company.uscc);
            rows.push(Row::of(company, digest, now));
        }
        if rows.is_empty() {
            continue;
        }
        each!(db, c => diesel::insert_into(company::table)
            .values(&rows)
            .on_conflict(company::uscc)
            .do_update()
            .set((
                company::name.eq(excluded(company::name)),
                company::name_key.eq(excluded(company::name_key)),
                company::region.eq(excluded(company::region)),
                company::registered_on.eq(excluded(company::registered_on)),
                company::status.eq(excluded(company::status)),
                company::legal_representative.eq(excluded(company::legal_representative)),
                company::address.eq(excluded(company::address)),
                company::phone.eq(excluded(company::phone)),
                company::digest.eq(excluded(company::digest)),
                company::updated_at.eq(excluded(company::updated_at)),
            ))
            .execute(c))?;
    }
    Ok(written)
}

/// The company with this code, if it is registered here.
pub fn find(db: &mut Db, uscc: &Uscc) -> Result<Option<Company>, StoreError> {
    company::table
        .find(uscc.as_str())
        .select(Row::as_select())
        .first::<Row>(db)
        .optional()?
        .map(Company::try_from)
        .transpose()
}

/// The companies with these codes, in no order; codes that are not registered are left out.
pub fn of_codes(db: &mut Db, codes: &[Uscc]) -> Result<Vec<Company>, StoreError> {
    let mut found = Vec::with_capacity(codes.len());
    for chunk in codes.chunks(CHUNK) {
        let keys: Vec<&str> = chunk.iter().map(Uscc::as_str).collect();
        let rows = each!(db, c => company::table
            .filter(company::uscc.eq_any(keys))
            .select(Row::as_select())
            .load::<Row>(c))?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// What to look for by [`search`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Part of the name, in any case or width and with any spaces; empty finds all.
    pub name: String,
    /// Only companies supervised in this division.
    pub region: Option<Region>,
    pub status: Option<CompanyStatus>,
    /// Only companies registered here by this instant, so that the pages of one search are of one moment.
    pub known_at: Option<DateTime<Utc>>,
}

/// Where the next page of [`search`] begins.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cursor {
    pub name_key: String,
    pub uscc: Uscc,
}

/// Companies whose names contain a text, in the order of their normalised names.
pub fn search(
    db: &mut Db,
    search: &Search,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Company, Cursor>, StoreError> {
    let mut query = company::table.select(Row::as_select()).into_boxed();
    let name = normalise_name(&search.name);
    if name.contains('\0') {
        // No stored name holds one, and PostgreSQL refuses it as a parameter.
        return Ok(Page {
            rows: Vec::new(),
            next: None,
        });
    }
    if !name.is_empty() {
        query = query.filter(
            company::name_key
                .like(columns::containing(&name))
                .escape('\\'),
        );
    }
    if let Some(region) = &search.region {
        query = query.filter(company::region.like(columns::within(region)));
    }
    if let Some(status) = search.status {
        query = query.filter(company::status.eq(status.as_str()));
    }
    if let Some(known_at) = search.known_at {
        query = query.filter(company::created_at.le(Micros::from(known_at)));
    }
    if let Some(Cursor { name_key, uscc }) = after {
        query = query.filter(
            company::name_key.gt(name_key.clone()).or(company::name_key
                .eq(name_key.clone())
                .and(company::uscc.gt(uscc.as_str()))),
        );
    }
    let rows: Vec<Row> = query
        .order((company::name_key.asc(), company::uscc.asc()))
        .limit(one_more(limit))
        .load(db)?;
    let companies = rows
        .into_iter()
        .map(Company::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Page::cut(companies, limit, |company: &Company| Cursor {
        name_key: normalise_name(&company.name),
        uscc: company.uscc,
    }))
}

/// Companies in the order of their codes, after `after`.
pub fn page(
    db: &mut Db,
    after: Option<&Uscc>,
    limit: usize,
) -> Result<Page<Company, Uscc>, StoreError> {
    let rows: Vec<Row> = company::table
        .filter(company::uscc.gt(columns::company(after)))
        .order(company::uscc.asc())
        .limit(one_more(limit))
        .select(Row::as_select())
        .load(db)?;
    let companies = rows
        .into_iter()
        .map(Company::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Page::cut(companies, limit, |company: &Company| {
        company.uscc
    }))
}

/// All companies, in the order of their codes. A city has some hundreds; a province has tens of thousands.
pub fn all(db: &mut Db) -> Result<Vec<Company>, StoreError> {
    let rows: Vec<Row> = company::table
        .order(company::uscc.asc())
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Company::try_from).collect()
}

/// Number of companies.
pub fn count(db: &mut Db) -> Result<i64, StoreError> {
    Ok(company::table.count().get_result(db)?)
}

/// Codes of the given ones that are not registered here, in order.
pub fn unknown(db: &mut Db, codes: &BTreeSet<Uscc>) -> Result<Vec<Uscc>, StoreError> {
    let codes: Vec<Uscc> = codes.iter().copied().collect();
    let known: BTreeSet<Uscc> = of_codes(db, &codes)?
        .into_iter()
        .map(|company| company.uscc)
        .collect();
    Ok(codes
        .into_iter()
        .filter(|code| !known.contains(code))
        .collect())
}
