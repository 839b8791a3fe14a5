//! The names a file declares, read before anything that may use them.

use std::{collections::BTreeMap, ops::Range};

use crate::{
    domain::SubjectKind,
    rules::{
        diagnostic::Code,
        document::{Located, Table},
        model::Attribute,
        predicate::{Names, RESERVED, Target},
    },
};

/// Collects the ids of everything and reports those that clash.
pub(super) fn names(root: &Table<'_, '_>, subject: SubjectKind, attributes: &[Attribute]) -> Names {
    let mut seen: BTreeMap<String, Range<usize>> = BTreeMap::new();
    let components = ids(root, "component");
    let groups = ids(root, "group");
    let items = ids(root, "item");
    for id in components.iter().chain(&groups).chain(&items) {
        unique(root, id, &mut seen, "条目、组和分项的编号");
    }
    for id in &components {
        if !is_identifier(&id.value) || RESERVED.contains(&id.value.as_str()) {
            root.report(
                id.at.clone(),
                Code::R005,
                format!("分项编号「{}」不能用", id.value),
                "应为字母开头的名称（字母、数字、下划线），且不是 score、grade 等保留字",
            );
        }
    }
    let lists = ids(root, "list");
    let mut seen = BTreeMap::new();
    lists
        .iter()
        .for_each(|id| unique(root, id, &mut seen, "名单编号"));
    let mut seen = BTreeMap::new();
    ids(root, "override")
        .iter()
        .for_each(|id| unique(root, id, &mut seen, "override 编号"));
    let (components, groups, items) = (values(components), values(groups), values(items));
    // Of ids used twice the item comes first, then the group.
    let targets = named(&components, Target::Component)
        .chain(named(&groups, Target::Group))
        .chain(named(&items, Target::Item))
        .collect();
    Names {
        subject,
        attributes: attributes
            .iter()
            .map(|one| (one.name.clone(), one.kind.clone()))
            .collect(),
        components,
        items,
        groups,
        grades: grades(root),
        lists: values(lists),
        targets,
    }
}

/// Ids with what they mean, the first of equals last.
fn named(ids: &[String], target: fn(usize) -> Target) -> impl Iterator<Item = (String, Target)> {
    ids.iter()
        .enumerate()
        .rev()
        .map(move |(index, id)| (id.clone(), target(index)))
}

fn ids(root: &Table<'_, '_>, key: &'static str) -> Vec<Located<String>> {
    root.tables(key)
        .iter()
        .filter_map(|table| table.has("id").then(|| table.text("id")).flatten())
        .collect()
}

fn values(ids: Vec<Located<String>>) -> Vec<String> {
    ids.into_iter().map(|id| id.value).collect()
}

/// Grades best first. Neighbouring steps of one grade are one grade, if one of them has a condition.
fn grades(root: &Table<'_, '_>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let mut conditional = false;
    for step in root.tables("grade") {
        let Some(id) = step.has("id").then(|| step.text("id")).flatten() else {
            continue;
        };
        let has_condition = step.has("when");
        if ids.last() == Some(&id.value) && (conditional || has_condition) {
            conditional |= has_condition;
            continue;
        }
        if ids.contains(&id.value) {
            root.report(
                id.at.clone(),
                Code::R006,
                format!("等级「{}」写了两次", id.value),
                "同一等级分两段写时，两段要相邻，并且至少一段有 when",
            );
            continue;
        }
        conditional = has_condition;
        ids.push(id.value);
    }
    ids
}

fn unique(
    root: &Table<'_, '_>,
    id: &Located<String>,
    seen: &mut BTreeMap<String, Range<usize>>,
    what: &str,
) {
    if let Some(first) = seen.insert(id.value.clone(), id.at.clone()) {
        let line = root.reader.line_of(first.start);
        root.report(
            id.at.clone(),
            Code::R006,
            format!("编号「{}」重复", id.value),
            &format!("第{line}行已经用过；{what}不能重复"),
        );
    }
}

/// Whether predicates can name it.
pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}
