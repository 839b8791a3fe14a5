//! A rule set as a table in words.

use rust_decimal::Decimal;

use super::{badge, bounds_words, frame, range_words, reference, signed};
use crate::web::pages::{RuleComponent, RuleGrade, RuleItem, RuleVersion, RulesPage, Section};
use crate::{
    domain::Day,
    rules::{Item, RuleSet, Validity},
    service::App,
};

pub(in crate::web) fn rules(app: &App, rules: &RuleSet, today: Day) -> RulesPage {
    let grades = rules.ladder().iter().filter_map(|step| {
        let grade = rules.grades().get(step.rank)?;
        Some(RuleGrade {
            grade: badge(Some(rules), &grade.id, true),
            range: match step.top {
                Some(top) => format!(
                    "按得分排名，前 {}%",
                    (top * Decimal::ONE_HUNDRED).normalize()
                ),
                None => range_words(&step.range),
            },
        })
    });
    let components = rules
        .components()
        .iter()
        .enumerate()
        .map(|(index, component)| RuleComponent {
            title: component.title.clone(),
            bounds: bounds_words(component),
            items: rules
                .items()
                .iter()
                .filter(|item| item.component == index)
                .map(|item| rule_item(rules, item))
                .collect(),
        });
    let rounding = format!("总分保留 {} 位小数。", rules.decimals());
    RulesPage {
        page: frame(app, "计分规则", Section::Rules, false),
        ruleset: reference(rules),
        authority: rules.authority().to_owned(),
        state: state_on(rules, today).to_owned(),
        text: format!("/rules/{}/text", short(rules)),
        versions: versions(app, rules, today),
        summary: vec![
            "总分为基准分与各部分得分乘以权重之和。".to_owned(),
            rounding,
            format!(
                "记录自{}起计分，有效期见各条目。",
                rules.counts_from().chinese()
            ),
        ],
        grades: grades.collect(),
        components: components.collect(),
    }
}

fn rule_item(rules: &RuleSet, item: &Item) -> RuleItem {
    let span = |validity: &Validity| match validity {
        Validity::For(span) => span_words(&span.to_string()),
        Validity::UntilRectified => "整改完成前".to_owned(),
    };
    RuleItem {
        title: item.title.clone(),
        clause: item.clause.clone(),
        points: rules.points_of(item),
        cap: item.cap.map(signed).unwrap_or_default(),
        validity: item.valid_for.as_ref().map(span).unwrap_or_default(),
    }
}

fn span_words(span: &str) -> String {
    let (number, unit) = span.split_once(' ').unwrap_or((span, ""));
    match unit.trim_end_matches('s') {
        "day" => format!("{number} 日"),
        "month" => format!("{number} 个月"),
        "year" => format!("{number} 年"),
        _ => span.to_owned(),
    }
}

/// Every version that is configured, the latest first.
fn versions(app: &App, here: &RuleSet, today: Day) -> Vec<RuleVersion> {
    let mut all: Vec<&RuleSet> = app.rules.iter().collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.effective_from()));
    let version = |one: &RuleSet| RuleVersion {
        title: one.title().to_owned(),
        document: one.document().to_owned(),
        digest: short(one),
        from: one.effective_from().to_string(),
        until: one
            .effective_until()
            .map_or_else(String::new, |last| last.to_string()),
        state: state_on(one, today).to_owned(),
        here: one.digest() == here.digest(),
    };
    all.into_iter().map(version).collect()
}

fn short(rules: &RuleSet) -> String {
    rules.digest().chars().take(12).collect()
}

fn state_on(rules: &RuleSet, today: Day) -> &'static str {
    match () {
        () if rules.in_shadow_on(today) => "试运行",
        () if rules.in_force_on(today) => "现行",
        () if rules.effective_from() > today => "尚未施行",
        () => "已失效",
    }
}
