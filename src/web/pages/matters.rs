//! Pages of officials about matters: a list of them, one of them, and the form of a step.

use askama::Template;

use super::{
    HOSTILE,
    desk::{Field, Frame, NavLink},
};

/// Matters of a kind, such as `/desk/entries`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/desk/matters.html")]
pub struct MattersPage {
    pub page: Frame,
    /// By state; the current one is shown.
    pub filters: Vec<NavLink>,
    pub rows: Vec<MatterRow>,
}

/// A matter in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterRow {
    pub href: String,
    pub title: String,
    /// Its state in words.
    pub state: String,
    pub meta: Vec<String>,
}

/// One matter.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/desk/matter.html")]
pub struct MatterPage {
    pub page: Frame,
    /// Its state in words.
    pub state: String,
    /// Names and values.
    pub facts: Vec<(String, String)>,
    pub clocks: Vec<Clock>,
    pub steps: Vec<StepLine>,
    /// What happened, the oldest first.
    pub history: Vec<Line>,
}

/// A running period of a matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    pub what: String,
    pub due_on: String,
    pub overdue: bool,
    pub basis: String,
}

/// A step: open with an address, or closed with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepLine {
    pub title: String,
    pub href: Option<String>,
    pub why_not: String,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Day.
    pub on: String,
    pub what: String,
    /// Role and account.
    pub who: String,
    /// May be empty.
    pub said: String,
}

/// The form of a step.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/desk/step.html")]
pub struct StepPage {
    pub page: Frame,
    /// The page of the matter.
    pub back: String,
    /// Where the form goes.
    pub action: String,
    /// Why the step was not taken, beside what is wrong with single fields.
    pub fault: Option<String>,
    /// What happened since the form was opened.
    pub news: Vec<Line>,
    /// What the official has seen: names and values.
    pub seen: Vec<(String, String)>,
    pub fields: Vec<Field>,
}

impl Line {
    fn samples() -> Vec<Self> {
        vec![Self {
            on: "2026-07-01".into(),
            what: "提请列入".into(),
            who: "系统 wuxin".into(),
            said: HOSTILE.into(),
        }]
    }
}

impl MattersPage {
    pub fn samples() -> Vec<Self> {
        let page = Frame::sample("名单事项");
        let row = MatterRow {
            href: "/desk/entries/E1".into(),
            title: HOSTILE.into(),
            state: "待告知".into(),
            meta: vec!["一般".into(), HOSTILE.into()],
        };
        vec![
            Self {
                filters: page.nav.clone(),
                rows: vec![row],
                page: page.clone(),
            },
            Self {
                filters: page.nav.clone(),
                rows: Vec::new(),
                page,
            },
        ]
    }
}

impl MatterPage {
    pub fn samples() -> Vec<Self> {
        let page = Frame::sample("重点关注名单");
        let empty = Self {
            page: page.clone(),
            state: "已移出".into(),
            facts: vec![("企业".into(), HOSTILE.into())],
            clocks: Vec::new(),
            steps: Vec::new(),
            history: Line::samples(),
        };
        let step = |href: Option<&str>| StepLine {
            title: "制作事先告知书".into(),
            href: href.map(str::to_owned),
            why_not: HOSTILE.into(),
        };
        let full = Self {
            clocks: vec![Clock {
                what: "送达告知书".into(),
                due_on: "2026-07-09".into(),
                overdue: true,
                basis: HOSTILE.into(),
            }],
            steps: vec![step(Some("/desk/entries/E1/steps/review")), step(None)],
            ..empty.clone()
        };
        vec![full, empty]
    }
}

impl StepPage {
    pub fn samples() -> Vec<Self> {
        let sample = |fault: Option<&str>, news: Vec<Line>| Self {
            page: Frame::sample("法制审核"),
            back: "/desk/entries/E1".into(),
            action: "/desk/entries/E1/steps/review".into(),
            seen: vec![("version".into(), "1".into())],
            fields: vec![
                Field::new("opinion", "审核意见")
                    .kind("textarea")
                    .value(HOSTILE)
                    .error(fault.map(str::to_owned)),
            ],
            fault: fault.map(str::to_owned),
            news,
        };
        vec![
            sample(None, Vec::new()),
            sample(Some(HOSTILE), Line::samples()),
        ]
    }
}
