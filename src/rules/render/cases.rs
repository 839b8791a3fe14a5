//! 示例: worked cases as an annex.

use std::collections::BTreeMap;

use super::{
    paper::{Block, Cell, Table},
    words::{Voice, number},
};
use crate::{
    domain::{Contract, Record, RecordStatus},
    rules::Case,
};

pub(super) fn cases(voice: &Voice<'_>) -> Vec<Block> {
    let mut table = Table::new(&[
        ("序号", 5),
        ("示例", 25),
        ("评价日", 11),
        ("情况", 41),
        ("结果", 18),
    ]);
    for (index, case) in voice.rules.cases().iter().enumerate() {
        table.rows.push(vec![
            Cell::number(index + 1, ""),
            Cell::text(&case.title),
            Cell::text(case.as_of.to_string()),
            Cell::text(situation(voice, case).join("\n")),
            Cell::text(expected(voice, case).join("\n")),
        ]);
    }
    match table.rows.is_empty() {
        true => Vec::new(),
        false => vec![Block::Table(table)],
    }
}

/// The subject, what was before, and the records, a line for each day.
pub(in crate::rules) fn situation(voice: &Voice<'_>, case: &Case) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(day) = case.company.registered_on {
        lines.push(format!("设立：{day}"));
    }
    lines.extend(case.contracts.iter().map(project));
    for past in &case.history {
        lines.push(format!("截至{}的等级：{}", past.period_end, past.grade));
    }
    for on_list in &case.on_lists {
        let list = voice
            .rules
            .lists()
            .iter()
            .position(|list| list.id == on_list.list);
        lines.push(format!(
            "已列入{}",
            list.map_or_else(|| on_list.list.clone(), |index| voice.list(index))
        ));
    }
    let mut days: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let counts_from = voice.rules.counts_from();
    for record in &case.records {
        let day = counts_from
            .of(record)
            .map_or_else(|| "无日期".to_owned(), |day| day.to_string());
        days.entry(day)
            .or_default()
            .push(record_words(voice, record));
    }
    lines.extend(
        days.into_iter()
            .map(|(day, records)| format!("{day}：{}", records.join("；"))),
    );
    lines
}

fn project(contract: &Contract) -> String {
    let facts: Vec<String> = [
        contract.area.map(|area| format!("{}平方米", number(area))),
        contract.households.map(|n| format!("{n}户")),
        contract
            .contract_value
            .map(|value| format!("合同金额{}元", number(value))),
        contract.from.map(|day| format!("自{day}起管理")),
        contract.until.map(|day| format!("管理至{day}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    match facts.is_empty() {
        true => format!("项目{}", contract.project),
        false => format!("项目{}：{}", contract.project, facts.join("，")),
    }
}

/// `附件6 第4项（持证人员比例90%）`.
fn record_words(voice: &Voice<'_>, record: &Record) -> String {
    let rules = voice.rules;
    let name = voice.cited(&record.item);
    let counts_from = rules.counts_from();
    let mut facts = Vec::new();
    let mut add = |fact: Option<String>| facts.extend(fact);
    // A project of its own is said once, with the project.
    add(record.project.as_ref().map(|code| format!("项目{code}")));
    for (name, value) in &record.attributes {
        add(Some(format!(
            "{}{}",
            voice.attribute_title(name),
            voice.value(name, value)
        )));
    }
    add(record.points.map(|points| voice.points(points.decimal())));
    add(record.reason.clone());
    add(record.matter.as_ref().map(|matter| format!("事项{matter}")));
    add(record.kind.map(|kind| format!("类型为{}", kind.chinese())));
    add(record.body.as_ref().map(|body| format!("{body}记录")));
    let others = [
        (crate::rules::DateField::OccurredOn, record.occurred_on),
        (crate::rules::DateField::DecidedOn, record.decided_on),
        (crate::rules::DateField::EnteredOn, record.entered_on),
        (crate::rules::DateField::PublishedOn, record.published_on),
    ];
    for (field, day) in others {
        if field != counts_from {
            add(day.map(|day| format!("{}{day}", field.chinese())));
        }
    }
    add(record.valid_until.map(|day| format!("有效至{day}")));
    add(record.rectify_by.map(|day| format!("限{day}前整改")));
    add(record.rectified_on.map(|day| format!("{day}整改完成")));
    add((record.status != RecordStatus::Confirmed).then(|| record.status.chinese().to_owned()));
    match facts.is_empty() {
        true => name,
        false => format!("{name}（{}）", facts.join("，")),
    }
}

/// What must come out.
pub(in crate::rules) fn expected(voice: &Voice<'_>, case: &Case) -> Vec<String> {
    let rules = voice.rules;
    let expect = &case.expect;
    let mut lines = Vec::new();
    let mut add = |line: Option<String>| lines.extend(line);
    // With the places that the author wrote: 85.00.
    add(expect.score.map(|score| format!("总分{score}分")));
    for (index, points) in &expect.components {
        add(Some(format!(
            "{}{}",
            voice.component(*index),
            voice.score(*points)
        )));
    }
    add(expect.grade().map(|grade| {
        let rank = rules.grades().iter().position(|known| known.id == grade);
        rank.map_or_else(|| grade.to_owned(), |rank| voice.grade_titled(rank))
    }));
    add((expect.rated == Some(false) && expect.grade().is_none()).then(|| "不评级".to_owned()));
    add((expect.rated == Some(true) && expect.grade().is_none()).then(|| "评级".to_owned()));
    add(expect.lists.as_ref().map(|lists| {
        let titles: Vec<String> = lists
            .iter()
            .map(|id| {
                let known = rules.lists().iter().position(|list| list.id == *id);
                known.map_or_else(|| id.clone(), |index| voice.list(index))
            })
            .collect();
        match titles.is_empty() {
            true => "不进入名单".to_owned(),
            false => format!("建议列入{}", titles.join("、")),
        }
    }));
    add(expect
        .consequences
        .as_ref()
        .map(|all| match all.is_empty() {
            true => "没有结果应用".to_owned(),
            false => format!("结果：{}", all.join("、")),
        }));
    add(expect
        .next_change_on
        .map(|day| format!("没有新记录时，下次变动在{day}")));
    lines
}
