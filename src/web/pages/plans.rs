//! Reports of spot checks as tables: the plans of the years, one plan, and the fairness of a year.

use askama::Template;

use super::{Chart, HOSTILE, Page, Section};

/// A page of tables.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/check_report.html")]
pub struct CheckReportPage {
    pub page: Page,
    pub lead: String,
    /// Where the same is as data.
    pub data: Vec<ReportLink>,
    /// Each with its table; before the parts.
    pub charts: Vec<Chart>,
    pub parts: Vec<ReportPart>,
}

/// An address and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLink {
    pub name: String,
    pub path: String,
}

/// One table with its heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportPart {
    pub title: String,
    /// What to read out of it; may be empty.
    pub note: String,
    pub head: Vec<&'static str>,
    pub rows: Vec<Vec<ReportCell>>,
    /// Said where there is no row.
    pub none: &'static str,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportCell {
    pub text: String,
    pub number: bool,
    /// An address within the site; empty: none.
    pub path: String,
    /// Something is not as it should be.
    pub flag: bool,
}

impl ReportCell {
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            number: false,
            path: String::new(),
            flag: false,
        }
    }

    pub fn number(text: impl ToString) -> Self {
        Self {
            number: true,
            ..Self::text(text.to_string())
        }
    }

    pub fn link(text: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            ..Self::text(text)
        }
    }

    #[must_use]
    pub fn flagged(self, flag: bool) -> Self {
        Self { flag, ..self }
    }
}

impl CheckReportPage {
    pub fn samples() -> Vec<Self> {
        let part = |rows| ReportPart {
            title: "抽取机会".into(),
            note: "每个对象的机会相等。".into(),
            head: vec!["区县", "对象数", "逾期"],
            rows,
            none: "没有已公开的抽取。",
        };
        let sample = |rows: Vec<_>| Self {
            page: Page::sample("2026年双随机公平性报告", Section::Draws, false),
            lead: "只统计已经公开的抽取。".into(),
            data: vec![ReportLink {
                name: "JSON".into(),
                path: "/api/v1/fairness/2026".into(),
            }],
            charts: Chart::samples().into_iter().take(rows.len()).collect(),
            parts: vec![part(rows)],
        };
        vec![
            sample(Vec::new()),
            sample(vec![vec![
                ReportCell::link(HOSTILE, "/plans/JH-2026"),
                ReportCell::number(30),
                ReportCell::text("1 次").flagged(true),
            ]]),
        ]
    }
}
