//! What grades, overrides, lists and consequences say.

use super::{Entry, Part, Said};
use crate::rules::{
    Interval, ListClass, RuleSet, Trigger,
    render::{Voice, applies_to, condition, effect, sampling, step_range, term},
};

pub(super) fn grades(rules: &RuleSet) -> Vec<Entry> {
    let mut said = Said::new(rules);
    let order: Vec<&str> = rules
        .grades()
        .iter()
        .map(|grade| grade.id.as_str())
        .collect();
    said.plain("高低顺序", order.join("、"));
    let order = said.entry(Part::Grade, "", "等级".to_owned(), None);
    let each = rules.grades().iter().enumerate().map(|(rank, grade)| {
        let mut said = Said::new(rules);
        said.optional("名称", grade.title.clone());
        let steps = || rules.ladder().iter().filter(|step| step.rank == rank);
        said.both("划分", |voice| {
            let steps: Vec<String> = steps()
                .map(|step| {
                    let range = match step.range == Interval::default() && step.top.is_none() {
                        true => "其余".to_owned(),
                        false => step_range(voice, step),
                    };
                    match &step.when {
                        Some(when) => format!("{range}且{}", condition(voice, when)),
                        None => range,
                    }
                })
                .collect();
            steps.join("；")
        });
        let label = format!("等级{}", Voice::titles(rules).grade_titled(rank));
        said.entry(Part::Grade, &grade.id, label, None)
    });
    std::iter::once(order).chain(each).collect()
}

pub(super) fn outcomes(rules: &RuleSet) -> Vec<Entry> {
    let mut all = Vec::new();
    for rule in rules.not_rated() {
        let mut said = Said::new(rules);
        said.plain("依据", &rule.clause);
        said.both("条件", |voice| condition(voice, &rule.when));
        let label = format!("「{}」", rule.title);
        all.push(said.entry(Part::NotRated, &rule.title, label, Some(&rule.clause)));
    }
    for rule in rules.overrides() {
        let mut said = Said::new(rules);
        said.plain("情形", &rule.title);
        said.plain("依据", &rule.clause);
        said.both("条件", |voice| condition(voice, &rule.when));
        said.both("处理", |voice| effect(voice, rule.effect));
        let label = format!("{}「{}」", rule.id, rule.title);
        all.push(said.entry(Part::Override, &rule.id, label, Some(&rule.clause)));
    }
    for list in rules.lists() {
        let mut said = Said::new(rules);
        said.plain("名称", &list.title);
        said.plain("性质", list_class(list.class));
        said.plain("依据", &list.clause);
        said.optional("法律依据", list.legal_basis.clone());
        said.both("列入条件", |voice| condition(voice, &list.when));
        let severity = list.severity.map(|gravity| gravity.chinese().to_owned());
        said.optional("严重程度", severity);
        said.optional("期限", list.term.map(|_| term(list)));
        let label = format!("{}「{}」", list.id, list.title);
        all.push(said.entry(Part::List, &list.id, label, Some(&list.clause)));
    }
    for one in rules.consequences() {
        let mut said = Said::new(rules);
        said.optional("依据", one.clause.clone());
        said.optional("抽查比例", sampling(one));
        said.unordered("措施", &one.measures.join("；"), "；");
        let label = format!("{}「{}」", applies_to(&said.titles, one), one.title);
        let trigger = match one.trigger {
            Trigger::Grade(rank) => rules.grades().get(rank).map(|grade| &grade.id),
            Trigger::List(index) => rules.lists().get(index).map(|list| &list.id),
        };
        let trigger = trigger.map_or("", String::as_str);
        let id = format!("{trigger}/{}", one.title);
        all.push(said.entry(Part::Consequence, &id, label, one.clause.as_deref()));
    }
    all
}

fn list_class(class: ListClass) -> &'static str {
    match class {
        ListClass::Red => "红名单",
        ListClass::Warning => "警示名单",
        ListClass::Watch => "重点关注名单",
        ListClass::Serious => "严重失信主体名单",
    }
}
