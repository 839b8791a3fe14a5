//! `wuxin feed` and `wuxin publish status`.

use std::fs;

use wuxin::feed::{canonical::FIELD_NAMES, profile::SHIPPED};

use crate::{at, run};

/// The fenced block of the page that opens with these words.
fn block(page: &str, opening: &str) -> String {
    let (_, after) = page.split_once(&format!("```{opening}\n")).unwrap();
    after.split_once("\n```").unwrap().0.to_owned() + "\n"
}

#[test]
fn the_worked_example_of_the_page_is_sound_and_shows_what_the_page_says() {
    let page = fs::read_to_string(at("docs/feeds.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("our.toml"), block(&page, "toml,profile")).unwrap();
    let (code, stdout, stderr) = run(folder.path(), &["feed", "check", "our.toml"]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    let mut shown: Vec<&str> = stdout
        .lines()
        .take_while(|line| !line.starts_with("--- update"))
        .collect();
    let expected = block(&page, "text,check");
    let mut expected: Vec<&str> = expected.lines().collect();
    shown.sort_unstable();
    expected.sort_unstable();
    assert_eq!(shown, expected);
    assert!(stdout.contains("状态 = \"撤销\"\n"), "{stdout}");
    assert!(
        stdout.ends_with("our.toml: 0 fault(s), 0 sample(s) refused\n"),
        "{stdout}"
    );
    for field in FIELD_NAMES {
        assert!(page.contains(&format!("`{field}`")), "{field}");
    }
    for (name, _) in SHIPPED {
        assert!(page.contains(&format!("| `{name}` |")), "{name}");
    }
}

#[test]
fn every_shipped_profile_is_sound_and_a_broken_one_is_told_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
    let mut arguments = vec!["feed", "check"];
    arguments.extend(&names);
    let (code, stdout, stderr) = run(folder.path(), &arguments);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    assert_eq!(
        stdout.matches("0 fault(s), 0 sample(s) refused").count(),
        names.len()
    );

    let text = SHIPPED[0]
        .1
        .replace("from = \"uscc\"", "from = \"usc\"")
        .replace("max = 36", "max = 0");
    fs::write(folder.path().join("broken.toml"), text).unwrap();
    let (code, stdout, _) = run(
        folder.path(),
        &["feed", "check", "broken.toml", "--format", "json"],
    );
    assert_eq!(code, 1);
    let told: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let faults = told[0]["faults"].as_array().unwrap();
    let lines: Vec<u64> = faults
        .iter()
        .map(|fault| fault["line"].as_u64().unwrap())
        .collect();
    assert!(
        faults.len() >= 3 && lines.is_sorted() && lines[0] > 1,
        "{stdout}"
    );
    assert!(stdout.contains("did you mean \\\"uscc\\\"?"), "{stdout}");

    let (code, _, stderr) = run(folder.path(), &["feed", "check", "absent.toml"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("absent.toml"), "{stderr}");
    assert_eq!(run(folder.path(), &["feed", "check"]).0, 2);
}

#[test]
fn an_empty_feed_stands_empty() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = run(folder.path(), &["publish", "status"]);
    assert_eq!(code, 0, "{stderr}");
    insta::assert_snapshot!(stdout, @r"
    target credit-platform: last batch 0
    breaker closed: 0 failure(s) in a row
    waiting 0 (withdrawals 0), the oldest for -
    batches not settled 0, of unknown fate 0
    rejected 0
    withdrawals not confirmed 0
    taken and not seen 0
    ");
    let (code, stdout, _) = run(folder.path(), &["publish", "status", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &told["waiting"]), (0, &0.into()));
}

#[test]
fn a_receipt_of_no_batch_is_an_error_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("wuxin.toml"),
        "[publish]\nprofile = \"xlsx-manual\"\n",
    )
    .unwrap();
    fs::write(folder.path().join("r.csv"), "认定文号,处理结果\n").unwrap();
    let (code, _, stderr) = run(folder.path(), &["feed", "receipt", "r.csv"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("r.csv"), "{stderr}");
    let (code, _, stderr) = run(folder.path(), &["feed", "receipt", "r.csv", "--batch", "7"]);
    assert_eq!(code, 1);
    assert!(stderr.contains('7'), "{stderr}");
    assert_eq!(
        run(folder.path(), &["feed", "receipt", "--number", "x"]).0,
        2
    );
    let (code, stdout, stderr) = run(folder.path(), &["feed", "export"]);
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
}
