//! What an item says.

use super::{Entry, Fact, Part, Said};
use crate::rules::{
    Item, PointsForm, RuleSet,
    render::{
        Voice, condition, number, points_words, process_facts, range, rectified, repeat,
        same_matter, validity,
    },
};

pub(super) fn item_entry(rules: &RuleSet, item: &Item) -> Entry {
    let mut said = Said::new(rules);
    said.plain("评分内容", &item.title);
    said.plain("条款", &item.clause);
    said.both("所属部分", |voice| voice.component(item.component));
    if let Some(group) = item.group {
        said.both("所属条目组", |voice| voice.group(group));
    }
    points(&mut said, item);
    let cap = |cap: rust_decimal::Decimal| number(cap.abs());
    said.optional(
        "单次封顶",
        item.per_record_cap.map(|value| format!("{}分", cap(value))),
    );
    said.optional(
        "累计封顶",
        item.cap.map(|value| format!("{}分", cap(value))),
    );
    said.optional("有效期", item.valid_for.map(validity));
    if let Some(when) = &item.when {
        said.both("条件", |voice| condition(voice, when));
    }
    said.optional("同一事项", same_matter(item.same_matter));
    said.optional("重复发生", item.repeat.as_ref().map(repeat));
    said.optional("整改后", item.rectified.map(rectified));
    said.optional(
        "跨期",
        item.recurs.then(|| "未整改的，以后每期继续计分".to_owned()),
    );
    if let Some(rank) = item.veto {
        said.both("等级限制", |voice| {
            format!("等级最高为{}", voice.grade(rank))
        });
    }
    for (name, words) in process_facts(item) {
        said.unordered(name, &words, "、");
    }
    said.optional(
        "整改期限",
        item.rectify_days.map(|days| format!("{days}日")),
    );
    said.optional(
        "性质",
        item.severity.map(|gravity| gravity.chinese().to_owned()),
    );
    let label = format!("{}「{}」", item.id, item.title);
    said.entry(Part::Item, &item.id, label, Some(&item.clause))
}

/// A table of points is told row by row; the order of choices does not matter.
fn points(said: &mut Said<'_>, item: &Item) {
    let (titles, ids) = (said.titles, said.ids);
    let first_line = |voice: &Voice<'_>| {
        let words = points_words(voice, item);
        let line = words.lines().next().unwrap_or_default().to_owned();
        line.trim_end_matches('：').to_owned()
    };
    let mut push = |name: String, key: String, words: String| {
        said.facts.push(Fact { name, key, words });
    };
    push("分值".to_owned(), first_line(&ids), first_line(&titles));
    match &item.points {
        PointsForm::Lookup { table, .. } => {
            for (choice, points) in table {
                let name = format!("{}的分值", titles.choice(choice));
                push(name, number(*points), titles.points(*points));
            }
        }
        PointsForm::Bands { by, bands } => {
            for band in bands {
                let words = range(&band.range, &|value| titles.amount(by, value));
                push(
                    format!("{words}的分值"),
                    number(band.points),
                    titles.points(band.points),
                );
            }
        }
        PointsForm::Fixed(_) | PointsForm::Chosen { .. } | PointsForm::Value { .. } => {}
    }
}
