//! One company: its score, line by line, and what follows from it.

use askama::Template;
use rust_decimal::Decimal;

use super::{
    AccountPart, Badge, HOSTILE, OutlookPart, Page, RulesetRef, Section, Svg, Tone,
    account::{sample_account, sample_outlook},
    sample_code,
    svg::{Band, StepChart},
};
use crate::domain::Day;

/// All that is public about one company.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/company.html")]
pub struct CompanyPage {
    pub page: Page,
    pub name: String,
    pub uscc: String,
    pub district: String,
    /// Registration status, if not active.
    pub status: Option<String>,
    pub as_of: String,
    /// With the places the rule set shows: `93.00`.
    pub score: String,
    pub grade: Badge,
    pub ruleset: RulesetRef,
    pub components: Vec<Component>,
    pub counted: Vec<Line>,
    pub not_counted: Vec<Line>,
    /// What overrode the sum, in words; for pages without an account.
    pub limits: Vec<String>,
    /// Stands for `counted`, `not_counted` and `limits`; absent while the score is being computed again.
    pub account: Option<AccountPart>,
    /// Absent where nothing can be said.
    pub outlook: Option<OutlookPart>,
    /// Absent until there is more than one score.
    pub movement: Option<Movement>,
    /// `2027-03-02 起，1 条记录到期，不再计分`.
    pub next_change: Option<String>,
    /// Published entries only.
    pub lists: Vec<ListEntry>,
    pub consequences: Vec<String>,
    /// Last day of the trial run, while it lasts.
    pub shadow_until: Option<String>,
}

/// One part of the score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    pub title: String,
    pub points: String,
    /// `封顶 40`; may be empty.
    pub note: String,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub title: String,
    pub clause: String,
    /// Signed: `+5`, `−2`.
    pub points: String,
    pub date: String,
    /// Who determined it.
    pub body: String,
    /// How it was counted, or why it was not; may be empty.
    pub note: String,
    /// An objection is being examined.
    pub disputed: bool,
    pub tone: Tone,
}

/// How the score moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// For a desk.
    pub wide: Svg,
    /// The same for a phone.
    pub narrow: Svg,
    /// The same as a table, oldest first.
    pub points: Vec<MovePoint>,
}

/// A score from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovePoint {
    pub day: Day,
    pub score: Decimal,
    pub grade: String,
}

/// A published list entry of the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEntry {
    pub list: String,
    pub reason: String,
    pub decision: String,
    pub organ: String,
    pub decided_on: String,
    pub until: String,
    pub disputed: bool,
    pub tone: Tone,
}

impl Movement {
    /// Draws the points, oldest first, up to the day of the page; `None` where there is nothing to compare.
    pub fn draw(name: &str, points: Vec<MovePoint>, as_of: Day, bands: &[Band]) -> Option<Self> {
        let (first, last) = (points.first()?, points.last()?);
        if points.len() < 2 {
            return None;
        }
        let values: Vec<(Day, Decimal)> = points.iter().map(|at| (at.day, at.score)).collect();
        let title = format!("{name}信用得分变化");
        let description = format!(
            "{} 为 {} 分，{as_of} 为 {} 分，期间变动 {} 次。明细见图后的表格。",
            first.day,
            first.score,
            last.score,
            points.len() - 1,
        );
        let draw = |id: &str, width| {
            StepChart {
                id,
                title: &title,
                description: &description,
                points: &values,
                until: as_of,
                bands,
                width,
            }
            .draw()
        };
        Some(Self {
            wide: draw("move-wide", 720)?,
            narrow: draw("move-narrow", 360)?,
            points,
        })
    }
}

/// Counted records that stand open on the page; the others are one click away.
const SHOWN: usize = 15;

impl CompanyPage {
    fn first_counted(&self) -> &[Line] {
        &self.counted[..self.counted.len().min(SHOWN)]
    }

    fn more_counted(&self) -> &[Line] {
        self.counted.get(SHOWN..).unwrap_or_default()
    }

    pub fn samples() -> Vec<Self> {
        vec![
            Self::sample_good(),
            Self::sample_listed(),
            Self::sample_hostile(),
        ]
    }

    fn sample_good() -> Self {
        let line = |title: &str, clause: &str, points: &str, date: &str, note: &str, tone| Line {
            title: title.into(),
            clause: clause.into(),
            points: points.into(),
            date: date.into(),
            body: "示例区住房和城乡建设局".into(),
            note: note.into(),
            disputed: false,
            tone,
        };
        let component = |title: &str, points: &str, note: &str| Component {
            title: title.into(),
            points: points.into(),
            note: note.into(),
        };
        let name = "示例安居物业服务有限公司";
        Self {
            page: Page::sample(name, Section::Search, true),
            name: name.into(),
            uscc: sample_code("91512002MA6000001"),
            district: "示例市示例区".into(),
            status: None,
            as_of: "2026-06-30".into(),
            score: "93.00".into(),
            grade: Badge::sample("AAA", "信用优秀", Tone::Good),
            ruleset: RulesetRef::sample(true),
            components: vec![
                component("基础信息", "76", "封顶 80"),
                component("优良信息", "40", "合计 46，封顶 40"),
                component("不良信息", "−23", ""),
            ],
            counted: vec![
                line(
                    "基础信息完整，合同备案及时",
                    "附件1",
                    "+76",
                    "2025-07-01",
                    "",
                    Tone::Good,
                ),
                line(
                    "获得国家级物业服务示范项目称号",
                    "附件2 第3项",
                    "+25",
                    "2026-02-03",
                    "",
                    Tone::Good,
                ),
                line(
                    "获得省级物业服务示范项目称号",
                    "附件2 第3项",
                    "+15",
                    "2025-11-20",
                    "",
                    Tone::Good,
                ),
                line(
                    "参加重大突发事件应急处置，受到市级通报表扬",
                    "附件2 第9项",
                    "+6",
                    "2026-02-03",
                    "",
                    Tone::Good,
                ),
                line(
                    "未按规定公示服务内容和收费标准",
                    "附件3 第7项",
                    "−2",
                    "2026-03-01",
                    "已于 2026-03-20 整改，减半计分",
                    Tone::Bad,
                ),
                line(
                    "未按合同约定履行共用部位、共用设施设备维修养护责任，造成业主人身财产损害",
                    "附件3 第15项",
                    "−21",
                    "2026-05-12",
                    "",
                    Tone::Bad,
                ),
            ],
            not_counted: vec![
                line(
                    "未及时答复业主投诉",
                    "附件3 第11项",
                    "−2",
                    "2025-03-01",
                    "已过有效期（至 2026-03-01）",
                    Tone::Plain,
                ),
                line(
                    "获得区级优秀项目称号",
                    "附件2 第4项",
                    "+3",
                    "2026-01-15",
                    "同一事项已按更高层级计分",
                    Tone::Plain,
                ),
            ],
            account: Some(sample_account()),
            outlook: Some(sample_outlook()),
            limits: vec![
                "优良信息合计 46 分，按 40 分封顶计入。".into(),
                "「表彰奖励」组取最高一项。".into(),
            ],
            movement: Movement::draw(
                name,
                sample_points(),
                sample_day(2026, 6, 30),
                &sample_bands(),
            ),
            next_change: Some("2027-03-02 起，1 条记录到期，不再计分".into()),
            lists: vec![],
            consequences: vec![
                "检查频次：每年不多于 1 次".into(),
                "评优评先优先推荐".into(),
            ],
            shadow_until: None,
        }
    }

    fn sample_listed() -> Self {
        Self {
            score: "52.00".into(),
            grade: Badge::sample("C", "信用较差", Tone::Bad),
            ruleset: RulesetRef::sample(false),
            status: Some("停业".into()),
            movement: None,
            next_change: None,
            lists: vec![ListEntry {
                list: "重点关注名单（黑榜）".into(),
                reason: "连续两个评价周期信用等级为 C 级，逾期未完成整改".into(),
                decision: "示建信决〔2026〕3号".into(),
                organ: "示例市住房和城乡建设局".into(),
                decided_on: "2026-03-12".into(),
                until: "2027-03-12".into(),
                disputed: true,
                tone: Tone::Bad,
            }],
            consequences: vec!["列为重点监管对象，双随机抽查比例 100%".into()],
            shadow_until: None,
            ..Self::sample_good()
        }
    }

    fn sample_hostile() -> Self {
        let good = Self::sample_good();
        Self {
            page: Page::sample(HOSTILE, Section::Search, true),
            name: HOSTILE.into(),
            district: HOSTILE.into(),
            counted: good
                .counted
                .iter()
                .map(|line| Line {
                    title: HOSTILE.into(),
                    note: HOSTILE.into(),
                    disputed: true,
                    ..line.clone()
                })
                .collect(),
            movement: Movement::draw(
                HOSTILE,
                sample_points(),
                sample_day(2026, 6, 30),
                &sample_bands(),
            ),
            not_counted: vec![],
            limits: vec![HOSTILE.into()],
            account: None,
            outlook: None,
            consequences: vec![],
            shadow_until: None,
            ..good
        }
    }
}

fn sample_day(year: i32, month: u32, day: u32) -> Day {
    Day::from_ymd(year, month, day).unwrap_or(Day::MAX)
}

fn sample_points() -> Vec<MovePoint> {
    let point = |year, month, day, score: i64, grade: &str| MovePoint {
        day: sample_day(year, month, day),
        score: Decimal::new(score, 0),
        grade: grade.into(),
    };
    vec![
        point(2025, 7, 1, 76, "A"),
        point(2025, 11, 20, 91, "AAA"),
        point(2026, 2, 3, 116, "AAA"),
        point(2026, 3, 1, 114, "AAA"),
        point(2026, 5, 12, 93, "AAA"),
    ]
}

fn sample_bands() -> Vec<Band> {
    let band = |label: &str, from: i64, tone| Band {
        label: label.into(),
        from: Decimal::new(from, 0),
        tone,
    };
    vec![
        band("AAA", 85, Tone::Good),
        band("AA", 80, Tone::Good),
        band("A", 70, Tone::Fair),
        band("B", 60, Tone::Poor),
        band("C", 0, Tone::Bad),
    ]
}
