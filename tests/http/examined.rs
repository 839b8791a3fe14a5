//! A file does not settle what people are examining.

use serde_json::json;
use wuxin::{
    domain::Fault,
    service::{
        self, ImportFiles, Progress,
        Role::{Officer, Reviewer},
    },
};

use crate::{
    house::{House, july},
    on_both,
    support::TestStore,
};

on_both!(a_file_changes_no_record_whose_objection_is_examined);

/// Keeps the faults of an import.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Progress for Faults {
    fn file(&mut self, _: &str, _: &str, _: u64) {}
    fn at(&mut self, _: u64) {}
    fn done(&mut self) {}
    fn fault(&mut self, fault: &Fault, _: bool) {
        self.0.push(fault.clone());
    }
}

fn import(house: &House, change: impl Fn(&str) -> String) -> Vec<Fault> {
    let small = include_str!("../../fixtures/small/records.csv");
    let rows = small
        .lines()
        .filter(|row| row.starts_with("id,") || row.starts_with("r19,"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records.csv");
    let text: Vec<String> = rows.map(change).collect();
    assert_eq!(text.len(), 2);
    std::fs::write(&path, text.join("\n")).unwrap();
    let files = ImportFiles {
        records: Some(path),
        ..ImportFiles::default()
    };
    let mut faults = Faults::default();
    service::import(&house.app, &files, "import", &mut faults, july(3)).unwrap();
    faults.0
}

fn a_file_changes_no_record_whose_objection_is_examined(test: &TestStore) {
    let house = House::new(test);
    let settled = |row: &str| row.replace("disputed", "confirmed");
    let (officer, examiner) = (house.person(Officer, None), house.person(Reviewer, None));
    let objection = json!({
        "version": 1, "events": 0, "number": "异1", "grounds": "不实", "received_on": "2026-06-30",
    });
    let objected = house.post(&officer, "/api/v1/records/r19/object", &objection);
    assert_eq!(objected.status, 200, "{}", objected.text());

    let faults = import(&house, settled);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(
        (
            faults[0].code,
            faults[0].row,
            faults[0].column.as_deref(),
            faults[0].value.as_deref()
        ),
        ("D104", Some(2), Some("id"), Some("r19"))
    );
    assert_eq!(import(&house, str::to_owned), [], "the same once more");

    let reject = json!({ "version": 2, "events": 1, "reason": "维持" });
    let rejected = house.post(&examiner, "/api/v1/records/r19/reject", &reject);
    assert_eq!(rejected.status, 200, "{}", rejected.text());
    assert_eq!(import(&house, settled), [], "once it is answered");
}
