//! A record as the author reads it.

use crate::{domain::Record, rules::RuleSet};

/// A record in words.
pub(super) fn words(rules: &RuleSet, record: &Record) -> String {
    let Some(item) = rules.item(&record.item) else {
        return record.item.clone();
    };
    let mut said = Vec::new();
    if let Some(date) = rules.counts_from().of(record) {
        said.push(date.to_string());
    }
    said.push(format!("{}（{}）", item.title, item.clause));
    said.push(match record.points {
        Some(points) => format!("{points} 分"),
        None => rules.points_of(item),
    });
    if let Some(project) = &record.project {
        said.push(format!("项目 {project}"));
    }
    if let Some(matter) = &record.matter {
        said.push(format!("事项 {matter}"));
    }
    if let Some(day) = record.rectified_on {
        said.push(format!("{day} 整改"));
    }
    let mut read: Vec<&str> = (item.points.attribute().into_iter())
        .chain(item.times.as_deref())
        .collect();
    if let Some(when) = &item.when {
        read.extend(when.expr.attributes());
    }
    let mut said_of = Vec::new();
    for name in read {
        if said_of.contains(&name) {
            continue;
        }
        said_of.push(name);
        if let Some(value) = record.attributes.get(name) {
            said.push(format!("{name} {value}"));
        }
    }
    said.join("，")
}
