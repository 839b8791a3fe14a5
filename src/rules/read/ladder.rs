//! `[[grade]]`, `[[not_rated]]`, `[[override]]`, `[[list]]`, `[[consequence]]`.

use rust_decimal::Decimal;

use super::{
    items::{GRAVITIES, reference},
    points::interval,
};
use crate::rules::{
    diagnostic::Code,
    document::Table,
    model::{
        Consequence, Effect, Grade, GradeStep, ListClass, ListRule, NotRated, Override, Trigger,
    },
    predicate::{Condition, Names, Place, compile},
};

/// The grades best first, and the steps of the ladder in the order of the file.
pub(super) fn grades(root: &Table<'_, '_>, names: &Names) -> (Vec<Grade>, Vec<GradeStep>) {
    let mut grades: Vec<Grade> = names
        .grades
        .iter()
        .map(|id| Grade {
            id: id.clone(),
            title: None,
        })
        .collect();
    let mut steps = Vec::new();
    for table in root.tables("grade") {
        let id = table.needed_text("id");
        let title = table.text("title");
        table.text("clause");
        let range = interval(&table);
        let top = table.text("top").and_then(|text| share(&table, &text));
        let when = table
            .text("when")
            .and_then(|text| compile(table.reader, text, names, Place::BeforeGrade));
        let at = table.at.clone();
        table.done();
        let rank = id.and_then(|id| names.grade(&id.value));
        if let (Some(rank), Some(range)) = (rank, range) {
            if let (Some(grade), Some(title)) = (grades.get_mut(rank), title) {
                grade.title = Some(title.value);
            }
            steps.push(GradeStep {
                rank,
                range,
                top,
                when,
                at,
            });
        }
    }
    (grades, steps)
}

/// A share written as a percentage, `"20%"`.
fn share(table: &Table<'_, '_>, text: &crate::rules::document::Located<String>) -> Option<Decimal> {
    let share = text
        .value
        .trim()
        .strip_suffix(['%', '％'])
        .and_then(|number| Decimal::from_str_exact(number.trim()).ok())
        .and_then(|number| number.checked_div(Decimal::ONE_HUNDRED))
        .filter(|share| (Decimal::ZERO..=Decimal::ONE).contains(share) && share.scale() <= 10);
    if share.is_none() {
        table.report(
            text.at.clone(),
            Code::R008,
            format!("「{}」不是 0% 到 100% 的比例", text.value),
            "如 \"20%\"",
        );
    }
    share
}

fn needed_condition(table: &Table<'_, '_>, names: &Names, place: Place) -> Option<Condition> {
    let text = table.needed_text("when")?;
    compile(table.reader, text, names, place)
}

pub(super) fn not_rated(root: &Table<'_, '_>, names: &Names) -> Vec<NotRated> {
    root.tables("not_rated")
        .into_iter()
        .filter_map(|table| {
            table.text("id");
            let title = table.needed_text("title");
            let clause = table.clause();
            let when = needed_condition(&table, names, Place::BeforeGrade);
            table.done();
            Some(NotRated {
                title: title?.value,
                clause: clause?.value,
                when: when?,
            })
        })
        .collect()
}

pub(super) fn overrides(root: &Table<'_, '_>, names: &Names) -> Vec<Override> {
    root.tables("override")
        .into_iter()
        .filter_map(|table| {
            let id = table.needed_text("id");
            let title = table.needed_text("title");
            let clause = table.clause();
            let when = needed_condition(&table, names, Place::AfterGrade);
            let effect = effect(&table, names);
            let at = table.at.clone();
            table.done();
            Some(Override {
                id: id?.value,
                title: title?.value,
                clause: clause?.value,
                when: when?,
                effect: effect?,
                at,
            })
        })
        .collect()
}

fn effect(table: &Table<'_, '_>, names: &Names) -> Option<Effect> {
    let rank = |key| {
        table
            .text(key)
            .and_then(|id| reference(table, &id, &names.grades, "等级"))
    };
    let given: Vec<&str> = ["grade", "at_best", "score", "drop"]
        .into_iter()
        .filter(|key| table.has(key))
        .collect();
    let effects = [
        rank("grade").map(Effect::Grade),
        rank("at_best").map(Effect::AtBest),
        table
            .points("score")
            .map(|points| Effect::Score(points.value)),
        table.whole("drop", 1, 100).map(Effect::Drop),
    ];
    if given.len() != 1 {
        table.report(
            table.at.clone(),
            Code::R005,
            format!("{} 应当写且只写一种效果", table.name),
            "grade（定为）、at_best（不高于）、score（定分）或 drop（降几级）四选一",
        );
        return None;
    }
    effects.into_iter().flatten().next()
}

pub(super) fn lists(root: &Table<'_, '_>, names: &Names) -> Vec<ListRule> {
    const CLASSES: [(&str, ListClass); 4] = [
        ("red", ListClass::Red),
        ("warning", ListClass::Warning),
        ("watch", ListClass::Watch),
        ("serious", ListClass::Serious),
    ];
    root.tables("list")
        .into_iter()
        .filter_map(|table| {
            let id = table.needed_text("id");
            let title = table.needed_text("title");
            table.needed("class");
            let class = table.keyword("class", &CLASSES);
            let clause = table.clause();
            let legal_basis = table.text("legal_basis").map(|text| text.value);
            let when = needed_condition(&table, names, Place::AfterGrade);
            let severity = table.keyword("severity", &GRAVITIES);
            let term = table.span("term").map(|term| term.value);
            let at = table.at.clone();
            table.done();
            Some(ListRule {
                id: id?.value,
                title: title?.value,
                class: class?,
                clause: clause?.value,
                legal_basis,
                when: when?,
                severity,
                term,
                at,
            })
        })
        .collect()
}

pub(super) fn consequences(root: &Table<'_, '_>, names: &Names) -> Vec<Consequence> {
    root.tables("consequence")
        .into_iter()
        .filter_map(|table| {
            let title = table.needed_text("title");
            let clause = table.text("clause").map(|text| text.value);
            let grade = table.text("grade");
            let list = table.text("list");
            let sampling = table.text("sampling").and_then(|text| share(&table, &text));
            let measures = table
                .texts("measures")
                .map(|texts| texts.into_iter().map(|text| text.value).collect())
                .unwrap_or_default();
            let trigger = match (&grade, &list) {
                (Some(id), None) => {
                    reference(&table, id, &names.grades, "等级").map(Trigger::Grade)
                }
                (None, Some(id)) => reference(&table, id, &names.lists, "名单").map(Trigger::List),
                _ => {
                    table.report(
                        table.at.clone(),
                        Code::R005,
                        format!("{} 应当写明 grade 或 list 其中一个", table.name),
                        "",
                    );
                    None
                }
            };
            table.done();
            Some(Consequence {
                trigger: trigger?,
                title: title?.value,
                clause,
                sampling,
                measures,
            })
        })
        .collect()
}
