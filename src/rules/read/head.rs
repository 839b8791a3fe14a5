//! `[ruleset]`, `[attribute.*]`, `[period]`, `[score]`.

use rust_decimal::Decimal;

use super::names::is_identifier;
use crate::{
    domain::{AttributeType, Day, SubjectKind},
    rules::{
        diagnostic::Code,
        document::Table,
        model::{Attribute, DateField, Direction, PeriodKind, Rounding, ScoreRule},
        predicate::RESERVED,
    },
};

/// `[ruleset]`.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub id: String,
    pub policy: String,
    pub title: String,
    pub authority: String,
    pub document: String,
    pub source: String,
    pub verified: bool,
    pub effective_from: Day,
    pub effective_until: Option<Day>,
    /// Last day of the trial run (试运行): scores are computed, and nothing is done about them.
    pub shadow_until: Option<Day>,
    pub subject: SubjectKind,
    /// Whether each record is judged by the version of its own date.
    pub own_date: bool,
    pub at: std::ops::Range<usize>,
}

const SUBJECTS: [(&str, SubjectKind); 3] = [
    ("company", SubjectKind::Company),
    ("project", SubjectKind::Project),
    ("manager", SubjectKind::Manager),
];
/// Columns of a records file, which no attribute may take.
const COLUMNS: [&str; 18] = [
    "id",
    "item",
    "kind",
    "company",
    "project",
    "manager",
    "body",
    "occurred_on",
    "decided_on",
    "entered_on",
    "published_on",
    "valid_until",
    "points",
    "reason",
    "matter",
    "rectify_by",
    "rectified_on",
    "status",
];

/// The head if it is whole, and the kind of subject, which the rest of the file is read by.
pub(super) fn head(root: &Table<'_, '_>) -> (Option<Head>, SubjectKind) {
    root.needed("ruleset");
    let Some(table) = root.table("ruleset") else {
        return (None, SubjectKind::Company);
    };
    let optional = |key| table.text(key).map(|text| text.value).unwrap_or_default();
    let id = table.needed_text("id");
    let policy = table.text("policy");
    let title = table.needed_text("title");
    let (authority, document, source) = (
        optional("authority"),
        optional("document"),
        optional("source"),
    );
    let verified = table.flag("verified").unwrap_or(false);
    table.needed("effective_from");
    let from = table.day("effective_from");
    let until = table.day("effective_until");
    let shadow = table.day("shadow_until");
    table.needed("subject");
    let subject = table.keyword("subject", &SUBJECTS);
    let own_date = table
        .keyword("old_records", &[("as_of", false), ("own_date", true)])
        .unwrap_or(false);
    if let (Some(from), Some(until)) = (&from, &until)
        && until.value < from.value
    {
        table.report(
            until.at.clone(),
            Code::R031,
            format!("失效日期 {} 早于生效日期 {}", until.value, from.value),
            "请核对 effective_from 和 effective_until（两端都包含）",
        );
    }
    if let (Some(from), Some(shadow)) = (&from, &shadow)
        && (shadow.value < from.value
            || until
                .as_ref()
                .is_some_and(|until| until.value < shadow.value))
    {
        table.report(
            shadow.at.clone(),
            Code::R031,
            format!("试运行的最后一天 {} 不在有效期内", shadow.value),
            "shadow_until 应在 effective_from 与 effective_until 之间（两端都包含）",
        );
    }
    let at = table.at.clone();
    table.done();
    let whole = || {
        let id = id?.value;
        Some(Head {
            policy: policy.map_or_else(|| id.clone(), |policy| policy.value),
            id,
            title: title?.value,
            authority,
            document,
            source,
            verified,
            effective_from: from?.value,
            effective_until: until.map(|until| until.value),
            shadow_until: shadow.map(|shadow| shadow.value),
            subject: subject?,
            own_date,
            at,
        })
    };
    (whole(), subject.unwrap_or(SubjectKind::Company))
}

pub(super) fn attributes(root: &Table<'_, '_>) -> Vec<Attribute> {
    let Some(all) = root.table("attribute") else {
        return Vec::new();
    };
    all.keys()
        .into_iter()
        .filter_map(|key| {
            let name = format!("[attribute.{}]", key.value);
            let table = all.any(&key.value)?.table(&name)?;
            if !is_identifier(&key.value)
                || RESERVED.contains(&key.value.as_str())
                || COLUMNS.contains(&key.value.as_str())
            {
                table.report(
                    key.at.clone(),
                    Code::R005,
                    format!("字段名「{}」不能用", key.value),
                    "应为字母开头的名称（字母、数字、下划线），且不与记录本身的列（如 points）或保留字重名",
                );
            }
            attribute(key.value, table)
        })
        .collect()
}

fn attribute(name: String, table: Table<'_, '_>) -> Option<Attribute> {
    const TYPES: [(&str, u8); 8] = [
        ("choice", 0),
        ("integer", 1),
        ("decimal", 2),
        ("percent", 3),
        ("boolean", 4),
        ("day", 5),
        ("date", 5),
        ("text", 6),
    ];
    let title = table.text("title").map(|text| text.value);
    let unit = table.text("unit").map(|text| text.value);
    table.needed("type");
    let kind = table.keyword("type", &TYPES);
    let values = table.texts("values");
    let kind = match kind? {
        0 => {
            let values = values.or_else(|| {
                table.needed("values");
                None
            })?;
            for (index, value) in values.iter().enumerate() {
                if values[..index]
                    .iter()
                    .any(|earlier| earlier.value == value.value)
                {
                    table.report(
                        value.at.clone(),
                        Code::R006,
                        format!("选项「{}」重复", value.value),
                        "",
                    );
                }
            }
            if values.is_empty() {
                table.report(
                    table.at.clone(),
                    Code::R003,
                    format!("{} 没有任何选项", table.name),
                    "",
                );
            }
            AttributeType::Choice(values.into_iter().map(|value| value.value).collect())
        }
        other => {
            if values.is_some() {
                table.report(
                    table.at.clone(),
                    Code::R005,
                    format!("{} 不是 choice，不能有 values", table.name),
                    "",
                );
            }
            match other {
                1 => AttributeType::Integer,
                2 => AttributeType::Decimal,
                3 => AttributeType::Percent,
                4 => AttributeType::Boolean,
                5 => AttributeType::Day,
                _ => AttributeType::Text,
            }
        }
    };
    table.done();
    Some(Attribute {
        name,
        title,
        unit,
        kind,
    })
}

pub(super) fn period(root: &Table<'_, '_>) -> Option<(PeriodKind, DateField)> {
    root.needed("period")?;
    let table = root.table("period")?;
    const KINDS: [(&str, PeriodKind); 6] = [
        ("open", PeriodKind::Open),
        ("rolling", PeriodKind::Rolling(12)),
        ("calendar_year", PeriodKind::CalendarYear),
        ("half_year", PeriodKind::HalfYear),
        ("quarter", PeriodKind::Quarter),
        ("month", PeriodKind::Month),
    ];
    const DATES: [(&str, DateField); 4] = [
        ("occurred_on", DateField::OccurredOn),
        ("decided_on", DateField::DecidedOn),
        ("entered_on", DateField::EnteredOn),
        ("published_on", DateField::PublishedOn),
    ];
    table.needed("kind");
    let kind = table.keyword("kind", &KINDS);
    let months = table.whole("months", 1, 1200);
    table.needed("counts_from");
    let counts_from = table.keyword("counts_from", &DATES);
    let kind = match (kind, months) {
        (Some(PeriodKind::Rolling(_)), None) => {
            table.needed("months");
            None
        }
        (Some(PeriodKind::Rolling(_)), Some(months)) => Some(PeriodKind::Rolling(months)),
        (Some(_), Some(_)) => {
            table.report(
                table.at.clone(),
                Code::R005,
                "months 只用于 kind = \"rolling\"".to_owned(),
                "请删去 months，或改为 rolling",
            );
            None
        }
        (kind, None) => kind,
        (None, Some(_)) => None,
    };
    table.done();
    kind.zip(counts_from)
}

pub(super) fn score(root: &Table<'_, '_>) -> Option<ScoreRule> {
    let mut rule = ScoreRule {
        direction: Direction::Merit,
        base: Decimal::ZERO,
        min: None,
        max: None,
        decimals: 2,
        rounding: Rounding::HalfUp,
        disputed_counts: true,
        ties_worse: false,
    };
    if !root.has("score") {
        root.value("score");
        return Some(rule);
    }
    let table = root.table("score")?;
    const DIRECTIONS: [(&str, Direction); 2] =
        [("merit", Direction::Merit), ("demerit", Direction::Demerit)];
    const ROUNDINGS: [(&str, Rounding); 4] = [
        ("half_up", Rounding::HalfUp),
        ("half_even", Rounding::HalfEven),
        ("down", Rounding::Down),
        ("up", Rounding::Up),
    ];
    if let Some(direction) = table.keyword("direction", &DIRECTIONS) {
        rule.direction = direction;
    }
    if let Some(base) = table.points("base") {
        rule.base = base.value;
    }
    let (min, max) = (table.points("min"), table.points("max"));
    if let (Some(min), Some(max)) = (&min, &max)
        && min.value > max.value
    {
        table.report(
            min.at.clone(),
            Code::R026,
            format!("最低分 {} 大于最高分 {}", min.value, max.value),
            "",
        );
    }
    rule.min = min.map(|min| min.value);
    rule.max = max.map(|max| max.value);
    rule.decimals = table.whole("decimals", 0, 4).unwrap_or(2);
    if let Some(rounding) = table.keyword("rounding", &ROUNDINGS) {
        rule.rounding = rounding;
    }
    if let Some(counts) = table.keyword("disputed", &[("counts", true), ("suspended", false)]) {
        rule.disputed_counts = counts;
    }
    if let Some(worse) = table.keyword("ties", &[("better", false), ("worse", true)]) {
        rule.ties_worse = worse;
    }
    table.done();
    Some(rule)
}
