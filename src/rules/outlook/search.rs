//! The smallest set of actions that leads to a better grade.

use super::{
    Deed, OutlookFault, Stand, Way, WayStep,
    actions::loss,
    case::{Case, Step},
};

/// Up to how many actions every set is tried even where all together do not help: rules may have perverse effects, so that
/// fewer can do what more cannot.
const PERVERSE: usize = 8;

/// An action that may be part of a way.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub step: Step,
    pub told: WayStep,
}

/// A set that was found, and whether every smaller one was tried.
struct Found {
    chosen: Vec<usize>,
    stand: Stand,
    smallest: bool,
}

/// Looks for the smallest set; among equally small ones, the best grade and score. Up to `exact` candidates every smaller
/// set is tried.
pub(super) fn way(
    case: &mut Case<'_>,
    now: &Stand,
    candidates: &[Candidate],
    exact: usize,
) -> Result<Option<Way>, OutlookFault> {
    if candidates.len() > PERVERSE && !helps(case, now, candidates)? {
        return Ok(None);
    }
    let mut best = greedily(case, now, candidates)?;
    let most = match &best {
        Some(found) => found.chosen.len(),
        None => candidates.len(),
    };
    if candidates.len() <= exact {
        // Of the size that is known to do, all are tried too: another may do better.
        for size in 1..=most {
            if let Some((chosen, stand)) = of_size(case, now, candidates, size)? {
                best = Some(Found {
                    chosen,
                    stand,
                    smallest: true,
                });
                break;
            }
        }
    }
    Ok(best.map(|found| Way {
        steps: found
            .chosen
            .iter()
            .map(|index| candidates[*index].told.clone())
            .collect(),
        stand: found.stand,
        smallest: found.smallest || found.chosen.len() == 1,
    }))
}

/// Whether everything together leads to a better grade.
fn helps(case: &mut Case<'_>, now: &Stand, candidates: &[Candidate]) -> Result<bool, OutlookFault> {
    let all = everything(case, candidates)?;
    Ok(case.is_better(&all, now))
}

fn steps(candidates: &[Candidate], chosen: &[usize]) -> Vec<Step> {
    chosen.iter().map(|index| candidates[*index].step).collect()
}

/// Whether one stand is to be preferred: the better grade, then the better score.
fn preferred(case: &Case<'_>, one: &Stand, other: &Stand) -> bool {
    if case.is_better(one, other) || case.is_better(other, one) {
        return case.is_better(one, other);
    }
    loss(case.rules.score_rule().direction, one.score - other.score).is_sign_negative()
        && one.score != other.score
}

/// The best set of a size that leads to a better grade.
fn of_size(
    case: &mut Case<'_>,
    now: &Stand,
    candidates: &[Candidate],
    size: usize,
) -> Result<Option<(Vec<usize>, Stand)>, OutlookFault> {
    let mut best: Option<(Vec<usize>, Stand)> = None;
    let mut chosen: Vec<usize> = (0..size).collect();
    loop {
        if !twice(candidates, &chosen) {
            let stand = case.after(&steps(candidates, &chosen))?;
            if case.is_better(&stand, now)
                && (best.as_ref()).is_none_or(|(_, known)| preferred(case, &stand, known))
            {
                best = Some((chosen.clone(), stand));
            }
        }
        if !advance(&mut chosen, candidates.len()) {
            return Ok(best);
        }
    }
}

/// The next combination in order; false after the last.
fn advance(chosen: &mut [usize], all: usize) -> bool {
    let size = chosen.len();
    let Some(place) = (0..size)
        .rev()
        .find(|place| chosen[*place] < all - size + place)
    else {
        return false;
    };
    chosen[place] += 1;
    for later in place + 1..size {
        chosen[later] = chosen[later - 1] + 1;
    }
    true
}

/// Whether a record is acted on twice.
fn twice(candidates: &[Candidate], chosen: &[usize]) -> bool {
    chosen.iter().enumerate().any(|(place, one)| {
        chosen[..place]
            .iter()
            .any(|other| candidates[*one].step.0 == candidates[*other].step.0)
    })
}

/// The actions in the order of what each gives alone, one after the other until the grade is better; then what turns out
/// not to be needed is left out, the least first.
fn greedily(
    case: &mut Case<'_>,
    now: &Stand,
    candidates: &[Candidate],
) -> Result<Option<Found>, OutlookFault> {
    let mut chosen: Vec<usize> = Vec::new();
    let mut stand = now.clone();
    for index in 0..candidates.len() {
        let taken = |other: &usize| candidates[*other].step.0 == candidates[index].step.0;
        if chosen.iter().any(taken) {
            continue;
        }
        chosen.push(index);
        stand = case.after(&steps(candidates, &chosen))?;
        if case.is_better(&stand, now) {
            break;
        }
    }
    if !case.is_better(&stand, now) {
        return Ok(None);
    }
    chosen.reverse();
    let mut place = 0;
    while place < chosen.len() && chosen.len() > 1 {
        let mut without = chosen.clone();
        without.remove(place);
        let then = case.after(&steps(candidates, &without))?;
        if case.is_better(&then, now) {
            chosen = without;
            stand = then;
        } else {
            place += 1;
        }
    }
    chosen.sort_unstable();
    Ok(Some(Found {
        chosen,
        stand,
        smallest: false,
    }))
}

/// How the subject would stand after everything: every objection upheld, what cannot be objected to rectified.
pub(super) fn everything(
    case: &mut Case<'_>,
    candidates: &[Candidate],
) -> Result<Stand, OutlookFault> {
    let objected = |record: usize| {
        candidates
            .iter()
            .any(|one| one.step == (record, Deed::Object))
    };
    let all: Vec<Step> = candidates
        .iter()
        .map(|one| one.step)
        .filter(|(record, deed)| *deed == Deed::Object || !objected(*record))
        .collect();
    case.after(&all)
}
