//! What an inspection may conclude: the codes of the public page, and which of them exclude each other.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A result of an inspection (检查结果), as it is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultCode {
    NoProblem,
    NotDisclosed,
    Concealed,
    Unreachable,
    Corrected,
    Uncooperative,
    NoActivity,
    FollowUp,
}

impl ResultCode {
    /// In the order of the page.
    pub const ALL: [Self; 8] = [
        Self::NoProblem,
        Self::NotDisclosed,
        Self::Concealed,
        Self::Unreachable,
        Self::Corrected,
        Self::Uncooperative,
        Self::NoActivity,
        Self::FollowUp,
    ];

    pub fn chinese(self) -> &'static str {
        match self {
            Self::NoProblem => "未发现问题",
            Self::NotDisclosed => "未按规定公示",
            Self::Concealed => "隐瞒真实情况弄虚作假",
            Self::Unreachable => "通过登记住所无法联系",
            Self::Corrected => "发现问题已责令改正",
            Self::Uncooperative => "不配合检查情节严重",
            Self::NoActivity => "未发现开展经营活动",
            Self::FollowUp => "发现问题待后续处理",
        }
    }
}

/// The results of one inspection: at least one, and 未发现问题 only alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<ResultCode>", into = "Vec<ResultCode>")]
pub struct Results(BTreeSet<ResultCode>);

/// Codes that are no results of one inspection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResultsError {
    #[error("检查结果不能为空")]
    None,
    #[error("「{}」不能与「{}」并存", ResultCode::NoProblem.chinese(), .0.chinese())]
    Excluded(ResultCode),
}

impl Results {
    /// In the order of the page; a code given twice counts once.
    pub fn new(codes: impl IntoIterator<Item = ResultCode>) -> Result<Self, ResultsError> {
        let codes: BTreeSet<ResultCode> = codes.into_iter().collect();
        let others = codes.iter().find(|code| **code != ResultCode::NoProblem);
        match (codes.contains(&ResultCode::NoProblem), others) {
            (false, None) => Err(ResultsError::None),
            (true, Some(other)) => Err(ResultsError::Excluded(*other)),
            _ => Ok(Self(codes)),
        }
    }

    pub fn codes(&self) -> impl Iterator<Item = ResultCode> {
        self.0.iter().copied()
    }
}

impl TryFrom<Vec<ResultCode>> for Results {
    type Error = ResultsError;
    fn try_from(codes: Vec<ResultCode>) -> Result<Self, ResultsError> {
        Self::new(codes)
    }
}

impl From<Results> for Vec<ResultCode> {
    fn from(results: Results) -> Self {
        results.codes().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All 256 sets of codes.
    #[test]
    fn no_problem_excludes_every_other_code_and_nothing_is_no_result() {
        for set in 0..256_u32 {
            let codes: Vec<ResultCode> = (ResultCode::ALL.into_iter().enumerate())
                .filter(|(index, _)| set >> index & 1 == 1)
                .map(|(_, code)| code)
                .collect();
            let expected = set != 0 && (set & 1 == 0 || set == 1);
            let results = Results::new(codes.iter().copied());
            assert_eq!(results.is_ok(), expected, "{codes:?}");
            if let Ok(results) = results {
                let text = serde_json::to_string(&results).unwrap();
                assert_eq!(serde_json::from_str::<Results>(&text).unwrap(), results);
            }
        }
        let fault = Results::new([ResultCode::NoProblem, ResultCode::Corrected]).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "「未发现问题」不能与「发现问题已责令改正」并存"
        );
        assert!(serde_json::from_str::<Results>(r#"["no_problem","concealed"]"#).is_err());
    }
}
