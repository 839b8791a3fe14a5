//! The officers of a plan as the search sees them: who may visit an object at all, and in which order.

use std::collections::{BTreeMap, BTreeSet};

use super::one::Choice;
use crate::domain::Region;
use crate::draw::{
    outcome::{Constraint, Unfit, UnfitReason},
    plan::{DistrictRule, Object, Officer, Plan},
    seed::{Seed, quoted},
    words::Id,
};

/// Officers with what does not change during a search.
pub(in crate::draw) struct Pool<'p> {
    plan: &'p Plan,
    seed: Seed,
    officers: Vec<Member<'p>>,
    /// The bit of each qualification that is asked for.
    bits: BTreeMap<&'p Id, u32>,
    index: BTreeMap<&'p Id, usize>,
    /// For each district of an object which officers are local to it.
    local: BTreeMap<&'p Region, Vec<bool>>,
}

struct Member<'p> {
    officer: &'p Officer,
    quoted: Vec<u8>,
    qualifications: u32,
    valid: bool,
    /// Objects and companies the officer must keep away from, sorted.
    avoids: Vec<&'p Id>,
}

impl<'p> Pool<'p> {
    pub(in crate::draw) fn new(plan: &'p Plan, seed: Seed) -> Self {
        let bits: BTreeMap<&Id, u32> = (plan.all_needs().into_iter().enumerate())
            .map(|(index, need)| (need, 1 << index))
            .collect();
        let mut recusals: BTreeMap<&Id, Vec<&Id>> = BTreeMap::new();
        for recusal in &plan.recusals {
            let avoids = recusals.entry(&recusal.officer).or_default();
            avoids.push(&recusal.object);
        }
        let districts: BTreeSet<&Region> = plan.objects.iter().map(|one| &one.district).collect();
        let here = |district: &Region| -> Vec<bool> {
            let officers = plan.officers.iter();
            officers
                .map(|one| one.district.contains(district))
                .collect()
        };
        let local = districts.into_iter().map(|one| (one, here(one))).collect();
        let officers = plan.officers.iter().map(|officer| {
            let mut avoids = recusals.remove(&officer.id).unwrap_or_default();
            avoids.extend(&officer.interests);
            avoids.sort_unstable();
            Member {
                officer,
                quoted: quoted(&officer.id),
                qualifications: mask(&bits, &officer.qualifications),
                valid: officer.certificate_until >= plan.window.until,
                avoids,
            }
        });
        Self {
            plan,
            seed,
            officers: officers.collect(),
            index: (plan.officers.iter().enumerate())
                .map(|(index, officer)| (&officer.id, index))
                .collect(),
            bits,
            local,
        }
    }

    /// Visits each officer can still make, by index.
    pub(in crate::draw) fn left(&self) -> Vec<u32> {
        let cap = self.plan.caps.officer_visits;
        (self.officers.iter())
            .map(|one| match one.valid {
                true => cap.saturating_sub(one.officer.assigned),
                false => 0,
            })
            .collect()
    }

    /// As many visits for everybody as anybody could want.
    pub(super) fn unlimited(&self) -> Vec<u32> {
        vec![u32::MAX; self.officers.len()]
    }

    pub(in crate::draw) fn unfit(&self) -> Vec<Unfit> {
        let left = self.left();
        (self.officers.iter().zip(left))
            .filter_map(|(one, left)| {
                let reason = match (one.valid, left) {
                    (false, _) => UnfitReason::Certificate,
                    (true, 0) => UnfitReason::Workload,
                    _ => return None,
                };
                Some(Unfit {
                    officer: one.officer.id.clone(),
                    reason,
                })
            })
            .collect()
    }

    pub(in crate::draw) fn id(&self, index: usize) -> &'p Id {
        &self.officers[index].officer.id
    }

    pub(in crate::draw) fn index(&self, id: &Id) -> Option<usize> {
        self.index.get(id).copied()
    }

    /// The officers that may visit an object, in its order, and what its team needs; one constraint may be left out.
    pub(in crate::draw) fn choice(&self, object: &Object, without: Option<Constraint>) -> Choice {
        let rule = match without {
            Some(Constraint::District) => DistrictRule::Any,
            _ => self.plan.team.districts,
        };
        let needs = match without {
            Some(Constraint::Qualification) => 0,
            _ => mask(&self.bits, &self.plan.needs) | mask(&self.bits, &object.needs),
        };
        let mut key = self.seed.officers(&object.id);
        let local = self.local.get(&object.district);
        let mut fit = Vec::with_capacity(self.officers.len());
        for (index, one) in self.officers.iter().enumerate() {
            let certified = one.valid || without == Some(Constraint::Certificate);
            let free = without == Some(Constraint::Recusal) || !one.avoids(object);
            let local = match local {
                Some(local) => local[index],
                None => one.officer.district.contains(&object.district),
            };
            let from_here = match rule {
                DistrictRule::Same => local,
                DistrictRule::Other => !local,
                DistrictRule::Any | DistrictRule::OneLocal | DistrictRule::Mixed => true,
            };
            if certified && free && from_here {
                fit.push((key(&one.quoted), index, local));
            }
        }
        // Sorted by the first bytes of the keys, and by all of them where those are the same. Two keys are never equal
        // in practice; the order of ids would decide.
        let mut order: Vec<(u64, usize)> = (fit.iter().enumerate())
            .map(|(place, (key, ..))| (key.first(), place))
            .collect();
        order.sort_unstable_by(|(a, left), (b, right)| {
            a.cmp(b).then_with(|| fit[*left].cmp(&fit[*right]))
        });
        let candidates = order.into_iter().map(|(_, place)| {
            let (_, index, local) = fit[place];
            (index, self.officers[index].qualifications, local)
        });
        Choice::new(self.plan.team.size as usize, rule, needs, candidates)
    }

    /// Visits that are needed and that can be made: altogether, for each qualification, in each district.
    pub(super) fn balances(&self, drawn: &[&Object]) -> Vec<(String, u64, u64)> {
        let left = self.left();
        let available = |counts: &dyn Fn(&Member<'_>) -> bool| -> u64 {
            (self.officers.iter().zip(&left))
                .filter(|(one, _)| counts(one))
                .map(|(_, left)| u64::from(*left))
                .sum()
        };
        let size = u64::from(self.plan.team.size);
        let mut balances = vec![(
            "all".to_owned(),
            size * drawn.len() as u64,
            available(&|_| true),
        )];
        for (need, bit) in &self.bits {
            let asks = |object: &&&Object| {
                self.plan.needs.binary_search(need).is_ok()
                    || object.needs.binary_search(need).is_ok()
            };
            let needed = drawn.iter().filter(asks).count() as u64;
            let held = available(&|one| one.qualifications & bit != 0);
            balances.push((format!("need:{need}"), needed, held));
        }
        let (local, other) = match self.plan.team.districts {
            DistrictRule::Any => (0, 0),
            DistrictRule::Same => (size, 0),
            DistrictRule::Other => (0, size),
            DistrictRule::OneLocal => (1, 0),
            DistrictRule::Mixed => (1, 1),
        };
        let mut districts: BTreeMap<_, u64> = BTreeMap::new();
        for object in drawn {
            *districts.entry(&object.district).or_default() += 1;
        }
        for (district, objects) in districts {
            let here = available(&|one| one.officer.district.contains(district));
            let elsewhere = available(&|one| !one.officer.district.contains(district));
            if local > 0 {
                balances.push((format!("local:{district}"), local * objects, here));
            }
            if other > 0 {
                balances.push((format!("other:{district}"), other * objects, elsewhere));
            }
        }
        balances
    }
}

impl Member<'_> {
    fn avoids(&self, object: &Object) -> bool {
        let has = |id: &Id| self.avoids.binary_search(&id).is_ok();
        !self.avoids.is_empty() && (has(&object.id) || has(&object.company))
    }
}

fn mask(bits: &BTreeMap<&Id, u32>, ids: &[Id]) -> u32 {
    ids.iter().filter_map(|id| bits.get(id)).sum()
}
