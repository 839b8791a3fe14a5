//! 总则: who is scored, which records count, and how the total comes about.

use super::{
    paper::{Block, Cell, Table},
    words::{self, Voice, number},
};
use crate::{
    domain::AttributeType,
    rules::{Direction, Missing, PeriodKind, Rounding},
};

/// The general part as numbered paragraphs.
pub(super) fn general(voice: &Voice<'_>) -> Vec<Block> {
    general_facts(voice)
        .into_iter()
        .enumerate()
        .map(|(index, (_, words))| Block::Paragraph(format!("{}．{words}。", index + 1)))
        .collect()
}

/// Name and words of what the head, the period and the score say.
pub(in crate::rules) fn general_facts(voice: &Voice<'_>) -> Vec<(&'static str, String)> {
    let rules = voice.rules;
    let score = rules.score_rule();
    let mut facts = vec![
        (
            "评价对象",
            format!("评价对象为{}", words::subject(rules.subject())),
        ),
        ("计分期间", period(rules.period())),
        (
            "日期",
            format!(
                "记录以{}为准；期间的起算日不计入，届满日计入",
                rules.counts_from().chinese()
            ),
        ),
        (
            "方向",
            match score.direction {
                Direction::Merit => "分数越高，信用越好".to_owned(),
                Direction::Demerit => "本标准记失信分，分数越高，信用越差".to_owned(),
            },
        ),
        ("总分", formula(voice)),
    ];
    let limits = match (score.min, score.max) {
        (Some(min), Some(max)) => format!("总分最低{}，最高{}", voice.score(min), voice.score(max)),
        (Some(min), None) => format!("总分最低{}，不设上限", voice.score(min)),
        (None, Some(max)) => format!("总分最高{}，不设下限", voice.score(max)),
        (None, None) => "总分不设上限和下限".to_owned(),
    };
    facts.push(("总分上下限", limits));
    if rules
        .components()
        .iter()
        .any(|component| component.missing == Missing::Renormalise)
    {
        facts.push((
            "权重",
            "缺少某一部分得分的，其余部分的权重按比例放大".to_owned(),
        ));
    }
    facts.push(("取整", rounding(score.rounding, score.decimals)));
    facts.push((
        "异议",
        match score.disputed_counts {
            true => "记录在异议处理期间照常计分",
            false => "记录在异议处理期间暂不计分",
        }
        .to_owned(),
    ));
    facts.push((
        "以前的记录",
        match rules.judges_by_own_date() {
            true => "本标准施行以前的记录，按记录日期当时有效的标准计分",
            false => "评价日以前的记录，一律按评价日有效的标准计分",
        }
        .to_owned(),
    ));
    if rules.needs_population() {
        let ties = match score.ties_worse {
            true => "按排名定级时，得分相同的，名次取靠后的",
            false => "按排名定级时，得分相同的，名次取靠前的",
        };
        facts.push(("并列", ties.to_owned()));
    }
    facts
}

fn period(kind: PeriodKind) -> String {
    let same = |unit| format!("以{unit}为计分期间，只计评价日所在{unit}的记录");
    match kind {
        PeriodKind::Open => "不设统一的计分期间，记录在各条目规定的有效期内计分".to_owned(),
        PeriodKind::Rolling(months) => {
            format!("以评价日之前{months}个月为计分期间，只计期间内的记录")
        }
        PeriodKind::CalendarYear => same("自然年度"),
        PeriodKind::HalfYear => same("半年度"),
        PeriodKind::Quarter => same("季度"),
        PeriodKind::Month => same("月份"),
    }
}

fn formula(voice: &Voice<'_>) -> String {
    let rules = voice.rules;
    let base = rules.score_rule().base;
    let mut terms = Vec::new();
    if !base.is_zero() || rules.components().is_empty() {
        terms.push(format!("基准分{}", voice.score(base)));
    }
    for (index, component) in rules.components().iter().enumerate() {
        let name = voice.component(index);
        terms.push(match component.weight == rust_decimal::Decimal::ONE {
            true => name,
            false => format!("{name}×{}", number(component.weight)),
        });
    }
    let signs = match rules.score_rule().direction {
        Direction::Merit => "，扣分以负数计入",
        Direction::Demerit => "，减分以负数计入",
    };
    format!("总分＝{}{signs}", terms.join("＋"))
}

fn rounding(rounding: Rounding, decimals: u32) -> String {
    let how = match rounding {
        Rounding::HalfUp => "四舍五入",
        Rounding::HalfEven => "四舍六入、逢五取双",
        Rounding::Down => "多余的小数舍去",
        Rounding::Up => "多余的小数进位",
    };
    match decimals {
        0 => format!("总分取整数（小数位数为0），{how}，只取整一次"),
        _ => format!("总分保留{decimals}位小数，{how}，只取舍一次"),
    }
}

/// What a record has to say beside its dates.
pub(super) fn fields(voice: &Voice<'_>) -> Option<Table> {
    let mut table = Table::new(&[("填写事项", 26), ("填写内容", 60), ("单位", 14)]);
    for attribute in voice.rules.attributes() {
        table.rows.push(vec![
            Cell::text(voice.attribute_title(&attribute.name)),
            Cell::text(content(voice, &attribute.kind)),
            Cell::text(attribute.unit.clone().unwrap_or_default()),
        ]);
    }
    (!table.rows.is_empty()).then_some(table)
}

/// What may be filled in.
pub(in crate::rules) fn content(voice: &Voice<'_>, kind: &AttributeType) -> String {
    match kind {
        AttributeType::Choice(values) => {
            let values: Vec<String> = values.iter().map(|one| voice.choice(one)).collect();
            format!("选填：{}", values.join("、"))
        }
        AttributeType::Integer => "整数".to_owned(),
        AttributeType::Decimal => "数值，可有小数".to_owned(),
        AttributeType::Percent => "百分比".to_owned(),
        AttributeType::Boolean => "是或者否".to_owned(),
        AttributeType::Day => "日期".to_owned(),
        AttributeType::Text => "文字".to_owned(),
    }
}
