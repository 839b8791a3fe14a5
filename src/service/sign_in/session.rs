//! Sessions: who came in, how far, and until when. Only the hash of an id is stored; an id never outlives a step of signing in.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::{Policy, Randomness, note, totp};
use crate::{
    domain::Uscc,
    secret::Secret,
    service::{
        App, Error,
        permission::{Actor, Role},
    },
    store::{
        Db,
        accounts::{self, Account},
        sign_in::{self as store, Credential, Session},
    },
};

/// Time for the steps between the password and the desk.
const HALF_WAY: TimeDelta = TimeDelta::minutes(10);
/// Of the browser's own name, characters kept.
const AGENT_LENGTH: usize = 80;
/// A session is noted as used at most so often.
const TOUCHED: TimeDelta = TimeDelta::minutes(1);

/// How far somebody has come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The password was right; the code is missing.
    Code,
    /// A second factor has to be set up.
    Enrol,
    /// The password was given by an administrator and has to be changed.
    Password,
    Full,
}

impl Stage {
    fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Enrol => "enrol",
            Self::Password => "password",
            Self::Full => "full",
        }
    }

    fn parse(raw: &str) -> Option<Self> {
        [Self::Code, Self::Enrol, Self::Password, Self::Full]
            .into_iter()
            .find(|stage| stage.as_str() == raw)
    }

    /// Where the right password leads.
    fn after_password(role: Option<Role>, credential: &Credential) -> Self {
        match () {
            () if credential.totp_since.is_some() => Self::Code,
            () if role.is_some_and(Role::needs_second_factor) => Self::Enrol,
            () => Self::after_code(credential),
        }
    }

    /// Where the right code leads.
    pub(super) fn after_code(credential: &Credential) -> Self {
        match credential.temporary {
            true => Self::Password,
            false => Self::Full,
        }
    }
}

/// A session that was just begun.
#[derive(Debug, Clone)]
pub struct Opened {
    /// For the cookie; shown this once.
    pub token: Secret,
    pub stage: Stage,
}

/// Somebody with a session.
#[derive(Debug, Clone)]
pub struct Signed {
    pub account: Account,
    pub who: Who,
    pub stage: Stage,
    /// What forms of this session must carry.
    pub csrf: Secret,
    pub agent: String,
    /// Whether it is time to note that the session is used.
    pub stale: bool,
    id_hash: String,
}

/// What somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Official(Actor),
    /// Of a company.
    Company(Uscc),
}

/// Begins a session after the right password.
pub(super) fn open(
    db: &mut Db,
    app: &App,
    account: &Account,
    credential: &Credential,
    agent: &str,
    randomness: &Randomness,
    now: DateTime<Utc>,
) -> Result<Opened, Error> {
    let stage = Stage::after_password(Role::parse(&account.role), credential);
    if stage == Stage::Enrol {
        let mut credential = credential.clone();
        credential.totp_secret = Some(totp::secret(&randomness.factor));
        store::put_credential(db, &credential)?;
    }
    if stage == Stage::Full {
        super::attempts::forgive(db, &credential.login)?;
    }
    store::forget_sessions(db, now)?;
    begin(db, app, &account.id, stage, agent, randomness, now)
}

/// Puts a new session in place of one: another id, so that nothing known before the step is worth anything after it.
pub(super) fn renew(
    db: &mut Db,
    app: &App,
    signed: &Signed,
    stage: Stage,
    randomness: &Randomness,
    now: DateTime<Utc>,
) -> Result<Opened, Error> {
    store::end_session(db, &signed.id_hash)?;
    let (id, agent) = (&signed.account.id, &signed.agent);
    begin(db, app, id, stage, agent, randomness, now)
}

fn begin(
    db: &mut Db,
    app: &App,
    account: &str,
    stage: Stage,
    agent: &str,
    randomness: &Randomness,
    now: DateTime<Utc>,
) -> Result<Opened, Error> {
    let token = hex::encode(randomness.session);
    let lasts = match stage {
        Stage::Full => app.sign_in.longest,
        _ => HALF_WAY,
    };
    store::open_session(
        db,
        &Session {
            id_hash: hash(&token),
            account: account.to_owned(),
            stage: stage.as_str().to_owned(),
            csrf: hex::encode(randomness.csrf),
            agent: short(agent),
            created_at: now,
            seen_at: now,
            expires_at: now + lasts,
        },
    )?;
    if stage == Stage::Full {
        note(db, Some(account), None, "signed-in", agent, now)?;
    }
    Ok(Opened {
        token: Secret::new(token),
        stage,
    })
}

/// Whose session this is; nobody's if it is over, or its account may not act any more.
pub fn session_of(
    db: &mut Db,
    policy: &Policy,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<Signed>, Error> {
    // Looked up by the hash of a 256-bit id: the time this takes tells nothing about any id.
    let Some(session) = store::session(db, &hash(token))? else {
        return Ok(None);
    };
    let Some(stage) = Stage::parse(&session.stage) else {
        return Ok(None);
    };
    let idle = session.seen_at + policy.idle;
    if session.expires_at <= now || idle <= now {
        return Ok(None);
    }
    let Some(account) = accounts::find(db, &session.account)?.filter(Account::is_active) else {
        return Ok(None);
    };
    let who = match (account.uscc, Role::parse(&account.role)) {
        (Some(uscc), _) => Who::Company(uscc),
        (None, Some(role)) => Who::Official(Actor {
            id: account.id.clone(),
            role,
            region: account.region.clone(),
        }),
        (None, None) => return Ok(None),
    };
    Ok(Some(Signed {
        account,
        who,
        stage,
        csrf: Secret::new(session.csrf),
        agent: session.agent,
        stale: session.seen_at + TOUCHED <= now,
        id_hash: session.id_hash,
    }))
}

/// Notes that a session is used.
pub fn touch_session(db: &mut Db, signed: &Signed, now: DateTime<Utc>) -> Result<(), Error> {
    Ok(store::touch_session(db, &signed.id_hash, now)?)
}

/// Signs out.
pub fn end_session(db: &mut Db, signed: &Signed, now: DateTime<Utc>) -> Result<(), Error> {
    store::end_session(db, &signed.id_hash)?;
    let id = signed.account.id.as_str();
    note(db, Some(id), None, "signed-out", &signed.agent, now)
}

/// Signs out everywhere.
pub fn end_everywhere(db: &mut Db, signed: &Signed, now: DateTime<Utc>) -> Result<(), Error> {
    let id = signed.account.id.as_str();
    store::end_sessions(db, id)?;
    note(
        db,
        Some(id),
        None,
        "signed-out-everywhere",
        &signed.agent,
        now,
    )
}

/// Ends every session of an account but the one that was just begun.
pub(super) fn end_others(db: &mut Db, account: &str, kept: &Opened) -> Result<(), Error> {
    Ok(store::end_other_sessions(
        db,
        account,
        &hash(kept.token.reveal()),
    )?)
}

/// As much of the browser's own name as is kept.
pub(super) fn short(agent: &str) -> String {
    agent
        .chars()
        .filter(|c| !c.is_control())
        .take(AGENT_LENGTH)
        .collect()
}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}
