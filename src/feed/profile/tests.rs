use super::*;
use crate::feed::{
    canonical::{Op, Status},
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
        .find(|f| f.from == "subject_name")
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
    let rule = FieldRule {
        name: "addr".into(),
        from: "address".into(),
        required: true,
        max: None,
        unit: LengthUnit::Chars,
        codes: None,
    };
    profile.fields.push(rule);
    let faults = render(&profile, &record(1, 1, false)).unwrap_err();
    assert_eq!((faults.len(), &faults[0].why), (1, &RenderWhy::Missing));
}
