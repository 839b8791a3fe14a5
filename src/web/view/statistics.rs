//! Figures as charts.

use rust_decimal::Decimal;

use super::{frame, tone_of, tone_of_list};
use crate::{
    service::{App, DriftCounts, GroupFigures, Statistics},
    web::pages::{
        Chart, Figure, Section, StatisticsPage, Tone,
        chart::{About, Bar, Line},
    },
};

pub(in crate::web) fn statistics(app: &App, of: &Statistics) -> StatisticsPage {
    let rates = &of.complaints;
    StatisticsPage {
        page: frame(app, "信用统计", Section::Statistics, false),
        as_of: of.as_of.clone(),
        notice: notice(of),
        figures: figures(of),
        grades: grades(of),
        scores: scores(of),
        movement: movement(of),
        lists: lists(of),
        period: format!("{} 至 {}", rates.from, rates.until),
        rates_verified: rates.verified,
        rates_basis: rates.basis.clone(),
        complaints: rates_of(
            of,
            "rates",
            "投诉办理比率（合计）",
            "比率",
            |group| group.by == "all",
        ),
        levels: levels(of),
        definitions: rates
            .definitions
            .iter()
            .map(|one| {
                figure(
                    &one.title,
                    &one.numerator,
                    &format!("÷ {}", one.denominator),
                )
            })
            .collect(),
        drift: drift(of),
        differences: differences(of),
    }
}

fn figure(name: &str, value: &str, note: &str) -> Figure {
    Figure {
        name: name.to_owned(),
        value: value.to_owned(),
        note: note.to_owned(),
    }
}

fn notice(of: &Statistics) -> String {
    match &of.shadow_until {
        Some(last) => {
            format!("评分规则试运行至 {last}，其间的等级仅供参考，不作为任何管理措施的依据。")
        }
        None if !of.ruleset.verified => {
            "所用规则尚未与正式公布的文本核对，据此得出的数字仅供参考。".to_owned()
        }
        None => String::new(),
    }
}

fn figures(of: &Statistics) -> Vec<Figure> {
    let complaints = of.complaints.groups.iter().find(|group| group.by == "all");
    vec![
        figure(
            "登记企业",
            &of.companies.to_string(),
            &format!("正常经营 {} 家", of.active),
        ),
        figure(
            "参评企业",
            &of.rated.to_string(),
            &format!("不参评 {} 家", of.not_rated),
        ),
        figure(
            &format!("{} 年抽查覆盖", of.checks.year),
            &of.checks
                .percent
                .as_ref()
                .map_or_else(|| "—".to_owned(), |share| format!("{share}%")),
            &format!("已抽中 {} 家", of.checks.drawn),
        ),
        figure(
            "本年度投诉",
            &complaints.map_or(0, |group| group.complaints).to_string(),
            "按收到日期统计，单位：件",
        ),
    ]
}

fn grades(of: &Statistics) -> Option<Chart> {
    if of.rated == 0 {
        return None;
    }
    let steps = of.grades.len();
    let bars: Vec<Bar> = of
        .grades
        .iter()
        .enumerate()
        .map(|(place, grade)| Bar {
            label: format!("{} {}", grade.grade, grade.title)
                .trim_end()
                .to_owned(),
            value: Decimal::from(grade.companies),
            shown: match &grade.percent {
                Some(share) => format!("{} 家（{share}%）", grade.companies),
                None => format!("{} 家", grade.companies),
            },
            tone: tone_of(place, steps),
        })
        .collect();
    let about = About {
        id: "grade-chart",
        title: "各信用等级的企业数",
        description: "横条长度为参评企业数，从最高等级到最低等级。",
        of: "等级",
        figures: "企业数（占参评企业）",
    };
    Chart::bars(about, &bars)
}

fn scores(of: &Statistics) -> Option<Chart> {
    let bars: Vec<Bar> = of
        .scores
        .iter()
        .map(|step| Bar {
            label: format!("{} 分以上，不满 {} 分", step.from, step.below),
            value: Decimal::from(step.companies),
            shown: format!("{} 家", step.companies),
            tone: Tone::Fair,
        })
        .collect();
    let about = About {
        id: "score-chart",
        title: "得分分布",
        description: "横条长度为得分在该分数段的参评企业数。",
        of: "分数段",
        figures: "企业数",
    };
    Chart::bars(about, &bars)
}

fn movement(of: &Statistics) -> Option<Chart> {
    if of.movement.iter().all(|one| one.up == 0 && one.down == 0) {
        return None;
    }
    let columns: Vec<String> = of.movement.iter().map(|one| one.month.clone()).collect();
    let line = |name: &str, values: Vec<i64>| Line {
        name: name.to_owned(),
        values: values
            .into_iter()
            .map(|value| Some(Decimal::from(value)))
            .collect(),
    };
    let lines = [
        line("上升（次）", of.movement.iter().map(|one| one.up).collect()),
        line(
            "下降（次）",
            of.movement.iter().map(|one| one.down).collect(),
        ),
    ];
    let about = About {
        id: "move-chart",
        title: "近十二个月得分上升和下降的次数",
        description: "两条折线，分别为每月得分上升和下降的次数。",
        of: "月份",
        figures: "次",
    };
    Chart::lines(about, &columns, &lines)
}

fn lists(of: &Statistics) -> Option<Chart> {
    let bars: Vec<Bar> = of
        .lists
        .iter()
        .map(|list| Bar {
            label: list.title.clone(),
            value: Decimal::from(list.companies),
            shown: format!("{} 家", list.companies),
            tone: tone_of_list(&list.class),
        })
        .collect();
    let about = About {
        id: "list-chart",
        title: "各名单公示中的企业数",
        description: "横条长度为目前公示中的企业数。",
        of: "名单",
        figures: "企业数",
    };
    Chart::bars(about, &bars)
}

/// The rates of the one group that is meant.
fn rates_of(
    of: &Statistics,
    id: &str,
    title: &str,
    rows: &str,
    meant: impl Fn(&GroupFigures) -> bool,
) -> Option<Chart> {
    let group = of.complaints.groups.iter().find(|group| meant(group))?;
    let title_of = |rate: &str| {
        let known = of
            .complaints
            .definitions
            .iter()
            .find(|one| one.rate == rate);
        known.map_or_else(|| rate.to_owned(), |one| one.title.clone())
    };
    if group.rates.iter().all(|rate| rate.percent.is_none()) {
        return None;
    }
    let bars: Vec<Bar> = group
        .rates
        .iter()
        .map(|rate| Bar {
            label: title_of(&rate.rate),
            value: rate
                .percent
                .as_ref()
                .and_then(|share| share.parse().ok())
                .unwrap_or_default(),
            shown: match &rate.percent {
                Some(share) => format!("{share}%（{}/{}）", rate.numerator, rate.denominator),
                None => "无可计算的件数".to_owned(),
            },
            tone: Tone::Fair,
        })
        .collect();
    let about = About {
        id,
        title,
        description: "横条长度为百分比；括号内为分子和分母。",
        of: rows,
        figures: "百分比（分子/分母）",
    };
    Chart::bars(about, &bars)
}

fn levels(of: &Statistics) -> Option<Chart> {
    let bars: Vec<Bar> = of
        .complaints
        .groups
        .iter()
        .filter(|group| group.by == "level")
        .map(|group| Bar {
            label: group.title.clone(),
            value: Decimal::from(group.complaints),
            shown: format!("{} 件", group.complaints),
            tone: Tone::Plain,
        })
        .collect();
    let about = About {
        id: "level-chart",
        title: "各层级的投诉件数",
        description: "横条长度为由该层级办理的投诉件数。",
        of: "层级",
        figures: "件数",
    };
    Chart::bars(about, &bars)
}

/// Words and figures of a comparison.
fn kinds(counts: DriftCounts) -> [(&'static str, i64); 6] {
    [
        ("平台多出", counts.extra),
        ("平台缺少", counts.missing),
        ("状态不一致", counts.status_diff),
        ("版本较旧", counts.stale_version),
        ("名称不一致", counts.name_changed),
        ("内容不一致", counts.field_diff),
    ]
}

fn drift(of: &Statistics) -> String {
    let Some(day) = &of.drift.compared_on else {
        return "尚未与信用平台核对过。".to_owned();
    };
    let all: i64 = kinds(of.drift.differences)
        .iter()
        .map(|(_, count)| count)
        .sum();
    let moving = match of.drift.in_flight {
        0 => String::new(),
        count => format!("另有 {count} 条正在报送，未作核对。"),
    };
    match all {
        0 => format!("{day} 与信用平台逐条核对，没有差异。{moving}"),
        _ => format!("{day} 与信用平台逐条核对，有 {all} 条差异。{moving}"),
    }
}

fn differences(of: &Statistics) -> Option<Chart> {
    of.drift.compared_on.as_ref()?;
    let kinds = kinds(of.drift.differences);
    if kinds.iter().all(|(_, count)| *count == 0) {
        return None;
    }
    let bars = kinds.map(|(label, count)| Bar {
        label: label.to_owned(),
        value: Decimal::from(count),
        shown: format!("{count} 条"),
        tone: Tone::Poor,
    });
    let about = About {
        id: "drift-chart",
        title: "与信用平台的差异",
        description: "横条长度为该类差异的条数。",
        of: "差异",
        figures: "条数",
    };
    Chart::bars(about, &bars)
}
