//! The odds there were and what came of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{ChiSquare, Drawn};
use crate::{
    domain::Region,
    draw::{outcome::Stratum, words::Id},
};

/// One stratum of one draw: everybody in it had the odds `drawn / eligible`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawOdds {
    pub draw: Id,
    pub attempt: u32,
    pub district: Region,
    pub grade: Id,
    pub eligible: u64,
    pub drawn: u64,
}

/// One stratum over all draws of the year.
#[derive(Debug, Clone, PartialEq)]
pub struct StratumOdds {
    pub district: Region,
    pub grade: Id,
    pub draws: u64,
    /// Different objects that could be drawn.
    pub objects: u64,
    /// Mean number of times that an object could expect to be drawn.
    pub expected: f64,
    /// Mean number of times that one was drawn; since every draw takes exactly as many as it should, the same.
    pub realised: f64,
    /// Objects never drawn, and how many could be expected.
    pub never: u64,
    pub expected_never: f64,
    /// How often one object was drawn at most.
    pub most: u64,
    /// How far the objects differ from their odds; nothing where one draw leaves nothing to compare.
    pub test: Option<ChiSquare>,
}

/// Objects in the order of their ids, in four equal parts: how many of each were drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceTest {
    pub expected: [f64; 4],
    pub drawn: [u64; 4],
    pub test: Option<ChiSquare>,
}

/// Who was visited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    pub district: Region,
    pub grade: Id,
    /// Different objects in the lists of the draws that stand.
    pub objects: u64,
    pub visited: u64,
    pub companies: u64,
    pub companies_visited: u64,
}

fn members(stratum: &Stratum) -> impl Iterator<Item = (&Id, bool)> {
    let drawn = stratum.drawn.iter().map(|id| (id, true));
    drawn.chain(stratum.reserve.iter().map(|id| (id, false)))
}

fn sizes(stratum: &Stratum) -> (f64, f64) {
    let drawn = stratum.drawn.len() as f64;
    (drawn, drawn + stratum.reserve.len() as f64)
}

pub(super) fn of_draws(drawn: &[Drawn<'_>]) -> Vec<DrawOdds> {
    let strata = drawn
        .iter()
        .flat_map(|one| one.outcome.strata.iter().map(move |stratum| (one, stratum)));
    let row = |(one, stratum): (&Drawn<'_>, &Stratum)| DrawOdds {
        draw: one.draw.clone(),
        attempt: one.attempt,
        district: stratum.district.clone(),
        grade: stratum.grade.clone(),
        eligible: (stratum.drawn.len() + stratum.reserve.len()) as u64,
        drawn: stratum.drawn.len() as u64,
    };
    strata.map(row).collect()
}

/// What one object could expect and what became of it.
#[derive(Default)]
struct Fate {
    expected: f64,
    variance: f64,
    /// Chance of never having been drawn.
    never: f64,
    drawn: u64,
}

pub(super) fn of_strata(drawn: &[Drawn<'_>]) -> Vec<StratumOdds> {
    type Fates<'d> = (u64, BTreeMap<&'d Id, Fate>);
    let mut strata: BTreeMap<(&Region, &Id), Fates<'_>> = BTreeMap::new();
    for stratum in drawn.iter().flat_map(|one| &one.outcome.strata) {
        let (number, of) = sizes(stratum);
        let (draws, fates) = strata
            .entry((&stratum.district, &stratum.grade))
            .or_default();
        *draws += 1;
        for (id, is_drawn) in members(stratum) {
            let odds = number / of;
            let fate = fates.entry(id).or_insert_with(|| Fate {
                never: 1.0,
                ..Fate::default()
            });
            fate.expected += odds;
            fate.variance += odds * (1.0 - odds);
            fate.never *= 1.0 - odds;
            fate.drawn += u64::from(is_drawn);
        }
    }
    let row = |((district, grade), (draws, fates)): ((&Region, &Id), Fates<'_>)| {
        let objects = fates.len() as f64;
        let mean =
            |of: &dyn Fn(&Fate) -> f64| fates.values().map(of).sum::<f64>() / objects.max(1.0);
        StratumOdds {
            district: district.clone(),
            grade: grade.clone(),
            draws,
            objects: fates.len() as u64,
            expected: mean(&|one| one.expected),
            realised: mean(&|one| one.drawn as f64),
            never: fates.values().filter(|one| one.drawn == 0).count() as u64,
            expected_never: fates.values().map(|one| one.never).sum(),
            most: fates
                .values()
                .map(|one| one.drawn)
                .max()
                .unwrap_or_default(),
            test: apart(draws, fates.values()),
        }
    };
    strata.into_iter().map(row).collect()
}

/// Whether objects were drawn as unequally as chance allows. Drawing without replacement ties the counts of one draw to each
/// other: hence (N-1)/N, and nothing to test in a single draw, where the statistic is the same whoever is drawn.
fn apart<'f>(draws: u64, fates: impl Iterator<Item = &'f Fate>) -> Option<ChiSquare> {
    if draws < 2 {
        return None;
    }
    let (mut sum, mut open) = (0.0, 0_u64);
    for one in fates.filter(|one| one.variance > 0.0) {
        sum += (one.drawn as f64 - one.expected).powi(2) / one.variance;
        open += 1;
    }
    let freedom = open.checked_sub(1)?;
    ChiSquare::new(sum * freedom as f64 / open as f64, freedom)
}

/// A system that skips through a list in steps leaves the end of the list out; this would show it.
pub(super) fn places(drawn: &[Drawn<'_>]) -> Option<PlaceTest> {
    let (mut expected, mut counts) = ([0.0; 4], [0_u64; 4]);
    // Objects drawn, and what of it is free to vary when they are drawn without replacement.
    let (mut all, mut free) = (0.0, 0.0);
    for stratum in drawn.iter().flat_map(|one| &one.outcome.strata) {
        let (number, of) = sizes(stratum);
        let mut sorted: Vec<(&Id, bool)> = members(stratum).collect();
        sorted.sort_unstable();
        if of < 4.0 || number == 0.0 || number == of {
            continue;
        }
        let length = sorted.len();
        for (place, (_, is_drawn)) in sorted.into_iter().enumerate() {
            let part = (place * 4 / length).min(3);
            expected[part] += number / of;
            counts[part] += u64::from(is_drawn);
        }
        all += number;
        free += number * (of - number) / (of - 1.0);
    }
    if all == 0.0 {
        return None;
    }
    let scale = free / all;
    let statistic = (expected.iter().zip(counts))
        .map(|(expected, count)| (count as f64 - expected).powi(2) / (expected * scale))
        .sum();
    Some(PlaceTest {
        expected,
        drawn: counts,
        test: ChiSquare::new(statistic, 3),
    })
}

pub(super) fn coverage(drawn: &[Drawn<'_>]) -> Vec<Coverage> {
    #[derive(Default)]
    struct Seen<'d> {
        objects: BTreeSet<&'d Id>,
        visited: BTreeSet<&'d Id>,
        companies: BTreeSet<&'d Id>,
        companies_visited: BTreeSet<&'d Id>,
    }
    let mut strata: BTreeMap<(&Region, &Id), Seen<'_>> = BTreeMap::new();
    for one in drawn.iter().filter(|one| one.stands) {
        for object in &one.plan.objects {
            let seen = strata.entry((&object.district, &object.grade)).or_default();
            seen.objects.insert(&object.id);
            seen.companies.insert(&object.company);
        }
        for (object, _) in &one.visits {
            let seen = strata.entry((&object.district, &object.grade)).or_default();
            seen.visited.insert(&object.id);
            seen.companies_visited.insert(&object.company);
        }
    }
    let row = |((district, grade), seen): ((&Region, &Id), Seen<'_>)| Coverage {
        district: district.clone(),
        grade: grade.clone(),
        objects: seen.objects.len() as u64,
        visited: seen.visited.len() as u64,
        companies: seen.companies.len() as u64,
        companies_visited: seen.companies_visited.len() as u64,
    };
    strata.into_iter().map(row).collect()
}
