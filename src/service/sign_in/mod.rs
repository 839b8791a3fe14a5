//! Signing in to the pages: a name, a password, and for those who approve a second factor; then a session.
//!
//! Hashing a password takes memory and time on purpose, so it happens between two transactions and never in one. An attempt is
//! counted before it is judged and forgiven when it succeeds, so that attempts made at once are all counted. Whether a
//! name is that of an account shows in nothing: the same words, the same work, the same lock (OWASP ASVS 2.2, NIST SP 800-63B).

mod attempts;
mod password;
mod second_factor;
mod session;
mod totp;

pub use password::{Hasher, HasherError};
pub use second_factor::{Enrolment, begin_second_factor, confirm_second_factor, enrolment};
pub use session::{
    Opened, Signed, Stage, Who, end_everywhere, end_session, session_of, touch_session,
};
pub use totp::code as second_factor_code;

use chrono::{DateTime, TimeDelta, Utc};

use super::{App, Error, FieldFault, permission::Role};
use crate::{
    config,
    secret::Secret,
    store::{
        Db,
        accounts::{self, Account},
        sign_in::{self as store, Credential, NewSignInEvent},
    },
};

/// How long a password that an administrator gave can be used.
const TEMPORARY: TimeDelta = TimeDelta::hours(72);
/// Longest name that is looked at, characters.
const LOGIN_LENGTH: usize = 64;

/// How signing in is done here.
#[derive(Debug)]
pub struct Policy {
    pub hasher: Hasher,
    /// A session ends when it was not used for so long.
    pub idle: TimeDelta,
    /// A session ends so long after signing in.
    pub longest: TimeDelta,
    /// The site is served over plain HTTP on this machine alone: cookies without `Secure`.
    pub plain_http: bool,
    /// Passwords that are hashed at one time; each takes the memory of the hasher.
    pub at_once: usize,
    /// Requests to sign in that a client address may make a minute.
    pub attempts_per_minute: u32,
}

impl Policy {
    /// What the settings say.
    ///
    /// # Errors
    /// Parameters that Argon2 does not have.
    pub fn new(settings: &config::SignIn) -> Result<Self, HasherError> {
        Ok(Self {
            hasher: Hasher::new(settings.memory_kib, settings.passes)?,
            idle: TimeDelta::minutes(i64::from(settings.idle_minutes)),
            longest: TimeDelta::hours(i64::from(settings.session_hours)),
            plain_http: settings.plain_http,
            at_once: settings.hashes_at_once.max(1),
            attempts_per_minute: settings.attempts_per_minute,
        })
    }
}

/// Why somebody was not let in. The text is theirs to read and says nothing about accounts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInFault {
    #[error("登录名或者密码不正确")]
    Wrong,
    #[error("验证码不正确或者已经用过，请等下一个验证码")]
    WrongCode,
    #[error("连续失败次数过多，请在 {minutes} 分钟后再试")]
    Locked { minutes: i64 },
    /// The session is over, or at another stage.
    #[error("登录已过期，请重新登录")]
    Over,
}

/// What was typed at the door.
#[derive(Debug, Clone)]
pub struct Knock {
    pub login: String,
    pub password: Secret,
    /// Of the browser; cut to what is kept.
    pub agent: String,
}

/// Signs in. `randomness` becomes the session: 64 bytes from a secure generator, and 20 more for a second factor that is to be set up.
///
/// # Errors
/// [`SignInFault::Wrong`] for a name that is none, an account that may not act, or another password; [`SignInFault::Locked`].
pub fn sign_in(
    app: &App,
    knock: &Knock,
    randomness: &Randomness,
    now: DateTime<Utc>,
) -> Result<Opened, Error> {
    let login = fold(&knock.login);
    let found = app.store.write(|db| {
        attempts::count(db, &login, now)?;
        able(db, &login, now)
    })?;
    let hash = found
        .as_ref()
        .map(|(_, credential)| credential.password_hash.as_str());
    let fits = app.sign_in.hasher.fits(&knock.password, hash);
    app.store
        .write(|db| {
            let account = found.as_ref().map(|(account, _)| account.id.as_str());
            let what = if fits {
                "password.right"
            } else {
                "password.wrong"
            };
            note(db, account, None, what, &knock.agent, now)?;
            let Some((account, credential)) = found.as_ref().filter(|_| fits) else {
                return Ok(Err(SignInFault::Wrong));
            };
            // It may have changed while the password was hashed.
            if store::credential(db, &account.id)?.as_ref() != Some(credential) {
                return Ok(Err(SignInFault::Wrong));
            }
            session::open(db, app, account, credential, &knock.agent, randomness, now).map(Ok)
        })?
        .map_err(Error::SignIn)
}

/// The second step: the code of the moment. The session gets another id.
///
/// # Errors
/// [`SignInFault::WrongCode`], [`SignInFault::Locked`], [`SignInFault::Over`].
pub fn enter_code(
    app: &App,
    signed: &Signed,
    code: &str,
    randomness: &Randomness,
    now: DateTime<Utc>,
) -> Result<Opened, Error> {
    if signed.stage != Stage::Code {
        return Err(SignInFault::Over.into());
    }
    let (agent, id) = (&signed.agent, &signed.account.id);
    let login = app.store.write(|db| {
        let credential = needed(db, id)?;
        attempts::count(db, &credential.login, now)?;
        Ok::<_, Error>(credential.login)
    })?;
    app.store
        .write(|db| {
            let mut credential = needed(db, id)?;
            let secret = credential.totp_secret.clone().unwrap_or_default();
            let Some(step) = totp::step_of(&secret, code, now, credential.totp_step) else {
                note(db, Some(id), None, "code.wrong", agent, now)?;
                return Ok(Err(SignInFault::WrongCode));
            };
            credential.totp_step = step;
            store::put_credential(db, &credential)?;
            note(db, Some(id), None, "code.right", agent, now)?;
            attempts::forgive(db, &login)?;
            let stage = Stage::after_code(&credential);
            session::renew(db, app, signed, stage, randomness, now).map(Ok)
        })?
        .map_err(Error::SignIn)
}

/// Changes the own password. Every other session ends, this one gets another id.
///
/// # Errors
/// [`Error::Invalid`] for a new password that is none; [`SignInFault::Wrong`] if the old one is not it; [`SignInFault::Locked`].
pub fn change_password(
    app: &App,
    signed: &Signed,
    old: &Secret,
    new: &Secret,
    randomness: &Randomness,
    now: DateTime<Utc>,
) -> Result<Opened, Error> {
    if !matches!(signed.stage, Stage::Password | Stage::Full) {
        return Err(SignInFault::Over.into());
    }
    let id = &signed.account.id;
    let before = app.store.read(|db| needed(db, id))?;
    let mut faults = password::faults(new, &[&before.login, &signed.account.name]);
    if new == old {
        faults.push(FieldFault::new("new", "S005", "新密码与原密码相同"));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    app.store
        .write(|db| attempts::count(db, &before.login, now))?;
    let right = app.sign_in.hasher.fits(old, Some(&before.password_hash));
    let hash = right
        .then(|| app.sign_in.hasher.hash(new, &randomness.salt))
        .transpose()?;
    app.store
        .write(|db| {
            let Some(hash) = &hash else {
                note(db, Some(id), None, "password.wrong", &signed.agent, now)?;
                return Ok(Err(SignInFault::Wrong));
            };
            let mut credential = needed(db, id)?;
            if credential != before {
                return Ok(Err(SignInFault::Wrong));
            }
            credential.password_hash.clone_from(hash);
            credential.password_at = now;
            credential.temporary = false;
            store::put_credential(db, &credential)?;
            attempts::forgive(db, &credential.login)?;
            note(db, Some(id), None, "password.changed", &signed.agent, now)?;
            let renewed = session::renew(db, app, signed, Stage::Full, randomness, now)?;
            session::end_others(db, id, &renewed)?;
            Ok::<_, Error>(Ok(renewed))
        })?
        .map_err(Error::SignIn)
}

/// Gives an account a name to sign in with and a password for the first time, or again when either or the second factor was lost.
/// Every session ends, the second factor has to be set up again, and the password must be changed at once and within 72 hours.
///
/// The caller has checked that `by` may. `randomness` becomes the password.
///
/// # Errors
/// [`Error::Missing`]; [`Error::Invalid`] for a name that cannot be used.
pub fn give_password(
    app: &App,
    by: &str,
    account: &str,
    login: &str,
    randomness: &Randomness,
    now: DateTime<Utc>,
) -> Result<Secret, Error> {
    let login = fold(login);
    if !(2..=LOGIN_LENGTH).contains(&login.chars().count())
        || login.chars().any(|c| c.is_control() || c.is_whitespace())
    {
        let what = "登录名应为 2 至 64 个字，不含空格";
        return Err(Error::Invalid(vec![FieldFault::new("login", "S001", what)]));
    }
    let password = password::temporary(&randomness.session);
    let hash = app.sign_in.hasher.hash(&password, &randomness.salt)?;
    app.store.write(|db| {
        if accounts::find(db, account)?.is_none() {
            return Err(Error::Missing {
                what: "账号",
                id: account.to_owned(),
            });
        }
        if store::by_login(db, &login)?.is_some_and(|other| other.account != account) {
            let what = "登录名已被使用";
            return Err(Error::Invalid(vec![FieldFault::new("login", "S001", what)]));
        }
        store::put_credential(
            db,
            &Credential {
                account: account.to_owned(),
                login: login.clone(),
                password_hash: hash.clone(),
                password_at: now,
                temporary: true,
                totp_secret: None,
                totp_since: None,
                totp_step: 0,
            },
        )?;
        store::end_sessions(db, account)?;
        attempts::forgive(db, &login)?;
        note(db, Some(account), Some(by), "password.given", "", now)?;
        super::accounts::note(db, by, "account.password", account, now)
    })?;
    Ok(password)
}

/// Forgets the failures under an account's name, because `by` said so; they may.
pub(super) fn unlock(
    db: &mut Db,
    by: &str,
    account: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if let Some(credential) = store::credential(db, account)? {
        attempts::forgive(db, &credential.login)?;
    }
    note(db, Some(account), Some(by), "unlocked", "", now)
}

/// Until when the door is shut for a name, if it is.
pub(super) fn locked_until(
    db: &mut Db,
    login: &str,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Error> {
    attempts::locked_until(db, login, now)
}

/// What a use case needs of chance, from a secure generator; drawn at the edge.
#[derive(Clone)]
pub struct Randomness {
    /// Becomes the id of a session, or a password.
    pub session: [u8; 32],
    /// Becomes what forms of the session must carry.
    pub csrf: [u8; 32],
    pub salt: [u8; 16],
    /// Becomes the secret of a second factor.
    pub factor: [u8; 20],
}

impl std::fmt::Debug for Randomness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Randomness(…)")
    }
}

impl Randomness {
    /// Draws from a generator that fills slices.
    ///
    /// # Errors
    /// The generator's.
    pub fn draw<E>(mut fill: impl FnMut(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut drawn = Self {
            session: [0; 32],
            csrf: [0; 32],
            salt: [0; 16],
            factor: [0; 20],
        };
        fill(&mut drawn.session)?;
        fill(&mut drawn.csrf)?;
        fill(&mut drawn.salt)?;
        fill(&mut drawn.factor)?;
        Ok(drawn)
    }
}

impl Role {
    /// Whether a second factor is asked for: of everybody whose word lets something happen.
    pub fn needs_second_factor(self) -> bool {
        !matches!(self, Self::Officer | Self::Auditor)
    }
}

/// Names are compared without regard to case and outer spaces.
fn fold(login: &str) -> String {
    login.trim().to_lowercase()
}

/// Who signs in under this name and may act now.
fn able(
    db: &mut Db,
    login: &str,
    now: DateTime<Utc>,
) -> Result<Option<(Account, Credential)>, Error> {
    let Some(credential) = store::by_login(db, login)? else {
        return Ok(None);
    };
    let over = credential.temporary && credential.password_at + TEMPORARY < now;
    let account = accounts::find(db, &credential.account)?.filter(Account::is_active);
    Ok(account
        .filter(|_| !over)
        .map(|account| (account, credential)))
}

fn needed(db: &mut Db, account: &str) -> Result<Credential, Error> {
    store::credential(db, account)?.ok_or(Error::SignIn(SignInFault::Over))
}

fn note(
    db: &mut Db,
    account: Option<&str>,
    actor: Option<&str>,
    what: &str,
    agent: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let agent = session::short(agent);
    let event = NewSignInEvent {
        account,
        actor,
        what,
        agent: &agent,
    };
    Ok(store::note(db, &event, now)?)
}
