//! The fairness of a year, from published files alone: the odds everybody had and how often everybody was drawn, who was
//! visited, who met whom again, what was drawn again, substituted, or published late.
//!
//! Only what was revealed is counted; of a draw that waits, nothing is known but its deadline.

mod chance;
mod odds;
mod pairs;
mod way;

pub use chance::ChiSquare;
pub use odds::{Coverage, DrawOdds, PlaceTest, StratumOdds};
pub use pairs::{Pair, Pairs};
pub use way::{Change, DrawWay, ResultPublication, ResultsOnTime};

use super::{
    outcome::Outcome,
    plan::{Object, Plan},
    published::Published,
    words::{Id, Instant},
};

/// What a report is made from.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'e> {
    pub year: i32,
    /// Published files, of any year.
    pub files: &'e [Published],
    /// When results were due and published; empty where nothing is known of it.
    pub results: &'e [ResultPublication],
    pub now: Instant,
}

/// The report of a year.
#[derive(Debug, Clone, PartialEq)]
pub struct Fairness {
    pub year: i32,
    /// One for each draw that was committed to, by id.
    pub draws: Vec<DrawWay>,
    /// One for each stratum of each revealed attempt with a result.
    pub odds: Vec<DrawOdds>,
    /// Over all of them, by district and grade.
    pub strata: Vec<StratumOdds>,
    /// Whether the place in the list of ids matters; nothing if nothing was drawn.
    pub places: Option<PlaceTest>,
    /// By district and grade, substitutions counted.
    pub coverage: Vec<Coverage>,
    pub pairs: Pairs,
    pub results: ResultsOnTime,
}

/// A revealed attempt with a result.
struct Drawn<'e> {
    draw: &'e Id,
    attempt: u32,
    /// The last attempt of its file: its visits are those that are made.
    stands: bool,
    plan: &'e Plan,
    outcome: &'e Outcome,
    /// Object and officers of each visit, substitutions counted.
    visits: Vec<(&'e Object, Vec<&'e Id>)>,
}

/// Makes the report.
pub fn fairness(evidence: &Evidence<'_>) -> Fairness {
    let of_year = |file: &&Published| way::year_of(file) == Some(evidence.year);
    let mut files: Vec<&Published> = evidence.files.iter().filter(of_year).collect();
    files.sort_by(|a, b| a.draw.cmp(&b.draw));
    let drawn: Vec<Drawn<'_>> = files.iter().flat_map(|file| way::drawn(file)).collect();
    Fairness {
        year: evidence.year,
        draws: (files.iter())
            .filter_map(|file| DrawWay::of(file, evidence.now))
            .collect(),
        odds: odds::of_draws(&drawn),
        strata: odds::of_strata(&drawn),
        places: odds::places(&drawn),
        coverage: odds::coverage(&drawn),
        pairs: Pairs::of(&drawn),
        results: ResultsOnTime::of(evidence),
    }
}
