//! 等级与结果: the ladder, who is not rated, overrides, lists, consequences.

use super::{
    condition::condition,
    paper::{Block, Cell, Table},
    words::{self, Voice, number, percent, range, span},
};
use crate::rules::{Consequence, Effect, GradeStep, ListRule};

pub(super) fn results(voice: &Voice<'_>) -> Vec<Block> {
    let parts = [
        ("等级划分", ladder(voice)),
        ("不评级的情形", not_rated(voice)),
        ("一票否决和等级限制", overrides(voice)),
        ("名单", lists(voice)),
        ("结果应用", consequences(voice)),
    ];
    let mut blocks = Vec::new();
    let mut place = 0;
    for (title, table) in parts {
        if table.rows.is_empty() {
            continue;
        }
        place += 1;
        let number = super::paper::ordinal(place);
        blocks.push(Block::Heading(format!("（{number}）{title}")));
        blocks.push(Block::Table(table.without_empty_columns()));
        if let Some(note) = note(voice, title) {
            blocks.push(Block::Note(note.to_owned()));
        }
    }
    blocks
}

fn note(voice: &Voice<'_>, title: &str) -> Option<&'static str> {
    match title {
        "等级划分" if voice.rules.ladder().iter().any(|step| step.when.is_some()) => Some(
            "注：自上而下逐行对照，评为最先符合的一行。“以上”“以下”含本数，“不满”“超过”不含本数。",
        ),
        "等级划分" => Some("注：“以上”“以下”含本数，“不满”“超过”不含本数。"),
        "不评级的情形" => Some("注：不评级的对象有得分，不参加排名，不列入名单。"),
        "一票否决和等级限制" => Some("注：同时符合几种情形的，取最差的等级。"),
        "名单" => Some("注：符合条件只作为提出列入建议的依据；列入须经告知、陈述申辩和决定。"),
        _ => None,
    }
}

fn ladder(voice: &Voice<'_>) -> Table {
    let mut table = Table::new(&[("等级", 14), ("名称", 20), ("得分", 34), ("条件", 32)]);
    for step in voice.rules.ladder() {
        let title = voice
            .rules
            .grades()
            .get(step.rank)
            .and_then(|grade| grade.title.clone());
        table.rows.push(vec![
            Cell::text(voice.grade(step.rank)),
            Cell::text(title.unwrap_or_default()),
            Cell::text(step_range(voice, step)),
            Cell::text(
                step.when
                    .as_ref()
                    .map_or_else(String::new, |one| condition(voice, one)),
            ),
        ]);
    }
    table
}

/// The bounds of a step: by score, or by rank.
pub(in crate::rules) fn step_range(voice: &Voice<'_>, step: &GradeStep) -> String {
    match step.top {
        Some(share) => format!("排名在前{}以内", percent(share)),
        None => range(&step.range, &|value| voice.score(value)),
    }
}

fn not_rated(voice: &Voice<'_>) -> Table {
    let mut table = Table::new(&[("情形", 36), ("条件", 40), ("依据", 24)]);
    for rule in voice.rules.not_rated() {
        table.rows.push(vec![
            Cell::text(&rule.title),
            Cell::text(condition(voice, &rule.when)),
            Cell::text(&rule.clause),
        ]);
    }
    table
}

fn overrides(voice: &Voice<'_>) -> Table {
    let mut table = Table::new(&[("情形", 34), ("条件", 34), ("处理", 16), ("依据", 16)]);
    for rule in voice.rules.overrides() {
        table.rows.push(vec![
            Cell::text(&rule.title),
            Cell::text(condition(voice, &rule.when)),
            Cell::text(effect(voice, rule.effect)),
            Cell::text(&rule.clause),
        ]);
    }
    table
}

pub(in crate::rules) fn effect(voice: &Voice<'_>, effect: Effect) -> String {
    match effect {
        Effect::Grade(rank) => format!("定为{}", voice.grade_titled(rank)),
        Effect::AtBest(rank) => format!("等级最高为{}", voice.grade_titled(rank)),
        Effect::Score(score) => format!("总分定为{}", voice.score(score)),
        Effect::Drop(steps) => format!("降{steps}级"),
    }
}

fn lists(voice: &Voice<'_>) -> Table {
    let mut table = Table::new(&[
        ("名单", 18),
        ("性质", 14),
        ("列入条件", 36),
        ("严重程度", 8),
        ("期限", 8),
        ("依据", 10),
        ("法律依据", 10),
    ]);
    for list in voice.rules.lists() {
        table.rows.push(vec![
            Cell::text(&list.title),
            Cell::text(words::list_class(list.class)),
            Cell::text(condition(voice, &list.when)),
            Cell::text(list.severity.map_or("", |gravity| gravity.chinese())),
            Cell::text(term(list)),
            Cell::text(&list.clause),
            Cell::text(list.legal_basis.clone().unwrap_or_default()),
        ]);
    }
    table
}

pub(in crate::rules) fn term(list: &ListRule) -> String {
    list.term.map_or_else(String::new, span)
}

fn consequences(voice: &Voice<'_>) -> Table {
    let mut table = Table::new(&[
        ("适用", 26),
        ("结果", 18),
        ("抽查比例", 10),
        ("措施", 32),
        ("依据", 14),
    ]);
    for one in voice.rules.consequences() {
        let share = one
            .sampling
            .map(|share| share * rust_decimal::Decimal::ONE_HUNDRED);
        table.rows.push(vec![
            Cell::text(applies_to(voice, one)),
            Cell::text(&one.title),
            share.map_or_else(|| Cell::text(""), |share| Cell::number(share, "%")),
            Cell::text(one.measures.join("；")),
            Cell::text(one.clause.clone().unwrap_or_default()),
        ]);
    }
    table
}

pub(in crate::rules) fn applies_to(voice: &Voice<'_>, one: &Consequence) -> String {
    match one.trigger {
        crate::rules::Trigger::Grade(_) => voice.trigger(one.trigger),
        crate::rules::Trigger::List(_) => format!("列入{}", voice.trigger(one.trigger)),
    }
}

/// `抽查比例50%`.
pub(in crate::rules) fn sampling(one: &Consequence) -> Option<String> {
    one.sampling
        .map(|share| format!("{}%", number(share * rust_decimal::Decimal::ONE_HUNDRED)))
}
