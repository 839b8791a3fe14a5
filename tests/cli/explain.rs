//! `wuxin explain` and `wuxin what-if`: from files, and from the database, the same.

use serde_json::Value;

use crate::{done, draft, run, small};

const PINE: &str = "91512002EXA000019L";

fn with_files<'a>(command: &'a str, rules: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![command, PINE, "--rules", rules];
    arguments.extend(["--records", "records.csv", "--companies", "companies.csv"]);
    arguments.extend(["--projects", "projects.csv", "--as-of", "2026-06-30"]);
    arguments.extend(more);
    arguments
}

#[test]
fn an_explanation_is_printed_for_people_and_for_machines() {
    let folder = small();
    let rules = draft();
    let rules = rules.to_str().unwrap();
    let text = done(folder.path(), &with_files("explain", rules, &[]));
    for words in [
        "资阳示例松鹤物业服务有限公司（91512002EXA000019L）",
        "−1 × 0.5 = −0.5",
        "四舍五入到 2 位小数  98.20",
        "AAA 信用优秀",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let json = done(
        folder.path(),
        &with_files("explain", rules, &["--format", "json"]),
    );
    let account: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(account["score"], "98.20");
    assert_eq!(account["total"]["subtotal"], "98.20");
    let html = done(
        folder.path(),
        &with_files("explain", rules, &["--format", "html"]),
    );
    assert!(html.starts_with("<!DOCTYPE html>") && html.contains("<style>"));
    assert!(html.contains("98.20") && !html.contains("<script") && !html.contains("href="));
}

#[test]
fn a_what_if_says_when_the_grade_falls() {
    let folder = small();
    let rules = draft();
    let rules = rules.to_str().unwrap();
    let text = done(folder.path(), &with_files("what-if", rules, &[]));
    assert!(text.contains("2027-04-11  79.00  A"), "{text}");
    assert!(text.contains("已是最高等级"), "{text}");
    let near = with_files("what-if", rules, &["--months", "1", "--format", "json"]);
    let found: Value = serde_json::from_str(&done(folder.path(), &near)).unwrap();
    assert_eq!(found["timeline"]["until"], "2026-07-30");
    assert_eq!(found["timeline"]["changes"], serde_json::json!([]));
}

#[test]
fn what_is_stored_is_explained_as_the_files_are() {
    let folder = small();
    let rules = draft();
    let rules = rules.to_str().unwrap();
    let database = format!("sqlite:{}", folder.path().join("w.db").display());
    let files = ["--companies", "companies.csv", "--projects", "projects.csv"];
    let mut import = vec![
        "import",
        "--database",
        &database,
        "--records",
        "records.csv",
    ];
    import.extend(files);
    done(folder.path(), &import);
    for command in ["explain", "what-if"] {
        let stored = [
            command,
            PINE,
            "--database",
            &database,
            "--as-of",
            "2026-06-30",
            "--format",
            "json",
        ];
        let stored: Value = serde_json::from_str(&done(folder.path(), &stored)).unwrap();
        let files = with_files(command, rules, &["--format", "json"]);
        let files: Value = serde_json::from_str(&done(folder.path(), &files)).unwrap();
        assert_eq!(stored, files, "{command}");
    }
}

#[test]
fn who_is_not_there_is_said() {
    let folder = small();
    let rules = draft();
    let rules = rules.to_str().unwrap();
    for command in ["explain", "what-if"] {
        let mut arguments = with_files(command, rules, &[]);
        arguments[1] = "91512002EXA0009990";
        let (code, stdout, stderr) = run(folder.path(), &arguments);
        assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
        assert!(stderr.contains("91512002EXA0009990"), "{stderr}");
        let (code, _, stderr) = run(folder.path(), &[command, PINE]);
        assert_eq!(code, 2, "{stderr}");
        let unknown_day = [command, PINE, "--rules", rules, "--records", "records.csv"];
        let (code, _, stderr) = run(folder.path(), &unknown_day);
        assert_eq!(code, 2, "{stderr}");
    }
}
