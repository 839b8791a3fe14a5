//! Which objects are drawn: stratum by stratum, in the order of their keys.

use super::{
    outcome::{Infeasible, Passed, Stratum},
    plan::{Object, Plan},
    seed::Seed,
    words::{Bytes32, Id},
};
use crate::domain::Region;

/// Whether the company of an object may be visited once more. All visits of one draw to a company are merged.
fn eligible(plan: &Plan, object: &Object) -> bool {
    object.visits < plan.caps.company_visits
}

/// Objects that cannot be drawn.
pub(super) fn passed(plan: &Plan) -> Vec<Passed> {
    let beyond = plan.objects.iter().filter(|one| !eligible(plan, one));
    beyond
        .map(|object| Passed {
            object: object.id.clone(),
            visits: object.visits,
        })
        .collect()
}

/// The ids of one stratum in the order of the draw, whichever order they come in: the first n are drawn. Whether and where
/// others are in the list moves none of them against another.
pub fn order<'i>(
    seed: Seed,
    district: &Region,
    grade: &Id,
    ids: impl IntoIterator<Item = &'i Id>,
) -> Vec<&'i Id> {
    let key = seed.objects(district, grade);
    let mut keyed: Vec<(Bytes32, &Id)> = ids.into_iter().map(|id| (key(id), id)).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, id)| id).collect()
}

/// Every stratum in drawn order. The seed orders; whether there are enough objects does not depend on it.
pub(super) fn strata(plan: &Plan, seed: Seed) -> Result<Vec<Stratum>, Infeasible> {
    let mut drawn = 0;
    let mut strata = Vec::with_capacity(plan.sampling.strata.len());
    let mut objects: Vec<&Object> = (plan.objects.iter())
        .filter(|one| eligible(plan, one))
        .collect();
    objects.sort_by(|a, b| (&a.district, &a.grade).cmp(&(&b.district, &b.grade)));
    let mut rest = objects.as_slice();
    for quota in &plan.sampling.strata {
        let of_this =
            |one: &&Object| (&one.district, &one.grade) == (&quota.district, &quota.grade);
        let start = rest.iter().position(of_this).unwrap_or(0);
        let length = rest[start..].iter().take_while(|one| of_this(one)).count();
        let members = &rest[start..start + length];
        rest = &rest[start + length..];

        let wanted = quota.of(members.len() as u64, plan.sampling.rounding);
        if wanted > members.len() as u64 {
            return Err(Infeasible::StratumShort {
                district: quota.district.clone(),
                grade: quota.grade.clone(),
                wanted,
                eligible: members.len() as u64,
            });
        }
        drawn += wanted;
        let members = members.iter().map(|one| &one.id);
        let mut ids = order(seed, &quota.district, &quota.grade, members)
            .into_iter()
            .cloned();
        strata.push(Stratum {
            district: quota.district.clone(),
            grade: quota.grade.clone(),
            drawn: ids.by_ref().take(wanted as usize).collect(),
            reserve: ids.collect(),
        });
    }
    match plan.caps.objects.map(u64::from) {
        Some(allowed) if drawn > allowed => Err(Infeasible::PlanCap { drawn, allowed }),
        _ => Ok(strata),
    }
}
