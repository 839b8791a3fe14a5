//! `wuxin reconcile`: exit codes, an export of the platform, signing off, the history.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    done,
    program::{said, wuxin},
    run,
};

fn hire(folder: &Path, name: &str, role: &str) -> String {
    done(folder, &["account", "add", "--name", name, "--role", role])
        .trim()
        .to_owned()
}

fn reconcile(folder: &Path, token: &str, arguments: &[&str]) -> (i32, String, String) {
    let mut command = wuxin(folder);
    command.arg("reconcile").args(arguments);
    said(&command.env("WUXIN_TOKEN", token).output().unwrap())
}

const HEAD: &str = "机构全称,统一社会信用代码,认定文号,当前状态\n";
const ROW: &str = "示例甲物业有限公司,91512002MA6ABCD10P,示建决〔2026〕1号,正常\n";

#[test]
fn an_export_is_compared_signed_off_by_another_and_counted_over_time() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(
        at.join("wuxin.toml"),
        "[publish]\nprofile = \"xlsx-manual\"\n",
    )
    .unwrap();
    fs::write(at.join("none.csv"), HEAD).unwrap();
    let gb = encoding_rs::GB18030
        .encode(&format!("{HEAD}{ROW}"))
        .0
        .into_owned();
    fs::write(at.join("one.csv"), gb).unwrap();
    fs::write(at.join("bad.csv"), "甲,乙\n1,2\n").unwrap();
    let publisher = hire(at, "示例甲", "publisher");
    let decider = hire(at, "示例乙", "decider");
    let auditor = hire(at, "示例丙", "auditor");

    let (code, stdout, stderr) = reconcile(at, &publisher, &["--file", "none.csv"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    let (code, stdout, stderr) = reconcile(at, &publisher, &["--file", "one.csv"]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stdout.contains("EXTRA 1, MISSING 0"), "{stdout}");
    assert!(
        stdout.contains("EXTRA - 91512002MA6ABCD10P 示建决〔2026〕1号 version - theirs - [open]"),
        "{stdout}"
    );
    assert!(stdout.contains("needs a person: "), "{stdout}");

    // A file that is no export is the caller's to mend; the platform by itself cannot be asked.
    let (code, _, stderr) = reconcile(at, &publisher, &["--file", "bad.csv"]);
    assert!(
        code == 1 && stderr.contains("统一社会信用代码"),
        "{code} {stderr}"
    );
    let (code, _, stderr) = reconcile(at, &publisher, &[]);
    assert!(
        code == 3 && stderr.contains("--file FILE"),
        "{code} {stderr}"
    );

    let (code, _, stderr) = reconcile(at, &publisher, &["--sign", "别的单位报送"]);
    assert!(code == 1 && stderr.contains("另一人"), "{code} {stderr}");
    let (code, _, stderr) = reconcile(at, &decider, &["--sign", " "]);
    assert!(code == 1 && stderr.contains("F003"), "{code} {stderr}");
    assert_eq!(reconcile(at, &auditor, &["--sign", "别的单位报送"]).0, 1);
    let (code, stdout, stderr) = reconcile(at, &decider, &["--sign", "别的单位报送"]);
    assert_eq!(
        (code, stdout.as_str()),
        (0, "1 difference(s) signed off\n"),
        "{stderr}"
    );

    // What is explained and has not changed stays explained.
    let json = ["--file", "one.csv", "--format", "json"];
    let (code, stdout, stderr) = reconcile(at, &publisher, &json);
    assert_eq!(code, 0, "{stdout}{stderr}");
    let told: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(told["found"][0]["state"], "explained");
    assert_eq!(told["found"][0]["words"], "别的单位报送");
    assert_eq!(told["differences"]["extra"], 1);

    let (code, stdout, stderr) = reconcile(at, &auditor, &["history"]);
    assert_eq!(code, 0, "{stderr}");
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{stdout}");
    assert!(
        lines[0].contains(" file by ") && lines[0].contains("EXTRA 1"),
        "{stdout}"
    );
    assert!(lines[1].contains("not compared"), "{stdout}");
    let (code, stdout, _) = reconcile(
        at,
        &auditor,
        &["history", "--limit", "1", "--format", "json"],
    );
    let told: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, told.as_array().unwrap().len()), (0, 1));
    assert_eq!(reconcile(at, &decider, &["history"]).0, 1);
    assert_eq!(reconcile(at, &auditor, &["--file", "none.csv"]).0, 1);
}

#[test]
fn a_platform_that_is_away_is_exit_3_and_nobody_is_exit_2() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(
        at.join("wuxin.toml"),
        "[publish]\nurl = \"http://127.0.0.1:9/\"\n",
    )
    .unwrap();
    let publisher = hire(at, "示例甲", "publisher");
    let (code, stdout, _) = reconcile(at, &publisher, &[]);
    assert_eq!(code, 3, "{stdout}");
    assert!(stdout.contains("not compared: "), "{stdout}");
    let (code, _, stderr) = run(at, &["reconcile"]);
    assert!(
        code == 2 && stderr.contains("WUXIN_TOKEN"),
        "{code} {stderr}"
    );
    assert_eq!(run(at, &["reconcile", "--sign", "x", "--repair"]).0, 2);
}
