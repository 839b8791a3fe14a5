//! `wuxin import` into SQLite, and `wuxin score` of what is stored.

use std::{
    io::BufWriter,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types::BigInt,
};
use serde_json::Value;
use wuxin::{
    city::{Size, Town},
    clock::Clock,
    domain::Day,
};

use crate::{
    at, done,
    program::{Running, wuxin},
    run, small,
};

const ALL: [&str; 7] = [
    "import",
    "--companies",
    "companies.csv",
    "--projects",
    "projects.csv",
    "--records",
    "records.csv",
];

fn import(folder: &Path, more: &[&str]) -> (i32, String, String) {
    run(folder, &[&ALL, more].concat())
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Rows of a table.
fn count(folder: &Path, table: &str) -> i64 {
    let path = folder.join("wuxin.db");
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let count: Count = sql_query(format!("SELECT count(*) AS n FROM {table}"))
        .get_result(&mut connection)
        .unwrap();
    count.n
}

/// Record versions and scores.
fn versions(folder: &Path) -> (i64, i64) {
    (count(folder, RECORDS), count(folder, SCORES))
}

const RECORDS: &str = "record";
const SCORES: &str = "score";

#[test]
fn the_report_says_what_was_stored_and_the_same_files_again_change_nothing() {
    let folder = small();
    let (code, stdout, stderr) = import(folder.path(), &[]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    insta::assert_snapshot!(stdout, @r"
    companies: 5 rows, 0 faulty; 5 new, 0 changed, 0 unchanged
    projects: 9 rows, 0 faulty; 9 new, 0 changed, 0 unchanged
    records: 25 rows, 0 faulty; 25 new, 0 changed, 0 unchanged
    stored; 5 scores changed
    ");
    let stored = versions(folder.path());
    assert_eq!(stored, (25, 5));
    let (code, stdout, _) = import(folder.path(), &["--format", "json"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!(stdout, @r#"{"companies":{"rows":5,"faulty":0,"new":0,"changed":0,"unchanged":5},"projects":{"rows":9,"faulty":0,"new":0,"changed":0,"unchanged":9},"records":{"rows":25,"faulty":0,"new":0,"changed":0,"unchanged":25},"rescored":0,"stored":true}"#);
    assert_eq!(
        versions(folder.path()),
        stored,
        "imported twice, stored once"
    );
}

#[test]
fn what_is_stored_scores_as_the_files_do() {
    let folder = small();
    done(folder.path(), &ALL);
    let stored = done(
        folder.path(),
        &[
            "score",
            "--database",
            "sqlite:wuxin.db",
            "--as-of",
            "2026-06-30",
            "--format",
            "json",
        ],
    );
    let rules = crate::draft();
    let offline = done(
        folder.path(),
        &[
            "score",
            "--rules",
            rules.to_str().unwrap(),
            "--companies",
            "companies.csv",
            "--projects",
            "projects.csv",
            "--records",
            "records.csv",
            "--as-of",
            "2026-06-30",
            "--format",
            "json",
        ],
    );
    assert_eq!(stored, offline);
}

#[test]
fn a_dry_run_stores_nothing() {
    let folder = small();
    let (code, stdout, _) = import(folder.path(), &["--dry-run"]);
    assert_eq!(code, 0);
    assert!(
        stdout.ends_with("dry run: nothing was stored\n"),
        "{stdout}"
    );
    assert_eq!(
        (count(folder.path(), "company"), versions(folder.path())),
        (0, (0, 0))
    );
}

#[test]
fn a_corrected_row_makes_a_new_version_and_scores_again() {
    let folder = small();
    // Recent by the machine's clock, so that it counts whenever this runs.
    let now = Clock::System.now();
    let (today, later) = (Day::of(now), Day::of(now + TimeDelta::days(15)));
    let records = std::fs::read_to_string(folder.path().join("records.csv")).unwrap();
    let records = records
        .replace("2026-05-20,-4,", &format!("{today},-4,"))
        .replace("消火栓无水,,2026-06-04,", &format!("消火栓无水,,{later},"));
    std::fs::write(folder.path().join("records.csv"), &records).unwrap();
    done(folder.path(), &ALL);
    let corrected = records.replace(&format!("{today},-4,"), &format!("{today},-2,"));
    assert_ne!(records, corrected);
    std::fs::write(folder.path().join("records.csv"), corrected).unwrap();
    let report: Value = serde_json::from_str(&done(
        folder.path(),
        &[&ALL[..], &["--format", "json"]].concat(),
    ))
    .unwrap();
    let records = &report["records"];
    assert_eq!(
        (&records["new"], &records["changed"], &records["unchanged"]),
        (&0.into(), &1.into(), &24.into())
    );
    assert_eq!(report["rescored"], 1);
    assert_eq!(versions(folder.path()), (26, 6));
}

/// The small files with three rows of the records faulty.
fn with_faults() -> tempfile::TempDir {
    let folder = small();
    std::fs::copy(
        at("fixtures/bad/points-out-of-range.csv"),
        folder.path().join("records.csv"),
    )
    .unwrap();
    folder
}

#[test]
fn a_faulty_row_stops_everything() {
    let folder = with_faults();
    let (code, stdout, stderr) = import(folder.path(), &["--errors", "errors.csv"]);
    assert_eq!(code, 1);
    insta::assert_snapshot!(stdout, @r"
    companies: 5 rows, 0 faulty; 0 new, 0 changed, 0 unchanged
    projects: 9 rows, 0 faulty; 0 new, 0 changed, 0 unchanged
    records: 3 rows, 2 faulty; 0 new, 0 changed, 0 unchanged
    nothing was stored: mend the faulty rows, or use --keep-going
    ");
    insta::assert_snapshot!(stderr, @r"
    records.csv，第3行，points列，值「-6」：[D005] 分值 -6 不在 -5 到 -2 之间。请改为范围内的分值
    records.csv，第4行，reason列：[D006] 选定了分值却没有写理由。请在 reason 写明选定该分值的理由
    ");
    assert_eq!(
        (count(folder.path(), "company"), versions(folder.path())),
        (0, (0, 0))
    );
    let errors = std::fs::read_to_string(folder.path().join("errors.csv")).unwrap();
    insta::assert_snapshot!(errors.replace('\r', "␍"), @r"
    ﻿文件,行,列,值,代码,问题,处理办法␍
    records.csv,3,points,'-6,D005,分值 -6 不在 -5 到 -2 之间,请改为范围内的分值␍
    records.csv,4,reason,,D006,选定了分值却没有写理由,请在 reason 写明选定该分值的理由␍
    ");
}

#[test]
fn keep_going_stores_the_good_rows_and_still_exits_1() {
    let folder = with_faults();
    let (code, stdout, _) = import(folder.path(), &["--keep-going", "--format", "json"]);
    assert_eq!(code, 1);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (
            &report["records"]["faulty"],
            &report["records"]["new"],
            &report["stored"]
        ),
        (&2.into(), &1.into(), &true.into())
    );
    assert_eq!(versions(folder.path()), (1, 5));
}

#[test]
fn an_error_file_of_an_import_without_faults_has_its_header_only() {
    let folder = small();
    done(
        folder.path(),
        &[&ALL[..], &["--errors", "errors.csv"]].concat(),
    );
    let errors = std::fs::read_to_string(folder.path().join("errors.csv")).unwrap();
    assert_eq!(errors, "\u{FEFF}文件,行,列,值,代码,问题,处理办法\r\n");
}

#[test]
fn a_record_of_a_company_that_nobody_registered_is_a_fault() {
    let folder = small();
    let (code, _, stderr) = run(folder.path(), &["import", "--records", "records.csv"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("[D101] 企业未登记"), "{stderr}");
    assert_eq!(versions(folder.path()), (0, 0));
}

/// Interrupts an import of 200,000 records once `ready` says so; the store must be as before, and fit for use.
#[test]
fn interrupted_an_import_of_200_000_records_leaves_nothing_half_done() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(7, Size::scaled(1_000, 200_000));
    let create =
        |name: &str| BufWriter::new(std::fs::File::create(folder.path().join(name)).unwrap());
    town.write_companies(&mut create("companies.csv")).unwrap();
    town.write_projects(&mut create("projects.csv")).unwrap();
    town.write_records(&mut create("records.csv")).unwrap();
    let wal = folder.path().join("wuxin.db-wal");
    let written = || std::fs::metadata(&wal).map_or(0, |file| file.len());
    // In the first pass, at the first rows stored, and in their midst.
    for bytes in [0, 200_000, 20_000_000] {
        let child = wuxin(folder.path())
            .args(ALL)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut import = Running(child);
        let began = Instant::now();
        std::thread::sleep(Duration::from_millis(300));
        while written() < bytes {
            assert!(
                import.0.try_wait().unwrap().is_none(),
                "it ended before it was interrupted"
            );
            assert!(
                began.elapsed() < Duration::from_secs(100),
                "{bytes} bytes were never written"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        // Ends the program as Ctrl-C does; SIGINT itself is ignored where the tests run in the background of a script.
        import.signal("TERM");
        let status = import.end(Duration::from_secs(30));
        assert!(!status.success());
        assert_eq!(
            (count(folder.path(), "company"), versions(folder.path())),
            (0, (0, 0)),
            "after {bytes} bytes"
        );
    }
    for name in ["companies.csv", "projects.csv", "records.csv"] {
        std::fs::copy(at("fixtures/small").join(name), folder.path().join(name)).unwrap();
    }
    done(folder.path(), &ALL);
    assert_eq!(versions(folder.path()), (25, 5));
}
