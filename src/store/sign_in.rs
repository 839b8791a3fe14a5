//! What people sign in with, their sessions, attempts that failed, and what happened at the door.
//! Of a session only the hash of its id is stored; of a name that is none, only a hash for counting.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    Db, StoreError,
    columns::Micros,
    db::each,
    schema::{credential, session, sign_in_event, sign_in_failure},
};

/// What an account signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    pub account: String,
    /// The name that is typed, folded.
    pub login: String,
    /// PHC string.
    pub password_hash: String,
    pub password_at: DateTime<Utc>,
    /// Given by an administrator: must be changed at once.
    pub temporary: bool,
    /// Base32.
    pub totp_secret: Option<String>,
    /// Since when the second factor is in use.
    pub totp_since: Option<DateTime<Utc>>,
    /// The last time step whose code was used.
    pub totp_step: i64,
}

/// A session, whole or half way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id_hash: String,
    pub account: String,
    pub stage: String,
    pub csrf: String,
    pub agent: String,
    pub created_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// Attempts under one name that failed since the last success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    pub failures: u32,
    pub at: DateTime<Utc>,
    pub locked_until: DateTime<Utc>,
}

/// Something that happened at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSignInEvent<'a> {
    pub account: Option<&'a str>,
    /// An administrator who did it.
    pub actor: Option<&'a str>,
    pub what: &'a str,
    pub agent: &'a str,
}

/// A line of what happened at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInEvent {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub account: Option<String>,
    pub actor: Option<String>,
    pub what: String,
    pub agent: String,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = credential, treat_none_as_null = true)]
struct CredentialRow {
    account: String,
    login: String,
    password_hash: String,
    password_at: Micros,
    temporary: bool,
    totp_secret: Option<String>,
    totp_since: Option<Micros>,
    totp_step: i64,
}

impl From<CredentialRow> for Credential {
    fn from(row: CredentialRow) -> Self {
        Self {
            account: row.account,
            login: row.login,
            password_hash: row.password_hash,
            password_at: row.password_at.into(),
            temporary: row.temporary,
            totp_secret: row.totp_secret,
            totp_since: row.totp_since.map(Into::into),
            totp_step: row.totp_step,
        }
    }
}

impl From<&Credential> for CredentialRow {
    fn from(from: &Credential) -> Self {
        Self {
            account: from.account.clone(),
            login: from.login.clone(),
            password_hash: from.password_hash.clone(),
            password_at: from.password_at.into(),
            temporary: from.temporary,
            totp_secret: from.totp_secret.clone(),
            totp_since: from.totp_since.map(Into::into),
            totp_step: from.totp_step,
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = session)]
struct SessionRow {
    id_hash: String,
    account: String,
    stage: String,
    csrf: String,
    agent: String,
    created_at: Micros,
    seen_at: Micros,
    expires_at: Micros,
}

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        Self {
            id_hash: row.id_hash,
            account: row.account,
            stage: row.stage,
            csrf: row.csrf,
            agent: row.agent,
            created_at: row.created_at.into(),
            seen_at: row.seen_at.into(),
            expires_at: row.expires_at.into(),
        }
    }
}

/// What an account signs in with; nothing for one that only has a token.
pub fn credential(db: &mut Db, account: &str) -> Result<Option<Credential>, StoreError> {
    let row = credential::table
        .find(account)
        .select(CredentialRow::as_select())
        .first::<CredentialRow>(db)
        .optional()?;
    Ok(row.map(Into::into))
}

/// Who signs in under this name.
pub fn by_login(db: &mut Db, login: &str) -> Result<Option<Credential>, StoreError> {
    let row = credential::table
        .filter(credential::login.eq(login))
        .select(CredentialRow::as_select())
        .first::<CredentialRow>(db)
        .optional()?;
    Ok(row.map(Into::into))
}

/// Everybody who can sign in, by account.
pub fn credentials(db: &mut Db) -> Result<Vec<Credential>, StoreError> {
    let rows = credential::table
        .order(credential::account.asc())
        .select(CredentialRow::as_select())
        .load::<CredentialRow>(db)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Puts what an account signs in with in place of what it had.
///
/// # Errors
/// [`StoreError::Exists`] if the name is another account's.
pub fn put_credential(db: &mut Db, new: &Credential) -> Result<(), StoreError> {
    if by_login(db, &new.login)?.is_some_and(|other| other.account != new.account) {
        return Err(StoreError::Exists {
            what: "sign-in name",
            key: new.login.clone(),
        });
    }
    let row = CredentialRow::from(new);
    each!(db, c => diesel::insert_into(credential::table)
        .values(&row)
        .on_conflict(credential::account)
        .do_update()
        .set(&row)
        .execute(c))?;
    Ok(())
}

/// Begins a session.
pub fn open_session(db: &mut Db, new: &Session) -> Result<(), StoreError> {
    diesel::insert_into(session::table)
        .values(SessionRow {
            id_hash: new.id_hash.clone(),
            account: new.account.clone(),
            stage: new.stage.clone(),
            csrf: new.csrf.clone(),
            agent: new.agent.clone(),
            created_at: new.created_at.into(),
            seen_at: new.seen_at.into(),
            expires_at: new.expires_at.into(),
        })
        .execute(db)?;
    Ok(())
}

/// The session with this hash, even if its time is over.
pub fn session(db: &mut Db, id_hash: &str) -> Result<Option<Session>, StoreError> {
    let row = session::table
        .find(id_hash)
        .select(SessionRow::as_select())
        .first::<SessionRow>(db)
        .optional()?;
    Ok(row.map(Into::into))
}

/// Notes that a session was used.
pub fn touch_session(db: &mut Db, id_hash: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    diesel::update(session::table.find(id_hash))
        .set(session::seen_at.eq(Micros::from(now)))
        .execute(db)?;
    Ok(())
}

/// Ends a session, if it is there.
pub fn end_session(db: &mut Db, id_hash: &str) -> Result<(), StoreError> {
    diesel::delete(session::table.find(id_hash)).execute(db)?;
    Ok(())
}

/// Ends every session of an account; how many there were.
pub fn end_sessions(db: &mut Db, account: &str) -> Result<usize, StoreError> {
    Ok(diesel::delete(session::table.filter(session::account.eq(account))).execute(db)?)
}

/// Ends every session of an account but one.
pub fn end_other_sessions(db: &mut Db, account: &str, kept: &str) -> Result<(), StoreError> {
    let others = session::table
        .filter(session::account.eq(account))
        .filter(session::id_hash.ne(kept));
    diesel::delete(others).execute(db)?;
    Ok(())
}

/// Forgets sessions whose time was over before an instant.
pub fn forget_sessions(db: &mut Db, before: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(
        diesel::delete(session::table.filter(session::expires_at.lt(Micros::from(before))))
            .execute(db)?,
    )
}

/// Attempts under a name that failed.
pub fn failures(db: &mut Db, login_hash: &str) -> Result<Option<Failures>, StoreError> {
    let row = sign_in_failure::table
        .find(login_hash)
        .select((
            sign_in_failure::failures,
            sign_in_failure::at,
            sign_in_failure::locked_until,
        ))
        .first::<(i64, Micros, Micros)>(db)
        .optional()?;
    Ok(row.map(|(failures, at, locked_until)| Failures {
        failures: u32::try_from(failures).unwrap_or(u32::MAX),
        at: at.into(),
        locked_until: locked_until.into(),
    }))
}

/// Puts the count of a name.
pub fn put_failures(db: &mut Db, login_hash: &str, new: &Failures) -> Result<(), StoreError> {
    let columns = (
        sign_in_failure::failures.eq(i64::from(new.failures)),
        sign_in_failure::at.eq(Micros::from(new.at)),
        sign_in_failure::locked_until.eq(Micros::from(new.locked_until)),
    );
    each!(db, c => diesel::insert_into(sign_in_failure::table)
        .values((sign_in_failure::login_hash.eq(login_hash), columns))
        .on_conflict(sign_in_failure::login_hash)
        .do_update()
        .set(columns)
        .execute(c))?;
    Ok(())
}

/// Forgets the attempts under a name.
pub fn clear_failures(db: &mut Db, login_hash: &str) -> Result<(), StoreError> {
    diesel::delete(sign_in_failure::table.find(login_hash)).execute(db)?;
    Ok(())
}

/// Forgets attempts that were made before an instant.
pub fn forget_failures(db: &mut Db, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let old = sign_in_failure::table.filter(sign_in_failure::at.lt(Micros::from(before)));
    Ok(diesel::delete(old).execute(db)?)
}

/// Writes down what happened at the door.
pub fn note(db: &mut Db, event: &NewSignInEvent, now: DateTime<Utc>) -> Result<(), StoreError> {
    diesel::insert_into(sign_in_event::table)
        .values((
            sign_in_event::at.eq(Micros::from(now)),
            sign_in_event::account.eq(event.account),
            sign_in_event::actor.eq(event.actor),
            sign_in_event::what.eq(event.what),
            sign_in_event::agent.eq(event.agent),
        ))
        .execute(db)?;
    Ok(())
}

/// The last things that happened at the door, newest first.
pub fn events(db: &mut Db, limit: i64) -> Result<Vec<SignInEvent>, StoreError> {
    type Row = (i64, Micros, Option<String>, Option<String>, String, String);
    let rows: Vec<Row> = sign_in_event::table
        .order(sign_in_event::id.desc())
        .limit(limit)
        .select((
            sign_in_event::id,
            sign_in_event::at,
            sign_in_event::account,
            sign_in_event::actor,
            sign_in_event::what,
            sign_in_event::agent,
        ))
        .load(db)?;
    let read = |(id, at, account, actor, what, agent): Row| SignInEvent {
        id,
        at: at.into(),
        account,
        actor,
        what,
        agent,
    };
    Ok(rows.into_iter().map(read).collect())
}
