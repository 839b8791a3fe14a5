//! The fields of the canonical record by name, as profiles speak of them.

/// Names of all fields of the canonical JSON.
pub const FIELD_NAMES: [&str; 52] = [
    "record_id",
    "record_version",
    "op",
    "status",
    "list_code",
    "list_name",
    "list_class",
    "severity",
    "subject_type",
    "subject_name",
    "uscc",
    "reg_no",
    "org_code",
    "legal_rep",
    "address",
    "area_code",
    "decision_no",
    "decision_name",
    "decision_date",
    "authority",
    "authority_uscc",
    "reason",
    "facts",
    "basis",
    "penalty_text",
    "measures",
    "penalty_conduct",
    "penalty_kind",
    "penalty_fine",
    "penalty_confiscated",
    "penalty_licence",
    "penalty_until",
    "list_date",
    "display_from",
    "display_until",
    "display_min_until",
    "exit_date",
    "exit_reason_code",
    "exit_reason",
    "exit_decision_no",
    "exit_authority",
    "repair_state",
    "grade",
    "score",
    "eval_name",
    "eval_period",
    "source_unit",
    "source_uscc",
    "remark",
    "previous_record_id",
    "changed_at",
    "digest",
];

/// Fields that are amounts in 分.
pub const MONEY_FIELDS: [&str; 2] = ["penalty_fine", "penalty_confiscated"];

/// Fields that are instants.
pub const INSTANT_FIELDS: [&str; 1] = ["changed_at"];

/// Whether a field is a day.
pub fn is_date_field(name: &str) -> bool {
    name.ends_with("_date") || name.starts_with("display_") || name == "penalty_until"
}
