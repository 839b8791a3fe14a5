//! Attempts that failed, and how long the door stays shut after them. Counted by name, whether or not there is an account of it.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::SignInFault;
use crate::{
    service::Error,
    store::{
        Db,
        sign_in::{self as store, Failures},
    },
};

/// Failures before the door shuts.
const FREE: u32 = 5;
/// After the fifth failure; doubles with each further one.
const FIRST_SECONDS: i64 = 30;
/// A stranger who knows a name must not keep its owner out for longer.
const LONGEST_SECONDS: i64 = 15 * 60;
/// Failures are forgotten when none came for so long.
const REMEMBERED: TimeDelta = TimeDelta::hours(24);

/// Counts an attempt before it is judged.
///
/// # Errors
/// [`SignInFault::Locked`]; such an attempt is not counted.
pub(super) fn count(db: &mut Db, login: &str, now: DateTime<Utc>) -> Result<(), Error> {
    store::forget_failures(db, now - REMEMBERED)?;
    let key = key(login);
    let before = store::failures(db, &key)?;
    if let Some(before) = before.filter(|before| before.locked_until > now) {
        let left = (before.locked_until - now).num_seconds();
        return Err(SignInFault::Locked {
            minutes: left / 60 + 1,
        }
        .into());
    }
    let failures = before.map_or(0, |before| before.failures).saturating_add(1);
    let new = Failures {
        failures,
        at: now,
        locked_until: now + pause(failures),
    };
    Ok(store::put_failures(db, &key, &new)?)
}

/// Forgets the failures under a name: it succeeded, or an administrator said so.
pub(super) fn forgive(db: &mut Db, login: &str) -> Result<(), Error> {
    Ok(store::clear_failures(db, &key(login))?)
}

/// Until when the door is shut, if it is.
pub(super) fn locked_until(
    db: &mut Db,
    login: &str,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Error> {
    let until = store::failures(db, &key(login))?.map(|found| found.locked_until);
    Ok(until.filter(|until| *until > now))
}

/// How long the door stays shut after so many failures.
fn pause(failures: u32) -> TimeDelta {
    if failures < FREE {
        return TimeDelta::zero();
    }
    let doubled = FIRST_SECONDS << (failures - FREE).min(10);
    TimeDelta::seconds(doubled.min(LONGEST_SECONDS))
}

fn key(login: &str) -> String {
    hex::encode(Sha256::digest(login))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_and_has_an_end() {
        let table = [
            (0, 0),
            (4, 0),
            (5, 30),
            (6, 60),
            (7, 120),
            (9, 480),
            (10, 900),
            (11, 900),
            (1_000, 900),
            (u32::MAX, 900),
        ];
        for (failures, seconds) in table {
            assert_eq!(pause(failures).num_seconds(), seconds, "{failures}");
        }
    }
}
