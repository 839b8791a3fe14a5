//! Accounts and their tokens. A token is shown once; only its hash is stored.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Error,
    permission::{Actor, Role},
};
use crate::{
    domain::{Region, Uscc},
    secret::Secret,
    store::{
        Db,
        accounts::{self, Account, NewAccount},
        audit, companies,
    },
};

/// An account that was just made.
#[derive(Debug, Clone, Serialize)]
pub struct AccountAdded {
    pub id: String,
    pub name: String,
    pub role: Role,
    pub region: Option<Region>,
    /// Shown this once.
    #[serde(skip)]
    pub token: Secret,
}

/// Makes an account. `randomness` becomes its token: 32 bytes from a secure generator.
pub fn add_account(
    db: &mut Db,
    by: &str,
    name: &str,
    role: Role,
    region: Option<Region>,
    randomness: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<AccountAdded, Error> {
    let token = format!("wx_{}", hex::encode(randomness));
    let account = NewAccount {
        id: format!("A{}", Uuid::now_v7().simple()),
        name: name.trim().to_owned(),
        token_hash: Some(hash(&token)),
        role: role.as_str().to_owned(),
        region: region.clone(),
        uscc: None,
        made_by: by.to_owned(),
        approved: true,
    };
    accounts::create(db, &account, now)?;
    note(db, by, "account.add", &account.id, now)?;
    Ok(AccountAdded {
        id: account.id,
        name: account.name,
        role,
        region,
        token: Secret::new(token),
    })
}

/// Makes the account of a company, for somebody whose letter of authority was checked; it has no token and signs in to the pages alone.
/// Its id.
///
/// # Errors
/// [`Error::NotInScope`] for a company that is not registered here.
pub fn add_company_account(
    db: &mut Db,
    by: &str,
    name: &str,
    uscc: Uscc,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    if companies::find(db, &uscc)?.is_none() {
        return Err(Error::NotInScope(uscc));
    }
    let account = NewAccount {
        id: format!("A{}", Uuid::now_v7().simple()),
        name: name.trim().to_owned(),
        token_hash: None,
        // No role of the table: the JSON interface knows it not.
        role: "company".to_owned(),
        region: None,
        uscc: Some(uscc),
        made_by: by.to_owned(),
        approved: true,
    };
    accounts::create(db, &account, now)?;
    note(db, by, "account.add", &account.id, now)?;
    Ok(account.id)
}

/// The holder of a token; nobody for an unknown or revoked one.
pub fn authenticate(db: &mut Db, token: &str) -> Result<Option<Actor>, Error> {
    // Looked up by the hash of a 256-bit token: the time this takes tells nothing about any token.
    let found = accounts::by_token_hash(db, &hash(token))?;
    Ok(found.and_then(|account| {
        Some(Actor {
            role: Role::parse(&account.role)?,
            id: account.id,
            region: account.region,
        })
    }))
}

/// All accounts, revoked ones too.
pub fn list_accounts(db: &mut Db) -> Result<Vec<Account>, Error> {
    Ok(accounts::all(db)?)
}

/// Ends an account.
pub fn revoke_account(db: &mut Db, by: &str, id: &str, now: DateTime<Utc>) -> Result<(), Error> {
    if accounts::find(db, id)?.is_none() {
        return Err(Error::Missing {
            what: "账号",
            id: id.to_owned(),
        });
    }
    accounts::revoke(db, id, now)?;
    note(db, by, "account.revoke", id, now)
}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

pub(super) fn note(
    db: &mut Db,
    by: &str,
    action: &str,
    id: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let event = audit::NewAudit {
        company: None,
        actor: by.to_owned(),
        action: action.to_owned(),
        subject: format!("account {id}"),
        data: "{}".to_owned(),
    };
    audit::append(db, &event, now)?;
    Ok(())
}
