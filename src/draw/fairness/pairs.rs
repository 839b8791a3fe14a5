//! Officers who came to the same company again: how many, and how many chance alone would bring together.

use std::collections::BTreeMap;

use super::{Drawn, chance::at_least_two};
use crate::draw::{
    plan::{DistrictRule, Object, Officer, Plan},
    words::Id,
};

/// All pairs of an officer and a company.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pairs {
    /// Different pairs that met.
    pub met: u64,
    /// Pairs that met in more than one draw; the most frequent first.
    pub repeated: Vec<Pair>,
    /// How many could be expected to, if every team were any of the possible officers. Qualifications and workload narrow the
    /// choice further, so a few more are no surprise.
    pub expected: f64,
}

/// An officer and a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub officer: Id,
    pub company: Id,
    /// Draws in which they met.
    pub draws: u64,
}

/// Whether the officer may visit the object at all, workload and qualifications aside.
fn may_visit(plan: &Plan, officer: &Officer, object: &Object) -> bool {
    let about = |id: &Id| *id == object.id || *id == object.company;
    let local = officer.district.contains(&object.district);
    let from_here = match plan.team.districts {
        DistrictRule::Same => local,
        DistrictRule::Other => !local,
        DistrictRule::Any | DistrictRule::OneLocal | DistrictRule::Mixed => true,
    };
    let recused = (plan.recusals.iter()).any(|one| one.officer == officer.id && about(&one.object));
    officer.certificate_until >= plan.window.until
        && from_here
        && !recused
        && !officer.interests.iter().any(about)
}

impl Pairs {
    pub(super) fn of(drawn: &[Drawn<'_>]) -> Self {
        let mut met: BTreeMap<(&Id, &Id), u64> = BTreeMap::new();
        // The chance of meeting in each draw.
        let mut chances: BTreeMap<(&Id, &Id), Vec<f64>> = BTreeMap::new();
        for one in drawn.iter().filter(|one| one.stands) {
            let mut here: BTreeMap<(&Id, &Id), bool> = BTreeMap::new();
            let mut apart: BTreeMap<(&Id, &Id), f64> = BTreeMap::new();
            for (object, officers) in &one.visits {
                let possible: Vec<&Id> = (one.plan.officers.iter())
                    .filter(|officer| may_visit(one.plan, officer, object))
                    .map(|officer| &officer.id)
                    .collect();
                let chance =
                    officers.len() as f64 / possible.len().max(officers.len()).max(1) as f64;
                for officer in possible {
                    *apart.entry((officer, &object.company)).or_insert(1.0) *= 1.0 - chance;
                }
                for officer in officers {
                    here.insert((officer, &object.company), true);
                }
            }
            for (pair, _) in here {
                *met.entry(pair).or_default() += 1;
            }
            for (pair, apart) in apart {
                chances.entry(pair).or_default().push(1.0 - apart);
            }
        }
        let pair = |((officer, company), draws): (&(&Id, &Id), &u64)| Pair {
            officer: (*officer).clone(),
            company: (*company).clone(),
            draws: *draws,
        };
        let mut repeated: Vec<Pair> = (met.iter())
            .filter(|(_, draws)| **draws > 1)
            .map(pair)
            .collect();
        repeated.sort_by(|a, b| {
            let key = |one: &Pair| (one.officer.clone(), one.company.clone());
            b.draws.cmp(&a.draws).then_with(|| key(a).cmp(&key(b)))
        });
        Self {
            met: met.len() as u64,
            repeated,
            expected: chances.values().map(|chances| at_least_two(chances)).sum(),
        }
    }
}
