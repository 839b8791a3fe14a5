//! From stored facts to the result that is stored: the same for what is known now and for what was known once.
//!
//! Drafts are not facts yet and revoked records are none any more; neither is given to the rules.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Error, book::turn_after};
use crate::{
    domain::{Company, Day, Points, Record, RecordStatus, Uscc},
    listing::Entry,
    rules::{Facts, Mark, OnList, Prepared, RuleSet, Score, ScoreFault},
    store::{
        dossiers::Dossier,
        scores::{NewScore, ScoreCause},
    },
};

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

/// Reads what [`new_score`] wrote.
pub(super) fn read_explanation(json: &str) -> Result<Explanation, Error> {
    serde_json::from_str(json).map_err(|source| Error::Stored {
        what: "评分说明",
        source,
    })
}

/// Scores dossiers on a day, with their trends; nothing is stored. The next change is never later than the first day after
/// the version or its trial run.
pub(super) fn score_dossiers(
    ruleset: &RuleSet,
    dossiers: &[Dossier],
    entries: &[Entry],
    day: Day,
) -> Result<Vec<(Uscc, Explanation)>, Error> {
    // A record that names only a project is in the dossier of everyone who ever managed it.
    let mut seen = HashSet::new();
    let records: Vec<Record> = dossiers
        .iter()
        .flat_map(|dossier| &dossier.records)
        .filter(|record| is_fact(record) && seen.insert(record.id.as_str()))
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
        .filter_map(|mut score| {
            let changes = [score.next_change_on, turn_after(ruleset, day)];
            score.next_change_on = changes.into_iter().flatten().min();
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
pub(super) fn on_lists(ruleset: &RuleSet, entries: &[Entry]) -> Vec<OnList> {
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

pub(super) fn is_fact(record: &Record) -> bool {
    matches!(
        record.status,
        RecordStatus::Confirmed | RecordStatus::Disputed
    )
}

pub(super) fn new_score(
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
