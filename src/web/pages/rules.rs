//! A rule set as a table that can be read aloud.

use askama::Template;

use super::{Badge, HOSTILE, Page, RulesetRef, Section, Tone};

/// One version of one rule set.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/rules.html")]
pub struct RulesPage {
    pub page: Page,
    pub ruleset: RulesetRef,
    pub authority: String,
    /// `现行`, `已失效`, `尚未施行`.
    pub state: String,
    /// Where its text is.
    pub text: String,
    /// Every version that is configured, the latest first; this one among them.
    pub versions: Vec<RuleVersion>,
    /// How a total comes about, in words.
    pub summary: Vec<String>,
    pub grades: Vec<RuleGrade>,
    pub components: Vec<RuleComponent>,
}

/// A version in the table of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleVersion {
    pub title: String,
    pub document: String,
    /// First 12 hex digits of its digest; its page is `/rules/{digest}`.
    pub digest: String,
    pub from: String,
    /// Last day; empty where none is set.
    pub until: String,
    pub state: String,
    /// Whether it is the one on this page.
    pub here: bool,
}

/// A step of the ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleGrade {
    pub grade: Badge,
    /// `80 分以上，不满 85 分`.
    pub range: String,
}

/// A component with its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleComponent {
    pub title: String,
    /// `封顶 80 分`; may be empty.
    pub bounds: String,
    pub items: Vec<RuleItem>,
}

/// One item. Empty texts are shown as a dash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleItem {
    pub title: String,
    pub clause: String,
    pub points: String,
    pub cap: String,
    pub validity: String,
}

impl RulesPage {
    pub fn samples() -> Vec<Self> {
        let item = |title: &str, clause: &str, points: &str, cap: &str, validity: &str| RuleItem {
            title: title.into(),
            clause: clause.into(),
            points: points.into(),
            cap: cap.into(),
            validity: validity.into(),
        };
        let grade = |id: &str, title: &str, tone, range: &str| RuleGrade {
            grade: Badge::sample(id, title, tone),
            range: range.into(),
        };
        let sample = |draft, hostile: bool| Self {
            page: Page::sample("计分规则", Section::Rules, false),
            ruleset: RulesetRef::sample(draft),
            authority: "示例市住房和城乡建设局".into(),
            state: "现行".into(),
            text: "/rules/3f9a1c07be42/text".into(),
            versions: [
                ("3f9a1c07be42", "2026-01-01", "", "现行", true),
                ("91be03d7a5c4", "2022-07-01", "2025-12-31", "已失效", false),
            ]
            .into_iter()
            .take(if hostile { 1 } else { 2 })
            .map(|(digest, from, until, state, here)| RuleVersion {
                title: if hostile {
                    HOSTILE.into()
                } else {
                    "示例市物业服务企业信用信息管理办法".into()
                },
                document: "示建发〔2026〕1号".into(),
                digest: digest.into(),
                from: from.into(),
                until: until.into(),
                state: state.into(),
                here,
            })
            .collect(),
            summary: vec![
                "总分为各部分得分之和，保留两位小数，四舍五入。".into(),
                "记录自认定之日起 12 个月内计分，条目另有规定的从其规定。".into(),
            ],
            grades: vec![
                grade("AAA", "信用优秀", Tone::Good, "85 分以上"),
                grade("AA", "信用良好", Tone::Good, "80 分以上，不满 85 分"),
                grade("A", "信用较好", Tone::Fair, "70 分以上，不满 80 分"),
                grade("B", "信用一般", Tone::Poor, "60 分以上，不满 70 分"),
                grade("C", "信用较差", Tone::Bad, "不满 60 分"),
            ],
            components: vec![
                RuleComponent {
                    title: "优良信息".into(),
                    bounds: "封顶 40 分".into(),
                    items: vec![
                        item(
                            "物业服务项目获得示范称号",
                            "附件2 第3项",
                            "国家级 20，省级 15，市级 10",
                            "",
                            "3 年",
                        ),
                        item(
                            "参加突发事件应急处置受到表扬",
                            "附件2 第9项",
                            "6",
                            "12",
                            "12 个月",
                        ),
                    ],
                },
                RuleComponent {
                    title: "不良信息".into(),
                    bounds: String::new(),
                    items: vec![
                        item(
                            "未按规定公示服务内容和收费标准",
                            "附件3 第7项",
                            "−2",
                            "−6",
                            "12 个月",
                        ),
                        item(
                            if hostile {
                                HOSTILE
                            } else {
                                "未履行共用部位、共用设施设备维修养护责任，造成业主人身财产损害"
                            },
                            "附件3 第15项",
                            "−21",
                            "",
                            "整改完成前",
                        ),
                    ],
                },
            ],
        };
        vec![sample(true, false), sample(false, true)]
    }
}
