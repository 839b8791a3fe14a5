//! What may be done with a complaint, and by whom.

use serde::{Deserialize, Serialize};

use super::{Finding, Text, VisitOutcome};
use crate::domain::Region;

/// How a mediation (调解) ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediationEnd {
    /// 达成协议
    Agreed,
    /// 调解不成
    Failed,
}

/// Where a complaint is transferred to: `{"office": "512021"}` or `{"body": "示例市城市管理局"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// An office of another district, or one further down (交办): it is received there.
    Office(Region),
    /// Another body (移送): it leaves this system.
    Body(Text),
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    // With braces, so that a field it does not know is refused as for the others.
    Accept {},
    Refuse {
        /// Id of the ground.
        ground: String,
        reason: Text,
    },
    Mediate {
        outcome: MediationEnd,
        /// The agreement, or why there is none.
        protocol: Text,
    },
    Handle {
        finding: Finding,
        result: Text,
        #[serde(default)]
        measures: Option<Text>,
    },
    Visit {
        outcome: VisitOutcome,
        #[serde(default)]
        remark: Option<Text>,
    },
    Escalate {
        reason: Text,
    },
    Transfer {
        to: Destination,
        reason: Text,
    },
    Reopen {
        reason: Text,
    },
    Close {
        reason: Text,
    },
    /// A record was entered as a draft. Never read from outside: it follows from entering the record.
    #[serde(skip_deserializing)]
    ProposeRecord {
        item: String,
        record: String,
    },
}

/// Names of the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepName {
    Accept,
    Refuse,
    Mediate,
    Handle,
    Visit,
    Escalate,
    Transfer,
    Reopen,
    Close,
    ProposeRecord,
}

impl StepName {
    pub const ALL: [Self; 10] = [
        Self::Accept,
        Self::Refuse,
        Self::Mediate,
        Self::Handle,
        Self::Visit,
        Self::Escalate,
        Self::Transfer,
        Self::Reopen,
        Self::Close,
        Self::ProposeRecord,
    ];

    /// The code used in the database and in interfaces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Refuse => "refuse",
            Self::Mediate => "mediate",
            Self::Handle => "handle",
            Self::Visit => "visit",
            Self::Escalate => "escalate",
            Self::Transfer => "transfer",
            Self::Reopen => "reopen",
            Self::Close => "close",
            Self::ProposeRecord => "propose_record",
        }
    }

    pub fn chinese(self) -> &'static str {
        match self {
            Self::Accept => "受理",
            Self::Refuse => "不予受理",
            Self::Mediate => "登记调解",
            Self::Handle => "办结",
            Self::Visit => "回访",
            Self::Escalate => "上报",
            Self::Transfer => "转办",
            Self::Reopen => "重新办理",
            Self::Close => "结案",
            Self::ProposeRecord => "提出记分建议",
        }
    }

    /// Whose it is.
    pub fn capacity(self) -> Capacity {
        match self {
            Self::Refuse | Self::Reopen | Self::Close => Capacity::Reviewer,
            _ => Capacity::Handler,
        }
    }
}

impl Step {
    pub fn name(&self) -> StepName {
        match self {
            Self::Accept {} => StepName::Accept,
            Self::Refuse { .. } => StepName::Refuse,
            Self::Mediate { .. } => StepName::Mediate,
            Self::Handle { .. } => StepName::Handle,
            Self::Visit { .. } => StepName::Visit,
            Self::Escalate { .. } => StepName::Escalate,
            Self::Transfer { .. } => StepName::Transfer,
            Self::Reopen { .. } => StepName::Reopen,
            Self::Close { .. } => StepName::Close,
            Self::ProposeRecord { .. } => StepName::ProposeRecord,
        }
    }

    /// Every free text of it, with the name of its field.
    pub fn texts(&self) -> Vec<(&'static str, &Text)> {
        match self {
            Self::Accept {} | Self::ProposeRecord { .. } => Vec::new(),
            Self::Refuse { reason, .. }
            | Self::Escalate { reason }
            | Self::Reopen { reason }
            | Self::Close { reason } => vec![("reason", reason)],
            Self::Mediate { protocol, .. } => vec![("protocol", protocol)],
            Self::Handle {
                result, measures, ..
            } => [("result", Some(result)), ("measures", measures.as_ref())]
                .into_iter()
                .filter_map(|(field, text)| Some((field, text?)))
                .collect(),
            Self::Visit { remark, .. } => remark.iter().map(|text| ("remark", text)).collect(),
            Self::Transfer { to, reason } => match to {
                Destination::Office(_) => vec![("reason", reason)],
                Destination::Body(body) => vec![("to/body", body), ("reason", reason)],
            },
        }
    }
}

/// In which capacity somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capacity {
    /// 经办人: accepts, mediates, handles, asks again, passes on.
    Handler,
    /// 复核人: refuses, reopens, closes.
    Reviewer,
}

impl Capacity {
    pub const ALL: [Self; 2] = [Self::Handler, Self::Reviewer];

    pub fn chinese(self) -> &'static str {
        match self {
            Self::Handler => "经办人",
            Self::Reviewer => "复核人",
        }
    }
}

/// How the office of somebody stands to the one that has the complaint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It is the one.
    Handling,
    /// A level above it: reads the complaint, never the contact, and may call it up (提级).
    Above,
    /// No part in it.
    Outside,
}

impl Standing {
    pub const ALL: [Self; 3] = [Self::Handling, Self::Above, Self::Outside];

    /// How an office stands to the one at hand; absent: that of the whole city.
    pub fn of(own: Option<&Region>, office: &Region) -> Self {
        match own {
            Some(own) if own == office => Self::Handling,
            Some(own) if own.contains(office) => Self::Above,
            Some(_) => Self::Outside,
            None if office.parent().is_none() => Self::Handling,
            None => Self::Above,
        }
    }
}

/// Somebody who takes a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    pub id: String,
    pub capacity: Capacity,
    pub standing: Standing,
}
