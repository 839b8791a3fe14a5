//! `wuxin complaint`: entered, walked on, listed, counted.

use std::path::Path;

use serde_json::Value;

use crate::{
    done,
    program::{said, wuxin},
    small,
};

const STREET: &str = "512002901";

fn hire(folder: &Path, role: &str) -> String {
    let arguments = [
        "account", "add", "--name", "示例", "--role", role, "--region", STREET,
    ];
    done(folder, &arguments).trim().to_owned()
}

/// `wuxin complaint ...` in somebody's name.
fn complaint(folder: &Path, token: &str, arguments: &[&str]) -> (i32, String, String) {
    said(
        &wuxin(folder)
            .arg("complaint")
            .args(arguments)
            .env("WUXIN_TOKEN", token)
            .output()
            .unwrap(),
    )
}

/// As [`complaint`], for one that must succeed: the JSON it prints.
fn json(folder: &Path, token: &str, arguments: &[&str]) -> Value {
    let (code, stdout, stderr) = complaint(folder, token, arguments);
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
    serde_json::from_str(&stdout).unwrap()
}

#[test]
fn a_file_of_complaints_is_stored_once_or_every_faulty_cell_is_told() {
    let folder = small();
    let folder = folder.path();
    done(
        folder,
        &[
            "import",
            "--companies",
            "companies.csv",
            "--projects",
            "projects.csv",
        ],
    );
    let officer = hire(folder, "officer");
    let head = "工单号,渠道,类别,内容,项目编码,受理单位,收到日期,投诉人电话\n";
    let good = "A1,12345,fees,收费不公示,XM-01,,2026-03-02,0832-0000000\nA2,电话,safety,消防通道堵塞,XM-01,示例一社区,2026-03-03,\n";
    let bad = "A3,pigeon,weather,停水,XM-99,512021,2026-03-02,13912345678转1\nA3,电话,fees,,XM-01,,2026-02-30,\nA4,电话,fees,请致电13912345678,XM-01,512021,2026-03-02,\n";
    let run = |rows: &str, more: &[&str]| {
        std::fs::write(folder.join("complaints.csv"), format!("{head}{rows}")).unwrap();
        complaint(
            folder,
            &officer,
            &[&["import", "complaints.csv"], more].concat(),
        )
    };
    let all = format!("{good}{bad}");
    let (code, stdout, stderr) = run(&all, &["--errors", "faults.csv"]);
    assert_eq!(code, 1);
    assert_eq!(
        stdout,
        "complaints: 5 rows, 3 faulty; 2 new, 0 known\nnothing was stored\n"
    );
    let faults = std::fs::read_to_string(folder.join("faults.csv")).unwrap();
    for text in [&stderr, &faults] {
        for told in [
            "E006",
            "E030",
            "E001",
            "I030",
            "I034",
            "E034",
            "pigeon",
            "weather",
            "XM-99",
            "2026-02-30",
        ] {
            assert!(text.contains(told), "{told}: {text}");
        }
        assert!(
            !text.contains("13912345678") && !text.contains("请致电"),
            "{text}"
        );
    }
    let listed = |state: &str| -> usize {
        let page = json(
            folder,
            &officer,
            &["list", "--state", state, "--format", "json"],
        );
        page["complaints"].as_array().unwrap().len()
    };
    assert_eq!(listed("received"), 0);
    assert_eq!(run(good, &["--dry-run"]).0, 0);
    assert_eq!(listed("received"), 0);
    let (code, stdout, _) = run(&all, &["--keep-going"]);
    assert_eq!(code, 1, "the faulty rows are still to be mended");
    assert!(
        stdout.ends_with("stored\n") && !stdout.contains("nothing"),
        "{stdout}"
    );
    assert_eq!(listed("received"), 2);
    let (code, stdout, _) = run(good, &[]);
    assert_eq!(code, 0);
    assert_eq!(
        stdout,
        "complaints: 2 rows, 0 faulty; 0 new, 2 known\nnothing was stored\n"
    );
    assert_eq!(listed("received"), 2);
    let reviewer = hire(folder, "reviewer");
    let refused = complaint(folder, &reviewer, &["import", "complaints.csv"]);
    assert_eq!(refused.0, 1);
    assert!(refused.2.contains("角色"), "{}", refused.2);
}

#[test]
fn a_complaint_is_entered_walked_on_listed_and_counted() {
    let folder = small();
    let folder = folder.path();
    done(
        folder,
        &[
            "import",
            "--companies",
            "companies.csv",
            "--projects",
            "projects.csv",
        ],
    );
    let (officer, reviewer) = (hire(folder, "officer"), hire(folder, "reviewer"));
    let draft = r#"{"channel":"窗口","category":"fees","project":"XM-01","received_on":"2026-03-02","text":"收费不公示",
        "contact":{"phone":"0832-0000000"}}"#;
    std::fs::write(folder.join("draft.json"), draft).unwrap();
    let entered = json(folder, &officer, &["enter", "@draft.json"]);
    let id = entered["id"].as_str().unwrap();
    assert_eq!(entered["state"], "received");

    let step = |token: &str, version: &str, step: &str| {
        complaint(folder, token, &["step", id, "--version", version, step])
    };
    let (code, _, stderr) = step(&officer, "1", r#"{"step":"close","reason":"已办"}"#);
    assert_eq!(code, 1);
    assert!(stderr.contains("角色"), "{stderr}");
    // No step that begins a deadline: its calendar would have to know today's year.
    let refuse = r#"{"step":"refuse","ground":"unclear","reason":"无法核实"}"#;
    assert_eq!(step(&reviewer, "1", refuse).0, 0);
    let (code, _, stderr) = step(&reviewer, "1", refuse);
    assert_eq!(code, 1, "an old version");
    assert!(stderr.contains("已被他人修改"), "{stderr}");
    let (code, _, stderr) = step(&officer, "2", r#"{"step":"jump"}"#);
    assert_eq!(code, 1);
    assert!(stderr.contains("unknown variant"), "{stderr}");

    let (code, listed, _) = complaint(folder, &reviewer, &["list", "--state", "refused"]);
    assert_eq!(code, 0);
    let row = listed.lines().nth(1).unwrap();
    assert!(row.contains(id) && row.contains("不予受理"), "{listed}");
    assert!(!listed.contains("0832"), "{listed}");
    let (code, _, stderr) = complaint(folder, &reviewer, &["list", "--level", "province"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("province"), "{stderr}");
    let shown = json(folder, &reviewer, &["show", id]);
    assert_eq!(shown["complaint"]["text"], "收费不公示");
    assert!(!shown.to_string().contains("0832"), "{shown}");
    let contact = json(folder, &officer, &["contact", id]);
    assert_eq!(contact["phone"], "0832-0000000");
    assert_eq!(complaint(folder, &reviewer, &["contact", id]).0, 1);

    let (_, table, _) = complaint(folder, &reviewer, &["rates", "--from", "2026-01-01"]);
    assert!(table.contains("口径待核实"), "{table}");
    let (_, csv, _) = complaint(
        folder,
        &reviewer,
        &[
            "rates",
            "--from",
            "2026-01-01",
            "--until",
            "2026-12-31",
            "--format",
            "csv",
        ],
    );
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        lines[0],
        "by,key,title,rate,percent,numerator,denominator,not_due,complaints"
    );
    assert_eq!(lines[1], "all,,合计,受理率,0.00,0,1,0,1");
    assert_eq!(lines[3], "all,,合计,处理率,,0,0,0,1");
    let figures = json(
        folder,
        &reviewer,
        &[
            "rates",
            "--from",
            "2026-01-01",
            "--until",
            "2026-12-31",
            "--format",
            "json",
        ],
    );
    assert_eq!(figures["groups"][0]["rates"][2]["percent"], Value::Null);
    assert_eq!(
        complaint(folder, &reviewer, &["rates", "--from", "2026-13-01"]).0,
        2
    );
}
