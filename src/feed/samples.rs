//! Synthetic records for the tests of this room.

use chrono::{DateTime, TimeZone, Utc};
use uuid::Uuid;

use super::canonical::{
    CanonicalRecord, ExitReason, ListClass, Op, RecordFields, RepairState, Severity, Status,
    SubjectType,
};
use crate::domain::{Day, Region, Uscc};

pub(crate) fn at(hour: u32, minute: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, hour, minute, 0).unwrap()
}

/// A UUIDv7 with this number in it.
pub(crate) fn id(number: u8) -> Uuid {
    Uuid::from_u128(0x0195_5000_0000_7000_8000_0000_0000_0000 | u128::from(number))
}

pub(crate) fn fields(version: u32) -> RecordFields {
    let day = |text| Day::parse(text).unwrap();
    let uscc = |text| Uscc::parse(text).unwrap();
    RecordFields {
        record_id: id(1),
        record_version: version,
        op: if version == 1 { Op::Add } else { Op::Update },
        status: Status::Displayed,
        list_code: "KEY_WATCH".into(),
        list_name: "物业服务重点关注名单".into(),
        list_class: ListClass::KeyWatch,
        severity: Some(Severity::Serious),
        subject_type: SubjectType::Organisation,
        subject_name: "资阳(示例)甲物业有限公司".into(),
        uscc: uscc("91512002MA6ABCD10P"),
        reg_no: None,
        org_code: None,
        legal_rep: Some("示例甲".into()),
        address: None,
        area_code: Region::parse("512002").unwrap(),
        decision_no: "资建物决〔2026〕1号".into(),
        decision_name: None,
        decision_date: day("2026-02-27"),
        authority: "示例市住房和城乡建设局".into(),
        authority_uscc: uscc("91000000000000000K"),
        reason: "拒不移交物业管理用房".into(),
        facts: Some("经责令限期改正，逾期未改正".into()),
        basis: "《物业管理条例》第五十八条".into(),
        penalty_text: None,
        measures: Vec::new(),
        list_date: day("2026-03-01"),
        display_from: day("2026-03-01"),
        display_until: day("2029-02-28"),
        display_min_until: day("2027-02-28"),
        exit_date: None,
        exit_reason_code: None,
        exit_reason: None,
        exit_decision_no: None,
        exit_authority: None,
        repair_state: RepairState::None,
        grade: None,
        score: None,
        eval_name: None,
        eval_period: None,
        source_unit: "示例市住房和城乡建设局".into(),
        source_uscc: uscc("91000000000000000K"),
        remark: None,
        previous_record_id: None,
        changed_at: at(0, 0),
    }
}

/// A record of entry `number`, whose withdrawal it is if asked for.
pub(crate) fn record(number: u8, version: u32, withdrawal: bool) -> CanonicalRecord {
    let mut record = fields(version);
    record.record_id = id(number);
    record.uscc = Uscc::complete(&format!("91512002MA{number:07}")).unwrap();
    if withdrawal {
        record.op = Op::Delete;
        record.status = Status::Removed;
        record.exit_date = Some(record.list_date);
        record.exit_reason_code = Some(ExitReason::Other);
        record.exit_reason = Some("示例".into());
        record.exit_authority = Some("示例局".into());
    }
    record.check().unwrap()
}
