//! Whether a printed credit report is genuine.

use askama::Template;

use super::{HOSTILE, Page, Section, sample_code};

/// The form, and what a code turned out to be.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/report.html")]
pub struct ReportPage {
    pub page: Page,
    /// As typed, or in groups once it was understood.
    pub typed: String,
    pub outcome: ReportOutcome,
}

/// What a code turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportOutcome {
    /// Nothing was typed yet.
    Asking,
    Genuine {
        name: String,
        uscc: String,
        as_of: String,
        score: String,
        grade: String,
        /// Whether it is still the company's result.
        current: bool,
    },
    /// Well formed, and not ours.
    Unknown,
    /// Where it was mistyped, in words.
    Mistyped { fault: String },
    /// This service signs no reports.
    NotOffered,
}

impl ReportPage {
    pub fn samples() -> Vec<Self> {
        let sample = |typed: &str, outcome| Self {
            page: Page::sample("信用报告核验", Section::None, true),
            typed: typed.into(),
            outcome,
        };
        let genuine = |name: &str, current| ReportOutcome::Genuine {
            name: name.into(),
            uscc: sample_code("91512002MA6000001"),
            as_of: "2026-06-30".into(),
            score: "93.00".into(),
            grade: "AAA".into(),
            current,
        };
        let code = "7K2MP-00000-11111-22222-33333-44444";
        vec![
            sample("", ReportOutcome::Asking),
            sample(code, genuine("示例安居物业服务有限公司", true)),
            sample(code, genuine(HOSTILE, false)),
            sample(code, ReportOutcome::Unknown),
            sample(
                HOSTILE,
                ReportOutcome::Mistyped {
                    fault: "查验码应为 30 位，现为 3 位".into(),
                },
            ),
            sample(code, ReportOutcome::NotOffered),
        ]
    }
}
