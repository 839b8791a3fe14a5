//! Visits of spot checks: what a company sees by their code, and their results.

use askama::Template;

use super::{HOSTILE, Page, Section, sample_code};

/// 亮码: who may inspect what, and nobody else anything else.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/visit.html")]
pub struct VisitPage {
    pub page: Page,
    /// Number of the draw.
    pub task: String,
    pub object_name: String,
    pub company_name: String,
    pub uscc: String,
    pub arrived_on: String,
    pub state: String,
    /// Nothing is inspected any more.
    pub over: bool,
    pub officers: Vec<OfficerRow>,
    pub items: Vec<ItemRow>,
}

/// An officer as published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerRow {
    pub name: String,
    pub certificate: String,
}

/// An inspection item with what allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    pub title: String,
    pub basis: String,
}

/// The results of a task, or of a company.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/check_results.html")]
pub struct CheckResultsPage {
    pub page: Page,
    pub heading: String,
    /// `检查期间 2026-07-06 至 2026-07-20`; may be empty.
    pub window: String,
    /// Address of the same as CSV; may be empty.
    pub csv: String,
    pub parts: Vec<ResultsPart>,
}

/// The results of one attempt of a draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultsPart {
    /// `第 2 次抽取`; may be empty.
    pub title: String,
    /// The clock in words: `应于 2026-08-17 前公开`.
    pub clock: String,
    pub late: bool,
    /// Absent: who was drawn is not public yet.
    pub rows: Option<Vec<ResultRow>>,
}

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultRow {
    pub name: String,
    pub company_name: String,
    pub uscc: String,
    pub state: String,
    pub visited_on: String,
    /// `未按规定公示、发现问题已责令改正`; may be empty.
    pub codes: String,
    /// Last day for rectification; may be empty.
    pub rectify_by: String,
}

impl VisitPage {
    pub fn samples() -> Vec<Self> {
        let sample = |name: &str, over, officers: usize| Self {
            page: Page::sample("检查信息", Section::Draws, true),
            task: "CC-2026-01".into(),
            object_name: name.into(),
            company_name: "示例松鹤物业服务有限公司".into(),
            uscc: sample_code("91512002EXA000019"),
            arrived_on: "2026-07-06".into(),
            state: if over { "已办结" } else { "检查中" }.into(),
            over,
            officers: (1..=officers)
                .map(|number| OfficerRow {
                    name: format!("示例人员{number}"),
                    certificate: format!("ZFM{number}"),
                })
                .collect(),
            items: vec![ItemRow {
                title: "物业服务收费公示检查".into(),
                basis: "《物业管理条例》第四十条".into(),
            }],
        };
        vec![sample("示例小区", false, 2), sample(HOSTILE, true, 0)]
    }
}

impl CheckResultsPage {
    pub fn samples() -> Vec<Self> {
        let row = |name: &str, codes: &str| ResultRow {
            name: name.into(),
            company_name: "示例松鹤物业服务有限公司".into(),
            uscc: sample_code("91512002EXA000019"),
            state: if codes.is_empty() {
                "未能检查"
            } else {
                "已办结"
            }
            .into(),
            visited_on: "2026-07-06".into(),
            codes: codes.into(),
            rectify_by: String::new(),
        };
        let part = |late, rows| ResultsPart {
            title: "第 1 次抽取".into(),
            clock: "应于 2026-08-17 前公开".into(),
            late,
            rows,
        };
        let sample = |parts| Self {
            page: Page::sample("抽查检查结果", Section::Draws, true),
            heading: "抽查 CC-2026-01 检查结果".into(),
            window: "检查期间 2026-07-06 至 2026-07-20".into(),
            csv: "/api/v1/draws/CC-2026-01/results.csv".into(),
            parts,
        };
        vec![
            sample(Vec::new()),
            sample(vec![
                part(false, None),
                part(
                    true,
                    Some(vec![row("示例小区", "未发现问题"), row(HOSTILE, "")]),
                ),
                part(false, Some(Vec::new())),
            ]),
        ]
    }
}
