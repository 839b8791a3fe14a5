//! Accounts, the steps of list entries, and the publisher's dry run.

use std::path::Path;

use serde_json::Value;

use crate::{
    done,
    program::{said, wuxin},
    run, small,
};

const COMPANY: &str = "91512002EXA000027F";

fn hire(folder: &Path, role: &str) -> String {
    done(
        folder,
        &["account", "add", "--name", "示例", "--role", role],
    )
    .trim()
    .to_owned()
}

/// `wuxin list ...` in somebody's name.
fn list(folder: &Path, token: &str, arguments: &[&str]) -> (i32, String, String) {
    said(
        &wuxin(folder)
            .arg("list")
            .args(arguments)
            .env("WUXIN_TOKEN", token)
            .output()
            .unwrap(),
    )
}

fn stored() -> tempfile::TempDir {
    let folder = small();
    done(
        folder.path(),
        &[
            "import",
            "--companies",
            "companies.csv",
            "--projects",
            "projects.csv",
            "--records",
            "records.csv",
        ],
    );
    folder
}

#[test]
fn a_token_is_printed_once_and_revoked_is_not_accepted_any_more() {
    let folder = stored();
    let token = hire(folder.path(), "officer");
    assert!(token.starts_with("wx_") && token.len() > 40, "{token}");
    let accounts = done(folder.path(), &["account", "list"]);
    assert!(
        accounts.contains("officer") && !accounts.contains(&token),
        "{accounts}"
    );
    assert_eq!(list(folder.path(), &token, &["show"]).0, 0);
    let id = accounts
        .lines()
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap();
    done(folder.path(), &["account", "revoke", id]);
    let (code, stdout, stderr) = list(folder.path(), &token, &["show"]);
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert_eq!(stderr, "error: the token in WUXIN_TOKEN is not valid\n");
    let accounts = done(folder.path(), &["account", "list"]);
    assert_eq!(
        accounts.matches('T').count(),
        1,
        "the instant it was revoked at: {accounts}"
    );
}

#[test]
fn an_account_that_is_not_there_and_a_role_that_is_none() {
    let folder = stored();
    let (code, _, stderr) = run(folder.path(), &["account", "revoke", "nobody"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("nobody"), "{stderr}");
    assert_eq!(
        run(
            folder.path(),
            &["account", "add", "--name", "示例", "--role", "king"]
        )
        .0,
        2
    );
    assert_eq!(run(folder.path(), &["list", "show"]).0, 2, "no token");
}

#[test]
fn an_entry_is_proposed_and_taken_on_by_the_right_people_only() {
    let folder = stored();
    let (officer, legal) = (hire(folder.path(), "officer"), hire(folder.path(), "legal"));
    let propose = [
        "propose",
        "--company",
        COMPANY,
        "--list",
        "watch",
        "--severity",
        "一般",
        "--clause",
        "示例条款",
        "--reason",
        "示例事由",
    ];
    let (code, stdout, stderr) = list(folder.path(), &officer, &propose);
    assert_eq!(code, 0, "{stderr}");
    let entry: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (&entry["state"], &entry["version"], &entry["company"]),
        (&"proposed".into(), &1.into(), &COMPANY.into())
    );
    let id = entry["id"].as_str().unwrap();

    let (code, _, stderr) = list(folder.path(), &officer, &propose);
    assert_eq!(code, 1, "proposed twice");
    assert!(stderr.contains("再次提请"), "{stderr}");
    let (_, shown, _) = list(
        folder.path(),
        &officer,
        &["show", "--state", "proposed", "--format", "json"],
    );
    let shown: Vec<Value> = serde_json::from_str(&shown).unwrap();
    assert!(shown.iter().any(|other| other["id"] == id));

    let review = r#"{"action":"review","opinion":"程序合法（示例）"}"#;
    std::fs::write(folder.path().join("review.json"), review).unwrap();
    let step = |token: &str, version: &str, action: &str| {
        list(
            folder.path(),
            token,
            &["step", id, "--version", version, action],
        )
    };
    let (code, stdout, _) = step(&officer, "1", review);
    assert_eq!((code, stdout.as_str()), (1, ""), "an officer reviewed it");
    let (code, _, stderr) = step(&legal, "7", review);
    assert_eq!(code, 1);
    assert!(stderr.contains("已被他人修改"), "{stderr}");
    let (code, _, stderr) = step(&legal, "1", r#"{"action":"dance"}"#);
    assert_eq!(code, 1);
    assert!(stderr.contains("dance"), "{stderr}");
    let (code, stdout, stderr) = step(&legal, "1", "@review.json");
    assert_eq!(code, 0, "{stderr}");
    let entry: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(entry["version"], 2);
    let (_, one, _) = list(folder.path(), &officer, &["show", "--id", id]);
    let one: Value = serde_json::from_str(&one).unwrap();
    assert_eq!(one["events"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_legal_basis_is_entered_by_one_and_approved_by_two_others() {
    let folder = stored();
    let [maker, lawyer, decider] =
        ["legal", "legal", "decider"].map(|role| hire(folder.path(), role));
    let draft = r#"{"list":"serious","level":"地方性法规","title":"示例条例","number":"示例公告第1号","article":"第十条",
        "effective_from":"2026-01-01"}"#;
    let (code, _, stderr) = list(folder.path(), &decider, &["basis", "enter", draft]);
    assert_eq!(code, 1, "a decider enters none");
    assert!(stderr.contains("无权"), "{stderr}");
    let (code, stdout, stderr) = list(folder.path(), &maker, &["basis", "enter", draft]);
    assert_eq!(code, 0, "{stderr}");
    let basis: Value = serde_json::from_str(&stdout).unwrap();
    let id = basis["id"].as_str().unwrap();
    let approve = |token: &str| list(folder.path(), token, &["basis", "approve", id]);
    assert_eq!(approve(&maker).0, 1, "who entered it does not approve it");
    assert_eq!(approve(&lawyer).0, 0);
    let (_, stdout, _) = approve(&decider);
    let approved: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(approved["carries"], true);
    let withdraw = ["basis", "withdraw", id, "--reason", "已废止"];
    assert_eq!(list(folder.path(), &maker, &withdraw).0, 0);
    let (_, shown, _) = list(folder.path(), &decider, &["basis", "show"]);
    let shown: Vec<Value> = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!(
        (&shown[0]["carries"], &shown[0]["withdrawn_reason"]),
        (&false.into(), &"已废止".into())
    );
}

#[test]
fn a_dry_run_of_the_publisher_needs_no_platform_that_answers() {
    let folder = stored();
    assert_eq!(
        run(folder.path(), &["publish", "--dry-run"]).0,
        1,
        "no platform is configured"
    );
    let output = wuxin(folder.path())
        .args(["publish", "--dry-run"])
        .env("WUXIN_PUBLISH_URL", "http://127.0.0.1:1/")
        .output()
        .unwrap();
    let (code, stdout, _) = said(&output);
    assert_eq!(
        (code, stdout.as_str()),
        (0, "{\"open\":[],\"batches\":[],\"refused\":[]}\n")
    );
}
