//! What a plan would give before it is frozen: whole years drawn with made-up seeds, one task after the other, the visits of
//! one counted in the next.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    YearPlan,
    limits::{YearInfeasible, contradiction, of_task, planned},
};
use crate::{
    domain::Region,
    draw::{
        canonical,
        plan::{Object, Officer, Recusal},
        seed::Seed,
        words::{Bytes32, Id},
    },
};

/// What tasks are drawn from; objects and officers with the visits of this year so far, each once.
#[derive(Debug, Clone, Copy)]
pub struct Population<'p> {
    /// By id.
    pub objects: &'p [Object],
    /// By id.
    pub officers: &'p [Officer],
    /// By officer, then object.
    pub recusals: &'p [Recusal],
    /// Tasks that were drawn already: their visits are in those above.
    pub done: &'p BTreeSet<Id>,
}

/// Sums over all trial years; divided by `trials` they are expected numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub trials: u64,
    /// In the order of the year.
    pub strata: Vec<ExpectedStratum>,
    /// Visits by company, by id; a draw visits a company and its projects once.
    pub companies: Vec<ExpectedCompany>,
    pub officers: Vec<ExpectedOfficer>,
    /// By item and district; a merged visit counts in each of its items here, and once in `visits`.
    pub items: Vec<ExpectedItem>,
    /// Objects drawn.
    pub visits: u64,
    /// Why the plan cannot be carried out; trials end with the first that fails.
    pub infeasible: Option<YearInfeasible>,
}

/// One stratum of one task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedStratum {
    pub task: Id,
    pub district: Region,
    pub grade: Id,
    pub basis_points: u32,
    pub objects: u64,
    /// What the ratio gives of all objects.
    pub planned: u64,
    /// Drawn in all trials: fewer where companies have been visited as often as the cap allows.
    pub drawn: u64,
}

/// Visits to one company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedCompany {
    pub company: Id,
    /// Objects of it that some task takes.
    pub objects: u64,
    pub visits: u64,
    /// In one year, at most.
    pub most: u32,
}

/// Visits of one officer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedOfficer {
    pub officer: Id,
    pub visits: u64,
    pub most: u32,
}

/// Visits for one item in one district.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedItem {
    pub item: Id,
    pub district: Region,
    pub visits: u64,
}

/// What one year of visits adds up to.
#[derive(Default)]
struct Year {
    companies: BTreeMap<Id, u32>,
    officers: BTreeMap<Id, u32>,
    strata: BTreeMap<(Id, Region, Id), u64>,
}

/// Draws so many years; `trials` at least 1.
pub fn expect(plan: &YearPlan, population: &Population<'_>, trials: u64) -> Expected {
    let open = YearPlan {
        tasks: (plan.tasks.iter())
            .filter(|task| !population.done.contains(&task.id))
            .cloned()
            .collect(),
        ..plan.clone()
    };
    let planned = planned(&open, population);
    let mut expected = Expected {
        trials: 0,
        strata: Vec::new(),
        companies: companies(&open, population),
        officers: Vec::new(),
        items: Vec::new(),
        visits: 0,
        infeasible: contradiction(&open, population, &planned),
    };
    let mut sums = Year::default();
    let mut most = Year::default();
    for number in 0..trials {
        if expected.infeasible.is_some() {
            break;
        }
        match year(&open, population, number) {
            Err(why) => expected.infeasible = Some(why),
            Ok(year) => {
                expected.trials += 1;
                add(&mut sums, &mut most, year);
            }
        }
    }
    for one in &planned {
        let key = (one.task.id.clone(), one.district.clone(), one.grade.clone());
        expected.strata.push(ExpectedStratum {
            basis_points: one.basis_points,
            objects: one.objects,
            planned: one.drawn,
            drawn: sums.strata.get(&key).copied().unwrap_or_default(),
            task: key.0,
            district: key.1,
            grade: key.2,
        });
    }
    for row in &mut expected.companies {
        row.visits = u64::from(
            sums.companies
                .get(&row.company)
                .copied()
                .unwrap_or_default(),
        );
        row.most = most
            .companies
            .get(&row.company)
            .copied()
            .unwrap_or_default();
    }
    expected.officers = (population.officers.iter())
        .map(|one| ExpectedOfficer {
            officer: one.id.clone(),
            visits: u64::from(sums.officers.get(&one.id).copied().unwrap_or_default()),
            most: most.officers.get(&one.id).copied().unwrap_or_default(),
        })
        .collect();
    expected.visits = expected.strata.iter().map(|one| one.drawn).sum();
    expected.items = items(&open, &expected.strata);
    expected
}

fn companies(plan: &YearPlan, population: &Population<'_>) -> Vec<ExpectedCompany> {
    let mut objects: BTreeMap<&Id, u64> = BTreeMap::new();
    for one in population.objects {
        if plan.tasks.iter().any(|task| task.takes(one)) {
            *objects.entry(&one.company).or_default() += 1;
        }
    }
    let row = |(company, objects): (&Id, u64)| ExpectedCompany {
        company: company.clone(),
        objects,
        visits: 0,
        most: 0,
    };
    objects.into_iter().map(row).collect()
}

fn items(plan: &YearPlan, strata: &[ExpectedStratum]) -> Vec<ExpectedItem> {
    let mut visits: BTreeMap<(&Id, &Region), u64> = BTreeMap::new();
    for one in strata {
        for item in plan.task(&one.task).map_or(&[][..], |task| &task.items) {
            *visits.entry((item, &one.district)).or_default() += one.drawn;
        }
    }
    let row = |((item, district), visits): ((&Id, &Region), u64)| ExpectedItem {
        item: item.clone(),
        district: district.clone(),
        visits,
    };
    visits.into_iter().map(row).collect()
}

fn add(sums: &mut Year, most: &mut Year, year: Year) {
    for (company, visits) in year.companies {
        let top = most.companies.entry(company.clone()).or_default();
        *top = visits.max(*top);
        *sums.companies.entry(company).or_default() += visits;
    }
    for (officer, visits) in year.officers {
        let top = most.officers.entry(officer.clone()).or_default();
        *top = visits.max(*top);
        *sums.officers.entry(officer).or_default() += visits;
    }
    for (stratum, drawn) in year.strata {
        *sums.strata.entry(stratum).or_default() += drawn;
    }
}

/// One year: every task drawn in its turn, with the visits of those before it.
fn year(plan: &YearPlan, population: &Population<'_>, number: u64) -> Result<Year, YearInfeasible> {
    let mut objects = population.objects.to_vec();
    let mut officers = population.officers.to_vec();
    let mut year = Year::default();
    let bytes = canonical::bytes_of(plan);
    for task in plan.in_order() {
        let now = Population {
            objects: &objects,
            officers: &officers,
            ..*population
        };
        let Some(frozen) = plan.draw_of(task, &now) else {
            continue;
        };
        let id = task.id.as_str().as_bytes();
        let seed = Bytes32::digest(&[b"wuxin-year", &bytes, id, &number.to_be_bytes()]);
        let outcome =
            crate::draw::draw(&frozen, Seed(seed)).map_err(|why| of_task(&frozen, why))?;
        for stratum in outcome.strata {
            let key = (task.id.clone(), stratum.district, stratum.grade);
            year.strata.insert(key, stratum.drawn.len() as u64);
        }
        let of: BTreeMap<&Id, &Id> = (frozen.objects.iter())
            .map(|one| (&one.id, &one.company))
            .collect();
        let mut visited: BTreeSet<Id> = BTreeSet::new();
        for team in outcome.teams {
            visited.extend(of.get(&team.object).map(|company| (*company).clone()));
            for officer in team.officers {
                if let Ok(at) = officers.binary_search_by(|one| one.id.cmp(&officer)) {
                    officers[at].assigned += 1;
                }
                *year.officers.entry(officer).or_default() += 1;
            }
        }
        for one in objects
            .iter_mut()
            .filter(|one| visited.contains(&one.company))
        {
            one.visits += 1;
        }
        for company in visited {
            *year.companies.entry(company).or_default() += 1;
        }
    }
    Ok(year)
}
