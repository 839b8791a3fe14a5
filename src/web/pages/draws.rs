//! The draws of spot checks: their list, and the page on which a visitor verifies one.

use askama::Template;

use super::{HOSTILE, Page, Section};

/// Every draw that was committed to.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/draws.html")]
pub struct DrawsPage {
    pub page: Page,
    pub rows: Vec<DrawRow>,
}

/// One draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawRow {
    pub id: String,
    /// The id as a segment of an address.
    pub path: String,
    pub state: String,
    pub attempts: u64,
    pub committed_at: String,
    pub commitment: String,
    pub reveal_by: String,
    /// Empty: not yet.
    pub revealed_at: String,
    pub late: bool,
}

/// Verifies a file in the browser; the only page with a script.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/draw_verify.html")]
pub struct DrawVerifyPage {
    pub page: Page,
}

impl DrawsPage {
    pub fn samples() -> Vec<Self> {
        let row = |id: &str, revealed_at: &str, late| DrawRow {
            id: id.into(),
            path: "CC-2026-01".into(),
            state: "已公开".into(),
            attempts: 2,
            committed_at: "2026-07-01T01:00:00Z".into(),
            commitment: "3f9a1c07be42".into(),
            reveal_by: "2026-08-20T00:00:00Z".into(),
            revealed_at: revealed_at.into(),
            late,
        };
        let sample = |rows| Self {
            page: Page::sample("抽查公开", Section::Draws, false),
            rows,
        };
        vec![
            sample(Vec::new()),
            sample(vec![
                row("CC-2026-01", "2026-08-21T00:00:00Z", true),
                row(HOSTILE, "", false),
            ]),
        ]
    }
}

impl DrawVerifyPage {
    pub fn samples() -> Vec<Self> {
        vec![Self {
            page: Page::sample("核验抽查", Section::Draws, false),
        }]
    }
}
