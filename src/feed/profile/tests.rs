use super::*;
use crate::feed::{
    canonical::{Op, Status},
    sample::{SampleKind, sample},
    samples::{fields, record},
};

fn shipped() -> Profile {
    Profile::parse(HTTP_JSON).unwrap()
}

fn changed(from: &str, to: &str) -> Result<Profile, ProfileError> {
    assert!(HTTP_JSON.contains(from), "{from}");
    Profile::parse(&HTTP_JSON.replacen(from, to, 1))
}

#[test]
fn the_shipped_profile_maps_every_mandatory_canonical_field() {
    let profile = shipped();
    let record = record(1, 1, false);
    let rendered = render(&profile, &record).unwrap();
    let canonical = record.value();
    for (name, value) in canonical.as_object().unwrap() {
        assert_eq!(rendered.get(name), Some(value), "{name}");
    }
    assert_eq!(rendered.fields()[0].0, "record_id");
}

#[test]
fn faults_of_a_profile_name_what_is_wrong() {
    let table = [
        (
            "from = \"uscc\"",
            "from = \"uscc_\"",
            "which the canonical record does not have",
        ),
        ("name = \"status\"", "name = \"op\"", "named twice"),
        ("codes = \"op\"", "codes = \"ops\"", "not in [codes]"),
        ("max = 36", "max = 0", "longest length of zero"),
        (
            "batch_size = 500",
            "batch_size = 5001",
            "expected 1 to 5000",
        ),
        ("batch_size = 500", "batch_size = 0", "expected 1 to 5000"),
        (
            "from = \"digest\"",
            "from = \"remark\"",
            "receipts are matched by it",
        ),
        ("\"api/batches\"", "\"/api/../x\"", "must be relative"),
        ("charset = \"UTF-8\"", "charset = \"GBK\"", "sends UTF-8"),
        (
            "withdrawal = \"delete\"",
            "withdrawl = \"delete\"",
            "unknown field",
        ),
    ];
    for (from, to, part) in table {
        let error = changed(from, to).unwrap_err().to_string();
        assert!(error.contains(part), "{to}: {error}");
    }
}

#[test]
fn dates_codes_and_withdrawals_take_the_form_of_the_profile() {
    let mut profile = shipped();
    profile.date_format = DateFormat::Compact;
    let add = render(&profile, &record(1, 1, false)).unwrap();
    assert_eq!(add.get("display_until"), Some(&"20290228".into()));
    profile.date_format = DateFormat::Slash;
    let withdrawal = render(&profile, &record(1, 2, true)).unwrap();
    assert_eq!(withdrawal.get("exit_date"), Some(&"2026/03/01".into()));
    assert_eq!(withdrawal.get("op"), Some(&"3".into()));
    profile.withdrawal = WithdrawalForm::Status;
    let withdrawal = render(&profile, &record(1, 2, true)).unwrap();
    assert_eq!(withdrawal.get("op"), Some(&"2".into()));
    assert_eq!(withdrawal.get("status"), Some(&"1".into()));
    // What is hidden for the time being is never deleted, whatever the platform takes for a withdrawal.
    let mut hidden = record(1, 1, false).fields().clone();
    (hidden.op, hidden.status, hidden.record_version) = (Op::Update, Status::Shielded, 2);
    let hidden = hidden.check().unwrap();
    assert!(hidden.is_withdrawal(), "it goes first all the same");
    for form in [WithdrawalForm::Delete, WithdrawalForm::Status] {
        profile.withdrawal = form;
        let shown = render(&profile, &hidden).unwrap();
        assert_eq!(shown.get("op"), Some(&"2".into()));
        assert_eq!(shown.get("status"), Some(&"3".into()));
    }
    profile
        .codes
        .insert("op".into(), BTreeMap::from([("1".into(), "I".into())]));
    assert_eq!(
        render(&profile, &record(1, 1, false)).unwrap().get("op"),
        Some(&"I".into())
    );
    let faults = render(&profile, &record(1, 2, true)).unwrap_err();
    assert_eq!(
        faults[0].why,
        RenderWhy::NoCode {
            table: "op".into(),
            code: "2".into()
        }
    );
}

#[test]
fn lengths_are_counted_in_the_unit_of_the_profile_and_nothing_is_cut() {
    let mut profile = shipped();
    let rule = profile
        .fields
        .iter_mut()
        .find(|f| f.from() == Some("subject_name"))
        .unwrap();
    rule.max = Some(35);
    let long = render(&profile, &record(1, 1, false)).unwrap();
    assert_eq!(
        long.get("subject_name"),
        Some(&"资阳(示例)甲物业有限公司".into())
    );
    let mut name = fields(1);
    name.subject_name = "资阳(示例)甲乙物业有限公司".into();
    let name = name.check().unwrap();
    let faults = render(&profile, &name).unwrap_err();
    assert_eq!(
        faults[0].why,
        RenderWhy::TooLong {
            length: 38,
            max: 35,
            unit: LengthUnit::Bytes
        }
    );
    assert!(
        faults[0].to_string().contains("长38字节，平台最多收35字节"),
        "{}",
        faults[0]
    );
    profile.charset = Charset::Gbk;
    assert!(render(&profile, &name).is_ok());
}

#[test]
fn a_character_outside_the_charset_is_refused_and_shown() {
    let mut profile = shipped();
    let mut rare = fields(1);
    rare.legal_rep = Some("示例𠮷".into());
    let rare = rare.check().unwrap();
    assert!(render(&profile, &rare).is_ok());
    profile.charset = Charset::Gb18030;
    assert!(render(&profile, &rare).is_ok());
    profile.charset = Charset::Gbk;
    let faults = render(&profile, &rare).unwrap_err();
    let why = RenderWhy::Unmappable {
        character: '𠮷',
        position: 3,
        charset: Charset::Gbk,
    };
    assert_eq!(faults[0].why, why);
    assert_eq!(faults[0].field, "legal_rep");
}

#[test]
fn a_required_field_that_is_absent_is_refused() {
    let mut profile = shipped();
    profile.fields.push(rule("addr", "address"));
    profile.fields.last_mut().unwrap().required = true;
    let faults = render(&profile, &record(1, 1, false)).unwrap_err();
    assert_eq!((faults.len(), &faults[0].why), (1, &RenderWhy::Missing));
}

fn rule(name: &str, from: &str) -> FieldRule {
    FieldRule {
        name: name.into(),
        source: Source::Field(from.into()),
        required: false,
        required_when: None,
        when: None,
        group: None,
        max: None,
        unit: LengthUnit::Chars,
        codes: None,
        format: None,
        open_end: false,
        join: None,
    }
}

#[test]
fn every_shipped_profile_is_sound_and_takes_the_samples() {
    for (name, text) in SHIPPED {
        let profile = Profile::read(name, text).unwrap();
        assert_eq!(profile.id, name);
        for kind in SampleKind::ALL {
            let record = sample(kind, name == "csv-cf").unwrap();
            let rendered =
                render(&profile, &record).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
            assert!(!rendered.fields().is_empty());
        }
    }
}

#[test]
fn every_fault_is_found_in_one_run_with_its_line() {
    let text = r#"id = "x"
name = "示例"
version = 1
transport = "xml-file"
charset = "ASCII"
date_format = "iso"
withdrawal = "status"
batch_size = 0
colour = "red"
[naming]
pattern = "{YYYYMMDD}.xml"
[receipts]
record = "R"
matches = "MC"
result = "J"
[receipts.results]
"成功" = "yes"
[[fields]]
name = "MC"
from = "subject_nam"
[[fields]]
name = "1B"
[[fields]]
name = "MC"
from = "uscc"
max = "18"
"#;
    let error = Profile::read("our.toml", text).unwrap_err();
    insta::assert_snapshot!(error, @r#"
    our.toml:5: charset of the profile is "ASCII"; write one of: UTF-8, GB18030, GBK
    our.toml:7: withdrawals go by status, but no required field comes from it; map status, or choose the other form of withdrawal
    our.toml:8: batch_size is 0; expected 1 to 5000
    our.toml:9: the profile has an unknown field "colour"; known are: batch_size, charset, codes, date_format, fields, id, name, naming, receipts, transport, version, withdrawal
    our.toml:11: the pattern has no {seqN}: two batches of a day would have one name; parts are {deptN}, {tableN}, {YYYYMMDD}, {YYYY-MM-DD} and {seqN}
    our.toml:12: no word of a result is known; add [receipts.results] with a line for each word: "成功" = "accepted"
    our.toml:17: [receipts.results] 成功 is "yes"; write one of: accepted, updated, duplicate, rejected, unmatched
    our.toml:18: field "MC" comes from "subject_nam", which the canonical record does not have; did you mean "subject_name"?
    our.toml:21: field "1B" has neither or both of from and constant; write from = "uscc" for a field of the record, or constant = "..."
    our.toml:23: field "MC" is named twice; take one of the two out
    our.toml:26: max of field "MC" is a wrong string; write a whole number, not negative
    "#);
}

#[test]
fn what_does_not_go_together_is_found_too() {
    let text = r#"id = "x"
name = "示例"
version = 1
transport = "xml-file"
charset = "GBK"
date_format = "iso"
withdrawal = "status"
batch_size = 10
[naming]
pattern = "{YYYYMMDD}_{seq5}.xml"
[receipts]
record = "R"
matches = "MC"
result = "J"
[receipts.results]
"成功" = "accepted"
[codes.unused]
1 = "𠮷"
[codes.op]
1 = "I"
[[fields]]
name = "MC"
from = "subject_nam"
[[fields]]
name = "1B"
from = "op"
codes = "op"
[[fields]]
name = "MC"
from = "uscc"
max = 17
group = "only"
[[fields]]
name = "JE"
from = "penalty_fine"
[[fields]]
name = "TC"
from = "exit_date"
required = true
format = "wan-yuan"
[[fields]]
name = "DM"
from = "status"
codes = "absent"
when = { lists = ["1"] }
"#;
    let error = Profile::read("our.toml", text).unwrap_err();
    insta::assert_snapshot!(error, @r#"
    our.toml:4: canonical field "uscc" must be mapped and required, receipts are matched by it; add a field with from = "uscc" and required = true
    our.toml:7: withdrawals go by status, but no required field comes from it; map status, or choose the other form of withdrawal
    our.toml:11: receipts match field "MC", which does not tell records apart; matches names the field that comes from record_id or decision_no
    our.toml:17: code "1" of "unused" has '𠮷', not in GBK; write it in characters the platform has
    our.toml:17: code table "unused" is not used; use it in a field or take it out
    our.toml:19: code table "op" has no line for op 2; add 2 = "..."
    our.toml:21: field "MC" comes from "subject_nam", which the canonical record does not have; did you mean "subject_name"?
    our.toml:24: field "1B" cannot be the name of an XML element; letters, digits, _ and -, not beginning with a digit
    our.toml:28: field "MC" is named twice; take one of the two out
    our.toml:28: field "MC" takes 17, but every value has at least 18; every record would be refused: mend max
    our.toml:28: group "only" has one field only; write required = true, or add the others
    our.toml:33: field "JE" is money without a format; write format = "wan-yuan" or "yuan"
    our.toml:36: field "TC" is required, but only a removal has exit_date; write required_when = { status = ["1"] } instead of required = true
    our.toml:36: the format of field "TC" does not fit exit_date; dates: iso, compact, slash; changed_at: datetime, datetime-compact; money: wan-yuan, yuan
    our.toml:41: field "DM" uses code table "absent", which is not in [codes]; add [codes.absent] or mend the name
    our.toml:41: when of field "DM" asks for "lists", which the canonical record does not have; docs/feeds.md lists the fields of the record
    "#);
}

#[test]
fn money_constants_groups_and_conditions_take_the_form_of_the_profile() {
    let cf = Profile::read("csv-cf", Profile::shipped("csv-cf").unwrap()).unwrap();
    let add = render(&cf, &sample(SampleKind::Add, true).unwrap()).unwrap();
    assert_eq!(add.text("CF_NR_FK").as_deref(), Some("0.2"));
    assert_eq!(add.text("CF_YXQ").as_deref(), Some("2099/12/31"));
    assert_eq!(add.text("CF_FR_ZJHM").as_deref(), Some(""));
    assert_eq!(add.text("SJC").as_deref(), Some("2026-03-02 08:00:00"));
    let faults = render(&cf, &sample(SampleKind::Add, false).unwrap()).unwrap_err();
    let missing: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(missing, ["CF_WFXW", "CF_CFLB"]);

    let manual = Profile::shipped("xlsx-manual").unwrap();
    let manual = Profile::read("xlsx-manual", manual).unwrap();
    let add = render(&manual, &sample(SampleKind::Add, false).unwrap()).unwrap();
    assert_eq!(
        add.text("惩戒措施").as_deref(),
        Some("示例措施甲；示例措施乙")
    );
    assert_eq!(add.text("退出日期"), None);

    let mut profile = shipped();
    for (name, from) in [("a", "address"), ("b", "reg_no")] {
        profile.fields.push(rule(name, from));
        profile.fields.last_mut().unwrap().group = Some("where".into());
    }
    let faults = render(&profile, &record(1, 1, false)).unwrap_err();
    assert_eq!(
        faults[0].to_string(),
        "字段 a（），值「」：平台要求 a、b 至少填一项"
    );
}

#[test]
fn what_a_spreadsheet_would_compute_is_refused_in_a_csv_file() {
    let cf = Profile::read("csv-cf", Profile::shipped("csv-cf").unwrap()).unwrap();
    let mut bad = fields(1);
    bad.remark = Some("=HYPERLINK(1)".into());
    let faults = render(&cf, &bad.check().unwrap()).unwrap_err();
    assert!(
        faults
            .iter()
            .any(|fault| fault.why == RenderWhy::Formula('=')),
        "{faults:?}"
    );
}

#[test]
fn the_envelope_of_a_batch_is_the_platforms() {
    let envelope =
        "[envelope]\nrecords = \"body\"\n[envelope.constants]\ntableCode = \"03\"\n[paths]";
    let counts = Profile::shipped("http-counts").unwrap();
    let text = counts.replacen("[paths]", envelope, 1);
    let profile = Profile::parse(&text).unwrap();
    let request = crate::feed::SealRequest {
        target: "示例平台",
        kind: crate::feed::BatchKind::Changes,
        sequence: 1,
        sealed_at: crate::feed::samples::at(10, 0),
        records: &[record(1, 1, false)],
    };
    let sealed = crate::feed::seal(request, &profile).unwrap();
    let body = String::from_utf8(sealed.body).unwrap();
    let start = r#"{"tableCode":"03","body":[{"record_id":"#;
    assert!(body.starts_with(start), "{body}");
    let twice = text.replacen("records = \"body\"", "records = \"tableCode\"", 1);
    let error = Profile::parse(&twice).unwrap_err().to_string();
    assert!(error.contains("is twice in [envelope]"), "{error}");
}
