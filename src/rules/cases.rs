//! The worked examples of a rule file: each is scored, and what differs from what the author expected is told.

use std::ops::Range;

use rust_decimal::Decimal;

use super::{
    RuleSet,
    diagnostic::{Code, Diagnostic, Source},
    engine::score,
    outcome::{Facts, OnList, PastGrade, Score},
};
use crate::domain::{Company, Contract, Day, Record, SubjectKind};

/// `[[case]]`: one subject, its records, and what must come out.
#[derive(Debug, Clone)]
pub struct Case {
    pub title: String,
    pub as_of: Day,
    /// The subject of a company rule set.
    pub company: Company,
    /// Id of the subject.
    pub subject: String,
    pub records: Vec<Record>,
    /// Where each record stands in the file.
    pub(crate) places: Vec<Range<usize>>,
    pub contracts: Vec<Contract>,
    pub history: Vec<PastGrade>,
    /// Where each of its grades stands in the file.
    pub(crate) past_places: Vec<Range<usize>>,
    pub on_lists: Vec<OnList>,
    pub expect: Expect,
    pub(crate) at: Range<usize>,
}

/// What a case must give; what is absent is not compared.
#[derive(Debug, Clone, Default)]
pub struct Expect {
    pub score: Option<Decimal>,
    pub(crate) grade: Option<super::document::Located<String>>,
    pub rated: Option<bool>,
    pub lists: Option<Vec<String>>,
    pub consequences: Option<Vec<String>>,
    /// By index.
    pub components: Vec<(usize, Decimal)>,
    pub next_change_on: Option<Day>,
}

impl Expect {
    /// The grade, or the reason for not being rated.
    pub fn grade(&self) -> Option<&str> {
        self.grade.as_ref().map(|grade| grade.value.as_str())
    }
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseOutcome {
    pub title: String,
    pub passed: bool,
    /// In Chinese; empty if it passed.
    pub differences: Vec<String>,
    /// Bytes of the file that hold the case.
    pub span: (usize, usize),
}

impl RuleSet {
    /// Scores every worked case of the file.
    pub fn run_cases(&self) -> Vec<CaseOutcome> {
        self.cases()
            .iter()
            .map(|case| {
                let differences = self.run_case(case);
                CaseOutcome {
                    title: case.title.clone(),
                    passed: differences.is_empty(),
                    differences,
                    span: (case.at.start, case.at.end),
                }
            })
            .collect()
    }

    /// One error (R033) for each case that fails.
    pub fn case_diagnostics(&self) -> Vec<Diagnostic> {
        let source = Source::new(self.file(), self.text());
        self.run_cases()
            .into_iter()
            .filter(|case| !case.passed)
            .map(|case| {
                let header = self.text()[case.span.0..]
                    .lines()
                    .next()
                    .map_or(0, str::len);
                source.diagnostic(
                    Code::R033,
                    case.span.0..(case.span.0 + header).min(case.span.1),
                    format!("案例「{}」的结果不符", case.title),
                    case.differences.join("；"),
                )
            })
            .collect()
    }

    fn run_case(&self, case: &Case) -> Vec<String> {
        let companies = [case.company.clone()];
        let facts = Facts {
            companies: if self.subject() == SubjectKind::Company {
                &companies
            } else {
                &[]
            },
            contracts: &case.contracts,
            contracts_known: !case.contracts.is_empty(),
            records: &case.records,
            history: &case.history,
            on_lists: &case.on_lists,
        };
        let scores = match score(self, &facts, case.as_of) {
            Ok(scores) => scores,
            Err(faults) => return faults.iter().map(ToString::to_string).collect(),
        };
        match scores.iter().find(|score| score.subject == case.subject) {
            Some(score) => self.differences(&case.expect, score),
            None => vec!["案例没有记录，评不出对象".to_owned()],
        }
    }

    fn differences(&self, expect: &Expect, found: &Score) -> Vec<String> {
        let mut differences = Vec::new();
        let mut compare = |what: &str, expected: String, found: String| {
            if expected != found {
                differences.push(format!("{what}应为 {expected}，算得 {found}"));
            }
        };
        if let Some(score) = expect.score {
            compare(
                "得分",
                score.normalize().to_string(),
                found.score.normalize().to_string(),
            );
        }
        for (index, points) in &expect.components {
            let component = &self.components()[*index];
            let value = found.components.get(&component.id);
            compare(
                &format!("分项 {}", component.id),
                points.normalize().to_string(),
                value.map_or_else(|| "无".to_owned(), |value| value.to_string()),
            );
        }
        if let Some(grade) = expect.grade() {
            let found = found.grade.clone().unwrap_or_else(|| "无".to_owned());
            compare("等级", grade.to_owned(), found);
        }
        if let Some(rated) = expect.rated {
            let word = |rated| if rated { "评级" } else { "不评级" };
            compare(
                "是否评级",
                word(rated).to_owned(),
                word(found.rated).to_owned(),
            );
        }
        let joined = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort_unstable();
            if names.is_empty() {
                "无".to_owned()
            } else {
                names.join("、")
            }
        };
        if let Some(lists) = &expect.lists {
            compare("名单", joined(lists), joined(&found.lists));
        }
        if let Some(consequences) = &expect.consequences {
            compare("后果", joined(consequences), joined(&found.consequences));
        }
        if let Some(day) = expect.next_change_on {
            let found = found
                .next_change_on
                .map_or_else(|| "无".to_owned(), |day| day.to_string());
            compare("下次变动", day.to_string(), found);
        }
        differences
    }
}
