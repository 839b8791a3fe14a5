//! Scoring what is stored: a company after a new fact, those whose day has come, everybody after a change of rules.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;

pub(super) use super::scoring::Why;
use super::{
    App, Error, entries,
    scoring::{new_score, read_explanation, score_dossiers},
};
use crate::{
    domain::{Day, Uscc},
    listing::Entry,
    rules::{RuleSet, Score},
    store::{
        Db,
        dossiers::{self, Dossier},
        scores::{self, ScoreCause},
    },
};

/// Companies scored at once, so that a province need not be in memory: their records and explanations are, at some
/// hundred records each about 40 MB.
const CHUNK: usize = 100;

/// What a run over many companies did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Rescored {
    pub scored: usize,
    /// Companies whose result differs from the one before.
    pub changed: usize,
}

/// Scores these companies as of today; opens proposals for lists whose predicate fires. Returns who changed.
pub(super) fn companies(
    db: &mut Db,
    app: &App,
    codes: &[Uscc],
    why: Why<'_>,
    now: DateTime<Utc>,
) -> Result<BTreeSet<Uscc>, Error> {
    let ruleset = app.rules.in_force(Day::of(now))?;
    app.rules.keep(db, now)?;
    if ruleset.needs_population() {
        // A grade by rank depends on everybody.
        return everybody(db, app, ruleset, why, now);
    }
    let mut changed = BTreeSet::new();
    for chunk in codes.chunks(CHUNK) {
        let dossiers = dossiers::of_companies(db, chunk)?;
        changed.append(&mut store_scores(db, app, ruleset, &dossiers, why, now)?);
    }
    Ok(changed)
}

/// Scores those whose `next_change_on` has come, and nobody else; everybody on the first day of another version.
pub fn rescore_due(db: &mut Db, app: &App, now: DateTime<Utc>) -> Result<Rescored, Error> {
    if let Some(done) = rescore_if_rules_changed(db, app, now)? {
        return Ok(done);
    }
    let today = Day::of(now);
    let ruleset = app.rules.in_force(today)?;
    let mut done = Rescored::default();
    let mut after = None;
    loop {
        let page = scores::due(db, ruleset.id(), today, after.as_ref(), CHUNK)?;
        if page.rows.is_empty() {
            return Ok(done);
        }
        let changed = companies(db, app, &page.rows, Why::of(ScoreCause::Expiry), now)?;
        done.scored += page.rows.len();
        done.changed += changed.len();
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(done),
        }
    }
}

/// Scores everybody if the rule set in force is another text than the one of the last full run, or judges old records by
/// other versions than then. Returns what was done.
pub fn rescore_if_rules_changed(
    db: &mut Db,
    app: &App,
    now: DateTime<Utc>,
) -> Result<Option<Rescored>, Error> {
    let ruleset = app.rules.in_force(Day::of(now))?;
    let other_versions = app.rules.keep(db, now)? && ruleset.judges_by_own_date();
    if !other_versions && scores::all_made_by(db, ruleset.id(), ruleset.digest())? {
        return Ok(None);
    }
    rescore_all(db, app, now).map(Some)
}

/// Scores everybody, after a change of rules.
pub fn rescore_all(db: &mut Db, app: &App, now: DateTime<Utc>) -> Result<Rescored, Error> {
    let ruleset = app.rules.in_force(Day::of(now))?;
    app.rules.keep(db, now)?;
    let why = Why::of(ScoreCause::Rule);
    let mut done = Rescored::default();
    if ruleset.needs_population() {
        done.changed = everybody(db, app, ruleset, why, now)?.len();
        return Ok(done);
    }
    let mut after = None;
    loop {
        let page = dossiers::page(db, after.as_ref(), CHUNK)?;
        let changed = store_scores(db, app, ruleset, &page.rows, why, now)?;
        done.scored += page.rows.len();
        done.changed += changed.len();
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(done),
        }
    }
}

/// Scores everybody, or one company, for a day by what is stored now; nothing is stored.
///
/// # Errors
/// [`Error::NotInScope`] for a company that is not registered here.
pub fn score_stored(
    db: &mut Db,
    app: &App,
    day: Day,
    company: Option<Uscc>,
) -> Result<Vec<Score>, Error> {
    let ruleset = app.rules.in_force(day)?;
    let all = match company {
        Some(code) if !ruleset.needs_population() => dossiers::of_companies(db, &[code])?,
        _ => every_dossier(db)?,
    };
    let codes: Vec<Uscc> = all.iter().map(|dossier| dossier.company.uscc).collect();
    let entries = entries::of_companies(db, &codes)?;
    let explained = score_dossiers(ruleset, &all, &entries, day)?;
    let wanted = |found: &Uscc| company.is_none_or(|company| company == *found);
    let scores: Vec<Score> = explained
        .into_iter()
        .filter(|(found, _)| wanted(found))
        .map(|(_, explanation)| explanation.score)
        .collect();
    match company {
        Some(company) if scores.is_empty() => Err(Error::NotInScope(company)),
        _ => Ok(scores),
    }
}

/// What several rule sets give everybody on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoredUnder {
    /// For each rule set, in the order asked.
    pub scores: Vec<Vec<Score>>,
    /// Names of the companies, by code.
    pub names: BTreeMap<String, String>,
}

/// Scores everybody for a day under each of these rule sets, in force or not, by what is stored now; nothing is stored.
pub fn score_stored_under(
    db: &mut Db,
    rulesets: &[&RuleSet],
    day: Day,
) -> Result<ScoredUnder, Error> {
    let all = every_dossier(db)?;
    let codes: Vec<Uscc> = all.iter().map(|dossier| dossier.company.uscc).collect();
    let entries = entries::of_companies(db, &codes)?;
    let under = |ruleset: &&RuleSet| -> Result<Vec<Score>, Error> {
        let explained = score_dossiers(ruleset, &all, &entries, day)?;
        Ok(explained
            .into_iter()
            .map(|(_, explanation)| explanation.score)
            .collect())
    };
    let company = |dossier: &Dossier| {
        let company = &dossier.company;
        (company.uscc.to_string(), company.name.clone())
    };
    Ok(ScoredUnder {
        scores: rulesets.iter().map(under).collect::<Result<_, _>>()?,
        names: all.iter().map(company).collect(),
    })
}

/// All companies with what scoring them needs: for grades by rank, which depend on everybody.
pub(super) fn every_dossier(db: &mut Db) -> Result<Vec<Dossier>, Error> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = dossiers::page(db, after.as_ref(), CHUNK)?;
        all.extend(page.rows);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

fn everybody(
    db: &mut Db,
    app: &App,
    ruleset: &RuleSet,
    why: Why<'_>,
    now: DateTime<Utc>,
) -> Result<BTreeSet<Uscc>, Error> {
    let all = every_dossier(db)?;
    store_scores(db, app, ruleset, &all, why, now)
}

fn store_scores(
    db: &mut Db,
    app: &App,
    ruleset: &RuleSet,
    dossiers: &[Dossier],
    why: Why<'_>,
    now: DateTime<Utc>,
) -> Result<BTreeSet<Uscc>, Error> {
    let today = Day::of(now);
    let codes: Vec<Uscc> = dossiers
        .iter()
        .map(|dossier| dossier.company.uscc)
        .collect();
    let entries = entries::of_companies(db, &codes)?;
    let explained = score_dossiers(ruleset, dossiers, &entries, today)?;
    let rows = explained
        .iter()
        .map(|(company, explanation)| new_score(ruleset, *company, explanation, why))
        .collect::<Result<Vec<_>, _>>()?;
    let fired_before = fired_before(db, app, ruleset, &entries)?;
    let changed = scores::put_many(db, &rows, now)?;
    if ruleset.in_shadow_on(today) {
        // A trial run: scores are computed, and nothing is done about them.
        return Ok(changed);
    }
    for (company, explanation) in &explained {
        let known = entries::Known {
            entries: &entries,
            fired_before: fired_before.get(company).map_or(&[], Vec::as_slice),
        };
        entries::propose_fired(db, app, ruleset, *company, &explanation.score, known, now)?;
    }
    Ok(changed)
}

/// The lists that fired when the companies of these entries were scored last, under this version or, on its first day, the
/// one before; the others have no entry to compare with. What fired in a trial run was not put before anybody.
fn fired_before(
    db: &mut Db,
    app: &App,
    ruleset: &RuleSet,
    entries: &[Entry],
) -> Result<BTreeMap<Uscc, Vec<String>>, Error> {
    let codes: BTreeSet<Uscc> = entries.iter().map(|entry| entry.company).collect();
    let codes: Vec<Uscc> = codes.into_iter().collect();
    let mut fired = BTreeMap::new();
    let before = app.rules.predecessor(ruleset);
    for version in before.into_iter().chain([ruleset]) {
        for current in scores::of_companies(db, &codes, version.id())? {
            if version.in_shadow_on(current.as_of) {
                continue;
            }
            let stored = scores::find(db, &current.company, version.id(), current.seq)?;
            if let Some(stored) = stored {
                let lists = read_explanation(&stored.result.explanation)?.score.lists;
                fired.insert(current.company, lists);
            }
        }
    }
    Ok(fired)
}
