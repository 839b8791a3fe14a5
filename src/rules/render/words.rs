//! Numbers, spans, intervals and points in Chinese.

use rust_decimal::Decimal;

use crate::{
    domain::{Span, SubjectKind},
    rules::{Average, Band, Direction, Interval, Item, PointsForm, RuleSet, SameMatter, Validity},
};

/// A number as people write it: no trailing zeros.
pub(in crate::rules) fn number(value: Decimal) -> String {
    value.normalize().to_string()
}

/// A share of one as a percentage.
pub(in crate::rules) fn percent(share: Decimal) -> String {
    format!("{}%", number(share * Decimal::ONE_HUNDRED))
}

pub(in crate::rules) fn span(span: Span) -> String {
    match span {
        Span::Days(days) => format!("{days}日"),
        Span::Months(months) => format!("{months}个月"),
        Span::Years(years) => format!("{years}年"),
    }
}

/// "不低于60分、低于70分"; "其余" without a bound.
pub(in crate::rules) fn interval(range: &Interval, unit: &str) -> String {
    let lower = range.lower.map(|bound| {
        let word = if bound.inclusive {
            "不低于"
        } else {
            "高于"
        };
        format!("{word}{}{unit}", number(bound.value))
    });
    let upper = range.upper.map(|bound| {
        let word = if bound.inclusive {
            "不高于"
        } else {
            "低于"
        };
        format!("{word}{}{unit}", number(bound.value))
    });
    let words: Vec<String> = lower.into_iter().chain(upper).collect();
    if words.is_empty() {
        "其余".to_owned()
    } else {
        words.join("、")
    }
}

/// "加2分", "扣2分"; where a higher score is worse "记2分", "减2分".
pub(in crate::rules) fn signed(direction: Direction, points: Decimal) -> String {
    let word = match (direction, points.is_sign_negative() && !points.is_zero()) {
        (Direction::Merit, false) => "加",
        (Direction::Merit, true) => "扣",
        (Direction::Demerit, false) => "记",
        (Direction::Demerit, true) => "减",
    };
    format!("{word}{}分", number(points.abs()))
}

/// Title of an attribute, or its name.
pub(in crate::rules) fn attribute(rules: &RuleSet, name: &str) -> String {
    rules
        .attributes()
        .iter()
        .find(|one| one.name == name)
        .and_then(|one| one.title.clone())
        .unwrap_or_else(|| name.to_owned())
}

pub(in crate::rules) fn unit<'r>(rules: &'r RuleSet, name: &str) -> &'r str {
    rules
        .attributes()
        .iter()
        .find(|one| one.name == name)
        .and_then(|one| one.unit.as_deref())
        .unwrap_or_default()
}

/// Words for the codes that rule files share: levels of government, kinds of evidence, parts in an accident. Another code
/// stands for itself.
pub(in crate::rules) fn code(code: &str) -> &str {
    match code {
        "national" => "国家级",
        "province" => "省级",
        "city" => "市级",
        "county" | "district" => "区县级",
        "street" => "街道级",
        "community" => "社区级",
        "main" => "主要责任",
        "equal" => "同等责任",
        "minor" => "次要责任",
        "satisfied" => "满意",
        "acceptable" => "基本满意",
        "unsatisfied" => "不满意",
        "penalty_decision" => "行政处罚决定书",
        "photo" => "照片",
        "inspection_form" => "检查记录表",
        "spot_check_form" => "抽查记录表",
        "complaint_form" => "投诉登记表",
        "investigation_report" => "调查报告",
        "mediation_record" => "调解记录",
        "petition_record" => "信访登记",
        "revisit_record" => "回访记录",
        "survey_report" => "调查问卷报告",
        "filing" => "备案材料",
        "award_document" => "表彰文件",
        "official_circular" => "通报文件",
        "official_letter" => "公函",
        "court_judgment" => "裁判文书",
        "media_report" => "媒体报道",
        "donation_receipt" => "捐赠凭证",
        "credit_commitment" => "信用承诺书",
        "rectification_notice" => "责令改正通知书",
        "accident_report" => "事故认定书",
        "order_to_leave" => "责令撤出文书",
        other => other,
    }
}

pub(in crate::rules) fn codes(all: &[String]) -> String {
    let words: Vec<&str> = all.iter().map(|one| code(one)).collect();
    words.join("、")
}

pub(in crate::rules) fn subject(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Company => "物业服务企业",
        SubjectKind::Project => "物业服务项目",
        SubjectKind::Manager => "物业项目负责人",
    }
}

pub(in crate::rules) fn average(average: Average) -> &'static str {
    match average {
        Average::Area => "以建筑面积加权平均",
        Average::Households => "以户数加权平均",
        Average::ContractValue => "以合同金额加权平均",
        Average::Equal => "取算术平均",
        Average::Sum => "相加",
    }
}

/// What one record gives.
pub(in crate::rules) fn points(rules: &RuleSet, item: &Item) -> String {
    let direction = rules.score_rule().direction;
    let signed = |points| signed(direction, points);
    if !item.has_points {
        return "不计分".to_owned();
    }
    let once = match &item.points {
        PointsForm::Fixed(points) => match &item.times {
            Some(times) => return each(rules, item, &signed(*points), times),
            None => signed(*points),
        },
        PointsForm::Lookup { by, table } => {
            let rows: Vec<String> = table
                .iter()
                .map(|(value, points)| format!("{}{}", code(value), signed(*points)))
                .collect();
            format!("按{}：{}", attribute(rules, by), rows.join("，"))
        }
        PointsForm::Bands { by, bands } => {
            let unit = unit(rules, by);
            let row =
                |band: &Band| format!("{}的{}", interval(&band.range, unit), signed(band.points));
            let rows: Vec<String> = bands.iter().map(row).collect();
            format!("{}{}", attribute(rules, by), rows.join("；"))
        }
        PointsForm::Chosen {
            min,
            max,
            suggested,
        } => chosen(direction, *min, *max, *suggested),
        PointsForm::Value { by } => format!("以{}计分", attribute(rules, by)),
    };
    match &item.times {
        Some(times) => each(rules, item, &once, times),
        None => once,
    }
}

fn each(rules: &RuleSet, item: &Item, once: &str, times: &str) -> String {
    let unit = unit(rules, times);
    let each = if unit.is_empty() {
        format!("{once}，乘以{}", attribute(rules, times))
    } else {
        format!("每{unit}{once}")
    };
    match item.per_record_cap {
        Some(cap) => {
            let most = signed(rules.score_rule().direction, cap);
            format!("{each}，一次最多{most}")
        }
        None => each,
    }
}

fn chosen(direction: Direction, min: Decimal, max: Decimal, suggested: Option<Decimal>) -> String {
    let (low, high) = if min.abs() <= max.abs() {
        (min, max)
    } else {
        (max, min)
    };
    let range = if low.is_sign_negative() == high.is_sign_negative() || low.is_zero() {
        let words = signed(direction, high);
        let word: String = words.chars().take(1).collect();
        format!("{word}{}至{}分", number(low.abs()), number(high.abs()))
    } else {
        format!("{}至{}", signed(direction, min), signed(direction, max))
    };
    match suggested {
        Some(points) => format!("{range}，酌情确定，一般{}", signed(direction, points)),
        None => format!("{range}，酌情确定"),
    }
}

/// Everything beside the points that decides what a record gives.
pub(in crate::rules) fn notes(rules: &RuleSet, item: &Item) -> Vec<String> {
    let direction = rules.score_rule().direction;
    let mut notes = Vec::new();
    if let Some(when) = &item.when {
        let when = super::conditions::sentence(rules, &when.expr);
        notes.push(format!("适用于{when}的情形"));
    }
    if let Some(cap) = item.cap {
        notes.push(format!("本项累计最多{}", signed(direction, cap)));
    }
    match item.valid_for {
        Some(Validity::For(length)) => notes.push(format!("有效期{}", span(length))),
        Some(Validity::UntilRectified) => notes.push("计至整改完成的前一日".to_owned()),
        None => {}
    }
    match item.same_matter {
        SameMatter::Sum => {}
        SameMatter::Highest => notes.push("同一事项只计分值最大的一条".to_owned()),
        SameMatter::First => notes.push("同一事项只计最早的一条".to_owned()),
    }
    if let Some(repeat) = &item.repeat {
        let last = repeat.multiply.len();
        let times: Vec<String> = (repeat.multiply.iter().enumerate())
            .map(|(index, factor)| {
                let more = if index + 1 == last { "及以后" } else { "" };
                format!("第{}次{more}按{}倍", index + 1, number(*factor))
            })
            .collect();
        notes.push(format!(
            "{}内重复发生的，{}",
            span(repeat.within),
            times.join("、")
        ));
    }
    match item.rectified {
        Some(factor) if factor.is_zero() => notes.push("整改完成后不再计分".to_owned()),
        Some(factor) => notes.push(format!("整改完成后按{}计", percent(factor))),
        None => {}
    }
    if item.recurs {
        notes.push("未整改的，以后每个周期重复计分".to_owned());
    }
    if let Some(grade) = item.veto.and_then(|rank| rules.grades().get(rank)) {
        notes.push(format!("计分期间等级不高于{}级", grade.id));
    }
    if let Some(severity) = item.severity {
        notes.push(format!("程度{}", severity.chinese()));
    }
    notes
}
