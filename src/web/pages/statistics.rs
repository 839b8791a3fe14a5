//! Figures about all companies: charts with their tables.

use askama::Template;

use super::{Chart, Page, Section};

/// The page of figures; a chart that has nothing to draw is absent.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/statistics.html")]
pub struct StatisticsPage {
    pub page: Page,
    pub as_of: String,
    /// That the rules are on trial or not compared with a published text; may be empty.
    pub notice: String,
    /// The numbers at the top.
    pub figures: Vec<Figure>,
    pub grades: Option<Chart>,
    pub scores: Option<Chart>,
    pub movement: Option<Chart>,
    pub lists: Option<Chart>,
    /// `2026-01-01 至 2026-06-30`.
    pub period: String,
    pub rates_verified: bool,
    pub rates_basis: String,
    pub complaints: Option<Chart>,
    pub levels: Option<Chart>,
    /// What each rate counts.
    pub definitions: Vec<Figure>,
    /// How the platform compares, in a sentence.
    pub drift: String,
    pub differences: Option<Chart>,
}

/// A number with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub name: String,
    pub value: String,
    /// May be empty.
    pub note: String,
}

impl StatisticsPage {
    pub fn samples() -> Vec<Self> {
        let figure = |name: &str, value: &str, note: &str| Figure {
            name: name.into(),
            value: value.into(),
            note: note.into(),
        };
        let charts = Chart::samples();
        let named = |place: usize, id: &str| {
            let chart = charts.get(place)?;
            // Ids are unique in a page.
            (chart.id == id).then(|| chart.clone())
        };
        let empty = Self {
            page: Page::sample("信用统计", Section::Statistics, false),
            as_of: "2026-06-30".into(),
            notice: String::new(),
            figures: vec![figure("登记企业", "0", "")],
            grades: None,
            scores: None,
            movement: None,
            lists: None,
            period: "2026-01-01 至 2026-06-30".into(),
            rates_verified: false,
            rates_basis: "示例口径".into(),
            complaints: None,
            levels: None,
            definitions: vec![],
            drift: "尚未与信用平台核对过。".into(),
            differences: None,
        };
        let full = Self {
            notice: "规则尚在试运行，等级仅供参考。".into(),
            figures: vec![
                figure("登记企业", "126", "正常经营 120"),
                figure("参评企业", "118", "不参评 8"),
                figure("本年度抽查", "12.5%", "已抽中 15 家"),
            ],
            grades: named(0, "grades"),
            scores: named(1, "hostile"),
            levels: named(2, "kinds"),
            complaints: named(3, "rates"),
            definitions: vec![figure("受理率", "受理件数", "÷ 收到件数")],
            ..empty.clone()
        };
        vec![full, empty]
    }
}
