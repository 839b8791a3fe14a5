//! Public pages as a pure rendering of view models: no database, no clock, no HTTP. The web layer fills a model and
//! writes what [`askama::Template::render`] gives; `templates/pages/*.html` hold the words.
//!
//! Pages need no script (but the one that verifies draws in the browser, with a policy of its own), and work under `default-src 'none'; style-src 'self'; form-action 'self'`: the one style sheet
//! is [`SITE_CSS`], served as `/static/site.css`. Everything from outside is escaped; the only markup that is not is
//! an [`Svg`], which only [`svg`] and [`chart`] can make. Every model has `samples()`, which the tests render.

mod account;
pub mod accounts;
mod badge;
pub mod chart;
mod company;
pub mod desk;
mod draws;
pub mod forms;
mod lists;
pub mod matters;
pub mod my;
mod nothing;
mod open_data;
mod plans;
mod report;
mod rules;
mod search;
mod statistics;
pub mod svg;
mod visits;

pub use account::{
    AccountFile, AccountPart, ActionRow, ChangeRow, ComponentPart, Conclusion, OutlookPart, Tape,
    TapeRow, UncountedRow, WayPart,
};
pub use badge::{BadgeImage, BadgePage};
pub use chart::Chart;
pub use company::{CompanyPage, Component, Line, ListEntry, MovePoint, Movement};
pub use draws::{DrawRow, DrawVerifyPage, DrawsPage};
pub use lists::{EntryPage, ListGroup, ListRow, ListsPage};
pub use nothing::{ErrorPage, Nothing, NothingPage};
pub use open_data::{OpenDataField, OpenDataFile, OpenDataPage};
pub use plans::{CheckReportPage, ReportCell, ReportLink, ReportPart};
pub use report::{ReportOutcome, ReportPage};
pub use rules::{RuleComponent, RuleGrade, RuleItem, RuleVersion, RulesPage};
pub use search::{Found, HomePage, ResultsPage};
pub use statistics::{Figure, StatisticsPage};
pub use svg::Svg;
pub use visits::{CheckResultsPage, ItemRow, OfficerRow, ResultRow, ResultsPart, VisitPage};

/// The style sheet of all pages.
pub const SITE_CSS: &str = include_str!("../../../templates/static/site.css");

/// The sign of the site on the tab of a browser.
pub const ICON: &str = include_str!("../../../templates/static/icon.svg");

/// The verifier of draws, for the one page that has a script.
pub const DRAW_VERIFY_JS: &str = include_str!("../assets/draw-verify.js");

/// What the frame around every page needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Name of the site: `物业服务企业信用公示`.
    pub site: String,
    /// The bureau that runs it.
    pub bureau: String,
    /// Title of this page, without the name of the site.
    pub title: String,
    /// Asks search engines to keep away; for pages about one company and for faults.
    pub noindex: bool,
    /// Which entry of the navigation this is.
    pub section: Section,
}

/// Entries of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Search,
    Lists,
    Draws,
    Rules,
    Statistics,
    None,
}

impl Page {
    /// Whether this entry of the navigation is the current one.
    pub fn is(&self, section: &str) -> bool {
        matches!(
            (self.section, section),
            (Section::Search, "search")
                | (Section::Lists, "lists")
                | (Section::Draws, "draws")
                | (Section::Rules, "rules")
                | (Section::Statistics, "statistics")
        )
    }

    fn sample(title: &str, section: Section, noindex: bool) -> Self {
        Self {
            site: "物业服务企业信用公示".into(),
            bureau: "示例市住房和城乡建设局".into(),
            title: title.into(),
            noindex,
            section,
        }
    }
}

/// How good something is; only a colour, the word beside it says it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Fair,
    Poor,
    Bad,
    Plain,
}

impl Tone {
    /// The class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Fair => "fair",
            Self::Poor => "poor",
            Self::Bad => "bad",
            Self::Plain => "plain",
        }
    }
}

/// A grade as a badge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// `AAA`, or `不参评`.
    pub id: String,
    /// `信用优秀`; may be empty.
    pub title: String,
    pub tone: Tone,
}

impl Badge {
    fn sample(id: &str, title: &str, tone: Tone) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            tone,
        }
    }
}

/// A version of a rule set, named so that a reader can check it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesetRef {
    pub title: String,
    /// `烟建住房〔2022〕13号`, empty if there is none.
    pub document: String,
    /// First 12 hex digits of its digest.
    pub digest: String,
    /// `2022-07-01 起施行`.
    pub effective: String,
    /// Not yet in force as a published document.
    pub draft: bool,
    /// Compared with the official text.
    pub verified: bool,
}

impl RulesetRef {
    fn sample(draft: bool) -> Self {
        Self {
            title: "示例市物业服务企业信用信息管理办法".into(),
            document: "示建发〔2026〕1号".into(),
            digest: "3f9a1c07be42".into(),
            effective: "2026-01-01 起施行".into(),
            draft,
            verified: !draft,
        }
    }
}

/// Hostile text for samples: what must come out as text.
const HOSTILE: &str = "<script>alert('示例')</script>\"&物业有限公司";

fn sample_code(seventeen: &str) -> String {
    crate::domain::Uscc::complete(seventeen)
        .map_or_else(|fault| fault.to_string(), |code| code.to_string())
}
