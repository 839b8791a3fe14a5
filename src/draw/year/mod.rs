//! The plan of a year (年度抽查计划): which item is checked where, in which quarter, how many of which grade, under which caps;
//! what it would give before it is frozen, and the file of its versions once it is.
//!
//! Nothing here knows where objects, officers and ratios come from: they are arguments, and so is the time.

mod expected;
mod file;
mod limits;

pub use expected::{
    Expected, ExpectedCompany, ExpectedItem, ExpectedOfficer, ExpectedStratum, Population, expect,
};
pub use file::{
    PLAN_FORMAT, PlannedStratum, RulesRef, YearFile, YearFinding, YearFindingCode, YearVersion,
};
pub use limits::YearInfeasible;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    plan::{
        Caps, Item, MOST_NEEDS, Object, ObjectKind, Plan, Quota, Recusal, Rounding, Sampling,
        TEAM_SIZES, TeamRule, Window, ascending,
    },
    words::{Id, says_something},
};
use crate::domain::{Day, Region};

/// The plan of one year and one division. Lists rise strictly, so that one plan has one form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearPlan {
    /// Number of the plan (计划编号).
    pub plan: Id,
    pub year: i32,
    /// Whose plan it is; every task lies within.
    pub district: Region,
    /// One row for each grade, by grade: those of the rule set, or others with a reason.
    pub ratios: Vec<GradeRatio>,
    pub caps: YearCaps,
    /// By id.
    pub tasks: Vec<YearTask>,
}

/// Sampling ratio of one credit grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradeRatio {
    pub grade: Id,
    /// Hundredths of a per cent, 0 to 10000.
    pub basis_points: u32,
    /// Where it comes from: the rule set's words, or why it is another one.
    pub basis: String,
}

/// Limits of a year. A visit for several items at once (综合查一次) is one, and so are the visits of one draw to a company
/// and its projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearCaps {
    /// Visits to one company.
    pub company_visits: u32,
    /// Visits of one officer.
    pub officer_visits: u32,
    /// Objects drawn in all tasks together.
    pub visits: Option<u32>,
}

/// A task of the plan: one draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearTask {
    /// Number of the draw (抽查编号).
    pub id: Id,
    /// Several items are one merged visit; by id.
    pub items: Vec<Id>,
    pub district: Region,
    /// 1 to 4.
    pub quarter: u32,
    /// In order, each once.
    pub objects: Vec<ObjectKind>,
    pub rounding: Rounding,
    /// Ratios of this task instead of the plan's, by grade.
    pub ratios: Vec<GradeRatio>,
    pub team: TeamRule,
    /// Qualifications every team needs, those of the items included; by id.
    pub needs: Vec<Id>,
}

/// Why a plan cannot be used, whatever the libraries hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum YearFault {
    #[error("年份 {0} 不对，应为 1900 至 9999")]
    Year(i32),
    #[error("{0}没有按编号排序，或者有重复")]
    Unsorted(String),
    #[error("计划中没有任务")]
    NoTask,
    #[error("任务「{0}」没有抽查事项")]
    NoItem(Id),
    #[error("任务「{0}」没有检查对象类型")]
    NoKind(Id),
    #[error("任务「{task}」的季度 {quarter} 不对，应为 1 至 4")]
    Quarter { task: Id, quarter: u32 },
    #[error("任务「{task}」的辖区 {district} 不在计划的辖区 {within} 之内")]
    District {
        task: Id,
        district: Region,
        within: Region,
    },
    #[error("等级「{grade}」的抽取比例 {basis_points} 不对，应为 0 至 10000（万分之一）")]
    Ratio { grade: Id, basis_points: u32 },
    #[error("等级「{0}」的抽取比例没有写明依据或者理由")]
    Silent(Id),
    #[error("任务「{task}」每组人数 {size} 不对，应为 2 至 5")]
    TeamSize { task: Id, size: u32 },
    #[error("任务「{task}」要求的资格有 {needs} 种，最多 {MOST_NEEDS} 种")]
    Needs { task: Id, needs: usize },
}

impl YearPlan {
    /// Everything that is wrong with the plan in itself; nothing if it can be used.
    pub fn faults(&self) -> Vec<YearFault> {
        let mut faults = Vec::new();
        if !(1900..=9999).contains(&self.year) {
            faults.push(YearFault::Year(self.year));
        }
        if self.tasks.is_empty() {
            faults.push(YearFault::NoTask);
        }
        if !ascending(&self.tasks, |task| &task.id) {
            faults.push(YearFault::Unsorted("任务".to_owned()));
        }
        ratio_faults(&self.ratios, "抽取比例", &mut faults);
        for task in &self.tasks {
            self.task_faults(task, &mut faults);
        }
        faults
    }

    fn task_faults(&self, task: &YearTask, faults: &mut Vec<YearFault>) {
        let of = || task.id.clone();
        if task.items.is_empty() {
            faults.push(YearFault::NoItem(of()));
        }
        if task.objects.is_empty() {
            faults.push(YearFault::NoKind(of()));
        }
        if !(1..=4).contains(&task.quarter) {
            faults.push(YearFault::Quarter {
                task: of(),
                quarter: task.quarter,
            });
        }
        if !self.district.contains(&task.district) {
            faults.push(YearFault::District {
                task: of(),
                district: task.district.clone(),
                within: self.district.clone(),
            });
        }
        if !TEAM_SIZES.contains(&task.team.size) {
            faults.push(YearFault::TeamSize {
                task: of(),
                size: task.team.size,
            });
        }
        if task.needs.len() > MOST_NEEDS {
            faults.push(YearFault::Needs {
                task: of(),
                needs: task.needs.len(),
            });
        }
        let sorted = ascending(&task.items, |id| id)
            && ascending(&task.needs, |id| id)
            && ascending(&task.objects, |kind| kind);
        if !sorted {
            let what = format!("任务「{}」的事项、资格或者对象类型", task.id);
            faults.push(YearFault::Unsorted(what));
        }
        let what = format!("任务「{}」的抽取比例", task.id);
        ratio_faults(&task.ratios, &what, faults);
    }

    /// Puts every list into its one order. Duplicates are left, to be found by [`YearPlan::faults`].
    pub fn sort(&mut self) {
        self.ratios.sort_by(|a, b| a.grade.cmp(&b.grade));
        self.tasks.sort_by(|a, b| a.id.cmp(&b.id));
        for task in &mut self.tasks {
            task.items.sort();
            task.needs.sort();
            task.objects.sort();
            task.ratios.sort_by(|a, b| a.grade.cmp(&b.grade));
        }
    }

    pub fn task(&self, id: &Id) -> Option<&YearTask> {
        self.tasks.iter().find(|task| task.id == *id)
    }

    /// The ratio of a grade in a task, if the plan has any.
    pub fn ratio<'p>(&'p self, task: &'p YearTask, grade: &Id) -> Option<&'p GradeRatio> {
        let of = |row: &&GradeRatio| row.grade == *grade;
        (task.ratios.iter().find(of)).or_else(|| self.ratios.iter().find(of))
    }

    /// First and last day of a quarter of the plan's year.
    pub fn quarter(&self, quarter: u32) -> Option<Window> {
        let first = (1..=4).contains(&quarter).then(|| quarter * 3 - 2)?;
        let from = Day::from_ymd(self.year, first, 1)?;
        // The corresponding day three months later, less one.
        let until = from.plus_months(3).previous();
        Some(Window { from, until })
    }

    /// Tasks in the order of the year: by quarter, then by id.
    pub fn in_order(&self) -> Vec<&YearTask> {
        let mut tasks: Vec<&YearTask> = self.tasks.iter().collect();
        tasks.sort_by(|a, b| (a.quarter, &a.id).cmp(&(b.quarter, &b.id)));
        tasks
    }

    /// The draw of a task as it would be frozen over these objects and officers; nothing for a quarter that there is not.
    /// What is inspected does not matter to who is drawn, so the item is the task itself. Objects of a grade without a ratio
    /// are left out: the reader of a plan refuses it before.
    pub(super) fn draw_of(&self, task: &YearTask, population: &Population<'_>) -> Option<Plan> {
        let window = self.quarter(task.quarter)?;
        let objects: Vec<Object> = (population.objects.iter())
            .filter(|one| task.takes(one) && self.ratio(task, &one.grade).is_some())
            .cloned()
            .collect();
        let strata: BTreeSet<(&Region, &Id)> = (objects.iter())
            .map(|one| (&one.district, &one.grade))
            .collect();
        let quota = |(district, grade): (&Region, &Id)| Quota {
            district: district.clone(),
            grade: grade.clone(),
            basis_points: self.ratio(task, grade).map(|row| row.basis_points),
            count: None,
        };
        let strata = strata.into_iter().map(quota).collect();
        let drawn: BTreeSet<&Id> = (objects.iter())
            .flat_map(|one| [&one.id, &one.company])
            .collect();
        let recusals: Vec<Recusal> = (population.recusals.iter())
            .filter(|one| drawn.contains(&one.object))
            .cloned()
            .collect();
        Some(Plan {
            algorithm: super::ALGORITHM.to_owned(),
            draw: task.id.clone(),
            plan: self.plan.clone(),
            item: Item {
                code: task.id.clone(),
                title: task.id.to_string(),
                basis: self.plan.to_string(),
                published_on: window.from,
            },
            window,
            sampling: Sampling {
                rounding: task.rounding,
                strata,
            },
            caps: Caps {
                objects: None,
                company_visits: self.caps.company_visits,
                officer_visits: self.caps.officer_visits,
            },
            team: task.team,
            needs: task.needs.clone(),
            officers: population.officers.to_vec(),
            recusals,
            objects,
        })
    }
}

impl YearTask {
    /// Whether the object is one of the task's.
    pub fn takes(&self, object: &Object) -> bool {
        self.objects.contains(&object.kind) && self.district.contains(&object.district)
    }
}

fn ratio_faults(ratios: &[GradeRatio], what: &str, faults: &mut Vec<YearFault>) {
    if !ascending(ratios, |row| &row.grade) {
        faults.push(YearFault::Unsorted(what.to_owned()));
    }
    for row in ratios {
        if row.basis_points > 10_000 {
            faults.push(YearFault::Ratio {
                grade: row.grade.clone(),
                basis_points: row.basis_points,
            });
        }
        if !says_something(&row.basis) {
            faults.push(YearFault::Silent(row.grade.clone()));
        }
    }
}
