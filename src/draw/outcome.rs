//! What a draw gives: who is drawn, in which order the others would follow, and who visits whom.

use serde::{Deserialize, Serialize};

use super::{seed::Seed, words::Id};
use crate::domain::Region;

/// The whole result; one plan and one seed have exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub seed: Seed,
    /// Objects that could not be drawn, by id.
    pub passed: Vec<Passed>,
    /// Officers that could not be in any team, by id.
    pub unfit: Vec<Unfit>,
    /// By district and grade, one for each row of the ratios.
    pub strata: Vec<Stratum>,
    /// One for each drawn object, in the order of the strata and in drawn order within each.
    pub teams: Vec<Team>,
}

/// An object outside the draw: its company has been visited as often as the cap allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    pub object: Id,
    pub visits: u32,
}

/// An officer outside the draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfit {
    pub officer: Id,
    pub reason: UnfitReason,
}

/// Why an officer is in no team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnfitReason {
    /// The certificate ends before the last day of the visits.
    Certificate,
    /// As many visits as the cap allows are assigned already.
    Workload,
}

/// The objects of one district and grade in the order of the draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stratum {
    pub district: Region,
    pub grade: Id,
    pub drawn: Vec<Id>,
    /// The rest, in the order in which they stand in for drawn ones.
    pub reserve: Vec<Id>,
}

/// Who visits one object, in the object's order of officers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    pub object: Id,
    pub officers: Vec<Id>,
}

/// Why a plan and a seed have no result. Nothing of such a draw is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "constraint", rename_all = "snake_case")]
pub enum Infeasible {
    #[error("{district}/{grade}层应抽 {wanted} 个，可抽的只有 {eligible} 个")]
    StratumShort {
        district: Region,
        grade: Id,
        wanted: u64,
        eligible: u64,
    },
    #[error("共抽 {drawn} 个，年度计划只剩 {allowed} 个")]
    PlanCap { drawn: u64, allowed: u64 },
    #[error("对象「{object}」组不成检查组，卡在：{}", told(unmet))]
    Team { object: Id, unmet: Vec<Constraint> },
    #[error("执法人员的工作量上限不够（{scope}）：需要 {needed} 人次，最多 {available} 人次")]
    Workload {
        /// `all`, `need:` and a qualification, `local:` or `other:` and a district, or `joint`: each is enough
        /// alone, but not all together.
        scope: String,
        needed: u64,
        available: u64,
    },
    #[error(
        "试了 {steps} 步还没有找到全部检查组，也没有证明找不到；请放宽工作量上限或者增加执法人员"
    )]
    SearchLimit { steps: u64 },
}

/// What can stand in the way of one object's team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Constraint {
    /// Certificates that end too early.
    Certificate,
    /// Recusals and declared interests.
    Recusal,
    /// The rule about districts.
    District,
    /// Qualifications.
    Qualification,
    /// Several of them together, or too few officers altogether.
    Several,
}

impl Constraint {
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Certificate => "执法证有效期",
            Self::Recusal => "回避",
            Self::District => "辖区规则",
            Self::Qualification => "资格要求",
            Self::Several => "人员太少或者几项限制相加",
        }
    }
}

fn told(unmet: &[Constraint]) -> String {
    let words: Vec<&str> = unmet.iter().map(|one| one.chinese()).collect();
    words.join("、")
}
