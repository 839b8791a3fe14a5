//! The board, documents and calendars.

use std::{fs, path::Path};

use serde_json::Value;
use wuxin::service::documents::{Kind, sample_content};

use crate::{
    at, done,
    program::{said, wuxin},
    run, small,
};

fn hire(folder: &Path, role: &str) -> String {
    let arguments = ["account", "add", "--name", "示例", "--role", role];
    done(folder, &arguments).trim().to_owned()
}

fn by(folder: &Path, token: &str, arguments: &[&str]) -> (i32, String, String) {
    let output = wuxin(folder)
        .args(arguments)
        .env("WUXIN_TOKEN", token)
        .output()
        .unwrap();
    said(&output)
}

#[test]
fn a_calendar_is_checked_and_shown_by_month() {
    let calendar = at("rules/calendar/2026.toml");
    let folder = tempfile::tempdir().unwrap();
    let shown = done(
        folder.path(),
        &["calendar", "check", calendar.to_str().unwrap()],
    );
    insta::assert_snapshot!(shown, @r"
    国务院办公厅关于2026年部分节假日安排的通知（国办发明电〔2025〕7号），2025-11-04
    month    working days
    2026-01  21
    2026-02  16
    2026-03  22
    2026-04  21
    2026-05  19
    2026-06  21
    2026-07  23
    2026-08  21
    2026-09  22
    2026-10  18
    2026-11  21
    2026-12  23
    2026     248
    NOT compared with the official text; NOT approved by two people (approved_by)

    calendar version d30950a14ae411a3
    ");
    let text = fs::read_to_string(calendar).unwrap();
    let wrong = text.replace("workdays = [2026-01-04]", "workdays = [2026-01-05]");
    fs::write(folder.path().join("wrong.toml"), wrong).unwrap();
    let (code, _, stderr) = run(folder.path(), &["calendar", "check", "wrong.toml"]);
    assert_eq!(code, 1);
    assert!(
        stderr.contains("wrong.toml") && stderr.contains("2026-01-05"),
        "{stderr}"
    );
}

#[test]
fn a_document_is_issued_shown_listed_and_voided() {
    let folder = small();
    let folder = folder.path();
    let files = [
        "import",
        "--companies",
        "companies.csv",
        "--projects",
        "projects.csv",
        "--records",
        "records.csv",
    ];
    done(folder, &files);
    let (officer, reviewer) = (hire(folder, "officer"), hire(folder, "reviewer"));
    let records = fs::read_to_string(folder.join("records.csv")).unwrap();
    let head: Vec<&str> = records.lines().next().unwrap().split(',').collect();
    let column = |name: &str| head.iter().position(|one| *one == name).unwrap();
    let (id, company) = (column("id"), column("company"));
    let record = records
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .find(|cells| !cells[company].is_empty())
        .unwrap()[id]
        .to_owned();
    let mut content = sample_content(Kind::RecordNotice);
    content["kind"] = "record_notice".into();
    fs::write(folder.join("content.json"), content.to_string()).unwrap();
    let issue = ["document", "issue", "--record", &record, "@content.json"];
    let (code, stdout, stderr) = by(folder, &officer, &issue);
    assert_eq!(code, 0, "{stderr}");
    let issued: Value = serde_json::from_str(&stdout).unwrap();
    let document = issued["id"].as_str().unwrap();
    let (_, html, _) = by(folder, &officer, &["document", "show", document]);
    assert!(html.starts_with("<!doctype html>") && html.contains("信用记分告知单"));
    let void = ["document", "void", document, "--reason", "内容有误"];
    assert_eq!(by(folder, &officer, &void).0, 1);
    assert_eq!(by(folder, &reviewer, &void).0, 0);
    let (_, listed, _) = by(folder, &officer, &["document", "list"]);
    assert!(
        listed.contains(document) && listed.contains("作废：内容有误"),
        "{listed}"
    );
    let (code, board, _) = by(folder, &officer, &["deadlines"]);
    assert_eq!(
        (code, board.as_str()),
        (0, "due  standing  who  what  matter  id\n")
    );
    let (code, json, _) = by(folder, &officer, &["deadlines", "--format", "json"]);
    assert_eq!((code, json.as_str()), (0, "[]\n"));
    let (code, _, stderr) = by(
        folder,
        &officer,
        &["deadlines", "--kind", "record", "--of", "x"],
    );
    assert_eq!(code, 1);
    assert!(stderr.contains("没有编号为 x"), "{stderr}");
}

#[test]
fn templates_of_a_folder_are_checked_and_samples_printed() {
    let folder = tempfile::tempdir().unwrap();
    let (own, out) = (folder.path().join("own"), folder.path().join("out"));
    fs::create_dir(&own).unwrap();
    fs::create_dir(&out).unwrap();
    for file in fs::read_dir(at("rules/documents")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), own.join(file.file_name())).unwrap();
    }
    let check = ["document", "check-templates", "own", "--samples", "out"];
    let shown = done(folder.path(), &check);
    assert_eq!(shown.lines().count(), Kind::ALL.len());
    for kind in Kind::ALL {
        let page = fs::read_to_string(out.join(format!("{kind}.html"))).unwrap();
        assert!(page.contains("示例市住房和城乡建设局"), "{kind}");
    }
    let notice = own.join("notice.html");
    let text = fs::read_to_string(&notice).unwrap();
    fs::write(&notice, text.replace("{{ facts }}", "{{ fact }}")).unwrap();
    let (code, _, stderr) = run(folder.path(), &check);
    assert_eq!(code, 1);
    assert_eq!(
        stderr,
        "error: notice.html: 缺少必备内容「认定的事实」：{{ facts }}\nnotice.html:10: 没有名为「fact」的空白\n"
    );
    // Nor does anything else start with them.
    let settings = "documents = \"own\"\n";
    fs::write(folder.path().join("wuxin.toml"), settings).unwrap();
    let (code, _, stderr) = run(folder.path(), &["account", "list"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("notice.html:10"), "{stderr}");
}
