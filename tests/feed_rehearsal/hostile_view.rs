//! Whatever a platform gives back, by whatever way: the operator's view says what is wrong with it, and nothing is lost.

use std::fs;

use chrono::TimeDelta;
use serde_json::{Value, json};
use wuxin::{
    config::Publish,
    feed::transports::LARGEST_ANSWER,
    secret::Secret,
    service::{Brought, Publisher, Scope, Shows, reconcile_nightly},
};

use crate::{
    hostile_answers::{KEY, answer, canned, json_answer},
    house::House,
    support::{TOKEN, VirtualClock, id, record},
};

const JSON: &str = "200 OK\r\nContent-Type: application/json";

fn receipt(entry: u8, version: u32, result: &str) -> Value {
    json!({"record_id": id(entry), "record_version": version, "result": result})
}

/// What no honest platform answers to a batch with the records 1 and 2, and what is said of it.
fn answers() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let receipts = |list: &[Value]| json_answer(&json!({ "batch_key": KEY, "receipts": list }));
    let both = [receipt(1, 1, "ACCEPTED"), receipt(2, 1, "ACCEPTED")];
    let whole = json_answer(&json!({ "batch_key": KEY, "receipts": both }));
    let mut text = "{\"message\":\"".as_bytes().to_vec();
    text.extend(encoding_rs::GBK.encode("已接收").0.as_ref());
    text.extend(b"\"}");
    vec![
        ("truncated", whole[..whole.len() - 20].to_vec(), "broke off"),
        (
            "oversized",
            answer(JSON, &vec![b' '; LARGEST_ANSWER + 1]),
            "larger than",
        ),
        (
            "deeply nested",
            answer(
                JSON,
                ["[".repeat(200_000), "]".repeat(200_000)]
                    .concat()
                    .as_bytes(),
            ),
            "no answer to a batch",
        ),
        ("wrong charset", answer(JSON, &text), "no answer to a batch"),
        (
            "a login page",
            answer(
                "200 OK\r\nContent-Type: text/html",
                "<h1>登录</h1>".as_bytes(),
            ),
            "not JSON",
        ),
        (
            "wrong counts",
            json_answer(
                &json!({"batch_key": KEY, "total": 7, "accepted": 7, "rejected": 0, "receipts": both}),
            ),
            "counts total 7, but it is 2",
        ),
        (
            "a record never sent",
            receipts(&[both[0].clone(), both[1].clone(), receipt(9, 1, "ACCEPTED")]),
            "was not sent",
        ),
        (
            "a replayed receipt",
            receipts(&[both[0].clone(), receipt(2, 7, "ACCEPTED")]),
            "is about version 7",
        ),
        (
            "another batch",
            json_answer(&json!({"batch_key": "00", "receipts": both})),
            "it is about batch",
        ),
        (
            "two stories",
            receipts(&[both[0].clone(), both[1].clone(), receipt(2, 1, "REJECTED")]),
            "contradicting receipts",
        ),
        (
            "a record left out",
            receipts(&both[..1]),
            "has no receipt for record",
        ),
        ("a number", answer(JSON, b"1"), "no answer to a batch"),
        (
            "a status of its own",
            answer("299 Odd\r\nContent-Type: application/json", b"{}"),
            "no ",
        ),
        ("nothing", Vec::new(), "connection lost"),
    ]
}

/// The same, where only counts are told.
fn counts() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let told = |value: Value| json_answer(&value);
    let mut same = answers();
    let transport = [
        "truncated",
        "oversized",
        "a login page",
        "a status of its own",
        "nothing",
    ];
    same.retain(|(what, ..)| transport.contains(what));
    same.extend([
        (
            "counts that do not add up",
            told(json!({"batch_key": KEY, "total": 2, "accepted": 5, "rejected": 0})),
            "",
        ),
        (
            "counts of another batch",
            told(json!({"batch_key": KEY, "total": 900, "accepted": 900, "rejected": 0})),
            "",
        ),
        ("no counts", told(json!({"batch_key": KEY})), ""),
        (
            "counts that are texts",
            told(json!({"batch_key": KEY, "total": "zwei", "accepted": [], "rejected": {}})),
            "",
        ),
    ]);
    same
}

async fn asked(profile: &'static str, bytes: Vec<u8>) -> House {
    let url = canned(bytes).await;
    let house = House::new(VirtualClock::new(), |_| Publish {
        url: Some(url),
        profile: Some(profile.into()),
        token: Some(Secret::new(TOKEN)),
        timeout_seconds: 2,
        ..Publish::default()
    });
    for entry in 1..=2 {
        house.enqueue(&record(entry, 1, false));
    }
    house
}

#[tokio::test]
async fn every_hostile_answer_is_told_and_nothing_is_lost() {
    let tables = [("http-json", answers()), ("http-counts", counts())];
    for (profile, table) in tables {
        for (what, bytes, says) in table {
            let house = asked(profile, bytes).await;
            let report = house.run().await;
            let what = format!("{profile}: {what}");
            assert_eq!(
                (report.accepted, report.rejected),
                (0, 0),
                "{what}: {report:?}"
            );
            let view = house.view();
            assert_eq!(view.batches.len(), 1, "{what}");
            let line = &view.batches[0];
            assert_eq!(line.state, "unknown", "{what}: {line:?}");
            assert!(
                line.last_outcome.contains(says) && line.last_outcome.len() > "unknown ".len(),
                "{what}: {}",
                line.last_outcome
            );
            // No answer brings a record through, or out: a week later a person is called, and both still stand.
            house.pass(TimeDelta::days(8));
            let later = house.run().await;
            assert_eq!(
                (later.accepted, later.rejected),
                (0, 0),
                "{what}: {later:?}"
            );
            for entry in 1..=2 {
                assert_eq!(house.changes(entry)[0].0, "batched", "{what}");
            }
            let called = match later.alarms.is_empty() {
                true => house.run().await.alarms,
                false => later.alarms,
            };
            assert!(
                called.iter().any(|alarm| alarm.contains("seven days")),
                "{what}: {called:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_hostile_listing_or_record_compares_nothing_and_takes_nothing_for_seen() {
    let rows = |rows: Value| json_answer(&rows);
    let table = [
        ("no list", rows(json!({"rows": []}))),
        ("not a list", rows(json!({"records": 5}))),
        (
            "a row without a name",
            rows(json!({"records": [{"status": "0"}]})),
        ),
        (
            "a version that is none",
            rows(json!({"records": [{"record_id": id(1), "record_version": "drei"}]})),
        ),
        ("a wrong total", rows(json!({"records": [], "total": 9}))),
        ("without an end", rows(json!({"records": [], "next": "1"}))),
        (
            "deeply nested",
            answer(
                JSON,
                ["[".repeat(200_000), "]".repeat(200_000)]
                    .concat()
                    .as_bytes(),
            ),
        ),
        ("broken off", rows(json!({"records": []}))[..80].to_vec()),
    ];
    for (what, bytes) in table {
        let house = asked("http-json", bytes).await;
        // As if both had been taken.
        take_all(&house);
        house.pass(TimeDelta::hours(30));
        let clock = house.clock.clone();
        let now = move || clock.now();
        let night = reconcile_nightly(&house.app, &house.publisher, &now)
            .await
            .unwrap();
        assert!(night.comparison.failed.is_some(), "{what}: {night:?}");
        assert_eq!((night.found.len(), night.repairs), (0, 0), "{what}");
        let report = house.run().await;
        assert_eq!(
            (report.seen, report.alarms.len()),
            (0, 0),
            "{what}: {report:?}"
        );
        let view = house.view();
        assert_eq!(view.not_visible.len(), 2, "{what}");
        assert!(
            view.not_visible
                .iter()
                .all(|line| !line.says.is_empty() && !line.late),
            "{what}"
        );
    }
}

/// Brings everything that waits to its end by a workbook that the platform took.
fn take_all(house: &House) {
    let manual = Publisher::new(&Publish {
        target: crate::house::TARGET.to_owned(),
        profile: Some("xlsx-manual".into()),
        ..Publish::default()
    })
    .unwrap();
    let clock = house.clock.clone();
    let now = move || clock.now();
    let app = house.app.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            manual.run(&app, Scope::Now, &now).await.unwrap();
            let taken = Brought::AllAccepted("SB-1".to_owned());
            manual.import(&app, Some(1), taken, &now).await.unwrap();
        });
    })
    .join()
    .unwrap();
}

fn workbook(rows: &[[&str; 4]]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let at = (u32::try_from(row).unwrap(), u16::try_from(column).unwrap());
            sheet.write_string(at.0, at.1, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// Return files that no honest platform lays down for the records 1 and 2, and what is said of them.
fn files() -> Vec<(&'static str, &'static str, Vec<u8>, &'static str)> {
    let (one, two) = (id(1).to_string(), id(2).to_string());
    let head = "XYPTGUID,XYPTBATCHNO,CLJG,CWDM\n";
    let csv = |rows: &str| format!("{head}{rows}").into_bytes();
    let good = workbook(&[
        ["XYPTGUID", "XYPTBATCHNO", "CLJG", "CWDM"],
        [one.as_str(), "1", "正确", ""],
        [two.as_str(), "1", "正确", ""],
    ]);
    let mut middle = good.clone();
    let third = middle.len() / 3;
    for byte in middle.iter_mut().skip(third).take(third) {
        *byte = !*byte;
    }
    let deep = format!("{}{}", "<A>".repeat(100_000), "</A>".repeat(100_000));
    vec![
        ("a torn workbook", "xlsx", good[..good.len() / 2].to_vec(), "no workbook"),
        ("a workbook with torn bytes", "xlsx", middle, "no workbook"),
        ("torn XML", "xml", format!("<D><DATA><XYPTGUID>{one}</XYPTGUID>").into_bytes(), "no XML"),
        ("deeply nested XML", "xml", deep.into_bytes(), "no XML"),
        ("an entity that grows", "xml", b"<!DOCTYPE d [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><D><DATA><CLJG>&b;</CLJG></DATA></D>".to_vec(), ""),
        ("no charset at all", "csv", vec![0xff; 64], "neither UTF-8 nor GB18030"),
        ("another table", "csv", "名称,金额\n甲,1\n".as_bytes().to_vec(), "has no column"),
        ("a record never sent", "csv", csv(&format!("{},1,正确,\n", id(9))), "was not sent"),
        ("a replayed receipt", "csv", csv(&format!("{one},7,正确,\n")), "but version 1 was sent"),
        ("two stories", "csv", csv(&format!("{one},1,正确,\n{one},1,错误,30002\n")), "another result"),
        ("a word of its own", "csv", csv(&format!("{one},1,也许,\n")), "not in [receipts.results]"),
    ]
}

#[tokio::test]
async fn every_hostile_file_is_kept_and_told_and_settles_nothing() {
    for (what, ending, bytes, says) in files() {
        let house = crate::files::folder_house();
        for entry in 1..=2 {
            house.enqueue(&record(entry, 1, false));
        }
        house.run().await;
        let name = format!("000003_20260302_00001.{ending}");
        fs::write(house.folder.path().join("back").join(&name), &bytes).unwrap();
        let report = house.run().await;
        assert_eq!(
            (report.accepted, report.rejected),
            (0, 0),
            "{what}: {report:?}"
        );
        assert_eq!(report.alarms.len(), 1, "{what}: {report:?}");
        let view = house.view();
        let told = &view.faulty_receipts[0];
        assert!(
            told.detail.contains(says) && !told.detail.is_empty(),
            "{what}: {told:?}"
        );
        // By hand it is no better.
        let clock = house.clock.clone();
        let now = move || clock.now();
        let brought = Brought::File {
            name: name.clone(),
            bytes,
        };
        let imported = house
            .publisher
            .import(&house.app, Some(1), brought, &now)
            .await
            .unwrap();
        assert_eq!(
            (imported.outcome, imported.open),
            ("faulty", 2),
            "{what}: {imported:?}"
        );
        for entry in 1..=2 {
            assert_eq!(house.changes(entry)[0].0, "batched", "{what}");
        }
        // And the true one settles it all the same.
        let both: Vec<_> = [1, 2].map(|entry| (entry, 1, "正确", "")).to_vec();
        crate::files::comes_back(&house, "000003_20260302_00001_2.csv", &both);
        assert_eq!(house.run().await.settled, 1, "{what}");
    }
}

/// An export as the other side of a comparison, in each of its forms.
#[tokio::test]
async fn an_export_is_compared_as_csv_as_workbook_and_as_xml() {
    let platform = crate::support::Platform::start().await;
    let publish = |_: &std::path::Path| Publish {
        url: Some(platform.base.clone()),
        token: Some(Secret::new(TOKEN)),
        ..Publish::default()
    };
    let (one, two) = (id(1).to_string(), id(2).to_string());
    let name = |entry: u8| record(entry, 1, false).fields().subject_name.clone();
    let (first, other) = (name(1), "别的名称".to_owned());
    let rows = [
        ["record_id", "record_version", "status", "subject_name"],
        [one.as_str(), "1", "0", first.as_str()],
        [two.as_str(), "1", "0", other.as_str()],
    ];
    let csv = rows.map(|row| row.join(",")).join("\n");
    let element = |row: &[&str; 4]| {
        let cells = rows[0].iter().zip(row);
        let cells: String = cells
            .map(|(tag, text)| format!("<{tag}>{text}</{tag}>"))
            .collect();
        format!("<DATA>{cells}</DATA>")
    };
    let xml = format!(
        "<?xml version=\"1.0\"?><DATAS>{}{}</DATAS>",
        element(&rows[1]),
        element(&rows[2])
    );
    let (gb, ..) = encoding_rs::GB18030.encode(&csv);
    let forms = [
        ("export.csv", csv.clone().into_bytes()),
        ("export-gb18030.csv", gb.into_owned()),
        ("export.xlsx", workbook(&rows)),
        ("export.xml", xml.into_bytes()),
    ];
    let actor = wuxin::service::Actor {
        id: "示例".to_owned(),
        role: wuxin::service::Role::Publisher,
        region: None,
    };
    for (file, bytes) in forms {
        platform.receiver.begin_again().unwrap();
        let house = House::new(platform.clock.clone(), publish);
        for entry in 1..=3 {
            house.enqueue(&record(entry, 1, false));
        }
        house.drive().await;
        house.pass(TimeDelta::hours(25));
        let clock = house.clock.clone();
        let now = move || clock.now();
        let shows = Shows::File {
            name: file.to_owned(),
            bytes,
        };
        let run =
            wuxin::service::reconcile(&house.app, &house.publisher, &actor, shows, false, &now);
        let found = run.await.unwrap();
        assert_eq!(
            (
                found.comparison.source.as_str(),
                found.comparison.name.as_str()
            ),
            ("file", file)
        );
        let classes: Vec<_> = found
            .found
            .iter()
            .map(|line| (line.difference.class.as_str(), line.difference.record_id))
            .collect();
        assert_eq!(
            classes,
            [("MISSING", Some(id(3))), ("NAME_CHANGED", Some(id(2)))],
            "{file}"
        );
        // What the export shows was seen.
        assert_eq!(house.view().not_visible.len(), 1, "{file}");
        let torn = Shows::File {
            name: file.to_owned(),
            bytes: b"PK\x03\x04 torn".to_vec(),
        };
        let run =
            wuxin::service::reconcile(&house.app, &house.publisher, &actor, torn, false, &now);
        assert!(
            run.await.is_err(),
            "{file}: half an export compares nothing"
        );
    }
    platform.stop().await;
}
