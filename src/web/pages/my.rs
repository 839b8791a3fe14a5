//! Pages of a company's own: what it has to know and can do, its records, its score, its report.

use askama::Template;

use super::{
    Badge, CompanyPage, Component, HOSTILE, ListEntry, RulesetRef, Svg, Tone, desk::Frame,
    sample_code, svg,
};

/// `/my`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/my/start.html")]
pub struct MyPage {
    pub page: Frame,
    pub name: String,
    pub uscc: String,
    /// Absent while nothing is recorded or the company is not scored.
    pub score: Option<CompanyPage>,
    /// What the company can do now, the most urgent first.
    pub todo: Vec<Todo>,
    /// Everything that runs.
    pub periods: Vec<PeriodRow>,
    pub entries: Vec<EntryRow>,
    /// Records determined so far.
    pub records: usize,
}

/// Something to do, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Todo {
    pub text: String,
    /// Where it is told how; may be empty.
    pub href: String,
}

/// A running period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodRow {
    /// The matter.
    pub title: String,
    /// What has to be done.
    pub what: String,
    pub who: String,
    /// The last day, or that there is none yet.
    pub due: String,
    pub standing: String,
    pub late: bool,
    pub basis: String,
    /// Whether the basis was compared with the official text.
    pub verified: bool,
    /// May be empty.
    pub href: String,
}

/// A list entry of the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    pub list: String,
    pub state: String,
    /// Number of the decision and last day of display, in words; may be empty.
    pub meta: String,
    /// Its public page; empty while it has none.
    pub href: String,
}

/// `/my/records`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/my/records.html")]
pub struct MyRecordsPage {
    pub page: Frame,
    pub rows: Vec<RecordRow>,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    pub href: String,
    pub title: String,
    pub clause: String,
    /// In words, with 分 where it is a figure.
    pub points: String,
    pub tone: Tone,
    /// Date, project, number of the notice.
    pub meta: Vec<String>,
    pub state: String,
    /// `可在 2026-07-15 前（含当日）提出异议，尚余 10 个工作日`.
    pub clocks: Vec<String>,
}

/// `/my/records/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/my/record.html")]
pub struct MyRecordPage {
    pub page: Frame,
    pub row: RecordRow,
    /// How it was counted where that is not plain, or why it was not; may be empty.
    pub why: String,
    /// Name and value.
    pub facts: Vec<(String, String)>,
    pub periods: Vec<PeriodRow>,
    /// Why the periods are not told.
    pub fault: Option<String>,
    pub guides: Vec<Guide>,
    pub files: Vec<FileRow>,
}

/// How to use a right or to fulfil a duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guide {
    /// Id of the section.
    pub id: String,
    pub title: String,
    pub lines: Vec<String>,
    pub basis: String,
    pub verified: bool,
}

/// A file of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    pub name: String,
    /// What it is about, kind, size, day.
    pub meta: Vec<String>,
}

/// `/my/score`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/my/score.html")]
pub struct MyScorePage {
    pub page: Frame,
    /// Absent while nothing is recorded.
    pub score: Option<CompanyPage>,
}

/// `/my/report`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/my/report.html")]
pub struct MyReportPage {
    pub page: Frame,
    pub name: String,
    pub uscc: String,
    pub district: String,
    pub score: String,
    pub grade: Badge,
    pub as_of: String,
    pub ruleset: RulesetRef,
    /// SHA-256 of the rule file, whole.
    pub digest: String,
    pub components: Vec<Component>,
    pub lists: Vec<ListEntry>,
    /// Whether anything is recorded about the company.
    pub recorded: bool,
    /// Last day of the trial run, while it lasts.
    pub shadow_until: Option<String>,
    /// The day it was made.
    pub made_on: String,
    /// Absent: this site signs no reports.
    pub code: Option<ShownCode>,
}

/// The code of a report, and where to check it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownCode {
    pub code: String,
    /// Path of the page that checks it.
    pub path: String,
    /// The whole address, as far as the host is known.
    pub address: String,
    pub picture: Option<Svg>,
}

fn frame(title: &str) -> Frame {
    let mut page = Frame::sample(title);
    page.role = sample_code("91512002MA6000001");
    page
}

fn sample_period(title: &str, late: bool) -> PeriodRow {
    PeriodRow {
        title: title.into(),
        what: "提出异议".into(),
        who: "企业".into(),
        due: "2026-07-15".into(),
        standing: if late {
            "期限已过 2 日"
        } else {
            "尚余 10 个工作日"
        }
        .into(),
        late,
        basis: "本市未规定，由主管部门确定".into(),
        verified: late,
        href: if late {
            String::new()
        } else {
            "/my/records/x".into()
        },
    }
}

fn sample_row(title: &str) -> RecordRow {
    RecordRow {
        href: "/my/records/x".into(),
        title: title.into(),
        clause: "附件3 第7项".into(),
        points: "−2 分".into(),
        tone: Tone::Bad,
        meta: vec!["2026-06-29".into(), "项目 XM-01".into(), HOSTILE.into()],
        state: "已认定".into(),
        clocks: vec!["可在 2026-07-15 前（含当日）提出异议".into()],
    }
}

impl MyPage {
    pub fn samples() -> Vec<Self> {
        let sample = |score| Self {
            page: frame("本企业"),
            name: HOSTILE.into(),
            uscc: sample_code("91512002MA6000001"),
            score,
            todo: vec![Todo {
                text: format!("对「{HOSTILE}」的记分告知单可在 2026-07-15 前（含当日）提出异议"),
                href: "/my/records/x".into(),
            }],
            periods: vec![sample_period(HOSTILE, false), sample_period("示例", true)],
            entries: vec![EntryRow {
                list: "重点关注名单".into(),
                state: "公示中".into(),
                meta: "示建信决〔2026〕1号 公示至 2027-07-09".into(),
                href: "/lists/x".into(),
            }],
            records: 2,
        };
        let mut samples: Vec<Self> = CompanyPage::samples()
            .into_iter()
            .map(|page| sample(Some(page)))
            .collect();
        samples.push(Self {
            todo: Vec::new(),
            periods: Vec::new(),
            entries: Vec::new(),
            records: 0,
            ..sample(None)
        });
        samples
    }
}

impl MyRecordsPage {
    pub fn samples() -> Vec<Self> {
        let page = frame("信用记录");
        vec![
            Self {
                page: page.clone(),
                rows: vec![sample_row(HOSTILE), sample_row("示例事项")],
            },
            Self {
                page,
                rows: Vec::new(),
            },
        ]
    }
}

impl MyRecordPage {
    pub fn samples() -> Vec<Self> {
        let guide = |id: &str, verified| Guide {
            id: id.into(),
            title: "如何提出异议".into(),
            lines: vec![HOSTILE.into()],
            basis: "本市未规定，由主管部门确定".into(),
            verified,
        };
        let whole = Self {
            page: frame("信用记录"),
            row: sample_row(HOSTILE),
            why: HOSTILE.into(),
            facts: vec![("告知单".into(), HOSTILE.into())],
            periods: vec![sample_period("示例事项", false)],
            fault: None,
            guides: vec![guide("object", false), guide("rectify", true)],
            files: vec![FileRow {
                name: HOSTILE.into(),
                meta: vec!["整改材料".into(), "image/jpeg".into()],
            }],
        };
        let bare = Self {
            why: String::new(),
            periods: Vec::new(),
            fault: Some("2028 年的节假日安排尚未公布".into()),
            guides: Vec::new(),
            files: Vec::new(),
            ..whole.clone()
        };
        vec![whole, bare]
    }
}

impl MyScorePage {
    pub fn samples() -> Vec<Self> {
        let mut samples: Vec<Self> = CompanyPage::samples()
            .into_iter()
            .map(|page| Self {
                page: frame("得分说明"),
                score: Some(page),
            })
            .collect();
        samples.push(Self {
            page: frame("得分说明"),
            score: None,
        });
        samples
    }
}

impl MyReportPage {
    pub fn samples() -> Vec<Self> {
        let address = "https://credit.example/report/5E0EW-ZGJ3Z-PB1HD-TY2AD-8641X-ESE2B";
        CompanyPage::samples()
            .into_iter()
            .zip([true, false, true])
            .map(|(page, signed)| Self {
                page: frame("信用报告"),
                name: page.name,
                uscc: page.uscc,
                district: page.district,
                score: page.score,
                grade: page.grade,
                as_of: page.as_of,
                digest: "3f9a1c07be42".repeat(5),
                ruleset: page.ruleset,
                components: page.components,
                lists: page.lists,
                recorded: signed,
                shadow_until: page.shadow_until,
                made_on: "2026-07-01".into(),
                code: signed.then(|| ShownCode {
                    code: "5E0EW-ZGJ3Z-PB1HD-TY2AD-8641X-ESE2B".into(),
                    path: "/report/5E0EW-ZGJ3Z-PB1HD-TY2AD-8641X-ESE2B".into(),
                    address: address.into(),
                    picture: svg::qr(address, "核验地址"),
                }),
            })
            .collect()
    }
}
