//! Looking a company up: the first page, and what was found.

use askama::Template;

use super::{Badge, HOSTILE, Page, RulesetRef, Section, Tone, sample_code};

/// The first page.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/home.html")]
pub struct HomePage {
    pub page: Page,
    /// Rule sets in force, usually one.
    pub rulesets: Vec<RulesetRef>,
    /// Day of the scores, `2026-06-30`.
    pub as_of: String,
    /// Number of companies in scope.
    pub companies: u64,
}

/// Companies that match.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/results.html")]
pub struct ResultsPage {
    pub page: Page,
    /// What was asked, as typed.
    pub query: String,
    pub as_of: String,
    pub found: Vec<Found>,
    /// Address of the next page, if there is one.
    pub next: Option<String>,
    /// What was wrong with the question: too short, a code that does not check.
    pub fault: Option<String>,
}

/// One match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub name: String,
    pub uscc: String,
    pub district: String,
    /// Registration status, if not active.
    pub status: Option<String>,
    /// Absent: no public record yet.
    pub grade: Option<Badge>,
}

impl HomePage {
    pub fn samples() -> Vec<Self> {
        let sample = |rulesets| Self {
            page: Page::sample("信用查询", Section::Search, false),
            rulesets,
            as_of: "2026-06-30".into(),
            companies: 126,
        };
        vec![
            sample(vec![RulesetRef::sample(true)]),
            sample(vec![RulesetRef::sample(false)]),
            sample(vec![]),
        ]
    }
}

impl ResultsPage {
    pub fn samples() -> Vec<Self> {
        let found = |name: &str, code: &str, grade, status: Option<&str>| Found {
            name: name.into(),
            uscc: sample_code(code),
            district: "示例区".into(),
            status: status.map(Into::into),
            grade,
        };
        let sample =
            |query: &str, found: Vec<Found>, next: Option<&str>, fault: Option<&str>| Self {
                page: Page::sample("查询结果", Section::Search, true),
                query: query.into(),
                as_of: "2026-06-30".into(),
                found,
                next: next.map(Into::into),
                fault: fault.map(Into::into),
            };
        vec![
            sample(
                "安居",
                vec![
                    found(
                        "示例安居物业服务有限公司",
                        "91512002MA6000001",
                        Some(Badge::sample("AAA", "信用优秀", Tone::Good)),
                        None,
                    ),
                    found(
                        "示例安居乐业城市运营服务集团有限责任公司示例分公司",
                        "91512002MA6000002",
                        Some(Badge::sample("B", "信用一般", Tone::Poor)),
                        None,
                    ),
                    found(
                        "示例新安居物业管理有限公司",
                        "91512002MA6000003",
                        None,
                        None,
                    ),
                    found(
                        "示例旧安居物业有限公司",
                        "91512002MA6000004",
                        Some(Badge::sample("C", "信用较差", Tone::Bad)),
                        Some("注销"),
                    ),
                ],
                Some("/search?q=%E5%AE%89%E5%B1%85&after=4"),
                None,
            ),
            sample(
                HOSTILE,
                vec![found(HOSTILE, "91512002MA6000005", None, None)],
                None,
                None,
            ),
            sample("不存在的名称", vec![], None, None),
            sample(
                "91512002MA600000",
                vec![],
                None,
                Some("统一社会信用代码应为18位，「91512002MA600000」有16位"),
            ),
        ]
    }
}
