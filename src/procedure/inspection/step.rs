//! What people may do at a visit.

use serde::{Deserialize, Serialize};

use super::report::Report;
use crate::domain::Text;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// The officers are there (到场): the company sees from now on who may inspect what.
    Arrive {},
    /// What was found; again while nobody but its author relies on it, that is before everybody has confirmed.
    Record { report: Report },
    /// The visit is not possible (a flood, a closed road, an epidemic).
    Hinder { reason: Text },
    /// An officer of the team stands for what was entered.
    Confirm {},
    /// The company signs. Of the signer the function alone: 项目经理.
    Sign { function: Text },
    /// The company does not sign, or nobody is there to.
    RefuseSignature { reason: Text },
    /// Another officer of the team saw the refusal.
    Witness {},
    /// The visit is taken back, with everything that hangs on it.
    Annul { reason: Text },
}

impl Step {
    /// Stable codes, as in the database and in interfaces.
    pub const NAMES: [&str; 8] = [
        "arrive",
        "record",
        "hinder",
        "confirm",
        "sign",
        "refuse_signature",
        "witness",
        "annul",
    ];

    pub fn name(&self) -> &'static str {
        match self {
            Self::Arrive {} => "arrive",
            Self::Record { .. } => "record",
            Self::Hinder { .. } => "hinder",
            Self::Confirm {} => "confirm",
            Self::Sign { .. } => "sign",
            Self::RefuseSignature { .. } => "refuse_signature",
            Self::Witness {} => "witness",
            Self::Annul { .. } => "annul",
        }
    }

    pub fn chinese(&self) -> &'static str {
        match self {
            Self::Arrive {} => "登记到场",
            Self::Record { .. } => "登记检查结果",
            Self::Hinder { .. } => "登记未能检查",
            Self::Confirm {} => "确认",
            Self::Sign { .. } => "登记企业签字",
            Self::RefuseSignature { .. } => "登记企业拒绝签字",
            Self::Witness {} => "见证拒绝签字",
            Self::Annul { .. } => "撤销检查",
        }
    }
}
