//! Who is on a list, now.

use askama::Template;

use super::{HOSTILE, Page, Section, Tone, sample_code};

/// Entries that are public on a day.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/lists.html")]
pub struct ListsPage {
    pub page: Page,
    pub as_of: String,
    pub groups: Vec<ListGroup>,
}

/// One list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListGroup {
    pub title: String,
    /// What being on it means.
    pub note: String,
    pub verified: bool,
    pub tone: Tone,
    pub rows: Vec<ListRow>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRow {
    /// Of the entry; its page is `/lists/{id}`.
    pub id: String,
    pub name: String,
    pub uscc: String,
    pub reason: String,
    pub decision: String,
    pub decided_on: String,
    pub until: String,
    pub disputed: bool,
}

impl ListsPage {
    pub fn samples() -> Vec<Self> {
        let row = |name: &str, code: &str, reason: &str, disputed| ListRow {
            id: "0197b2c0-0000-7000-8000-000000000001".into(),
            name: name.into(),
            uscc: sample_code(code),
            reason: reason.into(),
            decision: "示建信决〔2026〕3号".into(),
            decided_on: "2026-03-12".into(),
            until: "2027-03-12".into(),
            disputed,
        };
        let group = |title: &str, note: &str, verified, tone, rows| ListGroup {
            title: title.into(),
            note: note.into(),
            verified,
            tone,
            rows,
        };
        let sample = |red: Vec<ListRow>, watch: Vec<ListRow>| Self {
            page: Page::sample("名单公示", Section::Lists, true),
            as_of: "2026-06-30".into(),
            groups: vec![
                group(
                    "诚信红榜",
                    "信用评价结果优秀、公示期内无不良信息的企业。",
                    true,
                    Tone::Good,
                    red,
                ),
                group(
                    "重点关注名单（黑榜）",
                    "行业内加强监管的企业，不是严重失信主体名单，不限制企业依法从事经营活动。",
                    false,
                    Tone::Bad,
                    watch,
                ),
            ],
        };
        vec![
            sample(
                vec![
                    row(
                        "示例安居物业服务有限公司",
                        "91512002MA6000001",
                        "2025 年度信用等级 AAA",
                        false,
                    ),
                    row(
                        "示例和顺城市服务有限公司",
                        "91512002MA6000006",
                        "2025 年度信用等级 AAA",
                        false,
                    ),
                ],
                vec![row(
                    "示例无诺物业服务有限公司",
                    "91512002MA6000007",
                    "连续两个评价周期信用等级为 C 级，逾期未完成整改",
                    true,
                )],
            ),
            sample(
                vec![],
                vec![row(HOSTILE, "91512002MA6000008", HOSTILE, false)],
            ),
        ]
    }
}

/// One entry, while it is public.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/entry.html")]
pub struct EntryPage {
    pub page: Page,
    pub as_of: String,
    /// `诚信红榜`.
    pub list: String,
    /// What being on it means.
    pub note: String,
    pub verified: bool,
    pub tone: Tone,
    pub organ: String,
    /// The article it rests on.
    pub basis: String,
    pub row: ListRow,
}

impl EntryPage {
    pub fn samples() -> Vec<Self> {
        let mut samples = Vec::new();
        for list in ListsPage::samples() {
            for group in list.groups {
                for row in group.rows {
                    samples.push(Self {
                        page: Page::sample("名单公示信息", Section::Lists, true),
                        as_of: list.as_of.clone(),
                        list: group.title.clone(),
                        note: group.note.clone(),
                        verified: group.verified,
                        tone: group.tone,
                        organ: "示例市住房和城乡建设局".into(),
                        basis: "第十六条".into(),
                        row,
                    });
                }
            }
        }
        samples
    }
}
