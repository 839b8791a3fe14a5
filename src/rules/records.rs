//! Faults of a record that the rules cannot use, told by column.

use rayon::prelude::*;

use super::{
    RuleSet,
    model::PointsForm,
    outcome::{PastGrade, RecordFault},
};
use crate::domain::{AttributeType, AttributeValue, Record, SubjectKind};

/// `D0xx` codes of records:
/// D001 unknown item, D002 kind not allowed, D003 date missing, D004 points missing, D005 points out of range, D006 no
/// reason, D007 points not chosen here, D008 undeclared attribute, D009 attribute of another type, D010 attribute
/// missing, D011 subject missing, D012 rectified before it happened, D013 project missing, D021 negative count, D022 no
/// version in force on the date, D023 unknown grade of an earlier period.
fn fault(
    column: &str,
    value: Option<String>,
    code: &'static str,
    what: String,
    fix: impl Into<String>,
) -> RecordFault {
    RecordFault {
        column: column.to_owned(),
        value,
        code,
        what,
        fix: fix.into(),
    }
}

impl RuleSet {
    /// What an earlier period may have ended with: a grade, or why there was none.
    pub(super) fn results(&self) -> impl Iterator<Item = &str> {
        let grades = self.grades().iter().map(|grade| grade.id.as_str());
        let reasons = self.not_rated().iter().map(|rule| rule.title.as_str());
        grades.chain(reasons).chain([super::engine::NOT_RATED])
    }

    /// Whether a period can have ended with this.
    pub(super) fn is_result(&self, name: &str) -> bool {
        self.results().any(|known| known == name)
    }

    /// What is wrong with a grade of an earlier period, if its name is not one that this rule set gives.
    pub fn check_past(&self, past: &PastGrade) -> Option<RecordFault> {
        (!self.is_result(&past.grade)).then(|| {
            fault(
                "grade",
                Some(past.grade.clone()),
                "D023",
                format!("规则里没有等级「{}」", past.grade),
                super::diagnostic::suggest(&past.grade, self.results()),
            )
        })
    }

    /// The places of rows whose record is not fit, in order ([`RuleSet::check_record`] says why); many rows are looked at on
    /// the threads of the pool it is called in.
    pub fn unfit<T: Sync>(&self, rows: &[T], record: impl Fn(&T) -> &Record + Sync) -> Vec<usize> {
        const IN_A_ROW: usize = 1024;
        let numbered = rows.par_iter().enumerate().with_min_len(IN_A_ROW);
        numbered
            .filter(|(_, row)| !self.check_record(record(row)).is_empty())
            .map(|(place, _)| place)
            .collect()
    }

    /// Everything about a record that this rule set cannot use; empty if the record is fit.
    pub fn check_record(&self, record: &Record) -> Vec<RecordFault> {
        let mut faults = Vec::new();
        self.check_subject(record, &mut faults);
        let field = self.counts_from();
        if field.of(record).is_none() {
            faults.push(fault(
                field.as_str(),
                None,
                "D003",
                format!("缺少{}", field.chinese()),
                format!("本规则按{}计分，请填写 {}", field.chinese(), field.as_str()),
            ));
        }
        if let (Some(occurred), Some(rectified)) = (record.occurred_on, record.rectified_on)
            && rectified < occurred
        {
            faults.push(fault(
                "rectified_on",
                Some(rectified.to_string()),
                "D012",
                format!("整改日期 {rectified} 早于发生日期 {occurred}"),
                "请核对两个日期",
            ));
        }
        if self.is_before_all_versions(field.of(record)) {
            let date = field.of(record).map(|date| date.to_string());
            faults.push(fault(
                field.as_str(),
                date,
                "D022",
                "这一天没有任何给出的规则版本有效，无法按当时的规则计分".to_owned(),
                "请一并给出该日有效的版本，或核对日期",
            ));
            return faults;
        }
        self.check_attributes(record, &mut faults);
        self.check_item(record, &mut faults);
        faults
    }

    fn check_subject(&self, record: &Record, faults: &mut Vec<RecordFault>) {
        let absent =
            |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
        let missing = match self.subject() {
            SubjectKind::Company if record.company.is_none() && absent(&record.project) => {
                "company"
            }
            SubjectKind::Project if absent(&record.project) => "project",
            SubjectKind::Manager if absent(&record.manager) => "manager",
            _ => return,
        };
        faults.push(fault(
            missing,
            None,
            "D011",
            "没有写明记录属于谁".to_owned(),
            match self.subject() {
                SubjectKind::Company => "请填写 company（统一社会信用代码），或填写 project",
                SubjectKind::Project => "请填写 project（项目编号）",
                SubjectKind::Manager => "请填写 manager（项目负责人编号）",
            },
        ));
    }

    fn check_attributes(&self, record: &Record, faults: &mut Vec<RecordFault>) {
        for (name, value) in &record.attributes {
            let Some(kind) = self.schema().get(name) else {
                faults.push(fault(
                    name,
                    Some(value.to_string()),
                    "D008",
                    format!("本规则没有声明字段「{name}」"),
                    super::diagnostic::suggest(name, self.schema().keys().map(String::as_str)),
                ));
                continue;
            };
            if !fits(kind, value) {
                faults.push(fault(
                    name,
                    Some(value.to_string()),
                    "D009",
                    format!("字段「{name}」的值「{value}」不合规定"),
                    match kind {
                        AttributeType::Choice(values) => format!("可用的有：{}", values.join("、")),
                        _ => "请按规则声明的类型填写".to_owned(),
                    },
                ));
            }
        }
    }

    fn check_item(&self, record: &Record, faults: &mut Vec<RecordFault>) {
        let Some(item) = self.item_of(record) else {
            faults.push(fault(
                "item",
                Some(record.item.clone()),
                "D001",
                format!("规则里没有条目「{}」", record.item),
                super::diagnostic::suggest(
                    &record.item,
                    self.items().iter().map(|item| item.id.as_str()),
                ),
            ));
            return;
        };
        if let Some(kind) = record.kind
            && !item.kinds.is_empty()
            && !item.kinds.contains(&kind)
        {
            let allowed: Vec<_> = item.kinds.iter().map(|kind| kind.as_str()).collect();
            faults.push(fault(
                "kind",
                Some(kind.as_str().to_owned()),
                "D002",
                format!("条目「{}」不能用于记录类型「{}」", item.id, kind.chinese()),
                format!("可用的有：{}", allowed.join("、")),
            ));
        }
        if self.components()[item.component].per_project()
            && record
                .project
                .as_ref()
                .is_none_or(|project| project.trim().is_empty())
        {
            faults.push(fault(
                "project",
                None,
                "D013",
                format!("条目「{}」按项目计分，记录没有写项目", item.id),
                "请填写 project（项目编号）",
            ));
        }
        check_points(record, &item.points, faults);
        let needed = item
            .points
            .attribute()
            .into_iter()
            .chain(item.times.as_deref());
        for name in needed {
            if !record.attributes.contains_key(name) {
                faults.push(fault(
                    name,
                    None,
                    "D010",
                    format!("条目「{}」取分需要字段「{name}」，记录没有填写", item.id),
                    "请补录该字段",
                ));
            }
        }
        if let Some(AttributeValue::Integer(times)) = item
            .times
            .as_ref()
            .and_then(|name| record.attributes.get(name))
            && *times < 0
        {
            faults.push(fault(
                item.times.as_deref().unwrap_or_default(),
                Some(times.to_string()),
                "D021",
                format!("次数「{times}」是负数"),
                "请填写 0 或正整数",
            ));
        }
    }
}

fn check_points(record: &Record, form: &PointsForm, faults: &mut Vec<RecordFault>) {
    let given = record.points.map(|points| points.decimal());
    let PointsForm::Chosen {
        min,
        max,
        suggested,
    } = form
    else {
        if let Some(points) = given {
            faults.push(fault(
                "points",
                Some(points.to_string()),
                "D007",
                format!("条目「{}」的分值由规则确定，不能填写 {points}", record.item),
                "请清空 points",
            ));
        }
        return;
    };
    let Some(points) = given else {
        let hint = suggested.map_or(String::new(), |points| format!("，建议 {points}"));
        faults.push(fault(
            "points",
            None,
            "D004",
            format!("条目「{}」的分值要由记录人选定，没有填写", record.item),
            format!("请在 {min} 到 {max} 之间填写 points{hint}，并在 reason 写明理由"),
        ));
        return;
    };
    if !(*min..=*max).contains(&points) {
        faults.push(fault(
            "points",
            Some(points.to_string()),
            "D005",
            format!("分值 {points} 不在 {min} 到 {max} 之间"),
            "请改为范围内的分值",
        ));
    }
    if record
        .reason
        .as_ref()
        .is_none_or(|reason| reason.trim().is_empty())
    {
        faults.push(fault(
            "reason",
            None,
            "D006",
            "选定了分值却没有写理由".to_owned(),
            "请在 reason 写明选定该分值的理由",
        ));
    }
}

fn fits(kind: &AttributeType, value: &AttributeValue) -> bool {
    match (kind, value) {
        (AttributeType::Choice(values), AttributeValue::Choice(value)) => values.contains(value),
        (AttributeType::Integer, AttributeValue::Integer(_))
        | (
            AttributeType::Decimal | AttributeType::Percent,
            AttributeValue::Decimal(_) | AttributeValue::Integer(_),
        )
        | (AttributeType::Boolean, AttributeValue::Boolean(_))
        | (AttributeType::Day, AttributeValue::Day(_))
        | (AttributeType::Text, AttributeValue::Text(_)) => true,
        _ => false,
    }
}
