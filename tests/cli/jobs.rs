//! `wuxin jobs`, `wuxin audit`: tables, JSON, exit codes.

use serde_json::Value;

use crate::{
    done,
    program::{said, wuxin},
    run,
};

#[test]
fn jobs_are_listed_run_by_hand_and_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let lines = |text: &str| serde_json::from_str::<Vec<Value>>(text).unwrap();
    let before = lines(&done(at, &["jobs", "--format", "json"]));
    let names: Vec<&str> = before
        .iter()
        .map(|line| line["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "expire",
            "rescore",
            "replay",
            "backup",
            "reconcile",
            "remind",
            "publish"
        ]
    );
    for line in &before {
        assert_eq!(line["off"].is_null(), !line["next_run"].is_null(), "{line}");
        assert!(line["last_run"].is_null(), "{line}");
    }
    assert_eq!(
        done(at, &["jobs", "run", "rescore"]),
        "0 scored, 0 changed\n"
    );
    let table = done(at, &["jobs"]);
    let row = table
        .lines()
        .find(|line| line.starts_with("rescore"))
        .unwrap();
    assert!(
        row.contains("0 10 0 * * *")
            && row.contains("done")
            && row.ends_with("0 scored, 0 changed"),
        "{row}"
    );
    assert!(table.contains("off: backup.folder is not set"), "{table}");
    // What cannot be done is said, with the exit code of a state that is at fault, and is remembered.
    let (code, _, stderr) = run(at, &["jobs", "run", "publish"]);
    assert!(
        code == 1 && stderr.contains("no platform is configured"),
        "{code} {stderr}"
    );
    let history = lines(&done(
        at,
        &["jobs", "history", "publish", "--format", "json"],
    ));
    assert_eq!(history.len(), 1);
    assert_eq!(history[0]["outcome"], "failed");
    assert!(history[0]["slot"].is_null());
    assert!(done(at, &["jobs", "history", "rescore"]).contains("by hand"));
    assert_eq!(run(at, &["jobs", "run", "sweep"]).0, 2);
    std::fs::write(at.join("wuxin.toml"), "[jobs]\nremind = \"eight\"\n").unwrap();
    let (code, _, stderr) = run(at, &["jobs"]);
    assert!(code == 1 && stderr.contains("eight"), "{code} {stderr}");
}

#[test]
fn the_trail_is_read_by_an_auditor_and_verified_by_anybody_with_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let token = done(
        at,
        &["account", "add", "--name", "示例", "--role", "auditor"],
    );
    let list = |token: &str| {
        let mut command = wuxin(at);
        command.args(["audit", "list"]).env("WUXIN_TOKEN", token);
        said(&command.output().unwrap())
    };
    let (code, stdout, stderr) = list(token.trim());
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("account"), "{stdout}");
    assert_eq!(list("garbage").0, 1);
    let whole = done(at, &["audit", "verify"]);
    let head = whole
        .lines()
        .find_map(|line| line.strip_prefix("head "))
        .unwrap();
    done(at, &["audit", "verify", "--head", head]);
    let other = format!("1:{}", "0".repeat(64));
    let (code, stdout, _) = run(at, &["audit", "verify", "--head", &other]);
    assert!(code == 1 && stdout.contains("broken at row"), "{stdout}");
    assert_eq!(run(at, &["audit", "verify", "--head", "garbage"]).0, 2);
}
