//! The fairness of a year as everybody may read it: numbers as text with the digits that mean something.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::open::LICENCE;
use crate::{
    draw::{
        Instant, Published,
        fairness::{ChiSquare, Evidence, Fairness, fairness},
    },
    service::{
        App, Error,
        checks::{from_json, visiting::publication_of},
    },
    store::{Db, checks as kept},
};

/// The report of a year.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FairnessView {
    pub licence: String,
    pub year: i32,
    pub draws: Vec<FairDraw>,
    /// Odds in every stratum of every revealed draw.
    pub odds: Vec<FairOdds>,
    pub strata: Vec<FairStratum>,
    /// Whether the place in the list of ids matters.
    pub places: Option<FairPlaces>,
    pub coverage: Vec<FairCoverage>,
    /// Different pairs of an officer and a company that met.
    pub pairs_met: u64,
    /// Pairs that met in more than one draw.
    pub pairs_repeated: Vec<FairPair>,
    /// How many could be expected to by chance.
    pub pairs_expected: String,
    /// Results whose day of publication is known; those that were published late.
    pub results_known: u64,
    pub results_in_time: u64,
    pub results_late: Vec<String>,
}

/// One draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FairDraw {
    pub draw: String,
    pub attempts: u64,
    pub reveal_by: String,
    pub revealed_at: Option<String>,
    /// Attempts that were revealed late or are overdue.
    pub late: u64,
    /// Reasons.
    pub redraws: Vec<String>,
    pub substituted_objects: u64,
    pub substituted_officers: u64,
    /// Reasons of the substitutions.
    pub substitutions: Vec<String>,
}

/// One stratum of one draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FairOdds {
    pub draw: String,
    pub attempt: u32,
    pub district: String,
    pub grade: String,
    pub eligible: u64,
    pub drawn: u64,
    /// Per cent.
    pub odds: String,
}

/// A chi-square test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FairTest {
    pub statistic: String,
    pub freedom: u64,
    /// Exceeded by chance once in 1,000.
    pub limit: String,
    pub passes: bool,
}

/// One stratum over the year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FairStratum {
    pub district: String,
    pub grade: String,
    pub draws: u64,
    pub objects: u64,
    /// Times that an object could expect to be drawn, and was, on average.
    pub expected: String,
    pub realised: String,
    pub never: u64,
    pub expected_never: String,
    pub most: u64,
    pub test: Option<FairTest>,
}

/// Objects in the order of their ids, in four equal parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FairPlaces {
    pub expected: Vec<String>,
    pub drawn: Vec<u64>,
    pub test: Option<FairTest>,
}

/// Who was visited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FairCoverage {
    pub district: String,
    pub grade: String,
    pub objects: u64,
    pub visited: u64,
    pub companies: u64,
    pub companies_visited: u64,
}

/// An officer and a company that met again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FairPair {
    pub officer: String,
    pub company: String,
    pub draws: u64,
}

/// The report of a year from what is published, and from when the results of its tasks were due and made public.
pub fn fairness_report(
    db: &mut Db,
    app: &App,
    year: i32,
    now: DateTime<Utc>,
) -> Result<FairnessView, Error> {
    let (mut files, mut results) = (Vec::<Published>::new(), Vec::new());
    for row in kept::tasks(db, None)? {
        if let Some(text) = kept::file(db, &row.id)? {
            let file: Published = from_json(&text)?;
            results.extend(publication_of(db, app, row, &file.draw)?);
            files.push(file);
        }
    }
    let evidence = Evidence {
        year,
        files: &files,
        results: &results,
        now: Instant::of(now),
    };
    Ok(FairnessView::of(&fairness(&evidence)))
}

fn two(number: f64) -> String {
    format!("{number:.2}")
}

impl FairTest {
    fn of(test: &ChiSquare) -> Self {
        Self {
            statistic: two(test.statistic),
            freedom: test.freedom,
            limit: two(test.limit),
            passes: test.passes(),
        }
    }
}

impl FairnessView {
    fn of(found: &Fairness) -> Self {
        let percent = |part: u64, whole: u64| two(100.0 * part as f64 / whole.max(1) as f64);
        Self {
            licence: LICENCE.to_owned(),
            year: found.year,
            draws: found.draws.iter().map(FairDraw::of).collect(),
            odds: (found.odds.iter())
                .map(|one| FairOdds {
                    draw: one.draw.to_string(),
                    attempt: one.attempt,
                    district: one.district.to_string(),
                    grade: one.grade.to_string(),
                    eligible: one.eligible,
                    drawn: one.drawn,
                    odds: percent(one.drawn, one.eligible),
                })
                .collect(),
            strata: (found.strata.iter())
                .map(|one| FairStratum {
                    district: one.district.to_string(),
                    grade: one.grade.to_string(),
                    draws: one.draws,
                    objects: one.objects,
                    expected: two(one.expected),
                    realised: two(one.realised),
                    never: one.never,
                    expected_never: two(one.expected_never),
                    most: one.most,
                    test: one.test.as_ref().map(FairTest::of),
                })
                .collect(),
            places: found.places.as_ref().map(|one| FairPlaces {
                expected: one.expected.map(two).to_vec(),
                drawn: one.drawn.to_vec(),
                test: one.test.as_ref().map(FairTest::of),
            }),
            coverage: (found.coverage.iter())
                .map(|one| FairCoverage {
                    district: one.district.to_string(),
                    grade: one.grade.to_string(),
                    objects: one.objects,
                    visited: one.visited,
                    companies: one.companies,
                    companies_visited: one.companies_visited,
                })
                .collect(),
            pairs_met: found.pairs.met,
            pairs_repeated: (found.pairs.repeated.iter())
                .map(|one| FairPair {
                    officer: one.officer.to_string(),
                    company: one.company.to_string(),
                    draws: one.draws,
                })
                .collect(),
            pairs_expected: two(found.pairs.expected),
            results_known: found.results.known,
            results_in_time: found.results.in_time,
            results_late: found.results.late.iter().map(ToString::to_string).collect(),
        }
    }
}

impl FairDraw {
    fn of(one: &crate::draw::fairness::DrawWay) -> Self {
        let of_objects = one.substitutions.iter().filter(|one| one.of_object).count() as u64;
        Self {
            draw: one.draw.to_string(),
            attempts: one.attempts,
            reveal_by: one.reveal_by.to_string(),
            revealed_at: one.revealed_at.map(|at| at.to_string()),
            late: one.late,
            redraws: one.redraws.clone(),
            substituted_objects: of_objects,
            substituted_officers: one.substitutions.len() as u64 - of_objects,
            substitutions: one
                .substitutions
                .iter()
                .map(|one| one.reason.clone())
                .collect(),
        }
    }
}
