//! Scoring what is stored: a company after a new fact, those whose day has come, everybody after a change of rules.
//!
//! Drafts are not facts yet and revoked records are none any more; neither is given to the rules.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{App, Error, entries};
use crate::{
    domain::{Company, Day, Points, Record, RecordStatus, Uscc},
    listing::Entry,
    rules::{Facts, Mark, OnList, Prepared, RuleSet, Score, ScoreFault},
    store::{
        Db,
        dossiers::{self, Dossier},
        scores::{self, NewScore, ScoreCause},
    },
};

/// Companies scored at once, so that a province need not be in memory: their records and explanations are, at some
/// hundred records each about 40 MB.
const CHUNK: usize = 100;
/// Month ends that a trend goes back.
const TREND_MONTHS: u32 = 24;

/// What brought a rescoring about.
#[derive(Debug, Clone, Copy)]
pub struct Why<'a> {
    pub cause: ScoreCause,
    pub record: Option<&'a str>,
}

impl Why<'_> {
    pub const fn of(cause: ScoreCause) -> Self {
        Self {
            cause,
            record: None,
        }
    }
}

/// What a run over many companies did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Rescored {
    pub scored: usize,
    /// Companies whose result differs from the one before.
    pub changed: usize,
}

/// What is stored as the explanation of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Explanation {
    pub score: Score,
    /// How the score moved, by the records known when it was computed: month ends, oldest first.
    pub trend: Vec<TrendPoint>,
}

/// A score on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TrendPoint {
    pub day: Day,
    pub score: String,
    pub grade: String,
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

/// Scores those whose `next_change_on` has come, and nobody else.
pub fn rescore_due(db: &mut Db, app: &App, now: DateTime<Utc>) -> Result<Rescored, Error> {
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

/// Scores everybody if the rule set in force is another text than the one of the last full run. Returns what was done.
pub fn rescore_if_rules_changed(
    db: &mut Db,
    app: &App,
    now: DateTime<Utc>,
) -> Result<Option<Rescored>, Error> {
    let ruleset = app.rules.in_force(Day::of(now))?;
    if scores::all_made_by(db, ruleset.id(), ruleset.digest())? {
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

/// Scores everybody for a day by what is stored now; nothing is stored.
pub fn score_stored(db: &mut Db, app: &App, day: Day) -> Result<Vec<Score>, Error> {
    let ruleset = app.rules.in_force(day)?;
    let all = every_dossier(db)?;
    let codes: Vec<Uscc> = all.iter().map(|dossier| dossier.company.uscc).collect();
    let entries = entries::of_companies(db, &codes)?;
    let explained = score_dossiers(ruleset, &all, &entries, day)?;
    Ok(explained
        .into_iter()
        .map(|(_, explanation)| explanation.score)
        .collect())
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
fn every_dossier(db: &mut Db) -> Result<Vec<Dossier>, Error> {
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
    let fired_before = fired_before(db, ruleset, &entries)?;
    let rows = explained
        .iter()
        .map(|(company, explanation)| new_score(ruleset, *company, explanation, why))
        .collect::<Result<Vec<_>, _>>()?;
    let changed = scores::put_many(db, &rows, now)?;
    for (company, explanation) in &explained {
        let known = entries::Known {
            entries: &entries,
            fired_before: fired_before.get(company).map_or(&[], Vec::as_slice),
        };
        entries::propose_fired(db, app, ruleset, *company, &explanation.score, known, now)?;
    }
    Ok(changed)
}

/// The lists that fired when the companies of these entries were scored last; the others have no entry to compare with.
fn fired_before(
    db: &mut Db,
    ruleset: &RuleSet,
    entries: &[Entry],
) -> Result<BTreeMap<Uscc, Vec<String>>, Error> {
    let codes: BTreeSet<Uscc> = entries.iter().map(|entry| entry.company).collect();
    let codes: Vec<Uscc> = codes.into_iter().collect();
    let mut fired = BTreeMap::new();
    for current in scores::of_companies(db, &codes, ruleset.id())? {
        let stored = scores::find(db, &current.company, ruleset.id(), current.seq)?;
        if let Some(stored) = stored {
            fired.insert(
                current.company,
                read_explanation(&stored.result.explanation)?.score.lists,
            );
        }
    }
    Ok(fired)
}

/// Reads what [`new_score`] wrote.
pub(super) fn read_explanation(json: &str) -> Result<Explanation, Error> {
    serde_json::from_str(json).map_err(|source| Error::Stored {
        what: "评分说明",
        source,
    })
}

/// Scores dossiers on a day, with their trends; nothing is stored.
pub(super) fn score_dossiers(
    ruleset: &RuleSet,
    dossiers: &[Dossier],
    entries: &[Entry],
    day: Day,
) -> Result<Vec<(Uscc, Explanation)>, Error> {
    let records: Vec<Record> = dossiers
        .iter()
        .flat_map(|dossier| &dossier.records)
        .filter(|record| is_fact(record))
        .cloned()
        .collect();
    let companies: Vec<_> = dossiers
        .iter()
        .map(|dossier| dossier.company.clone())
        .collect();
    let contracts: Vec<_> = dossiers
        .iter()
        .flat_map(|dossier| dossier.contracts.iter().cloned())
        .collect();
    let on_lists = on_lists(ruleset, entries);
    let facts = Facts {
        companies: &companies,
        contracts: &contracts,
        contracts_known: true,
        records: &records,
        history: &[],
        on_lists: &on_lists,
    };
    let fault = |faults: Vec<ScoreFault>| Error::Score {
        ruleset: ruleset.id().to_owned(),
        faults,
    };
    let prepared = Prepared::new(ruleset, &facts);
    let results = prepared.score(day).map_err(fault)?;
    let mut past: Vec<(Day, Vec<Mark<'_>>)> = Vec::new();
    for month_end in month_ends(ruleset, day) {
        past.push((month_end, prepared.marks(month_end).map_err(fault)?));
    }
    let known: HashMap<&str, &Company> = dossiers
        .iter()
        .map(|dossier| (dossier.company.uscc.as_str(), &dossier.company))
        .collect();
    Ok(results
        .into_iter()
        .filter_map(|score| {
            let company = known.get(score.subject.as_str())?;
            // Before it was registered there was nobody to score.
            let registered = company.registered_on;
            let trend = past
                .iter()
                .filter(|(day, _)| registered.is_none_or(|registered| registered <= *day))
                .filter_map(|(day, marks)| trend_point(*day, marks, &score.subject))
                .collect();
            Some((company.uscc, Explanation { score, trend }))
        })
        .collect())
}

/// Entries in force, by the names the rule set gives its lists; a type of list and a list of the rules meet in their class.
fn on_lists(ruleset: &RuleSet, entries: &[Entry]) -> Vec<OnList> {
    let in_force = entries.iter().filter(|entry| entry.in_force().is_some());
    in_force
        .flat_map(|entry| {
            let same = ruleset
                .lists()
                .iter()
                .filter(|rule| rule.class.as_str() == entry.class.as_str());
            same.map(|rule| OnList {
                subject: entry.company.to_string(),
                list: rule.id.clone(),
            })
        })
        .collect()
}

fn trend_point(day: Day, marks: &[Mark<'_>], subject: &str) -> Option<TrendPoint> {
    let index = marks
        .binary_search_by(|mark| mark.subject.cmp(subject))
        .ok()?;
    Some(TrendPoint {
        day,
        score: marks[index].score.to_string(),
        grade: marks[index].grade.unwrap_or_default().to_owned(),
    })
}

/// The last days of the months before `day`, oldest first, from the first day the rule set was in force.
fn month_ends(ruleset: &RuleSet, day: Day) -> Vec<Day> {
    let mut ends = Vec::new();
    let mut first = Day::from_ymd(day.year(), day.month(), 1);
    while let Some(month) = first {
        let end = month.previous();
        if ends.len() as u32 >= TREND_MONTHS || end < ruleset.effective_from() {
            break;
        }
        ends.push(end);
        first = Day::from_ymd(end.year(), end.month(), 1);
    }
    ends.reverse();
    ends
}

fn is_fact(record: &Record) -> bool {
    matches!(
        record.status,
        RecordStatus::Confirmed | RecordStatus::Disputed
    )
}

fn new_score(
    ruleset: &RuleSet,
    company: Uscc,
    explanation: &Explanation,
    why: Why<'_>,
) -> Result<NewScore, Error> {
    let stored = |source| Error::Stored {
        what: "评分说明",
        source,
    };
    let score = &explanation.score;
    // Two results are the same when all but the day they were computed for is.
    let content = Score {
        as_of: ruleset.effective_from(),
        ..score.clone()
    };
    let content = serde_json::to_vec(&content).map_err(stored)?;
    let mut digest = Sha256::new_with_prefix(ruleset.digest());
    digest.update(&content);
    Ok(NewScore {
        company,
        ruleset: ruleset.id().to_owned(),
        ruleset_digest: ruleset.digest().to_owned(),
        as_of: score.as_of,
        score: Points::new(score.score).map_err(|fault| Error::Score {
            ruleset: ruleset.id().to_owned(),
            faults: vec![ScoreFault {
                subject: score.subject.clone(),
                record: None,
                code: "D090",
                what: fault.to_string(),
                fix: String::new(),
            }],
        })?,
        grade: score.grade.clone().unwrap_or_default(),
        rated: score.rated,
        next_change_on: score.next_change_on,
        digest: hex::encode(digest.finalize()),
        explanation: serde_json::to_string(explanation).map_err(stored)?,
        cause: why.cause,
        cause_record: why.record.map(str::to_owned),
    })
}
