//! Setting up the second factor: a secret that is shown until a code proves that an authenticator has it, and never again.

use chrono::{DateTime, Utc};

use super::{
    Opened, Randomness, SignInFault, Signed, Stage, attempts, needed, note, session, totp,
};
use crate::{
    secret::Secret,
    service::{App, Error},
    store::{Db, sign_in as store},
};

/// What is put into an authenticator.
#[derive(Debug, Clone)]
pub enum Enrolment {
    NotBegun,
    /// Begun, and not confirmed yet: the one time that the secret is shown.
    Shown {
        /// Base32.
        secret: Secret,
        /// `otpauth://totp/...`
        uri: Secret,
    },
    InUse,
}

/// Makes a secret for somebody who has no second factor yet; one that was begun before is forgotten.
///
/// # Errors
/// [`Error::WrongState`] if one is in use: an administrator takes it away first.
pub fn begin_second_factor(
    db: &mut Db,
    signed: &Signed,
    randomness: &Randomness,
) -> Result<(), Error> {
    let mut credential = needed(db, &signed.account.id)?;
    if credential.totp_since.is_some() {
        return Err(Error::WrongState {
            what: "账号",
            id: signed.account.name.clone(),
            found: "已启用动态验证码",
            step: "重新设置，须由安全管理员先行重置",
        });
    }
    credential.totp_secret = Some(totp::secret(&randomness.factor));
    Ok(store::put_credential(db, &credential)?)
}

/// How far setting up the second factor has come.
pub fn enrolment(db: &mut Db, signed: &Signed, issuer: &str) -> Result<Enrolment, Error> {
    let credential = needed(db, &signed.account.id)?;
    if credential.totp_since.is_some() {
        return Ok(Enrolment::InUse);
    }
    Ok(match credential.totp_secret {
        None => Enrolment::NotBegun,
        Some(secret) => Enrolment::Shown {
            uri: Secret::new(totp::uri(issuer, &credential.login, &secret)),
            secret: Secret::new(secret),
        },
    })
}

/// Confirms the second factor with a code. The session gets another id.
///
/// # Errors
/// [`SignInFault::WrongCode`], [`SignInFault::Locked`], [`SignInFault::Over`] if nothing was begun.
pub fn confirm_second_factor(
    app: &App,
    signed: &Signed,
    code: &str,
    randomness: &Randomness,
    now: DateTime<Utc>,
) -> Result<Opened, Error> {
    if !matches!(signed.stage, Stage::Enrol | Stage::Full) {
        return Err(SignInFault::Over.into());
    }
    let (agent, id) = (&signed.agent, &signed.account.id);
    app.store.write(|db| {
        let credential = needed(db, id)?;
        attempts::count(db, &credential.login, now)
    })?;
    app.store
        .write(|db| {
            let mut credential = needed(db, id)?;
            let pending = credential.totp_secret.clone();
            let Some(secret) = pending.filter(|_| credential.totp_since.is_none()) else {
                return Ok(Err(SignInFault::Over));
            };
            let Some(step) = totp::step_of(&secret, code, now, credential.totp_step) else {
                note(db, Some(id), None, "code.wrong", agent, now)?;
                return Ok(Err(SignInFault::WrongCode));
            };
            credential.totp_step = step;
            credential.totp_since = Some(now);
            store::put_credential(db, &credential)?;
            attempts::forgive(db, &credential.login)?;
            note(db, Some(id), None, "factor.set", agent, now)?;
            let stage = Stage::after_code(&credential);
            session::renew(db, app, signed, stage, randomness, now).map(Ok)
        })?
        .map_err(Error::SignIn)
}
