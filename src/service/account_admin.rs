//! Accounts by three administrators who cannot stand in for one another: one makes an account, which can do nothing; a second approves
//! it, hands over passwords and unlocks; a third reads what both did. Nobody approves what they made, and nobody acts on themselves.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    App, Error, FieldFault,
    accounts::note,
    permission::{Action, Actor, Refusal, Role},
    sign_in::{self, Randomness},
};
use crate::{
    domain::{Region, Uscc},
    secret::Secret,
    store::{
        Db,
        accounts::{self, Account, NewAccount},
        companies,
    },
};

/// Longest name of an account, characters.
const NAME_LENGTH: usize = 60;

/// An account as the pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLine {
    pub account: Account,
    /// Name to sign in with; absent: none was given.
    pub login: Option<String>,
    /// Whether a second factor is in use.
    pub factor: bool,
    pub locked_until: Option<DateTime<Utc>>,
}

/// Makes an account of an official; it can do nothing until another approves it. Its id.
///
/// # Errors
/// [`Error::Refused`]; [`Error::Invalid`].
pub fn make_account(
    db: &mut Db,
    actor: &Actor,
    name: &str,
    role: &str,
    region: &str,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    may(actor, Action::ManageAccounts)?;
    let mut faults = name_faults(name);
    let role = Role::parse(role);
    if role.is_none() {
        faults.push(FieldFault::new("role", "S010", "请选择角色"));
    }
    let region = match region.trim() {
        "" => None,
        code => match Region::parse(code) {
            Ok(region) => Some(region),
            Err(fault) => {
                faults.push(FieldFault::new("region", "S011", fault.to_string()));
                None
            }
        },
    };
    let Some(role) = role.filter(|_| faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    actor.check(Action::ManageAccounts, region.as_ref())?;
    create(
        db,
        actor,
        NewAccount {
            id: fresh_id(),
            name: name.trim().to_owned(),
            token_hash: None,
            role: role.as_str().to_owned(),
            region,
            uscc: None,
            made_by: actor.id.clone(),
            approved: false,
        },
        &serde_json::json!({ "role": role.as_str() }),
        now,
    )
}

/// Makes the account of a company, for somebody whose letter of authority was checked; it can do nothing until it is approved. Its id.
///
/// # Errors
/// [`Error::Refused`]; [`Error::Invalid`]; [`Error::NotInScope`].
pub fn make_company_account(
    db: &mut Db,
    actor: &Actor,
    name: &str,
    uscc: &str,
    letter: &str,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    may(actor, Action::MakeCompanyAccount)?;
    let mut faults = name_faults(name);
    if letter.trim().is_empty() {
        let what = "请填写已核对的授权委托书编号或者日期";
        faults.push(FieldFault::new("letter", "S012", what));
    }
    let uscc = Uscc::parse(uscc).map_err(|fault| {
        faults.push(FieldFault::new("uscc", "S013", fault.to_string()));
    });
    let Ok(uscc) = uscc else {
        return Err(Error::Invalid(faults));
    };
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let company = companies::find(db, &uscc)?.ok_or(Error::NotInScope(uscc))?;
    actor.check(Action::MakeCompanyAccount, company.region.as_ref())?;
    create(
        db,
        actor,
        NewAccount {
            id: fresh_id(),
            name: name.trim().to_owned(),
            token_hash: None,
            role: "company".to_owned(),
            region: None,
            uscc: Some(uscc),
            made_by: actor.id.clone(),
            approved: false,
        },
        &serde_json::json!({ "uscc": uscc, "letter": letter.trim() }),
        now,
    )
}

/// Approves an account that another made.
///
/// # Errors
/// [`Error::Refused`], also for the maker and the holder; [`Error::Missing`]; [`Error::WrongState`].
pub fn approve_account(
    db: &mut Db,
    actor: &Actor,
    id: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let account = reached(db, actor, Action::ApproveAccount, id)?;
    actor.differs_from(&account.made_by, Action::ApproveAccount)?;
    let found = match (account.approved_at, account.revoked_at) {
        (_, Some(_)) => "已停用",
        (Some(_), None) => "已批准",
        (None, None) => {
            accounts::approve(db, id, &actor.id, now)?;
            return note(db, &actor.id, "account.approve", id, now);
        }
    };
    Err(wrong_state(account, found, "批准"))
}

/// Ends an account: its token and its sessions are worth nothing from now on.
///
/// # Errors
/// [`Error::Refused`], also for the holder; [`Error::Missing`].
pub fn end_account(db: &mut Db, actor: &Actor, id: &str, now: DateTime<Utc>) -> Result<(), Error> {
    let action = match actor.role.may(Action::ApproveAccount) {
        true => Action::ApproveAccount,
        false => Action::ManageAccounts,
    };
    reached(db, actor, action, id)?;
    accounts::revoke(db, id, now)?;
    crate::store::sign_in::end_sessions(db, id)?;
    note(db, &actor.id, "account.revoke", id, now)
}

/// Hands over a name and a password, for the first time or because they were lost; takes the second factor away.
///
/// # Errors
/// As [`approve_account`]; [`Error::Invalid`] for a name that cannot be used.
pub fn hand_over_password(
    app: &App,
    actor: &Actor,
    id: &str,
    login: &str,
    randomness: &Randomness,
    now: DateTime<Utc>,
) -> Result<Secret, Error> {
    app.store.read(|db| {
        let account = reached(db, actor, Action::ApproveAccount, id)?;
        if !account.is_active() {
            return Err(wrong_state(account, "未批准或者已停用", "设置密码"));
        }
        Ok(())
    })?;
    sign_in::give_password(app, &actor.id, id, login, randomness, now)
}

/// Lets somebody try again who failed too often.
///
/// # Errors
/// As [`approve_account`].
pub fn unlock_account(
    db: &mut Db,
    actor: &Actor,
    id: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    reached(db, actor, Action::ApproveAccount, id)?;
    sign_in::unlock(db, &actor.id, id, now)?;
    note(db, &actor.id, "account.unlock", id, now)
}

/// The accounts that somebody may see: all of the division for administrators and auditors, those of companies for who makes them.
///
/// # Errors
/// [`Error::Refused`].
pub fn accounts_seen(
    db: &mut Db,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Vec<AccountLine>, Error> {
    let all = [
        Action::ManageAccounts,
        Action::ApproveAccount,
        Action::ReadAudit,
    ];
    let sees_all = all.into_iter().any(|action| actor.role.may(action));
    if !sees_all {
        may(actor, Action::MakeCompanyAccount)?;
    }
    let mut seen = Vec::new();
    for account in accounts::all(db)? {
        let region = region_of(db, &account)?;
        let inside = match (&actor.region, &region) {
            (None, _) => true,
            (Some(own), Some(other)) => own.contains(other),
            (Some(_), None) => false,
        };
        if !inside || !(sees_all || account.uscc.is_some()) {
            continue;
        }
        let credential = crate::store::sign_in::credential(db, &account.id)?;
        let locked_until = match &credential {
            Some(credential) => sign_in::locked_until(db, &credential.login, now)?,
            None => None,
        };
        seen.push(AccountLine {
            factor: credential
                .as_ref()
                .is_some_and(|credential| credential.totp_since.is_some()),
            login: credential.map(|credential| credential.login),
            locked_until,
            account,
        });
    }
    Ok(seen)
}

/// An account that somebody may act on: of their division, and not their own.
fn reached(db: &mut Db, actor: &Actor, action: Action, id: &str) -> Result<Account, Error> {
    may(actor, action)?;
    let account = accounts::find(db, id)?.ok_or_else(|| Error::Missing {
        what: "账号",
        id: id.to_owned(),
    })?;
    actor.check(action, region_of(db, &account)?.as_ref())?;
    actor.differs_from(&account.id, action)?;
    Ok(account)
}

/// The division of an account: of a company's, where the company is.
fn region_of(db: &mut Db, account: &Account) -> Result<Option<Region>, Error> {
    Ok(match &account.uscc {
        None => account.region.clone(),
        Some(uscc) => companies::find(db, uscc)?.and_then(|company| company.region),
    })
}

/// The role alone, before anything is looked up.
fn may(actor: &Actor, action: Action) -> Result<(), Error> {
    match actor.role.may(action) {
        true => Ok(()),
        false => Err(Refusal::Role {
            role: actor.role,
            action,
        }
        .into()),
    }
}

fn wrong_state(account: Account, found: &'static str, step: &'static str) -> Error {
    Error::WrongState {
        what: "账号",
        id: account.name,
        found,
        step,
    }
}

fn name_faults(name: &str) -> Vec<FieldFault> {
    let name = name.trim();
    let sound =
        (1..=NAME_LENGTH).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    match sound {
        true => Vec::new(),
        false => vec![FieldFault::new("name", "S014", "姓名应为 1 至 60 个字")],
    }
}

fn fresh_id() -> String {
    format!("A{}", Uuid::now_v7().simple())
}

fn create(
    db: &mut Db,
    actor: &Actor,
    new: NewAccount,
    data: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    accounts::create(db, &new, now)?;
    let event = crate::store::audit::NewAudit {
        company: new.uscc,
        actor: actor.id.clone(),
        action: "account.make".to_owned(),
        subject: format!("account {}", new.id),
        data: data.to_string(),
    };
    crate::store::audit::append(db, &event, now)?;
    Ok(new.id)
}
