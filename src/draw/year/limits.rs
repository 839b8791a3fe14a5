//! What no draw could mend: a plan whose own ratios and caps contradict each other.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Population, YearPlan, YearTask};
use crate::{
    domain::Region,
    draw::{
        outcome::Infeasible,
        plan::{Object, Plan},
        words::Id,
    },
};

/// The constraint that makes a plan infeasible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "constraint", rename_all = "snake_case")]
pub enum YearInfeasible {
    #[error("任务「{task}」的范围内没有检查对象")]
    EmptyTask { task: Id },
    #[error("全年共抽 {drawn} 个，超过计划上限 {allowed} 个")]
    PlanCap { drawn: u64, allowed: u64 },
    /// Certain to be drawn in all of these tasks.
    #[error(
        "企业「{company}」在任务{}中必被抽中，加上已检查的 {visited} 次，超过每年 {allowed} 次的上限",
        told(tasks)
    )]
    CompanyVisits {
        company: Id,
        tasks: Vec<Id>,
        visited: u32,
        allowed: u32,
    },
    #[error(
        "{district}/{grade}层全年至少要到企业检查 {needed} 次，按每家每年的上限最多 {available} 次"
    )]
    StratumVisits {
        district: Region,
        grade: Id,
        needed: u64,
        available: u64,
    },
    #[error("执法人员的工作量上限不够（{scope}）：全年需要 {needed} 人次，最多 {available} 人次")]
    OfficerVisits {
        /// `all`, or `need:` and a qualification.
        scope: String,
        needed: u64,
        available: u64,
    },
    /// A trial draw of this task failed.
    #[error("任务「{task}」：{why}")]
    Task { task: Id, why: Infeasible },
}

fn told(tasks: &[Id]) -> String {
    (tasks.iter())
        .map(|id| format!("「{id}」"))
        .collect::<String>()
}

/// One stratum of one task.
pub(super) struct Planned<'p> {
    pub task: &'p YearTask,
    pub district: Region,
    pub grade: Id,
    pub basis_points: u32,
    pub objects: u64,
    /// What the ratio gives of all objects.
    pub drawn: u64,
    /// Objects of each company in it.
    companies: BTreeMap<&'p Id, u64>,
}

/// Every stratum of every task, in the order of the year.
pub(super) fn planned<'p>(plan: &'p YearPlan, population: &Population<'p>) -> Vec<Planned<'p>> {
    let mut planned = Vec::new();
    for task in plan.in_order() {
        let mut strata: BTreeMap<(&Region, &Id), BTreeMap<&Id, u64>> = BTreeMap::new();
        for object in population.objects.iter().filter(|one| task.takes(one)) {
            let companies = strata.entry((&object.district, &object.grade)).or_default();
            *companies.entry(&object.company).or_default() += 1;
        }
        for ((district, grade), companies) in strata {
            let Some(ratio) = plan.ratio(task, grade) else {
                continue;
            };
            let quota = crate::draw::Quota {
                district: district.clone(),
                grade: grade.clone(),
                basis_points: Some(ratio.basis_points),
                count: None,
            };
            let objects = companies.values().sum();
            planned.push(Planned {
                task,
                basis_points: ratio.basis_points,
                objects,
                drawn: quota.of(objects, task.rounding),
                companies,
                district: quota.district,
                grade: quota.grade,
            });
        }
    }
    planned
}

/// The first contradiction, in this order: a task without objects, the cap of the plan, a company that is certain to be
/// visited too often, a stratum that needs more visits than its companies may have, officers.
pub(super) fn contradiction(
    plan: &YearPlan,
    population: &Population<'_>,
    planned: &[Planned<'_>],
) -> Option<YearInfeasible> {
    empty_task(plan, planned)
        .or_else(|| plan_cap(plan, planned))
        .or_else(|| company_visits(plan, population, planned))
        .or_else(|| stratum_visits(plan, population, planned))
        .or_else(|| officer_visits(plan, population, planned))
}

fn empty_task(plan: &YearPlan, planned: &[Planned<'_>]) -> Option<YearInfeasible> {
    let full: BTreeSet<&Id> = planned.iter().map(|one| &one.task.id).collect();
    let empty = plan
        .in_order()
        .into_iter()
        .find(|task| !full.contains(&task.id))?;
    Some(YearInfeasible::EmptyTask {
        task: empty.id.clone(),
    })
}

fn plan_cap(plan: &YearPlan, planned: &[Planned<'_>]) -> Option<YearInfeasible> {
    let drawn: u64 = planned.iter().map(|one| one.drawn).sum();
    let allowed = u64::from(plan.caps.visits?);
    (drawn > allowed).then_some(YearInfeasible::PlanCap { drawn, allowed })
}

/// Visits each company had this year before the plan's tasks.
fn visited<'p>(population: &Population<'p>) -> BTreeMap<&'p Id, u32> {
    let visits = |one: &'p Object| (&one.company, one.visits);
    population.objects.iter().map(visits).collect()
}

/// A company is certain to be drawn where more are drawn than the others have objects.
fn company_visits(
    plan: &YearPlan,
    population: &Population<'_>,
    planned: &[Planned<'_>],
) -> Option<YearInfeasible> {
    let mut certain: BTreeMap<&Id, Vec<&Id>> = BTreeMap::new();
    for one in planned {
        for (company, objects) in &one.companies {
            let tasks = certain.entry(company).or_default();
            // Tasks come one after the other, so that one is in the list twice only side by side.
            if one.drawn + objects > one.objects && tasks.last() != Some(&&one.task.id) {
                tasks.push(&one.task.id);
            }
        }
    }
    let visited = visited(population);
    let allowed = plan.caps.company_visits;
    certain.into_iter().find_map(|(company, tasks)| {
        let before = visited.get(company).copied().unwrap_or_default();
        (tasks.len() as u64 + u64::from(before) > u64::from(allowed) && !tasks.is_empty()).then(
            || YearInfeasible::CompanyVisits {
                company: company.clone(),
                tasks: tasks.into_iter().cloned().collect(),
                visited: before,
                allowed,
            },
        )
    })
}

/// The fewest companies that so many objects can belong to.
fn fewest_companies(companies: &BTreeMap<&Id, u64>, objects: u64) -> u64 {
    let mut sizes: Vec<u64> = companies.values().copied().collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let mut left = objects;
    let mut needed = 0;
    for size in sizes {
        if left == 0 {
            break;
        }
        left = left.saturating_sub(size);
        needed += 1;
    }
    needed
}

fn stratum_visits(
    plan: &YearPlan,
    population: &Population<'_>,
    planned: &[Planned<'_>],
) -> Option<YearInfeasible> {
    type Sums<'p> = (u64, BTreeSet<&'p Id>);
    let mut strata: BTreeMap<(&Region, &Id), Sums<'_>> = BTreeMap::new();
    for one in planned {
        let (needed, companies) = strata.entry((&one.district, &one.grade)).or_default();
        *needed += fewest_companies(&one.companies, one.drawn);
        companies.extend(one.companies.keys());
    }
    let visited = visited(population);
    let free = |company: &&Id| {
        let before = visited.get(company).copied().unwrap_or_default();
        u64::from(plan.caps.company_visits.saturating_sub(before))
    };
    strata
        .into_iter()
        .find_map(|((district, grade), (needed, companies))| {
            let available: u64 = companies.iter().map(free).sum();
            (needed > available).then(|| YearInfeasible::StratumVisits {
                district: district.clone(),
                grade: grade.clone(),
                needed,
                available,
            })
        })
}

fn officer_visits(
    plan: &YearPlan,
    population: &Population<'_>,
    planned: &[Planned<'_>],
) -> Option<YearInfeasible> {
    let mut needs: BTreeMap<&Id, u64> = BTreeMap::new();
    let mut all = 0;
    for one in planned {
        all += u64::from(one.task.team.size) * one.drawn;
        for need in &one.task.needs {
            *needs.entry(need).or_default() += one.drawn;
        }
    }
    // An officer counts whose certificate lasts through one of the plan's quarters.
    let ends: Vec<_> = (plan.tasks.iter())
        .filter_map(|task| plan.quarter(task.quarter))
        .map(|window| window.until)
        .collect();
    let first = ends.iter().min()?;
    let available = |needed: Option<&Id>| -> u64 {
        (population.officers.iter())
            .filter(|one| one.certificate_until >= *first)
            .filter(|one| needed.is_none_or(|need| one.qualifications.contains(need)))
            .map(|one| u64::from(plan.caps.officer_visits.saturating_sub(one.assigned)))
            .sum()
    };
    let short = |scope: String, needed: u64, available: u64| {
        (needed > available).then_some(YearInfeasible::OfficerVisits {
            scope,
            needed,
            available,
        })
    };
    short("all".to_owned(), all, available(None)).or_else(|| {
        needs
            .into_iter()
            .find_map(|(need, needed)| short(format!("need:{need}"), needed, available(Some(need))))
    })
}

/// A trial draw may fail although nothing above does: it is asked with the seeds that it is given.
pub(super) fn of_task(plan: &Plan, why: Infeasible) -> YearInfeasible {
    YearInfeasible::Task {
        task: plan.draw.clone(),
        why,
    }
}
