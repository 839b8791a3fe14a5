//! Synthetic records, to show what a profile makes of them. No real company is behind them.

use serde_json::{Value, json};

use super::canonical::{CanonicalRecord, Penalty, RecordFields};

/// What the sample does at the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleKind {
    Add,
    Update,
    Withdrawal,
}

impl SampleKind {
    pub const ALL: [Self; 3] = [Self::Add, Self::Update, Self::Withdrawal];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Update => "update",
            Self::Withdrawal => "withdrawal",
        }
    }
}

/// A record with every field filled, of a penalty if asked for, else of a key-watch list.
///
/// # Errors
/// The faults of the record, in words; a sample has none.
pub fn sample(kind: SampleKind, penalty: bool) -> Result<CanonicalRecord, String> {
    let (version, op, status) = match kind {
        SampleKind::Add => (1, "1", "0"),
        SampleKind::Update => (2, "2", "2"),
        SampleKind::Withdrawal => (3, "3", "1"),
    };
    let mut record = json!({
        "record_id": "01955000-0000-7000-8000-000000000001", "record_version": version, "op": op, "status": status,
        "list_code": "KEY_WATCH", "list_name": "物业服务重点关注名单", "list_class": if penalty { "6" } else { "4" },
        "severity": "3", "subject_type": "1", "subject_name": "资阳示例甲物业有限公司", "uscc": "91512002MA6ABCD10P",
        "reg_no": "512000000000001", "org_code": "MA6ABCD10", "legal_rep": "示例甲", "address": "资阳市雁江区示例路1号",
        "area_code": "512002", "decision_no": "资建物决〔2026〕1号", "decision_name": "列入决定书",
        "decision_date": "2026-02-27", "authority": "示例市住房和城乡建设局",
        "authority_uscc": "91000000000000000K", "reason": "拒不移交物业管理用房",
        "facts": "经责令限期改正，逾期未改正", "basis": "《物业管理条例》第五十八条", "penalty_text": "罚款示例",
        "measures": ["示例措施甲", "示例措施乙"], "list_date": "2026-03-01", "display_from": "2026-03-01",
        "display_until": "2029-02-28", "display_min_until": "2027-02-28", "repair_state": "0",
        "source_unit": "示例市住房和城乡建设局", "source_uscc": "91000000000000000K", "remark": "合成样例",
        "changed_at": "2026-03-02T08:00:00+08:00",
    });
    if kind == SampleKind::Withdrawal {
        for (name, value) in [
            ("exit_date", "2027-03-02"),
            ("exit_reason_code", "2"),
            ("exit_reason", "信用修复，提前移出"),
            ("exit_decision_no", "资建物修〔2027〕1号"),
            ("exit_authority", "示例市住房和城乡建设局"),
            ("repair_state", "2"),
        ] {
            record[name] = Value::from(value);
        }
    }
    let fields: RecordFields = serde_json::from_value(record).map_err(|fault| fault.to_string())?;
    let extra = penalty.then(|| Penalty {
        conduct: Some("拒不移交物业管理用房".to_owned()),
        kind: Some("罚款".to_owned()),
        fine: Some(200_000),
        ..Penalty::default()
    });
    fields
        .check_with(extra.unwrap_or_default())
        .map_err(|faults| faults.to_string())
}
