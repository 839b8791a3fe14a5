//! Accounts: who may call, known by the hash of a token. The token itself is never stored.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    Db, StoreError,
    columns::{self, Micros},
    db::each,
    schema::account,
};
use crate::domain::{Region, Uscc};

/// Somebody, or some program, that may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub name: String,
    pub role: String,
    /// The division it acts for; absent: all.
    pub region: Option<Region>,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// The company, of a company's account; its role is `company`.
    pub uscc: Option<Uscc>,
    /// Who made it; empty for accounts from before accounts were approved.
    pub made_by: String,
    pub approved_by: Option<String>,
    /// Absent: made, and can do nothing yet.
    pub approved_at: Option<DateTime<Utc>>,
}

impl Account {
    /// Whether it can do anything: approved, and not ended.
    pub fn is_active(&self) -> bool {
        self.approved_at.is_some() && self.revoked_at.is_none()
    }
}

/// An account to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    pub id: String,
    pub name: String,
    /// Absent: signs in to the pages alone.
    pub token_hash: Option<String>,
    pub role: String,
    pub region: Option<Region>,
    pub uscc: Option<Uscc>,
    pub made_by: String,
    /// Whether it may act from the first moment, without another's approval.
    pub approved: bool,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = account)]
struct Row {
    id: String,
    name: String,
    role: String,
    region: Option<String>,
    created_at: Micros,
    revoked_at: Option<Micros>,
    uscc: Option<String>,
    made_by: String,
    approved_by: Option<String>,
    approved_at: Option<Micros>,
}

impl TryFrom<Row> for Account {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            region: columns::region(("account", "region"), row.region.as_deref())?,
            id: row.id,
            name: row.name,
            role: row.role,
            created_at: row.created_at.into(),
            revoked_at: row.revoked_at.map(Into::into),
            uscc: columns::read_option(("account", "uscc"), row.uscc.as_deref())?,
            made_by: row.made_by,
            approved_by: row.approved_by,
            approved_at: row.approved_at.map(Into::into),
        })
    }
}

/// Creates an account.
///
/// # Errors
/// [`StoreError::Exists`] if its id or its token is taken.
pub fn create(db: &mut Db, new: &NewAccount, now: DateTime<Utc>) -> Result<(), StoreError> {
    // No digest looks like this, so that no token leads to an account without one.
    let token_hash = new
        .token_hash
        .clone()
        .unwrap_or_else(|| format!("none {}", new.id));
    let kind = match new.uscc {
        Some(_) => "company",
        None => "official",
    };
    let added = each!(db, c => diesel::insert_into(account::table)
        .values((
            account::id.eq(&new.id),
            account::name.eq(&new.name),
            account::token_hash.eq(&token_hash),
            account::role.eq(&new.role),
            account::region.eq(new.region.as_ref().map(Region::as_str)),
            account::created_at.eq(Micros::from(now)),
            account::kind.eq(kind),
            account::uscc.eq(new.uscc.as_ref().map(Uscc::as_str)),
            account::made_by.eq(&new.made_by),
            account::approved_at.eq(new.approved.then(|| Micros::from(now))),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if added == 0 {
        return Err(StoreError::Exists {
            what: "account",
            key: new.id.clone(),
        });
    }
    Ok(())
}

/// The account with this token, unless it was revoked or is not approved yet.
pub fn by_token_hash(db: &mut Db, token_hash: &str) -> Result<Option<Account>, StoreError> {
    account::table
        .filter(account::token_hash.eq(token_hash))
        .filter(account::revoked_at.is_null())
        .filter(account::approved_at.is_not_null())
        .select(Row::as_select())
        .first::<Row>(db)
        .optional()?
        .map(Account::try_from)
        .transpose()
}

/// The account with this id, even if it was revoked.
pub fn find(db: &mut Db, id: &str) -> Result<Option<Account>, StoreError> {
    account::table
        .find(id)
        .select(Row::as_select())
        .first::<Row>(db)
        .optional()?
        .map(Account::try_from)
        .transpose()
}

/// All accounts, revoked ones too, by name.
pub fn all(db: &mut Db) -> Result<Vec<Account>, StoreError> {
    let rows: Vec<Row> = account::table
        .order((account::name.asc(), account::id.asc()))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Account::try_from).collect()
}

/// Ends an account: its token is no longer accepted. One that has ended stays as it is.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn revoke(db: &mut Db, id: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let revoked = diesel::update(account::table.find(id))
        .filter(account::revoked_at.is_null())
        .set(account::revoked_at.eq(Micros::from(now)))
        .execute(db)?;
    if revoked == 0 && find(db, id)?.is_none() {
        return Err(StoreError::NotFound {
            what: "account",
            key: id.to_owned(),
        });
    }
    Ok(())
}

/// Lets an account that was made act; one that may already stays as it is.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn approve(db: &mut Db, id: &str, by: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let approved = diesel::update(account::table.find(id))
        .filter(account::approved_at.is_null())
        .set((
            account::approved_by.eq(by),
            account::approved_at.eq(Micros::from(now)),
        ))
        .execute(db)?;
    if approved == 0 && find(db, id)?.is_none() {
        return Err(StoreError::NotFound {
            what: "account",
            key: id.to_owned(),
        });
    }
    Ok(())
}
