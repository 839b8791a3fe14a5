//! What a record of an administrative penalty (双公示 行政处罚, list class 6) has beyond the others.

use serde::{Deserialize, Serialize};

use super::{check::FieldFault, text};
use crate::domain::Day;

/// All optional; lengths are in characters, amounts in 分.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Penalty {
    /// 违法行为类型, 500.
    #[serde(rename = "penalty_conduct", skip_serializing_if = "Option::is_none")]
    pub conduct: Option<String>,
    /// 处罚类别 (警告, 罚款 ...), 36.
    #[serde(rename = "penalty_kind", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// 罚款金额.
    #[serde(rename = "penalty_fine", skip_serializing_if = "Option::is_none")]
    pub fine: Option<u64>,
    /// 没收金额.
    #[serde(
        rename = "penalty_confiscated",
        skip_serializing_if = "Option::is_none"
    )]
    pub confiscated: Option<u64>,
    /// 暂扣或吊销证照名称及编号, 200.
    #[serde(rename = "penalty_licence", skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// 处罚有效期.
    #[serde(rename = "penalty_until", skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

/// Larger amounts than this (分) are mistakes of the unit: ten thousand times a hundred million 元.
const LARGEST: u64 = 100_000_000_000_000;

impl Penalty {
    pub(super) fn normalised(mut self) -> Self {
        for text in [&mut self.conduct, &mut self.kind, &mut self.licence] {
            *text = text
                .take()
                .map(|raw| text::free(&raw))
                .filter(|text| !text.is_empty());
        }
        self
    }

    /// Its texts with their longest lengths.
    pub(super) fn texts(&self) -> [(&'static str, &Option<String>, usize, bool); 3] {
        [
            ("penalty_conduct", &self.conduct, 500, true),
            ("penalty_kind", &self.kind, 36, true),
            ("penalty_licence", &self.licence, 200, true),
        ]
    }

    pub(super) fn check(&self, faults: &mut Vec<FieldFault>) {
        let amounts = [
            ("penalty_fine", self.fine),
            ("penalty_confiscated", self.confiscated),
        ];
        for (field, amount) in amounts {
            if let Some(amount) = amount.filter(|amount| *amount > LARGEST) {
                faults.push(FieldFault {
                    field,
                    value: amount.to_string(),
                    what: "金额过大，单位应为分".to_owned(),
                });
            }
        }
    }
}
