//! What can be downloaded, and what its columns mean.

use askama::Template;

use super::{HOSTILE, Page, Section};

/// The list of files, with a dictionary.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/open_data.html")]
pub struct OpenDataPage {
    pub page: Page,
    pub licence: String,
    /// How often the files change, in words.
    pub update: String,
    pub as_of: String,
    pub files: Vec<OpenDataFile>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDataFile {
    /// `grades.csv`.
    pub name: String,
    pub title: String,
    pub fields: Vec<OpenDataField>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDataField {
    pub name: String,
    /// `整数`, `日期`.
    pub kind: String,
    pub meaning: String,
}

impl OpenDataPage {
    pub fn samples() -> Vec<Self> {
        let file = |meaning: &str| OpenDataFile {
            name: "grades.csv".into(),
            title: "信用等级分布".into(),
            fields: vec![OpenDataField {
                name: "as_of".into(),
                kind: "日期".into(),
                meaning: meaning.into(),
            }],
        };
        let sample = |files| Self {
            page: Page::sample("开放数据", Section::None, false),
            licence: "可以自由使用，须注明来源和数据日期。".into(),
            update: "每日".into(),
            as_of: "2026-06-30".into(),
            files,
        };
        vec![
            sample(vec![]),
            sample(vec![file("统计日期")]),
            sample(vec![file("统计日期"), file(HOSTILE)]),
        ]
    }
}
