//! What a record must satisfy before it may be sent.

use std::fmt;

use chrono::Timelike;

use super::{ExitReason, ListClass, Op, Penalty, RecordFields, Status, SubjectType, text};
use crate::domain::{RegionLevel, find_personal};

/// One thing wrong with one field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    pub field: &'static str,
    /// The value that was wrong; personal numbers are masked.
    pub value: String,
    /// What is wrong, in Chinese.
    pub what: String,
}

impl fmt::Display for FieldFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "字段 {}，值「{}」：{}",
            self.field, self.value, self.what
        )
    }
}

/// Everything wrong with a record; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<FieldFault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&all.join("；"))
    }
}

const LAST_VERSION: u32 = 999_999;

pub(super) fn checked(fields: RecordFields, penalty: &Penalty) -> Result<RecordFields, Faults> {
    let fields = normalised(fields);
    let mut faults = Vec::new();
    check_texts(&fields, penalty, &mut faults);
    penalty.check(&mut faults);
    check_identity(&fields, &mut faults);
    check_state(&fields, &mut faults);
    check_conditional(&fields, &mut faults);
    check_dates(&fields, &mut faults);
    if faults.is_empty() {
        Ok(fields)
    } else {
        Err(Faults(faults))
    }
}

fn normalised(mut fields: RecordFields) -> RecordFields {
    for name in [
        &mut fields.subject_name,
        &mut fields.authority,
        &mut fields.source_unit,
    ] {
        *name = text::name(name);
    }
    fields.decision_no = text::document_number(&fields.decision_no);
    fields.exit_decision_no = fields.exit_decision_no.map(|no| text::document_number(&no));
    for free in [
        &mut fields.list_code,
        &mut fields.list_name,
        &mut fields.reason,
        &mut fields.basis,
    ] {
        *free = text::free(free);
    }
    for free in [
        &mut fields.reg_no,
        &mut fields.org_code,
        &mut fields.legal_rep,
        &mut fields.address,
        &mut fields.decision_name,
        &mut fields.facts,
        &mut fields.penalty_text,
        &mut fields.exit_reason,
        &mut fields.exit_authority,
        &mut fields.grade,
        &mut fields.eval_name,
        &mut fields.eval_period,
        &mut fields.remark,
    ] {
        // An empty text is an absent one: it must not satisfy "required".
        *free = free
            .take()
            .map(|raw| text::free(&raw))
            .filter(|text| !text.is_empty());
    }
    fields.exit_decision_no = fields.exit_decision_no.filter(|no| !no.is_empty());
    fields.changed_at = fields
        .changed_at
        .with_nanosecond(0)
        .unwrap_or(fields.changed_at);
    fields
}

/// A text field: its name, its text, its longest length, and whether personal numbers are looked for. Registration
/// and organisation numbers are numbers of a company and have their own fields.
type TextField<'a> = (&'static str, &'a str, usize, bool);

fn text_fields<'a>(fields: &'a RecordFields, penalty: &'a Penalty) -> Vec<TextField<'a>> {
    let required = [
        ("list_code", &fields.list_code, 10, false),
        ("list_name", &fields.list_name, 100, true),
        ("subject_name", &fields.subject_name, 200, true),
        ("decision_no", &fields.decision_no, 128, true),
        ("authority", &fields.authority, 200, true),
        ("reason", &fields.reason, 2000, true),
        ("basis", &fields.basis, 2000, true),
        ("source_unit", &fields.source_unit, 200, true),
    ];
    let optional = [
        ("reg_no", &fields.reg_no, 50, false),
        ("org_code", &fields.org_code, 9, false),
        ("legal_rep", &fields.legal_rep, 50, true),
        ("address", &fields.address, 200, true),
        ("decision_name", &fields.decision_name, 200, true),
        ("facts", &fields.facts, 4000, true),
        ("penalty_text", &fields.penalty_text, 4000, true),
        ("exit_reason", &fields.exit_reason, 500, true),
        ("exit_decision_no", &fields.exit_decision_no, 128, true),
        ("exit_authority", &fields.exit_authority, 200, true),
        ("grade", &fields.grade, 10, true),
        ("eval_name", &fields.eval_name, 100, true),
        ("eval_period", &fields.eval_period, 20, true),
        ("remark", &fields.remark, 500, true),
    ];
    let required = required.map(|(name, text, longest, scan)| (name, text.as_str(), longest, scan));
    let optional = optional
        .into_iter()
        .chain(penalty.texts())
        .filter_map(|(name, text, longest, scan)| Some((name, text.as_deref()?, longest, scan)));
    let measures = fields
        .measures
        .iter()
        .map(|text| ("measures", text.as_str(), 200, true));
    required
        .into_iter()
        .chain(optional)
        .chain(measures)
        .collect()
}

fn check_texts(fields: &RecordFields, penalty: &Penalty, faults: &mut Vec<FieldFault>) {
    for (field, text, longest, scan) in text_fields(fields, penalty) {
        let length = text.chars().count();
        if text.is_empty() {
            push(faults, field, "", "必填，不能为空");
        }
        if length > longest {
            let what = format!("有{length}字，超过{longest}字");
            push(faults, field, &shorten(text), &what);
        }
        if scan && let Some((what, shown)) = find_personal(text) {
            push(
                faults,
                field,
                &shown,
                &format!("{}，不得外发", what.chinese()),
            );
        }
    }
}

fn check_identity(fields: &RecordFields, faults: &mut Vec<FieldFault>) {
    let version = fields.record_version;
    if fields.record_id.get_version_num() != 7 {
        push(
            faults,
            "record_id",
            &fields.record_id.to_string(),
            "应为 UUIDv7",
        );
    }
    if version == 0 || version > LAST_VERSION {
        push(
            faults,
            "record_version",
            &version.to_string(),
            "应为 1 至 999999",
        );
    }
    let individual = fields.uscc.as_str().starts_with("92");
    if individual != (fields.subject_type == SubjectType::IndividualBusiness) {
        let what = format!("与统一社会信用代码 {} 的主体类别不符", fields.uscc);
        push(faults, "subject_type", fields.subject_type.chinese(), &what);
    }
    if !matches!(
        fields.area_code.level(),
        RegionLevel::City | RegionLevel::County
    ) {
        push(
            faults,
            "area_code",
            fields.area_code.as_str(),
            "应为六位行政区划代码",
        );
    }
}

fn check_state(fields: &RecordFields, faults: &mut Vec<FieldFault>) {
    let hidden = matches!(fields.status, Status::Removed | Status::Shielded);
    match fields.op {
        Op::Add if hidden => push(
            faults,
            "op",
            fields.op.chinese(),
            "新增的记录不能是移出或屏蔽状态",
        ),
        Op::Delete if !hidden => push(
            faults,
            "op",
            fields.op.chinese(),
            "撤回的记录应为移出或屏蔽状态",
        ),
        _ => {}
    }
}

fn check_conditional(fields: &RecordFields, faults: &mut Vec<FieldFault>) {
    let removed = fields.status == Status::Removed;
    let by_document = matches!(
        fields.exit_reason_code,
        Some(ExitReason::Repaired | ExitReason::Corrected)
    );
    let conduct = matches!(fields.list_class, ListClass::Serious | ListClass::KeyWatch);
    let evaluation = fields.list_class == ListClass::Evaluation;
    let needed = [
        (
            "exit_date",
            fields.exit_date.is_some(),
            removed,
            "移出时必填",
        ),
        (
            "exit_reason_code",
            fields.exit_reason_code.is_some(),
            removed,
            "移出时必填",
        ),
        (
            "exit_reason",
            fields.exit_reason.is_some(),
            removed,
            "移出时必填",
        ),
        (
            "exit_authority",
            fields.exit_authority.is_some(),
            removed,
            "移出时必填",
        ),
        (
            "exit_decision_no",
            fields.exit_decision_no.is_some(),
            removed && by_document,
            "修复或更正移出时必填",
        ),
        (
            "severity",
            fields.severity.is_some(),
            conduct,
            "失信名单必填",
        ),
        ("facts", fields.facts.is_some(), conduct, "失信名单必填"),
        ("grade", fields.grade.is_some(), evaluation, "行业评价必填"),
        (
            "eval_name",
            fields.eval_name.is_some(),
            evaluation,
            "行业评价必填",
        ),
        (
            "eval_period",
            fields.eval_period.is_some(),
            evaluation,
            "行业评价必填",
        ),
    ];
    for (field, present, required, what) in needed {
        if required && !present {
            push(faults, field, "", what);
        }
        if field.starts_with("exit_") && present && !removed {
            push(faults, field, "", "只有移出时才能填写");
        }
    }
}

fn check_dates(fields: &RecordFields, faults: &mut Vec<FieldFault>) {
    let in_order = [
        (
            "list_date",
            Some(fields.list_date),
            fields.decision_date,
            "早于决定日期",
        ),
        (
            "display_until",
            Some(fields.display_until),
            fields.display_from,
            "早于公示起始日",
        ),
        (
            "display_min_until",
            Some(fields.display_min_until),
            fields.display_from,
            "早于公示起始日",
        ),
        (
            "exit_date",
            fields.exit_date,
            fields.list_date,
            "早于列入日期",
        ),
    ];
    for (field, day, earliest, what) in in_order {
        if let Some(day) = day
            && day < earliest
        {
            push(
                faults,
                field,
                &day.to_string(),
                &format!("{what} {earliest}"),
            );
        }
    }
    if fields.display_min_until > fields.display_until {
        let what = format!("晚于公示截止日 {}", fields.display_until);
        push(
            faults,
            "display_min_until",
            &fields.display_min_until.to_string(),
            &what,
        );
    }
}

fn push(faults: &mut Vec<FieldFault>, field: &'static str, value: &str, what: &str) {
    faults.push(FieldFault {
        field,
        value: value.to_owned(),
        what: what.to_owned(),
    });
}

/// An over-long text is shown by its beginning only.
fn shorten(text: &str) -> String {
    let start: String = text.chars().take(20).collect();
    start + "…"
}
