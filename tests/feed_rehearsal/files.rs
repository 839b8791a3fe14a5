//! Platforms that take files: a folder with return files, and a workbook that a person carries.

use std::{fs, io::Cursor};

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use chrono::TimeDelta;
use wuxin::{
    config::Publish,
    service::{Brought, Imported},
    store::feed::BatchState,
};

use crate::{
    house::House,
    support::{VirtualClock, id, record},
};

pub fn folder_house() -> House {
    House::new(VirtualClock::new(), |folder| {
        for name in ["out", "back"] {
            fs::create_dir(folder.join(name)).unwrap();
        }
        Publish {
            profile: Some("xml-file".into()),
            folder: Some(folder.join("out")),
            return_folder: Some(folder.join("back")),
            ..Publish::default()
        }
    })
}

fn names(house: &House, folder: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(house.folder.path().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub fn comes_back(house: &House, name: &str, rows: &[(u8, u32, &str, &str)]) {
    let mut text = "XYPTGUID,XYPTBATCHNO,CLJG,CWDM,CWZD,CWSM\n".to_owned();
    for (entry, version, result, code) in rows {
        text.push_str(&format!("{},{version},{result},{code},,示例\n", id(*entry)));
    }
    fs::write(house.folder.path().join("back").join(name), text).unwrap();
}

#[tokio::test]
async fn files_are_handed_over_once_and_settled_by_what_comes_back() {
    let house = folder_house();
    for entry in 1..=3 {
        house.enqueue(&record(entry, 1, false));
    }
    let report = house.run().await;
    assert_eq!(
        (report.sends, report.handed_over, report.waiting),
        (1, 1, 0)
    );
    assert_eq!(
        names(&house, "out"),
        ["000003_20260302_00001.xml", "000003_20260302_00001.xml.ok"]
    );
    // Nothing is asked and nothing goes again, however long it takes.
    house.pass(TimeDelta::hours(30));
    let report = house.run().await;
    assert_eq!((report.sends, report.probes, report.handed_over), (0, 0, 1));
    assert_eq!(
        (house.view().unknown, house.view().batches[0].receipt_level),
        (1, 1)
    );

    // A withdrawal does not wait for the receipt of the addition: the numbers keep the order.
    house.enqueue(&record(1, 2, true));
    house.run().await;
    assert_eq!(names(&house, "out").len(), 4);
    assert_eq!(house.view().unconfirmed_withdrawals.len(), 1);

    comes_back(&house, "000003_20260302_00001.csv", &[(1, 1, "正确", "")]);
    let report = house.run().await;
    assert_eq!((report.accepted, report.settled), (1, 0));
    let view = house.view();
    let first = view.batches.iter().find(|line| line.number == 1).unwrap();
    assert_eq!(first.receipt_level, 2);
    comes_back(
        &house,
        "000003_20260302_00001_2.csv",
        &[(2, 1, "错误", "10004"), (3, 1, "未关联", "1001")],
    );
    let report = house.run().await;
    assert_eq!(
        (report.rejected, report.settled, report.alarms.len()),
        (2, 1, 2)
    );
    let view = house.view();
    let kinds: Vec<(&str, &str, &str)> = view
        .rejects
        .iter()
        .map(|line| (line.kind.as_str(), line.class.as_str(), line.owner.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("unmatched", "DATA", "officer"),
            ("rejected", "MAPPING", "operator")
        ]
    );
    let batch = &house.batches()[0];
    assert_eq!((batch.state, batch.number), (BatchState::Closed, 1));
    // Read again, nothing changes.
    let report = house.run().await;
    assert_eq!(
        (report.accepted, report.rejected, report.alarms.len()),
        (0, 0, 0)
    );
}

#[tokio::test]
async fn a_return_file_with_a_fault_settles_nothing_and_is_shown() {
    let house = folder_house();
    house.enqueue(&record(1, 1, false));
    house.enqueue(&record(2, 1, false));
    house.run().await;
    comes_back(
        &house,
        "000003_20260302_00001.csv",
        &[(1, 1, "正确", ""), (2, 7, "正确", ""), (9, 1, "正确", "")],
    );
    let report = house.run().await;
    assert_eq!((report.accepted, report.alarms.len()), (0, 1));
    assert_eq!(house.changes(1)[0].0, "batched");
    let view = house.view();
    let said = &view.faulty_receipts[0].detail;
    assert!(
        said.contains("version \"7\", but version 1 was sent"),
        "{said}"
    );
    assert!(said.contains("was not sent in this batch"), "{said}");
    let again = house.run().await;
    assert_eq!(again.alarms.len(), 0, "told once");
    assert_eq!(house.view().faulty_receipts.len(), 1, "kept once");

    comes_back(
        &house,
        "000003_20260302_00001_b.csv",
        &[(1, 1, "正确", ""), (2, 1, "正确", "")],
    );
    assert_eq!(house.run().await.settled, 1);
    // An old story about what is settled: a person, and no change.
    let told = bring(&house, Some(1), "late.csv", &[(1, 1, "错误", "30002")]).await;
    assert_eq!((told.outcome, told.alarms.len()), ("faulty", 1));
    assert_eq!(house.changes(1)[0].0, "accepted");
    let told = bring(&house, Some(1), "same.csv", &[(1, 1, "更新", "")]).await;
    assert_eq!((told.outcome, told.alarms.len()), ("noted", 0));
}

async fn bring(
    house: &House,
    number: Option<i64>,
    name: &str,
    rows: &[(u8, u32, &str, &str)],
) -> Imported {
    comes_back(house, name, rows);
    let bytes = fs::read(house.folder.path().join("back").join(name)).unwrap();
    let name = name.to_owned();
    import(house, number, Brought::File { name, bytes }).await
}

async fn import(house: &House, number: Option<i64>, brought: Brought) -> Imported {
    let clock = house.clock.clone();
    let now = move || clock.now();
    let imported = house.publisher.import(&house.app, number, brought, &now);
    imported.await.unwrap()
}

#[tokio::test]
async fn a_workbook_is_carried_by_a_person_and_its_receipt_comes_back_once() {
    let house = House::new(VirtualClock::new(), |_| Publish {
        profile: Some("xlsx-manual".into()),
        ..Publish::default()
    });
    let mut formula = serde_json::to_value(record(1, 1, false).fields()).unwrap();
    formula["remark"] = "=1+1".into();
    let formula: wuxin::feed::RecordFields = serde_json::from_value(formula).unwrap();
    house.enqueue(&formula.check().unwrap());
    house.enqueue(&record(2, 1, false));
    let report = house.run().await;
    assert_eq!((report.handed_over, report.waiting), (1, 0));
    let export = |folder: &str| {
        let folder = house.folder.path().join(folder);
        fs::create_dir_all(&folder).unwrap();
        house
            .app
            .store
            .read(|db| house.publisher.export(db, None, &folder))
    };
    let written = export("usb").unwrap();
    assert_eq!(export("usb").unwrap(), written, "again, and the same bytes");
    let bytes = fs::read(&written[0].file).unwrap();
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(&bytes)).unwrap();
    let rows = book.worksheet_range("数据").unwrap();
    assert!(
        rows.used_cells()
            .all(|(_, _, cell)| matches!(cell, Data::String(_)))
    );
    assert!(rows.used_cells().any(|(_, _, cell)| *cell == "=1+1"));
    assert_eq!(
        book.worksheet_formula("数据").unwrap().used_cells().count(),
        0
    );
    let hidden = book.worksheet_range("_batch").unwrap();
    let batch = &house.batches()[0];
    let said: Vec<String> = hidden.rows().map(|row| row[1].to_string()).collect();
    assert_eq!(
        said[1..3],
        ["1".to_owned(), batch.sealed.idempotency_key.clone()]
    );
    fs::write(&written[0].file, b"edited").unwrap();
    assert!(export("usb").is_err(), "never over other bytes");

    let number = || Brought::Number("SB-2026-7".into());
    assert_eq!(import(&house, Some(1), number()).await.outcome, "noted");
    assert_eq!(import(&house, Some(1), number()).await.outcome, "known");
    assert_eq!(
        house.changes(1)[0].0,
        "batched",
        "a number is no receipt of a record"
    );

    let list =
        "认定文号,处理结果,错误代码,错误字段,错误说明\n资建物决〔2026〕2号,未关联,1001,,查无主体\n";
    let bytes = encoding_rs::GB18030.encode(list).0.into_owned();
    let file = |name: &str| Brought::File {
        name: name.into(),
        bytes: bytes.clone(),
    };
    // Found by the name of its batch, as the platform gave it back.
    let first = import(&house, None, file("wuye_20260302_00001_疑问数据.csv")).await;
    assert_eq!(
        (first.outcome, first.accepted, first.rejected),
        ("applied", 1, 1)
    );
    let again = import(&house, Some(1), file("copy.csv")).await;
    assert_eq!(
        (again.outcome, again.rejected, again.alarms.len()),
        ("known", 0, 0)
    );
    assert_eq!(house.changes(1)[0].0, "accepted");
    assert_eq!(house.view().rejects[0].kind, "unmatched");
    assert!(house.view().batches.is_empty());
}
