use super::*;
use crate::feed::samples::fields;

fn fault_fields(fields: RecordFields) -> Vec<&'static str> {
    let faults = fields.check().unwrap_err();
    faults.0.iter().map(|fault| fault.field).collect()
}

#[test]
fn equal_content_has_an_equal_digest_and_any_change_another() {
    let record = fields(1).check().unwrap();
    assert_eq!(record.digest().len(), 64);
    assert_eq!(record.digest(), fields(1).check().unwrap().digest());
    let mut changed = fields(1);
    changed.reason.push('。');
    assert_ne!(record.digest(), changed.check().unwrap().digest());
    let mut spelled = fields(1);
    spelled.subject_name = " 资阳（示例）甲物业　有限公司".into();
    spelled.decision_no = "资建物决【2026】１号".into();
    assert_eq!(record.digest(), spelled.check().unwrap().digest());
}

#[test]
fn the_canonical_json_is_sorted_and_without_nulls() {
    let value = serde_json::json!({"b": [1, {"d": "一", "c": true}], "a": "\""});
    assert_eq!(
        canonical_json(&value),
        r#"{"a":"\"","b":[1,{"c":true,"d":"一"}]}"#
    );
    let json = fields(1).check().unwrap().to_json();
    assert!(!json.contains("null"), "{json}");
    assert!(
        json.contains(r#""changed_at":"2026-03-02T08:00:00+08:00""#),
        "{json}"
    );
    let names: Vec<String> = serde_json::from_str::<serde_json::Map<String, Value>>(&json)
        .unwrap()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert!(
        names
            .iter()
            .all(|name| FIELD_NAMES.contains(&name.as_str())),
        "{names:?}"
    );
}

#[test]
fn a_stored_record_is_read_back_and_a_tampered_one_is_not() {
    let record = fields(1).check().unwrap();
    let json = serde_json::to_string(&record).unwrap();
    assert_eq!(
        serde_json::from_str::<CanonicalRecord>(&json).unwrap(),
        record
    );
    assert_eq!(
        serde_json::from_str::<CanonicalRecord>(&record.to_json()).unwrap(),
        record
    );
    let tampered = json.replace("甲物业", "乙物业");
    let error = serde_json::from_str::<CanonicalRecord>(&tampered).unwrap_err();
    assert!(error.to_string().contains("摘要不符"), "{error}");
}

#[test]
fn personal_numbers_are_refused_with_the_field_named_and_never_shown() {
    let mut with_id = fields(1);
    with_id.facts = Some("经办人身份证 11010119900307001X".into());
    with_id.remark = Some("联系 13800138000".into());
    let faults = with_id.check().unwrap_err();
    let text = faults.to_string();
    assert_eq!(
        faults.0.iter().map(|f| f.field).collect::<Vec<_>>(),
        ["facts", "remark"]
    );
    assert!(
        !text.contains("11010119900307001X") && !text.contains("13800138000"),
        "{text}"
    );
    let mut own_field = fields(1);
    own_field.reg_no = Some("512000000012345".into());
    assert!(own_field.check().is_ok());
}

#[test]
fn conditional_fields_are_needed_exactly_where_they_belong() {
    let mut removed = fields(2);
    removed.op = Op::Update;
    removed.status = Status::Removed;
    assert_eq!(
        fault_fields(removed.clone()),
        [
            "exit_date",
            "exit_reason_code",
            "exit_reason",
            "exit_authority"
        ]
    );
    removed.exit_date = Some(Day::parse("2026-09-01").unwrap());
    removed.exit_reason_code = Some(ExitReason::Repaired);
    removed.exit_reason = Some("信用修复".into());
    removed.exit_authority = Some("示例住建局".into());
    assert_eq!(fault_fields(removed.clone()), ["exit_decision_no"]);
    removed.exit_decision_no = Some("资建修(2026)1号".into());
    assert!(removed.clone().check().unwrap().is_withdrawal());
    removed.status = Status::Displayed;
    assert_eq!(fault_fields(removed).len(), 5);

    let mut evaluation = fields(1);
    evaluation.list_class = ListClass::Evaluation;
    assert_eq!(
        fault_fields(evaluation),
        ["grade", "eval_name", "eval_period"]
    );
    let mut bare = fields(1);
    bare.severity = None;
    bare.facts = Some("　".into());
    bare.reason = " ".into();
    assert_eq!(fault_fields(bare), ["reason", "severity", "facts"]);
}

#[test]
fn states_dates_lengths_and_identities_that_cannot_be_are_refused() {
    type Change = fn(&mut RecordFields);
    let table: [(&str, Change); 9] = [
        ("record_id", |r| r.record_id = Uuid::nil()),
        ("record_version", |r| r.record_version = 0),
        ("record_version", |r| r.record_version = 1_000_000),
        ("subject_type", |r| {
            r.subject_type = SubjectType::IndividualBusiness
        }),
        ("area_code", |r| {
            r.area_code = Region::parse("512002001").unwrap()
        }),
        ("op", |r| r.op = Op::Delete),
        ("list_date", |r| {
            r.list_date = Day::parse("2026-01-01").unwrap()
        }),
        ("display_min_until", |r| {
            r.display_min_until = Day::parse("2029-09-01").unwrap()
        }),
        ("reason", |r| r.reason = "字".repeat(2001)),
    ];
    for (field, change) in table {
        let mut record = fields(1);
        change(&mut record);
        assert_eq!(fault_fields(record), [field]);
    }
    let mut longest = fields(1);
    longest.reason = "字".repeat(2000);
    assert!(longest.check().is_ok());
}

#[test]
fn the_list_of_field_names_is_the_list_of_fields() {
    let mut full = fields(1);
    let text = || Some("示例".to_owned());
    (full.reg_no, full.org_code, full.address) = (text(), text(), text());
    (full.decision_name, full.penalty_text, full.remark) = (text(), text(), text());
    (full.exit_reason, full.exit_decision_no, full.exit_authority) = (text(), text(), text());
    (full.grade, full.eval_name, full.eval_period) = (text(), text(), text());
    full.measures = vec!["示例".into()];
    full.exit_date = Some(full.list_date);
    full.exit_reason_code = Some(ExitReason::Expired);
    full.score = Some(Points::ZERO);
    full.previous_record_id = Some(full.record_id);
    full.status = Status::Removed;
    full.op = Op::Update;
    let penalty = Penalty {
        conduct: text(),
        kind: text(),
        fine: Some(1),
        confiscated: Some(0),
        licence: text(),
        until: Some(full.list_date),
    };
    let value = full.check_with(penalty).unwrap().value();
    let mut names: Vec<&str> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let mut listed = FIELD_NAMES.to_vec();
    names.sort_unstable();
    listed.sort_unstable();
    assert_eq!(names, listed);
}
