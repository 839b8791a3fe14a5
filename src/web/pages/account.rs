//! How a score came about, and where it can go: parts of a company's page.

use askama::Template;

use super::{Badge, Tone};

/// A score as a sum, in words and figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountPart {
    /// The components added up, to the rounded score.
    pub total: Tape,
    /// From the score to what follows.
    pub conclusions: Vec<Conclusion>,
    pub components: Vec<ComponentPart>,
    /// Records that do not count, newest first.
    pub uncounted: Vec<UncountedRow>,
}

/// One component with its tables: of itself, or of each project and of their average.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentPart {
    pub title: String,
    pub clause: String,
    /// `73.8804`, or `—`.
    pub value: String,
    /// Records that came as far as the sum.
    pub records: usize,
    pub tapes: Vec<Tape>,
    /// Unfolded.
    pub open: bool,
}

/// Rows that are added up downwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tape {
    pub caption: String,
    pub rows: Vec<TapeRow>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TapeRow {
    pub label: String,
    /// May be empty, as the date may be.
    pub clause: String,
    pub date: String,
    /// How it was counted; may be empty.
    pub note: String,
    /// `−2`, `95 × 2000`, `÷ 3000`, `封顶 4`.
    pub does: String,
    pub running: String,
    pub tone: Tone,
    /// Not a record.
    pub step: bool,
}

/// A step after the score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conclusion {
    /// `等级`.
    pub kind: &'static str,
    pub text: String,
    pub clause: String,
    pub why: String,
    /// What follows from the grade or a list, not how it came about.
    pub follows: bool,
}

/// A record that does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UncountedRow {
    pub label: String,
    /// Clause and project.
    pub meta: String,
    pub date: String,
    pub why: String,
}

/// What happens by itself, and what would help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlookPart {
    /// What must be known to read it.
    pub caveats: Vec<String>,
    pub until: String,
    pub changes: Vec<ChangeRow>,
    /// Changes that are not shown.
    pub left_out: usize,
    /// Where it stands to the next grade: how far, what blocks, when by itself.
    pub gap: Vec<String>,
    pub ways: Vec<WayPart>,
    pub actions: Vec<ActionRow>,
    pub actions_left_out: usize,
}

/// A day on which the result changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    pub on: String,
    pub score: String,
    pub grade: Option<Badge>,
    /// The records behind it.
    pub records: Vec<String>,
}

/// A set of actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayPart {
    /// `整改以下 2 条，得分 93.00，等级 A`.
    pub title: String,
    pub note: String,
    pub steps: Vec<String>,
}

/// One action and what it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionRow {
    pub label: String,
    /// Clause and project.
    pub meta: String,
    pub date: String,
    /// `整改`, `异议成立`.
    pub deed: &'static str,
    /// `+2`.
    pub difference: String,
    pub result: String,
    pub better: bool,
}

/// Rows that stand open.
const OPEN: usize = 6;

impl OutlookPart {
    pub(super) fn first_changes(&self) -> &[ChangeRow] {
        &self.changes[..self.changes.len().min(OPEN)]
    }

    pub(super) fn more_changes(&self) -> &[ChangeRow] {
        self.changes.get(OPEN..).unwrap_or_default()
    }
}

/// An account as a page of its own, with its style inside: a file to hand over or to print.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/account_file.html")]
pub struct AccountFile {
    pub title: String,
    pub subject: String,
    pub as_of: String,
    pub score: String,
    pub grade: Badge,
    /// Title and digest of the rule set.
    pub ruleset: String,
    pub verified: bool,
    pub account: AccountPart,
    pub css: &'static str,
}

pub(super) fn sample_account() -> AccountPart {
    let row = |label: &str, clause: &str, does: &str, running: &str, tone: Tone| TapeRow {
        label: label.into(),
        clause: clause.into(),
        date: if clause.is_empty() { "" } else { "2026-02-03" }.into(),
        note: String::new(),
        does: does.into(),
        running: running.into(),
        tone,
        step: clause.is_empty(),
    };
    let component = |title: &str, value: &str, rows: Vec<TapeRow>| ComponentPart {
        title: title.into(),
        clause: "附件".into(),
        value: value.into(),
        records: rows.iter().filter(|row| !row.step).count(),
        tapes: vec![Tape {
            caption: title.into(),
            rows,
        }],
        open: true,
    };
    AccountPart {
        total: Tape {
            caption: "总分".into(),
            rows: vec![
                row("基础信息", "", "+76", "76", Tone::Plain),
                row("优良信息", "", "+40", "116", Tone::Plain),
                row("不良信息", "", "−23", "93", Tone::Plain),
                row("取整", "", "四舍五入到 2 位小数", "93.00", Tone::Plain),
            ],
        },
        conclusions: vec![Conclusion {
            kind: "等级",
            text: "AAA 信用优秀".into(),
            clause: String::new(),
            why: String::new(),
            follows: false,
        }],
        components: vec![
            component(
                "优良信息",
                "40",
                vec![
                    row(
                        "获得国家级物业服务示范项目称号",
                        "附件2 第3项",
                        "+25",
                        "25",
                        Tone::Good,
                    ),
                    row(
                        "获得省级物业服务示范项目称号",
                        "附件2 第3项",
                        "+15",
                        "40",
                        Tone::Good,
                    ),
                    row(
                        "参加重大突发事件应急处置，受到市级通报表扬",
                        "附件2 第9项",
                        "+6",
                        "46",
                        Tone::Good,
                    ),
                    row("分项封顶", "", "封顶 40", "40", Tone::Plain),
                ],
            ),
            component(
                "不良信息",
                "−23",
                vec![
                    TapeRow {
                        note: "已整改，按整改后分值".into(),
                        ..row(
                            "未按规定公示服务内容和收费标准",
                            "附件3 第7项",
                            "−2",
                            "−2",
                            Tone::Bad,
                        )
                    },
                    row(
                        "未按合同约定履行共用部位、共用设施设备维修养护责任，造成业主人身财产损害",
                        "附件3 第15项",
                        "−21",
                        "−23",
                        Tone::Bad,
                    ),
                ],
            ),
        ],
        uncounted: vec![
            UncountedRow {
                label: "未及时答复业主投诉".into(),
                meta: "附件3 第11项".into(),
                date: "2026-03-01".into(),
                why: "已过有效期（至 2026-03-01）".into(),
            },
            UncountedRow {
                label: "获得区级优秀项目称号".into(),
                meta: "附件2 第4项".into(),
                date: "2026-03-01".into(),
                why: "同一事项已按更高层级计分".into(),
            },
        ],
    }
}

pub(super) fn sample_outlook() -> OutlookPart {
    let change = |on: &str, score: &str, grade: Option<Badge>, record: &str| ChangeRow {
        on: on.into(),
        score: score.into(),
        grade,
        records: vec![record.into()],
    };
    OutlookPart {
        caveats: vec!["按现有记录和现行规则推算，不是承诺，也不是决定。".into()],
        until: "2028-06-30".into(),
        changes: vec![
            change(
                "2026-11-21",
                "78.00",
                Some(Badge::sample("A", "信用较好", Tone::Fair)),
                "「获得省级物业服务示范项目称号」（附件2 第3项，2025-11-20）不再计分",
            ),
            change(
                "2027-05-13",
                "99.00",
                None,
                "「未按合同约定履行维修养护责任」（附件3 第15项，2026-05-12）不再计分",
            ),
        ],
        left_out: 0,
        gap: vec!["距 AAA（85 分及以上）还差 7 分。".into()],
        ways: vec![WayPart {
            title: "整改以下 1 条：得分 95.00，等级 AAA".into(),
            note: "已逐一试算，没有更少的办法。".into(),
            steps: vec!["整改「未按规定公示服务内容和收费标准」（附件3 第7项，2026-03-01）".into()],
        }],
        actions: vec![ActionRow {
            label: "未按规定公示服务内容和收费标准".into(),
            meta: "附件3 第7项".into(),
            date: "2026-03-01".into(),
            deed: "整改",
            difference: "+2".into(),
            result: "95.00 分，AAA".into(),
            better: true,
        }],
        actions_left_out: 0,
    }
}
