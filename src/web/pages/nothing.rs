//! Nothing to show, and why: four answers that must not be taken for one another.

use askama::Template;

use super::{HOSTILE, Page, Section, sample_code};

/// A look-up that shows no score.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/nothing.html")]
pub struct NothingPage {
    pub page: Page,
    pub nothing: Nothing,
}

/// Why there is nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nothing {
    /// The code is none of a company in this system. Says nothing about the company.
    NotInScope { code: String },
    /// The company is in the system and has no public record up to a day.
    NoRecord {
        name: String,
        uscc: String,
        district: String,
        as_of: String,
    },
    /// It could not be looked up.
    Failed { request_id: String },
}

impl Nothing {
    /// The HTTP status that belongs to it.
    pub fn status(&self) -> u16 {
        match self {
            Self::NotInScope { .. } => 404,
            Self::NoRecord { .. } => 200,
            Self::Failed { .. } => 503,
        }
    }
}

/// Any other fault.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    pub page: Page,
    /// The HTTP status.
    pub status: u16,
    pub heading: String,
    /// What happened and what to do, for the public; no internals.
    pub what: String,
    pub request_id: String,
}

impl NothingPage {
    pub fn samples() -> Vec<Self> {
        let sample = |title: &str, nothing| Self {
            page: Page::sample(title, Section::Search, true),
            nothing,
        };
        let no_record = |name: &str| Nothing::NoRecord {
            name: name.into(),
            uscc: sample_code("91512002MA6000003"),
            district: "示例市示例区".into(),
            as_of: "2026-06-30".into(),
        };
        vec![
            sample(
                "不在本系统范围",
                Nothing::NotInScope {
                    code: sample_code("91512002MA6000009"),
                },
            ),
            sample("未查到公开记录", no_record("示例新安居物业管理有限公司")),
            sample("未查到公开记录", no_record(HOSTILE)),
            sample(
                "查询失败",
                Nothing::Failed {
                    request_id: "0197c1f2-7a10-7000-8000-5d2f3c9be001".into(),
                },
            ),
        ]
    }
}

impl ErrorPage {
    pub fn samples() -> Vec<Self> {
        let sample = |status, heading: &str, what: &str| Self {
            page: Page::sample(heading, Section::None, true),
            status,
            heading: heading.into(),
            what: what.into(),
            request_id: "0197c1f2-7a10-7000-8000-5d2f3c9be002".into(),
        };
        vec![
            sample(404, "没有这个页面", "网址可能输入有误，或者页面已经移走。"),
            sample(500, "系统出了差错", "差错已经记录。请稍后再试。"),
            sample(429, "查询过于频繁", HOSTILE),
        ]
    }
}
