//! What an inspection found: the lines of the checklist, and the result codes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::illegal::ReportFault;
use crate::{
    domain::{Points, Text, find_personal},
    procedure::record::FileDigest,
};

/// Longest time for rectification, working days.
const LONGEST_RECTIFICATION: u32 = 90;

/// Result of an inspection (抽查检查结果). Several may apply; [`ResultCode::NoProblem`] stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultCode {
    /// 未发现问题
    NoProblem,
    /// 未按规定公示
    NotPublished,
    /// 隐瞒真实情况弄虚作假
    Concealed,
    /// 通过登记住所无法联系
    Unreachable,
    /// 发现问题已责令改正
    Ordered,
    /// 不配合检查情节严重
    Uncooperative,
    /// 未发现开展经营活动
    NoActivity,
    /// 发现问题待后续处理
    Pending,
}

impl ResultCode {
    pub const ALL: [Self; 8] = [
        Self::NoProblem,
        Self::NotPublished,
        Self::Concealed,
        Self::Unreachable,
        Self::Ordered,
        Self::Uncooperative,
        Self::NoActivity,
        Self::Pending,
    ];

    /// The code in interfaces and open data.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoProblem => "no_problem",
            Self::NotPublished => "not_published",
            Self::Concealed => "concealed",
            Self::Unreachable => "unreachable",
            Self::Ordered => "ordered",
            Self::Uncooperative => "uncooperative",
            Self::NoActivity => "no_activity",
            Self::Pending => "pending",
        }
    }

    /// In the words of the handbooks.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::NoProblem => "未发现问题",
            Self::NotPublished => "未按规定公示",
            Self::Concealed => "隐瞒真实情况弄虚作假",
            Self::Unreachable => "通过登记住所无法联系",
            Self::Ordered => "发现问题已责令改正",
            Self::Uncooperative => "不配合检查情节严重",
            Self::NoActivity => "未发现开展经营活动",
            Self::Pending => "发现问题待后续处理",
        }
    }

    /// Says that something was found in a line.
    fn says_found(self) -> bool {
        matches!(
            self,
            Self::NotPublished | Self::Concealed | Self::Ordered | Self::Pending
        )
    }

    /// Can be why a line differs: what says so, and a refusal to be inspected, which is a matter of its own in the rules.
    fn explains(self) -> bool {
        self.says_found() || self == Self::Uncooperative
    }

    /// Nobody was there, or nothing was going on, so that nothing could be compared.
    fn compares_nothing(self) -> bool {
        matches!(self, Self::Unreachable | Self::NoActivity)
    }
}

/// How the rules give the points of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scale", rename_all = "snake_case")]
pub enum Scale {
    /// By the rules alone: none are chosen.
    ByRule,
    /// Chosen within a range, both ends included.
    Chosen { min: Points, max: Points },
}

/// A clause of the rules that the inspection may cite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// Id of the item of the rule set.
    pub item: String,
    /// Where it stands: 附件2 第1项.
    pub clause: String,
    pub title: String,
    #[serde(flatten)]
    pub scale: Scale,
}

/// What is gone through at a visit: each clause is a line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checklist {
    pub clauses: Vec<Clause>,
}

impl Checklist {
    pub fn get(&self, item: &str) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.item == item)
    }
}

/// One line of the checklist as answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case", deny_unknown_fields)]
pub enum Line {
    /// 一致
    Agrees { item: Text },
    /// 不一致: the finding, which becomes a record.
    Differs { item: Text, finding: Finding },
    /// 不涉及
    NotConcerned { item: Text },
}

/// How a line was answered, for tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Agrees,
    Differs,
    NotConcerned,
}

impl Answer {
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Agrees => "一致",
            Self::Differs => "不一致",
            Self::NotConcerned => "不涉及",
        }
    }
}

/// What was found in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What was seen.
    pub what: Text,
    /// The project it was found in, at a visit to a company as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Text>,
    /// Where the rules leave a choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Points>,
    /// Values of attributes that the rule set asks for, as typed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

impl Line {
    pub fn item(&self) -> &str {
        match self {
            Self::Agrees { item } | Self::Differs { item, .. } | Self::NotConcerned { item } => {
                item.as_str()
            }
        }
    }

    pub fn answer(&self) -> Answer {
        match self {
            Self::Agrees { .. } => Answer::Agrees,
            Self::Differs { .. } => Answer::Differs,
            Self::NotConcerned { .. } => Answer::NotConcerned,
        }
    }

    pub fn finding(&self) -> Option<&Finding> {
        match self {
            Self::Differs { finding, .. } => Some(finding),
            Self::Agrees { .. } | Self::NotConcerned { .. } => None,
        }
    }
}

/// What the officers enter of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Every line of the checklist, once each.
    pub lines: Vec<Line>,
    pub codes: BTreeSet<ResultCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    /// Photographs, by the digests of the files of the visit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<FileDigest>,
    /// Working days for rectification; with [`ResultCode::Ordered`], and only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rectify_within: Option<u32>,
}

impl Report {
    /// What was found, with the number of the line (0, 1, 2 ...).
    pub fn findings(&self) -> impl Iterator<Item = (usize, &str, &Finding)> {
        let lines = self.lines.iter().enumerate();
        lines.filter_map(|(at, line)| Some((at, line.item(), line.finding()?)))
    }

    /// Everything that is wrong with it; empty if it can stand.
    pub fn faults(&self, checklist: &Checklist) -> Vec<ReportFault> {
        let mut faults = Vec::new();
        self.check_lines(checklist, &mut faults);
        self.check_codes(&mut faults);
        self.check_rectification(&mut faults);
        if let Some(note) = &self.note {
            faults.extend(personal("/note", note.as_str()));
        }
        faults
    }

    fn check_lines(&self, checklist: &Checklist, faults: &mut Vec<ReportFault>) {
        let mut answered = BTreeSet::new();
        for (at, line) in self.lines.iter().enumerate() {
            let item = line.item();
            let Some(clause) = checklist.get(item) else {
                faults.push(ReportFault::UnknownItem {
                    line: at,
                    item: item.to_owned(),
                });
                continue;
            };
            if !answered.insert(item) {
                faults.push(ReportFault::Twice {
                    line: at,
                    item: item.to_owned(),
                });
            }
            if let Some(finding) = line.finding() {
                let what = finding.what.as_str();
                faults.extend(points(at, clause, finding.points));
                faults.extend(personal(&format!("/lines/{at}/finding/what"), what));
                let values = finding.attributes.iter();
                faults.extend(values.filter_map(|(name, value)| {
                    personal(&format!("/lines/{at}/finding/attributes/{name}"), value)
                }));
            }
        }
        for clause in &checklist.clauses {
            if !answered.contains(clause.item.as_str()) {
                faults.push(ReportFault::Unanswered {
                    item: clause.item.clone(),
                });
            }
        }
    }

    /// A code and the lines do not contradict each other, nor do two codes.
    fn check_codes(&self, faults: &mut Vec<ReportFault>) {
        let codes = &self.codes;
        if codes.is_empty() {
            faults.push(ReportFault::NoCode);
        }
        if codes.contains(&ResultCode::NoProblem) && codes.len() > 1 {
            faults.push(ReportFault::NotAlone);
        }
        let differs = self.findings().next().is_some();
        if differs && !codes.iter().any(|code| code.explains()) {
            faults.push(ReportFault::Unexplained);
        }
        for code in codes {
            let contradicted = (code.says_found() && !differs)
                || (*code == ResultCode::NoProblem && differs)
                || (code.compares_nothing()
                    && self
                        .lines
                        .iter()
                        .any(|line| line.answer() == Answer::Agrees));
            if contradicted {
                faults.push(ReportFault::Contradiction(*code));
            }
        }
    }

    fn check_rectification(&self, faults: &mut Vec<ReportFault>) {
        let ordered = self.codes.contains(&ResultCode::Ordered);
        match self.rectify_within {
            Some(days) if !(1..=LONGEST_RECTIFICATION).contains(&days) => {
                faults.push(ReportFault::RectifyRange {
                    days,
                    longest: LONGEST_RECTIFICATION,
                });
            }
            Some(_) if !ordered => faults.push(ReportFault::NotOrdered),
            None if ordered => faults.push(ReportFault::NoRectifyTime),
            Some(_) | None => {}
        }
    }
}

fn points(line: usize, clause: &Clause, given: Option<Points>) -> Option<ReportFault> {
    match (clause.scale, given) {
        (Scale::ByRule, None) => None,
        (Scale::ByRule, Some(_)) => Some(ReportFault::PointsNotChosen { line }),
        (Scale::Chosen { .. }, None) => Some(ReportFault::NoPoints { line }),
        (Scale::Chosen { min, max }, Some(given)) => {
            let inside = (min..=max).contains(&given);
            (!inside).then_some(ReportFault::PointsRange {
                line,
                given,
                min,
                max,
            })
        }
    }
}

/// An identity or telephone number in a text.
pub(super) fn personal(pointer: &str, text: &str) -> Option<ReportFault> {
    let (what, shown) = find_personal(text)?;
    Some(ReportFault::Personal {
        pointer: pointer.to_owned(),
        what: what.chinese(),
        shown,
    })
}
