//! Items as rows of the scoring table, and components and groups in words.

use rust_decimal::Decimal;

use super::{
    condition::condition,
    paper::{Amount, Block, Cell, Table, ordinal},
    words::{self, Voice, number, percent, range, span},
};
use crate::rules::{
    Combine, Component, Group, Item, Level, Missing, PointsForm, SameMatter, Validity,
};

const COLUMNS: [(&str, u16); 7] = [
    ("序号", 5),
    ("条款", 11),
    ("评分内容", 27),
    ("分值", 17),
    ("计分说明", 30),
    ("记录、录入和认定", 22),
    ("整改期限", 9),
];

/// Every component with its table and the groups among its items.
pub(super) fn standard(voice: &Voice<'_>) -> Vec<Block> {
    let rules = voice.rules;
    let mut blocks = Vec::new();
    for (index, component) in rules.components().iter().enumerate() {
        let number = ordinal(index + 1);
        blocks.push(Block::Heading(format!("（{number}）{}", component.title)));
        blocks.push(Block::Paragraph(component_words(voice, component)));
        let mut table = Table::new(&COLUMNS);
        let items = rules.items().iter().filter(|item| item.component == index);
        for (place, item) in items.enumerate() {
            table.rows.push(row(voice, component, place + 1, item));
        }
        if table.rows.is_empty() {
            blocks.push(Block::Note("本部分没有评分条目。".to_owned()));
            continue;
        }
        blocks.push(Block::Table(table.without_empty_columns()));
        for group in rules.groups() {
            let first = group
                .items
                .first()
                .and_then(|item| rules.items().get(*item));
            if first.is_some_and(|item| item.component == index) {
                blocks.push(Block::Note(format!("注：{}。", group_words(voice, group))));
            }
        }
    }
    blocks
}

fn row(voice: &Voice<'_>, component: &Component, place: usize, item: &Item) -> Vec<Cell> {
    vec![
        Cell::number(place, ""),
        Cell::text(&item.clause),
        Cell::text(&item.title),
        points_cell(voice, item),
        Cell::text(lines(notes(voice, component, item))),
        Cell::text(lines(process(item))),
        item.rectify_days
            .map_or_else(|| Cell::text(""), |days| Cell::number(days, "日")),
    ]
}

fn lines(sentences: Vec<String>) -> String {
    sentences.join("\n")
}

fn points_cell(voice: &Voice<'_>, item: &Item) -> Cell {
    match &item.points {
        PointsForm::Fixed(value) if item.has_points => Cell::Number(Amount {
            value: *value,
            before: words::sign_word(voice.direction(), *value).to_owned(),
            after: format!("分/{}", per(voice, item)),
        }),
        _ => Cell::text(points_words(voice, item)),
    }
}

/// For what the points are given: `次`, `处`, `户`.
fn per(voice: &Voice<'_>, item: &Item) -> String {
    let Some(times) = &item.times else {
        return "次".to_owned();
    };
    match voice.unit(times) {
        unit if unit.is_empty() => format!("次×{}", voice.attribute_title(times)),
        unit => unit,
    }
}

/// `每处扣0.5分`; the forms by table a line for each row.
pub(in crate::rules) fn points_words(voice: &Voice<'_>, item: &Item) -> String {
    let times = item.times.as_ref().map(|times| {
        let unit = voice.unit(times);
        match unit.is_empty() {
            true => format!("，乘以{}", voice.attribute_title(times)),
            false => format!("，按{}（{unit}）累计", voice.attribute_title(times)),
        }
    });
    let times = times.unwrap_or_default();
    match &item.points {
        _ if !item.has_points => "不计分".to_owned(),
        PointsForm::Fixed(value) => {
            format!("每{}{}", per(voice, item), voice.points(*value))
        }
        PointsForm::Lookup { by, table } => {
            let mut text = format!("按{}{times}：", voice.attribute_title(by));
            for (choice, value) in table {
                text.push_str(&format!(
                    "\n{}{}",
                    voice.choice(choice),
                    voice.points(*value)
                ));
            }
            text
        }
        PointsForm::Bands { by, bands } => {
            let mut text = format!("按{}{times}：", voice.attribute_title(by));
            for band in bands {
                let words = range(&band.range, &|value| voice.amount(by, value));
                text.push_str(&format!("\n{words}的，{}", voice.points(band.points)));
            }
            text
        }
        PointsForm::Chosen {
            min,
            max,
            suggested,
        } => {
            let (least, most) = match max.abs() < min.abs() {
                true => (*max, *min),
                false => (*min, *max),
            };
            let suggested = suggested.map(|value| format!("，一般{}", voice.points(value)));
            let same = words::sign_word(voice.direction(), least)
                == words::sign_word(voice.direction(), most);
            let span = match same || least.is_zero() {
                true => format!(
                    "{}{}至{}分",
                    words::sign_word(voice.direction(), most),
                    number(least.abs()),
                    number(most.abs())
                ),
                false => format!("{}至{}", voice.points(least), voice.points(most)),
            };
            format!(
                "每次{span}{}，由认定单位裁量并说明理由{times}",
                suggested.unwrap_or_default()
            )
        }
        PointsForm::Value { by } => format!("按{}计分{times}", voice.attribute_title(by)),
    }
}

/// `最多扣6分`, `最高加6分`.
fn at_most(voice: &Voice<'_>, cap: Decimal) -> String {
    let word = words::sign_word(voice.direction(), cap);
    format!("最多{word}{}分", number(cap.abs()))
}

/// What decides how a record of the item counts, a sentence each.
pub(in crate::rules) fn notes(
    voice: &Voice<'_>,
    component: &Component,
    item: &Item,
) -> Vec<String> {
    let whose = if component.per_project() {
        "每个项目"
    } else {
        ""
    };
    let condition = |one| format!("条件：{}", condition(voice, one));
    let cap = |cap| format!("{whose}累计{}", at_most(voice, cap));
    [
        item.when.as_ref().map(condition),
        item.per_record_cap
            .map(|cap| format!("单次{}", at_most(voice, cap))),
        item.cap.map(cap),
        item.valid_for.map(validity),
        same_matter(item.same_matter),
        item.repeat.as_ref().map(repeat),
        item.rectified.map(rectified),
        item.recurs.then(|| "未整改的，以后每期继续计分".to_owned()),
        item.veto
            .map(|rank| format!("计分期间，等级最高为{}", voice.grade_titled(rank))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(in crate::rules) fn validity(validity: Validity) -> String {
    match validity {
        Validity::For(length) => format!("有效期{}", span(length)),
        Validity::UntilRectified => "整改完成前一直有效".to_owned(),
    }
}

pub(in crate::rules) fn same_matter(rule: SameMatter) -> Option<String> {
    match rule {
        SameMatter::Sum => None,
        SameMatter::Highest => Some("同一事项取分值最高的一次".to_owned()),
        SameMatter::First => Some("同一事项只计第一次".to_owned()),
    }
}

pub(in crate::rules) fn repeat(repeat: &crate::rules::Repeat) -> String {
    let last = repeat.multiply.len();
    let steps: Vec<String> = repeat
        .multiply
        .iter()
        .enumerate()
        .map(|(index, factor)| {
            let from = if index + 1 == last { "起" } else { "" };
            format!("第{}次{from}按{}倍", index + 1, number(*factor))
        })
        .collect();
    format!(
        "{}内重复发生的，{}计分",
        span(repeat.within),
        steps.join("、")
    )
}

pub(in crate::rules) fn rectified(factor: Decimal) -> String {
    match factor {
        _ if factor.is_zero() => "整改完成后不再计分".to_owned(),
        _ if factor == Decimal::ONE => "整改完成后仍按100%计分".to_owned(),
        _ => format!("整改完成后按{}计分", percent(factor)),
    }
}

/// Kinds of record, who enters, who confirms, on what evidence, how grave.
fn process(item: &Item) -> Vec<String> {
    process_facts(item)
        .into_iter()
        .map(|(name, value)| format!("{name}：{value}"))
        .chain(
            item.severity
                .map(|gravity| format!("性质：{}", gravity.chinese())),
        )
        .collect()
}

/// Name and value of what an item says about process.
pub(in crate::rules) fn process_facts(item: &Item) -> Vec<(&'static str, String)> {
    let joined = |all: &[String], word: fn(&str) -> &str| {
        let all: Vec<&str> = all.iter().map(|one| word(one)).collect();
        all.join("、")
    };
    let kinds: Vec<&str> = item.kinds.iter().map(|kind| kind.chinese()).collect();
    [
        ("类型", kinds.join("、")),
        ("录入", joined(&item.record_by, words::body)),
        ("认定", joined(&item.confirm_by, words::body)),
        ("凭据", joined(&item.evidence, words::evidence)),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .collect()
}

/// A component in sentences.
pub(in crate::rules) fn component_words(voice: &Voice<'_>, component: &Component) -> String {
    let mut sentences = component_facts(voice, component)
        .into_iter()
        .map(|(_, words)| words)
        .collect::<Vec<_>>()
        .join("；");
    if let Some(clause) = &component.clause {
        sentences.push_str(&format!("（{clause}）"));
    }
    sentences + "。"
}

/// Name and words of what a component says.
pub(in crate::rules) fn component_facts(
    voice: &Voice<'_>,
    component: &Component,
) -> Vec<(&'static str, String)> {
    let whose = if component.per_project() {
        "每个项目"
    } else {
        ""
    };
    let mut facts = vec![(
        "基础分",
        match component.base.is_zero() {
            true => format!("{whose}从0分起计"),
            false => format!("{whose}基础分{}", voice.score(component.base)),
        },
    )];
    let mut add = |name, words: Option<String>| facts.extend(words.map(|words| (name, words)));
    add("合成", Some(combine_words(component)));
    let floor = |floor| format!("{whose}最低{}", voice.score(floor));
    add("下限", component.floor.map(floor));
    let cap = |cap| format!("{whose}最高{}", voice.score(cap));
    add("上限", component.cap.map(cap));
    if let Level::Project {
        average,
        assessed_only,
    } = component.level
    {
        add(
            "项目",
            Some(format!("各项目得分{}", average_words(average))),
        );
        let left_out = match assessed_only {
            true => "没有计分记录的项目不参加合成",
            false => "没有计分记录的项目按基础分参加合成",
        };
        add("未查项目", Some(left_out.to_owned()));
    }
    let nothing = match (component.per_project(), component.missing) {
        (true, Missing::Zero) => Some("没有可计项目的，按0分计入".to_owned()),
        (false, Missing::Zero) => {
            Some(format!("没有记录的，按{}计入", voice.score(component.base)))
        }
        (_, Missing::Renormalise) => {
            Some("没有记录的，不计入总分，其余部分的权重按比例放大".to_owned())
        }
        (_, Missing::NotRated) => Some("没有记录的，不评级".to_owned()),
        (true, Missing::Default(value)) => {
            Some(format!("没有可计项目的，按{}计入", voice.score(value)))
        }
        (false, Missing::Default(value)) => {
            Some(format!("没有记录的，按{}计入", voice.score(value)))
        }
    };
    add("无记录", nothing);
    add(
        "权重",
        Some(format!("占总分的权重为{}", number(component.weight))),
    );
    facts
}

fn average_words(average: crate::rules::Average) -> String {
    let words = words::average(average);
    words.strip_prefix("各项目得分").unwrap_or(words).to_owned()
}

fn combine_words(component: &Component) -> String {
    match component.combine {
        Combine::Sum => "各次得分相加",
        Combine::Mean => "取各次得分的平均值",
        Combine::Last => "取最近一次的得分",
        Combine::Max => "取各次得分中最高的一次",
        Combine::Min => "取各次得分中最低的一次",
    }
    .to_owned()
}

/// `「表彰和示范项目」（附件5 第1项、附件5 第3项）合计，最多加6分`.
pub(in crate::rules) fn group_words(voice: &Voice<'_>, group: &Group) -> String {
    let items: Vec<&str> = group
        .items
        .iter()
        .filter_map(|index| voice.rules.items().get(*index))
        .map(|item| item.clause.as_str())
        .collect();
    let mut text = format!("{}，包括{}", group.title, items.join("、"));
    text.push_str(&group_rule(voice, group));
    if let Some(clause) = &group.clause {
        text.push_str(&format!("（{clause}）"));
    }
    text
}

/// How the items of a group count together.
pub(in crate::rules) fn group_rule(voice: &Voice<'_>, group: &Group) -> String {
    let combined = match (group.highest, group.cap) {
        (true, _) => "，只计分值最高的一项",
        (false, Some(_)) => "，合并计分",
        (false, None) => "",
    };
    let cap = group.cap.map(|cap| format!("，{}", at_most(voice, cap)));
    format!("{combined}{}", cap.unwrap_or_default())
}
