//! Reading types of list from TOML, and the law's bounds on them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{DisplayRule, Displays, ExportAs, LegalBasis, ListClass, ListType, ListTypes};
use crate::{
    domain::{DeadlineRule, Duty, Period, Span},
    listing::clocks,
};

/// Where the kinds of deadline stand that a bureau's own file does not name.
const SHIPPED: &str = include_str!("../../../rules/lists.toml");

/// Why the file of list types is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TypesError {
    #[error("名单类型文件格式不对：{0}")]
    Format(String),
    #[error("名单类型「{id}」出现两次")]
    Twice { id: String },
    #[error("名单类型「{id}」缺少{field}")]
    Missing { id: String, field: &'static str },
    #[error("名单类型「{id}」的{field}应至少为 {least}，现为 {value}")]
    TooShort {
        id: String,
        field: &'static str,
        least: u32,
        value: u32,
    },
    #[error("名单类型「{id}」的公示期限「{span}」应以月或年计")]
    DaySpan { id: String, span: Span },
    #[error("名单类型「{id}」{severity}类的公示期限不合规定（{law}）：最短 {min}，最长 {max}")]
    Display {
        id: String,
        severity: &'static str,
        law: &'static str,
        min: String,
        max: Span,
    },
    #[error("名单类型「{id}」的展示规则与类别不符：{what}")]
    DisplayKind { id: String, what: &'static str },
    #[error("名单类型「{id}」对主体不利，决定须由两人分别办理（two_person = true）")]
    OnePerson { id: String },
    #[error("名单类型「{id}」不能以「{export_as}」推送")]
    Export { id: String, export_as: &'static str },
    #[error(
        "严重失信主体名单「{id}」不能启用：须先录入地方性法规以上层级的设列依据，并经两人批准（国办发〔2020〕49号）"
    )]
    NoBasis { id: String },
    #[error("名单类型文件的期限「{id}」{what}")]
    Deadline { id: String, what: &'static str },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    deadline: Vec<DeadlineRule>,
    list: Vec<ListFile>,
}

#[derive(Deserialize)]
struct Shipped {
    deadline: Vec<DeadlineRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListFile {
    id: String,
    title: String,
    class: ListClass,
    enabled: bool,
    export_as: ExportAs,
    two_person: bool,
    verified: bool,
    #[serde(default)]
    legal_basis: Vec<LegalBasis>,
    #[serde(default)]
    higher_approval: bool,
    /// Periods of this type that differ from those of the file.
    #[serde(default)]
    deadline: Vec<DeadlineRule>,
    notice: NoticeFile,
    publication: PublicationFile,
    display: DisplayFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoticeFile {
    window_working_days: u32,
    by_publication_days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicationFile {
    within_working_days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DisplayFile {
    minor: Option<RuleFile>,
    general: Option<RuleFile>,
    serious: Option<RuleFile>,
    merit: Option<RuleFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    publish: bool,
    min: Option<Span>,
    max: Span,
}

impl ListTypes {
    /// Reads the text of `rules/lists.toml`.
    pub fn parse(text: &str) -> Result<Self, TypesError> {
        let file: File =
            toml::from_str(text).map_err(|error| TypesError::Format(error.to_string()))?;
        let shipped: Shipped =
            toml::from_str(SHIPPED).map_err(|error| TypesError::Format(error.to_string()))?;
        let mut deadlines = by_id(shipped.deadline)?;
        deadlines.extend(by_id(file.deadline)?);
        let mut types: Vec<ListType> = Vec::with_capacity(file.list.len());
        for list in file.list {
            let list = lawful(list, deadlines.clone())?;
            if types.iter().any(|known| known.id == list.id) {
                return Err(TypesError::Twice { id: list.id });
            }
            types.push(list);
        }
        Ok(Self(types))
    }
}

/// The checks of one type, in the order an author would want to hear of them.
fn lawful(
    file: ListFile,
    mut deadlines: BTreeMap<String, DeadlineRule>,
) -> Result<ListType, TypesError> {
    let id = file.id.trim().to_owned();
    let missing = |field| TypesError::Missing {
        id: id.clone(),
        field,
    };
    if id.is_empty() {
        return Err(missing("编号（id）"));
    }
    if file.title.trim().is_empty() {
        return Err(missing("名称（title）"));
    }
    let adverse = file.class.is_adverse();
    let least = [
        (
            "告知期限（notice.window_working_days）",
            1,
            file.notice.window_working_days,
        ),
        // 民事诉讼法 (2023) art. 95: thirty days from publication.
        (
            "公告送达天数（notice.by_publication_days）",
            if adverse { 30 } else { 0 },
            file.notice.by_publication_days,
        ),
        (
            "公示时限（publication.within_working_days）",
            1,
            file.publication.within_working_days,
        ),
    ];
    for (field, least, value) in least {
        if value < least {
            return Err(TypesError::TooShort {
                id,
                field,
                least,
                value,
            });
        }
    }
    if adverse && !file.two_person {
        return Err(TypesError::OnePerson { id });
    }
    let exportable = match file.export_as {
        ExportAs::None => true,
        ExportAs::SeriousList => file.class == ListClass::Serious,
        ExportAs::Red => file.class == ListClass::Red,
        ExportAs::KeyWatch => matches!(file.class, ListClass::Watch | ListClass::Warning),
    };
    if !exportable {
        let export_as = file.export_as.as_str();
        return Err(TypesError::Export { id, export_as });
    }
    let has_basis = file
        .legal_basis
        .iter()
        .any(LegalBasis::carries_serious_list);
    if file.class == ListClass::Serious && file.enabled && !has_basis {
        return Err(TypesError::NoBasis { id });
    }
    let display = displays(&id, file.class, file.display)?;
    deadlines.extend(by_id(file.deadline)?);
    let own = [
        (clocks::STATEMENT, file.notice.window_working_days),
        (clocks::PUBLISH, file.publication.within_working_days),
    ];
    for (rule, days) in own {
        // These two are set where the rest of the notice and the publication is.
        if let Some(rule) = deadlines.get_mut(rule) {
            rule.period = Period::WorkingDays(days);
        }
    }
    deadlines.insert(clocks::DISPLAY_END.to_owned(), display_end(&display));
    if let Some(missing) = clocks::ALL.iter().find(|id| !deadlines.contains_key(**id)) {
        return Err(TypesError::Deadline {
            id: (*missing).to_owned(),
            what: "没有设定",
        });
    }
    Ok(ListType {
        id,
        title: file.title.trim().to_owned(),
        class: file.class,
        enabled: file.enabled,
        export_as: file.export_as,
        two_person: file.two_person,
        verified: file.verified,
        legal_basis: file.legal_basis,
        window_working_days: file.notice.window_working_days,
        by_publication_days: file.notice.by_publication_days,
        publish_working_days: file.publication.within_working_days,
        higher_approval: file.higher_approval,
        deadlines,
        display,
        carried: false,
    })
}

fn by_id(rules: Vec<DeadlineRule>) -> Result<BTreeMap<String, DeadlineRule>, TypesError> {
    let mut known = BTreeMap::new();
    for rule in rules {
        let id = rule.id.clone();
        if !clocks::ALL.contains(&id.as_str()) || id == clocks::DISPLAY_END {
            let what = "不是名单事项的期限";
            return Err(TypesError::Deadline { id, what });
        }
        if known.insert(id.clone(), rule).is_some() {
            let what = "出现两次";
            return Err(TypesError::Deadline { id, what });
        }
    }
    Ok(known)
}

/// The end of display as a kind of deadline: at most this long.
fn display_end(display: &Displays) -> DeadlineRule {
    let all = [
        display.minor,
        display.general,
        display.serious,
        display.merit,
    ];
    let months = |span| match span {
        Span::Days(days) => days / 30,
        Span::Months(months) => months,
        Span::Years(years) => years.saturating_mul(12),
    };
    let spans = all.into_iter().flatten().map(|rule| rule.max);
    let longest = spans.max_by_key(|span| months(*span));
    DeadlineRule {
        id: clocks::DISPLAY_END.to_owned(),
        title: "公示期满，停止公示".to_owned(),
        period: Period::Span(longest.unwrap_or(Span::Years(1))),
        duty: Duty::Bureau,
        basis: "国办发〔2025〕22号；信用修复管理办法（国家发展和改革委员会令第36号）".to_owned(),
        verified: false,
        overdue_public: false,
    }
}

fn displays(id: &str, class: ListClass, file: DisplayFile) -> Result<Displays, TypesError> {
    let any_severity = file.minor.is_some() || file.general.is_some() || file.serious.is_some();
    let wrong = |what| TypesError::DisplayKind {
        id: id.to_owned(),
        what,
    };
    match (class.is_adverse(), any_severity, file.merit.is_some()) {
        (true, true, false) | (false, false, true) => {}
        (true, ..) => return Err(wrong("失信类名单只按轻微、一般、严重设置")),
        (false, ..) => return Err(wrong("红榜只设 merit 一项")),
    }
    // Months; 国办发〔2025〕22号: at least, at most.
    let rule = |rule: Option<RuleFile>, severity, law, at_least, at_most| {
        rule.map(|rule| checked(id, rule, severity, law, at_least, at_most))
            .transpose()
    };
    Ok(Displays {
        minor: rule(file.minor, "轻微", "最长不超过3个月", 0, 3)?,
        general: rule(file.general, "一般", "最短3个月，最长1年", 3, 12)?,
        serious: rule(file.serious, "严重", "最短1年，最长3年", 12, 36)?,
        merit: rule(file.merit, "红榜", "最长不少于最短", 0, u32::MAX)?,
    })
}

fn checked(
    id: &str,
    rule: RuleFile,
    severity: &'static str,
    law: &'static str,
    at_least: u32,
    at_most: u32,
) -> Result<DisplayRule, TypesError> {
    let months = |span| match span {
        Span::Months(months) => Ok(months),
        Span::Years(years) => Ok(years.saturating_mul(12)),
        Span::Days(_) => Err(TypesError::DaySpan {
            id: id.to_owned(),
            span,
        }),
    };
    let min = rule.min.map(months).transpose()?.unwrap_or(0);
    let max = months(rule.max)?;
    if min < at_least || max > at_most || min > max {
        return Err(TypesError::Display {
            id: id.to_owned(),
            severity,
            law,
            min: rule
                .min
                .map_or_else(|| "未设".to_owned(), |span| span.to_string()),
            max: rule.max,
        });
    }
    Ok(DisplayRule {
        publish: rule.publish,
        min: rule.min,
        max: rule.max,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Severity;
    use super::*;
    use crate::domain::Day;

    const LISTS: &str = include_str!("../../../rules/lists.toml");
    const BASIS: &str = r#"[[list.legal_basis]]
level = "地方性法规"
title = "某市示例条例"
number = "示例公告第1号"
article = "第十条"
effective_from = 2026-01-01
effective_until = 2026-12-31
approved_by = ["甲", "乙"]
"#;

    fn with(from: &str, to: &str) -> Result<ListTypes, TypesError> {
        assert!(LISTS.contains(from), "{from}");
        ListTypes::parse(&LISTS.replace(from, to))
    }

    /// The shipped file with `serious` switched on and this basis.
    fn serious_with(basis: &str) -> Result<ListTypes, TypesError> {
        let enabled = LISTS
            .replace("enabled = false ", "enabled = true ")
            .replace("legal_basis = []", "");
        ListTypes::parse(&format!("{enabled}\n{basis}"))
    }

    #[test]
    fn the_shipped_types_are_lawful_and_serious_is_off() {
        let types = ListTypes::parse(LISTS).unwrap();
        let on: Vec<_> = types
            .iter()
            .map(|list| (list.id(), list.enabled()))
            .collect();
        let expected = [
            ("watch", true),
            ("warning", true),
            ("red", true),
            ("serious", false),
        ];
        assert_eq!(on, expected);
        let watch = types.get("watch").unwrap();
        assert_eq!(watch.window_working_days(), 5);
        assert_eq!(watch.publish_working_days(), 7);
        let rule = watch.display(Some(Severity::General)).unwrap();
        assert_eq!(
            (rule.min, rule.max),
            (Some(Span::Months(3)), Span::Years(1))
        );
        assert_eq!(watch.display(None), None);
        assert!(!watch.display(Some(Severity::Minor)).unwrap().publish);
        assert!(types.iter().all(|list| !list.verified()));
    }

    #[test]
    fn serious_is_refused_without_a_basis_of_sufficient_rank_approved_by_two() {
        assert!(matches!(serious_with(""), Err(TypesError::NoBasis { .. })));
        let low = BASIS.replace("地方性法规", "规范性文件");
        assert!(matches!(
            serious_with(&low),
            Err(TypesError::NoBasis { .. })
        ));
        for people in [r#"["甲"]"#, r#"["甲", "甲 "]"#, r#"["甲", " "]"#] {
            let alone = BASIS.replace(r#"["甲", "乙"]"#, people);
            assert!(
                matches!(serious_with(&alone), Err(TypesError::NoBasis { .. })),
                "{people}"
            );
        }
        let types = serious_with(BASIS).unwrap();
        let serious = types.get("serious").unwrap();
        let table = [
            ("2025-12-31", false),
            ("2026-01-01", true),
            ("2026-12-31", true),
            ("2027-01-01", false),
        ];
        for (day, expected) in table {
            assert_eq!(
                serious.has_basis_on(Day::parse(day).unwrap()),
                expected,
                "{day}"
            );
        }
    }

    #[test]
    fn unlawful_types_are_refused_with_what_is_wrong() {
        let told = |result: Result<ListTypes, TypesError>| result.unwrap_err().to_string();
        let table = [
            (
                told(with("max = \"3 months\"", "max = \"4 months\"")),
                "轻微",
            ),
            (
                told(with("min = \"1 year\"", "min = \"11 months\"")),
                "严重",
            ),
            (
                told(with("max = \"1 year\"", "max = \"366 days\"")),
                "应以月或年计",
            ),
            (
                told(with("max = \"3 years\"", "max = \"37 months\"")),
                "严重",
            ),
            (
                told(with("two_person = true", "two_person = false")),
                "两人",
            ),
            (
                told(with("by_publication_days = 30", "by_publication_days = 29")),
                "29",
            ),
            (
                told(with("window_working_days = 5", "window_working_days = 0")),
                "告知期限",
            ),
            (told(with("\"key_watch\"", "\"serious_list\"")), "不能以"),
            (told(with("id = \"warning\"", "id = \"watch\"")), "两次"),
            (told(with("title = \"诚信红榜\"", "title = \" \"")), "名称"),
            (
                told(with("enabled = true", "enabled = \"yes\"")),
                "格式不对",
            ),
            (
                told(with(
                    "[list.display.merit]",
                    "[list.display.general]\nmin = \"3 months\"",
                )),
                "红榜只设",
            ),
            (
                told(with("class = \"red\"", "class = \"black\"")),
                "格式不对",
            ),
        ];
        for (text, part) in table {
            assert!(text.contains(part), "{text} should mention {part}");
        }
    }
}
