//! Replay: a score as it was known at an instant, and whether stored scores come out again, to the byte.
//!
//! A stored score names its rule set by id and digest, the day it is for and the instant it was computed at. The facts known
//! at that instant, the rule texts configured then and the same arithmetic must give the same row; where they do not,
//! somebody changed what is stored, or the program computes something else than it did.

mod alarm;
mod choice;
mod difference;
mod then;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use self::{
    difference::{compare, failed},
    then::Then,
};
use super::{Error, scoring};
use crate::{
    domain::{Day, Uscc},
    rules::{RuleSet, Score},
    store::{
        Db,
        scores::{self, Score as Stored, ScoreKey},
    },
};

pub use alarm::{Alarm, acknowledge, alarms, raise};
pub use choice::Choice;
pub use difference::Difference;

/// Scores replayed at once.
const CHUNK: usize = 100;

/// What a replay found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// Stored scores that came out again or did not.
    pub replayed: usize,
    /// Left out: another result of the company was stored later with the same or an earlier instant, so that the instant does
    /// not say what was known (two writes that overlapped).
    pub overlapped: usize,
    /// Left out: computed before this database kept what was known when.
    pub before_history: usize,
    pub differences: Vec<Difference>,
}

/// Scores as they were known once, and the rule set that made them.
#[derive(Debug)]
pub struct KnownScores {
    pub ruleset: RuleSet,
    pub scores: Vec<Score>,
}

/// Scores a day by what was known at an instant: facts, list entries and the version in force among the rule texts that were
/// configured then. Of one company, if one is given.
///
/// # Errors
/// [`Error::Missing`] if no rule text was kept by then, [`Error::NotInScope`] if the company was not known yet.
pub fn score_known_at(
    db: &mut Db,
    day: Day,
    instant: DateTime<Utc>,
    company: Option<Uscc>,
) -> Result<KnownScores, Error> {
    let mut then = Then::default();
    let book = then.book(db, instant)?.ok_or_else(|| Error::Missing {
        what: "评分规则的留存文本，知悉时刻",
        id: instant.to_rfc3339(),
    })?;
    let ruleset = book.in_force(day)?.clone();
    let facts = match company {
        Some(code) if !ruleset.needs_population() => then::facts(db, &[code], instant)?,
        _ => then::everybody(db, instant)?,
    };
    let explained = scoring::score_dossiers(&ruleset, &facts.dossiers, &facts.entries, day)?;
    let wanted = |found: &Uscc| company.is_none_or(|company| company == *found);
    let scores: Vec<Score> = explained
        .into_iter()
        .filter(|(found, _)| wanted(found))
        .map(|(_, explanation)| explanation.score)
        .collect();
    match company {
        Some(company) if scores.is_empty() => Err(Error::NotInScope(company)),
        _ => Ok(KnownScores { ruleset, scores }),
    }
}

/// Computes stored scores again and compares every column and byte; stores nothing.
pub fn replay(db: &mut Db, choice: &Choice) -> Result<Replayed, Error> {
    let mut done = Replayed::default();
    let mut then = Then::default();
    let chosen = choice::choose(db, choice)?;
    for keys in chosen.chunks(CHUNK) {
        let mut moments: BTreeMap<Moment, Vec<Stored>> = BTreeMap::new();
        for key in keys {
            let (company, ruleset, seq) = key;
            let Some(stored) = scores::find(db, company, ruleset, *seq)? else {
                continue;
            };
            let followed_at = scores::followed_at(db, key)?;
            if followed_at.is_some_and(|later| later <= stored.computed_at) {
                done.overlapped += 1;
                continue;
            }
            if then.book(db, stored.computed_at)?.is_none() {
                done.before_history += 1;
                continue;
            }
            if followed_at.is_none() {
                done.differences.extend(current_differs(db, &stored)?);
            }
            moments.entry(Moment::of(&stored)).or_default().push(stored);
        }
        for (moment, stored) in moments {
            done.replayed += stored.len();
            again(db, &mut then, &moment, &stored, &mut done.differences)?;
        }
    }
    // One a score: the line that differs rather than what is beside it.
    let lines_first = |one: &Difference| (one.key(), one.line.is_none());
    done.differences.sort_by_key(lines_first);
    done.differences.dedup_by_key(|one| one.key());
    Ok(done)
}

/// What scores that were computed together have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    at: DateTime<Utc>,
    ruleset: String,
    digest: String,
    as_of: Day,
}

impl Moment {
    fn of(stored: &Stored) -> Self {
        Self {
            at: stored.computed_at,
            ruleset: stored.result.ruleset.clone(),
            digest: stored.result.ruleset_digest.clone(),
            as_of: stored.result.as_of,
        }
    }
}

/// Computes the scores of one moment again.
fn again(
    db: &mut Db,
    then: &mut Then,
    moment: &Moment,
    stored: &[Stored],
    differences: &mut Vec<Difference>,
) -> Result<(), Error> {
    let fresh = match then.scores(db, moment, stored) {
        Ok(fresh) => fresh,
        Err(fault @ Error::Store(_)) => return Err(fault),
        // One company's facts need not keep the others of its chunk from being compared.
        Err(_) if stored.len() > 1 => {
            for one in stored.chunks(1) {
                again(db, then, moment, one, differences)?;
            }
            return Ok(());
        }
        Err(fault) => {
            differences.extend(stored.iter().map(|one| failed(one, fault.to_string())));
            return Ok(());
        }
    };
    for one in stored {
        let difference = match fresh.get(&one.result.company) {
            Some(fresh) => compare(one, fresh)?,
            None => Some(failed(one, "当时没有这家企业".to_owned())),
        };
        differences.extend(difference);
    }
    Ok(())
}

/// The current result is beside the last stored one and must say the same.
fn current_differs(db: &mut Db, last: &Stored) -> Result<Option<Difference>, Error> {
    let result = &last.result;
    let current = scores::current(db, &result.company, &result.ruleset)?;
    let same = current.is_some_and(|current| {
        (
            current.seq,
            current.score,
            current.rated,
            current.next_change_on,
        ) == (last.seq, result.score, result.rated, result.next_change_on)
            && current.grade == result.grade
            && current.computed_at == last.computed_at
    });
    Ok((!same).then(|| failed(last, "现行结果与最后一次留存的评分不一致".to_owned())))
}

/// The key of a stored score.
fn key_of(stored: &Stored) -> ScoreKey {
    let result = &stored.result;
    (result.company, result.ruleset.clone(), stored.seq)
}
