//! What a plan would give: whole years drawn for trial over the objects and officers that the store has now.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::{OpenPlan, in_force};
use crate::{
    domain::Region,
    draw::{
        Id, ObjectKind,
        year::{Expected, Population, YearPlan, expect},
    },
    service::{
        App, Error, FieldFault,
        checks::planning::{Earlier, Gathered, LeftOut, gather},
        permission::{Action, Actor},
    },
    store::{Db, checks as kept},
};

/// Trial years: as many as trial draws of a task.
const TRIALS: u64 = 16;

/// What a plan would give, before it is frozen. Expected numbers are means over the trial years, with two decimals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct YearSimulation {
    pub trials: u64,
    /// The constraint that makes the plan infeasible; absent: it was feasible in all trial years.
    pub infeasible: Option<String>,
    /// Objects drawn in the year, expected.
    pub visits: String,
    pub strata: Vec<YearStratum>,
    /// By grade.
    pub grades: Vec<YearGrade>,
    pub companies: Vec<YearCompany>,
    pub officers: Vec<YearOfficer>,
    /// By item and district; a merged visit counts in each of its items here and once in `visits`.
    pub items: Vec<YearItem>,
    /// Tasks that were drawn already: counted as visits made, not drawn again.
    pub done: Vec<String>,
    /// Objects and officers that cannot be drawn, each with the reason.
    pub left_out: Vec<LeftOut>,
}

/// One stratum of one task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct YearStratum {
    pub task: String,
    pub district: String,
    pub grade: String,
    pub percent: String,
    pub objects: u64,
    /// What the ratio gives of all objects.
    pub planned: u64,
    /// Expected: less where companies have been visited as often as the cap allows.
    pub expected: String,
}

/// One grade over the year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct YearGrade {
    pub grade: String,
    /// Different objects that some task takes.
    pub objects: u64,
    pub expected: String,
}

/// Visits to one company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct YearCompany {
    pub company: String,
    pub objects: u64,
    pub expected: String,
    /// In one trial year, at most.
    pub most: u32,
}

/// Visits of one officer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct YearOfficer {
    pub officer: String,
    pub expected: String,
    pub most: u32,
}

/// Visits for one item in one district.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct YearItem {
    pub item: String,
    pub district: String,
    pub expected: String,
}

/// A plan drawn for trial.
pub(super) struct Tried {
    pub expected: Expected,
    gathered: Gathered,
    done: BTreeSet<Id>,
}

/// Draws the plan over what the store has now.
///
/// # Errors
/// A grade that the plan has no ratio for: none is made up.
pub(super) fn tried(
    db: &mut Db,
    app: &App,
    plan: &YearPlan,
    now: DateTime<Utc>,
) -> Result<Tried, Error> {
    let visits = kept::of_year(db, plan.year)?;
    let done: BTreeSet<Id> = (plan.tasks.iter())
        .filter(|task| visits.iter().any(|visit| visit.task == task.id.as_str()))
        .map(|task| task.id.clone())
        .collect();
    let made = super::super::visiting::made_in(db, plan.year)?;
    let earlier = Earlier::of(visits, made, |_| false);
    let both = [ObjectKind::Company, ObjectKind::Project];
    let gathered = gather(db, app, (&plan.district, &both), &earlier, now)?;
    let mut unknown: BTreeMap<&Id, u32> = BTreeMap::new();
    for object in &gathered.objects {
        let lacks = |task: &&crate::draw::year::YearTask| {
            task.takes(object) && plan.ratio(task, &object.grade).is_none()
        };
        if plan.tasks.iter().any(|task| lacks(&task)) {
            *unknown.entry(&object.grade).or_default() += 1;
        }
    }
    if !unknown.is_empty() {
        let fault = |(grade, number): (&Id, u32)| {
            let what = format!(
                "计划没有给出等级「{grade}」（{number} 个对象）的抽取比例，评分规则也没有规定"
            );
            FieldFault::new("ratios", "E041", what)
        };
        return Err(Error::Invalid(unknown.into_iter().map(fault).collect()));
    }
    let population = Population {
        objects: &gathered.objects,
        officers: &gathered.officers,
        recusals: &gathered.recusals,
        done: &done,
    };
    let expected = expect(plan, &population, TRIALS);
    Ok(Tried {
        expected,
        gathered,
        done,
    })
}

/// The mean of so many trials.
fn mean(sum: u64, trials: u64) -> String {
    let mean = Decimal::from(sum) / Decimal::from(trials.max(1));
    mean.round_dp(2).normalize().to_string()
}

/// What the plan that waits, or else the one that holds, would give now.
pub fn simulate_year_plan(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    now: DateTime<Utc>,
) -> Result<YearSimulation, Error> {
    let open = OpenPlan::find(db, actor, Action::ReadCheck, id)?;
    let content = match open.state.pending {
        Some(pending) => pending.content,
        None => match in_force(db, id)? {
            Some(version) => version.content,
            None => return Err(super::missing(id)),
        },
    };
    let tried = tried(db, app, &content, now)?;
    Ok(YearSimulation::of(&content, tried))
}

impl YearSimulation {
    fn of(plan: &YearPlan, tried: Tried) -> Self {
        let Tried {
            expected,
            gathered,
            done,
        } = tried;
        let trials = expected.trials;
        let mut grades: BTreeMap<&Id, (u64, u64)> = BTreeMap::new();
        for one in &gathered.objects {
            if plan.tasks.iter().any(|task| task.takes(one)) {
                grades.entry(&one.grade).or_default().0 += 1;
            }
        }
        for one in &expected.strata {
            grades.entry(&one.grade).or_default().1 += one.drawn;
        }
        let percent = |points: u32| {
            let percent = Decimal::from(points) / Decimal::ONE_HUNDRED;
            percent.normalize().to_string()
        };
        let text = |region: &Region| region.to_string();
        Self {
            infeasible: expected.infeasible.as_ref().map(ToString::to_string),
            visits: mean(expected.visits, trials),
            strata: (expected.strata.iter())
                .map(|one| YearStratum {
                    task: one.task.to_string(),
                    district: text(&one.district),
                    grade: one.grade.to_string(),
                    percent: percent(one.basis_points),
                    objects: one.objects,
                    planned: one.planned,
                    expected: mean(one.drawn, trials),
                })
                .collect(),
            grades: (grades.into_iter())
                .map(|(grade, (objects, drawn))| YearGrade {
                    grade: grade.to_string(),
                    objects,
                    expected: mean(drawn, trials),
                })
                .collect(),
            companies: (expected.companies.iter())
                .map(|one| YearCompany {
                    company: one.company.to_string(),
                    objects: one.objects,
                    expected: mean(one.visits, trials),
                    most: one.most,
                })
                .collect(),
            officers: (expected.officers.iter())
                .map(|one| YearOfficer {
                    officer: one.officer.to_string(),
                    expected: mean(one.visits, trials),
                    most: one.most,
                })
                .collect(),
            items: (expected.items.iter())
                .map(|one| YearItem {
                    item: one.item.to_string(),
                    district: text(&one.district),
                    expected: mean(one.visits, trials),
                })
                .collect(),
            done: done.iter().map(Id::to_string).collect(),
            left_out: gathered.left_out,
            trials,
        }
    }
}
