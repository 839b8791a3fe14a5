//! `wuxin rules check`.

use crate::{at, draft, run};

#[test]
fn the_shipped_rules_have_no_errors_and_all_their_cases_pass() {
    let files: Vec<_> = ["shandong-2019", "yantai-2022", "ziyang-draft"]
        .map(|name| at("rules").join(format!("{name}.toml")))
        .into();
    let mut arguments = vec!["rules", "check"];
    arguments.extend(files.iter().map(|path| path.to_str().unwrap()));
    let (code, stdout, stderr) = run(&at("."), &arguments);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    let ends: Vec<&str> = stdout
        .lines()
        .filter(|line| line.ends_with("case(s) run"))
        .collect();
    assert_eq!(ends.len(), 3, "{stdout}");
    for end in ends {
        assert!(
            end.contains("0 error(s)") && !end.contains(" 0 case(s)"),
            "{end}"
        );
    }
}

#[test]
fn a_broken_rule_set_is_told_with_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        std::fs::read_to_string(draft())
            .unwrap()
            .replacen("id = \"ziyang-draft\"", "id = 7", 1);
    std::fs::write(folder.path().join("broken.toml"), text).unwrap();
    let (code, stdout, stderr) = run(folder.path(), &["rules", "check", "broken.toml"]);
    assert_eq!((code, stderr.as_str()), (1, ""));
    insta::assert_snapshot!(stdout, @r"
    broken.toml:8:6: 错误[R004] [ruleset] 的 id 应为文字（加引号），这里写的是数字
      |
    8 | id = 7
      |      ^
      = 说明：docs/codes/R004.md

    broken.toml: 1 error(s), 0 warning(s), 0 case(s) run
    ");
    let (code, stdout, _) = run(
        folder.path(),
        &["rules", "check", "broken.toml", "--format", "json"],
    );
    assert_eq!(code, 1);
    let found: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (&found[0]["line"], &found[0]["column"]),
        (&8.into(), &6.into()),
        "{found}"
    );
    assert_eq!(found[0]["severity"], "error");
    assert_eq!(found[0]["code"], "R004");
    assert_eq!(found[0]["end_line"], 8);
    assert_eq!(found[0]["end_column"], 7);
    assert_eq!(found[0]["page"], "docs/codes/R004.md");
}

#[test]
fn files_are_checked_beside_each_other_and_none_hides_another() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(draft()).unwrap();
    let from = text
        .lines()
        .find(|line| line.starts_with("effective_from"))
        .unwrap();
    let ends = format!("{from}\neffective_until = 2099-12-31");
    std::fs::write(
        folder.path().join("ziyang-draft.toml"),
        text.replacen(from, &ends, 1),
    )
    .unwrap();
    let next = text
        .replacen(
            "id = \"ziyang-draft\"",
            "id = \"ziyang-next\"\npolicy = \"ziyang-draft\"",
            1,
        )
        .replacen(from, "effective_from = 2099-12-31", 1);
    std::fs::write(folder.path().join("ziyang-next.toml"), next).unwrap();
    std::fs::write(folder.path().join("gbk.toml"), b"title = \"\xce\xef\"\n").unwrap();
    let files = [
        "ziyang-draft.toml",
        "none.toml",
        "ziyang-next.toml",
        "gbk.toml",
    ];
    let (code, stdout, stderr) = run(folder.path(), &[&["rules", "check"][..], &files].concat());
    assert_eq!(code, 1);
    assert!(stderr.contains("none.toml"), "{stderr}");
    assert!(
        stdout.contains("gbk.toml:1:10: 错误[R001] 文件不是 UTF-8 编码"),
        "{stdout}"
    );
    assert!(stdout.contains("错误[R031]"), "{stdout}");
}

#[test]
fn a_policy_about_to_end_is_told_for_the_day_given() {
    let run = |day: &str| {
        run(
            &at("."),
            &["rules", "check", "rules/shandong-2019.toml", "--as-of", day],
        )
    };
    let (code, stdout, _) = run("2024-12-01");
    assert_eq!(code, 0);
    assert!(
        stdout.contains("提示[R054] 「shandong-2019」到 2024-12-31 失效"),
        "{stdout}"
    );
    assert!(!run("2024-10-01").1.contains("R054"));
}

#[test]
fn a_code_is_explained_by_its_page() {
    let (code, stdout, stderr) = run(&at("."), &["rules", "explain", "r020", "R031"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let page = |code: &str| std::fs::read_to_string(at("docs/codes").join(code)).unwrap();
    assert_eq!(stdout, page("R020.md") + "\n" + &page("R031.md"));
    let (code, stdout, _) = run(&at("."), &["rules", "explain"]);
    assert_eq!(code, 0);
    assert!(stdout.contains("R020  错误  有的得分没有等级"), "{stdout}");
    let (code, stdout, stderr) = run(&at("."), &["rules", "explain", "R999"]);
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("R999"), "{stderr}");
}

#[test]
fn a_case_that_does_not_come_out_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(draft()).unwrap();
    let wrong = text.replacen("score = \"", "score = \"1", 1);
    assert_ne!(text, wrong, "the draft has no case to spoil");
    std::fs::write(folder.path().join("wrong.toml"), wrong).unwrap();
    let (code, stdout, _) = run(folder.path(), &["rules", "check", "wrong.toml"]);
    assert_eq!(code, 1, "{stdout}");
    assert!(stdout.contains("1 error(s)"), "{stdout}");
}

#[test]
fn one_file_that_cannot_be_read_is_named() {
    let (code, stdout, stderr) = run(&at("."), &["rules", "check", "none.toml"]);
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("none.toml"), "{stderr}");
}
