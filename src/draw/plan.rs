//! The frozen plan of a draw: everything the draw depends on besides its seed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::words::{Id, says_something};
use crate::domain::{Day, Region};

/// The version of the algorithm this room implements; other versions are refused.
pub const ALGORITHM: &str = "wuxin-draw-v1";
/// Officers in a team: at least two by law (行政处罚法 art. 42), and few enough to be searched.
pub const TEAM_SIZES: std::ops::RangeInclusive<u32> = 2..=5;
/// Qualifications that a draw may ask for altogether.
pub const MOST_NEEDS: usize = 30;

/// What is frozen and committed to. Lists are sorted by id and hold nothing twice, so that one plan has one form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Always [`ALGORITHM`].
    pub algorithm: String,
    /// Number of the draw (抽查编号), the same in every attempt.
    pub draw: Id,
    /// Number of the yearly plan the draw belongs to.
    pub plan: Id,
    pub item: Item,
    pub window: Window,
    pub sampling: Sampling,
    pub caps: Caps,
    pub team: TeamRule,
    /// Qualifications that every team needs among its members.
    pub needs: Vec<Id>,
    pub objects: Vec<Object>,
    pub officers: Vec<Officer>,
    pub recusals: Vec<Recusal>,
}

/// An inspection item (抽查事项) of the published list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub code: Id,
    pub title: String,
    /// Legal basis.
    pub basis: String,
    /// An item that is not published when the plan is committed cannot be used (国办发〔2024〕54号).
    pub published_on: Day,
}

/// The days between which visits are made, both included. Certificates must be valid on the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub from: Day,
    pub until: Day,
}

/// How many are drawn: by district and credit grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sampling {
    pub rounding: Rounding,
    /// One row for each stratum, sorted by district and grade.
    pub strata: Vec<Quota>,
}

/// What becomes of a fraction of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    Up,
    Down,
    HalfUp,
}

/// How many of one stratum are drawn: a ratio or a count, exactly one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    pub district: Region,
    pub grade: Id,
    /// Ratio in hundredths of a per cent, 0 to 10000.
    pub basis_points: Option<u32>,
    pub count: Option<u32>,
}

/// Limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    /// Visits that the yearly plan still allows; all objects drawn together.
    pub objects: Option<u32>,
    /// Visits to one company in a year. Visits of one draw to a company and its projects are merged into one.
    pub company_visits: u32,
    /// Visits that one officer can make, those already assigned included.
    pub officer_visits: u32,
}

/// How a team is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamRule {
    /// 2 to 5.
    pub size: u32,
    pub districts: DistrictRule,
}

/// Where the officers of a team may come from. An officer is local to an object whose district lies in the officer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DistrictRule {
    /// From anywhere.
    Any,
    /// All are local.
    Same,
    /// None is local (交叉检查).
    Other,
    /// At least one is local.
    OneLocal,
    /// At least one is local and at least one is not.
    Mixed,
}

/// Companies and projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    Company,
    Project,
}

/// One that may be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    pub id: Id,
    pub kind: ObjectKind,
    /// The company itself, or the one that manages the project.
    pub company: Id,
    pub name: String,
    pub district: Region,
    pub grade: Id,
    /// Qualifications that its team needs besides [`Plan::needs`].
    pub needs: Vec<Id>,
    /// Visits to its company in this year so far, merged ones counted once.
    pub visits: u32,
}

/// One who may inspect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Officer {
    pub id: Id,
    pub name: String,
    pub district: Region,
    /// Last day of the certificate (执法证).
    pub certificate_until: Day,
    pub qualifications: Vec<Id>,
    /// Companies and projects the officer has declared an interest in.
    pub interests: Vec<Id>,
    /// Visits of this year already assigned.
    pub assigned: u32,
}

/// An officer who must not inspect an object, or anything of a company (回避).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recusal {
    pub officer: Id,
    /// Id of an object, or of a company.
    pub object: Id,
    pub reason: String,
}

/// Why a plan cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFault {
    #[error("算法版本「{0}」不认识，应为「{ALGORITHM}」")]
    Algorithm(String),
    #[error("{0}没有按编号排序，或者有重复")]
    Unsorted(String),
    #[error("{0}没有内容")]
    Silent(String),
    #[error("检查期限从 {from} 到 {until}，先后颠倒")]
    Window { from: Day, until: Day },
    #[error("{district}/{grade}层应当给出抽取比例（0 至 10000，万分之一）或者抽取数，二者取一")]
    Quota { district: Region, grade: Id },
    #[error("对象「{object}」所在的{district}/{grade}层没有抽取比例")]
    NoQuota {
        object: Id,
        district: Region,
        grade: Id,
    },
    #[error("企业对象「{object}」的所属企业「{company}」应为它自己")]
    Company { object: Id, company: Id },
    #[error("企业「{company}」的本年已检查次数不一致：{one} 和 {other}")]
    Visits { company: Id, one: u32, other: u32 },
    #[error("每组人数 {0} 不对，应为 2 至 5")]
    TeamSize(u32),
    #[error("要求的资格有 {0} 种，最多 {MOST_NEEDS} 种")]
    Needs(usize),
    #[error("回避名单中的执法人员「{0}」不在名录库中")]
    NoOfficer(Id),
    #[error("回避名单中的对象「{0}」不在名录库中")]
    NoObject(Id),
}

impl Plan {
    /// Everything that is wrong with the plan; nothing if it can be used.
    pub fn faults(&self) -> Vec<PlanFault> {
        let mut faults = Vec::new();
        if self.algorithm != ALGORITHM {
            faults.push(PlanFault::Algorithm(self.algorithm.clone()));
        }
        if self.window.from > self.window.until {
            faults.push(PlanFault::Window {
                from: self.window.from,
                until: self.window.until,
            });
        }
        if !TEAM_SIZES.contains(&self.team.size) {
            faults.push(PlanFault::TeamSize(self.team.size));
        }
        let needs = self.all_needs().len();
        if needs > MOST_NEEDS {
            faults.push(PlanFault::Needs(needs));
        }
        self.order_faults(&mut faults);
        self.text_faults(&mut faults);
        self.object_faults(&mut faults);
        self.recusal_faults(&mut faults);
        faults
    }

    /// Every qualification that some team may need, sorted.
    pub fn all_needs(&self) -> Vec<&Id> {
        let of_objects = self.objects.iter().flat_map(|object| &object.needs);
        let needs: BTreeSet<&Id> = self.needs.iter().chain(of_objects).collect();
        needs.into_iter().collect()
    }

    /// Puts every list into its one order. Duplicates are left, to be found by [`Plan::faults`].
    pub fn sort(&mut self) {
        self.needs.sort();
        (self.sampling.strata)
            .sort_by(|a, b| (&a.district, &a.grade).cmp(&(&b.district, &b.grade)));
        self.objects.sort_by(|a, b| a.id.cmp(&b.id));
        self.officers.sort_by(|a, b| a.id.cmp(&b.id));
        (self.recusals).sort_by(|a, b| (&a.officer, &a.object).cmp(&(&b.officer, &b.object)));
        for object in &mut self.objects {
            object.needs.sort();
        }
        for officer in &mut self.officers {
            officer.qualifications.sort();
            officer.interests.sort();
        }
    }

    fn order_faults(&self, faults: &mut Vec<PlanFault>) {
        let mut ordered = |sorted: bool, what: &str| {
            if !sorted {
                faults.push(PlanFault::Unsorted(what.to_owned()));
            }
        };
        ordered(ascending(&self.needs, |id| id), "资格要求");
        let strata = ascending(&self.sampling.strata, |row| (&row.district, &row.grade));
        ordered(strata, "抽取比例");
        ordered(
            ascending(&self.objects, |object| &object.id),
            "检查对象名录",
        );
        ordered(
            ascending(&self.officers, |officer| &officer.id),
            "执法人员名录",
        );
        let recusals = ascending(&self.recusals, |row| (&row.officer, &row.object));
        ordered(recusals, "回避名单");
        for object in &self.objects {
            ordered(
                ascending(&object.needs, |id| id),
                &format!("对象「{}」的资格要求", object.id),
            );
        }
        for officer in &self.officers {
            let sorted = ascending(&officer.qualifications, |id| id)
                && ascending(&officer.interests, |id| id);
            ordered(
                sorted,
                &format!("执法人员「{}」的资格或者利害关系", officer.id),
            );
        }
    }

    fn text_faults(&self, faults: &mut Vec<PlanFault>) {
        let mut said = |text: &str, what: &dyn Fn() -> String| {
            if !says_something(text) {
                faults.push(PlanFault::Silent(what()));
            }
        };
        said(&self.item.title, &|| "事项名称".to_owned());
        said(&self.item.basis, &|| "事项的检查依据".to_owned());
        for object in &self.objects {
            said(&object.name, &|| format!("对象「{}」的名称", object.id));
        }
        for officer in &self.officers {
            said(&officer.name, &|| {
                format!("执法人员「{}」的姓名", officer.id)
            });
        }
        for recusal in &self.recusals {
            said(&recusal.reason, &|| {
                format!("「{}」回避的理由", recusal.officer)
            });
        }
    }

    fn object_faults(&self, faults: &mut Vec<PlanFault>) {
        let mut quotas = BTreeSet::new();
        for quota in &self.sampling.strata {
            quotas.insert((&quota.district, &quota.grade));
            let right = match (quota.basis_points, quota.count) {
                (Some(points), None) => points <= 10_000,
                (None, Some(_)) => true,
                _ => false,
            };
            if !right {
                faults.push(PlanFault::Quota {
                    district: quota.district.clone(),
                    grade: quota.grade.clone(),
                });
            }
        }
        let mut visits: BTreeMap<&Id, u32> = BTreeMap::new();
        for object in &self.objects {
            if !quotas.contains(&(&object.district, &object.grade)) {
                faults.push(PlanFault::NoQuota {
                    object: object.id.clone(),
                    district: object.district.clone(),
                    grade: object.grade.clone(),
                });
            }
            if object.kind == ObjectKind::Company && object.company != object.id {
                faults.push(PlanFault::Company {
                    object: object.id.clone(),
                    company: object.company.clone(),
                });
            }
            let first = *visits.entry(&object.company).or_insert(object.visits);
            if first != object.visits {
                faults.push(PlanFault::Visits {
                    company: object.company.clone(),
                    one: first,
                    other: object.visits,
                });
            }
        }
    }

    fn recusal_faults(&self, faults: &mut Vec<PlanFault>) {
        let officers: BTreeSet<&Id> = self.officers.iter().map(|officer| &officer.id).collect();
        let of = |object: &'_ Object| [object.id.clone(), object.company.clone()];
        let objects: BTreeSet<Id> = self.objects.iter().flat_map(of).collect();
        for recusal in &self.recusals {
            if !officers.contains(&recusal.officer) {
                faults.push(PlanFault::NoOfficer(recusal.officer.clone()));
            }
            if !objects.contains(&recusal.object) {
                faults.push(PlanFault::NoObject(recusal.object.clone()));
            }
        }
    }
}

impl Quota {
    /// How many of `eligible` are drawn.
    pub fn of(&self, eligible: u64, rounding: Rounding) -> u64 {
        let Some(points) = self.basis_points else {
            return self.count.map_or(0, u64::from);
        };
        let parts = eligible * u64::from(points);
        match rounding {
            Rounding::Up => parts.div_ceil(10_000),
            Rounding::Down => parts / 10_000,
            Rounding::HalfUp => (parts + 5_000) / 10_000,
        }
    }
}

/// Whether the keys of the rows rise strictly, which also means that none comes twice.
pub(super) fn ascending<'r, T, K: Ord>(rows: &'r [T], key: impl Fn(&'r T) -> K) -> bool {
    rows.windows(2).all(|pair| key(&pair[0]) < key(&pair[1]))
}
